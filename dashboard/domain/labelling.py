"""Lists of images to label, in the forms that labelling tools read. Plain text in, plain text out.

- ground-truth: Amazon SageMaker Ground Truth input manifest, one JSON object a line with `source-ref` (AWS: "Input
  manifest files"). Further keys are carried through to the output manifest, so labels find their way back to a version.
- label-studio: Label Studio's "Basic JSON format": a list of tasks with `data`; `$image` is the variable of the
  labelling configuration. Its S3 source storage turns s3:// addresses into links of its own.
- cvat: CVAT dataset manifest (manifest.jsonl, "Dataset manifest for images"), one bucket to a manifest: names are keys
  of the attached cloud storage. The format names width and height of each image, only meta and checksum are optional.
  No report knows them, and an invented size would put every outline in the wrong place, so they are left out and it is
  said what CVAT does then: it measures copies that are uploaded, and refuses images that stay in cloud storage.
- fiftyone: FiftyOne `CSVDataset` (columns of which `filepath` is the media field).

Keys are written exactly as they are; JSON is pure ASCII, so no character of a key can end a line.
"""

from __future__ import annotations

import csv
import io
import json
import posixpath
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from dashboard.wording import N_

_FORMULA_STARTS = tuple("=+-@|%\t\r\n")


@dataclass(frozen=True)
class Task:
    """One image to label; `month` is of its capture, as 2026-10-01, '' if unknown."""

    source_bucket: str
    key: str
    version_id: str
    e_tag: str
    size_bytes: int
    device_id: str
    unit_id: str
    month: str
    storage_class: str

    @property
    def address(self) -> str:
        return f"s3://{self.source_bucket}/{self.key}"


@dataclass(frozen=True)
class Form:
    """One form of the list: what people call it, how its file is named, its media type, and what to know before."""

    title: str
    file_name: str
    mime: str
    caution: str = ""


FORMS: dict[str, Form] = {
    "ground-truth": Form("Ground Truth", "input.manifest", "application/jsonlines"),
    "label-studio": Form("Label Studio", "tasks.json", "application/json"),
    "cvat": Form(
        "CVAT",
        "manifest.jsonl",
        "application/jsonlines",
        N_(
            "CVAT refuses a manifest of images in cloud storage without their width and height, which no report "
            "holds: upload copies of the images with it (sorting method: Predefined), or choose them in CVAT without "
            "a manifest."
        ),
    ),
    "fiftyone": Form("FiftyOne", "labels.csv", "text/csv"),
}


def written(form: str, tasks: Iterable[Task]) -> Iterator[str]:
    """The file in pieces of text, each ending in a line break.

    Args:
        form: key of FORMS.

    Raises:
        ValueError: CVAT, and the images lie in more than one bucket.
    """
    if form == "ground-truth":
        yield from (f"{_json(_ground_truth(task))}\n" for task in tasks)
    elif form == "label-studio":
        yield from _listed(_json(_label_studio(task)) for task in tasks)
    elif form == "cvat":
        yield from _cvat(tasks)
    else:
        yield from _fiftyone(tasks)


def _ground_truth(task: Task) -> dict[str, Any]:
    return {
        "source-ref": task.address,
        "version-id": task.version_id,
        "e-tag": task.e_tag,
        "device": task.device_id,
        "unit": task.unit_id,
        "storage-class": task.storage_class,
    }


def _label_studio(task: Task) -> dict[str, Any]:
    return {
        "data": {
            "image": task.address,
            "source_bucket": task.source_bucket,
            "key": task.key,
            "version_id": task.version_id,
            "e_tag": task.e_tag,
            "device": task.device_id,
            "unit": task.unit_id,
            "month": task.month,
            "storage_class": task.storage_class,
        }
    }


def _cvat(tasks: Iterable[Task]) -> Iterator[str]:
    yield '{"version":"1.1"}\n{"type":"images"}\n'
    bucket = ""
    for task in tasks:
        if bucket and task.source_bucket != bucket:
            raise ValueError("a CVAT manifest holds the images of one bucket")
        bucket = task.source_bucket
        name, extension = posixpath.splitext(task.key)
        meta = {"related_images": [], "version_id": task.version_id, "e_tag": task.e_tag}
        yield f"{_json({'name': name, 'extension': extension, 'meta': meta})}\n"


def _fiftyone(tasks: Iterable[Task]) -> Iterator[str]:
    columns = ("filepath", "device", "unit", "month", "version_id", "e_tag", "storage_class")
    yield _csv(columns)
    for task in tasks:
        yield _csv(
            (
                task.address,
                task.device_id,
                task.unit_id,
                task.month,
                task.version_id,
                task.e_tag,
                task.storage_class,
            )
        )


def _listed(items: Iterator[str]) -> Iterator[str]:
    before = "["
    for item in items:
        yield f"{before}\n{item}"
        before = ","
    yield "[]\n" if before == "[" else "\n]\n"


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"))


def _no_formula(text: str) -> str:
    """Text that no spreadsheet runs: what a folder is called stands in a cell of its own. Addresses begin with s3."""
    start = unicodedata.normalize("NFKC", text).lstrip()[:1]
    return f"'{text}" if start in _FORMULA_STARTS or text[:1] in _FORMULA_STARTS else text


def _csv(values: tuple[str, ...]) -> str:
    line = io.StringIO(newline="")
    # Every cell in quotes: a key may hold a carriage return.
    csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(
        [_no_formula(text) for text in values]
    )
    return line.getvalue()
