"""Fill moto's S3 with a plan: every version, marker, tag, unfinished upload, rule and report, in its own process.

Objects report the size that the inventory says (HEAD, lists, Content-Length) but keep only a few bytes; what is read
of them is that short text and then zeros, so an ETag is no MD5 of the content. Copies keep the size and the ETag.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3 import models

from dashboard.demo.clinic import BUCKETS, REPORT_BUCKET, REPORT_PREFIX
from dashboard.demo.label_files import LABEL_BUCKET, is_tagged
from dashboard.demo.lifecycle import RULES
from dashboard.demo.objects import Stay, StoredObject, UnfinishedUpload
from dashboard.demo.plan import Plan
from dashboard.demo.reports import COLUMNS, ReportFile
from dashboard.demo.settings_file import REGION

INITIATED_AT: dict[str, datetime] = {}
"""When each unfinished upload was begun, by upload id; moto says 2010 for all of them."""


class Stub(bytes):
    """The few bytes that stand for an object's content, with the size and ETag the object is said to have."""

    declared_size: int
    e_tag = ""


class DemoKey(models.FakeKey):  # type: ignore[misc]
    """An object that is larger than what it keeps.

    Attributes:
        archive_tier: ARCHIVE or DEEP_ARCHIVE inside Intelligent-Tiering; '' if it can be read at once.
    """

    declared_size = 0
    archive_tier = ""

    @property
    def value(self) -> bytes:
        stub = Stub(f"demo image {self.name}\n".encode()[: self.declared_size])
        stub.declared_size = self.declared_size
        stub.e_tag = (self._etag or "").strip('"')
        return stub

    @value.setter
    def value(self, new_value: bytes) -> None:
        self.declared_size = getattr(new_value, "declared_size", len(new_value))
        self.contentsize = self.declared_size

    def dispose(self, garbage: bool = False) -> None:
        """There is no buffer worth closing."""
        self.disposed = True

    def __deepcopy__(self, memo: dict[int, Any]) -> DemoKey:
        # moto copies every version of a bucket for each page of a list; that must be cheap.
        copied = DemoKey.__new__(DemoKey)
        copied.__dict__ = dict(self.__dict__)
        return copied


def keep_declared_sizes() -> None:
    """Make copies of demo objects keep their declared size."""
    original = models.S3Backend.put_object

    def put_object(
        self: models.S3Backend, bucket_name: str, key_name: str, value: bytes, *args: Any, **kwargs: Any
    ) -> Any:
        made = original(self, bucket_name, key_name, value, *args, **kwargs)
        if isinstance(value, Stub):
            # What was uploaded in parts is one piece as a copy, and so has another ETag.
            e_tag = value.e_tag if value.e_tag and "-" not in value.e_tag else made.etag.strip('"')
            made.__class__ = DemoKey
            made.value, made._etag = value, e_tag
        return made

    models.S3Backend.put_object = put_object


def backend() -> models.S3Backend:
    return models.s3_backends[DEFAULT_ACCOUNT_ID]["aws"]


def seed_buckets() -> None:
    """Create the buckets with versioning, tags, lifecycle rules and inventory configurations."""
    s3 = backend()
    for bucket in BUCKETS:
        made = s3.create_bucket(bucket.name, REGION)
        made.versioning_status = "Enabled"
        s3.tagger.tag_resource(made.arn, [{"Key": "department", "Value": bucket.department}])
        s3.put_bucket_lifecycle_configuration(
            bucket.name, [rule.as_request() for rule in RULES if rule.bucket == bucket.name]
        )
        s3.put_bucket_inventory_configuration(
            bucket.name,
            {
                "Destination": {
                    "S3BucketDestination": {
                        "Bucket": f"arn:aws:s3:::{REPORT_BUCKET}",
                        "Format": bucket.report_format,
                        "Prefix": REPORT_PREFIX.strip("/"),
                    }
                },
                "IsEnabled": "true",
                "Id": bucket.config_id,
                "IncludedObjectVersions": "All",
                "OptionalFields": {"Field": [name for name, _, _ in COLUMNS[5:]]},
                "Schedule": {"Frequency": "Daily"},
            },
        )
    s3.create_bucket(REPORT_BUCKET, REGION)


def seed_objects(plan: Plan, progressed: Callable[[int], None]) -> None:
    """Put every object that exists at the newest report, in the order of upload."""
    s3, moment = backend(), plan.calendar.report_at
    buckets = {bucket.name: s3.get_bucket(bucket.name) for bucket in BUCKETS}
    for number, item in enumerate(plan.objects, start=1):
        if number % 500 == 0 or number == len(plan.objects):
            progressed(number % 500 or 500)
        if not item.exists_at(moment):
            continue
        keys = buckets[item.bucket].keys
        older = keys.getlist(item.key, [])
        made = _marker(item, older) if item.role == "delete_marker" else _key(item, item.stay_at(moment))
        dict.__setitem__(keys, item.key, [*older, made])
        if item.tags and is_tagged(item):
            s3.tagger.tags[made.arn] = dict(item.tags)


def _key(item: StoredObject, stay: Stay) -> DemoKey:
    content = Stub()
    content.declared_size = item.size_bytes
    made = DemoKey(
        item.key, content, DEFAULT_ACCOUNT_ID, REGION, storage=stay.storage_class, etag=item.e_tag, is_versioned=True,
        version_id=item.version_id or None, bucket_name=item.bucket,
    )  # fmt: skip
    made.last_modified = item.uploaded_at.replace(tzinfo=None)
    if stay.access_tier in {"ARCHIVE", "DEEP_ARCHIVE"}:
        made.archive_tier = stay.access_tier
    return made


def _marker(item: StoredObject, older: list[Any]) -> models.FakeDeleteMarker:
    hidden = older[-1] if older else _key(item, Stay(item.uploaded_at, "STANDARD"))
    marker = models.FakeDeleteMarker(hidden)
    marker.last_modified = item.uploaded_at.replace(tzinfo=None)
    marker._version_id = item.version_id
    return marker


def seed_upload(upload: UnfinishedUpload) -> None:
    """Begin a multipart upload and send its parts, which keep the sizes they are said to have."""
    s3 = backend()
    begun = models.FakeMultipart(upload.key, {}, DEFAULT_ACCOUNT_ID, REGION, storage="STANDARD")
    begun.id = hashlib.sha256(f"{upload.bucket}/{upload.key}".encode()).hexdigest()
    s3.get_bucket(upload.bucket).multiparts[begun.id] = begun
    INITIATED_AT[begun.id] = upload.initiated_at
    for number, size in enumerate(upload.part_sizes, start=1):
        part = s3.upload_part(upload.bucket, begun.id, number, f"part {number} of {upload.key}".encode())
        part.contentsize = size
        part.last_modified = upload.initiated_at.replace(tzinfo=None)


def seed_label_files(plan: Plan) -> None:
    """Put the label files into their bucket."""
    s3 = backend()
    s3.create_bucket(LABEL_BUCKET, REGION)
    for key, body in plan.labels.files.items():
        s3.put_object(LABEL_BUCKET, key, body)


def seed_report_file(file: ReportFile) -> None:
    """Put one file of an inventory report."""
    made = backend().put_object(REPORT_BUCKET, file.key, file.body)
    made.last_modified = file.modified_at.replace(tzinfo=None)
