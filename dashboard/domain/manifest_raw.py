"""Inventory manifests as they are written: JSON taken apart, nothing in it believed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from dashboard.errors import DashboardError, ExitCode

MAX_FILES = 100_000
MAX_FILE_BYTES = 2**46
"""64 TiB, above the largest object that S3 can hold."""


@dataclass(frozen=True)
class ManifestFile:
    """One data file of a report: key in the destination bucket, bytes as they lie in S3, MD5 in hex."""

    key: str
    size_bytes: int
    md5: str


@dataclass(frozen=True)
class RawManifest:
    """What a manifest says, in the right types but not believed."""

    source_bucket: str
    destination_bucket: str
    version: str
    created_ms: str
    format: str
    schema: str
    files: tuple[ManifestFile, ...]


def read_raw(raw: bytes, where: str) -> RawManifest:
    """Take a manifest's JSON apart without believing it.

    Raises:
        DashboardError: MANIFEST_INVALID.
    """
    if raw.startswith(b"\xef\xbb\xbf"):
        raise invalid(where, "The manifest begins with a byte order mark, which S3 never writes")
    try:
        data = json.loads(raw.decode("utf-8"), object_pairs_hook=_no_name_twice, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        problem = "too deeply nested" if isinstance(error, RecursionError) else error
        raise invalid(
            where, "The manifest is cut off, or no valid JSON: {problem}", problem=problem
        ) from None
    if not isinstance(data, dict):
        raise invalid(where, "The manifest is no JSON object")
    files = data.get("files")
    if not isinstance(files, list) or len(files) > MAX_FILES:
        raise invalid(where, "In the manifest, files must be a list of at most {limit}", limit=MAX_FILES)
    return RawManifest(
        source_bucket=_text(data, "sourceBucket", where),
        destination_bucket=_text(data, "destinationBucket", where),
        version=_text(data, "version", where),
        created_ms=_text(data, "creationTimestamp", where),
        format=_text(data, "fileFormat", where),
        schema=_text(data, "fileSchema", where),
        files=tuple(_file(item, where) for item in files),
    )


def invalid(where: str, cause: str, **args: Any) -> DashboardError:
    """The fault of a manifest that cannot be used; `cause` is a template."""
    return DashboardError(
        ExitCode.MANIFEST_INVALID,
        "A report is not loaded: its manifest is not valid",
        cause=cause,
        next_step="Wait for the next report, or look at the file; the report before it stays in use",
        locator=where,
        **args,
    )


def show(text: str) -> str:
    """Hostile text cut to a length that an error can carry, without halves of surrogate pairs."""
    return text[:200].encode("utf-8", "backslashreplace").decode("utf-8")


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise ValueError("a name is given twice in one object")
    return data


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON number")


def _text(data: dict[str, Any], name: str, where: str) -> str:
    value = data.get(name)
    if not isinstance(value, str):
        raise invalid(where, "In the manifest, {name} is missing or no text", name=name)
    return value


def _file(item: Any, where: str) -> ManifestFile:
    if not isinstance(item, dict):
        raise invalid(where, "An entry of files is no JSON object")
    size = item.get("size")
    if type(size) is not int or not 0 <= size <= MAX_FILE_BYTES:
        raise invalid(where, "The size of a file is missing, or no number of bytes")
    return ManifestFile(_text(item, "key", where), size, _text(item, "MD5checksum", where))
