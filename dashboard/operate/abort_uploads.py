"""Abort unfinished uploads: their parts are billed, stand in no listing, and are gone for good then."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from dashboard.aws import parts
from dashboard.aws import removal as aws
from dashboard.aws.calls import CallFault, doubtful
from dashboard.aws.sessions import Client
from dashboard.domain.plan import Item, Plan, key_refusal
from dashboard.operate import choice, draft, removal
from dashboard.operate.action import Done, Look
from dashboard.operate.charges import Removed
from dashboard.operate.choice import Choice, Reader
from dashboard.settings import Settings

NAME = "abort_uploads"
LEAST_DAYS = 1


class Upload(NamedTuple):
    """A row of plan.uploads; the last two are None if its parts were not asked for."""

    bucket: str
    key: str
    upload_id: str
    initiated_at: datetime
    asked_at: datetime
    storage_class: str
    part_count: int | None
    size_bytes: int | None

    def item(self) -> Item:
        """As an item; `target` is its id, the number of its parts, and when they were counted."""
        refusal = "parts_unknown" if self.part_count is None else key_refusal(self.key)
        asked_at = self.asked_at.replace(tzinfo=UTC).isoformat()
        target = json.dumps([self.upload_id, self.part_count or 0, asked_at])
        size_bytes = self.size_bytes or 0
        return Item(self.bucket, self.key, "", "", self.storage_class, "", size_bytes, refusal, target)


def make_plan(
    settings: Settings,
    reader: Reader,
    chosen: Choice,
    *,
    days: int = 7,
    made_by: str,
    now: datetime | None = None,
) -> Plan:
    """Plan to abort what the last sync found unfinished of a choice (device, bucket, prefix, keys).

    Args:
        days: only uploads that were begun longer ago, at least LEAST_DAYS.

    Raises:
        DashboardError: NO_ROWS, PLAN_REFUSED if it is more than one run may hold, NO_SNAPSHOT, or of the warehouse.
        ValueError: fewer days.
    """
    if days < LEAST_DAYS:
        raise ValueError(f"an upload of less than {LEAST_DAYS} days may still be running")
    rests_on = draft.basis(settings)
    items = choice.listed(
        reader,
        "plan.uploads",
        {**chosen.place(), "days": days},
        chosen,
        draft.snapshot_of(rests_on),
        settings.operate.max_objects,
        lambda row: Upload._make(row).item(),
    )
    acted = [item for item in items if not item.refusal]
    return removal.build(
        settings,
        reader,
        NAME,
        {"days": days},
        items,
        [_billed(item) for item in acted],
        rests_on=rests_on,
        calls={"ListParts": 2 * len(acted), "AbortMultipartUpload": len(acted)},
        permissions=(*parts.PERMISSIONS, aws.UPLOAD),
        lists=2 * len(acted),
        made_by=made_by,
        now=now,
    )


def _billed(item: Item) -> Removed:
    """Parts for an archive class are billed as Standard until the upload is finished; none has a shortest time."""
    is_archive = item.storage_class in {"GLACIER", "DEEP_ARCHIVE"}
    tier = "FREQUENT" if item.storage_class == "INTELLIGENT_TIERING" else ""
    return Removed("STANDARD" if is_archive else item.storage_class, tier, item.size_bytes)


class AbortUploads:
    """Uploads of one run."""

    leaves_copies = False

    def __init__(self, s3: Client, _params: Mapping[str, Any], _started_at: datetime) -> None:
        self._s3 = s3

    def look(self, item: Item) -> Look:
        """See whether the upload holds what it held when it was planned; raises CallFault."""
        upload_id, part_count, asked_at = json.loads(item.target)
        held = parts.held(self._s3, item.bucket, item.key, upload_id)
        if held is None:
            return Look("done", "gone_already")
        is_newer = held.newest_at is not None and held.newest_at > datetime.fromisoformat(asked_at)
        if is_newer or (held.part_count, held.size_bytes) != (part_count, item.size_bytes):
            return Look("stale", "still_running")
        return Look("call")

    def call(self, item: Item) -> Done:
        """Abort it, and see that its parts are gone; raises CallFault."""
        upload_id = json.loads(item.target)[0]
        sent = aws.abort(self._s3, item.bucket, item.key, upload_id)
        try:
            held = parts.held(self._s3, item.bucket, item.key, upload_id)
        except CallFault as fault:
            raise doubtful(fault, sent) from fault
        if held is not None:
            # A part that was under way has come in all the same.
            raise CallFault("doubtful", "StillThere", sent)
        return Done("aborted", sent)
