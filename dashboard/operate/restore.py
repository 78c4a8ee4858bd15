"""Restore archived objects: the plan with its price, and what the worker does about each object."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Protocol

from dashboard.aws import restore as aws
from dashboard.aws.sessions import Client
from dashboard.domain.plan import Cost, Item, Plan, key_refusal
from dashboard.domain.prices import DAYS_PER_MONTH, GIB, RESTORE_TIERS, PriceBook, RestoreTier
from dashboard.operate import plan_faults as faults
from dashboard.operate import plans
from dashboard.operate.action import Look
from dashboard.settings import Settings
from dashboard.settings.price_files import price_book

NAME = "restore"
SPEEDS = ("bulk", "standard", "expedited")
"""Cheapest first."""
MOST_DAYS = 365


class Reader(Protocol):
    """The warehouse as a plan needs it."""

    def batches(
        self, name: str, params: Mapping[str, Any] | None = None, snapshot_id: str | None = None
    ) -> Iterator[list[tuple[Any, ...]]]: ...


@dataclass(frozen=True)
class Choice:
    """Which objects; None = no filter. With `keys` every key is answered, also by a refusal.

    Attributes:
        keys: object keys, or s3://bucket/key.
    """

    devices: Sequence[str] | None = None
    storage_classes: Sequence[str] | None = None
    access_tiers: Sequence[str] | None = None
    kinds: Sequence[str] | None = None
    bucket: str | None = None
    prefix: str = ""
    keys: Sequence[str] | None = None

    def params(self) -> dict[str, Any]:
        """Parameters of the query restore.choices."""
        codes = {
            name: getattr(self, name) for name in ("devices", "storage_classes", "access_tiers", "kinds")
        }
        lists = {name: None if value is None else list(value) for name, value in codes.items()}
        return {**lists, "bucket": self.bucket, "prefix": self.prefix}


def make_plan(
    settings: Settings,
    reader: Reader,
    choice: Choice,
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
    rests_on = plans.basis(settings)
    found = _items(settings, reader, choice, speed, rests_on["snapshot"].partition(" ")[0])
    return _plan(settings, found, rests_on, speed, days, made_by, now, is_extension=False)


def plan_extension(
    settings: Settings, items: Sequence[Item], *, days: int, made_by: str, now: datetime | None = None
) -> Plan:
    """Plan to keep copies that are there longer: only the request and the copy are paid for.

    Raises:
        DashboardError: NO_ROWS, NO_SNAPSHOT.
        ValueError: days out of 1 to 365.
    """
    _check("standard", days)
    kept = [item for item in items if item.storage_class != "INTELLIGENT_TIERING"]
    return _plan(settings, kept, plans.basis(settings), "standard", days, made_by, now, is_extension=True)


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
    *,
    is_extension: bool,
) -> Plan:
    if not found:
        raise faults.nothing_chosen()
    moment = (now or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    sums: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for item in found:
        if not item.refusal:
            count, size_bytes = sums[archive_of(item)]
            sums[archive_of(item)] = (count + 1, size_bytes + item.size_bytes)
    tiers = {tier.archive: tier for tier in RESTORE_TIERS if tier.speed == speed}
    book, region = price_book(settings.warehouse.folder), settings.aws.region
    count = sum(number for number, _size in sums.values())
    return Plan(
        action=NAME,
        params={"speed": speed, "days": days, "is_extension": is_extension},
        basis=rests_on,
        calls={"HeadObject": count, "RestoreObject": count},
        permissions=tuple(permission.action for permission in aws.PERMISSIONS),
        costs=tuple(
            part
            for archive, (number, size_bytes) in sorted(sums.items())
            for part in costs(
                book, region, tiers[archive], number, size_bytes, days, is_extension=is_extension
            )
        ),
        hours=Decimal(0)
        if is_extension
        else max((tiers[archive].hours for archive in sums), default=Decimal(0)),
        made_by=made_by,
        made_at=moment,
        expires_at=moment + timedelta(hours=settings.operate.plan_hours),
        items=tuple(found),
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


def _items(settings: Settings, reader: Reader, choice: Choice, speed: str, snapshot_id: str) -> list[Item]:
    limit = settings.operate.max_objects
    allowed = {tier.archive for tier in RESTORE_TIERS if tier.speed == speed}
    wanted = None if choice.keys is None else {_place(text, choice.bucket) for text in choice.keys}
    if wanted is not None and len(wanted) > limit:
        raise faults.too_many(limit)
    keys = None if wanted is None else sorted({key for _bucket, key in wanted})
    params = {**choice.params(), "keys": keys, "row_limit": limit + 1}
    found: list[Item] = []
    answered: set[tuple[str, str]] = set()
    for batch in reader.batches("restore.objects", params, snapshot_id):
        for bucket, key, version_id, e_tag, storage_class, access_tier, size_bytes, archive in batch:
            if wanted is not None:
                places = {("", key), (bucket, key)} & wanted
                if not places:
                    continue
                answered |= places
            refusal = (
                "not_archived"
                if not archive
                else key_refusal(key) or ("" if archive in allowed else "no_such_tier")
            )
            found.append(
                Item(bucket, key, version_id, e_tag, storage_class or "", access_tier, size_bytes, refusal)
            )
    if len(found) > limit:
        raise faults.too_many(limit)
    missing = (wanted or set()) - answered
    found += [Item(bucket, key, "", "", "", "", 0, "not_found") for bucket, key in missing]
    return sorted(found)


def _place(text: str, bucket: str | None) -> tuple[str, str]:
    if text.startswith("s3://"):
        named, _slash, key = text.removeprefix("s3://").partition("/")
        return named, key
    return bucket or "", text


class Restore:
    """Restores of one run.

    Args:
        params: of the plan.
        started_at: when the run began; copies shall stay as many days from then.
    """

    def __init__(self, s3: Client, params: Mapping[str, Any], started_at: datetime) -> None:
        self._s3 = s3
        self._speed = str(params["speed"])
        self._days = int(params["days"])
        self._is_extension = bool(params["is_extension"])
        self._wanted_until = stays_until(started_at, self._days)

    def look(self, item: Item) -> Look:
        """Compare; raises CallFault."""
        seen = aws.look(self._s3, item.bucket, item.key, item.version_id)
        if seen is None:
            return Look("stale", "gone")
        if (item.e_tag and seen.e_tag != item.e_tag) or seen.size_bytes != item.size_bytes:
            return Look("stale", "changed")
        if seen.storage_class != item.storage_class:
            return Look("stale", "other_class")
        if seen.copy == "in_progress":
            return Look("stale" if self._is_extension else "done", "in_progress")
        if item.storage_class == "INTELLIGENT_TIERING":
            return Look("call") if seen.archive_status else Look("done", "readable")
        if seen.copy == "ready" and seen.ready_until is not None and seen.ready_until >= self._wanted_until:
            return Look("done", "readable")
        if self._is_extension and seen.copy == "none":
            return Look("stale", "copy_gone")
        return Look("call")

    def call(self, item: Item) -> tuple[str, str]:
        """Ask for it; raises CallFault."""
        days = None if item.storage_class == "INTELLIGENT_TIERING" else self._days
        try:
            answer = aws.request(
                self._s3, item.bucket, item.key, item.version_id, speed=self._speed, days=days
            )
        except aws.CallFault as fault:
            if fault.code == "RestoreAlreadyInProgress":
                return "in_progress", fault.request_id
            if fault.code == "ObjectAlreadyInActiveTierError":
                return "readable", fault.request_id
            raise
        return "accepted" if answer.status == 202 else "extended", answer.request_id


def stays_until(moment: datetime, days: int) -> datetime:
    """When a copy asked for at a moment goes: so many days later, rounded up to midnight UTC."""
    end = moment.astimezone(UTC) + timedelta(days=days)
    midnight = datetime.combine(end.date(), time(), UTC)
    return midnight if end == midnight else midnight + timedelta(days=1)
