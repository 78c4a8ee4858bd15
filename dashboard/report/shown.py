"""How amounts and budgets are shown."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dashboard import formats
from dashboard.domain import rounding
from dashboard.domain.outlook import State
from dashboard.report.amount import Amount
from dashboard.report.figures import BudgetLine

WHOLE_DOLLARS_FROM = 1000
_BADNESS: tuple[State, ...] = ("unknown", "within", "threshold", "expected_over", "over")


def amount(value: Amount, unit: str) -> str:
    """An amount as it is shown, in dollars or yen."""
    return formats.yen(value.jpy) if unit == "jpy" else formats.money(value.usd)


def number(value: Amount, unit: str) -> Decimal:
    """An amount's number; dollars where it has no yen."""
    return value.jpy if unit == "jpy" and value.jpy is not None else value.usd


def adding_up(parts: Sequence[Amount], unit: str, *, has_sign: bool = False) -> list[str]:
    """Amounts, and their sum at the end, rounded as the sum is, so that they add up to it as they are shown.

    Args:
        has_sign: whether what is more has its sign, as differences have.
    """
    numbers = [number(part, unit) for part in parts]
    places = 2 if unit == "usd" and abs(sum(numbers, Decimal(0))) < WHOLE_DOLLARS_FROM else 0
    rounded = rounding.adding_up(numbers, places)
    shown = [*rounded, sum(rounded, Decimal(0).scaleb(-places))]
    more, sign = "+" if has_sign else "", "¥" if unit == "jpy" else "$"
    return [f"{'-' if value < 0 else more if value else ''}{sign}{abs(value):,}" for value in shown]


def used(line: BudgetLine) -> float | None:
    """The part of a budget that is spent."""
    spent = line.standing.spent
    return None if spent is None else float(spent / line.budget.amount)


def badness(line: BudgetLine) -> tuple[int, float]:
    """How bad a budget stands, as a key to sort by."""
    return _BADNESS.index(line.standing.state), used(line) or 0.0


def tone(line: BudgetLine) -> str:
    """How a budget is coloured."""
    state = line.standing.state
    return "bad" if state in {"over", "expected_over"} else "good" if state == "within" else "plain"
