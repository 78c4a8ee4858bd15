"""A warehouse folder with plans to undo and to clean, on made-up versions, copies and uploads."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dashboard.domain.plan import Plan
from dashboard.operate import (
    abort_uploads,
    bring_back,
    plans,
    remove_duplicates,
    remove_junk,
    remove_versions,
    runs,
    undelete,
)
from dashboard.operate.choice import Choice
from dashboard.operate.plans import KeptPlan
from dashboard.settings import Settings
from tests.operate.glacier_stub import BUCKET
from tests.operate.restoring import WHY, Clinic
from tests.operate.versions_stub import Version, VersionsStub
from tests.sync.world import DEVICES

REPORT_AT = datetime(2026, 11, 20)
PLANS: dict[str, Any] = {
    module.NAME: module.make_plan
    for module in (undelete, bring_back, abort_uploads, remove_versions, remove_duplicates, remove_junk)
}
ALLOWED = {"allow_removal": True, "cool_off_minutes": 0, "max_removed_percent": 100}


@dataclass
class Ward(Clinic):
    """Settings, journal and report of an archive that holds what the stub holds.

    Attributes:
        bucket_rows, bucket_bytes: what the whole bucket holds by the report.
        records: devices whose images are records; None: the settings do not say.
        twins: keys of copies, and the key of the copy that is kept of each.
    """

    bucket_rows: int = 100
    bucket_bytes: int = 100_000

    def __post_init__(self) -> None:
        super().__post_init__()
        self.operate = self.operate or dict(ALLOWED)
        self.records: list[str] | None = []
        self.twins: dict[str, str] = {}

    @property
    def stub(self) -> VersionsStub:
        assert isinstance(self.s3, VersionsStub)
        return self.s3

    @property
    def settings(self) -> Settings:
        records = {} if self.records is None else {"records": {"devices": self.records}}
        devices = {"device": DEVICES}
        return Settings.model_validate({**self.data(), **devices, **records})

    def batches(
        self, name: str, params: Mapping[str, Any] | None = None, _snapshot_id: str | None = None
    ) -> Iterator[list[tuple[Any, ...]]]:
        """What the report said: everything the stub has."""
        self.keep = int((params or {}).get("keep", 0))
        rows = [row for row in getattr(self, f"_{name.removeprefix('plan.')}")() if row]
        yield rows[: (params or {}).get("row_limit")]

    def _buckets(self) -> Iterator[tuple[Any, ...]]:
        yield BUCKET, self.bucket_rows, self.bucket_bytes

    def _deleted(self) -> Iterator[tuple[Any, ...]]:
        for key, stack in self.stub.keys.items():
            if stack and stack[-1].is_marker:
                below = stack[-2] if len(stack) > 1 else None
                kind = "" if below is None else "marker" if below.is_marker else "version"
                seen = below or Version("", "", 0, "")
                about = (seen.version_id, seen.e_tag, seen.storage_class, "", seen.size)
                yield BUCKET, key, stack[-1].version_id, _plain(stack[-1].modified_at), kind, *about

    def _former(self) -> Iterator[tuple[Any, ...]]:
        for key, stack in self.stub.keys.items():
            current = None if not stack or stack[-1].is_marker else stack[-1]
            now = (current.version_id, current.e_tag) if current else ("", "")
            for item in stack[: -1 if stack else None]:
                if not item.is_marker:
                    yield (*_row(key, item), _plain(item.modified_at), *now)

    def _noncurrent(self) -> Iterator[tuple[Any, ...]]:
        for key, stack in self.stub.keys.items():
            former = [item for item in stack[:-1] if not item.is_marker]
            for item, newer in itertools.pairwise(stack):
                if not item.is_marker and item in former[: len(former) - self.keep]:
                    times = (_plain(item.modified_at), _plain(newer.modified_at), REPORT_AT)
                    yield (*_row(key, item), key.partition("/")[0], *times, "overwritten" in key)

    def _copies(self) -> Iterator[tuple[Any, ...]]:
        for key, kept_key in self.twins.items():
            item, kept = self.stub.keys[key][-1], self.stub.keys[kept_key][-1]
            row = list(_row(key, item))
            version_id, row[2] = (item.version_id, item.version_id) if self.stub.status else ("", "")
            about = (key.partition("/")[0], _plain(item.modified_at), REPORT_AT, "same_bucket")
            others = (len(self.stub.keys[key]), BUCKET, kept_key, kept.version_id if version_id else "")
            yield (*row, *about, *others, kept.storage_class, "")

    def _junk(self) -> Iterator[tuple[Any, ...]]:
        for key, stack in self.stub.keys.items():
            if key.endswith("Thumbs.db") and stack and not stack[-1].is_marker:
                row = list(_row(key, stack[-1]))
                row[2] = stack[-1].version_id if self.stub.status else ""
                yield (*row, key.partition("/")[0], _plain(stack[-1].modified_at), REPORT_AT, len(stack))

    def _uploads(self) -> Iterator[tuple[Any, ...]]:
        for (key, upload_id), parts in self.stub.uploads.items():
            begun, size = datetime(2026, 10, 1), sum(part[0] for part in parts)
            yield BUCKET, key, upload_id, begun, REPORT_AT, "STANDARD", len(parts), size

    def made(self, action: str, **params: Any) -> Plan:
        plan: Plan = PLANS[action](self.settings, self, Choice(), made_by="sato", **params)
        return plan

    def kept(self, action: str, **params: Any) -> KeptPlan:
        return plans.keep(self.journal, self.made(action, **params))

    def confirm(self, plan: KeptPlan) -> None:
        """By as many persons as it takes."""
        for actor in ("sato", "tanaka"):
            plans.confirm(self.journal, self.settings, plan.digest, actor=actor, why=WHY)

    def queued(self, action: str, **params: Any) -> str:
        plan = self.kept(action, **params)
        self.confirm(plan)
        return plan.digest

    def queued_before(self, action: str, version_id: str) -> str:
        """As `queued`, of a report from before a version came."""
        hidden = {key: stack for key, stack in self.stub.keys.items() if stack[-1].version_id == version_id}
        late = {key: stack.pop() for key, stack in hidden.items()}
        digest = self.queued(action)
        for key, version in late.items():
            self.stub.keys[key].append(version)
        return digest

    def states_of(self, digest: str) -> list[tuple[str, str]]:
        """What became of each version, as state/code."""
        return [
            (item["version_id"], f"{item['state']}/{item['code']}")
            for item in runs.outcomes(self.journal, digest)
        ]

    def refusals(self, action: str, **params: Any) -> dict[str, str]:
        """Why each key is refused, '' for what would be acted on."""
        return {item.key: item.refusal for item in self.made(action, **params).items}


def _row(key: str, item: Version) -> tuple[Any, ...]:
    return BUCKET, key, item.version_id, item.e_tag, item.storage_class, "", item.size


def _plain(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
