"""Restores in the report: what runs of the journal asked for, beside the bill that may come later."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

from dashboard.operate.runs import Restored
from dashboard.report.figures import Monthly
from dashboard.report.sheet import sheet
from dashboard.wording import spoken
from tests.report.asked import Asked

RUNS = [
    Restored("a" * 64, datetime(2026, 10, 3, tzinfo=UTC), "=Sato", 1_400, 3 << 30),
    Restored("b" * 64, datetime(2026, 10, 9, tzinfo=UTC), "Kato", 600, 1 << 30),
]


def lines(report: Monthly, language: str) -> list[tuple[str, str]]:
    with spoken(language):
        block = next(
            item
            for item in sheet(report).blocks
            if item.title in {"Brought back from cheap storage", "低価格のストレージからの取り出し"}
        )
        return [(line.label, line.value) for line in block.lines]


def test_runs_come_first_and_the_bill_keeps_its_lines(asked: Asked) -> None:
    plain = asked.report()
    report = dataclasses.replace(plain, restored=RUNS)
    assert lines(report, "en") == [("Restored in 2 runs", "2,000 images, 4.00 GiB"), *lines(plain, "en")]
    assert lines(report, "ja")[0] == ("復元の実行 2 回", "2,000 枚、4.00 GiB")
    assert plain.restored == []


def test_without_a_line_in_the_bill_runs_are_told_all_the_same(asked: Asked) -> None:
    report = dataclasses.replace(asked.report(), restored=RUNS[:1], returned=[])
    assert lines(report, "en") == [("Restored in 1 run", "1,400 images, 3.00 GiB")]


def test_excel_has_each_run_and_no_formula(asked: Asked) -> None:
    book = asked.book(dataclasses.replace(asked.report(), restored=RUNS))
    rows = [tuple(row) for row in book["Restored"]]
    assert ("a" * 12, "'=Sato", 1_400, 3) in rows
    assert "Restored" not in asked.book(asked.report())
