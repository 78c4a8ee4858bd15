"""How lines of JSON are read, and what a line of a Ground Truth manifest says: SQL expressions over one file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dashboard.domain.label_files import LabelFile
from dashboard.settings.labels import GroundTruthLabels, LabelColumns
from dashboard.warehouse.label_rows import Shape
from dashboard.warehouse.literals import quoted

LINE_BYTES = 4 << 20


def json_lines(file: LabelFile, columns: LabelColumns | None = None) -> Shape:
    """Text lines that should be JSON objects."""
    relation = (
        f"(SELECT line FROM read_csv({quoted(str(file.path))}, header = false, columns = {{'line': 'VARCHAR'}}, "
        "auto_detect = false, delim = chr(1), quote = '', escape = '', store_rejects = true, "
        f"max_line_size = {LINE_BYTES}, buffer_size = {4 * LINE_BYTES}, hive_partitioning = false) "
        "WHERE trim(line) <> '')"
    )
    kind = (
        {name: f"TRY(json_type(line, {_pointer(name)}))" for name in named_columns(columns)}
        if columns
        else {}
    )
    keys = [name for name in (columns.key, columns.uri) if name] if columns else []
    reasons = [
        "WHEN NOT json_valid(line) THEN 'not_json'",
        "WHEN json_type(line) <> 'OBJECT' THEN 'not_an_object'",
        *(f"WHEN {kind[name]} IN ('ARRAY', 'OBJECT') THEN 'wrong_type'" for name in kind),
        *(f"WHEN {kind[name]} NOT IN ('VARCHAR', 'NULL') THEN 'wrong_type'" for name in keys),
    ]
    return Shape(relation=relation, raw="line", reasons=tuple(reasons))


def named_columns(columns: LabelColumns) -> list[str]:
    """The columns a mapping names, each once."""
    single = (columns.uri, columns.bucket, columns.key, columns.version, columns.e_tag, columns.name)
    every = [*single, columns.value, columns.labelled_at, *columns.labels.values()]
    return list(dict.fromkeys(name for name in every if name is not None))


def ground_truth(source: GroundTruthLabels, file: LabelFile) -> Shape:
    """A class by number and name, several classes, or boxes with classes: whichever the job wrote."""
    get, attribute, facts = json_text("line"), source.attribute, f"{source.attribute}-metadata"
    names = f"TRY(json_extract(line, {_pointer(facts)} || '/class-map'))"
    several = (
        f"TRY(list_transform(json_extract(line, {_pointer(attribute)})::JSON[], lambda c: "
        f"json_extract_string({names}, '/' || (c->>'$'))))"
    )
    boxes = (
        f"TRY(list_transform(json_extract(line, {_pointer(attribute)} || '/annotations')::JSON[], lambda c: "
        f"json_extract_string({names}, '/' || (c->>'$.class_id'))))"
    )
    joined = "list_aggregate(list_sort(list_distinct({})), 'string_agg', ', ')"
    kind = f"TRY(json_type(line, {_pointer(attribute)}))"
    value = (
        f"CASE {kind} WHEN 'ARRAY' THEN {joined.format(several)} WHEN 'OBJECT' THEN {joined.format(boxes)} "
        f"ELSE coalesce(TRY(json_extract_string(line, {_pointer(facts)} || '/class-name')), {get(attribute)}) END"
    )
    confidence = f"TRY_CAST(TRY(json_extract_string(line, {_pointer(facts)} || '/confidence')) AS DOUBLE)"
    human = f"TRY(json_extract_string(line, {_pointer(facts)} || '/human-annotated'))"
    failure = f"TRY(json_extract_string(line, {_pointer(facts)} || '/failure-reason'))"
    shape = json_lines(file)
    nameless = "len(list_filter({}, lambda c: c IS NULL)) > 0"
    reasons = [
        *shape.reasons,
        f"WHEN coalesce({failure}, '') <> '' THEN 'labelling_failed'",
        f"WHEN TRY(json_type(line, {_pointer(facts)} || '/class-name')) NOT IN ('VARCHAR', 'NULL') THEN 'wrong_type'",
        f"WHEN {kind} = 'ARRAY' AND {nameless.format(several)} THEN 'class_unknown'",
        f"WHEN {kind} = 'OBJECT' AND {nameless.format(boxes)} THEN 'class_unknown'",
    ]
    if source.min_confidence:
        reasons.append(f"WHEN coalesce({confidence}, 1) < {source.min_confidence} THEN 'low_confidence'")
    if source.human_only:
        reasons.append(f"WHEN coalesce({human}, '') <> 'yes' THEN 'not_by_human'")
    return replace(
        shape,
        uri=get("source-ref"),
        labels=((source.label_name, value),),
        labelled_at=f"TRY(json_extract_string(line, {_pointer(facts)} || '/creation-date'))",
        reasons=tuple(reasons),
    )


def json_text(line: str) -> Callable[[str], str]:
    """The text at a name of the object in a column, NULL if there is none."""
    return lambda name: f"TRY(json_extract_string({line}, {_pointer(name)}))"


def _pointer(name: str) -> str:
    return quoted("/" + name.replace("~", "~0").replace("/", "~1"))
