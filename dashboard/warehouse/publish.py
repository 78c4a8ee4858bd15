"""Published snapshots: numbered files that never change, each with a record beside it, and CURRENT naming the newest.

A snapshot becomes visible by one rename of CURRENT. Nothing published is ever opened for writing or replaced, so
readers of an older snapshot go on undisturbed.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from dashboard.errors import DashboardError, ExitCode

CURRENT = "CURRENT"
_FILE = re.compile(r"wh\.(\d{6})\.duckdb")
_DRAFTS = (".build.*", f"{CURRENT}.tmp*", "wh.*.json.tmp")


@dataclass(frozen=True)
class SnapshotInfo:
    """The record of one published snapshot.

    Attributes:
        reports: folders of the reports its lists read, relative to the warehouse folder.
        labels: label files that its lists read, likewise.
        fingerprint: digest of everything it was built from.
    """

    snapshot_id: str
    file: str
    sha256: str
    size_bytes: int
    schema_version: int
    built_at: datetime
    report_at: datetime | None
    oldest_report_at: datetime | None
    row_count: int
    is_demo: bool
    fingerprint: str
    reports: tuple[str, ...]
    labels: tuple[str, ...] = ()

    def as_json(self) -> str:
        data = asdict(self)
        for name in ("built_at", "report_at", "oldest_report_at"):
            data[name] = data[name].isoformat() if data[name] else None
        return json.dumps(data, indent=1)


def read_info(path: Path) -> SnapshotInfo | None:
    """The record in a file, or None if there is none that makes sense."""
    try:
        data: dict[str, Any] = json.loads(path.read_text("utf-8"))
        for name in ("built_at", "report_at", "oldest_report_at"):
            data[name] = datetime.fromisoformat(data[name]) if data[name] else None
        lists = {name: tuple(data.get(name, ())) for name in ("reports", "labels")}
        info = SnapshotInfo(**{**data, **lists})
    except (OSError, ValueError, KeyError, TypeError, UnicodeDecodeError):
        return None
    match = _FILE.fullmatch(str(info.file))
    return info if match and match[1] == info.snapshot_id else None


def current(warehouse: Path) -> SnapshotInfo | None:
    """What CURRENT names; if CURRENT is unusable, the newest snapshot whose record is whole."""
    info = read_info(warehouse / CURRENT)
    if info is not None and (warehouse / info.file).is_file():
        return info
    return next(iter(snapshots(warehouse)), None)


def snapshots(warehouse: Path) -> list[SnapshotInfo]:
    """Every published snapshot that is still there, newest first."""
    found = []
    for path in sorted(warehouse.glob("wh.*.json"), reverse=True):
        info = read_info(path)
        if info is not None and (warehouse / info.file).is_file():
            found.append(info)
    return found


def next_id(warehouse: Path) -> str:
    """A number no snapshot of this folder ever had."""
    numbers = [
        int(match[1]) for path in warehouse.glob("wh.*.duckdb") if (match := _FILE.fullmatch(path.name))
    ]
    named = read_info(warehouse / CURRENT)
    if named is not None:
        numbers.append(int(named.snapshot_id))
    return f"{max(numbers, default=0) + 1:06d}"


def is_whole(warehouse: Path, info: SnapshotInfo) -> bool:
    """Whether a snapshot's file holds what was published."""
    path = warehouse / info.file
    try:
        return path.stat().st_size == info.size_bytes and digest(path) == info.sha256
    except OSError:
        return False


def digest(file: Path) -> str:
    """SHA-256 of a file in hex."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def publish(build: Path, warehouse: Path, info: SnapshotInfo) -> None:
    """Make a checked build the current snapshot.

    The order of the writes matters: the file is safe under its final name before its record is, and the record is
    before CURRENT names it.
    """
    if build.with_name(build.name + ".wal").exists():
        raise DashboardError(
            ExitCode.FAILED,
            "The new snapshot was not published",
            cause="It was not closed properly",
            next_step="Sync again",
            locator=build.name,
        )
    target = warehouse / info.file
    build.chmod(0o440)
    _sync_file(build)
    build.rename(target)
    _sync_folder(warehouse)
    write_atomically(warehouse / f"wh.{info.snapshot_id}.json", info.as_json())
    point_at(warehouse, info)


def point_at(warehouse: Path, info: SnapshotInfo) -> None:
    """Let CURRENT name a published snapshot; also the way back to an earlier one."""
    write_atomically(warehouse / CURRENT, info.as_json())


def prune(warehouse: Path, keep: int) -> None:
    """Remove the oldest snapshots, and the reports and label files that only they read."""
    every = snapshots(warehouse)
    named = current(warehouse)
    kept = every[:keep] + [info for info in every[keep:] if named and info.snapshot_id == named.snapshot_id]
    for info in every:
        if info not in kept:
            # The record goes first: a file without a record is no snapshot.
            (warehouse / f"wh.{info.snapshot_id}.json").unlink(missing_ok=True)
            (warehouse / info.file).unlink(missing_ok=True)
    needed = {folder for info in kept for folder in info.reports}
    for record in (warehouse / "reports").glob("*/*/*/report.json"):
        if record.parent.relative_to(warehouse).as_posix() not in needed:
            shutil.rmtree(record.parent, ignore_errors=True)
    used = {name for info in kept for name in info.labels}
    for path in (warehouse / "labels").glob("*/*.parquet"):
        # The newest snapshot reads what the records name, so that what no snapshot reads is in no record either.
        if path.relative_to(warehouse).as_posix() not in used:
            path.unlink(missing_ok=True)


def clean_leftovers(warehouse: Path) -> None:
    """Remove what a killed sync left behind. Call it only under the lock."""
    for pattern in _DRAFTS:
        for path in warehouse.glob(pattern):
            path.unlink(missing_ok=True)
    named = current(warehouse)
    known = {info.file for info in (*snapshots(warehouse), *([named] if named else []))}
    for path in warehouse.glob("wh.*.duckdb"):
        if path.name not in known:
            path.unlink(missing_ok=True)
    for folder in (warehouse / "reports").glob("*/*/*"):
        if not (folder / "report.json").is_file():
            shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(warehouse / "staging" / "spill", ignore_errors=True)


@contextlib.contextmanager
def sync_lock(warehouse: Path) -> Iterator[None]:
    """Hold the folder for one sync.

    Raises:
        DashboardError: SYNC_RUNNING if another process holds it, READ_ONLY if the folder cannot be written.
    """
    try:
        warehouse.mkdir(parents=True, exist_ok=True)
        handle = os.open(warehouse / "sync.lock", os.O_RDWR | os.O_CREAT, 0o640)
    except OSError as error:
        raise DashboardError(
            ExitCode.READ_ONLY,
            "The sync did not start",
            cause="The warehouse folder cannot be written: {problem}",
            next_step="Give the user of the sync the right to write there; the pages go on serving",
            locator=str(warehouse),
            problem=error.strerror or error,
        ) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DashboardError(
                ExitCode.SYNC_RUNNING,
                "The sync did not start",
                cause="Another sync is running on this warehouse folder",
                next_step="Wait until it ends",
                locator=str(warehouse),
            ) from error
        except OSError as error:
            raise DashboardError(
                ExitCode.READ_ONLY,
                "The sync did not start",
                cause="The file system of the warehouse folder cannot lock files: {problem}",
                next_step="Put warehouse.folder on a local disk, or on a network disk with locks switched on",
                locator=str(warehouse),
                problem=error.strerror or error,
            ) from error
        yield
    finally:
        os.close(handle)


def free_space(warehouse: Path, needed_bytes: int) -> None:
    """Refuse to begin what cannot end.

    Raises:
        DashboardError: DISK_FULL.
    """
    free = shutil.disk_usage(warehouse).free
    if free < needed_bytes:
        raise DashboardError(
            ExitCode.DISK_FULL,
            "The sync did not start",
            cause="It needs about {needed} MiB and the disk has {free} MiB free",
            next_step="Free space or lower warehouse.keep_snapshots, then sync again",
            locator=str(warehouse),
            needed=needed_bytes >> 20,
            free=free >> 20,
        )


def folders_of(reports: Iterable[Path], warehouse: Path) -> tuple[str, ...]:
    """Report folders as a snapshot's record names them."""
    return tuple(folder.relative_to(warehouse).as_posix() for folder in reports)


def write_atomically(path: Path, text: str) -> None:
    """Replace a file's contents so that no reader ever sees half of them."""
    draft = path.with_name(path.name + ".tmp")
    try:
        with draft.open("w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(draft, path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_file(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_folder(folder: Path) -> None:
    _sync_file(folder)
