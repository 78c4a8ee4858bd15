"""Which copies are found, which one is to be kept and why, and what deleting the others early costs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dashboard.warehouse import duplicates
from tests.inventory_writer import Row
from tests.sync.world import REPORT_AT, SOURCE, World, good, goods

E_TAG = "a" * 32
FIRST = replace(good(1), e_tag=E_TAG)
LATER = FIRST.last_modified_date + timedelta(hours=3)


def copies(world: World, rows: list[Row], columns: str) -> list[tuple[Any, ...]]:
    world.put(rows)
    world.synced()
    return world.rows(f"SELECT {columns} FROM facts.same_content ORDER BY content_id, keep_rank")


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (replace(FIRST, version_id="old", is_latest=False), "current"),
        (Row("ipad/.DS_Store", e_tag=E_TAG), "image"),
        (Row("ipad/ipad-01/2026/11/20/IMG_0001.HEIC", e_tag=E_TAG), "good_name"),
        (replace(good(2), e_tag=E_TAG, last_modified_date=LATER), "older"),
        (replace(good(2), e_tag=E_TAG), "all_equal"),
    ],
)
def test_the_best_copy_is_kept_and_the_reason_said(world: World, other: Row, reason: str) -> None:
    rows = copies(world, [other, FIRST], "key, is_kept, keep_reason, duplicate_case")
    case = "same_key" if other.key == FIRST.key else "same_bucket"
    assert rows == [(FIRST.key, True, reason, "kept"), (other.key, False, reason, case)]


def test_copies_are_found_across_buckets_and_formats(make_world: Callable[..., World]) -> None:
    world = make_world(configs=[(SOURCE, "daily"), ("clinic-backup", "weekly")])
    world.put([FIRST, *goods(5, 10)])
    there = replace(FIRST, bucket="clinic-backup", last_modified_date=LATER)
    world.put(
        [there, *goods(5, 30, bucket="clinic-backup")], source="clinic-backup", config="weekly", format_="CSV"
    )
    world.synced()
    rows = world.rows(
        "SELECT source_bucket, confidence, duplicate_case FROM facts.same_content ORDER BY keep_rank"
    )
    assert rows == [(SOURCE, "exact", "kept"), ("clinic-backup", "exact", "other_bucket")]
    subjects = world.rows("SELECT subject FROM alerts.findings WHERE rule_id = 'exact_duplicate'")
    assert subjects == [("clinic-backup/" + str(FIRST.key),)]


def test_what_is_left_of_the_minimum_days_counts_from_upload(world: World) -> None:
    at = REPORT_AT - timedelta(days=20)
    rows = [
        replace(FIRST, last_modified_date=at - timedelta(days=1)),
        replace(good(2), e_tag=E_TAG, storage_class="GLACIER", last_modified_date=at),
        replace(
            good(3), e_tag=E_TAG, storage_class="STANDARD_IA", last_modified_date=at + timedelta(minutes=1)
        ),
        replace(good(4), e_tag=E_TAG, storage_class="STANDARD", last_modified_date=at + timedelta(minutes=2)),
    ]
    found = copies(world, rows, "storage_class, minimum_days_left, billed_bytes")
    assert found == [
        ("STANDARD", 0, 100),
        ("GLACIER", 70, 100),
        ("STANDARD_IA", 10, 131_072),
        ("STANDARD", 0, 100),
    ]


def test_a_label_decides_between_two_good_names(world: World) -> None:
    world.changes["labels"] = [{"required_tags": ["label"], "max_requests_per_run": 1}]
    folder = world.warehouse / "labels"
    folder.mkdir(parents=True)
    second = replace(good(2), e_tag=E_TAG, last_modified_date=LATER)
    line = {
        "source_bucket": SOURCE,
        "key": second.key,
        "version_id": "",
        "e_tag": E_TAG,
        "tags": {"label": "x"},
    }
    (folder / "1.jsonl").write_text(json.dumps(line | {"read_at": "2026-11-20T05:00:00+00:00"}) + "\n")
    world.put([FIRST, second])
    world.sync()  # the tags of the other image cannot be read, which is a fault and no harm
    rows = world.rows("SELECT key, is_labelled, keep_reason FROM facts.same_content ORDER BY keep_rank")
    assert rows == [(second.key, True, "labelled"), (FIRST.key, False, "labelled")]


def test_without_copies_there_is_one_scan_and_no_row(world: World) -> None:
    assert copies(world, goods(8), "key") == []


def test_delete_markers_and_empty_objects_are_no_copies(world: World) -> None:
    rows = [
        *goods(2, size=0, e_tag=E_TAG),
        *(Row(f"ipad/gone-{number}", None, None, is_delete_marker=True, e_tag=None) for number in range(3)),
        *(Row(f"ipad/untagged-{number}", e_tag=None) for number in range(3)),
    ]
    assert copies(world, rows, "key") == []


def test_hashes_are_the_same_in_slices(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "SLICE_ROWS", 3)
    rows = [replace(item, e_tag=f"{number % 7:032x}") for number, item in enumerate(goods(20))]
    found = copies(world, rows, "content_id")
    assert len(found) == 20
    assert len(set(found)) == 7
