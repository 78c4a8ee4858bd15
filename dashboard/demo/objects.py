"""What lies in the archive: stored objects with the storage classes that the lifecycle rules gave them over time."""

from __future__ import annotations

import base64
import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from dashboard.demo.lifecycle import RULES, SMALLEST_MOVED_BYTES, TIER_DAYS, Rule


@dataclass(frozen=True, slots=True)
class Stay:
    """A time that an object spent in one storage class and access tier, from `start` on (UTC)."""

    start: datetime
    storage_class: str
    access_tier: str = ""


@dataclass(slots=True)
class StoredObject:
    """One version of a key, or a delete marker.

    Attributes:
        version_id: '' for an object from before versioning (the "null" version).
        role: what it is while it is the latest: image, junk, folder_marker, companion, derivative or delete_marker.
        reason: fault of the name, '' for a good one; images only.
        captured_on: day of capture (JST) where the name gives it and is good.
        superseded_at: when a newer version of the key came (UTC).
        removed_at: when this version was deleted for good (UTC).
        right_key: the name it would have without its fault; '' where nobody knows.
        is_recalled: somebody opens it again and again.
    """

    bucket: str
    key: str
    uploaded_at: datetime
    size_bytes: int
    device_id: str
    unit_id: str
    role: str = "image"
    reason: str = ""
    captured_on: date | None = None
    right_key: str = ""
    version_id: str = ""
    e_tag: str = ""
    is_multipart: bool = False
    put_class: str = "STANDARD"
    tags: dict[str, str] = field(default_factory=dict)
    superseded_at: datetime | None = None
    removed_at: datetime | None = None
    is_recalled: bool = False
    stays: tuple[Stay, ...] = ()

    def exists_at(self, moment: datetime) -> bool:
        return self.uploaded_at <= moment and (self.removed_at is None or moment < self.removed_at)

    def is_latest_at(self, moment: datetime) -> bool:
        return self.superseded_at is None or moment < self.superseded_at

    def kind_at(self, moment: datetime) -> str:
        if self.role == "delete_marker":
            return self.role
        return self.role if self.is_latest_at(moment) else "noncurrent_version"

    def stay_at(self, moment: datetime) -> Stay:
        return next(stay for stay in reversed(self.stays) if stay.start <= moment)


@dataclass(frozen=True)
class UnfinishedUpload:
    """A multipart upload that nobody finished."""

    bucket: str
    key: str
    device_id: str
    initiated_at: datetime
    part_sizes: tuple[int, ...]

    @property
    def size_bytes(self) -> int:
        return sum(self.part_sizes)


def next_midnight(moment: datetime) -> datetime:
    """The first midnight UTC that is not before a moment: when S3 carries lifecycle actions out."""
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return day if day == moment else day + timedelta(days=1)


def settle(objects: list[StoredObject], rng: random.Random, versioned_from: dict[str, datetime]) -> None:
    """Give each object its version id, ETag, the time it was superseded or removed, and its storage classes."""
    objects.sort(key=lambda item: (item.uploaded_at, item.key))
    newest: dict[tuple[str, str], StoredObject] = {}
    for item in objects:
        older = newest.get((item.bucket, item.key))
        if older is not None:
            older.superseded_at = item.uploaded_at
        newest[item.bucket, item.key] = item
        if item.uploaded_at >= versioned_from[item.bucket]:
            item.version_id = base64.urlsafe_b64encode(rng.getrandbits(192).to_bytes(24)).decode()
        if item.role != "delete_marker" and not item.e_tag:
            item.e_tag = f"{rng.getrandbits(128):032x}"
        if item.size_bytes > 100 << 20:
            item.is_multipart = True
            item.e_tag = f"{item.e_tag[:32]}-{-(-item.size_bytes // PART_BYTES)}"
    for item in objects:
        rules = [rule for rule in RULES if rule.applies_to(item.bucket, item.key)]
        if item.superseded_at is not None:
            days = [rule.noncurrent_expiration_days for rule in rules if rule.noncurrent_expiration_days]
            if days and item.removed_at is None:
                item.removed_at = next_midnight(item.superseded_at + timedelta(days=min(days)))
        item.stays = _stays(item, rules)


PART_BYTES = 64 << 20
"""Size of the parts in which large files are uploaded."""


def _stays(item: StoredObject, rules: list[Rule]) -> tuple[Stay, ...]:
    if item.role == "delete_marker":
        return (Stay(item.uploaded_at, ""),)
    stays = [Stay(item.uploaded_at, item.put_class)]
    if item.size_bytes >= SMALLEST_MOVED_BYTES and item.put_class == "STANDARD":
        for rule in rules:
            for days, to_class in rule.transitions:
                at = next_midnight(item.uploaded_at + timedelta(days=days))
                if item.superseded_at is None or at < item.superseded_at:
                    stays.append(Stay(at, to_class))
            if item.superseded_at is not None:
                for days, to_class in rule.noncurrent_transitions:
                    stays.append(Stay(next_midnight(item.superseded_at + timedelta(days=days)), to_class))
    stays.sort(key=lambda stay: stay.start)
    split: list[Stay] = []
    for stay in stays:
        if stay.storage_class != "INTELLIGENT_TIERING":
            split.append(stay)
            continue
        for days, tier in TIER_DAYS if not item.is_recalled else TIER_DAYS[:1]:
            split.append(Stay(stay.start + timedelta(days=days), stay.storage_class, tier))
    return tuple(split)


def utc(moment: datetime) -> datetime:
    """The same moment in UTC, in whole seconds as S3 keeps it."""
    return moment.astimezone(UTC).replace(microsecond=0)
