"""How amounts and budgets are shown."""

from __future__ import annotations

from decimal import Decimal

from dashboard import formats
from dashboard.domain.outlook import State
from dashboard.report import words
from dashboard.report.amount import Amount
from dashboard.report.figures import BudgetLine

_BADNESS: tuple[State, ...] = ("unknown", "within", "threshold", "expected_over", "over")


def amount(value: Amount, unit: str) -> str:
    """An amount as it is shown, in dollars or yen."""
    return formats.yen(value.jpy) if unit == "jpy" else formats.money(value.usd)


def number(value: Amount, unit: str) -> Decimal:
    """An amount's number; dollars where it has no yen."""
    return value.jpy if unit == "jpy" and value.jpy is not None else value.usd


def difference(value: Amount, unit: str) -> str:
    """An amount more or less, with its sign."""
    return words.signed(amount(value, unit), number(value, unit) > 0)


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
