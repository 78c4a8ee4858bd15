"""What people do about findings: assign, comment, snooze, close, reopen; one finding or a thousand, one event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from dashboard.errors import DashboardError, ExitCode
from dashboard.operate.journal import Event, Journal, Transaction, changes_digest, stamp
from dashboard.operate.selection import WORK, Selection

LOCAL_OPERATOR = "local operator"
LONGEST_TEXT = 2_000

Deed = Literal["assign", "comment", "snooze", "close", "reopen"]
_MISSING = "Something is missing"
_DONE = {
    "assign": "assigned",
    "comment": "commented",
    "snooze": "snoozed",
    "close": "closed",
    "reopen": "reopened",
}
_FROM_STATES = {
    "assign": ("open", "assigned", "snoozed"),
    "comment": ("open", "assigned", "snoozed", "accepted", "closed", "gone"),
    "snooze": ("open", "assigned", "snoozed"),
    "close": ("open", "assigned", "snoozed"),
    "reopen": ("accepted", "snoozed"),
}


@dataclass(frozen=True)
class Action:
    """What is to be done.

    Attributes:
        owner: for "assign": the new owner; '' takes the name away, None leaves it.
        due_on: for "assign": the new due date, None leaves it.
        until: for "snooze": the day on which it comes back.
        text: the comment, or the reason of a snooze, a closing or a reopening.
    """

    deed: Deed
    owner: str | None = None
    due_on: date | None = None
    until: date | None = None
    text: str = ""

    def check(self, today: date) -> None:
        """Raises DashboardError (USAGE) if something that the deed needs is missing or cannot be so."""
        if self.deed == "assign" and self.owner is None and self.due_on is None:
            raise self._refused(cause=_MISSING, next_step="Choose an owner or a due date")
        if self.due_on is not None and self.due_on < today:
            mend = "Choose today or a later day as the due date"
            raise self._refused(cause="The due date has passed", next_step=mend)
        if "," in (self.owner or ""):
            mend = "Write the owner's name without a comma"
            raise self._refused(cause="A comma stands between names in addresses", next_step=mend)
        if self.deed == "snooze" and (self.until is None or self.until <= today):
            mend = "Choose a day after today on which it comes back"
            raise self._refused(cause=_MISSING, next_step=mend)
        if self.deed in {"snooze", "close"} and not self.text.strip():
            raise self._refused(cause=_MISSING, next_step="Say why; the reason is kept with the finding")
        if self.deed == "comment" and not self.text.strip():
            raise self._refused(cause=_MISSING, next_step="Write a comment")
        if len(self.text) > LONGEST_TEXT:
            mend = "Write less: a text may have 2,000 characters"
            raise self._refused(cause="The text is too long", next_step=mend)

    def _refused(self, *, cause: str, next_step: str) -> DashboardError:
        return DashboardError(
            ExitCode.USAGE, "Nothing was changed", cause=cause, next_step=next_step, locator=self.deed
        )


@dataclass(frozen=True)
class Done:
    """What an action led to; `is_repeated`: the same form had been carried out before, and nothing was done again."""

    event: Event
    finding_count: int
    is_repeated: bool = False


def act(
    journal: Journal,
    selection: Selection,
    action: Action,
    *,
    actor: str,
    today: date,
    token: str | None = None,
    seen: int | None = None,
    expected_count: int | None = None,
) -> Done:
    """Carry an action out on everything selected, as one event.

    Args:
        actor: who does it; an empty name is the local operator.
        today: on the archive's clock.
        token: of the form; the same one is carried out once, however often it is sent.
        seen: number of the last event the person had seen; what changed since then is a conflict.
        expected_count: how many findings the person saw.

    Raises:
        DashboardError: USAGE, CONFLICT, or of the journal; nothing was changed then.
    """
    action.check(today)
    with journal.writing() as transaction:
        if token and (known := transaction.said(token)):
            return Done(known, int(known.payload["finding_count"]), is_repeated=True)
        event_id = transaction.head() + 1
        now = transaction.now()
        count = _choose(transaction, selection, now, today)
        named_count = len(set(selection.finding_ids or ()))
        _refuse_conflict(transaction, action, count, named_count, seen, expected_count)
        subject = selection.finding_ids[0] if selection.finding_ids and count == 1 else ""
        values: dict[str, Any] = {
            "event": event_id,
            "now": stamp(now),
            "owner": action.owner,
            "due_on": action.due_on.isoformat() if action.due_on else None,
            "until": action.until.isoformat() if action.until else None,
            "text": action.text.strip(),
            "change": _DONE[action.deed],
        }
        transaction.run("INSERT INTO changes SELECT number, :event, :change FROM picked", values)
        if action.deed == "close":
            transaction.run(
                "INSERT INTO closings SELECT :event, number, 'closed', coalesce(owner, ''), opened_at, :now "
                "FROM findings WHERE number IN (SELECT number FROM picked)",
                values,
            )
        transaction.run(_UPDATES[action.deed], values)
        transaction.run(
            "UPDATE findings SET changed_by = :event, comment_count = comment_count + (:text <> '') "
            "WHERE number IN (SELECT number FROM picked)",
            values,
        )
        given = {name: values[name] for name in ("owner", "due_on", "until", "text") if values[name]}
        if action.owner == "":
            given["owner"] = ""
        event = transaction.append(
            f"findings.{_DONE[action.deed]}",
            subject,
            actor.strip() or LOCAL_OPERATOR,
            {
                **given,
                "finding_count": count,
                "selection": selection.as_payload(),
                "changes_digest": changes_digest(transaction, event_id),
            },
            token=token,
            at=now,
        )
        transaction.run("DROP TABLE picked")
        return Done(event, count)


_UPDATES: dict[str, str] = {
    "assign": "UPDATE findings SET owner = coalesce(:owner, owner), due_on = coalesce(:due_on, due_on) "
    "WHERE number IN (SELECT number FROM picked)",
    "comment": "UPDATE findings SET comment_count = comment_count WHERE number IN (SELECT number FROM picked)",
    "snooze": "UPDATE findings SET snoozed_until = :until, snooze_reason = :text "
    "WHERE number IN (SELECT number FROM picked)",
    "close": "UPDATE findings SET closed_at = :now, close_reason = :text, snoozed_until = NULL, snooze_reason = '' "
    "WHERE number IN (SELECT number FROM picked)",
    "reopen": "UPDATE findings SET closed_at = NULL, close_reason = '', snoozed_until = NULL, snooze_reason = '', "
    "opened_at = CASE WHEN closed_at IS NULL THEN opened_at ELSE :now END, "
    "opened_by = CASE WHEN closed_at IS NULL THEN opened_by ELSE :event END "
    "WHERE number IN (SELECT number FROM picked)",
}


def _choose(transaction: Transaction, selection: Selection, now: datetime, today: date) -> int:
    transaction.run("CREATE TEMP TABLE picked (number INTEGER PRIMARY KEY, state TEXT, changed_by INTEGER)")
    transaction.run(
        f"INSERT INTO picked {WORK} SELECT number, state, changed_by FROM chosen",
        selection.values(now, today),
    )
    return int(transaction.run("SELECT count(*) FROM picked")[0][0])


def _refuse_conflict(
    transaction: Transaction,
    action: Action,
    count: int,
    named_count: int,
    seen: int | None,
    expected_count: int | None,
) -> None:
    newer = (
        0
        if seen is None
        else transaction.run("SELECT count(*) FROM picked WHERE changed_by > :seen", {"seen": seen})[0][0]
    )
    if newer or (expected_count is not None and count != expected_count):
        raise DashboardError(
            ExitCode.CONFLICT,
            "Nothing was changed",
            cause="The list has changed since you looked. Findings meant now: {count}; changed: {newer}",
            next_step="Look at the list as it is now, then decide again",
            locator="worklist",
            count=count,
            newer=newer,
        )
    allowed = _FROM_STATES[action.deed]
    states = {row[0] for row in transaction.run("SELECT DISTINCT state FROM picked")}
    if not count:
        raise DashboardError(
            ExitCode.USAGE,
            "Nothing was changed",
            cause="No finding is chosen by this",
            next_step="Look at the list (`worklist list`, or the page), then choose findings that are on it",
            locator=action.deed,
        )
    if states - set(allowed):
        raise DashboardError(
            ExitCode.USAGE,
            "Nothing was changed",
            cause="Of {count} findings chosen, some are in a state in which this cannot be done: {states}",
            next_step="Choose findings in these states only: {allowed}",
            locator=action.deed,
            count=count,
            states=", ".join(sorted(states - set(allowed))) or "-",
            allowed=", ".join(allowed),
        )
    if count < named_count and expected_count is None:
        raise DashboardError(
            ExitCode.USAGE,
            "Nothing was changed",
            cause="Only {count} of the {named} findings named are known",
            next_step="Look at the list (`worklist list`, or the page), then choose findings that are on it",
            locator=action.deed,
            count=count,
            named=named_count,
        )
