"""Heat maps: a calendar of days, and any column against any other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.ui import figures, formats, in_words, labels, room, ticks
from dashboard.ui.figures import axis, draw, layout, scaled, shown_name
from dashboard.ui.formats import Measure, measure_of
from dashboard.ui.text import _, language

CAP = 0.98
"""The scale ends at this quantile, so that one huge day does not make all others look empty."""
_SCALE_ABOVE, _SCALE_BELOW = 52, 40
"""Room for the scale with its title, in pixels."""
_BELOW = 0.001
"""Cells without a value stand so far below zero, as a part of the scale, and are faint."""
_ZERO = round(_BELOW / (1 + _BELOW), 6)
_STEPS = [[0, figures.FAINT], [_ZERO, figures.FAINT]] + [
    [round(_ZERO + (1 - _ZERO) * step / 9, 6), color] for step, color in enumerate(figures.SEQUENCE)
]


def calendar(
    frame: pd.DataFrame,
    *,
    day: str,
    value: str,
    key: str,
    alt: str,
    measure: Measure | None = None,
    select: bool = False,
) -> dict[str, Any] | None:
    """A year of days: weeks across, weekdays down (Sunday first in Japanese). Empty days stay faint.

    Returns:
        `{day: '2026-11-22'}` of the day clicked in this run, else None.
    """
    if frame.empty:
        figures.empty()
        return None
    measure = measure or measure_of(value)
    days: dict[dt.date, float] = dict(zip(frame[day].map(_as_date), frame[value].map(float), strict=True))
    numbers, unit = scaled(pd.Series(days), measure)
    shift = _days_before_monday()
    first, last = min(days), max(days)
    start = first - dt.timedelta(days=(first.weekday() + shift) % 7)
    weeks = (last - start).days // 7 + 1
    top = _top(numbers)
    cells: list[list[float | None]] = [[None] * weeks for _week in range(7)]
    texts: list[list[str]] = [[""] * weeks for _week in range(7)]
    codes: list[list[str]] = [[""] * weeks for _week in range(7)]
    months: dict[int, dt.date] = {}
    for offset in range((last - start).days + 1):
        date = start + dt.timedelta(days=offset)
        week, weekday = divmod(offset, 7)
        if date.day <= 7 and weekday == 0:
            months[week] = date
        if date < first:
            continue
        cells[weekday][week] = float(numbers.get(date, 0.0)) or -_BELOW * top
        shown = formats.amount(days.get(date, 0), measure)
        texts[weekday][week] = f"{formats.day(date)}: {shown}"
        codes[weekday][week] = date.isoformat()
    words = ticks.dates(list(months.values()), is_monthly=True)
    named = [week for week, date in months.items() if date.isoformat() in words]
    names = [labels.name("weekday", (number - 1 - shift) % 7 + 1) for number in range(1, 8)]
    clicked = draw(
        _traces(cells, texts, codes if select else None, top, unit.name, is_below=False),
        layout(
            224,
            hoverdistance=-1 if select else 20,
            margin={"l": room.left(names), "t": 42, "b": _SCALE_BELOW},
            xaxis=axis(
                side="top",
                tickvals=named,
                ticktext=list(words.values()),
                range=[-0.5, weeks - 0.5],
                showgrid=False,
                tickangle=0,
            ),
            yaxis=axis(tickvals=list(range(7)), ticktext=names, range=[6.5, -0.5], showgrid=False),
        ),
        key=key,
        alt=in_words.days(alt, frame, day, value, measure, formats.day),
        select=select,
    )
    return {day: clicked} if clicked else None


def grid(
    frame: pd.DataFrame,
    *,
    x: str,
    y: str,
    value: str,
    key: str,
    alt: str,
    measure: Measure | None = None,
    x_title: str = "",
    rank: str = "",
    select: bool = False,
) -> dict[str, Any] | None:
    """One column against another: weekday and hour, device and month. DATE columns are shown as months.

    Args:
        rank: column by which the rows stand, from the top, and the first of which are drawn; without one, in the order
            of their codes.

    Returns:
        The codes of the cell clicked in this run by column (dates as ISO text), else None.
    """
    if frame.empty:
        figures.empty()
        return None
    measure = measure or measure_of(value)
    across = sorted(frame[x].unique(), key=_by(x))
    down = list(frame.sort_values(rank)[y].unique()) if rank else sorted(frame[y].unique(), key=_by(y))
    row_count = len(down)
    if rank and row_count > figures.MOST_ROWS:
        down = down[: figures.MOST_ROWS]
        frame = frame[frame[y].isin(down)]
    numbers, unit = scaled(frame[value], measure)
    place_x = {code: number for number, code in enumerate(across)}
    place_y = {code: number for number, code in enumerate(down)}
    top = _top(numbers)
    cells: list[list[float | None]] = [[-_BELOW * top] * len(across) for _row in down]
    texts = [[f"{_shown(y, row)} · {_shown(x, column)}" for column in across] for row in down]
    codes = [[[_code(column), _code(row)] for column in across] for row in down]
    for column, row, number, raw in zip(frame[x], frame[y], numbers, frame[value], strict=True):
        if number == number:
            cells[place_y[row]][place_x[column]] = float(number)
        texts[place_y[row]][place_x[column]] += f": {formats.amount(raw, measure)}"
    places = zip(frame[y], frame[x], frame[value], strict=True)
    found = [
        (f"{_shown(y, row)} · {_shown(x, column)}", raw) for row, column, raw in places if raw and raw == raw
    ]
    rows = [room.fit(_shown(y, code)) for code in down]
    named, words = _words(x, across)
    clicked = draw(
        _traces(cells, texts, codes if select else None, top, unit.name, is_below=True),
        layout(
            84 + 26 * max(len(down), 3),
            margin={"l": room.left(rows), "t": _SCALE_ABOVE, "b": room.BELOW},
            hoverdistance=-1 if select else 20,
            xaxis=axis(
                x_title,
                tickvals=[place_x[code] for code in named],
                ticktext=words,
                range=[-0.5, len(across) - 0.5],
                showgrid=False,
                tickangle=0,
            ),
            yaxis=axis(
                tickvals=list(range(len(down))),
                ticktext=rows,
                range=[len(down) - 0.5, -0.5],
                showgrid=False,
            ),
        ),
        key=key,
        alt=in_words.amounts(alt, found, measure),
        select=select,
    )
    if len(down) < row_count:
        left_out = _("The first {shown} of {count} rows; the table has them all")
        st.caption(left_out.format(shown=len(down), count=formats.count(row_count)))
    return dict(zip((x, y), clicked, strict=True)) if clicked else None


def _top(numbers: pd.Series) -> float:
    """Where the scale ends."""
    some = numbers[numbers > 0]
    return float(some.quantile(CAP)) if len(some) else 1.0


def _traces(
    cells: Any, texts: Any, codes: Any, top: float, unit: str, *, is_below: bool
) -> list[dict[str, Any]]:
    """The cells with their scale, on the side where no words of the axis stand, and what can be clicked.

    Args:
        cells: values; None stays open, and the least of all is no value.
        codes: of each cell, None when nothing can be clicked.
        is_below: whether the words stand below.
    """
    said: dict[str, Any] = {"text": texts, "hovertemplate": "%{text}<extra></extra>"}
    trace = {
        "type": "heatmap",
        "z": cells,
        "hoverongaps": False,
        "xgap": 2,
        "ygap": 2,
        "zmin": -_BELOW * top,
        "zmax": top,
        "colorscale": _STEPS,
        "colorbar": {
            "title": {"text": f"{unit}&nbsp;&nbsp;", "side": "right", "font": {"color": figures.INK}},
            "tickfont": {"color": figures.INK},
            "ypad": 4,
            # Lying, so that it takes no width from the cells on a phone.
            "orientation": "h",
            "x": 1,
            "xanchor": "right",
            "y": 1 if is_below else 0,
            "yanchor": "bottom" if is_below else "top",
            "ticklabelposition": "outside",
            "thickness": 8,
            "len": 160,
            "lenmode": "pixels",
            "outlinewidth": 0,
            "nticks": 4,
        },
    }
    return [trace | {"hoverinfo": "skip"}, _marks(texts, codes)] if codes else [trace | said]


def _marks(texts: Any, codes: Any) -> dict[str, Any]:
    """An unseen point in the middle of each cell: plotly selects points, but never cells of a heat map."""
    places = [(x, y) for y, row in enumerate(texts) for x, text in enumerate(row) if text]
    unseen = {"marker": {"opacity": 0}}
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [x for x, _y in places],
        "y": [y for _x, y in places],
        "customdata": [codes[y][x] for x, y in places],
        "text": [texts[y][x] for x, y in places],
        "hovertemplate": "%{text}<extra></extra>",
        # Clicked without being drawn, which would take longer than everything else in the chart.
        "marker": {"opacity": 0, "size": 12, "maxdisplayed": 1},
        "selected": unseen,
        "unselected": unseen,
    }


def _words(column: str, across: list[Any]) -> tuple[list[Any], list[str]]:
    """The codes of an axis that are named, and their names."""
    if across and isinstance(across[0], dt.date):
        words = ticks.dates(across, is_monthly=True, most=ticks.MOST_MONTHS_BESIDE_NAMES)
        return [code for code in across if str(code)[:10] in words], list(words.values())
    named = ticks.evenly(across, ticks.MOST)
    return named, [_shown(column, code) for code in named]


def _as_date(value: Any) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value


def _days_before_monday() -> int:
    """A week begins on Sunday in Japanese, on Monday elsewhere."""
    return 1 if language() == "ja" else 0


def _by(column: str) -> Callable[[Any], Any]:
    if column == "weekday":  # 1 = Monday
        return lambda code: (int(code) - 1 + _days_before_monday()) % 7
    return lambda code: labels.order(column, code) if labels.has_names(column) else code


def _shown(column: str, code: Any) -> str:
    return (
        formats.month(code) if isinstance(code, dt.date) else shown_name(column, code) if code != 0 else "0"
    )


def _code(code: Any) -> str:
    return str(code)[:10] if isinstance(code, dt.date) else str(code)
