"""What asks for labels of every image fits into a reader's memory: no texts wait in a join.

The labels take 800 MB, the keys 180 MB, a reader may take 150, and it has nowhere to put what does not fit.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dashboard.warehouse.query import folder_queries, page_queries
from dashboard.warehouse.tables import macro
from dashboard.warehouse.verdict_macros import verdict_macros

pytestmark = pytest.mark.slow

IMAGES = 200_000
TABLES = f"""
CREATE SCHEMA facts;
CREATE MACRO to_local(moment) AS moment;
CREATE MACRO known_size(size_bytes, size_band) AS size_bytes;
CREATE TABLE facts.readiness AS SELECT 'b' AS source_bucket,
    'ipad/' || repeat('k', 900) || i AS key, '' AS version_id, md5(i::VARCHAR) AS e_tag,
    10 AS size_bytes, 'ipad' AS device_id, '1' AS unit_id, 'jpg' AS extension, 'STANDARD' AS storage_class,
    '' AS access_tier, TIMESTAMP '2026-11-01' AS uploaded_at, DATE '2026-11-01' AS captured_on,
    '20261101' AS captured_day, true AS is_name_good, 'readable' AS readability, false AS has_patient_identity,
    NULL::VARCHAR AS content_id, NULL::BIGINT AS keep_rank
FROM range({IMAGES}) AS r(i);
CREATE TABLE facts.objects AS SELECT *, 'image' AS kind, 'under_128_kib' AS size_band FROM facts.readiness;
CREATE VIEW facts.labels AS SELECT hash('b', 'ipad/' || repeat('k', 900) || i) AS object_hash,
    hash('') - hash('') AS version_hash, hash('') - hash('') AS e_tag_hash, true AS is_labelled,
    MAP {{'label': ['cornea', 'lens'][1 + i % 2], 'patient': repeat('p', 4000) || i // 2}} AS tags
FROM range(2, {IMAGES}) AS r(i);
"""
CORNEA = {"label_names": ["label"], "labels": ["label=cornea"]}
NONE = {"label_names": ["label"], "labels": ["label="]}
PERMITTED = {"permit_tag": "label", "permit_values": ["lens"]}
BY_PATIENT = {"split_by": "label", "split_label": "patient"}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    file: Path = tmp_path_factory.mktemp("labels") / "wh.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(TABLES)
        for head in ("has_hidden(text)", "tidy(text)", "tidied(text)"):
            connection.execute(f"CREATE MACRO {head} AS {verdict_macros([], (), ())[head]}")
        for name in ("facts.gate", "facts.chosen"):
            connection.execute(macro(folder_queries("facts")[name]))
    config: dict[str, Any] = {"memory_limit": "150MB", "threads": 2, "temp_directory": ""}
    with duckdb.connect(str(file), read_only=True, config=config) as connection:
        yield connection


def asked(reader: duckdb.DuckDBPyConnection, name: str, **params: Any) -> list[dict[str, Any]]:
    query = page_queries()[name]
    split = {"split_segment": 1, "split_pattern": "()", "split_key": "archive"}
    split |= {
        "train_until": 800_000,
        "validation_until": 900_000,
        "row_offset": 0,
        "row_limit": 50,
        "step": "ready",
    }
    values = {**dict.fromkeys(query.params), **split, "prefix": "", **params}
    reader.execute(query.sql, {name: values[name] for name in query.params})
    columns = [column[0] for column in reader.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in reader.fetchall()]


@pytest.mark.parametrize(
    ("choice", "steps"),
    [
        ({}, {"ready": IMAGES - 2, "label": 2}),
        (CORNEA, {"ready": IMAGES // 2 - 1}),
        # What has no value is chosen by that, whether it has other labels or none at all.
        (NONE, {"label": 2}),
        (PERMITTED, {"ready": IMAGES // 2 - 1, "permit": IMAGES // 2 - 1, "label": 2}),
        (BY_PATIENT, {"ready": IMAGES - 2, "label": 2}),
        ({**CORNEA, **PERMITTED, **BY_PATIENT}, {"permit": IMAGES // 2 - 1}),
    ],
)
def test_the_gate(reader: duckdb.DuckDBPyConnection, choice: dict[str, Any], steps: dict[str, int]) -> None:
    found = asked(reader, "dataset.funnel", **choice)
    assert {row["step"]: row["object_count"] for row in found} == steps


def test_a_split_by_a_label_keeps_its_values_together(reader: duckdb.DuckDBPyConnection) -> None:
    sides = asked(reader, "dataset.splits", **BY_PATIENT)
    assert sum(row["part_count"] for row in sides) == IMAGES // 2 - 1
    assert sum(row["object_count"] for row in sides) == IMAGES - 2
    assert {row["shared_part_count"] for row in sides} == {0}
    listed = asked(reader, "dataset.members", **BY_PATIENT)
    assert len(listed) == 50
    for row in listed:
        assert row["key_part"] == row["tags"]["patient"]
        place = reader.execute(
            "SELECT md5_number_lower('archive' || chr(10) || ?) % 1000000", [row["key_part"]]
        ).fetchone()
        assert place is not None
        expected = "train" if place[0] < 800_000 else "validation" if place[0] < 900_000 else "test"
        assert row["split"] == expected


def test_what_a_restore_by_label_is_about(reader: duckdb.DuckDBPyConnection) -> None:
    [row] = asked(reader, "restore.choices", labels=["label=cornea"])
    assert row["object_count"] == IMAGES // 2 - 1
    assert len(asked(reader, "plan.objects", labels=["label=cornea"], row_limit=60)) == 60
