"""Bring the reports of every inventory location in: the newest usable one for the pages, older ones for the trend."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from dashboard.aws import inventory
from dashboard.domain.manifest import ReportId, report_at
from dashboard.domain.notes import Note
from dashboard.domain.progress import Progress, Silent
from dashboard.errors import DashboardError, ExitCode
from dashboard.settings import InventoryLocation, Settings
from dashboard.sync.outcome import SyncOutcome, no_inventory
from dashboard.sync.refusals import refuse_shrunk, refuse_unbelievable
from dashboard.warehouse import publish, reports
from dashboard.warehouse.build import SnapshotBuild
from dashboard.warehouse.engine import WAREHOUSE_ERRORS, explain
from dashboard.warehouse.reports import ReportWriter, StoredReport

_TRIES = 5
_FUTURE = timedelta(days=1)
# Faults that trying an older report cannot help.
_FINAL = {
    ExitCode.CREDENTIALS,
    ExitCode.ACCESS_DENIED,
    ExitCode.SOURCE_UNREACHABLE,
    ExitCode.DISK_FULL,
    ExitCode.READ_ONLY,
    ExitCode.OUT_OF_MEMORY,
    ExitCode.SETTINGS,
}


class ReportIntake:
    """The reports of one sync.

    Attributes:
        listed: the reports each location offers, newest first, by the location's address.
    """

    def __init__(
        self,
        settings: Settings,
        s3: Any,
        progress: Progress,
        outcome: SyncOutcome,
        *,
        accept_shrink: bool,
        now: Callable[[], datetime],
    ) -> None:
        if not settings.inventory:
            raise no_inventory()  # before anything is paid for
        self.settings = settings
        self.folder = settings.warehouse.folder
        self.progress = progress
        self.outcome = outcome
        self.listed: dict[str, list[ReportId]] = {}
        self._s3 = s3
        self._accept_shrink = accept_shrink
        self._now = now
        self._locations: list[InventoryLocation] = []

    def list_all(self) -> list[ReportId]:
        """Look what every location offers; returns the newest report of each, stored ones included."""
        for location in self.settings.inventory:
            self.listed[location.location] = self._list(location)
        self._locations = sorted(self.settings.inventory, key=self._rank)
        newest = []
        for location in self._locations:
            stored = self.stored(location)
            ids = self.listed[location.location] or [report.report_id for report in stored[:1]]
            newest += ids[:1]
        return newest

    def describe_unchanged(self) -> None:
        """Say of every location that its stored report is still the newest."""
        for location in self._locations:
            for report in self.stored(location)[:1]:
                self._describe(location, report, "unchanged")

    def bring_newest(self, build: SnapshotBuild) -> list[StoredReport]:
        """Load the newest usable report of every location into a build."""
        found = []
        for location in self._locations:
            report = self._newest_usable(location, build)
            if report is not None:
                found.append(report)
                self._clear_staging(report.report_id)
        return found

    def bring_history(self, build: SnapshotBuild, used: list[StoredReport]) -> None:
        """Count the older reports whose aggregates are not known yet, so that trends begin before the first sync."""
        known = self._known_history(build)
        newest = {(item.report_id.source_bucket, item.report_id.config_id): item.report_id for item in used}
        for location in self._locations:
            current = newest.get((location.source_bucket, location.config_id))
            # Of locations that list the same objects only the first has a history: the others would count it again.
            if current is None or build.is_overlapping(current):
                continue
            older = [item for item in self.listed[location.location] if item.report_at < current.report_at]
            wanted = [item for item in older[: location.history_reports] if item not in known]
            task = f"history {location.source_bucket}"
            self.progress.start(task, len(wanted), "reports")
            for report_id in wanted:
                try:
                    self._bring(location, report_id, build, is_current=False)
                    self.progress.advance(task, 1)
                except DashboardError as fault:
                    self.outcome.notes.append(
                        Note(
                            "{folder} of {location} is missing in the trend: {problem}",
                            folder=report_id.folder,
                            location=location.location,
                            problem=Note(fault.title_template, **fault.args_by_name),
                        )
                    )
                    if fault.code in _FINAL:
                        break
            self.progress.finish(task)

    def _known_history(self, build: SnapshotBuild) -> set[ReportId]:
        """Carry the history over from the newest snapshot that can be read."""
        for info in publish.snapshots(self.folder):
            try:
                if not publish.is_whole(self.folder, info):
                    raise OSError("its contents are not what was published")
                return build.take_history(self.folder / info.file)
            except WAREHOUSE_ERRORS as error:
                self.outcome.notes.append(
                    Note(
                        "Snapshot {snapshot} cannot give its history: {problem}",
                        snapshot=info.snapshot_id,
                        problem=str(error),
                    )
                )
        return set()

    def stored(self, location: InventoryLocation, but: ReportId | None = None) -> list[StoredReport]:
        """The location's reports on disk, newest first."""
        found = reports.stored(self.folder, location.source_bucket, location.config_id)
        return [report for report in found if report.report_id != but]

    def _clear_staging(self, used: ReportId) -> None:
        """Remove the files of older reports that were never completed; those of newer ones wait for the next sync."""
        name = f"{used.source_bucket}-{used.config_id}-"
        for path in (self.folder / "staging").glob(f"{name}*"):
            at = report_at(path.name.removeprefix(name))
            if at is not None and at < used.report_at:
                shutil.rmtree(path, ignore_errors=True)

    def note_fault(self, fault: DashboardError | None) -> None:
        """Put a fault into the outcome and before whoever watches."""
        if fault is not None:
            self.progress.note(str(self.outcome.add(fault)))

    def _list(self, location: InventoryLocation) -> list[ReportId]:
        try:
            found = inventory.list_reports(self._s3, location)
        except DashboardError as fault:
            self.note_fault(fault)
            return []
        limit = self._now() + _FUTURE
        return [report_id for report_id in found if report_id.report_at <= limit]

    def _newest_usable(self, location: InventoryLocation, build: SnapshotBuild) -> StoredReport | None:
        ids, stored = self.listed[location.location], self.stored(location)
        for report_id in ids[:_TRIES]:
            if stored and report_id.report_at <= stored[0].report_id.report_at:
                break
            try:
                report = self._bring(location, report_id, build, is_current=True)
            except DashboardError as fault:
                self.note_fault(fault)
                if fault.code in _FINAL:
                    break
                continue
            self._describe(location, report, "loaded")
            return report
        if not stored:
            self.outcome.sources.append({"location": location.location, "status": "missing"})
            return None
        if not self._load_stored(stored[0], build):
            return self._newest_usable(location, build)
        is_newest = not ids or ids[0] == stored[0].report_id
        self._describe(location, stored[0], "unchanged" if is_newest else "kept")
        return stored[0]

    def _bring(
        self,
        location: InventoryLocation,
        report_id: ReportId,
        build: SnapshotBuild,
        *,
        is_current: bool,
        is_careful: bool = False,
    ) -> StoredReport:
        """Fetch, verify, convert and count one report; each file is counted while the next ones are on their way."""
        manifest = inventory.fetch_manifest(self._s3, location, report_id)
        growth = 16 if manifest.format == "CSV" else 2
        publish.free_space(self.folder, growth * sum(item.size_bytes for item in manifest.files))
        where = f"s3://{location.destination_bucket}/{location.root}{report_id.folder}/"
        staging = (
            self.folder / "staging" / f"{location.source_bucket}-{location.config_id}-{report_id.folder}"
        )
        staging.mkdir(parents=True, exist_ok=True)
        writer = ReportWriter(build.connection, self.folder, manifest, where, is_careful=is_careful)
        report_no = build.next_report_no()
        load = partial(
            build.load_part,
            report_no,
            writer.folder,
            source_bucket=location.source_bucket,
            is_current=is_current,
        )
        # The history is one step of the sync, however many reports it has.
        progress = self.progress if is_current else Silent()
        try:
            for file in inventory.fetch_files(self._s3, location, manifest, staging, progress):
                part = writer.add(file.path, has_plus=file.has_plus, has_percent_20=file.has_percent_20)
                if part is not None:
                    load(part)
            for part in writer.finish():
                load(part)
            report = writer.report(self._now())
            refuse_unbelievable(report, where)
            if is_current and not self._accept_shrink:
                refuse_shrunk(report, next(iter(self.stored(location, report_id)), None), where)
            build.keep(report_no, report, is_current=is_current)
            writer.seal(report)
        except DashboardError:
            writer.discard()
            build.discard(report_no)
            raise
        except WAREHOUSE_ERRORS as error:
            writer.discard()
            build.discard(report_no)
            if reports.is_encoding_fault(error) and not is_careful:
                return self._bring(location, report_id, build, is_current=is_current, is_careful=True)
            raise explain(error, where) from error
        shutil.rmtree(staging, ignore_errors=True)
        return report

    def _load_stored(self, report: StoredReport, build: SnapshotBuild) -> bool:
        """Count a report that is on disk; if it was damaged there, forget it and return False."""
        report_no = build.next_report_no()
        folder = reports.report_folder(self.folder, report.report_id)
        try:
            for part in report.parts:
                build.load_part(report_no, folder, part, source_bucket=report.report_id.source_bucket)
            build.keep(report_no, report, is_current=True)
        except WAREHOUSE_ERRORS as error:
            build.discard(report_no)
            fault = explain(error, folder.relative_to(self.folder).as_posix())
            if fault.code is not ExitCode.FILE_DAMAGED:
                raise fault from error
            self.outcome.notes.append(
                Note(
                    "{file} was damaged on this disk and is fetched again: {problem}",
                    file=fault.locator,
                    problem=Note(fault.cause_template, **fault.args_by_name),
                )
            )
            reports.forget(self.folder, report.report_id)
            return False
        return True

    def _describe(self, location: InventoryLocation, report: StoredReport, status: str) -> None:
        self.outcome.sources.append(
            {
                "location": location.location,
                "status": status,
                "report_at": report.report_id.report_at.isoformat(),
                "format": report.format,
                "row_count": report.row_count,
                "size_bytes": report.size_bytes,
                "quarantined_count": report.quarantined_count,
            }
        )

    def _rank(self, location: InventoryLocation) -> tuple[str, bool]:
        """Where two locations cover one bucket, the one that lists versions is counted first: it is complete."""
        rivals = [item for item in self.settings.inventory if item.source_bucket == location.source_bucket]
        if len(rivals) == 1:
            return location.source_bucket, False
        for report_id in self.listed[location.location][:1]:
            try:
                manifest = inventory.fetch_manifest(self._s3, location, report_id)
                return location.source_bucket, not manifest.has_versions
            except DashboardError:
                break  # said again, with its reason, when the report is brought in
        return location.source_bucket, not any(report.has_versions for report in self.stored(location)[:1])
