"""Bars, lines and areas of a frame; treemaps and strips stand in `wholes`.

All take codes and translate them; a click gives codes back.

Common arguments:
    key: unique on the page.
    alt: one sentence for people who do not see the chart.
    measure: size (bytes), count, money (US dollars), share (parts of one), days; decides unit and hover text. Left
        out, the name of the value's column says it (`size_bytes`, `cost_usd`, `…_share`, `…_days`, else a count).
    select: return the codes of the mark that was clicked in this run, as a dict by column, else None.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from dashboard.ui import figures, formats, in_words, room, ticks
from dashboard.ui.figures import (
    axis,
    draw,
    hover_number,
    layout,
    scaled,
    series_codes,
    series_color,
    series_marker,
    shown_name,
    value_axis,
)
from dashboard.ui.formats import Measure, Unit, measure_of
from dashboard.ui.text import _
from dashboard.ui.wholes import strip, treemap

__all__ = ["Clicked", "bars", "over_time", "stacked", "strip", "treemap"]

Clicked = dict[str, Any] | None
_BAR_PIXELS = 1000
"""What a bar is at most high, on a whole screen."""


def stacked(
    frame: pd.DataFrame,
    *,
    x: str,
    y: str,
    series: str,
    key: str,
    alt: str,
    measure: Measure | None = None,
    estimated: str = "is_estimated",
    height: int = 330,
    is_wide: bool = False,
    select: bool = False,
    chosen: date | None = None,
) -> Clicked:
    """Upright bars over months or days, stacked by the codes of `series`, hot to cold.

    Args:
        x: a DATE column; months are recognised by standing on the first day each.
        estimated: a boolean column; bars where it holds are paler and marked "estimated". A frame need not have it.
        is_wide: whether the chart has the whole page, not half of it.
        chosen: the month or day whose bar stands before a band.
    """
    if frame.empty:
        figures.empty()
        return None
    measure = measure or measure_of(y)
    numbers, unit = scaled(frame[y], measure)
    data = figures.gathered(frame.assign(_y=numbers), series, x, "_y", {estimated: "any"})
    # Plain lists: a frame for each series takes longer than all else of a chart.
    moments, values, codes = (data[name].tolist() for name in (x, "_y", series))
    flags = [bool(flag) for flag in data[estimated]] if estimated in data else []
    days = sorted(set(moments))
    is_monthly = all(day.day == 1 for day in days)
    form = formats.month if is_monthly else formats.day
    names = {day: form(day) for day in days}
    words = ticks.dates(days, is_monthly=is_monthly)
    totals, sizes = dict.fromkeys(days, 0.0), dict.fromkeys(days, 0.0)
    largest: dict[str, float] = dict.fromkeys(codes, 0.0)
    for day, code, value in zip(moments, codes, values, strict=True):
        if value == value:  # what is not known is not drawn
            totals[day] += value
            sizes[day] += abs(value)
            largest[code] = max(largest[code], abs(value))
    least = max(sizes.values()) / _BAR_PIXELS
    traces: list[dict[str, Any]] = []
    for position, code in enumerate(series_codes(data, series)):
        # Half of a chart's bars can be too low to be seen or pointed at, and each costs as much as a high one.
        lowest = min(least, largest[code])
        rows = [place for place in range(len(codes)) if codes[place] == code and abs(values[place]) >= lowest]
        opacity = [0.45 if flags[place] else 1.0 for place in rows] if flags else 1.0
        name = shown_name(series, code)
        traces.append(
            {
                "type": "bar",
                "name": room.fit(name),
                "x": [names[moments[place]] for place in rows],
                "y": [values[place] for place in rows],
                "customdata": [[str(moments[place])[:10], code] for place in rows],
                "marker": {**series_marker(series, code, position), "opacity": opacity},
                "hovertemplate": f"{name}<br>%{{x}}: {hover_number(measure, unit)}<extra></extra>",
            }
        )
    marks = _estimate_marks(totals, {moments[place] for place, flag in enumerate(flags) if flag}, names)
    clicked = draw(
        traces,
        layout(
            height,
            names=[trace["name"] for trace in traces],
            is_wide=is_wide,
            margin=_upright(measure),
            barmode="relative",  # credits stand below the axis instead of over the other bars
            annotations=marks,
            shapes=_band([str(day)[:10] for day in days], str(chosen)[:10]),
            xaxis=axis(
                type="category",
                categoryorder="array",
                categoryarray=list(names.values()),
                tickvals=[name for day, name in names.items() if str(day)[:10] in words],
                ticktext=list(words.values()),
                range=[-0.5, len(days) - 0.5],
                showgrid=False,
                tickangle=0,
            ),
            yaxis=value_axis(measure, unit),
        ),
        key=key,
        alt=in_words.days(alt, frame, x, y, measure, form),
        select=select,
    )
    return dict(zip((x, series), clicked, strict=True)) if clicked else None


def _upright(measure: Measure) -> dict[str, int]:
    """Margins of a chart with an upright axis of values, which has a title unless they are money."""
    is_money = measure in {"money", "yen"}
    return {"l": room.left(room.VALUES, has_title=not is_money), "t": 15, "b": room.BELOW}


def _band(days: list[str], chosen: str) -> list[dict[str, Any]]:
    """A pale band behind the bar of one day, as high as the chart."""
    place = days.index(chosen) if chosen in days else None
    if place is None:
        return []
    ends = {"x0": place - 0.5, "x1": place + 0.5, "y0": 0, "y1": 1}
    return [
        {
            "type": "rect",
            "xref": "x",
            "yref": "y domain",
            **ends,
            "layer": "below",
            "fillcolor": figures.FAINT,
            "line": {"width": 0},
        }
    ]


def _estimate_marks(
    totals: dict[Any, float], marked: set[Any], names: dict[Any, str]
) -> list[dict[str, Any]]:
    """A word above each estimated bar, ending with it and above its neighbours, so that it is read on a phone too."""
    days = list(totals)
    return [
        {
            "x": names[day],
            "y": max(totals[near] for near in days[max(place - 2, 0) : place + 1]),
            "text": _("estimated"),
            "showarrow": False,
            "xanchor": "right",
            "xshift": 12,
            "yshift": 9,
            "font": {"size": 11, "color": figures.INK},
        }
        for place, day in enumerate(days)
        if day in marked
    ]


def bars(
    frame: pd.DataFrame,
    *,
    y: str,
    x: str,
    key: str,
    alt: str,
    measure: Measure | None = None,
    series: str = "",
    height: int | None = None,
    select: bool = False,
) -> Clicked:
    """Lying bars, one per code of `y` in the order of the frame, stacked by `series` when given."""
    if frame.empty:
        figures.empty()
        return None
    measure = measure or measure_of(x)
    numbers, unit = scaled(frame[x], measure)
    data = figures.fewer(frame.assign(_x=numbers), y, series, "_x")
    rows = list(dict.fromkeys(data[y]))
    traces = []
    for position, code in enumerate(series_codes(data, series) if series else [""]):
        part = data[data[series] == code] if series else data
        name = shown_name(series, code) if series else ""
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": room.fit(name),
                "y": [shown_name(y, value) for value in part[y]],
                "x": part["_x"].tolist(),
                "customdata": [[value, code] for value in part[y]],
                "marker": series_marker(series, code, position)
                if series
                else {"color": figures.CATEGORIES[5], "line": {"color": figures.PANEL, "width": 1}},
                "hovertemplate": f"%{{y}}{f' · {name}' if name else ''}: "
                f"{hover_number(measure, unit, 'x')}<extra></extra>",
            }
        )
    words = [shown_name(y, value) for value in reversed(rows)]
    fitted = [room.fit(word) for word in words]
    clicked = draw(
        traces,
        layout(
            height or 70 + 30 * len(rows) + (60 if series else 0),
            names=[trace["name"] for trace in traces] if series else (),
            margin={"l": room.left(fitted), "r": 16, "b": room.BELOW},
            barmode="stack",
            xaxis=value_axis(measure, unit),
            yaxis=axis(
                type="category",
                categoryorder="array",
                categoryarray=words,
                tickvals=words,
                ticktext=fitted,
                showgrid=False,
            ),
        ),
        key=key,
        alt=in_words.totals(alt, frame, y, x, measure),
        select=select,
    )
    names = (y, series) if series else (y,)
    return dict(zip(names, clicked, strict=False)) if clicked else None


def over_time(
    frame: pd.DataFrame,
    *,
    x: str,
    y: str,
    key: str,
    alt: str,
    measure: Measure | None = None,
    series: str = "",
    stacked_area: bool = False,
    height: int = 300,
    unit_name: str = "",
) -> None:
    """Lines over days, one per code of `series`; `stacked_area` fills and stacks them. `unit_name` (translated) says
    what a count counts where that is not objects."""
    if frame.empty:
        figures.empty()
        return
    measure = measure or measure_of(y)
    numbers, unit = scaled(frame[y], measure)
    unit = Unit(unit_name) if unit_name else unit
    data = frame.assign(_y=numbers)
    traces = []
    for position, code in enumerate(series_codes(data, series) if series else [""]):
        rows = (data[data[series] == code] if series else data).sort_values(x)
        color = series_color(series, code, position) if series else figures.CATEGORIES[5]
        name = shown_name(series, code) if series else ""
        trace: dict[str, Any] = {
            "type": "scatter",
            "mode": "lines" if len(rows) > 1 else "markers",
            "name": room.fit(name),
            "x": [str(value)[:10] for value in rows[x]],
            "y": rows["_y"].tolist(),
            "line": {"color": color, "width": 1.2 if stacked_area else 2},
            "hovertemplate": f"{name}{' · ' if name else ''}%{{x}}: {hover_number(measure, unit)}<extra></extra>",
        }
        if stacked_area:
            trace |= {"stackgroup": "all", "fillcolor": color}
        traces.append(trace)
    draw(
        traces,
        layout(
            height,
            names=[trace["name"] for trace in traces] if series else (),
            margin=_upright(measure),
            hovermode="x unified" if len(traces) > 1 else "closest",
            xaxis=axis(**ticks.dated_axis(data[x])),
            yaxis=value_axis(measure, unit),
        ),
        key=key,
        alt=in_words.lines(alt, frame, x, y, measure, series="" if stacked_area else series),
    )
