"""What S3 charges: list prices with their date and source, and what follows from them; unknown stays unknown.

Dollars are Decimal. One GB is 2^30 bytes. Prices are list prices of the first band, before tax, discounts and credits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from dashboard.domain import storage_classes

GIB = Decimal(1 << 30)
DAYS_PER_MONTH = Decimal(30)
"""Days a month is reckoned with where only its part counts."""

_AWS_LIST = "AWS Price List, as kept by github.com/maxopsdev/maxops, commit b7daaba6"
_OFFER_FILE = "AWS offer file, as kept by github.com/scttfrdmn/objectfs, commit 7c70dc0e"
_FIXTURE = "price literals of a public test fixture (astra), not checked against an offer file"


@dataclass(frozen=True)
class Price:
    """One price.

    Attributes:
        usd: for one GB-month, one GB or one request, as the key says.
        as_of: month or day on which it held.
    """

    usd: Decimal
    as_of: str
    source: str


def _dated(source: str, as_of: str, prices: dict[str, str]) -> dict[str, Price]:
    return {key: Price(Decimal(usd), as_of, source) for key, usd in prices.items()}


PRICES: dict[str, dict[str, Price]] = {
    "us-east-1": _dated(
        _AWS_LIST,
        "2026-09-22",
        {
            "storage.STANDARD": "0.023",
            "storage.STANDARD_IA": "0.0125",
            "storage.ONEZONE_IA": "0.01",
            "storage.GLACIER_IR": "0.004",
            "storage.GLACIER": "0.0036",
            "storage.DEEP_ARCHIVE": "0.00099",
            "storage.INTELLIGENT_TIERING.FREQUENT": "0.023",
            "storage.INTELLIGENT_TIERING.DEEP_ARCHIVE": "0.00099",
            "restore_request.GLACIER.expedited": "0.01",
            "restore_request.GLACIER.standard": "0.00005",
            "restore_request.GLACIER.bulk": "0",
            "restore_request.DEEP_ARCHIVE.standard": "0.0001",
            "restore_request.DEEP_ARCHIVE.bulk": "0.000025",
            "retrieval.GLACIER.expedited": "0.03",
            "retrieval.GLACIER.standard": "0.01",
            "retrieval.GLACIER.bulk": "0",
            "retrieval.DEEP_ARCHIVE.standard": "0.02",
            "retrieval.DEEP_ARCHIVE.bulk": "0.0025",
        },
    ),
    "ap-northeast-1": _dated(
        _OFFER_FILE,
        "2026-08",
        {
            "storage.STANDARD": "0.025",
            "storage.STANDARD_IA": "0.0138",
            "storage.ONEZONE_IA": "0.011",
            "storage.GLACIER_IR": "0.005",
            "storage.GLACIER": "0.0045",
            "storage.DEEP_ARCHIVE": "0.002",
            "storage.REDUCED_REDUNDANCY": "0.0264",
            "storage.INTELLIGENT_TIERING.FREQUENT": "0.025",
            "retrieval.GLACIER.standard": "0.011",
            "retrieval.DEEP_ARCHIVE.standard": "0.022",
        },
    )
    | _dated(_FIXTURE, "2026-08", {"retrieval.DEEP_ARCHIVE.bulk": "0.005"}),
}
"""Prices by region and key. A key that a region lacks is unknown there; no other region's price stands in for it."""

ARCHIVED_SMALL = ("GLACIER", "DEEP_ARCHIVE")
_INDEX_BYTES, _NAME_BYTES = 32 << 10, 8 << 10
"""An archived object is billed 32 KiB more at its class's price and 8 KiB at Standard's."""


def price(region: str | None, key: str) -> Price | None:
    """A price, or None where none is known for the region."""
    return PRICES.get(region or "", {}).get(key)


def storage_price(region: str | None, storage_class: str, access_tier: str = "") -> Price | None:
    """The price of a GB-month in a class, inside Intelligent-Tiering in a tier of it."""
    tier = f".{access_tier}" if storage_class == "INTELLIGENT_TIERING" else ""
    return price(region, f"storage.{storage_class}{tier}")


def month_usd(
    region: str | None, storage_class: str, access_tier: str, object_count: int, billed_bytes: int
) -> Decimal | None:
    """What some objects of one class cost in a month.

    Args:
        billed_bytes: their bytes, each object counted with at least its class's smallest billed size.
    """
    known = storage_price(region, storage_class, access_tier)
    if known is None:
        return None
    if storage_class not in ARCHIVED_SMALL:
        return known.usd * billed_bytes / GIB
    standard = storage_price(region, "STANDARD")
    if standard is None:
        return None
    return (
        known.usd * (billed_bytes + object_count * _INDEX_BYTES) + standard.usd * object_count * _NAME_BYTES
    ) / GIB


def early_deletion_usd(region: str | None, storage_class: str, byte_days: int) -> Decimal | None:
    """What deleting now costs: the storage price for the rest of the minimum duration.

    Args:
        byte_days: sum of billed bytes times days left.
    """
    if not byte_days:
        return Decimal(0)
    known = storage_price(region, storage_class)
    return known.usd * byte_days / GIB / DAYS_PER_MONTH if known else None


@dataclass(frozen=True)
class RestoreTier:
    """One way of bringing archived objects back.

    Attributes:
        archive: storage class, or access tier inside Intelligent-Tiering with `INT_` before it.
        speed: expedited, standard or bulk.
        hours: usual longest time until the first ones can be read.
        is_free: neither the request nor the bytes are charged.
    """

    archive: str
    speed: str
    hours: Decimal
    is_free: bool = False

    def usd(self, region: str | None, object_count: int, size_bytes: int) -> Decimal | None:
        """Requests and retrieval, without the copy's storage while it is there; None if a price is unknown."""
        if self.is_free:
            return Decimal(0)
        request = price(region, f"restore_request.{self.archive}.{self.speed}")
        retrieval = price(region, f"retrieval.{self.archive}.{self.speed}")
        if request is None or retrieval is None:
            return None
        return request.usd * object_count + retrieval.usd * size_bytes / GIB


RESTORE_TIERS: tuple[RestoreTier, ...] = (
    RestoreTier("GLACIER", "expedited", Decimal(5) / 60),
    RestoreTier("GLACIER", "standard", Decimal(5)),
    RestoreTier("GLACIER", "bulk", Decimal(12)),
    RestoreTier("DEEP_ARCHIVE", "standard", Decimal(12)),
    RestoreTier("DEEP_ARCHIVE", "bulk", Decimal(48)),
    RestoreTier("INT_ARCHIVE", "standard", Decimal(5), is_free=True),
    RestoreTier("INT_ARCHIVE", "bulk", Decimal(12), is_free=True),
    RestoreTier("INT_DEEP_ARCHIVE", "standard", Decimal(12), is_free=True),
    RestoreTier("INT_DEEP_ARCHIVE", "bulk", Decimal(48), is_free=True),
)
"""Quickest first. Instant retrieval classes need no restore."""


def archive_of(storage_class: str, access_tier: str) -> str:
    """The `archive` of restore tiers for a class and tier, '' if nothing has to be restored."""
    if storage_class == "INTELLIGENT_TIERING" and access_tier in {"ARCHIVE", "DEEP_ARCHIVE"}:
        return f"INT_{access_tier}"
    known = {item.id for item in storage_classes.STORAGE_CLASSES if item.is_archive}
    return storage_class if storage_class in known else ""


def sources_of(region: str | None) -> list[tuple[str, str]]:
    """Date and source of every price of a region, each pair once."""
    return sorted({(item.as_of, item.source) for item in PRICES.get(region or "", {}).values()})


def total(amounts: Iterable[Decimal | None]) -> tuple[Decimal, int]:
    """The sum of the known amounts, and how many are unknown."""
    every = list(amounts)
    known = [item for item in every if item is not None]
    return sum(known, Decimal(0)), len(every) - len(known)
