"""Restore archived objects: the plan with its price, and what the worker does about each object."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from dashboard.aws import objects
from dashboard.aws import restore as aws
from dashboard.aws.calls import CallFault
from dashboard.aws.sessions import Client
from dashboard.domain.plan import Cost, Item, Plan
from dashboard.domain.prices import DAYS_PER_MONTH, GIB, RESTORE_TIERS, PriceBook, RestoreTier
from dashboard.operate import batch_plan, choice, draft
from dashboard.operate.action import Done, Look, difference
from dashboard.operate.choice import Choice, Found, Reader
from dashboard.settings import Settings
from dashboard.settings.price_files import price_book

NAME = "restore"
SPEEDS = ("bulk", "standard", "expedited")
"""Cheapest first."""
BATCH_SPEEDS = ("bulk", "standard")
"""Those that S3 Batch Operations has."""
MOST_DAYS = 365


def make_plan(
    settings: Settings,
    reader: Reader,
    chosen: Choice,
    *,
    speed: str,
    days: int,
    made_by: str,
    now: datetime | None = None,
) -> Plan:
    """Plan a restore of what the current snapshot has of a choice.

    Args:
        speed: one of SPEEDS. Objects for which there is no such tier are refused.
        days: how long copies stay; says nothing inside Intelligent-Tiering.

    Raises:
        DashboardError: NO_ROWS, PLAN_REFUSED if it is more than one run may hold, NO_SNAPSHOT, or of the warehouse.
        ValueError: another speed, or days out of 1 to 365.
    """
    _check(speed, days)
    rests_on = draft.basis(settings)
    found = _items(settings, reader, chosen, speed, draft.snapshot_of(rests_on))
    return _plan(settings, found, rests_on, speed, days, made_by, now)


def plan_extension(
    settings: Settings,
    items: Sequence[Item],
    *,
    days: int,
    made_by: str,
    extends: str = "",
    now: datetime | None = None,
) -> Plan:
    """Plan to keep copies that are there longer: only the request and the copy are paid for.

    Args:
        extends: digest of the run whose copies they are.

    Raises:
        DashboardError: NO_ROWS, NO_SNAPSHOT.
        ValueError: days out of 1 to 365.
    """
    _check("standard", days)
    kept = [item for item in items if item.storage_class != "INTELLIGENT_TIERING"]
    return _plan(
        settings, kept, draft.basis(settings), "standard", days, made_by, now, extends=extends or "-"
    )


def _check(speed: str, days: int) -> None:
    if speed not in SPEEDS or not 1 <= days <= MOST_DAYS:
        raise ValueError(f"a restore is {', '.join(SPEEDS)} and stays 1 to {MOST_DAYS} days")


def _plan(
    settings: Settings,
    found: Sequence[Item],
    rests_on: Mapping[str, str],
    speed: str,
    days: int,
    made_by: str,
    now: datetime | None,
    extends: str = "",
) -> Plan:
    is_extension = bool(extends)
    sums: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for item in found:
        if not item.refusal:
            count, size_bytes = sums[archive_of(item)]
            sums[archive_of(item)] = (count + 1, size_bytes + item.size_bytes)
    tiers = {tier.archive: tier for tier in RESTORE_TIERS if tier.speed == speed}
    book, region = price_book(settings.warehouse.folder), settings.aws.region
    count = sum(number for number, _size in sums.values())
    # S3 Batch Operations would retrieve anew what has gone and is to be kept longer.
    left = (
        None
        if is_extension or speed not in BATCH_SPEEDS
        else batch_plan.left(settings, [item for item in found if not item.refusal])
    )
    return draft.build(
        settings,
        NAME,
        {
            "speed": speed,
            "days": days,
            "is_extension": is_extension,
            **({"extends": extends} if is_extension else {}),
            **({"batch": left.params} if left else {}),
        },
        found,
        rests_on=rests_on,
        calls={"HeadObject": count, "RestoreObject": count, **(left.calls if left else {})},
        # S3 asks for the restores with the role of its jobs.
        permissions=(*objects.PERMISSIONS, *(batch_plan.PERMISSIONS if left else aws.PERMISSIONS)),
        costs=[
            *(left.costs if left else ()),
            *(
                part
                for archive, (number, size_bytes) in sorted(sums.items())
                for part in costs(
                    book, region, tiers[archive], number, size_bytes, days, is_extension=is_extension
                )
            ),
        ],
        hours=Decimal(0)
        if is_extension
        else max((tiers[archive].hours for archive in sums), default=Decimal(0)),
        made_by=made_by,
        now=now,
    )


def costs(
    book: PriceBook,
    region: str | None,
    tier: RestoreTier,
    object_count: int,
    size_bytes: int,
    days: int,
    *,
    is_extension: bool = False,
) -> list[Cost]:
    """Requests, retrieval and the temporary copy, each on its own. S3 keeps a copy to the end of a day (UTC), so up to
    one day more is billed."""
    if tier.is_free:
        return [Cost("request", tier.archive, Decimal(object_count), "Requests", Decimal(0))]
    gib = Decimal(size_bytes) / GIB
    request = book.price(region, f"restore_request.{tier.archive}.{tier.speed}")
    retrieval = book.price(region, f"retrieval.{tier.archive}.{tier.speed}")
    standard = book.storage(region, "STANDARD")
    gib_months = gib * days / DAYS_PER_MONTH
    parts = [
        Cost(
            "request",
            tier.archive,
            Decimal(object_count),
            "Requests",
            None if request is None else request.usd * object_count,
        ),
        Cost("retrieval", tier.archive, gib, "GB", None if retrieval is None else retrieval.usd * gib),
        Cost(
            "copy", tier.archive, gib_months, "GB-Mo", None if standard is None else standard.usd * gib_months
        ),
    ]
    return [part for part in parts if not (is_extension and part.what == "retrieval")]


def archive_of(item: Item) -> str:
    """The `archive` of restore tiers for an item."""
    return f"INT_{item.access_tier}" if item.storage_class == "INTELLIGENT_TIERING" else item.storage_class


def _items(settings: Settings, reader: Reader, chosen: Choice, speed: str, snapshot_id: str) -> list[Item]:
    allowed = {tier.archive for tier in RESTORE_TIERS if tier.speed == speed}

    def made(row: Found) -> Item:
        item = row.item("" if row.archive else "not_archived")
        return item if item.refusal or row.archive in allowed else row.item("no_such_tier")

    return choice.items(reader, chosen, snapshot_id, settings.operate.max_objects, made, only_archived=True)


class Restore:
    """Restores of one run.

    Args:
        params: of the plan.
        started_at: when the run began; copies shall stay as many days from then.
    """

    leaves_copies = True

    def __init__(self, s3: Client, params: Mapping[str, Any], started_at: datetime) -> None:
        self._s3 = s3
        self._speed = str(params["speed"])
        self._days = int(params["days"])
        self._is_extension = bool(params["is_extension"])
        self._wanted_until = stays_until(started_at, self._days)

    def look(self, item: Item) -> Look:
        """Compare; raises CallFault."""
        seen = objects.look(self._s3, item.bucket, item.key, item.version_id)
        if seen is None or (code := difference(item, seen)):
            return Look("stale", "gone" if seen is None else code)
        if seen.copy == "in_progress":
            return Look("stale" if self._is_extension else "done", "in_progress")
        if item.storage_class == "INTELLIGENT_TIERING":
            return Look("call") if seen.archive_status else Look("done", "readable")
        if seen.copy == "ready" and seen.ready_until is not None and seen.ready_until >= self._wanted_until:
            return Look("done", "readable")
        if self._is_extension and seen.copy == "none":
            return Look("stale", "copy_gone")
        return Look("call")

    def call(self, item: Item) -> Done:
        """Ask for it; raises CallFault."""
        days = None if item.storage_class == "INTELLIGENT_TIERING" else self._days
        try:
            answer = aws.request(
                self._s3, item.bucket, item.key, item.version_id, speed=self._speed, days=days
            )
        except CallFault as fault:
            if fault.code == "RestoreAlreadyInProgress":
                return Done("in_progress", fault.request_id)
            if fault.code == "ObjectAlreadyInActiveTierError":
                return Done("readable", fault.request_id)
            raise
        return Done("accepted" if answer.status == 202 else "extended", answer.request_id)

    def job(self, *, has_days: bool) -> Mapping[str, Any]:
        """The same as an operation of S3 Batch Operations."""
        wanted = {
            "GlacierJobTier": self._speed.upper(),
            **({"ExpirationInDays": self._days} if has_days else {}),
        }
        return {"S3InitiateRestoreObject": wanted}


def stays_until(moment: datetime, days: int) -> datetime:
    """When a copy asked for at a moment goes: so many days later, rounded up to midnight UTC."""
    end = moment.astimezone(UTC) + timedelta(days=days)
    midnight = datetime.combine(end.date(), time(), UTC)
    return midnight if end == midnight else midnight + timedelta(days=1)
