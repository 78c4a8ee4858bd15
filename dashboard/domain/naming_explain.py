"""Why a key fits a grammar or does not, part by part. The verdict itself is DuckDB's; this only words it."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from dashboard.domain.naming import DeviceGrammar
from dashboard.domain.naming_automaton import automaton_of
from dashboard.domain.naming_language import Words, widths_of
from dashboard.domain.naming_template import Piece

_SHOWN = 6


@dataclass(frozen=True)
class PartReport:
    """One part of a name against what a key has there.

    Attributes:
        part: the part as the settings write it, or the text that stands for itself; "" for what is left over.
        problem: why it is not in order, "" if it is.
    """

    part: str
    expected: str
    found: str
    problem: str = ""

    @property
    def is_ok(self) -> bool:
        return not self.problem


def explain_key(grammar: DeviceGrammar, key: str, latest_day: date) -> list[PartReport]:
    """A report on each part of a template.

    Args:
        latest_day: the last day on which an image can have been taken.
    """
    found = _matched(grammar, key) or _aligned(grammar.pieces, key)
    reports = [
        PartReport(piece.written, _expectation(piece, grammar), text, _misfit(piece, text))
        for piece, text in zip(grammar.pieces, found, strict=False)
    ]
    _compare(grammar, reports)
    _date(grammar, reports, latest_day)
    if left := "".join(found[len(grammar.pieces) :]):
        reports.append(PartReport("", "the end of the name", left, "the name goes on"))
    return reports


def explain_expression(
    grammar: DeviceGrammar, key: str, groups: Mapping[str, str] | None
) -> list[PartReport]:
    """A report on an expression: its groups where it fits, else how far a name could have gone.

    Args:
        groups: what DuckDB found in each group; None where the expression does not fit.
    """
    if groups is not None:
        return [PartReport(f"(?P<{name}>…)", "", text) for name, text in groups.items()]
    length = automaton_of(grammar.language, "pattern").viable_length(key)
    left = key[length:]
    problem = f"no name goes on with {left[0]!r} here" if left else "the name ends too early"
    reports = [PartReport(grammar.expression, "a name may begin like this", key[:length])] if length else []
    return [*reports, PartReport("", "", left, problem)]


def explain_folder(grammars: list[DeviceGrammar], key: str) -> PartReport:
    """A report on a key that lies in the folder of no device."""
    folders = [grammar.folder for grammar in grammars]
    likeness = {folder: _likeness(_head(key, folder.count("/")), folder) for folder in folders}
    near = max(folders, key=likeness.__getitem__, default="")
    head = _head(key, near.count("/") if near and likeness[near] == 1 else 1)
    hint = ""
    if near and likeness[near] == 1 and unicodedata.normalize("NFC", head) == near:
        hint = f": it is {near!r} in decomposed characters (NFD)"
    elif near and likeness[near] >= 0.6:
        hint = f"; did you mean {near!r}?"
    return PartReport("folder", _listed(folders), head, f"no device has this folder{hint}")


def _head(key: str, depth: int) -> str:
    """The first folders of a key, as many as there are of so many."""
    segments = key.split("/")
    return "/".join(segments[:depth]) + ("/" if len(segments) > depth else "")


def _likeness(one: str, two: str) -> float:
    """How alike two folders are, from 0 to 1; 1 where only case or the form of their characters differs."""
    left, right = (unicodedata.normalize("NFKC", text).casefold() for text in (one, two))
    return difflib.SequenceMatcher(a=left, b=right).ratio()


def _matched(grammar: DeviceGrammar, key: str) -> list[str] | None:
    match = re.fullmatch(grammar.pattern, key)
    if match is None:
        return None
    values = dict(zip(grammar.groups, match.groups(), strict=True))
    return [values[piece.group] if piece.group else _plain(piece) for piece in grammar.pieces]


def _plain(piece: Piece) -> str:
    """The text of a piece that stands for itself."""
    assert not piece.group
    return "".join(chr(item.ranges[0][0]) for item in piece.node.items)  # type: ignore[union-attr]


def _aligned(pieces: tuple[Piece, ...], key: str) -> list[str]:
    """What of a key most likely stands for each piece; whatever is left over at the end."""
    found: list[str] = []
    at = 0
    for number, piece in enumerate(pieces):
        following = pieces[number + 1] if number + 1 < len(pieces) else None
        if piece.group:
            text = _taken(piece, following, key, at)
        else:
            plain = _plain(piece)
            place = key.find(plain, at)
            # A text that comes a little later than it should: what stands before it is left to this piece.
            text = key[at : place + len(plain)] if place >= 0 else key[at : at + len(plain)]
        found.append(text)
        at += len(text)
    return [*found, key[at:]]


def _taken(piece: Piece, following: Piece | None, key: str, at: int) -> str:
    least, most = widths_of(piece.node)
    automaton = automaton_of(piece.node)
    lengths = range(min(most or len(key), len(key) - at), least - 1, -1)
    fitting = [length for length in lengths if automaton.accepts(key[at : at + length])]
    if following is None:
        return key[at:]
    if following.group:
        return key[at : at + (fitting[0] if fitting else least)]
    stop = _plain(following)
    for length in fitting:
        if key.startswith(stop, at + length):
            return key[at : at + length]
    place = at - 1
    for _ in range(piece.format.count(stop) + 1):
        place = key.find(stop, place + 1)
        if place < 0:
            # Up to the next slash at most: what comes after it is the business of other parts.
            end = key.find("/", at)
            return key[at : end if end >= 0 and "/" not in piece.format else len(key)]
    return key[at:place]


def _expectation(piece: Piece, grammar: DeviceGrammar) -> str:
    if not piece.group:
        return _plain(piece)
    if isinstance(piece.node, Words):
        return _listed(piece.node.words)
    if piece.format:
        return f"a time as {piece.format}"
    least, most = widths_of(piece.node)
    if piece.part == "seq":
        return f"{most} digits" if most != 1 else "1 digit"
    kind = dict(grammar.parts)[piece.part]
    assert isinstance(kind, str)
    name = kind.rpartition(":")[0] or kind
    if name == "number":
        return kind.replace(":", " ")
    return f"{name}, {least} of them" if least == most else f"{name}, {least} to {most} of them"


def _misfit(piece: Piece, text: str) -> str:
    if not piece.group:
        return "" if text == _plain(piece) else "another text stands here" if text else "it is missing"
    if automaton_of(piece.node).accepts(text):
        return ""
    if not text:
        return "it is missing"
    if isinstance(piece.node, Words):
        words = piece.node.words
        alike = [word for word in words if word.casefold() == text.casefold()]
        near = alike or difflib.get_close_matches(text, words, n=1)
        return "it is none of the list" + (f"; did you mean {near[0]!r}?" if near else "")
    length = automaton_of(piece.node).viable_length(text)
    if length == len(text):
        return "it is too short"
    return f"character {length + 1}, {text[length]!r}, does not fit"


def _compare(grammar: DeviceGrammar, reports: list[PartReport]) -> None:
    """What stands twice must agree with where it stood first."""
    first: dict[str, str] = {}
    for number, piece in enumerate(grammar.pieces):
        report = reports[number]
        if piece.group in {"", "ext", "seq"} or piece.format or not report.is_ok:
            continue
        before = first.setdefault(piece.part, report.found)
        if before != report.found:
            reports[number] = replace(report, problem=f"it does not agree with {before!r} before")


def _date(grammar: DeviceGrammar, reports: list[PartReport], latest_day: date) -> None:
    """Capture times must be days of the calendar, agree, and lie in the time of the device."""
    places = {piece.group: number for number, piece in enumerate(grammar.pieces) if piece.format}
    main: tuple[datetime, set[str]] | None = None
    for item in grammar.capture_times:
        number = places[item.group]
        if not reports[number].is_ok:
            continue
        problem = ""
        pieces = set(re.findall(r"%.", item.format))
        try:
            moment = datetime.strptime(reports[number].found, item.format)
        except ValueError:
            problem = "there is no such day"
        else:
            if main is None and item is grammar.capture_times[0]:
                main = moment, pieces
                problem = _out_of_use(grammar, moment.date(), latest_day)
            elif main is not None and any(
                moment.strftime(piece) != main[0].strftime(piece) for piece in pieces & main[1]
            ):
                problem = f"it does not agree with {main[0]:%Y-%m-%d %H:%M:%S}, which stands in the name too"
        if problem:
            reports[number] = replace(reports[number], problem=problem)


def _out_of_use(grammar: DeviceGrammar, day: date, latest_day: date) -> str:
    if day < grammar.in_use_from:
        return f"the device came into use on {grammar.in_use_from} only"
    if grammar.in_use_to is not None and day > grammar.in_use_to:
        return f"the device was in use up to {grammar.in_use_to}"
    return f"it lies in the future, after {latest_day}" if day > latest_day else ""


def _listed(values: tuple[str, ...] | list[str]) -> str:
    more = len(values) - _SHOWN
    return "one of " + ", ".join(values[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
