"""A raw expression with named groups instead of a template: read, refused where it could run away, brought to a tree.

    dslr/(?P<unit>[a-z0-9-]+)/(?P<captured>[0-9]{8})_(?P<seq>[0-9]{4})[.](?P<ext>[a-z0-9]+)

Groups: unit, captured and ext (unit_2, captured_2, … where they stand again and must agree), seq, prefix. What unit and
ext may hold is then the device's closed lists and what captured may hold its format, so that an expression cannot be
laxer than a template. The whole key must fit; anchors are allowed and add nothing.
"""

from __future__ import annotations

import difflib
import re

from dashboard.domain.naming_automaton import automaton_of, text_outside
from dashboard.domain.naming_language import (
    DIGIT,
    MAX_CHARACTER,
    Characters,
    Choice,
    GrammarError,
    Group,
    Node,
    Repeat,
    Row,
    Words,
    literal,
    widths_of,
)
from dashboard.domain.naming_parts import time_node

FIELD = "pattern"
MAX_LENGTH = 1_000
MAX_COUNT = 200
_NAMES = ("unit", "captured", "seq", "ext", "prefix")
_NAME = re.compile(r"(unit|captured)_([2-9])")
_PLAIN_ESCAPES = set(r"\.^$|?*+()[]{}-/_ ~#&@!%,;:='\"<>`")
_CLASSES = {
    "d": ((0x30, 0x39),),
    "w": ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)),
}


class _Reader:
    """A recursive descent over the text of an expression."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.names: list[str] = []

    def refuse(self, why: str) -> GrammarError:
        return GrammarError(FIELD, f"at character {self.at + 1}: {why}")

    def peek(self, text: str) -> bool:
        return self.text.startswith(text, self.at)

    def take(self, text: str) -> bool:
        if self.peek(text):
            self.at += len(text)
            return True
        return False

    def choice(self, depth: int = 0) -> Node:
        if depth > 20:
            raise self.refuse("groups lie too deep in each other")
        rows = [self.row(depth)]
        while self.take("|"):
            rows.append(self.row(depth))
        return rows[0] if len(rows) == 1 else Choice(tuple(rows))

    def row(self, depth: int) -> Node:
        items: list[Node] = []
        while self.at < len(self.text) and not self.peek("|") and not self.peek(")"):
            items.append(self.counted(self.atom(depth)))
        return Row(tuple(items))

    def counted(self, item: Node) -> Node:
        match = re.compile(r"([*+?])|\{(\d{1,4})(,(\d{0,4}))?\}").match(self.text, self.at)
        if match is None:
            return item
        if match[1]:
            least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[match[1]]
        else:
            least = int(match[2])
            most = least if match[3] is None else int(match[4]) if match[4] else None
        if max(least, most or 0) > MAX_COUNT or (most is not None and most < least):
            raise self.refuse(f"a count runs from the smaller number to the larger, up to {MAX_COUNT}")
        if (most is None or most > 1) and _varies(item):
            raise self.refuse(
                "a repetition inside a repetition can be read in endlessly many ways; write the inner one with a "
                "fixed count, or take the outer one away"
            )
        if _named(item):
            raise self.refuse("a named group cannot be repeated or left out")
        self.at = match.end()
        self.take("?")  # a lazy count finds the same whole keys
        if re.compile(r"[*+?]|\{\d").match(self.text, self.at):
            raise self.refuse("a count of a count")
        return Repeat(item, least, most)

    def atom(self, depth: int) -> Node:
        char = self.text[self.at]
        if self.take("(?:"):
            return self.closed(self.choice(depth + 1))
        match = re.compile(r"\(\?P?<([A-Za-z_][A-Za-z0-9_]*)>").match(self.text, self.at)
        if match:
            self.check_name(match[1])
            self.at = match.end()
            return Group(match[1], self.closed(self.choice(depth + 1)))
        if self.peek("(?"):
            raise self.refuse("only (?:…) and (?P<name>…) are known; RE2 looks neither ahead nor back")
        if self.take("("):
            return self.closed(self.choice(depth + 1))
        if char == "[":
            return self.bracket()
        if char == "\\":
            return self.escape()
        if char in "*+?{}]^$":
            raise self.refuse(
                f"{char} has nothing to stand for here; write \\{char} for the character itself"
            )
        self.at += 1
        if char == ".":
            return Characters(((0, 9), (11, MAX_CHARACTER)), r"[^\n]")
        if char < " ":
            raise self.refuse("a control character")
        return literal(char).items[0]

    def closed(self, item: Node) -> Node:
        if not self.take(")"):
            raise self.refuse("a bracket is not closed")
        return item

    def check_name(self, name: str) -> None:
        if name not in _NAMES and not _NAME.fullmatch(name):
            near = difflib.get_close_matches(name, _NAMES, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise self.refuse(f"{name!r}: no such group; {hint}the groups are {', '.join(_NAMES)}")
        if name in self.names:
            raise self.refuse(f"the group {name!r} stands twice; call the second {name}_2")
        self.names.append(name)

    def escape(self) -> Node:
        char = self.text[self.at + 1 : self.at + 2]
        self.at += 2
        if char in _CLASSES:
            return Characters(_CLASSES[char], "[0-9]" if char == "d" else "[0-9A-Za-z_]")
        if char and char in _PLAIN_ESCAPES:
            return literal(char).items[0]
        raise self.refuse(f"\\{char} is not known; there are \\d, \\w and escaped punctuation")

    def bracket(self) -> Node:
        self.at += 1
        is_negated = self.take("^")
        ranges: list[tuple[int, int]] = []
        while not self.peek("]") or not ranges:
            first = self.member()
            if isinstance(first, tuple):
                ranges += first
            elif self.peek("-") and not self.peek("-]"):
                self.at += 1
                last = self.member()
                if isinstance(last, tuple) or last < first:
                    raise self.refuse("a range runs from the smaller character to the larger")
                ranges.append((ord(first), ord(last)))
            else:
                ranges.append((ord(first), ord(first)))
        self.at += 1
        shown = "".join(
            re.escape(chr(low)) if low == high else f"{re.escape(chr(low))}-{re.escape(chr(high))}"
            for low, high in ranges
        )
        return Characters(
            _complement(ranges) if is_negated else tuple(ranges), f"[{'^' if is_negated else ''}{shown}]"
        )

    def member(self) -> str | tuple[tuple[int, int], ...]:
        if self.at >= len(self.text) or self.peek("[:"):
            raise self.refuse("a list of characters is not closed, or holds a named class")
        if self.peek("\\"):
            found = self.escape()
            assert isinstance(found, Characters)
            return found.ranges if found.text.startswith("[") else chr(found.ranges[0][0])
        char = self.text[self.at]
        if char < " " or char == "[":
            raise self.refuse(
                f"write \\{char} for the character itself" if char == "[" else "a control character"
            )
        self.at += 1
        return char


def read_expression(
    text: str, *, units: tuple[str, ...], extensions: tuple[str, ...], formats: tuple[str, ...]
) -> Node:
    """Bring an expression to a tree in which unit, ext and captured hold what the device's settings say.

    Args:
        formats: strptime formats of captured, captured_2, … in that order.

    Raises:
        GrammarError: it is too long, nests repetitions, has something that RE2 or this project does not know, or does
            not agree with the lists and formats.
    """
    if len(text) > MAX_LENGTH:
        raise GrammarError(FIELD, f"the expression has {len(text)} characters; {MAX_LENGTH} are the most")
    reader = _Reader(text.removeprefix("^"))
    if reader.text.endswith("$") and not reader.text.endswith("\\$"):
        reader.text = reader.text[:-1]
    tree = reader.choice()
    if reader.at < len(reader.text):
        raise reader.refuse("a bracket is closed that was not opened")
    if "ext" not in reader.names:
        raise GrammarError(FIELD, "the expression needs a group (?P<ext>…)")
    times = sorted(name for name in reader.names if name.startswith("captured"))
    if len(times) != len(formats):
        raise GrammarError(
            "captured_format",
            f"there are {len(times)} captured groups and {len(formats)} formats; give one for each",
        )
    bodies: dict[str, Node] = {
        name: time_node(format_, "captured_format") for name, format_ in zip(times, formats, strict=True)
    }
    bodies["ext"] = Words(extensions)
    bodies |= {name: Words(units) for name in reader.names if name.startswith("unit")}
    return _settled(tree, bodies)


def _settled(node: Node, bodies: dict[str, Node]) -> Node:
    """The tree with the bodies of groups exchanged for narrower ones, which must lie within them."""
    if isinstance(node, Group):
        body = bodies.get(node.name)
        if body is None:
            inner = node.item
            if node.name == "seq" and (left := text_outside(automaton_of(inner, FIELD), _DIGITS)) is not None:
                raise GrammarError(FIELD, f"the group 'seq' takes {left!r}, which is no number")
            return Group(node.name, _settled(inner, bodies))
        if inner_groups := _named(node.item):
            raise GrammarError(FIELD, f"the group {inner_groups[0].name!r} stands inside {node.name!r}")
        left = text_outside(automaton_of(body, FIELD), automaton_of(node.item, FIELD))
        if left is not None:
            raise GrammarError(
                FIELD, f"the group {node.name!r} does not take {left!r}, which the settings allow"
            )
        return Group(node.name, body)
    if isinstance(node, Row):
        return Row(tuple(_settled(item, bodies) for item in node.items))
    if isinstance(node, Choice):
        if _named(node):
            raise GrammarError(FIELD, "a named group cannot stand in one of several choices only")
        return node
    return node


_DIGITS = automaton_of(Repeat(DIGIT, 1, None), FIELD)


def _named(node: Node) -> list[Group]:
    if isinstance(node, Group):
        return [node]
    if isinstance(node, (Row, Choice)):
        return [group for item in node.items for group in _named(item)]
    return _named(node.item) if isinstance(node, Repeat) else []


def _varies(node: Node) -> bool:
    least, most = widths_of(node)
    return least == 0 or least != most


def _complement(ranges: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    found, start = [], 0
    for low, high in sorted(ranges):
        if low > start:
            found.append((start, low - 1))
        start = max(start, high + 1)
    return (*found, (start, MAX_CHARACTER)) if start <= MAX_CHARACTER else tuple(found)
