"""What a name may hold, as a small tree: the one source of both the regular expression and the decisions about it.

The tree is written out as an expression that RE2 (DuckDB) and Python's `re` read alike, and it is turned into an
automaton (`dashboard.domain.naming_automaton`) where a question about the grammar itself must be decided.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_CHARACTER = 0x10FFFF


class GrammarError(ValueError):
    """A grammar that cannot be; `field` is the key of the device's block that has to be mended."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Characters:
    """One character out of ranges of code points, both ends included; `text` is how an expression writes it."""

    ranges: tuple[tuple[int, int], ...]
    text: str


@dataclass(frozen=True)
class Words:
    """One out of a closed list of texts, whose order means nothing."""

    words: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", tuple(sorted(self.words)))


@dataclass(frozen=True)
class Row:
    """One after the other."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Choice:
    """One of several."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Repeat:
    """The same several times; `most` None is without a bound."""

    item: Node
    least: int
    most: int | None


@dataclass(frozen=True)
class Group:
    """What an expression captures under a name."""

    name: str
    item: Node


Node = Characters | Words | Row | Choice | Repeat | Group

DIGIT = Characters(((0x30, 0x39),), "[0-9]")


def literal(text: str) -> Row:
    """A text that stands for itself."""
    return Row(tuple(Characters(((ord(char), ord(char)),), re.escape(char)) for char in text))


def span(first: str, last: str) -> Characters:
    """One character between two, both included."""
    if first == last:
        return Characters(((ord(first), ord(first)),), re.escape(first))
    return Characters(((ord(first), ord(last)),), f"[{first}-{last}]")


def pattern_of(node: Node) -> str:
    """The expression of a tree, with a positional group for every `Group`."""
    if isinstance(node, Characters):
        return node.text
    if isinstance(node, Words):
        return _bracketed("|".join(re.escape(word) for word in node.words), len(node.words) > 1)
    if isinstance(node, Row):
        return "".join(pattern_of(item) for item in node.items)
    if isinstance(node, Choice):
        return _bracketed("|".join(pattern_of(item) for item in node.items), len(node.items) > 1)
    if isinstance(node, Group):
        return f"({pattern_of(node.item)})"
    body = pattern_of(node.item)
    if not isinstance(node.item, Characters):
        body = f"(?:{body})"
    counts = {(0, None): "*", (1, None): "+", (0, 1): "?", (1, 1): ""}
    known = counts.get((node.least, node.most))
    if known is not None:
        return body + known
    if node.least == node.most:
        return f"{body}{{{node.least}}}"
    return f"{body}{{{node.least},{'' if node.most is None else node.most}}}"


def groups_of(node: Node) -> Iterator[Group]:
    """The groups of a tree in the order in which an expression counts them."""
    if isinstance(node, Group):
        yield node
    if isinstance(node, (Group, Repeat)):
        yield from groups_of(node.item)
    elif isinstance(node, (Row, Choice)):
        for item in node.items:
            yield from groups_of(item)


def widths_of(node: Node) -> tuple[int, int | None]:
    """Fewest and most characters of a text in the language; None is without a bound."""
    if isinstance(node, Characters):
        return 1, 1
    if isinstance(node, Words):
        return min(map(len, node.words)), max(map(len, node.words))
    if isinstance(node, Group):
        return widths_of(node.item)
    if isinstance(node, Repeat):
        least, most = widths_of(node.item)
        return node.least * least, None if node.most is None or most is None else node.most * most
    found = [widths_of(item) for item in node.items]
    lows, highs = [low for low, _ in found], [high for _, high in found]
    bounded = [high for high in highs if high is not None]
    has_bound = len(bounded) == len(highs)
    if isinstance(node, Row):
        return sum(lows), sum(bounded) if has_bound else None
    return min(lows), max(bounded) if has_bound else None


def sample_of(node: Node) -> str:
    """One text of the language: the first in every place."""
    if isinstance(node, Characters):
        return chr(node.ranges[0][0])
    if isinstance(node, Words):
        return node.words[0]
    if isinstance(node, Row):
        return "".join(sample_of(item) for item in node.items)
    if isinstance(node, Choice):
        return sample_of(node.items[0])
    if isinstance(node, Repeat):
        return sample_of(node.item) * max(node.least, 1)
    return sample_of(node.item)


def _bracketed(text: str, is_needed: bool) -> str:
    return f"(?:{text})" if is_needed else text
