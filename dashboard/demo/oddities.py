"""What else lies in an archive besides images of one version each: junk, twins, old versions, markers, leftovers."""

from __future__ import annotations

import random
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from dashboard.demo.clinic import BUCKETS, DEVICE, DEVICES, JST, MIB, Calendar
from dashboard.demo.faults import JUNK_NAMES, Shot
from dashboard.demo.lifecycle import RULES
from dashboard.demo.objects import StoredObject, UnfinishedUpload, next_midnight


def add(
    rng: random.Random,
    calendar: Calendar,
    stored: list[StoredObject],
    shots: list[Shot],
    objects: int,
    counts: Counter[str],
) -> None:
    """Add all oddities to `stored`; `counts` receives how many of each kind were made."""
    counts.update(_shift_uploads(rng, shots, stored, calendar, objects))
    good = [(shot, item) for shot, item in zip(shots, stored, strict=True) if not item.reason]
    taken = {item.key for item in stored}
    makers = (
        ("junk_files", _junk(rng, good, objects)),
        ("folder_markers", _folder_markers(calendar)),
        ("zero_byte_files", _zero_bytes(rng, good, objects)),
        ("overwritten_image_jpg_versions", _overwritten(rng, good, objects)),
        ("delete_markers", _deleted(rng, good, objects, calendar)),
        ("case_only_twins", _case_twins(rng, good, objects, stored)),
        ("nfc_and_nfd_twins", _unicode_twins(rng, good, objects)),
        ("duplicate_images", _duplicates(rng, good, objects)),
        ("repeated_sequence_images", _repeated_sequences(rng, good, objects)),
        ("counter_wrap_images", _counter_wrap(rng, good, calendar)),
        ("vsi_images", _vsi_images(rng, good, objects)),
        ("vsi_companion_files", _vsi_companions(stored)),
        ("thumbnails", _thumbnails(rng, good, objects)),
        ("deleted_before_minimum_days", _deleted_early(rng, good)),
    )
    for name, made in makers:
        for item in made:
            is_new_version = name in {"overwritten_image_jpg_versions", "delete_markers"}
            if (item.key in taken and not is_new_version) or item.uploaded_at > calendar.report_at:
                continue
            taken.add(item.key)
            stored.append(item)
            counts[name] += 1


def _some(
    rng: random.Random, good: list[tuple[Shot, StoredObject]], amount: float
) -> list[tuple[Shot, StoredObject]]:
    return rng.sample(good, min(len(good), max(2, round(amount))))


def _junk(rng: random.Random, good: list[tuple[Shot, StoredObject]], objects: int) -> Iterator[StoredObject]:
    for number, (shot, item) in enumerate(_some(rng, good, objects * 0.008)):
        name = JUNK_NAMES[number % len(JUNK_NAMES)]
        yield replace(
            item,
            key=shot.folder + name,
            size_bytes=rng.randrange(100, 9000),
            role="junk",
            captured_on=None,
            tags={},
        )
    for bucket in BUCKETS[:2]:
        _, item = rng.choice([pair for pair in good if pair[1].bucket == bucket.name])
        yield replace(
            item, key=".DS_Store", size_bytes=6148, role="junk", captured_on=None, tags={},
            device_id="unattributed", unit_id="",
        )  # fmt: skip


def _folder_markers(calendar: Calendar) -> Iterator[StoredObject]:
    for device in DEVICES:
        for unit in ("", device.units[0]):
            yield StoredObject(
                bucket=device.bucket, key=f"{device.id}/{unit}/" if unit else f"{device.id}/", role="folder_marker",
                uploaded_at=calendar.starts_at + timedelta(hours=1), size_bytes=0, device_id=device.id, unit_id=unit,
            )  # fmt: skip


def _zero_bytes(
    rng: random.Random, good: list[tuple[Shot, StoredObject]], objects: int
) -> Iterator[StoredObject]:
    for shot, item in _some(rng, good, objects * 0.0015):
        key = replace(shot, sequence=shot.sequence + 500).key
        yield replace(item, key=key, size_bytes=0, role="junk", captured_on=None, tags={})


def _overwritten(
    rng: random.Random, good: list[tuple[Shot, StoredObject]], objects: int
) -> Iterator[StoredObject]:
    """A browser names every photograph image.jpg: each upload of a day hides the one before."""
    ipads = [(shot, item) for shot, item in good if shot.device_id == "ipad" and shot.extension == "jpg"]
    for shot, item in _some(rng, ipads, objects * 0.003):
        moment = item.uploaded_at
        for _ in range(rng.randrange(2, 7)):
            yield replace(
                item, key=f"{shot.folder}image.jpg", reason="camera_default_name", captured_on=None,
                uploaded_at=moment, size_bytes=round(2 * MIB * rng.lognormvariate(0, 0.3)), is_recalled=False,
            )  # fmt: skip
            moment += timedelta(minutes=rng.randrange(2, 40))


def _deleted(
    rng: random.Random, good: list[tuple[Shot, StoredObject]], objects: int, calendar: Calendar
) -> Iterator[StoredObject]:
    for number, (_, item) in enumerate(_some(rng, good, objects * 0.006)):
        at = item.uploaded_at + timedelta(days=rng.randrange(0, 40), minutes=rng.randrange(5, 300))
        yield replace(
            item, uploaded_at=at, size_bytes=0, role="delete_marker", reason="", captured_on=None, tags={}
        )
        if number % 5 == 0 and at + timedelta(hours=2) < calendar.report_at:
            # Deleted by mistake and uploaded again: the marker itself becomes an old version.
            yield replace(item, uploaded_at=at + timedelta(hours=2))


def _case_twins(
    rng: random.Random, good: list[tuple[Shot, StoredObject]], objects: int, stored: list[StoredObject]
) -> Iterator[StoredObject]:
    deleted = {item.key for item in stored if item.role == "delete_marker"}
    there = [pair for pair in good if pair[1].key not in deleted]
    for shot, item in _some(rng, there, objects * 0.0006):
        yield _twin(item, f"{shot.folder}{shot.stem}.{shot.extension.upper()}", "upper_case_extension")


def _unicode_twins(
    rng: random.Random, good: list[tuple[Shot, StoredObject]], objects: int
) -> Iterator[StoredObject]:
    """The same name in two Unicode forms: they look alike and are two objects."""
    for shot, item in _some(rng, good, objects * 0.0003):
        for form, reason in (("NFC", "pattern_mismatch"), ("NFD", "nfd_text")):
            name = unicodedata.normalize("NFC" if form == "NFC" else "NFD", "Ménière")
            yield _twin(item, f"{shot.folder}{shot.stem}_{name}.{shot.extension}", reason)


def _duplicates(
    rng: random.Random, good: list[tuple[Shot, StoredObject]], objects: int
) -> Iterator[StoredObject]:
    for shot, item in _some(rng, good, objects * 0.002):
        copied = _twin(item, replace(shot, sequence=shot.sequence + 300).key, "")
        yield replace(copied, captured_on=item.captured_on)


def _twin(item: StoredObject, key: str, reason: str) -> StoredObject:
    if not item.e_tag:
        # The twin's content is the same, so both get the ETag now.
        item.e_tag = f"{random.Random(item.key).getrandbits(128):032x}"
    return replace(
        item, key=key, reason=reason, captured_on=None, uploaded_at=item.uploaded_at + timedelta(minutes=3)
    )


def _repeated_sequences(
    rng: random.Random, good: list[tuple[Shot, StoredObject]], objects: int
) -> Iterator[StoredObject]:
    counted = [pair for pair in good if DEVICE[pair[0].device_id].sequence == "per_day"]
    for shot, item in _some(rng, counted, 2 + objects * 0.0008):
        moved = replace(shot, captured_at=shot.captured_at - timedelta(seconds=97))
        if moved.folder == shot.folder:
            yield replace(item, key=moved.key, uploaded_at=item.uploaded_at + timedelta(minutes=1))


def _counter_wrap(
    rng: random.Random, good: list[tuple[Shot, StoredObject]], calendar: Calendar
) -> Iterator[StoredObject]:
    """A camera's counter runs over from 9999 to 0001."""
    shot, item = rng.choice(
        [pair for pair in good if pair[0].device_id == "dslr" and pair[0].extension == "cr3"]
    )
    for number, name in enumerate(("IMG_9998", "IMG_9999", "IMG_0001", "IMG_0002")):
        yield replace(
            item, key=f"{shot.folder}{name}.cr3", reason="camera_default_name", captured_on=None,
            uploaded_at=min(item.uploaded_at + timedelta(minutes=number), calendar.report_at),
        )  # fmt: skip


def _vsi_images(
    rng: random.Random, good: list[tuple[Shot, StoredObject]], objects: int
) -> Iterator[StoredObject]:
    """VSI files: small, and nothing without the folder of their pixels."""
    tiffs = [pair for pair in good if pair[0].device_id == "bacteria" and pair[0].extension == "tiff"]
    for shot, item in _some(rng, tiffs, 4 + objects * 0.0003):
        key = replace(shot, sequence=shot.sequence + 350, extension="vsi").key
        yield replace(item, key=key, size_bytes=MIB // 4)


def _vsi_companions(stored: list[StoredObject]) -> Iterator[StoredObject]:
    """The pixels of VSI files, whose names no rule of the clinic foresees; those of one are under another's name."""
    files = [
        item for item in stored if item.key.endswith(".vsi") and item.role == "image" and not item.reason
    ]
    for number, item in enumerate(files):
        folder, _, name = item.key.removesuffix(".vsi").rpartition("/")
        if number == 1:
            name = f"{name[:-4]}9000"
        yield replace(
            item, key=f"{folder}/_{name}_/stack1/frame_t_0.ets", role="companion", captured_on=None, right_key="",
            size_bytes=item.size_bytes * 900, tags={},
        )  # fmt: skip


def _thumbnails(
    rng: random.Random, good: list[tuple[Shot, StoredObject]], objects: int
) -> Iterator[StoredObject]:
    """Small pictures that a viewer made from the images."""
    for shot, item in _some(rng, good, objects * 0.002):
        yield replace(
            item, key=f"{shot.folder}{shot.stem}_thumb.jpg", role="derivative", captured_on=None, right_key="",
            size_bytes=rng.randrange(6_000, 30_000), uploaded_at=item.uploaded_at + timedelta(minutes=9), tags={},
        )  # fmt: skip


def _shift_uploads(
    rng: random.Random, shots: list[Shot], stored: list[StoredObject], calendar: Calendar, objects: int
) -> dict[str, int]:
    """Some images came weeks late; some were taken, by their device's clock, two days after they came."""
    good = [
        item
        for shot, item in zip(shots, stored, strict=True)
        if not item.reason
        and shot.captured_at > calendar.starts_at + timedelta(days=10)
        and item.uploaded_at < calendar.report_at - timedelta(days=40)
    ]
    wanted = max(2, round(objects * 0.001))
    chosen = rng.sample(good, min(len(good), 2 * wanted))
    for number, item in enumerate(chosen):
        item.uploaded_at += timedelta(days=rng.randrange(25, 39)) if number % 2 else timedelta(days=-2)
    return {"late_uploads": len(chosen) // 2, "uploads_before_capture": len(chosen) - len(chosen) // 2}


def _deleted_early(rng: random.Random, good: list[tuple[Shot, StoredObject]]) -> Iterator[StoredObject]:
    """Somebody uploaded straight to Glacier and deleted it for good three weeks later: S3 bills the minimum days."""
    videos = [pair for pair in good if pair[0].extension == "mp4" and pair[0].device_id == "surgical"]
    for shot, item in _some(rng, videos, 6)[:6]:
        yield replace(
            item, key=replace(shot, sequence=shot.sequence + 700).key, put_class="GLACIER",
            removed_at=item.uploaded_at + timedelta(days=21),
        )  # fmt: skip


def expire_markers(stored: list[StoredObject]) -> None:
    """Carry out the rules that remove a delete marker once it hides nothing."""
    buckets = {rule.bucket for rule in RULES if rule.expires_markers and rule.is_enabled}
    versions: dict[tuple[str, str], list[StoredObject]] = defaultdict(list)
    for item in stored:
        versions[item.bucket, item.key].append(item)
    for (bucket, _), items in versions.items():
        *older, latest = items
        if bucket in buckets and latest.role == "delete_marker" and older:
            gone = [item.removed_at for item in older]
            if all(gone):
                latest.removed_at = next_midnight(max(at for at in gone if at) + timedelta(days=1))


def unfinished_uploads(rng: random.Random, calendar: Calendar) -> list[UnfinishedUpload]:
    """Multipart uploads that were begun and neither completed nor aborted."""
    made = []
    for device_id, extension, count, oldest_days in (
        ("surgical", "mp4", 7, 330),
        ("bacteria", "czi", 4, 200),
        ("endoscope", "mp4", 3, 150),
        ("ipad", "mov", 2, 6),
    ):
        for number in range(count):
            device = DEVICE[device_id]
            days = max(1, oldest_days * (number + 1) // count)
            at: datetime = calendar.report_at - timedelta(days=days, seconds=rng.randrange(3600, 20_000))
            shot = Shot(device_id, device.units[number % 2], at.astimezone(JST), 900 + number, extension)
            parts = tuple([64 * MIB] * rng.randrange(1, 12) if extension != "mov" else [8 * MIB] * 2)
            made.append(UnfinishedUpload(device.bucket, shot.key, device_id, at, parts))
    return made
