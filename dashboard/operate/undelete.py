"""Bring deleted objects back: remove the delete marker that hides each, so that the version below is current again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from dashboard.aws import removal, versions
from dashboard.aws.sessions import Client
from dashboard.domain.plan import Item, Plan, key_refusal
from dashboard.operate import choice, draft
from dashboard.operate.action import Done, Look
from dashboard.operate.charges import Costs
from dashboard.operate.choice import Choice, Reader
from dashboard.settings import Settings

NAME = "undelete"


class Hidden(NamedTuple):
    """A row of plan.deleted."""

    bucket: str
    key: str
    marker_id: str
    deleted_at: datetime
    below: str
    version_id: str
    e_tag: str
    storage_class: str
    access_tier: str
    size_bytes: int

    def item(self) -> Item:
        """The marker as an item, with the class and size of what comes back; `target` is its version."""
        refusal = {"": "nothing_below", "marker": "marker_below"}.get(self.below, "")
        kept = (self.storage_class, self.access_tier, self.size_bytes, refusal or key_refusal(self.key))
        return Item(self.bucket, self.key, self.marker_id, self.e_tag, *kept, self.version_id)


def make_plan(
    settings: Settings, reader: Reader, chosen: Choice, *, made_by: str, now: datetime | None = None
) -> Plan:
    """Plan to bring back what the current snapshot has as deleted of a choice (device, bucket, prefix, keys).

    Raises:
        DashboardError: NO_ROWS, PLAN_REFUSED if it is more than one run may hold, NO_SNAPSHOT, or of the warehouse.
    """
    rests_on = draft.basis(settings)
    items = choice.listed(
        reader,
        "plan.deleted",
        chosen.place(),
        chosen,
        draft.snapshot_of(rests_on),
        settings.operate.max_objects,
        lambda row: Hidden._make(row).item(),
    )
    count = sum(not item.refusal for item in items)
    return draft.build(
        settings,
        NAME,
        {},
        items,
        rests_on=rests_on,
        calls={"ListObjectVersions": count, "DeleteObject": count},
        permissions=(versions.LISTED, versions.VERSIONING, removal.VERSION),
        costs=Costs(settings).looks_for_all(lists=count),
        made_by=made_by,
        now=now,
    )


class Undelete:
    """Undeletes of one run."""

    leaves_copies = False

    def __init__(self, s3: Client, _params: Mapping[str, Any], _started_at: datetime) -> None:
        self._s3 = s3
        self._buckets = versions.Buckets(s3)

    def look(self, item: Item) -> Look:
        """See whether the marker still is what hides the key, and what it hides; raises CallFault."""
        found = versions.newest(self._s3, item.bucket, item.key, 2)
        if not found:
            return Look("stale", "gone")
        if not found[0].is_marker:
            return Look("done", "current")
        if found[0].version_id != item.version_id:
            return Look("stale", "other_marker")
        if len(found) < 2 or found[1].version_id != item.target:
            return Look("stale", "other_below")
        if item.version_id == versions.NULL and not self._buckets.keep(item.bucket):
            # An upload would take the place of just this marker, and be removed in its stead.
            return Look("stale", "no_versions")
        return Look("call")

    def call(self, item: Item) -> Done:
        """Remove the marker; raises CallFault."""
        return Done("undeleted", removal.delete(self._s3, item.bucket, item.key, item.version_id))
