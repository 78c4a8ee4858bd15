"""Ask S3 for a copy of an archived object, and see what the object itself says of it.

Each call is sent once. What it raises tells whether it may have been carried out all the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from botocore.exceptions import ClientError

from dashboard.aws.permissions import Permission
from dashboard.aws.sessions import (
    REQUEST_FAULTS,
    Client,
    client,
    error_code,
    http_status,
    is_about_credentials,
    is_throttled,
)
from dashboard.settings import Aws

_OBJECTS = "arn:{partition}:s3:::{source_bucket}/*"
PERMISSIONS = (
    Permission(
        "s3:GetObject", _OBJECTS, "See whether an object is still the planned one, and what became of it"
    ),
    Permission("s3:GetObjectVersion", _OBJECTS, "The same for the very version that was planned"),
    Permission("s3:RestoreObject", _OBJECTS, "Restore archived objects"),
)

Kind = Literal["throttled", "credentials", "refused", "doubtful"]


class CallFault(Exception):
    """A call that was not answered as hoped.

    Attributes:
        kind: throttled (try later), credentials (nobody can go on), refused (this object will not be done; `code` says
            why), doubtful (it may have been carried out).
        code: AWS's own, or the kind of what broke.
    """

    def __init__(self, kind: Kind, code: str, request_id: str = "") -> None:
        super().__init__(f"{kind}: {code}")
        self.kind = kind
        self.code = code
        self.request_id = request_id


@dataclass(frozen=True)
class Seen:
    """What an object says of itself.

    Attributes:
        archive_status: of Intelligent-Tiering: ARCHIVE_ACCESS, DEEP_ARCHIVE_ACCESS or ''.
        copy: whether there is a temporary copy.
        ready_until: when the copy goes; None without one, and where it has no end.
    """

    e_tag: str
    size_bytes: int
    storage_class: str
    archive_status: str
    copy: Literal["none", "in_progress", "ready"]
    ready_until: datetime | None


@dataclass(frozen=True)
class Accepted:
    """An accepted request: 202 begins, 200 changes how long a copy stays."""

    status: int
    request_id: str


def open_client(aws: Aws) -> Client:
    """A client whose requests are sent once.

    Raises:
        DashboardError: CREDENTIALS or SETTINGS.
    """
    return client(aws, "s3", attempts=1)


def look(s3: Client, bucket: str, key: str, version_id: str = "") -> Seen | None:
    """What an object says; None if it is not there.

    Raises:
        CallFault: never doubtful about a change: nothing was asked for but words.
    """
    where = _where(bucket, key, version_id)
    try:
        answer = s3.head_object(**where)
    except REQUEST_FAULTS as error:
        if http_status(error) == 404:
            return None
        raise _of_look(s3, where, error) from error
    return _seen(answer)


def request(s3: Client, bucket: str, key: str, version_id: str, *, speed: str, days: int | None) -> Accepted:
    """Ask for a restore.

    Args:
        speed: expedited, standard or bulk.
        days: how long the copy stays; None inside Intelligent-Tiering, where the object itself comes back.

    Raises:
        CallFault: RestoreAlreadyInProgress is a refusal with that code.
    """
    tier = speed.capitalize()
    wanted: dict[str, Any] = (
        {"Tier": tier} if days is None else {"Days": days, "GlacierJobParameters": {"Tier": tier}}
    )
    try:
        answer = s3.restore_object(**_where(bucket, key, version_id), RestoreRequest=wanted)
    except REQUEST_FAULTS as error:
        raise _of_change(error) from error
    told = answer["ResponseMetadata"]
    return Accepted(int(told["HTTPStatusCode"]), str(told.get("RequestId", "")))


def _where(bucket: str, key: str, version_id: str) -> dict[str, str]:
    return {"Bucket": bucket, "Key": key, **({"VersionId": version_id} if version_id else {})}


def _seen(answer: Mapping[str, Any]) -> Seen:
    told = str(answer.get("Restore", ""))
    ongoing = re.search(r'ongoing-request="(true|false)"', told)
    expiry = re.search(r'expiry-date="([^"]+)"', told)
    return Seen(
        str(answer.get("ETag", "")).strip('"'),
        int(answer.get("ContentLength", 0)),
        str(answer.get("StorageClass") or "STANDARD"),
        str(answer.get("ArchiveStatus", "")),
        "none" if ongoing is None else "in_progress" if ongoing[1] == "true" else "ready",
        parsedate_to_datetime(expiry[1]).astimezone(UTC) if expiry else None,
    )


def _of_look(s3: Client, where: dict[str, str], error: BaseException) -> CallFault:
    status = http_status(error)
    if status in {400, 403}:
        # The answer to a HEAD has no body, so it cannot say that credentials have expired. A GET says it.
        try:
            s3.get_object(**where, Range="bytes=0-0")["Body"].close()
        except REQUEST_FAULTS as told:
            error = told if is_about_credentials(told) else error
    if is_about_credentials(error):
        return CallFault("credentials", error_code(error) or type(error).__name__, _request_id(error))
    if is_throttled(error) or not status or status >= 500:
        return CallFault("throttled", error_code(error) or type(error).__name__, _request_id(error))
    return CallFault("refused", "AccessDenied" if status == 403 else error_code(error), _request_id(error))


def _of_change(error: BaseException) -> CallFault:
    code, request_id = error_code(error) or type(error).__name__, _request_id(error)
    if is_about_credentials(error):
        return CallFault("credentials", code, request_id)
    if is_throttled(error):
        return CallFault("throttled", code, request_id)
    if http_status(error) in range(400, 500) or code == "GlacierExpeditedRetrievalNotAvailable":
        return CallFault("refused", code, request_id)
    return CallFault("doubtful", code, request_id)


def _request_id(error: BaseException) -> str:
    if not isinstance(error, ClientError):
        return ""
    return str(error.response.get("ResponseMetadata", {}).get("RequestId", ""))
