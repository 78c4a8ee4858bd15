"""Room for the words around a chart, in pixels.

Plotly measures words only after it has drawn them, and where they do not fit into the margins it draws the whole chart
once more. These margins are rather too large than too small, so that it need not; it still does where a chart is so
narrow that its legend takes more lines, as on a phone.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence

BELOW = 46
"""Under the chart: a line of words with a title, or two lines of words."""
VALUES = ("$2,000",)
"""Stands for the words of an axis of values, which plotly chooses."""
_HALF, _WHOLE = 480, 820
"""Widths of a chart that has half a page, and of one that has all of it."""
_FONT = 10.5
_NAME = 170
"""The widest name beside a chart or in its legend: half of a phone."""
_CHARACTER = re.compile(r"&[a-z]+;|.", re.DOTALL)
_NARROW, _WIDE = frozenset("fijlrtI .,:;'()-|"), frozenset("mwMW%")


def width(text: str) -> float:
    """Of a text in the charts' font."""
    return _FONT * sum(map(_part, text))


def _part(character: str) -> float:
    """Width of a character as a part of the font's size."""
    if unicodedata.east_asian_width(character) in "FW":
        return 1.05
    if character in _NARROW:
        return 0.33
    if character in _WIDE:
        return 0.88
    return 0.67 if character.isupper() or character.isdigit() else 0.58


def fit(text: str) -> str:
    """A name as short as a chart on a phone needs it: without its middle, for numbers stand at the end."""
    if width(text) <= _NAME:
        return text
    # Whole characters, not halves of what stands for one in plotly's labels.
    parts = _CHARACTER.findall(text)
    start, end, taken = 0, len(parts), width("…")
    while start < end:
        part = parts[start] if start <= len(parts) - end else parts[end - 1]
        taken += width(part)
        if taken > _NAME:
            break
        start, end = (start + 1, end) if start <= len(parts) - end else (start, end - 1)
    return "".join([*parts[:start], "…", *parts[end:]])


def left(words: Iterable[str], *, has_title: bool = False) -> int:
    """Left of a chart with these words on its upright axis."""
    return math.ceil(max(map(width, words), default=0)) + (34 if has_title else 17)


def legend(names: Sequence[str], beside: int, *, is_wide: bool = False) -> int:
    """Height of a legend, which stands in columns as wide as its longest name unless one line holds it.

    Args:
        beside: what the chart has left and right of it.
        is_wide: whether the chart has the whole page.
    """
    if not names:
        return 0
    items = [width(name) + 40 for name in names]
    space = (_WHOLE if is_wide else _HALF) - beside
    columns = len(items) if sum(items) <= space else max(int(space // max(items)), 1)
    return 10 + 19 * -(-len(items) // columns)
