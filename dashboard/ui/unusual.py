"""Days on which something cost far more or less than what is known explains, and what the journal knows of them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pandas as pd
import streamlit as st

from dashboard.domain import known_actions
from dashboard.operate import runs
from dashboard.ui import cost_devices, formats, labels, shell, tables
from dashboard.ui.currency import Shown
from dashboard.ui.page import Page
from dashboard.ui.plan_panel import journal
from dashboard.ui.text import _, n_


def count(page: Page, categories: list[str] | None) -> None:
    """How many unusual things there were lately, and how many of them are the dashboard's own doing."""
    rows = _known(page.frame("costs.anomalies", categories=categories))
    known_count = sum(
        not formats.is_missing(row.known_usd) and row.known_usd * 2 >= row.difference_usd
        for row in rows.itertuples()
    )
    said = n_(
        "{count} cost was unusual lately",
        "{count} costs were unusual lately",
        len(rows),
    ).format(count=formats.count(len(rows)))
    if known_count:
        said += " · " + n_(
            "{count} of them is explained by an action of this dashboard",
            "{count} of them are explained by actions of this dashboard",
            known_count,
        ).format(count=formats.count(known_count))
    st.caption(said)


def days(page: Page, categories: list[str] | None, shown: Shown) -> cost_devices.Codes:
    """The unusual days; a row leads to the objects of now."""
    st.caption(
        _("Not explained by growth, by open and closed days or by uploads, and a tenth of a usual day's bill at least. "
          "Storage that comes or goes in one day is told once, with what each day costs more or less from then on.")
    )  # fmt: skip
    rows = _known(page.frame("costs.anomalies", categories=categories))
    difference = shown.column(rows, "difference")
    columns = [
        tables.day("first_on", _("From")),
        tables.money(difference, _("Difference")),
        tables.code("category", _("Spent on")),
        tables.code("cost_class", _("Class")),
        tables.days("day_count", _("Days")),
        tables.money(shown.column(rows, "cost"), _("Cost")),
        tables.money(shown.column(rows, "expected"), _("Usual")),
        tables.money(
            difference.replace("difference", "known"),
            _("Of it known"),
            help=_("What plans that were carried out then said they would cost"),
        ),
        tables.text("known_action", _("Known action"), width="medium"),
        tables.text("device", _("Device")),
        tables.text("bucket", _("Bucket")),
        tables.text("usage_type", _("Usage type")),
        tables.text("operation", _("Operation")),
    ]
    nothing = _("No unusual day in the last 90 complete ones.")
    clicked = page.table(rows, columns, name="anomalies", select=True, empty=nothing)
    shown.note_missing(difference)
    for digest in dict.fromkeys(rows["known_digest"]):
        if digest:
            shell.link("runs", _("The run: {digest}").format(digest=digest[:12]), {"run": digest})
    return cost_devices.behind(clicked)


def _known(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of costs.anomalies with known_usd, known_jpy, known_action and known_digest, of the run that cost most."""
    known, words, digests = [], [], []
    first = min((pd.Timestamp(day).date() for day in rows["first_on"]), default=date.min)
    acted = runs.acted(journal(), first - timedelta(days=known_actions.LATE_DAYS)) if len(rows) else []
    for row in rows.itertuples():
        usd, causes = known_actions.explained(
            pd.Timestamp(row.first_on).date(),
            pd.Timestamp(row.last_on).date(),
            str(row.category),
            Decimal(row.difference_usd),
            acted,
        )
        known.append(usd if causes else None)
        words.append(
            ", ".join(f"{labels.name('action', run.action)} {formats.day(run.began_on)}" for run in causes)
        )
        digests.append(causes[0].digest if causes else "")
    # Where nothing tells the device, it is not "no device", which is one of its own.
    devices = [
        None if formats.is_missing(code) else labels.name("device_id", code) for code in rows["device_id"]
    ]
    yen = [
        None if usd is None or formats.is_missing(rate) else usd * rate
        for usd, rate in zip(known, rows["jpy_per_usd"], strict=True)
    ]
    return rows.assign(
        device=devices,
        known_usd=pd.Series(known, dtype=object, index=rows.index),
        known_jpy=pd.Series(yen, dtype=object, index=rows.index),
        known_action=words,
        known_digest=digests,
    )
