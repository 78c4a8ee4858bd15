"""What a chart shows, in words for people who do not see it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pandas as pd

from dashboard.ui import formats, labels
from dashboard.ui.formats import Measure
from dashboard.ui.safe import visible
from dashboard.ui.text import _

_FEW = 24
"""Amounts that somebody listens to one after the other: two years of months, the hours of a day."""


def name(column: str, code: Any) -> str:
    """A code as people know it."""
    return labels.name(column, code) if labels.has_names(column) else visible(str(code))


def totals(alt: str, frame: pd.DataFrame, by: str, value: str, measure: Measure) -> str:
    """A sentence followed by the sum of each code of a column, in the frame's order; see `amounts`."""
    return amounts(alt, [(name(by, code), total) for code, total in _sums(frame, by, value)], measure)


def days(
    alt: str, frame: pd.DataFrame, by: str, value: str, measure: Measure, form: Callable[[date], str]
) -> str:
    """The same by days or months, the oldest first; of many the newest is told too."""
    sums = [(form(day), total) for day, total in sorted(_sums(frame, by, value))]
    if len(sums) > _FEW:
        newest, total = sums[-1]
        alt = _("{title}. Last: {last}").format(title=alt, last=f"{newest} {formats.amount(total, measure)}")
    return amounts(alt, sums, measure)


def lines(alt: str, frame: pd.DataFrame, x: str, y: str, measure: Measure, *, series: str) -> str:
    """The same for lines over days; those of a series are no parts of one whole: of many the newest each."""
    if not series:
        return days(alt, frame, x, y, measure, formats.day)
    rows = frame.sort_values(x)
    if len(rows) > _FEW:
        rows = rows.drop_duplicates(series, keep="last")
    places = zip(rows[x], rows[series], rows[y], strict=True)
    found = [(f"{formats.day(day)} · {name(series, code)}", amount) for day, code, amount in places]
    return amounts(alt, found, measure)


def _sums(frame: pd.DataFrame, by: str, value: str) -> list[tuple[Any, Any]]:
    sums: dict[Any, Any] = {}
    for code, amount in zip(frame[by], frame[value], strict=True):
        if not formats.is_missing(amount):
            sums[code] = sums.get(code, 0) + amount
    return list(sums.items())


def amounts(alt: str, found: Sequence[tuple[str, Any]], measure: Measure) -> str:
    """A sentence followed by what each amount is; of many the highest only.

    Args:
        alt: translated.
        found: name and amount of each, unscaled: bytes, dollars, objects, parts of one.
    """
    said = [f"{name} {formats.amount(amount, measure)}" for name, amount in found]
    if len(said) > _FEW:
        highest = sorted(range(len(found)), key=lambda number: found[number][1], reverse=True)[:3]
        most = "; ".join(said[number] for number in highest)
        return _("{title}. Highest: {most}").format(title=alt, most=most)
    return _("{title}: {amounts}").format(title=alt, amounts="; ".join(said)) if said else alt
