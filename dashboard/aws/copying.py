"""Copy an object with everything that belongs to it, hold the copy against it, and delete it under a condition.

S3 copies up to 5 GB in one request, and more in parts. Every request is sent once. A condition that does not hold is
told as a doubt, and so is an object that is gone: which of them is another one now, only a look can say.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple
from urllib.parse import urlencode

from dashboard.aws import object_tags, removal
from dashboard.aws.calls import CallFault, of_change, request_id
from dashboard.aws.objects import OBJECTS, Seen, place
from dashboard.aws.permissions import Permission
from dashboard.aws.sessions import REQUEST_FAULTS, Client

PERMISSIONS = (
    Permission(
        "s3:PutObject",
        OBJECTS,
        "Copy an object to its new name, or onto its own, in another class or from a former version",
    ),
    Permission("s3:GetObjectRetention", OBJECTS, "See whether an object is locked, which is then left alone"),
    Permission("s3:GetObjectLegalHold", OBJECTS, "The same for a legal hold"),
)

LARGEST_AT_ONCE = 5 << 30
PART_BYTES = 1 << 30
SMALLEST_PART, MOST_PARTS = 5 << 20, 10_000
_CONDITIONS = frozenset(
    {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "NoSuchVersion", "NoSuchUpload"}
)
Verdict = Literal["same", "same_size", "differs"]


class Copied(NamedTuple):
    """A copy that was made: its version, '' where the bucket keeps none, and the id of the request."""

    version_id: str
    request_id: str


def compare(source: Seen, copy: Seen) -> Verdict:
    """Whether a copy has the same content; `same_size`: neither has a checksum or ETag that can be compared."""
    if copy.size_bytes != source.size_bytes:
        return "differs"
    if both := source.checksums.keys() & copy.checksums.keys():
        return "same" if all(source.checksums[name] == copy.checksums[name] for name in both) else "differs"
    if source.e_tag == copy.e_tag:
        return "same"
    # An ETag is the content's MD5 only for what was neither put together from parts nor encrypted with a KMS key.
    is_md5 = all(
        "-" not in item.e_tag and "kms" not in str(item.sealed.get("ServerSideEncryption"))
        for item in (source, copy)
    )
    return "differs" if is_md5 else "same_size"


def copy(
    s3: Client,
    source: Seen,
    target: str,
    *,
    replaces: str,
    storage_class: str,
    is_former: bool = False,
    metadata: Mapping[str, str] | None = None,
) -> Copied:
    """Copy an object within its bucket with tags, metadata and encryption, if it is still the one that was seen.

    Args:
        target: a key, perhaps the object's own.
        replaces: ETag of what lies under that key now; '' if nothing may.
        is_former: whether the very version that was seen is meant, and not what is current under its key.
        metadata: what it says beside its content; None: the same.

    Raises:
        CallFault: doubtful if a condition did not hold.
    """
    e_tag = f'"{source.e_tag}"'
    condition = {"IfMatch": f'"{replaces}"'} if replaces else {"IfNoneMatch": "*"}
    # The condition shall hold for the current version, so none is named.
    origin = place(source.bucket, source.key, source.version_id if is_former else "")
    where = place(source.bucket, target)
    own: dict[str, Any] = {"StorageClass": storage_class, **source.sealed}
    told = source.metadata if metadata is None else metadata
    if source.size_bytes > LARGEST_AT_ONCE:
        tags = object_tags.read(s3, source.bucket, source.key, source.version_id)
        own |= {"Metadata": told, **source.headers, **({"Tagging": urlencode(tags)} if tags else {})}
        return _in_parts(s3, source, where, origin, own, condition)
    if metadata is not None:
        own |= {"MetadataDirective": "REPLACE", "Metadata": told, **source.headers}
    elif "WebsiteRedirectLocation" in source.headers:
        # The only header that a copy does not keep by itself.
        own["WebsiteRedirectLocation"] = source.headers["WebsiteRedirectLocation"]
    try:
        answer = s3.copy_object(
            **where, CopySource=origin, CopySourceIfMatch=e_tag, TaggingDirective="COPY", **own, **condition
        )
    except REQUEST_FAULTS as error:
        raise _fault(error) from error
    return _copied(answer)


def _copied(answer: dict[str, Any]) -> Copied:
    return Copied(str(answer.get("VersionId") or ""), request_id(answer))


def delete(s3: Client, seen: Seen) -> str:
    """Delete an object if it is still the one that was seen; the request's id. Raises CallFault.

    Where the bucket keeps versions, a delete marker covers it.
    """
    try:
        return removal.delete(s3, seen.bucket, seen.key, "", e_tag=seen.e_tag)
    except CallFault as fault:
        raise _or_doubt(fault) from fault


def _in_parts(
    s3: Client,
    source: Seen,
    where: dict[str, str],
    origin: dict[str, str],
    own: dict[str, Any],
    condition: dict[str, str],
) -> Copied:
    try:
        size = _part_bytes(s3, source)
        upload = {**where, "UploadId": s3.create_multipart_upload(**where, **own)["UploadId"]}
    except REQUEST_FAULTS as error:
        raise _fault(error) from error
    try:
        parts = []
        for number, first in enumerate(range(0, source.size_bytes, size), start=1):
            last = min(first + size, source.size_bytes) - 1
            answer = s3.upload_part_copy(
                **upload, PartNumber=number, CopySource=origin, CopySourceIfMatch=f'"{source.e_tag}"',
                CopySourceRange=f"bytes={first}-{last}",
            )  # fmt: skip
            parts.append({"PartNumber": number, "ETag": answer["CopyPartResult"]["ETag"]})
        return _copied(s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts}, **condition))
    except REQUEST_FAULTS as error:
        # What may or can not be cleared away is listed as an unfinished upload, like any other.
        with contextlib.suppress(*REQUEST_FAULTS):
            s3.abort_multipart_upload(**upload)
        raise _fault(error) from error


def _part_bytes(s3: Client, source: Seen) -> int:
    """Parts as the source has them, if they are all alike: then the copy gets the same ETag."""
    told = s3.head_object(**place(source.bucket, source.key, source.version_id), PartNumber=1)
    size, count = int(told.get("ContentLength", 0)), int(told.get("PartsCount") or 0)
    if SMALLEST_PART <= size <= LARGEST_AT_ONCE and 1 < count == -(-source.size_bytes // size):
        return size
    return max(PART_BYTES, -(-source.size_bytes // MOST_PARTS))


def _fault(error: BaseException) -> CallFault:
    return _or_doubt(of_change(error))


def _or_doubt(fault: CallFault) -> CallFault:
    """A condition that does not hold is a doubt."""
    is_condition = fault.kind == "refused" and fault.code in _CONDITIONS
    return CallFault("doubtful", fault.code, fault.request_id) if is_condition else fault
