"""Bring the worklist up to a snapshot: what is new is opened, what is gone closes by itself, what is back reopens.

A finding keeps its identity over all snapshots. Only what changed is written: a sync that finds the same 175,000
findings as the one before writes one event and no finding.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from dashboard.operate.journal import Journal, Transaction, changes_digest, stamp

ACTOR = "sync"
FINDINGS_QUERY = "worklist.findings"
RULES_QUERY = "alerts.rules"


class Snapshot(Protocol):
    """What is asked of a published snapshot."""

    @property
    def snapshot_id(self) -> str: ...

    @property
    def built_at(self) -> datetime: ...

    @property
    def report_at(self) -> datetime | None: ...


class Reader(Protocol):
    """What is asked of the warehouse; keys arrive whole, whoever looks at the pages."""

    def current(self) -> Any: ...

    def rows(
        self, name: str, params: Mapping[str, Any] | None = None, snapshot_id: str | None = None
    ) -> tuple[list[str], list[tuple[Any, ...]]]: ...

    def batches(
        self, name: str, params: Mapping[str, Any] | None = None, snapshot_id: str | None = None
    ) -> Iterator[list[tuple[Any, ...]]]: ...


@dataclass(frozen=True)
class Followed:
    """What bringing the worklist up to date did, in findings.

    Attributes:
        is_first: whether the worklist began with it; what was there then is not counted as new.
    """

    event_id: int
    seen_count: int
    opened_count: int
    returned_count: int
    gone_count: int
    is_first: bool


_SEEN = """
CREATE TEMP TABLE seen (
    finding_id TEXT PRIMARY KEY, rule_id TEXT, device_id TEXT, subject TEXT, size_bytes INTEGER, occurred_at TEXT,
    month TEXT, reason TEXT
) WITHOUT ROWID
"""
_LEFT = "gone_at IS NULL AND NOT EXISTS (SELECT 1 FROM seen WHERE seen.finding_id = findings.finding_id)"
_OFF = "rule_id IN (SELECT value FROM json_each(:off))"
_GONE = f"{_LEFT} AND NOT {_OFF}"
_AGAIN = "gone_at IS NOT NULL AND EXISTS (SELECT 1 FROM seen WHERE seen.finding_id = findings.finding_id)"
# What left last because its rule was switched off was there all the time.
_WAS_OFF = (
    "(SELECT change FROM changes WHERE finding = number AND change IN ('gone', 'rule_off') "
    "ORDER BY event_id DESC LIMIT 1) = 'rule_off'"
)
_BACK = f"{_AGAIN} AND NOT {_WAS_OFF}"
_OWNED = """
owner IS NULL AND gone_at IS NULL AND closed_at IS NULL
AND device_id IN (SELECT value FROM json_each(:devices))
"""


def is_behind(journal: Journal, snapshot: Snapshot) -> bool:
    """Whether a snapshot is newer than the one the worklist knows, or the worklist has not begun.

    One that holds a bill and no report knows of no finding, which does not mean that they are gone.
    """
    if snapshot.report_at is None:
        return False
    if not journal.exists():
        return True
    with journal.reading() as transaction:
        return _newest(transaction) < _version(snapshot)


def has_begun(journal: Journal) -> bool:
    """Whether the worklist has ever been brought up to a snapshot."""
    if not journal.exists():
        return False
    with journal.reading() as transaction:
        return bool(_newest(transaction))


def follow(
    journal: Journal,
    reader: Reader,
    *,
    owners: Mapping[str, Sequence[str]],
    timezone: str,
    actor: str = ACTOR,
) -> Followed | None:
    """Bring the worklist up to the current snapshot; None if it knows that one, or a newer one, already.

    Args:
        owners: devices by the person who owns them unless somebody decides otherwise.
        timezone: the archive's, for the months of findings.

    Raises:
        DashboardError: of the journal or of the warehouse; nothing was written then.
    """
    snapshot = reader.current()
    if not is_behind(journal, snapshot):
        return None
    columns, rows = reader.rows(RULES_QUERY, None, snapshot.snapshot_id)
    named = [columns.index(name) for name in ("rule_id", "title", "severity", "remedy")]
    rules = [tuple(row[place] for place in named) for row in rows]

    def load(transaction: Transaction) -> None:
        transaction.run(_SEEN)
        batches = reader.batches(FINDINGS_QUERY, None, snapshot.snapshot_id)
        transaction.run_many(
            "INSERT OR IGNORE INTO seen VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            _with_month(batches, ZoneInfo(timezone)),
        )

    with journal.writing(load) as transaction:
        before = _newest(transaction)
        if before >= _version(snapshot):
            return None
        transaction.run_many(
            "INSERT INTO rules VALUES (?, ?, ?, ?) ON CONFLICT (rule_id) DO UPDATE "
            "SET title = excluded.title, severity = excluded.severity, remedy = excluded.remedy",
            (rule for rule in rules if rule[2] != "off"),
        )
        off = [str(rule[0]) for rule in rules if rule[2] == "off"]
        return _bring_up(transaction, snapshot, owners, off, actor=actor, is_first=not before)


def _with_month(batches: Iterable[list[tuple[Any, ...]]], zone: ZoneInfo) -> Iterator[tuple[Any, ...]]:
    months: dict[str, str] = {"": ""}
    for batch in batches:
        for finding_id, rule_id, device_id, subject, size_bytes, occurred_at, reason in batch:
            hour = (occurred_at or "")[:13]
            if hour not in months:
                months[hour] = datetime.fromisoformat(f"{hour}:00+00:00").astimezone(zone).strftime("%Y-%m")
            yield finding_id, rule_id, device_id, subject, size_bytes, occurred_at, months[hour], reason


def _bring_up(
    transaction: Transaction,
    snapshot: Snapshot,
    owners: Mapping[str, Sequence[str]],
    off: Sequence[str],
    *,
    actor: str,
    is_first: bool,
) -> Followed:
    event_id = transaction.head() + 1
    now = stamp(transaction.now())
    same: dict[str, Any] = {
        "event": event_id,
        "now": now,
        "change": "began" if is_first else "opened",
        "off": as_json(off),
    }
    gone = transaction.counted(
        f"INSERT INTO changes SELECT number, :event, 'gone' FROM findings WHERE {_GONE}", same
    )
    transaction.run(
        "INSERT INTO closings SELECT :event, number, 'gone', coalesce(owner, ''), opened_at, :now "
        f"FROM findings WHERE closed_at IS NULL AND {_GONE}",
        same,
    )
    # What nobody looks for any more is not mended: it leaves the list and counts as closed for nobody.
    transaction.run(
        f"INSERT INTO changes SELECT number, :event, 'rule_off' FROM findings WHERE {_LEFT} AND {_OFF}", same
    )
    transaction.run(f"UPDATE findings SET gone_at = :now, changed_by = :event WHERE {_LEFT}", same)
    back = transaction.counted(
        f"INSERT INTO changes SELECT number, :event, 'returned' FROM findings WHERE {_BACK}", same
    )
    transaction.run(
        "UPDATE findings SET gone_at = NULL, closed_at = NULL, close_reason = '', snoozed_until = NULL, "
        f"snooze_reason = '', due_on = NULL, opened_at = :now, opened_by = :event, changed_by = :event WHERE {_BACK}",
        same,
    )
    # A setting undoes nothing that a person decided.
    transaction.run(
        f"INSERT INTO changes SELECT number, :event, 'rule_on' FROM findings WHERE {_AGAIN}", same
    )
    transaction.run(f"UPDATE findings SET gone_at = NULL, changed_by = :event WHERE {_AGAIN}", same)
    # What can be said of a finding may change while it stays the same finding.
    transaction.run(
        "UPDATE findings SET device_id = seen.device_id, size_bytes = coalesce(seen.size_bytes, 0), "
        "is_sized = seen.size_bytes IS NOT NULL, occurred_at = seen.occurred_at, month = seen.month, "
        "reason = seen.reason FROM seen WHERE seen.finding_id = findings.finding_id "
        "AND (findings.device_id, iif(findings.is_sized, findings.size_bytes, NULL), findings.occurred_at, "
        "findings.month, findings.reason) IS NOT (seen.device_id, seen.size_bytes, seen.occurred_at, seen.month, "
        "seen.reason)"
    )
    opened = transaction.counted(
        "INSERT INTO findings (finding_id, rule_id, device_id, subject, size_bytes, is_sized, occurred_at, month, "
        "reason, opened_at, opened_by, changed_by) SELECT finding_id, rule_id, device_id, subject, "
        "coalesce(size_bytes, 0), size_bytes IS NOT NULL, occurred_at, month, reason, :now, :event, :event FROM seen "
        "WHERE NOT EXISTS (SELECT 1 FROM findings WHERE findings.finding_id = seen.finding_id)",
        same,
    )
    transaction.run(
        "INSERT INTO changes SELECT number, :event, :change FROM findings "
        "WHERE opened_by = :event AND number NOT IN (SELECT finding FROM changes WHERE event_id = :event)",
        same,
    )
    assigned = _name_owners(transaction, event_id, owners)
    (seen_count,) = transaction.run("SELECT count(*) FROM seen")[0]
    transaction.run(
        "INSERT INTO followed VALUES (:event, :snapshot, :version)",
        {"event": event_id, "snapshot": snapshot.snapshot_id, "version": _version(snapshot)},
    )
    transaction.append(
        "findings.seen",
        snapshot.snapshot_id,
        actor,
        {
            "seen_count": seen_count,
            "opened_count": opened,
            "returned_count": back,
            "gone_count": gone,
            "assigned_count": assigned,
            "is_first": is_first,
            "owners": {name: list(devices) for name, devices in owners.items()},
            "changes_digest": changes_digest(transaction, event_id),
        },
    )
    transaction.run("DROP TABLE seen")
    return Followed(event_id, seen_count, opened, back, gone, is_first)


def _name_owners(
    transaction: Transaction, event_id: int, owners: Mapping[str, Sequence[str]]
) -> dict[str, int]:
    """Give what nobody was ever named for to the owner of its device; a person's decision stays."""
    counts = {}
    for name, devices in owners.items():
        values = {"event": event_id, "owner": name, "devices": as_json(devices)}
        # For what was opened just now the event says who owns which device.
        transaction.run(
            "INSERT INTO changes SELECT number, :event, 'assigned' FROM findings "
            f"WHERE opened_by <> :event AND {_OWNED}",
            values,
        )
        count = transaction.counted(
            f"UPDATE findings SET owner = :owner, changed_by = :event WHERE {_OWNED}", values
        )
        if count:
            counts[name] = count
    return counts


def _newest(transaction: Transaction) -> str:
    return str(transaction.run("SELECT coalesce(max(version), '') FROM followed")[0][0])


def _version(snapshot: Snapshot) -> str:
    """What grows from snapshot to snapshot: the time it was built, and its number where the clock stood still."""
    moment = snapshot.built_at
    return f"{stamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC))} {snapshot.snapshot_id}"


def as_json(values: Sequence[str]) -> str:
    """A list of codes as a bound value for json_each()."""
    return json.dumps(list(values), ensure_ascii=False)
