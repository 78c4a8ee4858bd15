"""From the files of a trusted manifest to Parquet parts with typed columns, whatever the report's format.

Parquet reports stay as they came. CSV and ORC reports are written as Parquet once, so that building, listing and every
later question read one kind of file. Rows that cannot be believed are kept apart with their reason, never repaired.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from dashboard.errors import DashboardError, ExitCode
from dashboard.warehouse.engine import explain

COLUMN_TYPES: dict[str, str] = {
    "bucket": "VARCHAR",
    "key": "VARCHAR",
    "version_id": "VARCHAR",
    "is_latest": "BOOLEAN",
    "is_delete_marker": "BOOLEAN",
    "size": "BIGINT",
    "last_modified_date": "TIMESTAMP",
    "e_tag": "VARCHAR",
    "storage_class": "VARCHAR",
    "is_multipart_uploaded": "BOOLEAN",
    "intelligent_tiering_access_tier": "VARCHAR",
    "encryption_status": "VARCHAR",
}
"""The columns the warehouse reads and their types; a report may lack all but the first two."""

_OURS = ("quarantine_reason", "raw_key")
"""What a part holds beside its report's columns; one of the report's own with such a name is left out."""

EARLIEST, LATEST = "1970-01-01", "2200-01-01"
"""A last modification outside of these years is a fault of the report: no calendar and no chart could hold it."""

_COMPATIBLE: dict[str, frozenset[str]] = {
    "VARCHAR": frozenset({"VARCHAR"}),
    "BOOLEAN": frozenset({"BOOLEAN"}),
    "BIGINT": frozenset({"BIGINT"}),
    "TIMESTAMP": frozenset(
        {"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"}
    ),
}


@dataclass(frozen=True)
class Part:
    """One Parquet file of a stored report.

    Attributes:
        name: file name inside the report's folder.
        row_count: rows of the file, those kept apart included.
        size_bytes: sum of the sizes of the rows that can be believed.
        latest_count: believed rows that are the latest version of their key, delete markers included.
        delete_marker_count: believed rows that are delete markers.
        quarantined_count: rows kept apart.
        has_reason: the file has the columns quarantine_reason and raw_key.
    """

    name: str
    row_count: int
    size_bytes: int
    latest_count: int
    delete_marker_count: int
    quarantined_count: int
    has_reason: bool

    @property
    def is_clean(self) -> bool:
        return not self.quarantined_count

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def describe(connection: duckdb.DuckDBPyConnection, path: str) -> dict[str, str]:
    """Column names and DuckDB types of a Parquet file."""
    rows = connection.execute(
        "DESCRIBE SELECT * FROM read_parquet($path, hive_partitioning = false)", {"path": path}
    ).fetchall()
    return {row[0]: row[1] for row in rows}


def raw_select(
    columns: dict[str, str], *, has_reason: bool, is_clean: bool, report_no: int, source_bucket: str
) -> str:
    """The projection of a part to the columns of raw.objects plus quarantine_reason and raw_key.

    The text holds only column names from `COLUMN_TYPES`, a number and the quoted, validated bucket name.

    Args:
        is_clean: no row of the part is kept apart, so that every row's bucket is the source bucket.
    """
    bucket = "'" + source_bucket.replace("'", "''") + "'"
    items = [f"{report_no}::SMALLINT AS report_no"]
    for name, type_ in COLUMN_TYPES.items():
        if name == "bucket" and is_clean:
            items.append(f"{bucket} AS bucket")
        elif name not in columns:
            items.append(f"NULL::{type_} AS {name}")
        elif columns[name] == "TIMESTAMP WITH TIME ZONE":
            # The session stands in UTC; going through the epoch spares the calendar arithmetic of a zone cast.
            items.append(f"make_timestamp(epoch_us({name})) AS {name}")
        else:
            items.append(f"{name}::{type_} AS {name}" if columns[name] != type_ else name)
    if is_clean:
        items += ["NULL::VARCHAR AS quarantine_reason", "key AS raw_key"]
    elif has_reason:
        items += ["quarantine_reason", "raw_key"]
    else:
        size = "size < 0" if "size" in columns else "false"
        modified = _out_of_time("last_modified_date") if "last_modified_date" in columns else "false"
        items += [
            f"CASE WHEN key IS NULL THEN 'key_missing' WHEN bucket IS DISTINCT FROM {bucket} THEN 'other_bucket' "
            f"WHEN {size} THEN 'size_invalid' WHEN {modified} THEN 'last_modified_date_invalid' END "
            "AS quarantine_reason",
            "key AS raw_key",
        ]
    return "SELECT " + ", ".join(items)


def _out_of_time(value: str) -> str:
    return f"({value} < '{EARLIEST}' OR {value} >= '{LATEST}')"


def check_parquet(
    connection: duckdb.DuckDBPyConnection, path: Path, expected: Sequence[str], locator: str
) -> dict[str, str]:
    """Hold a Parquet file's columns against the manifest's.

    Raises:
        DashboardError: SCHEMA_MISMATCH with the difference, FILE_DAMAGED if it cannot be read.
    """
    try:
        found = describe(connection, str(path))
    except duckdb.Error as error:
        raise explain(error, locator) from error
    wrong = [f"-{name}" for name in expected if name not in found]
    wrong += [f"+{name}" for name in found if name not in expected]
    wrong += [
        f"{name}: {found[name]} instead of {type_}"
        for name, type_ in COLUMN_TYPES.items()
        if name in found and found[name] not in _COMPATIBLE[type_]
    ]
    if wrong:
        raise schema_mismatch(", ".join(wrong), locator)
    return found


def measure(
    connection: duckdb.DuckDBPyConnection, path: Path, *, name: str, source_bucket: str, has_reason: bool
) -> Part:
    """Count a part's rows and bytes with a query of its own, the yardstick every later sum is held against."""
    columns = describe(connection, str(path))
    # What the file's statistics say spares reading every key and bucket.
    is_clean = not has_reason and _is_clean(connection, path, source_bucket)
    select = raw_select(
        columns, has_reason=has_reason, is_clean=is_clean, report_no=0, source_bucket=source_bucket
    )
    believed = "FILTER (quarantine_reason IS NULL"
    row = connection.execute(
        f"SELECT count(*), coalesce(sum(size) {believed}), 0)::BIGINT, "
        f"count(*) {believed} AND coalesce(is_latest, true)), count(*) {believed} AND is_delete_marker), "
        f"count(*) FILTER (quarantine_reason IS NOT NULL) FROM ({select} "
        "FROM read_parquet($path, hive_partitioning = false))",
        {"path": str(path)},
    ).fetchone()
    assert row is not None
    rows, size, latest, markers, quarantined = row
    return Part(name, rows, size, latest, markers, quarantined, has_reason)


def _is_clean(connection: duckdb.DuckDBPyConnection, path: Path, source_bucket: str) -> bool:
    """Whether a Parquet file's own statistics say that its keys, buckets, sizes and times can all be believed."""
    row = connection.execute(
        "SELECT count(*) FILTER (stats_null_count IS DISTINCT FROM 0 AND path_in_schema IN ('key', 'bucket')), "
        "count(*) FILTER (path_in_schema = 'bucket' AND (stats_min_value IS DISTINCT FROM $bucket "
        "OR stats_max_value IS DISTINCT FROM $bucket)), "
        "count(*) FILTER (path_in_schema = 'size' AND (stats_min_value IS NULL OR starts_with(stats_min_value, '-'))), "
        "count(*) FILTER (path_in_schema = 'last_modified_date' AND coalesce("
        "TRY_CAST(stats_min_value AS TIMESTAMPTZ) >= $earliest::TIMESTAMPTZ AND "
        "TRY_CAST(stats_max_value AS TIMESTAMPTZ) < $latest::TIMESTAMPTZ, false) IS FALSE) "
        "FROM parquet_metadata($path) WHERE path_in_schema IN ('key', 'bucket', 'size', 'last_modified_date')",
        {"path": str(path), "bucket": source_bucket, "earliest": EARLIEST, "latest": LATEST},
    ).fetchone()
    return row == (0, 0, 0, 0)


def csv_to_parquet(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[Path],
    columns: Sequence[str],
    target: Path,
    *,
    source_bucket: str,
    plus_is_space: bool,
    locator: str,
) -> None:
    """Write the unpacked CSV files of a report as one typed Parquet part.

    Keys are decoded exactly once, from percent-encoded bytes, strictly.

    Raises:
        DashboardError: SCHEMA_MISMATCH for rows with other columns, NO_ROWS for bytes without rows.
    """
    quoted_bucket = source_bucket.replace("'", "''")
    key = "replace(key, '+', ' ')" if plus_is_space else "key"
    items, bad = [], []
    for name in columns:
        type_ = COLUMN_TYPES.get(name)
        if name == "key":
            items.append(f"CASE WHEN contains(key, '%') THEN TRY(url_decode({key})) ELSE {key} END AS key")
        elif type_ == "BIGINT":
            items.append(f"TRY_CAST({name} AS BIGINT) AS {name}")
            # A cast rounds 1.9 to 2, so only a number that prints as it was written is one.
            bad.append(
                f"WHEN {name} <> '' AND (TRY_CAST({name} AS BIGINT) IS NULL OR TRY_CAST({name} AS BIGINT) < 0 "
                f"OR TRY_CAST({name} AS BIGINT)::VARCHAR <> {name}) THEN '{name}_invalid'"
            )
        elif type_ == "BOOLEAN":
            items.append(f"CASE lower({name}) WHEN 'true' THEN true WHEN 'false' THEN false END AS {name}")
            # Of these two hangs what counts as a current image; of the others, nothing.
            if name in {"is_latest", "is_delete_marker"}:
                bad.append(f"WHEN lower({name}) NOT IN ('true', 'false', '') THEN '{name}_invalid'")
        elif type_ == "TIMESTAMP":
            items.append(f"TRY_CAST({name} AS TIMESTAMP) AS {name}")
            time = f"TRY_CAST({name} AS TIMESTAMP)"
            bad.append(
                f"WHEN {name} <> '' AND ({time} IS NULL OR {_out_of_time(time)}) THEN '{name}_invalid'"
            )
        elif name not in _OURS:
            items.append(f'"{name}"')
    reason = (
        "CASE WHEN key IS NULL OR key = '' THEN 'key_missing' "
        f"WHEN contains(key, '%') AND TRY(url_decode({key})) IS NULL THEN 'key_not_utf8' "
        f"WHEN bucket <> '{quoted_bucket}' THEN 'other_bucket' {' '.join(bad)} END"
    )
    names = ", ".join(f"'{name}': 'VARCHAR'" for name in columns)
    select = (
        f"SELECT {', '.join(items)}, {reason} AS quarantine_reason, "
        f"CASE WHEN {reason} IS NOT NULL THEN key END AS raw_key "
        f"FROM read_csv($files, header = false, columns = {{{names}}}, auto_detect = false, delim = ',', "
        "quote = '\"', escape = '\"', nullstr = '\x01', max_line_size = 4194304, hive_partitioning = false)"
    )
    try:
        connection.execute(
            # Pages of version 2 cost a fifth less to write and half to read; a key has no dictionary to look for.
            f"COPY ({select}) TO $target (FORMAT parquet, COMPRESSION snappy, PARQUET_VERSION v2, "
            "DICTIONARY_SIZE_LIMIT 100)",
            {"files": [str(file) for file in files], "target": str(target)},
        )
    except duckdb.Error as error:
        target.unlink(missing_ok=True)
        if "columns" in str(error).lower() and "expected" in str(error).lower():
            raise schema_mismatch(str(error).splitlines()[0][:300], locator) from error
        raise explain(error, locator) from error
    rows = connection.execute("SELECT count(*) FROM read_parquet($path)", {"path": str(target)}).fetchone()
    if rows == (0,) and any(file.stat().st_size for file in files):
        target.unlink(missing_ok=True)
        raise DashboardError(
            ExitCode.NO_ROWS,
            "The report was not loaded",
            cause="Its files hold bytes but not a single row",
            next_step="Wait for the next report; look at who may write to the inventory folder",
            locator=locator,
        )


def schema_mismatch(difference: str, locator: str) -> DashboardError:
    return DashboardError(
        ExitCode.SCHEMA_MISMATCH,
        "The report was not loaded",
        cause="Its columns are not the ones its manifest declares: {difference}",
        next_step="Wait for the next report; if the inventory configuration changed, the next one will fit",
        locator=locator,
        difference=difference,
    )
