"""What S3 charges: list prices in bands with their date and source, and what follows from them; unknown stays unknown.

Dollars are Decimal. One GB is 2^30 bytes. Prices are list prices before tax, discounts and credits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from dashboard.domain import storage_classes
from dashboard.domain.price_keys import KEYS

GIB = Decimal(1 << 30)
DAYS_PER_MONTH = Decimal(30)
"""Days a month is reckoned with where only its part counts."""


@dataclass(frozen=True)
class Band:
    """What each unit costs from `start` up to `end`; no end (None) is without limit."""

    start: Decimal
    end: Decimal | None
    usd: Decimal


@dataclass(frozen=True)
class Price:
    """One price.

    Attributes:
        bands: rising from 0 without gaps. Beyond the last one's end nothing is known.
        unit: what one price is for: GB-Mo, GB, Requests, Objects, …
        as_of: month or day on which it held, as ISO text.
    """

    bands: tuple[Band, ...]
    unit: str
    as_of: str
    source: str

    def __post_init__(self) -> None:
        ends = [Decimal(0), *(band.end for band in self.bands)]
        rising = all(band.end is None or band.end > band.start for band in self.bands)
        if not self.bands or not rising or [band.start for band in self.bands] != ends[:-1]:
            raise ValueError("the bands of a price do not follow each other from 0")

    @property
    def usd(self) -> Decimal:
        """The first band's: what a part of the archive is reckoned with."""
        return self.bands[0].usd

    def cost(self, amount: Decimal) -> Decimal | None:
        """What a whole month's amount costs, each band at its own price; None beyond what is known."""
        last = self.bands[-1].end
        if last is not None and amount > last:
            return None
        parts = (
            (amount if band.end is None else min(amount, band.end)) - band.start
            for band in self.bands
            if amount > band.start
        )
        return sum((part * band.usd for part, band in zip(parts, self.bands, strict=False)), Decimal(0))


@dataclass(frozen=True)
class PriceBook:
    """Every price that is known, by region and key, newest first.

    Attributes:
        refused: files that could not be believed, each with the reason.
    """

    prices: Mapping[str, Mapping[str, tuple[Price, ...]]] = field(default_factory=dict)
    refused: tuple[str, ...] = ()

    def price(self, region: str | None, key: str, on: date | None = None) -> Price | None:
        """The newest price of a region, or the one that held on a day; None where none is known.

        No other region's price stands in for a missing one, and no later one for an earlier.
        """
        known = self.prices.get(region or "", {}).get(key, ())
        return next((item for item in known if on is None or item.as_of <= on.isoformat()), None)

    def missing(self, region: str | None) -> list[str]:
        """The keys that a region lacks."""
        return [key for key in KEYS if self.price(region, key) is None]

    def storage(self, region: str | None, storage_class: str, access_tier: str = "") -> Price | None:
        """The price of a GB-month in a class, inside Intelligent-Tiering in a tier of it."""
        tier = f".{access_tier}" if storage_class == "INTELLIGENT_TIERING" else ""
        return self.price(region, f"storage.{storage_class}{tier}")

    def month_usd(
        self, region: str | None, storage_class: str, access_tier: str, object_count: int, billed_bytes: int
    ) -> Decimal | None:
        """What some objects of one class cost in a month, at the first band's price.

        Args:
            billed_bytes: their bytes, each object counted with at least its class's smallest billed size.
        """
        known = self.storage(region, storage_class, access_tier)
        if known is None:
            return None
        overhead = storage_classes.overhead(storage_class)
        amount = known.usd * (billed_bytes + object_count * overhead.own_bytes) / GIB
        if not overhead.standard_bytes:
            return amount
        standard = self.storage(region, "STANDARD")
        if standard is None:
            return None
        return amount + standard.usd * object_count * overhead.standard_bytes / GIB

    def early_deletion_usd(self, region: str | None, storage_class: str, byte_days: int) -> Decimal | None:
        """What deleting now costs: the storage price for the rest of the minimum duration.

        Args:
            byte_days: sum of billed bytes times days left.
        """
        if not byte_days:
            return Decimal(0)
        known = self.storage(region, storage_class)
        return known.usd * byte_days / GIB / DAYS_PER_MONTH if known else None

    def restore_usd(
        self, region: str | None, tier: RestoreTier, object_count: int, size_bytes: int
    ) -> Decimal | None:
        """Requests and retrieval, without the copy's storage while it is there; None if a price is unknown."""
        if tier.is_free:
            return Decimal(0)
        request = self.price(region, f"restore_request.{tier.archive}.{tier.speed}")
        retrieval = self.price(region, f"retrieval.{tier.archive}.{tier.speed}")
        if request is None or retrieval is None:
            return None
        return request.usd * object_count + retrieval.usd * size_bytes / GIB

    def sources_of(self, region: str | None) -> list[tuple[str, str]]:
        """Date and source of every newest price of a region, each pair once."""
        known = self.prices.get(region or "", {}).values()
        return sorted({(versions[0].as_of, versions[0].source) for versions in known})


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


def usual_hours(archive: str) -> Decimal:
    """Until what lies in an archive can usually be read, asked for at standard speed; 0 if no restore is needed."""
    known = (tier.hours for tier in RESTORE_TIERS if tier.archive == archive and tier.speed == "standard")
    return max(known, default=Decimal(0))


def total(amounts: Iterable[Decimal | None]) -> tuple[Decimal, int]:
    """The sum of the known amounts, and how many are unknown."""
    every = list(amounts)
    known = [item for item in every if item is not None]
    return sum(known, Decimal(0)), len(every) - len(known)
