"""Change the lifecycle rules of a bucket: the plan with its effect, the way back, and what the worker does about it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from dashboard.aws import lifecycle_change as aws
from dashboard.aws.calls import CallFault
from dashboard.aws.sessions import Client
from dashboard.domain import lifecycle_faults
from dashboard.domain.lifecycle import MINIMUM_SIZES, Configuration, parse
from dashboard.domain.lifecycle_change import removals, touched
from dashboard.domain.plan import Cost, Item, Plan
from dashboard.domain.prices import DAYS_PER_MONTH, GIB, PriceBook
from dashboard.operate import draft, plan_faults
from dashboard.operate import lifecycle_faults as faults
from dashboard.operate.action import Done, Look
from dashboard.operate.journal import Journal
from dashboard.operate.lifecycle_known import NAME, Known, known
from dashboard.operate.lifecycle_reckoning import Ask, Reckoned, reckon
from dashboard.operate.plans import KeptPlan
from dashboard.settings import Settings
from dashboard.settings.price_files import price_book
from dashboard.warehouse import publish


def make_plan(
    settings: Settings,
    journal: Journal,
    ask: Ask,
    bucket: str,
    after: Configuration,
    *,
    made_by: str,
    may_touch: Collection[str] = (),
    undoes: str = "",
    now: datetime | None = None,
) -> Plan:
    """Plan to replace a bucket's configuration. Both configurations stand in the plan: that is the backup, too.

    Args:
        after: all rules that the bucket shall have; those of others as they are.
        may_touch: IDs of rules of others that may be changed or removed, typed out by whoever plans.
        undoes: digest of the plan whose change is taken back.

    Raises:
        DashboardError: PLAN_REFUSED for rules that S3 refuses, that others made or that cannot be read whole; NO_ROWS
            without a change; NO_SNAPSHOT; of the journal and the warehouse.
    """
    rests_on = draft.basis(settings)
    now_known = known(settings, journal, bucket)
    before = now_known.configuration
    after = checked(now_known, after, may_touch)
    found = reckoned(settings, ask, bucket, before, after)
    item = Item(
        bucket, "", "", before.digest, "", "", found.deleted_more.size_bytes, target=after.digest
    )  # fmt: skip
    return draft.build(
        settings,
        NAME,
        {
            "bucket": bucket,
            "before": before.as_data(),
            "after": after.as_data(),
            "undoes": undoes,
            "effect": summary(found),
        },
        [item],
        rests_on=rests_on,
        calls={
            "GetBucketLifecycleConfiguration": 2,
            "PutBucketLifecycleConfiguration" if after.rules else "DeleteBucketLifecycle": 1,
        },
        permissions=aws.PERMISSIONS,
        costs=costs(price_book(settings.warehouse.folder), settings.aws.region, found),
        removes=bool(removals(before, after)),
        made_by=made_by,
        now=now,
    )


def plan_undo(
    settings: Settings,
    journal: Journal,
    ask: Ask,
    plan: KeptPlan,
    *,
    made_by: str,
    may_touch: Collection[str] = (),
    now: datetime | None = None,
) -> Plan:
    """Plan to bring back what a bucket had before a plan was carried out.

    What others changed since would be lost with it, so their rules have to be named then.

    Raises:
        DashboardError: USAGE if the plan changed no rules, and as `make_plan`.
    """
    if plan.header["action"] != NAME:
        raise faults.not_a_change(plan.digest)
    params = plan.header["params"]
    return make_plan(
        settings, journal, ask, params["bucket"], parse(params["before"]),
        made_by=made_by, may_touch=may_touch, undoes=plan.digest, now=now,
    )  # fmt: skip


def checked(now_known: Known, after: Configuration, may_touch: Collection[str] = ()) -> Configuration:
    """The configuration that would be written: with the bucket's setting for small objects, and without a fault.

    Raises:
        DashboardError: as `make_plan`.
    """
    before, bucket = now_known.configuration, now_known.bucket
    if now_known.unread:
        raise faults.unread(bucket, now_known.unread)
    if after.minimum_size is None:
        carried = before.minimum_size if now_known.has_configuration else MINIMUM_SIZES[0]
        after = replace(after, minimum_size=carried)
    if after.is_same(before) and bool(after.rules) == now_known.has_configuration:
        raise faults.no_change(bucket)
    wrong = [fault for fault in lifecycle_faults.find(after, before) if not fault.is_warning]
    if wrong:
        raise faults.illegal(bucket, wrong)
    others = [rule for rule in touched(before, after, now_known.own) if rule.id not in may_touch]
    if others:
        raise faults.foreign(bucket, others)
    return after


def reckoned(
    settings: Settings, ask: Ask, bucket: str, before: Configuration, after: Configuration
) -> Reckoned:
    """What the change would do to the objects of the current snapshot.

    Raises:
        DashboardError: NO_SNAPSHOT, or of the warehouse.
    """
    info = publish.current(settings.warehouse.folder)
    if info is None:
        raise plan_faults.no_snapshot(settings.warehouse.folder)
    reported_on = (info.report_at or info.built_at).date()
    return reckon(settings, ask, bucket, before, after, reported_on)


def summary(found: Reckoned) -> dict[str, Any]:
    """The effect as it is frozen in the plan, JSON values; amounts of money as text, None where unknown."""
    ahead, deleted, moved = found.outlook, found.deleted_more, found.moved_more
    return {
        "moved_count": moved.object_count,
        "moved_bytes": moved.size_bytes,
        "deleted_count": deleted.object_count,
        "deleted_bytes": deleted.size_bytes,
        "saved_usd": None
        if ahead.saved_usd is None
        else format(ahead.saved_usd.quantize(Decimal("0.01")), "f"),
        "break_even_month": ahead.break_even_month,
        "record_count": sum(record.object_count for record in ahead.records),
        "missing": list(ahead.missing),
        "unsized_count": found.unsized_count,
        "uncounted": [{"rule_id": item.rule_id, "why": item.why} for item in found.uncounted],
    }


def costs(book: PriceBook, region: str | None, found: Reckoned) -> list[Cost]:
    """What the change itself costs in twelve months: requests of moves, and leaving classes early."""
    parts = []
    for storage_class, count in found.outlook.fees.items():
        price = book.price(region, f"transition.{storage_class}")
        usd = None if price is None else price.usd * count
        parts.append(Cost("transition", storage_class, Decimal(count), "Requests", usd))
    for storage_class, byte_days in found.outlook.early.items():
        price = book.storage(region, storage_class)
        gib_months = Decimal(byte_days) / GIB / DAYS_PER_MONTH
        usd = None if price is None else price.usd * gib_months
        parts.append(Cost("early_delete", storage_class, gib_months, "GB-Mo", usd))
    return parts


class Lifecycle:
    """The change of one run.

    Args:
        params: of the plan.
    """

    leaves_copies = False

    def __init__(self, s3: Client, params: Mapping[str, Any], _started_at: datetime) -> None:
        self._s3 = s3
        self._before = parse(params["before"])
        self._after = parse(params["after"])
        self._has_written = False

    def look(self, item: Item) -> Look:
        """Compare what the bucket says now with both sides of the plan; raises CallFault."""
        seen = aws.look(self._s3, item.bucket)
        if seen.unread:
            return Look("stale", "unread")
        now = seen.configuration or Configuration()
        if now.is_same(self._after):
            return Look("done", "same_rules")
        if now.is_same(self._before):
            return Look("call", before=json.dumps(now.as_data()))
        return Look("stale", "read_back_differs" if self._has_written else "rules_changed")

    def call(self, item: Item) -> Done:
        """Write, read back and compare; raises CallFault.

        S3 knows no condition for this. What somebody writes between our look and our request is overwritten, and
        nothing shows it; what comes after it is read back as neither side of the plan, an alarm: `read_back_differs`.
        """
        self._has_written = True
        told = aws.put(self._s3, item.bucket, self._after)
        try:
            seen = aws.look(self._s3, item.bucket).configuration or Configuration()
        except CallFault as fault:
            # Written, and nobody has seen what: a later look settles it.
            raise CallFault("doubtful", fault.code, told) from fault
        if seen.is_same(self._after):
            return Done("verified", told)
        if seen.is_same(self._before):
            raise CallFault("doubtful", "not_seen_yet", told)
        raise CallFault("refused", "read_back_differs", told)
