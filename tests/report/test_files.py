"""What is in the files of a report: the PDF as a viewer reads it, the workbook as a spreadsheet does."""

from __future__ import annotations

import ctypes
import re
import stat
import unicodedata
import zipfile
from io import BytesIO
from pathlib import Path

import openpyxl
import pypdfium2.raw as pdfium
import pytest

from dashboard import formats
from dashboard.errors import DashboardError, ExitCode
from dashboard.report.files import KINDS, File, make, write
from dashboard.report.pdf import order, to_pdf
from dashboard.report.sheet import summary
from dashboard.report.typeset import typeset
from dashboard.wording import _, spoken
from tests.report.asked import Asked, text_of

HOSTILE = (
    '=cmd|" /C calc"!A0',
    "<b>bold</b>",
    '#eval(read("/etc/passwd"))',
    "*a*_b_ $x$ @c",
    "\u202egnp.exe\x1b[31m",
)
BUDGETS = {"budget": [{"name": "Archive, month", "amount": 900_000, "currency": "JPY"}]}


def plain(text: str) -> str:
    """Text without the spaces that lines and cells put into it."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("currency", ["USD", "JPY"])
def test_the_pdf_says_every_line_of_the_page(asked: Asked, language: str, currency: str) -> None:
    asked.changes = BUDGETS
    report = asked.report(currency=currency)
    page = asked.page(language, currency=currency)
    text = plain(text_of(asked.pdf(report, language)))
    for card in page.cards:
        assert plain(card.label + card.value + card.note) in text
    for block in page.blocks:
        assert plain(block.title) in text
        for line in block.lines:
            assert plain(line.label) in text
            assert plain(line.value) in text
        assert plain(block.note) in text
    for action in page.actions:
        assert plain(action.about + action.advice) in text
    for bar in page.chart.bars:
        assert plain(bar.value) in text
    assert plain(page.title) in text
    assert plain(page.notes) in text
    with spoken(language):
        assert plain(_("What to do next")) in text
        assert (language == "ja") == ("次にすること" in text)


@pytest.mark.parametrize(
    ("language", "title"), [("en", "report for October 2026"), ("ja", "月次報告（2026年10月）")]
)
def test_the_pdf_is_tagged_has_title_and_language_and_holds_its_fonts(
    asked: Asked, language: str, title: str
) -> None:
    report = asked.report()
    pdf = asked.pdf(report, language)
    assert pdfium.FPDFCatalog_IsTagged(pdf)
    size = pdfium.FPDFCatalog_GetLanguage(pdf, None, 0)
    buffer = ctypes.create_string_buffer(size)
    pdfium.FPDFCatalog_GetLanguage(pdf, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
    assert buffer.raw.decode("utf-16-le").rstrip("\0") == language
    assert title in pdf.get_metadata_value("Title")
    assert pdf.get_page_size(0) == pytest.approx((595.28, 841.89), abs=0.1), "A4"
    strict = order(asked.page(language), report.built_at, is_strict=True)
    assert typeset(strict), "PDF/UA-1, else it raises"
    body = make(report, language, "pdf").body
    assert b"/FontFile3" in body or b"/FontFile2" in body
    assert len(body) < 200_000, "fonts are cut down to what is used"


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_figures_make_the_same_bytes(asked: Asked, kind: str) -> None:
    first, second = (make(asked.report(), "ja", kind).body for _time in range(2))  # type: ignore[arg-type]
    assert first == second


def test_the_creation_date_is_the_snapshots(asked: Asked) -> None:
    pdf = asked.pdf(asked.report())
    assert pdf.get_metadata_value("CreationDate").startswith("D:20261122145900")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_hostile_names_are_text_and_the_page_stays_one(asked: Asked, language: str) -> None:
    asked.changes = {
        "archive": {"name": HOSTILE[2] * 3, "timezone": "Asia/Tokyo"},
        "budget": [{"name": name[:80], "amount": 10 + place} for place, name in enumerate(HOSTILE)]
        + [{"name": "長い名前" * 20, "amount": 5}],
    }
    asked.run(f"UPDATE marts.exchange_rates SET source = '{HOSTILE[1]}'")
    report = asked.report(currency="JPY")
    text = text_of(asked.pdf(report, language))
    for name in ('#eval(read("/etc/passwd"))', "<b>bold</b>", '=cmd|" /C calc"!A0'):
        assert plain(name) in plain(text)
    assert "root:" not in text
    cells = [cell for rows in asked.book(report, language).values() for row in rows for cell in row]
    texts = [cell for cell in cells if isinstance(cell, str)]
    assert any("cmd" in cell for cell in texts)
    assert all(not cell.startswith(("=", "+", "@", "-", "|", "%")) for cell in texts)
    assert not any("\u202e" in cell or "\x1b" in cell for cell in texts)


def test_a_letter_that_the_font_lacks_is_no_reason_to_print_nothing(asked: Asked) -> None:
    asked.changes = {"archive": {"name": "Clinic 🦷 ꧁ཨ", "timezone": "Asia/Tokyo"}}
    assert "Clinic" in text_of(asked.pdf(asked.report()))


@pytest.mark.parametrize("language", ["en", "ja"])
def test_cells_are_the_figures_and_nothing_is_a_formula(asked: Asked, language: str) -> None:
    asked.changes = BUDGETS
    report = asked.report()
    book = asked.book(report, language)
    summary_rows, months, causes, budgets, _returned, _actions = book.values()
    figures = asked.one("costs.figures")
    assert [row[1] for row in summary_rows[1:3]] == [
        float(figures["last_cost_usd"]),
        float(figures["last_cost_jpy"]),
    ]
    billed = asked.rows("costs.months")
    assert all(
        sum(cell is not None for cell in row[place : place + 3]) == 1
        for row in months[1:]
        for place in (1, 4)
    )
    shown = {row[0].strftime("%Y-%m"): row[1] or row[3] for row in months[1:]}
    for row in billed:
        if row["month_code"] <= "2026-10":
            assert shown[row["month_code"]] == float(row["cost_usd"])
    assert shown["2026-11"] == float(asked.one("costs.month_end")["month_end_usd"])
    running = list(asked.book(asked.report("2026-11"), language).values())[1]
    [this] = [row for row in running[1:] if row[0].month == 11 and row[0].year == 2026]
    assert (this[1], this[2], this[3]) == (None, float(figures["cost_usd"]), None), "an estimate is no bill"
    movers = asked.rows("costs.movers", month="2026-10")
    assert causes[-1][1] == float(sum(row["difference_usd"] for row in movers))
    assert sum(row[1] for row in causes[1:-1]) == pytest.approx(causes[-1][1])
    assert budgets[1][2:4] == [900_000, float(figures["last_cost_jpy"])]
    cells = openpyxl.load_workbook(BytesIO(make(report, language, "excel").body)).worksheets[3]
    looks = {(row[1].value, row[2].number_format, row[3].number_format) for row in cells.iter_rows(min_row=2)}
    assert looks == {("JPY", "#,##0", "#,##0")}, "yen have no decimals"
    with zipfile.ZipFile(BytesIO(make(report, language, "excel").body)) as packed:
        sheets = [packed.read(name) for name in packed.namelist() if name.startswith("xl/worksheets/sheet")]
        assert any(name.startswith("xl/charts/chart") for name in packed.namelist())
    assert len(sheets) == 6
    assert not any(b"<f>" in sheet or b"<f " in sheet or b"hyperlink" in sheet for sheet in sheets)


def test_a_typesetter_that_fails_is_told_with_what_it_said(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.report.pdf.sys.executable", "/nowhere/python")
    with pytest.raises(DashboardError) as caught:
        to_pdf(asked.page(), asked.report().built_at)
    assert (caught.value.code, "FileNotFoundError" in caught.value.cause) == (ExitCode.FAILED, True)
    monkeypatch.undo()
    monkeypatch.setattr("dashboard.report.pdf.order", lambda *_: {})
    with pytest.raises(DashboardError) as caught:
        to_pdf(asked.page(), asked.report().built_at)
    assert "KeyError" in caught.value.cause


def test_the_message_is_the_page_in_words(asked: Asked) -> None:
    with spoken("en"):
        text = summary(asked.page())
    shown = asked.one("costs.figures")
    assert text.startswith(f"Bill of October 2026: {formats.money(shown['last_cost_usd'])} (")
    assert "What to do next\n- " in text
    assert "key " not in text, "no object is named"


def test_files_replace_their_namesakes_at_once_and_leave_no_drafts(tmp_path: Path) -> None:
    folder = tmp_path / "reports" / "2026"
    (first,) = write(folder, [File("pdf", "a.pdf", b"old")])
    inode = first.stat().st_ino
    (second,) = write(folder, [File("pdf", "a.pdf", b"new")])
    assert second.read_bytes() == b"new"
    assert second.stat().st_ino != inode, "whoever reads the old one reads it to its end"
    assert [item.name for item in folder.iterdir()] == ["a.pdf"]
    assert stat.S_IMODE(second.stat().st_mode) & 0o600 == 0o600


@pytest.mark.parametrize("place", ["a file", "a folder of that name"])
def test_a_folder_that_takes_nothing_is_named(tmp_path: Path, place: str) -> None:
    folder = tmp_path / "out"
    if place == "a file":
        folder.write_text("in the way")
    else:
        (folder / "a.pdf").mkdir(parents=True)
    with pytest.raises(DashboardError) as caught:
        write(folder, [File("pdf", "a.pdf", b"new")])
    assert caught.value.code is ExitCode.READ_ONLY
    assert caught.value.locator == str(folder)
    assert place == "a file" or [item.name for item in folder.iterdir()] == ["a.pdf"], "no draft is left"
