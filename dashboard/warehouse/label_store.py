"""The labels of each source as Parquet: checked, without doubles, and with what the keys say about device and month.

A source's files hold one row per object version with all its labels. Beside the text stand narrow columns: 64-bit
hashes of the object, version and ETag, and of the row's `cell` (bucket, device, unit, month, classes). The join to the
objects reads only those, so it costs no more for long keys or many tags.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from dashboard.domain.label_files import Fetched, LabelFile, SetAside
from dashboard.settings import Settings
from dashboard.settings.labels import CocoLabels, LabelSource
from dashboard.warehouse import label_records as records
from dashboard.warehouse.label_coco import coco_to_lines
from dashboard.warehouse.label_records import LabelRecord
from dashboard.warehouse.label_rows import quoted, select
from dashboard.warehouse.label_shapes import shape_of
from dashboard.warehouse.query import folder_queries
from dashboard.warehouse.relations import NOTHING

STORE_VERSION = 1
MOST_VALUES = 200
"""A label with more different values is an identity, no class: its values are not counted one by one."""
MOST_PARTS = 20
SAMPLES = 20
_REJECTS = {
    "INVALID ENCODING": "not_utf8",
    "MISSING COLUMNS": "wrong_column_count",
    "TOO MANY COLUMNS": "wrong_column_count",
    "UNQUOTED VALUE": "quote_open",
    "LINE SIZE OVER MAXIMUM": "line_too_long",
}
_FORM = "source_bucket, key, version_id, e_tag"


class LabelStore:
    """Writes the labels of sources during one build, with the grammar that the build has."""

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
        self._fingerprint = store_fingerprint(settings)

    def take(self, source: LabelSource, fetched: Fetched, now: datetime, staging: Path) -> LabelRecord:
        """Replace a source's labels by what was fetched.

        Raises:
            DashboardError: SCHEMA_MISMATCH, FILE_DAMAGED, TOO_LARGE: not a row of it can be understood.
            duckdb.Error: a file cannot be read, or there is no room.
        """
        aside = [item for file in fetched.files for item in file.set_aside]
        rows = staging / "rows.parquet"
        selects = []
        for number, file in enumerate(fetched.files):
            if isinstance(source, CocoLabels):
                lines = LabelFile(staging / f"coco-{number}.jsonl", "jsonl", file.locator)
                aside += coco_to_lines(file, lines.path)
                file = lines
            selects.append(select(shape_of(self._connection, source, file), file))
        self._forget_rejects()
        self._copy(" UNION ALL ".join(f"({item})" for item in selects), rows)
        aside += self._rejected(fetched.files)
        row_count, no_value_count, found = self._judged(rows)
        rows, doubled = self._without_doubles(rows, staging)
        everything = _merged([*aside, *found, *doubled])
        kept, more = self._write(source, f"SELECT {_FORM}, tags, labelled_at FROM {_parquet([rows])}")
        record = LabelRecord(
            settings=records.settings_digest(source),
            stamp=fetched.stamp,
            as_of=fetched.as_of.isoformat(),
            read_at=now.isoformat(),
            row_count=row_count + sum(item.row_count for item in aside),
            no_value_count=no_value_count,
            request_count=fetched.request_count,
            set_aside=everything,
            files=kept,
            **more,
        )
        records.write_record(self._warehouse, source, record)
        return record

    def add(self, source: LabelSource, lines: Iterable[Path], now: datetime, **changes: Any) -> LabelRecord:
        """Add newly read tags to a source; of two readings of one object version the later one counts.

        Args:
            lines: segments of JSON Lines as dashboard.aws.labels writes them; damaged lines are passed over.
            changes: further fields of the record.
        """
        record = records.load_record(self._warehouse, source)
        paths = list(lines)
        if not paths:
            records.write_record(self._warehouse, source, replace(record, **changes))
            return replace(record, **changes)
        listed = ", ".join(quoted(str(path)) for path in paths)
        fresh = (
            "SELECT source_bucket, key, coalesce(version_id, '') AS version_id, coalesce(e_tag, '') AS e_tag, "
            "map_from_entries(list_sort(list_filter(map_entries(tags), lambda e: coalesce(e.value, '') <> ''))) AS tags, "
            f"read_at::TIMESTAMP AS labelled_at FROM read_json([{listed}], columns = {{source_bucket: 'VARCHAR', "
            "key: 'VARCHAR', version_id: 'VARCHAR', e_tag: 'VARCHAR', tags: 'MAP(VARCHAR, VARCHAR)', "
            "read_at: 'VARCHAR'}, format = 'newline_delimited', ignore_errors = true, hive_partitioning = false) "
            "WHERE key IS NOT NULL AND tags IS NOT NULL"
        )
        old = self._paths(source, record.files)
        is_whole = len(old) < MOST_PARTS and not self._meets(fresh, old)
        if is_whole:
            rows, kept_files = _newest(fresh), record.files
        else:
            whole = f"SELECT {_FORM}, tags, labelled_at FROM {_parquet(old)}"
            rows, kept_files = _newest(f"({fresh}) UNION ALL ({whole})"), ()
        made, more = self._write(source, rows)
        if kept_files:
            more["label_count"] += record.label_count
            more["is_unique"] = self._is_unique([*old, *self._paths(source, made)])
        record = replace(
            record,
            settings=records.settings_digest(source),
            stamp="",
            as_of=now.isoformat(),
            read_at=now.isoformat(),
            files=(*kept_files, *made),
            **{**more, "row_count": more["label_count"], **changes},
        )
        records.write_record(self._warehouse, source, record)
        return record

    def renew(self, source: LabelSource) -> LabelRecord:
        """Work a source's files out again if the grammar or DuckDB changed since they were written."""
        record = records.load_record(self._warehouse, source)
        if not record.files or record.fingerprint == self._fingerprint:
            return record
        old = self._paths(source, record.files)
        kept, more = self._write(source, f"SELECT {_FORM}, tags, labelled_at FROM {_parquet(old)}")
        record = replace(record, files=kept, **more)
        records.write_record(self._warehouse, source, record)
        return record

    def _paths(self, source: LabelSource, files: Iterable[str]) -> list[Path]:
        folder = records.label_folder(self._warehouse, source.id)
        return [folder / name for name in files if name.startswith("labels-")]

    def _write(self, source: LabelSource, rows: str) -> tuple[tuple[str, ...], dict[str, Any]]:
        """Write rows (bucket, key, version, ETag, tags, time) as one pair of files; returns names and facts."""
        folder = records.label_folder(self._warehouse, source.id)
        folder.mkdir(parents=True, exist_ok=True)
        token = uuid.uuid4().hex[:12]
        draft, target, cells = (folder / f"{name}-{token}.parquet" for name in ("draft", "labels", "cells"))
        try:
            self._copy(rows, draft)
            # `size` carries the row's number through the judgement, so that the keys need not be compared again.
            self._see(
                [
                    f"SELECT * REPLACE (0::SMALLINT AS report_no) FROM (({NOTHING}) UNION ALL BY NAME SELECT "
                    "0::SMALLINT AS report_no, source_bucket AS bucket, key, true AS is_latest, "
                    "false AS is_delete_marker, file_row_number + 1 AS size, NULL::TIMESTAMP AS last_modified_date "
                    f"FROM read_parquet({quoted(str(draft))}, file_row_number = true))"
                ]
            )
            self._copy(self._worked_out(draft), target)
            self._copy(
                "SELECT cell, any_value(source_bucket) AS source_bucket, any_value(device_id) AS device_id, "
                "any_value(unit_id) AS unit_id, any_value(month) AS month, any_value(is_image) AS is_image, "
                f"any_value(class_tags) AS class_tags FROM {_parquet([target])} GROUP BY cell",
                cells,
            )
            row = self._connection.execute(
                "SELECT count(*), coalesce(bool_or(version_hash <> 0 OR e_tag_hash <> 0), false) "
                f"FROM {_parquet([target])}"
            ).fetchone()
            assert row is not None
        except BaseException:
            target.unlink(missing_ok=True)
            cells.unlink(missing_ok=True)
            raise
        finally:
            draft.unlink(missing_ok=True)
        facts = {
            "label_count": row[0],
            "has_forms": row[1],
            "is_unique": self._is_unique([target]),
            "fingerprint": self._fingerprint,
        }
        return (target.name, cells.name), facts

    def _worked_out(self, draft: Path) -> str:
        allowed = list(self._settings.labels.allowed)
        named = f"SELECT unnest(map_entries(tags), recursive := true) FROM {_parquet([draft])}"
        found = self._connection.execute(
            f"SELECT key, approx_count_distinct(value) FROM ({named}) GROUP BY key"
        ).fetchall()
        classes = [name for name, count in found if count <= MOST_VALUES or name in allowed]
        chosen = "rows.tags"
        if len(classes) < len(found):
            listed = f"[{', '.join(map(quoted, classes))}]::VARCHAR[]"
            chosen = (
                "map_from_entries(list_transform(map_entries(rows.tags), lambda e: {'key': e.key, 'value': "
                f"CASE WHEN list_contains({listed}, e.key) THEN e.value END}}))"
            )
        return (
            "SELECT source_bucket, key, version_id, e_tag, tags, labelled_at, object_hash, version_hash, e_tag_hash, "
            "device_id, unit_id, month, is_image, class_tags, "
            "hash(source_bucket, device_id, unit_id, month, is_image, class_tags) AS cell FROM ("
            "SELECT rows.source_bucket, rows.key, rows.version_id, rows.e_tag, rows.tags, rows.labelled_at, "
            "hash(rows.source_bucket, rows.key) AS object_hash, "
            "CASE WHEN rows.version_id = '' THEN 0::UBIGINT ELSE hash(rows.version_id) END AS version_hash, "
            "CASE WHEN rows.e_tag = '' THEN 0::UBIGINT ELSE hash(rows.e_tag) END AS e_tag_hash, "
            "judged.device_id, judged.unit_id, "
            "date_trunc('month', try_strptime(nullif(judged.captured_day, ''), '%Y%m%d'))::DATE AS month, "
            f"judged.kind = 'image' AS is_image, {chosen} AS class_tags "
            f"FROM read_parquet({quoted(str(draft))}, file_row_number = true) AS rows "
            "JOIN (SELECT size_bytes, device_id, unit_id, captured_day, kind FROM facts.objects) AS judged "
            "ON judged.size_bytes = rows.file_row_number + 1)"
        )

    def _judged(self, rows: Path) -> tuple[int, int, list[SetAside]]:
        """Rows, rows that say nothing, and what is kept out, by reason."""
        found = self._connection.execute(
            "SELECT coalesce(reason, ''), count(*), coalesce(min(raw), ''), min(file_name) "
            f"FROM {_parquet([rows])} GROUP BY ALL"
        ).fetchall()
        aside = [
            SetAside(reason, count, raw, file)
            for reason, count, raw, file in found
            if reason not in {"", "no_value"}
        ]
        no_value = sum(item[1] for item in found if item[0] == "no_value")
        return sum(item[1] for item in found), no_value, aside

    def _without_doubles(self, rows: Path, staging: Path) -> tuple[Path, list[SetAside]]:
        """One row per object version: names brought together, of equal ones the newest."""
        believed = f"(SELECT *, hash({_FORM}, name) AS place FROM {_parquet([rows])} WHERE reason IS NULL)"
        self._connection.execute(
            "CREATE OR REPLACE TEMPORARY TABLE label_doubles AS SELECT place FROM "
            f"{believed} GROUP BY place HAVING count(*) > 1"
        )
        ranked = (
            "SELECT *, row_number() OVER newest AS rank, first_value(tags::VARCHAR) OVER newest AS chosen FROM "
            f"{believed} WHERE place IN (SELECT place FROM label_doubles) "
            "WINDOW newest AS (PARTITION BY place ORDER BY labelled_at DESC NULLS LAST, tags::VARCHAR)"
        )
        found = self._connection.execute(
            "SELECT CASE WHEN tags::VARCHAR = chosen THEN 'duplicate_row' ELSE 'contradicts_itself' END AS reason, "
            f"count(*), left(min(key), 200), min(file_name) FROM ({ranked}) WHERE rank > 1 GROUP BY reason"
        ).fetchall()
        is_named = self._connection.execute(f"SELECT bool_or(name <> '') FROM {_parquet([rows])}").fetchone()
        columns = f"{_FORM}, name, tags, labelled_at"
        single = f"SELECT {columns} FROM {believed} WHERE place NOT IN (SELECT place FROM label_doubles)"
        whole = f"({single}) UNION ALL (SELECT {columns} FROM ({ranked}) WHERE rank = 1)" if found else single
        if is_named == (True,):
            whole = (
                f"SELECT {_FORM}, map_from_entries(list_sort(flatten(list(map_entries(tags))))) AS tags, "
                f"max(labelled_at) AS labelled_at FROM ({whole}) GROUP BY {_FORM}"
            )
        target = staging / "single.parquet"
        self._copy(whole, target)
        return target, [SetAside(*item) for item in found]

    def _forget_rejects(self) -> None:
        for name in ("reject_errors", "reject_scans"):
            self._connection.execute(f"DROP TABLE IF EXISTS temp.{name}")

    def _rejected(self, files: Iterable[LabelFile]) -> list[SetAside]:
        """Lines of text that DuckDB could not take apart, each once."""
        names = {str(file.path): file.locator for file in files}
        with contextlib.suppress(duckdb.CatalogException):  # nothing was text
            found = self._connection.execute(
                "SELECT error_type::VARCHAR, count(*), min(left(csv_line, 200)), min(file_path), min(line) FROM ("
                "SELECT * FROM reject_errors JOIN reject_scans USING (scan_id, file_id) "
                "QUALIFY row_number() OVER (PARTITION BY scan_id, file_id, line ORDER BY error_type) = 1) GROUP BY ALL"
            ).fetchall()
            return [
                SetAside(_REJECTS.get(kind, "not_readable"), count, line or "", names.get(path, ""), number)
                for kind, count, line, path, number in found
            ]
        return []

    def _meets(self, fresh: str, old: list[Path]) -> bool:
        """Whether a newly read object version was read before."""
        if not old:
            return False
        both = (
            f"SELECT 1 FROM {_parquet(old)} AS known WHERE hash(known.object_hash, known.version_hash) IN (SELECT "
            "hash(hash(source_bucket, key), CASE WHEN version_id = '' THEN 0::UBIGINT ELSE hash(version_id) END) "
            f"FROM ({fresh})) LIMIT 1"
        )
        return self._connection.execute(both).fetchone() is not None

    def _is_unique(self, paths: list[Path]) -> bool:
        row = self._connection.execute(
            f"SELECT 1 FROM {_parquet(paths)} GROUP BY object_hash HAVING count(*) > 1 LIMIT 1"
        ).fetchone()
        return row is None

    def _copy(self, statement: str, target: Path) -> None:
        self._connection.execute(
            f"COPY ({statement}) TO {quoted(str(target))} (FORMAT parquet, COMPRESSION snappy, PARQUET_VERSION v2)"
        )


def store_fingerprint(settings: Settings) -> str:
    """Digest of what a source's files depend on besides the source: the grammar, the classes, the hashes."""
    known = settings.model_dump(mode="json", include={"naming", "device"})
    parts = [STORE_VERSION, duckdb.__version__, known, sorted(settings.labels.allowed)]
    text = json.dumps(parts, sort_keys=True) + folder_queries("facts")["facts.objects"].sql
    return hashlib.sha256(text.encode()).hexdigest()


def _merged(items: Iterable[SetAside]) -> tuple[SetAside, ...]:
    """One item per reason and file, with the first sample."""
    found: dict[tuple[str, str], SetAside] = {}
    for item in items:
        before = found.get((item.reason, item.file_name))
        found[item.reason, item.file_name] = (
            replace(before, row_count=before.row_count + item.row_count) if before else item
        )
    return tuple(sorted(found.values(), key=lambda item: (-item.row_count, item.reason)))


def _newest(rows: str) -> str:
    return (
        f"SELECT {_FORM}, tags, labelled_at FROM ({rows}) QUALIFY row_number() OVER "
        "(PARTITION BY source_bucket, key, version_id ORDER BY labelled_at DESC NULLS LAST) = 1"
    )


def _parquet(paths: Sequence[Path]) -> str:
    listed = ", ".join(quoted(str(path)) for path in paths)
    return f"read_parquet([{listed}], hive_partitioning = false)"
