"""The report as an Excel workbook: numbers as numbers, text as text, not one formula."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import xlsxwriter

from dashboard import formats
from dashboard.report import words
from dashboard.report.amount import Amount
from dashboard.report.figures import Monthly
from dashboard.report.layout import Sheet
from dashboard.report.shown import used
from dashboard.safe import WORKBOOK_OPTIONS, spreadsheet_text, visible
from dashboard.wording import N_, _

Form = Literal["text", "month", "usd", "jpy", "share", "count", "gb"]
Cell = str | int | float | Decimal | date | None
Column = tuple[str, Form]
"""Heading, translated, and how its cells are written."""
Row = Sequence[Cell | tuple[Cell, Form]]
"""Cells; one that is written in a way of its own comes with it."""

# How numbers look; the cells hold every digit of the bill.
_FORMATS: dict[Form, str] = {
    "month": "yyyy-mm",
    "usd": "#,##0.00",
    "jpy": "#,##0",
    "share": "0.0%",
    "count": "#,##0",
    "gb": "#,##0.0",
}
_STATES = (N_("final"), N_("estimated"), N_("expected"))
_COLOURS = ("#2f6fb2", "#9dbfe0", "#dbe6f1")
"""Of the bars of each state, as on the page."""


def to_excel(report: Monthly, page: Sheet) -> bytes:
    """The figures of a report, and its page in words; the same bytes for the same figures."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {**WORKBOOK_OPTIONS, "in_memory": True}) as book:
        book.set_properties(
            {"title": page.title, "author": "ArchiveLens", "created": report.built_at.replace(tzinfo=None)}
        )
        writer = _Writer(book)
        _summary(writer, report, page)
        _months(writer, report, page)
        _causes(writer, report)
        _budgets(writer, report)
        _returned(writer, report)
        if report.saved:
            _saved(writer, report)
        columns: list[Column] = [(_("What it is about"), "text"), (_("What should be done"), "text")]
        writer.table(page.actions_title, columns, [(item.about, item.advice) for item in page.actions])
    return out.getvalue()


class _Writer:
    """Writes tables into a workbook, a sheet each."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self._text = book.add_format({"text_wrap": True, "valign": "top"})
        self._formats = {
            form: book.add_format({"num_format": code, "valign": "top"}) for form, code in _FORMATS.items()
        }

    def table(self, title: str, columns: Sequence[Column], rows: Sequence[Row]) -> tuple[Any, str, int]:
        """One sheet; returns it, its name and its number of rows."""
        name = re.sub(r"[\[\]:*?/\\']", " ", visible(title)).strip()[:31]
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for place, (heading, form) in enumerate(columns):
            sheet.set_column(place, place, 46 if form == "text" else 17)
            sheet.write_string(0, place, spreadsheet_text(heading), self._head)
        for line, cells in enumerate(rows, 1):
            for place, (cell, (_heading, form)) in enumerate(zip(cells, columns, strict=True)):
                self.cell(sheet, line, place, *(cell if isinstance(cell, tuple) else (cell, form)))
        return sheet, name, len(rows)

    def cell(self, sheet: Any, line: int, place: int, cell: Cell, form: Form) -> None:
        if isinstance(cell, str):
            sheet.write_string(line, place, spreadsheet_text(cell), self._text)
        elif isinstance(cell, date):
            sheet.write_datetime(line, place, cell, self._formats[form])
        elif cell is not None:
            sheet.write_number(line, place, float(cell), self._formats[form])

    def chart(self, sheet: Any, name: str, columns: Sequence[int], rows: int, title: str) -> None:
        """Bars over the months in the first column, a colour for each of the columns."""
        chart = self._book.add_chart({"type": "column", "subtype": "stacked"})
        for column, colour in zip(columns, _COLOURS, strict=True):
            chart.add_series(
                {
                    "name": [name, 0, column],
                    "categories": [name, 1, 0, rows, 0],
                    "values": [name, 1, column, rows, column],
                    "fill": {"color": colour},
                }
            )
        chart.set_title({"name": title})
        chart.set_legend({"position": "bottom"})
        chart.set_x_axis({"text_axis": True, "num_format": "yyyy-mm"})
        chart.set_size({"width": 760, "height": 320})
        sheet.insert_chart(1, 10, chart, {"description": title})


def _both(value: Amount) -> tuple[Cell, Cell]:
    return value.usd, value.jpy


def _summary(writer: _Writer, report: Monthly, page: Sheet) -> None:
    kept, year = report.kept, report.year
    expected = (year.expected_usd, year.expected_jpy)
    former = report.former
    columns: list[Column] = [("", "text"), (_("Value"), "usd"), (_("Currency"), "text"), (_("Note"), "text")]
    bill, _budget, labels, names = page.cards
    amounts: list[tuple[str, tuple[Cell, Cell], str]] = [
        (bill.label, _both(report.bill.cost), bill.note),
        (_("The month before"), _both(former.cost) if former else (None, None), ""),
        (_("Fiscal year until this month"), _both(year.spent), ""),
        (_("The whole fiscal year"), expected, _("expected")),
    ]
    sheet, _name, _count = writer.table(formats.whole_month(report.month), columns, [])
    rows: list[tuple[str, Cell, Form, str, str]] = []
    for label, (usd, jpy), note in amounts:
        rows += [(label, usd, "usd", "USD", note), (label, jpy, "jpy", "JPY", note)]
    rows += [
        (labels.label, kept.labelled_share, "share", "", labels.note),
        (names.label, kept.good_name_share, "share", "", names.note),
        (_("Images"), kept.image_count, "count", "", ""),
    ]
    known = [row for row in rows if row[1] is not None]
    for line, (label, value, form, unit, note) in enumerate(known, 1):
        for place, text in ((0, label), (2, unit), (3, note)):
            writer.cell(sheet, line, place, text, "text")
        writer.cell(sheet, line, 1, value, form)
    for line, note in enumerate([page.as_of, page.notes], len(known) + 2):
        writer.cell(sheet, line, 0, note, "text")


def _months(writer: _Writer, report: Monthly, page: Sheet) -> None:
    """What is final, what is estimated and what is to come stand in columns of their own."""
    amounts = [
        (bill.month, "estimated" if bill.is_estimated else "final", bill.cost, None, None)
        for bill in report.bills
    ] + [
        (item.month, "expected", report.to_come(item.usd), item.low_usd, item.high_usd)
        for item in report.coming
        if item.month > report.month
    ]
    rows = [
        (
            month,
            *(cost.usd if state == column else None for column in _STATES),
            *(cost.jpy if state == column else None for column in _STATES),
            *band,
        )
        for month, state, cost, *band in amounts
    ]
    columns: list[Column] = [
        (_("Month"), "month"),
        *((f"{_(state)} (USD)", "usd") for state in _STATES),
        *((f"{_(state)} (JPY)", "jpy") for state in _STATES),
        (_("At least (USD)"), "usd"),
        (_("At most (USD)"), "usd"),
    ]
    sheet, name, count = writer.table(page.chart_title, columns, rows)
    unit = report.unit([bill.cost for bill in report.bills])
    places = (4, 5, 6) if unit == "jpy" else (1, 2, 3)
    writer.chart(sheet, name, places, count, f"{page.chart_title} ({unit.upper()})")


def _causes(writer: _Writer, report: Monthly) -> None:
    columns: list[Column] = [(_("Why the bill changed"), "text"), ("USD", "usd"), ("JPY", "jpy")]
    found = report.causes
    rows: list[tuple[Cell, ...]] = []
    if found is not None:
        rows = [
            (words.cause(item.owner, item.category, report.devices), *_both(item.difference))
            for item in found.greatest
        ]
        rows.append((_("Other changes"), *_both(found.others)))
        rows.append((_("In all"), *_both(found.difference)))
    writer.table(_("Causes"), columns, rows)


def _budgets(writer: _Writer, report: Monthly) -> None:
    columns: list[Column] = [
        (_("Budget"), "text"),
        (_("Currency"), "text"),
        (_("Amount"), "usd"),
        (_("Spent"), "usd"),
        (_("Used"), "share"),
        (_("Expected"), "usd"),
        (_("State"), "text"),
    ]

    def money(amount: Cell, currency: str) -> tuple[Cell, Form]:
        return amount, "jpy" if currency == "JPY" else "usd"

    rows: list[Row] = [
        (
            item.budget.name,
            item.budget.currency,
            money(item.budget.amount, item.budget.currency),
            money(item.standing.spent, item.budget.currency),
            used(item),
            money(item.standing.expected, item.budget.currency),
            _(words.BUDGET_STATES[item.standing.state]),
        )
        for item in report.budgets
    ]
    rows += [
        (
            item.name,
            item.unit,
            money(item.limit, item.unit),
            money(item.spent, item.unit),
            float(item.spent / item.limit) if item.spent is not None and item.limit else None,
            money(item.expected, item.unit),
            _("AWS Budgets, as of {day}").format(
                day=formats.day(formats.local(item.as_of, report.timezone).date())
            ),
        )
        for item in report.aws_budgets
    ]
    writer.table(_("Budgets"), columns, rows)


def _returned(writer: _Writer, report: Monthly) -> None:
    columns: list[Column] = [(_("Brought back"), "text"), ("GB", "gb"), ("USD", "usd"), ("JPY", "jpy")]
    rows = [
        (_(words.RETURNED.get(item.phrase, words.CATEGORIES["retrieval"])), item.gb, *_both(item.cost))
        for item in report.returned
    ]
    writer.table(_("Brought back"), columns, rows)
    if report.restored:
        columns = [(_("Run"), "text"), (_("Confirmed by"), "text"), (_("Images"), "count"), ("GiB", "gb")]
        runs = [
            (item.digest[:12], item.confirmed_by, item.object_count, Decimal(item.size_bytes) / (1 << 30))
            for item in report.restored
        ]
        writer.table(_("Restored"), columns, runs)


def _saved(writer: _Writer, report: Monthly) -> None:
    columns: list[Column] = [
        (_("Savings kept"), "text"),
        (_("Promised a month (USD)"), "usd"),
        (_("Seen in the bill (USD)"), "usd"),
        (_("Month"), "month"),
        (_("State"), "text"),
    ]
    rows = [
        (
            words.saving(item.proposal_id, item.title),
            item.promised.usd,
            None if item.seen is None else item.seen.usd,
            item.month,
            _(words.VERDICTS[item.verdict]),
        )
        for item in report.saved
    ]
    writer.table(_("Savings kept"), columns, rows)
