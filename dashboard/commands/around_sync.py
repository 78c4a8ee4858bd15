"""Before and after a sync: how old the data is, and what follows once a snapshot is published."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from dashboard.errors import DashboardError
from dashboard.settings import Settings

if TYPE_CHECKING:
    from dashboard.sync import SyncOutcome

_STALE = timedelta(hours=36)


def follow_up(settings: Settings, outcome: SyncOutcome) -> None:
    """Bring the worklist up to the snapshot and send the digests that are due; what happened goes into the outcome."""
    from dashboard.operate.after_sync import after_sync
    from dashboard.warehouse.read import Warehouse

    found = after_sync(settings, Warehouse(settings))
    outcome.notes += found.notes
    outcome.faults += [found.fault] if found.fault else []


def freshness(settings: Settings) -> tuple[str, bool, str, str]:
    """The age of the newest report, as a row of `check`."""
    from dashboard.warehouse.read import Warehouse

    try:
        info = Warehouse(settings).current()
    except DashboardError as fault:
        return "freshness", False, fault.cause, fault.next_step
    age = datetime.now(UTC) - info.report_at if info.report_at else timedelta.max
    hours = int(age.total_seconds() // 3600)
    return (
        "freshness",
        age <= _STALE,
        f"newest report {hours} h old",
        "" if age <= _STALE else "Run sync; see Sources",
    )
