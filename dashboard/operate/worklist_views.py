"""What the worklist shows: lists, figures, weeks and the history of a finding; read from the journal's state."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.operate.journal import Journal, moment_of, stamp
from dashboard.operate.selection import WORK, Order, Selection

Rows = tuple[tuple[str, ...], list[tuple[Any, ...]]]
"""Names of columns and rows; times are naive UTC, days are dates."""

WEEKS = 26
_LIST = (
    *("finding_id", "severity", "title", "subject", "device_id", "owner", "state", "due_on", "age_days"),
    *("size_bytes", "reason", "rule_id", "occurred_at", "opened_at", "gone_at", "closed_at", "snoozed_until"),
    *("snooze_reason", "close_reason", "comment_count", "remedy", "month"),
)
_TIMES = {"occurred_at", "opened_at", "gone_at", "closed_at", "at"}
_DAYS = {"due_on", "snoozed_until", "week_on"}


@dataclass(frozen=True)
class Clock:
    """The moment a view is for: `now` in UTC and the archive's zone."""

    now: datetime
    timezone: str

    @property
    def today(self) -> date:
        """The day on the archive's clock."""
        return self.now.astimezone(ZoneInfo(self.timezone)).date()

    @property
    def offset(self) -> str:
        """From UTC to the archive's clock, as SQLite takes it."""
        ahead = self.now.astimezone(ZoneInfo(self.timezone)).utcoffset() or timedelta(0)
        return f"{int(ahead.total_seconds() // 60):+d} minutes"


def listing(
    journal: Journal,
    selection: Selection,
    clock: Clock,
    *,
    order: Order = "severity",
    limit: int | None = None,
    offset: int = 0,
) -> tuple[Rows, int]:
    """The findings chosen, and how many there are without the limit."""
    values = selection.values(clock.now, clock.today) | {
        "order": order,
        "limit": -1 if limit is None else limit,
        "offset": offset,
    }
    with journal.reading() as transaction:
        rows = transaction.run(
            f"{WORK} SELECT finding_id, severity, title, subject, device_id, coalesce(owner, ''), state, due_on, "
            "age_days, iif(is_sized, size_bytes, NULL), reason, rule_id, occurred_at, opened_at, gone_at, closed_at, "
            "snoozed_until, snooze_reason, close_reason, comment_count, remedy, month FROM chosen "
            "ORDER BY CASE :order WHEN 'oldest' THEN opened_at WHEN 'due' THEN coalesce(due_on, '9999') END, "
            "CASE :order WHEN 'largest' THEN -size_bytes END, "
            "CASE severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END, "
            "opened_at, rule_id, subject LIMIT :limit OFFSET :offset",
            values,
        )
        total = transaction.run(f"{WORK} SELECT count(*) FROM chosen", values)[0][0]
    return _typed(_LIST, rows), int(total)


def figures(journal: Journal, selection: Selection, clock: Clock) -> dict[str, Any]:
    """The key figures of what is chosen, whatever its state; "this week" is the last seven days.

    Returns:
        open_count, unassigned_count, overdue_count, new_count, gone_count, accepted_count, snoozed_count,
        median_days (of what was closed in the last 90 days; None if nothing was), size_bytes (open).
    """
    values = selection.values(clock.now, clock.today) | {
        "week_ago": stamp(clock.now - timedelta(days=7)),
        "quarter_ago": stamp(clock.now - timedelta(days=90)),
    }
    with journal.reading() as transaction:
        counted = transaction.run(
            f"{WORK} SELECT coalesce(sum(state IN ('open', 'assigned')), 0), coalesce(sum(state = 'open'), 0), "
            "coalesce(sum(state IN ('open', 'assigned') AND due_state = 'overdue'), 0), "
            "coalesce(sum(state IN ('open', 'assigned') AND opened_at >= :week_ago "
            "AND opened_by <> (SELECT min(event_id) FROM followed)), 0), "
            "coalesce(sum(state = 'accepted'), 0), coalesce(sum(state = 'snoozed'), 0), "
            "coalesce(sum(CASE WHEN state IN ('open', 'assigned') THEN size_bytes END), 0) FROM work",
            values,
        )[0]
        gone = transaction.run(
            f"{WORK} SELECT count(*) FROM closings JOIN work ON number = finding "
            "WHERE how = 'gone' AND closings.closed_at >= :week_ago",
            values,
        )[0][0]
        median = transaction.run(
            f"{WORK}, spans AS (SELECT julianday(closings.closed_at) - julianday(closings.opened_at) AS days "
            "FROM closings JOIN work ON number = finding WHERE closings.closed_at >= :quarter_ago), "
            "ranked AS (SELECT days, row_number() OVER (ORDER BY days) AS place, count(*) OVER () AS total FROM spans) "
            "SELECT avg(days) FROM ranked WHERE place IN ((total + 1) / 2, (total + 2) / 2)",
            values,
        )[0][0]
    names = ("open", "unassigned", "overdue", "new", "accepted", "snoozed")
    found: dict[str, Any] = {f"{name}_count": value for name, value in zip(names, counted, strict=False)}
    return found | {"size_bytes": counted[6], "gone_count": gone, "median_days": median}


def weeks(journal: Journal, selection: Selection, clock: Clock) -> Rows:
    """Findings opened and closed in each of the last 26 weeks; one row per week (its Monday) and `work_event`.

    What was there when the worklist began was not opened in that week, and is left out; so are the weeks before, in
    which nobody counted.
    """
    values = selection.values(clock.now, clock.today) | _since(clock)
    with journal.reading() as transaction:
        found = {
            (week, event): count
            for week, event, count in transaction.run(
                f"{WORK}, happened AS (SELECT date(at, :offset, 'weekday 0', '-6 days') AS week_on, "
                "CASE WHEN change IN ('gone', 'closed') THEN 'closed' ELSE 'opened' END AS work_event "
                "FROM events JOIN changes ON event_id = id JOIN work ON number = finding "
                "WHERE at >= :since AND change IN ('opened', 'returned', 'reopened', 'gone', 'closed')) "
                "SELECT week_on, work_event, count(*) FROM happened GROUP BY week_on, work_event",
                values,
            )
        }
        (began,) = transaction.run(
            "SELECT date(min(at), :offset, 'weekday 0', '-6 days') FROM followed JOIN events ON id = event_id",
            values,
        )[0]
    first = date.fromisoformat(values["first_week"])
    rows = [
        (week, event, found.get((week.isoformat(), event), 0))
        for week in (first + timedelta(weeks=place) for place in range(WEEKS))
        for event in ("opened", "closed")
        if week.isoformat() >= (began or "")
    ]
    return ("week_on", "work_event", "finding_count"), rows if found else []


def weeks_by_owner(journal: Journal, selection: Selection, clock: Clock) -> Rows:
    """How much each owner closed and the median days it took; one row per week and owner, newest first."""
    values = selection.values(clock.now, clock.today) | _since(clock)
    with journal.reading() as transaction:
        rows = transaction.run(
            f"{WORK}, spans AS (SELECT date(closings.closed_at, :offset, 'weekday 0', '-6 days') AS week_on, "
            "closings.owner AS owner, how, julianday(closings.closed_at) - julianday(closings.opened_at) AS days "
            "FROM closings JOIN work ON number = finding WHERE closings.closed_at >= :since), "
            "ranked AS (SELECT *, row_number() OVER (PARTITION BY week_on, owner ORDER BY days) AS place, "
            "count(*) OVER (PARTITION BY week_on, owner) AS total, "
            "sum(how = 'gone') OVER (PARTITION BY week_on, owner) AS gone FROM spans) "
            "SELECT week_on, owner, max(total), max(gone), avg(days) FROM ranked "
            "WHERE place IN ((total + 1) / 2, (total + 2) / 2) GROUP BY week_on, owner ORDER BY week_on DESC, owner",
            values,
        )
    return _typed(("week_on", "owner", "closed_count", "gone_count", "median_days"), rows)


# A sync's event says who looked after which devices; that is who got what it found or assigned.
_NAMED_BY_SYNC = """(
SELECT whose.key FROM json_each(payload, '$.owners') AS whose, json_each(whose.value) AS device
WHERE device.value = findings.device_id AND change IN ('began', 'opened', 'assigned')
)"""


def history(journal: Journal, finding_id: str) -> Rows:
    """What happened to a finding, oldest first: `at`, `actor`, `change` and the event's own words."""
    with journal.reading() as transaction:
        rows = transaction.run(
            f"SELECT at, actor, change, coalesce(json_extract(payload, '$.owner'), {_NAMED_BY_SYNC}, ''), "
            "coalesce(json_extract(payload, '$.due_on'), json_extract(payload, '$.until'), ''), "
            "coalesce(json_extract(payload, '$.text'), ''), "
            "coalesce(json_extract(payload, '$.finding_count'), 1), id "
            "FROM changes JOIN events ON id = event_id JOIN findings ON number = finding "
            "WHERE finding_id = :finding ORDER BY id, change",
            {"finding": finding_id},
        )
    names = ("at", "actor", "change", "owner", "day", "text", "finding_count", "event_id")
    return _typed(names, rows)


def beside(journal: Journal, finding_ids: Iterable[str], clock: Clock) -> dict[str, tuple[str, str]]:
    """Owner ('' for nobody) and state of findings by id; those that the worklist does not know are left out."""
    values = Selection(finding_ids=tuple(finding_ids)).values(clock.now, clock.today)
    with journal.reading() as transaction:
        rows = transaction.run(f"{WORK} SELECT finding_id, coalesce(owner, ''), state FROM chosen", values)
    return {str(finding): (str(owner), str(state)) for finding, owner, state in rows}


def owned(journal: Journal, owners: Iterable[str], *, is_of_others: bool = False) -> list[str]:
    """Ids of the findings that some people own, or that others than they do; of all that were ever found."""
    with journal.reading() as transaction:
        rows = transaction.run(
            "SELECT finding_id FROM findings WHERE owner <> '' "
            "AND (owner IN (SELECT value FROM json_each(:owners))) <> :is_of_others",
            {"owners": json.dumps(list(owners), ensure_ascii=False), "is_of_others": is_of_others},
        )
    return [str(row[0]) for row in rows]


def owners(journal: Journal) -> list[str]:
    """Everybody who was ever named for a finding."""
    with journal.reading() as transaction:
        rows = transaction.run("SELECT DISTINCT owner FROM findings WHERE owner <> '' ORDER BY owner")
    return [str(row[0]) for row in rows]


def rules(journal: Journal) -> list[str]:
    """Ids of the rules that ever found something."""
    with journal.reading() as transaction:
        return [
            str(row[0]) for row in transaction.run("SELECT DISTINCT rule_id FROM findings ORDER BY rule_id")
        ]


def open_by_rule(journal: Journal, clock: Clock) -> list[tuple[str, str, str, str, int, int, int]]:
    """What is to be done, by rule: id, title, severity, remedy, and how many findings; nobody's; overdue."""
    with journal.reading() as transaction:
        rows = transaction.run(
            f"{WORK} SELECT rule_id, title, severity, remedy, count(*), sum(state = 'open'), "
            "sum(due_state = 'overdue') FROM chosen GROUP BY rule_id, title, severity, remedy ORDER BY rule_id",
            Selection().values(clock.now, clock.today),
        )
    return [(str(a), str(b), str(c), str(d), int(e), int(f), int(g)) for a, b, c, d, e, f, g in rows]


def months(journal: Journal) -> list[str]:
    """Months of the findings, newest first, as 2026-10."""
    with journal.reading() as transaction:
        rows = transaction.run("SELECT DISTINCT month FROM findings WHERE month <> '' ORDER BY month DESC")
    return [str(row[0]) for row in rows]


def _since(clock: Clock) -> dict[str, Any]:
    monday = clock.today - timedelta(days=clock.today.weekday())
    first = monday - timedelta(weeks=WEEKS - 1)
    zone = ZoneInfo(clock.timezone)
    start = datetime(first.year, first.month, first.day, tzinfo=zone).astimezone(UTC)
    return {"since": stamp(start), "first_week": first.isoformat(), "offset": clock.offset}


def _typed(names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> Rows:
    def value(name: str, item: Any) -> Any:
        if item is None or item == "":
            return None if name in _TIMES | _DAYS else item
        if name in _TIMES:
            return moment_of(item).replace(tzinfo=None)
        return date.fromisoformat(item) if name in _DAYS else item

    return names, [tuple(map(value, names, row)) for row in rows]
