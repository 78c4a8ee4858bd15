"""Labels from object tags: one request per object, at a steady rate, kept as they come.

Each run appends one segment of JSON Lines to the folder of labels:
`{"source_bucket", "key", "version_id", "e_tag", "tags": {…}, "read_at"}`. Segments are flushed every 1,000 lines and
when the run is interrupted, so nothing that was read has to be read again. The newest line about an object counts.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from dashboard.aws.label_segments import Segment, mend_segments
from dashboard.aws.permissions import Permission
from dashboard.aws.sessions import CONNECTION_FAULTS, error_code, explain, http_status
from dashboard.domain.progress import Progress
from dashboard.errors import DashboardError, ExitCode
from dashboard.settings.labels import ObjectTagLabels

PERMISSIONS = (
    Permission(
        "s3:GetObjectTagging",
        "arn:{partition}:s3:::{labelled_bucket}/*",
        "Read the labels of images from their tags",
    ),
    Permission(
        "s3:GetObjectVersionTagging",
        "arn:{partition}:s3:::{labelled_bucket}/*",
        "Read the labels of the very version that the inventory lists",
    ),
)

TASK = "labels"
WORKERS = 16
# One object may be refused or broken by itself; so many in a row mean that all will be.
FAILURES_IN_A_ROW = 20
GONE = {"NoSuchKey", "NoSuchVersion", "404"}
# A delete marker has no tags: the object was deleted after the report.
MARKER_STATUS = 405
_FAULTS: tuple[type[Exception], ...] = (BotoCoreError, ClientError, *CONNECTION_FAULTS)
BUSY = {"SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded", "ServiceUnavailable"}


@dataclass(frozen=True)
class LabelTarget:
    """An object whose tags are to be read; `version_id` is '' where the bucket has no versions."""

    bucket: str
    key: str
    version_id: str
    e_tag: str


@dataclass(frozen=True)
class LabelsOutcome:
    """What a run did. read + gone + failed + left = objects given (an interrupted run raises instead)."""

    request_count: int
    read_count: int
    gone_count: int
    failed_count: int
    left_count: int
    fault: DashboardError | None = None


class TokenBucket:
    """Lets calls pass at a steady rate; after a pause no more than `burst` at once."""

    def __init__(self, per_second: float, burst: float = 10) -> None:
        self.per_second = per_second
        self.burst = max(1.0, min(burst, per_second))
        self._tokens = 1.0
        self._last = time.monotonic()
        self._lock = threading.Lock()

    def take(self, tokens: float = 1) -> None:
        """Wait for the next token, or for as many as a request has used up."""
        with self._lock:
            now = time.monotonic()
            self._tokens = min(self.burst, self._tokens + (now - self._last) * self.per_second)
            self._last = now
            self._tokens -= tokens
            pause = max(0.0, -self._tokens / self.per_second)
        if pause:
            time.sleep(pause)

    def slow_down(self) -> None:
        """Halve the rate, down to one a second, for the rest of the run."""
        with self._lock:
            self.per_second = max(min(1.0, self.per_second), self.per_second / 2)


def read_tags(
    s3: Any, settings_label: ObjectTagLabels, objects: Iterable[LabelTarget], folder: Path, progress: Progress
) -> LabelsOutcome:
    """Read the tags of the given objects until they or the budget of requests are used up.

    An object that is gone gets no line and counts as gone. Where many objects in a row fail, or the credentials are
    not accepted, reading stops with a fault; what was read before is kept.

    Raises:
        OSError: the folder cannot be written.
        KeyboardInterrupt: passed on, after what was read is on disk.
    """
    folder.mkdir(parents=True, exist_ok=True)
    mend_segments(folder)
    with Segment(folder) as segment:
        run = _Run(s3, TokenBucket(settings_label.requests_per_second), segment, progress)
        progress.start(TASK, None, "requests")
        pool = ThreadPoolExecutor(WORKERS)
        pending: set[Future[_Reading]] = set()
        try:
            for target in objects:
                if run.fault or run.request_count >= settings_label.max_requests_per_run:
                    run.left_count += 1
                    continue
                run.rate.take()
                run.request_count += 1
                pending.add(pool.submit(run.read, target))
                if len(pending) >= 2 * WORKERS:
                    pending = run.collect(pending, wait(pending, return_when=FIRST_COMPLETED).done)
            pending = run.collect(pending, wait(pending).done)
        finally:
            # On an interruption: nothing new is begun, what is on its way comes home and is written down.
            pool.shutdown(wait=True, cancel_futures=True)
            run.collect(pending, {future for future in pending if not future.cancelled()})
            progress.finish(TASK)
    return LabelsOutcome(
        request_count=run.request_count,
        read_count=run.read_count,
        gone_count=run.gone_count,
        failed_count=run.failed_count,
        left_count=run.left_count,
        fault=run.fault or run.first_failure,
    )


@dataclass(frozen=True)
class _Reading:
    """What came of one request: a line, a fault, or neither where the object is gone."""

    line: dict[str, Any] | None = None
    fault: DashboardError | None = None
    is_busy: bool = False


@dataclass
class _Run:
    s3: Any
    rate: TokenBucket
    segment: Segment
    progress: Progress
    request_count: int = 0
    read_count: int = 0
    gone_count: int = 0
    failed_count: int = 0
    left_count: int = 0
    in_a_row: int = 0
    fault: DashboardError | None = None
    first_failure: DashboardError | None = None

    def read(self, target: LabelTarget) -> _Reading:
        """One request, in a thread of the pool; never raises what a service or a connection does."""
        parameters = {"Bucket": target.bucket, "Key": target.key}
        if target.version_id:
            parameters["VersionId"] = target.version_id
        try:
            answer = self.s3.get_object_tagging(**parameters)
            tags = {tag["Key"]: tag["Value"] for tag in answer.get("TagSet") or []}
        except _FAULTS as error:
            if error_code(error) in GONE or http_status(error) == MARKER_STATUS:
                return _Reading()
            doing = "s3:GetObjectVersionTagging" if target.version_id else "s3:GetObjectTagging"
            fault = explain(
                error, f"s3://{target.bucket}/{target.key}", doing, "Some labels could not be read"
            )
            return _Reading(fault=fault, is_busy=error_code(error) in BUSY)
        return _Reading(
            line={
                "source_bucket": target.bucket,
                "key": target.key,
                "version_id": target.version_id,
                "e_tag": target.e_tag,
                "tags": tags,
                "read_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            }
        )

    def collect(self, pending: set[Future[_Reading]], done: set[Future[_Reading]]) -> set[Future[_Reading]]:
        """Write down what has come; returns what is still on its way."""
        for future in done:
            reading = future.result()
            self.progress.advance(TASK, 1)
            if reading.fault is not None:
                self.note_failure(reading.fault, reading.is_busy)
                continue
            self.in_a_row = 0
            if reading.line is None:
                self.gone_count += 1
            else:
                self.segment.add(reading.line)
                self.read_count += 1
        return pending - done

    def note_failure(self, fault: DashboardError, is_busy: bool) -> None:
        self.failed_count += 1
        self.in_a_row += 1
        self.first_failure = self.first_failure or fault
        if is_busy:
            self.rate.slow_down()
        if fault.code is ExitCode.CREDENTIALS or self.in_a_row >= FAILURES_IN_A_ROW:
            self.fault = self.fault or fault
