"""Synthetic inventory reports in the layout of S3, for tests that need to know every byte of one."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import urllib.parse
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.orc
import pyarrow.parquet

CSV_NAMES = {
    "bucket": "Bucket",
    "key": "Key",
    "version_id": "VersionId",
    "is_latest": "IsLatest",
    "is_delete_marker": "IsDeleteMarker",
    "size": "Size",
    "last_modified_date": "LastModifiedDate",
    "e_tag": "ETag",
    "storage_class": "StorageClass",
    "intelligent_tiering_access_tier": "IntelligentTieringAccessTier",
    "is_multipart_uploaded": "IsMultipartUploaded",
    "encryption_status": "EncryptionStatus",
}
ARROW_TYPES: dict[str, pa.DataType] = {
    "is_latest": pa.bool_(),
    "is_delete_marker": pa.bool_(),
    "size": pa.int64(),
    "last_modified_date": pa.timestamp("ms", "UTC"),
    "is_multipart_uploaded": pa.bool_(),
}


@dataclass(frozen=True)
class Row:
    """One listed object version; an ETag that is not given is one that no other key has."""

    key: str | bytes
    size: int | None = 100
    storage_class: str | None = "STANDARD"
    last_modified_date: datetime = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
    version_id: str | None = None
    is_latest: bool = True
    is_delete_marker: bool = False
    e_tag: str | None = ""
    intelligent_tiering_access_tier: str | None = None
    is_multipart_uploaded: bool | None = False
    encryption_status: str | None = "SSE-S3"
    bucket: str = "clinic-images"

    def __post_init__(self) -> None:
        if self.e_tag == "":
            key = self.key if isinstance(self.key, bytes) else self.key.encode()
            unique = key + (self.version_id or "").encode()
            object.__setattr__(self, "e_tag", hashlib.md5(unique).hexdigest())


ALL_COLUMNS = ("bucket", *(field.name for field in fields(Row) if field.name != "bucket"))


def _schema_text(format_: str, columns: Sequence[str]) -> str:
    if format_ == "CSV":
        return ", ".join(CSV_NAMES.get(name, name) for name in columns)
    types = {
        "size": "bigint",
        "is_latest": "boolean",
        "is_delete_marker": "boolean",
        "last_modified_date": "timestamp",
        "is_multipart_uploaded": "boolean",
    }
    if format_ == "ORC":
        return "struct<" + ",".join(f"{name}:{types.get(name, 'string')}" for name in columns) + ">"
    kinds = {
        "size": "int64 {}",
        "is_latest": "boolean {}",
        "is_delete_marker": "boolean {}",
        "last_modified_date": "int64 {} (TIMESTAMP_MILLIS)",
        "is_multipart_uploaded": "boolean {}",
    }
    return (
        "message s3.inventory { "
        + " ".join(f"optional {kinds.get(name, 'binary {} (UTF8)').format(name)};" for name in columns)
        + " }"
    )


def csv_cell(name: str, value: Any) -> str:
    if value is None:
        return '""'
    if isinstance(value, bool):
        return f'"{str(value).lower()}"'
    if isinstance(value, datetime):
        return value.strftime('"%Y-%m-%dT%H:%M:%S.000Z"')
    if name == "key":
        return '"' + urllib.parse.quote(value, safe="/") + '"'
    return f'"{value}"'


def encode(format_: str, rows: Iterable[Row], columns: Sequence[str]) -> bytes:
    rows = list(rows)
    if format_ == "CSV":
        text = "".join(
            ",".join(csv_cell(name, getattr(row, name)) for name in columns) + "\n" for row in rows
        )
        return gzip.compress(text.encode())
    arrays = []
    for name in columns:
        values = [getattr(row, name) for row in rows]
        type_ = ARROW_TYPES.get(name, pa.string())
        if name == "last_modified_date" and format_ == "ORC":
            values, type_ = [value.replace(tzinfo=None) for value in values], pa.timestamp("ms")
        if name == "key" and any(isinstance(value, bytes) for value in values):
            raw = pa.array([v if isinstance(v, bytes) else v.encode() for v in values], pa.binary())
            arrays.append(pa.Array.from_buffers(pa.string(), len(raw), raw.buffers()))
            continue
        arrays.append(pa.array(values, type_))
    table = pa.table(dict(zip(columns, arrays, strict=True)))
    out = io.BytesIO()
    if format_ == "ORC":
        pyarrow.orc.write_table(table, out)
    else:
        pyarrow.parquet.write_table(table, out)
    return out.getvalue()


def put_report(
    s3: Any,
    *,
    root: str,
    source_bucket: str = "clinic-images",
    destination: str = "inventory",
    report_at: datetime,
    format_: str,
    parts: Sequence[Sequence[Row]],
    columns: Sequence[str] = ALL_COLUMNS,
    payloads: Sequence[bytes] | None = None,
    checksum: bool = True,
    schema: str | None = None,
) -> dict[str, Any]:
    """Write one report under `root` (prefix/source/config/); returns its manifest."""
    suffix = {"CSV": "csv.gz", "ORC": "orc", "Parquet": "parquet"}[format_]
    files = []
    for payload in payloads or [encode(format_, rows, columns) for rows in parts]:
        key = f"{root}data/{uuid.uuid4()}.{suffix}"
        s3.put_object(Bucket=destination, Key=key, Body=payload)
        files.append({"key": key, "size": len(payload), "MD5checksum": hashlib.md5(payload).hexdigest()})
    manifest = {
        "sourceBucket": source_bucket,
        "destinationBucket": f"arn:aws:s3:::{destination}",
        "version": "2016-11-30",
        "creationTimestamp": str(int(report_at.timestamp() * 1000)),
        "fileFormat": format_,
        "fileSchema": schema or _schema_text(format_, columns),
        "files": files,
    }
    body = json.dumps(manifest).encode()
    folder = f"{root}{report_at:%Y-%m-%dT%H-%MZ}/"
    s3.put_object(Bucket=destination, Key=f"{folder}manifest.json", Body=body)
    if checksum:
        digest = hashlib.md5(body).hexdigest() + "\n"
        s3.put_object(Bucket=destination, Key=f"{folder}manifest.checksum", Body=digest.encode())
    return manifest
