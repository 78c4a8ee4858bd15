"""The command line's `prices`: the price book, and how it is renewed from the AWS Price List."""

from __future__ import annotations

import difflib
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from dashboard.errors import DashboardError, ExitCode
from dashboard.settings import load_settings
from dashboard.terminal import FormatOption, chosen_format, print_fault, print_rows

app = typer.Typer(
    help="The price book: show it, renew it from the AWS Price List.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

RegionOption = Annotated[str, typer.Option(help="Region code; aws.region of the settings if left out.")]


@app.command()
def show(region: RegionOption = "", format_: FormatOption = "table") -> None:
    """Print every price of a region, one row per band, with date and source; what is missing has no price."""
    from dashboard.domain.price_keys import KEYS
    from dashboard.settings.price_files import price_book

    settings = load_settings()
    book = price_book(settings.warehouse.folder)
    place = _region(region, settings.aws.region)
    for line in book.refused:
        print_fault(f"not used: {line}")
    if place not in book.prices:
        raise _unknown(place, book.prices)
    rows: list[tuple[object, ...]] = []
    for key, offered in KEYS.items():
        price = book.price(place, key)
        if price is None:
            rows.append((key, None, None, None, offered.unit, None, "missing"))
            continue
        rows += [
            (key, band.start, band.end, f"{band.usd:f}", price.unit, price.as_of, price.source)
            for band in price.bands
        ]
    print_rows(
        ("key", "from_amount", "to_amount", "usd", "unit", "as_of", "source"), rows, chosen_format(format_)
    )


@app.command()
def refresh(
    files: Annotated[
        list[Path] | None,
        typer.Option(
            "--file", help="An offer file (JSON, also .gz), or what `aws pricing get-products` printed."
        ),
    ] = None,
    download: Annotated[
        bool, typer.Option("--download", help="Fetch the offer files from AWS; no credentials are needed.")
    ] = False,
    region: RegionOption = "",
) -> None:
    """Take the prices of a region over from the AWS Price List; what it does not offer stays as it was."""
    from dashboard.aws import price_list
    from dashboard.domain.price_keys import KEYS, SERVICES
    from dashboard.domain.prices import Price
    from dashboard.settings.price_files import write_prices

    if bool(files) == download:
        raise typer.BadParameter("name files, or --download", param_hint="--file")
    settings = load_settings()
    place = _region(region, settings.aws.region)
    prices: dict[str, Price] = {}
    doubted: dict[str, str] = {}
    count, as_of = 0, ""
    with tempfile.TemporaryDirectory(prefix="prices-") as folder:
        wanted = list(files or [])
        for service in SERVICES if download else ():
            wanted.append(Path(folder) / f"{service}.json")
            price_list.download(service, place, wanted[-1])
        for file in wanted:
            offered = price_list.read_offer(file, place)
            prices |= offered.prices
            doubted |= offered.doubted
            count += offered.product_count
            as_of = max(as_of, offered.as_of)
    for key, why in sorted(doubted.items()):
        print_fault(f"not used: {key}: {why}")
    if not prices:
        raise DashboardError(
            ExitCode.SCHEMA_MISMATCH,
            price_list.TITLE,
            cause="None of the {count} products of {region} is one that the price book holds",
            next_step="Check that the file is the offer of AmazonS3 for this region",
            locator=", ".join(str(file) for file in files or []),
            count=count,
            region=place,
        )
    kept = write_prices(settings.warehouse.folder, place, as_of, prices)
    print(f"{len(prices)} of {len(KEYS)} prices of {place} from {count} products, as of {as_of}: {kept}")


def _region(given: str, configured: str | None) -> str:
    if place := given or configured:
        return place
    raise typer.BadParameter("name a region, or set aws.region in the settings", param_hint="--region")


def _unknown(region: str, known: Iterable[str]) -> DashboardError:
    return DashboardError(
        ExitCode.USAGE,
        "There is no price list of this region",
        cause="No price of {region} is known; those nearest to it by name: {near}",
        next_step="Choose one of them, or fetch its prices: prices refresh --download --region {region}",
        locator="--region",
        region=region,
        near=", ".join(difflib.get_close_matches(region, sorted(known), n=3, cutoff=0)),
    )
