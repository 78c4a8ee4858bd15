"""COCO files as JSON Lines: streamed, because segmentations make them long."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ijson

from dashboard.domain.label_files import LabelFile, SetAside, sample_of
from dashboard.errors import DashboardError, ExitCode

TITLE = "The labels of a source could not be read; the last good copy stays in use"
SEPARATOR = ", "
"""Stands between the categories of one image."""


def coco_to_lines(file: LabelFile, target: Path) -> tuple[SetAside, ...]:
    """Write one line `{"key", "value"}` for each image that has annotations.

    Returns:
        Annotations that name no image or no category of the file, and images without a file name.

    Raises:
        DashboardError: FILE_DAMAGED (no JSON), SCHEMA_MISMATCH (no COCO).
    """
    with _explained(file):
        categories = {
            item["id"]: item["name"]
            for item in _items(file.path, "categories")
            if _is_id(item.get("id")) and isinstance(item.get("name"), str)
        }
        named: dict[Any, set[str]] = {}
        unknown, samples = 0, ""
        for item in _items(file.path, "annotations"):
            category, image = item.get("category_id"), item.get("image_id")
            if _is_id(image) and _is_id(category) and category in categories:
                named.setdefault(image, set()).add(categories[category])
            else:
                unknown += 1
                samples = samples or _sample(item)
        image_count = nameless = 0
        sample_nameless = ""
        with target.open("wb") as out:
            for item in _items(file.path, "images"):
                image_count += 1
                found = named.pop(item.get("id"), None) if _is_id(item.get("id")) else None
                if not isinstance(item.get("file_name"), str):
                    nameless += 1
                    sample_nameless = sample_nameless or _sample(item)
                elif found:
                    line = {"key": item["file_name"], "value": SEPARATOR.join(sorted(found))}
                    out.write(json.dumps(line).encode() + b"\n")
    if not image_count and not categories:
        raise DashboardError(
            ExitCode.SCHEMA_MISMATCH,
            TITLE,
            cause="It is no COCO file: it has neither images nor categories",
            next_step="Name a file with images, annotations and categories",
            locator=file.locator,
        )
    aside = (
        SetAside("class_unknown", unknown, samples, file.locator),
        SetAside("image_not_listed", len(named), str(next(iter(named), "")), file.locator),
        SetAside("object_missing", nameless, sample_nameless, file.locator),
    )
    return tuple(item for item in aside if item.row_count)


def _items(path: Path, name: str) -> Iterator[dict[str, Any]]:
    with path.open("rb") as stream:
        for item in ijson.items(stream, f"{name}.item", use_float=True):
            if isinstance(item, dict):
                yield item


def _is_id(value: object) -> bool:
    return isinstance(value, (int, str)) and not isinstance(value, bool)


def _sample(item: dict[str, Any]) -> str:
    return sample_of(json.dumps(item, ensure_ascii=False).encode("utf-8", "backslashreplace"))


@contextmanager
def _explained(file: LabelFile) -> Iterator[None]:
    try:
        yield
    except (ijson.JSONError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise DashboardError(
            ExitCode.FILE_DAMAGED,
            TITLE,
            cause="It is not JSON: {problem}",
            next_step="Export the file again",
            locator=file.locator,
            problem=(" ".join(str(error).split()) or type(error).__name__)[:200],
        ) from error
