"""Bring the bill's export in: the months that are new or restated, each believed as a whole or not at all; and what is
wrong with the exchange rates."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime

from dashboard.aws.cost_answers import months_back
from dashboard.aws.cost_exports import fetch, list_deliveries
from dashboard.aws.sessions import Client
from dashboard.domain.notes import Note
from dashboard.domain.progress import Progress
from dashboard.errors import DashboardError, ExitCode
from dashboard.settings import Money, Settings
from dashboard.settings.money import read_rates
from dashboard.warehouse import cost_exports


def note_rates(money: Money, note_fault: Callable[[DashboardError], None]) -> None:
    """Tell of exchange rates that could not be believed; their months are shown in dollars."""
    for problem in read_rates(money).problems:
        note_fault(
            DashboardError(
                ExitCode.SETTINGS,
                "A month's exchange rate could not be read",
                cause="{problem}",
                next_step="Mend the file of money.rates_file; until then that month is shown in dollars",
                locator=str(money.rates_file),
                problem=problem,
            )
        )


def bring_exports(
    s3: Client,
    settings: Settings,
    progress: Progress,
    now: datetime,
    note_fault: Callable[[DashboardError], None],
    note: Callable[[Note], None],
    *,
    force: bool = False,
) -> None:
    """Read every delivery that was not read before. A month that cannot be believed is a fault; the others go on.

    Raises:
        OSError: the warehouse folder cannot be written.
    """
    export = settings.costs.export
    if export is None:
        return
    first = months_back(now.date(), settings.costs.months)[0]
    draft = settings.warehouse.folder / "staging" / "exports"
    shutil.rmtree(draft, ignore_errors=True)
    try:
        for delivery in list_deliveries(s3, export, f"{first:%Y-%m}"):
            if cost_exports.is_kept(settings, delivery.period, delivery.version) and not force:
                continue
            folder = draft / delivery.period
            folder.mkdir(parents=True)
            try:
                kept = cost_exports.keep(
                    settings,
                    fetch(s3, export, delivery, folder, progress),
                    period=delivery.period,
                    version=delivery.version,
                    written_at=delivery.written_at,
                    now=now,
                    locator=f"{export.location} {delivery.period}",
                )
                note(
                    Note(
                        "The bill of {period} was read from the export: USD {total_usd}",
                        period=kept.period,
                        total_usd=kept.total_usd,
                    )
                )
            except DashboardError as fault:
                note_fault(fault)
            shutil.rmtree(folder, ignore_errors=True)
    except DashboardError as fault:
        note_fault(fault)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
