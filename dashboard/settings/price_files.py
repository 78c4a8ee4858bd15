"""The price book on disk: the lists that are shipped, and those that `prices refresh` put beside them.

A list is one CSV file per region: key, from_amount, to_amount, usd, unit, as_of, source. The newest date of a key
counts; earlier ones are kept, for the months in which they held.
"""

from __future__ import annotations

import csv
import functools
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from importlib import resources
from pathlib import Path

from dashboard.domain.price_keys import KEYS
from dashboard.domain.prices import Band, Price, PriceBook
from dashboard.errors import DashboardError, ExitCode

COLUMNS = ("key", "from_amount", "to_amount", "usd", "unit", "as_of", "source")
FOLDER = "prices"
_NAME = re.compile(r"(?P<region>[a-z]{2}(-[a-z]+)+-\d)(_[0-9-]+)?\.csv")
_DATE = re.compile(r"\d{4}-\d{2}(-\d{2})?", re.ASCII)
_NUMBER = re.compile(r"\d{1,12}(\.\d{1,12})?", re.ASCII)

Versions = dict[str, dict[str, list[Price]]]


@functools.cache
def shipped_book() -> PriceBook:
    """The prices that come with the dashboard."""
    return _book(_shipped(), ())


def price_book(warehouse: Path) -> PriceBook:
    """The shipped prices and those kept in the warehouse folder. A file that cannot be believed is named, not used."""
    files = sorted((warehouse / FOLDER).glob("*.csv"))
    return _kept_book(tuple((file, file.stat().st_mtime_ns) for file in files))


@functools.lru_cache(maxsize=4)
def _kept_book(files: tuple[tuple[Path, int], ...]) -> PriceBook:
    found, refused = _shipped(), []
    for file, _changed in files:
        try:
            region, prices = _read(file.name, file.read_text("utf-8"))
        except (ValueError, OSError) as error:
            refused.append(f"{file.name}: {error}")
            continue
        _add(found, region, prices)
    return _book(found, tuple(refused))


def write_prices(warehouse: Path, region: str, as_of: str, prices: Mapping[str, Price]) -> Path:
    """Keep a list beside the others, whole or not at all; returns its file.

    Raises:
        DashboardError: READ_ONLY.
    """
    file = warehouse / FOLDER / f"{region}_{as_of}.csv"
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(COLUMNS)
            for key, price in sorted(prices.items()):
                for band in price.bands:
                    end = "" if band.end is None else f"{band.end:f}"
                    writer.writerow(
                        (key, f"{band.start:f}", end, f"{band.usd:f}", price.unit, price.as_of, price.source)
                    )
        os.replace(temporary, file)
    except OSError as error:
        raise DashboardError(
            ExitCode.READ_ONLY,
            "The price list was not kept",
            cause="The warehouse folder cannot be written: {problem}",
            next_step="Give the user of the dashboard the right to write there",
            locator=str(file),
            problem=error.strerror or str(error),
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
    return file


def _shipped() -> Versions:
    found: Versions = {}
    for file in sorted(
        (resources.files("dashboard") / "price_lists").iterdir(), key=lambda item: str(item.name)
    ):
        region, prices = _read(file.name, file.read_text("utf-8"))
        _add(found, region, prices)
    return found


def _add(found: Versions, region: str, prices: Iterable[tuple[str, Price]]) -> None:
    for key, price in prices:
        found.setdefault(region, {}).setdefault(key, []).append(price)


def _book(found: Versions, refused: tuple[str, ...]) -> PriceBook:
    return PriceBook(
        {
            region: {
                key: tuple(sorted(versions, key=lambda price: price.as_of, reverse=True))
                for key, versions in keys.items()
            }
            for region, keys in found.items()
        },
        refused,
    )


def _read(name: str, text: str) -> tuple[str, list[tuple[str, Price]]]:
    """Region and prices of one list.

    Raises:
        ValueError: the first line that cannot be believed, and why.
    """
    named = _NAME.fullmatch(name)
    if not named:
        raise ValueError("its name is not that of a region, such as ap-northeast-1.csv")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    rows = list(csv.reader(lines))
    if not rows or tuple(rows[0]) != COLUMNS:
        raise ValueError(f"its first line is not {','.join(COLUMNS)}")
    bands: dict[tuple[str, str, str, str], list[Band]] = defaultdict(list)
    for number, row in enumerate(rows[1:], start=2):
        try:
            key, start, end, usd, unit, as_of, source = row
            if key not in KEYS or unit != KEYS[key].unit:
                raise ValueError(f"there is no price {key!r} for {unit!r}")
            if not _DATE.fullmatch(as_of) or not source:
                raise ValueError("a price needs its date and source")
            band = Band(_number(start), _number(end) if end else None, _number(usd))
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from error
        bands[key, unit, as_of, source].append(band)
    return named["region"], [
        (key, _price(key, parts, unit, as_of, source)) for (key, unit, as_of, source), parts in bands.items()
    ]


def _price(key: str, parts: Sequence[Band], unit: str, as_of: str, source: str) -> Price:
    try:
        return Price(tuple(sorted(parts, key=lambda band: band.start)), unit, as_of, source)
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from error


def _number(text: str) -> Decimal:
    try:
        if _NUMBER.fullmatch(text):
            return Decimal(text)
    except InvalidOperation:
        pass
    raise ValueError(f"{text[:40]!r} is no number")
