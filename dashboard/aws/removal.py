"""Remove for good: versions, objects, delete markers and the parts of unfinished uploads. Each call is sent once."""

from __future__ import annotations

from dashboard.aws.calls import of_change, request_id
from dashboard.aws.objects import OBJECTS, place
from dashboard.aws.permissions import Permission
from dashboard.aws.sessions import REQUEST_FAULTS, Client

PERMISSIONS = (
    Permission(
        "s3:DeleteObjectVersion",
        OBJECTS,
        "Remove delete markers, former versions, exact copies and junk files",
    ),
    Permission(
        "s3:DeleteObject",
        OBJECTS,
        "Take old names away, and exact copies and junk files where a bucket keeps no versions",
    ),
    Permission(
        "s3:AbortMultipartUpload", OBJECTS, "Abort uploads that were never finished, also of one's own copies"
    ),
)
VERSION, OBJECT, UPLOAD = PERMISSIONS


def delete(s3: Client, bucket: str, key: str, version_id: str, *, e_tag: str = "") -> str:
    """Delete one version or marker, or the object itself where there are no versions; returns the request's id.

    Args:
        version_id: '' only where the bucket keeps no versions; elsewhere it would leave a marker.
        e_tag: delete only if the key's current version has it. S3 compares no other version.

    Raises:
        CallFault: PreconditionFailed is a refusal with that code.
    """
    condition = {"IfMatch": f'"{e_tag}"'} if e_tag else {}
    try:
        return request_id(s3.delete_object(**place(bucket, key, version_id), **condition))
    except REQUEST_FAULTS as error:
        raise of_change(error) from error


def abort(s3: Client, bucket: str, key: str, upload_id: str) -> str:
    """Abort an upload; returns the request's id.

    Raises:
        CallFault: NoSuchUpload is a refusal with that code.
    """
    try:
        return request_id(s3.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload_id))
    except REQUEST_FAULTS as error:
        raise of_change(error) from error
