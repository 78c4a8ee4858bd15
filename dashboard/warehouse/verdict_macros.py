"""SQL macros that judge bad names and propose good ones: what differs from device to device, as constants.

`queries/facts/verdicts.sql` and `queries/facts/proposals.sql` call them; what all devices share stands there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import duckdb

from dashboard.domain.naming import DeviceGrammar, junk_pattern
from dashboard.domain.pairs import DevicePairs
from dashboard.settings import Settings
from dashboard.warehouse.literals import quoted

_PART = re.compile(r"\{([a-z_0-9]+)(?::([^{}]*))?\}")
_FULL_WIDTH = "".join(chr(code) for code in range(0xFF01, 0xFF5F)) + "\u3000"
_PLAIN = "".join(chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)) + " "
_HIDDEN = r"[\x{0}-\x{1F}\x{7F}-\x{9F}\x{AD}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{206F}\x{FEFF}]"
_SIDE_FOLDER = r"(^|/)_([^/]+)_/stack[0-9]+/[^/]+\.(?i:ets)$"
"""Where the pixels of a VSI file lie: `_name_/stackN/` beside `name.vsi`."""


def create_macros(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Create the macros that verdicts, proposals and the rules on pairs and sequences call."""
    bodies = {
        **verdict_macros(
            [device.grammar for device in settings.device],
            settings.naming.companions,
            settings.naming.derivatives,
        ),
        **pair_macros([device.device_pairs for device in settings.device]),
        **sequence_macros([device.grammar for device in settings.device if device.sequence != "none"]),
    }
    for head, body in bodies.items():
        connection.execute(f"CREATE OR REPLACE MACRO {head} AS {body}")


def verdict_macros(
    devices: Sequence[DeviceGrammar], companions: tuple[str, ...], derivatives: tuple[str, ...]
) -> dict[str, str]:
    """Bodies of the macros by their heads.

    Args:
        companions: globs of files that belong to an image and are none.
        derivatives: globs of pictures that were made from an image.
    """
    return {
        "is_companion(key)": f"regexp_matches(key, {quoted(junk_pattern(companions))})",
        "is_derivative(key)": f"regexp_matches(key, {quoted(junk_pattern(derivatives))})",
        "has_hidden(text)": f"regexp_matches(text, '{_HIDDEN}')",
        # NFKC would change letters too; of full-width forms it makes just these.
        "tidy(text)": (
            f"nfc_normalize(translate(regexp_replace(text, '{_HIDDEN}', '', 'g'), "
            f"{quoted(_FULL_WIDTH)}, {quoted(_PLAIN)}))"
        ),
        # Most texts need nothing of it, which costs a tenth to see.
        "tidied(text)": (
            "CASE WHEN strlen(text) = length(text) AND NOT has_hidden(text) THEN text ELSE tidy(text) END"
        ),
        "loose_device(key)": _by_folder(devices, "'unattributed'"),
        "device_in_name(name)": _device_in_name(devices),
        "loose_name_unit(device_id, name)": _by_device(devices, _name_unit),
        "known_extension(device_id, extension)": _by_device(devices, _known_extension),
        "names_hours(device_id)": _by_device(
            devices, lambda device: str("%H" in device.template).lower(), "false"
        ),
        "right_name(device_id, unit_id, moment, number, extension)": _by_device(devices, _right_name, "NULL"),
    }


def pair_macros(pairs: Sequence[DevicePairs]) -> dict[str, str]:
    """Bodies of the macros that find files which belong together.

    `pair_stem` is what the files of a pair have in common; `pair_extension` is '' for files of no pair.
    """
    cases = " ".join(
        f"WHEN starts_with(key, {quoted(item.folder)}) AND regexp_matches(key, {quoted(_ends_in(item.extensions))}) "
        r"THEN regexp_extract(key, '\.([^./]+)$', 1)"
        for item in sorted(pairs, key=lambda item: -len(item.folder))
        if item.pairs
    )
    return {
        "pair_extension(key)": f"CASE {cases} ELSE '' END" if cases else "''",
        "pair_stem(key)": (
            f"CASE WHEN regexp_matches(key, '{_SIDE_FOLDER}') THEN regexp_replace(key, '{_SIDE_FOLDER}', '\\1\\2') "
            r"ELSE regexp_replace(key, '\.[^./]*$', '') END"
        ),
    }


def sequence_macros(counted: Sequence[DeviceGrammar]) -> dict[str, str]:
    """Bodies of the macros that read the number of a good name, for the devices that say how they count.

    Without such a device they are constants, so that a query that asks for them reads no key at all.
    """
    known = [device for device in counted if device.capture_times and "seq" in device.groups]
    fields = ("unit_id", "taken", "number")
    bodies = []
    for device in known:
        names = {device.capture_times[0].group: "taken", "seq": "number"}
        names |= dict.fromkeys(device.unit_groups[:1], "unit_id")
        listed = ", ".join(quoted(names.get(group, f"_{group}")) for group in device.groups)
        extracted = f"regexp_extract(key, {quoted(device.pattern)}, [{listed}])"
        if device.only_unit:
            extracted = f"struct_insert({extracted}, unit_id := {quoted(device.only_unit)})"
        shape = ", ".join(f"{name} VARCHAR" for name in fields)
        bodies.append(f"WHEN {quoted(device.device_id)} THEN CAST({extracted} AS STRUCT({shape}))")
    return {
        "counted_device(key)": _by_folder(known, exact=True) if known else "''",
        "counted_parts(device_id, key)": (
            f"CASE device_id {' '.join(bodies)} END"
            if known
            else "{'unit_id': '', 'taken': '', 'number': ''}"
        ),
        "counted_time(device_id, taken)": _by_device(
            known,
            lambda device: f"try_strptime(taken, {quoted(device.capture_times[0].format)})",
            "NULL::TIMESTAMP",
        ),
        "number_width(device_id)": _by_device(known, _number_width, "0"),
        "ends_in_number(device_id)": _by_device(
            known,
            lambda device: str(bool(re.search(r"\{seq(?::\d+)?\}\.\{ext\}$", device.template))).lower(),
            "false",
        ),
    }


def _ends_in(extensions: Sequence[str]) -> str:
    return r"(?i)\.(?:" + "|".join(map(re.escape, extensions)) + ")$"


def _number_width(device: DeviceGrammar) -> str:
    return next(
        (str(int(item[2] or "1")) for item in _PART.finditer(device.template) if item[1] == "seq"), "0"
    )


def _units(device: DeviceGrammar) -> str:
    """A group of the units as SQL text inside quotes, the longest first: one may begin with another."""
    units = sorted(device.units, key=lambda unit: (-len(unit), unit))
    return "(" + "|".join(re.escape(unit) for unit in units).replace("'", "''") + ")"


def _name_unit(device: DeviceGrammar) -> str:
    if device.only_unit:
        return quoted(device.only_unit)
    # Only where a date follows: elsewhere a short unit would be found in any number.
    pattern = f"(?:^|[^A-Za-z0-9]){_units(device)}[^A-Za-z0-9](?:.*[^0-9])?[0-9]{{8}}"
    return f"regexp_extract(name, '{pattern}', 1)"


def _by_device(
    devices: Sequence[DeviceGrammar], body: Callable[[DeviceGrammar], str], otherwise: str = "''"
) -> str:
    cases = " ".join(f"WHEN {quoted(device.device_id)} THEN {body(device)}" for device in devices)
    return f"CASE device_id {cases} ELSE {otherwise} END" if cases else otherwise


def _by_folder(devices: Sequence[DeviceGrammar], otherwise: str = "''", *, exact: bool = False) -> str:
    """The device whose folder a key lies in, the longest folder first."""
    cases = " ".join(
        f"WHEN starts_with(key, {quoted(device.folder)}) THEN {quoted(device.device_id)}"
        if exact
        else f"WHEN starts_with(lower(key), {quoted(device.folder.lower())}) THEN {quoted(device.device_id)}"
        for device in sorted(devices, key=lambda item: -len(item.folder))
    )
    return f"CASE {cases} ELSE {otherwise} END" if cases else otherwise


def _device_in_name(devices: Sequence[DeviceGrammar]) -> str:
    ids = sorted((device.device_id for device in devices), key=lambda name: (-len(name), name))
    return f"regexp_extract(name, '^({'|'.join(map(re.escape, ids))})[-_]', 1)" if ids else "''"


_ALIASES = (("jpg", "jpeg"), ("tif", "tiff"), ("heic", "heif"), ("dcm", "dicom"))


def _known_extension(device: DeviceGrammar) -> str:
    """The device's own spelling of an extension, '' if it has none."""
    known = {extension.lower(): extension for extension in reversed(device.extensions)}
    for names in _ALIASES:
        for one, other in (names, names[::-1]):
            if one in known and other not in known:
                known[other] = known[one]
    cases = " ".join(f"WHEN {quoted(name)} THEN {quoted(spelt)}" for name, spelt in known.items())
    return f"CASE lower(extension) {cases} ELSE '' END"


def _right_name(device: DeviceGrammar) -> str:
    """A key put together from its parts; NULL where a template has parts that no bad name gives away."""
    pieces: list[str] = []
    end = 0
    if not device.template:
        return "NULL"
    for match in _PART.finditer(device.template):
        pieces.append(quoted(device.template[end : match.start()]))
        end = match.end()
        part, option = match[1], match[2] or ""
        if part == "device":
            pieces.append(quoted(device.device_id))
        elif part == "unit":
            pieces.append("unit_id")
        elif part == "captured":
            pieces.append(f"strftime(moment, {quoted(option)})")
        elif part == "seq" and (option or "1").isdecimal():
            width = int(option or "1")
            # Numbers in bad names are read up to nine digits.
            number = f"number % {10**width}" if width < 10 else "number"
            pieces.append(f"lpad(({number})::VARCHAR, {width}, '0')")
        elif part == "ext":
            pieces.append("extension")
        else:
            return "NULL"
    pieces.append(quoted(device.template[end:]))
    return " || ".join(piece for piece in pieces if piece != "''")
