"""Events of the journal and the transaction that writes them: each holds the hash of itself and of all before it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

FIRST = "0" * 64
"""What stands before the first event."""


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


class Transaction:
    """A journal while one person or process writes into it: everything in it becomes true at once, or nothing."""

    def __init__(self, connection: sqlite3.Connection, now: Callable[[], datetime]) -> None:
        self._connection = connection
        self.now = now

    def run(self, statement: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Run one statement with bound values; returns its rows."""
        return self._connection.execute(statement, values or {}).fetchall()

    def each(self, statement: str, values: Mapping[str, Any] | None = None) -> Iterator[tuple[Any, ...]]:
        """As `run`, one row at a time: for what may be long."""
        yield from self._connection.execute(statement, values or {})

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
        number, before = last[0] if last else (0, FIRST)
        moment = (at or self.now()).astimezone(UTC)
        text = json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        # Lone surrogates cannot be written as UTF-8; they are kept as their escapes.
        words = tuple(_writable(item) for item in (actor.strip(), kind, subject, text))
        line = (number + 1, stamp(moment), *words, token)
        digest = digest_of(before, line)
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
                event_of,
                self.run(
                    "SELECT id, at, actor, kind, subject, payload, token, hash FROM events WHERE token = :token",
                    {"token": token},
                ),
            ),
            None,
        )

    def events(self, kinds: Sequence[str]) -> list[Event]:
        """The events of some kinds, oldest first."""
        rows = self.run(
            "SELECT id, at, actor, kind, subject, payload, token, hash FROM events "
            "WHERE kind IN (SELECT value FROM json_each(:kinds)) ORDER BY id",
            {"kinds": json.dumps(list(kinds))},
        )
        return [event_of(row) for row in rows]

    def head(self) -> int:
        """Number of the last event; 0 before the first."""
        return int(self.run("SELECT coalesce(max(id), 0) FROM events")[0][0])


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


def digest_of(before: str, line: tuple[Any, ...]) -> str:
    """The hash of an event: of its columns less the hash, and of the hash before it."""
    return hashlib.sha256(f"{before}\n{json.dumps(line, ensure_ascii=False)}".encode()).hexdigest()


def _writable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def event_of(row: tuple[Any, ...]) -> Event:
    """A row of the log as an event."""
    number, at, actor, kind, subject, payload, token, digest = row
    return Event(number, moment_of(at), actor, kind, subject, json.loads(payload), token, digest)
