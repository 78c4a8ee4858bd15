"""Files people take away: CSV and Excel of what a table shows, without a single formula, made on click."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st
import xlsxwriter

from dashboard.ui import formats, labels, source
from dashboard.ui.safe import WORKBOOK_OPTIONS, spreadsheet_text, visible
from dashboard.ui.tables import Column
from dashboard.ui.text import _, language, speak, spoken

ROWS_PER_SHEET = 1_000_000
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Cell = str | int | float | Decimal | dt.date | dt.datetime | None


@dataclass(frozen=True)
class File:
    """A file that is no table: what its button says, its name and media type, what makes it on click, and a caution."""

    label: str
    name: str
    mime: str
    make: Callable[[], bytes]
    caution: str = ""


class Menu:
    """The export menu of a page: every table of the page adds itself.

    What it holds is sent when somebody opens it: a row costs the browser as much as four lines of text.
    """

    def __init__(self, page_id: str) -> None:
        self._page_id = page_id
        self._day = dt.datetime.now(dt.UTC).date().isoformat()
        self._rows: list[Callable[[], None]] = []
        self._body: Any = None
        code = language()

        @st.fragment
        def menu() -> None:
            speak(code)  # a run of the menu alone has no page that would
            key = f"menu_{page_id}"
            body = st.popover(_("Export"), icon=":material/download:", key=key, on_change="rerun")
            self._body = body if body.open else None
            for row in self._rows:
                self._draw(row)

        with st.container(width="content"):
            menu()

    def _add(self, row: Callable[[], None]) -> None:
        self._rows.append(row)
        self._draw(row)

    def _draw(self, row: Callable[[], None]) -> None:
        if self._body is not None:
            with self._body:
                row()

    def offer(
        self, name: str, title: str, columns: Sequence[Column], fetch: Callable[[], pd.DataFrame]
    ) -> None:
        """Offer a table.

        Args:
            fetch: the whole table; called on click, on a thread of its own.
        """
        code, zone = language(), source.settings().archive.timezone
        file = f"archivelens-{self._page_id}-{name}-{self._day}"

        def as_csv() -> bytes:
            with spoken(code):
                return to_csv(fetch(), columns, zone)

        def as_excel() -> bytes:
            with spoken(code):
                return to_excel(fetch(), columns, zone, title)

        files = [
            File("CSV", f"{file}.csv", "text/csv", as_csv),
            File("Excel", f"{file}.xlsx", EXCEL, as_excel),
        ]
        self._add(lambda: self._files(name, title, files))

    def offer_files(self, name: str, title: str, files: Sequence[File]) -> None:
        """Offer files that other programs read."""
        self._add(lambda: self._files(name, title, files))

    def _files(self, name: str, title: str, files: Sequence[File]) -> None:
        with st.container(horizontal=True, vertical_alignment="center", key=f"export_{name}"):
            st.text(title, width="stretch")
            for file in files:
                key = f"export_{self._page_id}_{name}_{file.label}"
                st.download_button(file.label, file.make, file.name, file.mime, key=key, on_click="ignore")
        for file in files:
            if file.caution:
                st.caption(file.caution)

    def withhold(self, name: str, title: str, why: str, command: str) -> None:
        """Say why files are not offered to this viewer, and the command that writes them."""

        def row() -> None:
            with st.container(key=f"export_{name}"):
                st.text(title)
                st.caption(why)
                st.code(command, language=None, wrap_lines=True)

        self._add(row)


def exported(columns: Sequence[Column]) -> list[Column]:
    """The columns a file can hold."""
    return [column for column in columns if column.form != "trend"]


def heading(column: Column, zone: str) -> str:
    """A column's label with its unit."""
    if column.form == "size":
        return _("{label} (bytes)").format(label=column.label)
    if column.form == "money" and not column.name.endswith("_amount"):  # whose currency stands beside it
        return f"{column.label} ({'JPY' if column.name.endswith('_jpy') else 'USD'})"
    if column.form == "time":
        return f"{column.label} ({zone})"
    if column.form == "share":  # beside counts of the same name nothing else says what 0.07 is
        return f"{column.label} (1 = 100%)"
    return column.label


def rows(frame: pd.DataFrame, columns: Sequence[Column], zone: str) -> Iterator[list[Cell]]:
    """The values of a table, row by row: numbers as numbers, in bytes and dollars, names for codes."""
    values = [frame[column.name].tolist() for column in columns]
    for cells in zip(*values, strict=True):
        yield [_cell(value, column, zone) for value, column in zip(cells, columns, strict=True)]


def _cell(value: Any, column: Column, zone: str) -> Cell:
    if column.form in {"code", "badge"}:
        return labels.name(column.of or ("severity" if column.form == "badge" else column.name), value)
    if formats.is_missing(value):
        return None
    if column.form == "time":
        moment: dt.datetime = pd.Timestamp(value).to_pydatetime()
        return formats.local(moment, zone).replace(tzinfo=None, microsecond=0)
    if column.form == "phrase":
        return _(str(value))
    if column.form in {"day", "month"}:
        return value.date() if isinstance(value, dt.datetime) else value
    if column.form == "flag":
        return _("Yes") if value else _("No")
    if isinstance(value, int | float | Decimal):
        return value
    return str(value)


def to_csv(frame: pd.DataFrame, columns: Sequence[Column], zone: str) -> bytes:
    """CSV with a byte order mark, which is what makes Excel read it as UTF-8."""
    kept = exported(columns)
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    writer.writerow([spreadsheet_text(heading(column, zone)) for column in kept])
    for cells in rows(frame, kept, zone):
        writer.writerow([_csv_cell(cell) for cell in cells])
    return out.getvalue().encode("utf-8-sig")


def _csv_cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return spreadsheet_text(cell)
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ")
    if isinstance(cell, Decimal):
        return format(cell, "f")
    return "" if cell is None else str(cell)


def to_excel(frame: pd.DataFrame, columns: Sequence[Column], zone: str, title: str) -> bytes:
    """An Excel workbook: text is only ever written as text, a million rows to a sheet."""
    kept = exported(columns)
    out = io.BytesIO()
    options = {**WORKBOOK_OPTIONS, "constant_memory": True, "in_memory": True}
    with xlsxwriter.Workbook(out, options) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        number = book.add_format({"num_format": "#,##0"})
        cents = book.add_format({"num_format": "#,##0.00########"})
        percent = book.add_format({"num_format": "0.0%"})
        styles = {"share": percent, "money": cents, "size": number, "count": number, "days": number}
        sheet: Any = None
        for place, cells in enumerate(rows(frame, kept, zone)):
            line = place % ROWS_PER_SHEET + 1
            if line == 1:
                sheet = _sheet(book, kept, title, place // ROWS_PER_SHEET, head, zone)
            for column, cell in enumerate(cells):
                if isinstance(cell, str):
                    sheet.write_string(line, column, spreadsheet_text(cell))
                elif isinstance(cell, dt.datetime):
                    sheet.write_datetime(line, column, cell, moment)
                elif isinstance(cell, dt.date):
                    sheet.write_datetime(line, column, cell, day)
                elif cell is not None:
                    sheet.write_number(line, column, float(cell), styles.get(kept[column].form))
        if sheet is None:
            _sheet(book, kept, title, 0, head, zone)
    return out.getvalue()


def _sheet(book: Any, columns: Sequence[Column], title: str, number: int, head: Any, zone: str) -> Any:
    plain = re.sub(r"[\[\]:*?/\\']", " ", visible(title)).strip() or "table"
    sheet = book.add_worksheet(f"{plain[:26]} {number + 1}" if number else plain[:31])
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, 40 if column.form == "text" else 20)
        sheet.write_string(0, place, spreadsheet_text(heading(column, zone)), head)
    return sheet
