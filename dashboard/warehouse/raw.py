"""The raw tables of a snapshot: what syncs left on disk, loaded as it is."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import duckdb

from dashboard.domain.calendar import public_holidays
from dashboard.domain.storage_classes import STORAGE_CLASSES
from dashboard.settings import Settings
from dashboard.settings.money import read_rates
from dashboard.warehouse.cost_exports import LINE_COLUMNS, STATEMENT_COLUMNS
from dashboard.warehouse.label_load import RAW_LABEL_TABLES
from dashboard.warehouse.stems import STEM_COLUMNS

_BILL = (
    "breakdown VARCHAR, granularity VARCHAR, period VARCHAR, asked_at VARCHAR, is_estimated BOOLEAN, "
    'total_usd VARCHAR, lines STRUCT(start VARCHAR, "end" VARCHAR, service VARCHAR, usage_type VARCHAR, '
    "operation VARCHAR, tag_value VARCHAR, account_id VARCHAR, record_type VARCHAR, cost_usd VARCHAR, "
    "unit VARCHAR, usage_amount VARCHAR, usage_unit VARCHAR, is_estimated BOOLEAN)[]"
)

RAW_TABLES: dict[str, str] = {
    "parts": "report_no SMALLINT, path VARCHAR",
    "overlaps": "report_no SMALLINT, row_count BIGINT, size_bytes BIGINT",
    "reports": (
        "report_no SMALLINT, source_bucket VARCHAR, config_id VARCHAR, report_at TIMESTAMP, format VARCHAR, "
        "row_count BIGINT, size_bytes BIGINT, latest_count BIGINT, delete_marker_count BIGINT, "
        "quarantined_count BIGINT, file_count BIGINT, is_current BOOLEAN, has_versions BOOLEAN, columns VARCHAR[], "
        "location VARCHAR, loaded_at TIMESTAMP"
    ),
    "quarantine": "report_no SMALLINT, raw_key VARCHAR, reason VARCHAR, file_name VARCHAR",
    "history": (
        "source_bucket VARCHAR, config_id VARCHAR, report_at TIMESTAMP, device_id VARCHAR, kind VARCHAR, "
        "storage_class VARCHAR, access_tier VARCHAR, object_count BIGINT, size_bytes BIGINT, good_name_count BIGINT"
    ),
    "devices": (
        "device_id VARCHAR, folder VARCHAR, units VARCHAR[], extensions VARCHAR[], in_use_from DATE, "
        "in_use_to DATE, silent_after_days INTEGER, sequence VARCHAR, sequence_last BIGINT, "
        "pairs VARCHAR[][]"
    ),
    "holidays": "holiday_on DATE, name VARCHAR",
    "thresholds": (
        "late_after_days INTEGER, overwritten_within_days INTEGER, new_within_days INTEGER, together_above INTEGER"
    ),
    "stems": STEM_COLUMNS,
    "storage_classes": "class_id VARCHAR, minimum_days INTEGER, minimum_billed_bytes BIGINT, is_archive BOOLEAN",
    **RAW_LABEL_TABLES,
    "exchange_rates": (
        "month VARCHAR, jpy_per_usd DECIMAL(12, 6), kind VARCHAR, dated_on DATE, source VARCHAR"
    ),
    "export_statements": STATEMENT_COLUMNS,
    "export_lines": LINE_COLUMNS,
    "bills": _BILL,
    "restated_bills": _BILL,
    "lifecycle": (
        "source_bucket VARCHAR, asked_at VARCHAR, has_configuration BOOLEAN, rules STRUCT(rule_id VARCHAR, "
        "status VARCHAR, prefix VARCHAR, tags MAP(VARCHAR, VARCHAR), size_over_bytes BIGINT, "
        "size_under_bytes BIGINT, action VARCHAR, after_days BIGINT, on_date VARCHAR, to_class VARCHAR, "
        "newer_noncurrent_versions BIGINT)[]"
    ),
    "uploads": (
        "source_bucket VARCHAR, asked_at VARCHAR, is_complete BOOLEAN, uploads STRUCT(key VARCHAR, "
        "upload_id VARCHAR, initiated_at VARCHAR, storage_class VARCHAR, part_count BIGINT, size_bytes BIGINT)[]"
    ),
    "aws_budgets": (
        "account_id VARCHAR, asked_at VARCHAR, budgets STRUCT(name VARCHAR, kind VARCHAR, time_unit VARCHAR, "
        "unit VARCHAR, limit_amount VARCHAR, actual_amount VARCHAR, forecasted_amount VARCHAR, updated_at VARCHAR, "
        "ends_at VARCHAR, services VARCHAR[])[]"
    ),
    "cost_forecast": (
        "asked_at VARCHAR, is_available BOOLEAN, services VARCHAR[], "
        "months STRUCT(month VARCHAR, mean_usd VARCHAR, low_usd VARCHAR, high_usd VARCHAR)[]"
    ),
    "requests": '"at" VARCHAR, operation VARCHAR, cost_usd DECIMAL(38, 10), period VARCHAR',
}
"""Columns of the tables of schema raw."""

_FILES: dict[str, tuple[str, str]] = {
    "bills": ("bills", "*.json"),
    "restated_bills": ("bills", "restated-*.json"),
    "lifecycle": ("live", "lifecycle-*.json"),
    "uploads": ("live", "uploads-*.json"),
    "aws_budgets": ("live", "budgets.json"),
    "cost_forecast": ("live", "cost-forecast.json"),
    "requests": (".", "requests.jsonl"),
}


def raw_files(warehouse: Path) -> dict[str, list[Path]]:
    """The JSON files behind each raw table; bills that were restated since are a table of their own."""
    return {
        table: [
            path
            for path in sorted((warehouse / folder).glob(pattern))
            if not path.name.startswith("." if table == "restated_bills" else (".", "restated-"))
        ]
        for table, (folder, pattern) in _FILES.items()
    }


def without_asking_time(path: Path) -> bytes:
    """A file's contents less the time it was asked at, which changes although nothing else did."""
    content = path.read_bytes()
    if path.suffix == ".jsonl":
        return hashlib.sha256(content).digest()
    data = json.loads(content)
    data.pop("asked_at", None)
    return json.dumps(data, sort_keys=True).encode()


def set_aside_damaged(warehouse: Path) -> list[Path]:
    """Rename whole files that hold no JSON object, so that they are asked for again; returns what they were called."""
    found = []
    for files in raw_files(warehouse).values():
        for path in files:
            if path.suffix != ".jsonl" and not _is_object(path):
                path.rename(path.with_name(f"{path.name}.damaged"))
                found.append(path)
    return found


def _is_object(path: Path) -> bool:
    try:
        return isinstance(json.loads(path.read_bytes()), dict)
    except (ValueError, RecursionError):
        return False


def load_raw_files(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> None:
    """(Re)load the raw tables that come from JSON files.

    Lines cut short by a crash are passed over in files that only grow; a broken whole file is an error.
    """
    for table, files in raw_files(warehouse).items():
        connection.execute(f"DELETE FROM raw.{table}")
        if not files:
            continue
        grows = files[0].suffix == ".jsonl"
        columns = connection.execute(
            "SELECT column_name, data_type FROM duckdb_columns() "
            "WHERE schema_name = 'raw' AND table_name = ? AND NOT internal ORDER BY column_index",
            [table],
        ).fetchall()
        spec = ", ".join("'{}': '{}'".format(name, type_.replace("'", "''")) for name, type_ in columns)
        connection.execute(
            f"INSERT INTO raw.{table} SELECT * FROM read_json($files, columns = {{{spec}}}, format = $format, "
            "ignore_errors = $lenient, maximum_object_size = 33554432, hive_partitioning = false)",
            {
                "files": [str(file) for file in files],
                "format": "newline_delimited" if grows else "unstructured",
                "lenient": grows,
            },
        )


def load_settings_rows(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Write devices, thresholds, exchange rates and storage classes, which facts and marts join to."""
    for device in settings.device:
        connection.execute(
            "INSERT INTO raw.devices VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                device.id,
                device.folder,
                list(device.units),
                list(device.extensions),
                device.in_use_from,
                device.in_use_to,
                device.silent_after_days,
                device.sequence,
                device.sequence_last,
                [list(pair) for pair in device.pairs],
            ],
        )
    findings = settings.findings
    connection.execute(
        "INSERT INTO raw.thresholds VALUES (?, ?, ?, ?)",
        [
            findings.late_after_days,
            findings.overwritten_within_days,
            findings.new_within_days,
            findings.together_above,
        ],
    )
    for rate in read_rates(settings.money).by_month.values():
        connection.execute(
            "INSERT INTO raw.exchange_rates VALUES (?, ?, ?, ?, ?)",
            [rate.month, rate.jpy_per_usd, rate.kind, rate.dated_on, rate.source],
        )
    # One statement: each of its own costs DuckDB as much as all of them.
    rows = [
        value
        for item in STORAGE_CLASSES
        for value in (item.id, item.minimum_days, item.minimum_billed_bytes, item.is_archive)
    ]
    places = ", ".join(["(?, ?, ?, ?)"] * len(STORAGE_CLASSES))
    connection.execute(f"INSERT INTO raw.storage_classes VALUES {places}", rows)


FIRST_YEAR = 2006
"""Nothing is older than S3."""


def load_holidays(connection: duckdb.DuckDBPyConnection, country: str, last_year: int) -> None:
    """Write the public holidays of every year that an upload can have."""
    found = public_holidays(country, FIRST_YEAR, last_year)
    connection.execute(
        "INSERT INTO raw.holidays SELECT unnest($days), unnest($names)",
        {"days": list(found), "names": list(found.values())},
    )
