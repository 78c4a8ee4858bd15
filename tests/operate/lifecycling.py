"""A warehouse folder with a stub's lifecycle rules and a few made-up objects, for tests of changes of rules."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from dashboard.aws.calls import open_client
from dashboard.aws.lifecycle import read_lifecycle
from dashboard.domain.lifecycle import Configuration
from dashboard.domain.lifecycle_templates import Wish, rule_of, with_rule
from dashboard.operate import lifecycle, plans, runs
from dashboard.operate.journal import Journal
from dashboard.operate.lifecycle_known import Known, known
from dashboard.operate.plans import KeptPlan
from dashboard.operate.worker import work
from dashboard.settings import Settings
from dashboard.warehouse.publish import write_atomically
from tests.operate.lifecycle_stub import BUCKET, LifecycleStub
from tests.operate.restoring import snapshot

THEIRS = (
    "<Rule><ID>theirs</ID><Status>Enabled</Status><Filter><And><Prefix>dslr/</Prefix>"
    "<ObjectSizeGreaterThan>500</ObjectSizeGreaterThan></And></Filter>"
    "<Transition><Days>30</Days><StorageClass>STANDARD_IA</StorageClass></Transition>"
    "<NoncurrentVersionExpiration><NoncurrentDays>90</NoncurrentDays>"
    "<NewerNoncurrentVersions>2</NewerNoncurrentVersions></NoncurrentVersionExpiration></Rule>"
)
WHY = "the budget committee of November"
MOVE = Wish(moves=((90, "GLACIER_IR"),))
EXPIRE = Wish(expire_days=365, moves=())


@dataclass
class Bucket:
    """Settings, journal and the rules that the last sync read."""

    folder: Path
    s3: LifecycleStub
    operate: dict[str, Any] = field(default_factory=dict)
    region: str = "us-east-1"

    def __post_init__(self) -> None:
        self.journal = Journal(self.folder)
        info = snapshot(1)
        write_atomically(self.folder / info.file, "")
        write_atomically(self.folder / "CURRENT", info.as_json())
        if BUCKET not in self.s3.kept:
            self.s3.put(THEIRS)
        self.sync()

    @property
    def settings(self) -> Settings:
        return Settings.model_validate(self.data())

    def data(self) -> dict[str, Any]:
        return {
            "aws": {"endpoint_url": self.s3.url, "region": self.region},
            "warehouse": {"folder": str(self.folder)},
            "inventory": [{"location": f"s3://reports/{BUCKET}/daily/"}],
            "operate": self.operate,
        }

    def sync(self) -> None:
        """Read the rules as a sync does."""
        (self.folder / "live").mkdir(exist_ok=True)
        outcome = read_lifecycle(
            open_client(self.settings.aws), BUCKET, self.folder / "live", datetime.now(UTC)
        )
        assert outcome.fault is None

    def ask(self, name: str, params: Mapping[str, Any]) -> Iterable[tuple[Any, ...]]:
        """1,024 objects of a GiB in Standard, a year and a half old, in a bucket with versions."""
        if name == "savings.stored":
            return [("STANDARD", "", 1024, 1 << 40, 1 << 40)]
        if name == "lifecycle.versions":
            return []
        assert (name, params["bucket"]) == ("lifecycle.lots", BUCKET)
        return [("dslr", "STANDARD", "", 0, len(params["cuts"]), date(2025, 5, 1), 1024, 1 << 40, True)]

    @property
    def known(self) -> Known:
        return known(self.settings, self.journal, BUCKET)

    def with_rule(self, wish: Wish) -> Configuration:
        now = self.known.configuration
        return with_rule(now, rule_of(wish, now))

    def plan(self, after: Configuration | Wish, **values: Any) -> KeptPlan:
        wanted = self.with_rule(after) if isinstance(after, Wish) else after
        made = lifecycle.make_plan(
            self.settings, self.journal, self.ask, BUCKET, wanted, **{"made_by": "sato", **values}
        )
        return plans.keep(self.journal, made)

    def undo(self, digest: str, **values: Any) -> KeptPlan:
        kept = plans.find(self.journal, digest)
        made = lifecycle.plan_undo(
            self.settings, self.journal, self.ask, kept, **{"made_by": "sato", **values}
        )
        return plans.keep(self.journal, made)

    def confirm(self, digest: str, *actors: str) -> str:
        for actor in actors or ("sato",):
            plans.confirm(self.journal, self.settings, digest, actor=actor, why=WHY)
        return digest

    def work(self) -> None:
        work(self.settings, threading.Event(), until_idle=True)

    def outcome(self, digest: str) -> str:
        """What became of the bucket, as state/code."""
        [item] = runs.outcomes(self.journal, digest)
        return f"{item['state']}/{item['code']}"
