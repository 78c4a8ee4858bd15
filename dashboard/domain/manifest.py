"""Manifests of S3 inventory reports: what is written in one, and what of it may be believed.

A `RawManifest` is what somebody wrote into the destination bucket. A `TrustedManifest` comes out of `trust`
only: it is about the configured bucket, and each of its files lies under the configured location. Nothing
else may be downloaded. No I/O here.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol, cast

from dashboard.domain.manifest_raw import ManifestFile, RawManifest, invalid, read_raw, show
from dashboard.domain.manifest_schema import Column, parse_schema
from dashboard.errors import DashboardError, ExitCode

MAX_MANIFEST_BYTES = 16 * 1024 * 1024

Format = Literal["CSV", "ORC", "Parquet"]

_PARTITIONS = ("aws", "aws-cn", "aws-us-gov")
_MD5 = re.compile(r"[0-9A-Fa-f]{32}")
_MILLISECONDS = re.compile(r"[0-9]{1,15}")
# One path segment below the location. No '=' (a hive partition would override a column), no glob, no '%'.
_SEGMENT = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,254}")
_FOLDER = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}-[0-9]{2}Z")
_FOLDER_FORMAT = "%Y-%m-%dT%H-%MZ"
_SAME_RUN = timedelta(hours=6)


class Location(Protocol):
    """Where one inventory configuration writes its reports (see `settings.InventoryLocation`)."""

    @property
    def destination_bucket(self) -> str: ...
    @property
    def prefix(self) -> str: ...
    @property
    def source_bucket(self) -> str: ...
    @property
    def config_id(self) -> str: ...
    @property
    def root(self) -> str: ...


@dataclass(frozen=True, order=True)
class ReportId:
    """One report: the run of one inventory configuration that started at a time (UTC, to the minute)."""

    source_bucket: str
    config_id: str
    report_at: datetime

    @property
    def folder(self) -> str:
        """Name of the report's folder: YYYY-MM-DDTHH-MMZ."""
        return self.report_at.strftime(_FOLDER_FORMAT)


@dataclass(frozen=True)
class TrustedManifest:
    """A manifest whose every word was held against the settings.

    Attributes:
        report_id: the report; its time is that of the report's folder if one is known.
        format: CSV (gzip), ORC or Parquet.
        columns: in the order of a CSV row; `bucket` and `key` are always among them.
        files: each under the location, none twice; none at all for an empty bucket.
        destination_bucket: name of the bucket that holds the files.
        created_at: when the inventory run started, in UTC.
    """

    report_id: ReportId
    format: Format
    columns: tuple[Column, ...]
    files: tuple[ManifestFile, ...]
    destination_bucket: str
    created_at: datetime

    @property
    def size_bytes(self) -> int:
        """Bytes of all files as they lie in S3."""
        return sum(file.size_bytes for file in self.files)

    @property
    def has_versions(self) -> bool:
        """Whether the report lists noncurrent versions and delete markers too."""
        return any(column.name == "is_latest" for column in self.columns)


def report_at(folder: str) -> datetime | None:
    """The time in a report folder's name, or None if the folder is none of a report."""
    if not _FOLDER.fullmatch(folder):
        return None
    try:
        return datetime.strptime(folder, _FOLDER_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None


def parse(
    raw: bytes, checksum: bytes, location: Location, report_id: ReportId | None = None
) -> TrustedManifest:
    """Verify a manifest against its checksum and the location, and take it apart.

    Args:
        raw: manifest.json as it was stored.
        checksum: manifest.checksum as it was stored: the MD5 of `raw` in hex, with or without a newline.
        location: the inventory configuration that it must be a report of.
        report_id: the report whose folder it was found in; without it the manifest's own time is used.

    Raises:
        DashboardError: MANIFEST_INVALID, CHECKSUM_MISMATCH, PATH_REFUSED, SCHEMA_MISMATCH or DUPLICATE_ROWS.
    """
    where = _where(location, report_id)
    if len(raw) > MAX_MANIFEST_BYTES:
        raise invalid(where, "The manifest is larger than {limit} bytes", limit=MAX_MANIFEST_BYTES)
    # Read before it is verified only to tell a cut-off manifest from an altered one.
    manifest = read_raw(raw, where)
    expected = checksum.strip().decode("ascii", "replace").lower()
    # MD5 is what S3 writes; it proves completeness, not authorship.
    found = hashlib.md5(raw, usedforsecurity=False).hexdigest()
    if found != expected:
        raise DashboardError(
            ExitCode.CHECKSUM_MISMATCH,
            "A report is not loaded: its manifest was altered",
            cause="manifest.json has the MD5 {found}, but manifest.checksum says {expected}",
            next_step="Find out who may write to the inventory bucket; the report before it stays in use",
            locator=where,
            found=found,
            expected=expected[:64],
        )
    return trust(manifest, location, report_id)


def trust(raw: RawManifest, location: Location, report_id: ReportId | None = None) -> TrustedManifest:
    """Hold a manifest against the location it must belong to.

    Raises:
        DashboardError: MANIFEST_INVALID, PATH_REFUSED, SCHEMA_MISMATCH or DUPLICATE_ROWS.
    """
    where = _where(location, report_id)
    if raw.version != "2016-11-30":
        raise invalid(
            where, "Its version is {version!r}; only 2016-11-30 is known", version=show(raw.version)
        )
    if raw.source_bucket != location.source_bucket:
        raise _refused(where, "The manifest is about another bucket, {name!r}", raw.source_bucket)
    arns = {f"arn:{partition}:s3:::{location.destination_bucket}" for partition in _PARTITIONS}
    if raw.destination_bucket not in arns:
        raise _refused(
            where, "The manifest says that its files lie in another bucket, {name!r}", raw.destination_bucket
        )
    if raw.format not in {"CSV", "ORC", "Parquet"}:
        raise invalid(where, "The format {format!r} is none of CSV, ORC and Parquet", format=show(raw.format))
    created_at = _created_at(raw.created_ms, where)
    if report_id is None:
        minute = created_at.replace(second=0, microsecond=0)
        report_id = ReportId(location.source_bucket, location.config_id, minute)
    elif abs(created_at - report_id.report_at) > _SAME_RUN:
        raise invalid(
            where,
            "The manifest belongs to another run, that of {created_at}; an old report was put here",
            created_at=created_at,
        )
    _no_file_twice(raw.files, where)
    return TrustedManifest(
        report_id=report_id,
        format=cast(Format, raw.format),
        columns=parse_schema(raw.format, raw.schema, where),
        files=tuple(_trusted_file(file, location, where) for file in raw.files),
        destination_bucket=location.destination_bucket,
        created_at=created_at,
    )


def is_inside(key: str, root: str) -> bool:
    """Whether a key lies below a location's root, with a path that means the same to every reader."""
    return key.startswith(root) and all(
        _SEGMENT.fullmatch(part) and ".." not in part for part in key[len(root) :].split("/")
    )


def _where(location: Location, report_id: ReportId | None) -> str:
    folder = f"{report_id.folder}/manifest.json" if report_id else ""
    return f"s3://{location.destination_bucket}/{location.root}{folder}"


def _refused(where: str, cause: str, name: str) -> DashboardError:
    return DashboardError(
        ExitCode.PATH_REFUSED,
        "A report is not loaded: its manifest points outside of the configured location",
        cause=cause,
        next_step="Find out who may write to the inventory bucket, or mend the location in the settings",
        locator=where,
        name=show(name),
    )


def _created_at(text: str, where: str) -> datetime:
    try:
        if not _MILLISECONDS.fullmatch(text):
            raise ValueError(text)
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        raise invalid(
            where, "creationTimestamp {text!r} is no time in milliseconds", text=show(text)
        ) from None


def _no_file_twice(files: tuple[ManifestFile, ...], where: str) -> None:
    seen: set[str] = set()
    for file in files:
        if file.key in seen:
            raise DashboardError(
                ExitCode.DUPLICATE_ROWS,
                "A report is not loaded: it would be counted twice",
                cause="The manifest lists the file {key!r} twice",
                next_step="Wait for the next report; the report before it stays in use",
                locator=where,
                key=show(file.key),
            )
        seen.add(file.key)


def _trusted_file(file: ManifestFile, location: Location, where: str) -> ManifestFile:
    if not is_inside(file.key, location.root):
        raise _refused(
            where, "The file {name!r} does not lie where the files of this report must lie", file.key
        )
    if not _MD5.fullmatch(file.md5):
        raise invalid(where, "The MD5 of {key!r} is not 32 hex digits", key=show(file.key))
    return replace(file, md5=file.md5.lower())
