"""What reading a label source brings home, as far as both those who fetch and those who store must know it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dashboard.errors import DashboardError

SAMPLE_CHARACTERS = 200
"""So much of a row that was kept out is shown, no more: labels may speak about people."""


@dataclass(frozen=True)
class SetAside:
    """Rows of a label file that could not be believed.

    Attributes:
        reason: code of what is wrong with them.
        sample: the beginning of one of them, as text.
        file_name: address of the file, '' if the rows come from no file.
        row_number: line of the sample, from 1; 0 where nobody counted.
    """

    reason: str
    row_count: int
    sample: str = ""
    file_name: str = ""
    row_number: int = 0


@dataclass(frozen=True)
class LabelFile:
    """One file on this disk, complete and bounded in size, but not looked into.

    Attributes:
        format: csv, jsonl, json or parquet; text is unpacked.
        locator: where it came from.
        set_aside: lines that were left out because no reader should hold them.
    """

    path: Path
    format: str
    locator: str
    set_aside: tuple[SetAside, ...] = ()


@dataclass(frozen=True)
class Fetched:
    """The outcome of asking a source.

    Attributes:
        stamp: says what was found: the ETag of each file, an Iceberg snapshot, a time of asking.
        is_changed: False if the stamp is the one that was known; there are no files then.
        as_of: up to when the source tells about labels (UTC).
        request_count: what AWS counts and charges: requests, or read units of DynamoDB.
        fault: reading ended early, and nothing of it is used; what it cost is known all the same.
    """

    stamp: str
    is_changed: bool
    as_of: datetime
    request_count: int
    files: tuple[LabelFile, ...] = ()
    fault: DashboardError | None = None


def sample_of(raw: bytes) -> str:
    """The beginning of a line that may be anything, as text."""
    return raw[: 2 * SAMPLE_CHARACTERS].decode("utf-8", "backslashreplace")[:SAMPLE_CHARACTERS]
