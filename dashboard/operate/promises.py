"""The ledger of savings: a person accepts a proposal, the journal keeps it, and later bills are held against it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dashboard.domain.promises import Promise, Seen, held_against, payload, promise_of
from dashboard.domain.savings import Savings
from dashboard.errors import DashboardError, ExitCode
from dashboard.operate.follow import Reader
from dashboard.operate.journal import Event, Journal, Transaction
from dashboard.operate.savings import asked

ACCEPTED, WITHDRAWN = "savings.accepted", "savings.withdrawn"
TITLE = "Nothing was promised"
LONGEST_TEXT = 2_000


@dataclass(frozen=True)
class Entry:
    """A promise and what the months after it showed, oldest first."""

    promise: Promise
    seen: tuple[Seen, ...]


def accept(
    journal: Journal,
    found: Savings,
    proposal_id: str,
    followed: Iterable[Mapping[str, Any]],
    *,
    snapshot_id: str,
    region: str | None,
    actor: str,
    note: str = "",
    token: str | None = None,
) -> Event:
    """Promise what a proposal of a snapshot saves.

    Args:
        followed: rows of `savings.followed` of the same snapshot.
        token: of the form; the same one is carried out once, however often it is sent.

    Raises:
        DashboardError: USAGE if there is no such proposal or it saves nothing, CONFLICT if it is promised already, or
            of the journal.
    """
    proposal = found.find(proposal_id)
    if proposal is None or not proposal.month_usd or len(note) > LONGEST_TEXT:
        raise DashboardError(
            ExitCode.USAGE,
            TITLE,
            cause="{proposal} is no proposal that saves money in snapshot {snapshot}",
            next_step="Choose one of: {known}",
            locator="savings",
            proposal=proposal_id,
            snapshot=snapshot_id,
            known=", ".join(item.kind.id for item in found.counted if item.month_usd) or "-",
        )
    told = payload(
        proposal, found.proposals, followed, snapshot_id=snapshot_id, region=region or "", note=note.strip()
    )
    with journal.writing() as transaction:
        if token and (known := transaction.said(token)):
            return known
        if standing := [
            item
            for item in _promises(transaction)
            if item.proposal_id == proposal_id and not item.withdrawn_at
        ]:
            raise DashboardError(
                ExitCode.CONFLICT,
                TITLE,
                cause="It was promised already, as number {number} by {actor}",
                next_step="Withdraw number {number} first: two promises of the same objects would be counted twice",
                locator="savings",
                number=standing[0].number,
                actor=standing[0].actor,
            )
        return transaction.append(ACCEPTED, proposal_id, actor, told, token=token)


def withdraw(journal: Journal, number: int, *, actor: str, reason: str, token: str | None = None) -> Event:
    """Take a promise back; it stays in the ledger with what was seen until then.

    Raises:
        DashboardError: USAGE if there is no such promise, it is withdrawn already, or no reason is given.
    """
    with journal.writing() as transaction:
        if token and (known := transaction.said(token)):
            return known
        standing = {item.number: item for item in _promises(transaction) if not item.withdrawn_at}
        if number not in standing or not reason.strip() or len(reason) > LONGEST_TEXT:
            raise DashboardError(
                ExitCode.USAGE,
                "Nothing was withdrawn",
                cause="There is no promise {number} that holds, or no reason was given",
                next_step="Name one of: {known}; and say why",
                locator="savings",
                number=number,
                known=", ".join(map(str, standing)) or "-",
            )
        told = {"number": number, "reason": reason.strip()}
        return transaction.append(WITHDRAWN, standing[number].proposal_id, actor, told, token=token)


def promises(journal: Journal) -> list[Promise]:
    """Every promise ever made, oldest first."""
    if not journal.exists():
        return []
    with journal.reading() as transaction:
        return _promises(transaction)


def ledger(reader: Reader, journal: Journal, snapshot_id: str | None = None) -> list[Entry]:
    """Every promise beside the bills that came after it, newest promise first.

    Raises:
        DashboardError: of the warehouse or the journal.
    """
    made = promises(journal)
    return beside(made, asked(reader, "savings.months", snapshot_id)) if made else []


def beside(made: Iterable[Promise], months: Iterable[Mapping[str, Any]]) -> list[Entry]:
    """Promises beside the rows of `savings.months`, newest promise first."""
    rows = list(months)
    return [
        Entry(promise, tuple(held_against(promise, rows)))
        for promise in sorted(made, key=lambda item: -item.number)
    ]


def kept_usd(entries: Iterable[Entry], month: date) -> Decimal:
    """What the bill of one month shows of all promises, in dollars: what cannot be told is not in it."""
    return sum(
        (
            line.seen_usd
            for entry in entries
            for line in entry.seen
            if line.month == month and line.seen_usd is not None
        ),
        Decimal(0),
    )


def _promises(transaction: Transaction) -> list[Promise]:
    events = transaction.events((ACCEPTED, WITHDRAWN))
    ended = {int(event.payload["number"]): event.at for event in events if event.kind == WITHDRAWN}
    return [
        promise_of(event.id, event.at, event.actor, event.subject, event.payload, ended.get(event.id))
        for event in events
        if event.kind == ACCEPTED
    ]
