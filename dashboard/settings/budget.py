"""Budgets: what may be spent in a month or a fiscal year, and when to say so."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from dashboard.settings.section import Section


def _rising(values: tuple[int, ...]) -> tuple[int, ...]:
    if not values or list(values) != sorted(set(values)) or values[0] < 1 or values[-1] > 500:
        raise ValueError("must be rising percentages from 1 to 500, such as [50, 80, 100]")
    return values


class Budget(Section):
    """One budget, in dollars or yen."""

    name: str = Field(min_length=1, max_length=80)
    amount: Decimal = Field(gt=0, lt=10**12)
    currency: Literal["USD", "JPY"] = "USD"
    period: Literal["month", "fiscal_year"] = "month"
    tax: Literal["included", "excluded"] = "included"
    thresholds: Annotated[tuple[int, ...], AfterValidator(_rising)] = (50, 80, 100)
