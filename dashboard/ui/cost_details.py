"""The details of the Costs page, one at a time: a page of nine tables is slow, and nobody reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pandas as pd
import streamlit as st

from dashboard.domain import outlook
from dashboard.ui import bill_panels, cost_ahead, cost_devices, formats, links, unusual
from dashboard.ui.currency import Shown
from dashboard.ui.page import Page
from dashboard.ui.text import N_, _

DETAILS: dict[str, str] = {
    "device": N_("By device"),
    "label": N_("By label"),
    "movers": N_("What changed"),
    "unusual": N_("Unusual days"),
    "lines": N_("Line by line"),
    "splits": N_("Tags, accounts, buckets"),
    "prices": N_("List prices"),
    "ahead": N_("What comes next"),
    "months": N_("Months and rates"),
    "looking": N_("Cost of looking"),
}
_OF_OBJECTS = {"device", "movers", "unusual", "lines"}
_OF_NO_MONTH = {"movers", "unusual", "ahead", "months"}


@dataclass(frozen=True)
class Bill:
    """What the details show.

    Attributes:
        month: code of the month whose bill is listed, and its first day.
        categories: kinds of cost, None for all.
    """

    page: Page
    month: tuple[str, date]
    categories: list[str] | None
    shown: Shown
    coming: outlook.Next
    years: pd.DataFrame


def draw(bill: Bill, detail: str) -> cost_devices.Codes:
    """Draw the switch, and the detail chosen with it; returns the filters of the objects behind the row clicked."""
    names = {code: _(text) for code, text in DETAILS.items()}
    st.segmented_control(
        _("In detail"),
        list(names),
        format_func=names.__getitem__,
        key=links.state_key("detail"),
        required=True,
        persist_state="session",
    )
    name = names[detail]
    title = (
        name
        if detail in _OF_NO_MONTH
        else _("{what} ({more})").format(what=name, more=formats.month(bill.month[1]))
    )
    hint = _("A click on a row lists the objects of now") if detail in _OF_OBJECTS else ""
    with bill.page.panel(title, caption=hint):
        return _PARTS[detail](bill) or {}
    return {}


def _months(bill: Bill) -> None:
    bill_panels.years(bill.page, bill.years, bill.shown)
    bill_panels.statements(bill.page)
    bill_panels.rates(bill.page)


_PARTS: dict[str, Callable[[Bill], cost_devices.Codes | None]] = {
    "device": lambda bill: cost_devices.by_device(bill.page, bill.month[0], bill.categories, bill.shown),
    "label": lambda bill: cost_devices.by_label(bill.page, bill.month[0], bill.categories, bill.shown),
    "movers": lambda bill: cost_devices.movers(bill.page, bill.month[0], bill.categories, bill.shown),
    "unusual": lambda bill: unusual.days(bill.page, bill.categories, bill.shown),
    "lines": lambda bill: cost_devices.behind(
        bill_panels.lines(bill.page, bill.month[0], bill.categories, bill.shown)
    ),
    "splits": lambda bill: bill_panels.splits(bill.page, bill.month[0], bill.shown),
    "prices": lambda bill: cost_devices.against_list_prices(bill.page, bill.month[0]),
    "ahead": lambda bill: cost_ahead.months_ahead(bill.page, bill.coming, bill.categories, bill.shown),
    "months": _months,
    "looking": lambda bill: bill_panels.looking(bill.page, bill.month[0]),
}
