"""An amount of the bill in both currencies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Amount:
    """Dollars as billed; yen at the rate of their month, None where it has none."""

    usd: Decimal
    jpy: Decimal | None


def total(amounts: Iterable[Amount]) -> Amount:
    """The sum; without yen if one of them lacks its rate."""
    usd, jpy, is_known = Decimal(0), Decimal(0), True
    for item in amounts:
        usd += item.usd
        is_known &= item.jpy is not None
        jpy += item.jpy or 0
    return Amount(usd, jpy if is_known else None)
