"""Make former versions current again, each by a copy onto its own key; what was current stays as a version."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from dashboard.aws import copying, object_tags, objects, versions
from dashboard.aws.calls import CallFault, doubtful
from dashboard.aws.objects import Seen
from dashboard.aws.sessions import Client
from dashboard.domain.plan import Cost, Item, Plan
from dashboard.domain.prices import GIB, archive_of
from dashboard.domain.savings_reckoning import key_of
from dashboard.operate import choice, copies, draft
from dashboard.operate.action import Done, Look, difference
from dashboard.operate.charges import READ_FOR_MONEY, Costs, copy_calls
from dashboard.operate.choice import Choice, Reader
from dashboard.settings import Settings

NAME = "bring_back"
_CLOCKS_DIFFER = timedelta(minutes=15)


class Former(NamedTuple):
    """A row of plan.former."""

    bucket: str
    key: str
    version_id: str
    e_tag: str
    storage_class: str
    access_tier: str
    size_bytes: int | None
    uploaded_at: datetime
    current_id: str
    current_e_tag: str

    def item(self, readable: Callable[[], Container[tuple[str, ...]]]) -> Item:
        """As an item; `target` says which version is current now, and its ETag.

        Args:
            readable: as `copies.readable`.
        """
        is_archived = archive_of(self.storage_class, self.access_tier) and tuple(self[:4]) not in readable()
        refusal = "archived" if is_archived else ""
        return choice.item(self[:7], refusal, json.dumps([self.current_id, self.current_e_tag]))


def make_plan(
    settings: Settings,
    reader: Reader,
    chosen: Choice,
    *,
    version_ids: Sequence[str] | None = None,
    made_by: str,
    now: datetime | None = None,
) -> Plan:
    """Plan to make former versions of a choice (device, bucket, prefix, keys) current again.

    Args:
        version_ids: these; left out, images that another image took the name of.

    Raises:
        DashboardError: NO_ROWS, PLAN_REFUSED if it is more than one run may hold, NO_SNAPSHOT, or of the warehouse.
    """
    rests_on = draft.basis(settings)
    params = {
        **chosen.place(),
        "versions": None if version_ids is None else list(version_ids),
    }
    uploaded: dict[tuple[str, str, str], datetime] = {}
    readable = copies.known(settings, now)

    def made(row: tuple[Any, ...]) -> Item:
        found = Former._make(row)
        uploaded[found.bucket, found.key, found.version_id] = found.uploaded_at
        return found.item(readable)

    items = choice.listed(
        reader,
        "plan.former",
        params,
        chosen,
        draft.snapshot_of(rests_on),
        settings.operate.max_objects,
        made,
    )
    items = _one_each(items, uploaded)
    acted, costs = [item for item in items if not item.refusal], Costs(settings)
    return draft.build(
        settings,
        NAME,
        {},
        items,
        rests_on=rests_on,
        calls={
            "HeadObject": 2 * len(acted),
            "ListObjectVersions": len(acted),
            "GetBucketVersioning": len({item.bucket for item in acted}),
            **copy_calls(acted),
        },
        # A copy takes the tags with it.
        permissions=(
            *objects.PERMISSIONS,
            *versions.PERMISSIONS,
            *copying.PERMISSIONS,
            *object_tags.PERMISSIONS,
        ),
        costs=[
            *costs.looks_for_all(lists=len(acted), heads=2 * len(acted)),
            *_copies(costs, acted),
        ],
        made_by=made_by,
        now=now,
    )


def _one_each(items: Iterable[Item], uploaded: Mapping[tuple[str, str, str], datetime]) -> list[Item]:
    """Only one version of a key can be current: the newest is, the others are refused."""
    newest: dict[tuple[str, str], Item] = {}
    items = list(items)
    for item in items:
        if item.refusal:
            continue
        known = newest.get(item[:2])
        if known is None or uploaded[item[:3]] > uploaded[known[:3]]:
            newest[item[:2]] = item
    return [
        item if item.refusal or newest[item[:2]] is item else item._replace(refusal="other_version")
        for item in items
    ]


def _copies(costs: Costs, acted: Sequence[Item]) -> list[Cost]:
    """Requests, retrieval from classes that charge it, and a month of what lies there twice then."""
    classes: dict[str, list[Item]] = defaultdict(list)
    for item in acted:
        classes[item.storage_class].append(item)
    parts = []
    for storage_class, items in sorted(classes.items()):
        gib = Decimal(sum(item.size_bytes for item in items)) / GIB
        tier = "FREQUENT" if storage_class == "INTELLIGENT_TIERING" else ""
        parts += costs.copy_requests("request", items, storage_class)
        if storage_class in READ_FOR_MONEY:
            parts.append(costs.part("retrieval", storage_class, gib, "GB", f"retrieval.{storage_class}"))
        parts.append(costs.part("month", storage_class, gib, "GB-Mo", key_of((storage_class, tier))))
    return parts


class BringBack:
    """Copies of one run.

    Args:
        started_at: when the run began; what was made since may be a copy of ours.
    """

    leaves_copies = False

    def __init__(self, s3: Client, _params: Mapping[str, Any], started_at: datetime) -> None:
        self._s3 = s3
        self._since = started_at.astimezone(UTC) - _CLOCKS_DIFFER
        self._buckets = versions.Buckets(s3)
        self._seen: dict[Item, Seen] = {}
        self._lock = threading.Lock()

    def look(self, item: Item) -> Look:
        """Compare the version and what is current with the plan; raises CallFault."""
        seen = objects.look(self._s3, item.bucket, item.key, item.version_id, with_checksums=True)
        if seen is None or (code := difference(item, seen)):
            return Look("stale", "gone" if seen is None else code)
        found = versions.newest(self._s3, item.bucket, item.key)
        current_id, current_e_tag = json.loads(item.target)
        is_as_planned = found and (
            (found[0].is_marker and not current_id)
            or (found[0].version_id == current_id and found[0].e_tag == current_e_tag)
        )
        if not is_as_planned:
            is_copy = found and not found[0].is_marker and self._is_copy(item, seen, found[0])
            return Look("done", "current") if is_copy else Look("stale", "changed")
        if not seen.is_readable(datetime.now(UTC)):
            return Look("stale", "restore_first")
        # Where versioning is suspended the copy would overwrite what is current.
        if not self._buckets.keep(item.bucket):
            return Look("stale", "no_versions")
        with self._lock:
            self._seen[item] = seen
        return Look("call")

    def call(self, item: Item) -> Done:
        """Copy it, and hold the copy against it; raises CallFault."""
        with self._lock:
            source = self._seen.pop(item)
        current_e_tag = json.loads(item.target)[1]
        made = copying.copy(
            self._s3,
            source,
            item.key,
            replaces=current_e_tag,
            storage_class=source.storage_class,
            is_former=True,
        )
        try:
            copy = objects.look(self._s3, item.bucket, item.key, made.version_id, with_checksums=True)
        except CallFault as fault:
            raise doubtful(fault, made.request_id) from fault
        verdict = "differs" if copy is None else copying.compare(source, copy)
        if verdict == "differs":
            raise CallFault("refused", "CopyDiffers", made.request_id)
        return Done("brought_back", made.request_id)

    def _is_copy(self, item: Item, seen: Seen, top: versions.Version) -> bool:
        """Whether what is current has the content of the version: where no checksum or ETag can say so, by its time."""
        if top.size_bytes != seen.size_bytes:
            return False
        copy = objects.look(self._s3, item.bucket, item.key, top.version_id, with_checksums=True)
        verdict = "differs" if copy is None else copying.compare(seen, copy)
        return verdict == "same" or (verdict == "same_size" and top.modified_at >= self._since)
