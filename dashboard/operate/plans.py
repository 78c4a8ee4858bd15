"""Keep plans in the journal, and take a confirmed one into the queue: each at most once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from dashboard.domain.plan import Plan, digest_of, total
from dashboard.operate import limits
from dashboard.operate import plan_faults as faults
from dashboard.operate.draft import basis
from dashboard.operate.events import Transaction
from dashboard.operate.journal import Journal, stamp
from dashboard.operate.plan_tables import ITEMS
from dashboard.operate.rights import require
from dashboard.settings import Settings

SHORTEST_DIGEST = 12
LONGEST_REASON = 500
COOLING_OFF = "cooling_off"
"""Cause of a queued run that waits until a moment, which follows it, so that it can still be called off."""


@dataclass(frozen=True)
class KeptPlan:
    """A plan as it is kept: its header and the state of its run, '' if nobody has confirmed it.

    Attributes:
        header: as `Plan.header`.
    """

    number: int
    digest: str
    header: Mapping[str, Any]
    state: str = ""
    confirmed_by: str = ""

    @property
    def object_count(self) -> int:
        return int(self.header["object_count"])

    @property
    def size_bytes(self) -> int:
        return int(self.header["size_bytes"])

    @property
    def refused_count(self) -> int:
        return sum(self.header["refused_counts"].values())

    @property
    def usd(self) -> tuple[Decimal, int]:
        """The known part of the cost, and how many of its parts are not known."""
        return total(self.header["costs"])


def keep(journal: Journal, plan: Plan) -> KeptPlan:
    """Write a plan and its items down; the very same plan twice is one.

    Raises:
        DashboardError: of the journal.
    """
    header = plan.header()
    digest = digest_of(header)
    with journal.writing() as transaction:
        if known := _find(transaction, digest):
            return known
        number = transaction.run("SELECT coalesce(max(number), 0) + 1 FROM plans")[0][0]
        event_id = transaction.head() + 1
        transaction.run(
            "INSERT INTO plans VALUES (:number, :digest, :header, :event)",
            {"number": number, "digest": digest, "header": json.dumps(header), "event": event_id},
        )
        transaction.run_many(
            "INSERT INTO plan_items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((number, position, *item) for position, item in enumerate(plan.items, start=1)),
        )
        told = ("action", "params", "basis", "object_count", "size_bytes", "refused_counts", "costs")
        transaction.append(
            "plan.made",
            digest,
            plan.made_by,
            {**{name: header[name] for name in told}, "items_digest": header["items_digest"]},
        )
        return KeptPlan(number, digest, header)


def find(journal: Journal, wanted: str) -> KeptPlan:
    """The plan with a digest or the beginning of one.

    Raises:
        DashboardError: USAGE if there is none, or more than one, or too little of a digest was given.
    """
    if journal.exists() and len(wanted) >= SHORTEST_DIGEST and wanted.isalnum():
        with journal.reading() as transaction:
            if found := _find(transaction, wanted):
                return found
    raise faults.no_such_plan(wanted, SHORTEST_DIGEST)


def items(
    journal: Journal, plan: KeptPlan, *, is_refused: bool, limit: int | None = None
) -> list[tuple[Any, ...]]:
    """Items of a plan in their order, as domain.plan.Item."""
    with journal.reading() as transaction:
        return transaction.run(
            f"SELECT {ITEMS} FROM plan_items WHERE plan = :plan AND (refusal <> '') = :refused "
            "ORDER BY position LIMIT :limit",
            {"plan": plan.number, "refused": is_refused, "limit": -1 if limit is None else limit},
        )


@dataclass(frozen=True)
class Confirmed:
    """What confirming led to; `is_repeated`: it had been confirmed before, and nothing was done again."""

    plan: KeptPlan
    is_repeated: bool


def confirm(
    journal: Journal,
    settings: Settings,
    digest: str,
    *,
    actor: str,
    names: frozenset[str] | None = None,
    why: str,
) -> Confirmed:
    """Put a plan into the queue; the second person where one is needed.

    Args:
        digest: all 64 digits, of the plan that was read.
        actor: who confirms, for the journal.
        names: of the person, as `Roles.may` takes them.
        why: the reason, in words.

    Raises:
        DashboardError: ACCESS_DENIED, USAGE, PLAN_REFUSED for what exceeds a limit, PLAN_OUTDATED, or of the journal;
            nothing was queued then.
    """
    if not why.strip() or len(why) > LONGEST_REASON:
        raise faults.no_reason(LONGEST_REASON)
    now_basis = basis(settings)
    with journal.writing() as transaction:
        plan = _find(transaction, digest) if len(digest) == 64 else None
        if plan is None:
            raise faults.no_such_plan(digest, 64)
        require(settings, "approve" if plan.state == "waiting" else "operate", names, actor)
        moment = transaction.now()
        is_another = actor.strip().casefold() != plan.confirmed_by.casefold()
        if plan.state and not (plan.state == "waiting" and is_another):
            return Confirmed(plan, is_repeated=True)
        _refuse(transaction, plan, settings, moment, now_basis)
        said = {"why": why.strip(), "object_count": plan.object_count, "size_bytes": plan.size_bytes}
        values = {"plan": plan.number, "actor": actor.strip(), "now": stamp(moment), "why": why.strip()}
        if plan.state == "waiting":
            rest = timedelta(minutes=settings.operate.cool_off_minutes)
            until = stamp(moment + rest) if plan.header.get("removes") and rest else ""
            transaction.run(
                "UPDATE runs SET state = 'queued', approved_by = :actor, cause = :cause WHERE plan = :plan",
                {
                    "plan": plan.number,
                    "actor": actor.strip(),
                    "cause": f"{COOLING_OFF} {until}" if until else "",
                },
            )
            transaction.append("plan.approved", digest, actor, {**said, "begins_after": until})
        else:
            state = "waiting" if _needs_second_person(plan, settings) else "queued"
            transaction.run(
                "INSERT INTO runs (plan, state, why, confirmed_by, confirmed_at) "
                "VALUES (:plan, :state, :why, :actor, :now)",
                {**values, "state": state},
            )
            transaction.run(
                "INSERT INTO run_items (plan, position) SELECT plan, position FROM plan_items "
                "WHERE plan = :plan AND refusal = ''",
                {"plan": plan.number},
            )
            transaction.append(
                "plan.confirmed", digest, actor, {**said, "needs_approval": state == "waiting"}
            )
        kept = _find(transaction, digest)
        assert kept is not None
        return Confirmed(kept, is_repeated=False)


def _needs_second_person(plan: KeptPlan, settings: Settings) -> bool:
    operate, (usd, unknown_count) = settings.operate, plan.usd
    if plan.header.get("removes"):
        return True
    if unknown_count and (operate.second_person_usd, operate.second_person_jpy) != (None, None):
        # What is not known may be more than any amount.
        return True
    if operate.second_person_objects is not None and plan.object_count >= operate.second_person_objects:
        return True
    if operate.second_person_usd is not None and usd >= operate.second_person_usd:
        return True
    if operate.second_person_jpy is None:
        return False
    yen = limits.yen(usd, limits.jpy_per_usd(settings))
    return yen is None or yen >= operate.second_person_jpy


def _refuse(
    transaction: Transaction,
    plan: KeptPlan,
    settings: Settings,
    moment: datetime,
    now_basis: Mapping[str, str],
) -> None:
    if moment >= datetime.fromisoformat(plan.header["expires_at"]):
        raise faults.too_old(plan.digest, plan.header["expires_at"])
    if changed := [name for name, value in plan.header["basis"].items() if now_basis.get(name) != value]:
        raise faults.outdated(plan.digest, ", ".join(changed))
    limits.check(transaction, plan.digest, plan.header, settings, moment)


def _find(transaction: Transaction, wanted: str) -> KeptPlan | None:
    rows = transaction.run(
        "SELECT number, digest, header, coalesce(state, ''), coalesce(confirmed_by, '') "
        "FROM plans LEFT JOIN runs ON plan = number WHERE substr(digest, 1, length(:wanted)) = :wanted LIMIT 2",
        {"wanted": wanted.lower()},
    )
    if len(rows) != 1:
        return None
    number, digest, header, state, confirmed_by = rows[0]
    return KeptPlan(number, digest, json.loads(header), state, confirmed_by)
