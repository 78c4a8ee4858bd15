"""How the files of each kind of label source are read: SQL expressions over one file.

Column names come from settings and files, so every one of them is quoted; values never become SQL.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace

import duckdb

from dashboard.domain.label_files import LabelFile
from dashboard.errors import DashboardError, ExitCode
from dashboard.settings.labels import (
    CocoLabels,
    DynamoDbLabels,
    GroundTruthLabels,
    LabelColumns,
    LabelSource,
    S3MetadataLabels,
    TableLabels,
)
from dashboard.warehouse.convert import describe
from dashboard.warehouse.label_lines import LINE_BYTES, ground_truth, json_lines, json_text, named_columns
from dashboard.warehouse.label_rows import TITLE, Shape
from dashboard.warehouse.literals import quoted

MAX_ROWS = 200_000_000
_MEND = "Mend the columns of this source in the settings, or write the file as they say"
_MEND_CSV = "Mend columns or delimiter of this source in the settings, or write the file as they say"
_SCALAR = ("VARCHAR", "BOOLEAN", "DATE", "TIME", "UUID", "ENUM", "FLOAT", "DOUBLE", "DECIMAL", "TIMESTAMP")


def shape_of(
    connection: duckdb.DuckDBPyConnection, source: LabelSource, file: LabelFile, only_bucket: str
) -> Shape:
    """How a source's file is read.

    Args:
        only_bucket: the bucket that is meant where neither the settings nor a row name one; '' for none.

    Raises:
        DashboardError: SCHEMA_MISMATCH if it lacks a column or has one of a type that is no label.
        duckdb.Error: it is no Parquet file.
    """
    if isinstance(source, GroundTruthLabels):
        return ground_truth(source, file)
    if isinstance(source, CocoLabels):
        bucket, prefix = quoted(source.source_bucket or only_bucket), quoted(source.key_prefix)
        get = json_text("line")
        return replace(
            json_lines(file),
            bucket=bucket,
            key=f"{prefix} || {get('key')}",
            labels=((source.name, get("value")),),
        )
    if isinstance(source, S3MetadataLabels):
        return _metadata(connection, file)
    assert isinstance(source, (TableLabels, DynamoDbLabels))
    bucket = quoted(source.source_bucket or only_bucket)
    if file.format == "jsonl":
        return _mapped(
            replace(json_lines(file, source.columns), bucket=bucket), source.columns, json_text("line")
        )
    if file.format == "parquet":
        return _parquet(connection, replace(Shape("", ""), bucket=bucket), source.columns, file)
    assert isinstance(source, TableLabels)
    return _csv(replace(Shape("", ""), bucket=bucket), source, file)


def _mapped(shape: Shape, columns: LabelColumns, get: Callable[[str], str]) -> Shape:
    """Fill in a mapping of columns."""

    def maybe(name: str | None) -> str:
        return get(name) if name is not None else ""

    return replace(
        shape,
        uri=maybe(columns.uri),
        bucket=maybe(columns.bucket) or shape.bucket,
        key=maybe(columns.key),
        version=maybe(columns.version),
        e_tag=maybe(columns.e_tag),
        labels=tuple((name, get(column)) for name, column in columns.labels.items()),
        name=maybe(columns.name),
        value=maybe(columns.value),
        labelled_at=maybe(columns.labelled_at),
    )


def _csv(shape: Shape, source: TableLabels, file: LabelFile) -> Shape:
    with file.path.open(encoding="utf-8", errors="replace", newline="") as stream:
        first = stream.readline(LINE_BYTES)
    if "\ufffd" in first:
        raise _mismatch(
            file,
            cause="Its first row is not UTF-8 text",
            next_step='Save the file as UTF-8; Excel calls that "CSV UTF-8 (Comma delimited)"',
        )
    try:
        header = next(csv.reader([first], delimiter=source.delimiter), [])
    except csv.Error:  # it is far too long
        header = []
    if not header:
        raise _mismatch(file, cause="Its first row does not name its columns", next_step=_MEND)
    _has_columns(header, source.columns, file, _MEND_CSV)
    if len(set(header)) != len(header) or "" in header:
        raise _mismatch(
            file,
            next_step=_MEND,
            cause="Its first row does not name its columns, each once: {found}",
            found=header,
        )
    types = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in header)
    relation = (
        f"(SELECT {_renamed(source.columns)} FROM read_csv({quoted(str(file.path))}, "
        f"header = true, columns = {{{types}}}, "
        f"auto_detect = false, delim = {quoted(source.delimiter)}, quote = '\"', escape = '\"', store_rejects = true, "
        f"max_line_size = {LINE_BYTES}, buffer_size = {4 * LINE_BYTES}, hive_partitioning = false))"
    )
    raw = f"concat_ws({quoted(source.delimiter)}, {_places(source.columns)})"
    return _mapped(replace(shape, relation=relation, raw=raw), source.columns, _place(source.columns))


def _parquet(
    connection: duckdb.DuckDBPyConnection, shape: Shape, columns: LabelColumns, file: LabelFile
) -> Shape:
    found = _parquet_columns(connection, file)
    _has_columns(list(found), columns, file)
    for name in named_columns(columns):
        is_label = name in columns.labels.values() or name in {columns.value, columns.labelled_at}
        wanted = (
            (*_SCALAR, "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "U") if is_label else "VARCHAR"
        )
        if not found[name].startswith(wanted) or found[name].endswith("]"):
            raise _mismatch(
                file,
                next_step=_MEND,
                cause="Its column {column} is a {type}, which cannot be read as text",
                column=name,
                type=found[name],
            )
    path = f"read_parquet({quoted(str(file.path))}, hive_partitioning = false)"
    relation = f"(SELECT {_renamed(columns)} FROM {path})"
    shape = replace(shape, relation=relation, raw=f"concat_ws(',', {_places(columns)})")
    return _mapped(shape, columns, _place(columns))


def _place(columns: LabelColumns) -> Callable[[str], str]:
    """Columns get names of ours, so that none of a file's can be mistaken for one of the common shape."""
    places = {name: f"c{number}" for number, name in enumerate(named_columns(columns))}
    return places.__getitem__


def _places(columns: LabelColumns) -> str:
    return ", ".join(map(_place(columns), named_columns(columns)))


def _renamed(columns: LabelColumns) -> str:
    place = _place(columns)
    return ", ".join(f"{_column(name)}::VARCHAR AS {place(name)}" for name in named_columns(columns))


def _metadata(connection: duckdb.DuckDBPyConnection, file: LabelFile) -> Shape:
    found = _parquet_columns(connection, file)
    if found.get("object_tags") != "MAP(VARCHAR, VARCHAR)":
        raise _mismatch(
            file,
            next_step=_MEND,
            cause="Its column object_tags is a {type}, not a map of texts",
            type=found.get("object_tags"),
        )
    # Of one version written twice the row with the later sequence number counts; a missing map is not yet known.
    order = "sequence_number" if "sequence_number" in found else "NULL::VARCHAR"
    live = "NOT coalesce(is_delete_marker, false)" if "is_delete_marker" in found else "true"
    version, e_tag = (_column(name) if name in found else "NULL" for name in ("version_id", "e_tag"))
    return Shape(
        relation=(
            f"(SELECT *, {order} AS place FROM read_parquet({quoted(str(file.path))}, hive_partitioning = false) "
            f"WHERE {live} AND object_tags IS NOT NULL "
            f"QUALIFY row_number() OVER (PARTITION BY bucket, key, {version} ORDER BY place DESC) = 1)"
        ),
        raw="key",
        bucket="coalesce(bucket, '')",
        key="key",
        version=version,
        e_tag=e_tag,
        tags=(
            "map_from_entries(list_sort(list_filter(map_entries(object_tags), "
            "lambda e: coalesce(e.value, '') <> '')))"
        ),
        keeps_empty=True,
    )


def _column(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _parquet_columns(connection: duckdb.DuckDBPyConnection, file: LabelFile) -> dict[str, str]:
    try:
        row = connection.execute(
            "SELECT coalesce(sum(num_rows), 0) FROM parquet_file_metadata($path)", {"path": str(file.path)}
        ).fetchone()
    except (duckdb.InvalidInputException, duckdb.IOException) as error:
        raise DashboardError(
            ExitCode.FILE_DAMAGED,
            TITLE,
            cause="It is no Parquet file, or its end is missing",
            next_step="Write the file again",
            locator=file.locator,
        ) from error
    if row is not None and row[0] > MAX_ROWS:
        raise DashboardError(
            ExitCode.TOO_LARGE,
            TITLE,
            cause="It says that it has {count} rows",
            next_step="Look at who may write this file",
            locator=file.locator,
            count=row[0],
        )
    return describe(connection, str(file.path))


def _has_columns(found: list[str], columns: LabelColumns, file: LabelFile, mend: str = _MEND) -> None:
    missing = [name for name in named_columns(columns) if name not in found]
    if missing:
        raise _mismatch(
            file,
            next_step=mend,
            cause="It has no column {missing}; its columns are {found}",
            missing=", ".join(missing),
            found=", ".join(found)[:300],
        )


def _mismatch(file: LabelFile, *, cause: str, next_step: str, **args: object) -> DashboardError:
    return DashboardError(
        ExitCode.SCHEMA_MISMATCH,
        TITLE,
        cause=cause,
        next_step=next_step,
        locator=file.locator,
        **args,
    )
