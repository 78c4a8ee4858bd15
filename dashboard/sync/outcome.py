"""What a sync did, for last_sync.json, `sync --json` and the pages."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from dashboard.domain.notes import Note
from dashboard.errors import DashboardError, ExitCode


@dataclass
class SyncOutcome:
    """What a sync did.

    Attributes:
        sources: one entry per inventory location: what was used, and whether it is new.
        faults: everything that went wrong, the first one gives the exit code.
        notes: what a person may want to know and need not act on.
        seconds: how long each phase took.
        mask: what faults are put through: they end in logs, which must name no patient.
    """

    started_at: datetime
    finished_at: datetime | None = None
    snapshot_id: str | None = None
    is_published: bool = False
    row_count: int = 0
    size_bytes: int = 0
    paid_request_count: int = 0
    label_request_count: int = 0
    sources: list[dict[str, Any]] = field(default_factory=list)
    faults: list[DashboardError] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    mask: Callable[[str], str] = str

    def add(self, fault: DashboardError, *, is_first: bool = False) -> DashboardError:
        """Put a fault into the list, masked; returns it as it stands there."""
        fault = fault.masked(self.mask)
        self.faults.insert(0 if is_first else len(self.faults), fault)
        return fault

    @property
    def exit_code(self) -> ExitCode:
        return self.faults[0].code if self.faults else ExitCode.OK

    def as_dict(self) -> dict[str, Any]:
        """The outcome as JSON data: last_sync.json and `sync --json`."""
        return {
            "started_at": self.started_at.isoformat(),
            "finished_at": self.finished_at.isoformat() if self.finished_at else None,
            "exit_code": int(self.exit_code),
            "published": self.is_published,
            "snapshot_id": self.snapshot_id,
            "row_count": self.row_count,
            "size_bytes": self.size_bytes,
            "paid_request_count": self.paid_request_count,
            "label_request_count": self.label_request_count,
            "sources": self.sources,
            "faults": [fault.as_dict() for fault in self.faults],
            "notes": [note.as_dict() for note in self.notes],
            "seconds": {name: round(value, 3) for name, value in self.seconds.items()},
        }


def interrupted(folder: Path) -> DashboardError:
    """The fault of a sync that was told to stop."""
    return DashboardError(
        ExitCode.INTERRUPTED,
        "The sync was stopped",
        cause="It was interrupted before the new snapshot was complete",
        next_step="Sync again; files that were already verified are not fetched again",
        locator=str(folder),
    )


def nothing_listed(locations: Sequence[str]) -> DashboardError:
    """The fault of a sync that found no report, and nothing else that would explain it."""
    return DashboardError(
        ExitCode.FILE_MISSING,
        "There is nothing to load yet",
        cause="No complete inventory report was found at {count} configured locations",
        next_step="The first report comes within 48 hours of switching S3 Inventory on; check inventory.location",
        locator=", ".join(locations) or "inventory",
        count=len(locations),
    )


def no_inventory() -> DashboardError:
    """The fault of settings without an inventory location: nothing could come of a sync that pays for costs."""
    return DashboardError(
        ExitCode.SETTINGS,
        "There is nothing to load yet",
        cause="The settings name no inventory location",
        next_step="Add an [[inventory]] block with its location, as dashboard.example.toml shows it",
        locator="inventory",
    )


def unforeseen(error: Exception) -> DashboardError:
    """The fault of an error that nobody foresaw, with the line it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    return DashboardError(
        ExitCode.FAILED,
        "The data was not brought in",
        cause="Something happened that the sync does not know: {kind}: {problem}",
        next_step="Send this message to the developers; the pages go on showing the last good snapshot",
        locator=f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "",
        kind=type(error).__name__,
        problem=(str(error).splitlines() or [""])[0][:300],
    )
