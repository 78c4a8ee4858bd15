"""What was promised to be saved, held against the bills that came after.

Two kinds of objects are counted apart in every report, older versions and junk: of them a bill can tell what it would
have been higher by. Of everything else the bill knows the storage class only, where growth, prices and other actions
meet; there the change of the class is shown, and nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, localcontext
from typing import Any, Literal

from dashboard.domain.prices import GIB
from dashboard.domain.savings import Proposal

FOLLOWED = {"noncurrent_version": "noncurrent", "junk_file": "junk"}
"""Proposals whose objects every report counts apart, and how the columns of `savings.months` call them."""
KINDS = {"noncurrent_version": "noncurrent_version", "junk_file": "junk"}
"""The same, by the kind of object."""

Verdict = Literal["kept", "partly", "not_seen", "too_early", "cannot_tell"]
Why = Literal["", "grew", "no_full_month", "not_told_apart", "no_reports", "no_bill"]

_NEARLY, _HARDLY = Decimal("0.95"), Decimal("0.05")
_PLACES = Decimal("0.0000000001")


@dataclass(frozen=True)
class Place:
    """A storage class and tier in a promise.

    Attributes:
        month_usd: promised there; None if only other objects of the kind lay there.
        listed_bytes: of everything of the kind that was there then, less what a rule in force deletes anyway: that is
            no merit of the promise. None for kinds that reports do not count apart.
        gb_usd: list price of a GB-month then, used only where a later bill has no price of its own.
    """

    storage_class: str
    access_tier: str
    month_usd: Decimal | None
    listed_bytes: int | None
    gb_usd: Decimal | None


@dataclass(frozen=True)
class Promise:
    """One accepted proposal.

    Attributes:
        number: of its event in the journal.
        withdrawn_at: since when it does not hold any more.
    """

    number: int
    proposal_id: str
    title: str
    accepted_at: datetime
    actor: str
    note: str
    snapshot_id: str
    month_usd: Decimal
    once_usd: Decimal | None
    object_count: int
    size_bytes: int
    places: tuple[Place, ...]
    withdrawn_at: datetime | None = None


@dataclass(frozen=True)
class Seen:
    """A promise beside one month's bill.

    Attributes:
        month: None before the first full month.
        seen_usd: what the month's bill would have been higher by; None if that cannot be told.
        former_usd, billed_usd: the same classes in the last month before the promise, and in this one.
    """

    month: date | None
    verdict: Verdict
    why: Why
    promised_usd: Decimal
    seen_usd: Decimal | None = None
    former_usd: Decimal | None = None
    billed_usd: Decimal | None = None
    is_estimated: bool = False
    jpy_per_usd: Decimal | None = None


def payload(
    proposal: Proposal, others: Iterable[Proposal], followed: Iterable[Mapping[str, Any]], **more: Any
) -> dict[str, Any]:
    """What an accepted proposal leaves in the journal: all that later bills are held against.

    Args:
        others: all proposals of the snapshot.
        followed: rows of `savings.followed`.
        more: snapshot_id, region, note, …

    Raises:
        ValueError: the proposal saves no money.
    """
    if proposal.month_usd is None:
        raise ValueError("a proposal without money promises nothing")
    promised: dict[tuple[str, str], Decimal] = {}
    for item in proposal.lots:
        promised[item.lot.place] = promised.get(item.lot.place, Decimal(0)) + (item.month_usd or 0)
    bytes_: dict[tuple[str, str], int] = {}
    for item in proposal.lots:
        bytes_[item.lot.place] = bytes_.get(item.lot.place, 0) + item.lot.billed_bytes
    kind = KINDS.get(proposal.kind.id)
    listed = {
        (str(row["storage_class"]), str(row["access_tier"])): int(row["size_bytes"])
        for row in followed
        if row["kind"] == kind
    }
    same = [other for other in others if other.kind.id == proposal.kind.id and other.standing == "in_hand"]
    for lot in (priced.lot for other in same for priced in other.lots):
        if lot.place in listed:
            listed[lot.place] = max(0, listed[lot.place] - lot.size_bytes)
    return {
        **more,
        "title": proposal.kind.title,
        "action": proposal.kind.action,
        "month_usd": str(proposal.month_usd),
        "once_usd": None if proposal.once_usd is None else str(proposal.once_usd),
        "object_count": proposal.object_count,
        "size_bytes": proposal.size_bytes,
        "buckets": sorted({item.lot.source_bucket for item in proposal.lots}),
        "devices": sorted({item.lot.device_id for item in proposal.lots}),
        "places": [
            {
                "storage_class": place[0],
                "access_tier": place[1],
                "month_usd": str(promised[place]) if place in promised else None,
                "listed_bytes": None if kind is None else listed.get(place, 0),
                "gb_usd": str((promised[place] * GIB / bytes_[place]).quantize(_PLACES))
                if bytes_.get(place)
                else None,
            }
            for place in sorted({*promised, *listed} - {("", "")})
        ],
    }


def promise_of(
    number: int,
    at: datetime,
    actor: str,
    proposal_id: str,
    told: Mapping[str, Any],
    withdrawn_at: datetime | None,
) -> Promise:
    """A promise from the event that was written for it."""
    places = tuple(
        Place(
            str(item["storage_class"]),
            str(item["access_tier"]),
            _decimal(item["month_usd"]),
            item["listed_bytes"],
            _decimal(item["gb_usd"]),
        )
        for item in told["places"]
    )
    return Promise(
        number=number,
        proposal_id=proposal_id,
        title=str(told["title"]),
        accepted_at=at,
        actor=actor,
        note=str(told.get("note", "")),
        snapshot_id=str(told["snapshot_id"]),
        month_usd=Decimal(told["month_usd"]),
        once_usd=_decimal(told["once_usd"]),
        object_count=int(told["object_count"]),
        size_bytes=int(told["size_bytes"]),
        places=places,
        withdrawn_at=withdrawn_at,
    )


def held_against(promise: Promise, rows: Iterable[Mapping[str, Any]]) -> list[Seen]:
    """A promise beside every full month that came after it, oldest first; one line without a month before that.

    Args:
        rows: of `savings.months`. The newest month still runs while it is estimated, and is not full.
    """
    months: dict[date, list[Mapping[str, Any]]] = {}
    for row in rows:
        months.setdefault(row["month"], []).append(row)
    if months and any(row["is_estimated"] for row in months[max(months)]):
        del months[max(months)]
    accepted_in = promise.accepted_at.date().replace(day=1)
    later = sorted(month for month in months if month > accepted_in)
    if promise.withdrawn_at is not None:
        later = [month for month in later if month < promise.withdrawn_at.date().replace(day=1)]
    if not later:
        return [Seen(None, "too_early", "no_full_month", promise.month_usd)]
    earlier = [month for month in months if month < accepted_in]
    former = _billed(promise, months[max(earlier)]) if earlier else None
    with localcontext() as context:
        context.prec = 60
        return [_beside(promise, month, months[month], former) for month in later]


def _beside(promise: Promise, month: date, rows: Sequence[Mapping[str, Any]], former: Decimal | None) -> Seen:
    seen, why = _spared(promise, rows)
    verdict: Verdict = "cannot_tell"
    if seen is not None:
        if seen >= promise.month_usd * _NEARLY:
            verdict = "kept"
        else:
            verdict = "partly" if seen > promise.month_usd * _HARDLY else "not_seen"
            why = "grew" if seen < 0 else ""
    return Seen(
        month,
        verdict,
        why,
        promise.month_usd,
        seen_usd=seen,
        former_usd=former,
        billed_usd=_billed(promise, rows),
        is_estimated=any(row["is_estimated"] for row in rows),
        jpy_per_usd=rows[0]["jpy_per_usd"],
    )


def _spared(promise: Promise, rows: Sequence[Mapping[str, Any]]) -> tuple[Decimal | None, Why]:
    """What a month would have cost more with what was listed when the promise was made, at the month's own prices."""
    kind = FOLLOWED.get(promise.proposal_id)
    if kind is None:
        return None, "not_told_apart"
    if any(row["day_count"] < row["month_days"] for row in rows):
        return None, "no_reports"
    known = {(row["storage_class"], row["access_tier"]): row for row in rows}
    then = {(item.storage_class, item.access_tier): item for item in promise.places}
    spared = Decimal(0)
    for place in {*known, *then}:
        row, item = known.get(place), then.get(place)
        before = Decimal(item.listed_bytes or 0) if item else Decimal(0)
        now = Decimal(row[f"{kind}_byte_days"]) / row["day_count"] if row else Decimal(0)
        if before == now:
            continue
        price = _gb_usd(row) or (item.gb_usd if item else None)
        if price is None:
            return None, "no_bill"
        spared += (before - now) / GIB * price
    return spared.quantize(_PLACES), ""


def _gb_usd(row: Mapping[str, Any] | None) -> Decimal | None:
    if row is None or not row["billed_gb_months"] or row["billed_usd"] is None:
        return None
    return Decimal(row["billed_usd"]) / Decimal(row["billed_gb_months"])


def _billed(promise: Promise, rows: Sequence[Mapping[str, Any]]) -> Decimal | None:
    """What a month billed for the classes of a promise."""
    places = {(item.storage_class, item.access_tier) for item in promise.places if item.month_usd is not None}
    known = [
        Decimal(row["billed_usd"])
        for row in rows
        if (row["storage_class"], row["access_tier"]) in places and row["billed_usd"] is not None
    ]
    return sum(known, Decimal(0)) if known else None


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
