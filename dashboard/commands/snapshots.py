"""The command line's `snapshots`: what is published, and the way back to an earlier one."""

from __future__ import annotations

from typing import Annotated

import typer

from dashboard.errors import DashboardError, ExitCode
from dashboard.settings import load_settings
from dashboard.terminal import FormatOption, chosen_format, print_rows


def snapshots_command(
    use: Annotated[
        str | None, typer.Option(help="Make this snapshot the current one (until the next sync).")
    ] = None,
    format_: FormatOption = "table",
) -> None:
    """List the published snapshots; `--use` goes back to an earlier one."""
    from dashboard.warehouse import publish

    folder = load_settings().warehouse.folder
    found = publish.snapshots(folder)
    if use is not None:
        chosen = next((info for info in found if info.snapshot_id == use), None)
        if chosen is None:
            raise DashboardError(
                ExitCode.NO_SNAPSHOT,
                "The snapshot was not changed",
                cause="There is no snapshot {snapshot}",
                next_step="Choose one of: {known}",
                locator=str(folder),
                snapshot=use,
                known=", ".join(info.snapshot_id for info in found) or "none",
            )
        with publish.sync_lock(folder):
            publish.point_at(folder, chosen)
    current = publish.current(folder)
    print_rows(
        ("snapshot_id", "is_current", "built_at", "report_at", "row_count", "size_bytes"),
        [
            (
                info.snapshot_id,
                current is not None and info.snapshot_id == current.snapshot_id,
                info.built_at,
                info.report_at,
                info.row_count,
                info.size_bytes,
            )
            for info in found
        ],
        chosen_format(format_),
    )
