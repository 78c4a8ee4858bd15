"""The clinic behind the embedded archive: its buckets, devices and units, and the rhythm of its days.

Everything here is data or pure: the same seed, time and size give the same clinic. The clinic and its people are
invented.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone

JST = timezone(timedelta(hours=9), "JST")
KEY_TEMPLATE = "{device}/{unit}/{captured:%Y/%m/%d}/{device}-{unit}_{captured:%Y%m%dT%H%M%S}_{seq:4}.{ext}"
IN_USE_FROM = date(2019, 4, 1)
"""First day on which any device of the clinic can have taken an image."""

ARCHIVE_NAME = "Sakura Eye Clinic (demo)"
REPORT_BUCKET = "sakura-eye-inventory"
REPORT_PREFIX = "reports/"
REPORT_HOUR = 1
"""Hour of the day (UTC) at which the inventory scans start."""

MIB = 1 << 20


@dataclass(frozen=True)
class Bucket:
    """A source bucket, with how its inventory is written and whom its bill goes to."""

    name: str
    config_id: str
    report_format: str
    account_id: str
    department: str


BUCKETS = (
    Bucket("sakura-eye-photos", "daily-all-csv", "CSV", "111122223333", "photography"),
    Bucket("sakura-eye-microscopes", "daily-all-parquet", "Parquet", "111122223333", "laboratory"),
    Bucket("sakura-eye-imaging", "daily-all-orc", "ORC", "444455556666", "radiology"),
)


@dataclass(frozen=True)
class FileKind:
    """A kind of file that a device makes: its share of the images and its usual size."""

    extension: str
    share: float
    size_bytes: int
    spread: float = 0.35


@dataclass(frozen=True)
class DeviceKind:
    """A kind of device.

    Attributes:
        share: share of the archive's images.
        unlabelled: chance that an image lacks a required tag, before the month's own factor.
        delay_minutes: shortest and longest time from capture to upload on a usual day.
        companion: extensions that come in pairs: (of the first file, of the second).
        silent_after_days: days a unit may be silent; None leaves it to its own rhythm.
        sequence: how the number in the names runs; "none" means that nobody watches it.
        pairs: files that are not whole without another one.
    """

    id: str
    name_en: str
    name_ja: str
    bucket: str
    units: tuple[str, ...]
    files: tuple[FileKind, ...]
    share: float
    unlabelled: float
    delay_minutes: tuple[int, int]
    labels: tuple[str, ...]
    companion: tuple[str, str] | None = None
    silent_after_days: int | None = None
    sequence: str = "none"
    pairs: tuple[tuple[str, str], ...] = ()
    more_extensions: tuple[str, ...] = field(default=())

    @property
    def extensions(self) -> tuple[str, ...]:
        return (*(item.extension for item in self.files), *self.more_extensions)


DEVICES = (
    DeviceKind(
        "ipad", "iPad", "iPad", "sakura-eye-photos", ("01", "02", "03", "04", "05", "06"),
        (
            FileKind("heic", 0.55, 5 * MIB // 2),
            FileKind("jpg", 0.33, 2 * MIB),
            FileKind("mov", 0.06, 38 * MIB),
            FileKind("png", 0.06, 3 * MIB),
        ),
        0.32, 0.155, (1, 30), ("eyelid", "conjunctiva", "wound", "consent_form"), ("heic", "mov"),
        silent_after_days=7,
    ),
    DeviceKind(
        "dslr", "Single-lens camera", "一眼カメラ", "sakura-eye-photos", ("01", "02", "03"),
        (FileKind("cr3", 0.5, 28 * MIB), FileKind("jpg", 0.5, 9 * MIB)),
        0.18, 0.085, (60, 600), ("anterior_segment", "face", "strabismus", "slit_lamp"), ("cr3", "jpg"),
        sequence="per_unit",
    ),
    DeviceKind(
        "surgical", "Surgical microscope", "手術顕微鏡", "sakura-eye-microscopes", ("or1", "or2", "or3"),
        (
            FileKind("jpg", 0.62, 3 * MIB),
            FileKind("tiff", 0.2, 24 * MIB),
            FileKind("dcm", 0.12, 18 * MIB),
            FileKind("mp4", 0.06, 2600 * MIB, 0.6),
        ),
        0.14, 0.06, (60, 300), ("cataract", "vitrectomy", "glaucoma", "cornea"),
    ),
    DeviceKind(
        "bacteria", "Bacterial microscope", "細菌用顕微鏡", "sakura-eye-microscopes", ("lab1", "lab2", "lab3"),
        (
            FileKind("czi", 0.4, 640 * MIB, 0.5),
            FileKind("nd2", 0.12, 900 * MIB, 0.5),
            FileKind("tiff", 0.46, 60 * MIB),
            FileKind("vsi", 0.02, MIB // 4),
        ),
        0.10, 0.19, (10, 120), ("gram_positive", "gram_negative", "fungus", "acanthamoeba"),
        pairs=(("vsi", "ets"), ("ets", "vsi")), more_extensions=("ets",),
    ),
    DeviceKind(
        "endoscope", "Endoscope", "内視鏡", "sakura-eye-imaging", ("e1", "e2", "e3", "e4", "e5"),
        (FileKind("jpg", 0.94, MIB), FileKind("mp4", 0.06, 420 * MIB, 0.5)),
        0.14, 0.06, (5, 60), ("lacrimal_duct", "nasal_cavity", "sinus"),
    ),
    DeviceKind(
        "xray", "X-ray", "X線", "sakura-eye-imaging", ("x1", "x2"),
        (FileKind("dcm", 1.0, 12 * MIB, 0.2),),
        0.12, 0.03, (5, 40), ("orbit", "chest", "sinus"), sequence="per_day",
    ),
)  # fmt: skip
DEVICE = {item.id: item for item in DEVICES}

NEW_UNIT = ("endoscope", "e5")
NEW_DAYS = 20
"""The new unit took its first image so many days ago at most."""

SILENT_UNIT = ("ipad", "05")
SILENT_DAYS = 37
"""The silent unit has uploaded nothing for this many days."""

_FIXED_HOLIDAYS = {(1, 1), (1, 2), (1, 3), (2, 11), (2, 23), (4, 29), (5, 3), (5, 4), (5, 5), (8, 11), (11, 3),
                   (11, 23), (12, 30), (12, 31)}  # fmt: skip
_NTH_MONDAYS = {1: 2, 7: 3, 9: 3, 10: 2}


def is_holiday(day: date) -> bool:
    """Whether the clinic is closed for a holiday: fixed Japanese holidays, the moving Mondays, equinoxes (about)."""
    if (day.month, day.day) in _FIXED_HOLIDAYS:
        return True
    if day.weekday() == 0 and _NTH_MONDAYS.get(day.month) == (day.day + 6) // 7:
        return True
    return (day.month, day.day) in {(3, 20), (9, 23)}


def busyness(day: date) -> float:
    """How busy a day is, 1 for a usual weekday."""
    if day.weekday() == 6 or is_holiday(day):
        return 0.025
    return 0.5 if day.weekday() == 5 else 1.0


_HOURS = (9, 10, 11, 12, 13, 14, 15, 16, 17)
_HOUR_WEIGHTS = (10, 15, 15, 6, 7, 13, 14, 12, 6)
_EMERGENCY_SHARE = 0.03


def time_of_day(rng: random.Random, *, until_hour: int = 18) -> timedelta:
    """A believable capture time: clinic hours 9 to 18, and a few emergencies around the clock."""
    if until_hour >= 18 and rng.random() < _EMERGENCY_SHARE:
        return timedelta(seconds=rng.randrange(86_400))
    count = max(1, min(len(_HOURS), until_hour - _HOURS[0]))
    hour = rng.choices(_HOURS[:count], _HOUR_WEIGHTS[:count])[0]
    return timedelta(hours=hour, seconds=rng.randrange(3_600))


@dataclass(frozen=True)
class Calendar:
    """The time that the archive covers.

    Attributes:
        now: when the archive was made (UTC).
        report_at: when the newest report's scan started (UTC); nothing is younger.
        starts_on: first day of the archive (JST), the first of a month, 13 months before the current one.
    """

    now: datetime
    report_at: datetime
    starts_on: date

    @classmethod
    def of(cls, now: datetime) -> Calendar:
        now = now.astimezone(UTC).replace(microsecond=0)
        scan = now.replace(hour=REPORT_HOUR, minute=0, second=0)
        # A report is delivered some hours after its scan started.
        report_at = scan if now - scan >= timedelta(hours=2) else scan - timedelta(days=1)
        month = now.year * 12 + now.month - 1 - 13
        return cls(now, report_at, date(month // 12, month % 12 + 1, 1))

    @property
    def starts_at(self) -> datetime:
        """Midnight UTC of the first day, where its billing month begins; nothing is older."""
        return datetime(self.starts_on.year, self.starts_on.month, self.starts_on.day, tzinfo=UTC)

    @property
    def last_day(self) -> date:
        return self.report_at.astimezone(JST).date()

    def days(self) -> list[date]:
        count = (self.last_day - self.starts_on).days + 1
        return [self.starts_on + timedelta(days=number) for number in range(count)]

    def weights(self) -> list[float]:
        """How many images a day has, relative to others: busyness times the growth of the archive."""
        days = self.days()
        return [busyness(day) * (0.7 + 0.8 * index / len(days)) for index, day in enumerate(days[:-1])] + [
            0.05
        ]

    def reports(self) -> list[datetime]:
        """Scan times of the reports that are kept: month ends of 13 months, then five days; oldest first."""
        daily = [self.report_at - timedelta(days=number) for number in range(5)]
        kept = set(daily)
        day = self.starts_on
        for _ in range(13):
            following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
            kept.add(
                datetime(following.year, following.month, following.day, REPORT_HOUR, tzinfo=UTC)
                - timedelta(days=1)
            )
            day = following
        return sorted(item for item in kept if self.starts_at < item <= self.report_at)
