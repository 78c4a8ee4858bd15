"""The good stems of every device as rows, and the macros that find the stem of a key (see `dashboard.domain.stems`)."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date

import duckdb

from dashboard.domain.naming import DeviceGrammar
from dashboard.domain.stems import UNIT, StemGrammar, cut_template
from dashboard.warehouse import parse_macros
from dashboard.warehouse.literals import quoted

MAX_STEMS = 300_000
"""Stems of one device and extension; the keys of a device with more are taken apart one by one."""

STEM_COLUMNS = (
    "stem_no INTEGER, stem VARCHAR, ending_no INTEGER, device_no USMALLINT, device_id VARCHAR, unit_id VARCHAR, "
    "extension VARCHAR, prefix VARCHAR, captured_day VARCHAR"
)
"""Columns of raw.stems; stem_no is its key, and so are stem and ending_no together. device_no is device_id as a number,
which rows are counted by."""


def stem_macros(devices: Sequence[DeviceGrammar]) -> dict[str, str]:
    """Bodies of the macros that cut a key: the number of its ending (extension and what stands right before it), 0 for
    none, and its stem. A number, since every row is asked for it several times.
    """
    cut = _cut(devices)
    numbers = _numbers(cut)
    endings: dict[str, dict[tuple[str, int], list[str]]] = {}
    for device, grammar in cut:
        for extension in device.extensions:
            rest = (grammar.rest_pattern + re.escape(extension), len(grammar.rest_sample + extension))
            folders = endings.setdefault(grammar.ending + extension, {}).setdefault(rest, [])
            folders.append(device.folder)
    # The longest ending first: a key may end in two of them.
    known = " ".join(
        f"WHEN ends_with(key, {quoted(ending)}) THEN {numbers[ending]}"
        for ending in sorted(endings, key=lambda ending: (-len(ending), ending))
    )
    stems = " ".join(
        f"WHEN {numbers[ending]} THEN {_by_rest(rests)}" for ending, rests in sorted(endings.items())
    )
    return {
        "known_ending(key)": f"CASE {known} ELSE 0 END" if known else "0",
        "stem_of(key, ending_no)": f"CASE ending_no {stems} END" if stems else "NULL::VARCHAR",
    }


def load_stems(
    connection: duckdb.DuckDBPyConnection, devices: Sequence[DeviceGrammar], latest_day: date
) -> bool:
    """Write every good stem to raw.stems; returns whether every good key of every device begins with one of them.

    The grammar itself judges each stem, with a sample of a rest behind it, so a stem that is listed is one whose every
    key it would call good, and its columns are what it would find in such a key.
    """
    cut = _cut(devices)
    numbers = _numbers(cut)
    is_complete = len(cut) == len(devices)
    for device_no, (device, grammar) in enumerate(cut):
        last = min(device.in_use_to or latest_day, latest_day)
        day_count = max(0, (last - device.in_use_from).days + 1)
        text_count = math.prod(len(words) for _, words in grammar.lists) * len(device.units)
        if day_count * text_count > MAX_STEMS:
            is_complete = False
            continue
        text, lists = _with_lists(grammar)
        # Only a device whose folder lies in this one's could claim its keys.
        rivals = [item for item in devices if item.folder.startswith(device.folder)]
        owner, parts, day, is_consistent = parse_macros.bodies(rivals, latest_day).values()
        for extension in device.extensions:
            inserted = connection.execute(
                f"""
                INSERT INTO raw.stems
                WITH days AS MATERIALIZED (
                    SELECT strftime(unnest(generate_series($first::DATE, $last::DATE, INTERVAL 1 DAY)), $format) AS day
                ),
                listed AS (
                    SELECT DISTINCT replace({text}, $unit, unit) AS stem
                    FROM days CROSS JOIN (SELECT unnest($units) AS unit) {lists}
                ),
                keyed AS (SELECT stem, stem || $rest AS key FROM listed),
                parsed AS (SELECT stem, {owner} AS device_id, {parts} AS parts FROM keyed),
                dated AS (SELECT *, {day} AS day FROM parsed)
                SELECT
                    (SELECT count(*) FROM raw.stems) + row_number() OVER (), stem, $ending_no, $device_no,
                    device_id, parts.unit_1, parts.ext, parts.prefix, day
                FROM dated
                WHERE
                    device_id = $device AND parts.ext = $extension AND {is_consistent}
                    AND starts_with(stem, parts.prefix) -- else the prefix would differ from rest to rest
                """,
                {
                    "format": grammar.stem_format,
                    "unit": UNIT,
                    "units": list(device.units),
                    "first": device.in_use_from,
                    "last": last,
                    "rest": grammar.rest_sample + extension,
                    "ending_no": numbers[grammar.ending + extension],
                    "device_no": device_no,
                    "extension": extension,
                    "device": device.device_id,
                    **{f"words_{number}": list(words) for number, (_, words) in enumerate(grammar.lists)},
                },
            ).fetchone()
            is_complete &= inserted == (day_count * text_count,)
    return is_complete


def _with_lists(grammar: StemGrammar) -> tuple[str, str]:
    """The stem's text with its closed lists filled in, and the joins that fill them.

    Names of lists are made of small letters, digits and _, and their texts hold no braces.
    """
    text, joins = "day", ""
    for number, (piece, _) in enumerate(grammar.lists):
        text = f"replace({text}, '{piece}', word_{number})"
        joins += f" CROSS JOIN (SELECT unnest($words_{number}) AS word_{number})"
    return text, joins


def _cut(devices: Sequence[DeviceGrammar]) -> list[tuple[DeviceGrammar, StemGrammar]]:
    found = (
        (device, cut_template(device.template, device.device_id, dict(device.parts))) for device in devices
    )
    return [(device, grammar) for device, grammar in found if grammar is not None]


def _numbers(cut: Sequence[tuple[DeviceGrammar, StemGrammar]]) -> dict[str, int]:
    endings = {grammar.ending + extension for device, grammar in cut for extension in device.extensions}
    return {ending: number for number, ending in enumerate(sorted(endings), start=1)}


def _by_rest(rests: dict[tuple[str, int], list[str]]) -> str:
    cases = []
    for (pattern, width), folders in rests.items():
        # With one kind of rest the folder needs no look: a stem names its device.
        folder = " OR ".join(f"starts_with(key, {quoted(folder)})" for folder in sorted(folders))
        test = f"({folder}) AND " if len(rests) > 1 else ""
        # Anchored at its end only, so that the few characters of the rest are all that the expression reads.
        test += f"regexp_matches(key, {quoted(pattern + '$')})"
        cases.append(f"WHEN {test} THEN left(key, -{width})")
    return f"CASE {' '.join(cases)} END"
