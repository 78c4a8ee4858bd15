"""SQL macros generated from the settings: the naming grammar and the archive's clock, as constants.

DuckDB compiles a regular expression once only if it is a constant, and the time zone arithmetic of a constant offset
costs a tenth of the general one; so both become macros instead of columns that rows are joined to.
"""

from __future__ import annotations

import functools
import re
import zoneinfo
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

import duckdb

from dashboard.domain.naming import PREFIX_GROUP, CaptureTime, DeviceGrammar, junk_pattern
from dashboard.domain.storage_classes import ACCESS_TIERS, STORAGE_CLASSES
from dashboard.settings import Settings
from dashboard.warehouse import stems, verdict_macros
from dashboard.warehouse.literals import quoted
from dashboard.warehouse.patient import create_patient_functions

SIZE_BANDS: tuple[tuple[str, int], ...] = (
    ("under_128_kib", 1 << 17),
    ("under_1_mib", 1 << 20),
    ("under_10_mib", 10 << 20),
    ("under_100_mib", 100 << 20),
    ("under_1_gib", 1 << 30),
)
"""Upper bounds of the size bands in bytes; 128 KiB is the smallest billed size of the colder classes."""

_FLOORS = (1, *(bound for _, bound in SIZE_BANDS[:-1]))
_CLASSES = "[" + ", ".join(quoted(item.id) for item in STORAGE_CLASSES) + "]"
_TIERS = "[" + ", ".join(quoted(item) for item in ("", *ACCESS_TIERS)) + "]"
_LOOSE_PREFIX = "regexp_extract(key, '^([^/]*(?:/[^/]*)?)/', 1)"


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


def create_settings_macros(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    latest_day: date,
    *,
    clock_until: date | None = None,
) -> None:
    """Create the macros of a settings file; a build and everything that judges without one call this alike."""
    verdict_macros.create_macros(connection, settings)
    create_macros(
        connection,
        devices=[device.grammar for device in settings.device],
        junk=settings.naming.junk,
        timezone=settings.archive.timezone,
        latest_day=latest_day,
        clock_until=clock_until,
    )


def create_macros(
    connection: duckdb.DuckDBPyConnection,
    *,
    devices: Sequence[DeviceGrammar],
    junk: tuple[str, ...],
    timezone: str,
    latest_day: date,
    clock_until: date | None = None,
) -> None:
    """Create the macros that the staging and facts queries call.

    Args:
        latest_day: the last day on which an image of the newest report can have been taken.
        clock_until: as in `macro_statements`.
    """
    for statement in macro_statements(devices, junk, timezone, latest_day, clock_until=clock_until):
        connection.execute(statement)
    create_patient_functions(connection)


def macro_statements(
    devices: Sequence[DeviceGrammar],
    junk: tuple[str, ...],
    timezone: str,
    latest_day: date,
    *,
    clock_until: date | None = None,
) -> list[str]:
    """The macros as statements.

    Args:
        clock_until: up to when the zone's clock is known; `latest_day` if left out.
    """
    bands = " ".join(f"WHEN size_bytes < {bound} THEN {quoted(name)}" for name, bound in SIZE_BANDS)
    floors = " ".join(
        f"WHEN size_bytes < {bound} THEN {floor}"
        for floor, (_, bound) in zip(_FLOORS, SIZE_BANDS, strict=True)
    )
    bodies = {
        "device_of(key)": _by_folder(devices, lambda device: quoted(device.device_id), "'unattributed'"),
        "parse_key(key)": _by_folder(devices, lambda device: _parse(device, _fields(devices)), "NULL"),
        "captured_day_of(device_id, parts)": _by_device(devices, _captured_day, "''"),
        "is_consistent(device_id, parts, day)": _by_device(
            devices, lambda device: _consistency(device, latest_day), "false"
        ),
        **stems.stem_macros(devices),
        "loose_unit(key)": _by_folder(devices, _loose_unit, "''"),
        "loose_extension(key)": r"lower(regexp_extract(key, '\.([A-Za-z0-9]{1,10})$', 1))",
        "loose_prefix(key)": _LOOSE_PREFIX,
        "is_junk(key)": f"regexp_matches(key, {quoted(junk_pattern(junk))})",
        "size_band(size_bytes)": f"CASE WHEN size_bytes = 0 THEN 'empty' {bands} "
        "WHEN size_bytes IS NULL THEN 'unknown' ELSE 'from_1_gib' END",
        "band_floor(size_bytes)": f"CASE WHEN size_bytes = 0 THEN 0 {floors} "
        f"WHEN size_bytes IS NOT NULL THEN {SIZE_BANDS[-1][1]} END",
        "class_no(storage_class)": f"coalesce(list_position({_CLASSES}, storage_class), 0)::UTINYINT",
        "class_of(class_no)": f"coalesce(({_CLASSES})[class_no], 'UNKNOWN')",
        "access_tier_no(access_tier)": f"coalesce(list_position({_TIERS}, access_tier), 0)::UTINYINT",
        "access_tier_of(access_tier_no)": f"({_TIERS})[access_tier_no]",
        "to_local(moment)": _to_local(timezone, clock_until or latest_day),
    }
    return [f"CREATE OR REPLACE MACRO {head} AS {body}" for head, body in bodies.items()]


def _by_folder(devices: Sequence[DeviceGrammar], body: Callable[[DeviceGrammar], str], otherwise: str) -> str:
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
    added = {} if PREFIX_GROUP in present else {PREFIX_GROUP: _LOOSE_PREFIX}
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
    for number, item in enumerate(device.capture_times[1:], start=2):
        tests += _same_time(device.capture_times[0], item, f"captured_{number}")
    return " AND ".join(tests) or "true"


def _same_time(precise: CaptureTime, coarse: CaptureTime, column: str) -> list[str]:
    separators = set(re.sub(r"%.", "", coarse.format))
    plain = re.sub(r"[^%A-Za-z]", "", coarse.format)
    if len(separators) == 1 and precise.format.startswith(plain) and not separators & set("%'"):
        width = sum(4 if piece == "%Y" else 2 for piece in re.findall(r"%.", plain))
        return [f"replace(parts.{column}, '{separators.pop()}', '') = parts.captured_1[1:{width}]"]
    left, right = _offsets(precise.format), _offsets(coarse.format)
    shared = [piece for piece in right if piece in left]
    return [f"{_slice('captured_1', *left[piece])} = {_slice(column, *right[piece])}" for piece in shared]


def _loose_unit(device: DeviceGrammar) -> str:
    if device.only_unit:
        return quoted(device.only_unit)
    # No IN list here: DuckDB turns one into a join over all rows, those with a good name included.
    units = "|".join(re.escape(unit) for unit in device.units)
    return f"regexp_extract(key, {quoted(f'^{re.escape(device.folder)}({units})/')}, 1)"


@functools.cache
def _to_local(timezone: str, latest_day: date) -> str:
    """Shift a UTC time to the zone's clock by the offsets in force since S3 began in 2006."""
    changes = zone_changes(timezone, date(2006, 1, 1), latest_day + timedelta(days=400))
    first, *later = changes
    cases = " ".join(
        f"WHEN moment >= TIMESTAMP '{at:%Y-%m-%d %H:%M:%S}' THEN moment + INTERVAL '{seconds} seconds'"
        for at, seconds in reversed(later)
    )
    start = f"moment + INTERVAL '{first[1]} seconds'"
    return f"CASE {cases} ELSE {start} END" if cases else start


def zone_changes(timezone: str, start: date, end: date) -> list[tuple[datetime, int]]:
    """The zone's UTC offsets in seconds from `start` to `end`, each with the UTC time from which it holds."""
    zone = zoneinfo.ZoneInfo(timezone)

    def offset(at: datetime) -> int:
        found = at.replace(tzinfo=UTC).astimezone(zone).utcoffset()
        return int(found.total_seconds()) if found is not None else 0

    day = datetime(start.year, start.month, start.day)
    stop = datetime(end.year, end.month, end.day)
    changes = [(day, offset(day))]
    while day < stop:
        # No zone ever changed its clock and changed it back within a week.
        following = day + timedelta(days=7)
        if offset(following) != changes[-1][1]:
            low, high = day, following
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) / 2
                middle = middle.replace(microsecond=0)
                low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
            changes.append((high, offset(high)))
        day = following
    return changes
