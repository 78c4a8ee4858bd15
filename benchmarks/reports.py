"""Synthetic inventory reports of any size, in the layout of S3, and settings whose grammar their names follow.

Everything is invented. Names are as messy as people are: some 2 % break the grammar, each in one of many ways.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from dashboard.settings import Settings

BUCKET, DESTINATION, PREFIX, CONFIG_ID = "clinic-images", "clinic-inventory", "reports/", "daily"
REPORT_AT = datetime(2026, 11, 1, tzinfo=UTC)
TIMEZONE = "Asia/Tokyo"
FILE_COUNT = 10

TEMPLATE = "{device}/{unit}/{captured:%Y/%m/%d}/{device}-{unit}_{captured:%Y%m%dT%H%M%S}_{seq:4}.{ext}"
DEVICES: dict[str, tuple[int, tuple[str, ...], int]] = {
    "ipad": (12, ("heic", "jpg"), 2_400_000),
    "dslr": (4, ("jpg", "nef"), 18_000_000),
    "surgical": (3, ("jpg", "tif"), 6_000_000),
    "bacteria": (5, ("tif",), 9_000_000),
    "endoscope": (6, ("jpg",), 400_000),
    "xray": (4, ("dcm",), 30_000_000),
}
"""Units, extensions and typical bytes of each device."""

_COLUMNS = {
    "bucket": ("Bucket", "binary {} (UTF8)"),
    "key": ("Key", "binary {} (UTF8)"),
    "version_id": ("VersionId", "binary {} (UTF8)"),
    "is_latest": ("IsLatest", "boolean {}"),
    "is_delete_marker": ("IsDeleteMarker", "boolean {}"),
    "size": ("Size", "int64 {}"),
    "last_modified_date": ("LastModifiedDate", "int64 {} (TIMESTAMP_MILLIS)"),
    "e_tag": ("ETag", "binary {} (UTF8)"),
    "storage_class": ("StorageClass", "binary {} (UTF8)"),
    "is_multipart_uploaded": ("IsMultipartUploaded", "boolean {}"),
    "encryption_status": ("EncryptionStatus", "binary {} (UTF8)"),
    "intelligent_tiering_access_tier": ("IntelligentTieringAccessTier", "binary {} (UTF8)"),
}

# Each file covers all devices and all 420 days, as S3's files do.
_ROWS = """
WITH numbered AS (
    SELECT n * {file_count} + {file_no} AS i, (hash(i) % 1000000000000)::BIGINT AS h
    FROM range({rows} // {file_count}) AS t (n)
),
shots AS (
    SELECT
        i,
        h // 100 % 10000 AS luck,
        h // 13 % 100 AS fate,
        {devices}[1 + h % 6] AS device,
        TIMESTAMP '2025-09-06' + to_seconds((i * (420.0 * 86400 / {rows}))::BIGINT) AS taken,
        h // 7 % 1000000 / 1000000.0 AS share
    FROM numbered
),
named AS (
    SELECT
        *,
        lpad((1 + i // 6 % device.units)::VARCHAR, 2, '0') AS unit,
        device.extensions[1 + i // 11 % len(device.extensions)] AS extension,
        device.id || '/' || unit || '/' || strftime(taken, '%Y/%m/%d/') AS folder,
        device.id || '-' || unit || '_' || strftime(taken, '%Y%m%dT%H%M%S_') || lpad((i % 10000)::VARCHAR, 4, '0')
            AS stem
    FROM shots
)
SELECT
    '{bucket}' AS bucket,
    CASE
        WHEN luck < 80 THEN folder || 'IMG_' || lpad((i % 10000)::VARCHAR, 4, '0') || '.' || upper(extension)
        WHEN luck < 95 THEN folder || device.id || '-' || unit || '_'
            || strftime(taken - INTERVAL 1 DAY, '%Y%m%dT%H%M%S_') || lpad((i % 10000)::VARCHAR, 4, '0')
            || '.' || extension
        WHEN luck < 110 THEN folder || stem || '.' || upper(extension)
        WHEN luck < 125 THEN folder || stem || ' (1).' || extension
        WHEN luck < 135 THEN folder || '山田_太郎_' || i || '.' || extension
        WHEN luck < 145 THEN device.id || '/99/' || strftime(taken, '%Y/%m/%d/') || device.id || '-99_'
            || strftime(taken, '%Y%m%dT%H%M%S_') || lpad((i % 10000)::VARCHAR, 4, '0') || '.' || extension
        WHEN luck < 155 THEN device.id || '/' || unit || '/2000/01/01/' || device.id || '-' || unit || '_20000101T'
            || strftime(taken, '%H%M%S_') || lpad((i % 10000)::VARCHAR, 4, '0') || '.' || extension
        WHEN luck < 165 THEN device.id || '/' || unit || '/2025/02/30/' || device.id || '-' || unit || '_20250230T'
            || strftime(taken, '%H%M%S_') || lpad((i % 10000)::VARCHAR, 4, '0') || '.' || extension
        WHEN luck < 180 THEN 'upload/' || strftime(taken, '%Y-%m') || '/scan ' || i || '.png'
        WHEN luck < 185 THEN folder || '.DS_Store'
        WHEN luck < 190 THEN folder || '._' || stem || '.' || extension
        WHEN luck < 192 THEN folder
        ELSE folder || stem || '.' || extension
    END AS key,
    md5(i::VARCHAR) AS version_id,
    fate >= 8 AS is_latest,
    fate = 8 AS is_delete_marker,
    CASE
        WHEN fate = 8 OR luck BETWEEN 190 AND 192 THEN 0
        WHEN luck < 185 THEN (share * 200000)::BIGINT
        ELSE (device.bytes * (0.05 + 2 * share * share))::BIGINT
    END AS size,
    (taken - INTERVAL 9 HOUR + INTERVAL 20 MINUTE)::TIMESTAMPTZ AS last_modified_date,
    md5((i + 1)::VARCHAR) AS e_tag,
    CASE
        WHEN fate = 8 THEN NULL
        WHEN device.id = 'endoscope' THEN 'INTELLIGENT_TIERING'
        WHEN taken > TIMESTAMP '2026-10-01' THEN 'STANDARD'
        WHEN taken > TIMESTAMP '2026-08-01' THEN 'STANDARD_IA'
        WHEN taken > TIMESTAMP '2026-05-01' THEN 'GLACIER_IR'
        ELSE 'DEEP_ARCHIVE'
    END AS storage_class,
    device.bytes > 8388608 AS is_multipart_uploaded,
    'SSE-S3' AS encryption_status,
    CASE
        WHEN device.id <> 'endoscope' OR fate = 8 THEN NULL
        WHEN taken > TIMESTAMP '2026-10-01' THEN 'FREQUENT'
        WHEN taken > TIMESTAMP '2026-08-01' THEN 'INFREQUENT'
        ELSE 'ARCHIVE_INSTANT_ACCESS'
    END AS intelligent_tiering_access_tier
FROM named
"""


@dataclass(frozen=True)
class Report:
    """A generated report: its bucket's folder, its data files and the settings that read it."""

    root: Path
    files: tuple[Path, ...]
    format: str
    row_count: int

    @property
    def size_bytes(self) -> int:
        return sum(file.stat().st_size for file in self.files)


def generate(folder: Path, row_count: int, format_: str) -> Report:
    """Write a report of `row_count` rows below `folder` (kept from an earlier run if it is there)."""
    root = folder / f"{format_.lower()}-{row_count}"
    base = root / DESTINATION / PREFIX / BUCKET / CONFIG_ID
    suffix = "parquet" if format_ == "Parquet" else "csv.gz"
    files = tuple(base / "data" / f"part-{number:02d}.{suffix}" for number in range(FILE_COUNT))
    report = Report(root, files, format_, row_count // FILE_COUNT * FILE_COUNT)
    stamp = base / REPORT_AT.strftime("%Y-%m-%dT%H-%MZ")
    if (stamp / "manifest.checksum").exists():
        return report
    shutil.rmtree(root, ignore_errors=True)
    (base / "data").mkdir(parents=True)
    with duckdb.connect(config={"memory_limit": "1GB"}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for number, file in enumerate(files):
            _write(connection, file, number, row_count, format_)
    _write_manifest(report, stamp)
    return report


def settings(warehouse: Path, endpoint_url: str, *, threads: int | None = None) -> Settings:
    """Settings whose one inventory location is the generated report."""
    location = f"s3://{DESTINATION}/{PREFIX}{BUCKET}/{CONFIG_ID}/"
    return Settings.model_validate(
        {
            "archive": {"timezone": TIMEZONE},
            "aws": {"endpoint_url": endpoint_url, "region": "ap-northeast-1"},
            "warehouse": {"folder": warehouse, "threads": threads},
            "inventory": [{"location": location}],
            "costs": {"enabled": False},
            "live": {"lifecycle": False, "unfinished_uploads": False},
            "device": [_device(name) for name in DEVICES],
        }
    )


LABEL_KEY = "labels/labels.parquet"


def labelled_settings(warehouse: Path, endpoint_url: str) -> Settings:
    """The same settings with a table that has a label for every object of the report."""
    columns = {"key": "key", "labels": {"label": "label"}}
    source = {
        "kind": "table",
        "id": "table",
        "location": f"s3://{DESTINATION}/{LABEL_KEY}",
        "max_bytes": 1 << 40,
        "columns": columns,
    }
    data = settings(warehouse, endpoint_url).model_dump(mode="json", exclude={"inventory", "labels"})
    location = f"s3://{DESTINATION}/{PREFIX}{BUCKET}/{CONFIG_ID}/"
    return Settings.model_validate(
        {**data, "inventory": [{"location": location}], "labels": {"source": [source]}}
    )


def write_labels(report: Report) -> Path:
    """A label for each current image of a Parquet report, and as many more as make one for each row."""
    file = report.root / DESTINATION / LABEL_KEY
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect(config={"memory_limit": "1GB"}) as connection:
            connection.execute(
                "COPY (SELECT DISTINCT ON (key) key, "
                "['cornea', 'lens', 'retina'][(1 + hash(key) % 3)::INTEGER] AS label "
                f"FROM read_parquet({[str(item) for item in report.files]}) WHERE is_latest) "
                f"TO '{file}' (FORMAT parquet)"
            )
    return file


def _device(name: str) -> dict[str, object]:
    unit_count, extensions, _ = DEVICES[name]
    good = f"{name}/01/2026/10/05/{name}-01_20261005T101500_0001.{extensions[0]}"
    return {
        "id": name,
        "folder": f"{name}/",
        "units": [f"{number:02d}" for number in range(1, unit_count + 1)],
        "extensions": extensions,
        "key": TEMPLATE,
        "in_use_from": "2024-04-01",
        "good": [good],
        "bad": [good.upper()],
    }


def _write(connection: duckdb.DuckDBPyConnection, file: Path, number: int, rows: int, format_: str) -> None:
    devices = ", ".join(
        f"{{'id': '{name}', 'units': {units}, 'extensions': {list(extensions)}, 'bytes': {size}}}"
        for name, (units, extensions, size) in DEVICES.items()
    )
    select = _ROWS.format(
        file_count=FILE_COUNT, file_no=number, rows=rows, devices=f"[{devices}]", bucket=BUCKET
    )
    if format_ == "Parquet":
        connection.execute(f"COPY ({select}) TO '{file}' (FORMAT parquet, COMPRESSION snappy)")
        return
    changes = (
        "replace(url_encode(key), '%2F', '/') AS key, "
        "strftime(last_modified_date, '%Y-%m-%dT%H:%M:%S.000Z') AS last_modified_date"
    )
    connection.execute(
        f"COPY (SELECT * REPLACE ({changes}) FROM ({select})) TO '{file}' "
        "(FORMAT csv, HEADER false, FORCE_QUOTE *, COMPRESSION gzip)"
    )


def _write_manifest(report: Report, folder: Path) -> None:
    schema = ", ".join(name for name, _ in _COLUMNS.values())
    if report.format == "Parquet":
        fields = " ".join(f"optional {kind.format(name)};" for name, (_, kind) in _COLUMNS.items())
        schema = f"message s3.inventory {{ {fields} }}"
    entries = []
    for file in report.files:
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
        key = file.relative_to(report.root / DESTINATION).as_posix()
        entries.append({"key": key, "size": file.stat().st_size, "MD5checksum": digest})
    manifest = {
        "sourceBucket": BUCKET,
        "destinationBucket": f"arn:aws:s3:::{DESTINATION}",
        "version": "2016-11-30",
        "creationTimestamp": str(int(REPORT_AT.timestamp() * 1000)),
        "fileFormat": report.format,
        "fileSchema": schema,
        "files": entries,
    }
    folder.mkdir(parents=True)
    body = json.dumps(manifest).encode()
    (folder / "manifest.json").write_bytes(body)
    (folder / "manifest.checksum").write_text(hashlib.md5(body, usedforsecurity=False).hexdigest() + "\n")
