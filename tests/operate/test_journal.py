"""The journal: it only grows, it shows what was changed, it survives being killed, and two may write at once."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dashboard.errors import DashboardError, ExitCode
from dashboard.operate import journal_faults
from dashboard.operate.journal import FILE, Journal
from dashboard.operate.journal_tables import APPLICATION_ID, SCHEMA_VERSION, TABLES
from dashboard.operate.plan_tables import JOBS, LATER
from dashboard.operate.plan_tables import TABLES as PLAN_TABLES
from tests.operate.archive import HOSTILE

ROOT = Path(__file__).resolve().parents[2]


def written(folder: Path, count: int = 5) -> Journal:
    journal = Journal(folder)
    for number in range(count):
        journal.append("plan.made", f"plan-{number}", "Sato", {"keys": [HOSTILE], "number": number})
    return journal


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    at = datetime(2026, 11, 2, 3, 4, 5, 678, tzinfo=UTC)
    journal = Journal(tmp_path, now=lambda: at)
    assert (journal.exists(), journal.head(), journal.events()) == (False, 0, [])
    event = journal.append("plan.made", HOSTILE, " Satō ", {"text": HOSTILE, "half": "\ud800"})
    (read,) = journal.events()
    assert read == event
    assert (read.at, read.actor, read.subject) == (at, "Satō", HOSTILE)
    assert read.payload == {"text": HOSTILE, "half": "\ud800"}
    journal.append("run.begun", "plan-1", "worker", {})
    assert [item.kind for item in journal.events(kind="run.")] == ["run.begun"]
    assert [item.id for item in journal.events(after=1)] == [2]
    assert [item.id for item in journal.events(limit=1)] == [2]
    assert [item.id for item in journal.events(subject=HOSTILE)] == [1]


@pytest.mark.parametrize(("actor", "kind"), [("", "a"), ("  ", "a"), ("x", "")])
def test_nothing_is_written_without_a_name(tmp_path: Path, actor: str, kind: str) -> None:
    with pytest.raises(ValueError, match="actor"):
        Journal(tmp_path).append(kind, "", actor, {})


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET actor = 'Abe' WHERE id = 2",
        "DELETE FROM events WHERE id = 5",
        "DELETE FROM events",
        "INSERT OR REPLACE INTO events SELECT 2, at, 'Abe', kind, subject, payload, NULL, "
        "replace(hash, 'a', 'b') FROM events WHERE id = 2",
        "INSERT INTO events SELECT 9, at, actor, kind, subject, payload, NULL, replace(hash, 'a', 'b') "
        "FROM events WHERE id = 2",
    ],
)
def test_the_log_only_grows(tmp_path: Path, statement: str) -> None:
    journal = written(tmp_path)
    with (
        sqlite3.connect(journal.file) as connection,
        pytest.raises(sqlite3.IntegrityError, match="only grows"),
    ):
        connection.execute(statement)
    assert journal.verify().faults == ()


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE events SET actor = 'Abe' WHERE id = 2", "event 2 is not what was written"),
        ("UPDATE events SET payload = '{}' WHERE id = 5", "event 5 is not what was written"),
        (
            "UPDATE events SET at = '2020-01-01T00:00:00.000000Z' WHERE id = 1",
            "event 1 is not what was written",
        ),
        ("DELETE FROM events WHERE id = 3", "event 3 is missing"),
        ("DELETE FROM events WHERE id = 1", "event 1 is missing"),
    ],
)
def test_whoever_gets_round_the_triggers_is_found_out(tmp_path: Path, statement: str, fault: str) -> None:
    journal = written(tmp_path)
    assert journal.verify().faults == ()
    with sqlite3.connect(journal.file) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
    assert fault in journal.verify().faults


def test_an_end_that_was_cut_off_is_found_by_what_was_noted_elsewhere(tmp_path: Path) -> None:
    journal = written(tmp_path)
    last = journal.events()[-1]
    with sqlite3.connect(journal.file) as connection:
        connection.execute("DROP TRIGGER events_stay")
        connection.execute("DELETE FROM events WHERE id = 5")
    assert journal.verify().faults == ()
    assert journal.verify((last.id, last.hash)).faults == ("event 5 is not the one that was noted elsewhere",)
    first = journal.events()[0]
    assert journal.verify((first.id, first.hash)).faults == ()


def test_the_same_form_twice_is_one_event(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    first = journal.append("a.b", "", "x", {"n": 1}, token="t")
    assert journal.append("a.b", "", "x", {"n": 2}, token="t") == first
    assert journal.head() == 1


def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    journal = written(tmp_path, 1)

    def fail() -> None:
        with journal.writing() as transaction:
            transaction.append("a.b", "", "x", {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert journal.head() == 1
    assert journal.append("a.b", "", "x", {}).id == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"this is no database at all, but it is quite long" * 40, "cannot be read"),
        (b"", ""),
        (b"SQLite format 3\x00" + b"\xff" * 4000, "cannot be read"),
    ],
)
def test_a_damaged_file_is_said_to_be_one(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / FILE).write_bytes(content)
    journal = Journal(tmp_path)
    if not said:  # somebody was killed between making the file and making its tables
        assert journal.head() == 0
        return
    for ask in (journal.head, journal.events, journal.verify):
        with pytest.raises(DashboardError) as caught:
            ask()
        assert caught.value.code is ExitCode.JOURNAL_DAMAGED
        assert said in caught.value.cause
        assert caught.value.locator.endswith(FILE)
    assert (tmp_path / FILE).read_bytes() == content, "a damaged file is evidence: it stays as it is"


@pytest.mark.parametrize(
    ("pragma", "said"),
    [
        (f"user_version = {SCHEMA_VERSION + 1}", "another version of the dashboard"),
        ("application_id = 7", "another program"),
    ],
)
def test_a_foreign_file_is_refused(tmp_path: Path, pragma: str, said: str) -> None:
    journal = written(tmp_path)
    with sqlite3.connect(journal.file) as connection:
        connection.execute(f"PRAGMA {pragma}")
    with pytest.raises(DashboardError) as caught:
        journal.append("a.b", "", "x", {})
    assert caught.value.code is ExitCode.JOURNAL_DAMAGED
    assert said in caught.value.cause


def test_who_may_not_write_can_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system that takes nothing SQLite cannot make the files that it keeps beside a journal in use."""
    journal = written(tmp_path)
    count = journal.head()
    monkeypatch.setattr(os, "access", lambda _path, mode: mode != os.W_OK)
    tmp_path.chmod(0o555)
    try:
        assert journal.verify().event_count == count
        assert [path.name for path in tmp_path.iterdir()] == [FILE], "nothing was made beside it"
    finally:
        tmp_path.chmod(0o755)
    with contextlib.closing(sqlite3.connect(journal.file)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert {path.suffix for path in tmp_path.iterdir()} > {".sqlite"}, "somebody is writing"
        assert journal.head() == count


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    journal = written(tmp_path)
    with sqlite3.connect(journal.file) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_whoever_holds_it_too_long_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = written(tmp_path)
    monkeypatch.setattr("dashboard.operate.journal.BUSY_MILLISECONDS", 50)
    other = sqlite3.connect(journal.file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DashboardError) as caught:
        journal.append("a.b", "", "x", {})
    assert caught.value.code is ExitCode.JOURNAL_BUSY
    assert journal.head() == 5, "reading goes on"
    other.close()


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    file = tmp_path / "a file"
    file.touch()
    with pytest.raises(DashboardError) as caught:
        Journal(file / "inside").append("a.b", "", "x", {})
    assert caught.value.code is ExitCode.READ_ONLY


def test_a_copy_is_whole_while_somebody_writes(tmp_path: Path) -> None:
    journal = written(tmp_path)
    (tmp_path / "copy").mkdir()
    with journal.reading():  # an open reader keeps the newest events in the log beside the file
        journal.append("a.b", "", "x", {})
        journal.back_up(tmp_path / "copy" / FILE)
    assert Journal(tmp_path / "copy").verify() == journal.verify()
    with pytest.raises(DashboardError):
        journal.back_up(tmp_path / "copy" / FILE)


def _write(folder: str, name: str, count: int) -> None:
    journal = Journal(Path(folder))
    for number in range(count):
        journal.append("a.b", str(number), name, {}, token=f"shared-{number}" if number % 5 == 0 else None)


def test_processes_write_side_by_side(tmp_path: Path) -> None:
    """Also when all of them find no journal; a token that several use leads to one event."""
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_write, args=(str(tmp_path), f"writer-{n}", 20)) for n in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    journal = Journal(tmp_path)
    assert journal.verify().faults == ()
    events = journal.events()
    assert len(events) == 3 * 16 + 4
    assert {event.actor for event in events} == {"writer-0", "writer-1", "writer-2"}


KILLED = """
import sys
from pathlib import Path
from dashboard.operate.journal import Journal
journal = Journal(Path(sys.argv[1]))
for number in range(100_000):
    with journal.writing() as transaction:
        transaction.append("a.b", str(number), "killed", {"text": "x" * 2000})
        transaction.run("INSERT INTO followed VALUES (:event, '1', :event)", {"event": transaction.head()})
    print(number, flush=True)
"""


def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    acknowledged = 0
    for round_ in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(tmp_path)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.stdout
        process.stdout.readline()
        acknowledged += 1
        time.sleep(0.05 + 0.07 * round_)
        process.send_signal(signal.SIGKILL)
        acknowledged += sum(1 for _line in process.stdout)
        process.wait()
        journal = Journal(tmp_path)
        verdict = journal.verify()
        assert verdict.faults == ()
        assert 0 <= verdict.event_count - acknowledged <= round_ + 1, (
            "at most the one that was not acknowledged yet"
        )
        with journal.reading() as transaction:
            assert transaction.run("SELECT count(*) FROM followed")[0][0] == verdict.event_count
        acknowledged = verdict.event_count


@pytest.mark.parametrize(
    ("version", "tables"),
    [
        (1, TABLES),
        (2, (*TABLES, *PLAN_TABLES)),
        (3, (*TABLES, *PLAN_TABLES, *LATER)),
        (4, (*TABLES, *PLAN_TABLES, *LATER, *JOBS)),
    ],
)
def test_a_journal_of_a_version_before_is_brought_up_and_keeps_its_events(
    tmp_path: Path, version: int, tables: tuple[str, ...]
) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None)) as old:
        for statement in tables:
            old.execute(statement)
        old.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        old.execute(f"PRAGMA user_version = {version}")
    journal = Journal(tmp_path)
    assert journal.events() == []
    journal.append("findings.commented", "x", "sato", {"text": "before"})
    with journal.reading() as transaction:
        assert transaction.run("SELECT count(*) FROM plans JOIN runs ON plan = number") == [(0,)]
        assert transaction.run("PRAGMA user_version") == [(SCHEMA_VERSION,)]
    assert journal.verify().faults == ()


@pytest.mark.parametrize("is_full", [True, False])
def test_a_disk_that_fails_is_not_taken_for_a_damaged_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_full: bool
) -> None:
    """Whoever put a backup in the place of a whole journal would lose what was decided since."""
    journal = written(tmp_path)
    if is_full:
        monkeypatch.setattr(journal_faults, "LEAST_BYTES", 1 << 62)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        with pytest.raises(DashboardError) as caught:
            journal.events()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    fault = caught.value
    assert fault.code is (ExitCode.DISK_FULL if is_full else ExitCode.JOURNAL_DAMAGED), str(fault)
    assert "backup" not in str(fault)
    assert len(journal.events()) == 5
    assert not journal.verify().faults
