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
class Next:
    """What comes next, in dollars: the end of the running month, and the months after the last full one; and what the
    full ones were, in the same kinds of cost."""

    month: date | None
    month_end_usd: Decimal | None
    coming: list[Coming]
    past: dict[date, Decimal]


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


def following(
    end: Iterable[Mapping[str, Any]], growth: Iterable[Mapping[str, Any]], months: int = MONTHS_AHEAD
) -> Next:
    """What comes next.

    Args:
        end: the row of the running month with its month_end_usd, or none.
        growth: as `coming` takes it.
    """
    rows = list(growth)
    running = next(iter(end), None)
    return Next(
        running["month"] if running else None,
        running["month_end_usd"] if running else None,
        coming(rows, months),
        {month: usd for month, usd in added_up(rows, "cost_usd").items() if usd is not None},
    )


def added_up(rows: Iterable[Mapping[str, Any]], column: str) -> dict[date, Decimal | None]:
    """A column's sum for each month, oldest first; None where one of its amounts is not known."""
    sums: dict[date, Decimal | None] = {}
    for row in rows:
        known, more = sums.get(row["month"], Decimal(0)), row[column]
        sums[row["month"]] = None if known is None or more is None else known + more
    return dict(sorted(sums.items()))


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


def period_of(month: date, period: Literal["month", "fiscal_year"], first_month: int) -> tuple[date, date]:
    """The first and the last month of the period that a month is in.

    Args:
        first_month: that fiscal years begin with, from 1.
    """
    if period == "month":
        return month, month
    first = add_months(month, -((month.month - first_month) % 12))
    return first, add_months(first, 11)


def spent_and_expected(
    bills: Mapping[date, Decimal | None],
    period: tuple[date, date],
    until: date,
    ahead: Next,
    rate: Decimal | None,
) -> tuple[Decimal | None, Decimal | None]:
    """What of a period is spent with the bill of a month, and what the whole period will come to.

    Args:
        bills: every month's bill in the currency asked for; None where it lacks its exchange rate.
        period: first and last month.
        until: the month up to which is spent.
        rate: what a dollar to come is in that currency; None if nobody knows.

    Returns:
        Both in that currency; None where it cannot be said.
    """
    if not bills:
        return None, None
    first, last = period
    within = {month: amount for month, amount in bills.items() if first <= month <= last}
    spent = _sum(amount for month, amount in within.items() if month <= until)
    first_open = ahead.month or add_months(max(bills), 1)
    closed = _sum(amount for month, amount in within.items() if month < first_open)
    rest = expected_usd(first_open, last, ahead.month_end_usd, ahead.coming)
    if spent is None or closed is None or rest is None or (rate is None and first_open <= last):
        return spent, None
    return spent, closed + rest * (rate or 0)


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    total = Decimal(0)
    for amount in amounts:
        if amount is None:
            return None
        total += amount
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
