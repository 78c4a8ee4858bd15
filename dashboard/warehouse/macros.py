"""SQL macros generated from the settings: the naming grammar and the archive's clock, as constants.

DuckDB compiles a regular expression once only if it is a constant, and the time zone arithmetic of a constant offset
costs a tenth of the general one; so both become macros instead of columns that rows are joined to.
"""

from __future__ import annotations

import functools
import re
import zoneinfo
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import duckdb

from dashboard.domain.naming import DeviceGrammar, junk_pattern
from dashboard.domain.storage_classes import ACCESS_TIERS, STORAGE_CLASSES
from dashboard.settings import Settings
from dashboard.warehouse import parse_macros, stems, verdict_macros
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
        **parse_macros.bodies(devices, latest_day),
        "dates_agree(device_id, parts)": parse_macros.dates_agree(devices),
        **stems.stem_macros(devices),
        "loose_unit(key)": parse_macros.by_folder(devices, _loose_unit, "''"),
        "loose_extension(key)": r"lower(regexp_extract(key, '\.([A-Za-z0-9]{1,10})$', 1))",
        "loose_prefix(key)": parse_macros.LOOSE_PREFIX,
        "is_junk(key)": f"regexp_matches(key, {quoted(junk_pattern(junk))})",
        "size_band(size_bytes)": f"CASE WHEN size_bytes = 0 THEN 'empty' {bands} "
        "WHEN size_bytes IS NULL THEN 'unknown' ELSE 'from_1_gib' END",
        "band_floor(size_bytes)": f"CASE WHEN size_bytes = 0 THEN 0 {floors} "
        f"WHEN size_bytes IS NOT NULL THEN {SIZE_BANDS[-1][1]} END",
        # facts.objects counts a size that no report tells as 0, so that it can be added up.
        "known_size(size_bytes, size_band)": "CASE WHEN size_band <> 'unknown' THEN size_bytes END",
        "class_no(storage_class)": f"coalesce(list_position({_CLASSES}, storage_class), 0)::UTINYINT",
        "class_of(class_no)": f"coalesce(({_CLASSES})[class_no], 'UNKNOWN')",
        "access_tier_no(access_tier)": f"coalesce(list_position({_TIERS}, access_tier), 0)::UTINYINT",
        "access_tier_of(access_tier_no)": f"({_TIERS})[access_tier_no]",
        "to_local(moment)": _to_local(timezone, clock_until or latest_day),
    }
    return [f"CREATE OR REPLACE MACRO {head} AS {body}" for head, body in bodies.items()]


def _loose_unit(device: DeviceGrammar) -> str:
    if device.only_unit:
        return quoted(device.only_unit)
    # No IN list here: DuckDB turns one into a join over all rows, those with a good name included. The longest first:
    # one unit may begin with another.
    units = "|".join(map(re.escape, sorted(device.units, key=lambda unit: (-len(unit), unit))))
    start = f"^{re.escape(device.folder)}"
    segments = device.template.split("/")
    if not device.template or "{unit}" in segments[: device.folder.count("/") + 1]:
        pattern = f"{start}({units})/"
    elif "{unit}" in segments:
        pattern = f"{start}(?:.*/)?({units})/"
    else:
        # Only where a date follows, full-width or not: elsewhere a short unit would be found in any number.
        pattern = f"{start}(?:.*[^A-Za-z0-9])?({units})[^A-Za-z0-9](?:.*[^0-9])?[0-9０-９]{{8}}"
    return f"regexp_extract(key, {quoted(pattern)}, 1)"


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
