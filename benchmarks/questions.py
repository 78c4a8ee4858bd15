"""The four plain questions, as each engine asks them of a report's files, straight and without a warehouse.

Of the current objects (latest version, no delete marker): objects and bytes by device and class, by class and tier, by
local day of upload, and the keys that break the naming grammar. The grammar is the settings' own: shape, closed
lists, one unit and one day in folder and file name, a real day on which the device was in use.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.reports import DEVICES, REPORT_AT

_CLOCK = "(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]"
_DAY = (
    "(?:[0-9]{4}/(?:(?:0[13578]|1[02])/(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)/(?:0[1-9]|[12][0-9]|30)"
    "|02/(?:0[1-9]|1[0-9]|2[0-8]))|2024/02/29)"
)
FIRST_DAY = "2024/04/01"
LAST_DAY = f"{REPORT_AT + timedelta(days=1):%Y/%m/%d}"
CSV_COLUMNS = (
    "bucket", "key", "version_id", "is_latest", "is_delete_marker", "size", "last_modified_date", "e_tag",
    "storage_class", "is_multipart_uploaded", "encryption_status", "intelligent_tiering_access_tier",
)  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """A device's names: one expression that also makes folder and file name agree on the unit, and where the days are.

    Attributes:
        folder_day, name_day: position from 0 of `2026/10/05` in the folder and of `20261005` in the file name.
    """

    device: str
    pattern: str
    folder_day: int
    name_day: int


def shapes() -> list[Shape]:
    """One shape for each device; as fast a test of the whole grammar as these engines offer."""
    found = []
    for device, (unit_count, extensions, _) in DEVICES.items():
        units = (f"{number:02d}" for number in range(1, unit_count + 1))
        body = "|".join(f"{unit}/{_DAY}/{device}-{unit}" for unit in units)
        pattern = f"^{device}/(?:{body})_[0-9]{{8}}T{_CLOCK}_[0-9]{{4}}\\.(?:{'|'.join(extensions)})$"
        start = len(device) + 4
        found.append(Shape(device, pattern, start, start + 11 + len(device) + 4))
    return found


def _sql(dialect: dict[str, str], table: str, csv: bool) -> list[str]:
    cases, devices = [], []
    for shape in shapes():
        day = f"substr(key, {shape.folder_day + 1}, 10)"
        cases.append(
            f"WHEN {dialect['starts']}(key, '{shape.device}/') THEN {dialect['matches']}(key, "
            f"'{shape.pattern.replace(chr(92), dialect['backslash'])}') "
            f"AND replace({day}, '/', '') = substr(key, {shape.name_day + 1}, 8) "
            f"AND {day} BETWEEN '{FIRST_DAY}' AND '{LAST_DAY}'"
        )
        devices.append(f"WHEN {dialect['starts']}(key, '{shape.device}/') THEN '{shape.device}'")
    current = (
        "is_latest = 'true' AND is_delete_marker = 'false'" if csv else "is_latest AND NOT is_delete_marker"
    )
    day = dialect["csv_day"] if csv else dialect["day"]
    size = dialect["csv_size"] if csv else "size"
    rest = f"count(*) AS object_count, sum({size}) AS size_bytes FROM {table} WHERE {current}"
    return [
        f"SELECT CASE {' '.join(devices)} ELSE '' END AS device, storage_class, {rest} GROUP BY 1, 2",
        f"SELECT storage_class, intelligent_tiering_access_tier AS tier, {rest} GROUP BY 1, 2",
        f"SELECT {day} AS uploaded_on, {rest} GROUP BY 1",
        f"SELECT key FROM {table} WHERE {current} AND NOT (CASE {' '.join(cases)} ELSE false END)",
    ]


def duckdb(files: list[Path], csv: bool) -> list[int]:
    """Rows of each answer."""
    import duckdb as engine

    connection = engine.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET preserve_insertion_order = false")
    names = ", ".join(f"'{file}'" for file in files)
    table = f"read_parquet([{names}])"
    if csv:
        columns = ", ".join(f"'{name}': 'VARCHAR'" for name in CSV_COLUMNS)
        table = (
            f"read_csv([{names}], header = false, columns = {{{columns}}}, auto_detect = false, quote = '\"')"
        )
    dialect = {
        "starts": "starts_with",
        "matches": "regexp_matches",
        "backslash": "\\",
        "day": "(make_timestamp(epoch_us(last_modified_date)) + INTERVAL 9 HOUR)::DATE",
        "csv_day": "(last_modified_date::TIMESTAMP + INTERVAL 9 HOUR)::DATE",
        "csv_size": "try_cast(size AS BIGINT)",
    }
    return [connection.sql(sql).to_arrow_table().num_rows for sql in _sql(dialect, table, csv)]


def chdb(files: list[Path], csv: bool) -> list[int]:
    """Rows of each answer."""
    import chdb as engine

    names = f"{files[0].parent}/*{''.join(files[0].suffixes)}"
    structure = ", ".join(f"{name} String" for name in CSV_COLUMNS)
    table = f"file('{names}', 'CSV', '{structure}')" if csv else f"file('{names}', 'Parquet')"
    dialect = {
        "starts": "startsWith",
        "matches": "match",
        "backslash": "\\\\",
        "day": "toDate(last_modified_date, 'Asia/Tokyo')",
        "csv_day": "toDate(parseDateTimeBestEffort(last_modified_date, 'UTC'), 'Asia/Tokyo')",
        "csv_size": "toInt64OrZero(size)",
    }
    ask: Callable[..., Any] = engine.query
    return [ask(sql, "ArrowTable").num_rows for sql in _sql(dialect, table, csv)]


def datafusion(files: list[Path], csv: bool) -> list[int]:
    """Rows of each answer."""
    import datafusion as engine
    import pyarrow as pa

    context = engine.SessionContext()
    if csv:
        schema = pa.schema([(name, pa.string()) for name in CSV_COLUMNS])
        context.register_csv(
            "report", str(files[0].parent), schema=schema, has_header=False,
            file_extension=".csv.gz", file_compression_type="gzip",
        )  # fmt: skip
    else:
        context.register_parquet("report", str(files[0].parent), file_extension=".parquet")
    dialect = {
        "starts": "starts_with",
        "matches": "regexp_like",
        "backslash": "\\",
        "day": "CAST(last_modified_date + INTERVAL '9 hours' AS DATE)",
        "csv_day": "CAST(CAST(last_modified_date AS TIMESTAMP) + INTERVAL '9 hours' AS DATE)",
        "csv_size": "CAST(nullif(size, '') AS BIGINT)",
    }
    return [
        sum(batch.num_rows for batch in context.sql(sql).collect()) for sql in _sql(dialect, "report", csv)
    ]


def polars(files: list[Path], csv: bool, *, is_shape_only: bool = False) -> list[int]:
    """Rows of each answer; with `is_shape_only` the days of folder and file name are not compared."""
    import polars as pl

    key, moment, size = pl.col("key"), pl.col("last_modified_date"), pl.col("size")
    is_latest, is_marker = pl.col("is_latest"), pl.col("is_delete_marker")
    if csv:
        table = pl.scan_csv(files, has_header=False, new_columns=CSV_COLUMNS, infer_schema=False)
        is_latest, is_marker = is_latest == "true", is_marker == "true"
        size = size.cast(pl.Int64, strict=False)
        moment = moment.str.to_datetime("%Y-%m-%dT%H:%M:%S.000Z")
    else:
        table = pl.scan_parquet(files)
    current = table.filter(is_latest & ~is_marker)
    device, is_good = pl.lit(""), pl.lit(value=False)
    for shape in shapes():
        day = key.str.slice(shape.folder_day, 10)
        is_own = key.str.starts_with(f"{shape.device}/")
        test = key.str.contains(shape.pattern)
        if not is_shape_only:
            test = (
                test
                & (day.str.replace_all("/", "", literal=True) == key.str.slice(shape.name_day, 8))
                & day.is_between(pl.lit(FIRST_DAY), pl.lit(LAST_DAY))
            )
        device = pl.when(is_own).then(pl.lit(shape.device)).otherwise(device)
        is_good = pl.when(is_own).then(test).otherwise(is_good)
    sums = (pl.len().alias("object_count"), size.sum().alias("size_bytes"))
    asked = [
        current.group_by(device.alias("device"), "storage_class").agg(*sums),
        current.group_by("storage_class", "intelligent_tiering_access_tier").agg(*sums),
        current.group_by((moment + pl.duration(hours=9)).dt.date().alias("day")).agg(*sums),
        current.filter(~is_good).select("key"),
    ]
    return [query.collect(engine="streaming").height for query in asked]


def polars_shape_only(files: list[Path], csv: bool) -> list[int]:
    """Polars asked an easier fourth question: the shape of the name alone."""
    return polars(files, csv, is_shape_only=True)


ENGINES: dict[str, Callable[[list[Path], bool], list[int]]] = {
    "Polars": polars,
    "DuckDB": duckdb,
    "chDB": chdb,
    "DataFusion": datafusion,
    "Polars, shape of names only": polars_shape_only,
}
