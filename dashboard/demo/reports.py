"""Inventory reports of the clinic's buckets in the very layout that S3 writes, as CSV.gz, Parquet and ORC.

One configuration's runs share its data/ folder; each run has a manifest.json, a manifest.checksum and a symlink.txt.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.orc
import pyarrow.parquet

from dashboard.demo.clinic import BUCKETS, REPORT_BUCKET, REPORT_PREFIX, Bucket
from dashboard.demo.lifecycle import RULES
from dashboard.demo.objects import StoredObject, next_midnight
from dashboard.demo.plan import Plan

OWNER_ID = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"
_ACCESS_LIST = base64.b64encode(
    json.dumps(
        {
            "version": "2022-11-10",
            "status": "AVAILABLE",
            "grants": [{"canonicalId": OWNER_ID, "type": "CanonicalUser", "permission": "FULL_CONTROL"}],
        }
    ).encode()
).decode()
KMS_BUCKET = BUCKETS[2].name

# CSV name, ORC/Parquet name, type
COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("Bucket", "bucket", "string"),
    ("Key", "key", "string"),
    ("VersionId", "version_id", "string"),
    ("IsLatest", "is_latest", "boolean"),
    ("IsDeleteMarker", "is_delete_marker", "boolean"),
    ("Size", "size", "bigint"),
    ("LastModifiedDate", "last_modified_date", "timestamp"),
    ("ETag", "e_tag", "string"),
    ("StorageClass", "storage_class", "string"),
    ("IsMultipartUploaded", "is_multipart_uploaded", "boolean"),
    ("ReplicationStatus", "replication_status", "string"),
    ("EncryptionStatus", "encryption_status", "string"),
    ("ObjectLockRetainUntilDate", "object_lock_retain_until_date", "timestamp"),
    ("ObjectLockMode", "object_lock_mode", "string"),
    ("ObjectLockLegalHoldStatus", "object_lock_legal_hold_status", "string"),
    ("IntelligentTieringAccessTier", "intelligent_tiering_access_tier", "string"),
    ("BucketKeyStatus", "bucket_key_status", "string"),
    ("ChecksumAlgorithm", "checksum_algorithm", "string"),
    ("ObjectAccessControlList", "object_access_control_list", "string"),
    ("ObjectOwner", "object_owner", "string"),
    ("LifecycleExpirationDate", "lifecycle_expiration_date", "timestamp"),
)
REQUIRED = {"bucket", "key"}
_EXTENSION = {"CSV": "csv.gz", "Parquet": "parquet", "ORC": "orc"}
_ARROW = {"string": pa.string(), "boolean": pa.bool_(), "bigint": pa.int64()}
_PARQUET = {"string": "binary {} (STRING)", "boolean": "boolean {}", "bigint": "int64 {}",
            "timestamp": "int64 {} (TIMESTAMP(MILLIS,true))"}  # fmt: skip


@dataclass(frozen=True)
class ReportFile:
    """One object of the report bucket."""

    key: str
    body: bytes
    modified_at: datetime


def write_reports(plan: Plan, progressed: Callable[[int], None]) -> Iterator[ReportFile]:
    """Every file of every report, a run's data before its manifest; fills in the expected reports.

    Args:
        progressed: called with 1 after each report.
    """
    for bucket in BUCKETS:
        objects = [item for item in plan.objects if item.bucket == bucket.name]
        random.Random(f"{plan.seed}:order").shuffle(objects)
        for report_at in plan.calendar.reports():
            is_newest = report_at == plan.calendar.report_at
            listed = [item for item in objects if item.exists_at(report_at)]
            yield from _write_report(plan, bucket, report_at, listed, parts=3 if is_newest else 1)
            progressed(1)


def _write_report(
    plan: Plan, bucket: Bucket, report_at: datetime, listed: list[StoredObject], parts: int
) -> Iterator[ReportFile]:
    root = f"{REPORT_PREFIX}{bucket.name}/{bucket.config_id}/"
    size = max(1, -(-len(listed) // parts))
    files = []
    for number, start in enumerate(range(0, len(listed), size)):
        rows = _columns(bucket, listed[start : start + size], report_at)
        body = _WRITERS[bucket.report_format](rows)
        name = uuid.UUID(
            int=random.Random(f"{plan.seed}:{root}{report_at}:{number}").getrandbits(128), version=4
        )
        key = f"{root}data/{name}.{_EXTENSION[bucket.report_format]}"
        yield ReportFile(key, body, report_at + timedelta(minutes=70 + number))
        files.append({"key": key, "size": len(body), "MD5checksum": hashlib.md5(body).hexdigest()})
    manifest = {
        "sourceBucket": bucket.name,
        "destinationBucket": f"arn:aws:s3:::{REPORT_BUCKET}",
        "version": "2016-11-30",
        "creationTimestamp": str(round(report_at.timestamp() * 1000)),
        "fileFormat": bucket.report_format,
        "fileSchema": file_schema(bucket.report_format),
        "files": files,
    }
    body = json.dumps(manifest, indent=2).encode()
    done = report_at + timedelta(minutes=90)
    links = "\n".join(f"s3://{REPORT_BUCKET}/{item['key']}" for item in files)
    yield ReportFile(f"{root}hive/dt={report_at:%Y-%m-%d-%H-%M}/symlink.txt", links.encode(), done)
    yield ReportFile(f"{root}{report_at:%Y-%m-%dT%H-%MZ}/manifest.json", body, done)
    checksum = f"{hashlib.md5(body).hexdigest()}\n".encode()
    yield ReportFile(f"{root}{report_at:%Y-%m-%dT%H-%MZ}/manifest.checksum", checksum, done)
    plan.expected.reports.append(
        {
            "source_bucket": bucket.name,
            "config_id": bucket.config_id,
            "report_at": report_at.isoformat(),
            "format": bucket.report_format,
            "row_count": len(listed),
            "size_bytes": sum(item.size_bytes for item in listed),
            "latest_count": sum(item.is_latest_at(report_at) for item in listed),
            "delete_marker_count": sum(item.role == "delete_marker" for item in listed),
            "file_count": len(files),
        }
    )


def file_schema(report_format: str) -> str:
    """The manifest's fileSchema as S3 spells it for a format."""
    if report_format == "CSV":
        return ", ".join(name for name, _, _ in COLUMNS)
    if report_format == "ORC":
        return f"struct<{','.join(f'{name}:{kind}' for _, name, kind in COLUMNS)}>"
    fields = (
        f"{'required' if name in REQUIRED else 'optional'} {_PARQUET[kind].format(name)};"
        for _, name, kind in COLUMNS
    )
    return f"message s3.inventory {{  {'  '.join(fields)}}}"


def _columns(bucket: Bucket, listed: list[StoredObject], report_at: datetime) -> dict[str, list[Any]]:
    """The rows of a report by column; None where S3 leaves a cell empty."""
    real = [item.role != "delete_marker" for item in listed]
    stays = [item.stay_at(report_at) for item in listed]
    latest = [item.is_latest_at(report_at) for item in listed]
    encryption, bucket_key = ("SSE-KMS", "ENABLED") if bucket.name == KMS_BUCKET else ("SSE-S3", "DISABLED")
    nothing: list[Any] = [None] * len(listed)
    return {
        "bucket": [bucket.name] * len(listed),
        "key": [item.key for item in listed],
        "version_id": [item.version_id or None for item in listed],
        "is_latest": latest,
        "is_delete_marker": [not is_real for is_real in real],
        "size": [item.size_bytes if is_real else None for item, is_real in zip(listed, real, strict=True)],
        "last_modified_date": [item.uploaded_at for item in listed],
        "e_tag": [item.e_tag if is_real else None for item, is_real in zip(listed, real, strict=True)],
        "storage_class": [stay.storage_class or None for stay in stays],
        "is_multipart_uploaded": [
            item.is_multipart if is_real else None for item, is_real in zip(listed, real, strict=True)
        ],
        "replication_status": nothing,
        "encryption_status": [encryption if is_real else None for is_real in real],
        "object_lock_retain_until_date": nothing,
        "object_lock_mode": nothing,
        "object_lock_legal_hold_status": nothing,
        "intelligent_tiering_access_tier": [stay.access_tier or None for stay in stays],
        "bucket_key_status": [bucket_key if is_real else "DISABLED" for is_real in real],
        "checksum_algorithm": ["CRC64NVME" if is_real else None for is_real in real],
        "object_access_control_list": [_ACCESS_LIST if is_real else None for is_real in real],
        "object_owner": [OWNER_ID] * len(listed),
        "lifecycle_expiration_date": [
            None if is_latest else _expires_at(item) for item, is_latest in zip(listed, latest, strict=True)
        ],
    }


def _expires_at(item: StoredObject) -> datetime | None:
    days = [
        rule.noncurrent_expiration_days
        for rule in RULES
        if rule.noncurrent_expiration_days and rule.applies_to(item.bucket, item.key)
    ]
    if not days or item.superseded_at is None:
        return None
    return next_midnight(item.superseded_at + timedelta(days=min(days)))


def _csv(rows: dict[str, list[Any]]) -> bytes:
    """CSV without a header, every field quoted, keys percent-encoded; two gzip members, as large reports have."""
    cells = {
        name: [_cell(value) for value in values]
        if name != "key"
        else [quote(value, safe="/") for value in values]
        for name, values in rows.items()
    }
    lines = ['"' + '","'.join(row) + '"\n' for row in zip(*cells.values(), strict=True)]
    half = -(-len(lines) // 2)
    return b"".join(
        gzip.compress("".join(part).encode(), compresslevel=3, mtime=0)
        for part in (lines[:half], lines[half:])
        if part
    )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S}.000Z"
    return str(value)


def _table(rows: dict[str, list[Any]], timestamp: pa.DataType) -> pa.Table:
    fields = [
        pa.field(name, timestamp if kind == "timestamp" else _ARROW[kind], nullable=name not in REQUIRED)
        for _, name, kind in COLUMNS
    ]
    return pa.table({name: rows[name] for name in rows}, schema=pa.schema(fields))


def _parquet(rows: dict[str, list[Any]]) -> bytes:
    sink = io.BytesIO()
    pa.parquet.write_table(_table(rows, pa.timestamp("ms", tz="UTC")), sink, compression="snappy")
    return sink.getvalue()


def _orc(rows: dict[str, list[Any]]) -> bytes:
    """ORC holds times without a zone; they are UTC."""
    plain = {
        name: [value.replace(tzinfo=None) if value else None for value in values]
        if name.endswith("_date")
        else values
        for name, values in rows.items()
    }
    sink = io.BytesIO()
    pa.orc.write_table(_table(plain, pa.timestamp("ms")), sink, compression="zlib")
    return sink.getvalue()


_WRITERS: dict[str, Callable[[dict[str, list[Any]]], bytes]] = {"CSV": _csv, "Parquet": _parquet, "ORC": _orc}
