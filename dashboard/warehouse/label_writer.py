"""Writing the label files of a source: keys judged by the grammar, classes told from identities, hashes worked out.

A source's files hold one row per object version with all its labels. Beside the text stand narrow columns: 64-bit
hashes of the object, version and ETag, and of the row's `cell` (bucket, device, unit, month, classes). The join to the
objects reads only those, so it costs no more for long keys or many tags.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb

from dashboard.settings import Settings
from dashboard.settings.labels import LabelSource
from dashboard.warehouse import label_records as records
from dashboard.warehouse.literals import quoted
from dashboard.warehouse.query import folder_queries
from dashboard.warehouse.relations import NOTHING

STORE_VERSION = 1
MOST_VALUES = 200
"""A label with more different values is an identity, no class: its values are not counted one by one."""
FORM = "source_bucket, key, version_id, e_tag"
"""What a label is about."""


class LabelWriter:
    """Writes label files during one build, with the grammar that the build has."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        settings: Settings,
        see: Callable[[Sequence[str]], None],
    ) -> None:
        """
        Args:
            see: lets `facts.objects` judge the rows of some SELECTs in the columns of raw.objects.
        """
        self._connection = connection
        self._settings = settings
        self._warehouse = settings.warehouse.folder
        self._see = see
        self.fingerprint = store_fingerprint(settings)

    def select(self, source: LabelSource, rows: str) -> tuple[tuple[str, ...], dict[str, Any]]:
        """As `file`, for rows that a SELECT gives."""
        folder = records.label_folder(self._warehouse, source.id)
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f"draft-{uuid.uuid4().hex[:12]}.parquet"
        try:
            self.copy(f"SELECT *, NULL::VARCHAR AS reason FROM ({rows})", draft)
            return self.file(source, draft)
        finally:
            draft.unlink(missing_ok=True)

    def file(self, source: LabelSource, rows: Path) -> tuple[tuple[str, ...], dict[str, Any]]:
        """Write the believed rows of a file (object, tags, time, reason) as two files; returns names and facts."""
        folder = records.label_folder(self._warehouse, source.id)
        folder.mkdir(parents=True, exist_ok=True)
        token = uuid.uuid4().hex[:12]
        target, cells = (folder / f"{name}-{token}.parquet" for name in ("labels", "cells"))
        try:
            self._judge_keys(rows)
            self.copy(self._worked_out(rows), target)
            self.copy(
                "SELECT cell, any_value(source_bucket) AS source_bucket, any_value(device_id) AS device_id, "
                "any_value(unit_id) AS unit_id, any_value(month) AS month, any_value(is_image) AS is_image, "
                f"any_value(class_tags) AS class_tags FROM {parquet_files([target])} "
                "JOIN label_places USING (place) GROUP BY cell",
                cells,
            )
            row = self._connection.execute(f"SELECT count(*) FROM {parquet_files([target])}").fetchone()
            assert row is not None
        except BaseException:
            target.unlink(missing_ok=True)
            cells.unlink(missing_ok=True)
            raise
        finally:
            for table in ("label_judged", "label_places"):
                self._connection.execute(f"DROP TABLE IF EXISTS temp.{table}")
        facts = {
            "label_count": row[0],
            "is_unique": self.is_unique([target]),
            "fingerprint": self.fingerprint,
        }
        return (target.name, cells.name), facts

    def _judge_keys(self, rows: Path) -> None:
        """Let the grammar say of each row's key which device, unit and month it names, as it does for objects.

        `size` carries the row's number through the judgement, and a hash stands for what was found, so that what is
        joined back to the rows is two numbers each.
        """
        self._see(
            [
                f"SELECT * FROM (({NOTHING}) UNION ALL BY NAME SELECT "
                "0::SMALLINT AS report_no, source_bucket AS bucket, key, true AS is_latest, "
                "false AS is_delete_marker, file_row_number + 1 AS size, NULL::TIMESTAMP AS last_modified_date "
                f"FROM read_parquet({quoted(str(rows))}, file_row_number = true) WHERE reason IS NULL)"
            ]
        )
        self._connection.execute(
            "CREATE OR REPLACE TEMPORARY TABLE label_judged AS SELECT size_bytes AS row_number, "
            "hash(device_id, unit_id, month, is_image) AS place, device_id, unit_id, month, is_image FROM ("
            "SELECT size_bytes, device_id, unit_id, kind = 'image' AS is_image, "
            "date_trunc('month', try_strptime(nullif(captured_day, ''), '%Y%m%d'))::DATE AS month FROM facts.objects)"
        )
        self._connection.execute(
            "CREATE OR REPLACE TEMPORARY TABLE label_places AS SELECT place, any_value(device_id) AS device_id, "
            "any_value(unit_id) AS unit_id, any_value(is_image) AS is_image, "
            "any_value(month) AS month FROM label_judged GROUP BY place"
        )

    def _worked_out(self, rows: Path) -> str:
        allowed = list(self._settings.labels.allowed)
        named = f"SELECT unnest(map_entries(tags), recursive := true) FROM {parquet_files([rows])} WHERE reason IS NULL"
        found = self._connection.execute(
            f"SELECT key, approx_count_distinct(value) FROM ({named}) GROUP BY key"
        ).fetchall()
        classes = [name for name, count in found if count <= MOST_VALUES or name in allowed]
        chosen = "tags"
        if len(classes) < len(found):
            listed = f"[{', '.join(map(quoted, classes))}]::VARCHAR[]"
            chosen = (
                "map_from_entries(list_transform(map_entries(tags), lambda e: {'key': e.key, 'value': "
                f"CASE WHEN list_contains({listed}, e.key) THEN e.value END}}))"
            )
        return (
            f"SELECT {FORM}, tags, labelled_at, hash(source_bucket, key) AS object_hash, "
            "CASE WHEN version_id = '' THEN 0::UBIGINT ELSE hash(version_id) END AS version_hash, "
            "CASE WHEN e_tag = '' THEN 0::UBIGINT ELSE hash(e_tag) END AS e_tag_hash, "
            f"place, class_tags, hash(source_bucket, place, class_tags) AS cell FROM (SELECT {FORM}, tags, "
            f"labelled_at, judged.place, {chosen} AS class_tags "
            f"FROM read_parquet({quoted(str(rows))}, file_row_number = true) AS believed "
            "JOIN (SELECT row_number, place FROM label_judged) AS judged "
            "ON judged.row_number = believed.file_row_number + 1 WHERE reason IS NULL)"
        )

    def is_unique(self, paths: list[Path]) -> bool:
        """Whether no object has two rows in these files."""
        row = self._connection.execute(
            f"SELECT 1 FROM {parquet_files(paths)} GROUP BY object_hash HAVING count(*) > 1 LIMIT 1"
        ).fetchone()
        return row is None

    def copy(self, statement: str, target: Path) -> None:
        """Write the rows of a SELECT to a Parquet file."""
        self._connection.execute(
            f"COPY ({statement}) TO {quoted(str(target))} (FORMAT parquet, COMPRESSION snappy, PARQUET_VERSION v2)"
        )


def store_fingerprint(settings: Settings) -> str:
    """Digest of what a source's files depend on besides the source: the grammar, the classes, the hashes."""
    known = settings.model_dump(mode="json", include={"naming", "device"})
    parts = [STORE_VERSION, duckdb.__version__, known, sorted(settings.labels.allowed)]
    queries = "".join(folder_queries("facts")[name].sql for name in ("facts.stemmed", "facts.objects"))
    text = json.dumps(parts, sort_keys=True) + queries
    return hashlib.sha256(text.encode()).hexdigest()


def parquet_files(paths: Sequence[Path]) -> str:
    """The relation of some Parquet files."""
    listed = ", ".join(quoted(str(path)) for path in paths)
    return f"read_parquet([{listed}], hive_partitioning = false)"
