"""Segments of labels on disk: written in batches, and mended after a crash.

`changed.jsonl` beside them has the same lines: tags that the worker wrote and read back, until a sync takes them over.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from dashboard.aws.ledger import sync_folder

BATCH_LINES = 1_000
_CHANGED = "changed"


class Segment:
    """One run's file. It comes into being with its first batch; lines reach the disk batch by batch."""

    def __init__(self, folder: Path) -> None:
        self.file = _new_file(folder)
        self._lines: list[bytes] = []

    def add(self, line: dict[str, Any]) -> None:
        """Take one line; every 1,000th makes all of them safe."""
        self._lines.append(json.dumps(line).encode() + b"\n")
        if len(self._lines) >= BATCH_LINES:
            self.flush()

    def flush(self) -> None:
        """Put the lines taken so far on disk, all or none of them.

        Raises:
            OSError: no room, or the folder is read-only; the file ends with its last whole batch.
        """
        if not self._lines:
            return
        data = b"".join(self._lines)
        with self.file.open("ab", buffering=0) as stream:
            start = stream.seek(0, os.SEEK_END)
            try:
                written = stream.write(data)
                if written != len(data):
                    raise OSError(f"{self.file} could not be written in full")
                os.fsync(stream.fileno())
            except OSError:
                stream.truncate(start)
                raise
        self._lines.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.flush()


@contextmanager
def _changes(folder: Path) -> Iterator[Path]:
    """The file of changed tags, which one process at a time writes to or takes away."""
    with (folder / f"{_CHANGED}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder / f"{_CHANGED}.jsonl"


def note_change(folder: Path, line: dict[str, Any]) -> None:
    """Write down, for good, what an object's tags have become, so that no sync has to ask for them.

    Args:
        line: as in a segment.

    Raises:
        OSError: no room, or the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    data = json.dumps(line).encode() + b"\n"
    with ExitStack() as stack:
        with _changes(folder) as file:
            is_new = not file.exists()
            stream = stack.enter_context(file.open("ab+", buffering=0))
            _cut_torn_line(stream)  # else this one would be a part of it
            if stream.write(data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(file))
            if is_new:
                sync_folder(folder)
        # Not while others wait for the lock: what many write at once, the disk takes at once.
        os.fsync(stream.fileno())


def adopt_changes(folder: Path) -> None:
    """Make a segment of what was noted since the last sync.

    Raises:
        OSError: the folder is read-only.
    """
    if (folder / f"{_CHANGED}.jsonl").exists():
        with _changes(folder) as file:
            file.rename(_new_file(folder))
            sync_folder(folder)


def segments(folder: Path) -> list[Path]:
    """The segments of a folder, oldest first."""
    return sorted(folder.glob("tags-*.jsonl"))


def mend_segments(folder: Path) -> int:
    """Cut off lines that a crash left torn at the end of a segment; returns how many files were mended."""
    mended = 0
    for file in segments(folder):
        with file.open("rb+") as stream:
            mended += _cut_torn_line(stream)
    return mended


def _cut_torn_line(stream: IO[bytes]) -> bool:
    """Cut off what a file has behind its last whole line; returns whether there was anything."""
    size = keep = stream.seek(0, os.SEEK_END)
    while keep:
        start = max(0, keep - 65_536)
        stream.seek(start)
        at = stream.read(keep - start).rfind(b"\n")
        if at >= 0:
            keep = start + at + 1
            break
        keep = start
    if keep != size:
        stream.truncate(keep)
    return keep != size


def _new_file(folder: Path) -> Path:
    """A name that sorts after those before it."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
    return folder / f"tags-{stamp}-{os.getpid()}.jsonl"
