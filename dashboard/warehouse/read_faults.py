"""What it means to a reader when a query or a snapshot fails."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from dashboard.errors import DashboardError, ExitCode
from dashboard.warehouse.publish import SnapshotInfo
from dashboard.warehouse.query import Query

_WRONG_VALUE = (duckdb.ConversionException, duckdb.InvalidInputException, duckdb.BinderException)


def of_query(error: duckdb.Error, query: Query, timeout_seconds: int) -> DashboardError | None:
    """The fault of one query on a sound snapshot, or None where the snapshot itself must be doubted."""
    locator = f"queries/pages/{query.name.replace('.', '/')}.sql"
    title = "This part of the page is missing"
    if isinstance(error, duckdb.InterruptException):
        return DashboardError(
            ExitCode.FAILED,
            title,
            cause="The query took longer than {seconds} s",
            next_step="Narrow the filters, or raise warehouse.query_timeout_seconds",
            locator=locator,
            seconds=timeout_seconds,
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return DashboardError(
            ExitCode.OUT_OF_MEMORY,
            title,
            cause="The query needs more memory than warehouse.memory_limit allows",
            next_step="Narrow the filters, or raise warehouse.memory_limit",
            locator=locator,
        )
    if isinstance(error, _WRONG_VALUE):
        return DashboardError(
            ExitCode.USAGE,
            title,
            cause="A filter has a value the query cannot use: {problem}",
            next_step="Reset the filters",
            locator=locator,
            problem=str(error).splitlines()[0][:200],
        )
    return None


def damaged(info: SnapshotInfo, error: Exception) -> DashboardError:
    """The fault of a snapshot that cannot be read."""
    return DashboardError(
        ExitCode.SNAPSHOT_DAMAGED,
        "A snapshot cannot be read",
        cause="{file}: {problem}",
        next_step="The pages show the one before it; the next sync builds a new one",
        locator=info.file,
        file=info.file,
        problem=(str(error).splitlines() or [type(error).__name__])[0][:200],
    )


def no_query(name: str, known: Iterable[str]) -> DashboardError:
    """A page query was asked for that is none."""
    return DashboardError(
        ExitCode.USAGE,
        "There is no such query",
        cause="{name} is none of the page queries",
        next_step="Choose one of: {known}",
        locator="queries/pages",
        name=name,
        known=", ".join(known),
    )


def no_parameter(query: Query, unknown: Iterable[str]) -> DashboardError:
    """A query was given what it does not take."""
    return DashboardError(
        ExitCode.USAGE,
        "The query has no such parameter",
        cause="{name} does not take {unknown}",
        next_step="Its parameters: {known}",
        locator=f"queries/pages/{query.name.replace('.', '/')}.sql",
        name=query.name,
        unknown=", ".join(unknown),
        known=", ".join(query.params) or "none",
    )


def of_another_version(info: SnapshotInfo, known: int) -> DashboardError:
    """The fault of a snapshot that an earlier or later dashboard built: whole, and not for this one."""
    return DashboardError(
        ExitCode.SNAPSHOT_DAMAGED,
        "A snapshot cannot be read",
        cause="Another version of the dashboard built {file}: its schema is {found}, not {known}",
        next_step="Run `python -m dashboard sync`: it builds a new one from the reports that are kept here",
        locator=info.file,
        file=info.file,
        found=info.schema_version,
        known=known,
    )
