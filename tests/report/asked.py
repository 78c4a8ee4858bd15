"""Asks for reports on the synthetic warehouse, and reads what is in their files."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2

from dashboard.operate.journal import Journal
from dashboard.report.figures import Monthly
from dashboard.report.files import make
from dashboard.report.layout import Sheet
from dashboard.report.monthly import chosen_month, monthly
from dashboard.report.pdf import order
from dashboard.report.sheet import sheet
from dashboard.report.typeset import typeset
from dashboard.settings import Settings
from dashboard.wording import spoken
from tests.ui.synthetic_warehouse import SETTINGS, SyntheticWarehouse

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


@dataclass
class Asked:
    """A warehouse, and the tables of the settings that differ from the plain ones."""

    warehouse: SyntheticWarehouse
    folder: Path
    changes: dict[str, Any] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        return Settings.model_validate(SETTINGS | self.changes)

    def run(self, statement: str) -> None:
        self.warehouse.connection.execute(statement)

    def one(self, query: str, **params: Any) -> dict[str, Any]:
        names, rows = self.warehouse.rows(query, params)
        return dict(zip(names, rows[0], strict=True))

    def rows(self, query: str, **params: Any) -> list[dict[str, Any]]:
        names, rows = self.warehouse.rows(query, params)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def report(self, month: str | None = "2026-10", journal: Journal | None = None, **shown: Any) -> Monthly:
        snapshot = self.warehouse.current()
        day = chosen_month(self.warehouse, snapshot, month)
        return monthly(self.settings, self.warehouse, snapshot, day, journal=journal, **shown)

    def page(self, language: str = "en", month: str = "2026-10", **shown: Any) -> Sheet:
        with spoken(language):
            return sheet(self.report(month, **shown))

    def pdf(self, report: Monthly, language: str = "en") -> pypdfium2.PdfDocument:
        """Set in this process, which is faster; `make` starts another one."""
        with spoken(language):
            return pypdfium2.PdfDocument(typeset(order(sheet(report), report.built_at)))

    def book(self, report: Monthly, language: str = "en") -> dict[str, list[list[Any]]]:
        """The cells of every sheet."""
        body = make(report, language, "excel").body
        book = openpyxl.load_workbook(io.BytesIO(body))
        return {sheet.title: [[cell.value for cell in row] for row in sheet.rows] for sheet in book}


def text_of(pdf: pypdfium2.PdfDocument) -> str:
    """The text that a viewer selects on the one page, in a line."""
    assert len(pdf) == 1, "one page"
    return " ".join(pdf[0].get_textpage().get_text_range().split())


def values(page: Sheet, title: str) -> dict[str, str]:
    """The lines of a small table by their labels."""
    block = next(item for item in page.blocks if item.title == title)
    return {line.label: line.value for line in block.lines}
