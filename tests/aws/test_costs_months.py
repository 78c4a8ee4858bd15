"""Row 46: months and days are asked for without a gap and without an overlap, whatever the date."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashboard.aws.cost_answers import months_back, next_month, periods
from dashboard.aws.cost_plan import chunks, wanted_months
from dashboard.settings import Costs

DATES = st.dates(date(2015, 1, 1), date(2099, 12, 31))


def days_of(start: date, end: date) -> list[date]:
    return [start + timedelta(days=number) for number in range((end - start).days)]


@settings(max_examples=2000)
@given(DATES, st.integers(1, 38))
@example(date(2024, 2, 29), 14)
@example(date(2026, 12, 31), 14)
@example(date(2027, 1, 1), 14)
def test_row_46_no_month_is_lost_or_doubled(today: date, count: int) -> None:
    months = months_back(today, count)
    assert len(months) == count
    assert months[-1] == today.replace(day=1)
    assert all(month.day == 1 for month in months)
    for month, following in pairwise(months):
        assert next_month(month) == following
        assert (following - timedelta(days=1)).month == month.month
    ((start, end),) = chunks(months, "MONTHLY", today)
    assert (start, end) == (months[0], next_month(months[-1]))
    assert [first for first, _last in periods(start, end, "MONTHLY")] == months
    assert start <= today < end


@settings(max_examples=2000)
@given(DATES, st.integers(1, 400))
@example(date(2024, 3, 1), 1)
@example(date(2024, 2, 29), 29)
@example(date(2026, 1, 1), 62)
def test_row_46_no_day_is_lost_or_doubled(today: date, daily_days: int) -> None:
    months = wanted_months(Costs(daily_days=daily_days), "DAILY", today)
    asked = [day for start, end in reversed(chunks(months, "DAILY", today)) for day in days_of(start, end)]
    assert asked == days_of(asked[0], today + timedelta(days=1))
    assert asked[0].day == 1
    # Cost Explorer's own history is the only thing that makes the days fewer than the settings say.
    assert asked[0] <= max(today - timedelta(days=daily_days - 1), months_back(today, 14)[0])
    for start, end in chunks(months, "DAILY", today):
        assert periods(start, end, "DAILY") == [(day, day + timedelta(days=1)) for day in days_of(start, end)]


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        ([], []),
        ([date(2026, 1, 1)], [(date(2026, 1, 1), date(2026, 2, 1))]),
        (
            [date(2025, 12, 1), date(2026, 1, 1), date(2026, 3, 1)],
            [(date(2025, 12, 1), date(2026, 2, 1)), (date(2026, 3, 1), date(2026, 4, 1))],
        ),
    ],
)
def test_row_46_closed_months_between_are_left_out(
    months: list[date], expected: list[tuple[date, date]]
) -> None:
    assert chunks(months, "MONTHLY", date(2026, 4, 1)) == expected


def test_no_days_are_asked_where_none_are_wanted() -> None:
    assert wanted_months(Costs(daily_days=0), "DAILY", date(2026, 4, 1)) == []
