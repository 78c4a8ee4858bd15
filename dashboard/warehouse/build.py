"""Build a snapshot beside the published one: staging views, facts, marts, alerts, checks, in one new file.

A snapshot is a function of the stored reports, bills, tags and live looks, of the settings and of the snapshot before
it (for history only). Which query becomes a view and which a table follows from its folder; the order follows from the
tables each query reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from dashboard.domain.manifest import ReportId
from dashboard.settings import Settings
from dashboard.settings.labels import ObjectTagLabels
from dashboard.warehouse import (
    billing_macros,
    cells,
    cost_exports,
    findings,
    label_load,
    label_targets,
    macros,
    same_content,
    savings,
    stems,
)
from dashboard.warehouse.convert import Part
from dashboard.warehouse.engine import explain, open_builder
from dashboard.warehouse.grammar import grammar_version
from dashboard.warehouse.label_store import LabelStore
from dashboard.warehouse.query import folder_queries
from dashboard.warehouse.raw import RAW_TABLES, load_holidays, load_raw_files, load_settings_rows
from dashboard.warehouse.relations import NOTHING, Listing, believed_rows, overlap, projection
from dashboard.warehouse.reports import StoredReport, report_folder
from dashboard.warehouse.tables import Tables

SCHEMA_VERSION = 8
_VIEWS = ("facts.stemmed", "facts.objects")
_HISTORY = "facts.history"
_ONCE = "checks.object_is_listed_once"
_SCHEMAS = ("raw", "staging", "facts", "marts", "alerts", "meta")


class SnapshotBuild:
    """One new snapshot file while it is being built."""

    def __init__(self, file: Path, settings: Settings, *, latest_at: datetime) -> None:
        """Open the file and create everything that does not depend on a report.

        Args:
            file: a path never used before.
            latest_at: time of the newest report; no image in it can have been taken a day later.
        """
        self.file = file
        self._settings = settings
        self._warehouse = settings.warehouse.folder
        self._current: dict[str, list[Listing]] = {}
        self._report_count = 0
        self.connection = open_builder(
            file,
            self._warehouse,
            memory_limit=settings.warehouse.memory_limit,
            threads=settings.warehouse.threads,
        )
        for schema in _SCHEMAS:
            self.connection.execute(f"CREATE SCHEMA {schema}")
        for name, columns in RAW_TABLES.items():
            self.connection.execute(f"CREATE TABLE raw.{name} ({columns})")
        latest_day = (latest_at + timedelta(days=1)).date()
        macros.create_settings_macros(self.connection, settings, latest_day)
        billing_macros.create_macros(self.connection, latest_at)
        load_settings_rows(self.connection, settings)
        load_holidays(self.connection, settings.archive.holidays, latest_at.year + 1)
        label_load.create_empty(self.connection, settings.labels)
        self._see([])
        facts = folder_queries("facts")
        for query in (*folder_queries("staging").values(), *(facts[name] for name in _VIEWS)):
            self.connection.execute(f"CREATE VIEW {query.name} AS {query.sql}")
        grammars = [device.grammar for device in settings.device]
        self._cells = cells.Cells(
            self.connection,
            self._see,
            load_stems=lambda: stems.load_stems(self.connection, grammars, latest_day),
        )
        self._tables = Tables(
            self.connection,
            {"is_configured": bool(settings.labels.source)},
            threads=settings.warehouse.threads,
        )
        self.labels = LabelStore(self.connection, settings, self._see)

    def next_report_no(self) -> int:
        """A number for the next report to be loaded."""
        self._report_count += 1
        return self._report_count

    def load_part(
        self, report_no: int, folder: Path, part: Part, *, source_bucket: str, is_current: bool = True
    ) -> None:
        """Count one Parquet part, at once or together with the next ones, in a single pass over the keys.

        What an earlier current report of the bucket lists too is left out; a report for the history stands alone.

        Raises:
            duckdb.Error: the part cannot be read; what was counted of the report must be discarded.
        """
        listing = Listing(report_no, self._relative(folder), source_bucket, (part,))
        earlier = self._current.get(source_bucket, ()) if is_current else ()
        self._cells.add(listing, earlier)

    def keep(self, report_no: int, report: StoredReport, *, is_current: bool) -> None:
        """Register a report whose parts are all loaded.

        Raises:
            duckdb.Error: a part cannot be read; what was counted of the report must be discarded.
            DashboardError: DUPLICATE_ROWS; the same.
        """
        report_id = report.report_id
        folder = report_folder(self._warehouse, report_id)
        listing = Listing(report_no, self._relative(folder), report_id.source_bucket, report.parts)
        earlier = self._current.setdefault(report_id.source_bucket, []) if is_current else []
        is_repeated = self._cells.finish(listing, earlier)
        self.connection.execute(
            "INSERT INTO raw.reports VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                report_no,
                report_id.source_bucket,
                report_id.config_id,
                report_id.report_at.replace(tzinfo=None),
                report.format,
                report.row_count,
                report.size_bytes,
                report.latest_count if report.has_versions else report.row_count - report.quarantined_count,
                report.delete_marker_count,
                report.quarantined_count,
                report.file_count,
                is_current,
                report.has_versions,
                list(report.columns),
                report.location,
                report.loaded_at.replace(tzinfo=None),
            ],
        )
        if is_repeated:
            findings.run_check(self.connection, folder_queries("checks")[_ONCE], report.location)
        if not is_current:
            self._cells.forget_fingerprints(report_no)
            return
        doubled = overlap(self.connection, listing, earlier)
        self.connection.execute("INSERT INTO raw.overlaps VALUES (?, ?, ?)", [report_no, *doubled])
        earlier.append(listing)
        for part in report.parts:
            path = listing.path(part)
            self.connection.execute("INSERT INTO raw.parts VALUES (?, ?)", [report_no, path])
            if part.quarantined_count:
                select = projection(self.connection, listing, part)
                self.connection.execute(
                    "INSERT INTO raw.quarantine SELECT report_no, raw_key, quarantine_reason, $name "
                    f"FROM ({select} FROM read_parquet($path, hive_partitioning = false)) "
                    "WHERE quarantine_reason IS NOT NULL",
                    {"path": path, "name": part.name},
                )

    def is_overlapping(self, report_id: ReportId) -> bool:
        """Whether a current report lists objects that one kept before it lists too."""
        found = self.connection.execute(
            "SELECT 1 FROM raw.overlaps AS doubled JOIN raw.reports USING (report_no) "
            "WHERE source_bucket = ? AND config_id = ? AND is_current AND doubled.row_count > 0",
            [report_id.source_bucket, report_id.config_id],
        )
        return found.fetchone() is not None

    def discard(self, report_no: int) -> None:
        """Forget what was counted of a report that turned out not to be trustworthy."""
        self._cells.discard(report_no)
        self.connection.execute("DELETE FROM raw.reports WHERE report_no = ?", [report_no])

    def read_files(self) -> None:
        """Load bills, the bill's export if one is set, live looks and the ledger of paid requests."""
        load_raw_files(self.connection, self._warehouse)
        if self._settings.costs.export is not None:
            cost_exports.load(self.connection, self._warehouse)

    def take_history(self, previous: Path) -> set[ReportId]:
        """Carry the history over from the snapshot before this one; returns the reports it knows.

        Raises:
            duckdb.Error: that snapshot cannot be read.
        """
        self.connection.execute(
            f"ATTACH '{str(previous).replace(chr(39), chr(39) * 2)}' AS previous (READ_ONLY)"
        )
        try:
            self.connection.execute("INSERT INTO raw.history BY NAME SELECT * FROM previous.facts.history")
        finally:
            self.connection.execute("DETACH previous")
        rows = self.connection.execute(
            "SELECT DISTINCT source_bucket, config_id, report_at FROM raw.history"
        ).fetchall()
        return {ReportId(bucket, config, at.replace(tzinfo=UTC)) for bucket, config, at in rows}

    def show_current(self) -> None:
        """Let staging.objects hold every current report, as it stays in the published snapshot."""
        self._see(self._current_rows())

    def _current_rows(self) -> list[str]:
        return [
            believed_rows(self.connection, listing, listings[:position])
            for listings in self._current.values()
            for position, listing in enumerate(listings)
        ]

    def load_labels(self) -> None:
        """Let the queries see the label sources as they are on disk now.

        Raises:
            duckdb.Error: a label file cannot be read.
        """
        label_load.load_labels(self.connection, self._settings)

    def unread_label_targets(self, source: ObjectTagLabels) -> tuple[list[tuple[str, str, str, str]], int]:
        """Current images whose tags a source never read in their present form, as many as one run may read.

        Returns:
            Bucket, key, version id and ETag of each, and how many there are in all.
        """
        source_no = [item.id for item in self._settings.labels.source].index(source.id)
        found = label_targets.unread(self.connection, source, source_no, self._current_rows(), self._see)
        self.show_current()
        return found

    def finish(self, *, snapshot_id: str, fingerprint: str, now: datetime) -> None:
        """Build facts, marts and alerts, run every check and close the file.

        Raises:
            DashboardError: CHECK_FAILED or the code of the check, with what was expected and found.
        """
        try:
            self._make_tables()
            self.connection.execute(
                "CREATE TABLE meta.snapshot AS SELECT $id AS snapshot_id, $now::TIMESTAMP AS built_at, "
                "(SELECT max(report_at) FROM raw.reports WHERE is_current) AS report_at, "
                "(SELECT min(report_at) FROM raw.reports WHERE is_current) AS oldest_report_at, "
                "$version::INTEGER AS schema_version, $zone AS timezone, $demo AS is_demo, "
                "$fingerprint AS fingerprint, $grammar AS grammar_version",
                {
                    "id": snapshot_id,
                    "now": now.replace(tzinfo=None),
                    "version": SCHEMA_VERSION,
                    "zone": self._settings.archive.timezone,
                    "demo": self._settings.archive.is_demo,
                    "fingerprint": fingerprint,
                    "grammar": grammar_version(self._settings),
                },
            )
            findings.run_checks(self.connection, but=_ONCE)  # which is done for each report by itself
            self._tables.drop_scaffolds()
            self._cells.drop()
            self.connection.execute("CHECKPOINT")
        except duckdb.Error as error:
            raise explain(error, str(self.file.name)) from error
        finally:
            self.connection.close()

    def _make_tables(self) -> None:
        facts, marts, alerts = map(folder_queries, ("facts", "marts", "alerts"))
        wanted = {**facts, **marts, **alerts, **findings.queries(), **savings.queries()}
        for other in (_HISTORY, *_VIEWS, *cells.SCAFFOLDING):
            del wanted[other]
        self._tables.create(facts[_HISTORY])
        self._cells.keep_current()
        findings.load_rules(self.connection, self._settings.findings.severity)
        savings.load_kinds(self.connection)

        def seek_same_content() -> None:
            same_content.create(self._tables, self.connection, self._current_rows(), self._see)

        self._tables.create_all(wanted.values(), by_hand={same_content.NAME: seek_same_content})

    def _relative(self, folder: Path) -> str:
        return folder.relative_to(self._warehouse).as_posix()

    def _see(self, relations: Sequence[str]) -> None:
        body = " UNION ALL ".join(f"({relation})" for relation in relations) or NOTHING
        self.connection.execute(f"CREATE OR REPLACE VIEW raw.objects AS {body}")
