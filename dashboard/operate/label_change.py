"""Change some tags of objects: the plan, its undoing, and what the worker does about each object.

S3 replaces all tags of an object at once and has no condition for it. So they are read, some of them changed, all
written, and read back; what they were is in the journal before anything is written.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from dashboard.aws import object_tags, objects
from dashboard.aws.calls import CallFault, doubtful
from dashboard.aws.label_segments import note_change
from dashboard.aws.sessions import Client
from dashboard.domain import tags as rules
from dashboard.domain.plan import Item, Plan
from dashboard.operate import choice, draft, runs
from dashboard.operate import plan_faults as faults
from dashboard.operate.action import Done, Look, difference
from dashboard.operate.charges import Costs, by_class
from dashboard.operate.choice import Choice, Found, Reader
from dashboard.operate.journal import Journal
from dashboard.settings import Settings
from dashboard.settings.labels import ObjectTagLabels
from dashboard.warehouse.label_records import label_folder

NAME = "labels"
log = logging.getLogger("dashboard.worker")


def make_plan(
    settings: Settings,
    reader: Reader,
    chosen: Choice,
    *,
    tags: Mapping[str, str],
    made_by: str,
    now: datetime | None = None,
) -> Plan:
    """Plan to set tags on what the current snapshot has of a choice; other tags stay.

    Raises:
        DashboardError: USAGE for tags that S3 or the settings do not allow, NO_ROWS, PLAN_REFUSED, NO_SNAPSHOT, or of
            the warehouse.
    """
    _check(settings, tags)
    rests_on = draft.basis(settings)
    limit = settings.operate.max_objects
    found = choice.items(reader, chosen, draft.snapshot_of(rests_on), limit, Found.item)
    return _plan(settings, found, rests_on, {"tags": dict(tags)}, made_by, now)


def plan_undo(
    settings: Settings, journal: Journal, wanted: str, *, made_by: str, now: datetime | None = None
) -> Plan:
    """Plan to give tags that a run changed their former values; what was changed since then is left alone.

    Args:
        wanted: digest of the run's plan, or its beginning.

    Raises:
        DashboardError: USAGE, CONFLICT if the run is not over, NO_ROWS if it changed nothing, NO_SNAPSHOT.
    """
    run = runs.one(journal, wanted)
    if run.header["action"] != NAME or not run.is_over:
        raise faults.not_in_that_state(run.digest, run.state, "undo")
    tags: dict[str, str | None] = run.header["params"]["tags"]
    found = [
        item._replace(target=json.dumps({name: json.loads(before).get(name) for name in sorted(tags)}))
        for item, before in runs.overwritten(journal, run.digest)
    ]
    return _plan(settings, found, draft.basis(settings), {"tags": tags, "undo": run.digest}, made_by, now)


def _check(settings: Settings, tags: Mapping[str, str]) -> None:
    if not tags or len(tags) > rules.MOST_TAGS:
        raise faults.tag_count(rules.MOST_TAGS)
    for name, value in tags.items():
        if rules.fault(name, value):
            raise faults.tag_refused(name)
        allowed = settings.labels.allowed.get(name)
        if allowed is not None and value not in allowed:
            raise faults.label_not_allowed(name, allowed)


def _plan(
    settings: Settings,
    found: Sequence[Item],
    rests_on: Mapping[str, str],
    params: Mapping[str, Any],
    made_by: str,
    now: datetime | None,
) -> Plan:
    costs, counts = Costs(settings), by_class(found)
    count = sum(counts.values())
    parts = costs.looks(found, 3)
    for place, number in counts.items():
        parts.append(costs.part("tagging", place, number, "Requests", f"request.{place}.put"))
    # How many of them are there already is not known; undoing adds none.
    kept = 0 if "undo" in params else len(params["tags"])
    parts += [
        costs.part("tags_kept", place, number * kept, "Tag-Mo", "tag.kept")
        for place, number in counts.items()
        if kept
    ]
    return draft.build(
        settings,
        NAME,
        params,
        found,
        rests_on=rests_on,
        calls={"HeadObject": count, "GetObjectTagging": 2 * count, "PutObjectTagging": count},
        permissions=(*objects.PERMISSIONS, *object_tags.PERMISSIONS),
        costs=parts,
        made_by=made_by,
        now=now,
    )


def note_tags(settings: Settings, item: Item, tags: Mapping[str, str]) -> None:
    """Let the label sources that read this object's tags know what they are now.

    Neither version nor ETag of an object tells that its tags are others: by the report no sync would read them again.
    """
    line = {
        "source_bucket": item.bucket,
        "key": item.key,
        "version_id": item.version_id,
        "e_tag": item.e_tag,
        "tags": dict(tags),
        "read_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
    }
    for source in settings.labels.source:
        if isinstance(source, ObjectTagLabels) and item.bucket in (source.buckets or (item.bucket,)):
            try:
                note_change(label_folder(settings.warehouse.folder, source.id), line)
            except OSError as error:  # the tags are written all the same
                log.warning("new tags of an object could not be noted for the next sync: %s", error.strerror)


class LabelChange:
    """Changes of tags of one run.

    Args:
        params: of the plan.
    """

    leaves_copies = False

    def __init__(self, s3: Client, params: Mapping[str, Any], _started_at: datetime) -> None:
        self._s3 = s3
        self._set: Mapping[str, str | None] = params["tags"]
        self._seen: dict[Item, tuple[str, dict[str, str]]] = {}
        self._lock = threading.Lock()
        self.told: Callable[[Item, Mapping[str, str]], None] = lambda _item, _tags: None
        """Hears which tags an object has in the end."""

    def look(self, item: Item) -> Look:
        """Compare the object and its tags with the plan; raises CallFault."""
        seen = objects.look(self._s3, item.bucket, item.key, item.version_id)
        if seen is None or (code := difference(item, seen, in_class=False)):
            return Look("stale", "gone" if seen is None else code)
        # Of the version that was just compared, whatever comes meanwhile.
        version_id = item.version_id or seen.version_id
        tags = object_tags.read(self._s3, item.bucket, item.key, version_id)
        wanted = self._wanted(item)
        after = rules.changed(tags, wanted)
        if after == tags:
            self.told(item, tags)
            return Look("done", "as_wanted")
        if item.target and any(tags.get(name) not in (self._set[name], wanted[name]) for name in wanted):
            return Look("stale", "labels_changed")
        if len(after) > rules.MOST_TAGS:
            return Look("stale", "too_many_tags")
        with self._lock:
            self._seen[item] = (version_id, tags)
        return Look("call", before=json.dumps(tags, ensure_ascii=False))

    def call(self, item: Item) -> Done:
        """Write the tags and read them back; raises CallFault, `tag_conflict` if somebody else wrote them as well."""
        with self._lock:
            version_id, tags = self._seen.pop(item)
        after = rules.changed(tags, self._wanted(item))
        request_id = object_tags.write(self._s3, item.bucket, item.key, version_id, after)
        try:
            now = object_tags.read(self._s3, item.bucket, item.key, version_id)
        except CallFault as fault:
            raise doubtful(fault, request_id) from fault
        self.told(item, now)
        if now != after:
            raise CallFault("refused", "tag_conflict", request_id)
        return Done("labelled", request_id)

    def _wanted(self, item: Item) -> Mapping[str, str | None]:
        former: Mapping[str, str | None] = json.loads(item.target) if item.target else self._set
        return former
