"""What changing objects costs, in parts. Each has a place (the storage class), an amount and its price, if known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from dashboard.domain.plan import Cost, Item
from dashboard.domain.prices import PriceBook
from dashboard.settings import Settings
from dashboard.settings.price_files import price_book


class Costs:
    """The prices of the archive's region, as they are known now."""

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


def by_class(items: Iterable[Item]) -> dict[str, int]:
    """How many items that are not refused are in each class, in the order of the classes' names."""
    return dict(sorted(Counter(item.storage_class for item in items if not item.refusal).items()))
