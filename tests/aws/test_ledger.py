"""The ledger of paid requests survives crashes and foreign hands; JSON files are replaced whole."""

from __future__ import annotations

import json
import os
import threading
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from dashboard.aws.ledger import Ledger, read_json, write_json

AT = datetime(2026, 10, 20, 23, 59, 59, tzinfo=UTC)
CENT = Decimal("0.01")


def test_row_52_a_request_is_one_line(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "new" / "requests.jsonl")
    ledger.record(AT, "GetCostAndUsage", CENT, "usage MONTHLY 2026-10")
    assert json.loads(ledger.file.read_text("utf-8")) == {
        "at": "2026-10-20T23:59:59+00:00",
        "operation": "GetCostAndUsage",
        "cost_usd": "0.01",
        "period": "usage MONTHLY 2026-10",
    }


def test_row_52_days_are_those_of_utc(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "requests.jsonl")
    ledger.record(AT, "GetCostAndUsage", CENT, "")
    ledger.record(AT + timedelta(seconds=1), "GetCostAndUsage", CENT, "")
    ledger.record(datetime(2026, 10, 21, 8, tzinfo=timezone(timedelta(hours=9))), "GetCostAndUsage", CENT, "")
    assert ledger.count_on(date(2026, 10, 20)) == 2
    assert ledger.count_on(date(2026, 10, 21)) == 1
    assert ledger.cost_on(date(2026, 10, 20)) == Decimal("0.02")
    assert Ledger(tmp_path / "none.jsonl").count_on(AT.date()) == 0


@pytest.mark.parametrize(
    "torn", [b'{"at": "2026-10-20T', b"\xff\xfe", b"[1]\n", b"null\n", b'{"at": 5}\n', b'"x"', b"\n\n"]
)
def test_row_52_a_torn_line_takes_no_other_with_it(tmp_path: Path, torn: bytes) -> None:
    ledger = Ledger(tmp_path / "requests.jsonl")
    ledger.record(AT, "GetCostAndUsage", CENT, "")
    with ledger.file.open("ab") as stream:
        stream.write(torn)
    assert ledger.count_on(AT.date()) == 1
    ledger.record(AT, "GetCostAndUsage", CENT, "")
    ledger.record(AT, "GetCostAndUsage", CENT, "")
    assert ledger.count_on(AT.date()) == 3


def test_row_52_no_line_is_lost_between_writers(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "requests.jsonl")

    def write() -> None:
        for _ in range(20):
            ledger.record(AT, "GetCostAndUsage", CENT, "")

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ledger.count_on(AT.date()) == 80


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "bill.json"
    write_json(file, {"a": 1})

    def fail(*_: object) -> None:
        raise OSError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="no room"):
            write_json(file, {"a": 2})
    assert read_json(file) == {"a": 1}
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
def test_a_damaged_file_reads_as_none(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "bill.json"
    assert read_json(file) is None
    file.write_bytes(content)
    assert read_json(file) is None
