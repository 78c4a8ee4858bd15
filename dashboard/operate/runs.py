"""Runs of confirmed plans: what became of them, and what people want of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from dashboard.domain.known_actions import Acted
from dashboard.domain.plan import Item
from dashboard.operate import plan_faults as faults
from dashboard.operate import plans
from dashboard.operate.journal import Journal, moment_of, stamp
from dashboard.operate.plan_tables import ITEMS
from dashboard.operate.rights import require
from dashboard.operate.run_states import totals
from dashboard.settings import Settings

SILENT_SECONDS = 60
"""A worker that has said nothing for so long is taken for dead."""
Deed = Literal["pause", "resume", "cancel"]
_FROM_STATES = {
    "pause": ("queued", "running"),
    "resume": ("paused", "stopped"),
    "cancel": ("waiting", "queued", "running", "paused", "stopped"),
}


@dataclass(frozen=True)
class Run:
    """One run, or a plan nobody has confirmed (state '').

    Attributes:
        cause: why it waits or stopped: asked, needs_credentials CODE, too_many_failures CODE, put_off CODE,
            cooling_off MOMENT, or of its jobs: batch_refused, batch_throttled, batch_doubtful, batch_failed or
            batch_cancelled CODE.
        why: the reason that was given.
        counts: items by state: todo, calling, done, failed, stale, unknown, left.
    """

    digest: str
    header: Mapping[str, Any]
    state: str
    wanted: str
    cause: str
    why: str
    confirmed_by: str
    approved_by: str
    confirmed_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    counts: Mapping[str, int]

    @property
    def is_over(self) -> bool:
        return self.state in {"finished", "cancelled"}

    @property
    def begins_after(self) -> datetime | None:
        """Until when it waits so that it can still be called off; None if it does not."""
        cause, _space, moment = self.cause.partition(" ")
        return moment_of(moment) if cause == plans.COOLING_OFF else None


_RUNS = (
    "SELECT number, digest, header, coalesce(state, ''), coalesce(wanted, ''), coalesce(cause, ''), coalesce(why, ''), "
    "coalesce(confirmed_by, ''), coalesce(approved_by, ''), confirmed_at, started_at, ended_at "
    "FROM plans LEFT JOIN runs ON plan = number WHERE (:plan IS NULL OR number = :plan) "
    "ORDER BY number DESC LIMIT :limit"
)


def listed(journal: Journal, *, limit: int = 50, plan: int | None = None) -> list[Run]:
    """Plans and their runs, the newest first."""
    if not journal.exists():
        return []
    found = []
    with journal.reading() as transaction:
        for number, digest, header, *words in transaction.run(_RUNS, {"limit": limit, "plan": plan}):
            counts = transaction.run(
                "SELECT state, count(*) FROM run_items WHERE plan = :plan GROUP BY state", {"plan": number}
            )
            state, wanted, cause, why, confirmed_by, approved_by, *times = words
            confirmed_at, started_at, ended_at = (moment_of(text) if text else None for text in times)
            found.append(
                Run(
                    digest,
                    json.loads(header),
                    state,
                    wanted,
                    cause,
                    why,
                    confirmed_by,
                    approved_by,
                    confirmed_at,
                    started_at,
                    ended_at,
                    dict(counts),
                )
            )
    return found


def one(journal: Journal, wanted: str) -> Run:
    """The run of the plan with a digest or the beginning of one.

    Raises:
        DashboardError: USAGE.
    """
    return listed(journal, plan=plans.find(journal, wanted).number)[0]


def items_of(journal: Journal, digest: str) -> list[Item]:
    """The items of a run that are done."""
    with journal.reading() as transaction:
        return [
            Item(*row)
            for row in transaction.run(
                f"SELECT {ITEMS} FROM run_items JOIN plan_items USING (plan, position) JOIN plans ON number = plan "
                "WHERE digest = :digest AND state = 'done' ORDER BY position",
                {"digest": digest},
            )
        ]


def overwritten(journal: Journal, digest: str) -> list[tuple[Item, str]]:
    """The items of a run of which something was overwritten, or may have been, and what stood there before, as JSON."""
    with journal.reading() as transaction:
        return [
            (Item(*row[:-1]), row[-1])
            for row in transaction.run(
                f"SELECT {ITEMS}, before FROM run_items JOIN plan_items USING (plan, position) "
                "JOIN plans ON number = plan WHERE digest = :digest AND before <> '' ORDER BY position",
                {"digest": digest},
            )
        ]


def outcomes(
    journal: Journal, digest: str, *, states: tuple[str, ...] = (), limit: int | None = None, offset: int = 0
) -> list[dict[str, Any]]:
    """Items of a run with what became of each, and what the object last said of its copy."""
    names = (
        *("bucket", "key", "version_id", "storage_class", "access_tier", "size_bytes", "target"),
        *("state", "code", "request_id", "copy_state", "ready_until", "checked_at"),
    )
    with journal.reading() as transaction:
        rows = transaction.run(
            "SELECT bucket, key, version_id, storage_class, access_tier, size_bytes, target, state, code, request_id, "
            "copy_state, ready_until, checked_at FROM run_items JOIN plan_items USING (plan, position) "
            "JOIN plans ON number = plan WHERE digest = :digest "
            "AND (:states = '[]' OR state IN (SELECT value FROM json_each(:states))) "
            "ORDER BY position LIMIT :limit OFFSET :offset",
            {
                "digest": digest,
                "states": json.dumps(states),
                "limit": -1 if limit is None else limit,
                "offset": offset,
            },
        )
    found = [dict(zip(names, row, strict=True)) for row in rows]
    for item in found:
        for name in ("ready_until", "checked_at"):
            item[name] = moment_of(item[name]) if item[name] else None
    return found


def want(
    journal: Journal,
    settings: Settings,
    wanted: str,
    deed: Deed,
    *,
    actor: str,
    names: frozenset[str] | None = None,
) -> Run:
    """Pause, resume or cancel a run; the worker follows within one round of requests.

    Raises:
        DashboardError: ACCESS_DENIED, USAGE, or CONFLICT if the run is in a state in which this cannot be done.
    """
    # Whoever would have to approve a run may stop it too.
    is_stop = deed != "resume" and settings.roles.may("approve", names)
    require(settings, "approve" if is_stop else "operate", names, actor)
    plan = plans.find(journal, wanted)
    with journal.writing() as transaction:
        rows = transaction.run(
            # What is to be cancelled takes no other word: paused and resumed, it would run without the second person.
            "SELECT CASE WHEN wanted = 'cancel' THEN 'cancelled' ELSE state END FROM runs WHERE plan = :plan",
            {"plan": plan.number},
        )
        state = rows[0][0] if rows else ""
        if state not in _FROM_STATES[deed]:
            raise faults.not_in_that_state(plan.digest, state, deed)
        word = {"pause": "pause", "resume": "run", "cancel": "cancel"}[deed]
        # A run that rests is taken up again by the worker, which then does what is wanted.
        transaction.run(
            "UPDATE runs SET wanted = :word, state = CASE WHEN state IN ('paused', 'stopped', 'waiting') "
            "THEN 'queued' ELSE state END, rests_until = '' WHERE plan = :plan",
            {"word": word, "plan": plan.number},
        )
        transaction.append(f"run.{deed}_wanted", plan.digest, actor, {})
    return one(journal, plan.digest)


def worker_beat(journal: Journal) -> datetime | None:
    """When the worker last said that it lives; None if it never did."""
    if not journal.exists():
        return None
    with journal.reading() as transaction:
        rows = transaction.run("SELECT beat_at FROM workers")
    return moment_of(rows[0][0]) if rows else None


def is_worker_silent(journal: Journal, now: datetime | None = None) -> bool:
    """Whether no worker seems to be at work."""
    beat = worker_beat(journal)
    return beat is None or (now or datetime.now(UTC)) - beat > timedelta(seconds=SILENT_SECONDS)


@dataclass(frozen=True)
class Restored:
    """What one run restored in a month."""

    digest: str
    ended_at: datetime
    confirmed_by: str
    object_count: int
    size_bytes: int


def restores_of(journal: Journal, month: date) -> list[Restored]:
    """Restores that ended in a month (UTC), oldest first: objects and bytes that were asked for, or there already.

    Args:
        month: its first day.
    """
    if not journal.exists():
        return []
    after = (month.replace(day=1) + timedelta(days=32)).replace(day=1)
    values = {
        name: stamp(datetime(day.year, day.month, 1, tzinfo=UTC))
        for name, day in (("start", month), ("end", after))
    }
    found = []
    with journal.reading() as transaction:
        for number, digest, by, ended_at in transaction.run(
            "SELECT number, digest, confirmed_by, ended_at FROM runs JOIN plans ON number = plan "
            "WHERE json_extract(header, '$.action') = 'restore' AND ended_at >= :start AND ended_at < :end "
            "ORDER BY ended_at",
            values,
        ):
            told = totals(transaction, number)
            count = sum(told["outcome_counts"].get("done", {}).values())
            found.append(Restored(digest, moment_of(ended_at), by, count, told["done_bytes"]))
    return found


def acted(journal: Journal, since: date) -> list[Acted]:
    """What the runs that ended on a day (UTC) or later, or are still running, were to cost, oldest first.

    Plans of which nothing was carried out are left out; the price of a run that was cut short counts whole.
    """
    if not journal.exists():
        return []
    with journal.reading() as transaction:
        now = transaction.now()
        rows = transaction.run(
            "SELECT digest, header, started_at, ended_at FROM runs JOIN plans ON number = plan "
            "WHERE started_at IS NOT NULL AND coalesce(ended_at, :now) >= :since "
            "AND EXISTS (SELECT 1 FROM run_items AS items WHERE items.plan = number AND items.state = 'done') "
            "ORDER BY started_at",
            {"now": stamp(now), "since": stamp(datetime(since.year, since.month, since.day, tzinfo=UTC))},
        )
    found = []
    for digest, text, started_at, ended_at in rows:
        header = json.loads(text)
        parts: dict[str, Decimal] = {}
        for part in header["costs"]:
            if part["usd"] is not None:
                parts[part["what"]] = parts.get(part["what"], Decimal(0)) + Decimal(part["usd"])
        copy_days = int(header["params"].get("days", 0)) + 1 if "copy" in parts else 0
        ended = moment_of(ended_at) if ended_at else now
        found.append(
            Acted(digest, header["action"], moment_of(started_at).date(), ended.date(), copy_days, parts)
        )
    return found
