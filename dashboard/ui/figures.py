"""The common ground of all charts: colours that follow the theme, light layout, drawing, selection.

Colours are placeholders that the browser replaces by the theme's (`chartCategoricalColors` and so on), so the same
figure is right in light and dark and Python never asks which one is on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st
from plotly.basedatatypes import BaseFigure

from dashboard.domain.storage_classes import order
from dashboard.ui import links, room
from dashboard.ui.formats import Measure, Unit, size_unit
from dashboard.ui.labels import UNATTRIBUTED, has_names, name
from dashboard.ui.labels import order as order_of
from dashboard.ui.safe import chart_text
from dashboard.ui.text import _

CATEGORIES = tuple(f"#{number:06d}" for number in range(1, 8))
"""Stand for the seven storage class colours of the theme, hot to cold."""
SEQUENCE = tuple(f"#{number:06d}" for number in range(11, 21))
"""Stand for the ten steps of the theme's sequential scale."""
PANEL = "#000038"
"""Stands for the page's background: the border between two segments."""
INK = "#000037"
"""Stands for the theme's words; those that Streamlit gives to axes are too pale on white (contrast 3.7)."""
NEUTRAL = "rgba(128,142,158,0.55)"
HATCH = "rgba(128,142,158,1)"
FAINT = "rgba(128,142,158,0.14)"
GRID = "rgba(128,142,158,0.22)"

_CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False, "responsive": True}


_DEVICE_COLUMNS = {"device_id", "cost_owner"}
_CLASS_COLUMNS = {"storage_class", "cost_class", "from_class", "to_class"}
_TURNS = (5, 1, 4, 0, 2, 6, 3)
"""Colours of other series, neighbours far apart."""
_HATCHES = {"part:tax": "/", "tax": "/", "credit": "\\", "refund": "x", "part:rest": "", "other": ""}
"""Of what no device and no use of the archive is: grey in every chart, whatever stands beside it."""
_MORE_HATCHES = (".", "-", "|", "+")
"""Of series that come after the last colour."""


_LEAST = 140
"""Height that a legend leaves to what it explains."""
MOST_ROWS = 24
"""Rows of a chart: more would not be seen together, nor with the axis below them."""


def series_color(column: str, code: str, position: int) -> str:
    """Colour of one series: a storage class always has its own, other series take the colours in turn, and what is
    nobody's has none."""
    if column in _CLASS_COLUMNS:
        place = order(code)
        return CATEGORIES[place] if place < len(CATEGORIES) else NEUTRAL
    return CATEGORIES[_TURNS[position]] if position < len(_TURNS) and code not in _HATCHES else NEUTRAL


def series_marker(column: str, code: str, position: int) -> dict[str, Any]:
    """How the bars of one series look: those without a colour are told apart by their hatching."""
    color = series_color(column, code, position)
    marker: dict[str, Any] = {"color": color, "line": {"color": PANEL, "width": 1}}
    if color != NEUTRAL or column in _CLASS_COLUMNS:
        return marker
    shape = _HATCHES.get(code, _MORE_HATCHES[position % len(_MORE_HATCHES)])
    return marker | {"pattern": {"shape": shape, "fgcolor": HATCH, "size": 6, "solidity": 0.4}}


def series_codes(data: pd.DataFrame, series: str) -> list[str]:
    """Codes of a series in their own order, so that equal codes have equal colours everywhere."""
    return sorted(data[series].unique(), key=lambda code: order_of(series, code))


def gathered(
    data: pd.DataFrame,
    series: str,
    x: str,
    y: str,
    others: Mapping[str, str] | None = None,
    *,
    most: int = len(_TURNS),
) -> pd.DataFrame:
    """The same rows with as many devices as there are colours; those with least of `y` become one series.

    Its code holds theirs with commas, as an address does, so that a click on it means all of them.

    Args:
        others: how further columns are brought together; the rest of them are let go.
        most: devices that stay by themselves.
    """
    if series not in _DEVICE_COLUMNS:
        return data
    sizes = data[y].abs().groupby(data[series]).sum()
    devices = sizes[[code for code in sizes.index if code not in _HATCHES and code != UNATTRIBUTED]]
    if len(devices) <= most:
        return data
    least = devices.sort_values(ascending=False, kind="stable").index[most:]
    joined = ",".join(sorted(least, key=lambda code: order_of(series, code)))
    whose = data[series].where(~data[series].isin(least), joined)
    together = {y: "sum", **{name: how for name, how in (others or {}).items() if name in data}}
    return data.assign(**{series: whose}).groupby([x, series], as_index=False, sort=False).agg(together)


def fewer(data: pd.DataFrame, device: str, series: str, value: str) -> pd.DataFrame:
    """The same rows; of more than `MOST_ROWS` devices the largest come first, and all further ones last, as one."""
    found = gathered(data, device, series, value, most=MOST_ROWS - 1) if series else data
    if len(found) == len(data):
        return data
    sizes = found.groupby(device)[value].transform("sum")
    last = found[device].str.contains(",")
    return found.assign(_last=last, _size=-sizes).sort_values(["_last", "_size"], kind="stable")


def ranked_color(position: int) -> str:
    """Colour of a place in a ranking: one hue, the first the strongest."""
    return SEQUENCE[max(8 - position, 2)]


def scaled(values: pd.Series, measure: Measure) -> tuple[pd.Series, Unit]:
    """Values as floats in the unit of their axis. The one place where money becomes a float."""
    numbers = pd.to_numeric(values.map(float, na_action="ignore"))
    if measure == "size":
        largest = float(numbers.abs().max()) if len(numbers) else 0.0
        unit = size_unit(largest if largest == largest else 0.0)
    elif measure == "share":
        unit = Unit("%", 0.01)
    elif measure in {"money", "yen"}:
        unit = Unit(_("US dollars") if measure == "money" else _("Yen"))
    else:
        unit = Unit(_("Days") if measure == "days" else _("Objects"))
    return numbers / unit.divisor, unit


def hover_number(measure: Measure, unit: Unit, axis: str = "y") -> str:
    """Part of a hover template: the value with its unit."""
    if measure == "money":
        return f"$%{{{axis}:,.2f}}"
    if measure == "yen":
        return f"¥%{{{axis}:,.0f}}"
    if measure == "count":
        return f"%{{{axis}:,.0f}}"
    if measure == "share":
        return f"%{{{axis}:.1f}}%"
    return f"%{{{axis}:,.3~g}} {unit.name}" if measure == "size" else f"%{{{axis}:,.0f}} {unit.name}"


def shown_name(column: str, code: Any) -> str:
    """A code's name, made safe for plotly."""
    if column in _DEVICE_COLUMNS and "," in str(code):
        return _("Other devices ({count})").format(count=str(code).count(",") + 1)
    return chart_text(name(column, code)) if has_names(column) or not code else chart_text(str(code))


def layout(height: int, *, names: Sequence[str] = (), is_wide: bool = False, **more: Any) -> dict[str, Any]:
    """Layout of a figure: no title, legend at the foot, thin grid; `more` overrides.

    Args:
        names: what the legend lists; without them there is none.
        is_wide: whether the figure has the whole page, not half of it.
        more: of `margin` only those sides that differ.
    """
    margin: dict[str, int] = {"l": 8, "r": 8, "t": 8, "b": 8, "pad": 0} | more.pop("margin", {})
    below = margin["b"] + room.legend(names, margin["l"] + margin["r"], is_wide=is_wide)
    return {
        # The legend of forty devices is higher than most charts.
        "height": max(height, margin["t"] + below + _LEAST) if names else height,
        "margin": margin | {"b": below},
        "hovermode": "closest",
        "dragmode": False,
        "showlegend": bool(names),
        "legend": {
            "orientation": "h",
            # By itself it has at most half of the height, and on a phone the rest would have to be scrolled to.
            "maxheight": 0.65,
            "yref": "container",
            "y": 0,
            "yanchor": "bottom",
            "x": 0,
            "traceorder": "normal",
        },
        "bargap": 0.32,
        "uirevision": "keep",
        "separators": ".,",
    } | more


def axis(title: str = "", **more: Any) -> dict[str, Any]:
    """A quiet axis with its unit as title."""
    return {
        # An empty title would still be given its room.
        **({"title": {"text": title, "standoff": 8, "font": {"color": INK}}} if title else {}),
        "tickfont": {"color": INK},
        "automargin": True,
        "fixedrange": True,
        "gridcolor": GRID,
        "zeroline": False,
        "ticks": "",
        # Not the margin's `pad`, by which plotly sets the title too high.
        "ticklabelstandoff": 6,
    } | more


def value_axis(measure: Measure, unit: Unit, **more: Any) -> dict[str, Any]:
    """The axis of the values: its unit, thousands separated, from zero. Currencies stand before each number instead of
    in a title, whose Japanese would lie on its side."""
    form = {"money": "$,~f", "count": ",~f", "days": ",~f", "yen": ",~f"}.get(measure, ",")
    sign = {"tickprefix": "¥"} if measure == "yen" else {}
    title = "" if measure in {"money", "yen"} else unit.name
    return axis(title, rangemode="tozero", tickformat=form) | sign | more


class _Ready(BaseFigure):  # type: ignore[misc]
    """A figure that is drawn as it stands. Plotly would check and copy every attribute of it, on every rerun, which
    takes longer than the page; the tests have it do so."""

    def __init__(self, figure: dict[str, Any]) -> None:
        object.__setattr__(self, "ready", figure)

    def to_dict(self) -> dict[str, Any]:
        """The figure as plotly's JSON structure."""
        figure: dict[str, Any] = object.__getattribute__(self, "ready")
        return figure


def draw(
    traces: Sequence[Mapping[str, Any]],
    figure_layout: Mapping[str, Any],
    *,
    key: str,
    alt: str,
    select: bool = False,
) -> Any:
    """Draw a figure.

    Args:
        alt: one sentence for people who do not see the chart.
        select: whether a click selects.

    Returns:
        `customdata` of the mark clicked in this very run, else None.
    """
    figure: dict[str, Any] = {"data": [dict(trace) for trace in traces], "layout": dict(figure_layout)}
    if not select:
        st.plotly_chart(_Ready(figure), key=key, config=_CONFIG, alt=alt)
        return None
    figure["layout"]["clickmode"] = "event+select"
    event = st.plotly_chart(
        _Ready(figure), key=key, config=_CONFIG, alt=alt, on_select="rerun", selection_mode="points"
    )
    points = event["selection"]["points"]
    clicked = points[0].get("customdata") if points else None
    seen = f"_seen_{key}"
    if clicked == st.session_state.get(seen):
        return None
    st.session_state[seen] = clicked
    return clicked


def empty(reason: str = "") -> None:
    """The place of a chart or table without rows: says so, and why."""
    with st.container(horizontal_alignment="center", vertical_alignment="center", height=120, border=False):
        filtered = _("Nothing matches these filters. Reset them or choose a longer period.")
        st.caption(reason or (filtered if links.is_narrowed() else _("There is nothing to show yet")))
