"""Inventory reports on S3: found by their manifests, fetched in parallel, believed only when verified."""

from __future__ import annotations

import queue
import threading
import time
import uuid
from collections.abc import Generator
from pathlib import Path

from dashboard.aws.download import Patience, Source, StoppedError, read_small
from dashboard.aws.permissions import Permission
from dashboard.aws.sessions import REQUEST_FAULTS, Client, explain
from dashboard.aws.verify import Task, VerifiedFile, fetch_one
from dashboard.domain.manifest import MAX_MANIFEST_BYTES, ReportId, TrustedManifest, parse, report_at
from dashboard.domain.manifest_raw import invalid
from dashboard.domain.progress import Progress
from dashboard.errors import DashboardError, ExitCode
from dashboard.settings import InventoryLocation

__all__ = ["PERMISSIONS", "Patience", "VerifiedFile", "fetch_files", "fetch_manifest", "list_reports"]

PERMISSIONS: tuple[Permission, ...] = (
    Permission(
        "s3:ListBucket",
        "arn:{partition}:s3:::{destination_bucket}",
        "find the reports of an inventory configuration",
        prefix_template="{root}",
    ),
    Permission(
        "s3:GetObject",
        "arn:{partition}:s3:::{destination_bucket}/{root}*",
        "read manifests and the files that they list",
    ),
)

_STOP_SECONDS = 2.0
_CHECKSUM_LIMIT = 1024
_LIST_TITLE = "The inventory reports of a bucket cannot be listed"


def list_reports(s3: Client, location: InventoryLocation) -> list[ReportId]:
    """The reports of a location, newest first. Only names are looked at: a report may still be incomplete.

    Raises:
        DashboardError: ACCESS_DENIED, CREDENTIALS, FILE_MISSING (no such bucket), SOURCE_UNREACHABLE.
    """
    found = set()
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=location.destination_bucket, Prefix=location.root, Delimiter="/", **_owner(location)
    )
    try:
        for page in pages:
            for item in page.get("CommonPrefixes", ()):
                at = report_at(item["Prefix"].removeprefix(location.root).removesuffix("/"))
                if at:
                    found.add(ReportId(location.source_bucket, location.config_id, at))
    except REQUEST_FAULTS as error:
        where = f"s3://{location.destination_bucket}/{location.root}"
        raise explain(error, where, "s3:ListBucket", _LIST_TITLE) from error
    return sorted(found, reverse=True)


def fetch_manifest(
    s3: Client, location: InventoryLocation, report_id: ReportId, patience: Patience | None = None
) -> TrustedManifest:
    """A report's manifest, verified. Nothing that it names is asked for before.

    Raises:
        DashboardError: MANIFEST_INVALID (also: the report is not complete yet), CHECKSUM_MISMATCH,
            PATH_REFUSED, SCHEMA_MISMATCH, DUPLICATE_ROWS, SOURCE_UNREACHABLE, CREDENTIALS, ACCESS_DENIED.
    """
    # The checksum is written last, so it is asked for first.
    checksum = _small(s3, location, report_id, "manifest.checksum", _CHECKSUM_LIMIT, patience)
    raw = _small(s3, location, report_id, "manifest.json", MAX_MANIFEST_BYTES, patience)
    return parse(raw, checksum, location, report_id)


def fetch_files(
    s3: Client,
    location: InventoryLocation,
    manifest: TrustedManifest,
    folder: Path,
    progress: Progress,
    workers: int = 4,
    patience: Patience | None = None,
) -> Generator[VerifiedFile, None, None]:
    """Download a report's files in parallel and yield each as soon as it is verified, in no particular order.

    Files that an earlier run verified are not fetched again. After a fault, an interruption or when the
    caller closes the generator, the threads end within seconds; verified files stay for the next run,
    unfinished ones are removed.

    Raises:
        DashboardError: FILE_MISSING, CHECKSUM_MISMATCH, GZIP_DAMAGED, TOO_LARGE, SOURCE_UNREACHABLE,
            CREDENTIALS, ACCESS_DENIED, DISK_FULL, READ_ONLY.
    """
    task = f"download {manifest.report_id.source_bucket}"
    token = uuid.uuid4().hex[:8]
    stop = threading.Event()
    results: queue.SimpleQueue[VerifiedFile | BaseException] = queue.SimpleQueue()
    jobs: queue.SimpleQueue[Task] = queue.SimpleQueue()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _remove_partials(folder, "*")  # of runs that were killed
    except OSError as error:
        raise DashboardError(
            ExitCode.READ_ONLY,
            "A report is not loaded: its folder cannot be written",
            cause="{problem}",
            next_step="Give the sync a warehouse folder that it may write to",
            locator=str(folder),
            problem=error,
        ) from error
    for index, file in enumerate(manifest.files):
        source = Source(manifest.destination_bucket, file.key, location.bucket_owner or "")
        # With a prefix that was configured with a slash at its end, S3 stored the files below "prefix//".
        spare = f"{location.prefix}/{file.key.removeprefix(location.prefix)}"
        path = folder / f"part-{index:04d}.{manifest.format.lower()}"
        jobs.put(Task(index, manifest.format, file, source, spare, path, token))

    def work() -> None:
        while not stop.is_set():
            try:
                job = jobs.get_nowait()
            except queue.Empty:
                return
            try:
                done: VerifiedFile | BaseException = fetch_one(
                    s3, job, patience or Patience(), stop, lambda amount: progress.advance(task, amount)
                )
            except StoppedError:
                return
            except BaseException as error:  # handed over: a thread has nobody above it
                stop.set()
                done = error
            results.put(done)

    progress.start(task, manifest.size_bytes, "bytes")
    threads = [
        # Daemons: one that hangs in a dead connection must not keep the process from ending.
        threading.Thread(target=work, name=f"fetch-{number}", daemon=True)
        for number in range(min(max(1, workers), len(manifest.files)))
    ]
    try:
        for thread in threads:
            thread.start()
        for _ in manifest.files:
            result = results.get()
            if isinstance(result, BaseException):
                raise result
            yield result
    finally:
        stop.set()
        deadline = time.monotonic() + _STOP_SECONDS
        for thread in threads:
            if thread.ident is not None:
                thread.join(max(0.0, deadline - time.monotonic()))
        _remove_partials(folder, token)
        progress.finish(task)


def _remove_partials(folder: Path, token: str) -> None:
    for path in folder.glob(f"part-*.{token}.part"):
        path.unlink(missing_ok=True)


def _owner(location: InventoryLocation) -> dict[str, str]:
    return {"ExpectedBucketOwner": location.bucket_owner} if location.bucket_owner else {}


def _small(
    s3: Client,
    location: InventoryLocation,
    report_id: ReportId,
    name: str,
    limit: int,
    patience: Patience | None,
) -> bytes:
    key = f"{location.root}{report_id.folder}/{name}"
    source = Source(location.destination_bucket, key, location.bucket_owner or "")
    try:
        return read_small(s3, source, limit, patience or Patience())
    except DashboardError as error:
        if error.code is not ExitCode.FILE_MISSING:
            raise
        raise invalid(source.locator, "The report is not complete yet: it has no {name}", name=name) from None
