"""What a journal that cannot be opened or written means for people."""

from __future__ import annotations

from pathlib import Path

from dashboard.errors import DashboardError, ExitCode
from dashboard.operate.journal_tables import APPLICATION_ID, SCHEMA_VERSION

BUSY_MILLISECONDS = 10_000


def foreign(file: Path, application: int, version: int) -> DashboardError:
    """The fault of a file that is no journal of this version."""
    if application == APPLICATION_ID:
        return DashboardError(
            ExitCode.JOURNAL_DAMAGED,
            "The journal cannot be used; the other pages go on",
            cause="{file} was written by another version of the dashboard: its schema is {found}, not {known}",
            next_step="Use the version of the dashboard that wrote it, or newer",
            locator=str(file),
            file=file.name,
            found=version,
            known=SCHEMA_VERSION,
        )
    return DashboardError(
        ExitCode.JOURNAL_DAMAGED,
        "The journal cannot be used; the other pages go on",
        cause="{file} is a database of another program",
        next_step="Move it away; the journal belongs under that name in the warehouse folder",
        locator=str(file),
        file=file.name,
    )


def explain(file: Path, error: Exception) -> DashboardError:
    """The fault behind what SQLite or the file system says."""
    text = str(error)
    if "locked" in text or "busy" in text:
        return DashboardError(
            ExitCode.JOURNAL_BUSY,
            "Nothing was written into the journal",
            cause="Another process has been writing into it for more than {seconds} seconds",
            next_step="Try again",
            locator=str(file),
            seconds=BUSY_MILLISECONDS // 1000,
        )
    if "full" in text or "No space left" in text:
        return DashboardError(
            ExitCode.DISK_FULL,
            "Nothing was written into the journal",
            cause="The disk of the warehouse folder is full",
            next_step="Free space, then try again",
            locator=str(file),
        )
    if "readonly" in text or "unable to open" in text or isinstance(error, OSError):
        return DashboardError(
            ExitCode.READ_ONLY,
            "Nothing was written into the journal",
            cause="The journal cannot be opened for writing: {problem}",
            next_step="Give the user of the dashboard the right to write into the warehouse folder",
            locator=str(file),
            problem=text,
        )
    return DashboardError(
        ExitCode.JOURNAL_DAMAGED,
        "The journal cannot be used; the other pages go on",
        cause="{file} cannot be read: {problem}",
        next_step="Put the last backup of it in its place (README, Recovery); keep the damaged file",
        locator=str(file),
        file=file.name,
        problem=text,
    )
