"""The naming grammar: a template per device, compiled to one regular expression that DuckDB and Python read alike.

A template is the whole key with parts in braces:

    {device}/{unit}/{captured:%Y/%m/%d}/{device}-{unit}_{captured:%Y%m%dT%H%M%S}_{seq:4}.{ext}

`{device}` is the device's id, `{unit}` and `{ext}` come from closed lists, `{captured:FORMAT}` takes strptime
directives, `{seq:N}` is a zero-padded number of N digits. A part may stand twice: its values must then agree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

PREFIX_GROUP = "prefix"
"""The group around the first two segments of the key: the folder a treemap shows."""

PART = re.compile(r"\{(device|unit|captured|seq|ext)(?::([^{}]*))?\}")
DIRECTIVES = {
    "%Y": "[0-9]{4}",
    "%m": "(?:0[1-9]|1[0-2])",
    "%d": "(?:0[1-9]|[12][0-9]|3[01])",
    "%H": "(?:[01][0-9]|2[0-3])",
    "%M": "[0-5][0-9]",
    "%S": "[0-5][0-9]",
}


@dataclass(frozen=True)
class CaptureTime:
    """One `{captured:…}` of a template: its group in the expression and its strptime format."""

    group: str
    format: str


@dataclass(frozen=True)
class DeviceGrammar:
    """What a device's keys must look like.

    Attributes:
        template: the settings' own text of it.
        pattern: RE2 expression over the whole key, with one group per name in `groups`, in order.
        unit_groups: groups that hold the unit; all must agree.
        capture_times: groups that hold the capture time, the most precise first; all must agree on shared fields.
    """

    device_id: str
    folder: str
    template: str
    pattern: str
    groups: tuple[str, ...]
    unit_groups: tuple[str, ...]
    capture_times: tuple[CaptureTime, ...]
    units: tuple[str, ...]
    extensions: tuple[str, ...]
    in_use_from: date
    in_use_to: date | None

    def matches(self, key: str) -> bool:
        """Whether a key is a good name of this device, dates and repeated parts included."""
        match = re.fullmatch(self.pattern, key)
        if match is None:
            return False
        found = dict(zip(self.groups, match.groups(), strict=True))
        if len({found[group] for group in self.unit_groups}) > 1:
            return False
        try:
            times = [datetime.strptime(found[item.group], item.format) for item in self.capture_times]
        except ValueError:
            return False
        if not times:
            return True
        first, *others = times
        known = set(re.findall(r"%.", self.capture_times[0].format))
        agree = all(
            first.strftime(piece) == other.strftime(piece)
            for item, other in zip(self.capture_times[1:], others, strict=True)
            for piece in re.findall(r"%.", item.format)
            if piece in known
        )
        return agree and self.in_use_from <= first.date() <= (self.in_use_to or date.max)


def compile_device(
    *,
    device_id: str,
    folder: str,
    template: str,
    units: tuple[str, ...],
    extensions: tuple[str, ...],
    in_use_from: date,
    in_use_to: date | None = None,
) -> DeviceGrammar:
    """Compile a name template.

    Raises:
        ValueError: the template has unknown parts, a capture time without a full date, or does not start with
            the device's folder.
    """
    if any("/" in value for value in (*units, *extensions)):
        raise ValueError("units and extensions cannot hold a slash")
    groups: list[str] = []
    unit_groups: list[str] = []
    times: list[CaptureTime] = []
    pieces: list[str] = []

    def group(name: str, body: str) -> str:
        groups.append(name)
        return f"({body})"

    def expression(part: str, option: str | None) -> str:
        if part == "device":
            return re.escape(device_id)
        if part == "unit":
            unit_groups.append(f"unit_{len(unit_groups) + 1}")
            return group(unit_groups[-1], _any_of(units))
        if part == "ext":
            return group("ext", _any_of(extensions))
        if part == "seq":
            width = option or "1"
            if not re.fullmatch(r"0?[1-9]\d?", width):
                raise ValueError(f"{{seq:{option}}}: the width must be a number from 1 to 99")
            return group("seq", f"[0-9]{{{int(width)}}}")
        if not option:
            raise ValueError("{captured} needs a format, such as {captured:%Y%m%dT%H%M%S}")
        times.append(CaptureTime(f"captured_{len(times) + 1}", option))
        return group(times[-1].group, _time_expression(option))

    end = 0
    for match in PART.finditer(template):
        pieces += [_literal(template[end : match.start()]), ""]
        pieces[-1] = expression(match[1], match[2])
        end = match.end()
    pieces.append(_literal(template[end:]))
    body = "".join(pieces)
    if "ext" not in groups:
        raise ValueError("the template needs {ext}")
    if groups.count("ext") > 1 or groups.count("seq") > 1:
        raise ValueError("{ext} and {seq} may stand once only")
    pattern = _with_prefix_group(body)
    if not re.match(_prefix_of(template, device_id, units), folder):
        raise ValueError(f"the template does not start with the folder {folder!r}")
    times.sort(key=lambda item: -item.format.count("%"))
    if times and not {"%Y", "%m", "%d"} <= set(re.findall(r"%.", times[0].format)):
        raise ValueError("one {captured:…} must hold %Y, %m and %d")
    return DeviceGrammar(
        device_id=device_id,
        folder=folder,
        template=template,
        pattern=f"^{pattern}$",
        groups=(PREFIX_GROUP, *groups),
        unit_groups=tuple(unit_groups),
        capture_times=tuple(times),
        units=units,
        extensions=extensions,
        in_use_from=in_use_from,
        in_use_to=in_use_to,
    )


def check_examples(grammar: DeviceGrammar, good: tuple[str, ...], bad: tuple[str, ...]) -> None:
    """Run a grammar's own examples.

    Raises:
        ValueError: a good name does not match or a bad name does.
    """
    for key in good:
        if not grammar.matches(key):
            raise ValueError(f"the good name {key!r} does not fit the template")
    for key in bad:
        if grammar.matches(key):
            raise ValueError(f"the bad name {key!r} fits the template")


def junk_pattern(globs: tuple[str, ...]) -> str:
    """One RE2 expression over a whole key for file names that are no images, from globs of the file name."""
    if not globs:
        return "^$"
    names = "|".join(
        "".join("[^/]*" if char == "*" else "[^/]" if char == "?" else re.escape(char) for char in glob)
        for glob in globs
    )
    return f"(?i)(?:^|/)(?:{names})$"


def _any_of(values: tuple[str, ...]) -> str:
    return "|".join(re.escape(value) for value in values)


def _literal(text: str) -> str:
    if "{" in text or "}" in text:
        raise ValueError(f"{text!r}: the parts are {{device}} {{unit}} {{captured:…}} {{seq:N}} {{ext}}")
    return re.escape(text)


def _time_expression(format_: str) -> str:
    pieces = re.split(r"(%.)", format_)
    unknown = [piece for piece in pieces if piece.startswith("%") and piece not in DIRECTIVES]
    if unknown:
        raise ValueError(f"{unknown[0]} is not one of {' '.join(DIRECTIVES)}")
    return "".join(DIRECTIVES.get(piece, re.escape(piece)) for piece in pieces)


def _with_prefix_group(body: str) -> str:
    """Wrap the first two segments, or only the first where the second is cut by a capture time."""
    depth, slashes = 0, []
    for index, char in enumerate(body):
        depth += {"(": 1, ")": -1}.get(char, 0)
        if char == "/":
            slashes.append((index, depth))
    if not slashes:
        return f"(){body}"
    cut = slashes[1][0] if len(slashes) > 1 and slashes[1][1] == 0 else slashes[0][0]
    return f"({body[:cut]}){body[cut:]}"


def _prefix_of(template: str, device_id: str, units: tuple[str, ...]) -> str:
    head = template.split("/", 1)[0]
    parts = {"device": re.escape(device_id), "unit": f"(?:{_any_of(units)})"}
    return PART.sub(lambda match: parts.get(match[1], ".*"), head)
