"""Copy an object with everything that belongs to it, hold the copy against it, and delete it under a condition.

S3 copies up to 5 GB in one request, and more in parts. Every request is sent once. A condition that does not hold is
told as a doubt, and so is an object that is gone: which of them is another one now, only a look can say.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

from dashboard.aws import object_tags, removal
from dashboard.aws.calls import CallFault, of_change, of_look, request_id
from dashboard.aws.objects import OBJECTS, checksums, is_locked, place
from dashboard.aws.permissions import Permission
from dashboard.aws.sessions import REQUEST_FAULTS, Client, http_status

PERMISSIONS = (
    Permission("s3:PutObject", OBJECTS, "Copy an object to its new name, or onto itself in another class"),
    Permission("s3:GetObjectRetention", OBJECTS, "See whether an object is locked, which is then left alone"),
    Permission("s3:GetObjectLegalHold", OBJECTS, "The same for a legal hold"),
)

LARGEST_AT_ONCE = 5 << 30
PART_BYTES = 1 << 30
SMALLEST_PART, MOST_PARTS = 5 << 20, 10_000
_HEADERS = (
    *("CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType", "Expires"),
    "WebsiteRedirectLocation",
)
_SEALED = ("ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled")
_CONDITIONS = frozenset(
    {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "NoSuchVersion", "NoSuchUpload"}
)
Verdict = Literal["same", "same_size", "differs"]


@dataclass(frozen=True)
class Details:
    """What an object says of itself, all of it.

    Attributes:
        version_id: '' where the bucket keeps no versions.
        headers, sealed: of its content, and of its encryption, as requests take them.
        checksums: of the whole object, by algorithm.
        is_locked: nobody may delete it now.
    """

    bucket: str
    key: str
    version_id: str
    e_tag: str
    size_bytes: int
    storage_class: str
    is_archived: bool
    metadata: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)
    sealed: Mapping[str, Any] = field(default_factory=dict)
    checksums: Mapping[str, str] = field(default_factory=dict)
    is_locked: bool = False


def look(s3: Client, bucket: str, key: str) -> Details | None:
    """What the current version of an object says; None if it is not there, or a delete marker. Raises CallFault."""
    where = place(bucket, key)
    try:
        told = s3.head_object(**where, ChecksumMode="ENABLED")
    except REQUEST_FAULTS as error:
        if http_status(error) == 404:
            return None
        raise of_look(s3, where, error) from error
    storage_class = str(told.get("StorageClass") or "STANDARD")
    return Details(
        bucket,
        key,
        str(told.get("VersionId") or ""),
        str(told.get("ETag", "")).strip('"'),
        int(told.get("ContentLength", 0)),
        storage_class,
        storage_class in {"GLACIER", "DEEP_ARCHIVE"} or bool(told.get("ArchiveStatus")),
        dict(told.get("Metadata") or {}),
        {name: told[name] for name in _HEADERS if told.get(name)},
        {name: told[name] for name in _SEALED if told.get(name)},
        checksums(told),
        is_locked(told),
    )


def compare(source: Details, copy: Details) -> Verdict:
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
    s3: Client, source: Details, target: str, *, storage_class: str, metadata: Mapping[str, str] | None = None
) -> str:
    """Copy an object within its bucket with tags, metadata and encryption, if it is still the one that was seen.

    Args:
        target: a key that nothing lies under yet, or the object's own: then it is overwritten by itself.
        metadata: what it says beside its content; None: the same.

    Returns:
        The id of the request that made the copy.

    Raises:
        CallFault: doubtful if a condition did not hold.
    """
    e_tag = f'"{source.e_tag}"'
    condition = {"IfMatch": e_tag} if target == source.key else {"IfNoneMatch": "*"}
    # The condition shall hold for the current version, so none is named.
    origin = place(source.bucket, source.key)
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
    return request_id(answer)


def delete(s3: Client, seen: Details) -> str:
    """Delete an object if it is still the one that was seen; the request's id. Raises CallFault.

    Where the bucket keeps versions, a delete marker covers it.
    """
    try:
        return removal.delete(s3, seen.bucket, seen.key, "", e_tag=seen.e_tag)
    except CallFault as fault:
        raise _or_doubt(fault) from fault


def _in_parts(
    s3: Client,
    source: Details,
    where: dict[str, str],
    origin: dict[str, str],
    own: dict[str, Any],
    condition: dict[str, str],
) -> str:
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
        return request_id(
            s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts}, **condition)
        )
    except REQUEST_FAULTS as error:
        # What may or can not be cleared away is listed as an unfinished upload, like any other.
        with contextlib.suppress(*REQUEST_FAULTS):
            s3.abort_multipart_upload(**upload)
        raise _fault(error) from error


def _part_bytes(s3: Client, source: Details) -> int:
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
