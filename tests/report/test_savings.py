"""Savings in the report: promises of a journal beside what the bill shows, and nothing where nobody promised."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dashboard.operate import promises
from dashboard.operate.journal import Journal
from dashboard.report.sheet import sheet
from dashboard.wording import spoken
from tests.report.asked import Asked, text_of, values

SEPTEMBER = datetime(2026, 9, 20, tzinfo=UTC)
GIB = 1 << 30


def promised(folder: Path, proposal: str, usd: str, at: datetime, listed: int | None = None) -> Journal:
    """A promise about objects in Standard, as `promises.accept` writes it."""
    journal = Journal(folder, lambda: at)
    place: dict[str, Any] = {"storage_class": "STANDARD", "access_tier": "", "month_usd": usd}
    told = {
        "title": "=Another title",
        "month_usd": usd,
        "once_usd": None,
        "object_count": 1,
        "size_bytes": 1,
        "snapshot_id": "000001",
        "places": [{**place, "listed_bytes": listed, "gb_usd": "0.02"}],
    }
    journal.append(promises.ACCEPTED, proposal, "lead", told)
    return journal


@pytest.fixture
def followed(asked: Asked) -> Asked:
    """October: 31 days of reports that list 1 GiB of junk in Standard, at 2 cents a GB-month."""
    asked.run(
        f"""
        DELETE FROM marts.storage_days;
        INSERT INTO marts.storage_days VALUES ('2026-10-01', 'ipad', 'junk', 'STANDARD', '', {31 * GIB}, 31, 31, '');
        DELETE FROM marts.cost_months WHERE month = '2026-10-01' AND category = 'storage';
        INSERT INTO marts.cost_months VALUES
          ('2026-10-01', 'S3', 'TimedStorage-ByteHrs', '', 'storage', 'STANDARD', 2, 100, 'GB-Mo', false)
        """
    )
    return asked


def test_without_promises_there_is_no_such_section(asked: Asked, tmp_path: Path) -> None:
    nobody = asked.report(journal=Journal(tmp_path))
    assert nobody.saved == []
    with spoken("en"):
        assert "Savings kept" not in [block.title for block in sheet(nobody).blocks]
    assert "Savings kept" not in asked.book(nobody)


def test_a_promise_stands_beside_what_the_bill_shows(followed: Asked) -> None:
    """51 GiB of junk were listed, 1 GiB is left: 50 GB-months at 2 cents are a dollar."""
    journal = promised(followed.folder, "junk_file", "1.00", SEPTEMBER, 51 * GIB)
    promised(followed.folder, "old_in_standard", "3.00", SEPTEMBER)
    report = followed.report(journal=journal)
    entries = promises.beside(promises.promises(journal), followed.rows("savings.months"))
    assert promises.kept_usd(entries, report.month) == Decimal("1.00")
    with spoken("en"):
        page = sheet(report)
    assert values(page, "Savings kept") == {
        "Move old images to cheaper storage": "$3.00 a month promised, the bill cannot tell",
        "Delete junk files": "$1.00 of $1.00 a month, as promised",
        "Seen in the bill": "$1.00",
    }
    assert "Delete junk files" in text_of(followed.pdf(report))
    rows = followed.book(report)["Savings kept"]
    assert [row[1:3] for row in rows[1:]] == [[3, None], [1, 1]]
    yen = followed.report(journal=journal, currency="JPY")
    with spoken("ja"):
        assert values(sheet(yen), "実現した節約")["請求に表れた節約"] == "¥150"


def test_what_is_seen_of_the_smaller_promises_stands_in_their_line(followed: Asked) -> None:
    """The sum is that of the lines above it, also where the smallest promises share one."""
    journal = promised(followed.folder, "junk_file", "1.00", SEPTEMBER, 51 * GIB)
    for usd in ("3.00", "4.00", "5.00"):
        promised(followed.folder, "old_in_standard", usd, SEPTEMBER)
    with spoken("en"):
        lines = values(sheet(followed.report(journal=journal)), "Savings kept")
    assert lines["1 other promise"] == "$1.00 of $1.00 a month"
    assert lines["Seen in the bill"] == "$1.00"


def test_what_is_too_early_or_over_is_not_claimed(followed: Asked) -> None:
    journal = promised(followed.folder, "junk_file", "1.00", datetime(2026, 10, 3, tzinfo=UTC), 51 * GIB)
    promised(followed.folder, "another", "2.00", datetime(2026, 10, 4, tzinfo=UTC))
    promised(followed.folder, "junk_file", "9.00", datetime(2026, 11, 2, tzinfo=UTC))
    report = followed.report(journal=journal)
    with spoken("en"):
        page = sheet(report)
    block = next(item for item in page.blocks if item.title == "Savings kept")
    assert [(line.label, line.value) for line in block.lines] == [
        ("=Another title", "$2.00 a month promised, too early to tell"),
        ("Delete junk files", "$1.00 a month promised, too early to tell"),
    ]
    assert followed.book(report)["Savings kept"][1][0] == "'=Another title"
    assert block.note == "No full month has passed since the promise."
    promises.withdraw(journal, 1, actor="lead", reason="not done")
    assert [item.proposal_id for item in followed.report(journal=journal).saved] == ["another"]
