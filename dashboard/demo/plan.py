"""The plan of the embedded archive: every object, version, marker and unfinished upload, from a seed and a time."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.demo import copies, oddities
from dashboard.demo.clinic import (
    BUCKETS,
    DEVICE,
    DEVICES,
    JST,
    NEW_DAYS,
    NEW_UNIT,
    SILENT_DAYS,
    SILENT_UNIT,
    Calendar,
    DeviceKind,
    FileKind,
    busyness,
    time_of_day,
)
from dashboard.demo.expected import Expected, count
from dashboard.demo.faults import FAULTS, Shot
from dashboard.demo.findings import LAST_NUMBER
from dashboard.demo.label_files import LabelFiles, write_label_files
from dashboard.demo.labels import tags_for
from dashboard.demo.objects import StoredObject, UnfinishedUpload, settle, utc

SHOTS_BEFORE_WRAP = 12
"""The first unit with a running counter passes its last number after so many captures."""


@dataclass(frozen=True)
class Plan:
    """Everything the archive holds and held. `objects` are in the order of their upload."""

    seed: int
    calendar: Calendar
    objects: list[StoredObject]
    uploads: list[UnfinishedUpload]
    expected: Expected
    labels: LabelFiles


def make_plan(seed: int, now: datetime, objects: int) -> Plan:
    """Plan an archive of about `objects` current images; the same arguments give the same plan."""
    calendar = Calendar.of(now)
    shots = [shot for device in DEVICES for shot in _shots(seed, calendar, device, objects)]
    spoiled = _spoil(random.Random(f"{seed}:faults"), shots, objects)
    rng = random.Random(f"{seed}:objects")
    stored = [_stored(rng, calendar, shot, spoiled.get(index)) for index, shot in enumerate(shots)]
    counts: Counter[str] = Counter()
    oddities.add(random.Random(f"{seed}:oddities"), calendar, stored, shots, objects, counts)
    copies.add(random.Random(f"{seed}:copies"), calendar, stored, shots, objects, counts)
    uploads = oddities.unfinished_uploads(random.Random(f"{seed}:uploads"), calendar)
    versioned_from = {bucket.name: calendar.starts_at for bucket in BUCKETS}
    # Versioning came a week after the first uploads here, so the oldest objects have no version id.
    versioned_from[BUCKETS[0].name] = calendar.starts_at + timedelta(days=7)
    settle(stored, random.Random(f"{seed}:versions"), versioned_from)
    oddities.expire_markers(stored)
    stored = [item for item in stored if item.removed_at is None or item.removed_at > item.uploaded_at]
    for item in stored:
        if item.removed_at is not None and item.removed_at > calendar.report_at:
            item.removed_at = None
    counts.update(copies.duplicates(stored, calendar.report_at))
    expected = count(
        seed=seed,
        now=calendar.now,
        report_at=calendar.report_at,
        objects=stored,
        uploads=uploads,
        oddities=dict(counts),
    )
    labels = write_label_files(random.Random(f"{seed}:labels"), calendar, stored)
    expected.label_findings, expected.label_orphans = labels.findings, labels.orphans
    expected.by_rule |= labels.findings
    expected.by_rule |= {name: counts[f"{name}s"] for name in ("exact_duplicate", "suspect_duplicate")}
    expected.label_rows = labels.rows
    return Plan(seed, calendar, stored, uploads, expected, labels)


def _shots(seed: int, calendar: Calendar, device: DeviceKind, objects: int) -> Iterator[Shot]:
    """The captures of one device kind, in order of time, with their sequence numbers."""
    rng = random.Random(f"{seed}:{device.id}")
    wanted = round(objects * device.share)
    days = rng.choices(calendar.days(), calendar.weights(), k=wanted)
    unit_weights = [1.0 / (1 + 0.35 * index) for index in range(len(device.units))]
    moments = []
    for day, unit in zip(days, rng.choices(device.units, unit_weights, k=wanted), strict=True):
        if (device.id, unit) == SILENT_UNIT and (calendar.last_day - day).days <= SILENT_DAYS:
            unit = device.units[0]
        if (device.id, unit) == NEW_UNIT and (calendar.last_day - day).days > NEW_DAYS:
            unit = device.units[0]
        until = 9 if day == calendar.last_day else 18
        moments.append((_midnight(day) + time_of_day(rng, until_hour=until), unit))
    moments += _recent(rng, calendar, device)
    moments.sort()
    latest = calendar.report_at - timedelta(minutes=20)
    moments = [(at, unit) for at, unit in moments if calendar.starts_at < at <= latest][-wanted:]
    weights = [item.share for item in device.files]
    kinds = rng.choices(device.files, weights, k=len(moments))
    if device.companion:
        _pair_up(rng, device, moments, kinds)
    numbers: Counter[tuple[str, str]] = Counter()
    previous: tuple[datetime, str] | None = None
    for (moment, unit), kind in zip(moments, kinds, strict=True):
        is_running = device.sequence == "per_unit"
        day_key = (unit, "" if is_running else f"{moment:%Y%m%d}")
        if is_running and unit == device.units[0] and not numbers[day_key]:
            numbers[day_key] = LAST_NUMBER - SHOTS_BEFORE_WRAP
        if (moment, unit) != previous:
            numbers[day_key] += 2 if rng.random() < 0.004 else 1
        previous = (moment, unit)
        number = (numbers[day_key] - 1) % LAST_NUMBER + 1
        yield Shot(device.id, unit, moment, number, kind.extension)


def _midnight(day: object) -> datetime:
    return datetime.fromisoformat(f"{day}T00:00:00").replace(tzinfo=JST)


def _recent(rng: random.Random, calendar: Calendar, device: DeviceKind) -> list[tuple[datetime, str]]:
    """A capture of every unit that works on the last two busy days, so that only one unit is silent."""
    busy = [day for day in calendar.days()[:-1] if busyness(day) == 1.0][-2:]
    return [
        (_midnight(day) + time_of_day(rng, until_hour=17), unit)
        for day in busy
        for unit in device.units
        if (device.id, unit) != SILENT_UNIT
    ]


def _pair_up(
    rng: random.Random, device: DeviceKind, moments: list[tuple[datetime, str]], kinds: list[FileKind]
) -> None:
    """Turn some neighbours into pairs of one stem: RAW+JPEG, HEIC+MOV."""
    assert device.companion
    first, second = (
        next(item for item in device.files if item.extension == name) for name in device.companion
    )
    chance = 0.75 if first.extension == "cr3" else 0.1
    index = 0
    while index + 1 < len(moments):
        if rng.random() < chance:
            moments[index + 1] = moments[index]
            kinds[index], kinds[index + 1] = first, second
            index += 1
        index += 1
    order = sorted(range(len(moments)), key=lambda number: moments[number])
    moments[:] = [moments[number] for number in order]
    kinds[:] = [kinds[number] for number in order]


def _spoil(rng: random.Random, shots: list[Shot], objects: int) -> dict[int, tuple[str, str]]:
    """Choose the images whose names are bad: index -> (reason, key)."""
    spoiled: dict[int, tuple[str, str]] = {}
    keys = {shot.key for shot in shots}
    by_device: dict[str, list[int]] = {}
    for index, shot in enumerate(shots):
        by_device.setdefault(shot.device_id, []).append(index)
    for fault in FAULTS:
        left = max(2, round(objects * fault.share))
        pool = [index for device in fault.devices for index in by_device[device]]
        while left:
            index = rng.choice(pool)
            if index in spoiled:
                continue
            key = fault.spoil(shots[index], rng)
            if key in keys:
                continue
            keys.add(key)
            spoiled[index] = (fault.reason, key)
            left -= 1
    return spoiled


def _stored(
    rng: random.Random, calendar: Calendar, shot: Shot, spoiled: tuple[str, str] | None
) -> StoredObject:
    device = DEVICE[shot.device_id]
    reason, key = spoiled or ("", shot.key)
    shortest, longest = device.delay_minutes
    delay = timedelta(minutes=rng.uniform(shortest, longest))
    if rng.random() < 0.02:
        delay += timedelta(days=rng.randrange(1, 12))
    uploaded = utc(shot.captured_at + delay)
    if uploaded > calendar.report_at:
        uploaded = utc(calendar.report_at - timedelta(seconds=rng.randrange(60, 900)))
    file_kind = next(item for item in device.files if item.extension == shot.extension)
    size = round(file_kind.size_bytes * rng.lognormvariate(0, file_kind.spread))
    captured = shot.captured_at.date()
    return StoredObject(
        bucket=device.bucket,
        key=key,
        uploaded_at=uploaded,
        size_bytes=max(size, 2048),
        device_id="unattributed" if reason == "unknown_device" else shot.device_id,
        unit_id="" if reason in {"unknown_device", "unknown_unit"} else shot.unit_id,
        reason=reason,
        captured_on=None if reason else captured,
        right_key=shot.key,
        tags=tags_for(
            rng, device, captured, is_misnamed=bool(reason), is_new=(calendar.last_day - captured).days < 14
        ),
        is_recalled=rng.random() < 0.12,
    )
