"""Bring data in: live looks and costs, then reports, then one new snapshot, checked before anybody sees it.

Whatever goes wrong with one source is a fault in the outcome, and the last good data of that source is used. Only a
snapshot that passes every check is published; until then the pages go on showing the one before.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from dashboard.aws.costs import sync_costs
from dashboard.aws.ledger import Ledger
from dashboard.aws.sessions import client
from dashboard.domain.manifest import ReportId
from dashboard.domain.notes import Note
from dashboard.domain.progress import Progress
from dashboard.errors import DashboardError
from dashboard.settings import Settings
from dashboard.settings.fingerprint import settings_fingerprint
from dashboard.sync.exports import bring_exports, note_rates
from dashboard.sync.intake import ReportIntake
from dashboard.sync.labels import LabelIntake
from dashboard.sync.live import look, look_ahead
from dashboard.sync.outcome import SyncOutcome, interrupted, nothing_listed, unforeseen
from dashboard.warehouse import publish, reports
from dashboard.warehouse.build import SCHEMA_VERSION, SnapshotBuild
from dashboard.warehouse.cost_exports import statements
from dashboard.warehouse.engine import WAREHOUSE_ERRORS, explain
from dashboard.warehouse.judge import check_examples
from dashboard.warehouse.masking import Masker
from dashboard.warehouse.publish import SnapshotInfo
from dashboard.warehouse.query import query_fingerprint
from dashboard.warehouse.raw import raw_files, set_aside_damaged, without_asking_time
from dashboard.warehouse.read import LAST_SYNC
from dashboard.warehouse.reports import StoredReport


def sync(
    settings: Settings,
    progress: Progress,
    *,
    force: bool = False,
    accept_shrink: bool = False,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> SyncOutcome:
    """Run one sync; faults are in the outcome.

    Args:
        force: ask again for what is fresh or closed, and build even if nothing changed.
        accept_shrink: believe a report that holds far fewer objects than the one before it.

    Raises:
        DashboardError: SYNC_RUNNING or READ_ONLY, when there is nothing to write an outcome to.
        KeyboardInterrupt: passed on after everything unfinished is removed.
    """
    folder = settings.warehouse.folder
    with publish.sync_lock(folder):
        outcome = SyncOutcome(started_at=now(), mask=Masker(settings, "patient").text)

        def stopped(fault: DashboardError) -> None:
            progress.note(str(outcome.add(fault, is_first=True)))

        try:
            publish.clean_leftovers(folder)
            _Sync(settings, progress, outcome, force=force, accept_shrink=accept_shrink, now=now).run()
        except DashboardError as fault:
            stopped(fault)
        except WAREHOUSE_ERRORS as error:
            stopped(explain(error, str(folder)))
        except KeyboardInterrupt:
            outcome.add(interrupted(folder), is_first=True)
            raise
        except Exception as error:  # nobody foresaw it; the pages must hear of it all the same
            stopped(unforeseen(error))
        finally:
            outcome.finished_at = now()
            _leave(folder, outcome)
        return outcome


class _Sync:
    """The steps of one sync, under the lock."""

    def __init__(
        self,
        settings: Settings,
        progress: Progress,
        outcome: SyncOutcome,
        *,
        force: bool,
        accept_shrink: bool,
        now: Callable[[], datetime],
    ) -> None:
        self.settings = settings
        self.progress = progress
        self.outcome = outcome
        self.force = force
        self.now = now
        self.folder = settings.warehouse.folder
        self.s3 = client(settings.aws, "s3")
        self.intake = ReportIntake(settings, self.s3, progress, outcome, accept_shrink=accept_shrink, now=now)
        self.labels = LabelIntake(settings, self.s3, progress, outcome, self.intake.note_fault, now)
        self.previous = publish.current(self.folder)

    @contextlib.contextmanager
    def _timed(self, phase: str) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        finally:
            self.outcome.seconds[phase] = time.monotonic() - started

    def run(self) -> None:
        # Before anything is asked for or paid: a grammar that does not hold would spoil the whole snapshot.
        check_examples(self.settings)
        for path in set_aside_damaged(self.folder):
            self.outcome.notes.append(
                Note("{file} is damaged and was set aside; what it held is asked for again", file=path.name)
            )
        with self._timed("live looks"):
            look(
                self.settings,
                self.s3,
                lambda service: client(self.settings.aws, service),
                self.progress,
                self.now(),
                self.intake.note_fault,
            )
        with self._timed("costs"):
            self._costs()
            self.outcome.paid_request_count += look_ahead(
                self.settings,
                lambda service: client(self.settings.aws, service),
                self.now(),
                self.intake.note_fault,
                made=self.outcome.paid_request_count,
                force=self.force,
            )
        with self._timed("label files"):
            self.labels.fetch(force=self.force)
        with self._timed("listing"):
            wanted = self.intake.list_all()
        if not wanted:
            self._nothing_listed()
            if not self._is_bill_alone():
                return
        if self._is_unchanged(wanted) and all(reports.load(self.folder, item) for item in wanted):
            self.intake.describe_unchanged()
            self._keep_previous()
            return
        publish.free_space(self.folder, 2 * (self.previous.size_bytes if self.previous else 0) + (64 << 20))
        snapshot_id = publish.next_id(self.folder)
        build = SnapshotBuild(
            self.folder / f".build.{snapshot_id}.duckdb",
            self.settings,
            latest_at=max((item.report_at for item in wanted), default=self.now()),
        )
        try:
            self._build(build, snapshot_id)
        finally:
            build.connection.close()

    def _build(self, build: SnapshotBuild, snapshot_id: str) -> None:
        with self._timed("reports"):
            used = self.intake.bring_newest(build)
        if not used:
            self._nothing_listed()
            if not self._is_bill_alone():
                return
        used_ids = [report.report_id for report in used]
        if self._is_unchanged(used_ids):
            self._keep_previous()
            return
        with self._timed("history"):
            self.intake.bring_history(build, used)
        with self._timed("labels"):
            build.read_files()
            build.show_current()
            self.labels.bring(build)
        self.progress.start("build", None, "steps")
        with self._timed("marts and checks"):
            fingerprint = self._fingerprint(used_ids)
            build.finish(snapshot_id=snapshot_id, fingerprint=fingerprint, now=self.now())
        with self._timed("publishing"):
            info = self._info(build.file, snapshot_id, fingerprint, used)
            publish.publish(build.file, self.folder, info)
            publish.prune(self.folder, self.settings.warehouse.keep_snapshots)
        self.progress.finish("build")
        self.outcome.is_published = True
        self.outcome.snapshot_id = snapshot_id
        self.outcome.row_count = info.row_count
        self.outcome.size_bytes = sum(report.size_bytes for report in used)

    def _info(self, file: Path, snapshot_id: str, fingerprint: str, used: list[StoredReport]) -> SnapshotInfo:
        folders = (reports.report_folder(self.folder, report.report_id) for report in used)
        return SnapshotInfo(
            snapshot_id=snapshot_id,
            file=f"wh.{snapshot_id}.duckdb",
            sha256=publish.digest(file),
            size_bytes=file.stat().st_size,
            schema_version=SCHEMA_VERSION,
            built_at=self.now(),
            report_at=max((report.report_id.report_at for report in used), default=None),
            oldest_report_at=min((report.report_id.report_at for report in used), default=None),
            row_count=sum(report.row_count for report in used),
            is_demo=self.settings.archive.is_demo,
            fingerprint=fingerprint,
            reports=publish.folders_of(folders, self.folder),
            labels=self.labels.files(),
        )

    def _keep_previous(self) -> None:
        assert self.previous is not None
        self.outcome.snapshot_id = self.previous.snapshot_id
        self.outcome.row_count = self.previous.row_count
        self.outcome.notes.append(Note("Nothing new since the last sync"))

    def _costs(self) -> None:
        note_rates(self.settings.money, self.intake.note_fault)
        bring_exports(
            self.s3,
            self.settings,
            self.progress,
            self.now(),
            self.intake.note_fault,
            self.outcome.notes.append,
            force=self.force,
        )
        if not self.settings.costs.enabled:
            return
        found = sync_costs(
            client(self.settings.aws, "ce"),
            self.settings.costs,
            self.folder / "bills",
            Ledger(self.folder / "requests.jsonl"),
            self.progress,
            self.now(),
            force=self.force,
        )
        self.outcome.paid_request_count = found.request_count
        self.outcome.notes += [
            Note(
                "The closed bill of {period} by {breakdown} was USD {former_usd}, now {total_usd}",
                **vars(item),
            )
            for item in found.restatements
        ]
        for fault in found.faults:
            self.intake.note_fault(fault)

    def _is_unchanged(self, used: list[ReportId]) -> bool:
        return (
            not self.force
            and self.previous is not None
            and not self.labels.is_waiting()
            and self.previous.fingerprint == self._fingerprint(used)
            and publish.is_whole(self.folder, self.previous)
        )

    def _fingerprint(self, used: list[ReportId]) -> str:
        digest = hashlib.sha256()
        digest.update(f"{SCHEMA_VERSION}{query_fingerprint()}{settings_fingerprint(self.settings)}".encode())
        digest.update(self.labels.fingerprint().encode())
        for report_id in sorted(used):
            digest.update(f"{report_id.source_bucket}/{report_id.config_id}/{report_id.folder}\n".encode())
        files_by_table = raw_files(self.folder)
        if self.settings.costs.export:
            files_by_table["export_statements"] = statements(self.folder)
        for table, files in files_by_table.items():
            for path in files:
                digest.update(f"{table}/{path.name}\n".encode())
                digest.update(without_asking_time(path))
        return digest.hexdigest()

    def _is_bill_alone(self) -> bool:
        """Whether there is a bill to show, and no snapshot with a report that would be lost by showing it alone."""
        return (self.previous is None or self.previous.report_at is None) and bool(
            raw_files(self.folder)["bills"] or statements(self.folder)
        )

    def _nothing_listed(self) -> None:
        if not self.outcome.faults:  # those that were noted say it already
            self.intake.note_fault(
                nothing_listed([location.location for location in self.settings.inventory])
            )


def _leave(folder: Path, outcome: SyncOutcome) -> None:
    """Clean up and write down what happened; where even that fails, the caller still gets the outcome."""
    try:
        publish.clean_leftovers(folder)
        publish.write_atomically(folder / LAST_SYNC, json.dumps(outcome.as_dict(), indent=1))
    except OSError as error:
        outcome.faults.append(explain(error, str(folder / LAST_SYNC)))
