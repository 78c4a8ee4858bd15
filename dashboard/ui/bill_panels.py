"""Parts of the Costs page that show the bill itself: its statements, its lines, its years, and what looking costs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.ui import figures, formats, tables
from dashboard.ui.cards import Card
from dashboard.ui.currency import Shown
from dashboard.ui.page import Page
from dashboard.ui.text import _, n_


def looked() -> str:
    """What looking at the archive is, translated."""
    return _(
        "Inventory reports and tags read, which stand in the bill, and questions to Cost Explorer, which do not."
    )


def key_figures(now: pd.Series, years: pd.DataFrame, shown: Shown, end: str) -> list[Card]:
    """The cards of the page.

    Args:
        now: the row of `costs.figures`.
        end: what the running month will come to, in words.
    """
    state = _("estimated") if now.is_estimated else _("final")
    is_compared = not formats.is_missing(now.compared_until)
    until = _("Until {day}").format(day=formats.day(now.compared_until)) if is_compared else _("Same days")
    complete = _(
        "Complete days against the same days last month, without tax, credits and refunds. Days are UTC."
    )
    against = _("vs. {month}").format(month=formats.month(now.last_month_before))
    asked = n_("{count} paid request", "{count} paid requests", int(now.request_count))
    asked = asked.format(count=formats.count(now.request_count))
    this, days, last = (shown.column(now, name) for name in ("cost", "days_cost", "last_cost"))
    looking_cost = shown.column(now, "looking")
    return [
        Card(
            formats.month(now.month),
            now[this],
            formats.measure_of(this),
            note=end or state,
            help=state,
            icon="payments",
        ),
        Card.of(
            until,
            now,
            days,
            against=_("vs. same days"),
            note="" if is_compared else _("days are missing"),
            good="less",
            help=complete,
            icon="today",
        ),
        Card.of(formats.month(now.last_month), now, last, against=against, good="less", icon="event"),
        fiscal_year(years, shown),
        Card.of(_("Cost of looking"), now, looking_cost, note=asked, help=looked(), icon="receipt_long"),
    ]


def note_dollars(now: pd.Series, years: pd.DataFrame, shown: Shown) -> None:
    """Say why some of the cards are in dollars although yen were chosen and this month has a rate."""
    columns = [
        *(shown.column(now, name) for name in ("days_cost", "last_cost")),
        shown.column(years.iloc[0], "final"),
    ]
    if not formats.is_missing(now.jpy_per_usd) and any(shown.is_fallen_back(column) for column in columns):
        st.caption(_("The figures in dollars have a month without an exchange rate"))


def month_to_date(now: pd.Series, days: pd.DataFrame, shown: Shown) -> Card:
    """The newest month's bill, with the change that the Costs page shows.

    Args:
        now: the row of `costs.figures`.
        days: rows of overview.cost_days, for the line of the past.
    """
    this, compared = shown.column(now, "cost"), shown.column(now, "days_cost")
    return Card(
        _("Cost, month to date"),
        now[this],
        formats.measure_of(this),
        moved=(now[compared], now[f"{compared}_before"]),
        against=_("vs. same days"),
        good="less",
        trend=days[shown.column(days, "cost")],
        help=_(
            "The whole S3 bill, whatever devices are chosen. The change is that of complete days against the same days "
            "last month, without tax, credits and refunds, as on the Costs page. Days are UTC."
        ),
        icon="payments",
    )


def fiscal_year(years: pd.DataFrame, shown: Shown) -> Card:
    """The newest fiscal year's final months; what is estimated of it stands in the note."""
    year = years.iloc[0]
    column = shown.column(year, "final")
    unit = column.removeprefix("final_")
    estimated = year[f"estimated_{unit}"]
    note = ""
    if not formats.is_missing(estimated):
        amount = formats.amount(estimated, formats.measure_of(column))
        note = _("+ {amount} estimated").format(amount=amount)
    months = n_(
        "{count} month of the year so far", "{count} months of the year so far", int(year.month_count)
    )
    label = _("Fiscal year {year}").format(year=year.fiscal_year)
    return Card(
        label,
        year[column],
        formats.measure_of(column),
        note=note,
        help=months.format(count=year.month_count),
        icon="date_range",
    )


def note_gaps(page: Page) -> None:
    """Say how many days between the first and the newest are not in the bill yet: no bar is no day without cost."""
    days = pd.to_datetime(page.frame("costs.days")["billed_on"]).drop_duplicates()
    if days.empty:
        return
    gaps = pd.date_range(days.min(), days.max()).difference(pd.DatetimeIndex(days))
    if len(gaps):
        said = n_(
            "{count} day is not in the bill yet: {day}",
            "{count} days are not in the bill yet, the first is {day}",
            len(gaps),
        )
        st.caption(said.format(count=len(gaps), day=formats.day(gaps[0])))


def month(page: Page, rows: pd.DataFrame, series: str, cost: str) -> None:
    """One month's bill by the codes that the bars of `series` have, dearest first.

    Args:
        rows: of that month.
        cost: the column of amounts, in dollars or yen.
    """
    columns = [
        tables.code(series, _("Part of the bill"), width=150),
        tables.money(cost, _("Cost"), adds_up=True),
    ]
    dearest = rows.sort_values(cost, ascending=False, kind="stable")
    page.table(dearest, columns, name="month")
    if rows.empty:
        return
    said = _("In all {amount}, estimated") if rows["is_estimated"].any() else _("In all {amount}, final")
    st.caption(said.format(amount=whole(rows, cost)).replace("$", r"\$"))


def whole(rows: pd.DataFrame, cost: str) -> str:
    """The sum of a column of money, in its currency."""
    return formats.amount(sum(rows[cost].dropna(), Decimal(0)), formats.measure_of(cost))


def years(page: Page, frame: pd.DataFrame, shown: Shown) -> None:
    """Every fiscal year, estimated and final."""
    final = shown.column(frame, "final")
    estimated = f"estimated_{final.removeprefix('final_')}"
    columns = [
        tables.month("from_on", _("From")),
        tables.month("until_on", _("Until")),
        tables.count("month_count", _("Months")),
        tables.money(final, _("Final")),
        tables.money(estimated, _("Estimated")),
    ]
    _titled(page, frame, columns, name="fiscal_years", title=_("Fiscal years"))
    shown.note_missing(final)


def statements(page: Page) -> None:
    """Each month's bill, an estimate and a final amount in columns of their own, in dollars as it was billed."""
    columns = [
        tables.month("month", _("Month")),
        tables.money("final_usd", _("Final")),
        tables.money("estimated_usd", _("Estimated")),
        tables.code("bill_source", _("Source")),
        tables.money("former_usd", _("Final before")),
        tables.money("difference_usd", _("Difference")),
        tables.money("other_usd", _("Cost Explorer says")),
        tables.time("stated_at", _("Asked at")),
    ]
    frame = page.frame("costs.statements")
    _titled(page, frame, columns, name="statements", title=_("Bills by month"), height=300)
    st.caption(
        _("As billed, in dollars with tax. An estimate may still change; what AWS restated keeps what it was")
    )


def rates(page: Page) -> None:
    """The exchange rate of each month, with date and source."""
    columns = [
        tables.month("month", _("Month")),
        tables.money("rate_jpy", _("Yen per dollar"), is_fine=True),
        tables.code("rate_kind", _("Kind")),
        tables.day("dated_on", _("Date")),
        tables.text("source", _("Source"), width="medium"),
    ]
    frame = page.frame("costs.rates")
    _titled(
        page,
        frame.assign(rate_jpy=frame["jpy_per_usd"]),
        columns,
        name="rates",
        title=_("Exchange rates"),
        height=300,
    )


def _titled(
    page: Page, frame: pd.DataFrame, columns: list[tables.Column], *, title: str, **more: Any
) -> None:
    """One of several tables of a panel."""
    st.subheader(title, anchor=False)
    page.table(frame, columns, title=title, **more)


def looking(page: Page, month: str) -> None:
    """What looking at the archive cost in a month."""
    st.caption(looked())
    frame = page.frame("costs.looking", month=month)
    if frame.empty:
        figures.empty(_("Nothing was paid for looking at the archive in this month."))
        return
    columns = [
        tables.code("looked_with", _("For")),
        tables.money("cost_usd", _("Cost")),
        tables.count("request_count", _("Requests")),
        tables.flag("is_in_bill", _("In the bill")),
    ]
    page.table(frame, columns, name="looking")


def splits(page: Page, month: str, shown: Shown) -> None:
    """A month's bill by tag, account and bucket."""
    rows = page.frame("costs.splits", month=month)
    if rows.empty:
        figures.empty(_("Nothing to split by. Name cost-allocation tags in dashboard.toml (costs.tags)."))
        return
    others = rows["turn"].map({0: "", 1: _("Linked account"), 2: _("Bucket")})
    by = rows["tag_key"].where(rows["turn"] == 0, others)
    value = rows["split_value"].where(rows["split_value"] != "", rows["part"].map(_))
    cost = shown.column(rows, "cost")
    columns = [tables.text("by", _("By"), width=88), tables.text("value", _("Value"), width=130)]
    columns += [tables.money(cost, _("Cost")), tables.share("cost_share", _("Share"))]
    page.table(rows.assign(by=by, value=value), columns, name="splits")
    st.caption(
        _(
            "The whole bill with tax: what is listed here adds up to it for each tag, for accounts and for buckets"
        )
    )
    shown.note_missing(cost)


def lines(page: Page, month: str, categories: list[str] | None, shown: Shown) -> dict[str, Any] | None:
    """A month's bill, line by line, with its sum beside the bill's; returns the line clicked."""
    rows = page.frame("costs.lines", month=month, categories=categories)
    cost = shown.column(rows, "cost")
    columns = [
        tables.phrase("purpose", _("For")),
        tables.money(cost, _("Cost")),
        tables.code("cost_class", _("Class")),
        tables.share("cost_share", _("Share")),
        tables.text("used", _("Amount used")),
        tables.text("usage_type", _("Usage type")),
        tables.text("operation", _("Operation")),
        tables.text("service", _("Billed service")),
    ]
    clicked = page.table(rows, columns, name="lines", select=True)
    shown.note_missing(cost)
    if not rows.empty:
        total = _("Sum of {count} lines = {sum}; the whole bill = {bill}")
        bill = cost.replace("cost", "bill")
        amounts = {"sum": whole(rows, cost), "bill": whole(rows.head(1), bill)}
        st.caption(total.format(count=len(rows), **amounts).replace("$", r"\$"))
    return clicked
