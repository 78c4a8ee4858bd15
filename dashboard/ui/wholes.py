"""Parts of a whole: one bar that is cut, and nested areas. Arguments as in `charts`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from dashboard.ui import figures, in_words
from dashboard.ui.figures import (
    draw,
    hover_number,
    layout,
    ranked_color,
    scaled,
    series_codes,
    series_color,
    series_marker,
    shown_name,
)
from dashboard.ui.formats import Measure, measure_of


def strip(
    frame: pd.DataFrame, *, series: str, value: str, key: str, alt: str, measure: Measure | None = None
) -> None:
    """One lying bar that is the whole, cut by the codes of `series`."""
    if frame.empty:
        return
    measure = measure or measure_of(value)
    numbers, unit = scaled(frame[value], measure)
    data = frame.assign(_x=numbers)
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "y": [""],
            "x": [float(data.loc[data[series] == code, "_x"].sum())],
            "marker": series_marker(series, code, position),
            "hovertemplate": f"{shown_name(series, code)}: {hover_number(measure, unit, 'x')}<extra></extra>",
        }
        for position, code in enumerate(series_codes(data, series))
    ]
    hidden = {"visible": False, "fixedrange": True}
    whole = {**hidden, "range": [0, float(numbers.sum())]}
    draw(
        traces,
        layout(
            44,
            barmode="stack",
            bargap=0.1,
            margin={"l": 0, "r": 0, "t": 4, "b": 4},
            xaxis=whole,
            yaxis=hidden,
        ),
        key=key,
        alt=in_words.totals(alt, frame, series, value, measure),
    )


def treemap(
    frame: pd.DataFrame,
    *,
    path: Sequence[str],
    value: str,
    key: str,
    alt: str,
    measure: Measure | None = None,
    height: int = 380,
    select: bool = False,
) -> dict[str, Any] | None:
    """Nested areas: the first column of `path` outside, the last inside. Colour is the outermost code's."""
    if frame.empty:
        figures.empty()
        return None
    measure = measure or measure_of(value)
    numbers, unit = scaled(frame[value], measure)
    data = frame.assign(_v=numbers)
    ids, names, parents, values, colors, codes = [], [], [], [], [], []
    outer = list(dict.fromkeys(data[path[0]]))
    for depth in range(1, len(path) + 1):
        columns = list(path[:depth])
        for place, total in data.groupby(columns, sort=False, dropna=False)["_v"].sum().items():
            parts = place if isinstance(place, tuple) else (place,)
            ids.append("\x1f".join(map(str, parts)))
            parents.append("\x1f".join(map(str, parts[:-1])))
            names.append(shown_name(columns[-1], parts[-1]))
            values.append(float(total))
            position = outer.index(parts[0])
            is_class = path[0] == "storage_class"
            colors.append(
                series_color(path[0], str(parts[0]), position) if is_class else ranked_color(position)
            )
            codes.append([str(part) for part in parts])
    trace = {
        "type": "treemap",
        "ids": ids,
        "labels": names,
        "parents": parents,
        "values": values,
        "branchvalues": "total",
        "customdata": codes,
        "marker": {
            "colors": colors,
            "line": {"color": figures.PANEL, "width": 1},
            "pad": {"t": 20, "l": 3, "r": 3, "b": 3},
        },
        "textinfo": "label+percent root",
        "hovertemplate": f"%{{label}}<br>{hover_number(measure, unit, 'value')}<br>%{{percentRoot:.1%}}<extra></extra>",
        "tiling": {"pad": 2},
        "pathbar": {"visible": False},
    }
    # Plotly would shrink a name until it fits into its area, down to dust that nobody reads.
    words = {"minsize": 9, "mode": "hide"}
    said = in_words.totals(alt, frame, path[0], value, measure)
    clicked = draw([trace], layout(height, uniformtext=words), key=key, alt=said, select=select)
    return dict(zip(path, clicked, strict=False)) if clicked else None
