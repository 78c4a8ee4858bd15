"""Labels in a DynamoDB table: one slow, bounded Scan over parallel segments, written down as JSON Lines."""

from __future__ import annotations

import hashlib
import json
import math
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from dashboard.aws.labels import TokenBucket
from dashboard.aws.permissions import Permission
from dashboard.aws.sessions import REQUEST_FAULTS, Client, explain
from dashboard.domain.label_files import Fetched, LabelFile
from dashboard.domain.progress import Progress
from dashboard.errors import DashboardError, ExitCode
from dashboard.settings.labels import DynamoDbLabels

PERMISSIONS = (
    Permission(
        "dynamodb:Scan",
        "arn:{partition}:dynamodb:*:*:table/{label_table}",
        "read labels that an upload function writes",
    ),
)

TITLE = "The labels of a source could not be read; the last good copy stays in use"
PAGE_ITEMS = 1_000


def scan_labels(
    dynamodb: Client, source: DynamoDbLabels, stamp: str, folder: Path, progress: Progress, now: datetime
) -> Fetched:
    """Scan a table, unless it was scanned less than `refresh_hours` ago.

    Every attribute that the mapping names is written; what is no text, number or truth value stays what it is and is
    refused later, row by row.

    Args:
        stamp: time of the last scan in ISO format, '' for none.

    The fault of one that ended early: TOO_LARGE (the budget of read units is used up), ACCESS_DENIED, CREDENTIALS,
    FILE_MISSING, SOURCE_UNREACHABLE.

    Raises:
        OSError: the folder cannot be written.
    """
    last = _time(stamp)
    if last is not None and timedelta(0) <= now - last < timedelta(hours=source.refresh_hours):
        return Fetched(stamp, False, last, 0)
    task = f"labels {source.id}"
    progress.start(task, None, "rows")
    run = _Scan(dynamodb, source, progress, task)
    path = folder / "items.jsonl"
    try:
        with path.open("wb") as out, ThreadPoolExecutor(source.segments) as pool:
            pending = [pool.submit(run.segment, number, out) for number in range(source.segments)]
            try:
                for future in pending:
                    future.result()
            except BaseException:
                run.stop.set()
                raise
    except DashboardError as fault:
        return Fetched(stamp, False, last or now, math.ceil(run.used_units), fault=fault)
    finally:
        progress.finish(task)
    file = LabelFile(path, "jsonl", run.locator)
    return Fetched(now.isoformat(), True, now, math.ceil(run.used_units), (file,))


class _Scan:
    """What the segments of one scan share."""

    def __init__(self, dynamodb: Client, source: DynamoDbLabels, progress: Progress, task: str) -> None:
        self.dynamodb = dynamodb
        self.source = source
        self.progress = progress
        self.task = task
        self.locator = f"dynamodb://{source.table}"
        self.rate = TokenBucket(source.read_units_per_second, burst=source.read_units_per_second)
        self.used_units = 0.0
        self.stop = threading.Event()
        self._lock = threading.Lock()
        columns = source.columns
        single = (columns.uri, columns.bucket, columns.key, columns.version, columns.e_tag, columns.name)
        named = [*single, columns.value, columns.labelled_at, *columns.labels.values()]
        self._names = {f"#a{number}": name for number, name in enumerate(dict.fromkeys(filter(None, named)))}

    def segment(self, number: int, out: BinaryIO) -> None:
        """Read one segment to its end."""
        request: dict[str, Any] = {
            "TableName": self.source.table,
            "Segment": number,
            "TotalSegments": self.source.segments,
            "Limit": PAGE_ITEMS,
            "ConsistentRead": self.source.is_consistent,
            "ReturnConsumedCapacity": "TOTAL",
            "ProjectionExpression": ", ".join(self._names),
            "ExpressionAttributeNames": self._names,
        }
        seen: set[str] = set()
        while not self.stop.is_set():
            try:
                page = self.dynamodb.scan(**request)
            except REQUEST_FAULTS as error:
                raise explain(error, self.locator, "dynamodb:Scan", TITLE) from error
            items = page.get("Items") or []
            data = b"".join(json.dumps(_plain(item)).encode() + b"\n" for item in items)
            with self._lock:
                out.write(data)
                self.progress.advance(self.task, len(items))
            self._count(float((page.get("ConsumedCapacity") or {}).get("CapacityUnits") or 1))
            following = page.get("LastEvaluatedKey")
            if not following:
                return
            mark = hashlib.sha256(repr(sorted(following.items())).encode()).hexdigest()
            if mark in seen:
                raise self._fault(
                    cause="The table's pages repeat themselves",
                    next_step="Look at the endpoint that answers for it",
                )
            seen.add(mark)
            request["ExclusiveStartKey"] = following

    def _count(self, units: float) -> None:
        with self._lock:
            self.used_units += units
            is_over = self.used_units > self.source.max_read_units_per_run
        if is_over:
            raise self._fault(
                cause="Reading it takes more than {limit} read units",
                next_step="Raise max_read_units_per_run of this source",
                limit=self.source.max_read_units_per_run,
            )
        self.rate.take(units)

    def _fault(self, *, cause: str, next_step: str, **args: object) -> DashboardError:
        return DashboardError(
            ExitCode.TOO_LARGE, TITLE, cause=cause, next_step=next_step, locator=self.locator, **args
        )


def _plain(item: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """An item as JSON data; sets, maps, lists and bytes become lists, which no label is."""
    found: dict[str, Any] = {}
    for name, typed in item.items():
        kind, value = next(iter(typed.items()))
        if kind == "S":
            found[name] = value
        elif kind == "N":
            found[name] = format(Decimal(value).normalize(), "f") if _is_short(value) else str(value)
        elif kind in {"BOOL", "NULL"}:
            found[name] = value if kind == "BOOL" else None
        else:
            found[name] = [kind]
    return found


def _is_short(number: str) -> bool:
    return abs(Decimal(number).adjusted()) < 40


def _time(stamp: str) -> datetime | None:
    try:
        return datetime.fromisoformat(stamp) if stamp else None
    except ValueError:
        return None
