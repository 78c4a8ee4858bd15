"""What actions that remove have in common: what may not go, the share of each bucket, costs, and the month's saving."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from typing import Any, Protocol

from dashboard.aws import objects, versions
from dashboard.aws import removal as aws
from dashboard.aws.objects import Seen
from dashboard.aws.permissions import Permission
from dashboard.aws.sessions import Client
from dashboard.domain.plan import Item, Plan
from dashboard.operate import action, choice, draft
from dashboard.operate.action import Look
from dashboard.operate.charges import Costs, Removed
from dashboard.operate.choice import Choice, Reader
from dashboard.settings import Settings


def record_refusal(settings: Settings, device_id: str) -> str:
    """Why an object of a device may not go by the law of records, as the settings say it; '' if it may."""
    devices = settings.records.devices
    if devices is None:
        return "perhaps_record"
    return "record" if device_id in devices else ""


def current_refusal(settings: Settings, version_id: str, version_count: int) -> str:
    """Why a current object may not go whatever it is; '' if it may.

    Args:
        version_count: rows of its key in the report, itself included.
    """
    if version_count > 1:
        return "has_versions"
    return "" if version_id or settings.operate.removal_without_versions else "no_versions"


def alone(s3: Client, item: Item, *, with_checksums: bool = False) -> Look | Seen:
    """The object if it is the planned one, current and alone under its key; else what became of it.

    Raises:
        CallFault.
    """
    found = versions.newest(s3, item.bucket, item.key, 2)
    if not found or (found[0].is_marker and not item.version_id):
        return Look("done", "gone_already")
    if found[0].version_id != (item.version_id or versions.NULL):
        return Look("stale", "changed")
    if len(found) > 1:
        # Without it an older version would be current.
        return Look("stale", "has_versions")
    seen = objects.look(s3, item.bucket, item.key, item.version_id, with_checksums=with_checksums)
    if seen is None or (code := difference(item, seen)):
        return Look("stale", "changed" if seen is None else code)
    return seen


def difference(item: Item, seen: Seen | None) -> str:
    """Why an object may not be removed, as a code of outcomes; '' if it may. What has no ETag proves nothing."""
    if seen is None or not item.e_tag:
        return "changed"
    return action.difference(item, seen) or ("locked" if seen.is_locked else "")


def build(
    settings: Settings,
    reader: Reader,
    name: str,
    params: Mapping[str, Any],
    items: Sequence[Item],
    removed: Iterable[Removed],
    *,
    rests_on: Mapping[str, str],
    calls: Mapping[str, int],
    permissions: Iterable[Permission],
    lists: int = 0,
    heads: int = 0,
    made_by: str,
    now: datetime | None,
) -> Plan:
    """A plan that removes, and so always takes two persons.

    Args:
        removed: what the items that are acted on are billed for.
        lists, heads: requests that only look.

    Raises:
        DashboardError: as `draft.build`, or of the warehouse.
    """
    gone, costs = list(removed), Costs(settings)
    told = {
        **params,
        **costs.saved(gone),
        "shares": shares(reader, items, draft.snapshot_of(rests_on)),
    }
    return draft.build(
        settings,
        name,
        told,
        items,
        rests_on=rests_on,
        calls=calls,
        permissions=permissions,
        costs=[*costs.looks_for_all(lists=lists, heads=heads), *costs.early_deletion(gone)],
        removes=True,
        made_by=made_by,
        now=now,
    )


def shares(reader: Reader, items: Iterable[Item], snapshot_id: str) -> dict[str, str]:
    """Percent of each bucket that would go, of its objects or its bytes, whichever is more; rounded up."""
    going: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for item in items:
        if not item.refusal:
            count, size_bytes = going[item.bucket]
            going[item.bucket] = (count + 1, size_bytes + item.size_bytes)
    held = {
        bucket: (int(count), int(size_bytes))
        for batch in reader.batches("plan.buckets", {}, snapshot_id)
        for bucket, count, size_bytes in batch
    }
    return {
        bucket: format(
            max(
                _percent(part, whole) for part, whole in zip(parts, held.get(bucket, (0, 0)), strict=True)
            ).quantize(Decimal("0.000001"), ROUND_CEILING),
            "f",
        )
        for bucket, parts in sorted(going.items())
    }


def _percent(part: int, whole: int) -> Decimal:
    if not part:
        return Decimal(0)
    return min(Decimal(100), Decimal(part) * 100 / whole) if whole else Decimal(100)


class Row(Protocol):
    """A row of a query about what could go; its first fields are those of an item."""

    @property
    def billed(self) -> Removed: ...

    def item(self, settings: Settings) -> Item: ...


def plan_of_current(
    settings: Settings,
    reader: Reader,
    name: str,
    query: str,
    row: Callable[[tuple[Any, ...]], Row],
    chosen: Choice,
    *,
    heads_each: int,
    made_by: str,
    now: datetime | None,
) -> Plan:
    """Plan to remove current objects that a query lists, each by its version and alone under its key.

    Args:
        heads_each: HeadObject requests for each of them.

    Raises:
        DashboardError: NO_ROWS, PLAN_REFUSED if it is more than one run may hold, NO_SNAPSHOT, or of the warehouse.
    """
    rests_on = draft.basis(settings)
    billed: dict[tuple[str, str, str], Removed] = {}

    def made(values: tuple[Any, ...]) -> Item:
        found = row(values)
        item = found.item(settings)
        billed[item[:3]] = found.billed
        return item

    items = choice.listed(
        reader,
        query,
        chosen.place(),
        chosen,
        draft.snapshot_of(rests_on),
        settings.operate.max_objects,
        made,
    )
    acted = [item for item in items if not item.refusal]
    heads = heads_each * len(acted)
    return build(
        settings,
        reader,
        name,
        {"is_final": any(not item.version_id for item in acted)},
        items,
        [billed[item[:3]] for item in acted],
        rests_on=rests_on,
        calls={"ListObjectVersions": len(acted), "HeadObject": heads, "DeleteObject": len(acted)},
        permissions=(*objects.PERMISSIONS, versions.LISTED, versions.GONE, aws.VERSION, aws.OBJECT),
        lists=len(acted),
        heads=heads,
        made_by=made_by,
        now=now,
    )
