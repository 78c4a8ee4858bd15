"""Make a former version current again: a copy of it onto its own key, with all that belongs to it."""

from __future__ import annotations

from typing import Any, NamedTuple

from dashboard.aws.calls import CallFault, of_change, of_look, request_id
from dashboard.aws.objects import OBJECTS, place
from dashboard.aws.permissions import Permission
from dashboard.aws.sessions import REQUEST_FAULTS, Client, error_code

PERMISSIONS = (
    Permission("s3:PutObject", OBJECTS, "Copy a former version onto its key, so that it is current again"),
)
LARGEST_BYTES = 5 * 2**30
"""What one CopyObject takes."""


class Copied(NamedTuple):
    """A copy that was made: of the new current version, and the request's id."""

    version_id: str
    request_id: str


def bring_back(
    s3: Client, bucket: str, key: str, version_id: str, *, e_tag: str, current_e_tag: str
) -> Copied:
    """Copy a version onto its key, if it is the planned one and so is what is current.

    Metadata, tags, class and encryption are those of the version.

    Args:
        e_tag: of the version.
        current_e_tag: of what is current now; '' if nothing is (a delete marker hides the key).

    Raises:
        CallFault: what was not so any more is doubtful with the code PreconditionFailed: a look tells what it is.
    """
    where = place(bucket, key, version_id)
    try:
        head = s3.head_object(**where)
    except REQUEST_FAULTS as error:
        raise of_look(s3, where, error) from error
    condition: dict[str, Any] = {"IfMatch": f'"{current_e_tag}"'} if current_e_tag else {"IfNoneMatch": "*"}
    encryption = {
        name: head[name]
        for name in ("ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled")
        if head.get(name) and (name != "BucketKeyEnabled" or "kms" in str(head.get("ServerSideEncryption")))
    }
    try:
        answer = s3.copy_object(
            Bucket=bucket,
            Key=key,
            CopySource={"Bucket": bucket, "Key": key, "VersionId": version_id},
            CopySourceIfMatch=f'"{e_tag}"',
            StorageClass=head.get("StorageClass") or "STANDARD",
            MetadataDirective="COPY",
            TaggingDirective="COPY",
            **condition,
            **encryption,
        )
    except REQUEST_FAULTS as error:
        if error_code(error) in {"PreconditionFailed", "ConditionalRequestConflict"}:
            raise CallFault("doubtful", "PreconditionFailed", request_id(error)) from error
        raise of_change(error) from error
    return Copied(str(answer.get("VersionId") or ""), request_id(answer))
