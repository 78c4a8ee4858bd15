"""What changing objects costs, in parts. Each has a place (the storage class), an amount and its price, if known."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from dashboard.domain import prices
from dashboard.domain.plan import Cost, Item
from dashboard.domain.prices import GIB, PriceBook
from dashboard.domain.savings_reckoning import key_of
from dashboard.operate import charges
from dashboard.operate.choice import Found
from dashboard.settings import Settings
from dashboard.settings.price_files import price_book

READ_FOR_MONEY = frozenset({"STANDARD_IA", "ONEZONE_IA", "GLACIER_IR"})
"""Classes where reading costs by the GB, without a restore."""


class Costs:
    """The prices of the archive's region, as they are known now."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
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
            parts.append(self.part("copying", target, len(found), "Requests", f"request.{target}.put"))
            if place in READ_FOR_MONEY:
                gib = Decimal(sum(row.size_bytes for row in found)) / GIB
                parts.append(self.part("retrieval", place, gib, "GB", f"retrieval.{place}"))
            parts += self._old_ones(place, found, moment)
        return parts

    def _old_ones(self, place: str, found: Sequence[Found], moment: datetime) -> list[Cost]:
        rows = [
            (bool(row.version_id), charges.removed(place, row.access_tier, row.size_bytes, _at(row), moment))
            for row in found
        ]
        by_tier: Counter[str] = Counter()
        for is_kept, old in rows:
            if is_kept:
                by_tier[old.access_tier] += old.billed_bytes
        parts = charges.early_deletion(self.settings, (old for is_kept, old in rows if not is_kept))
        if by_tier:
            each = [
                self.part("old_version", place, Decimal(size) / GIB, "GB-Mo", key_of((place, tier)))
                for tier, size in by_tier.items()
            ]
            known, unknown_count = prices.total(part.usd for part in each)
            amount = sum((part.amount for part in each), Decimal(0))
            parts.append(Cost("old_version", place, amount, "GB-Mo", None if unknown_count else known))
        return parts


def _at(row: Found) -> datetime | None:
    return row.uploaded_at.replace(tzinfo=UTC) if row.uploaded_at else None


def by_class(items: Iterable[Item]) -> dict[str, int]:
    """How many items that are not refused are in each class, in the order of the classes' names."""
    return dict(sorted(Counter(item.storage_class for item in items if not item.refusal).items()))
