"""A warehouse folder whose reports list what the object stub holds, for tests of changes of objects."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dashboard.domain.plan import Plan
from dashboard.operate import plans
from tests.operate.object_stub import BUCKET, ObjectStub, Version
from tests.operate.restoring import WHY, Clinic
from tests.sync.world import DEVICES

UPLOADED_AT = datetime(2026, 11, 10, tzinfo=UTC)


def _folded(key: str) -> str:
    return unicodedata.normalize("NFC", key).lower()


class Changing(Clinic):
    """Settings, journal and report of an archive; `proposed` is the right name of each bad one."""

    def __init__(self, folder: Path, s3: ObjectStub, operate: dict[str, Any] | None = None) -> None:
        super().__init__(folder, s3, operate or {})  # type: ignore[arg-type]
        self.objects = s3
        self.proposed: dict[str, str] = {}
        self.archives: set[str] = set()
        self.labels: dict[str, Any] = {}
        self.asked: Any = {}
        self.records: dict[str, Any] = {"devices": []}

    def data(self) -> dict[str, Any]:
        return {**super().data(), "labels": self.labels, "records": self.records, "device": DEVICES}

    def put(self, count: int, **values: Any) -> None:
        for number in range(count):
            self.objects.put(f"ipad/{number:05d}.heic", Version(f"image {number}".encode(), **values))

    def batches(
        self, name: str, params: Mapping[str, Any] | None = None, _snapshot_id: str | None = None
    ) -> Iterator[list[tuple[Any, ...]]]:
        """What the report said: everything the stub has."""
        assert params is not None
        self.asked = params
        if name == "plan.objects":
            yield [row for row in self._rows() if params["keys"] is None or row[1] in params["keys"]]
        elif name == "plan.versioning":
            yield [(BUCKET, self.objects.is_versioned)]
        elif name == "plan.alike":
            wanted = {(_folded(name), name) for name in params["keys"]}
            yield [
                (BUCKET, name, key)
                for key in self.objects.objects
                for fold, name in wanted
                if fold == _folded(key)
            ]
        elif name == "quality.misnamed":
            yield [(key, "", [], new, *([None] * 9), BUCKET) for key, new in self.proposed.items()]
        else:
            assert name == "quality.unlabelled"
            yield [(key, "unlabelled", "ipad", *([None] * 4), BUCKET) for key in self.objects.current()]

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        for key in self.objects.current():
            now = self.objects.now(key)
            assert now is not None
            archive = now.storage_class if now.storage_class in {"GLACIER", "DEEP_ARCHIVE"} else ""
            yield (
                # No report has an id for what is older than the bucket's versioning.
                *(
                    BUCKET,
                    key,
                    now.version_id.removeprefix("null"),
                    now.e_tag,
                    now.storage_class,
                    "",
                    now.size,
                ),
                *(archive, "image", UPLOADED_AT, key.partition("/")[0]),
            )

    def keep(self, plan: Plan, *actors: str) -> str:
        """Keep a plan and let these people confirm it; its digest."""
        kept = plans.keep(self.journal, plan)
        for actor in actors or ("sato",):
            plans.confirm(self.journal, self.settings, kept.digest, actor=actor, why=WHY)
        return kept.digest
