"""The figures of a monthly report, in no language yet.

They are asked for with the queries of the Costs and Quality pages, so that report and pages say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Protocol

from dashboard import formats
from dashboard.domain import outlook
from dashboard.errors import DashboardError, ExitCode
from dashboard.operate.journal import Journal
from dashboard.operate.promises import promises
from dashboard.operate.runs import restores_of
from dashboard.report import words
from dashboard.report.amount import Amount, total
from dashboard.report.budgets import aws_budget, budget_line
from dashboard.report.figures import (
    Bill,
    Cause,
    Causes,
    Coming,
    Currency,
    Kept,
    Monthly,
    Returned,
    Row,
    Year,
)
from dashboard.report.open_findings import open_rules
from dashboard.report.savings import Saved, saved
from dashboard.settings import Budget, Settings

CAUSES = 3
MONTHS_SHOWN = 13
"""A year, and the same month of the year before."""


class Snapshot(Protocol):
    """What is asked of a published snapshot."""

    @property
    def snapshot_id(self) -> str: ...

    @property
    def built_at(self) -> datetime: ...

    @property
    def report_at(self) -> datetime | None: ...


class Reader(Protocol):
    """What is asked of the warehouse."""

    def rows(
        self, name: str, params: Mapping[str, Any] | None = None, snapshot_id: str | None = None
    ) -> tuple[list[str], list[tuple[Any, ...]]]: ...


def months(reader: Reader, snapshot: Snapshot) -> list[tuple[str, bool]]:
    """Every month with a bill as 2026-10, newest first, and whether it is estimated."""
    found = _ask(reader, snapshot, "costs.months")
    return [(row["month_code"], row["is_estimated"]) for row in found]


def chosen_month(reader: Reader, snapshot: Snapshot, wished: str | None) -> date:
    """The month a report is for: the one wished for, or the last that is closed.

    Raises:
        DashboardError: SETTINGS if there is no bill, USAGE if the month has none.
    """
    known = months(reader, snapshot)
    if not known:
        raise DashboardError(
            ExitCode.SETTINGS,
            "There is no bill to report on",
            cause="The snapshot holds no month of a bill",
            next_step="Set costs.enabled in dashboard.toml, then run a sync",
            locator="costs.enabled",
        )
    codes = [code for code, _is_estimated in known]
    if wished is None:
        code = next((code for code, is_estimated in known if not is_estimated), codes[0])
    elif wished in codes:
        code = wished
    else:
        raise DashboardError(
            ExitCode.USAGE,
            "There is no report for this month",
            cause="{wished} is no month with a bill",
            next_step="Choose one of: {known}",
            locator="--month",
            wished=wished,
            known=", ".join(codes),
        )
    return date.fromisoformat(f"{code}-01")


def monthly(
    settings: Settings,
    reader: Reader,
    snapshot: Snapshot,
    month: date,
    *,
    currency: Currency | None = None,
    has_tax: bool | None = None,
    journal: Journal | None = None,
) -> Monthly:
    """The figures of one month's report.

    Args:
        month: one that has a bill.
        currency, has_tax: as the settings say if left out.
        journal: with what was decided about findings; without it every finding of the snapshot is open.

    Raises:
        DashboardError: of the reader or of the journal.
    """
    with_tax = settings.money.tax == "included" if has_tax is None else has_tax
    kinds = None if with_tax else without_tax()

    def ask(name: str, **params: Any) -> list[Row]:
        return _ask(reader, snapshot, name, **params)

    def categories(kinds: list[str] | None) -> tuple[list[Row], outlook.Next]:
        return ask("costs.months_by_category", categories=kinds), outlook.following(
            ask("costs.month_end", categories=kinds), ask("costs.growth", categories=kinds)
        )

    rows, ahead = categories(kinds)
    bills = _bills(rows, month)
    now = ask("costs.figures", categories=kinds)[0]
    rate = next((row for row in ask("costs.rates") if row["month"] == month), {})
    data_at = snapshot.report_at or snapshot.built_at
    first_month = settings.money.fiscal_year_starts
    return Monthly(
        archive=settings.archive.name,
        timezone=settings.archive.timezone,
        devices=settings.device,
        snapshot_id=snapshot.snapshot_id,
        built_at=_aware(snapshot.built_at),
        report_at=None if snapshot.report_at is None else _aware(snapshot.report_at),
        currency=currency or settings.money.currency,
        has_tax=with_tax,
        bills=[item for item in bills if item.month <= month][-MONTHS_SHOWN:],
        rate=rate,
        causes=_causes(
            ask("costs.movers", month=month.strftime("%Y-%m"), categories=kinds),
            {item.month for item in bills},
        ),
        budgets=[
            budget_line(
                item,
                *((rows, ahead) if (item.tax == "included") == with_tax else categories(_kinds(item))),
                month,
                first_month,
                now["jpy_per_usd"],
            )
            for item in settings.budget
        ],
        aws_budgets=[aws_budget(row) for row in ask("costs.aws_budgets")]
        if settings.costs.aws_budgets
        else [],
        running=ahead.month,
        coming=[_coming(item, ahead) for item in ahead.coming],
        coming_rate=now["jpy_per_usd"],
        year=_year(rows, ahead, month, first_month, now["jpy_per_usd"]),
        kept=_kept(ask("quality.figures", today=formats.local(data_at, settings.archive.timezone).date())[0]),
        returned=_returned(ask("costs.lines", month=month.strftime("%Y-%m"), categories=["retrieval"])),
        restored=[] if journal is None else restores_of(journal, month),
        saved=_saved(ask, journal, month),
        rules=open_rules(ask("alerts.rules"), journal, _aware(snapshot.built_at), settings.archive.timezone),
    )


def without_tax() -> list[str]:
    """Every kind of cost but the tax."""
    return [code for code in words.CATEGORIES if code != "tax"]


def _kinds(budget: Budget) -> list[str] | None:
    return None if budget.tax == "included" else without_tax()


def _saved(ask: Callable[[str], list[Row]], journal: Journal | None, month: date) -> list[Saved]:
    made = [] if journal is None else promises(journal)
    return saved(made, ask("savings.months"), month) if made else []


def _ask(reader: Reader, snapshot: Snapshot, name: str, **params: Any) -> list[Row]:
    names, rows = reader.rows(name, params, snapshot.snapshot_id)
    return [dict(zip(names, row, strict=True)) for row in rows]


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _bills(rows: list[Row], month: date) -> list[Bill]:
    """Every month's bill; that of the report's month is nothing if none of the kinds asked for was billed."""
    usd, jpy = outlook.added_up(rows, "cost_usd"), outlook.added_up(rows, "cost_jpy")
    estimated = {row["month"] for row in rows if row["is_estimated"]}
    bills = {
        day: Bill(day, Amount(amount or Decimal(0), jpy[day]), day in estimated)
        for day, amount in usd.items()
    }
    bills.setdefault(month, Bill(month, Amount(Decimal(0), Decimal(0)), False))
    return [bills[day] for day in sorted(bills)]


def _causes(rows: list[Row], known: set[date]) -> Causes | None:
    """What moved the bill: the differences of `costs.movers`, the classes of a device and kind of cost together."""
    if not rows or outlook.add_months(rows[0]["month"], -1) not in known:
        return None
    parts: dict[tuple[str, str], list[Amount]] = {}
    for row in rows:
        difference = Amount(row["difference_usd"], row["difference_jpy"])
        parts.setdefault((row["cost_owner"], row["category"]), []).append(difference)
    found = [Cause(owner, category, total(amounts)) for (owner, category), amounts in parts.items()]
    found.sort(key=lambda item: (-abs(item.difference.usd), item.owner, item.category))
    others = found[CAUSES:]
    return Causes(
        rows[0]["month"],
        total(item.difference for item in found),
        found[:CAUSES],
        total(item.difference for item in others),
        len(others),
    )


def _coming(item: outlook.Coming, ahead: outlook.Next) -> Coming:
    """The running month ends as its days say, which know more than the months before it."""
    if item.month == ahead.month and ahead.month_end_usd is not None:
        return Coming(item.month, ahead.month_end_usd, None, None, None)
    said = item.ahead
    return Coming(item.month, said.usd, said.low_usd, said.high_usd, said.error_share)


def _year(rows: list[Row], ahead: outlook.Next, month: date, first_month: int, rate: Decimal | None) -> Year:
    period = outlook.period_of(month, "fiscal_year", first_month)
    usd, jpy = (
        outlook.spent_and_expected(outlook.added_up(rows, column), period, month, ahead, price)
        for column, price in (("cost_usd", Decimal(1)), ("cost_jpy", rate))
    )
    return Year(*period, Amount(usd[0] or Decimal(0), jpy[0]), usd[1], jpy[1])


def _kept(row: Row) -> Kept:
    def good(misnamed: float | None) -> float | None:
        return None if misnamed is None else 1 - float(misnamed)

    return Kept(
        row["image_count"],
        row["labelled_share"],
        good(row["misnamed_share"]),
        good(row["misnamed_share_before"]),
    )


def _returned(rows: list[Row]) -> list[Returned]:
    """What was brought back, dearest first; a line is counted with its cost even where its amount is no GB."""
    phrases = list(dict.fromkeys(row["purpose"] for row in rows))
    found = []
    for phrase in phrases:
        lines = [row for row in rows if row["purpose"] == phrase]
        gb = sum((row["usage_amount"] for row in lines if row["usage_unit"] == "GB"), Decimal(0))
        found.append(Returned(phrase, gb, total(Amount(row["cost_usd"], row["cost_jpy"]) for row in lines)))
    return sorted(found, key=lambda item: -item.cost.usd)
