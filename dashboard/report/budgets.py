"""Where budgets stand: those of the settings, reckoned here, and those of AWS Budgets, as AWS told them."""

from __future__ import annotations

from datetime import UTC, date
from decimal import Decimal

from dashboard.domain import outlook
from dashboard.report.figures import AwsBudget, BudgetLine, Row
from dashboard.settings import Budget


def budget_line(
    budget: Budget,
    rows: list[Row],
    ahead: outlook.Next,
    month: date,
    first_month: int,
    rate: Decimal | None,
) -> BudgetLine:
    """A budget of the settings.

    Args:
        rows: of costs.months_by_category, with the kinds of cost that the budget is about.
        ahead: what is to come of these kinds.
        first_month: of the fiscal year.
        rate: yen per dollar for what is to come.
    """
    spent, expected = outlook.spent_and_expected(
        outlook.added_up(rows, "cost_jpy" if budget.currency == "JPY" else "cost_usd"),
        outlook.period_of(month, budget.period, first_month),
        month,
        ahead,
        rate if budget.currency == "JPY" else Decimal(1),
    )
    return BudgetLine(budget, outlook.standing(budget.amount, budget.thresholds, spent, expected))


def aws_budget(row: Row) -> AwsBudget:
    """A budget of AWS Budgets, from a row of costs.aws_budgets."""
    return AwsBudget(
        row["name"],
        row["unit"],
        row["limit_amount"],
        row["actual_amount"],
        row["forecasted_amount"],
        row["as_of"].replace(tzinfo=UTC),
    )
