"""The AWS Price List: what is taken over of an offer file, and what is not believed."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dashboard.__main__ import app
from dashboard.aws.price_list import download, read_offer
from dashboard.errors import DashboardError, ExitCode
from dashboard.settings.price_files import price_book, shipped_book

TOKYO = "ap-northeast-1"

# One element as GetProducts answers it (us-east-1, list of 2026-07-28).
STANDARD = {
    "product": {
        "sku": "WP9ANXZGBYYSGJEA", "productFamily": "Storage",
        "attributes": {
            "regionCode": "us-east-1", "servicecode": "AmazonS3", "operation": "", "usagetype": "TimedStorage-ByteHrs",
            "volumeType": "Standard",
        },
    },
    "serviceCode": "AmazonS3",
    "terms": {"OnDemand": {"WP9ANXZGBYYSGJEA.JRTCKXETXF": {
        "effectiveDate": "2026-07-01T00:00:00Z",
        "priceDimensions": {
            "a": {"beginRange": "512000", "endRange": "Inf", "unit": "GB-Mo", "pricePerUnit": {"USD": "0.0210000000"}},
            "b": {"beginRange": "0", "endRange": "51200", "unit": "GB-Mo", "pricePerUnit": {"USD": "0.0230000000"}},
            "c": {"beginRange": "51200", "endRange": "512000", "unit": "GB-Mo", "pricePerUnit": {"USD": "0.022"}},
        },
    }}},
    "version": "20260728131000", "publicationDate": "2026-07-28T13:10:00Z",
}  # fmt: skip


def offer(*products: tuple[Any, ...], code: str = "AmazonS3") -> dict[str, Any]:
    """An offer file: products as (usage type, operation, price, unit, currency, region), the last three optional."""
    found: dict[str, Any] = {
        "offerCode": code,
        "publicationDate": "2026-10-01T00:00:00Z",
        "products": {},
        "terms": {"OnDemand": {}},
    }
    for number, (usage_type, operation, price, *more) in enumerate(products):
        unit, currency, region = list(more) + ["GB-Mo", "USD", TOKYO][len(more) :]
        sku = f"SKU{number}"
        attributes = {
            "regionCode": region,
            "servicecode": code,
            "usagetype": usage_type,
            "operation": operation,
        }
        found["products"][sku] = {"sku": sku, "attributes": attributes}
        dimension = {
            "beginRange": "0",
            "endRange": "Inf",
            "unit": unit,
            "pricePerUnit": {currency: price},
        }
        term = {"effectiveDate": "2026-10-01T00:00:00Z", "priceDimensions": {"x": dimension}}
        found["terms"]["OnDemand"][sku] = {f"{sku}.T": term}
    return found


def read(folder: Path, data: object, region: str = TOKYO) -> Any:
    file = folder / "index.json"
    file.write_text(json.dumps(data))
    return read_offer(file, region)


def test_an_offer_file_is_read_by_service_usage_type_and_operation(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        offer(
            ("APN1-TimedStorage-ByteHrs", "", "0.0250000000"),
            ("APN1-TimedStorage-GDA-Staging", "", "0.021"),
            ("APN1-Tables-TimedStorage-ByteHrs", "", "0.0288"),
            ("APN1-Requests-Tier3", "S3-GlacierTransition", "0.00003426", "Requests"),
            ("APN1-Requests-Tier3", "RestoreObject", "0.00005", "Requests"),
            ("TimedStorage-SIA-ByteHrs", "", "0.0125", "GB-Mo", "USD", "us-east-1"),
            ("APN1-Something-New", "", "1"),
        ),
    )
    assert {key: price.usd for key, price in found.prices.items()} == {
        "storage.STANDARD": Decimal("0.025"),
        "transition.GLACIER": Decimal("0.00003426"),
        "restore_request.GLACIER.standard": Decimal("0.00005"),
    }
    assert (found.product_count, found.as_of, found.doubted) == (6, "2026-10-01", {})
    assert found.prices["storage.STANDARD"].source == "AWS Price List, product SKU0"


@pytest.mark.parametrize("is_packed", [False, True])
def test_the_answer_of_get_products_is_read_with_its_bands(tmp_path: Path, is_packed: bool) -> None:
    file = tmp_path / "products.json"
    data = json.dumps({"FormatVersion": "aws_v1", "PriceList": [json.dumps(STANDARD)]}).encode()
    file.write_bytes(gzip.compress(data) if is_packed else data)
    price = read_offer(file, "us-east-1").prices["storage.STANDARD"]
    assert [(band.start, band.end, band.usd) for band in price.bands] == [
        (Decimal(0), Decimal(51200), Decimal("0.023")),
        (Decimal(51200), Decimal(512000), Decimal("0.022")),
        (Decimal(512000), None, Decimal("0.021")),
    ]
    assert price.as_of == "2026-07-28"


@pytest.mark.parametrize(
    ("products", "why"),
    [
        ([("APN1-TimedStorage-ByteHrs", "", "0.025"), ("TimedStorage-ByteHrs", "", "0.03")], "two prices"),
        ([("APN1-TimedStorage-ByteHrs", "", "0.025", "Furlong")], "unit"),
        ([("APN1-TimedStorage-ByteHrs", "", "3.7", "GB-Mo", "JPY")], "dollars"),
        ([("APN1-TimedStorage-ByteHrs", "", "NaN")], "no price"),
        ([("APN1-TimedStorage-ByteHrs", "", "1e30")], "no price"),
        ([("APN1-TimedStorage-ByteHrs", "", "-1")], "no price"),
        ([("APN1-TimedStorage-ByteHrs", "", 0.025)], "no price"),
    ],
)
def test_a_price_in_doubt_is_left_out_with_the_reason(
    tmp_path: Path, products: list[tuple[Any, ...]], why: str
) -> None:
    found = read(tmp_path, offer(*products))
    assert found.prices == {}
    assert why in found.doubted["storage.STANDARD"]


@pytest.mark.parametrize("damage", ["no term", "term is text", "product is text", "no dimensions"])
def test_a_product_that_is_not_as_documented_costs_only_itself(tmp_path: Path, damage: str) -> None:
    data = offer(("APN1-TimedStorage-ByteHrs", "", "0.025"), ("APN1-TimedStorage-SIA-ByteHrs", "", "0.0138"))
    terms = data["terms"]["OnDemand"]
    if damage == "no term":
        del terms["SKU0"]
    elif damage == "product is text":
        data["products"]["SKU0"] = "x"
    else:
        terms["SKU0"] = {"T": "x" if damage == "term is text" else {"effectiveDate": "2026"}}
    found = read(tmp_path, data)
    assert list(found.prices) == ["storage.STANDARD_IA"]
    assert list(found.doubted) == ([] if damage == "product is text" else ["storage.STANDARD"])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (json.dumps(offer(("APN1-TimedStorage-ByteHrs", "", "0.025"))).encode()[:-40], ExitCode.FILE_DAMAGED),
        (b"<html>", ExitCode.FILE_DAMAGED),
        (b"", ExitCode.FILE_DAMAGED),
        (gzip.compress(b"{}" * 1000, mtime=0)[:-9], ExitCode.FILE_DAMAGED),
        (b"{}", ExitCode.SCHEMA_MISMATCH),
        (b"[]", ExitCode.SCHEMA_MISMATCH),
        (b'{"PriceList": ["not json"]}', ExitCode.FILE_DAMAGED),
        (b'{"PriceList": [7]}', ExitCode.SCHEMA_MISMATCH),
        (json.dumps(offer(("x", "", "1", "GB", "USD", "eu-west-1"))).encode(), ExitCode.SCHEMA_MISMATCH),
    ],
)
def test_a_file_that_is_no_price_list_is_refused(tmp_path: Path, content: bytes, code: ExitCode) -> None:
    file = tmp_path / "index.json"
    file.write_bytes(content)
    with pytest.raises(DashboardError) as caught:
        read_offer(file, TOKYO)
    assert caught.value.code is code
    assert "stay" in caught.value.next_step


@pytest.fixture(name="offers")
def _offers(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    folder = tmp_path / "offers"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/{{service}}-{{region}}.json", folder
    server.shutdown()
    server.server_close()


def test_an_offer_file_is_fetched_without_credentials(tmp_path: Path, offers: tuple[str, Path]) -> None:
    url, folder = offers
    data = json.dumps(offer(("APN1-TimedStorage-ByteHrs", "", "0.025")))
    (folder / f"AmazonS3-{TOKYO}.json").write_text(data)
    download("AmazonS3", TOKYO, tmp_path / "got.json", url)
    assert (tmp_path / "got.json").read_text() == data
    with pytest.raises(DashboardError, match="404") as caught:
        download("AmazonS3", "eu-west-1", tmp_path / "got.json", url)
    assert caught.value.code is ExitCode.SOURCE_UNREACHABLE


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture(name="folder")
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "dashboard.toml"
    file.write_text(
        f'[aws]\nregion = "{TOKYO}"\n[warehouse]\nfolder = "{(tmp_path / "warehouse").as_posix()}"\n'
    )
    monkeypatch.setenv("DASHBOARD_SETTINGS", str(file))
    return tmp_path


def test_refreshed_prices_stand_before_the_shipped_ones_and_the_rest_stays(folder: Path) -> None:
    file = folder / "index.json"
    file.write_text(json.dumps(offer(("APN1-TimedStorage-ByteHrs", "", "0.0260000000"))))
    done = run("prices", "refresh", "--file", str(file))
    assert done.exit_code == 0, done.output
    assert "1 of" in done.output
    book = price_book(folder / "warehouse")
    standard, cold = book.storage(TOKYO, "STANDARD"), book.storage(TOKYO, "GLACIER")
    assert standard is not None
    assert cold is not None
    assert (standard.usd, standard.as_of) == (Decimal("0.026"), "2026-10-01")
    assert cold == shipped_book().storage(TOKYO, "GLACIER")

    rows = {row["key"]: row for row in json.loads(run("prices", "show", "--format", "json").stdout)}
    assert rows["storage.STANDARD"]["usd"] == "0.0260000000"
    missing = rows["restore_request.GLACIER.standard"]
    assert (missing["usd"], missing["source"]) == (None, "missing")


def test_a_region_without_any_price_is_an_error_that_names_the_nearest(folder: Path) -> None:
    asked = run("prices", "show", "--region", "ap-northeast-11")
    assert isinstance(asked.exception, DashboardError)
    assert asked.exception.code is ExitCode.USAGE
    assert asked.exception.cause.endswith(f"by name: {TOKYO}, us-east-1")
    assert asked.stdout == ""


def test_a_file_that_is_refused_changes_nothing(folder: Path) -> None:
    file = folder / "index.json"
    file.write_text(json.dumps(offer(("APN1-Something-New", "", "1"))))
    done = run("prices", "refresh", "--file", str(file))
    assert isinstance(done.exception, DashboardError)
    assert "None of the 1 products" in done.exception.cause
    assert price_book(folder / "warehouse") == shipped_book()


@pytest.mark.parametrize(
    "text",
    [
        "nothing of the kind\n",
        "key,from_amount,to_amount,usd,unit,as_of,source\nstorage.STANDARD,0,,0.025,GB-Mo,2026-10\n",
        "key,from_amount,to_amount,usd,unit,as_of,source\nstorage.STANDARD,0,,NaN,GB-Mo,2026-10,x\n",
        "key,from_amount,to_amount,usd,unit,as_of,source\nstorage.STANDARD,0,,1,GB,2026-10,x\n",
        "key,from_amount,to_amount,usd,unit,as_of,source\nstorage.STANDARD,5,,1,GB-Mo,2026-10,x\n",
        "key,from_amount,to_amount,usd,unit,as_of,source\nstorage.STANDARD,0,,1,GB-Mo,yesterday,x\n",
    ],
)
def test_a_kept_list_that_cannot_be_believed_is_named_and_not_used(tmp_path: Path, text: str) -> None:
    (tmp_path / "prices").mkdir()
    (tmp_path / "prices" / f"{TOKYO}_2026-10-01.csv").write_text(text)
    book = price_book(tmp_path)
    assert book.prices == shipped_book().prices
    [refused] = book.refused
    assert refused.startswith(f"{TOKYO}_2026-10-01.csv: ")
