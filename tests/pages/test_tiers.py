"""The Tiers page: its queries on a small synthetic archive, counted by hand to the byte; the page in both languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.ui import labels, source, tier_lists
from dashboard.warehouse.query import page_queries
from tests.ui.synthetic_warehouse import HOSTILE_KEY, SyntheticWarehouse, settings

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "pages" / "observe" / "tiers.py"
KIB_128 = 131_072

TABLES = """
CREATE SCHEMA IF NOT EXISTS marts; CREATE SCHEMA IF NOT EXISTS facts; CREATE SCHEMA IF NOT EXISTS meta;
CREATE TABLE IF NOT EXISTS marts.storage (device_id VARCHAR, kind VARCHAR, storage_class VARCHAR, access_tier VARCHAR,
  object_count BIGINT, size_bytes BIGINT);
CREATE TABLE IF NOT EXISTS marts.tier_ages (device_id VARCHAR, kind VARCHAR, storage_class VARCHAR, age_band VARCHAR,
  object_count BIGINT, size_bytes BIGINT);
CREATE TABLE IF NOT EXISTS marts.trend (reported_on DATE, device_id VARCHAR, kind VARCHAR, storage_class VARCHAR,
  size_bytes BIGINT);
CREATE TABLE IF NOT EXISTS marts.lifecycle_rules (source_bucket VARCHAR, rule_id VARCHAR, prefix VARCHAR,
  tag_filter VARCHAR, size_over_bytes BIGINT, size_under_bytes BIGINT, action VARCHAR, after_days BIGINT, on_date DATE,
  to_class VARCHAR, newer_noncurrent_versions BIGINT, note VARCHAR, is_evaluated BOOLEAN);
CREATE TABLE IF NOT EXISTS marts.lifecycle_moves (source_bucket VARCHAR, rule_id VARCHAR, device_id VARCHAR,
  kind VARCHAR, from_class VARCHAR, to_class VARCHAR, due_band VARCHAR, object_count BIGINT, size_bytes BIGINT);
CREATE TABLE IF NOT EXISTS marts.reports (source_bucket VARCHAR, report_at TIMESTAMP, is_current BOOLEAN);
CREATE TABLE IF NOT EXISTS meta.snapshot (timezone VARCHAR);
CREATE TABLE IF NOT EXISTS facts.objects (source_bucket VARCHAR, key VARCHAR, version_id VARCHAR, device_id VARCHAR,
  kind VARCHAR, storage_class VARCHAR, access_tier VARCHAR, prefix VARCHAR, size_bytes BIGINT, uploaded_at TIMESTAMP,
  uploaded_hour TIMESTAMP, size_band VARCHAR AS (CASE WHEN size_bytes = 0 THEN 'unknown'
    WHEN size_bytes < 131072 THEN 'under_128_kib' ELSE 'under_1_mib' END));
"""
STORAGE = [
    ("ipad", "image", "STANDARD", "", 3, 300),
    ("ipad", "noncurrent_version", "STANDARD", "", 1, 50),
    ("xray", "image", "INTELLIGENT_TIERING", "FREQUENT", 2, 150),
    ("xray", "image", "INTELLIGENT_TIERING", "DEEP_ARCHIVE", 4, 250),
    ("xray", "image", "INTELLIGENT_TIERING", "", 1, 100),
    ("xray", "image", "GLACIER", "", 5, 1000),
    ("xray", "noncurrent_version", "DEEP_ARCHIVE", "", 2, 150),
    ("xray", "delete_marker", "", "", 7, 0),
    ("xray", "image", "BRAND_NEW", "", 1, 1),
]
MOVES = [
    ("b", "r1", "xray", "image", "STANDARD", "GLACIER", "later", 9, 900),
    ("b", "r1", "xray", "image", "STANDARD", "GLACIER", "within_7_days", 1, 10),
    ("b", "r1", "ipad", "junk", "STANDARD", "GLACIER", "within_7_days", 2, 20),
    ("b", "r1", "xray", "image", "GLACIER", "DEEP_ARCHIVE", "within_30_days", 4, 400),
    ("b", "r2", "xray", "image", "GLACIER", "EXPIRED", "within_30_days", 3, 33),
    ("b", "r2", "xray", "image", "GLACIER", "EXPIRED", "within_90_days", 1, 11),
]


@pytest.fixture(name="archive")
def _archive() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(TABLES)
        yield connection


def fill(connection: duckdb.DuckDBPyConnection, table: str, rows: list[tuple[Any, ...]]) -> None:
    marks = ", ".join("?" for _value in rows[0])
    connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


def ask(connection: duckdb.DuckDBPyConnection, name: str, **params: Any) -> list[dict[str, Any]]:
    query = page_queries()[name]
    cursor = connection.execute(query.sql, {key: params.get(key) for key in query.params})
    return [dict(zip(query.columns, row, strict=True)) for row in cursor.fetchall()]


def test_classes_hold_everything_hot_to_cold(archive: duckdb.DuckDBPyConnection) -> None:
    fill(archive, "marts.storage", STORAGE)
    rows = ask(archive, "tiers.classes")
    assert [tuple(row.values()) for row in rows] == [
        ("STANDARD", 4, 350, 350 / 2001, 1, 50),
        ("INTELLIGENT_TIERING", 7, 500, 500 / 2001, 0, 0),
        ("GLACIER", 5, 1000, 1000 / 2001, 0, 0),
        ("DEEP_ARCHIVE", 2, 150, 150 / 2001, 2, 150),
        ("BRAND_NEW", 1, 1, 1 / 2001, 0, 0),
        ("", 7, 0, 0, 0, 0),
    ]
    [ipad] = ask(archive, "tiers.classes", devices=["ipad"], kinds=["image"])
    assert (ipad["storage_class"], ipad["size_bytes"], ipad["size_share"]) == ("STANDARD", 300, 1)
    [glacier] = ask(archive, "tiers.classes", storage_classes=["GLACIER"])
    assert glacier["object_count"] == 5


def test_tiers_inside_intelligent_tiering(archive: duckdb.DuckDBPyConnection) -> None:
    fill(archive, "marts.storage", STORAGE)
    assert [tuple(row.values()) for row in ask(archive, "tiers.access_tiers")] == [
        ("FREQUENT", 2, 150, 0.3),
        ("DEEP_ARCHIVE", 4, 250, 0.5),
        ("", 1, 100, 0.2),
    ]
    assert ask(archive, "tiers.access_tiers", devices=["ipad"]) == []


def test_figures_are_exact(archive: duckdb.DuckDBPyConnection) -> None:
    fill(archive, "marts.storage", STORAGE)
    fill(archive, "marts.lifecycle_moves", MOVES)
    fill(
        archive,
        "marts.trend",
        [
            (dt.date(2026, 10, 20), "xray", "image", "STANDARD", 300),
            (dt.date(2026, 10, 20), "xray", "image", "GLACIER_IR", 100),
            (dt.date(2026, 11, 1), "xray", "image", "STANDARD", 9999),
            (dt.date(2026, 11, 22), "xray", "image", "STANDARD", 9999),
        ],
    )
    fill(
        archive,
        "marts.tier_ages",
        [
            ("ipad", "image", "STANDARD", "from_30_days", 1, 1000),
            ("ipad", "image", "STANDARD", "from_90_days", 1, 20),
            ("ipad", "image", "STANDARD", "from_365_days", 1, 3),
            ("ipad", "image", "GLACIER", "from_365_days", 1, 5000),
        ],
    )
    [row] = ask(archive, "tiers.figures")
    assert row == {
        "size_bytes": 2001,
        "size_bytes_before": 400,
        "cold_share": 1150 / 2001,
        "cold_share_before": 0.25,
        "old_hot_bytes": 23,
        "moving_bytes": 430,
        "moving_count": 7,
        "deleted_bytes": 33,
        "deleted_count": 3,
        "noncurrent_bytes": 200,
        "noncurrent_share": 200 / 2001,
    }


def test_there_is_one_row_of_figures_for_an_empty_archive(archive: duckdb.DuckDBPyConnection) -> None:
    [row] = ask(archive, "tiers.figures")
    assert (row["size_bytes"], row["size_bytes_before"], row["moving_count"], row["old_hot_bytes"]) == (
        0,
        None,
        0,
        0,
    )


def test_ages_stand_youngest_first(archive: duckdb.DuckDBPyConnection) -> None:
    bands = ["unknown", "from_365_days", "under_30_days", "from_90_days", "from_180_days", "from_30_days"]
    fill(archive, "marts.tier_ages", [("ipad", "image", "STANDARD", band, 1, 10) for band in bands])
    fill(
        archive,
        "marts.tier_ages",
        [("xray", "junk", "STANDARD", "unknown", 2, 5), ("x", "delete_marker", "", "unknown", 9, 0)],
    )
    rows = ask(archive, "tiers.ages")
    assert [row["age_band"] for row in rows] == list(labels.AGE_BANDS)
    assert (rows[-1]["object_count"], rows[-1]["size_bytes"]) == (3, 15)


def test_trend_has_zero_where_a_class_was_empty(archive: duckdb.DuckDBPyConnection) -> None:
    first, second = dt.date(2026, 11, 1), dt.date(2026, 11, 2)
    fill(archive, "marts.trend", [(first, "x", "image", "STANDARD", 5), (second, "x", "image", "GLACIER", 7)])
    fill(
        archive,
        "marts.trend",
        [(second, "y", "junk", "GLACIER", 1), (second - dt.timedelta(400), "x", "image", "STANDARD", 1)],
    )
    oldest = second - dt.timedelta(399)
    fill(archive, "marts.trend", [(oldest, "x", "image", "STANDARD", 2)])
    assert [tuple(row.values()) for row in ask(archive, "tiers.trend")] == [
        (oldest, "GLACIER", 0),
        (oldest, "STANDARD", 2),
        (first, "GLACIER", 0),
        (first, "STANDARD", 5),
        (second, "GLACIER", 8),
        (second, "STANDARD", 0),
    ]


def test_moves_stand_soonest_first(archive: duckdb.DuckDBPyConnection) -> None:
    fill(archive, "marts.lifecycle_moves", MOVES)
    assert [tuple(row.values()) for row in ask(archive, "tiers.moves")] == [
        ("within_7_days", "STANDARD", "GLACIER", 3, 30),
        ("within_30_days", "GLACIER", "DEEP_ARCHIVE", 4, 400),
        ("within_30_days", "GLACIER", "EXPIRED", 3, 33),
        ("within_90_days", "GLACIER", "EXPIRED", 1, 11),
        ("later", "STANDARD", "GLACIER", 9, 900),
    ]
    [ipad] = ask(archive, "tiers.moves", devices=["ipad"], storage_classes=["STANDARD"])
    assert (ipad["object_count"], ipad["size_bytes"]) == (2, 20)


def rule(action: str, note: str = "", **more: Any) -> tuple[Any, ...]:
    given = {
        "rule_id": "r1",
        "prefix": "xray/",
        "tags": "",
        "over": None,
        "under": None,
        "days": 30,
        "on": None,
    }
    given |= {"to": "", "kept": None} | more
    names = ("rule_id", "prefix", "tags", "over", "under")
    later = (given["days"], given["on"], given["to"], given["kept"], note, note == "")
    return ("b", *(given[name] for name in names), action, *later)


@pytest.mark.parametrize(
    ("given", "deed", "state"),
    [
        (rule("transition", to="GLACIER"), "{days} after upload: move to {to_class}", "Counted"),
        (rule("transition", days=None, on=dt.date(2026, 12, 1)), "On {day}: move to {to_class}", "Counted"),
        (rule("expiration"), "{days} after upload: delete", "Counted"),
        (rule("expiration", days=None, on=dt.date(2026, 12, 1)), "On {day}: delete", "Counted"),
        (
            rule("noncurrent_transition", "not_current", to="GLACIER"),
            "{days} after replacement: move older versions to {to_class}",
            "Not counted: not current objects",
        ),
        (
            rule("noncurrent_expiration", "disabled"),
            "{days} after replacement: delete older versions",
            "Switched off",
        ),
        (
            rule("abort_upload", "needs_tags"),
            "{days} after the start: drop unfinished uploads",
            "Not counted: tag filter",
        ),
        (
            rule("expire_marker", "deep_prefix", days=None),
            "When no version is left: remove delete markers",
            "Not counted: deep folder",
        ),
        (
            rule("teleport", "size_filter"),
            "An action this dashboard does not know",
            "Not counted: size filter",
        ),
    ],
)
def test_rules_are_told_in_words(
    archive: duckdb.DuckDBPyConnection, given: tuple[Any, ...], deed: str, state: str
) -> None:
    fill(archive, "marts.lifecycle_rules", [given])
    [row] = ask(archive, "tiers.rules")
    assert (row["deed"], row["state"]) == (deed, state)


def test_rules_say_what_they_move_and_on_what_terms(archive: duckdb.DuckDBPyConnection) -> None:
    fill(archive, "marts.lifecycle_moves", MOVES)
    fill(
        archive,
        "marts.lifecycle_rules",
        [
            rule("transition", to="GLACIER"),
            rule("expiration", rule_id="r2", prefix=""),
            rule("noncurrent_expiration", "size_filter", rule_id="r3", tags="a=b", over=5, under=9, kept=2),
        ],
    )
    rows = {row["rule_id"]: row for row in ask(archive, "tiers.rules")}
    assert rows["r1"]["due_bytes"] == 30, "not what is due later, nor to another class"
    assert (rows["r2"]["due_bytes"], rows["r2"]["applies_to"]) == (44, "s3://b/*")
    assert (rows["r1"]["applies_to"], rows["r1"]["condition_text"], rows["r1"]["versions_kept"]) == (
        "s3://b/xray/*",
        "",
        "",
    )
    assert (rows["r3"]["due_bytes"], rows["r3"]["condition_text"], rows["r3"]["versions_kept"]) == (
        None,
        "a=b, > 5 B, < 9 B",
        "2",
    )


def stored(connection: duckdb.DuckDBPyConnection) -> None:
    """Two buckets, reported at 15:30 UTC on Nov 22: past midnight in Tokyo. Ages are 0, 29, 30, 364, 365 days, none."""
    connection.execute("INSERT INTO meta.snapshot VALUES ('Asia/Tokyo')")
    fill(
        connection,
        "marts.reports",
        [
            ("b", dt.datetime(2026, 11, 22, 15, 30), True),
            ("b", dt.datetime(2026, 11, 29), False),
            ("c", dt.datetime(2026, 11, 22, 15, 30), True),
        ],
    )
    rows = []
    today = dt.datetime(2026, 11, 23)
    for size, (age, kind, storage_class) in enumerate(
        [(0, "image", "STANDARD"), (29, "image", "STANDARD"), (30, "image", "STANDARD"), (364, "image", "STANDARD"),
         (365, "junk", "STANDARD"), (None, "image", "GLACIER"), (400, "noncurrent_version", "STANDARD")]
    ):  # fmt: skip
        hour = None if age is None else today - dt.timedelta(days=age)
        at = None if hour is None else hour - dt.timedelta(hours=9)
        rows.append(
            ("b", f"xray/{size}", "", "xray", kind, storage_class, "", "xray/01", KIB_128 + size, at, hour)
        )
    rows.append(
        ("c", "ipad/small", "v", "ipad", "image", "INTELLIGENT_TIERING", "ARCHIVE", "ipad", 5, today, today)
    )
    fill(connection, "facts.objects", rows)


def keys(rows: list[dict[str, Any]]) -> list[str]:
    return [row["key"] for row in rows]


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        ("all", ["xray/6", "xray/5", "xray/4", "xray/3", "xray/2", "xray/1", "xray/0", "ipad/small"]),
        ("under_30_days", ["xray/1", "xray/0", "ipad/small"]),
        ("from_30_days", ["xray/2"]),
        ("from_90_days", []),
        ("from_180_days", ["xray/3"]),
        ("from_365_days", ["xray/6", "xray/4"]),
        ("unknown", ["xray/5"]),
        ("ARCHIVE", ["ipad/small"]),
    ],
)
def test_objects_behind_a_figure(archive: duckdb.DuckDBPyConnection, scope: str, found: list[str]) -> None:
    stored(archive)
    rows = ask(archive, "tiers.objects", scope=scope, row_offset=0)
    assert keys(rows) == found
    assert {row["total_count"] for row in rows} <= {len(found)}


def test_objects_are_filtered_and_paged(archive: duckdb.DuckDBPyConnection) -> None:
    stored(archive)
    filters: dict[str, Any] = {
        "scope": "all",
        "devices": ["xray"],
        "storage_classes": ["STANDARD"],
        "kinds": ["image"],
    }
    rows = ask(archive, "tiers.objects", **filters, row_limit=2, row_offset=2)
    assert keys(rows) == ["xray/1", "xray/0"]
    assert {row["total_count"] for row in rows} == {4}


def test_objects_behind_a_move_follow_the_rule_that_is_due_first(archive: duckdb.DuckDBPyConnection) -> None:
    """Due at the UTC midnight after the age; the reports are of Nov 22 in UTC and of Nov 23 in Tokyo."""
    stored(archive)
    fill(
        archive,
        "marts.lifecycle_rules",
        [
            rule("transition", days=60, to="STANDARD_IA"),
            rule("transition", days=400, to="GLACIER", prefix=""),
            rule("expiration", days=1, prefix="ipad/"),
            rule("transition", "disabled", days=0, to="DEEP_ARCHIVE"),
            rule("noncurrent_expiration", "not_current", days=1),
        ],
    )
    found = {band: keys(ask(archive, "tiers.objects", scope=band, row_offset=0)) for band in labels.DUE_BANDS}
    assert found == {
        "within_7_days": ["xray/4", "xray/3"],
        "within_30_days": [],
        "within_90_days": ["xray/2", "xray/1", "xray/0"],
        "later": [],
    }


def test_objects_behind_a_move_are_those_of_its_new_class(archive: duckdb.DuckDBPyConnection) -> None:
    stored(archive)
    fill(
        archive,
        "marts.lifecycle_rules",
        [
            rule("transition", days=60, to="STANDARD_IA", prefix=""),
            rule("transition", days=60, to="GLACIER", prefix="xray/01"),
            rule("expiration", days=500, prefix=""),
        ],
    )
    found = {
        code: keys(ask(archive, "tiers.objects", scope=f"within_7_days.{code}", row_offset=0))
        for code in ("STANDARD_IA", "GLACIER", "EXPIRED")
    }
    assert found == {"STANDARD_IA": [], "GLACIER": ["xray/4", "xray/3"], "EXPIRED": []}
    [undated] = ask(archive, "tiers.objects", scope="later.EXPIRED", row_offset=0)
    assert (undated["key"], undated["uploaded_at"]) == ("xray/5", None)


def test_small_objects_move_only_to_be_deleted(archive: duckdb.DuckDBPyConnection) -> None:
    """One of unknown size need not be small; the figure counts it too."""
    stored(archive)
    small = rule("transition", days=0, to="GLACIER", prefix="")
    fill(archive, "marts.lifecycle_rules", [("c", *small[1:])])
    assert ask(archive, "tiers.objects", scope="within_7_days", row_offset=0) == []
    today = dt.datetime(2026, 11, 23)
    unsized = ("c", "ipad/unsized", "", "ipad", "image", "STANDARD", "", "ipad", 0, today, today)
    fill(archive, "facts.objects", [unsized])
    assert keys(ask(archive, "tiers.objects", scope="within_7_days", row_offset=0)) == ["ipad/unsized"]
    archive.execute("DELETE FROM facts.objects WHERE key = 'ipad/unsized'")
    fill(archive, "marts.lifecycle_rules", [("c", *rule("expiration", days=0, prefix="ipad")[1:])])
    assert keys(ask(archive, "tiers.objects", scope="within_7_days", row_offset=0)) == ["ipad/small"]


@pytest.fixture(name="warehouse")
def _warehouse() -> Iterator[SyntheticWarehouse]:
    st.cache_data.clear()
    warehouse = SyntheticWarehouse()
    warehouse.connection.execute(f"DROP TABLE facts.objects; DROP TABLE meta.snapshot; {TABLES}")
    hostile = ("clinic-images", HOSTILE_KEY, "", "xray", "image", "STANDARD", "", "xray", 1, None, None)
    fill(warehouse.connection, "facts.objects", [hostile])
    fill(warehouse.connection, "marts.lifecycle_rules", [rule("transition", to="GLACIER", prefix="*$x$*<b>")])
    source.configure(settings(), warehouse)
    yield warehouse
    st.cache_data.clear()


def draw(**address: str) -> AppTest:
    app = AppTest.from_file(str(PAGE), default_timeout=30)
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_page_is_drawn_and_reads_no_report(warehouse: SyntheticWarehouse, lang: str) -> None:
    app = draw(lang=lang)
    assert not app.exception
    assert app.title[0].value.endswith({"en": "Storage tiers", "ja": "ストレージ階層"}[lang])
    assert len(app.metric) == 5
    assert "tiers.objects" not in warehouse.asked
    sentence = next(frame.value for frame in app.dataframe if "sentence" in frame.value.columns)["sentence"][
        0
    ]
    assert (sentence == "30 days after upload: move to Glacier Flexible") == (lang == "en")
    assert "30" in sentence
    assert "Glacier Flexible" in sentence


@pytest.mark.parametrize("scope", ["all", "unknown", "DEEP_ARCHIVE", "within_7_days", "drop table"])
def test_objects_are_listed_when_the_address_asks(warehouse: SyntheticWarehouse, scope: str) -> None:
    app = draw(lang="ja", list=scope, classes="STANDARD")
    assert not app.exception
    assert ("tiers.objects" in warehouse.asked) == (scope != "drop table")
    shown = [value for frame in app.dataframe if "key" in frame.value.columns for value in frame.value["key"]]
    assert len(shown) == (1 if scope in {"all", "unknown"} else 0)
    assert all("\\u202e" in value for value in shown), "a hidden character is shown"
    # A list stands in the place of the figures, with the way back.
    assert bool(app.get("plotly_chart")) == (scope == "drop table")
    links = [item.proto for item in app.get("page_link")]
    assert [item.label for item in links if "tiers" in item.page] == ["数値に戻る"] * (scope != "drop table")


def test_page_is_drawn_without_rules(warehouse: SyntheticWarehouse) -> None:
    warehouse.connection.execute("DELETE FROM marts.lifecycle_rules")
    app = draw(lang="en")
    assert not app.exception
    assert any("No bucket has lifecycle rules" in item.value for item in app.caption)


def test_the_list_of_a_move_names_its_new_class(warehouse: SyntheticWarehouse) -> None:
    warehouse.connection.execute("DELETE FROM marts.lifecycle_moves")
    fill(warehouse.connection, "marts.lifecycle_moves", MOVES)
    [move, *_rest] = ask(warehouse.connection, "tiers.moves")
    code = tier_lists.of_move(move)
    app = draw(lang="en", list=code, classes=move["from_class"])
    assert not app.exception
    assert "tiers.objects" in warehouse.asked
    band, new = labels.name("due_band", move["due_band"]), labels.name("to_class", move["to_class"])
    assert f"{band} → {new}" in [item.value for item in app.header]


@pytest.mark.usefixtures("warehouse")
@pytest.mark.parametrize("left_behind", [None, "alerts"])
def test_a_list_of_another_page_is_none_of_this_one(left_behind: str | None) -> None:
    """A sidebar's switch of pages keeps the session and says nothing in the address."""
    app = AppTest.from_file(str(PAGE), default_timeout=30)
    app.session_state["filter_list"] = left_behind
    app.run()
    assert not app.exception
    assert app.get("plotly_chart"), "the figures are shown"
