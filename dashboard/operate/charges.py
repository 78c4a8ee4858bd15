"""What plans cost, in parts with their known or missing price, and what a month gets cheaper by."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from dashboard.aws import copying
from dashboard.domain import prices, storage_classes
from dashboard.domain.plan import Cost, Item
from dashboard.domain.prices import DAYS_PER_MONTH, GIB, PriceBook
from dashboard.domain.savings_reckoning import key_of
from dashboard.operate.choice import Found
from dashboard.settings import Settings
from dashboard.settings.price_files import price_book

READ_FOR_MONEY = frozenset({"STANDARD_IA", "ONEZONE_IA", "GLACIER_IR"})
"""Classes where reading costs by the GB, without a restore."""
ARCHIVES = frozenset({"GLACIER", "DEEP_ARCHIVE"})
_SECONDS_A_DAY = 86_400
_BY_ID = {item.id: item for item in storage_classes.STORAGE_CLASSES}
_NO_RULES = storage_classes.StorageClass("", "")


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


def part_count(row: Found | Item) -> int:
    """In how many parts an object is copied, 0 if in one request: as it was uploaded, or as the worker cuts it."""
    if row.size_bytes <= copying.LARGEST_AT_ONCE:
        return 0
    _content, _dash, told = row.e_tag.partition("-")
    size = max(copying.PART_BYTES, -(-row.size_bytes // copying.MOST_PARTS))
    return (
        int(told) if told.isdecimal() and 1 < int(told) <= copying.MOST_PARTS else -(-row.size_bytes // size)
    )


def copy_calls(rows: Sequence[Found | Item]) -> dict[str, int]:
    """The operations that copying these objects takes, and how often each."""
    counts = [part_count(row) for row in rows]
    large = sum(count > 0 for count in counts)
    return {
        "CopyObject": len(rows) - large,
        "CreateMultipartUpload": large,
        "UploadPartCopy": sum(counts),
        "CompleteMultipartUpload": large,
    }


def by_class(items: Iterable[Item]) -> dict[str, int]:
    """How many items that are not refused are in each class, in the order of the classes' names."""
    return dict(sorted(Counter(item.storage_class for item in items if not item.refusal).items()))


class Costs:
    """The prices of the archive's region, as they are known now. A part has a place: the storage class."""

    def __init__(self, settings: Settings) -> None:
        self.book: PriceBook = price_book(settings.warehouse.folder)
        self.region = settings.aws.region

    def part(self, what: str, place: str, amount: Decimal | int, unit: str, key: str) -> Cost:
        """One part: an amount at the price with that key."""
        price = self.book.price(self.region, key)
        amount = Decimal(amount)
        return Cost(what, place, amount, unit, None if price is None else price.usd * amount)

    def looks(self, items: Iterable[Item], each: int) -> list[Cost]:
        """Requests that only read, so many for each item."""
        counts = by_class(items)
        return [
            self.part("look", place, count * each, "Requests", f"request.{place}.get")
            for place, count in counts.items()
        ]

    def looks_for_all(self, *, lists: int = 0, heads: int = 0) -> list[Cost]:
        """Looks whatever the class: LIST requests are billed as PUT, HEAD requests as GET."""
        each = [
            self.part("look", "", count, "Requests", f"request.STANDARD.{verb}")
            for verb, count in (("put", lists), ("get", heads))
            if count
        ]
        return [self._whole("look", "", each, "Requests")] if each else []

    def copies(self, rows: Sequence[Found], *, to_class: str = "", now: datetime | None = None) -> list[Cost]:
        """Copying objects once: the requests, what reading costs, and what becomes of the old ones.

        Where the bucket keeps versions the old one stays, for a month here; elsewhere it is gone before its class's
        shortest time, whose rest is billed.

        Args:
            rows: of plan.objects, those that would be copied.
            to_class: of the copies; '' is each one's own.
            now: when; the present if left out.
        """
        moment, parts = now or datetime.now(UTC), []
        places: dict[str, list[Found]] = defaultdict(list)
        for row in rows:
            places[row.storage_class].append(row)
        for place, found in sorted(places.items()):
            target = to_class or place
            parts += self.copy_requests("copying", found, target)
            if place in READ_FOR_MONEY:
                gib = Decimal(sum(row.size_bytes for row in found)) / GIB
                parts.append(self.part("retrieval", place, gib, "GB", f"retrieval.{place}"))
            parts += self._old_ones(place, found, moment)
        return parts

    def copy_requests(self, what: str, found: Sequence[Found | Item], target: str) -> list[Cost]:
        """What copies are asked for with. S3 bills the parts of what is to be archived as Standard."""
        whole, in_parts = len(found), sum(part_count(row) + 1 for row in found if part_count(row))
        place = "STANDARD" if target in ARCHIVES else target
        if place == target:
            whole, in_parts = whole + in_parts, 0
        counts = ((target, whole), (place, in_parts))
        return [
            self.part(what, where, count, "Requests", f"request.{where}.put")
            for where, count in counts
            if count
        ]

    def early_deletion(self, gone: Iterable[Removed]) -> list[Cost]:
        """The rest of the shortest time that is billed, by class."""
        byte_days: dict[str, int] = defaultdict(int)
        for item in gone:
            byte_days[item.storage_class] += item.billed_bytes * item.days_left
        return [
            Cost(
                "early_deletion",
                storage_class,
                Decimal(amount) / GIB / DAYS_PER_MONTH,
                "GB-Mo",
                self.book.early_deletion_usd(self.region, storage_class, amount),
            )
            for storage_class, amount in sorted(byte_days.items())
            if amount
        ]

    def saved(self, gone: Iterable[Removed]) -> dict[str, Any]:
        """What a month gets cheaper by, for a plan's params: saved_month_usd, and saved_unpriced_bytes of no price."""
        sums: dict[tuple[str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
        for item in gone:
            count, size_bytes = sums[item.storage_class, item.access_tier]
            sums[item.storage_class, item.access_tier] = (count + 1, size_bytes + item.billed_bytes)
        whole, unpriced = Decimal(0), 0
        for (storage_class, access_tier), (count, size_bytes) in sums.items():
            usd = self.book.month_usd(self.region, storage_class, access_tier, count, size_bytes)
            whole, unpriced = whole + (usd or 0), unpriced + (size_bytes if usd is None else 0)
        return {
            "saved_month_usd": format(whole.quantize(Decimal("0.000001")), "f"),
            "saved_unpriced_bytes": unpriced,
        }

    def _old_ones(self, place: str, found: Sequence[Found], moment: datetime) -> list[Cost]:
        rows = [
            (bool(row.version_id), removed(place, row.access_tier, row.size_bytes, _at(row), moment))
            for row in found
        ]
        by_tier: Counter[str] = Counter()
        for is_kept, old in rows:
            if is_kept:
                by_tier[old.access_tier] += old.billed_bytes
        parts = self.early_deletion(old for is_kept, old in rows if not is_kept)
        if by_tier:
            each = [
                self.part("old_version", place, Decimal(size) / GIB, "GB-Mo", key_of((place, tier)))
                for tier, size in by_tier.items()
            ]
            parts.append(self._whole("old_version", place, each, "GB-Mo"))
        return parts

    def _whole(self, what: str, place: str, each: Sequence[Cost], unit: str) -> Cost:
        """Parts in one; without a price if one of them has none."""
        known, unknown_count = prices.total(part.usd for part in each)
        amount = sum((part.amount for part in each), Decimal(0))
        return Cost(what, place, amount, unit, None if unknown_count else known)


def _at(row: Found) -> datetime | None:
    return row.uploaded_at.replace(tzinfo=UTC) if row.uploaded_at else None
