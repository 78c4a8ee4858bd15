"""What the journal shows: its events by kind, person, time and subject."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from dashboard.operate.events import Event, event_of, stamp
from dashboard.operate.journal import Journal


@dataclass(frozen=True)
class Wanted:
    """Which events; None = no filter.

    Attributes:
        actors: names, or WORKER.
        kinds: such as "findings.closed", or "findings." for all that begin so.
        begins_at: the first moment.
        ends_at: the first moment that is too late.
        subject: a part of the subject, in any case; of a finding it is the object's key.
        sees_keys: False asks no key whether it has that part: counting would tell the key.
    """

    kinds: Sequence[str] | None = None
    actors: Sequence[str] | None = None
    begins_at: datetime | None = None
    ends_at: datetime | None = None
    subject: str = ""
    sees_keys: bool = True

    @classmethod
    def of_days(cls, timezone: str, first: date | None, last: date | None, **more: Any) -> Wanted:
        """Events of whole days on the archive's clock; None = open."""
        zone = ZoneInfo(timezone)
        return cls(
            begins_at=datetime.combine(first, time(), zone) if first else None,
            ends_at=datetime.combine(last + timedelta(days=1), time(), zone) if last else None,
            **more,
        )


class Line(NamedTuple):
    """An event and the object's key that its finding is about; '' for every other event."""

    event: Event
    key: str


WORKER = "worker"
"""All workers, in a choice of persons: each process has a name of its own."""
_WHO = f"CASE WHEN actor GLOB 'worker [0-9]* on *' THEN '{WORKER}' ELSE actor END"
_CHOSEN = f"""
FROM events LEFT JOIN findings ON finding_id = events.subject AND events.kind LIKE 'findings.%'
WHERE (:kinds IS NULL OR EXISTS (
        SELECT 1 FROM json_each(:kinds)
        WHERE kind = value OR (substr(value, -1) = '.' AND substr(kind, 1, length(value)) = value)))
  AND (:actors IS NULL OR {_WHO} IN (SELECT value FROM json_each(:actors)))
  AND (:begins_at IS NULL OR at >= :begins_at)
  AND (:ends_at IS NULL OR at < :ends_at)
  AND (:subject = '' OR instr(lower(CASE
        WHEN finding_id IS NULL THEN events.subject
        WHEN :sees_keys THEN findings.subject ELSE '' END), lower(:subject)) > 0)
"""


def listing(
    journal: Journal, wanted: Wanted, *, limit: int | None = None, offset: int = 0
) -> tuple[list[Line], int]:
    """Events, the newest first, and how many there are without the limit."""
    if not journal.exists():
        return [], 0
    values = {
        "kinds": _list(wanted.kinds),
        "actors": _list(wanted.actors),
        "begins_at": wanted.begins_at and stamp(wanted.begins_at),
        "ends_at": wanted.ends_at and stamp(wanted.ends_at),
        "subject": wanted.subject,
        "sees_keys": wanted.sees_keys,
    }
    with journal.reading() as transaction:
        rows = transaction.run(
            "SELECT id, at, actor, kind, events.subject, payload, token, hash, coalesce(findings.subject, '') "
            f"{_CHOSEN} ORDER BY id DESC LIMIT :limit OFFSET :offset",
            {**values, "limit": -1 if limit is None else limit, "offset": offset},
        )
        total = transaction.run(f"SELECT count(*) {_CHOSEN}", values)[0][0]
    return [Line(event_of(row[:8]), row[8]) for row in rows], int(total)


def actors(journal: Journal) -> list[str]:
    """Everybody who ever did something, by name; workers are one."""
    if not journal.exists():
        return []
    with journal.reading() as transaction:
        return [row[0] for row in transaction.run(f"SELECT DISTINCT {_WHO} FROM events ORDER BY 1")]


def _list(values: Sequence[str] | None) -> str | None:
    return None if values is None else json.dumps(list(values), ensure_ascii=False)
