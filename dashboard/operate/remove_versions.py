"""Remove former versions: what has not been current for some days, without the newest of each object."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from dashboard.aws import objects, versions
from dashboard.aws import removal as aws
from dashboard.aws.sessions import Client
from dashboard.domain.plan import Item, Plan
from dashboard.operate import charges, choice, draft, removal
from dashboard.operate.action import Done, Look
from dashboard.operate.charges import Removed
from dashboard.operate.choice import Choice, Reader
from dashboard.settings import Settings

NAME = "remove_versions"
LEAST_DAYS = 1
_MARKERS = 20
"""So many delete markers above a version are seen past; with more, it is left alone."""


class Former(NamedTuple):
    """A row of plan.noncurrent."""

    bucket: str
    key: str
    version_id: str
    e_tag: str
    storage_class: str
    access_tier: str
    size_bytes: int | None
    device_id: str
    uploaded_at: datetime
    noncurrent_at: datetime
    report_at: datetime
    is_overwritten: bool

    @property
    def billed(self) -> Removed:
        return charges.removed(
            self.storage_class, self.access_tier, self.size_bytes or 0, self.uploaded_at, self.report_at
        )


def make_plan(
    settings: Settings,
    reader: Reader,
    chosen: Choice,
    *,
    days: int = 90,
    keep: int = 1,
    made_by: str,
    now: datetime | None = None,
) -> Plan:
    """Plan to remove former versions of a choice (device, bucket, prefix, keys).

    Args:
        days: since a newer one took the name, at least LEAST_DAYS.
        keep: the newest so many former versions of each object stay.

    Raises:
        DashboardError: NO_ROWS, PLAN_REFUSED if it is more than one run may hold, NO_SNAPSHOT, or of the warehouse.
        ValueError: fewer days, or a number below 0.
    """
    if days < LEAST_DAYS or keep < 0:
        raise ValueError(f"versions of at least {LEAST_DAYS} days are removed, and 0 or more are kept")
    rests_on = draft.basis(settings)
    billed: dict[tuple[str, str, str], Removed] = {}

    def made(row: tuple[Any, ...]) -> Item:
        found = Former._make(row)
        billed[found[:3]] = found.billed
        refusal = removal.record_refusal(settings, found.device_id)
        return choice.item(found[:7], "overwritten" if found.is_overwritten else refusal)

    items = choice.listed(
        reader,
        "plan.noncurrent",
        {**chosen.place(), "days": days, "keep": keep},
        chosen,
        draft.snapshot_of(rests_on),
        settings.operate.max_objects,
        made,
    )
    acted = [item for item in items if not item.refusal]
    return removal.build(
        settings,
        reader,
        NAME,
        {"days": days, "keep": keep},
        items,
        [billed[item[:3]] for item in acted],
        rests_on=rests_on,
        calls={"HeadObject": len(acted), "ListObjectVersions": len(acted), "DeleteObject": len(acted)},
        permissions=(*objects.PERMISSIONS, *versions.PERMISSIONS, aws.VERSION),
        lists=len(acted),
        heads=len(acted),
        made_by=made_by,
        now=now,
    )


class RemoveVersions:
    """Versions of one run.

    Args:
        params: of the plan.
    """

    leaves_copies = False

    def __init__(self, s3: Client, params: Mapping[str, Any], _started_at: datetime) -> None:
        self._s3 = s3
        self._buckets = versions.Buckets(s3)
        self._keep = int(params["keep"])

    def look(self, item: Item) -> Look:
        """See whether the version is the planned one and still a former one; raises CallFault."""
        seen = objects.look(self._s3, item.bucket, item.key, item.version_id)
        if seen is None:
            return Look("done", "gone_already")
        if code := removal.difference(item, seen):
            return Look("stale", code)
        # What was newer may have been removed meanwhile.
        newest = versions.newest(self._s3, item.bucket, item.key, 1 + self._keep + _MARKERS)
        if not newest or newest[0].version_id == item.version_id:
            return Look("stale", "is_current")
        newer = itertools.takewhile(lambda version: version.version_id != item.version_id, newest[1:])
        if sum(not version.is_marker for version in newer) < self._keep:
            return Look("stale", "kept_version")
        if item.version_id == versions.NULL and not self._buckets.keep(item.bucket):
            # An upload would take the place of just this version, and be removed in its stead.
            return Look("stale", "no_versions")
        return Look("call")

    def call(self, item: Item) -> Done:
        """Remove it; raises CallFault."""
        return Done("removed", aws.delete(self._s3, item.bucket, item.key, item.version_id))
