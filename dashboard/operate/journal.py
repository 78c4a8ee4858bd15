"""The journal: one SQLite file in the warehouse folder that outlives every rebuild and only grows.

Everything a person or the dashboard decides is an event. Each carries the SHA-256 of itself and of the event before
it, so that a changed, removed or inserted line is found (`verify`). State that is derived from events stands in tables
of the same file and is written in the same transaction. This is the only module that opens SQLite.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dashboard.errors import DashboardError, ExitCode
from dashboard.operate.events import (
    FIRST,
    Event,
    Transaction,
    changes_digest,
    digest_of,
    event_of,
    moment_of,
    stamp,
)
from dashboard.operate.journal_faults import BUSY_MILLISECONDS, explain, foreign
from dashboard.operate.journal_tables import APPLICATION_ID, SCHEMA_VERSION, SIZES, TABLES
from dashboard.operate.letting_go import NO_ITEMS, is_let_go
from dashboard.operate.plan_tables import JOBS, LATER, Runs, faults_of
from dashboard.operate.plan_tables import TABLES as PLAN_TABLES

__all__ = ["FILE", "Event", "Journal", "Transaction", "Verdict", "changes_digest", "moment_of", "stamp"]

FILE = "journal.sqlite"


@dataclass(frozen=True)
class Verdict:
    """What `verify` found: how many events there are, the hash of the last one, and what is wrong.

    Attributes:
        let_go_count: plans that nobody confirmed, whose items were let go.
    """

    event_count: int
    head: str
    faults: tuple[str, ...]
    let_go_count: int = 0


class Journal:
    """The journal of a warehouse folder. Safe to share between threads: each call opens a connection of its own."""

    def __init__(self, folder: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.file = folder / FILE
        self.now = now

    def exists(self) -> bool:
        """Whether anything was ever written down."""
        return self.file.is_file()

    @contextlib.contextmanager
    def writing(self, prepare: Callable[[Transaction], None] | None = None) -> Iterator[Transaction]:
        """One transaction that writes; others wait for it.

        Args:
            prepare: fills temporary tables before anybody has to wait.

        Raises:
            DashboardError: JOURNAL_DAMAGED, JOURNAL_BUSY, DISK_FULL or READ_ONLY; nothing was written then.
        """
        with self._open(is_new=not self.exists()) as connection:
            if prepare is not None:
                connection.execute("BEGIN")
                prepare(Transaction(connection, self.now))
                connection.execute("COMMIT")
            connection.execute("BEGIN IMMEDIATE")
            # What an event did is written before the event, which holds a digest of it.
            connection.execute("PRAGMA defer_foreign_keys = ON")
            try:
                _bring_up(connection)
                yield Transaction(connection, self.now)
                connection.execute("COMMIT")
            except BaseException:
                # A full disk rolls back by itself; a second rollback would hide what happened.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def reading(self) -> Iterator[Transaction]:
        """One consistent look at the journal, which also somebody may take who may not write into its folder.

        Raises:
            DashboardError: JOURNAL_DAMAGED, JOURNAL_BUSY.
        """
        with self._open(is_new=False, is_locked=not os.access(self.file.parent, os.W_OK)) as connection:
            if connection.execute("PRAGMA user_version").fetchone() != (SCHEMA_VERSION,):
                # Somebody was killed between making the file and making its tables, or it is of an earlier version.
                with self.writing():
                    pass
            connection.execute("PRAGMA query_only = ON")
            connection.execute("BEGIN")
            yield Transaction(connection, self.now)
            connection.execute("ROLLBACK")

    def append(
        self, kind: str, subject: str, actor: str, payload: Mapping[str, Any], *, token: str | None = None
    ) -> Event:
        """Write one event on its own; the same token twice is the first event again."""
        with self.writing() as transaction:
            if token and (known := transaction.said(token)):
                return known
            return transaction.append(kind, subject, actor, payload, token=token)

    def events(
        self, *, kind: str | None = None, subject: str | None = None, after: int = 0, limit: int | None = None
    ) -> list[Event]:
        """Events in the order in which they happened.

        Args:
            kind: this kind only; "findings." for all that begin so.
            subject: this subject only.
            after: number of the event after which to begin.
            limit: the newest of them, at most so many.
        """
        if not self.exists():
            return []
        with self.reading() as transaction:
            rows = transaction.run(
                "SELECT id, at, actor, kind, subject, payload, token, hash FROM events WHERE id > :after "
                "AND (:kind IS NULL OR kind = :kind OR (:kind LIKE '%.' AND substr(kind, 1, length(:kind)) = :kind)) "
                "AND (:subject IS NULL OR subject = :subject) ORDER BY id DESC LIMIT :limit",
                {"after": after, "kind": kind, "subject": subject, "limit": -1 if limit is None else limit},
            )
        return [event_of(row) for row in reversed(rows)]

    def head(self) -> int:
        """Number of the last event; 0 before the first. Everything derived from the journal can be kept by it."""
        if not self.exists():
            return 0
        with self.reading() as transaction:
            return transaction.head()

    def verify(self, expected: tuple[int, str] | None = None) -> Verdict:
        """Hold every event against its hash and every batch of findings against the digest in its event.

        A chain cannot know that its end was cut off: give the number and hash that were noted elsewhere.

        Args:
            expected: number and hash of an event that must be there.
        """
        faults: list[str] = []
        before, count, let_go_count = FIRST, 0, 0
        hashes: dict[int, str] = {}
        confirmed = Runs()
        if not self.exists():
            return Verdict(0, FIRST, ("there is no journal",) if expected else ())
        with self.reading() as transaction:
            for row in transaction.run(
                "SELECT id, at, actor, kind, subject, payload, token, hash FROM events ORDER BY id"
            ):
                count += 1
                if row[0] != count:
                    faults.append(f"event {count} is missing")
                    count = row[0]
                if digest_of(before, row[:7]) != row[7]:
                    faults.append(f"event {row[0]} is not what was written")
                before = hashes[row[0]] = row[7]
                payload = json.loads(row[5])
                if row[3] == "plan.made" and is_let_go(transaction, row[4]):
                    let_go_count += 1
                    faults += faults_of(transaction, row[4], payload | {"items_digest": NO_ITEMS})
                else:
                    faults += faults_of(transaction, row[4], payload)
                confirmed.hear(row[3], row[4], row[2], payload)
                told = payload.get("changes_digest")
                if told is not None and told != changes_digest(transaction, row[0]):
                    faults.append(f"the findings of event {row[0]} are not those it was written for")
            faults += confirmed.faults(transaction)
            faults += [f"page {row[0]}" for row in transaction.run("PRAGMA quick_check") if row[0] != "ok"]
        if expected is not None and hashes.get(expected[0]) != expected[1]:
            faults.append(f"event {expected[0]} is not the one that was noted elsewhere")
        return Verdict(count, before, tuple(faults[:100]), let_go_count)

    def back_up(self, target: Path) -> None:
        """Copy the journal while others write. A plain copy of the file would miss what is in its log.

        Raises:
            DashboardError: as `writing`; USAGE if the target exists.
        """
        if target.exists():
            raise DashboardError(
                ExitCode.USAGE,
                "The journal was not copied",
                cause="{file} exists already",
                next_step="Name a file that does not exist",
                locator=str(target),
                file=target.name,
            )
        with self._open(is_new=False) as connection, contextlib.closing(sqlite3.connect(target)) as copy:
            connection.backup(copy)

    @contextlib.contextmanager
    def _open(self, *, is_new: bool, is_locked: bool = False) -> Iterator[sqlite3.Connection]:
        try:
            if is_new:
                self.file.parent.mkdir(parents=True, exist_ok=True)
            mode = "rwc" if is_new else "rw"
            if is_locked:
                # SQLite makes two files beside the journal even to read it. Where it cannot, it reads those that a
                # writer has open; without them nobody writes, and the file can be taken as it stands.
                has_log = self.file.with_name(f"{self.file.name}-wal").exists()
                mode = "ro" if has_log else "ro&immutable=1"
            connection = sqlite3.connect(
                f"{self.file.absolute().as_uri()}?mode={mode}",
                uri=True,
                timeout=BUSY_MILLISECONDS / 1000,
                isolation_level=None,
                check_same_thread=False,
            )
        except (sqlite3.Error, OSError) as error:
            raise explain(self.file, error) from error
        try:
            if is_new:
                self.file.chmod(0o640)
            self._prepare(connection, is_locked=is_locked)
            yield connection
        except (sqlite3.Error, OSError) as error:
            raise explain(self.file, error) from error
        finally:
            connection.close()

    def _prepare(self, connection: sqlite3.Connection, *, is_locked: bool) -> None:
        # One look: another process may be making the tables just now.
        connection.execute("BEGIN")
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        connection.execute("COMMIT")
        is_known = application == APPLICATION_ID and 1 <= version <= SCHEMA_VERSION
        if not is_known and (application or version or tables):
            raise foreign(self.file, application, version)
        if not is_locked:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA cache_size = -65536")


def _bring_up(connection: sqlite3.Connection) -> None:
    """Make what is missing: everything in a new file, what later versions added in an older one."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    steps = (TABLES, PLAN_TABLES, LATER, JOBS, SIZES)
    for statement in (statement for step in steps[version:] for statement in step):
        connection.execute(statement)
    if version < SCHEMA_VERSION:
        # A PRAGMA takes no bound values; these are this module's own constants.
        connection.execute("PRAGMA application_id = 1095912012")
        connection.execute("PRAGMA user_version = 5")
