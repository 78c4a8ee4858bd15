"""Live looks: what AWS says of now, and of what comes, and no report holds.

Each is a file in the warehouse's `live` folder.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from dashboard.aws.aws_budgets import read_budgets
from dashboard.aws.cost_forecast import read_forecast
from dashboard.aws.ledger import Ledger
from dashboard.aws.lifecycle import read_lifecycle
from dashboard.aws.uploads import read_uploads
from dashboard.domain.progress import Progress
from dashboard.errors import DashboardError
from dashboard.settings import Settings


def look(
    settings: Settings,
    s3: Any,
    client_of: Callable[[str], Any],
    progress: Progress,
    now: datetime,
    note_fault: Callable[[DashboardError | None], None],
) -> None:
    """Ask for everything the settings want looked at; a look that fails keeps its former file and is noted.

    Raises:
        OSError: the folder cannot be written.
        DashboardError: the settings name a profile or endpoint that does not exist.
    """
    folder, budget = settings.warehouse.folder / "live", settings.live.max_requests_per_run
    folder.mkdir(parents=True, exist_ok=True)
    for bucket in sorted({location.source_bucket for location in settings.inventory}):
        if settings.live.lifecycle:
            note_fault(read_lifecycle(s3, bucket, folder, now).fault)
        if settings.live.unfinished_uploads and budget > 0:
            found = read_uploads(s3, bucket, folder, budget, progress, now)
            budget -= found.request_count
            note_fault(found.fault)
    if settings.costs.aws_budgets:
        note_fault(read_budgets(client_of("sts"), client_of("budgets"), folder, now).fault)


def look_ahead(
    settings: Settings,
    client_of: Callable[[str], Any],
    now: datetime,
    note_fault: Callable[[DashboardError | None], None],
    *,
    made: int,
    force: bool,
) -> int:
    """Ask Cost Explorer for its forecast if the settings want it; returns how many paid requests that took.

    Args:
        made: paid requests of this sync before.
        force: ask again although it was asked today.

    Raises:
        OSError: the folder cannot be written.
        DashboardError: the settings name a profile or endpoint that does not exist.
    """
    if not settings.costs.aws_forecast:
        return 0
    folder = settings.warehouse.folder
    ledger = Ledger(folder / "requests.jsonl")
    found = read_forecast(
        client_of("ce"), settings.costs, folder / "live", ledger, now, made=made, force=force
    )
    note_fault(found.fault)
    return found.request_count
