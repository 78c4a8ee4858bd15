"""What a monthly report holds, in no language yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from dashboard.domain import outlook
from dashboard.operate.runs import Restored
from dashboard.report.amount import Amount
from dashboard.report.open_findings import OpenRule
from dashboard.report.savings import Saved
from dashboard.settings import Budget, Device

Currency = Literal["USD", "JPY"]
Row = dict[str, Any]


@dataclass(frozen=True)
class Bill:
    """A month's bill, by its first day."""

    month: date
    cost: Amount
    is_estimated: bool


@dataclass(frozen=True)
class Cause:
    """A part of the change against the month before, by the codes of `costs.movers`."""

    owner: str
    category: str
    difference: Amount


@dataclass(frozen=True)
class Causes:
    """Why a month cost more or less than the one before: the greatest differences, and all others together."""

    month: date
    difference: Amount
    greatest: list[Cause]
    others: Amount
    other_count: int


@dataclass(frozen=True)
class BudgetLine:
    """A budget with what is spent of it and expected, in its own currency."""

    budget: Budget
    standing: outlook.Standing


@dataclass(frozen=True)
class AwsBudget:
    """A budget of AWS Budgets, as AWS told it: of the period that ran then, whatever the report's month."""

    name: str
    unit: str
    limit: Decimal
    spent: Decimal | None
    expected: Decimal | None
    as_of: datetime

    @property
    def is_over(self) -> bool:
        """Whether it is broken, or will be."""
        return any(amount is not None and amount > self.limit for amount in (self.spent, self.expected))


@dataclass(frozen=True)
class Coming:
    """A month to come. The band is None where the past is too short, or where the days of the month itself say it."""

    month: date
    usd: Decimal
    low_usd: Decimal | None
    high_usd: Decimal | None
    error_share: Decimal | None


@dataclass(frozen=True)
class Year:
    """The fiscal year of the report's month: spent with that month, and expected of all of it.

    In yen, months that were billed keep their own rates, and only what is to come follows the newest. Expected is None
    where it cannot be said.
    """

    first: date
    last: date
    spent: Amount
    expected_usd: Decimal | None
    expected_jpy: Decimal | None


@dataclass(frozen=True)
class Kept:
    """What is in the archive by its newest list. Shares are parts of one; None where there is nothing to count."""

    image_count: int
    labelled_share: float | None
    good_name_share: float | None
    good_name_share_before: float | None


@dataclass(frozen=True)
class Returned:
    """What a month's bill says of images brought back: `phrase` is the line's, `gb` its amount in the bill's GB."""

    phrase: str
    gb: Decimal
    cost: Amount


@dataclass(frozen=True)
class Monthly:
    """A month's report.

    Attributes:
        currency: the one wished for; see `unit`.
        bills: oldest first, the last is the report's month.
        causes: None where no full month has one before it.
        coming: the months after the last full one; the running month first.
        running: the month that is not over, None if all are.
        restored: by the journal, what the dashboard's own runs asked for; the bill's `returned` may come later.
        coming_rate: yen per dollar for what is to come, as the newest month has it.
    """

    archive: str
    timezone: str
    devices: tuple[Device, ...]
    snapshot_id: str
    built_at: datetime
    report_at: datetime | None
    currency: Currency
    has_tax: bool
    bills: list[Bill]
    rate: Row
    causes: Causes | None
    budgets: list[BudgetLine]
    running: date | None
    coming: list[Coming]
    coming_rate: Decimal | None
    year: Year
    kept: Kept
    returned: list[Returned]
    restored: list[Restored] = field(default_factory=list)
    saved: list[Saved] = field(default_factory=list)
    aws_budgets: list[AwsBudget] = field(default_factory=list)
    rules: list[OpenRule] = field(default_factory=list)

    @property
    def bill(self) -> Bill:
        return self.bills[-1]

    @property
    def month(self) -> date:
        return self.bill.month

    @property
    def former(self) -> Bill | None:
        """The bill of the month before; None where there was none."""
        before = outlook.add_months(self.month, -1)
        return next((item for item in self.bills if item.month == before), None)

    def unit(self, amounts: Iterable[Amount]) -> Literal["usd", "jpy"]:
        """What amounts that stand together are shown in: yen if wished for and none of them lacks its rate."""
        return "jpy" if self.currency == "JPY" and all(item.jpy is not None for item in amounts) else "usd"

    def to_come(self, usd: Decimal) -> Amount:
        """What is to come, with yen at the newest month's rate."""
        return Amount(usd, None if self.coming_rate is None else usd * self.coming_rate)
