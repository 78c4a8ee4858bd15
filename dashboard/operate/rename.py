"""Give images the names that are proposed for them: the plan, and what the worker does about each image.

S3 knows no renaming. The image is copied to its new name, the copy is held against it, and only then the old name is
taken away. The copy says in its metadata of which object it is one, so that it is known again after a crash.
"""

from __future__ import annotations

import hashlib
import threading
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from dashboard.aws import copying, object_tags, objects, removal, versions
from dashboard.aws.calls import CallFault
from dashboard.aws.objects import Seen
from dashboard.aws.sessions import Client
from dashboard.domain.plan import Item, Plan, key_refusal
from dashboard.operate import choice, copies, draft, listed
from dashboard.operate.action import Done, Look, difference
from dashboard.operate.charges import Costs, copy_calls
from dashboard.operate.choice import Choice, Found, Reader
from dashboard.operate.listed import Listed
from dashboard.settings import Settings

NAME = "rename"
MARK = "archive-renamed-from"
"""Name of the metadata by which a copy is known again."""
LONGEST_KEY = 1024
NEEDED = (versions.GONE, versions.VERSIONING, removal.OBJECT, removal.UPLOAD)


def make_plan(
    settings: Settings, reader: Reader, which: Listed, *, made_by: str, now: datetime | None = None
) -> Plan:
    """Plan to rename what the current snapshot lists as misnamed with a proposed name.

    Where nothing keeps the old one, an image is refused, or with `removal_without_versions` the plan takes two persons.

    Raises:
        DashboardError: NO_ROWS, PLAN_REFUSED, NO_SNAPSHOT, or of the warehouse.
    """
    rests_on = draft.basis(settings)
    snapshot_id = draft.snapshot_of(rests_on)
    limit = settings.operate.max_objects
    names = listed.proposals(reader, which, snapshot_id, limit)
    taken = _Taken(reader, names, snapshot_id)
    rows: list[Found] = []
    readable = copies.known(settings, now)

    def refusal(row: Found, target: str) -> str:
        if row.archive and tuple(row[:4]) not in readable():
            return "restore_first"
        return taken.refusal(row.bucket, row.key, target)

    def made(row: Found) -> Item:
        target = names[row.bucket, row.key]
        item = row.item(refusal(row, target), target)
        if not item.refusal:
            rows.append(row)
        return item

    keys = tuple(f"s3://{bucket}/{key}" for bucket, key in names)
    found = choice.items(reader, Choice(keys=keys), snapshot_id, limit, made) if names else []
    # What is older than the bucket's versioning has no version id either; the worker asks the bucket before it deletes.
    kept_buckets = {row.bucket for row in rows} & choice.keeping_buckets(reader, snapshot_id)
    may_go = settings.operate.removal_without_versions
    found = [
        item
        if item.refusal or item.bucket in kept_buckets or (may_go and not item.version_id)
        else item._replace(refusal="no_versions")
        for item in found
    ]
    rows = [row for row in rows if row.bucket in kept_buckets or (may_go and not row.version_id)]
    kept_count = sum(row.bucket in kept_buckets for row in rows)
    priced = [
        row._replace(version_id=row.version_id or versions.NULL) if row.bucket in kept_buckets else row
        for row in rows
    ]
    costs = Costs(settings)
    return draft.build(
        settings,
        NAME,
        {
            "kept_count": kept_count,
            "removed_count": len(rows) - kept_count,
            "kept_buckets": sorted(kept_buckets),
        },
        found,
        rests_on=rests_on,
        calls={
            "HeadObject": 3 * len(rows),
            "GetBucketVersioning": len(kept_buckets),
            **copy_calls(rows),
            "DeleteObject": len(rows),
        },
        permissions=(*objects.PERMISSIONS, *object_tags.PERMISSIONS, *copying.PERMISSIONS, *NEEDED),
        costs=[*costs.looks(found, 3), *costs.copies(priced, now=now)],
        made_by=made_by,
        removes=kept_count < len(rows),
        now=now,
    )


class _Taken:
    """Which names are not free: something lies there, or would, or looks the same."""

    def __init__(self, reader: Reader, names: Mapping[tuple[str, str], str], snapshot_id: str) -> None:
        self._there: dict[tuple[str, str], set[str]] = defaultdict(set)
        for batch in reader.batches("plan.alike", {"keys": sorted(set(names.values()))}, snapshot_id):
            for bucket, wanted, key in batch:
                self._there[bucket, wanted].add(key)
        self._claims = Counter((bucket, _folded(target)) for (bucket, _key), target in names.items())

    def refusal(self, bucket: str, key: str, target: str) -> str:
        """Why an object does not get a name, '' if it can."""
        # A name that differs from its own only in case is free as soon as the old one is gone.
        there = self._there[bucket, target] - {key}
        if target in there or target == key:
            return "target_exists"
        if there:
            return "target_looks_taken"
        if self._claims[bucket, _folded(target)] > 1:
            return "target_twice"
        is_odd = not target or key_refusal(target) or len(target.encode("utf-8", "replace")) > LONGEST_KEY
        return "odd_target" if is_odd else ""


def _folded(key: str) -> str:
    return unicodedata.normalize("NFC", key).casefold()


def mark(item: Item) -> str:
    """What the copy of an item is known by again: of this very object, for this very name."""
    text = "\n".join((item.bucket, item.key, item.version_id, item.e_tag, item.target))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class Rename:
    """Renames of one run.

    Args:
        params: of the plan.
    """

    leaves_copies = False

    def __init__(self, s3: Client, params: Mapping[str, Any], _started_at: datetime) -> None:
        self._s3 = s3
        # A plan from before there was this list has version ids for all that is kept.
        self._kept_buckets = frozenset(params.get("kept_buckets", ()))
        self._buckets = versions.Buckets(s3)
        self._seen: dict[Item, tuple[Seen, Seen | None]] = {}
        self._lock = threading.Lock()

    def look(self, item: Item) -> Look:
        """What lies under the old name and under the new one says how far it is; raises CallFault."""
        source = objects.look(self._s3, item.bucket, item.key, with_checksums=True)
        target = objects.look(self._s3, item.bucket, item.target, with_checksums=True)
        is_ours = target is not None and target.metadata.get(MARK) == mark(item)
        if target is not None and not is_ours:
            return Look("stale", "target_exists")
        if source is None:
            return Look("done", "renamed") if is_ours else Look("stale", "gone")
        if code := difference(item, source):
            return Look("stale", "changed_after_copy" if is_ours and code == "changed" else code)
        if target is None and not source.is_readable(datetime.now(UTC)):
            return Look("stale", "restore_first")
        if source.is_locked:
            return Look("stale", "locked")
        if target is not None and copying.compare(source, target) == "differs":
            return Look("stale", "copy_differs")
        if self._keeps(item) and not self._buckets.keep(item.bucket):
            # Taking the old name away would remove its version `null` for good.
            return Look("stale", "no_versions")
        with self._lock:
            self._seen[item] = (source, target)
        return Look("call")

    def _keeps(self, item: Item) -> bool:
        """Whether the plan says that the old one stays as a version."""
        return bool(item.version_id) or item.bucket in self._kept_buckets

    def call(self, item: Item) -> Done:
        """Copy, compare, delete; what is done of it already is not done again. Raises CallFault."""
        with self._lock:
            source, target = self._seen.pop(item)
        if target is None:
            marked = {**source.metadata, MARK: mark(item)}
            request_id = copying.copy(
                self._s3,
                source,
                item.target,
                replaces="",
                storage_class=source.storage_class,
                metadata=marked,
            ).request_id
            target = objects.look(self._s3, item.bucket, item.target, with_checksums=True)
            if target is None or target.metadata.get(MARK) != mark(item):
                raise CallFault("doubtful", "copy_gone_again", request_id)
        verdict = copying.compare(source, target)
        if verdict == "differs":
            raise CallFault("refused", "copy_differs")
        if verdict != "same" and not self._keeps(item):
            # The size alone is no proof to delete the only other copy on.
            raise CallFault("refused", "copy_unproven")
        return Done("renamed" if verdict == "same" else "renamed_by_size", copying.delete(self._s3, source))
