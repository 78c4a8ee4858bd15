"""The journal: one SQLite file in the warehouse folder that outlives every rebuild and only grows.

Everything a person or the dashboard decides is an event. Each carries the SHA-256 of itself and of the event before
it, so that a changed, removed or inserted line is found (`verify`). State that is derived from events stands in tables
of the same file and is written in the same transaction. This is the only module that opens SQLite.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dashboard.errors import DashboardError, ExitCode
from dashboard.operate.journal_tables import APPLICATION_ID, SCHEMA_VERSION, TABLES

FILE = "journal.sqlite"
BUSY_SECONDS = 10.0
_FIRST = "0" * 64


@dataclass(frozen=True)
class Event:
    """One line of the journal.

    Attributes:
        id: 1, 2, 3, …
        at: UTC.
        actor: who did it; never empty.
        kind: what was done, such as "findings.assigned".
        subject: what it was done to; a finding, a plan, a snapshot, or '' for many at once.
        payload: JSON data.
        token: of the form that was sent, so that it is carried out once.
        hash: of this line and, through it, of every line before.
    """

    id: int
    at: datetime
    actor: str
    kind: str
    subject: str
    payload: dict[str, Any]
    token: str | None
    hash: str


@dataclass(frozen=True)
class Verdict:
    """What `verify` found: how many events there are, the hash of the last one, and what is wrong."""

    event_count: int
    head: str
    faults: tuple[str, ...]


class Transaction:
    """A journal while one person or process writes into it: everything in it becomes true at once, or nothing."""

    def __init__(self, connection: sqlite3.Connection, now: Callable[[], datetime]) -> None:
        self._connection = connection
        self.now = now

    def run(self, statement: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Run one statement with bound values; returns its rows."""
        return self._connection.execute(statement, values or {}).fetchall()

    def run_many(self, statement: str, rows: Iterator[tuple[Any, ...]]) -> None:
        """Run one statement for each row of values."""
        self._connection.executemany(statement, rows)

    def counted(self, statement: str, values: Mapping[str, Any] | None = None) -> int:
        """Run one statement; returns how many rows it changed."""
        return self._connection.execute(statement, values or {}).rowcount

    def append(
        self,
        kind: str,
        subject: str,
        actor: str,
        payload: Mapping[str, Any],
        *,
        token: str | None = None,
        at: datetime | None = None,
    ) -> Event:
        """Write the next event.

        Raises:
            ValueError: nobody is named, or nothing is said to have been done.
        """
        if not actor.strip() or not kind:
            raise ValueError("an event has an actor and a kind")
        last = self.run("SELECT id, hash FROM events ORDER BY id DESC LIMIT 1")
        number, before = last[0] if last else (0, _FIRST)
        moment = (at or self.now()).astimezone(UTC)
        text = json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        # Lone surrogates cannot be written as UTF-8; they are kept as their escapes.
        words = tuple(_writable(item) for item in (actor.strip(), kind, subject, text))
        line = (number + 1, stamp(moment), *words, token)
        digest = _digest(before, line)
        self.run(
            "INSERT INTO events (id, at, actor, kind, subject, payload, token, hash) "
            "VALUES (:id, :at, :actor, :kind, :subject, :payload, :token, :hash)",
            dict(
                zip(
                    ("id", "at", "actor", "kind", "subject", "payload", "token", "hash"),
                    (*line, digest),
                    strict=True,
                )
            ),
        )
        return Event(number + 1, moment, words[0], kind, words[2], json.loads(words[3]), token, digest)

    def said(self, token: str) -> Event | None:
        """The event that a form's token has led to already."""
        return next(
            map(
                _event,
                self.run(
                    "SELECT id, at, actor, kind, subject, payload, token, hash FROM events WHERE token = :token",
                    {"token": token},
                ),
            ),
            None,
        )

    def head(self) -> int:
        """Number of the last event; 0 before the first."""
        return int(self.run("SELECT coalesce(max(id), 0) FROM events")[0][0])


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
                if connection.execute("PRAGMA user_version").fetchone() == (0,):
                    _create(connection)
                yield Transaction(connection, self.now)
                connection.execute("COMMIT")
            except BaseException:
                # A full disk rolls back by itself; a second rollback would hide what happened.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def reading(self) -> Iterator[Transaction]:
        """One consistent look at the journal.

        Raises:
            DashboardError: JOURNAL_DAMAGED, JOURNAL_BUSY.
        """
        with self._open(is_new=False) as connection:
            if connection.execute("PRAGMA user_version").fetchone() == (0,):
                # Somebody was killed between making the file and making its tables.
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
        return [_event(row) for row in reversed(rows)]

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
        before, count = _FIRST, 0
        hashes: dict[int, str] = {}
        if not self.exists():
            return Verdict(0, _FIRST, ("there is no journal",) if expected else ())
        with self.reading() as transaction:
            for row in transaction.run(
                "SELECT id, at, actor, kind, subject, payload, token, hash FROM events ORDER BY id"
            ):
                count += 1
                if row[0] != count:
                    faults.append(f"event {count} is missing")
                    count = row[0]
                if _digest(before, row[:7]) != row[7]:
                    faults.append(f"event {row[0]} is not what was written")
                before = hashes[row[0]] = row[7]
                told = json.loads(row[5]).get("changes_digest")
                if told is not None and told != changes_digest(transaction, row[0]):
                    faults.append(f"the findings of event {row[0]} are not those it was written for")
            faults += [f"page {row[0]}" for row in transaction.run("PRAGMA quick_check") if row[0] != "ok"]
        if expected is not None and hashes.get(expected[0]) != expected[1]:
            faults.append(f"event {expected[0]} is not the one that was noted elsewhere")
        return Verdict(count, before, tuple(faults[:100]))

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
    def _open(self, *, is_new: bool) -> Iterator[sqlite3.Connection]:
        try:
            if is_new:
                self.file.parent.mkdir(parents=True, exist_ok=True)
            mode = "rwc" if is_new else "rw"
            connection = sqlite3.connect(
                f"{self.file.absolute().as_uri()}?mode={mode}",
                uri=True,
                timeout=BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
        except (sqlite3.Error, OSError) as error:
            raise self._explain(error) from error
        try:
            if is_new:
                self.file.chmod(0o640)
            self._prepare(connection)
            yield connection
        except (sqlite3.Error, OSError) as error:
            raise self._explain(error) from error
        finally:
            connection.close()

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA busy_timeout = 10000")
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if (application, version) != (APPLICATION_ID, SCHEMA_VERSION) and (application or version or tables):
            raise self._foreign(application, version)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA cache_size = -65536")

    def _foreign(self, application: int, version: int) -> DashboardError:
        if application == APPLICATION_ID:
            return DashboardError(
                ExitCode.JOURNAL_DAMAGED,
                "The journal cannot be used; the other pages go on",
                cause="{file} was written by another version of the dashboard: its schema is {found}, not {known}",
                next_step="Use the version of the dashboard that wrote it, or newer",
                locator=str(self.file),
                file=self.file.name,
                found=version,
                known=SCHEMA_VERSION,
            )
        return DashboardError(
            ExitCode.JOURNAL_DAMAGED,
            "The journal cannot be used; the other pages go on",
            cause="{file} is a database of another program",
            next_step="Move it away; the journal belongs under that name in the warehouse folder",
            locator=str(self.file),
            file=self.file.name,
        )

    def _explain(self, error: Exception) -> DashboardError:
        text = str(error)
        if "locked" in text or "busy" in text:
            return DashboardError(
                ExitCode.JOURNAL_BUSY,
                "Nothing was written into the journal",
                cause="Another process has been writing into it for more than {seconds} seconds",
                next_step="Try again",
                locator=str(self.file),
                seconds=int(BUSY_SECONDS),
            )
        if "full" in text or "No space left" in text:
            return DashboardError(
                ExitCode.DISK_FULL,
                "Nothing was written into the journal",
                cause="The disk of the warehouse folder is full",
                next_step="Free space, then try again",
                locator=str(self.file),
            )
        if "readonly" in text or "unable to open" in text or isinstance(error, OSError):
            return DashboardError(
                ExitCode.READ_ONLY,
                "Nothing was written into the journal",
                cause="The journal cannot be opened for writing: {problem}",
                next_step="Give the user of the dashboard the right to write into the warehouse folder",
                locator=str(self.file),
                problem=text,
            )
        return DashboardError(
            ExitCode.JOURNAL_DAMAGED,
            "The journal cannot be used; the other pages go on",
            cause="{file} cannot be read: {problem}",
            next_step="Put the last backup of it in its place (README, Recovery); keep the damaged file",
            locator=str(self.file),
            file=self.file.name,
            problem=text,
        )


def stamp(moment: datetime) -> str:
    """A time as the journal writes it: UTC, to the microsecond, sortable as text."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment_of(text: str) -> datetime:
    """A time as the journal wrote it."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def changes_digest(transaction: Transaction, event_id: int) -> str:
    """SHA-256 over what an event did to which findings; stands in the event, so the chain covers it."""
    digest = hashlib.sha256()
    for finding_id, change in transaction.run(
        "SELECT finding_id, change FROM changes JOIN findings ON number = finding "
        "WHERE event_id = :event ORDER BY finding_id, change",
        {"event": event_id},
    ):
        digest.update(f"{finding_id} {change}\n".encode())
    return digest.hexdigest()


def _create(connection: sqlite3.Connection) -> None:
    for statement in TABLES:
        connection.execute(statement)
    # A PRAGMA takes no bound values; these are this module's own constants.
    connection.execute("PRAGMA application_id = 1095912012")
    connection.execute("PRAGMA user_version = 1")


def _digest(before: str, line: tuple[Any, ...]) -> str:
    return hashlib.sha256(f"{before}\n{json.dumps(line, ensure_ascii=False)}".encode()).hexdigest()


def _writable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _event(row: tuple[Any, ...]) -> Event:
    number, at, actor, kind, subject, payload, token, digest = row
    return Event(number, moment_of(at), actor, kind, subject, json.loads(payload), token, digest)
