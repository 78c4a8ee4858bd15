"""Lists for labelling tools, each held against its tool's description of the format."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.labelling import FORMS, Task, written

HOSTILE = 'a b/+=&?#"\\\u2028\u202e\n\r\t,é日本/IMG.tar.JPG'


def task(key: str = HOSTILE, bucket: str = "clinic-images", **more: Any) -> Task:
    return Task(
        **{
            "source_bucket": bucket,
            "key": key,
            "version_id": "v1",
            "e_tag": "abc",
            "size_bytes": 5,
            "device_id": "xray",
            "unit_id": "xr-1",
            "month": "2026-10-01",
            "storage_class": "GLACIER",
            **more,
        }
    )


def text(form: str, *tasks: Task) -> str:
    return "".join(written(form, tasks))


def test_ground_truth_reads_json_lines_with_source_ref() -> None:
    lines = text("ground-truth", task(), task("plain.jpg")).splitlines()
    first, second = map(json.loads, lines)
    assert first["source-ref"] == f"s3://clinic-images/{HOSTILE}"
    assert (second["source-ref"], second["version-id"]) == ("s3://clinic-images/plain.jpg", "v1")
    assert not any(name.endswith(("-ref", "-metadata")) for name in first if name != "source-ref"), (
        "Ground Truth takes other names that end so for references and for labels"
    )


def test_label_studio_reads_a_list_of_tasks() -> None:
    found = json.loads(text("label-studio", task(), task("plain.jpg")))
    assert [item["data"]["image"] for item in found] == [
        f"s3://clinic-images/{HOSTILE}",
        "s3://clinic-images/plain.jpg",
    ]
    assert all(set(item) == {"data"} for item in found)
    assert json.loads(text("label-studio")) == []


def test_cvat_reads_a_manifest_of_one_bucket() -> None:
    version, kind, *images = map(json.loads, text("cvat", task(), task("x/no extension")).splitlines())
    assert version == {"version": "1.1"}
    assert kind == {"type": "images"}
    assert images[0]["name"] + images[0]["extension"] == HOSTILE
    assert images[0]["extension"] == ".JPG"
    assert (images[1]["name"], images[1]["extension"]) == ("x/no extension", "")
    assert not {"width", "height"} & images[0].keys(), "no report knows them"
    assert "width and height" in FORMS["cvat"].caution
    with pytest.raises(ValueError, match="one bucket"):
        text("cvat", task(), task(bucket="other"))


def test_fiftyone_reads_a_csv_whose_media_field_is_filepath() -> None:
    rows = list(csv.DictReader(io.StringIO(text("fiftyone", task(), task("plain.jpg")), newline="")))
    assert [row["filepath"] for row in rows] == [
        f"s3://clinic-images/{HOSTILE}",
        "s3://clinic-images/plain.jpg",
    ]
    assert next(iter(rows[0])) == "filepath"


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1), max_size=5))
def test_every_key_comes_back_as_it_was(keys: list[str]) -> None:
    tasks = [task(key) for key in keys]
    lines = text("ground-truth", *tasks).splitlines()
    assert [json.loads(line)["source-ref"] for line in lines] == [item.address for item in tasks]
    found = json.loads(text("label-studio", *tasks))
    assert [item["data"]["key"] for item in found] == keys
    images = [json.loads(line) for line in text("cvat", *tasks).splitlines()][2:]
    assert [image["name"] + image["extension"] for image in images] == keys
    rows = list(csv.DictReader(io.StringIO(text("fiftyone", *tasks), newline="")))
    assert [row["filepath"] for row in rows] == [item.address for item in tasks]


def test_every_form_has_a_file_name() -> None:
    assert len({form.file_name for form in FORMS.values()}) == len(FORMS) == 4


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\uff1d", " ="])
def test_no_cell_of_a_csv_is_a_formula(start: str) -> None:
    hostile = f'{start}HYPERLINK("http://evil.example")'
    made = text("fiftyone", task(hostile, unit_id=hostile, version_id=hostile))
    (row,) = csv.DictReader(io.StringIO(made, newline=""))
    assert row["filepath"] == f"s3://clinic-images/{hostile}", "what a tool opens stays as it is"
    assert (row["unit"], row["version_id"]) == (f"'{hostile}", f"'{hostile}")
    assert all(cell[:1] not in {"=", "+", "-", "@", "\t", "\r", "\uff1d", " "} for cell in row.values())
