"""Files people take away: right values, no formulas, whatever the keys are."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import openpyxl
import pandas as pd
import pytest

from dashboard.ui import exports, source, tables
from dashboard.ui.text import spoken
from tests.ui.synthetic_warehouse import HOSTILE_KEY, SyntheticWarehouse, settings

ZONE = "Asia/Tokyo"
HOSTILE = [
    HOSTILE_KEY,
    "=cmd|' /C calc'!A0",
    '\uff1dHYPERLINK("http://evil.example")',
    "@SUM(1)",
    "http://evil.example/click",
    "\x00\x01\ud800 lone",
    "k" * 40_000,
    "123",
    "+1+1",
    "-1",
    "\t=1+1",
    "|cmd",
]


@pytest.fixture(autouse=True)
def _sources() -> Iterator[None]:
    source.configure(settings(), SyntheticWarehouse())
    with spoken("en"):
        yield


def frame() -> pd.DataFrame:
    count = len(HOSTILE)
    return pd.DataFrame(
        {
            "key": pd.Series(HOSTILE, dtype=object),
            "device_id": ["xray"] * count,
            "size_bytes": pd.array([2**40 + 1, None] * (count // 2), dtype="Int64"),
            "cost_usd": pd.Series([Decimal("0.0000000012"), Decimal("12.5")] * (count // 2), dtype=object),
            "uploaded_at": pd.Series([dt.datetime(2026, 11, 21, 15, 30)] * count),
            "month": pd.Series([dt.date(2026, 11, 1)] * count, dtype=object),
            "labelled_share": [0.25] * count,
            "severity": ["critical"] * count,
            "weekly_bytes": [[1.0, 2.0]] * count,
        }
    )


COLUMNS = [
    tables.text("key", "Key"),
    tables.code("device_id", "Device"),
    tables.size("size_bytes", "Size"),
    tables.money("cost_usd", "Cost"),
    tables.time("uploaded_at", "Uploaded"),
    tables.month("month", "Month"),
    tables.share("labelled_share", "Labelled"),
    tables.badge("severity", "Severity"),
    tables.trend("weekly_bytes", "Weekly"),
]


def cells(data: bytes) -> list[list[Any]]:
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert sheet is not None
    return [list(row) for row in sheet.iter_rows()]


def test_excel_has_no_formula_and_no_link() -> None:
    rows = cells(exports.to_excel(frame(), COLUMNS, ZONE, "Keys [1]: a/b?*"))
    every = [cell for row in rows for cell in row]
    assert [cell for cell in every if cell.data_type == "f"] == []
    assert [cell for cell in every if cell.hyperlink] == []
    assert len(rows) == 1 + len(HOSTILE)


def test_excel_keeps_numbers_dates_and_names() -> None:
    rows = cells(exports.to_excel(frame(), COLUMNS, ZONE, "Keys"))
    assert [cell.value for cell in rows[0]] == [
        "Key",
        "Device",
        "Size (bytes)",
        "Cost (USD)",
        "Uploaded (Asia/Tokyo)",
        "Month",
        "Labelled (1 = 100%)",
        "Severity",
    ]
    values = [cell.value for cell in rows[1]]
    assert values[1:] == [
        "X-ray",
        2**40 + 1,
        pytest.approx(1.2e-9),
        dt.datetime(2026, 11, 22, 0, 30),
        dt.datetime(2026, 11, 1),
        0.25,
        "Critical",
    ]
    assert rows[2][2].value is None
    assert rows[8][0].value == "123"
    assert rows[8][0].data_type == "s"


def test_csv_is_for_excel_too() -> None:
    data = exports.to_csv(frame(), COLUMNS, ZONE)
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert rows[1][2:5] == [str(2**40 + 1), "0.0000000012", "2026-11-22 00:30:00"]
    assert all(row[0][:1] not in "=+-@|%" for row in rows)
    assert all("\x00" not in cell for row in rows for cell in row)


def test_files_speak_the_language_of_the_page() -> None:
    with spoken("ja"):
        rows = cells(exports.to_excel(frame(), COLUMNS, ZONE, "鍵"))
    assert rows[1][1].value == "X線撮影装置"
    assert rows[1][7].value == "緊急"


def test_more_rows_than_a_sheet_holds_go_to_a_second_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "ROWS_PER_SHEET", 3)
    book = openpyxl.load_workbook(io.BytesIO(exports.to_excel(frame(), COLUMNS, ZONE, "Keys")))
    assert [sheet.max_row for sheet in book] == [4, 4, 4, 4]


def test_an_empty_table_is_a_file_with_a_heading() -> None:
    nothing = frame().iloc[:0]
    assert len(cells(exports.to_excel(nothing, COLUMNS, ZONE, "Keys"))) == 1
    assert exports.to_csv(nothing, COLUMNS, ZONE).decode("utf-8-sig").count("\r\n") == 1
