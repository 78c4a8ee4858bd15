"""Remove exact copies, while the copy that is to be kept is there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from dashboard.aws import objects
from dashboard.aws import removal as aws
from dashboard.aws.objects import Seen
from dashboard.aws.sessions import Client
from dashboard.domain.plan import Item, Plan, key_refusal
from dashboard.domain.prices import archive_of
from dashboard.operate import charges, removal
from dashboard.operate.action import Done, Look
from dashboard.operate.charges import Removed
from dashboard.operate.choice import Choice, Reader
from dashboard.settings import Settings

NAME = "remove_duplicates"
_VERSION = "?versionId="


class Copy(NamedTuple):
    """A row of plan.copies."""

    bucket: str
    key: str
    version_id: str
    e_tag: str
    storage_class: str
    access_tier: str
    size_bytes: int
    device_id: str
    uploaded_at: datetime
    report_at: datetime
    duplicate_case: str
    version_count: int
    kept_bucket: str
    kept_key: str
    kept_version_id: str
    kept_class: str
    kept_tier: str

    @property
    def billed(self) -> Removed:
        return charges.removed(
            self.storage_class, self.access_tier, self.size_bytes, self.uploaded_at, self.report_at
        )

    def item(self, settings: Settings) -> Item:
        """As an item; `target` is the copy that is kept."""
        target = f"s3://{self.kept_bucket}/{self.kept_key}{_VERSION}{self.kept_version_id}"
        return Item(*self[:7], self._refusal(settings), target)

    def _refusal(self, settings: Settings) -> str:
        if self.duplicate_case == "other_bucket":
            return "other_bucket"
        if refusal := removal.current_refusal(settings, self.version_id, self.version_count):
            return refusal
        is_slower = archive_of(self.kept_class, self.kept_tier) and not archive_of(
            self.storage_class, self.access_tier
        )
        return (
            ("kept_is_archived" if is_slower else "")
            or removal.record_refusal(settings, self.device_id)
            or key_refusal(self.key)
            or key_refusal(self.kept_key)
        )


def make_plan(
    settings: Settings, reader: Reader, chosen: Choice, *, made_by: str, now: datetime | None = None
) -> Plan:
    """Plan to remove exact copies of a choice (device, bucket, prefix, keys); the one that Duplicates names stays.

    Raises:
        DashboardError: NO_ROWS, PLAN_REFUSED if it is more than one run may hold, NO_SNAPSHOT, or of the warehouse.
    """
    return removal.plan_of_current(
        settings, reader, NAME, "plan.copies", Copy._make, chosen, heads_each=2, made_by=made_by, now=now
    )


class RemoveDuplicates:
    """Copies of one run."""

    leaves_copies = False

    def __init__(self, s3: Client, _params: Mapping[str, Any], _started_at: datetime) -> None:
        self._s3 = s3

    def look(self, item: Item) -> Look:
        """See whether the copy is the planned one, alone under its key, and the kept one as good; raises CallFault."""
        seen = removal.alone(self._s3, item, with_checksums=True)
        if isinstance(seen, Look):
            return seen
        return Look("call") if self._is_kept(item, seen) else Look("stale", "kept_changed")

    def call(self, item: Item) -> Done:
        """Remove it, if it still has the ETag that was compared; raises CallFault."""
        return Done("removed", aws.delete(self._s3, *item[:3], e_tag=item.e_tag))

    def _is_kept(self, item: Item, seen: Seen) -> bool:
        """Whether the other copy is current and the same, by ETag, size and every checksum that both have."""
        place, _mark, version_id = item.target.removeprefix("s3://").rpartition(_VERSION)
        bucket, _slash, key = place.partition("/")
        if (bucket, key) == (item.bucket, item.key):
            return False
        kept = objects.look(self._s3, bucket, key, with_checksums=True)
        if kept is None or (kept.e_tag, kept.size_bytes) != (seen.e_tag, seen.size_bytes):
            return False
        if version_id and kept.version_id != version_id:
            return False
        if kept.is_archived and not seen.is_archived:
            return False
        both = kept.checksums.keys() & seen.checksums.keys()
        return all(kept.checksums[name] == seen.checksums[name] for name in both)
