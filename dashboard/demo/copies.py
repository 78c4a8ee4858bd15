"""The same image stored more than once: in another bucket, in its own folder, as an older version; and how many."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from dashboard.demo.clinic import BUCKETS, Calendar
from dashboard.demo.faults import Shot
from dashboard.demo.objects import StoredObject

ENCRYPTED_BUCKET = BUCKETS[2].name
"""Its objects have KMS keys, so that their ETags prove nothing."""


def add(
    rng: random.Random,
    calendar: Calendar,
    stored: list[StoredObject],
    shots: list[Shot],
    objects: int,
    counts: Counter[str],
) -> None:
    """Add copies of well-named images to `stored`; `counts` receives how many of each kind were made."""
    good = [(shot, item) for shot, item in zip(shots, stored, strict=False) if not item.reason]
    taken = {(item.bucket, item.key) for item in stored}
    for name, made in (
        ("copies_in_another_bucket", _backup(rng, good, objects)),
        ("copies_in_the_same_bucket", _second_uploads(rng, good, objects)),
        ("reuploaded_versions", _uploaded_again(rng, good, objects)),
    ):
        for item in made:
            is_new_version = name == "reuploaded_versions"
            if item.uploaded_at > calendar.report_at or (
                not is_new_version and (item.bucket, item.key) in taken
            ):
                continue
            taken.add((item.bucket, item.key))
            stored.append(item)
            counts[name] += 1


def _chosen(
    rng: random.Random, good: list[tuple[Shot, StoredObject]], bucket: str, amount: float
) -> list[tuple[Shot, StoredObject]]:
    there = [(shot, item) for shot, item in good if item.bucket == bucket]
    found = rng.sample(there, min(len(there), max(3, round(amount))))
    for _, item in found:
        # The content is the same, so the ETag has to be there before the copies are made.
        item.e_tag = item.e_tag or f"{random.Random(item.key).getrandbits(128):032x}"
    return found


def _backup(
    rng: random.Random, good: list[tuple[Shot, StoredObject]], objects: int
) -> Iterator[StoredObject]:
    """Somebody saved a folder of photographs in the laboratory's bucket, without the labels."""
    for _, item in _chosen(rng, good, BUCKETS[0].name, objects * 0.001):
        yield replace(item, bucket=BUCKETS[1].name, uploaded_at=item.uploaded_at + timedelta(days=9), tags={})


def _second_uploads(
    rng: random.Random, good: list[tuple[Shot, StoredObject]], objects: int
) -> Iterator[StoredObject]:
    """The same capture sent twice under two numbers; in the encrypted bucket nobody can tell for sure."""
    for bucket in (BUCKETS[0].name, ENCRYPTED_BUCKET):
        for shot, item in _chosen(rng, good, bucket, objects * 0.0008):
            key = replace(shot, sequence=shot.sequence + 400).key
            yield replace(item, key=key, uploaded_at=item.uploaded_at + timedelta(minutes=2))


def _uploaded_again(
    rng: random.Random, good: list[tuple[Shot, StoredObject]], objects: int
) -> Iterator[StoredObject]:
    """An upload that was thought lost and repeated: the older version holds the same bytes."""
    for _, item in _chosen(rng, good, BUCKETS[1].name, objects * 0.0008):
        yield replace(item, uploaded_at=item.uploaded_at + timedelta(hours=5))


def duplicates(objects: Iterable[StoredObject], report_at: datetime) -> dict[str, int]:
    """Current objects that a newest report shows to be stored twice, for sure or perhaps, without the kept copies."""
    groups: dict[tuple[str, int], list[StoredObject]] = defaultdict(list)
    for item in objects:
        if item.exists_at(report_at) and item.role != "delete_marker" and item.size_bytes:
            groups[item.e_tag, item.size_bytes].append(item)
    found = {"exact_duplicates": 0, "suspect_duplicates": 0}
    for items in groups.values():
        comparable = [item for item in items if item.bucket != ENCRYPTED_BUCKET and not item.is_multipart]
        exact = comparable if len(comparable) > 1 else []
        suspect = [item for item in items if item not in exact] if len(items) > 1 else []
        for name, members, has_kept in (
            ("exact_duplicates", exact, True),
            ("suspect_duplicates", suspect, not exact),
        ):
            current = sum(item.is_latest_at(report_at) for item in members)
            found[name] += max(0, current - has_kept)
    return found
