"""Parts of the Costs page that show the bill itself: its statements, its lines, and what looking at it costs."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.ui import figures, formats, tables
from dashboard.ui.page import Page
from dashboard.ui.text import _


def statements(page: Page) -> None:
    """Each month's bill, an estimate and a final amount in columns of their own."""
    frame = page.frame("costs.statements")
    columns = [
        tables.month("month", _("Month")),
        tables.code("bill_source", _("Source")),
        tables.money("estimated_usd", _("Estimated")),
        tables.money("final_usd", _("Final")),
        tables.money("former_usd", _("Final before")),
        tables.money("difference_usd", _("Difference")),
        tables.money("other_usd", _("Cost Explorer says")),
        tables.time("stated_at", _("Asked at")),
    ]
    page.table(frame, columns, name="statements", height=300)


def looking(page: Page, month: str) -> None:
    """What looking at the archive cost in a month."""
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


def splits(page: Page, month: str) -> None:
    """A month's bill by tag, account and bucket."""
    rows = page.frame("costs.splits", month=month)
    if rows.empty:
        figures.empty(_("Nothing to split by. Name cost-allocation tags in dashboard.toml (costs.tags)."))
        return
    others = rows["turn"].map({0: "", 1: _("Linked account"), 2: _("Bucket")})
    by = rows["tag_key"].where(rows["turn"] == 0, others)
    value = rows["split_value"].where(rows["split_value"] != "", rows["part"].map(_))
    columns = [tables.text("by", _("By")), tables.text("value", _("Value"))]
    columns += [tables.money("cost_usd", _("Cost")), tables.share("cost_share", _("Share"))]
    page.table(rows.assign(by=by, value=value), columns, name="splits")
    st.caption(_("The whole bill: each tag, the accounts and the buckets add up to it"))


def lines(page: Page, month: str, categories: list[str] | None) -> None:
    """A month's bill, line by line, with its sum beside the bill's."""
    rows = page.frame("costs.lines", month=month, categories=categories)
    columns = [
        tables.phrase("purpose", _("For")),
        tables.money("cost_usd", _("Cost")),
        tables.code("cost_class", _("Class")),
        tables.share("cost_share", _("Share")),
        tables.text("used", _("Used")),
        tables.text("usage_type", _("Usage type")),
        tables.text("operation", _("Operation")),
        tables.text("service", _("Billed service")),
    ]
    page.table(rows, columns, name="lines")
    if not rows.empty:
        st.caption(_sums(rows))


def _sums(rows: pd.DataFrame) -> str:
    total = _("Sum of {count} lines = {sum}; the bill, as Cost Explorer says it = {bill}")
    first = rows.iloc[0]
    said = total.format(
        count=len(rows), sum=formats.money(first.lines_usd), bill=formats.money(first.bill_usd)
    )
    return said.replace("$", r"\$")
