"""The record of a label source on disk: what an earlier or later release wrote is no reason to read it all again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dashboard.settings.labels import ObjectTagLabels
from dashboard.warehouse.label_records import RECORD, LabelRecord, label_folder, load_record, write_record

SOURCE = ObjectTagLabels(kind="object_tags", id="tags", buckets=("clinic-images",))
WRITTEN = LabelRecord(stamp="etag", label_count=3, read_at="2026-11-20T05:00:00+00:00")


@pytest.fixture
def record(tmp_path: Path) -> Path:
    write_record(tmp_path, SOURCE, WRITTEN)
    return label_folder(tmp_path, SOURCE.id) / RECORD


def test_a_record_is_read_as_it_was_written(tmp_path: Path, record: Path) -> None:
    assert record.is_file()
    assert load_record(tmp_path, SOURCE) == WRITTEN


def test_a_field_of_another_release_is_passed_over(tmp_path: Path, record: Path) -> None:
    record.write_text(json.dumps({**json.loads(record.read_text()), "has_forms": True}))
    assert load_record(tmp_path, SOURCE) == WRITTEN


@pytest.mark.parametrize("text", ["", "{", "[]", '{"files": 3}'])
def test_a_damaged_record_counts_as_none(tmp_path: Path, record: Path, text: str) -> None:
    record.write_text(text)
    assert load_record(tmp_path, SOURCE) == LabelRecord()
