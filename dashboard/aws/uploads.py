"""Unfinished multipart uploads of a bucket: billed, and in no inventory report."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from botocore.exceptions import BotoCoreError, ClientError

from dashboard.aws.ledger import as_utc, write_json
from dashboard.aws.permissions import Permission
from dashboard.aws.sessions import CONNECTION_FAULTS, error_code, explain
from dashboard.domain.progress import Progress
from dashboard.errors import DashboardError, ExitCode

PERMISSIONS = (
    Permission(
        "s3:ListBucketMultipartUploads",
        "arn:{partition}:s3:::{source_bucket}",
        "Find uploads that were begun and never finished",
    ),
    Permission(
        "s3:ListMultipartUploadParts",
        "arn:{partition}:s3:::{source_bucket}/*",
        "See how many bytes an unfinished upload holds",
    ),
)

WORKERS = 8
# A file of more would be too large for one JSON document; a bucket that leaks this many needs a rule, not a list.
MOST_UPLOADS = 50_000
_FAULTS: tuple[type[Exception], ...] = (BotoCoreError, ClientError, *CONNECTION_FAULTS)


@dataclass(frozen=True)
class UploadsOutcome:
    """What was learned; with a fault nothing was written and the former file stays."""

    request_count: int
    upload_count: int
    is_complete: bool
    fault: DashboardError | None = None


class _Budget:
    """Requests that may still be made; shared by threads."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0
        self.is_cut = False
        self._lock = threading.Lock()

    def take(self) -> bool:
        with self._lock:
            if self.used >= self.limit:
                self.is_cut = True
                return False
            self.used += 1
            return True


def uploads_file(folder: Path, bucket: str) -> Path:
    return folder / f"uploads-{bucket}.json"


def read_uploads(
    s3: Any, bucket: str, folder: Path, budget: int, progress: Progress, now: datetime
) -> UploadsOutcome:
    """List a bucket's unfinished uploads with their sizes and write `uploads-<bucket>.json`.

    With more uploads than `budget` requests can show, or more than MOST_UPLOADS, the file says
    is_complete = false; an upload whose parts were not asked for has part_count and size_bytes null.

    Raises:
        OSError: the folder cannot be written.
    """
    allowed = _Budget(budget)
    task = f"unfinished uploads {bucket}"
    progress.start(task, None, "requests")
    doing = "s3:ListBucketMultipartUploads"
    try:
        found = _list_uploads(s3, bucket, allowed, progress, task)
        doing = "s3:ListMultipartUploadParts"
        ask = partial(_measured, s3, bucket, allowed, progress, task)
        with ThreadPoolExecutor(WORKERS) as pool:
            uploads = [upload for upload in pool.map(ask, found) if upload is not None]
    except DashboardError as fault:
        return UploadsOutcome(allowed.used, 0, False, fault)
    except _FAULTS as error:
        return UploadsOutcome(allowed.used, 0, False, explain(error, f"s3://{bucket}/", doing))
    finally:
        progress.finish(task)
    write_json(
        uploads_file(folder, bucket),
        {
            "source_bucket": bucket,
            "asked_at": as_utc(now).isoformat(timespec="seconds"),
            "is_complete": not allowed.is_cut,
            "uploads": uploads,
        },
    )
    return UploadsOutcome(allowed.used, len(uploads), not allowed.is_cut)


def _list_uploads(
    s3: Any, bucket: str, allowed: _Budget, progress: Progress, task: str
) -> list[dict[str, Any]]:
    uploads: list[dict[str, Any]] = []
    # Keys may hold characters that XML cannot: they are asked for percent-encoded.
    parameters: dict[str, Any] = {"Bucket": bucket, "EncodingType": "url"}
    seen: set[tuple[str, str]] = set()
    while allowed.take():
        page = s3.list_multipart_uploads(**parameters)
        progress.advance(task, 1)
        is_encoded = page.get("EncodingType") == "url"
        uploads += [_upload(item, is_encoded) for item in page.get("Uploads") or []]
        if not page.get("IsTruncated"):
            break
        if len(uploads) >= MOST_UPLOADS:
            allowed.is_cut = True
            break
        marker = (
            _decoded(page.get("NextKeyMarker") or "", is_encoded),
            page.get("NextUploadIdMarker") or "",
        )
        if not marker[0] or marker in seen:
            raise _endless(bucket)
        seen.add(marker)
        parameters |= {"KeyMarker": marker[0], "UploadIdMarker": marker[1]}
    return uploads


def _upload(item: dict[str, Any], is_encoded: bool) -> dict[str, Any]:
    return {
        "key": _decoded(item["Key"], is_encoded),
        "upload_id": item["UploadId"],
        "initiated_at": as_utc(item["Initiated"]).isoformat(timespec="seconds"),
        "storage_class": item.get("StorageClass") or "STANDARD",
        "part_count": None,
        "size_bytes": None,
    }


def _measured(
    s3: Any, bucket: str, allowed: _Budget, progress: Progress, task: str, upload: dict[str, Any]
) -> dict[str, Any] | None:
    """The upload with its parts counted; without, if the budget is used up; None if it is over by now."""
    part_count = size_bytes = 0
    marker = 0
    while allowed.take():
        try:
            page = s3.list_parts(
                Bucket=bucket, Key=upload["key"], UploadId=upload["upload_id"], PartNumberMarker=marker
            )
        except ClientError as error:
            if error_code(error) == "NoSuchUpload":
                return None
            raise
        progress.advance(task, 1)
        parts = page.get("Parts") or []
        part_count += len(parts)
        size_bytes += sum(part["Size"] for part in parts)
        if not page.get("IsTruncated"):
            return upload | {"part_count": part_count, "size_bytes": size_bytes}
        following = page.get("NextPartNumberMarker") or 0
        if following <= marker:
            raise _endless(bucket)
        marker = following
    return upload


def _decoded(text: str, is_encoded: bool) -> str:
    return unquote_plus(text) if is_encoded else text


def _endless(bucket: str) -> DashboardError:
    return DashboardError(
        ExitCode.FAILED,
        "The unfinished uploads could not be listed",
        cause="The pages of the answer do not come to an end",
        next_step="Check aws.endpoint_url; what was known before is still shown",
        locator=f"s3://{bucket}/",
    )
