"""The label sources as the queries of one build see them: records as rows, files as one view, doubles known."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import duckdb

from dashboard.errors import DashboardError
from dashboard.settings import Settings
from dashboard.settings.labels import PER_OBJECT, Labels, LabelSource
from dashboard.warehouse.label_records import LabelRecord, label_folder, load_record, moment
from dashboard.warehouse.literals import quoted

COLUMNS = {
    "source_bucket": "VARCHAR",
    "key": "VARCHAR",
    "version_id": "VARCHAR",
    "e_tag": "VARCHAR",
    "tags": "MAP(VARCHAR, VARCHAR)",
    "labelled_at": "TIMESTAMP",
    "object_hash": "UBIGINT",
    "version_hash": "UBIGINT",
    "e_tag_hash": "UBIGINT",
    "cell": "UBIGINT",
}
"""Columns of the label files that the queries read."""

RAW_LABEL_TABLES = {
    "label_sources": (
        "source_no SMALLINT, source_id VARCHAR, kind VARCHAR, location VARCHAR, is_per_object BOOLEAN, "
        "buckets VARCHAR[], is_read BOOLEAN, as_of TIMESTAMP, read_at TIMESTAMP, row_count BIGINT, "
        "label_count BIGINT, no_value_count BIGINT, set_aside_count BIGINT, left_count BIGINT, "
        "request_count BIGINT, cost_usd DECIMAL(38, 10), fault VARCHAR"
    ),
    "label_set_aside": (
        "source_no SMALLINT, reason VARCHAR, row_count BIGINT, sample VARCHAR, file_name VARCHAR, row_number BIGINT"
    ),
    "label_cells": (
        "source_no SMALLINT, cell UBIGINT, source_bucket VARCHAR, device_id VARCHAR, unit_id VARCHAR, month DATE, "
        "is_image BOOLEAN, class_tags MAP(VARCHAR, VARCHAR)"
    ),
    "label_shared": "object_hash UBIGINT",
    "label_parts": "path VARCHAR",
}
_EMPTY = ", ".join(f"NULL::{type_} AS {name}" for name, type_ in COLUMNS.items())


def create_empty(connection: duckdb.DuckDBPyConnection, labels: Labels) -> None:
    """The macros of the label settings, and no label."""
    for head, body in {
        "required_labels(device)": _required(labels),
        "is_allowed_label(label, given)": _allowed(labels),
    }.items():
        connection.execute(f"CREATE MACRO {head} AS {body}")
    _show(connection, [])


def load_labels(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """(Re)load the sources of the settings, as they are on disk now.

    Raises:
        duckdb.Error: a label file cannot be read.
    """
    warehouse = settings.warehouse.folder
    for table in RAW_LABEL_TABLES:
        connection.execute(f"DELETE FROM raw.{table}")
    parts: list[tuple[int, LabelRecord, list[str]]] = []
    for number, source in enumerate(settings.labels.source):
        record = load_record(warehouse, source)
        connection.execute(
            f"INSERT INTO raw.label_sources VALUES ({', '.join('?' * 17)})", _row(number, source, record)
        )
        for item in record.set_aside:
            connection.execute(
                "INSERT INTO raw.label_set_aside VALUES (?, ?, ?, ?, ?, ?)",
                [number, item.reason, item.row_count, item.sample, item.file_name, item.row_number],
            )
        folder = label_folder(warehouse, source.id).relative_to(warehouse).as_posix()
        files = [f"{folder}/{name}" for name in record.files]
        cells = [name for name in files if "/cells-" in name]
        labels = [name for name in files if "/labels-" in name]
        if labels:
            parts.append((number, record, labels))
            connection.execute(
                f"INSERT INTO raw.label_cells SELECT {number}, cell, source_bucket, device_id, unit_id, month, "
                f"is_image, class_tags FROM {_files(cells)} QUALIFY row_number() OVER (PARTITION BY cell) = 1"
            )
            for name in labels:
                connection.execute("INSERT INTO raw.label_parts VALUES (?)", [name])
    _show(connection, parts)
    _note_shared(connection, parts)


def _row(number: int, source: LabelSource, record: LabelRecord) -> list[object]:
    price = source.usd_per_million_requests
    cost = None if price is None else (price * record.request_count / 1_000_000).quantize(Decimal("1E-10"))
    fault = DashboardError.from_dict(record.fault) if record.fault else None
    return [
        number,
        source.id,
        source.kind,
        location_of(source),
        source.kind in PER_OBJECT,
        list(source.named_buckets),
        bool(record.read_at),
        moment(record.as_of),
        moment(record.read_at),
        record.row_count,
        record.label_count,
        record.no_value_count,
        record.set_aside_count,
        record.left_count,
        record.request_count,
        cost,
        f"{fault.title}: {fault.cause}" if fault else "",
    ]


def location_of(source: LabelSource) -> str:
    """Where a source's labels lie, in one line."""
    if source.kind == "object_tags":
        return ", ".join(f"s3://{bucket}/" for bucket in source.buckets)
    if source.kind == "dynamodb":
        return f"dynamodb://{source.table}"
    return f"iceberg://{source.table}" if source.kind == "s3_metadata" else source.location


def _show(connection: duckdb.DuckDBPyConnection, parts: Sequence[tuple[int, LabelRecord, list[str]]]) -> None:
    selects = [
        f"SELECT {number}::SMALLINT AS source_no, {', '.join(COLUMNS)} FROM {_files(files)}"
        for number, _, files in parts
    ]
    body = " UNION ALL ".join(selects) or f"SELECT NULL::SMALLINT AS source_no, {_EMPTY} WHERE false"
    connection.execute(f"CREATE OR REPLACE VIEW raw.labels AS {body}")


def _note_shared(
    connection: duckdb.DuckDBPyConnection, parts: Sequence[tuple[int, LabelRecord, list[str]]]
) -> None:
    """Find the objects that more than one row speaks about; most archives have few or none."""
    selects = [
        f"SELECT object_hash FROM {_files(files)} GROUP BY object_hash HAVING count(*) > 1"
        for _, record, files in parts
        if not record.is_unique
    ]
    ordered = sorted(parts, key=lambda part: part[1].label_count)
    for position, (_, _, files) in enumerate(ordered):
        selects += [
            f"SELECT object_hash FROM {_files(others)} WHERE object_hash IN (SELECT object_hash FROM {_files(files)})"
            for _, _, others in ordered[position + 1 :]
        ]
    if selects:
        connection.execute(
            f"INSERT INTO raw.label_shared SELECT DISTINCT object_hash FROM ({' UNION ALL '.join(selects)})"
        )


def _required(labels: Labels) -> str:
    cases = " ".join(
        f"WHEN {quoted(device)} THEN {_list(names)}" for device, names in labels.required_by_device.items()
    )
    return f"CASE device {cases} ELSE {_list(labels.required)} END" if cases else _list(labels.required)


def _allowed(labels: Labels) -> str:
    """A value is allowed if it is listed, or if each of several values in one is."""
    cases = " ".join(
        f"WHEN {quoted(name)} THEN list_contains({_list(values)}, given) OR "
        f"coalesce(list_has_all({_list(values)}, string_split(given, ', ')), false)"
        for name, values in labels.allowed.items()
    )
    return f"CASE label {cases} ELSE true END" if cases else "true"


def _list(values: Sequence[str]) -> str:
    return f"[{', '.join(quoted(value) for value in values)}]::VARCHAR[]"


def _files(paths: Sequence[str | Path]) -> str:
    return f"read_parquet([{', '.join(quoted(str(path)) for path in paths)}], hive_partitioning = false)"
