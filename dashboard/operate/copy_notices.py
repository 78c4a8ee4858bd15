"""Tell people that restored copies are ready, and a day before they go: once for each run and address, no key in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from dashboard.formats import count as counted
from dashboard.formats import when
from dashboard.operate.journal import Journal, Transaction, moment_of, stamp
from dashboard.operate.notify import ACTOR, Status, send, sending_alone
from dashboard.settings import Notify, Settings
from dashboard.wording import _, n_, spoken

EVERY = timedelta(minutes=1)
"""How often the worker looks whether something is to be told."""
AGAIN_AFTER = timedelta(hours=1)
"""After a message that did not arrive."""
BEFORE_THE_END = timedelta(days=1)
What = Literal["ready", "ending"]


@dataclass(frozen=True)
class CopyNotice:
    """What is to be told of a run.

    Attributes:
        what: ready: nothing of it is in progress any more; ending: the first copies go within a day.
        ends_at: when the first copies go; None where objects came back inside Intelligent-Tiering for good.
    """

    digest: str
    what: What
    why: str
    object_count: int
    ends_at: datetime | None


@dataclass(frozen=True)
class Told:
    """What became of a notice at one address; `detail` says why it did not go out, and never holds the address."""

    name: str
    status: Status
    object_count: int
    detail: str = ""


_COPIES = """
SELECT digest, why,
    sum(copy_state IN ('asked', 'in_progress')) AS waiting,
    sum(copy_state = 'ready' AND (ready_until IS NULL OR ready_until > :now)) AS ready,
    min(CASE WHEN copy_state = 'ready' AND ready_until > :now THEN ready_until END) AS ends_at,
    sum(copy_state = 'ready' AND ready_until > :now AND ready_until <= :soon) AS ending
FROM run_items AS items JOIN runs ON runs.plan = items.plan JOIN plans ON number = items.plan
WHERE json_extract(header, '$.action') = 'restore' AND runs.state IN ('finished', 'cancelled')
  AND items.state = 'done' AND runs.ended_at > :oldest
  -- A run that keeps the same copies longer tells of them itself.
  AND digest NOT IN (
    SELECT json_extract(later.header, '$.params.extends')
    FROM plans AS later JOIN runs AS kept ON kept.plan = later.number
    WHERE json_extract(later.header, '$.params.extends') IS NOT NULL AND kept.state = 'finished'
  )
GROUP BY digest, why
HAVING ready > 0
"""
_TOLD = """
SELECT max(at) FROM events
WHERE kind = :kind AND subject = :subject
  AND json_extract(payload, '$.digest') = :digest AND json_extract(payload, '$.what') = :what
"""
OLDEST = timedelta(days=400)
"""Copies stay up to a year."""


def tell(settings: Settings, journal: Journal) -> list[Told]:
    """Send what is due to each address that wants it.

    Raises:
        DashboardError: of the journal. A message that does not arrive is one that failed, and tried again later.
    """
    targets = [target for target in settings.notify if target.restores]
    if not targets or not journal.exists():
        return []
    with sending_alone(journal.file.parent) as is_alone:
        if not is_alone:
            return []
        return [done for target in targets for done in _tell(settings, journal, target)]


def _tell(settings: Settings, journal: Journal, target: Notify) -> Iterator[Told]:
    with journal.reading() as transaction:
        now = transaction.now()
        due = list(_due(transaction, target, now))
    zone = settings.archive.timezone
    for notice in due:
        if target.is_quiet_at(now, zone):
            yield Told(target.name, "quiet", notice.object_count, target.quiet_hours)
            continue
        with spoken(target.language):
            title, body = _words(settings, target, notice)
        failure = send(target, title, body)
        payload = {"digest": notice.digest, "what": notice.what, "object_count": notice.object_count}
        if failure:
            journal.append("copies.untold", target.name, ACTOR, {**payload, "reason": failure})
            yield Told(target.name, "failed", notice.object_count, failure)
        else:
            journal.append("copies.told", target.name, ACTOR, payload)
            yield Told(target.name, "sent", notice.object_count)


def _due(transaction: Transaction, target: Notify, now: datetime) -> Iterator[CopyNotice]:
    times = {"now": stamp(now), "soon": stamp(now + BEFORE_THE_END), "oldest": stamp(now - OLDEST)}
    for digest, why, waiting, ready, ends_at, ending in transaction.run(_COPIES, times):
        end = moment_of(ends_at) if ends_at else None
        # Copies that go so soon are told of as ready with their end, and not once more.
        was_ready = _at(transaction, "copies.told", target, digest, "ready")
        if not waiting and was_ready is None:
            found = CopyNotice(digest, "ready", why, int(ready), end)
        elif ending and was_ready is not None and was_ready < now - BEFORE_THE_END / 2:
            found = CopyNotice(digest, "ending", why, int(ending), end)
        else:
            continue
        failed_at = _at(transaction, "copies.untold", target, digest, found.what)
        is_told = _at(transaction, "copies.told", target, digest, found.what) is not None
        if not is_told and (failed_at is None or now - failed_at >= AGAIN_AFTER):
            yield found


def _at(transaction: Transaction, kind: str, target: Notify, digest: str, what: What) -> datetime | None:
    values = {"kind": kind, "subject": target.name, "digest": digest, "what": what}
    at = transaction.run(_TOLD, values)[0][0]
    return moment_of(at) if at else None


def _words(settings: Settings, target: Notify, notice: CopyNotice) -> tuple[str, str]:
    zone = settings.archive.timezone
    number = counted(notice.object_count)
    if notice.what == "ready":
        title = n_(
            "{archive}: {count} restored object can be read",
            "{archive}: {count} restored objects can be read",
            notice.object_count,
        )
    else:
        title = n_(
            "{archive}: the copy of {count} restored object goes soon",
            "{archive}: the copies of {count} restored objects go soon",
            notice.object_count,
        )
    lines = [
        _("Reason given: {why}").format(why=notice.why),
        _("Run: {digest}").format(digest=notice.digest[:12]),
    ]
    if notice.ends_at is not None:
        lines.insert(0, _("Readable until {moment}").format(moment=when(notice.ends_at, zone)))
    lines.append(
        _("To keep them longer: Runs page, or `plan restore --extend {digest}`").format(
            digest=notice.digest[:12]
        )
    )
    if target.page_url:
        lines.append(target.page_url)
    return title.format(archive=settings.archive.name, count=number), "\n".join(lines)
