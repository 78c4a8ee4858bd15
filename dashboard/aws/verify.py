"""One file of a report: fetched, hashed and unpacked in one pass, and named only when it is right."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any

from dashboard.aws.download import CHUNK_BYTES, TITLE, Patience, Source, StoppedError, stream
from dashboard.aws.sessions import Client
from dashboard.aws.unpack import GzipDamagedError, GzipTooLargeError, Unpacker
from dashboard.domain.manifest import Format
from dashboard.domain.manifest_raw import ManifestFile
from dashboard.errors import DashboardError, ExitCode


@dataclass(frozen=True)
class VerifiedFile:
    """A file of a report on this machine whose size and MD5 are those of the manifest.

    Attributes:
        index: position in the manifest.
        path: the local file. A CSV is unpacked, ASCII only (see `unpack.Unpacker`).
        format: CSV, ORC or Parquet.
        size_bytes: size of the local file.
        has_plus, has_percent_20: what occurs in a CSV; always False for the other formats. Whether '+' stands
            for a space is a matter of the whole report: join the flags of all its files.
    """

    index: int
    path: Path
    format: Format
    size_bytes: int
    has_plus: bool = False
    has_percent_20: bool = False


@dataclass(frozen=True)
class Task:
    """What to fetch and where to put it; `spare_key` is tried where the key does not exist."""

    index: int
    format: Format
    file: ManifestFile
    source: Source
    spare_key: str
    path: Path
    token: str

    @property
    def part(self) -> Path:
        """The unfinished file; its name is this run's own."""
        return self.path.with_name(f"{self.path.name}.{self.token}.part")

    @property
    def marker(self) -> Path:
        """Says that the unpacked CSV beside it was verified, and what was found in it."""
        return self.path.with_name(f"{self.path.name}.verified.json")


def fetch_one(
    s3: Client, task: Task, patience: Patience, stop: threading.Event, advance: Callable[[int], None]
) -> VerifiedFile:
    """Fetch one file unless it is there already, and verify it.

    Raises:
        DashboardError: see `inventory.fetch_files`.
        StoppedError: `stop` was set before the file was verified; nothing is left behind.
    """
    try:
        known = _known(task, stop)
        if known:
            advance(task.file.size_bytes)
            return known
        try:
            return _fetch(s3, task, task.source, patience, stop, advance)
        except DashboardError as error:
            if error.code is not ExitCode.FILE_MISSING:
                raise
            spare = Source(task.source.bucket, task.spare_key, task.source.owner)
            try:
                return _fetch(s3, task, spare, patience, stop, advance)
            except DashboardError as second:
                raise (error if second.code is ExitCode.FILE_MISSING else second) from None
    except OSError as error:
        raise _disk_fault(error, task.path) from error
    finally:
        task.part.unlink(missing_ok=True)


def _fetch(
    s3: Client,
    task: Task,
    source: Source,
    patience: Patience,
    stop: threading.Event,
    advance: Callable[[int], None],
) -> VerifiedFile:
    digest = hashlib.md5(usedforsecurity=False)  # MD5 is what the manifest holds
    damage: GzipDamagedError | None = None
    unpacker: Unpacker | None = None
    with (
        contextlib.closing(stream(s3, source, task.file.size_bytes, patience, stop)) as pieces,
        task.part.open("wb", buffering=0) as output,
    ):
        write = _writer(output)
        if task.format == "CSV":
            unpacker = Unpacker(write)
        for piece in pieces:
            digest.update(piece)
            if unpacker is None:
                write(piece)
            elif damage is None:
                try:
                    unpacker.feed(piece)
                except GzipDamagedError as error:
                    damage = error  # read on: if the MD5 is wrong too, that is the better answer
                except GzipTooLargeError as error:
                    raise _fault(ExitCode.TOO_LARGE, source, "{problem}", problem=error) from None
            advance(len(piece))
        size_bytes = output.tell()
    found = digest.hexdigest()
    if found != task.file.md5:
        raise _fault(
            ExitCode.CHECKSUM_MISMATCH,
            source,
            "Its MD5 is {found}, but the manifest says {expected}",
            found=found,
            expected=task.file.md5,
        )
    if unpacker is not None:
        try:
            if damage:
                raise damage
            unpacker.close()
        except GzipDamagedError as error:
            raise _fault(
                ExitCode.GZIP_DAMAGED, source, "It is no whole gzip file: {problem}", problem=error
            ) from None
    # Kept even if the download was told to stop in this moment: what is verified need not be fetched again.
    task.part.replace(task.path)
    done = VerifiedFile(
        task.index,
        task.path,
        task.format,
        size_bytes,
        has_plus=unpacker is not None and unpacker.has_plus,
        has_percent_20=unpacker is not None and unpacker.has_percent_20,
    )
    if unpacker is not None:
        _write_marker(task, done)
    return done


def _writer(output: FileIO) -> Callable[[bytes | memoryview], None]:
    """Writes everything; an unbuffered file alone may write less where the disk fills up."""

    def write(data: bytes | memoryview) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[output.write(rest) :]

    return write


def _known(task: Task, stop: threading.Event) -> VerifiedFile | None:
    """The file as an earlier run verified it, or None."""
    if not task.path.is_file():
        return None
    size_bytes = task.path.stat().st_size
    if task.format == "CSV":
        # The unpacked file cannot be held against the manifest, so only a marker of its verification counts.
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            marker = json.loads(task.marker.read_text("utf-8"))
            if marker["md5"] == task.file.md5 and marker["size_bytes"] == size_bytes:
                has_plus, has_percent_20 = bool(marker["has_plus"]), bool(marker["has_percent_20"])
                return VerifiedFile(task.index, task.path, "CSV", size_bytes, has_plus, has_percent_20)
        return None
    if size_bytes != task.file.size_bytes:
        return None
    digest = hashlib.md5(usedforsecurity=False)
    with task.path.open("rb") as stored:
        while piece := stored.read(CHUNK_BYTES):
            if stop.is_set():
                raise StoppedError
            digest.update(piece)
    known = digest.hexdigest() == task.file.md5
    return VerifiedFile(task.index, task.path, task.format, size_bytes) if known else None


def _write_marker(task: Task, done: VerifiedFile) -> None:
    marker = {
        "md5": task.file.md5,
        "size_bytes": done.size_bytes,
        "has_plus": done.has_plus,
        "has_percent_20": done.has_percent_20,
    }
    task.part.write_text(json.dumps(marker), "utf-8")
    task.part.replace(task.marker)


def _fault(code: ExitCode, source: Source, cause: str, **args: Any) -> DashboardError:
    return DashboardError(
        code,
        "A report is not loaded: one of its files is damaged",
        cause=cause,
        next_step="Repeat once; if it stays, the report before it remains in use until S3 writes a new one",
        locator=source.locator,
        **args,
    )


def _disk_fault(error: OSError, path: Path) -> DashboardError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        code, cause = ExitCode.DISK_FULL, "The disk is full: {problem}"
        next_step = "Free some space and repeat; files that are verified are kept"
    else:
        code, cause = ExitCode.READ_ONLY, "The folder cannot be written: {problem}"
        next_step = "Give the sync a warehouse folder that it may write to"
    return DashboardError(code, TITLE, cause=cause, next_step=next_step, locator=str(path), problem=error)
