"""Words along an axis: few enough for a phone, which is the same figure drawn narrower, and the year only where it
changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, TypeVar

import pandas as pd

from dashboard.ui import formats
from dashboard.ui.text import language

Value = TypeVar("Value")

MOST_DAYS = 6
MOST_MONTHS = 8
MOST_MONTHS_BESIDE_NAMES = 5
"""The names of devices take half of a phone's width."""
MOST = 12
SHORT_DAYS = 100
"""Up to so many days, a line's axis names days; beyond, months."""


def evenly(values: Sequence[Value], most: int) -> list[Value]:
    """Every n-th value, the first included, so that no more than `most` are left."""
    return list(values[:: max(-(-len(values) // most), 1)])


def dates(values: Sequence[dt.date], *, is_monthly: bool, most: int = 0) -> dict[str, Any]:
    """The dates to name, in order, as ISO text, and what they are called: `Nov 19`, or `Nov` below which the year
    stands when it is not that of the one before.

    Returns:
        `{iso text: words}`.
    """
    words: dict[str, Any] = {}
    year = 0
    for value in evenly(values, most or (MOST_MONTHS if is_monthly else MOST_DAYS)):
        name = formats.month_name(value) if is_monthly else formats.day_name(value)
        words[str(value)[:10]] = name if value.year == year else f"{name}<br>{formats.year(value)}"
        year = value.year
    return words


def dated_axis(values: pd.Series) -> dict[str, Any]:
    """Settings of a plotly date axis over these dates; plotly itself thins its words out when drawn narrower."""
    japanese = language() == "ja"
    days = sorted({str(value)[:10] for value in values})
    span = (dt.date.fromisoformat(days[-1]) - dt.date.fromisoformat(days[0])).days
    day, month, year = ("%-m/%-d", "%-m月", "%Y年") if japanese else ("%b %-d", "%b", "%Y")
    return {
        "type": "date",
        "tickformat": f"{day if span <= SHORT_DAYS else month}\n{year}",
        "hoverformat": "%Y/%m/%d" if japanese else "%b %-d, %Y",
        "showgrid": False,
        "tickangle": 0,
        # plotly would name the hours between few days.
        **({"tickmode": "array", "tickvals": days} if span < MOST_DAYS else {}),
    }
