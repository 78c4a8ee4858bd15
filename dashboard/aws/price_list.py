"""The AWS Price List: an offer file, or what `aws pricing get-products` printed, as prices of the book.

Files are streamed: an offer of one region has megabytes, one of all regions hundreds. Offer files need no credentials.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import ijson
import urllib3

from dashboard.domain.price_keys import KEYS, key_of
from dashboard.domain.prices import Band, Price
from dashboard.errors import DashboardError, ExitCode

OFFER_URL = "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/{service}/current/{region}/index.json"
SIZE_LIMIT = 4 << 30
TITLE = "The prices were not renewed"


@dataclass
class Offered:
    """What a file offers in one region.

    Attributes:
        doubted: keys that are left out, with the reason: two prices, a unit that is not known, bands with gaps.
        product_count: products of the region, those included that the book does not hold.
    """

    prices: dict[str, Price] = field(default_factory=dict)
    doubted: dict[str, str] = field(default_factory=dict)
    as_of: str = ""
    product_count: int = 0


def read_offer(file: Path, region: str) -> Offered:
    """The prices a file offers in a region.

    Raises:
        DashboardError: FILE_MISSING; FILE_DAMAGED: cut short or not JSON; SCHEMA_MISMATCH: no price list, or not in
            dollars.
    """
    found = Offered()
    try:
        products = _products(file, region, found)
        for key, sku, terms, as_of in products:
            try:
                price = _price(key, terms, as_of, sku)
            except ValueError as error:
                found.doubted[key] = str(error)
                continue
            except (KeyError, TypeError, AttributeError):
                found.doubted[key] = f"the terms of the product {sku} are not as AWS documents them"
                continue
            known = found.prices.setdefault(key, price)
            if known.bands != price.bands:
                found.doubted[key] = f"two products have two prices, the second is {sku}"
    except FileNotFoundError as error:
        raise _fault(ExitCode.FILE_MISSING, file, "There is no such file") from error
    except (ijson.JSONError, EOFError, UnicodeDecodeError, ValueError, OSError) as error:
        raise _fault(
            ExitCode.FILE_DAMAGED, file, "The file is no whole JSON file: {problem}", str(error)[:200]
        ) from error
    for key in found.doubted:
        found.prices.pop(key, None)
    if not found.product_count:
        raise _fault(
            ExitCode.SCHEMA_MISMATCH,
            file,
            "The file offers nothing of S3 in {problem}",
            region or "no region",
        )
    return found


def download(service: str, region: str, file: Path, url: str = OFFER_URL) -> None:
    """Fetch an offer file.

    Raises:
        DashboardError: SOURCE_UNREACHABLE, TOO_LARGE.
    """
    address = url.format(service=service, region=region)
    try:
        with urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=10, read=60), retries=urllib3.Retry(3, redirect=3)
        ) as pool:
            answer = pool.request("GET", address, preload_content=False)
            if answer.status != 200:
                raise _fault(
                    ExitCode.SOURCE_UNREACHABLE, address, "The answer was {problem}", str(answer.status)
                )
            size = 0
            with file.open("wb") as stream:
                for block in answer.stream(1 << 20):
                    size += len(block)
                    if size > SIZE_LIMIT:
                        raise _fault(ExitCode.TOO_LARGE, address, "The file does not come to an end")
                    stream.write(block)
    except urllib3.exceptions.HTTPError as error:
        raise _fault(
            ExitCode.SOURCE_UNREACHABLE, address, "There was no answer: {problem}", type(error).__name__
        ) from error


Product = tuple[str, str, Any, str]
"""Key of the book, SKU, the OnDemand terms, date of the list."""


def _products(file: Path, region: str, found: Offered) -> Iterator[Product]:
    is_empty = True
    for text in _items(file, "PriceList.item"):
        is_empty = False
        item = json.loads(text) if isinstance(text, str) else text
        if not isinstance(item, dict):
            raise _fault(ExitCode.SCHEMA_MISMATCH, file, "A product in it is no object")
        day = str(item.get("publicationDate", ""))[:10]
        service = str(item.get("serviceCode", ""))
        if key := _wanted(item.get("product"), region, service, found):
            found.as_of = max(found.as_of, day)
            terms = (item.get("terms") or {}).get("OnDemand")
            yield key, str(item["product"].get("sku")), terms, day
    if is_empty:
        yield from _offer_products(file, region, found)


def _offer_products(file: Path, region: str, found: Offered) -> Iterator[Product]:
    service = next(_items(file, "offerCode"), "")
    found.as_of = str(next(_items(file, "publicationDate"), ""))[:10]
    wanted: dict[str, str] = {}
    with _opened(file) as stream:
        for sku, product in ijson.kvitems(stream, "products"):
            if key := _wanted(product, region, str(service), found):
                wanted[sku] = key
    with _opened(file) as stream:
        for sku, terms in ijson.kvitems(stream, "terms.OnDemand"):
            if key := wanted.pop(sku, None):
                yield key, sku, terms, found.as_of
    for sku, key in wanted.items():
        found.doubted[key] = f"the product {sku} has no price"


def _items(file: Path, path: str) -> Iterator[Any]:
    with _opened(file) as stream:
        yield from ijson.items(stream, path)


def _opened(file: Path) -> IO[bytes]:
    stream = file.open("rb")
    start = stream.read(2)
    stream.seek(0)
    return gzip.open(stream) if start == b"\x1f\x8b" else stream  # type: ignore[return-value]


def _wanted(product: Any, region: str, service: str, found: Offered) -> str | None:
    """The book's key of a product of the region; many products have no family, so the usage type decides."""
    attributes = product.get("attributes") if isinstance(product, dict) else None
    if not isinstance(attributes, dict):
        return None
    place = attributes.get("regionCode") or attributes.get("fromRegionCode")
    if place != region:
        return None
    found.product_count += 1
    sold_by = str(attributes.get("servicecode") or service)
    return key_of(sold_by, str(attributes.get("usagetype", "")), str(attributes.get("operation", "")))


def _price(key: str, terms: Any, as_of: str, sku: str) -> Price:
    """The newest on-demand term as bands.

    Raises:
        ValueError: it is no price in dollars for a known unit.
    """
    if not isinstance(terms, dict) or not terms or not as_of:
        raise ValueError("it has no price")
    newest = max(terms.values(), key=lambda term: str(term["effectiveDate"]))
    bands = []
    for dimension in newest["priceDimensions"].values():
        usd = dimension["pricePerUnit"].get("USD")
        if usd is None:
            raise ValueError("its price is not in US dollars")
        if dimension.get("unit") not in KEYS[key].units:
            raise ValueError(f"its unit {str(dimension.get('unit'))[:40]!r} is not known")
        end = str(dimension.get("endRange", "Inf"))
        start = _number(dimension.get("beginRange", "0"))
        bands.append(Band(start, None if end == "Inf" else _number(end), _number(usd)))
    source = f"AWS Price List, product {sku}"
    return Price(tuple(sorted(bands, key=lambda band: band.start)), KEYS[key].unit, as_of, source)


def _number(text: Any) -> Decimal:
    if isinstance(text, str) and len(text) <= 30 and text.replace(".", "", 1).isascii():
        try:
            number = Decimal(text)
        except ArithmeticError:
            number = Decimal("NaN")
        if number.is_finite() and 0 <= number < Decimal(10) ** 12:
            return number
    raise ValueError(f"{str(text)[:40]!r} is no price")


def _fault(code: ExitCode, place: object, cause: str, problem: str = "") -> DashboardError:
    return DashboardError(
        code,
        TITLE,
        cause=cause,
        next_step="The prices that are known stay; try again with a file of "
        "pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonS3/current/<region>/index.json",
        locator=str(place),
        problem=problem,
    )
