"""Figures: valid for plotly, right colours, codes for every mark, nothing hostile."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pandas as pd
import plotly.graph_objects
import pytest

from dashboard.ui import charts, figures, heatmaps, labels, room, source, ticks, wholes
from dashboard.ui.text import spoken
from tests.ui.synthetic_warehouse import HOSTILE_KEY, SyntheticWarehouse, settings

Drawn = list[dict[str, Any]]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Iterator[Drawn]:
    """Figures in place of the browser; plotly checks each of them."""
    source.configure(settings(), SyntheticWarehouse())
    kept: Drawn = []

    def draw(traces: Any, layout: Any, *, key: str, alt: str, select: bool = False) -> None:
        assert key
        assert alt
        figure = {"data": list(traces), "layout": dict(layout)}
        plotly.graph_objects.Figure(figure)
        json.dumps(figure)
        kept.append(figure)

    for module in (charts, heatmaps, wholes):
        monkeypatch.setattr(module, "draw", draw)
    with spoken("en"):
        yield kept


def costs() -> pd.DataFrame:
    months = [dt.date(2026, 10, 1)] * 2 + [dt.date(2026, 11, 1)] * 2
    return pd.DataFrame(
        {
            "month": pd.Series(months, dtype=object),
            "cost_class": ["DEEP_ARCHIVE", "", "STANDARD", "DEEP_ARCHIVE"],
            "cost_usd": pd.Series(
                [Decimal("1.5"), Decimal("0.25"), Decimal("2"), Decimal("3")], dtype=object
            ),
            "is_estimated": [False, False, True, True],
        }
    )


def test_a_class_has_its_colour_whichever_classes_are_there(drawn: Drawn) -> None:
    charts.stacked(costs(), x="month", y="cost_usd", series="cost_class", key="k", alt="a")
    traces = drawn[0]["data"]
    assert [trace["name"] for trace in traces] == ["Standard", "Deep Archive", "Other costs"]
    assert [trace["marker"]["color"] for trace in traces] == [
        figures.CATEGORIES[0],
        figures.CATEGORIES[6],
        figures.NEUTRAL,
    ]


def test_what_is_nobodys_is_grey_and_told_apart_by_its_hatching(drawn: Drawn) -> None:
    many = [f"device-{number}" for number in range(9)]
    for owners in (["ipad", "part:tax", "part:rest"], [*many, "part:tax", "part:rest"]):
        frame = costs().iloc[[0] * len(owners)].assign(cost_owner=owners)
        charts.stacked(frame, x="month", y="cost_usd", series="cost_owner", key="k", alt="a")
        markers = {trace["customdata"][0][1]: trace["marker"] for trace in drawn.pop()["data"]}
        tax, rest = markers["part:tax"], markers["part:rest"]
        assert (tax["color"], rest["color"]) == (figures.NEUTRAL, figures.NEUTRAL)
        assert (tax["pattern"]["shape"], rest["pattern"]["shape"]) == ("/", "")
        looks = [(item["color"], item.get("pattern", {}).get("shape")) for item in markers.values()]
        assert len(set(looks)) == len(markers)


def test_devices_without_a_colour_of_their_own_are_one_series(drawn: Drawn) -> None:
    """Of forty devices thirty-three had four looks between them, and nobody could tell whose a bar was."""
    months = [dt.date(2026, 10, 1), dt.date(2026, 11, 1)]
    rows = [
        (month, f"d{number:02d}", Decimal(number + 1), month == months[1])
        for number in range(40)
        for month in months
    ]
    rows += [(month, part, Decimal(1000), False) for month in months for part in ("part:tax", "part:rest")]
    frame = pd.DataFrame(rows, columns=["month", "cost_owner", "cost_usd", "is_estimated"])
    charts.stacked(frame, x="month", y="cost_usd", series="cost_owner", key="k", alt="a")
    traces = {trace["name"]: trace for trace in drawn[0]["data"]}
    assert len(traces) == 10
    others = traces["Other devices (33)"]
    assert others["y"] == [sum(range(1, 34))] * 2
    assert others["customdata"][0][1].split(",") == [f"d{number:02d}" for number in range(33)]
    assert others["marker"]["opacity"] == [1.0, 0.45]
    assert sum(sum(trace["y"]) for trace in traces.values()) == 2 * (sum(range(1, 41)) + 2000)
    looks = {
        (trace["marker"]["color"], trace["marker"].get("pattern", {}).get("shape"))
        for trace in traces.values()
    }
    assert len(looks) == 10
    charts.stacked(
        frame[frame["cost_owner"] < "d07"], x="month", y="cost_usd", series="cost_owner", key="k", alt="a"
    )
    assert len(drawn[1]["data"]) == 7, "seven have one each"


def test_of_very_many_devices_a_chart_has_the_largest_and_one_bar_for_the_others(drawn: Drawn) -> None:
    """Storage of 120 devices was five screens high, by the alphabet, and its axis stood on the last one."""
    rows = [
        (f"d{n:03d}", name, n * factor)
        for n in range(120)
        for name, factor in (("STANDARD", 1), ("GLACIER", 2))
    ]
    rows.append(("unattributed", "STANDARD", 1))
    frame = pd.DataFrame(rows, columns=["device_id", "storage_class", "object_count"])
    how: dict[str, Any] = {
        "y": "device_id",
        "x": "object_count",
        "series": "storage_class",
        "key": "k",
        "alt": "a",
    }
    charts.bars(frame, **how)
    shown = list(reversed(drawn[0]["layout"]["yaxis"]["categoryarray"]))
    assert shown == [f"d{n:03d}" for n in range(119, 96, -1)] + ["No device", "Other devices (97)"]
    assert sum(sum(trace["x"]) for trace in drawn[0]["data"]) == frame["object_count"].sum()
    code = drawn[0]["data"][0]["customdata"][-1][0]
    assert code.split(",") == [f"d{n:03d}" for n in range(97)], "a click on it means all of them"
    charts.bars(frame.head(2 * 24), **how)
    assert list(reversed(drawn[1]["layout"]["yaxis"]["categoryarray"])) == [f"d{n:03d}" for n in range(24)]


def test_of_very_many_rows_a_heat_map_has_the_first_and_says_so(
    drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr("streamlit.caption", said.append)
    month = dt.date(2026, 10, 1)
    frame = pd.DataFrame(
        [(f"d{n:03d}", month, 0.01 * n, 200 - n) for n in range(120)],
        columns=["device_id", "month", "misnamed_share", "misnamed_rank"],
    )
    cut: dict[str, Any] = {"x": "month", "y": "device_id", "value": "misnamed_share", "key": "k", "alt": "a"}
    heatmaps.grid(frame, rank="misnamed_rank", **cut)
    assert drawn[0]["layout"]["yaxis"]["ticktext"] == [f"d{n:03d}" for n in range(119, 95, -1)]
    assert said == ["The first 24 of 120 rows; the table has them all"]
    heatmaps.grid(frame.head(24), rank="misnamed_rank", **cut)
    assert len(drawn[1]["layout"]["yaxis"]["ticktext"]) == 24
    assert len(said) == 1


def test_bars_that_nobody_could_see_are_left_out_but_no_series_and_no_day(drawn: Drawn) -> None:
    amounts = {"storage": [2.0, 0.001, 3.0], "tax": [0.002, 0.004, 0.0], "requests": [0.0005, 0.0, 0.001]}
    rows = [
        (dt.date(2026, 10, day), name, value)
        for name, all_ in amounts.items()
        for day, value in enumerate(all_, 2)
    ]
    frame = pd.DataFrame(rows, columns=["billed_on", "category", "cost_usd"])
    charts.stacked(frame, x="billed_on", y="cost_usd", series="category", key="k", alt="a")
    shown = {trace["customdata"][0][1]: trace["y"] for trace in drawn[0]["data"]}
    assert shown == {"storage": [2.0, 3.0], "tax": [0.004], "requests": [0.001]}
    assert drawn[0]["layout"]["xaxis"]["range"] == [-0.5, 2.5]
    assert len(drawn[0]["layout"]["xaxis"]["categoryarray"]) == 3


def test_a_chosen_month_stands_before_a_band(drawn: Drawn) -> None:
    for chosen, places in ((dt.date(2026, 11, 1), [(0.5, 1.5)]), (dt.date(2025, 1, 1), []), (None, [])):
        charts.stacked(costs(), x="month", y="cost_usd", series="cost_class", key="k", alt="a", chosen=chosen)
        assert [(band["x0"], band["x1"]) for band in drawn.pop()["layout"]["shapes"]] == places


def test_estimated_months_are_marked(drawn: Drawn) -> None:
    charts.stacked(costs(), x="month", y="cost_usd", series="cost_class", key="k", alt="a")
    marks = drawn[0]["layout"]["annotations"]
    assert [(mark["x"], mark["y"], mark["text"]) for mark in marks] == [("Nov 2026", 5.0, "estimated")]
    assert drawn[0]["data"][1]["marker"]["opacity"] == [1.0, 0.45]
    assert drawn[0]["data"][1]["customdata"][1] == ["2026-11-01", "DEEP_ARCHIVE"]


def test_bars_keep_the_order_of_their_rows_and_name_codes(drawn: Drawn) -> None:
    frame = pd.DataFrame({"device_id": ["xray", "unattributed"], "size_bytes": [3 * 2**40, 2**40]})
    charts.bars(frame, y="device_id", x="size_bytes", key="k", alt="a")
    trace = drawn[0]["data"][0]
    assert trace["y"] == ["X-ray", "No device"]
    assert trace["x"] == [3.0, 1.0]
    assert drawn[0]["layout"]["xaxis"]["title"]["text"] == "TiB"
    assert drawn[0]["layout"]["yaxis"]["categoryarray"] == ["No device", "X-ray"]


def test_a_treemap_adds_up_and_escapes_its_folders(drawn: Drawn) -> None:
    frame = pd.DataFrame(
        {"device_id": ["xray", "xray"], "prefix": ["<b>x</b>", HOSTILE_KEY], "size_bytes": [2**30, 2**30]}
    )
    charts.treemap(frame, path=["device_id", "prefix"], value="size_bytes", key="k", alt="a")
    trace = drawn[0]["data"][0]
    assert trace["values"] == [2.0, 1.0, 1.0] or trace["values"][0] == pytest.approx(sum(trace["values"][1:]))
    assert "&lt;b&gt;x&lt;/b&gt;" in trace["labels"]
    assert all("\u202e" not in label for label in trace["labels"])


def test_a_calendar_puts_each_day_under_its_weekday(drawn: Drawn) -> None:
    frame = pd.DataFrame(
        {
            "uploaded_on": pd.Series([dt.date(2026, 11, 2), dt.date(2026, 11, 8)], dtype=object),
            "size_bytes": [1, 3],
        }
    )
    heatmaps.calendar(frame, day="uploaded_on", value="size_bytes", key="k", alt="a")
    (monday_first,) = drawn[0]["data"]
    assert [row[0] for row in monday_first["text"]] == [
        "Nov 2, 2026: 1 B",
        *(f"Nov {day}, 2026: 0 B" for day in range(3, 8)),
        "Nov 8, 2026: 3 B",
    ]
    assert drawn[0]["layout"]["yaxis"]["ticktext"][0] == "Mon"
    assert [row[0] for row in monday_first["z"]] == [1.0, *[monday_first["zmin"]] * 5, 3.0]
    with spoken("ja"):
        heatmaps.calendar(frame, day="uploaded_on", value="size_bytes", key="k", alt="a")
    (sunday_first,) = drawn[1]["data"]
    assert [row[0] for row in sunday_first["z"]][:2] == [
        None,
        1.0,
    ]  # the first of November is no day of these
    assert sunday_first["z"][0][1] == 3.0
    assert drawn[1]["layout"]["yaxis"]["ticktext"] == list("日月火水木金土")


def test_a_grid_names_both_sides(drawn: Drawn) -> None:
    frame = pd.DataFrame({"hour": [9, 0], "weekday": [7, 1], "object_count": [5, 2]})
    heatmaps.grid(frame, x="hour", y="weekday", value="object_count", key="k", alt="a")
    layout = drawn[0]["layout"]
    assert layout["yaxis"]["ticktext"] == ["Mon", "Sun"]
    assert layout["xaxis"]["ticktext"] == ["0", "9"]
    (cells,) = drawn[0]["data"]
    assert cells["z"] == [[2.0, cells["zmin"]], [cells["zmin"], 5.0]]
    with spoken("ja"):
        heatmaps.grid(frame, x="hour", y="weekday", value="object_count", key="k", alt="a")
    assert drawn[1]["layout"]["yaxis"]["ticktext"] == ["日", "月"], "as in the calendar"


def test_a_cell_without_a_value_is_fainter_than_one_with_zero(drawn: Drawn) -> None:
    frame = pd.DataFrame({"month": [1, 2, 3], "device_id": "a", "misnamed_share": [0.0, None, 0.5]})
    heatmaps.grid(frame, x="month", y="device_id", value="misnamed_share", key="k", alt="a")
    (cells,) = drawn[0]["data"]
    zero, missing, _most = cells["z"][0]
    assert missing == cells["zmin"] < zero == 0
    span = cells["zmax"] - cells["zmin"]
    colors = [color for place, color in cells["colorscale"] if place <= (zero - missing) / span + 1e-6]
    assert colors == [figures.FAINT, figures.FAINT, figures.SEQUENCE[0]]


def test_an_axis_names_few_dates_and_a_year_only_where_it_changes(drawn: Drawn) -> None:
    days = [dt.date(2026, 10, 1) + dt.timedelta(days=number) for number in range(53)]
    named = ticks.dates(days, is_monthly=False)
    assert list(named.values()) == ["Oct 1<br>2026", "Oct 10", "Oct 19", "Oct 28", "Nov 6", "Nov 15"]
    months = [dt.date(2025 + number // 12, number % 12 + 1, 1) for number in range(9, 23)]
    named = ticks.dates(months, is_monthly=True)
    assert list(named.values()) == ["Oct<br>2025", "Dec", "Feb<br>2026", "Apr", "Jun", "Aug", "Oct"]
    assert next(iter(named)) == "2025-10-01"
    with spoken("ja"):
        assert list(ticks.dates(days[:2], is_monthly=False).values()) == ["10/1<br>2026年", "10/2"]
    frame = pd.DataFrame({"month": pd.Series(months, dtype=object), "cost_usd": 1.0, "category": "storage"})
    charts.stacked(frame, x="month", y="cost_usd", series="category", key="k", alt="a")
    shown = drawn[0]["layout"]["xaxis"]
    assert set(shown["tickvals"]) < set(shown["categoryarray"])
    assert len(shown["tickvals"]) == len(shown["ticktext"]) == 7


def test_cells_can_be_clicked_by_the_unseen_points_upon_them(drawn: Drawn) -> None:
    frame = pd.DataFrame({"hour": [9, 0], "weekday": [7, 1], "object_count": [5, 2]})
    heatmaps.grid(frame, x="hour", y="weekday", value="object_count", key="k", alt="a", select=True)
    cells, points = drawn[0]["data"]
    assert cells["hoverinfo"] == "skip"
    assert points["text"][0] == "Mon · 0: 2"
    assert points["customdata"] == [["0", "1"], ["9", "1"], ["0", "7"], ["9", "7"]]
    assert points["marker"]["opacity"] == 0


def test_a_legend_takes_as_many_lines_as_its_longest_name_makes_it() -> None:
    assert figures.layout(370, names=["Certain"])["legend"]["maxheight"] * 370 > 11 * 19, (
        "eleven kinds of cost in one column are not scrolled"
    )
    one_line = room.legend(["Certain", "Suspect"], beside=80)
    assert room.legend(["確実", "疑い"], beside=80) == one_line
    names = ["iPad", "Endoscope", "Single-lens camera", "Surgical microscope", "X-ray", "No device"]
    assert room.legend(names, beside=80) - one_line == 2 * 19
    assert room.legend([*names, "Bacterial microscope of the laboratory"], beside=80) - one_line == 6 * 19
    assert room.legend([], beside=80) == 0
    assert room.width("内視鏡") > room.width("iPad")


def test_lines_and_areas(drawn: Drawn) -> None:
    frame = pd.DataFrame(
        {
            "reported_on": pd.to_datetime(["2026-11-02", "2026-11-01", "2026-11-01"]),
            "storage_class": ["STANDARD", "STANDARD", "GLACIER"],
            "size_bytes": [2**30, 2**31, 2**30],
        }
    )
    charts.over_time(
        frame, x="reported_on", y="size_bytes", series="storage_class", stacked_area=True, key="k", alt="a"
    )
    standard, glacier = drawn[0]["data"]
    assert standard["x"] == ["2026-11-01", "2026-11-02"]
    assert standard["y"] == [2.0, 1.0]
    assert glacier["line"]["color"] == figures.CATEGORIES[5]


def test_every_code_list_has_an_order_and_a_name(drawn: Drawn) -> None:
    assert sorted(["unknown", "from_1_gib", "empty"], key=lambda code: labels.order("size_band", code)) == [
        "empty",
        "from_1_gib",
        "unknown",
    ]
    assert labels.name("reason", "a_new\u202ecode") == "a_new\\u202ecode"
    assert labels.name("storage_class", "BRAND_NEW") == "BRAND_NEW"
    assert labels.name("device_id", None) == "No device"


LONG = "第二診察室の細隙灯顕微鏡撮影装置（予備機・左眼および右眼の前眼部用、二〇二六年度更新予定、管理番号"


def test_long_names_leave_room_for_the_chart(drawn: Drawn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty devices of such names broke Quality, and on a phone there was no room for a bar."""
    monkeypatch.setattr(figures, "name", lambda column, code: f"{LONG}{code}")
    monkeypatch.setattr(figures, "has_names", lambda column: True)
    devices = [f"{number:02d}" for number in range(40)]
    frame = pd.DataFrame({"device_id": devices, "month": [dt.date(2026, 11, 1)] * 40, "object_count": 1})
    heatmaps.grid(frame, x="month", y="device_id", value="object_count", key="k", alt="a")
    charts.bars(frame, y="device_id", x="object_count", series="device_id", key="k", alt="a")
    charts.stacked(frame, x="month", y="object_count", series="device_id", key="k", alt="a")
    for figure in drawn:
        assert figure["layout"]["margin"]["l"] < 200
    rows = drawn[0]["layout"]["yaxis"]["ticktext"]
    assert len(set(rows)) == 40, "the end tells them apart"
    assert rows[7].endswith("管理番号07")
    axis = drawn[1]["layout"]["yaxis"]
    assert axis["tickvals"][-1] == f"{LONG}00", "the bars stand at their whole names"
    assert axis["ticktext"][-1] == rows[0]
    assert all(room.width(trace["name"]) < 200 for trace in drawn[2]["data"])
    assert LONG in drawn[2]["data"][0]["hovertemplate"]
    stacked = drawn[2]["layout"]
    assert stacked["height"] - stacked["margin"]["t"] - stacked["margin"]["b"] >= 140, "forty names below"


def test_a_shortened_name_holds_whole_characters() -> None:
    assert room.fit("Surgical microscope") == "Surgical microscope"
    assert set(room.fit("&lt;" * 80).replace("&lt;", "")) == {"…"}
