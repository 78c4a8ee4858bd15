"""Parquet parts out of Arrow batches: ORC reports, and Parquet files with keys that DuckDB refuses.

Never a whole file at once: hostile files unpack to many times their size.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.orc
import pyarrow.parquet

from dashboard.errors import DashboardError, ExitCode
from dashboard.warehouse.convert import COLUMN_TYPES, EARLIEST, LATEST, schema_mismatch
from dashboard.warehouse.engine import explain

_MAX_STRIPE_BYTES = 1 << 30
_BATCH_ROWS = 65_536
_IS_TYPE: dict[str, Callable[[pa.DataType], bool]] = {
    "VARCHAR": lambda type_: pa.types.is_string(type_) or pa.types.is_large_string(type_),
    "BOOLEAN": pa.types.is_boolean,
    "BIGINT": pa.types.is_int64,
    "TIMESTAMP": pa.types.is_timestamp,
}


def arrow_to_parquet(
    batches: Iterator[pa.RecordBatch], target: Path, *, source_bucket: str, locator: str
) -> None:
    """Write Arrow batches as a Parquet part; rows whose key is no UTF-8 keep it percent-encoded in raw_key."""
    writer: pa.parquet.ParquetWriter | None = None
    try:
        for batch in batches:
            table = _with_reasons(pa.Table.from_batches([batch]), source_bucket)
            if writer is None:
                writer = pa.parquet.ParquetWriter(target, table.schema, compression="snappy")
            writer.write_table(table)
    except (pa.ArrowException, OverflowError) as error:
        raise explain(error, locator) from error
    finally:
        if writer is not None:
            writer.close()


def orc_batches(path: Path, expected: Sequence[str], locator: str) -> Iterator[pa.RecordBatch]:
    """The stripes of an ORC file, one at a time.

    Raises:
        DashboardError: SCHEMA_MISMATCH if its columns are not the manifest's, TOO_LARGE, FILE_DAMAGED.
    """
    try:
        file = pa.orc.ORCFile(path)
        _check_schema(file.schema, expected, locator)
        if file.nstripes and file.content_length / file.nstripes > _MAX_STRIPE_BYTES:
            raise too_large(locator)
        for stripe in range(file.nstripes):
            yield file.read_stripe(stripe)
        if not file.nstripes:
            yield pa.RecordBatch.from_pylist([], schema=file.schema)
    except (pa.ArrowException, OSError) as error:
        raise explain(error, locator) from error


def parquet_batches(path: Path, locator: str) -> Iterator[pa.RecordBatch]:
    """The rows of a Parquet file in small batches, strings as bytes, for files with keys that are no UTF-8."""
    try:
        file = pa.parquet.ParquetFile(path)
        groups = (file.metadata.row_group(index) for index in range(file.metadata.num_row_groups))
        if any(group.total_byte_size > _MAX_STRIPE_BYTES for group in groups):
            raise too_large(locator)
        yield from file.iter_batches(batch_size=_BATCH_ROWS)
    except (pa.ArrowException, OSError) as error:
        raise explain(error, locator) from error


def _check_schema(schema: pa.Schema, expected: Sequence[str], locator: str) -> None:
    wrong = [f"-{name}" for name in expected if name not in schema.names]
    wrong += [f"+{name}" for name in schema.names if name not in expected]
    wrong += [
        f"{name}: {schema.field(name).type} instead of {type_}"
        for name, type_ in COLUMN_TYPES.items()
        if schema.names.count(name) == 1 and not _IS_TYPE[type_](schema.field(name).type)
    ]
    wrong += sorted({f"{name} twice" for name in schema.names if schema.names.count(name) > 1})
    if wrong:
        raise schema_mismatch(", ".join(wrong), locator)


def _with_reasons(table: pa.Table, source_bucket: str) -> pa.Table:
    keys = table.column("key").cast(pa.binary())
    try:
        texts = keys.cast(pa.string())
    except pa.ArrowInvalid:
        texts = pa.chunked_array([pa.array([_decoded(value) for value in keys.to_pylist()], pa.string())])
    sizes = table.column("size") if "size" in table.column_names else None
    other = pc.not_equal(
        table.column("bucket").cast(pa.binary()), pa.scalar(source_bucket.encode(), pa.binary())
    )
    negative = pc.less(sizes, 0) if sizes is not None else pa.scalar(False)
    reasons = pc.if_else(_out_of_time(table), "last_modified_date_invalid", pa.scalar(None, pa.string()))
    reasons = pc.if_else(pc.fill_null(negative, False), "size_invalid", reasons)
    reasons = pc.if_else(pc.fill_null(other, True), "other_bucket", reasons)
    reasons = pc.if_else(pc.is_null(texts), "key_not_utf8", reasons)
    reasons = pc.if_else(pc.is_null(keys), "key_missing", reasons)
    raw = (
        pc.if_else(pc.is_valid(reasons), keys, pa.scalar(None, pa.binary())).to_pylist()
        if pc.any(pc.is_valid(reasons)).as_py()
        else [None] * len(keys)
    )
    columns = {name: texts if name == "key" else _plain(table.column(name)) for name in table.column_names}
    columns["quarantine_reason"] = reasons
    columns["raw_key"] = pa.array(
        [None if value is None else urllib.parse.quote_from_bytes(value) for value in raw], pa.string()
    )
    return pa.table(columns)


def _out_of_time(table: pa.Table) -> pa.ChunkedArray | pa.Scalar:
    if "last_modified_date" not in table.column_names:
        return pa.scalar(False)
    times = _plain(table.column("last_modified_date"))
    first, last = (pa.scalar(datetime.fromisoformat(day), pa.timestamp("ms")) for day in (EARLIEST, LATEST))
    return pc.fill_null(pc.or_(pc.less(times, first), pc.greater_equal(times, last)), False)


def _decoded(value: bytes | None) -> str | None:
    try:
        return value.decode("utf-8") if value is not None else None
    except UnicodeDecodeError:
        return None


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    # ORC times have no zone and nanoseconds; S3 means UTC milliseconds.
    return column.cast(pa.timestamp("ms")) if pa.types.is_timestamp(column.type) else column


def too_large(locator: str) -> DashboardError:
    return DashboardError(
        ExitCode.TOO_LARGE,
        "The report was not loaded",
        cause="A file unpacks to more than any real inventory file does",
        next_step="Look at who may write to the inventory folder",
        locator=locator,
    )
