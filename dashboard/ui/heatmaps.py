"""Heat maps: a calendar of days, and any column against any other."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from dashboard.ui import figures, formats, labels
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
    months: dict[int, str] = {}
    for offset in range((last - start).days + 1):
        date = start + dt.timedelta(days=offset)
        week, weekday = divmod(offset, 7)
        if (date.day <= 7 and weekday == 0) or offset == 0:
            months[week] = formats.month(date) if date.month == 1 else formats.month_name(date)
        if date < first:
            continue
        grid[weekday][week] = float(numbers.get(date, 0.0)) or None
        shown = formats.amount(days.get(date, 0), measure)
        texts[weekday][week] = f"{formats.day(date)}: {shown}"
        codes[weekday][week] = date.isoformat()
    names = [labels.name("weekday", (number - 1 - shift) % 7 + 1) for number in range(1, 8)]
    trace = _trace(grid, texts, codes, numbers, unit.name)
    clicked = draw(
        [_background(texts), trace],
        layout(
            196,
            margin={"l": 8, "r": 8, "t": 24, "b": 8},
            xaxis=axis(
                side="top", tickvals=list(months), ticktext=list(months.values()), showgrid=False, tickangle=0
            ),
            yaxis=axis(tickvals=list(range(7)), ticktext=names, autorange="reversed", showgrid=False),
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
    select: bool = False,
) -> dict[str, Any] | None:
    """One column against another: weekday and hour, device and month. DATE columns are shown as months.

    Returns:
        The codes of the cell clicked in this run by column (dates as ISO text), else None.
    """
    if frame.empty:
        figures.empty()
        return None
    measure = measure or measure_of(value)
    numbers, unit = scaled(frame[value], measure)
    across = sorted(frame[x].unique(), key=lambda code: _order(x, code))
    down = sorted(frame[y].unique(), key=lambda code: _order(y, code))
    place_x = {code: number for number, code in enumerate(across)}
    place_y = {code: number for number, code in enumerate(down)}
    cells: list[list[float | None]] = [[None] * len(across) for _row in down]
    texts = [[f"{_shown(y, row)} · {_shown(x, column)}" for column in across] for row in down]
    codes = [[[_code(column), _code(row)] for column in across] for row in down]
    for column, row, number, raw in zip(frame[x], frame[y], numbers, frame[value], strict=True):
        cells[place_y[row]][place_x[column]] = None if number != number else float(number)
        texts[place_y[row]][place_x[column]] += f": {formats.amount(raw, measure)}"
    clicked = draw(
        [_background(texts), _trace(cells, texts, codes, numbers, unit.name)],
        layout(
            70 + 26 * max(len(down), 3),
            xaxis=axis(
                x_title,
                tickvals=list(range(len(across))),
                ticktext=[_shown(x, code) for code in across],
                showgrid=False,
                nticks=14,
                tickangle=0,
            ),
            yaxis=axis(
                tickvals=list(range(len(down))),
                ticktext=[_shown(y, code) for code in down],
                autorange="reversed",
                showgrid=False,
            ),
        ),
        key=key,
        alt=alt,
        select=select,
    )
    return dict(zip((x, y), clicked, strict=True)) if clicked else None


def _trace(cells: Any, texts: Any, codes: Any, numbers: pd.Series, unit: str) -> dict[str, Any]:
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
            "title": {"text": unit, "side": "right"},
            "thickness": 8,
            "len": 0.9,
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


def _as_date(value: Any) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value


def _order(column: str, code: Any) -> Any:
    return labels.order(column, code) if labels.has_names(column) else code


def _shown(column: str, code: Any) -> str:
    return (
        formats.month(code) if isinstance(code, dt.date) else shown_name(column, code) if code != 0 else "0"
    )


def _code(code: Any) -> str:
    return str(code)[:10] if isinstance(code, dt.date) else str(code)
