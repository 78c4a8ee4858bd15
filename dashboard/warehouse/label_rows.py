"""The common shape of label rows: what a source's file becomes before anything else is asked of it.

Columns: source_bucket, key, version_id, e_tag, name ('' where a row carries all labels of its object), tags,
labelled_at, reason (NULL: the row can be believed), raw (the beginning of a row that cannot), file_name.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.domain.label_files import SAMPLE_CHARACTERS, LabelFile
from dashboard.warehouse.literals import quoted

TITLE = "The labels of a source could not be read; the last good copy stays in use"
MAX_NAME, MAX_VALUE, MAX_KEY_BYTES = 128, 1024, 1024


@dataclass(frozen=True)
class Shape:
    """SQL expressions over one file's relation; '' where the source says nothing."""

    relation: str
    raw: str
    uri: str = ""
    bucket: str = ""
    key: str = ""
    version: str = ""
    e_tag: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    name: str = ""
    value: str = ""
    tags: str = ""
    labelled_at: str = ""
    reasons: tuple[str, ...] = ()
    keeps_empty: bool = False


def select(shape: Shape, file: LabelFile) -> str:
    """The SELECT that brings a file to the common shape."""
    tags = shape.tags or _tags(shape)
    uri = f"coalesce({shape.uri}, '')" if shape.uri else "''"
    bucket = f"regexp_extract({uri}, '^s3://([^/]+)/', 1)" if shape.uri else shape.bucket or "''"
    key = f"substr({uri}, length({bucket}) + 7)" if shape.uri else shape.key
    moment = (
        f"make_timestamp(epoch_us(TRY_CAST({shape.labelled_at} AS TIMESTAMPTZ)))" if shape.labelled_at else ""
    )
    checks = list(shape.reasons)
    if shape.uri:
        checks.append(f"WHEN {uri} <> '' AND NOT regexp_matches({uri}, '^s3://[^/]+/') THEN 'uri_invalid'")
    checks += [
        "WHEN coalesce(key, '') = '' OR source_bucket = '' THEN 'object_missing'",
        f"WHEN strlen(key) > {MAX_KEY_BYTES} THEN 'key_too_long'",
    ]
    if shape.labelled_at:
        checks.append(
            f"WHEN coalesce({shape.labelled_at}, '') <> '' AND labelled_at IS NULL THEN 'labelled_at_invalid'"
        )
    checks.append(
        f"WHEN len(list_filter(map_entries(tags), lambda e: length(e.value) > {MAX_VALUE} "
        f"OR length(e.key) > {MAX_NAME})) > 0 THEN 'value_too_long'"
    )
    if not shape.keeps_empty:
        checks.append("WHEN cardinality(tags) = 0 THEN 'no_value'")
    return (
        f"SELECT {bucket} AS source_bucket, {key} AS key, "
        f"coalesce({shape.version or 'NULL'}, '')::VARCHAR AS version_id, "
        f"trim(coalesce({shape.e_tag or 'NULL'}, '')::VARCHAR, '\"') AS e_tag, "
        f"{f'coalesce({shape.name}, chr(0))' if shape.name else quoted('')} AS name, {tags} AS tags, "
        f"{moment or 'NULL::TIMESTAMP'} AS labelled_at, "
        f"CASE {' '.join(checks)} END AS reason, "
        f"CASE WHEN reason IS NOT NULL THEN left({shape.raw}, {SAMPLE_CHARACTERS}) END AS raw, "
        f"{quoted(file.locator)} AS file_name FROM {shape.relation}"
    )


def _tags(shape: Shape) -> str:
    pairs = [f"{{'key': {quoted(name)}, 'value': {value}}}" for name, value in sorted(shape.labels)]
    if shape.name:
        pairs = [f"{{'key': coalesce({shape.name}, ''), 'value': {shape.value}}}"]
    return (
        f"map_from_entries(list_filter([{', '.join(pairs)}], "
        "lambda e: coalesce(e.value, '') <> '' AND e.key <> ''))"
    )
