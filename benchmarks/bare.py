"""A plain Streamlit app with default settings: each page has a filter and as many charts and tables as one of ours.

`BARE_PAGES` holds the pages as JSON: {"name": [charts, tables]}. All figures are made up.
"""

from __future__ import annotations

import functools
import json
import os

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

DEVICES = [f"Device {number}" for number in range(1, 7)]
CLASSES = [f"Class {number}" for number in range(1, 8)]
MONTHS = [f"2026-{number:02d}" for number in range(1, 13)]
ROWS = pd.DataFrame(
    [
        (device, kind, month, (row * 7919) % 1000)
        for row, (device, kind, month) in enumerate(
            (device, kind, month) for device in DEVICES for kind in CLASSES for month in MONTHS
        )
    ],
    columns=["device", "class", "month", "size"],
)


def draw(name: str, chart_count: int, table_count: int) -> None:
    st.title(name)
    chosen = st.multiselect("Devices", DEVICES)
    rows = ROWS[ROWS["device"].isin(chosen)] if chosen else ROWS
    sums = rows.groupby(["class", "month"], as_index=False)["size"].sum()
    for number in range(chart_count):
        bars = [go.Bar(name=kind, x=part["month"], y=part["size"]) for kind, part in sums.groupby("class")]
        st.plotly_chart(go.Figure(bars, {"barmode": "stack"}), key=f"chart {number}")
    for number in range(table_count):
        st.dataframe(rows.groupby("class", as_index=False)["size"].sum(), key=f"table {number}")


st.navigation(
    [
        st.Page(functools.partial(draw, name, *counts), title=name, url_path=name)
        for name, counts in json.loads(os.environ["BARE_PAGES"]).items()
    ]
).run()
