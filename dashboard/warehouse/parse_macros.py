"""SQL that takes a key apart by the naming grammar and holds its parts against each other, as constants.

Of an archive's devices it makes the macros of the same names; of a single device, what judges thousands of its stems
without a look at all the others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date

from dashboard.domain.naming import PREFIX_GROUP, CaptureTime, DeviceGrammar
from dashboard.warehouse.literals import quoted

LOOSE_PREFIX = "regexp_extract(key, '^([^/]*(?:/[^/]*)?)/', 1)"


def bodies(devices: Sequence[DeviceGrammar], latest_day: date) -> dict[str, str]:
    """Bodies of the macros by their heads; the arguments may be columns of the same names as well.

    Args:
        latest_day: the last day on which an image of the newest report can have been taken.
    """
    fields = _fields(devices)
    return {
        "device_of(key)": by_folder(devices, lambda device: quoted(device.device_id), "'unattributed'"),
        "parse_key(key)": by_folder(devices, lambda device: _parse(device, fields), "NULL"),
        "captured_day_of(device_id, parts)": _by_device(devices, _captured_day, "''"),
        "is_consistent(device_id, parts, day)": _by_device(
            devices, lambda device: _consistency(device, latest_day), "false"
        ),
    }


def dates_agree(devices: Sequence[DeviceGrammar]) -> str:
    """The body of dates_agree(device_id, parts): whether the capture times of a name say the same."""
    return _by_device(devices, lambda device: " AND ".join(_same_times(device)) or "true", "true")


def _fields(devices: Sequence[DeviceGrammar]) -> tuple[str, ...]:
    """What parse_key finds in a key, for the device with the most repeated parts; all devices share one type."""
    units = max((len(device.unit_groups) for device in devices), default=0)
    times = max((len(device.capture_times) for device in devices), default=0)
    repeated = max((len(_repeated(device)) for device in devices), default=0)
    return (
        "prefix",
        *(f"unit_{number}" for number in range(1, max(1, units) + 1)),
        *(f"captured_{number}" for number in range(1, max(1, times) + 1)),
        *(f"part_{number}" for number in range(1, repeated + 1)),
        "ext",
    )


def _repeated(device: DeviceGrammar) -> list[str]:
    """Groups of declared parts that stand more than once; the others have nothing to agree with."""
    return [group for same in device.part_groups if len(same) > 1 for group in same]


def by_folder(devices: Sequence[DeviceGrammar], body: Callable[[DeviceGrammar], str], otherwise: str) -> str:
    cases = " ".join(
        # The longest folder first, so that a device inside another's folder keeps its own objects.
        f"WHEN starts_with(key, {quoted(device.folder)}) THEN {body(device)}"
        for device in sorted(devices, key=lambda item: -len(item.folder))
    )
    return f"CASE {cases} ELSE {otherwise} END" if cases else otherwise


def _by_device(devices: Sequence[DeviceGrammar], body: Callable[[DeviceGrammar], str], otherwise: str) -> str:
    bodies: dict[str, list[str]] = {}
    for device in devices:
        bodies.setdefault(body(device), []).append(quoted(device.device_id))
    if len(bodies) == 1:
        # An object of no device has no parts, so every comparison with them is NULL, which counts as no.
        return f"coalesce({next(iter(bodies))}, {otherwise})"
    cases = " ".join(f"WHEN device_id IN ({', '.join(ids)}) THEN {text}" for text, ids in bodies.items())
    return f"CASE {cases} ELSE {otherwise} END" if cases else otherwise


def _parse(device: DeviceGrammar, fields: tuple[str, ...]) -> str:
    names = {group: group for group in device.groups}
    for number, item in enumerate(device.capture_times, start=1):
        names[item.group] = f"captured_{number}"
    for number, group in enumerate(_repeated(device), start=1):
        names[group] = f"part_{number}"
    present = [names[group] for group in device.groups]
    # An expression need not say what its folder is: then it is that of any other key. Nor need a name say its unit.
    added = {} if PREFIX_GROUP in present else {PREFIX_GROUP: LOOSE_PREFIX}
    if device.only_unit:
        added["unit_1"] = quoted(device.only_unit)
    absent = [name for name in fields if name not in (*present, *added)]
    pattern = device.pattern.removesuffix("$") + "()" * len(absent) + "$"
    listed = ", ".join(quoted(name) for name in (*present, *absent))
    extracted = f"regexp_extract(key, {quoted(pattern)}, [{listed}])"
    if added:
        extracted = (
            f"struct_insert({extracted}, {', '.join(f'{name} := {text}' for name, text in added.items())})"
        )
    return f"CAST({extracted} AS STRUCT({', '.join(f'{name} VARCHAR' for name in fields)}))"


def _offsets(format_: str) -> dict[str, tuple[int, int]]:
    """Where each directive stands in a time of this format: first and last position, from 1."""
    places, position = {}, 1
    for piece in re.findall(r"%.|.", format_, flags=re.DOTALL):
        width = (4 if piece == "%Y" else 2) if piece.startswith("%") else 1
        if piece.startswith("%"):
            places[piece] = (position, position + width - 1)
        position += width
    return places


def _slice(column: str, first: int, last: int) -> str:
    return f"parts.{column}[{first}:{last}]"


def _captured_day(device: DeviceGrammar) -> str:
    if not device.capture_times:
        return "''"
    places = _offsets(device.capture_times[0].format)
    runs = [places[piece] for piece in ("%Y", "%m", "%d")]
    if runs[0][1] + 1 == runs[1][0] and runs[1][1] + 1 == runs[2][0]:
        return _slice("captured_1", runs[0][0], runs[2][1])
    return " || ".join(_slice("captured_1", *run) for run in runs)


def _consistency(device: DeviceGrammar, latest_day: date) -> str:
    last = min(device.in_use_to or latest_day, latest_day)
    tests = []
    if device.capture_times:
        tests += [
            f"day BETWEEN '{device.in_use_from:%Y%m%d}' AND '{last:%Y%m%d}'",
            "(day[7:8] <= '28' OR try_strptime(day, '%Y%m%d') IS NOT NULL)",
        ]
    tests += [f"parts.unit_1 = parts.unit_{number}" for number in range(2, len(device.unit_groups) + 1)]
    places = {group: f"parts.part_{number}" for number, group in enumerate(_repeated(device), start=1)}
    for same in device.part_groups:
        tests += [f"{places[same[0]]} = {places[group]}" for group in same[1:]]
    return " AND ".join(tests + _same_times(device)) or "true"


def _same_times(device: DeviceGrammar) -> list[str]:
    return [
        test
        for number, item in enumerate(device.capture_times[1:], start=2)
        for test in _same_time(device.capture_times[0], item, f"captured_{number}")
    ]


def _same_time(precise: CaptureTime, coarse: CaptureTime, column: str) -> list[str]:
    separators = set(re.sub(r"%.", "", coarse.format))
    plain = re.sub(r"[^%A-Za-z]", "", coarse.format)
    if len(separators) == 1 and precise.format.startswith(plain) and not separators & set("%'"):
        width = sum(4 if piece == "%Y" else 2 for piece in re.findall(r"%.", plain))
        return [f"replace(parts.{column}, '{separators.pop()}', '') = parts.captured_1[1:{width}]"]
    left, right = _offsets(precise.format), _offsets(coarse.format)
    shared = [piece for piece in right if piece in left]
    return [f"{_slice('captured_1', *left[piece])} = {_slice(column, *right[piece])}" for piece in shared]
