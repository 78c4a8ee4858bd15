"""What restored objects say of their temporary copies: asked for, in progress, ready until, expired.

The worker asks the objects themselves; a report says nothing of it.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from dashboard.aws import objects
from dashboard.aws.calls import CallFault, open_client
from dashboard.domain.plan import Item
from dashboard.operate.journal import Journal, stamp
from dashboard.settings import Settings

log = logging.getLogger("dashboard.worker")
STATES = ("asked", "in_progress", "ready", "expired", "gone")
AT_ONCE = 200
EVERY = timedelta(minutes=10)
"""How often a copy in progress is asked about, at most."""
LARGE_RUN = 1_000
"""Above so many objects a tenth of the time that has passed goes by before they are asked again: looks cost money, and
100,000 every ten minutes for two days would cost more than some restores."""

# What was never asked about comes first. A copy that is ready is asked about once more after its time.
_DUE = """
SELECT items.plan, items.position, bucket, key, version_id, e_tag, storage_class, access_tier, size_bytes,
    items.copy_state, coalesce(items.ready_until, '')
FROM run_items AS items JOIN plan_items USING (plan, position) JOIN runs ON runs.plan = items.plan
    JOIN plans ON plans.number = items.plan
WHERE items.state = 'done' AND json_extract(header, '$.action') = 'restore'
  AND (
    items.checked_at IS NULL
    -- Asked while the machine's clock was ahead.
    OR items.checked_at > :now
    OR julianday(:now) - julianday(items.checked_at) > max(
        :every_days,
        CASE WHEN json_extract(header, '$.object_count') > :large
            THEN (julianday(:now) - julianday(coalesce(runs.ended_at, runs.started_at))) / 10 ELSE 0 END
    )
  )
  AND (items.copy_state IN ('asked', 'in_progress') OR (items.copy_state = 'ready' AND items.ready_until < :now))
  AND runs.state <> 'running'
ORDER BY items.checked_at LIMIT :limit
"""


def look(settings: Settings, journal: Journal) -> int:
    """Ask the objects whose copies are due, and write down what they say; returns how many answered.

    Raises:
        DashboardError: of the journal, or CREDENTIALS.
    """
    with journal.reading() as transaction:
        now = transaction.now()
        rows = transaction.run(
            _DUE,
            {
                "every_days": EVERY / timedelta(days=1),
                "now": stamp(now),
                "large": LARGE_RUN,
                "limit": AT_ONCE,
            },
        )
    if not rows:
        return 0
    s3 = open_client(settings.aws)

    def ask(row: tuple[Any, ...]) -> tuple[str, str | None] | None:
        item = Item(*row[2:9])
        try:
            seen = objects.look(s3, item.bucket, item.key, item.version_id)
            return state_of(item, seen)
        except CallFault:
            return None
        except Exception as error:  # nobody foresaw it; the worker goes on all the same
            log.error("%s while a copy was asked about", type(error).__name__)
            return None

    with ThreadPoolExecutor(settings.operate.threads) as pool:
        answers = list(pool.map(ask, rows))
    with journal.writing() as transaction:
        at = stamp(transaction.now())
        transaction.run_many(
            "UPDATE run_items SET copy_state = ?, ready_until = ?, checked_at = ? WHERE plan = ? AND position = ?",
            (
                # Without an answer only the time is noted, so that the others get their turn.
                (*(answer or (row[9], row[10] or None)), at, row[0], row[1])
                for row, answer in zip(rows, answers, strict=True)
            ),
        )
    return sum(answer is not None for answer in answers)


def state_of(item: Item, seen: objects.Seen | None) -> tuple[str, str | None]:
    """State of a copy and until when it is ready, from what the object says."""
    if seen is None or (item.e_tag and seen.e_tag != item.e_tag):
        return "gone", None
    if seen.copy == "in_progress":
        return "in_progress", None
    if seen.copy == "ready":
        return "ready", stamp(seen.ready_until) if seen.ready_until else None
    if item.storage_class == "INTELLIGENT_TIERING":
        return ("in_progress" if seen.archive_status else "ready"), None
    # From the moment a request is accepted the object tells of it; if it does not, the copy has come and gone.
    return "expired", None


def readable(journal: Journal, now: datetime) -> frozenset[tuple[str, ...]]:
    """Archived objects that can be read now, as far as runs of this dashboard know: bucket, key, version id, ETag."""
    if not journal.exists():
        return frozenset()
    with journal.reading() as transaction:
        return frozenset(
            transaction.run(
                "SELECT bucket, key, version_id, e_tag FROM run_items JOIN plan_items USING (plan, position) "
                "WHERE copy_state = 'ready' AND (ready_until IS NULL OR ready_until > :now)",
                {"now": stamp(now)},
            )
        )


def known(settings: Settings, now: datetime | None) -> Callable[[], frozenset[tuple[str, ...]]]:
    """`readable` of a warehouse's journal, asked once and only if somebody wants to know.

    Args:
        now: the present if left out.
    """
    return functools.cache(lambda: readable(Journal(settings.warehouse.folder), now or datetime.now(UTC)))


def counts(journal: Journal, digest: str, now: datetime) -> Mapping[str, int]:
    """Objects of a run by the state of their copies."""
    with journal.reading() as transaction:
        return dict(
            transaction.run(
                "SELECT CASE WHEN copy_state = 'ready' AND ready_until < :now THEN 'expired' ELSE copy_state END, "
                "count(*) FROM run_items JOIN plans ON number = plan WHERE digest = :digest AND copy_state <> '' "
                "GROUP BY 1",
                {"digest": digest, "now": stamp(now)},
            )
        )
