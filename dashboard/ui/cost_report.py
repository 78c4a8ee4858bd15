"""The monthly report in the export menu of the Costs page: made when somebody asks for it, never by a run."""

from __future__ import annotations

import functools
from datetime import date

import pandas as pd

from dashboard.operate.journal import Journal
from dashboard.report.files import KINDS, MEDIA_TYPES, Kind, file_name, make
from dashboard.report.monthly import monthly
from dashboard.ui import exports, formats, source
from dashboard.ui.currency import Shown
from dashboard.ui.page import Page
from dashboard.ui.text import _, language

_LABELS: dict[Kind, str] = {"pdf": "PDF", "excel": "Excel"}


def offer(page: Page, month: date | pd.Timestamp, shown: Shown) -> None:
    """Offer a month's report, in the currency and with the tax that the page shows."""
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

    title = _("Report for managers ({month})").format(month=formats.month(day))
    files = [
        exports.File(
            _LABELS[kind],
            file_name(f"{day:%Y-%m}", code, kind),
            MEDIA_TYPES[kind],
            functools.partial(made, kind),
        )
        for kind in KINDS
    ]
    page.offer_files("report", title, files)
