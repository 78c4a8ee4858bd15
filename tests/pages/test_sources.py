"""The Data sources page: its queries on a few synthetic rows, counted by hand; the page in both languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.domain.notes import Note
from dashboard.settings import Aws
from dashboard.settings.labels import Labels
from dashboard.ui import labels, source
from tests.ui.synthetic_warehouse import HOSTILE_KEY, SyntheticWarehouse, ask, broken, settings

PAGE = Path(__file__).resolve().parents[2] / "pages" / "observe" / "sources.py"

ROWS = """
CREATE OR REPLACE TABLE meta.snapshot AS
  SELECT TIMESTAMP '2026-11-22 14:59:00' AS report_at, TIMESTAMP '2026-11-22 18:00:00' AS built_at,
    'c0ffee123456' AS grammar_version;
CREATE OR REPLACE TABLE marts.reports AS SELECT source_bucket, config_id, at_::TIMESTAMP AS report_at, 'CSV' AS format,
    row_count, 1000 AS size_bytes, latest_count, marker_count AS delete_marker_count, quarantined_count, overlap_count,
    2 AS file_count, is_current, has_versions, columns, 's3://reports/' || source_bucket || '/' AS location,
    TIMESTAMP '2026-11-22 17:00:00' AS loaded_at
  FROM (VALUES
    ('photos', 'all', '2026-11-22 01:00:00', 100, 80, 5, 3, 0, true, true,
      ['bucket', 'key', 'version_id', 'is_latest', 'is_delete_marker', 'size', 'last_modified_date', 'e_tag',
       'storage_class', 'intelligent_tiering_access_tier']),
    ('photos', 'part', '2026-11-22 01:00:00', 40, 40, 0, 0, 30, true, false, ['bucket', 'key', 'size']),
    ('scans', 'all', '2026-11-20 01:00:00', 10, 10, 0, 0, 0, true, true, ['bucket', 'key', 'version_id']),
    ('photos', 'all', '2026-11-21 01:00:00', 99, 79, 5, 7, 0, false, true, ['bucket', 'key'])
  ) AS t(source_bucket, config_id, at_, row_count, latest_count, marker_count, quarantined_count, overlap_count,
    is_current, has_versions, columns);
CREATE OR REPLACE TABLE marts.report_history AS SELECT source_bucket, config_id, report_at, row_count AS object_count,
    size_bytes, is_current FROM marts.reports
  UNION ALL SELECT 'photos', 'all', TIMESTAMP '2026-10-01 01:00:00', 50, 500, false;
CREATE OR REPLACE TABLE marts.sources AS SELECT kind, name, as_of::TIMESTAMP AS as_of, asked_at::TIMESTAMP AS asked_at,
    row_count, is_complete, request_count, cost_usd::DECIMAL(38, 10) AS cost_usd, note
  FROM (VALUES
    ('unfinished_uploads', 'photos', '2026-11-22 17:00:00', '2026-11-22 17:00:00', 2, true, NULL, NULL, ''),
    ('costs', 'usage', '2026-12-01 00:00:00', '2026-11-22 17:00:00', 900, true, 23, 0.23, 'estimated'),
    ('costs', 'account', '2026-11-01 00:00:00', '2026-11-22 17:00:00', 90, true, 23, 0.23, 'final'),
    ('labels', 'object_tags', '2026-11-22 17:00:00', '2026-11-22 17:00:00', 50, false, 50, 0.00002, ''),
    ('lifecycle', 'photos', '2026-11-22 17:00:00', '2026-11-22 17:00:00', 0, true, 1, NULL, 'no_configuration'),
    ('inventory', 'scans/all', '2026-11-20 01:00:00', '2026-11-22 17:00:00', 10, true, NULL, NULL, 'CSV')
  ) AS t(kind, name, as_of, asked_at, row_count, is_complete, request_count, cost_usd, note);
CREATE OR REPLACE TABLE facts.quarantine AS SELECT 'photos' AS source_bucket, 'all' AS config_id,
    TIMESTAMP '2026-11-22 01:00:00' AS report_at, raw_key, reason, 'part-0000.csv.gz' AS file_name
  FROM (VALUES ('%FF%FE', 'key_not_utf8'), (getvariable('hostile_key'), 'size_invalid'), (NULL, 'key_missing'))
    AS t(raw_key, reason);
"""
LAST = {
    "started_at": "2026-11-22T17:00:00+00:00",
    "finished_at": "2026-11-22T17:01:00+00:00",
    "exit_code": 0,
    "published": True,
    "paid_request_count": 23,
    "label_request_count": 24106,
    "sources": [{"location": "s3://reports/photos/all/", "status": "kept"}],
    "faults": [],
    "notes": [
        Note(
            "Snapshot {snapshot} cannot give its history: {problem}",
            snapshot="000001",
            problem="![x](http://evil.example)",
        ).as_dict(),
        Note(
            "The bill of {period} was read from the export: USD {total_usd}",
            period="2026-08",
            total_usd=Decimal("1616.5470202646"),
        ).as_dict(),
    ],
}


@pytest.fixture(name="warehouse")
def _warehouse() -> Iterator[SyntheticWarehouse]:
    st.cache_data.clear()
    warehouse = SyntheticWarehouse(last=dict(LAST))
    warehouse.connection.execute(ROWS)
    source.configure(settings(), warehouse)
    yield warehouse
    st.cache_data.clear()


def test_reports_have_the_columns_that_were_promised(warehouse: SyntheticWarehouse) -> None:
    rows = ask(warehouse, "sources.reports")
    assert list(rows[0]) == [
        "source_bucket",
        "config_id",
        "report_at",
        "format",
        "row_count",
        "size_bytes",
        "latest_count",
        "delete_marker_count",
        "quarantined_count",
    ]
    assert [(row["source_bucket"], row["config_id"], row["row_count"]) for row in rows] == [
        ("photos", "all", 100),
        ("photos", "part", 40),
        ("scans", "all", 10),
    ]


def test_figures_count_reports_in_use_and_the_ledger_once(warehouse: SyntheticWarehouse) -> None:
    (now,) = ask(warehouse, "sources.figures")
    assert (now["report_count"], now["row_count"]) == (3, 150)
    assert (now["quarantined_count"], now["overlap_count"]) == (3, 30)
    assert (now["source_count"], now["incomplete_count"]) == (6, 1)
    assert (now["request_count"], now["cost_usd"]) == (23, Decimal("0.23"))
    assert now["grammar_version"] == "c0ffee123456"


def test_figures_without_bills_cost_nothing(warehouse: SyntheticWarehouse) -> None:
    warehouse.connection.execute("DELETE FROM marts.sources")
    (now,) = ask(warehouse, "sources.figures")
    assert (now["source_count"], now["request_count"], now["cost_usd"]) == (0, 0, 0)


def test_sources_tell_their_age(warehouse: SyntheticWarehouse) -> None:
    rows = ask(warehouse, "sources.all", today=dt.date(2026, 11, 23))
    assert [(row["source_kind"], row["name"], row["age_days"]) for row in rows] == [
        ("inventory", "scans/all", 3),
        ("costs", "account", 23),  # the bill ends on October 31
        ("costs", "usage", 1),  # nobody knows the rest of November
        ("labels", "object_tags", 1),
        ("lifecycle", "photos", 1),
        ("unfinished_uploads", "photos", 1),
    ]
    assert [row["request_count"] for row in rows] == [None, None, None, 50, 1, None]
    assert [row["cost_usd"] for row in rows] == [None, None, None, Decimal("0.00002"), None, None]
    assert ask(warehouse, "sources.all")[0]["age_days"] == 2, "without a day, as of the build"


def test_reports_in_use_add_up(warehouse: SyntheticWarehouse) -> None:
    rows = ask(warehouse, "sources.in_use")
    assert len(rows) == 3
    for row in rows:
        assert row["counted_count"] + row["quarantined_count"] + row["overlap_count"] == row["row_count"]
    whole, part, _scans = rows
    assert (whole["noncurrent_count"], whole["delete_marker_count"]) == (100 - 3 - 80, 5)
    assert (part["noncurrent_count"], part["delete_marker_count"]) == (None, None), "it lists no versions"


def test_missing_columns_are_named(warehouse: SyntheticWarehouse) -> None:
    rows = ask(warehouse, "sources.missing_columns")
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(f"{row['source_bucket']}/{row['config_id']}", []).append(row["inventory_field"])
        assert row["missing_column"] in labels.MISSING_COLUMNS
    assert found == {
        "photos/part": ["LastModifiedDate", "StorageClass", "ETag", "IntelligentTieringAccessTier"],
        "scans/all": [
            "Size",
            "LastModifiedDate",
            "StorageClass",
            "IsLatest",
            "IsDeleteMarker",
            "ETag",
            "IntelligentTieringAccessTier",
        ],
    }


def test_quarantine_keeps_keys_as_they_came(warehouse: SyntheticWarehouse) -> None:
    rows = ask(warehouse, "sources.quarantine")
    assert [(row["quarantine_reason"], row["raw_key"]) for row in rows] == [
        ("key_missing", None),
        ("key_not_utf8", "%FF%FE"),
        ("size_invalid", HOSTILE_KEY),
    ]
    assert {row["total_count"] for row in rows} == {3}
    assert {row["quarantine_reason"] for row in rows} <= set(labels.QUARANTINE_REASONS)


def test_history_begins_with_the_newest(warehouse: SyntheticWarehouse) -> None:
    rows = ask(warehouse, "sources.history", row_limit=2, row_offset=2)
    assert [(row["report_at"].day, row["is_current"]) for row in rows] == [(21, False), (20, True)]
    assert rows[0]["total_count"] == 5
    rows = ask(warehouse, "sources.history", row_offset=4)
    assert [(row["report_at"].month, row["object_count"], row["is_current"]) for row in rows] == [
        (10, 50, False)
    ]


def draw(**address: str) -> AppTest:
    app = AppTest.from_file(str(PAGE), default_timeout=30)
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


def test_each_label_source_says_what_it_takes_for_a_label_and_what_it_cost(
    warehouse: SyntheticWarehouse,
) -> None:
    wanted = Labels.model_validate({"required": ["stain"], "source": [{"kind": "object_tags"}]})
    source.configure(settings().model_copy(update={"labels": wanted}), warehouse)
    app = draw(lang="en")
    assert not app.exception
    said = [item.value for item in app.text]
    assert "An image is labelled when each of these labels has a value: stain" in said
    assert "object_tags: the object's own tags (all buckets)" in said
    every = app.dataframe[0].value
    assert list(every["cost_usd"].dropna()) == [pytest.approx(0.00002)]


@pytest.mark.usefixtures("warehouse")
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_page_is_drawn(lang: str) -> None:
    app = draw(lang=lang)
    assert not app.exception
    assert [metric.value for metric in app.metric] == ["150", "3", "1", r"\$0.23"]
    quarantined = next(frame.value for frame in app.dataframe if "raw_key" in frame.value)
    assert quarantined["raw_key"].iloc[2].startswith("xray/XR-01/2026/\\u202egnp.exe")


def test_prices_have_date_and_source_and_missing_ones_say_so(warehouse: SyntheticWarehouse) -> None:
    tokyo = settings().model_copy(update={"aws": Aws(region="ap-northeast-1")})
    source.configure(tokyo, warehouse)
    app = draw()
    assert not app.exception
    prices = next(frame.value for frame in app.dataframe if "price_source" in frame.value).set_index(
        ["matter", "place"]
    )
    kept = prices.loc[[("Keeping objects", "Standard")]].iloc[0]
    assert (kept["price"], kept["as_of"]) == ("$0.025 per GB and month", "2026-08")
    assert kept["band"] == "up to 50 TiB; beyond is not known"
    put = prices.loc[[("Uploading, copying and listing", "Standard")]].iloc[0]
    assert put["price"] == "$0.0047 per 1,000 requests"
    restore = prices.loc[[("Restoring from the archive (Standard speed)", "Glacier Flexible")]].iloc[0]
    assert (restore["price"], restore["price_source"]) == ("missing", "")
    assert any(item.value.startswith("28 of 56 prices are known") for item in app.caption)


@pytest.mark.usefixtures("warehouse")
def test_last_sync_is_told_as_text() -> None:
    app = draw()
    texts = [item.value for item in app.text]
    assert "Paid requests: 23" in texts
    assert "Requests for tags: 24,106" in texts
    assert "The bill of 2026-08 was read from the export: USD 1,616.55" in texts
    assert "Newer report not usable, earlier one kept: s3://reports/photos/all/" in texts
    assert "Snapshot 000001 cannot give its history: ![x](http://evil.example)" in texts
    assert not any("evil" in item.value for item in (*app.markdown, *app.caption))
    japanese = [item.value for item in draw(lang="ja").text]
    assert "有料リクエスト：23" in japanese
    assert "スナップショット 000001 の履歴を読めません：![x](http://evil.example)" in japanese


def test_problems_of_the_last_sync_are_a_table_in_the_readers_language(warehouse: SyntheticWarehouse) -> None:
    fault = broken().as_dict() | {"title": "A file of the report cannot be read"}
    warehouse.last = LAST | {"exit_code": 49, "faults": [fault]}
    for lang, title in (("en", fault["title"]), ("ja", "レポートのファイルを読み取れません")):
        (row,) = (
            row
            for item in draw(lang=lang).dataframe
            if "locator" in item.value
            for row in item.value.itertuples()
        )
        assert (row.title, row.next_step) == (title, fault["next_step"])
        assert "wh.000001.duckdb" in row.cause
        assert row.locator.startswith("xray/XR-01/2026/\\u202egnp.exe")
    warehouse.last = dict(LAST)
    assert not any("locator" in item.value for item in draw().dataframe)


@pytest.mark.parametrize(
    ("outcome", "word"),
    [
        ({"exit_code": 41, "published": False, "finished_at": None}, "Not everything worked"),
        ({"exit_code": 0, "published": False}, "Nothing new"),
        ({"exit_code": 0, "published": True}, "New snapshot published"),
    ],
)
def test_outcome_of_the_last_sync_has_a_word(
    warehouse: SyntheticWarehouse, outcome: dict[str, Any], word: str
) -> None:
    warehouse.last = LAST | outcome | ({"faults": [broken().as_dict()]} if outcome["exit_code"] else {})
    app = draw()
    assert not app.exception
    assert any(word in item.value for item in app.markdown)


def test_before_any_sync_and_without_quarantine_the_page_says_so(warehouse: SyntheticWarehouse) -> None:
    warehouse.last = None
    warehouse.connection.execute("UPDATE marts.reports SET quarantined_count = 0")
    app = draw()
    assert not app.exception
    assert any("python -m dashboard sync" in item.value for item in app.caption)
    assert "sources.quarantine" not in warehouse.asked
