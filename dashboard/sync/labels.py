"""Bring the labels of every source in: files and tables before the build, object tags once the reports are known.

What goes wrong with one source is a fault of the sync, and the labels that source gave before stay in use.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from dashboard.aws.label_dynamodb import scan_labels
from dashboard.aws.label_files import fetch_label_files
from dashboard.aws.label_segments import adopt_changes, mend_segments, segments
from dashboard.aws.labels import LabelTarget, read_tags
from dashboard.aws.sessions import Client, client
from dashboard.domain.label_files import Fetched
from dashboard.domain.notes import Note
from dashboard.domain.progress import Progress
from dashboard.errors import DashboardError, ExitCode
from dashboard.settings import Settings
from dashboard.settings.labels import (
    DynamoDbLabels,
    LabelSource,
    ObjectTagLabels,
    S3MetadataLabels,
)
from dashboard.sync.outcome import SyncOutcome
from dashboard.warehouse import label_records as records
from dashboard.warehouse.build import SnapshotBuild
from dashboard.warehouse.engine import WAREHOUSE_ERRORS, explain
from dashboard.warehouse.label_load import location_of
from dashboard.warehouse.label_rows import TITLE
from dashboard.wording import N_


class LabelIntake:
    """The label sources of one sync."""

    def __init__(
        self,
        settings: Settings,
        s3: Client,
        progress: Progress,
        outcome: SyncOutcome,
        note_fault: Callable[[DashboardError], None],
        now: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._warehouse = settings.warehouse.folder
        self._s3 = s3
        self._progress = progress
        self._outcome = outcome
        self._note_fault = note_fault
        self._now = now
        self._fetched: dict[str, Fetched] = {}

    def fetch(self, *, force: bool) -> None:
        """Ask every source but object tags what is new, and fetch that.

        Args:
            force: fetch even what has not changed.
        """
        shutil.rmtree(self._warehouse / "staging" / "labels", ignore_errors=True)
        self._adopt_segments()
        for source in self._settings.labels.source:
            if lost := self._settings.unlisted(source):
                self._outcome.notes.append(
                    Note(
                        "Label source {name}: no report lists {buckets}, so none of its labels finds an image; mend "
                        "its bucket in the settings, or add an [[inventory]] block for it",
                        name=source.id,
                        buckets=", ".join(lost),
                    )
                )
            if isinstance(source, ObjectTagLabels):
                adopt_changes(self._folder(source))
                continue
            stamp = "" if force else records.known_stamp(self._warehouse, source)
            try:
                if isinstance(source, DynamoDbLabels) and not force and (known := self._stopped(source)):
                    raise known
                found = self._fetch(source, stamp)
                if found.fault:
                    self._fail(
                        source,
                        found.fault,
                        request_count=found.request_count,
                        stopped_at=self._now().isoformat(),
                        stopped_settings=records.settings_digest(source),
                    )
                else:
                    self._fetched[source.id] = found
            except DashboardError as fault:
                self._fail(source, fault)
            except OSError as error:
                raise explain(error, str(self._staging(source))) from error

    def is_waiting(self) -> bool:
        """Whether a sync has labels to bring in although no report is new."""
        return any(
            isinstance(source, ObjectTagLabels)
            and (
                bool(segments(self._folder(source)))
                or records.load_record(self._warehouse, source).left_count > 0
            )
            for source in self._settings.labels.source
        )

    def fingerprint(self) -> str:
        """What the labels of a snapshot built now depend on."""
        lines = []
        for source in self._settings.labels.source:
            record, fetched = records.load_record(self._warehouse, source), self._fetched.get(source.id)
            stamp = fetched.stamp if fetched else record.stamp
            files = record.files if isinstance(source, ObjectTagLabels) else ()
            fault = str((record.fault or {}).get("cause", ""))
            lines.append(f"{source.id} {stamp} {records.settings_digest(source)} {' '.join(files)} {fault}\n")
        return "".join(lines)

    def bring(self, build: SnapshotBuild) -> None:
        """Store what was fetched, read the tags that are wanted, and let the build see all of it."""
        build.load_labels()
        for source in self._settings.labels.source:
            try:
                if isinstance(source, ObjectTagLabels):
                    self._read_tags(source, build)
                else:
                    self._store(source, build)
            except DashboardError as fault:
                self._fail(source, fault)
            except WAREHOUSE_ERRORS as error:
                self._fail(source, _of_labels(explain(error, location_of(source))))
        build.load_labels()
        build.show_current()
        shutil.rmtree(self._warehouse / "staging" / "labels", ignore_errors=True)

    def files(self) -> tuple[str, ...]:
        """The files that the sources' records name, relative to the warehouse folder."""
        return tuple(
            f"labels/{source.id}/{name}"
            for source in self._settings.labels.source
            for name in records.load_record(self._warehouse, source).files
        )

    def _fetch(self, source: LabelSource, stamp: str) -> Fetched:
        staging = self._staging(source)
        staging.mkdir(parents=True, exist_ok=True)
        aws = self._settings.aws
        if isinstance(source, DynamoDbLabels):
            return scan_labels(client(aws, "dynamodb"), source, stamp, staging, self._progress, self._now())
        if isinstance(source, S3MetadataLabels):
            from dashboard.aws.label_metadata import read_metadata_table

            return read_metadata_table(aws, source, stamp, staging, self._progress)
        assert not isinstance(source, ObjectTagLabels)
        found = fetch_label_files(self._s3, source, stamp, staging, self._progress)
        self._outcome.label_request_count += found.request_count if found.is_changed else 0
        return found

    def _stopped(self, source: DynamoDbLabels) -> DashboardError | None:
        """The fault of a scan that its budget ended, while the same one is not due: it would cost as much again."""
        record = records.load_record(self._warehouse, source)
        fault = DashboardError.from_dict(record.fault) if record.fault and record.stopped_at else None
        if fault is None or record.request_count < source.max_read_units_per_run:
            return None
        if record.stopped_settings != records.settings_digest(source):
            return None
        due_at = datetime.fromisoformat(record.stopped_at) + timedelta(hours=source.refresh_hours)
        return fault if self._now() < due_at else None

    def _store(self, source: LabelSource, build: SnapshotBuild) -> None:
        fetched = self._fetched.get(source.id)
        if fetched is not None and fetched.is_changed:
            record = build.labels.take(source, fetched, self._now(), self._staging(source))
            if record.row_count and not record.label_count:
                self._outcome.notes.append(
                    Note(
                        "Label source {name}: its {count} row gives no label; does it name its columns rightly?",
                        "Label source {name}: its {count} rows give no label; does it name its columns rightly?",
                        name=source.id,
                        count=record.row_count,
                    )
                )
            return
        record = build.labels.renew(source)
        if fetched is not None and (record.fault or record.as_of != fetched.as_of.isoformat()):
            records.note_fault(self._warehouse, source, None)

    def _read_tags(self, source: ObjectTagLabels, build: SnapshotBuild) -> None:
        folder = self._folder(source)
        build.labels.renew(source)
        mend_segments(folder)
        if segments(folder):  # an earlier run was stopped before it could bring them together
            self._add(source, build, 0, 0)
            build.load_labels()
        targets, total = build.unread_label_targets(source)
        if not targets:
            if records.load_record(self._warehouse, source).left_count:
                build.labels.add(source, (), self._now(), left_count=0, fault=None)
            return
        found = read_tags(
            self._s3, source, [LabelTarget(*target) for target in targets], folder, self._progress
        )
        left = found.left_count + total - len(targets)
        self._outcome.label_request_count += found.request_count
        self._add(source, build, found.request_count, left)
        if found.fault:
            self._fail(source, found.fault)
        if left:
            self._outcome.notes.append(
                Note(
                    "{count} object waits for its tags to be read",
                    "{count} objects wait for their tags to be read",
                    count=left,
                )
            )

    def _add(self, source: ObjectTagLabels, build: SnapshotBuild, request_count: int, left: int) -> None:
        folder = self._folder(source)
        taken = segments(folder)
        files = [path for path in taken if path.stat().st_size]
        build.labels.add(source, files, self._now(), request_count=request_count, left_count=left, fault=None)
        # The record names the new file before the segments go: a crash in between reads them twice at worst.
        for path in taken:
            path.unlink()

    def _adopt_segments(self) -> None:
        """Take over segments from before each source had a folder of its own."""
        sources = [item for item in self._settings.labels.source if isinstance(item, ObjectTagLabels)]
        for path in sorted((self._warehouse / "labels").glob("*.jsonl")) if sources else ():
            folder = self._folder(sources[0])
            folder.mkdir(parents=True, exist_ok=True)
            path.rename(folder / f"tags-{path.name.removeprefix('tags-')}")

    def _folder(self, source: LabelSource) -> Path:
        return records.label_folder(self._warehouse, source.id)

    def _staging(self, source: LabelSource) -> Path:
        return self._warehouse / "staging" / "labels" / source.id

    def _fail(self, source: LabelSource, fault: DashboardError, **changes: Any) -> None:
        self._fetched.pop(source.id, None)
        self._note_fault(fault)
        try:
            records.note_fault(self._warehouse, source, fault.as_dict(), **changes)
        except OSError as error:
            raise explain(error, str(self._folder(source))) from error


def _of_labels(fault: DashboardError) -> DashboardError:
    """The same fault, said of labels and not of reports."""
    said = fault.as_dict()
    if fault.code is ExitCode.FILE_DAMAGED:
        said["next_step"] = N_(
            "Write the file again; if that does not help, send this message to the developers"
        )
    return DashboardError.from_dict({**said, "title": TITLE})
