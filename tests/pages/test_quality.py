"""The Labels and names page: its queries on a few synthetic rows, counted by hand; the page in both languages."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.operate.follow import follow
from dashboard.operate.journal import Journal
from dashboard.operate.selection import Selection
from dashboard.operate.worklist import Action, act
from dashboard.settings import WarehouseSettings
from dashboard.settings.basics import Aws
from dashboard.settings.labels import Labels, ObjectTagLabels
from dashboard.ui import finding_labels, labels, source, stakes
from dashboard.ui.safe import visible
from dashboard.warehouse.query import folder_queries
from tests.ui.synthetic_warehouse import HOSTILE_KEY, SyntheticWarehouse, ask, settings

PAGE = Path(__file__).resolve().parents[2] / "pages" / "observe" / "quality.py"
TODAY = dt.date(2026, 11, 22)
HOSTILE_SHOWN = visible(HOSTILE_KEY)
OCTOBER, NOVEMBER = dt.date(2026, 10, 1), dt.date(2026, 11, 1)

# Eight images: five good names, three bad ones; one of the bad has a clock that was reset, one belongs to no device.
ROWS = """
CREATE OR REPLACE TABLE meta.snapshot AS SELECT TIMESTAMP '2026-11-22 14:59:00' AS report_at;
CREATE OR REPLACE TABLE facts.objects AS SELECT 'archive' AS source_bucket, key, version_id, kind, device_id, unit_id,
    'STANDARD' AS storage_class, size_bytes, came::TIMESTAMP AS uploaded_at,
    date_trunc('hour', came::TIMESTAMP + INTERVAL 9 HOUR) AS uploaded_hour, captured_day, is_name_good, e_tag
  FROM (VALUES
    ('a1', '', 'image', 'ipad', 'IP-01', 10, '2026-11-01 03:00:00', '20261031', true, 'e1'),
    ('a2', '', 'image', 'ipad', 'IP-01', 10, '2026-11-02 03:00:00', '20261102', true, 'e2'),
    ('a3', '', 'image', 'ipad', 'IP-01', 10, '2026-11-03 03:00:00', '20261103', true, ''),
    ('x1', 'v', 'image', 'xray', 'XR-01', 20, '2026-11-04 03:00:00', '20261104', true, 'e4'),
    ('x2', '', 'image', 'xray', 'XR-01', 20, '2026-10-05 03:00:00', '20261005', true, 'e5'),
    (getvariable('hostile_key'), '', 'image', 'xray', 'XR-01', 30, '2026-10-31 15:00:00', '', false, 'e6'),
    ('x4', '', 'image', 'xray', 'XR-01', 30, '2026-11-06 03:00:00', '19700101', false, 'e7'),
    ('free', '', 'image', 'unattributed', '', 40, '2026-11-07 03:00:00', '', false, 'e8'),
    ('old', 'v', 'noncurrent_version', 'ipad', 'IP-01', 50, '2026-11-01 03:00:00', '', false, 'e9')
  ) AS t(key, version_id, kind, device_id, unit_id, size_bytes, came, captured_day, is_name_good, e_tag);
CREATE OR REPLACE TABLE facts.misnamed AS SELECT source_bucket, key, version_id, device_id, unit_id, storage_class,
    '' AS extension, size_bytes, uploaded_at, DATE '2026-10-31' AS captured_on,
    date_trunc('month', coalesce(try_strptime(nullif(captured_day, ''), '%Y%m%d'), uploaded_hour))::DATE AS month,
    CASE key WHEN 'x4' THEN 'clock_reset' WHEN 'free' THEN 'unknown_device' ELSE 'hidden_character' END AS reason,
    CASE key WHEN 'x4' THEN ['clock_reset', 'contains_space'] WHEN 'free' THEN ['unknown_device']
        ELSE ['hidden_character'] END AS reasons,
    CASE key WHEN 'free' THEN NULL ELSE 'xray/right-' || size_bytes || md5(key) END AS proposed_key,
    CASE key WHEN 'free' THEN '' ELSE 'name' END AS proposal_basis,
    CASE key WHEN 'free' THEN 'device' ELSE '' END AS missing, key = 'x4' AS needs_restore, key AS subject
  FROM facts.objects WHERE kind = 'image' AND NOT is_name_good;
CREATE OR REPLACE TABLE marts.quality AS SELECT o.device_id, o.unit_id,
    date_trunc('month', coalesce(try_strptime(nullif(captured_day, ''), '%Y%m%d'), uploaded_hour))::DATE AS month,
    coalesce(m.reason, '') AS reason, count(*) AS object_count, sum(o.size_bytes)::BIGINT AS size_bytes
  FROM facts.objects AS o LEFT JOIN facts.misnamed AS m ON m.key = o.key WHERE o.kind = 'image' GROUP BY ALL;
CREATE OR REPLACE TABLE facts.labels AS SELECT 'archive' AS source_bucket, key, version_id, e_tag, is_labelled,
    hash('archive', key) AS object_hash,
    CASE version_id WHEN '' THEN 0::UBIGINT ELSE hash(version_id) END AS version_hash,
    CASE e_tag WHEN '' THEN 0::UBIGINT ELSE hash(e_tag) END AS e_tag_hash,
    CASE WHEN key[1] = 'a' THEN 'ipad' WHEN key = 'free' THEN 'unattributed' ELSE 'xray' END AS device_id,
    ['object_tags'] AS source_ids, CASE WHEN key = 'x2' THEN MAP {} ELSE MAP {'label': key} END AS tags,
    []::VARCHAR[] AS conflict_names,
    TIMESTAMP '2026-11-22' AS read_at
  FROM (VALUES
    -- a2 and x1 have labels of a form that they had before: those are none of the current image's.
    ('a1', '', 'e1', true), ('a3', '', 'e3', true), ('x2', '', 'e5', false),
    (getvariable('hostile_key'), '', 'e6', false), ('free', '', 'e8', true)
  ) AS t(key, version_id, e_tag, is_labelled);
CREATE OR REPLACE TABLE marts.label_sources AS SELECT 0 AS source_no, 'object_tags' AS source_id, 'object_tags' AS kind,
    's3://archive/' AS location, true AS is_per_object, []::VARCHAR[] AS buckets,
    TIMESTAMP '2026-11-22 00:00:00' AS as_of, TIMESTAMP '2026-11-22 00:00:00' AS read_at, true AS is_read,
    true AS is_complete, 7 AS row_count, 7 AS label_count, 0 AS no_value_count, 0 AS set_aside_count, 0 AS left_count,
    7 AS image_count, 0 AS stale_count, 0 AS orphan_count, 0 AS conflict_count, 0 AS not_allowed_count,
    7 AS request_count, 0.0000028::DECIMAL(38, 10) AS cost_usd, '' AS source_note, '' AS fault;
CREATE OR REPLACE TABLE marts.label_coverage AS SELECT device_id, unit_id, month::DATE AS month, image_count,
    labelled_count, unlabelled_count, unread_count, 0 AS unlabelled_size_bytes
  FROM (VALUES
    ('ipad', 'IP-01', '2026-10-01', 1, 1, 0, 0), ('ipad', 'IP-01', '2026-11-01', 2, 1, 0, 1),
    ('xray', 'XR-01', '2026-10-01', 1, 0, 1, 0), ('xray', 'XR-01', '2026-11-01', 2, 0, 1, 1),
    ('xray', 'XR-01', '1970-01-01', 1, 0, 0, 1), ('unattributed', '', '2026-11-01', 1, 1, 0, 0)
  ) AS t(device_id, unit_id, month, image_count, labelled_count, unlabelled_count, unread_count);
CREATE OR REPLACE TABLE marts.trend AS SELECT day::DATE AS reported_on, device_id, kind, object_count, good_name_count
  FROM (VALUES
    ('2026-10-01', 'ipad', 'image', 4, 3), ('2026-10-23', 'ipad', 'image', 4, 4), ('2026-10-23', 'xray', 'image', 4, 2),
    ('2026-10-23', 'xray', 'junk', 99, 0), ('2026-11-22', 'ipad', 'image', 3, 3)
  ) AS t(day, device_id, kind, object_count, good_name_count);
CREATE OR REPLACE MACRO gib(class, days) AS [class, '1073741824', (1073741824::BIGINT * days)::VARCHAR];
CREATE OR REPLACE TABLE alerts.findings AS SELECT rule_id, rule_id || '!' AS title, severity, 'Mend it' AS remedy,
    subject, device_id, 10 AS size_bytes, came::TIMESTAMP AS occurred_at, reason, md5(rule_id || subject) AS finding_id,
    list_transform(stored, lambda part: struct_pack(storage_class := part[1], access_tier := '',
        object_count := 1, billed_bytes := part[2]::BIGINT, byte_days := part[3]::BIGINT)) AS stored
  FROM (VALUES
    ('misnamed_object', 'medium', getvariable('hostile_key'), 'xray', '2026-11-01', 'hidden_character',
     [gib('STANDARD', 0)]),
    ('misnamed_object', 'medium', 'x4', 'xray', '2026-11-06', 'clock_reset', [gib('STANDARD_IA', 30)]),
    ('silent_device', 'high', 'ipad/IP-02', 'ipad', NULL, 'never uploaded', []),
    ('silent_device', 'high', 'xray/XR-02', 'xray', '2026-10-01', '52 days', [gib('STANDARD', 0), ['SNOW', '5', '0']]),
    ('unlabelled_images', 'medium', 'xray/XR-01/2026-11', 'xray', '2026-11-01', '1 of 2', [['', '10', '0']]),
    ('unfinished_upload', 'low', 'u', 'ipad', '2026-11-01', '12 parts', [gib('STANDARD', 0)]),
    ('unknown_rule', 'critical', 'z', 'ipad', '2026-11-01', 'something_new', [['', '7', '0']])
  ) AS t(rule_id, severity, subject, device_id, came, reason, stored);
"""


@pytest.fixture(name="warehouse")
def _warehouse() -> Iterator[SyntheticWarehouse]:
    st.cache_data.clear()
    warehouse = SyntheticWarehouse()
    warehouse.connection.execute(ROWS)
    tags = Labels(required=("label", "patient_ref"), source=(ObjectTagLabels(),))
    source.configure(settings().model_copy(update={"labels": tags}), warehouse)
    yield warehouse
    st.cache_data.clear()


def test_figures_are_of_all_current_images(warehouse: SyntheticWarehouse) -> None:
    (now,) = ask(warehouse, "quality.figures", today=TODAY)
    assert (now["image_count"], now["misnamed_count"], now["misnamed_share"]) == (8, 3, 3 / 8)
    assert now["misnamed_share_before"] == 2 / 8, "the newest report that is 30 days old"
    assert (now["labelled_count"], now["unlabelled_count"], now["unread_count"]) == (3, 2, 3)
    assert now["labelled_share"] == 3 / 8
    assert (now["finding_count"], now["urgent_count"]) == (7, 3)
    assert (now["stray_count"], now["other_misnamed_count"], now["other_gap_count"]) == (1, 1, 1)


def test_figures_follow_devices_and_reasons(warehouse: SyntheticWarehouse) -> None:
    (now,) = ask(warehouse, "quality.figures", today=TODAY, devices=["xray"], reasons=["clock_reset"])
    assert (now["image_count"], now["misnamed_count"], now["other_misnamed_count"]) == (4, 1, 1)
    assert now["misnamed_share_before"] is None, "history knows no reasons"
    assert (now["labelled_share"], now["finding_count"]) == (0, 4)
    (nothing,) = ask(warehouse, "quality.figures", today=TODAY, devices=["dslr"])
    assert (nothing["image_count"], nothing["misnamed_share"], nothing["labelled_share"]) == (0, None, None)


def test_coverage_is_unknown_without_a_label_source(warehouse: SyntheticWarehouse) -> None:
    warehouse.connection.execute("DELETE FROM marts.label_coverage")
    (now,) = ask(warehouse, "quality.figures", today=TODAY)
    assert (now["labelled_share"], now["unread_count"]) == (None, None)
    assert {row["gap_share"] for row in ask(warehouse, "quality.by_device_month", today=TODAY)} == {None}


def test_trend_is_the_share_of_each_report(warehouse: SyntheticWarehouse) -> None:
    assert [row["misnamed_share"] for row in ask(warehouse, "quality.trend")] == [0.25, 0.25, 0]
    assert [row["misnamed_share"] for row in ask(warehouse, "quality.trend", devices=["xray"])] == [0.5]


def test_months_end_with_all_others(warehouse: SyntheticWarehouse) -> None:
    rows = ask(warehouse, "quality.months", today=TODAY)
    assert [(row["month"], row["first_on"], row["image_count"]) for row in rows] == [
        ("2026-11-01", NOVEMBER, 5),
        ("2026-10-01", OCTOBER, 2),
        ("other", None, 1),
    ]


def test_cells_and_what_they_leave_out_are_everything(warehouse: SyntheticWarehouse) -> None:
    rows = ask(warehouse, "quality.by_device_month", today=TODAY)
    cells = {(row["device_id"], row["month"]): row for row in rows}
    assert set(cells) == {
        ("ipad", OCTOBER),
        ("ipad", NOVEMBER),
        ("xray", OCTOBER),
        ("xray", NOVEMBER),
        ("unattributed", NOVEMBER),
    }
    cell = cells["xray", NOVEMBER]
    assert (cell["image_count"], cell["misnamed_count"], cell["misnamed_share"]) == (2, 1, 0.5)
    assert (cell["labelled_count"], cell["gap_count"], cell["gap_share"]) == (0, 2, 1)
    (now,) = ask(warehouse, "quality.figures", today=TODAY)
    named = [row["misnamed_count"] for row in rows if row["device_id"] != "unattributed"]
    assert sum(named) + now["stray_count"] + now["other_misnamed_count"] == now["misnamed_count"]
    assert sum(row["gap_count"] for row in rows) + now["other_gap_count"] == 8 - now["labelled_count"]


def test_cells_count_the_chosen_reasons_only(warehouse: SyntheticWarehouse) -> None:
    rows = ask(warehouse, "quality.by_device_month", today=TODAY, reasons=["clock_reset"], devices=["xray"])
    assert [(row["image_count"], row["misnamed_count"]) for row in rows] == [(1, 0), (2, 0)]


def test_the_worst_place_stands_first_and_no_device_last(warehouse: SyntheticWarehouse) -> None:
    rows = ask(warehouse, "quality.by_place", today=TODAY)
    assert [(row["device_id"], row["misnamed_count"], row["gap_count"]) for row in rows] == [
        ("xray", 2, 4),
        ("ipad", 0, 1),
        ("unattributed", 1, 0),
    ]
    assert list(rows[0]["misnamed_trend"]) == [0, 0.5], "October and November; 1970 is in no trend"
    assert rows[0]["misnamed_share"] == 0.5
    (unit,) = ask(warehouse, "quality.by_place", today=TODAY, devices=["xray"], by_unit=True)
    assert (unit["unit_id"], unit["image_count"], unit["gap_share"]) == ("XR-01", 4, 1)


def test_rows_of_the_maps_are_ranked_by_what_they_show(warehouse: SyntheticWarehouse) -> None:
    rows = ask(warehouse, "quality.by_device_month", today=TODAY)
    ranks = {row["device_id"]: (row["misnamed_rank"], row["gap_rank"]) for row in rows}
    assert ranks == {"xray": (1, 1), "ipad": (2, 2), "unattributed": (3, 3)}
    rows = ask(warehouse, "quality.by_device_month", today=TODAY, devices=["xray"], by_unit=True)
    assert {row["unit_id"] for row in rows} == {"XR-01"}


def test_reasons_add_up_to_the_misnamed(warehouse: SyntheticWarehouse) -> None:
    rows = ask(warehouse, "quality.by_reason")
    assert {row["reason"]: row["object_count"] for row in rows} == {
        "clock_reset": 1,
        "hidden_character": 1,
        "unknown_device": 1,
    }
    assert [row["reason"] for row in ask(warehouse, "quality.by_reason", devices=["unattributed"])] == [
        "unknown_device"
    ]


@pytest.mark.parametrize(
    ("name", "params", "keys"),
    [
        ("misnamed", {}, ["free", "x4", HOSTILE_KEY]),
        ("misnamed", {"devices": ["xray"]}, ["x4", HOSTILE_KEY]),
        ("misnamed", {"reasons": ["clock_reset"]}, ["x4"]),
        ("misnamed", {"month": "2026-11-01"}, ["free", HOSTILE_KEY]),
        ("misnamed", {"month": "2026-11-01", "devices": ["xray"]}, [HOSTILE_KEY]),
        ("misnamed", {"month": "other"}, ["x4"]),
        ("misnamed", {"month": "2026-10-01"}, []),
        ("misnamed", {"month": "x' OR 1=1 --"}, []),
        ("misnamed", {"units": ["XR-01"], "devices": ["xray"]}, ["x4", HOSTILE_KEY]),
        ("misnamed", {"units": [""]}, ["free"]),
        ("misnamed", {"proposal": "ready"}, [HOSTILE_KEY]),
        ("misnamed", {"proposal": "restore"}, ["x4"]),
        ("misnamed", {"proposal": "none"}, ["free"]),
        ("unlabelled", {"units": ["IP-01"]}, ["a2"]),
        ("labelled", {"devices": ["ipad"], "name": "label", "value": "a1"}, ["a1"]),
        ("labelled", {"devices": ["ipad"], "name": "label"}, ["a1", "a3"]),
        ("labelled", {"name": "label", "value": "no such value"}, []),
        # The tags of x2 were read, and there are none.
        ("labelled", {}, sorted(["a1", "a3", HOSTILE_KEY, "free"])),
        ("unlabelled", {}, ["x4", "x1", "a2", HOSTILE_KEY, "x2"]),
        ("unlabelled", {"month": "2026-11-01", "devices": ["xray"]}, ["x1", HOSTILE_KEY]),
        ("unlabelled", {"month": "other"}, ["x4"]),
    ],
)
def test_lists_hold_what_the_numbers_count(
    warehouse: SyntheticWarehouse, name: str, params: dict[str, Any], keys: list[str]
) -> None:
    when = {} if name == "labelled" else {"today": TODAY}
    rows = ask(warehouse, f"quality.{name}", **when, **params)
    assert [row["key"] for row in rows] == keys
    assert {row["total_count"] for row in rows} <= {len(keys)}


def test_an_image_is_unread_until_its_present_form_was_read(warehouse: SyntheticWarehouse) -> None:
    rows = ask(warehouse, "quality.unlabelled", today=TODAY)
    assert {row["key"]: row["label_state"] for row in rows} == {
        "a2": "unread",  # changed since
        "x1": "unread",  # another version
        "x4": "unread",
        "x2": "unlabelled",
        HOSTILE_KEY: "unlabelled",
    }


def test_rules_stand_by_severity_with_their_remedy(warehouse: SyntheticWarehouse) -> None:
    rows = ask(warehouse, "quality.by_rule")
    assert [(row["rule_id"], row["finding_count"]) for row in rows] == [
        ("unknown_rule", 1),
        ("silent_device", 2),
        ("misnamed_object", 2),
        ("unlabelled_images", 1),
        ("unfinished_upload", 1),
    ]
    assert sum(row["finding_count"] for row in rows) == 7


def test_findings_keep_words_and_numbers_apart(warehouse: SyntheticWarehouse) -> None:
    rows = ask(warehouse, "quality.findings")
    assert [(row["subject"], row["finding_reason"], row["reason_count"]) for row in rows] == [
        ("z", "something_new", None),
        ("ipad/IP-02", "never uploaded", None),
        ("xray/XR-02", "silent_device", 52),
        ("x4", "clock_reset", None),
        (HOSTILE_KEY, "hidden_character", None),
        ("xray/XR-01/2026-11", "unlabelled_images", 1),
        ("u", "unfinished_upload", 12),
    ]
    assert len(ask(warehouse, "quality.findings", rule="silent_device", devices=["xray"])) == 1


def test_a_proposal_says_what_it_rests_on_or_what_is_missing(warehouse: SyntheticWarehouse) -> None:
    rows = {row["key"]: row for row in ask(warehouse, "quality.misnamed", today=TODAY)}
    assert list(rows["x4"]["reasons"]) == ["clock_reset", "contains_space"], "the main reason first"
    assert (rows["x4"]["proposal_basis"], rows["x4"]["missing"], rows["x4"]["needs_restore"]) == (
        "name",
        "",
        True,
    )
    assert (rows["free"]["proposed_key"], rows["free"]["missing"]) == (None, "device")
    assert labels.name("reason", rows["x4"]["reasons"]) == "Device clock was reset, Contains a space"


def test_findings_can_be_narrowed_by_severity_and_age(warehouse: SyntheticWarehouse) -> None:
    urgent = ask(warehouse, "quality.findings", severities=["critical", "high"])
    assert [row["subject"] for row in urgent] == ["z", "ipad/IP-02", "xray/XR-02"]
    old = ask(warehouse, "quality.findings", ages=["under_90_days", "from_90_days"])
    assert [(row["subject"], row["age_days"]) for row in old] == [("xray/XR-02", 52)]
    assert {row["total_count"] for row in old} == {1}


def test_findings_can_be_narrowed_to_some_and_to_all_but_some(warehouse: SyntheticWarehouse) -> None:
    ids = {row["subject"]: row["finding_id"] for row in ask(warehouse, "quality.findings")}
    some = f"{ids['x4']} {ids['u']}"
    found = ask(warehouse, "quality.findings", finding_ids=some)
    assert [(row["subject"], row["total_count"]) for row in found] == [("x4", 2), ("u", 2)]
    others = ask(warehouse, "quality.findings", other_finding_ids=some)
    assert {row["subject"] for row in others} == set(ids) - {"x4", "u"}
    assert ask(warehouse, "quality.findings", finding_ids="") == []
    assert len(ask(warehouse, "quality.findings", other_finding_ids="")) == 7


@pytest.mark.parametrize(
    ("owners", "subjects"),
    [
        ("Sato", {"xray/XR-02"}),
        ("Kato,Sato", {"xray/XR-02", "u"}),
        ("nobody", {"z", "ipad/IP-02", "x4", HOSTILE_SHOWN, "xray/XR-01/2026-11"}),
        ("Kato,nobody", {"z", "ipad/IP-02", "x4", HOSTILE_SHOWN, "xray/XR-01/2026-11", "u"}),
        ("Evil", {"z", "ipad/IP-02", "xray/XR-02", "x4", HOSTILE_SHOWN, "xray/XR-01/2026-11", "u"}),
    ],
)
def test_the_list_of_findings_can_be_narrowed_to_owners(
    warehouse: SyntheticWarehouse, tmp_path: Path, owners: str, subjects: set[str]
) -> None:
    source.configure(
        settings().model_copy(update={"warehouse": WarehouseSettings(folder=tmp_path)}), warehouse
    )
    assert "owners" not in draw(list="alerts", owners="Sato").query_params, "there is no worklist yet"
    warehouse.connection.execute(
        "CREATE OR REPLACE TABLE alerts.rules AS SELECT DISTINCT rule_id, title, severity, remedy FROM alerts.findings"
    )
    journal = Journal(tmp_path)
    follow(journal, warehouse, owners={}, timezone="Asia/Tokyo")
    for name, chosen in (
        ("Sato", Selection(rules=("silent_device",), devices=("xray",))),
        ("Kato", Selection(rules=("unfinished_upload",))),
    ):
        act(journal, chosen, Action("assign", owner=name), actor="Abe", today=TODAY)
    app = draw(list="alerts", owners=owners)
    assert not app.exception
    shown = app.dataframe[-1].value
    assert set(shown["subject"]) == subjects
    assert [name for name in shown["owner"] if name] == [
        {"xray/XR-02": "Sato", "u": "Kato"}[subject]
        for subject in shown["subject"]
        if subject in {"xray/XR-02", "u"}
    ]
    assert app.query_params.get("owners") == (None if owners == "Evil" else owners)


def test_money_at_stake_is_known_where_the_class_is_and_the_rest_is_said(
    warehouse: SyntheticWarehouse,
) -> None:
    known = settings().model_copy(update={"aws": Aws(region="ap-northeast-1")})
    source.configure(known, warehouse)
    frame = stakes.of_findings(warehouse.frame("quality.findings", {}, "x"))
    found = {
        row.subject: (
            row.month_usd,
            row.early_usd,
            None if row.unpriced_bytes is pd.NA else row.unpriced_bytes,
        )
        for row in frame.itertuples()
    }
    assert found == {
        "z": (None, None, 7),
        "ipad/IP-02": (None, None, None),
        "xray/XR-02": (Decimal("0.025"), None, 5),
        "x4": (Decimal("0.0138"), Decimal("0.0138"), None),
        HOSTILE_KEY: (Decimal("0.025"), None, None),
        "xray/XR-01/2026-11": (None, None, 10),
        "u": (Decimal("0.025"), None, None),
    }
    assert stakes.said(frame["total_stored"].iloc[0]) == "$0.09 a month · 22 B without a known price"
    old = warehouse.frame("quality.findings", {"rule": "unknown_rule", "row_limit": 0}, "x")
    assert list(old) == list(frame.columns.drop(["month_usd", "early_usd", "unpriced_bytes"]))
    source.configure(settings(), warehouse)
    assert set(stakes.of_findings(frame)["month_usd"]) == {None}, "no prices without a region"
    assert stakes.said(frame["total_stored"].iloc[0]) == "4.00 GiB without a known price"


def test_money_of_a_rule_is_that_of_its_findings(warehouse: SyntheticWarehouse) -> None:
    source.configure(settings().model_copy(update={"aws": Aws(region="ap-northeast-1")}), warehouse)
    rows = stakes.of_findings(warehouse.frame("quality.by_rule", {}, "x"))
    found = {row.rule_id: row.month_usd for row in rows.itertuples()}
    assert found["misnamed_object"] == Decimal("0.025") + Decimal("0.0138")
    assert found["unknown_rule"] is None
    rows = stakes.of_findings(warehouse.frame("quality.by_rule", {"devices": ["ipad"]}, "x"))
    assert {row.rule_id: row.month_usd for row in rows.itertuples()}["silent_device"] is None


def test_reasons_that_rules_give_have_names() -> None:
    for query in folder_queries("alerts").values():
        for text in re.findall(r"'([a-z_ ]+)'(?: END)? AS reason", query.sql):
            assert text.strip() in finding_labels.FINDING_REASONS or "||" in query.sql, text
        if re.search(r"\|\| '[ a-z]+'(?: END)? AS reason", query.sql):
            assert query.path.stem in finding_labels.FINDING_REASONS, (
                "a reason that counts is named after its rule"
            )


def draw(**address: str) -> AppTest:
    app = AppTest.from_file(str(PAGE), default_timeout=30)
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


@pytest.mark.usefixtures("warehouse")
@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("list_", ["names", "labels", "values", "conflicts", "orphans", "alerts", "nonsense"])
def test_page_is_drawn(lang: str, list_: str) -> None:
    app = draw(lang=lang, list=list_)
    assert not app.exception
    assert [metric.value for metric in app.metric] == ["37.5%", "37.5%", "3", "7"]
    if list_ in ("conflicts", "orphans"):
        return  # nothing of the kind is in the rows
    keys = {"labels": "label_state", "alerts": "finding_reason", "values": "label_text", "nonsense": "remedy"}
    assert keys.get(list_, "reasons") in app.dataframe[-1].value


@pytest.mark.usefixtures("warehouse")
def test_named_views_and_the_worklist_keep_the_device() -> None:
    app = draw(list="alerts", devices="xray", severities="high")
    links = [item.proto for item in app.get("page_link")]
    targets = [f"{item.page} {item.query_string}" for item in links]
    assert sum("list=alerts" in target and "devices=xray" in target for target in targets) == 1
    assert any("worklist" in target and "severities=high" in target for target in targets), targets


@pytest.mark.usefixtures("warehouse")
def test_a_unit_of_another_device_is_forgotten() -> None:
    app = draw(list="names", devices="ipad", unit="XR-01")
    assert not app.exception
    assert "unit" not in app.query_params
    app = draw(list="names", devices="xray", unit="XR-01", proposal="restore")
    assert list(app.dataframe[-1].value["key"]) == ["x4"]


@pytest.mark.usefixtures("warehouse")
def test_definition_of_a_label_is_printed() -> None:
    assert any("label, patient_ref" in item.value for item in draw().text)


def test_without_a_label_source_the_page_says_how_to_name_one(warehouse: SyntheticWarehouse) -> None:
    warehouse.connection.execute("DELETE FROM marts.label_coverage")
    source.configure(settings(), warehouse)
    app = draw(list="labels")
    assert not app.exception
    assert any("[[labels.source]]" in item.value for item in app.text)
    assert app.metric[1].value == "–"  # the dash that stands for no value
    assert "quality.unlabelled" not in warehouse.asked


@pytest.mark.parametrize(("lang", "said"), [("en", "No device is described"), ("ja", "機器がまだ")])
def test_without_a_device_the_page_says_how_to_describe_one(
    warehouse: SyntheticWarehouse, lang: str, said: str
) -> None:
    assert not any("rules suggest" in item.value for item in draw(lang=lang).text)
    source.configure(settings().model_copy(update={"device": ()}), warehouse)
    app = draw(lang=lang)
    assert not app.exception
    assert any(said in item.value for item in app.caption)
    assert any("rules suggest FOLDER/" in item.value for item in app.text)


@pytest.mark.usefixtures("warehouse")
def test_an_address_leads_to_its_list() -> None:
    app = draw(list="names", taken="2026-11-01", devices="xray", reasons="hidden_character")
    assert not app.exception
    (shown,) = app.dataframe[-1].value["key"]
    assert shown.startswith("xray/XR-01/2026/\\u202egnp.exe")
    assert app.query_params["taken"] in ("2026-11-01", ["2026-11-01"])


@pytest.mark.usefixtures("warehouse")
def test_a_list_stands_in_the_place_of_the_figures_and_leads_back() -> None:
    figures, listed = draw(lang="en", devices="xray"), draw(lang="en", list="names", devices="xray")
    assert (len(figures.get("plotly_chart")), len(listed.get("plotly_chart"))) == (3, 0)
    assert len(listed.dataframe) == 1, "nothing stands between the choice and the list"
    back = [item.proto for item in listed.get("page_link") if item.proto.label == "Back to the figures"]
    assert ["list=" in item.query_string for item in back] == [False]
    assert "devices=xray" in back[0].query_string
    ways = {item.proto.query_string for item in figures.get("page_link")}
    assert sum("list=" in way for way in ways) == 9, "six lists and three views that narrow one"


def test_lists_that_read_the_reports_are_asked_for_only_then(warehouse: SyntheticWarehouse) -> None:
    draw()
    assert "quality.unlabelled" not in warehouse.asked


def test_nothing_at_all_is_no_error(warehouse: SyntheticWarehouse) -> None:
    for table in (
        "marts.quality",
        "marts.label_coverage",
        "marts.trend",
        "alerts.findings",
        "facts.misnamed",
    ):
        warehouse.connection.execute(f"DELETE FROM {table}")
    app = draw()
    assert not app.exception
    assert app.metric[0].value == "–"
