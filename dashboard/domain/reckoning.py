"""What storage would cost at list prices beside what was billed, and where the difference comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from dashboard.domain.prices import PriceBook


@dataclass(frozen=True)
class Reckoned:
    """One class of one month, in dollars; None where the price is missing.

    `billed - list_usd` is `amount_gap_usd + price_gap_usd` to the last digit.

    Attributes:
        list_usd: what the reports listed, with its overhead, at list prices.
        amount_gap_usd: what was billed beyond it, or not, at list prices: unfinished uploads, moves between reports.
        price_gap_usd: what the billed amount cost more, or less, than at list prices: bands, discounts, other prices.
    """

    list_usd: Decimal | None
    amount_gap_usd: Decimal | None
    price_gap_usd: Decimal | None


def reckon(
    book: PriceBook,
    region: str | None,
    storage_class: str,
    access_tier: str,
    month: date,
    *,
    kept_gb_months: Decimal,
    billed_gb_months: Decimal,
    billed_usd: Decimal,
) -> Reckoned:
    """Compare a class's bill with the list prices that held in the month; each band at its own price.

    Args:
        month: its first day.
        kept_gb_months: what the reports listed, with overhead; one GB is 2^30 bytes.
    """
    tier = f".{access_tier}" if storage_class == "INTELLIGENT_TIERING" else ""
    last_day = (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    price = book.price(region, f"storage.{storage_class}{tier}", last_day)
    listed = price.cost(kept_gb_months) if price else None
    at_list = price.cost(billed_gb_months) if price else None
    if listed is None or at_list is None:
        return Reckoned(listed, None, None)
    return Reckoned(listed, at_list - listed, billed_usd - at_list)
