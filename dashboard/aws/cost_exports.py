"""Exports of the bill in S3 (CUR 2.0, FOCUS): which months are new or restated, and their files.

Data Exports writes `<name>/data/BILLING_PERIOD=2026-10/…`, either over what was there or into a folder of its own for
each delivery. A delivery is the files of one folder; of several the one that was written last counts.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dashboard.aws.download import Patience, Source, stream
from dashboard.aws.permissions import Permission
from dashboard.aws.sessions import REQUEST_FAULTS, Client, explain
from dashboard.domain.progress import Progress
from dashboard.errors import DashboardError, ExitCode
from dashboard.settings.costs import CostExport

PERMISSIONS = (
    Permission(
        "s3:ListBucket",
        "arn:{partition}:s3:::{export_bucket}",
        "see which months of the bill's export are new or restated",
        prefix_template="{export_prefix}",
    ),
    Permission(
        "s3:GetObject", "arn:{partition}:s3:::{export_bucket}/{export_prefix}*", "read the bill's export"
    ),
)

TITLE = "The export of the bill could not be read; the last good months stay in use"
MAX_FILES = 20_000
_PERIOD = re.compile(r"/(?:BILLING_PERIOD|billing_period)=(\d{4}-(?:0[1-9]|1[0-2]))(?:-\d\d)?/")
_ENDINGS = (".parquet", ".csv.gz", ".csv")


@dataclass(frozen=True)
class ExportedFile:
    """One file of a delivery."""

    key: str
    e_tag: str
    size_bytes: int
    modified_at: datetime


@dataclass(frozen=True)
class Delivery:
    """One month as it was delivered last.

    Attributes:
        period: the billing month, "2026-10".
        version: a digest of its files' names and ETags.
    """

    period: str
    version: str
    written_at: datetime
    files: tuple[ExportedFile, ...]


def list_deliveries(s3: Client, export: CostExport, first_period: str) -> list[Delivery]:
    """The newest delivery of every month from `first_period` on, oldest first.

    Raises:
        DashboardError: FILE_MISSING, TOO_LARGE, ACCESS_DENIED, CREDENTIALS, SOURCE_UNREACHABLE.
    """
    folders: dict[tuple[str, str], list[ExportedFile]] = defaultdict(list)
    for count, item in enumerate(_listed(s3, export), start=1):
        if count > MAX_FILES:
            raise fault(
                ExitCode.TOO_LARGE,
                export.location,
                "The folder holds more than {problem} files",
                str(MAX_FILES),
            )
        named = _PERIOD.search(item.key)
        if named and item.size_bytes and item.key.lower().endswith(_ENDINGS):
            folders[named[1], item.key.rpartition("/")[0]].append(item)
    if not folders:
        raise fault(
            ExitCode.FILE_MISSING,
            export.location,
            "There is no file in a folder named BILLING_PERIOD=, as Data Exports writes them",
        )
    newest: dict[str, Delivery] = {}
    for (period, _folder), files in folders.items():
        written_at = max(item.modified_at for item in files)
        if period >= first_period and (period not in newest or newest[period].written_at < written_at):
            digest = hashlib.sha256()
            for item in sorted(files, key=lambda file: file.key):
                digest.update(f"{item.e_tag} {item.size_bytes} {item.key}\n".encode())
            newest[period] = Delivery(period, digest.hexdigest()[:24], written_at, tuple(files))
    return [newest[period] for period in sorted(newest)]


def fetch(s3: Client, export: CostExport, delivery: Delivery, folder: Path, progress: Progress) -> list[Path]:
    """Bring a delivery's files into an empty folder.

    Raises:
        DashboardError: TOO_LARGE, FILE_MISSING, CHECKSUM_MISMATCH (replaced meanwhile), ACCESS_DENIED, CREDENTIALS,
            SOURCE_UNREACHABLE.
        OSError: the folder cannot be written.
    """
    size = sum(item.size_bytes for item in delivery.files)
    if size > export.max_bytes:
        raise fault(
            ExitCode.TOO_LARGE,
            export.location,
            "The month {problem} is larger than costs.export.max_bytes",
            delivery.period,
        )
    task = f"cost export {delivery.period}"
    progress.start(task, size, "bytes")
    paths = []
    try:
        for number, item in enumerate(delivery.files):
            ending = next(ending for ending in _ENDINGS if item.key.lower().endswith(ending))
            path = folder / f"{number:05d}{ending}"
            with path.open("wb") as out:
                where = Source(export.bucket, item.key)
                for piece in stream(s3, where, item.size_bytes, Patience(), threading.Event()):
                    out.write(piece)
                    progress.advance(task, len(piece))
            paths.append(path)
    except DashboardError as error:
        error.title_template = TITLE  # the stream speaks of reports
        raise
    finally:
        progress.finish(task)
    return paths


def _listed(s3: Client, export: CostExport) -> Iterator[ExportedFile]:
    try:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=export.bucket, Prefix=export.prefix):
            for item in page.get("Contents", ()):
                yield ExportedFile(
                    str(item["Key"]), str(item["ETag"]), int(item["Size"]), item["LastModified"]
                )
    except REQUEST_FAULTS as error:
        raise explain(error, export.location, "s3:ListBucket", TITLE) from error


def fault(code: ExitCode, locator: str, cause: str, problem: str = "") -> DashboardError:
    """What is wrong with an export."""
    return DashboardError(
        code,
        TITLE,
        cause=cause,
        next_step="Look at the export in the Billing console, and at costs.export.location in the settings",
        locator=locator,
        problem=problem,
    )
