"""The labels of each source on disk: checked row by row, one row per object version, replaced as a whole."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from dashboard.domain.label_files import Fetched, LabelFile, SetAside
from dashboard.errors import DashboardError, ExitCode
from dashboard.settings import Settings
from dashboard.settings.labels import CocoLabels, LabelSource
from dashboard.warehouse import label_records as records
from dashboard.warehouse.label_coco import coco_to_lines
from dashboard.warehouse.label_records import LabelRecord
from dashboard.warehouse.label_rows import TITLE, select
from dashboard.warehouse.label_shapes import shape_of
from dashboard.warehouse.label_writer import FORM, LabelWriter, parquet_files
from dashboard.warehouse.literals import quoted

MOST_PARTS = 20
SAMPLES = 20
_REJECTS = {
    "INVALID ENCODING": "not_utf8",
    "MISSING COLUMNS": "wrong_column_count",
    "TOO MANY COLUMNS": "wrong_column_count",
    "UNQUOTED VALUE": "quote_open",
    "LINE SIZE OVER MAXIMUM": "line_too_long",
}


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
        self._warehouse = settings.warehouse.folder
        self._writer = LabelWriter(connection, settings, see)
        buckets = {location.source_bucket for location in settings.inventory}
        self._only_bucket = buckets.pop() if len(buckets) == 1 else ""

    def take(self, source: LabelSource, fetched: Fetched, now: datetime, staging: Path) -> LabelRecord:
        """Replace a source's labels by what was fetched.

        Raises:
            DashboardError: SCHEMA_MISMATCH, FILE_DAMAGED, TOO_LARGE: not a row of it can be understood, or nobody
                can tell how many could not.
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
            selects.append(select(shape_of(self._connection, source, file, self._only_bucket), file))
        self._forget_rejects()
        self._writer.copy(" UNION ALL ".join(f"({item})" for item in selects), rows)
        rejected = self._rejected(fetched.files)
        self._refuse_open_quotes(fetched.files, rows, rejected)
        aside += rejected
        row_count, no_value_count, found = self._judged(rows)
        rows, doubled = self._without_doubles(rows, staging)
        everything = _merged([*aside, *found, *doubled])
        kept, more = self._writer.file(source, rows)
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
            "map_from_entries(list_sort(list_filter(map_entries(tags), lambda e: coalesce(e.value, '') <> ''))) "
            f"AS tags, read_at::TIMESTAMP AS labelled_at, true AS is_fresh FROM read_json([{listed}], columns = {{"
            "source_bucket: 'VARCHAR', "
            "key: 'VARCHAR', version_id: 'VARCHAR', e_tag: 'VARCHAR', tags: 'MAP(VARCHAR, VARCHAR)', "
            "read_at: 'VARCHAR'}, format = 'newline_delimited', ignore_errors = true, hive_partitioning = false) "
            "WHERE key IS NOT NULL AND tags IS NOT NULL"
        )
        old = self._paths(source, record.files)
        is_whole = len(old) < MOST_PARTS and not self._meets(fresh, old)
        if is_whole:
            rows, kept_files = _newest(fresh), record.files
        else:
            whole = f"SELECT {FORM}, tags, labelled_at, false AS is_fresh FROM {parquet_files(old)}"
            rows, kept_files = _newest(f"({fresh}) UNION ALL ({whole})"), ()
        made, more = self._writer.select(source, rows)
        if kept_files:
            more["label_count"] += record.label_count
            more["is_unique"] = self._writer.is_unique([*old, *self._paths(source, made)])
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
        if not record.files or record.fingerprint == self._writer.fingerprint:
            return record
        old = self._paths(source, record.files)
        kept, more = self._writer.select(
            source, f"SELECT {FORM}, tags, labelled_at FROM {parquet_files(old)}"
        )
        record = replace(record, files=kept, **more)
        records.write_record(self._warehouse, source, record)
        return record

    def _paths(self, source: LabelSource, files: Iterable[str]) -> list[Path]:
        folder = records.label_folder(self._warehouse, source.id)
        return [folder / name for name in files if name.startswith("labels-")]

    def _judged(self, rows: Path) -> tuple[int, int, list[SetAside]]:
        """Rows, rows that say nothing, and what is kept out, by reason."""
        found = self._connection.execute(
            "SELECT coalesce(reason, ''), count(*), coalesce(min(raw), ''), min(file_name) "
            f"FROM {parquet_files([rows])} GROUP BY ALL"
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
        believed = (
            f"(SELECT *, hash({FORM}, name) AS place FROM {parquet_files([rows])} WHERE reason IS NULL)"
        )
        self._connection.execute(
            "CREATE OR REPLACE TEMPORARY TABLE label_doubles AS SELECT place FROM "
            f"{believed} GROUP BY place HAVING count(*) > 1"
        )
        counted = self._connection.execute("SELECT count(*) FROM label_doubles").fetchone()
        is_named = self._connection.execute(
            f"SELECT bool_or(name <> '') FROM {parquet_files([rows])}"
        ).fetchone()
        if counted == (0,) and is_named != (True,):
            return rows, []
        ranked = (
            "SELECT *, row_number() OVER newest AS rank, first_value(tags::VARCHAR) OVER newest AS chosen FROM "
            f"{believed} WHERE place IN (SELECT place FROM label_doubles) "
            "WINDOW newest AS (PARTITION BY place ORDER BY labelled_at DESC NULLS LAST, tags::VARCHAR)"
        )
        found = self._connection.execute(
            "SELECT CASE WHEN tags::VARCHAR = chosen THEN 'duplicate_row' ELSE 'contradicts_itself' END AS fault, "
            f"count(*), left(min(key), 200), min(file_name) FROM ({ranked}) WHERE rank > 1 GROUP BY fault"
        ).fetchall()
        columns = f"{FORM}, name, tags, labelled_at"
        whole = (
            f"(SELECT {columns} FROM {believed} WHERE place NOT IN (SELECT place FROM label_doubles)) "
            f"UNION ALL (SELECT {columns} FROM ({ranked}) WHERE rank = 1)"
        )
        if is_named == (True,):
            whole = (
                f"SELECT {FORM}, map_from_entries(list_sort(flatten(list(map_entries(tags))))) AS tags, "
                f"max(labelled_at) AS labelled_at FROM ({whole}) GROUP BY {FORM}"
            )
        target = staging / "single.parquet"
        self._writer.copy(f"SELECT *, NULL::VARCHAR AS reason FROM ({whole})", target)
        return target, [SetAside(*item) for item in found]

    def _forget_rejects(self) -> None:
        for name in ("reject_errors", "reject_scans"):
            self._connection.execute(f"DROP TABLE IF EXISTS temp.{name}")

    def _rejected(self, files: Iterable[LabelFile]) -> list[SetAside]:
        """Lines of text that DuckDB could not take apart, each once."""
        names = {str(file.path): file.locator for file in files}
        with contextlib.suppress(duckdb.CatalogException):  # nothing was text
            found = self._connection.execute(
                "SELECT error_type::VARCHAR, count(*), min(left(trim(csv_line, chr(10) || chr(13)), 200)), "
                "min(file_path), min(line) FROM ("
                "SELECT * FROM reject_errors JOIN reject_scans USING (scan_id, file_id) "
                "QUALIFY row_number() OVER (PARTITION BY scan_id, file_id, line ORDER BY error_type) = 1) GROUP BY ALL"
            ).fetchall()
            return [
                SetAside(_REJECTS.get(kind, "not_readable"), count, line or "", names.get(path, ""), number)
                for kind, count, line, path, number in found
            ]
        return []

    def _refuse_open_quotes(
        self, files: Iterable[LabelFile], rows: Path, rejected: Sequence[SetAside]
    ) -> None:
        """Refuse a file in which a quotation mark without an end has swallowed lines: nobody counted those."""
        for file in files:
            known = [item for item in rejected if item.file_name == file.locator]
            opened = [item.row_number for item in known if item.reason == "quote_open"]
            if not opened:
                continue
            counted = self._connection.execute(
                f"SELECT count(*) FROM {parquet_files([rows])} WHERE file_name = $name",
                {"name": file.locator},
            ).fetchone()
            assert counted is not None
            with file.path.open("rb") as stream:
                line_count = sum(1 for line in stream if line.strip())
            if line_count > 1 + counted[0] + sum(item.row_count for item in known):
                raise DashboardError(
                    ExitCode.FILE_DAMAGED,
                    TITLE,
                    cause="A quotation mark that line {line} opens has no end, and rows behind it cannot be told apart",
                    next_step="Mend that line and write the file again",
                    locator=file.locator,
                    line=min(opened),
                )

    def _meets(self, fresh: str, old: list[Path]) -> bool:
        """Whether a newly read object version was read before."""
        if not old:
            return False
        both = (
            f"SELECT 1 FROM {parquet_files(old)} AS known WHERE hash(known.object_hash, known.version_hash) IN (SELECT "
            "hash(hash(source_bucket, key), CASE WHEN version_id = '' THEN 0::UBIGINT ELSE hash(version_id) END) "
            f"FROM ({fresh})) LIMIT 1"
        )
        return self._connection.execute(both).fetchone() is not None


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
    """One reading per object version: the latest; of one moment, that of this run."""
    return (
        f"SELECT {FORM}, tags, labelled_at FROM ({rows}) QUALIFY row_number() OVER "
        "(PARTITION BY source_bucket, key, version_id ORDER BY labelled_at DESC NULLS LAST, is_fresh DESC) = 1"
    )
