"""Remove junk files: what systems leave behind under the names that they use, and files without a byte."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from dashboard.aws import removal as aws
from dashboard.aws.sessions import Client
from dashboard.domain.plan import Item, Plan
from dashboard.operate import charges, choice, removal
from dashboard.operate.action import Done, Look
from dashboard.operate.charges import Removed
from dashboard.operate.choice import Choice, Reader
from dashboard.settings import Settings

NAME = "remove_junk"


class Junk(NamedTuple):
    """A row of plan.junk."""

    bucket: str
    key: str
    version_id: str
    e_tag: str
    storage_class: str
    access_tier: str
    size_bytes: int | None
    device_id: str
    uploaded_at: datetime
    report_at: datetime
    version_count: int

    @property
    def billed(self) -> Removed:
        return charges.removed(
            self.storage_class, self.access_tier, self.size_bytes or 0, self.uploaded_at, self.report_at
        )

    def item(self, settings: Settings) -> Item:
        """As an item. A record's device may have written the file, so it counts as the device's images do."""
        refusal = removal.current_refusal(
            settings, self.version_id, self.version_count
        ) or removal.record_refusal(settings, self.device_id)
        return choice.item(self[:7], refusal)


def make_plan(
    settings: Settings, reader: Reader, chosen: Choice, *, made_by: str, now: datetime | None = None
) -> Plan:
    """Plan to remove the junk files of a choice (device, bucket, prefix, keys).

    Raises:
        DashboardError: NO_ROWS, PLAN_REFUSED if it is more than one run may hold, NO_SNAPSHOT, or of the warehouse.
    """
    return removal.plan_of_current(
        settings, reader, NAME, "plan.junk", Junk._make, chosen, heads_each=1, made_by=made_by, now=now
    )


class RemoveJunk:
    """Junk files of one run."""

    leaves_copies = False

    def __init__(self, s3: Client, _params: Mapping[str, Any], _started_at: datetime) -> None:
        self._s3 = s3

    def look(self, item: Item) -> Look:
        """See whether the file is the planned one and alone under its key; raises CallFault."""
        seen = removal.alone(self._s3, item)
        return seen if isinstance(seen, Look) else Look("call")

    def call(self, item: Item) -> Done:
        """Remove it, if it still has the ETag that was seen; raises CallFault."""
        return Done("removed", aws.delete(self._s3, *item[:3], e_tag=item.e_tag))
