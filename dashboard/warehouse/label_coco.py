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
from dashboard.warehouse.label_rows import TITLE

MOST_DEPTH = 100
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
SEPARATOR = ", "
"""Stands between the categories of one image."""


def coco_to_lines(file: LabelFile, target: Path) -> tuple[SetAside, ...]:
    """Write one line `{"key", "value"}` for each image that has annotations.

    Returns:
        Annotations that name no image or no category of the file, images without a file name or with the id of
        another one, and what is no JSON object where one should be.

    Raises:
        DashboardError: FILE_DAMAGED (no JSON), SCHEMA_MISMATCH (no COCO).
    """
    aside = _Aside(file.locator)
    _refuse_depth(file)
    with _explained(file):
        categories = {
            item["id"]: item["name"]
            for item in _items(file.path, "categories", aside)
            if _is_id(item.get("id")) and isinstance(item.get("name"), str)
        }
        named: dict[Any, set[str]] = {}
        for item in _items(file.path, "annotations", aside):
            category, image = item.get("category_id"), item.get("image_id")
            if _is_id(image) and _is_id(category) and category in categories:
                named.setdefault(image, set()).add(categories[category])
            else:
                aside.add("class_unknown", item)
        image_count = 0
        listed: set[Any] = set()
        with target.open("wb") as out:
            for item in _items(file.path, "images", aside):
                image_count += 1
                image = item.get("id")
                found = named.get(image) if _is_id(image) else None
                if not isinstance(item.get("file_name"), str):
                    aside.add("object_missing", item)
                elif found and image in listed:
                    aside.add("contradicts_itself", item)
                elif found:
                    line = {"key": item["file_name"], "value": SEPARATOR.join(sorted(found))}
                    out.write(json.dumps(line).encode() + b"\n")
                if found:
                    listed.add(image)
        for image in named.keys() - listed:
            aside.add("image_not_listed", image)
    if not image_count and not categories:
        raise DashboardError(
            ExitCode.SCHEMA_MISMATCH,
            TITLE,
            cause="It is no COCO file: it has neither images nor categories",
            next_step="Name a file with images, annotations and categories",
            locator=file.locator,
        )
    return aside.items()


def _refuse_depth(file: LabelFile) -> None:
    """Refuse a file of brackets within brackets: ijson keeps the path of each, 20 GB for a file of 200 KB.

    Raises:
        DashboardError: FILE_DAMAGED.
    """
    depth, in_text, rest = 0, False, b""
    with file.path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            plain = (rest + chunk).replace(rb"\\", b"").replace(rb"\"", b"")
            rest = b"\\" if plain.endswith(b"\\") else b""
            parts = plain.removesuffix(rest).split(b'"')
            for bracket in b"".join(parts[in_text::2]).translate(None, _NO_BRACKETS):
                depth += 1 if bracket in b"[{" else -1
                if depth > MOST_DEPTH:
                    raise DashboardError(
                        ExitCode.FILE_DAMAGED,
                        TITLE,
                        cause="Its values are nested more than {count} deep, which no COCO file needs",
                        next_step="Export the file again",
                        locator=file.locator,
                        count=MOST_DEPTH,
                    )
            in_text ^= len(parts) % 2 == 0


class _Aside:
    """Counts what is kept out of one file, by reason, with the first of each."""

    def __init__(self, file_name: str) -> None:
        self._file_name = file_name
        self._found: dict[str, tuple[int, str]] = {}

    def add(self, reason: str, item: object) -> None:
        count, sample = self._found.get(reason, (0, ""))
        self._found[reason] = count + 1, sample or _sample(item)

    def items(self) -> tuple[SetAside, ...]:
        return tuple(
            SetAside(reason, count, sample, self._file_name)
            for reason, (count, sample) in self._found.items()
        )


def _items(path: Path, name: str, aside: _Aside) -> Iterator[dict[str, Any]]:
    with path.open("rb") as stream:
        for item in ijson.items(stream, f"{name}.item", use_float=True):
            if isinstance(item, dict):
                yield item
            else:
                aside.add("not_an_object", item)


def _is_id(value: object) -> bool:
    return isinstance(value, (int, str)) and not isinstance(value, bool)


def _sample(item: object) -> str:
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
