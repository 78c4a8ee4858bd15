"""The typed parts of a name: what each one may hold, and the nearest known one where there is none of that name.

Built in are {device}, {unit}, {captured:FORMAT}, {seq:N} and {ext}. A device declares further ones under `parts`, each
a closed list or one of

    "digits:6"  "digits:3-6"    so many digits
    "number:1-96"  "number:001-384"   a number in a range; leading zeros are written in both ends
    "letters:2"  "letters:1-8"  so many of A-Z a-z
    "text:1-20"                 so many letters, digits, dots, underscores and hyphens
    "[A-Z0-9]:2-4"              so many characters of one's own choice

and the width may stand in the template instead: `case = "digits"` and `{case:6}`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

from dashboard.domain.naming_language import (
    DIGIT,
    Characters,
    Choice,
    GrammarError,
    Node,
    Repeat,
    Row,
    Words,
    literal,
    span,
)

BUILT_IN = {
    "device": "{device}",
    "unit": "{unit}",
    "captured": "{captured:…}",
    "seq": "{seq:N}",
    "ext": "{ext}",
}
PART_NAME = r"[a-z][a-z0-9_]{0,29}"
PART = re.compile(rf"\{{({PART_NAME})(?::([^{{}}]*))?\}}")

_ZERO_TO_FIVE = span("0", "5")
DIRECTIVES: dict[str, Node] = {
    "%Y": Repeat(DIGIT, 4, 4),
    "%m": Choice((Row((*literal("0").items, span("1", "9"))), Row((*literal("1").items, span("0", "2"))))),
    "%d": Choice(
        (
            Row((*literal("0").items, span("1", "9"))),
            Row((Characters(((0x31, 0x32),), "[12]"), DIGIT)),
            Row((*literal("3").items, Characters(((0x30, 0x31),), "[01]"))),
        )
    ),
    "%H": Choice(
        (
            Row((Characters(((0x30, 0x31),), "[01]"), DIGIT)),
            Row((*literal("2").items, span("0", "3"))),
        )
    ),
    "%M": Row((_ZERO_TO_FIVE, DIGIT)),
    "%S": Row((_ZERO_TO_FIVE, DIGIT)),
}
"""What stands for each strptime directive; all have one width."""

_TYPE = re.compile(r"(digits|letters|text|\[[^\[\]\\/^]+\])(?::(\d{1,9})(?:-(\d{1,9}))?)?")
_NUMBER = re.compile(r"number:(\d{1,9})-(\d{1,9})")
_KINDS = {
    "digits": DIGIT,
    "letters": Characters(((0x41, 0x5A), (0x61, 0x7A)), "[A-Za-z]"),
    "text": Characters(
        ((0x2D, 0x2E), (0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)), "[A-Za-z0-9._-]"
    ),
}

Declared = Mapping[str, tuple[str, ...] | str]


def time_node(format_: str, field: str = "key") -> Row:
    """A capture time.

    Raises:
        GrammarError: a directive that is none of `DIRECTIVES`.
    """
    pieces = re.split(r"(%.)", format_)
    unknown = [piece for piece in pieces if piece.startswith("%") and piece not in DIRECTIVES]
    if unknown:
        raise GrammarError(field, f"{unknown[0]} is not one of {' '.join(DIRECTIVES)}")
    return Row(tuple(DIRECTIVES.get(piece, literal(piece)) for piece in pieces if piece))


def sequence_node(option: str | None) -> Repeat:
    """A zero-padded number.

    Raises:
        GrammarError: its width is none from 1 to 99.
    """
    width = option or "1"
    if not re.fullmatch(r"0?[1-9]\d?", width):
        raise GrammarError("key", f"{{seq:{option}}}: the width must be a number from 1 to 99")
    return Repeat(DIGIT, int(width), int(width))


def declared_node(name: str, declared: tuple[str, ...] | str, option: str | None = None) -> Node:
    """What a declared part may hold; `option` is what stands after the colon in the template.

    Raises:
        GrammarError: it is declared in no known way, or its width is not given exactly once.
    """
    if isinstance(declared, tuple):
        _check_list(name, declared)
        if option:
            raise GrammarError("key", f"{{{name}:{option}}}: a closed list has no width")
        return Words(declared)
    if match := _NUMBER.fullmatch(declared):
        if option:
            raise GrammarError("key", f"{{{name}:{option}}}: the range of the number says its width")
        return _number(name, match[1], match[2])
    match = _TYPE.fullmatch(declared)
    if match is None:
        kinds = [*_KINDS, "number"]
        near = difflib.get_close_matches(declared.partition(":")[0], kinds, n=1)
        raise GrammarError(
            "parts",
            f"{name} = {declared!r}: no such kind of part"
            + (f"; did you mean {near[0]!r}?" if near else "")
            + '; there are a list of texts, "digits:6", "number:1-96", "letters:2", "text:1-20" and "[A-Z0-9]:2-4"',
        )
    widths = (match[2], match[3])
    if option:
        inline = re.fullmatch(r"(\d{1,2})(?:-(\d{1,2}))?", option)
        if inline is None:
            raise GrammarError(
                "key", f"{{{name}:{option}}}: the width is a number such as 6 or a range such as 3-6"
            )
        if match[2]:
            raise GrammarError("key", f"{{{name}:{option}}}: the width of {name} is given in `parts` already")
        widths = (inline[1], inline[2])
    if widths[0] is None:
        raise GrammarError("parts", f'{name} = {declared!r}: the width is missing, as in "{declared}:6"')
    least, most = int(widths[0]), int(widths[1] or widths[0])
    if not 1 <= least <= most <= 99:
        raise GrammarError(
            "parts", f"{name} = {declared!r}: a width runs from 1 to 99, the smaller number first"
        )
    return Repeat(_KINDS.get(match[1]) or _own_characters(name, match[1]), least, most)


def no_such_part(text: str, declared: Iterable[str]) -> GrammarError:
    """The refusal of a part that nobody declared, with the nearest one that there is."""
    known = {**BUILT_IN, **{name: f"{{{name}}}" for name in declared}}
    written = re.search(r"(?<=\{)\s*[A-Za-z_][A-Za-z0-9_]*", text)
    near = difflib.get_close_matches(written[0].strip().lower(), known, n=1) if written else []
    hint = f"did you mean {known[near[0]]}? " if near else ""
    return GrammarError("key", f"{text!r}: no such part; {hint}the parts are {' '.join(known.values())}")


def check_names(declared: Declared) -> None:
    """Hold the names and kinds of the declared parts against the rules.

    Raises:
        GrammarError: a name is built in or cannot be one, or a kind is none.
    """
    for name, kind in declared.items():
        if name in {*BUILT_IN, "prefix"}:
            raise GrammarError("parts", f"{name}: this part is built in; choose another name")
        if not re.fullmatch(PART_NAME, name):
            raise GrammarError("parts", f"{name!r}: a part's name is made of a-z, 0-9 and _, a letter first")
        is_open = isinstance(kind, str) and _TYPE.fullmatch(kind) is not None and ":" not in kind
        declared_node(name, kind, "1" if is_open else None)


def doubled(values: Iterable[str]) -> list[str]:
    """What stands twice in a list."""
    seen: set[str] = set()
    return list(dict.fromkeys(value for value in values if value in seen or seen.add(value)))  # type: ignore[func-returns-value]


def _check_list(name: str, values: tuple[str, ...]) -> None:
    if not values or not all(values):
        raise GrammarError("parts", f"{name}: a closed list needs at least one text, and none may be empty")
    if wrong := [value for value in values if set(value) & set("/{}\x00")]:
        raise GrammarError("parts", f"{name}: {wrong[0]!r} holds a slash or a brace")
    if twice := doubled(values):
        raise GrammarError("parts", f"{name}: {twice[0]!r} stands twice")


def _own_characters(name: str, text: str) -> Characters:
    inner = text[1:-1]
    ranges = []
    for match in re.finditer(r"(.)-(.)|(.)", inner, flags=re.DOTALL):
        first, last = (match[1], match[2]) if match[1] else (match[3], match[3])
        if first > last or first <= "/" <= last or first < " ":
            raise GrammarError(
                "parts", f"{name}: {match[0]!r} runs backwards or holds a slash or control character"
            )
        ranges.append((ord(first), ord(last)))
    shown = "".join(
        re.escape(chr(low)) if low == high else f"{re.escape(chr(low))}-{re.escape(chr(high))}"
        for low, high in ranges
    )
    return Characters(tuple(sorted(ranges)), f"[{shown}]")


def _number(name: str, first: str, last: str) -> Node:
    is_padded = first.startswith("0") and len(first) > 1
    if int(first) > int(last) or (is_padded and len(first) != len(last)):
        raise GrammarError(
            "parts", f"{name}: a range runs from the smaller number to the larger, equally padded"
        )
    if len(first) == len(last):
        return _between(first, last)
    choices = []
    for width in range(len(first), len(last) + 1):
        low = max(int(first), 10 ** (width - 1)) if width > 1 else int(first)
        choices.append(_between(str(low), str(min(int(last), 10**width - 1))))
    return Choice(tuple(choices))


def _between(first: str, last: str) -> Node:
    """Every text of digits between two as long ones."""
    width = len(first) - 1
    if not first:
        return Row(())
    if first[0] == last[0]:
        return Row((span(first[0], first[0]), _between(first[1:], last[1:])))
    if set(first[1:]) <= {"0"} and set(last[1:]) <= {"9"}:
        return Row(
            (span(first[0], last[0]), Repeat(DIGIT, width, width)) if width else (span(first[0], last[0]),)
        )
    choices: list[Node] = [Row((span(first[0], first[0]), _between(first[1:], "9" * width)))]
    if int(last[0]) - int(first[0]) > 1:
        middle = span(str(int(first[0]) + 1), str(int(last[0]) - 1))
        choices.append(Row((middle, Repeat(DIGIT, width, width))))
    choices.append(Row((span(last[0], last[0]), _between("0" * width, last[1:]))))
    return Choice(tuple(choices))
