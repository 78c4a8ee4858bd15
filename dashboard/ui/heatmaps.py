"""Heat maps: a calendar of days, and any column against any other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pandas as pd

from dashboard.ui import figures, formats, labels, ticks
from dashboard.ui.figures import axis, draw, layout, scaled, shown_name
from dashboard.ui.formats import Measure, measure_of
from dashboard.ui.text import language

_STEPS = [[round(step / 9, 6), color] for step, color in enumerate(figures.SEQUENCE)]
CAP = 0.98
"""The scale ends at this quantile, so that one huge day does not make all others look empty."""


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
    sunday_first = language() == "ja"
    numbers, unit = scaled(pd.Series(days), measure)
    shift = 1 if sunday_first else 0
    first, last = min(days), max(days)
    start = first - dt.timedelta(days=(first.weekday() + shift) % 7)
    weeks = (last - start).days // 7 + 1
    grid: list[list[float | None]] = [[None] * weeks for _week in range(7)]
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
        grid[weekday][week] = float(numbers.get(date, 0.0)) or None
        shown = formats.amount(days.get(date, 0), measure)
        texts[weekday][week] = f"{formats.day(date)}: {shown}"
        codes[weekday][week] = date.isoformat()
    words = ticks.dates(list(months.values()), is_monthly=True)
    named = [week for week, date in months.items() if date.isoformat() in words]
    names = [labels.name("weekday", (number - 1 - shift) % 7 + 1) for number in range(1, 8)]
    trace = _trace(grid, texts, codes, numbers, unit.name, is_below=False)
    clicked = draw(
        [_background(texts), trace, *([_marks(texts, codes)] if select else [])],
        layout(
            250,
            hoverdistance=-1 if select else 20,
            margin={"l": 8, "r": 8, "t": 40, "b": 8},
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
        alt=alt,
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
        rank: column by which the rows stand, from the top; without one, in the order of their codes.

    Returns:
        The codes of the cell clicked in this run by column (dates as ISO text), else None.
    """
    if frame.empty:
        figures.empty()
        return None
    measure = measure or measure_of(value)
    numbers, unit = scaled(frame[value], measure)
    across = sorted(frame[x].unique(), key=_by(x))
    down = list(frame.sort_values(rank)[y].unique()) if rank else sorted(frame[y].unique(), key=_by(y))
    place_x = {code: number for number, code in enumerate(across)}
    place_y = {code: number for number, code in enumerate(down)}
    cells: list[list[float | None]] = [[None] * len(across) for _row in down]
    texts = [[f"{_shown(y, row)} · {_shown(x, column)}" for column in across] for row in down]
    codes = [[[_code(column), _code(row)] for column in across] for row in down]
    for column, row, number, raw in zip(frame[x], frame[y], numbers, frame[value], strict=True):
        cells[place_y[row]][place_x[column]] = None if number != number else float(number)
        texts[place_y[row]][place_x[column]] += f": {formats.amount(raw, measure)}"
    named, words = _words(x, across)
    clicked = draw(
        [
            _background(texts),
            _trace(cells, texts, codes, numbers, unit.name, is_below=True),
            *([_marks(texts, codes)] if select else []),
        ],
        layout(
            126 + 26 * max(len(down), 3),
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
                ticktext=[_shown(y, code) for code in down],
                range=[len(down) - 0.5, -0.5],
                showgrid=False,
            ),
        ),
        key=key,
        alt=alt,
        select=select,
    )
    return dict(zip((x, y), clicked, strict=True)) if clicked else None


def _trace(
    cells: Any, texts: Any, codes: Any, numbers: pd.Series, unit: str, *, is_below: bool
) -> dict[str, Any]:
    """The cells with their scale, on the side where no words of the axis stand; `is_below`: those stand below."""
    shown = numbers[numbers > 0]
    return {
        "type": "heatmap",
        "z": cells,
        "customdata": codes,
        "text": texts,
        "hovertemplate": "%{text}<extra></extra>",
        "hoverongaps": False,
        "xgap": 2,
        "ygap": 2,
        "zmin": 0,
        "zmax": float(shown.quantile(CAP)) if len(shown) else 1.0,
        "colorscale": _STEPS,
        "colorbar": {
            "title": {"text": unit, "side": "top"},
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


def _background(texts: list[list[str]]) -> dict[str, Any]:
    """Faint cells under the ones without a value; cells that are no day have no text and stay open."""
    return {
        "type": "heatmap",
        "z": [[1 if text else None for text in row] for row in texts],
        "colorscale": [[0, figures.FAINT], [1, figures.FAINT]],
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "text": texts,
        "hovertemplate": "%{text}<extra></extra>",
        "hoverongaps": False,
    }


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
        "marker": {"opacity": 0, "size": 12},
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


def _by(column: str) -> Callable[[Any], Any]:
    return lambda code: labels.order(column, code) if labels.has_names(column) else code


def _shown(column: str, code: Any) -> str:
    return (
        formats.month(code) if isinstance(code, dt.date) else shown_name(column, code) if code != 0 else "0"
    )


def _code(code: Any) -> str:
    return str(code)[:10] if isinstance(code, dt.date) else str(code)
