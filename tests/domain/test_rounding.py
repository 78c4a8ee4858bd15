"""Rounded parts add up to their rounded whole."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.rounding import adding_up, fitted

CENT, YEN = Decimal("0.01"), Decimal(1)
AMOUNTS = st.lists(
    st.decimals(-(10**9), 10**9, places=10, allow_nan=False, allow_infinity=False), min_size=1, max_size=9
)


@pytest.mark.parametrize(
    ("parts", "whole", "shown"),
    [
        # Rounded one by one these would be 0.55, 0.18, 0.14 and 0.71: a cent more than the whole.
        (["0.5460", "0.1752", "0.1366", "0.7097"], "1.57", ["0.55", "0.17", "0.14", "0.71"]),
        (["0.004", "0.004", "0.004"], "0.01", ["0.01", "0.00", "0.00"]),
        (["-0.004", "-0.004", "-0.004"], "-0.01", ["0.00", "0.00", "-0.01"]),
        (["5.005", "-5.005"], "0.00", ["5.01", "-5.01"]),
        (["1.10", "2.20"], "3.30", ["1.10", "2.20"]),
        ([], "0.00", []),
    ],
)
def test_the_parts_that_lost_most_get_what_is_left(parts: list[str], whole: str, shown: list[str]) -> None:
    assert fitted([Decimal(part) for part in parts], Decimal(whole), CENT) == [
        Decimal(part) for part in shown
    ]


@given(parts=AMOUNTS, step=st.sampled_from([CENT, YEN]))
def test_any_parts_add_up_and_are_less_than_a_step_off(parts: list[Decimal], step: Decimal) -> None:
    whole = sum(parts, Decimal(0)).quantize(step)
    shown = fitted(parts, whole, step)
    assert sum(shown) == whole
    assert all(abs(part - said) < step for part, said in zip(parts, shown, strict=True))


@given(parts=AMOUNTS, places=st.sampled_from([0, 2, 4]))
def test_what_a_table_shows_adds_up_to_what_stands_beside_it(parts: list[Decimal], places: int) -> None:
    whole = sum(parts, Decimal(0)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    assert sum(adding_up(parts, places)) == whole
