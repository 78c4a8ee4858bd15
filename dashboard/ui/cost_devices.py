"""Parts of the Costs page about whose costs they are: by device, and the bill beside list prices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.domain.reckoning import reckon
from dashboard.ui import bill_panels, figures, formats, labels, links, stakes, tables
from dashboard.ui.currency import Shown
from dashboard.ui.page import Page
from dashboard.ui.safe import visible
from dashboard.ui.text import N_, _

Codes = dict[str, list[str]]
"""Filters of the page that lists the objects behind a row."""
_AGAINST = {"month": (1, N_("Month before")), "year": (12, N_("A year before"))}
_OF_A_DEVICE = ["image", "companion", "derivative"]


def behind(row: Mapping[str, Any] | None) -> Codes:
    """The objects behind a row that was clicked: of its owner and class as far as it has them; {} if there are none."""
    if row is None:
        return {}
    codes: Codes = {}
    owner, class_ = str(row.get("cost_owner") or row.get("device_id") or ""), str(row.get("cost_class") or "")
    if owner.removeprefix("part:") in labels.KINDS:
        codes["kinds"] = [owner.removeprefix("part:")]
    elif owner and not owner.startswith("part:"):
        codes |= {"devices": [owner], "kinds": _OF_A_DEVICE}
    if class_ and (codes or not owner):
        codes["classes"] = [class_]
    if not codes:
        st.toast(_("No objects lie behind this row"), icon=":material/info:")
    return codes


def by_device(page: Page, month: str, categories: list[str] | None, shown: Shown) -> Codes:
    """A month's bill by device with unit costs, then the rest by its name."""
    rows = page.frame("costs.devices", month=month, categories=categories)
    cost = shown.column(rows, "cost")
    columns = [
        tables.code("cost_owner", _("Caused by"), width=136),
        tables.money(cost, _("Cost"), adds_up=True),
        tables.share("cost_share", _("Share"), width=72),
        tables.count(
            "image_count",
            _("Images, average"),
            help=_("On an average day of the month. Other pages count the images of now"),
        ),
        tables.money(shown.column(rows, "per_tib_month"), _("Per TiB and month")),
        tables.money(
            shown.column(rows, "per_thousand_images"),
            _("Per 1,000 images"),
            help=_("By the images of an average day"),
        ),
        tables.money(
            shown.column(rows, "per_labelled_image"),
            _("Per labelled image"),
            help=_("By the images of now"),
            is_fine=True,
        ),
    ]
    clicked = page.table(rows, columns, name="devices", select=True)
    shown.note_missing(cost)
    if not rows.empty:
        said = _(
            "The rows add up to {bill}. Storage is shared by bytes and days, uploads by number; the export says it "
            "all. In no report: what S3 adds to archived objects, unfinished uploads, moves between two reports"
        )
        st.caption(said.format(bill=bill_panels.whole(rows, cost)).replace("$", r"\$"))
    if regions := stakes.billed_regions(page, month):
        said = _(
            "The bill has storage in several regions ({regions}), whose prices differ. They are told apart only where "
            "an export of the bill names every bucket."
        )
        st.caption(said.format(regions=regions))
    detail = [
        tables.code("cost_owner", _("Caused by")),
        tables.code("cost_class", _("Class")),
        tables.code("category", _("Spent on")),
        tables.code("share_basis", _("Shared by")),
        tables.money(cost, _("Cost")),
    ]
    exported = page.frame("costs.device_classes", month=month, categories=categories)
    page.offer(exported, detail, name="device_classes", title=_("Cost by device and class"))
    return behind(clicked)


def by_label(page: Page, month: str, categories: list[str] | None, shown: Shown) -> None:
    """What images with each label cost, then what the other images did, then the rest of the bill."""
    rows = page.frame("costs.labels", month=month, categories=categories)
    if rows.empty:
        figures.empty(
            _("Labels are those of now: only the newest month is shared by them, where labels are read.")
        )
        return
    cost = shown.column(rows, "cost")
    value = [
        visible(row.label_value) if isinstance(row.label_value, str)
        else _("All its values") if row.label_part == "labelled"
        else labels.name("label_part", row.label_part)
        for row in rows.itertuples()
    ]  # fmt: skip
    columns = [
        tables.text("name", _("Label")),
        tables.text("value", _("Value"), width=110),
        tables.money(cost, _("Cost")),
        tables.share("cost_share", _("Share")),
        tables.count("image_count", _("Images")),
        tables.money(
            shown.column(rows, "per_thousand_images"), _("Per 1,000 images"), help=_("By the images of now")
        ),
    ]
    page.table(rows.assign(value=value), columns, name="labels")
    shown.note_missing(cost)
    said = _(
        "The rows of each label add up to {bill}: by the bytes that its images have now, and their number"
    )
    named = rows[rows["name"] == rows["name"].iloc[0]]
    st.caption(said.format(bill=bill_panels.whole(named, cost)).replace("$", r"\$"))


def movers(page: Page, month: str, categories: list[str] | None, shown: Shown) -> Codes:
    """What changed most to a full month from the one before, or from the same month a year before."""
    against = links.choose("against", _AGAINST, "month") or "month"
    st.segmented_control(
        _("Against"),
        list(_AGAINST),
        format_func=lambda code: _(_AGAINST[code][1]),
        key=links.state_key("against"),
        required=True,
        persist_state="session",
        label_visibility="collapsed",
    )
    links.write()
    rows = page.frame("costs.movers", month=month, categories=categories, months_back=_AGAINST[against][0])
    if rows.empty:
        figures.empty(_("Both months must have a full bill to be compared."))
        return {}
    said = _("{month} against {former}. A running month is not compared with a full one.")
    newest = pd.Timestamp(rows["month"].iloc[0])
    former = newest - pd.DateOffset(months=_AGAINST[against][0])
    st.caption(said.format(month=formats.month(newest), former=formats.month(former)))
    if (rows["cost_owner"] == "part:undivided").any():
        st.caption(_("Not told apart by device: reports speak for a part of these months only"))
    difference = shown.column(rows, "difference")
    rows = rows[rows[difference] != 0]
    columns = [
        tables.code("cost_owner", _("Caused by"), width=136),
        tables.money(difference, _("Difference")),
        tables.code("category", _("Spent on")),
        tables.code("cost_class", _("Class")),
        tables.money(shown.column(rows, "former"), _("Before")),
        tables.money(shown.column(rows, "cost"), _("Cost")),
    ]
    clicked = page.table(rows, columns, name="movers", select=True)
    shown.note_missing(difference)
    return behind(clicked)


def against_list_prices(page: Page, month: str) -> None:
    """Storage at list prices beside what was billed, the difference told by its cause."""
    rows = page.frame("costs.kept_and_billed", month=month)
    if rows.empty:
        figures.empty(_("No storage was billed or listed in this month."))
        return
    region, book = stakes.known_prices()
    found = [
        reckon(
            book,
            region,
            str(row.storage_class),
            str(row.access_tier),
            row.month.date() if isinstance(row.month, pd.Timestamp) else row.month,
            kept_gb_months=row.listed_gb_months + row.overhead_gb_months,
            billed_gb_months=row.billed_gb_months,
            billed_usd=row.billed_usd,
        )
        for row in rows.itertuples()
    ]
    frame = rows.assign(
        place=[stakes.place(row.storage_class, row.access_tier) for row in rows.itertuples()],
        list_usd=pd.Series([item.list_usd for item in found], dtype=object),
        amount_gap_usd=pd.Series([item.amount_gap_usd for item in found], dtype=object),
        price_gap_usd=pd.Series([item.price_gap_usd for item in found], dtype=object),
    )
    columns = [
        tables.text("place", _("Class"), width=150),
        tables.money("list_usd", _("At list prices")),
        tables.money("billed_usd", _("Billed")),
        tables.money(
            "amount_gap_usd",
            _("Gap by amount"),
            help=_(
                "More or less kept than the reports listed: unfinished uploads, restored copies, moves between reports"
            ),
        ),
        tables.money(
            "price_gap_usd", _("Gap by price"), help=_("Bands, discounts, or prices that changed since")
        ),
    ]
    page.table(frame, columns, name="list_prices")
    if stakes.note(frame["list_usd"]):
        st.caption(_("A class without an estimate has no known list price for this month"))
    st.caption(stakes.sources())
    stakes.note_regions(page, month)
