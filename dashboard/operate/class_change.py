"""Move objects to another storage class by copying each onto itself: the plan, and what the worker does about each.

A lifecycle rule moves what it is about for less; this is for a selection that no rule can name. What is archived is
moved while its restored copy can be read: the plan knows of restores of this dashboard, the worker asks the object.
Where the bucket keeps versions the copy is a new version, and the old one stays in its class until something removes
it.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from dashboard.aws import copying, object_tags, objects, versions
from dashboard.aws.calls import CallFault
from dashboard.aws.objects import Seen
from dashboard.aws.sessions import Client
from dashboard.domain import prices
from dashboard.domain.plan import Cost, Item, Plan
from dashboard.domain.prices import GIB
from dashboard.domain.storage_classes import STORAGE_CLASSES, overhead
from dashboard.operate import choice, copies, draft, removal
from dashboard.operate.action import Done, Look, difference
from dashboard.operate.charges import Costs, copy_calls
from dashboard.operate.choice import Choice, Found, Reader
from dashboard.settings import Settings

NAME = "class"
TARGETS = (
    *("STANDARD", "INTELLIGENT_TIERING", "STANDARD_IA", "ONEZONE_IA"),
    *("GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"),
)
"""Hot to cold."""
MONITORED_FROM_BYTES = 131_072
"""Smaller objects are not monitored inside Intelligent-Tiering, and cost nothing for it."""
_SMALLEST = {item.id: item.minimum_billed_bytes for item in STORAGE_CLASSES}


def make_plan(
    settings: Settings,
    reader: Reader,
    chosen: Choice,
    *,
    to_class: str,
    made_by: str,
    now: datetime | None = None,
) -> Plan:
    """Plan to move what the current snapshot has of a choice to a class.

    Raises:
        DashboardError: NO_ROWS, PLAN_REFUSED, NO_SNAPSHOT, or of the warehouse.
        ValueError: no class that objects can be copied to.
    """
    if to_class not in TARGETS:
        raise ValueError(f"no class of {', '.join(TARGETS)}: {to_class}")
    rests_on = draft.basis(settings)
    moment = now or datetime.now(UTC)
    snapshot_id = draft.snapshot_of(rests_on)
    rows: list[Found] = []
    readable, keeping = copies.known(settings, moment), choice.keeping_buckets(reader, snapshot_id)

    def made(row: Found) -> Item:
        is_archived = bool(row.archive) and tuple(row[:4]) not in readable()
        refusal = _refusal(settings, row, to_class, is_archived=is_archived)
        if row.version_id and row.bucket not in keeping:
            # Its copy would be the version `null`, perhaps in the place of another image.
            refusal = refusal or "no_versions"
        item = row.item(refusal)
        if not item.refusal:
            rows.append(row)
        return item

    found = choice.items(reader, chosen, snapshot_id, settings.operate.max_objects, made)
    costs = Costs(settings)
    # What is older than the bucket's versioning has no version id, and stays as a version all the same.
    priced = [
        row._replace(version_id=row.version_id or versions.NULL) if row.bucket in keeping else row
        for row in rows
    ]
    kept_count = sum(bool(row.version_id) for row in priced)
    return draft.build(
        settings,
        NAME,
        {
            "to_class": to_class,
            "kept_count": kept_count,
            "small_count": sum(row.size_bytes < _SMALLEST[to_class] for row in rows),
            **_months(costs, rows, to_class),
        },
        found,
        rests_on=rests_on,
        calls={
            "HeadObject": 2 * len(rows),
            "GetBucketVersioning": len({row.bucket for row in rows if row.version_id}),
            **copy_calls(rows),
        },
        permissions=(
            *objects.PERMISSIONS, *object_tags.PERMISSIONS, *copying.PERMISSIONS, versions.GONE, versions.VERSIONING,
        ),
        costs=[
            *costs.looks(found, 2),
            *costs.copies(priced, to_class=to_class, now=moment),
            *_each(costs, rows, to_class),
        ],
        made_by=made_by,
        now=moment,
    )  # fmt: skip


def _refusal(settings: Settings, row: Found, to_class: str, *, is_archived: bool = False) -> str:
    if row.kind == "noncurrent_version":
        # Copied onto its key it would be current.
        return "not_current"
    if row.storage_class == to_class:
        return "same_class"
    if is_archived:
        return "restore_first"
    hours = prices.usual_hours(prices.archive_of(to_class, ""))
    if settings.records.keeping.forbids(row.device_id, hours):
        return removal.record_refusal(settings, row.device_id)
    return ""


def _months(costs: Costs, rows: Sequence[Found], to_class: str) -> dict[str, str | None]:
    """What a month costs before and after; None where a price is not known."""
    places: dict[tuple[str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for row in rows:
        count, size = places[row.storage_class, row.access_tier]
        smallest = _SMALLEST.get(row.storage_class, 0)
        places[row.storage_class, row.access_tier] = (count + 1, size + max(row.size_bytes, smallest))
    before, unknown_count = prices.total(
        costs.book.month_usd(costs.region, *place, *sums) for place, sums in places.items()
    )
    size = sum(max(row.size_bytes, _SMALLEST[to_class]) for row in rows)
    after = costs.book.month_usd(costs.region, to_class, "FREQUENT", len(rows), size)
    return {
        "before_month_usd": None if unknown_count else _text(before),
        "after_month_usd": None if after is None else _text(after),
    }


def _text(usd: Decimal) -> str:
    return format(usd.quantize(Decimal("0.000001")), "f")


def _each(costs: Costs, rows: Sequence[Found], to_class: str) -> list[Cost]:
    """What each object costs a month beside its bytes: its index, filling up to the smallest size, monitoring."""
    book, region, parts = costs.book, costs.region, []
    own, standard = overhead(to_class).own_bytes, overhead(to_class).standard_bytes
    filled = sum(max(0, _SMALLEST[to_class] - row.size_bytes) for row in rows) + own * len(rows)
    if filled:
        amount, place = Decimal(filled) / GIB, book.storage(region, to_class)
        usd = None if place is None else place.usd * amount
        if standard:
            more, price = Decimal(standard * len(rows)) / GIB, book.storage(region, "STANDARD")
            usd = None if usd is None or price is None else usd + price.usd * more
            amount += more
        parts.append(Cost("each_month", to_class, amount, "GB-Mo", usd))
    watched = sum(row.size_bytes >= MONITORED_FROM_BYTES for row in rows)
    if to_class == "INTELLIGENT_TIERING" and watched:
        parts.append(
            costs.part("monitoring", to_class, watched, "Objects-Mo", "monitoring.INTELLIGENT_TIERING")
        )
    return parts


class ClassChange:
    """Changes of class of one run.

    Args:
        params: of the plan.
    """

    leaves_copies = False

    def __init__(self, s3: Client, params: Mapping[str, Any], _started_at: datetime) -> None:
        self._s3 = s3
        self._buckets = versions.Buckets(s3)
        self._to_class = str(params["to_class"])
        self._seen: dict[Item, Seen] = {}
        self._lock = threading.Lock()

    def look(self, item: Item) -> Look:
        """Compare the current version with the plan; raises CallFault."""
        seen = objects.look(self._s3, item.bucket, item.key, with_checksums=True)
        if seen is None:
            return Look("stale", "gone")
        if seen.storage_class == self._to_class and _is_same(item, seen):
            return Look("done", "moved")
        if code := difference(item, seen):
            return Look("stale", code)
        if not seen.is_readable(datetime.now(UTC)):
            return Look("stale", "restore_first")
        if seen.is_locked:
            # The copy would not be locked any more.
            return Look("stale", "locked")
        if item.version_id and not self._buckets.keep(item.bucket):
            # The copy would take the place of the version `null`, perhaps another image.
            return Look("stale", "no_versions")
        with self._lock:
            self._seen[item] = seen
        return Look("call")

    def call(self, item: Item) -> Done:
        """Copy the object onto itself and hold the copy against it; raises CallFault."""
        with self._lock:
            source = self._seen.pop(item)
        request_id = copying.copy(
            self._s3, source, item.key, replaces=source.e_tag, storage_class=self._to_class
        ).request_id
        made = objects.look(self._s3, item.bucket, item.key, with_checksums=True)
        if made is None or made.storage_class != self._to_class:
            raise CallFault("doubtful", "changed_after_copy", request_id)
        verdict = copying.compare(source, made)
        if verdict == "differs":
            raise CallFault("refused", "copy_differs", request_id)
        return Done("moved" if verdict == "same" else "moved_by_size", request_id)


def _is_same(item: Item, seen: Seen) -> bool:
    """Whether an object in the wanted class has the content that was planned, as far as an ETag can say."""
    if seen.size_bytes != item.size_bytes:
        return False
    is_comparable = "-" not in item.e_tag and "kms" not in str(seen.sealed.get("ServerSideEncryption"))
    return not item.e_tag or seen.e_tag == item.e_tag or not is_comparable
