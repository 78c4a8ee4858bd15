"""Suggest a device's block of the settings from the keys that are there, and say how many of them it fits."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
from pydantic import ValidationError

from dashboard.domain.naming import GrammarError, compile_device
from dashboard.domain.naming_suggest import mine
from dashboard.domain.naming_suggest_units import Mined, loose_units, sort_out
from dashboard.errors import DashboardError, ExitCode
from dashboard.settings import Device, Settings
from dashboard.warehouse.impact import attached, judge_published
from dashboard.warehouse.literals import quoted

SAMPLE_KEYS = 20_000
MISFITS = 5


@dataclass(frozen=True)
class Misfit:
    """Keys of one form that the suggestion does not fit; digits are shown as 9, small letters as a, capitals as A."""

    form: str
    object_count: int
    sample: str


@dataclass(frozen=True)
class Suggestion:
    """A block for the settings.

    Attributes:
        device: the block as data.
        toml: the block as text, with what it fits as comments.
        key_count: current images under the prefix; `fit_count` of them have good names under the suggestion.
        misfits: the most frequent forms of the others.
    """

    device: dict[str, Any]
    toml: str
    prefix: str
    key_count: int
    fit_count: int
    misfits: tuple[Misfit, ...]


def suggest(settings: Settings, prefix: str) -> Suggestion:
    """Mine the keys under a prefix of the current snapshot.

    Raises:
        DashboardError: NO_SNAPSHOT, SNAPSHOT_DAMAGED, or USAGE where there are no such keys, or none alike.
    """
    with attached(settings) as (connection, info, report_at):
        inner = [device.folder for device in settings.device if device.folder.startswith(prefix)]
        folder = _folder(connection, prefix)
        where = " AND ".join(
            [
                f"starts_with(key, {quoted(prefix)}) AND starts_with(key, {quoted(folder)}) AND kind = 'image'",
                *(f"NOT starts_with(key, {quoted(other)})" for other in inner if other != folder),
            ]
        )
        keys = _sample(connection, where)
        keys, beside = sort_out(keys)
        if not keys:
            raise DashboardError(
                ExitCode.USAGE,
                "Nothing can be suggested",
                cause="No current image of snapshot {snapshot} has a key that begins with {prefix}",
                next_step="Choose a prefix of keys that are there; `show storage.by_prefix` lists the folders",
                locator="PREFIX",
                snapshot=info.snapshot_id,
                prefix=prefix,
            )
        device_id = _device_id(settings, folder)
        mined = mine(keys, folder, device_id) if folder else None
        device = _device(mined, keys, folder, device_id, _first_upload(connection, where)) if mined else None
        if device is None:
            raise DashboardError(
                ExitCode.USAGE,
                "Nothing can be suggested",
                cause="Its {count} keys have no order of parts in common that a template could tell",
                next_step="Choose a longer prefix, or write the block by hand; dashboard.example.toml explains it",
                locator="PREFIX",
                count=len(keys),
            )
        companions = (*settings.naming.companions, *(f"*.{extension}" for extension in beside))
        naming = settings.naming.model_copy(update={"companions": companions})
        draft = settings.model_copy(update={"device": (device,), "naming": naming})
        judge_published(connection, draft, report_at, where=where)
        key_count, fit_count, misfits = _coverage(connection)
    block = _block(device, misfits)
    conflict = _conflict(settings, block)
    text = _toml(block, _comments(prefix, folder, key_count, fit_count, misfits, beside, conflict))
    return Suggestion(block, text, prefix, key_count, fit_count, misfits)


def _sample(connection: duckdb.DuckDBPyConnection, where: str) -> list[str]:
    """Keys in no order that depends on the time of day; the same ones each time."""
    rows = connection.execute(
        f"SELECT key FROM published.facts.objects WHERE kind = 'image' AND {where} "
        f"ORDER BY hash(key), key LIMIT {SAMPLE_KEYS}"
    ).fetchall()
    return sorted(row[0] for row in rows)


def _first_upload(connection: duckdb.DuckDBPyConnection, where: str) -> date:
    row = connection.execute(
        f"SELECT min(uploaded_at)::DATE FROM published.facts.objects WHERE {where}"
    ).fetchone()
    return row[0] if row and row[0] else date(1970, 1, 1)


def _folder(connection: duckdb.DuckDBPyConnection, prefix: str) -> str:
    """The folder of the prefix, else the one that all its keys share, else ''."""
    if "/" in prefix:
        return prefix[: prefix.rindex("/") + 1]
    rows = connection.execute(
        "SELECT DISTINCT split_part(key, '/', 1) FROM published.facts.objects "
        f"WHERE kind = 'image' AND starts_with(key, {quoted(prefix)}) AND contains(key, '/') LIMIT 2"
    ).fetchall()
    return f"{rows[0][0]}/" if len(rows) == 1 else ""


def _device_id(settings: Settings, folder: str) -> str:
    for device in settings.device:
        if device.folder == folder:
            return device.id
    name = re.sub(r"[^a-z0-9_-]+", "-", _last(folder).lower()).strip("-_")[:36] or "device"
    taken = {"unattributed", *(device.id for device in settings.device)}
    return next(
        one
        for one in (name, *(f"{name}-{number}" for number in range(2, len(taken) + 2)))
        if one not in taken
    )


def _last(folder: str) -> str:
    return folder.rstrip("/").rpartition("/")[2]


def _device(
    mined: Mined, keys: Sequence[str], folder: str, device_id: str, first_upload: date
) -> Device | None:
    """The suggestion as a device that loads, with good names out of the keys; None if there is no such one."""
    first = mined.first_day or first_upload
    shared: dict[str, Any] = {
        "folder": folder,
        "extensions": mined.extensions,
        "parts": mined.parts,
        "in_use_from": date(first.year, first.month, 1),
    }
    found = None
    more = tuple(sorted({*mined.units, *loose_units(keys, mined, device_id)}))
    for units in dict.fromkeys((mined.units, more)):
        try:
            grammar = compile_device(device_id=device_id, template=mined.template, units=units, **shared)
        except GrammarError:
            continue
        good = [key for key in keys if grammar.matches(key)]
        if good:
            # Not the first and the last: that is where wrong clocks are.
            examples = tuple(dict.fromkeys(good[len(good) * place // 4] for place in (1, 2, 3)))
            found = Device(
                id=device_id, key=mined.template, units=units, good=examples, bad=(f"{folder}?",), **shared
            )
    return found


def _coverage(connection: duckdb.DuckDBPyConnection) -> tuple[int, int, tuple[Misfit, ...]]:
    """How many keys there are, how many of them fit, and the most frequent forms of the others, in one pass."""
    rows = connection.execute(
        f"""
        WITH judged AS (SELECT key, is_name_good AS is_fit FROM facts.objects WHERE kind = 'image'),

        formed AS (
            SELECT
                key,
                is_fit,
                CASE WHEN NOT is_fit THEN regexp_replace(
                    regexp_replace(regexp_replace(key, '[0-9]', '9', 'g'), '[a-z]+', 'a', 'g'), '[A-Z]+', 'A', 'g'
                ) END AS form
            FROM judged
        ),

        counted AS (
            SELECT form, is_fit, count(*) AS object_count, min(key) FILTER (NOT is_fit) AS sample
            FROM formed
            GROUP BY form, is_fit
        )

        SELECT
            form, object_count, sample, is_fit,
            sum(object_count) OVER ()::BIGINT, coalesce(sum(object_count) FILTER (is_fit) OVER (), 0)::BIGINT
        FROM counted
        ORDER BY is_fit, object_count DESC, form
        LIMIT {MISFITS}
        """
    ).fetchall()
    misfits = tuple(Misfit(form, count, sample) for form, count, sample, is_fit, *_ in rows if not is_fit)
    return (rows[0][4], rows[0][5], misfits) if rows else (0, 0, ())


def _block(device: Device, misfits: Sequence[Misfit]) -> dict[str, Any]:
    """The device as a block of the settings, with bad names out of the misfits."""
    bad = [item.sample for item in misfits if not device.grammar.matches(item.sample)][:3]
    block = {
        "id": device.id,
        # A folder in another script gives no id, but it is what people call the device.
        **({} if _last(device.folder).isascii() else {"name": _last(device.folder)}),
        "folder": device.folder,
        "units": list(device.units),
        "extensions": list(device.extensions),
        "key": device.key,
        "parts": {
            name: list(kind) if isinstance(kind, tuple) else kind for name, kind in device.parts.items()
        },
        "in_use_from": device.in_use_from,
        "good": list(device.good),
        "bad": bad or [f"{device.folder}IMG_0001.JPG"],
    }
    return block if device.parts else {name: value for name, value in block.items() if name != "parts"}


def _conflict(settings: Settings, block: dict[str, Any]) -> str:
    """What is wrong with the settings once the block is among them; '' if nothing is."""
    others = [device for device in settings.device if device.folder != block["folder"]]
    try:
        Settings(device=(*others, Device.model_validate(block)))
    except ValidationError as error:
        return str(error.errors()[0]["msg"])
    return ""


def _comments(
    prefix: str,
    folder: str,
    key_count: int,
    fit_count: int,
    misfits: Sequence[Misfit],
    beside: Sequence[str],
    conflict: str,
) -> list[str]:
    share = 100 * fit_count / key_count if key_count else 0.0
    shown = json.dumps(prefix, ensure_ascii=False)
    lines = [f"Suggested from the keys under {shown}: fits {share:.1f} % of {key_count:,} keys."]
    if beside:
        listed = ", ".join(f'"*.{extension}"' for extension in beside)
        lines.append(f"Not counted are files that are no images: add {listed} to naming.companions,")
        lines.append("or, if they are images all the same, their extensions to this block.")
    if re.search(r"(?:^|/)(?:19|20)[0-9]{2}/$", folder):
        lines.append("Its folder is a year: keys of another year need a block of their own.")
    if misfits:
        lines.append("Most frequent misfits (9 a digit, a and A letters):")
        lines += [f"  {item.object_count:,} x {item.form}   such as {item.sample}" for item in misfits]
    if conflict:
        lines.append(f"Beside the devices you have it is refused: {conflict}")
    return lines


def _toml(block: dict[str, Any], comments: Sequence[str]) -> str:
    lines = [f"# {_shown(line)}" for line in comments]
    lines.append("[[device]]")
    lines += [f"{name} = {_value(value)}" for name, value in block.items()]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_value(item)}" for name, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    # What cannot be seen is written out, so that a key steers neither the terminal nor the file.
    return "".join(
        char
        if char.isprintable()
        else f"\\u{ord(char):04x}"
        if ord(char) < 0x10000
        else f"\\U{ord(char):08x}"
        for char in json.dumps(value, ensure_ascii=False)
    )


def _shown(text: str) -> str:
    """A comment in which a key cannot begin a line of its own."""
    return "".join(char if char.isprintable() else f"\\u{{{ord(char):x}}}" for char in text)
