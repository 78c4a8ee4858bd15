"""A warehouse folder with plans of made-up objects, for tests of plans, runs and the worker."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dashboard.operate import plans, restore, runs
from dashboard.operate.choice import Choice
from dashboard.operate.journal import Journal
from dashboard.operate.plans import KeptPlan
from dashboard.operate.worker import work
from dashboard.settings import Settings
from dashboard.warehouse.build import SCHEMA_VERSION
from dashboard.warehouse.publish import SnapshotInfo, write_atomically
from tests.operate.glacier_stub import BUCKET, GlacierStub, Stored

WHY = "the tumour board on Friday"


@dataclass
class Clinic:
    """Settings, journal and report of an archive that holds what the stub holds."""

    folder: Path
    s3: GlacierStub
    operate: dict[str, Any] = field(default_factory=dict)
    roles: dict[str, Any] = field(default_factory=dict)
    region: str = "us-east-1"
    money: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.journal = Journal(self.folder)
        self.publish(1)

    @property
    def settings(self) -> Settings:
        return Settings.model_validate(self.data())

    def data(self) -> dict[str, Any]:
        return {
            "aws": {"endpoint_url": self.s3.url, "region": self.region},
            "warehouse": {"folder": str(self.folder)},
            "inventory": [{"location": f"s3://reports/{BUCKET}/daily/"}],
            "operate": self.operate,
            "roles": self.roles,
            "money": self.money,
        }

    def publish(self, number: int) -> None:
        """Let a snapshot be the newest one."""
        info = snapshot(number)
        write_atomically(self.folder / info.file, "")
        write_atomically(self.folder / "CURRENT", info.as_json())

    def put(self, count: int, **values: Any) -> None:
        self.s3.objects.update({f"ipad/{number:05d}.heic": Stored(**values) for number in range(count)})

    def batches(
        self, name: str, params: Mapping[str, Any] | None = None, _snapshot_id: str | None = None
    ) -> Iterator[list[tuple[Any, ...]]]:
        """What the report said: everything the stub has."""
        assert name == "plan.objects"
        assert params is not None
        rows = []
        for key, stored in self.s3.objects.items():
            if params["keys"] is not None and key not in params["keys"]:
                continue
            is_int = stored.storage_class == "INTELLIGENT_TIERING"
            tier = {"ARCHIVE_ACCESS": "ARCHIVE", "DEEP_ARCHIVE_ACCESS": "DEEP_ARCHIVE"}.get(
                stored.archive_status, ""
            )
            archive = f"INT_{tier}" if tier else "" if is_int else stored.storage_class
            archive = "" if archive == "STANDARD" else archive
            if archive or not params["only_archived"]:
                rows.append(
                    (
                        BUCKET,
                        key,
                        stored.version_id,
                        stored.e_tag,
                        stored.storage_class,
                        tier,
                        stored.size,
                        archive,
                        "image",
                        None,
                        "ipad",
                    )
                )
        yield rows[: params["row_limit"]]

    def plan(
        self, choice: Choice | None = None, *, speed: str = "standard", days: int = 7, by: str = "sato"
    ) -> KeptPlan:
        made = restore.make_plan(self.settings, self, choice or Choice(), speed=speed, days=days, made_by=by)
        return plans.keep(self.journal, made)

    def confirmed(self, choice: Choice | None = None, **values: Any) -> str:
        plan = self.plan(choice, **values)
        plans.confirm(self.journal, self.settings, plan.digest, actor="sato", why=WHY)
        return plan.digest

    def work(self) -> None:
        work(self.settings, threading.Event(), until_idle=True)

    def states(self, digest: str) -> dict[str, str]:
        """What became of each key, as state/code."""
        return {
            item["key"]: f"{item['state']}/{item['code']}" for item in runs.outcomes(self.journal, digest)
        }

    def kinds(self) -> list[str]:
        return [event.kind for event in self.journal.events()]


def snapshot(number: int) -> SnapshotInfo:
    at = datetime(2026, 11, 20, number, tzinfo=UTC)
    return SnapshotInfo(
        snapshot_id=f"{number:06d}",
        file=f"wh.{number:06d}.duckdb",
        sha256="0" * 64,
        size_bytes=0,
        schema_version=SCHEMA_VERSION,
        built_at=at,
        report_at=at,
        oldest_report_at=at,
        row_count=1,
        is_demo=False,
        fingerprint="f",
        reports=(),
    )
