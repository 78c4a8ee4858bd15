"""Tell people about new findings: one digest to each address, counted by rule, without a single object key.

What was sent, and what could not be, stands in the journal; what could not be sent is sent by the next run.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from dashboard.domain.notes import Note
from dashboard.operate.journal import Journal, Transaction, moment_of
from dashboard.operate.selection import WORK, Selection
from dashboard.settings import Notify, Settings
from dashboard.wording import N_, _, n_, spoken

ACTOR = "notify"
SEVERITIES = {"critical": N_("Critical"), "high": N_("High"), "medium": N_("Medium"), "low": N_("Low")}
_NO_ANSWER = "the receiver could not be reached, or refused the credentials"
Status = Literal["sent", "failed", "nothing_new", "quiet", "told_today", "no_address", "busy"]


@dataclass(frozen=True)
class Delivery:
    """What became of one address; `detail` says why nothing went out, and never holds the address itself."""

    name: str
    status: Status
    finding_count: int = 0
    detail: str = ""


@dataclass(frozen=True)
class _News:
    """New findings of an address: up to which event, and (title, severity, count) of each rule."""

    up_to: int
    rules: list[tuple[str, str, int]]
    open_count: int

    @property
    def count(self) -> int:
        return sum(row[2] for row in self.rules)


def notify(settings: Settings, journal: Journal) -> list[Delivery]:
    """Send every digest that is due.

    Raises:
        DashboardError: of the journal. A message that does not arrive is no error but a Delivery that failed.
    """
    if not settings.notify or not journal.exists():
        return []
    with sending_alone(journal.file.parent) as is_alone:
        if not is_alone:
            return [Delivery(target.name, "busy") for target in settings.notify]
        return [_tell(settings, journal, target) for target in settings.notify]


def test(settings: Settings) -> list[Delivery]:
    """Send a message to every address, whatever the hour, and say of each whether it was taken."""
    found = []
    for target in settings.notify:
        with spoken(target.language):
            title = _("{archive}: test message").format(archive=settings.archive.name)
            body = _("If you read this, digests of new findings will reach you here.")
            failure = send(target, title, body)
        status: Status = _failed(target) if failure else "sent"
        found.append(Delivery(target.name, status, detail=failure))
    return found


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a message."""

    name: str
    media_type: str
    body: bytes


def send_report(
    journal: Journal, target: Notify, title: str, body: str, files: Sequence[Attachment], month: str
) -> Delivery:
    """Send a monthly report to one address at once, whatever the hour; somebody asked for it.

    Args:
        body: says the report in words, for services that take no files.
        month: as 2026-10, for the journal.

    Raises:
        DashboardError: of the journal.
    """
    failure = send(target, title, body, files)
    payload: dict[str, Any] = {"month": month, "files": [item.name for item in files]}
    if failure:
        journal.append("report.failed", target.name, ACTOR, {**payload, "reason": failure})
        return Delivery(target.name, _failed(target), detail=failure)
    journal.append("report.sent", target.name, ACTOR, payload)
    return Delivery(target.name, "sent")


def _failed(target: Notify) -> Status:
    return "failed" if os.environ.get(target.url_env) else "no_address"


def _tell(settings: Settings, journal: Journal, target: Notify) -> Delivery:
    zone = ZoneInfo(settings.archive.timezone)
    now = journal.now().astimezone(zone)
    with journal.reading() as transaction:
        last = _last(transaction, "notify.sent", target.name)
        since = last or _last(transaction, "notify.began", target.name)
        begins_at = _beginning(transaction)
    if since is None:
        # From here on its news count, also those that wait for the end of quiet hours or cannot be delivered.
        journal.append("notify.began", target.name, ACTOR, {"up_to": begins_at})
    with journal.reading() as transaction:
        news = _news(transaction, target, begins_at if since is None else since[1], now)
    if not news.count:
        return Delivery(target.name, "nothing_new")
    if target.is_quiet_at(now, settings.archive.timezone):
        return Delivery(target.name, "quiet", news.count, target.quiet_hours)
    if target.digest == "daily" and last and last[0].astimezone(zone).date() == now.date():
        return Delivery(target.name, "told_today", news.count)
    with spoken(target.language):
        title, body = _words(settings, target, news)
    failure = send(target, title, body)
    payload: dict[str, Any] = {"up_to": news.up_to, "finding_count": news.count}
    if failure:
        journal.append("notify.failed", target.name, ACTOR, {**payload, "reason": failure})
        return Delivery(target.name, _failed(target), news.count, failure)
    counts = {title: count for title, _severity, count in news.rules}
    journal.append("notify.sent", target.name, ACTOR, {**payload, "rules": counts})
    return Delivery(target.name, "sent", news.count)


def _beginning(transaction: Transaction) -> int:
    """Where the news of a new address begin: before what the newest sync opened, and never before the worklist."""
    newest, first = transaction.run(
        "SELECT coalesce(max(event_id), 0), coalesce(min(event_id), 0) FROM followed"
    )[0]
    return max(int(newest) - 1, int(first))


def _news(transaction: Transaction, target: Notify, since: int, now: datetime) -> _News:
    """What a sync opened after an event and is still to be done, as the worklist counts it.

    Args:
        now: on the archive's clock.
    """
    severities = list(SEVERITIES)
    wanted = tuple(severities[: severities.index(target.min_severity) + 1])
    rows = transaction.run(
        f"{WORK} SELECT title, severity, count(*) FROM chosen JOIN events ON events.id = chosen.opened_by "
        "WHERE opened_by > :since AND events.kind = 'findings.seen' GROUP BY title, severity "
        "ORDER BY CASE severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END, title",
        {**Selection(severities=wanted).values(now, now.date()), "since": since},
    )
    still_open = transaction.run(f"{WORK} SELECT count(*) FROM chosen", Selection().values(now, now.date()))
    newest = transaction.run("SELECT coalesce(max(event_id), 0) FROM followed")[0][0]
    return _News(int(newest), [(str(a), str(b), int(c)) for a, b, c in rows], int(still_open[0][0]))


def _last(transaction: Transaction, kind: str, subject: str) -> tuple[datetime, int] | None:
    rows = transaction.run(
        "SELECT at, json_extract(payload, '$.up_to') FROM events WHERE kind = :kind AND subject = :subject "
        "ORDER BY id DESC LIMIT 1",
        {"kind": kind, "subject": subject},
    )
    return (moment_of(rows[0][0]), int(rows[0][1])) if rows else None


def _words(settings: Settings, target: Notify, news: _News) -> tuple[str, str]:
    title = n_("{archive}: {count} new finding", "{archive}: {count} new findings", news.count)
    lines = [f"{_(SEVERITIES[severity])} · {_(rule)}: {count:,}" for rule, severity, count in news.rules]
    lines += ["", _("Still open in all: {count}").format(count=f"{news.open_count:,}")]
    if target.page_url:
        lines.append(_("Worklist: {url}").format(url=target.page_url))
    return title.format(archive=settings.archive.name, count=f"{news.count:,}"), "\n".join(lines)


def send(target: Notify, title: str, body: str, files: Sequence[Attachment] = ()) -> str:
    """Send one message, with files where the service takes them.

    Returns:
        Why it did not go out, '' if it did; it never holds the address.
    """
    addresses = os.environ.get(target.url_env, "").split()
    if not addresses:
        return f"the environment has no {target.url_env}"
    import apprise
    from apprise.attachment.memory import AttachMemory

    asset = apprise.AppriseAsset(app_id="ArchiveLens", app_desc="", app_url="", async_mode=False)
    service = apprise.Apprise(asset=asset)
    if not all(service.add(address) for address in addresses):
        return f"{target.url_env} is no address that Apprise knows"
    attached = apprise.AppriseAttachment()
    for file in files:
        memory = AttachMemory(file.body, name=file.name, mimetype=file.media_type)  # type: ignore[no-untyped-call]
        attached.add(memory)
    with apprise.LogCapture(level=apprise.logging.WARNING) as said:  # type: ignore[no-untyped-call]
        try:
            is_taken = service.notify(
                body=body,
                title=title,
                body_format=apprise.NotifyFormat.TEXT,
                attach=attached if files else None,
            )
        except Exception as error:  # a plugin's own; whatever it is, the sync goes on
            return f"the message could not be sent ({type(error).__name__})"
        answer = re.search(r"error=(\d{3})\b", said.getvalue())
    if is_taken:
        return ""
    return f"the receiver answered {answer[1]}" if answer else _NO_ANSWER


@contextlib.contextmanager
def sending_alone(folder: Path) -> Iterator[bool]:
    """Whether no other process is sending: two would send the same digest twice."""
    with (folder / "notify.lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True


def summary(deliveries: Sequence[Delivery]) -> list[Note]:
    """What somebody should know of deliveries."""
    texts = {
        "sent": Note(
            "Digest to {name}: told of {count} new finding", "Digest to {name}: told of {count} new findings"
        ),
        "failed": Note(
            "Digest to {name}: not told of {count} new finding, tried again next time: {detail}",
            "Digest to {name}: not told of {count} new findings, tried again next time: {detail}",
        ),
        "no_address": Note(
            "Digest to {name}: not told of {count} new finding: {detail}",
            "Digest to {name}: not told of {count} new findings: {detail}",
        ),
        "quiet": Note(
            "Digest to {name}: {count} new finding waits for the end of the quiet hours",
            "Digest to {name}: {count} new findings wait for the end of the quiet hours",
        ),
        "busy": Note("Digest to {name}: another process is sending"),
    }
    return [
        Note(text.text, text.plural, name=item.name, count=item.finding_count, detail=item.detail)
        for item in deliveries
        if (text := texts.get(item.status))
    ]
