"""Parts of the Costs page about what comes next: the coming months with their band, and budgets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.domain import outlook
from dashboard.settings import Budget
from dashboard.ui import charts, figures, formats, labels, source, tables
from dashboard.ui.cost_labels import COST_CATEGORIES
from dashboard.ui.currency import Shown
from dashboard.ui.page import Page
from dashboard.ui.safe import visible
from dashboard.ui.text import _

_STATE_COLORS: dict[str, Any] = {
    "within": "green",
    "threshold": "orange",
    "expected_over": "orange",
    "over": "red",
}
_WITHOUT_TAX = [code for code in COST_CATEGORIES if code != "tax"]


def read(page: Page, categories: list[str] | None) -> outlook.Next:
    """What comes next, for some kinds of cost."""
    return outlook.following(
        _rows(page.frame("costs.month_end", categories=categories)),
        _rows(page.frame("costs.growth", categories=categories)),
    )


def month_note(found: outlook.Next, now: pd.Series, shown: Shown) -> str:
    """What the running month will come to, for its card; '' if it cannot be said.

    Args:
        now: the row of `costs.figures`, with the month's exchange rate.
    """
    if found.month_end_usd is None:
        return ""
    rate = _known(now.jpy_per_usd) if shown.currency == "JPY" else None
    amount = formats.money(found.month_end_usd) if rate is None else formats.yen(found.month_end_usd * rate)
    return _("about {amount} at its end").format(amount=amount)


def months_ahead(page: Page, found: outlook.Next, categories: list[str] | None, shown: Shown) -> None:
    """The coming months beside the past ones, how wrong such forecasts were before, and what Cost Explorer says. Yen of
    a past month follow from its own rate, yen to come from the newest.

    Args:
        categories: kinds of cost, None for all. Cost Explorer knows no kinds: it is shown beside all of them only.
    """
    if not found.coming:
        figures.empty(_("Three full months are needed for a forecast."))
        return
    rows = pd.DataFrame(
        [_month(item, found) for item in found.coming],
        columns=["month", "forecast_usd", "low_usd", "high_usd", "error_share"],
    )
    asked = categories is None and source.settings().costs.aws_forecast
    note = _ask_cost_explorer(page, rows) if asked else ""
    unit, price = _price(page, found, shown)
    for name in [str(name) for name in rows if str(name).endswith("_usd")]:
        amounts = [
            None if formats.is_missing(usd) else usd * price(month)
            for month, usd in zip(rows["month"], rows[name], strict=True)
        ]
        rows[name.replace("usd", unit)] = pd.Series(amounts, dtype=object)
    billed = [(month, "billed", usd * price(month)) for month, usd in sorted(found.past.items())]
    ahead = [(row["month"], "forecast", row[f"forecast_{unit}"]) for row in rows.to_dict("records")]
    bars = pd.DataFrame([*billed, *ahead], columns=["month", "bill_state", f"cost_{unit}"])
    st.caption(
        _(
            "Yen, without credits and refunds but those of the running month; yen to come follow the newest exchange "
            "rate"
        )
        if unit == "jpy"
        else _("US dollars, without credits and refunds but those of the running month")
    )
    alt = _("Cost of each past month, and of the next twelve as forecast")
    axes: dict[str, Any] = {"x": "month", "y": f"cost_{unit}", "series": "bill_state"}
    charts.stacked(bars, **axes, key=f"months_ahead_{unit}", alt=alt, height=260, is_wide=True)
    columns = [
        tables.month("month", _("Month")),
        tables.money(f"forecast_{unit}", _("Forecast")),
        tables.money(f"low_{unit}", _("At least")),
        tables.money(f"high_{unit}", _("At most")),
        tables.share("error_share", _("Past error")),
    ]
    if f"aws_{unit}" in rows:
        columns.append(tables.money(f"aws_{unit}", _("Cost Explorer says")))
    page.table(rows, columns, name="forecast", height=300)
    shown.note_missing(f"forecast_{unit}")
    said = _(
        "Each class and kind of cost goes on as in its last 6 months. The band held 4 of 5 past forecasts so far "
        "ahead. Credits and refunds to come are in none."
    )
    st.caption(said)
    if note:
        st.caption(note)


def _price(page: Page, found: outlook.Next, shown: Shown) -> tuple[str, Callable[[date], Decimal]]:
    """The currency, as columns end, and what a dollar of each month is in it; yen if every past month has a rate."""
    known = page.frame("costs.rates").dropna(subset="jpy_per_usd")
    rates = {_day(row.month): Decimal(row.jpy_per_usd) for row in known.itertuples()}
    if shown.currency == "USD" or not rates or found.past.keys() - rates.keys():
        return "usd", lambda _month: Decimal(1)
    return "jpy", lambda month: rates.get(month, rates[max(rates)])


def _ask_cost_explorer(page: Page, rows: pd.DataFrame) -> str:
    """Put Cost Explorer's own figures beside ours, by month; returns what is to be said of them."""
    told = page.frame("costs.aws_forecast")
    if told.empty:
        return ""
    if not told.is_available.any():
        return _("Cost Explorer does not forecast these services yet.")
    by_month = {_day(row.month): row.mean_usd for row in told.itertuples()}
    rows["aws_usd"] = [by_month.get(month) for month in rows["month"]]
    said = _("Cost Explorer says: its own forecast of the same services, as of {day}.")
    return said.format(day=formats.day(told.asked_at.max()))


def _month(item: outlook.Coming, found: outlook.Next) -> tuple[object, ...]:
    """A row of the forecast. The running month ends as its days say, which know more than the months before it."""
    error = None if item.ahead.error_share is None else float(item.ahead.error_share)
    if item.month == found.month and found.month_end_usd is not None:
        return item.month, found.month_end_usd, None, None, None
    return item.month, item.ahead.usd, item.ahead.low_usd, item.ahead.high_usd, error


def budgets(page: Page) -> None:
    """Every budget, those of AWS Budgets last: what is spent, what is expected, and the highest threshold passed."""
    made = [_row(page, budget) for budget in source.settings().budget]
    if source.settings().costs.aws_budgets:
        made += [_aws_row(row) for row in page.frame("costs.aws_budgets").itertuples()]
    if not made:
        figures.empty(_("No budget is set. Add [[budget]] blocks to dashboard.toml."))
        return
    rows = pd.DataFrame(made)
    for row in rows.itertuples():
        with st.container(gap="xsmall"):
            with st.container(horizontal=True, horizontal_alignment="distribute"):
                st.text(f"{visible(row.name)} · {labels.name('budget_period', row.budget_period)}")
                color = _STATE_COLORS.get(row.budget_state, "gray")
                st.badge(labels.name("budget_state", row.budget_state), color=color)
            if not formats.is_missing(row.spent_share):
                st.progress(min(max(row.spent_share, 0.0), 1.0))
            said = _("{spent} of {limit} ({share}), expected {expected}")
            share = formats.share(row.spent_share)
            st.text(said.format(spent=row.spent, limit=row.limit, share=share, expected=row.expected))
            if row.told_by:
                st.caption(f"{row.told_by} · {row.covers}")
    columns = [
        tables.text("name", _("Budget")),
        tables.code("budget_state", _("State")),
        tables.share("spent_share", _("Used")),
        tables.text("currency", _("Currency")),
        tables.money("spent_amount", _("Spent")),
        tables.money("expected_amount", _("Expected")),
        tables.money("limit_amount", _("Amount")),
        tables.code("budget_period", _("Period")),
        tables.text("told_by", _("Source")),
        tables.text("covers", _("Covers")),
    ]
    page.offer(rows, columns, name="budgets", title=_("Budgets"))
    st.caption(_("Expected: with the forecast. Yen to come follow the newest exchange rate."))


def _row(page: Page, budget: Budget) -> dict[str, object]:
    spent, expected = _amounts(page, budget)
    stands = outlook.standing(budget.amount, budget.thresholds, spent, expected)
    shown = formats.yen if budget.currency == "JPY" else formats.money
    return {
        "name": budget.name,
        "budget_period": budget.period,
        "currency": budget.currency,
        "limit_amount": budget.amount,
        "spent_amount": stands.spent,
        "expected_amount": stands.expected,
        "limit": shown(budget.amount),
        "spent": shown(stands.spent),
        "spent_share": None if stands.spent is None else float(stands.spent / budget.amount),
        "expected": shown(stands.expected),
        "budget_state": stands.state,
        "told_by": "",
        "covers": "",
    }


def _aws_row(budget: Any) -> dict[str, object]:
    """A budget as AWS tells it. Its currency is its own, and its alerts are not known: only what is over is said."""
    spent, expected = _known(budget.actual_amount), _known(budget.forecasted_amount)
    stands = outlook.standing(budget.limit_amount, (), spent, expected)
    is_archive = len(budget.services) > 0 and set(budget.services) <= set(source.settings().costs.services)
    return {
        "name": budget.name,
        "budget_period": budget.budget_period,
        "currency": budget.unit,
        "limit_amount": budget.limit_amount,
        "spent_amount": spent,
        "expected_amount": expected,
        "limit": formats.in_currency(budget.limit_amount, budget.unit),
        "spent": formats.in_currency(spent, budget.unit),
        "spent_share": float(spent / budget.limit_amount)
        if spent is not None and budget.limit_amount
        else None,
        "expected": formats.in_currency(expected, budget.unit),
        "budget_state": "not_reckoned" if stands.state == "unknown" else stands.state,
        "told_by": _("AWS Budgets, as of {day}").format(day=formats.day(budget.as_of)),
        "covers": _("the archive's services only") if is_archive else _("other services too"),
    }


def _amounts(page: Page, budget: Budget) -> tuple[Decimal | None, Decimal | None]:
    """Spent and expected, in the budget's currency; None where a rate or a forecast is missing."""
    categories = None if budget.tax == "included" else _WITHOUT_TAX
    now = page.row("costs.figures", categories=categories)
    unit = "jpy" if budget.currency == "JPY" else "usd"
    newest = _day(now.month)
    return outlook.spent_and_expected(
        outlook.added_up(
            _rows(page.frame("costs.months_by_category", categories=categories)), f"cost_{unit}"
        ),
        outlook.period_of(newest, budget.period, source.settings().money.fiscal_year_starts),
        newest,
        read(page, categories),
        Decimal(1) if unit == "usd" else _known(now.jpy_per_usd),
    )


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain values: dates without a time, None for what is missing."""
    names = list(frame.columns)
    return [
        {
            name: None if formats.is_missing(value) else _day(value) if name == "month" else value
            for name, value in zip(names, row, strict=True)
        }
        for row in frame.itertuples(index=False, name=None)
    ]


def _known(value: Decimal | None) -> Decimal | None:
    return None if value is None or formats.is_missing(value) else value


def _day(value: pd.Timestamp | date) -> date:
    return value.date() if isinstance(value, pd.Timestamp) else value
