"""What an unfinished upload holds: asked before it is aborted, and after."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from dashboard.aws.calls import CallFault, of_read
from dashboard.aws.objects import OBJECTS
from dashboard.aws.permissions import Permission
from dashboard.aws.sessions import REQUEST_FAULTS, Client, error_code

PERMISSIONS = (
    Permission(
        "s3:ListMultipartUploadParts",
        OBJECTS,
        "See whether an upload got a part since it was planned to abort it",
    ),
)


class Parts(NamedTuple):
    """The parts of an upload; `newest_at` (UTC) is None without any."""

    part_count: int
    size_bytes: int
    newest_at: datetime | None


def held(s3: Client, bucket: str, key: str, upload_id: str) -> Parts | None:
    """What an upload holds; None if there is no such upload any more.

    Raises:
        CallFault: never doubtful.
    """
    count = size_bytes = marker = 0
    newest_at: datetime | None = None
    while True:
        try:
            answer = s3.list_parts(Bucket=bucket, Key=key, UploadId=upload_id, PartNumberMarker=marker)
        except REQUEST_FAULTS as error:
            if error_code(error) == "NoSuchUpload":
                return None
            raise of_read(error) from error
        for part in answer.get("Parts") or ():
            at = part["LastModified"].astimezone(UTC)
            count, size_bytes = count + 1, size_bytes + int(part["Size"])
            newest_at = at if newest_at is None or at > newest_at else newest_at
        following = int(answer.get("NextPartNumberMarker") or 0)
        if not answer.get("IsTruncated"):
            return Parts(count, size_bytes, newest_at)
        if following <= marker:
            raise CallFault("refused", "EndlessList")
        marker = following
