"""Questions about a grammar itself, decided exactly: can one key be read in two ways, do two grammars share a key?

A tree becomes a nondeterministic automaton whose empty steps carry the borders of groups. Two different readings of one
key are then two paths over the same characters with different borders, and a walk over pairs of states finds the first
one or proves that there is none. No walk backtracks: each pair of states is visited once.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, TypeVar

from dashboard.domain.naming_language import (
    MAX_CHARACTER,
    Characters,
    Choice,
    GrammarError,
    Group,
    Node,
    Repeat,
    Row,
    Words,
)

MAX_STATES = 60_000
MAX_PAIRS = 400_000

Ranges = tuple[tuple[int, int], ...]
Borders = tuple[str, ...]
Item = TypeVar("Item")


class Automaton:
    """States are numbers; 0 is the start, `final` the end."""

    def __init__(self, node: Node, field: str = "key") -> None:
        """Build it.

        Raises:
            GrammarError: it has too many states to be decided about, on account of `field`.
        """
        self._field = field
        self.steps: list[list[tuple[Ranges, int]]] = []
        self.empty: list[list[tuple[str, int]]] = []
        self._closures: dict[int, frozenset[tuple[Borders, int]]] = {}
        self.final = self._add(node, self._state())

    def closure(self, state: int) -> frozenset[tuple[Borders, int]]:
        """Where empty steps lead, with the borders passed: states that take a character, and the end."""
        known = self._closures.get(state)
        if known is None:
            found: set[tuple[Borders, int]] = set()
            waiting: list[tuple[Borders, int]] = [((), state)]
            while waiting:
                borders, at = waiting.pop()
                if (self.steps[at] or at == self.final) and (borders, at) not in found:
                    found.add((borders, at))
                waiting += [
                    ((*borders, mark) if mark else borders, target) for mark, target in self.empty[at]
                ]
            known = self._closures[state] = frozenset(found)
        return known

    def start(self) -> frozenset[int]:
        return frozenset(state for _, state in self.closure(0))

    def after(self, states: frozenset[int], code: int) -> frozenset[int]:
        """The states one character later."""
        return frozenset(
            state
            for at in states
            for ranges, target in self.steps[at]
            if any(low <= code <= high for low, high in ranges)
            for _, state in self.closure(target)
        )

    def accepts(self, text: str) -> bool:
        states = self.start()
        for char in text:
            states = self.after(states, ord(char))
        return self.final in states

    def viable_length(self, text: str) -> int:
        """How many characters of a text a whole name could begin with."""
        states = self.start()
        for place, char in enumerate(text):
            states = self.after(states, ord(char))
            if not states:
                return place
        return len(text)

    def _state(self) -> int:
        if len(self.steps) >= MAX_STATES:
            raise GrammarError(
                self._field, "the grammar is too large to be checked; shorten its lists or counts"
            )
        self.steps.append([])
        self.empty.append([])
        return len(self.steps) - 1

    def _step(self, start: int, ranges: Ranges) -> int:
        end = self._state()
        self.steps[start].append((ranges, end))
        return end

    def _skip(self, start: int, end: int, mark: str = "") -> None:
        self.empty[start].append((mark, end))

    def _add(self, node: Node, start: int) -> int:
        if isinstance(node, Characters):
            return self._step(start, node.ranges)
        if isinstance(node, Words):
            return self._words(node.words, start)
        if isinstance(node, Row):
            for item in node.items:
                start = self._add(item, start)
            return start
        end = self._state()
        if isinstance(node, Choice):
            for item in node.items:
                first = self._state()
                self._skip(start, first)
                self._skip(self._add(item, first), end)
        elif isinstance(node, Group):
            first = self._state()
            self._skip(start, first, f"<{node.name}")
            self._skip(self._add(node.item, first), end, f"{node.name}>")
        else:
            self._repeat(node, start, end)
        return end

    def _repeat(self, node: Repeat, start: int, end: int) -> None:
        at = start
        for _ in range(node.least):
            at = self._add(node.item, at)
        if node.most is None:
            again = self._state()
            self._skip(at, again)
            self._skip(self._add(node.item, again), again)
            at = again
        else:
            for _ in range(node.most - node.least):
                self._skip(at, end)
                at = self._add(node.item, at)
        self._skip(at, end)

    def _words(self, words: tuple[str, ...], start: int) -> int:
        # One branch for each beginning, so that a list of a thousand units is no thousand readings.
        first, end = self._state(), self._state()
        self._skip(start, first)
        branches: dict[str, int] = {"": first}
        for word in dict.fromkeys(words):
            for place in range(len(word)):
                if word[: place + 1] not in branches:
                    code = ord(word[place])
                    branches[word[: place + 1]] = self._step(branches[word[:place]], ((code, code),))
            self._skip(branches[word], end)
        return end


def second_reading(automaton: Automaton) -> str | None:
    """A key whose groups can lie in two ways, or None if every key has one reading."""
    origin: dict[tuple[int, int, bool], tuple[tuple[int, int, bool], int] | None] = {}
    waiting: list[tuple[int, int, bool]] = []

    def meet(left: int, right: int, differ: bool, source: tuple[int, int, bool] | None, code: int) -> None:
        for borders, state in automaton.closure(left):
            for others, other in automaton.closure(right):
                pair = (min(state, other), max(state, other), differ or borders != others)
                if pair not in origin:
                    origin[pair] = None if source is None else (source, code)
                    waiting.append(pair)

    meet(0, 0, False, None, 0)
    for pair in _each(waiting):
        left, right, differ = pair
        if differ and left == right == automaton.final:
            return _walked(origin, pair)
        for ranges, target in automaton.steps[left]:
            for others, other in automaton.steps[right]:
                code = _shared(ranges, others)
                if code is not None:
                    meet(target, other, differ, pair, code)
    return None


def shared_key(one: Automaton, two: Automaton) -> str | None:
    """A key that both take, or None if there is none."""
    origin: dict[tuple[int, int], tuple[tuple[int, int], int] | None] = {}
    waiting: list[tuple[int, int]] = []

    def meet(left: int, right: int, source: tuple[int, int] | None, code: int) -> None:
        for _, state in one.closure(left):
            for _, other in two.closure(right):
                if (state, other) not in origin:
                    origin[(state, other)] = None if source is None else (source, code)
                    waiting.append((state, other))

    meet(0, 0, None, 0)
    for pair in _each(waiting):
        if pair == (one.final, two.final):
            return _walked(origin, pair)
        for ranges, target in one.steps[pair[0]]:
            for others, other in two.steps[pair[1]]:
                code = _shared(ranges, others)
                if code is not None:
                    meet(target, other, pair, code)
    return None


def text_outside(inner: Automaton, outer: Automaton) -> str | None:
    """A text of `inner` that `outer` does not take, or None if it takes all of them."""
    seen: set[tuple[int, frozenset[int]]] = set()
    waiting = [(state, outer.start(), "") for _, state in inner.closure(0)]
    for state, states, text in _each(waiting):
        if state == inner.final and outer.final not in states:
            return text
        for ranges, target in inner.steps[state]:
            for code in _representatives(ranges, outer, states):
                following = outer.after(states, code)
                for _, after in inner.closure(target):
                    if (after, following) not in seen:
                        seen.add((after, following))
                        waiting.append((after, following, text + chr(code)))
    return None


def _each(waiting: list[Item]) -> Iterator[Item]:
    """The items of a list that grows while it is read, up to a bound."""
    for number, item in enumerate(waiting):
        if number > MAX_PAIRS:
            raise GrammarError("key", "the grammar is too large to be checked; shorten its lists or counts")
        yield item


def _walked(origin: dict[Any, Any], pair: Any) -> str:
    codes = []
    step = origin[pair]
    while step is not None:
        pair, code = step
        codes.append(code)
        step = origin[pair]
    return "".join(map(chr, reversed(codes)))


def _shared(one: Ranges, two: Ranges) -> int | None:
    for low, high in one:
        for other_low, other_high in two:
            if max(low, other_low) <= min(high, other_high):
                return max(low, other_low)
    return None


def _representatives(ranges: Ranges, outer: Automaton, states: frozenset[int]) -> list[int]:
    """One character for each way in which the outer automaton can tell those of some ranges apart."""
    edges = {low for low, _ in ranges}
    for state in states:
        for others, _ in outer.steps[state]:
            edges |= {edge for low, high in others for edge in (low, min(high + 1, MAX_CHARACTER))}
    return sorted(edge for edge in edges if any(low <= edge <= high for low, high in ranges))


@cache
def automaton_of(node: Node, field: str = "key") -> Automaton:
    """The automaton of a tree; each tree is turned into one once."""
    return Automaton(node, field)
