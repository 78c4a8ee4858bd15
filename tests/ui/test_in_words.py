"""What charts show is said, too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
import streamlit

from dashboard.ui import charts, heatmaps, source, wholes
from dashboard.ui.text import spoken
from tests.ui.synthetic_warehouse import HOSTILE_KEY, SyntheticWarehouse, settings


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The names of the charts that were drawn, as they are read aloud."""
    source.configure(settings(), SyntheticWarehouse())
    names: list[str] = []
    monkeypatch.setattr(streamlit, "plotly_chart", lambda *_figure, alt, **_more: names.append(alt))
    with spoken("en"):
        yield names


def frame(**columns: list[Any]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})


def days(count: int) -> list[dt.date]:
    return [dt.date(2026, 11, 1) + dt.timedelta(days=number) for number in range(count)]


def test_bars_of_months_tell_the_whole_of_each(said: list[str]) -> None:
    months = [dt.date(2026, 11, 1), dt.date(2026, 10, 1), dt.date(2026, 11, 1)]
    costs = frame(
        month=months,
        cost_class=["STANDARD", "STANDARD", "GLACIER"],
        cost_usd=[Decimal("0.10"), Decimal(3), Decimal("0.20")],
    )
    charts.stacked(costs, x="month", y="cost_usd", series="cost_class", key="k", alt="Monthly cost")
    assert said == ["Monthly cost: Oct 2026 $3.00; Nov 2026 $0.30"]


def test_of_many_days_the_last_and_the_highest_are_told(said: list[str]) -> None:
    sizes = [1 << 20] * 29 + [5 << 30]
    rows = frame(day=days(30), size_bytes=[*reversed(sizes)])
    heatmaps.calendar(rows, day="day", value="size_bytes", key="k", alt="Uploaded")
    assert said[0].startswith("Uploaded. Last: Nov 30, 2026 1.00 MiB. Highest: Nov 1, 2026 5.00 GiB; ")


def test_codes_are_told_by_their_names_and_hostile_ones_plainly(said: list[str]) -> None:
    classes = frame(storage_class=["STANDARD", "DEEP_ARCHIVE"], size_bytes=[3 << 40, None])
    wholes.strip(classes, series="storage_class", value="size_bytes", key="k", alt="Stored")
    folders = frame(device_id=["xray", "xray"], folder=["a", HOSTILE_KEY], size_bytes=[1 << 30, 2 << 30])
    wholes.treemap(folders, path=("device_id", "folder"), value="size_bytes", key="k", alt="Folders")
    charts.bars(folders, y="folder", x="size_bytes", key="k", alt="Folders")
    assert said[:2] == ["Stored: Standard 3.00 TiB", "Folders: X-ray 3.00 GiB"]
    assert said[2].startswith("Folders: a 1.00 GiB; ")
    assert "\u202e" not in said[2]


def test_lines_are_not_added_up(said: list[str]) -> None:
    rows = frame(week_on=days(2) * 2, work_event=["opened"] * 2 + ["gone"] * 2, finding_count=[5, 4, 3, 2])
    charts.over_time(rows, x="week_on", y="finding_count", series="work_event", key="k", alt="Weeks")
    assert [amount.rpartition(" ")[2] for amount in said[0].split("; ")] == ["5", "3", "4", "2"]


def test_cells_are_told_by_both_their_names(said: list[str]) -> None:
    months = [dt.date(2026, 10, 1), dt.date(2026, 11, 1)]
    rows = frame(device_id=["xray", "dslr"], month=months, gap_share=[0.25, None])
    heatmaps.grid(rows, x="month", y="device_id", value="gap_share", key="k", alt="Without a label")
    assert said == ["Without a label: X-ray · Oct 2026 25.0%"]
