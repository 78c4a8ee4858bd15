"""Connections to DuckDB, configured for one purpose each."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import duckdb

from dashboard.errors import DashboardError, ExitCode

_NO_EXTENSIONS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
}

SCRATCH = "scratch.main"
"""Where a builder puts what is gone before publication: in memory, uncompressed, seen by all its cursors."""

_OPENING = threading.Lock()
_FULL = (
    "No space left",
    "max_temp_directory_size",
    "Disk quota exceeded",
    "File too large",
    "Could not write all bytes",
)
WAREHOUSE_ERRORS: tuple[type[Exception], ...] = (duckdb.Error, OSError, MemoryError)
"""What building and converting raise when a file, the disk or the memory fails; `explain` says what it means."""


def open_builder(
    file: Path | str, warehouse: Path, *, memory_limit: str, threads: int | None
) -> duckdb.DuckDBPyConnection:
    """A connection that builds a snapshot or converts a report.

    It reads files by paths relative to the warehouse folder, so that a snapshot's views survive a move of the folder.
    """
    if set(",?*[") & set(str(warehouse.absolute())):
        raise DashboardError(
            ExitCode.SETTINGS,
            "The data was not brought in",
            cause="To DuckDB the characters , ? * [ in a folder's path are more than a name",
            next_step="Choose a warehouse.folder whose path has none of them",
            locator=str(warehouse),
        )
    config: dict[str, Any] = {**_NO_EXTENSIONS, "memory_limit": memory_limit}
    if threads:
        config["threads"] = threads
    connection = duckdb.connect(str(file), config=config)
    spill = warehouse / "staging" / "spill"
    spill.mkdir(parents=True, exist_ok=True)
    # A cursor has a session of its own, so what it must know is set for the whole instance.
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    connection.execute("SET GLOBAL preserve_insertion_order = false")
    # Nobody needs half a snapshot: the whole file is put in order and brought to the disk once, before it is published.
    connection.execute("SET GLOBAL fsync_mode = 'NONE'")
    connection.execute("SET GLOBAL checkpoint_threshold = '1TB'")
    connection.execute("SET GLOBAL temp_directory = $folder", {"folder": str(spill)})
    connection.execute("SET GLOBAL file_search_path = $folder", {"folder": str(warehouse)})
    connection.execute("ATTACH ':memory:' AS scratch")
    return connection


def open_memory(*, memory_limit: str, threads: int | None) -> duckdb.DuckDBPyConnection:
    """A connection to a database in memory that touches no file by itself."""
    config: dict[str, Any] = {**_NO_EXTENSIONS, "memory_limit": memory_limit, "temp_directory": ""}
    if threads:
        config["threads"] = threads
    connection = duckdb.connect(":memory:", config=config)
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def open_reader(
    file: Path, warehouse: Path, *, memory_limit: str, threads: int | None
) -> duckdb.DuckDBPyConnection:
    """A read-only connection to a published snapshot that can reach the trusted reports and nothing else.

    Raises:
        duckdb.Error: the file is no snapshot this version can read.
    """
    config: dict[str, Any] = {
        **_NO_EXTENSIONS,
        "memory_limit": memory_limit,
        "python_enable_replacements": "false",
        "temp_directory": "",
    }
    if threads:
        config["threads"] = threads
    with _OPENING:
        connection = duckdb.connect(str(file), read_only=True, config=config)
        # All connections of a process to one file share one instance: it may have been prepared for another reader.
        if connection.execute("SELECT current_setting('lock_configuration')").fetchone() != (True,):
            _prepare(connection, warehouse)
    return connection


def _prepare(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> None:
    # A cursor has a session of its own, so what it must know is set for the whole instance.
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    connection.execute("SET GLOBAL file_search_path = $folder", {"folder": str(warehouse)})
    connection.execute("SET allowed_paths = $paths", {"paths": _own_files(connection, warehouse)})
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _own_files(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> list[str]:
    """The files of reports and labels that a snapshot's views read."""
    listed = "SELECT path FROM raw.parts UNION ALL SELECT path FROM raw.label_parts"
    parts = [row[0] for row in connection.execute(listed).fetchall()]
    # DuckDB compares a path as the view spells it and as the search path completes it.
    return parts + [str(warehouse / part) for part in parts]


def open_writer_beside(
    file: Path | None, warehouse: Path, *, folders: tuple[Path, ...], memory_limit: str, threads: int | None
) -> duckdb.DuckDBPyConnection:
    """A read-only connection to a published snapshot (or to none) that may read and write files in `folders`, the last
    of which takes what does not fit into memory. No other connection of the process may have the snapshot open.

    Raises:
        duckdb.Error: the file is no snapshot, or it is open.
    """
    config: dict[str, Any] = {
        **_NO_EXTENSIONS,
        "memory_limit": memory_limit,
        "python_enable_replacements": "false",
    }
    if threads:
        config["threads"] = threads
    spill = folders[-1] / ".spill"
    spill.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(str(file or ":memory:"), read_only=file is not None, config=config)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET temp_directory = $folder", {"folder": str(spill)})
    connection.execute("SET file_search_path = $folder", {"folder": str(warehouse)})
    allowed = _own_files(connection, warehouse) if file else []
    connection.execute("SET allowed_paths = $paths", {"paths": allowed})
    connection.execute(
        "SET allowed_directories = $folders", {"folders": [f"{folder}/" for folder in folders]}
    )
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def explain(error: Exception, locator: str) -> DashboardError:
    """Turn what DuckDB or the file system says into a fault of a sync."""
    text = str(error)
    if any(sign in text for sign in _FULL):
        return disk_full(locator)
    if isinstance(error, (duckdb.OutOfMemoryException, MemoryError)):
        return DashboardError(
            ExitCode.OUT_OF_MEMORY,
            "The data was not brought in",
            cause="The work needs more memory than warehouse.memory_limit allows",
            next_step="Raise warehouse.memory_limit in the settings, then sync again",
            locator=locator,
        )
    if isinstance(error, duckdb.ConversionException) and "out of range" in text:
        return DashboardError(
            ExitCode.SCHEMA_MISMATCH,
            "The data was not brought in",
            cause="Its numbers add up to more than any archive holds: {problem}",
            next_step="Look at who may write to the inventory folder",
            locator=locator,
            problem=text.splitlines()[0][:300],
        )
    if "CSV Parser state machine" in text:
        return DashboardError(
            ExitCode.SCHEMA_MISMATCH,
            "A file cannot be read",
            cause="Its lines end in different ways (LF and CRLF), or in a carriage return alone",
            next_step="Write the file again with one kind of line end, and texts that hold one in quotes",
            locator=locator,
        )
    if "Read-only file system" in text or "Permission denied" in text or isinstance(error, PermissionError):
        return DashboardError(
            ExitCode.READ_ONLY,
            "The data was not brought in",
            cause="The warehouse folder cannot be written: {problem}",
            next_step="Give the user of the sync the right to write there",
            locator=locator,
            problem=text.splitlines()[0][:300],
        )
    return DashboardError(
        ExitCode.FILE_DAMAGED,
        "A file of the report cannot be read",
        cause="{problem}",
        next_step="Wait for the next report; if it happens again, send this message to the developers",
        locator=locator,
        problem=(text.splitlines() or [type(error).__name__])[0][:300],
    )


def disk_full(locator: str) -> DashboardError:
    """The fault of a full disk."""
    return DashboardError(
        ExitCode.DISK_FULL,
        "The data was not brought in",
        cause="The disk of the warehouse folder is full",
        next_step="Free space or lower warehouse.keep_snapshots, then sync again",
        locator=locator,
    )
