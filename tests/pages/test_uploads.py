"""The Uploads page: its queries on a few synthetic rows, counted by hand; the page in both languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.ui import source
from tests.ui.synthetic_warehouse import HOSTILE_KEY, SyntheticWarehouse, ask, settings

PAGE = Path(__file__).resolve().parents[2] / "pages" / "observe" / "uploads.py"
TODAY = dt.date(2026, 11, 22)

ROWS = """
CREATE OR REPLACE TABLE meta.snapshot AS SELECT TIMESTAMP '2026-11-22 14:59:00' AS report_at;
CREATE OR REPLACE TABLE marts.uploads AS SELECT 'archive' AS source_bucket, device_id, unit_id, kind,
    'STANDARD' AS storage_class, uploaded_on::DATE AS uploaded_on, object_count, size_bytes
  FROM (VALUES
    ('ipad', 'IP-01', 'image', '2026-11-22', 3, 300),
    ('ipad', 'IP-01', 'image', '2026-10-24', 5, 500),
    ('ipad', 'IP-01', 'image', '2026-10-23', 7, 700),
    ('ipad', 'IP-01', 'image', '2026-09-23', 11, 1100),
    ('ipad', 'IP-01', 'image', NULL, 2, 20),
    ('xray', 'XR-01', 'image', '2026-11-22', 4, 40),
    ('xray', 'XR-01', 'noncurrent_version', '2026-11-22', 100, 9999)
  ) AS t(device_id, unit_id, kind, uploaded_on, object_count, size_bytes);
CREATE OR REPLACE TABLE marts.upload_hours AS SELECT * FROM (VALUES
    ('ipad', DATE '2026-09-01', 3, 10, 11, 1100), ('ipad', DATE '2026-10-01', 5, 0, 7, 700),
    ('ipad', DATE '2026-10-01', 6, 23, 5, 500), ('ipad', DATE '2026-11-01', 7, 10, 3, 300),
    ('xray', DATE '2026-11-01', 7, 10, 4, 40)
  ) AS t(device_id, uploaded_month, weekday, hour, object_count, size_bytes);
CREATE OR REPLACE TABLE marts.units AS SELECT device_id, unit_id, last::TIMESTAMP AS last_uploaded_at,
    image_count, size_bytes, recent AS image_count_30_days, silent_days, silent_after_days, is_silent
  FROM (VALUES
    ('ipad', '', '2026-11-20 00:00:00', 2, 20, 0, 2, NULL, false),
    ('ipad', 'IP-01', '2026-11-22 01:00:00', 26, 2600, 8, 0, 4, false),
    ('ipad', 'IP-02', NULL, 0, 0, 0, NULL, 4, true),
    ('ipad', 'IP-03', '2024-01-01 00:00:00', 1, 1, 0, 1056, 4, false),
    ('xray', 'XR-01', '2026-11-10 00:00:00', 4, 40, 4, 12, 4, true)
  ) AS t(device_id, unit_id, last, image_count, size_bytes, recent, silent_days, silent_after_days, is_silent);
CREATE OR REPLACE TABLE facts.objects AS SELECT 'archive' AS source_bucket, key, '' AS version_id, kind, device_id,
    unit_id, 'STANDARD' AS storage_class, 10 AS size_bytes, came::TIMESTAMP AS uploaded_at,
    date_trunc('hour', came::TIMESTAMP + INTERVAL 9 HOUR) AS uploaded_hour
  FROM (VALUES
    ('late', 'image', 'ipad', 'IP-01', '2026-11-21 15:00:00'),
    ('early', 'image', 'ipad', 'IP-01', '2026-11-21 14:59:59'),
    ('last', 'image', 'ipad', 'IP-01', '2026-11-22 14:59:59'),
    ('next', 'image', 'xray', 'XR-01', '2026-11-22 15:00:00'),
    ('junk', 'junk', 'ipad', 'IP-01', '2026-11-22 01:00:00'),
    (getvariable('hostile_key'), 'image', 'xray', 'XR-01', '2026-11-01 00:00:00')
  ) AS t(key, kind, device_id, unit_id, came);
"""


@pytest.fixture(name="warehouse")
def _warehouse() -> Iterator[SyntheticWarehouse]:
    st.cache_data.clear()
    warehouse = SyntheticWarehouse()
    warehouse.connection.execute(ROWS)
    source.configure(settings(), warehouse)
    yield warehouse
    st.cache_data.clear()


def test_thirty_days_end_with_the_day_of_the_data(warehouse: SyntheticWarehouse) -> None:
    (now,) = ask(warehouse, "uploads.figures", today=TODAY)
    assert (now["object_count"], now["object_count_before"]) == (3 + 5 + 4, 7)
    assert (now["size_bytes"], now["size_bytes_before"]) == (840, 700)
    assert now["undated_count"] == 2
    assert (now["newest_at"], now["newest_days"]) == (dt.datetime(2026, 11, 22, 1), 0)
    assert (now["unit_count"], now["silent_count"]) == (4, 2)
    assert ask(warehouse, "uploads.figures") == [now], "without a day it is the day of the report"


def test_figures_follow_the_devices(warehouse: SyntheticWarehouse) -> None:
    (now,) = ask(warehouse, "uploads.figures", today=TODAY, devices=["xray"])
    assert (now["object_count"], now["object_count_before"], now["silent_count"]) == (4, 0, 1)
    (nothing,) = ask(warehouse, "uploads.figures", today=TODAY, devices=["dslr"])
    assert (nothing["object_count"], nothing["unit_count"], nothing["newest_at"]) == (0, 0, None)


def test_calendar_has_every_day_and_no_version_or_junk(warehouse: SyntheticWarehouse) -> None:
    days = ask(warehouse, "uploads.by_day", today=TODAY)
    assert len(days) == 371
    assert days[-1] == {"uploaded_on": TODAY, "object_count": 7, "size_bytes": 340}
    assert sum(day["object_count"] for day in days) == 3 + 5 + 7 + 11 + 4
    assert days[0]["object_count"] == 0


def test_months_for_long_periods_days_for_short_ones(warehouse: SyntheticWarehouse) -> None:
    months = ask(
        warehouse,
        "uploads.over_time",
        today=TODAY,
        from_on=dt.date(2025, 12, 1),
        to_on=TODAY,
        devices=["ipad"],
    )
    assert [row["first_on"] for row in months][-2:] == [dt.date(2026, 10, 1), dt.date(2026, 11, 1)]
    assert [row["object_count"] for row in months] == [0] * 9 + [11, 12, 3]
    assert {row["link_name"] for row in months} == {"period"}
    assert months[-2]["link_code"] == "2026-10-01..2026-10-31"
    assert months[-1]["link_code"] == "2026-11-01..2026-11-22", "no later than the day of the data"
    days = ask(warehouse, "uploads.over_time", from_on=dt.date(2026, 10, 1), to_on=dt.date(2026, 10, 31))
    assert len(days) == 31
    assert {row["first_on"].day: row["object_count"] for row in days if row["object_count"]} == {23: 7, 24: 5}
    assert (days[22]["link_name"], days[22]["link_code"]) == ("day", "2026-10-23")


def test_a_month_that_the_period_begins_in_leads_to_the_days_that_were_counted(
    warehouse: SyntheticWarehouse,
) -> None:
    first, *_rest = ask(
        warehouse, "uploads.over_time", from_on=dt.date(2026, 9, 10), to_on=TODAY, devices=["ipad"]
    )
    assert (first["first_on"], first["link_code"]) == (dt.date(2026, 9, 1), "2026-09-10..2026-09-30")


def test_months_of_all_time_add_up_to_what_is_dated(warehouse: SyntheticWarehouse) -> None:
    rows = ask(warehouse, "uploads.over_time", today=TODAY)
    assert sum(row["object_count"] for row in rows) == 30
    assert len(rows) == 3 * 2


def test_hours_cover_the_months_that_the_period_touches(warehouse: SyntheticWarehouse) -> None:
    every = ask(warehouse, "uploads.by_hour")
    assert len(every) == 7 * 24
    assert sum(row["object_count"] for row in every) == 30
    assert ask(warehouse, "uploads.by_hour", to_on=dt.date(2000, 1, 1)) == [], (
        "a message instead of an empty grid"
    )
    rows = ask(warehouse, "uploads.by_hour", from_on=dt.date(2026, 10, 24), to_on=TODAY, devices=["ipad"])
    found = {(row["weekday"], row["hour"]): row["object_count"] for row in rows if row["object_count"]}
    assert found == {(5, 0): 7, (6, 23): 5, (7, 10): 3}


def test_units_stand_by_how_long_they_are_silent(warehouse: SyntheticWarehouse) -> None:
    rows = ask(warehouse, "uploads.units")
    assert [(row["unit"], row["unit_status"]) for row in rows] == [
        ("ipad/IP-02", "never"),
        ("xray/XR-01", "silent"),
        ("ipad/IP-03", "out_of_use"),
        ("ipad/IP-01", "active"),
        ("ipad/", "not_watched"),
    ]


@pytest.mark.parametrize(
    ("params", "keys"),
    [
        ({"from_on": "2026-11-22", "to_on": "2026-11-22"}, ["last", "late"]),
        ({"from_on": dt.date(2026, 11, 21), "to_on": dt.date(2026, 11, 21)}, ["early"]),
        ({"unit": "xray/XR-01"}, ["next", HOSTILE_KEY]),
        ({"unit": "xray/XR-01", "from_on": "2026-11-23"}, ["next"]),
        ({"unit": "xray/XR-0_"}, []),
        ({"devices": ["ipad"]}, ["last", "late", "early"]),
    ],
)
def test_list_holds_the_images_of_the_archives_day(
    warehouse: SyntheticWarehouse, params: dict[str, Any], keys: list[str]
) -> None:
    rows = ask(warehouse, "uploads.objects", **params)
    assert [row["key"] for row in rows] == keys
    assert {row["total_count"] for row in rows} <= {len(keys)}


def test_list_is_cut_into_leaves(warehouse: SyntheticWarehouse) -> None:
    leaf = ask(warehouse, "uploads.objects", row_limit=2, row_offset=2)
    assert ([row["key"] for row in leaf], leaf[0]["total_count"]) == (["late", "early"], 5)


def draw(**address: str) -> AppTest:
    app = AppTest.from_file(str(PAGE), default_timeout=30)
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


@pytest.mark.usefixtures("warehouse")
@pytest.mark.parametrize(("lang", "title"), [("en", "Uploads"), ("ja", "アップロード")])
@pytest.mark.parametrize("period", ["12m", "30d", "all", "2026-10-01..2026-10-31"])
def test_page_is_drawn(lang: str, title: str, period: str) -> None:
    app = draw(lang=lang, period=period)
    assert not app.exception
    assert title in app.title[0].value
    assert app.metric[0].value == "12"
    assert len(app.metric) == 4
    assert "Asia/Tokyo" in " ".join(item.value for item in app.caption)


def test_list_is_read_only_when_somebody_asks(warehouse: SyntheticWarehouse) -> None:
    draw()
    assert "uploads.objects" not in warehouse.asked
    app = draw(day="2026-11-22")
    assert "uploads.objects" in warehouse.asked
    assert not app.exception
    assert "2026-11-22" in app.query_params["day"]
    assert list(app.dataframe[-1].value["key"]) == ["last", "late"]


def test_hostile_key_is_shown_with_its_escapes(warehouse: SyntheticWarehouse) -> None:
    app = draw(unit="xray/XR-01", lang="ja")
    assert not app.exception
    (shown,) = app.dataframe[-1].value["key"]
    assert shown.startswith("xray/XR-01/2026/\\u202egnp.exe")
    assert "uploads.objects" in warehouse.asked


@pytest.mark.usefixtures("warehouse")
@pytest.mark.parametrize("address", [{"day": "2031-01-01"}, {"day": "x' OR 1=1"}, {"unit": "../etc"}])
def test_nonsense_in_the_address_chooses_nothing(address: dict[str, str]) -> None:
    app = draw(**address)
    assert not app.exception
    assert not set(address) & set(app.query_params)


def test_images_without_a_time_are_named(warehouse: SyntheticWarehouse) -> None:
    assert any("2 images without a time" in item.value for item in draw().caption)
    warehouse.connection.execute("DELETE FROM marts.uploads")
    st.cache_data.clear()
    app = draw()
    assert not app.exception
    assert app.metric[0].value == "0"


@pytest.mark.parametrize(
    ("period", "days"),
    [
        ("2026-11-01..2026-12-31", (dt.date(2026, 11, 1), TODAY)),
        ("9998-01-01..9999-12-31", (TODAY, TODAY)),
        ("1900-01-01..2026-11-02", (dt.date(1900, 1, 1), dt.date(2026, 11, 2))),
    ],
)
def test_a_period_ends_with_the_data(
    warehouse: SyntheticWarehouse, period: str, days: tuple[dt.date, dt.date]
) -> None:
    app = AppTest.from_file(str(PAGE), default_timeout=30)
    app.query_params["period"] = period
    app.run()
    assert not app.exception
    assert app.date_input[0].value == days
    app.run()
    assert app.date_input[0].value == days
    assert app.query_params["period"] == f"{days[0]}..{days[1]}"
