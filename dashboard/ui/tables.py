"""Tables: one list of columns says how each is shown on screen and in an exported file."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
import pyarrow as pa
import streamlit as st

from dashboard.domain.rounding import adding_up
from dashboard.ui import formats, labels, source
from dashboard.ui.formats import Unit, size_unit
from dashboard.ui.safe import visible
from dashboard.ui.text import _

Form = Literal[
    "text", "phrase", "code", "size", "count", "money", "share",
    "days", "time", "day", "month", "badge", "trend", "flag",
]  # fmt: skip

WIDTHS: dict[str, int] = {"size": 80, "count": 68, "days": 64, "money": 84, "share": 104, "flag": 64}
"""Least widths in pixels, so that four columns fit into a panel; what is left over is shared out."""
SHOWN_ROWS = 16
"""Rows a table shows before it scrolls."""
_LONG = 31 * (SHOWN_ROWS + 1)
"""Pixels of so many rows and their head, in the theme's font size."""
SEVERITY_COLORS = {"critical": "#B3261E", "high": "#C2570C", "medium": "#8A6500", "low": "#5B6B7A"}


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        name: in the frame.
        label: translated.
        form: how values are shown; see the functions below.
        of: column whose codes these are, when its name differs (`device_id` for `device`).
        is_fine: money with as many digits as the smallest amount needs not to look like nothing.
        adds_up: money whose rows, as they are rounded, add up to their rounded sum, which stands beside the table.
    """

    name: str
    label: str
    form: Form
    of: str = ""
    width: Literal["small", "medium", "large"] | int | None = None
    help: str = ""
    is_fine: bool = False
    adds_up: bool = False


def text(name: str, label: str, **more: Any) -> Column:
    """Object keys and other free text, escapes visible."""
    return Column(name, label, "text", **more)


def phrase(name: str, label: str, **more: Any) -> Column:
    """Our own sentences that stand in the data, such as titles and remedies of alerts; translated."""
    return Column(name, label, "phrase", **more)


def code(name: str, label: str, **more: Any) -> Column:
    """Codes with names: device_id, storage_class, kind, reason, …"""
    return Column(name, label, "code", **more)


def size(name: str, label: str, **more: Any) -> Column:
    """Bytes, in one unit for the whole column."""
    return Column(name, label, "size", **more)


def count(name: str, label: str, **more: Any) -> Column:
    """Whole numbers."""
    return Column(name, label, "count", **more)


def money(name: str, label: str, **more: Any) -> Column:
    """US dollars, or yen if the column's name ends with `_jpy`."""
    return Column(name, label, "money", **more)


def share(name: str, label: str, **more: Any) -> Column:
    """Parts of one, as a bar with percent."""
    return Column(name, label, "share", **more)


def days(name: str, label: str, **more: Any) -> Column:
    """Numbers of days."""
    return Column(name, label, "days", **more)


def time(name: str, label: str, **more: Any) -> Column:
    """Times of UTC, shown on the archive's clock."""
    return Column(name, label, "time", **more)


def day(name: str, label: str, **more: Any) -> Column:
    """Dates."""
    return Column(name, label, "day", **more)


def month(name: str, label: str, **more: Any) -> Column:
    """Months, by their first day."""
    return Column(name, label, "month", **more)


def badge(name: str, label: str, **more: Any) -> Column:
    """Severities, coloured."""
    return Column(name, label, "badge", **more)


def trend(name: str, label: str, **more: Any) -> Column:
    """Lists of numbers, as a small area chart; left out of exports."""
    return Column(name, label, "trend", **more)


def flag(name: str, label: str, **more: Any) -> Column:
    """Yes or no."""
    return Column(name, label, "flag", **more)


def draw(
    frame: pd.DataFrame,
    columns: Sequence[Column],
    *,
    key: str,
    alt: str,
    select: bool = False,
    height: int | None = None,
    lines: int = 1,
) -> dict[str, Any] | None:
    """Draw a frame; see `Page.table`."""
    common: dict[str, Any] = {"key": key, "alt": alt, "height": height}
    if not select:
        _grid(frame, columns, **common, row_height=14 + 21 * lines if lines > 1 else None)
        return None
    # `static/reach.js` knows such rows by their key: a click on what they say and Enter choose them as the box does.
    # Cells that can be chosen would do that too, but then whoever comes to one by keyboard has clicked on it.
    event = _grid(
        frame, columns, **common | {"key": f"rows_{key}"}, on_select="rerun", selection_mode="single-row"
    )
    chosen = [int(row) for row in event["selection"]["rows"]]
    seen = f"_seen_{key}"
    if chosen == st.session_state.get(seen):
        return None
    st.session_state[seen] = chosen
    place = next((row for row in chosen if row < len(frame)), None)
    return None if place is None else {str(name): value for name, value in frame.iloc[place].items()}


def choose(frame: pd.DataFrame, columns: Sequence[Column], *, key: str, alt: str) -> list[int]:
    """Draw a frame of which any number of rows can be chosen; returns the places of those that are."""
    event = _grid(frame, columns, key=f"boxes_{key}", alt=alt, on_select="rerun", selection_mode="multi-row")
    return [place for place in event["selection"]["rows"] if place < len(frame)]


def _grid(frame: pd.DataFrame, columns: Sequence[Column], *, height: int | None = None, **more: Any) -> Any:
    values = {column.name: frame[column.name].tolist() for column in columns}
    # A frame would be built only to be taken apart again, which takes longer than all the rest.
    shown = {c.name: pa.array(_screen(values[c.name], c), from_pandas=True) for c in columns}
    return st.dataframe(
        pa.table(shown),
        column_config={column.name: setting(values[column.name], column) for column in columns},
        hide_index=True,
        height=height or ("content" if len(frame) <= SHOWN_ROWS else _LONG),
        placeholder=formats.NOTHING,
        **more,
    )


def _amounts(values: Sequence[Any]) -> list[float]:
    """Those that are known and not nothing, as floats without their sign."""
    return [abs(float(value)) for value in values if not formats.is_missing(value) and value]


def _unit(values: Sequence[Any]) -> Unit:
    """The unit of a column of sizes."""
    some = _amounts(values)
    return size_unit(max(some), statistics.median(some)) if some else Unit("B")


def _places(values: Sequence[Any], column: Column) -> int:
    """Decimals of a column of money."""
    if column.name.endswith("_jpy") and not column.is_fine:
        return 0
    some = _amounts(values)
    largest = max(some, default=0.0)
    # One image costs parts of a cent; half of the last digit still shows.
    reference = 200 * min(some, default=0.0) if column.is_fine else largest
    return 2 if not 0 < reference < 1 or largest < 5e-7 else 4 if reference >= 0.01 else 6


def _screen(values: list[Any], column: Column) -> list[Any]:
    """Values as the grid wants them, None where one is not known."""
    match column.form:
        case "code":
            return [labels.name(column.of or column.name, value) for value in values]
        case "badge":
            return [[labels.name(column.of or "severity", value)] for value in values]
        case "month":
            return [*map(formats.month, values)]
        case "phrase":
            return ["" if formats.is_missing(value) else _(str(value)) for value in values]
        case "text":
            return _each(values, lambda value: visible(str(value)))
        case "size":
            divisor = _unit(values).divisor
            return _each(values, lambda value: float(value) / divisor)
        case "share":  # what rounds to nothing is no -0.0
            return _each(values, lambda value: round(float(value) * 100, 1) + 0.0)
        case "money":
            places = _places(values, column)
            if column.adds_up and not any(map(formats.is_missing, values)):
                values = [*adding_up(values, places)]
            return _each(values, lambda value: round(float(value), places) + 0.0)
        case "time":
            zone = source.settings().archive.timezone
            moments = _each(values, lambda value: pd.Timestamp(value).to_pydatetime())
            return _each(moments, lambda moment: formats.local(moment, zone).replace(tzinfo=None))
        case _:
            return values


def _each(values: list[Any], shown: Callable[[Any], Any]) -> list[Any]:
    return [None if formats.is_missing(value) else shown(value) for value in values]


def setting(values: Sequence[Any], column: Column) -> Any:
    """How the grid shows a column. Formats are printf: Streamlit's named ones follow the browser, not the page."""
    config = st.column_config
    common: dict[str, Any] = {
        "width": column.width or WIDTHS.get(column.form),
        "help": column.help or None,
    }
    label = column.label
    if column.form == "size":
        unit, some = _unit(values), _amounts(values)
        largest = max(some, default=0.0) / unit.divisor
        # Beside thousands most sizes may be ones, and half of them would be told wrong by a third.
        is_coarse = largest >= 1000 and statistics.median(some) / unit.divisor >= 10
        digits = "%,.0f" if unit.name == "B" or is_coarse else "%,.1f" if largest >= 100 else "%,.2f"
        return config.NumberColumn(label, format=f"{digits} {unit.name}", alignment="right", **common)
    if column.form in {"count", "days"}:
        return config.NumberColumn(label, format="%,d", alignment="right", **common)
    if column.form == "money":
        sign, places = "¥" if column.name.endswith("_jpy") else "$", _places(values, column)
        if any(
            not formats.is_missing(v) and round(float(v), places) < 0 for v in values
        ):  # printf writes $-1.00
            label, sign = _("{what} ({more})").format(what=label, more=sign), ""
        form = f"{sign}%,.{places}f"
        return config.NumberColumn(label, format=form, alignment="right", **common)
    if column.form == "share":
        return config.ProgressColumn(
            label, format="%.1f%%", min_value=0, max_value=100, color="blue", **common
        )
    if column.form == "time":
        zone = formats.zone_name(
            formats.local(pd.Timestamp.now("UTC").to_pydatetime(), source.settings().archive.timezone)
        )
        label = _("{what} ({more})").format(what=label, more=zone)
        return config.DatetimeColumn(label, format="YYYY/MM/DD HH:mm", **common)
    if column.form == "day":
        return config.DateColumn(label, format="YYYY/MM/DD", **common)
    if column.form == "badge":
        options = list(labels.SEVERITIES)
        return config.MultiselectColumn(
            label,
            options=[labels.name("severity", item) for item in options],
            color=[SEVERITY_COLORS[item] for item in options],
            **common,
        )
    if column.form == "trend":
        return config.AreaChartColumn(label, y_min=0, color="gray", **common)
    if column.form == "flag":
        return config.CheckboxColumn(label, **common)
    return config.TextColumn(label, **common)
