"""Columns of S3 inventory reports, in the three spellings of `fileSchema`.

Every column but Bucket and Key may be missing, and AWS adds new ones: those keep a name in snake_case and are
carried along.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dashboard.domain.manifest_raw import show
from dashboard.errors import DashboardError, ExitCode

MAX_SCHEMA_CHARACTERS = 65_536

# Canonical name (that of ORC and Parquet reports) -> type. CSV reports name no types.
KNOWN_TYPES: dict[str, str] = {
    "bucket": "string",
    "key": "string",
    "version_id": "string",
    "is_latest": "boolean",
    "is_delete_marker": "boolean",
    "size": "bigint",
    "last_modified_date": "timestamp",
    "e_tag": "string",
    "storage_class": "string",
    "is_multipart_uploaded": "boolean",
    "replication_status": "string",
    "encryption_status": "string",
    "object_lock_retain_until_date": "timestamp",
    "object_lock_mode": "string",
    "object_lock_legal_hold_status": "string",
    "intelligent_tiering_access_tier": "string",
    "bucket_key_status": "string",
    "checksum_algorithm": "string",
    "object_access_control_list": "string",
    "object_owner": "string",
    "lifecycle_expiration_date": "timestamp",
}
REQUIRED = ("bucket", "key")

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,127}")
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_ORC = re.compile(r"\s*struct\s*<(.*)>\s*", re.DOTALL)
_ORC_FIELD = re.compile(r"\s*([^\s:]+)\s*:\s*([A-Za-z]+(?:\s*\([0-9, ]+\))?)\s*")
_PARQUET = re.compile(r"\s*message\s+[^\s{]+\s*\{(.*)\}\s*", re.DOTALL)
_PARQUET_FIELD = re.compile(
    r"\s*(?:required|optional)\s+([a-z0-9_]+(?:\([0-9]+\))?)\s+([^\s(=]+)\s*"
    r"(?:\(\s*([A-Za-z0-9_]+)\s*(?:\([^()]*\))?\s*\))?\s*(?:=\s*[0-9]+\s*)?"
)
_ORC_TYPES = {
    "string": "string",
    "varchar": "string",
    "char": "string",
    "boolean": "boolean",
    "bigint": "bigint",
    "timestamp": "timestamp",
}


@dataclass(frozen=True)
class Column:
    """One column of a report.

    Attributes:
        name: canonical name in snake_case.
        type: string, boolean, bigint or timestamp; of a column not known yet, what the report calls it.
        source_name: its name in the report's own files.
    """

    name: str
    type: str
    source_name: str = ""

    @property
    def is_known(self) -> bool:
        """Whether this is a column that the dashboard knows the meaning of."""
        return self.name in KNOWN_TYPES


def snake_case(name: str) -> str:
    """`ETag` -> `e_tag`, `IsMultipartUploaded` -> `is_multipart_uploaded`; snake_case stays as it is."""
    return _WORD_START.sub("_", name).lower()


def parse_schema(file_format: str, schema: str, where: str = "") -> tuple[Column, ...]:
    """The columns of a report, in the order in which a CSV row has them.

    Args:
        file_format: CSV, ORC or Parquet.
        schema: `fileSchema` of the manifest.
        where: locator for the error.

    Raises:
        DashboardError: SCHEMA_MISMATCH if the schema cannot be read, names a column twice, lacks Bucket or
            Key, or gives a known column another type.
    """
    if len(schema) > MAX_SCHEMA_CHARACTERS:
        raise _mismatch(where, "The schema is longer than {limit} characters", limit=MAX_SCHEMA_CHARACTERS)
    fields = {"CSV": _csv_fields, "ORC": _orc_fields, "Parquet": _parquet_fields}[file_format](schema, where)
    columns: dict[str, Column] = {}
    for source_name, declared in fields:
        if not _NAME.fullmatch(source_name):
            raise _mismatch(where, "{name!r} cannot be a column", name=show(source_name))
        name = snake_case(source_name)
        known = KNOWN_TYPES.get(name)
        if name in columns:
            raise _mismatch(where, "The column {name!r} is given twice", name=name)
        if known and declared and declared != known:
            raise _mismatch(
                where, "The column {name!r} is {found}, not {known}", name=name, found=declared, known=known
            )
        columns[name] = Column(name, known or declared or "string", source_name)
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise _mismatch(where, "The report has no column {names}", names=", ".join(missing))
    return tuple(columns.values())


def _csv_fields(schema: str, where: str) -> list[tuple[str, str]]:
    return [(name.strip(), "") for name in schema.split(",")]


def _orc_fields(schema: str, where: str) -> list[tuple[str, str]]:
    body = _ORC.fullmatch(schema)
    if not body:
        raise _mismatch(where, "The schema of an ORC report must be struct<…>")
    fields = []
    # A comma inside decimal(10,2) parts no columns.
    for text in re.split(r",(?![^()]*\))", body.group(1)):
        field = _ORC_FIELD.fullmatch(text)
        if not field:
            raise _mismatch(where, "{text!r} is no column of an ORC report", text=show(text.strip()))
        declared = field.group(2).lower()
        fields.append((field.group(1), _ORC_TYPES.get(declared.partition("(")[0].strip(), declared)))
    return fields


def _parquet_fields(schema: str, where: str) -> list[tuple[str, str]]:
    body = _PARQUET.fullmatch(schema)
    if not body:
        raise _mismatch(where, "The schema of a Parquet report must be message … {{…}}")
    *texts, rest = body.group(1).split(";")
    if rest.strip():
        raise _mismatch(where, "The schema is cut off at {text!r}", text=show(rest.strip()))
    fields = []
    for text in texts:
        field = _PARQUET_FIELD.fullmatch(text)
        if not field:
            raise _mismatch(where, "{text!r} is no column of a Parquet report", text=show(text.strip()))
        fields.append((field.group(2), _parquet_type(field.group(1), (field.group(3) or "").upper())))
    return fields


def _parquet_type(physical: str, logical: str) -> str:
    if logical.startswith("TIMESTAMP") and physical == "int64":
        return "timestamp"
    if physical == "binary" and logical in {"UTF8", "STRING"}:
        return "string"
    if physical == "int64" and logical in {"", "INT_64", "INTEGER"}:
        return "bigint"
    if physical == "boolean" and not logical:
        return "boolean"
    return f"{physical} {logical}".strip().lower()


def _mismatch(where: str, cause: str, **args: object) -> DashboardError:
    return DashboardError(
        ExitCode.SCHEMA_MISMATCH,
        "A report is not loaded: its columns are not those of an inventory report",
        cause=cause,
        next_step="Compare fileSchema in the manifest with the inventory configuration of the bucket",
        locator=where,
        **args,
    )
