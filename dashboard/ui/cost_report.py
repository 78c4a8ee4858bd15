"""The monthly report in the export menu of the Costs page: made when somebody asks for it, never by a run."""

from __future__ import annotations

import functools
from typing import Any

import pandas as pd

from dashboard.operate.journal import Journal
from dashboard.report.files import KINDS, MEDIA_TYPES, Kind, file_name, make
from dashboard.report.monthly import monthly
from dashboard.ui import exports, formats, source
from dashboard.ui.currency import Shown
from dashboard.ui.page import Page
from dashboard.ui.text import _, language

_LABELS: dict[Kind, str] = {"pdf": "PDF", "excel": "Excel"}


def offer(page: Page, months: pd.DataFrame, month: str, shown: Shown) -> None:
    """Offer the report of a month, in the currency and with the tax that the page shows; where the month is not closed
    yet, the report of the last one that is comes first.

    Args:
        months: of `costs.months`, newest first.
        month: code of one of them.
    """
    closed = months[~months["is_estimated"]].head(1)
    chosen = months[months["month_code"] == month]
    offered = pd.concat([closed, chosen]) if chosen["is_estimated"].all() else chosen
    for row in offered.itertuples():
        title = (
            _("Report for managers ({month}, unfinished)")
            if row.is_estimated
            else _("Report for managers ({month})")
        )
        _offer(page, row.month, title.format(month=formats.month(row.month)), shown)


def _offer(page: Page, month: Any, title: str, shown: Shown) -> None:
    day = month.date() if isinstance(month, pd.Timestamp) else month
    code, settings, reader = language(), source.settings(), source.warehouse()
    snapshot = page.view.snapshot

    def made(kind: Kind) -> bytes:
        report = monthly(
            settings,
            reader,
            snapshot,
            day,
            currency=shown.currency,
            has_tax=shown.has_tax,
            journal=Journal(settings.warehouse.folder),
        )
        return make(report, code, kind).body

    files = [
        exports.File(
            _LABELS[kind],
            file_name(f"{day:%Y-%m}", code, kind),
            MEDIA_TYPES[kind],
            functools.partial(made, kind),
        )
        for kind in KINDS
    ]
    page.offer_files(f"report_{day:%Y_%m}", title, files)
