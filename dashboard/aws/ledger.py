"""What is kept on disk about requests: the ledger of paid ones, and answers replaced whole.

The ledger (`requests.jsonl`) has one JSON object per line and per paid request:
`{"at": UTC time, "operation": str, "cost_usd": decimal string, "period": str}`. It only grows.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any


def write_json(file: Path, data: Any) -> None:
    """Replace a file by JSON data, whole or not at all: readers see the former file or the new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8") as stream:
            json.dump(data, stream, indent=1)
            stream.write("\n")
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, file)
        sync_folder(file.parent)
    finally:
        temporary.unlink(missing_ok=True)


def read_json(file: Path) -> dict[str, Any] | None:
    """The object a file holds, or None where the file is absent or damaged."""
    try:
        data = json.loads(file.read_bytes())
    except (FileNotFoundError, ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def as_utc(moment: datetime) -> datetime:
    """The same moment in UTC; a time without a zone is refused, for billing months hang on it."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone cannot be placed in a billing month")
    return moment.astimezone(UTC)


class Ledger:
    """The paid requests so far. A request is written down before it is sent, so that a crash never hides one.

    Lines that cannot be read (the last one may be torn by a crash) are passed over.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def record(self, at: datetime, operation: str, cost_usd: Decimal, period: str) -> None:
        """Add one request; it is on disk when this returns.

        Raises:
            OSError: the ledger cannot be written; then the request must not be sent.
        """
        entry = {
            "at": as_utc(at).isoformat(timespec="seconds"),
            "operation": operation,
            "cost_usd": format(cost_usd, "f"),
            "period": period,
        }
        line = json.dumps(entry).encode() + b"\n"
        self.file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            size = os.fstat(descriptor).st_size
            if size and os.pread(descriptor, 1, size - 1) != b"\n":
                # The last line was torn: end it, or this one would be lost with it.
                line = b"\n" + line
            if os.write(descriptor, line) != len(line):
                raise OSError(f"{self.file} could not be written in full")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def entries(self) -> Iterator[tuple[datetime, str, Decimal]]:
        """Time, operation and price in USD of every request that can be read."""
        try:
            stream = self.file.open("rb")
        except FileNotFoundError:
            return
        with stream:
            for line in stream:
                try:
                    entry = json.loads(line)
                    yield (
                        as_utc(datetime.fromisoformat(entry["at"])),
                        str(entry["operation"]),
                        Decimal(entry["cost_usd"]),
                    )
                except (ValueError, KeyError, TypeError, InvalidOperation, RecursionError):
                    continue

    def count_on(self, day: date) -> int:
        """Requests paid on one UTC day."""
        return sum(at.date() == day for at, _operation, _cost in self.entries())

    def cost_on(self, day: date) -> Decimal:
        """USD paid for requests on one UTC day."""
        return sum((cost for at, _operation, cost in self.entries() if at.date() == day), Decimal(0))
