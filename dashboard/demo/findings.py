"""How many findings each alert rule must come to in the embedded archive, counted from the plan and not by SQL."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

from dashboard.demo.clinic import DEVICE, IN_USE_FROM, JST
from dashboard.demo.objects import StoredObject

LATE_DAYS, OVERWRITTEN_DAYS, NEW_DAYS, LAST_NUMBER = 14, 7, 30, 9999
_NAME = re.compile(
    r"(?P<device>[a-z]+)-(?P<unit>[a-z0-9]+)[_ ]+(?P<time>\d{8}T?\d{6})[_ ]+(?P<number>\d{4})(?!\d).*\.(?P<ext>\w+)$"
)


def count_findings(objects: Iterable[StoredObject], report_at: datetime) -> dict[str, int]:
    """Findings by rule, for the rules that look at more than one name.

    Args:
        objects: every version and marker that the newest report lists.
    """
    listed = list(objects)
    current = [item for item in listed if item.is_latest_at(report_at) and item.role != "delete_marker"]
    images = [item for item in current if item.role == "image"]
    good = [item for item in images if not item.reason]
    late, early = _upload_days(good)
    return {
        "case_only_twin": _twins(images, str.lower),
        "nfc_nfd_twin": _twins(images, lambda key: unicodedata.normalize("NFC", key)),
        "overwritten_image": _overwritten(listed, report_at),
        "companion_without_partner": _lone_files(current),
        "late_upload": late,
        "upload_before_capture": early,
        "new_device": _new_devices(listed, images, report_at),
        **_sequences(images, report_at),
    }


def _twins(images: Sequence[StoredObject], fold: Callable[[str], str]) -> int:
    """Names too many in each group that looks alike."""
    keys = {(item.bucket, item.key) for item in images}
    return sum(count - 1 for count in Counter((bucket, fold(key)) for bucket, key in keys).values())


def _overwritten(listed: Iterable[StoredObject], report_at: datetime) -> int:
    versions: dict[tuple[str, str], list[StoredObject]] = defaultdict(list)
    for item in sorted(listed, key=lambda item: item.uploaded_at):
        versions[item.bucket, item.key].append(item)
    return sum(
        older.role == newer.role == "image"
        and older.size_bytes != newer.size_bytes
        and newer.uploaded_at - older.uploaded_at <= timedelta(days=OVERWRITTEN_DAYS)
        for items in versions.values()
        if items[-1].role == "image" and items[-1].is_latest_at(report_at)
        for older, newer in pairwise(items)
    )


def _lone_files(current: Iterable[StoredObject]) -> int:
    """A VSI file without the folder of its pixels, or pixels without their VSI file."""
    partners: dict[str, set[str]] = defaultdict(set)
    files: list[tuple[str, str]] = []
    for item in current:
        if item.key.startswith("bacteria/") and item.size_bytes and item.key.endswith((".vsi", ".ets")):
            stem = re.sub(r"/_([^/]+)_/stack\d+/[^/]+$", r"/\1", item.key.removesuffix(".vsi"))
            partners[stem].add(item.key[-3:])
            files.append((stem, item.key))
    return sum(len(partners[stem]) < 2 for stem, _ in files)


def _upload_days(good: Iterable[StoredObject]) -> tuple[int, int]:
    late, early = set(), set()
    for item in good:
        taken = date(*map(int, item.key.split("/")[2:5]))
        uploaded = item.uploaded_at.astimezone(JST).date()
        if uploaded - taken > timedelta(days=LATE_DAYS):
            late.add((item.device_id, item.unit_id, uploaded))
        if uploaded < taken:
            early.add((item.device_id, item.unit_id, uploaded))
    return len(late), len(early)


def _new_devices(listed: Iterable[StoredObject], images: Iterable[StoredObject], report_at: datetime) -> int:
    folders: dict[str, datetime] = {}
    for item in listed:
        folder, slash, _ = item.key.partition("/")
        if slash and item.role != "delete_marker":
            folders[folder] = min(folders.get(folder, item.uploaded_at), item.uploaded_at)
    units: dict[tuple[str, str], datetime] = {}
    for item in images:
        if item.unit_id:
            unit = (item.device_id, item.unit_id)
            units[unit] = min(units.get(unit, item.uploaded_at), item.uploaded_at)
    new_from = report_at - timedelta(days=NEW_DAYS)
    new = {folder for folder, at in folders.items() if at >= new_from}
    return len(new) + sum(at >= new_from and device not in new for (device, _), at in units.items())


def _sequences(images: Iterable[StoredObject], report_at: datetime) -> dict[str, int]:
    """Days of units on which numbers are missing, stand twice or begin again."""
    series: dict[tuple[str, str], set[tuple[datetime, int]]] = defaultdict(set)
    for item in images:
        if (found := _numbered(item, report_at)) is not None:
            device, unit, taken, number = found
            series[device, unit].add((taken, number))
    counts = Counter({"missing_sequence": 0, "duplicate_sequence": 0, "counter_wrap": 0})
    for (device, _), shots in series.items():
        by_day = _each_day(shots) if DEVICE[device].sequence == "per_day" else _on_and_on(shots)
        for rules in by_day.values():
            counts.update(rules)
    return dict(counts)


def _numbered(item: StoredObject, report_at: datetime) -> tuple[str, str, datetime, int] | None:
    """Device, unit, time and number that a name says, whatever else is wrong with it."""
    folder, name = item.key.split("/", 1)[0], item.key.rsplit("/", 1)[-1]
    plain = "".join(
        char for char in unicodedata.normalize("NFKC", name) if unicodedata.category(char)[0] != "C"
    )
    found = _NAME.match(plain)
    device = DEVICE.get(found["device"]) if found else None
    if found is None or device is None or device.sequence == "none" or found["unit"] not in device.units:
        return None
    if device.id != folder and found["ext"].lower() not in device.extensions:
        return None
    try:
        taken = datetime.strptime(found["time"].replace("T", ""), "%Y%m%d%H%M%S")
    except ValueError:
        return None
    if not IN_USE_FROM <= taken.date() <= (report_at + timedelta(days=1)).date():
        return None
    return device.id, found["unit"], taken, int(found["number"])


def _each_day(shots: Iterable[tuple[datetime, int]]) -> dict[date, set[str]]:
    days: dict[date, list[int]] = defaultdict(list)
    for taken, number in shots:
        days[taken.date()].append(number)
    return {
        day: {
            *(["missing_sequence"] if max(numbers) > len(set(numbers)) else []),
            *(["duplicate_sequence"] if len(numbers) > len(set(numbers)) else []),
        }
        for day, numbers in days.items()
    }


def _on_and_on(shots: Iterable[tuple[datetime, int]]) -> dict[date, set[str]]:
    days: dict[date, set[str]] = defaultdict(set)
    ordered = sorted(shots)
    for (_, before), (taken, number) in pairwise(ordered):
        step = number - before
        if 2 <= step <= 100:
            days[taken.date()].add("missing_sequence")
        elif step == 0:
            days[taken.date()].add("duplicate_sequence")
        elif step < -(LAST_NUMBER + 1) // 2:
            days[taken.date()].add("counter_wrap")
            if 1 <= LAST_NUMBER - before + max(number - 1, 0) <= 99:
                days[taken.date()].add("missing_sequence")
    return days
