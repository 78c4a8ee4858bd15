"""COCO files that would hurt: what is nested without end is refused before anybody reads it."""

from __future__ import annotations

import json
import resource
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.label_files import LabelFile
from dashboard.errors import DashboardError, ExitCode
from dashboard.warehouse import label_coco
from dashboard.warehouse.label_coco import MOST_DEPTH, coco_to_lines

IMAGES = {"images": [{"id": 1, "file_name": "a.jpg"}], "categories": [{"id": 1, "name": "x"}]}
FOUND = b'{"key": "a.jpg", "value": "x"}\n'


def converted(folder: Path, text: str) -> bytes:
    source, target = folder / "coco.json", folder / "lines.jsonl"
    source.write_text(text, "utf-8")
    coco_to_lines(LabelFile(source, "json", "s3://labels/coco.json"), target)
    return target.read_bytes()


@pytest.mark.parametrize("text", ["[" * 200_000, '{"images": [' + "[[]," * 5_000, '{"x":' * 20_000])
def test_brackets_without_end_are_refused_and_cost_no_memory(tmp_path: Path, text: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DashboardError, match="could not be read") as caught:
        converted(tmp_path, text)
    assert caught.value.code is ExitCode.FILE_DAMAGED
    assert str(MOST_DEPTH) in caught.value.cause
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000, "KB"


@pytest.mark.parametrize("pad", range(-3, 4))
def test_brackets_in_texts_are_texts_wherever_a_read_ends(tmp_path: Path, pad: int) -> None:
    note = "\\" * 5 + '"' + "[" * 500 + '"[{'
    head = '{"info": "'
    text = head + "x" * ((1 << 20) - len(head) + pad) + json.dumps(note)[1:]
    rest = {**IMAGES, "annotations": [{"image_id": 1, "category_id": 1}]}
    assert converted(tmp_path, text + "," + json.dumps(rest)[1:]) == FOUND


def depth_of(value: Any) -> int:
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(depth_of, value), default=0) if isinstance(value, list) else 0


VALUES = st.recursive(
    st.text(alphabet='a"\\[]{}') | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('"\\[{b'), inner, max_size=3),
    max_leaves=12,
)


@given(value=VALUES)
def test_the_depth_is_that_of_the_values(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    file = tmp_path_factory.mktemp("coco") / "coco.json"
    file.write_text(json.dumps(value))
    for most, is_refused in ((depth_of(value), False), (depth_of(value) - 1, depth_of(value) > 0)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(label_coco, "MOST_DEPTH", most)
            try:
                label_coco._refuse_depth(LabelFile(file, "json", "s3://labels/coco.json"))
            except DashboardError:
                assert is_refused
            else:
                assert not is_refused
