"""Versions and delete markers of one key, asked of S3 itself: no report knows which one is the newest now."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import NamedTuple

from dashboard.aws.calls import of_read
from dashboard.aws.permissions import Permission
from dashboard.aws.sessions import REQUEST_FAULTS, Client

BUCKET = "arn:{partition}:s3:::{source_bucket}"
PERMISSIONS = (
    Permission("s3:ListBucketVersions", BUCKET, "See which version of a key is the newest now"),
    Permission(
        "s3:ListBucket", BUCKET, "Be told that an object is gone, where S3 would only refuse otherwise"
    ),
    Permission("s3:GetBucketVersioning", BUCKET, "See whether the bucket keeps what is overwritten"),
)
LISTED, GONE, VERSIONING = PERMISSIONS
"""GONE is what HeadObject needs to say that nothing is there."""
ASKED_AGAIN_SECONDS = 60.0
NULL = "null"
"""Id of the version of an object from before versioning, and of every object in a bucket without it."""


class Version(NamedTuple):
    """A version, or a delete marker (without ETag and size).

    Attributes:
        modified_at: UTC.
    """

    version_id: str
    is_marker: bool
    e_tag: str
    size_bytes: int
    modified_at: datetime


def newest(s3: Client, bucket: str, key: str, count: int = 1) -> list[Version]:
    """The newest versions and markers of a key, the current one first; none if the key is not there.

    Raises:
        CallFault: never doubtful.
    """
    try:
        # A key comes before all that begin with it, and the versions of one newest first.
        answer = s3.list_object_versions(Bucket=bucket, Prefix=key, MaxKeys=count)
    except REQUEST_FAULTS as error:
        raise of_read(error) from error
    rows = [
        (item, name == "DeleteMarkers")
        for name in ("Versions", "DeleteMarkers")
        for item in answer.get(name, ())
        if item["Key"] == key
    ]
    rows.sort(key=lambda row: (row[0].get("IsLatest", False), row[0]["LastModified"]), reverse=True)
    return [
        Version(
            str(item.get("VersionId") or NULL),
            is_marker,
            str(item.get("ETag", "")).strip('"'),
            int(item.get("Size", 0)),
            item["LastModified"].astimezone(UTC),
        )
        for item, is_marker in rows
    ]


class Buckets:
    """Which buckets keep what is overwritten; asked again after a while, as somebody may suspend it meanwhile."""

    def __init__(self, s3: Client) -> None:
        self._s3 = s3
        self._known: dict[str, tuple[bool, float]] = {}

    def keep(self, bucket: str) -> bool:
        """Whether a bucket keeps what is overwritten. One in which versioning was suspended does not: a deletion or an
        upload takes the place of its version `null` there, whatever lies above it.

        Raises:
            CallFault: never doubtful.
        """
        is_kept, asked_at = self._known.get(bucket, (False, float("-inf")))
        if time.monotonic() - asked_at > ASKED_AGAIN_SECONDS:
            try:
                is_kept = self._s3.get_bucket_versioning(Bucket=bucket).get("Status") == "Enabled"
            except REQUEST_FAULTS as error:
                raise of_read(error) from error
            self._known[bucket] = (is_kept, time.monotonic())
        return is_kept
