"""A made-up archive for tests of the worklist: snapshots that are nothing but their findings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dashboard.operate.follow import Followed, follow
from dashboard.operate.journal import Journal
from dashboard.operate.selection import Selection
from dashboard.operate.worklist_views import Clock, listing

START = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)  # a Monday
ZONE = "Asia/Tokyo"
RULES = [
    ("misnamed_object", "Misnamed image", "medium", "Rename the image."),
    ("silent_device", "Silent device", "high", "Check the device."),
    ("junk_object", "Junk file", "low", "Delete it."),
]
HOSTILE = '![p](http://evil.example/x)\u202e=HYPERLINK("x")\x1b[31m\n\x00'


def finding_id(rule: str, subject: str) -> str:
    """As alerts.findings makes it."""
    return hashlib.md5(f"{rule}\n{subject}".encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class Snapshot:
    snapshot_id: str
    built_at: datetime
    report_at: datetime | None = START


class Archive:
    """Findings by (rule, subject), changed by the test, and a clock that stands still until it is moved."""

    def __init__(self, folder: Path) -> None:
        self.now = START
        self.number = 0
        self.found: dict[tuple[str, str], tuple[str, int | None, str]] = {}
        self.off: set[str] = set()
        self.journal = Journal(folder, now=lambda: self.now)

    def put(
        self, *subjects: str, rule: str = "misnamed_object", device: str = "ipad", size: int | None = 10
    ) -> None:
        for subject in subjects:
            self.found[rule, subject] = (device, size, "contains_space")

    def mend(self, *subjects: str, rule: str = "misnamed_object") -> None:
        for subject in subjects:
            del self.found[rule, subject]

    def synced(
        self, *, days: float = 1, owners: Mapping[str, tuple[str, ...]] | None = None
    ) -> Followed | None:
        """Publish a snapshot after some days and bring the worklist up to it."""
        self.now += timedelta(days=days)
        self.number += 1
        return follow(self.journal, self, owners=owners or {}, timezone=ZONE)

    def current(self) -> Snapshot:
        return Snapshot(f"{self.number:06d}", self.now)

    def rows(self, name: str, *_: Any) -> tuple[list[str], list[tuple[Any, ...]]]:
        assert name == "alerts.rules"
        rules = [
            (rule, title, "off" if rule in self.off else severity, remedy)
            for rule, title, severity, remedy in RULES
        ]
        return ["rule_id", "title", "severity", "remedy"], rules

    def batches(self, name: str, *_: Any) -> Iterator[list[tuple[Any, ...]]]:
        assert name == "worklist.findings"
        for (rule, subject), (device, size, reason) in self.found.items():
            if rule in self.off:
                continue
            at = "2026-10-31T16:00:00.000000Z"  # the 1st of November in Tokyo
            yield [(finding_id(rule, subject), rule, device, subject, size, at, reason)]

    @property
    def clock(self) -> Clock:
        return Clock(self.now, ZONE)

    def listed(self, **chosen: Any) -> dict[str, dict[str, Any]]:
        """Rows of the list by subject."""
        (columns, rows), total = listing(self.journal, Selection(**chosen), self.clock)
        assert total == len(rows)
        place = columns.index("subject")
        return {row[place]: dict(zip(columns, row, strict=True)) for row in rows}

    def states(self, **chosen: Any) -> dict[str, str]:
        return {
            subject: row["state"]
            for subject, row in self.listed(
                **{
                    "states": ("open", "assigned", "snoozed", "accepted", "closed", "gone"),
                    **chosen,
                }
            ).items()
        }
