"""Trusted reports on disk: one folder per report, complete once its report.json stands there."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from dashboard.domain.manifest import ReportId, TrustedManifest
from dashboard.warehouse import convert
from dashboard.warehouse.convert import Part
from dashboard.warehouse.engine import explain

RECORD = "report.json"


@dataclass(frozen=True)
class StoredReport:
    """One trusted report, as its folder has it."""

    report_id: ReportId
    format: str
    columns: tuple[str, ...]
    parts: tuple[Part, ...]
    file_count: int
    location: str
    plus_is_space: bool
    loaded_at: datetime

    @property
    def row_count(self) -> int:
        return sum(part.row_count for part in self.parts)

    @property
    def size_bytes(self) -> int:
        return sum(part.size_bytes for part in self.parts)

    @property
    def latest_count(self) -> int:
        return sum(part.latest_count for part in self.parts)

    @property
    def delete_marker_count(self) -> int:
        return sum(part.delete_marker_count for part in self.parts)

    @property
    def quarantined_count(self) -> int:
        return sum(part.quarantined_count for part in self.parts)

    @property
    def believed_count(self) -> int:
        return self.row_count - self.quarantined_count

    @property
    def has_versions(self) -> bool:
        return "is_latest" in self.columns


def report_folder(warehouse: Path, report_id: ReportId) -> Path:
    """Where a report lies; every part of the path was checked when the settings and the listing were read."""
    return (
        warehouse
        / "reports"
        / report_id.source_bucket
        / report_id.config_id
        / report_id.report_at.strftime("%Y-%m-%dT%H-%MZ")
    )


def load(warehouse: Path, report_id: ReportId) -> StoredReport | None:
    """The stored report, or None if it is not (or not wholly) here."""
    folder = report_folder(warehouse, report_id)
    try:
        data = json.loads((folder / RECORD).read_text("utf-8"))
        parts = tuple(Part(**part) for part in data["parts"])
        if not all((folder / part.name).is_file() for part in parts):
            return None
        return StoredReport(
            report_id=report_id,
            format=data["format"],
            columns=tuple(data["columns"]),
            parts=parts,
            file_count=data["file_count"],
            location=data["location"],
            plus_is_space=data["plus_is_space"],
            loaded_at=datetime.fromisoformat(data["loaded_at"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def stored(warehouse: Path, source_bucket: str, config_id: str) -> list[StoredReport]:
    """Every stored report of one inventory configuration, newest first."""
    found = []
    for folder in sorted((warehouse / "reports" / source_bucket / config_id).glob("*Z"), reverse=True):
        try:
            at = datetime.strptime(folder.name, "%Y-%m-%dT%H-%MZ").replace(tzinfo=UTC)
        except ValueError:
            continue
        report = load(warehouse, ReportId(source_bucket, config_id, at))
        if report is not None:
            found.append(report)
    return found


def forget(warehouse: Path, report_id: ReportId) -> None:
    """Let a stored report count as not stored, so that it is fetched again."""
    (report_folder(warehouse, report_id) / RECORD).unlink(missing_ok=True)


class ReportWriter:
    """Takes the verified files of one report and leaves a stored report, or nothing."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        warehouse: Path,
        manifest: TrustedManifest,
        location: str,
        *,
        is_careful: bool = False,
    ) -> None:
        """Begin a report anew.

        Args:
            is_careful: write Parquet files anew as well, with the keys that are no UTF-8 kept apart.
        """
        self._is_careful = is_careful
        self._connection = connection
        self._manifest = manifest
        self._location = location
        self._source_bucket = manifest.report_id.source_bucket
        self._names = [column.name for column in manifest.columns]
        self.folder = report_folder(warehouse, manifest.report_id)
        self._parts: list[Part] = []
        self._csv: list[Path] = []
        self._has_plus = self._has_percent_20 = False
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)

    def add(self, path: Path, *, has_plus: bool, has_percent_20: bool) -> Part | None:
        """Take one verified file; the Parquet part it became, or None if it waits for the others.

        Only a CSV file with a plus in it waits: what that means shows when all files of the report are there.

        Raises:
            DashboardError: SCHEMA_MISMATCH, FILE_DAMAGED, TOO_LARGE, NO_ROWS.
            duckdb.Error: `is_encoding_fault`; begin again with `is_careful`.
        """
        if self._manifest.format == "CSV":
            self._has_plus |= has_plus
            self._has_percent_20 |= has_percent_20
            if not has_plus:
                return self._from_csv([path], plus_is_space=False)
            self._csv.append(path)
            return None
        target = self.folder / f"part-{len(self._parts):04d}.parquet"
        if self._manifest.format == "ORC" or self._is_careful:
            from dashboard.warehouse import arrow

            if self._manifest.format == "ORC":
                batches = arrow.orc_batches(path, self._names, self._location)
            else:
                batches = arrow.parquet_batches(path, self._location)
            arrow.arrow_to_parquet(batches, target, source_bucket=self._source_bucket, locator=self._location)
            return self._measured(target, has_reason=True)
        convert.check_parquet(self._connection, path, self._names, self._location)
        try:
            # A second name for the file: what was verified stays in staging for the next sync if this one fails.
            os.link(path, target)
        except OSError:
            shutil.copyfile(path, target)
        return self._measured(target, has_reason=False)

    def finish(self) -> Iterator[Part]:
        """Convert what waited."""
        if self._csv:
            yield self._from_csv(self._csv, plus_is_space=self.plus_is_space)

    @property
    def plus_is_space(self) -> bool:
        """Old reports write a space as '+', newer ones as %20 and a plus as itself; a report shows which it is."""
        return self._has_plus and not self._has_percent_20

    def report(self, now: datetime) -> StoredReport:
        """The report as it will be stored, for those who have to believe it first."""
        return StoredReport(
            report_id=self._manifest.report_id,
            format=self._manifest.format,
            columns=tuple(self._names),
            parts=tuple(self._parts),
            file_count=len(self._manifest.files),
            location=self._location,
            plus_is_space=self.plus_is_space,
            loaded_at=now,
        )

    def seal(self, report: StoredReport) -> None:
        """Write report.json, after which the report counts as stored."""
        data = {
            "format": report.format,
            "columns": list(report.columns),
            "parts": [part.as_dict() for part in report.parts],
            "file_count": report.file_count,
            "location": report.location,
            "plus_is_space": report.plus_is_space,
            "loaded_at": report.loaded_at.isoformat(),
        }
        draft = self.folder / f"{RECORD}.tmp"
        draft.write_text(json.dumps(data, indent=1), "utf-8")
        os.replace(draft, self.folder / RECORD)

    def discard(self) -> None:
        """Leave nothing of a report that could not be trusted."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _from_csv(self, files: list[Path], *, plus_is_space: bool) -> Part:
        target = self.folder / f"part-{len(self._parts):04d}.parquet"
        convert.csv_to_parquet(
            self._connection,
            files,
            self._names,
            target,
            source_bucket=self._source_bucket,
            plus_is_space=plus_is_space,
            locator=self._location,
        )
        return self._measured(target, has_reason=True)

    def _measured(self, path: Path, *, has_reason: bool) -> Part:
        try:
            part = convert.measure(
                self._connection,
                path,
                name=path.name,
                source_bucket=self._source_bucket,
                has_reason=has_reason,
            )
        except duckdb.Error as error:
            if is_encoding_fault(error):
                raise
            raise explain(error, self._location) from error
        self._parts.append(part)
        return part


def is_encoding_fault(error: Exception) -> bool:
    """Whether DuckDB refused a string that is no UTF-8."""
    return "utf" in str(error).lower() or "invalid string encoding" in str(error).lower()
