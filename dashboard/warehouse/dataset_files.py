"""The files of a frozen dataset: its members as Parquet, their hash, exports, and what became of them since.

A read-only connection of its own to the snapshot sorts on disk and writes into one folder; nothing passes through
Python but bytes to be hashed. Keys and labels are hostile text: they are values here, never SQL, never a path.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb

from dashboard.settings import Settings
from dashboard.warehouse.engine import open_writer_beside
from dashboard.warehouse.literals import quoted
from dashboard.warehouse.publish import SnapshotInfo
from dashboard.warehouse.query import page_queries

MEMBERS = "members.parquet"
_PARQUET = "(FORMAT parquet, COMPRESSION zstd)"
HASHED_FORM = "archivelens-dataset-1"
"""What the hash is made of: this line, then one line for each member in order of bucket, key and version id: bucket,
key, version id, ETag, checksum, size, split and each label as name=value in order of names, with tabs between them."""

# Backslash first: what stands for a tab, a line end or an equals sign must not be what somebody wrote.
_PLAIN = (
    "replace(replace(replace(replace({text}, chr(92), chr(92) || chr(92)), chr(9), chr(92) || 't'), "
    "chr(10), chr(92) || 'n'), chr(61), chr(92) || 'e')"
)
_FORMULA = "^[\\s]*[-=+@|%＝＋－＠｜％﹦﹢﹣﹫﹪⁺₊⁼₌⁻₋﬩]|^[\\t\\r\\n]"


class DatasetFiles:
    """One folder being filled from, or compared with, a snapshot."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self._connection = connection
        self._folder = folder

    def write_members(self, params: Mapping[str, Any]) -> None:
        """Write what is ready of a choice, sorted, as members.parquet."""
        query = page_queries()["dataset.members"]
        values = {**params, "step": "ready", "total_count": None, "row_limit": None, "row_offset": 0}
        # COPY binds no name of a file. The folder is the warehouse's, never an object's.
        self._connection.execute(
            "COPY (SELECT source_bucket AS bucket, key, version_id, e_tag, NULL::VARCHAR AS checksum, size_bytes, "
            "map_from_entries(list_sort(map_entries(coalesce(tags, MAP {})))) AS labels, split, key_part AS part "
            f"FROM ({query.sql}) ORDER BY bucket, key, version_id) TO {quoted(self._folder / MEMBERS)} {_PARQUET}",
            values,
        )

    def funnel(self, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The rows of the page query dataset.funnel."""
        return self._rows(page_queries()["dataset.funnel"].sql, params)

    def digest(self) -> tuple[str, int, int]:
        """SHA-256 of the members in their canonical form, their number and their bytes."""
        fields = (
            "bucket",
            "key",
            "version_id",
            "e_tag",
            "coalesce(checksum, '')",
            "size_bytes::VARCHAR",
            "split",
        )
        plain = [_PLAIN.format(text=field) for field in fields]
        name, value = (_PLAIN.format(text=f"entry.{part}") for part in ("key", "value"))
        labels = (
            "array_to_string(list_transform(map_entries(labels), "
            f"lambda entry: {name} || '=' || {value}), chr(9))"
        )
        sql = f"SELECT concat_ws(chr(9), {', '.join(plain)}, {labels}) || chr(10) AS line FROM {self._members()}"
        found = hashlib.sha256(f"{HASHED_FORM}\n".encode())
        for batch in self._connection.sql(sql).to_arrow_reader(100_000):
            found.update("".join(batch.column(0).to_pylist()).encode())
        [total] = self._rows(
            "SELECT count(*) AS object_count, coalesce(sum(size_bytes), 0)::BIGINT AS size_bytes "
            f"FROM {self._members()}"
        )
        return found.hexdigest(), total["object_count"], total["size_bytes"]

    def splits(self) -> list[dict[str, Any]]:
        """Sides of the members as they were written: split, object_count, size_bytes, part_count."""
        return self._rows(
            "SELECT split, count(*) AS object_count, sum(size_bytes)::BIGINT AS size_bytes, "
            f"count(DISTINCT part) AS part_count FROM {self._members()} GROUP BY split "
            "ORDER BY list_position(['train', 'validation', 'test'], split)"
        )

    def shared_part_count(self) -> int:
        """Parts of the key that stand on more than one side; a query over what was written."""
        row = self._connection.execute(
            f"SELECT count(*) FROM (SELECT part FROM {self._members()} GROUP BY part HAVING count(DISTINCT split) > 1)"
        ).fetchone()
        return int(row[0]) if row else 0

    def export(self, format_: str, file: Path) -> None:
        """Write the members in a format of domain.dataset.FORMATS."""
        columns = "bucket, key, version_id, e_tag, checksum, size_bytes, labels, split"
        target, source = quoted(file), self._members()
        select = {
            "jsonl": f"SELECT {columns} FROM {source}",
            "parquet": f"SELECT {columns} FROM {source}",
            "source-ref": (
                "SELECT 's3://' || bucket || '/' || key AS \"source-ref\", version_id, e_tag, labels, split "
                f"FROM {source}"
            ),
            "csv": (
                # Without the mark in front Excel reads Japanese keys as its own code page.
                f'SELECT bucket AS "\ufeffbucket", '
                f"{_cell('key')} AS key, {_cell('version_id')} AS version_id, e_tag, checksum, "
                f"size_bytes, {_cell('to_json(labels)::VARCHAR')} AS labels, split FROM {source}"
            ),
        }[format_]
        options = {"csv": "(FORMAT csv, HEADER true)", "parquet": _PARQUET}.get(format_, "(FORMAT json)")
        self._connection.execute(f"COPY ({select}) TO {target} {options}")

    def drift(self, *, kind: str | None = None, limit: int) -> tuple[dict[str, int], list[dict[str, Any]]]:
        """What of the members is not as it was: how many by kind of drift, and the first of them
        or of one kind.

        Kinds: missing, renamed (its content lies under another key), overwritten (another version is current),
        archived, label_changed. Each member counts once, by the first kind that holds.
        """
        self._connection.execute(f"CREATE OR REPLACE TEMPORARY TABLE drift AS {self._drift()}")
        counts = self._rows("SELECT drift, count(*) AS object_count FROM drift GROUP BY drift ORDER BY drift")
        rows = self._rows(
            "SELECT drift, bucket, key, version_id, now FROM drift WHERE $kind IS NULL OR drift = $kind "
            "ORDER BY drift, bucket, key LIMIT $row_limit",
            {"kind": kind, "row_limit": limit},
        )
        return {row["drift"]: row["object_count"] for row in counts}, rows

    def _drift(self) -> str:
        return (
            "WITH now AS NOT MATERIALIZED (SELECT source_bucket, key, version_id, e_tag, size_bytes, kind, "
            "storage_class, access_tier FROM facts.objects WHERE kind NOT IN ('noncurrent_version', 'delete_marker')), "
            "labelled AS NOT MATERIALIZED (SELECT images.source_bucket, images.key, images.version_id, "
            "map_from_entries(list_sort(map_entries(coalesce(labels.tags, MAP {})))) AS labels, images.readability "
            "FROM facts.readiness AS images LEFT JOIN facts.labels AS labels "
            "ON labels.object_hash = hash(images.source_bucket, images.key) "
            "AND labels.version_hash IN (0, hash(images.version_id)) "
            "AND (labels.e_tag_hash IN (0, hash(images.e_tag)) OR images.e_tag = '')), "
            "found AS (SELECT members.*, now.key IS NULL AS is_gone, now.version_id AS now_version_id, "
            "now.version_id <> members.version_id OR now.e_tag <> members.e_tag "
            "OR now.size_bytes <> members.size_bytes AS is_overwritten, "
            "coalesce(labelled.readability, 'readable') <> 'readable' AS is_archived, "
            "coalesce(labelled.labels, MAP {}) <> members.labels AS is_relabelled, now.storage_class AS now_class "
            f"FROM {self._members()} AS members "
            "LEFT JOIN now ON now.source_bucket = members.bucket AND now.key = members.key "
            "LEFT JOIN labelled ON labelled.source_bucket = members.bucket AND labelled.key = members.key "
            "AND labelled.version_id = now.version_id), "
            "gone AS MATERIALIZED (SELECT bucket, key, e_tag, size_bytes FROM found WHERE is_gone), "
            "moved AS (SELECT gone.bucket, gone.key, min(now.source_bucket || '/' || now.key) AS now_key FROM gone "
            "JOIN now ON now.e_tag = gone.e_tag AND now.size_bytes = gone.size_bytes "
            "WHERE gone.e_tag <> '' GROUP BY gone.bucket, gone.key) "
            "SELECT CASE WHEN is_gone AND moved.now_key IS NOT NULL THEN 'renamed' WHEN is_gone THEN 'missing' "
            "WHEN is_overwritten THEN 'overwritten' WHEN is_archived THEN 'archived' "
            "ELSE 'label_changed' END AS drift, "
            "found.bucket, found.key, found.version_id, "
            "CASE WHEN is_gone THEN moved.now_key WHEN is_overwritten THEN now_version_id "
            "WHEN is_archived THEN now_class END AS now "
            "FROM found LEFT JOIN moved ON moved.bucket = found.bucket AND moved.key = found.key "
            "WHERE is_gone OR is_overwritten OR is_archived OR is_relabelled"
        )

    def _members(self) -> str:
        return f"read_parquet({quoted(self._folder / MEMBERS)}, hive_partitioning = false)"

    def _rows(self, sql: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        cursor = self._connection.execute(sql, dict(params) if params else None)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@contextlib.contextmanager
def opened(
    settings: Settings, info: SnapshotInfo | None, *, reads: Path, writes: Path
) -> Iterator[DatasetFiles]:
    """Files of one dataset beside one snapshot, or beside none: then its files can be exported and hashed only.

    Args:
        reads: folder of members.parquet.
        writes: folder that may be written, also with what does not fit into memory.

    Raises:
        duckdb.Error, OSError: the snapshot or a file cannot be read or written.
    """
    connection = open_writer_beside(
        settings.warehouse.folder / info.file if info else None,
        settings.warehouse.folder.absolute(),
        folders=(reads.absolute(), writes.absolute()),
        memory_limit=settings.warehouse.memory_limit,
        threads=settings.warehouse.threads,
    )
    try:
        yield DatasetFiles(connection, reads.absolute())
    finally:
        connection.close()


def _cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"CASE WHEN regexp_matches({text}, '{_FORMULA}') THEN '''' || {text} ELSE {text} END"
