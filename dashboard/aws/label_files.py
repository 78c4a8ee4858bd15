"""Label files in S3: one object or a folder of them, fetched only if an ETag is new, bounded in size."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dashboard.aws.download import Patience, Source, stream
from dashboard.aws.label_text import LineGuard, PlainUnpacker
from dashboard.aws.permissions import Permission
from dashboard.aws.sessions import REQUEST_FAULTS, Client, explain
from dashboard.aws.unpack import GzipDamagedError, GzipTooLargeError
from dashboard.domain.label_files import Fetched, LabelFile
from dashboard.domain.progress import Progress
from dashboard.errors import DashboardError, ExitCode
from dashboard.settings.labels import CocoLabels, FileLabels, GroundTruthLabels

PERMISSIONS = (
    Permission(
        "s3:ListBucket",
        "arn:{partition}:s3:::{label_bucket}",
        "see which label files are new",
        prefix_template="{label_key}",
    ),
    Permission("s3:GetObject", "arn:{partition}:s3:::{label_bucket}/{label_key}*", "read label files"),
)

TITLE = "The labels of a source could not be read; the last good copy stays in use"
MAX_FILES = 1_000
_SUFFIXES = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".manifest": "jsonl",
    ".json": "jsonl", ".parquet": "parquet",
}  # fmt: skip


@dataclass(frozen=True)
class _Found:
    key: str
    e_tag: str
    size_bytes: int
    modified_at: datetime


def fetch_label_files(
    s3: Client, source: FileLabels, stamp: str, folder: Path, progress: Progress
) -> Fetched:
    """Look at a source's files and fetch them all if any is new, gone or other than before.

    Args:
        stamp: what the last run found; '' fetches in any case.
        folder: an empty folder of its own.

    Raises:
        DashboardError: FILE_MISSING, TOO_LARGE, GZIP_DAMAGED, SCHEMA_MISMATCH (the ending tells no format),
            CHECKSUM_MISMATCH (replaced meanwhile), ACCESS_DENIED, CREDENTIALS, SOURCE_UNREACHABLE.
        OSError: the folder cannot be written.
    """
    found, request_count = _look(s3, source)
    digest = hashlib.sha256()
    for item in found:
        digest.update(f"{item.e_tag} {item.key}\n".encode())
    fresh, as_of = digest.hexdigest(), max(item.modified_at for item in found)
    if fresh == stamp:
        return Fetched(fresh, False, as_of, request_count)
    task = f"labels {source.id}"
    progress.start(task, sum(item.size_bytes for item in found), "bytes")
    left, files = source.max_bytes, []
    try:
        for number, item in enumerate(found):
            file, used = _fetch(s3, source, item, folder / f"{number:04d}", left, task, progress)
            left -= used
            files.append(file)
    finally:
        progress.finish(task)
    return Fetched(fresh, True, as_of, request_count + len(files), tuple(files))


def _look(s3: Client, source: FileLabels) -> tuple[list[_Found], int]:
    """The files a location stands for, in the order of their keys, and how many requests that took."""
    found, pages = [], 0
    try:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=source.bucket, Prefix=source.key):
            pages += 1
            found += list(_wanted(source, page.get("Contents", ())))
            if len(found) > MAX_FILES:
                raise _fault(
                    source,
                    ExitCode.TOO_LARGE,
                    cause="The folder holds more than {limit} files",
                    next_step="Write fewer, larger files, or name a folder that holds labels only",
                    limit=MAX_FILES,
                )
    except REQUEST_FAULTS as error:
        raise explain(error, source.location, "s3:ListBucket", TITLE) from error
    if not found:
        raise _fault(
            source,
            ExitCode.FILE_MISSING,
            cause="There is no label file at this address",
            next_step="Mend labels.source.location, or switch the source off",
        )
    size = sum(item.size_bytes for item in found)
    if size > source.max_bytes:
        raise _too_large(source, size)
    return found, pages


def _wanted(source: FileLabels, contents: Iterator[dict[str, object]]) -> Iterator[_Found]:
    for item in contents:
        key = str(item["Key"])
        name = key.rpartition("/")[2]
        if source.is_folder:
            if not name or name.startswith(("_", ".")) or not item["Size"] or not _format(source, key):
                continue
        elif key != source.key:
            continue
        modified = item["LastModified"]
        assert isinstance(modified, datetime)
        assert isinstance(item["Size"], int)
        yield _Found(key, str(item["ETag"]).strip('"'), item["Size"], modified.astimezone(UTC))


def _format(source: FileLabels, key: str) -> str:
    """The format of a file, by the settings or its ending; '' if neither says."""
    plain = key.removesuffix(".gz").lower()
    if isinstance(source, GroundTruthLabels):
        return "jsonl" if plain.endswith((".manifest", ".jsonl", ".json")) or not source.is_folder else ""
    if isinstance(source, CocoLabels):
        return "json" if plain.endswith(".json") or not source.is_folder else ""
    if source.format != "auto":
        return source.format
    return next((format_ for suffix, format_ in _SUFFIXES.items() if plain.endswith(suffix)), "")


def _fetch(
    s3: Client, source: FileLabels, item: _Found, path: Path, left: int, task: str, progress: Progress
) -> tuple[LabelFile, int]:
    """One file, unpacked, and how many bytes it takes here."""
    locator = f"s3://{source.bucket}/{item.key}"
    format_ = _format(source, item.key)
    if not format_:
        raise _fault(
            source,
            ExitCode.SCHEMA_MISMATCH,
            cause="The ending of {name} does not say what kind of file it is",
            next_step='Write format = "csv", "jsonl" or "parquet" in the source\'s settings',
            name=item.key,
        )
    path = path.with_suffix(f".{format_}")
    guard: LineGuard | None = None
    try:
        with path.open("wb") as out:
            # A JSON document may be one long line; it is bounded as a whole and streamed by its reader.
            guard = LineGuard(out.write, is_json=format_ == "jsonl") if format_ in {"csv", "jsonl"} else None
            write = guard.feed if guard else out.write
            is_packed = item.key.lower().endswith(".gz") and format_ != "parquet"
            unpacker = PlainUnpacker(write, left) if is_packed else None
            where = Source(source.bucket, item.key)
            for piece in stream(s3, where, item.size_bytes, Patience(), threading.Event()):
                (unpacker.feed if unpacker else write)(bytes(piece))
                progress.advance(task, len(piece))
            if unpacker:
                unpacker.close()
            if guard:
                guard.close()
    except GzipDamagedError as error:
        raise _fault(
            source,
            ExitCode.GZIP_DAMAGED,
            cause="Its gzip is damaged: {problem}",
            next_step="Write the file again",
            locator=locator,
            problem=error,
        ) from error
    except GzipTooLargeError as error:
        raise _fault(
            source,
            ExitCode.TOO_LARGE,
            cause="It is packed too well to be labels: {problem}",
            next_step="Look at who may write this file",
            locator=locator,
            problem=error,
        ) from error
    except DashboardError as fault:
        # The stream speaks of reports; what a person misses here is a source of labels.
        cause, mend, args = fault.cause_template, fault.next_step_template, fault.args_by_name
        raise _fault(source, fault.code, cause=cause, next_step=mend, locator=locator, **args) from fault
    size = path.stat().st_size
    if size > left:
        raise _too_large(source, size)
    return LabelFile(path, format_, locator, guard.set_aside(locator) if guard else ()), size


def _too_large(source: FileLabels, size: int) -> DashboardError:
    return _fault(
        source,
        ExitCode.TOO_LARGE,
        cause="Its files measure {size} MiB and max_bytes allows {limit}",
        next_step="Raise max_bytes of this source, if the file is meant to be so large",
        size=-(-size // (1 << 20)),
        limit=source.max_bytes >> 20,
    )


def _fault(
    source: FileLabels, code: ExitCode, *, cause: str, next_step: str, locator: str = "", **args: object
) -> DashboardError:
    return DashboardError(
        code, TITLE, cause=cause, next_step=next_step, locator=locator or source.location, **args
    )
