"""Read and write the tags of one object. S3 replaces all of them at once, and knows no condition for it."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.aws.calls import of_change, of_read, request_id
from dashboard.aws.objects import OBJECTS, place
from dashboard.aws.permissions import Permission
from dashboard.aws.sessions import REQUEST_FAULTS, Client

PERMISSIONS = (
    Permission(
        "s3:GetObjectTagging", OBJECTS, "Read an object's tags before some of them are changed, and after"
    ),
    Permission("s3:GetObjectVersionTagging", OBJECTS, "The same for the very version that was planned"),
    Permission("s3:PutObjectTagging", OBJECTS, "Write an object's tags, the others of it as they were"),
    Permission("s3:PutObjectVersionTagging", OBJECTS, "The same for the very version that was planned"),
)


def read(s3: Client, bucket: str, key: str, version_id: str) -> dict[str, str]:
    """The tags of an object or version; raises CallFault."""
    try:
        answer = s3.get_object_tagging(**place(bucket, key, version_id))
    except REQUEST_FAULTS as error:
        raise of_read(error) from error
    return {tag["Key"]: tag["Value"] for tag in answer.get("TagSet") or []}


def write(s3: Client, bucket: str, key: str, version_id: str, tags: Mapping[str, str]) -> str:
    """Replace all tags of an object or version; the request's id. Raises CallFault."""
    every = [{"Key": name, "Value": value} for name, value in tags.items()]
    try:
        answer = s3.put_object_tagging(**place(bucket, key, version_id), Tagging={"TagSet": every})
    except REQUEST_FAULTS as error:
        raise of_change(error) from error
    return request_id(answer)
