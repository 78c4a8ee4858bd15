"""The naming grammar: a template per device, compiled to one regular expression that DuckDB and Python read alike.

A template is the whole key with parts in braces:

    {device}/{unit}/{captured:%Y/%m/%d}/{device}-{unit}_{captured:%Y%m%dT%H%M%S}_{seq:4}.{ext}

`{device}` is the device's id, `{unit}` and `{ext}` come from closed lists, `{captured:FORMAT}` takes strptime
directives, `{seq:N}` is a zero-padded number of N digits, and the device may declare parts of its own (see
`dashboard.domain.naming_parts`). A part may stand twice: its values must then agree. Instead of a template there may be
an expression with named groups (`dashboard.domain.naming_expression`), which DuckDB alone judges.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from datetime import date, datetime

from dashboard.domain.naming_automaton import automaton_of, second_reading, shared_key, text_outside
from dashboard.domain.naming_expression import FIELD, read_expression
from dashboard.domain.naming_language import (
    MAX_CHARACTER,
    Characters,
    GrammarError,
    Node,
    Repeat,
    Row,
    groups_of,
    literal,
    pattern_of,
)
from dashboard.domain.naming_parts import DIRECTIVES, PART, Declared, doubled
from dashboard.domain.naming_template import PREFIX_GROUP, Piece, read_template, with_prefix_group

__all__ = ["DIRECTIVES", "PART", "PREFIX_GROUP", "GrammarError"]


@dataclass(frozen=True)
class CaptureTime:
    """One `{captured:…}` of a template: its group in the expression and its strptime format."""

    group: str
    format: str


@dataclass(frozen=True)
class DeviceGrammar:
    """What a device's keys must look like.

    Attributes:
        template: the settings' own text of it; "" for an expression.
        expression: the settings' own expression; "" for a template.
        pattern: RE2 expression over the whole key, with one group per name in `groups`, in order.
        pieces: the template's pieces in order; none for an expression.
        language: what `pattern` was written from.
        unit_groups: groups that hold the unit; all must agree.
        capture_times: groups that hold the capture time, the most precise first; all must agree on shared fields.
        part_groups: for each declared part, the groups that hold it; all of one part must agree.
        parts: the declared parts, each with its closed list or kind.
    """

    device_id: str
    folder: str
    template: str
    expression: str
    pattern: str
    pieces: tuple[Piece, ...]
    language: Node
    groups: tuple[str, ...]
    unit_groups: tuple[str, ...]
    capture_times: tuple[CaptureTime, ...]
    part_groups: tuple[tuple[str, ...], ...]
    parts: tuple[tuple[str, tuple[str, ...] | str], ...]
    units: tuple[str, ...]
    extensions: tuple[str, ...]
    in_use_from: date
    in_use_to: date | None

    @property
    def only_unit(self) -> str:
        """The unit of all its keys, where they do not say it; '' where they do."""
        return "" if self.unit_groups else self.units[0]

    def matches(self, key: str) -> bool:
        """Whether a key is a good name of this device, dates and repeated parts included.

        Raises:
            ValueError: the device has an expression, which Python might not come to an end with.
        """
        if self.expression:
            raise ValueError("an expression is judged by DuckDB")
        match = re.fullmatch(self.pattern, key)
        if match is None:
            return False
        found = dict(zip(self.groups, match.groups(), strict=True))
        for same in (self.unit_groups, *self.part_groups):
            if len({found[group] for group in same}) > 1:
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
    template: str = "",
    expression: str = "",
    formats: tuple[str, ...] = (),
    parts: Declared | None = None,
    units: tuple[str, ...],
    extensions: tuple[str, ...],
    in_use_from: date,
    in_use_to: date | None = None,
) -> DeviceGrammar:
    """Compile a name template or an expression.

    Args:
        formats: strptime formats of an expression's groups captured, captured_2, …
        parts: further parts of a template: closed lists, or kinds such as "digits:6".

    Raises:
        GrammarError: unknown parts, a capture time without a full date, a key that can be read in two ways, a name
            that does not start with the device's folder, or an expression that is refused.
    """
    declared = tuple((name, kind) for name, kind in (parts or {}).items())
    return _compile(
        device_id, folder, template, expression, formats, declared, units, extensions, in_use_from, in_use_to
    )


@functools.lru_cache(maxsize=512)
def _compile(
    device_id: str,
    folder: str,
    template: str,
    expression: str,
    formats: tuple[str, ...],
    declared: tuple[tuple[str, tuple[str, ...] | str], ...],
    units: tuple[str, ...],
    extensions: tuple[str, ...],
    in_use_from: date,
    in_use_to: date | None,
) -> DeviceGrammar:
    for field, values in (("units", units), ("extensions", extensions)):
        if any("/" in value for value in values):
            raise GrammarError(field, "units and extensions cannot hold a slash")
        if twice := doubled(values):
            raise GrammarError(field, f"{twice[0]!r} stands twice")
    parts = dict(declared)
    pieces: tuple[Piece, ...] = ()
    if expression:
        language, times = _read_expression(expression, units, extensions, formats)
        field = FIELD
    else:
        pieces = read_template(
            template, device_id=device_id, units=units, extensions=extensions, declared=parts
        )
        language = with_prefix_group(pieces)
        times = [CaptureTime(piece.group, piece.format) for piece in pieces if piece.format]
        field = "key"
    groups = tuple(_numbered(group.name) for group in groups_of(language))
    times.sort(key=lambda item: -item.format.count("%"))
    if times and not {"%Y", "%m", "%d"} <= set(re.findall(r"%.", times[0].format)):
        raise GrammarError(field if pieces else "captured_format", "one {captured:…} must hold %Y, %m and %d")
    automaton = automaton_of(language, field)
    within = automaton_of(anything_in(folder))
    if shared_key(automaton, within) is None:
        raise GrammarError("folder", f"the template does not start with the folder {folder!r}")
    if (stray := text_outside(automaton, within)) is not None:
        raise GrammarError(
            "folder",
            f"{stray!r} would be a good name and lies outside the folder {folder!r}, where nobody looks for it",
        )
    if (key := second_reading(automaton)) is not None:
        raise GrammarError(
            field,
            f"{key!r} can be read in two ways: it is not clear where one part ends and the next begins; put a text "
            "between them that neither can hold, or give one of them a fixed width",
        )
    unit_groups = tuple(group for group in groups if group.startswith("unit_"))
    if not unit_groups and len(units) > 1:
        raise GrammarError(
            "units", "the names do not say the unit, so there can be one only: nobody tells several apart"
        )
    return DeviceGrammar(
        device_id=device_id,
        folder=folder,
        template=template,
        expression=expression,
        pattern=f"^{pattern_of(language)}$",
        pieces=pieces,
        language=language,
        groups=groups,
        unit_groups=unit_groups,
        capture_times=tuple(times),
        part_groups=tuple(tuple(piece.group for piece in pieces if piece.part == name) for name in parts),
        parts=declared,
        units=units,
        extensions=extensions,
        in_use_from=in_use_from,
        in_use_to=in_use_to,
    )


def check_examples(grammar: DeviceGrammar, good: tuple[str, ...], bad: tuple[str, ...]) -> None:
    """Run a template's own examples; those of an expression are left to DuckDB.

    Raises:
        GrammarError: a good name does not match or a bad name does.
    """
    if grammar.expression:
        return
    for key in good:
        if not grammar.matches(key):
            raise GrammarError("good", f"the good name {key!r} does not fit the template")
    for key in bad:
        if grammar.matches(key):
            raise GrammarError("bad", f"the bad name {key!r} fits the template")


def overlap(one: DeviceGrammar, two: DeviceGrammar) -> str | None:
    """A key that two devices would both call their own good name, or None; folders apart share none."""
    if not (one.folder.startswith(two.folder) or two.folder.startswith(one.folder)):
        return None
    return shared_key(automaton_of(one.language), automaton_of(two.language))


def anything_in(folder: str) -> Row:
    """Every key that begins with a folder."""
    return Row((*literal(folder).items, Repeat(Characters(((0, MAX_CHARACTER),), r"(?s:.)"), 0, None)))


def junk_pattern(globs: tuple[str, ...]) -> str:
    """One RE2 expression over a whole key for file names that are no images, from globs of the file name."""
    if not globs:
        return "^$"
    names = "|".join(
        "".join("[^/]*" if char == "*" else "[^/]" if char == "?" else re.escape(char) for char in glob)
        for glob in globs
    )
    return f"(?i)(?:^|/)(?:{names})$"


def _read_expression(
    expression: str, units: tuple[str, ...], extensions: tuple[str, ...], formats: tuple[str, ...]
) -> tuple[Node, list[CaptureTime]]:
    language = read_expression(expression, units=units, extensions=extensions, formats=formats)
    names = sorted(
        _numbered(group.name) for group in groups_of(language) if group.name.startswith("captured")
    )
    return language, [CaptureTime(name, format_) for name, format_ in zip(names, formats, strict=True)]


def _numbered(name: str) -> str:
    return f"{name}_1" if name in {"unit", "captured"} else name
