"""What can go wrong with a dataset, as people meet it."""

from __future__ import annotations

from pathlib import Path

from dashboard.errors import DashboardError, ExitCode
from dashboard.warehouse.engine import explain


def name_refused(name: str) -> DashboardError:
    """The name is no name of a folder."""
    return DashboardError(
        ExitCode.USAGE,
        "The dataset was not made",
        cause="{name} cannot be its name",
        next_step="Use small letters, digits, - and _, at most 64 of them",
        locator="dataset create",
        name=name,
    )


def no_snapshot(folder: Path) -> DashboardError:
    """No sync has published anything."""
    return DashboardError(
        ExitCode.NO_SNAPSHOT,
        "There is nothing to choose from yet",
        cause="No sync has published a snapshot in {folder}",
        next_step="Run `python -m dashboard sync`",
        locator=str(folder),
        folder=folder.name,
    )


def snapshot_damaged(file: str) -> DashboardError:
    """The snapshot's file has changed since it was published."""
    return DashboardError(
        ExitCode.SNAPSHOT_DAMAGED,
        "The dataset was not made or compared",
        cause="The current snapshot is not what was published",
        next_step="Run `python -m dashboard sync`, or go back to an earlier snapshot with `snapshots --use`",
        locator=file,
    )


def definition_damaged(file: Path) -> DashboardError:
    """The definition of a frozen dataset cannot be believed."""
    return DashboardError(
        ExitCode.FILE_DAMAGED,
        "The dataset cannot be read",
        cause="Its definition is damaged",
        next_step="Take the folder from a backup, or freeze the dataset anew",
        locator=str(file),
    )


def members_changed(file: Path) -> DashboardError:
    """The members are not those that were frozen."""
    return DashboardError(
        ExitCode.FILE_DAMAGED,
        "The dataset is not what was frozen",
        cause="The hash of its members differs from its name",
        next_step="Take the folder from a backup, or freeze the dataset anew",
        locator=str(file),
    )


def nothing_ready() -> DashboardError:
    """The gate lets nothing through."""
    return DashboardError(
        ExitCode.NO_ROWS,
        "The dataset was not made",
        cause="Of what was chosen, nothing passes every step of the readiness gate",
        next_step="See on the page Datasets which step stops how many",
        locator="queries/pages/dataset/funnel.sql",
    )


def of_files(error: Exception, place: Path) -> DashboardError:
    """What DuckDB or the file system said."""
    fault = explain(error, str(place))
    return DashboardError(
        fault.code,
        "The dataset was not written or read",
        cause="{problem}",
        next_step=fault.next_step_template,
        locator=str(place),
        problem=fault.cause,
    )


def not_apart(command: str, exit_code: int, said: str) -> DashboardError:
    """A command about datasets that a page ran failed."""
    return DashboardError(
        ExitCode(exit_code) if exit_code in set(ExitCode) and exit_code else ExitCode.FAILED,
        "The dataset was not made or compared",
        cause="{problem}",
        next_step="Change the choice or its name and try again",
        locator=f"python -m dashboard dataset {command}",
        problem=" ".join(said.split())[-600:],
    )
