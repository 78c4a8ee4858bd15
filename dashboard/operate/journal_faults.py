"""What a journal that cannot be opened or written means for people."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

from dashboard.errors import DashboardError, ExitCode
from dashboard.operate.journal_tables import APPLICATION_ID, SCHEMA_VERSION

BUSY_MILLISECONDS = 10_000
LEAST_BYTES = 1 << 20
"""SQLite makes two files beside the journal even to read it; where these find no room, it says that the disk failed."""


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
    name = getattr(error, "sqlite_errorname", "")
    is_io = name.startswith("SQLITE_IOERR")
    if "full" in text or "No space left" in text or (is_io and _is_full(file)):
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
    if is_io:
        # No sign that anything in it is wrong: whoever put a backup in its place would lose what was written since.
        return DashboardError(
            ExitCode.JOURNAL_DAMAGED,
            "The journal cannot be used; the other pages go on",
            cause="The disk does not read or write {file}: {problem}",
            next_step="Look after the disk and leave the file as it is; then run `python -m dashboard journal verify`",
            locator=str(file),
            file=file.name,
            problem=name,
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


def _is_full(file: Path) -> bool:
    with contextlib.suppress(OSError):
        return shutil.disk_usage(file.parent).free < LEAST_BYTES
    return False
