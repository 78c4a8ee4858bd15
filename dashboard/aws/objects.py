"""What an object says of itself: asked before anything is done to it, and after a call in doubt."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from dashboard.aws.calls import of_look
from dashboard.aws.permissions import Permission
from dashboard.aws.sessions import REQUEST_FAULTS, Client, http_status

OBJECTS = "arn:{partition}:s3:::{source_bucket}/*"
PERMISSIONS = (
    Permission(
        "s3:GetObject", OBJECTS, "See whether an object is still the planned one, and what became of it"
    ),
    Permission("s3:GetObjectVersion", OBJECTS, "The same for the very version that was planned"),
)


_HEADERS = (
    *("CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType", "Expires"),
    "WebsiteRedirectLocation",
)
_SEALED = ("ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled")


@dataclass(frozen=True)
class Seen:
    """What an object says of itself, all of it.

    Attributes:
        version_id: of what was seen; '' where the bucket keeps no versions.
        archive_status: of Intelligent-Tiering: ARCHIVE_ACCESS, DEEP_ARCHIVE_ACCESS or ''.
        copy: whether there is a temporary copy.
        ready_until: when the copy goes; None without one, and where it has no end.
        is_locked: whether a retention period or a legal hold forbids to delete it now.
        checksums: of the whole content, by algorithm, if they were asked for.
        metadata, headers, sealed: of its content, and of its encryption, as requests take them.
    """

    bucket: str
    key: str
    version_id: str
    e_tag: str
    size_bytes: int
    storage_class: str
    archive_status: str = ""
    copy: Literal["none", "in_progress", "ready"] = "none"
    ready_until: datetime | None = None
    is_locked: bool = False
    checksums: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)
    sealed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_archived(self) -> bool:
        """Whether reading it takes a restore first, were there no temporary copy."""
        return self.storage_class in {"GLACIER", "DEEP_ARCHIVE"} or bool(self.archive_status)

    def is_readable(self, now: datetime) -> bool:
        """Whether it can be read without a restore, or its temporary copy can."""
        is_copied = self.copy == "ready" and self.ready_until is not None and self.ready_until > now
        return is_copied or not self.is_archived


def place(bucket: str, key: str, version_id: str = "") -> dict[str, str]:
    """Where an object is, as requests name it."""
    return {"Bucket": bucket, "Key": key, **({"VersionId": version_id} if version_id else {})}


def look(
    s3: Client, bucket: str, key: str, version_id: str = "", *, with_checksums: bool = False
) -> Seen | None:
    """What an object says; None if it is not there, or a delete marker.

    Raises:
        CallFault: never doubtful about a change: nothing was asked for but words.
    """
    where = place(bucket, key, version_id)
    try:
        answer = s3.head_object(**where, **({"ChecksumMode": "ENABLED"} if with_checksums else {}))
    except REQUEST_FAULTS as error:
        if http_status(error) == 404 or (version_id and http_status(error) == 405):
            return None
        raise of_look(s3, where, error) from error
    return _seen(bucket, key, answer)


def _seen(bucket: str, key: str, answer: Mapping[str, Any]) -> Seen:
    told = str(answer.get("Restore", ""))
    ongoing = re.search(r'ongoing-request="(true|false)"', told)
    expiry = re.search(r'expiry-date="([^"]+)"', told)
    return Seen(
        bucket,
        key,
        str(answer.get("VersionId") or ""),
        str(answer.get("ETag", "")).strip('"'),
        int(answer.get("ContentLength", 0)),
        str(answer.get("StorageClass") or "STANDARD"),
        str(answer.get("ArchiveStatus", "")),
        "none" if ongoing is None else "in_progress" if ongoing[1] == "true" else "ready",
        parsedate_to_datetime(expiry[1]).astimezone(UTC) if expiry else None,
        _is_locked(answer),
        _checksums(answer),
        dict(answer.get("Metadata") or {}),
        {name: answer[name] for name in _HEADERS if answer.get(name)},
        {name: answer[name] for name in _SEALED if answer.get(name)},
    )


def _is_locked(answer: Mapping[str, Any]) -> bool:
    """Whether nobody may delete what a HEAD answered about."""
    until = answer.get("ObjectLockRetainUntilDate")
    return answer.get("ObjectLockLegalHoldStatus") == "ON" or (
        until is not None and until > datetime.now(UTC)
    )


def _checksums(answer: Mapping[str, Any]) -> dict[str, str]:
    """Of what a HEAD answered about, by algorithm. Those of parts together say nothing about another way of cutting."""
    if answer.get("ChecksumType") == "COMPOSITE":
        return {}
    return {
        name: str(value)
        for name, value in answer.items()
        if name.startswith("Checksum") and name != "ChecksumType" and "-" not in str(value)
    }
