"""From the rows of the bill to what comes next: the months ahead, and how budgets stand."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from dashboard.domain.forecast import Ahead, forecast

MONTHS_AHEAD = 12

State = Literal["within", "threshold", "over", "expected_over", "unknown"]


@dataclass(frozen=True)
class Coming:
    """A month to come, by its first day."""

    month: date
    ahead: Ahead


@dataclass(frozen=True)
class Standing:
    """How a budget stands, in its own currency.

    Attributes:
        spent, expected: so far, and at the end of the period; None where it cannot be said.
        passed: the highest threshold that is passed, in percent; 0 for none.
        state: over: more is spent than the budget; expected_over: it will be; threshold: one is passed.
    """

    spent: Decimal | None
    expected: Decimal | None
    passed: int
    state: State


def add_months(month: date, count: int) -> date:
    """The first day of the month so many months on."""
    number = month.year * 12 + month.month - 1 + count
    return date(number // 12, number % 12 + 1, 1)


def coming(rows: Iterable[Mapping[str, Any]], months: int = MONTHS_AHEAD) -> list[Coming]:
    """The months after the last full one.

    Args:
        rows: month, series, cost_usd of the full months; every series in every month, oldest first. What lies before a
            gap in the months is left out.
    """
    series: dict[str, dict[date, Decimal]] = {}
    for row in rows:
        series.setdefault(str(row["series"]), {})[row["month"]] = row["cost_usd"]
    known = sorted({month for amounts in series.values() for month in amounts})
    while any(add_months(first, 1) != second for first, second in itertools.pairwise(known)):
        known = known[1:]
    if not known:
        return []
    found = forecast({name: [amounts[month] for month in known] for name, amounts in series.items()}, months)
    return [Coming(add_months(known[-1], item.steps), item) for item in found]


def expected_usd(
    first_open: date, last: date, month_end: Decimal | None, ahead: Iterable[Coming]
) -> Decimal | None:
    """What the months from `first_open` to `last` will come to; None if one of them cannot be said.

    Args:
        month_end: of the running month, which is `first_open`.
    """
    by_month = {item.month: item.ahead.usd for item in ahead}
    if month_end is not None:
        by_month[first_open] = month_end
    total, month = Decimal(0), first_open
    while month <= last:
        if month not in by_month:
            return None
        total += by_month[month]
        month = add_months(month, 1)
    return total


def standing(
    amount: Decimal, thresholds: Iterable[int], spent: Decimal | None, expected: Decimal | None
) -> Standing:
    """How a budget stands; amounts in one currency."""
    if spent is None:
        return Standing(None, expected, 0, "unknown")
    passed = max((item for item in thresholds if spent * 100 >= amount * item), default=0)
    state: State = "within"
    if spent > amount:
        state = "over"
    elif expected is not None and expected > amount:
        state = "expected_over"
    elif passed:
        state = "threshold"
    return Standing(spent, expected, passed, state)
