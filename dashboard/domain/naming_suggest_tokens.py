"""How keys are cut before a template is looked for, and which keys have one order of pieces in common.

Runs of letters of other scripts are cut up at first, since free text in them must not be learnt: it is where names of
patients stand. Where they are one of a few words (右眼, 左眼), or letters carry a number (HE, Ki67), a coarser cut has
more keys of one order.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from dashboard.domain.naming_suggest_times import MOST_LISTED
from dashboard.domain.naming_suggest_units import is_slip
from dashboard.domain.patient import looks_like_patient

_ID = (
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}|[0-9a-f]{32,64}"
)
_UNIQUE = rf"(?<![0-9A-Za-z])(?:{_ID})(?![0-9A-Za-z])"
_WORD = r"(?:(?![A-Za-z年月日])[^\W\d_])+"
_NAMED = r"[A-Za-z]+(?:[0-9]{1,3}(?![0-9]))?"
_CUTS = tuple(
    re.compile(rf"{_UNIQUE}|{pieces}|.", re.DOTALL)
    for pieces in ("[0-9]+|[A-Za-z]+", f"[0-9]+|[A-Za-z]+|{_WORD}", f"{_NAMED}|[0-9]+|{_WORD}")
)
_BETTER = 1.05
"""A coarser cut has to bring so many times as many keys into one order."""

Row = list[str]


def cut(stems: Sequence[str]) -> tuple[list[int], list[Row]]:
    """The most frequent order of pieces: numbers of the stems that have it, and their pieces."""
    best: tuple[list[int], list[Row]] = ([], [])
    for pattern in _CUTS:
        rows = [pattern.findall(stem) for stem in stems]
        kind = kind_of if pattern is _CUTS[0] else _coarse
        shapes: dict[tuple[str, ...], list[int]] = {}
        for number, row in enumerate(rows):
            shapes.setdefault(tuple(map(kind, row)), []).append(number)
        chosen = max(shapes.values(), key=len)
        if len(chosen) > _BETTER * len(best[0]) and (
            not best[0] or _is_closed([rows[one] for one in chosen])
        ):
            best = chosen, [rows[one] for one in chosen]
    return best


def kind_of(token: str) -> str:
    """What a piece may be exchanged for without another order: any number, any word, or nothing but itself."""
    if len(token) >= 32 and re.fullmatch(_ID, token):
        return "id"
    if token[0] in "0123456789":
        return "0"
    if token.isascii() and token[0].isalpha():
        return "a"
    return token


def _coarse(piece: str) -> str:
    """The same where runs of other letters are words."""
    kind = kind_of(piece)
    return "w" if kind == piece and piece.isalpha() and piece not in "年月日" else kind


def _is_closed(rows: Sequence[Row]) -> bool:
    """Whether words that are not Latin, or that end in a number, are everywhere one of a few, and no one's name."""
    for column in zip(*rows, strict=True):
        if _coarse(column[0]) == "w" or any(
            token[-1].isdecimal() for token in column if kind_of(token) == "a"
        ):
            counts = Counter(column)
            usual = [word for word, count in counts.items() if not is_slip(count, len(column))]
            if len(usual) > MOST_LISTED or any(looks_like_patient(f"a/{word}/a") for word in usual):
                return False
    return True
