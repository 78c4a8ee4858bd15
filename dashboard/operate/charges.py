"""What requests and removals cost, and what a month gets cheaper by: parts with their known or missing price."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from dashboard.domain import storage_classes
from dashboard.domain.plan import Cost
from dashboard.domain.prices import DAYS_PER_MONTH, GIB, PriceBook
from dashboard.settings import Settings
from dashboard.settings.price_files import price_book

_SECONDS_A_DAY = 86_400
_BY_ID = {item.id: item for item in storage_classes.STORAGE_CLASSES}
_NO_RULES = storage_classes.StorageClass("", "")


def looks(settings: Settings, *, lists: int = 0, heads: int = 0) -> list[Cost]:
    """What looking at objects costs: LIST requests are billed as PUT, HEAD requests as GET."""
    book, region = price_book(settings.warehouse.folder), settings.aws.region
    parts = [
        (count, book.price(region, f"request.STANDARD.{verb}"))
        for verb, count in (("put", lists), ("get", heads))
        if count
    ]
    known = [None if price is None else price.usd * count for count, price in parts]
    usd = None if None in known else sum((part for part in known if part is not None), Decimal(0))
    return [Cost("look", "", Decimal(lists + heads), "Requests", usd)] if parts else []


class Removed(NamedTuple):
    """What one removed object is billed for now, and how many days of it have to be paid all the same."""

    storage_class: str
    access_tier: str
    billed_bytes: int
    days_left: int = 0


def removed(
    storage_class: str, access_tier: str, size_bytes: int, uploaded_at: datetime | None, report_at: datetime
) -> Removed:
    """What an object is billed for, by the rules of its class.

    Args:
        uploaded_at, report_at: the days that are left count between them; without the former all are.
    """
    rules = _BY_ID.get(storage_class, _NO_RULES)
    passed = 0 if uploaded_at is None else int((report_at - uploaded_at).total_seconds() // _SECONDS_A_DAY)
    return Removed(
        storage_class,
        access_tier,
        max(size_bytes, rules.minimum_billed_bytes),
        max(0, rules.minimum_days - passed),
    )


def early_deletion(settings: Settings, gone: Iterable[Removed]) -> list[Cost]:
    """The rest of the shortest time that is billed, by class."""
    book, region = price_book(settings.warehouse.folder), settings.aws.region
    byte_days: dict[str, int] = defaultdict(int)
    for item in gone:
        byte_days[item.storage_class] += item.billed_bytes * item.days_left
    return [
        Cost(
            "early_deletion",
            storage_class,
            Decimal(amount) / GIB / DAYS_PER_MONTH,
            "GB-Mo",
            book.early_deletion_usd(region, storage_class, amount),
        )
        for storage_class, amount in sorted(byte_days.items())
        if amount
    ]


def saved(settings: Settings, gone: Iterable[Removed]) -> dict[str, Any]:
    """What a month gets cheaper by, for a plan's params: saved_month_usd, and saved_unpriced_bytes without a price."""
    book, region = price_book(settings.warehouse.folder), settings.aws.region
    sums: dict[tuple[str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for item in gone:
        count, size_bytes = sums[item.storage_class, item.access_tier]
        sums[item.storage_class, item.access_tier] = (count + 1, size_bytes + item.billed_bytes)
    usd, unpriced = _month(book, region, sums)
    return {
        "saved_month_usd": format(usd.quantize(Decimal("0.000001")), "f"),
        "saved_unpriced_bytes": unpriced,
    }


def _month(
    book: PriceBook, region: str | None, sums: dict[tuple[str, str], tuple[int, int]]
) -> tuple[Decimal, int]:
    whole, unpriced = Decimal(0), 0
    for (storage_class, access_tier), (count, size_bytes) in sums.items():
        usd = book.month_usd(region, storage_class, access_tier, count, size_bytes)
        whole, unpriced = whole + (usd or 0), unpriced + (size_bytes if usd is None else 0)
    return whole, unpriced
