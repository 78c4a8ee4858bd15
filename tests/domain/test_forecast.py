"""What comes next: exact on lines, honest about the past, and budgets that say what they know."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dashboard.domain.forecast import back_test, forecast, line_ahead, total_ahead
from dashboard.domain.outlook import (
    add_months,
    added_up,
    coming,
    expected_usd,
    following,
    period_of,
    spent_and_expected,
    standing,
)
from dashboard.settings import Budget


def amounts(*values: str | int) -> list[Decimal]:
    return [Decimal(value) for value in values]


def test_a_straight_line_goes_straight_on() -> None:
    assert line_ahead(amounts(1, 2, 3, 4), 1) == 5
    assert line_ahead(amounts(1, 2, 3, 4), 12) == 16
    assert line_ahead(amounts(7, 7, 7), 5) == 7
    assert line_ahead(amounts(5), 3) == 5


def test_only_the_last_six_months_count_and_nothing_costs_less_than_nothing() -> None:
    assert line_ahead(amounts(1000, 1, 2, 3, 4, 5, 6), 1) == 7
    assert line_ahead(amounts(3, 2, 1), 4) == 0


def test_a_class_that_empties_into_another_is_carried_on_as_both() -> None:
    series = {"STANDARD": amounts(6, 4, 2), "GLACIER": amounts(1, 2, 3)}
    assert total_ahead(series, 1) == 4
    assert total_ahead(series, 2) == 5, "STANDARD is empty by then, not negative"


def test_the_back_test_knows_only_what_was_known_then() -> None:
    series = {"all": amounts(1, 2, 3, 4, 8)}
    assert back_test(series, 1) == [(Decimal(4), Decimal(4)), (Decimal(5), Decimal(8))]
    assert back_test(series, 2) == [(Decimal(5), Decimal(8))]


def test_a_steady_past_has_no_band_and_a_wild_one_a_wide_one() -> None:
    steady = forecast({"all": amounts(*range(10, 22))}, 3)
    assert [(item.usd, item.low_usd, item.high_usd, item.error_share) for item in steady] == [
        (Decimal(usd), Decimal(usd), Decimal(usd), Decimal(0)) for usd in (22, 23, 24)
    ]
    wild = forecast({"all": amounts(10, 20, 10, 20, 10, 20, 10, 20, 10, 20)}, 2)
    assert all(item.low_usd is not None and item.low_usd < item.usd < item.high_usd for item in wild)  # type: ignore[operator]


def test_a_short_past_says_less() -> None:
    assert forecast({"all": amounts(1, 2)}, 3) == []
    assert forecast({}, 3) == []
    [item] = forecast({"all": amounts(1, 2, 3)}, 1)
    assert (item.usd, item.low_usd, item.high_usd, item.error_share) == (Decimal(4), None, None, None)


@given(
    st.lists(st.lists(st.decimals(0, 10**6, places=4), min_size=9, max_size=9), min_size=1, max_size=4),
    st.integers(1, 12),
)
def test_bands_hold_their_forecast_and_never_narrow(series: list[list[Decimal]], months: int) -> None:
    found = forecast({str(number): past for number, past in enumerate(series)}, months)
    assert [item.steps for item in found] == list(range(1, months + 1))
    widths = []
    for item in found:
        assert item.usd >= 0
        if item.low_usd is not None and item.high_usd is not None:
            assert 0 <= item.low_usd <= item.usd <= item.high_usd
            widths.append((item.high_usd - item.usd) / item.usd if item.usd else None)
    known = [width for width in widths if width is not None]
    assert all(later >= sooner - Decimal("1E-15") for sooner, later in pairwise(known))


def test_months_follow_the_last_full_one_and_a_gap_ends_the_past() -> None:
    rows = [
        {"month": month, "series": "all", "cost_usd": Decimal(number)}
        for number, month in enumerate(
            [date(2026, 1, 1), date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)]
        )
    ]
    found = coming(rows, 2)
    assert [(item.month, item.ahead.usd) for item in found] == [
        (date(2027, 1, 1), Decimal(5)),
        (date(2027, 2, 1), Decimal(6)),
    ]
    assert coming([]) == []
    assert add_months(date(2026, 12, 1), 1) == date(2027, 1, 1)


def test_the_rest_of_a_year_is_the_running_month_and_those_to_come() -> None:
    rows = [
        {"month": date(2026, number, 1), "series": "all", "cost_usd": Decimal(number)}
        for number in (8, 9, 10)
    ]
    ahead = coming(rows, 5)  # November to March: 11, 12, 13, 14, 15
    march = date(2027, 3, 1)
    assert expected_usd(date(2026, 11, 1), march, Decimal(20), ahead) == 20 + 12 + 13 + 14 + 15
    assert expected_usd(date(2026, 11, 1), march, None, ahead) == 65
    assert expected_usd(date(2026, 11, 1), date(2027, 4, 1), None, ahead) is None


@pytest.mark.parametrize(
    ("spent", "expected", "passed", "state"),
    [
        ("49.99", "100", 0, "within"),
        ("50", "100", 50, "threshold"),
        ("80", "100.01", 80, "expected_over"),
        ("100", "100", 100, "threshold"),
        ("100.01", None, 100, "over"),
        (None, "1", 0, "unknown"),
        ("10", None, 0, "within"),
    ],
)
def test_a_budget_says_how_it_stands(
    spent: str | None, expected: str | None, passed: int, state: str
) -> None:
    found = standing(
        Decimal(100),
        (50, 80, 100),
        Decimal(spent) if spent else None,
        Decimal(expected) if expected else None,
    )
    assert (found.passed, found.state) == (passed, state)


@pytest.mark.parametrize(
    "change",
    [{"amount": 0}, {"amount": "NaN"}, {"thresholds": []}, {"thresholds": [80, 50]}, {"currency": "EUR"}],
)
def test_a_budget_that_makes_no_sense_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Budget.model_validate({"name": "x", "amount": 1, **change})


def test_a_period_is_a_month_or_the_fiscal_year_around_it() -> None:
    assert period_of(date(2026, 3, 1), "month", 4) == (date(2026, 3, 1), date(2026, 3, 1))
    assert period_of(date(2026, 3, 1), "fiscal_year", 4) == (date(2025, 4, 1), date(2026, 3, 1))
    assert period_of(date(2026, 4, 1), "fiscal_year", 4) == (date(2026, 4, 1), date(2027, 3, 1))
    assert period_of(date(2026, 4, 1), "fiscal_year", 1) == (date(2026, 1, 1), date(2026, 12, 1))


def test_what_is_spent_and_expected_of_a_period_by_hand() -> None:
    """January to May cost 10, 20, 30, 40 and, so far, 7; May ends at 45, and the line goes on with 50, 60, ..."""
    months = [date(2026, number, 1) for number in range(1, 6)]
    rows = [{"month": day, "cost_usd": Decimal(10 * day.month)} for day in months[:4]]
    growth = [{**row, "series": "all"} for row in rows]
    bills = added_up([*rows, {"month": months[4], "cost_usd": Decimal(7)}], "cost_usd")
    ahead = following([{"month": months[4], "month_end_usd": Decimal(45)}], growth)
    one, april, may = Decimal(1), months[3], months[4]

    def told(*arguments: Any) -> list[Any]:
        return list(spent_and_expected(*arguments))

    assert told(bills, (may, may), may, ahead, one) == [7, 45]
    assert told(bills, (april, april), april, ahead, one) == [40, 40]
    half_year = (months[0], date(2026, 6, 1))
    assert told(bills, half_year, may, ahead, one) == [107, 100 + 45 + 60]
    assert told(bills, half_year, april, ahead, one) == [100, 205], "what is known later counts"
    assert told(bills, half_year, may, ahead, None) == [107, None]
    assert told({**bills, months[1]: None}, half_year, may, ahead, one) == [None, None]
    over_the_end = (months[0], date(2028, 1, 1))
    assert told(bills, over_the_end, may, ahead, one) == [107, None]
    assert told(bills, (months[0], april), april, ahead, None) == [100, 100], "none is to come"
    closed = following([], growth)
    assert told(bills, (may, may), may, closed, one) == [7, 7]
