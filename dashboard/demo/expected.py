"""What the embedded archive is known to hold: the numbers that pages and tests must come to.

Everything is as of the newest report, which lists exactly what the S3 holds. `expected.json` is `Expected.as_dict()`.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashboard.demo.clinic import BUCKETS, DEVICES, JST, SILENT_UNIT
from dashboard.demo.findings import count_findings
from dashboard.demo.objects import StoredObject, UnfinishedUpload

REQUIRED_TAGS = ("label", "patient_ref")
"""An image is labelled when it carries both."""


@dataclass
class Amount:
    """Objects and their bytes."""

    object_count: int = 0
    size_bytes: int = 0

    def add(self, size_bytes: int) -> None:
        self.object_count += 1
        self.size_bytes += size_bytes


@dataclass
class Expected:
    """The known numbers.

    Attributes:
        by_bucket: every listed row of a bucket's newest report (versions and markers included).
        by_kind: image, junk, folder_marker, companion, derivative, noncurrent_version, delete_marker.
        images_by_device_class: device -> storage class -> amount, current images only.
        by_device_class: the same for every listed row; a delete marker's class is ''.
        images_by_access_tier: access tiers of the current images in Intelligent-Tiering.
        by_reason: misnamed current images; the code is the key. by_device_reason: the same per device.
        labels: device -> labelled, unlabelled, unlabelled_bytes; current images only.
        labels_by_month: device -> month of capture -> labelled and unlabelled; well-named images only.
        label_findings: rule of the labels -> findings; label_orphans: reason -> labels without an image.
        label_rows: source -> rows of its file.
        images_by_unit: device/unit -> amount; without a known unit "device/".
        by_rule: findings of each alert rule, but for labels.
        oddities: things that are no fault of a name, by what they are.
        unfinished_uploads: bucket -> amount, and the number of parts in `unfinished_part_count`.
        uploads_by_day: day of upload (JST) -> current images.
        reports: one item per report that is kept: bucket, report_at, format, rows, bytes, latest, delete markers.
        costs: month -> usage, tax, credit, total and each service's total in USD, as decimal strings.
    """

    seed: int
    now: str
    report_at: str
    by_bucket: dict[str, Amount] = field(default_factory=dict)
    by_kind: dict[str, Amount] = field(default_factory=dict)
    images_by_device_class: dict[str, dict[str, Amount]] = field(default_factory=dict)
    by_device_class: dict[str, dict[str, Amount]] = field(default_factory=dict)
    images_by_access_tier: dict[str, Amount] = field(default_factory=dict)
    by_reason: dict[str, int] = field(default_factory=dict)
    by_device_reason: dict[str, dict[str, int]] = field(default_factory=dict)
    labels: dict[str, dict[str, int]] = field(default_factory=dict)
    labels_by_month: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    label_findings: dict[str, int] = field(default_factory=dict)
    label_orphans: dict[str, int] = field(default_factory=dict)
    label_rows: dict[str, int] = field(default_factory=dict)
    images_by_unit: dict[str, Amount] = field(default_factory=dict)
    by_rule: dict[str, int] = field(default_factory=dict)
    oddities: dict[str, int] = field(default_factory=dict)
    unfinished_uploads: dict[str, Amount] = field(default_factory=dict)
    unfinished_part_count: int = 0
    uploads_by_day: dict[str, int] = field(default_factory=dict)
    silent_units: list[str] = field(default_factory=list)
    reports: list[dict[str, Any]] = field(default_factory=list)
    costs: dict[str, dict[str, str]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Expected:
        return cls(**{name: _revive(value) for name, value in data.items()})


def _revive(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {"object_count", "size_bytes"}:
            return Amount(**value)
        return {name: _revive(item) for name, item in value.items()}
    return value


def count(
    *,
    seed: int,
    now: datetime,
    report_at: datetime,
    objects: Iterable[StoredObject],
    uploads: Iterable[UnfinishedUpload],
    oddities: dict[str, int],
) -> Expected:
    """Count what exists at the newest report; reports and costs are filled in by those who make them."""
    expected = Expected(seed, now.isoformat(), report_at.isoformat(), oddities=dict(sorted(oddities.items())))
    expected.by_bucket = {bucket.name: Amount() for bucket in BUCKETS}
    expected.labels = {
        device: {"labelled": 0, "unlabelled": 0, "unlabelled_bytes": 0}
        for device in (*(item.id for item in DEVICES), "unattributed")
    }
    days: Counter[str] = Counter()
    listed = [item for item in objects if item.exists_at(report_at)]
    for item in listed:
        kind, stay = item.kind_at(report_at), item.stay_at(report_at)
        expected.by_bucket[item.bucket].add(item.size_bytes)
        expected.by_kind.setdefault(kind, Amount()).add(item.size_bytes)
        _cell(expected.by_device_class, item.device_id, stay.storage_class).add(item.size_bytes)
        if kind != "image":
            continue
        _cell(expected.images_by_device_class, item.device_id, stay.storage_class).add(item.size_bytes)
        if stay.access_tier:
            expected.images_by_access_tier.setdefault(stay.access_tier, Amount()).add(item.size_bytes)
        if item.reason:
            expected.by_reason[item.reason] = expected.by_reason.get(item.reason, 0) + 1
            reasons = expected.by_device_reason.setdefault(item.device_id, {})
            reasons[item.reason] = reasons.get(item.reason, 0) + 1
        unit = f"{item.device_id}/{item.unit_id}"
        expected.images_by_unit.setdefault(unit, Amount()).add(item.size_bytes)
        _count_label(expected, item)
        days[_local_day(item.uploaded_at)] += 1
    expected.uploads_by_day = dict(sorted(days.items()))
    expected.silent_units = ["/".join(SILENT_UNIT)]
    waiting = list(uploads)
    expected.by_rule = {
        **expected.by_reason,
        **count_findings(listed, report_at),
        "junk_object": expected.by_kind["junk"].object_count,
        "silent_device": len(expected.silent_units),
        "unfinished_upload": len(waiting),
    }
    for upload in waiting:
        amount = expected.unfinished_uploads.setdefault(upload.bucket, Amount())
        amount.add(upload.size_bytes)
        expected.unfinished_part_count += len(upload.part_sizes)
    return expected


def _count_label(expected: Expected, item: StoredObject) -> None:
    is_labelled = all(tag in item.tags for tag in REQUIRED_TAGS)
    labels = expected.labels[item.device_id]
    labels["labelled" if is_labelled else "unlabelled"] += 1
    labels["unlabelled_bytes"] += 0 if is_labelled else item.size_bytes
    if item.captured_on is not None:
        months = expected.labels_by_month.setdefault(item.device_id, {})
        months.setdefault(f"{item.captured_on:%Y-%m}", [0, 0])[0 if is_labelled else 1] += 1


def _cell(table: dict[str, dict[str, Amount]], device: str, storage_class: str) -> Amount:
    return table.setdefault(device, {}).setdefault(storage_class, Amount())


def _local_day(moment: datetime) -> str:
    return moment.astimezone(JST).date().isoformat()
