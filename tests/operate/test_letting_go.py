"""Items of plans that nobody confirmed go a month after they expired; the journal proves that nothing else did."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard.operate import plans, runs
from dashboard.operate.after_sync import after_sync
from dashboard.operate.letting_go import AFTER, KIND, let_go
from tests.operate.glacier_stub import serve
from tests.operate.restoring import Clinic


@pytest.fixture(name="clinic")
def _clinic(tmp_path: Path) -> Iterator[Clinic]:
    with serve() as s3:
        found = Clinic(tmp_path, s3)
        found.put(3)
        yield found


def count(clinic: Clinic) -> int:
    with clinic.journal.reading() as transaction:
        return int(transaction.run("SELECT count(*) FROM plan_items")[0][0])


def later(clinic: Clinic, extra: timedelta) -> None:
    moment = datetime.now(UTC) + timedelta(hours=clinic.settings.operate.plan_hours) + AFTER + extra
    clinic.journal.now = lambda: moment


def tamper(clinic: Clinic, *statements: str) -> None:
    with contextlib.closing(sqlite3.connect(clinic.journal.file)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_only_what_nobody_confirmed_is_let_go_and_only_a_month_after_it_expired(clinic: Clinic) -> None:
    confirmed = clinic.confirmed()
    expired = clinic.plan(days=8)
    later(clinic, timedelta(minutes=-1))
    assert let_go(clinic.journal.writing) == 0
    later(clinic, timedelta(minutes=1))
    assert (let_go(clinic.journal.writing), let_go(clinic.journal.writing)) == (1, 0)
    assert count(clinic) == 3
    [event] = clinic.journal.events(kind=KIND)
    assert (event.subject, event.payload["item_count"]) == (expired.digest, 3)
    kept = plans.find(clinic.journal, expired.digest)
    assert (kept.object_count, kept.header) == (3, expired.header)
    assert runs.one(clinic.journal, confirmed).counts == {"todo": 3}
    verdict = clinic.journal.verify()
    assert (verdict.faults, verdict.let_go_count) == ((), 1)


def test_the_file_still_refuses_to_lose_items(clinic: Clinic) -> None:
    clinic.plan()
    later(clinic, timedelta(days=1))
    assert let_go(clinic.journal.writing) == 1
    clinic.plan(days=9)
    with pytest.raises(sqlite3.IntegrityError, match="a plan is frozen"):
        tamper(clinic, "DELETE FROM plan_items")


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("DELETE FROM plan_items", "the items of plan"),
        ("UPDATE plans SET header = json_set(header, '$.removes', json('true'))", "the header of plan"),
        (
            "UPDATE plans SET header = json_set(header, '$.expires_at', '2000-01-01T00:00:00+00:00')",
            "the header",
        ),
    ],
)
def test_what_was_taken_away_or_changed_without_such_an_event_is_found(
    clinic: Clinic, statement: str, fault: str
) -> None:
    clinic.plan()
    drop = [f"DROP TRIGGER {name}" for name in ("plan_items_stay", "plans_stay_as_they_are")]
    tamper(clinic, *drop, statement)
    assert any(fault in found for found in clinic.journal.verify().faults)


def test_an_event_does_not_excuse_the_loss_of_what_was_confirmed_or_still_holds(clinic: Clinic) -> None:
    for digest in (clinic.confirmed(), clinic.plan(days=9).digest):
        clinic.journal.append(KIND, digest, "sync", {"item_count": 3})
    tamper(clinic, "DROP TRIGGER plan_items_stay", "DELETE FROM plan_items")
    assert len(clinic.journal.verify().faults) == 2


def test_a_sync_lets_them_go_and_says_so(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    reader: Any = clinic
    monkeypatch.setattr("dashboard.operate.after_sync.follow", lambda *_args, **_values: None)
    clinic.plan()
    later(clinic, timedelta(days=1))
    found = after_sync(clinic.settings, reader, clinic.journal)
    assert found.fault is None
    assert [note.args["count"] for note in found.notes if "let go" in note.text] == [1]
    assert count(clinic) == 0
