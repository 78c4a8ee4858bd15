"""Every kind of label source through whole syncs, with good files and hostile ones. All labels are invented."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dashboard.aws.label_segments import note_change
from dashboard.errors import ExitCode
from tests.sync.world import KEY, NOW, SOURCE, World, goods

KEYS = [KEY.format(number % 60, number) for number in range(8)]


def table(world: World, name: str, **changes: Any) -> dict[str, Any]:
    columns = {"key": "key", "labels": {"stain": "stain"}}
    location = f"s3://{world.bucket}/labels/{name}"
    return {"kind": "table", "id": "table", "location": location, "columns": columns, **changes}


def with_sources(world: World, *sources: dict[str, Any], **labels: Any) -> World:
    world.put(goods(8))
    world.changes["labels"] = {"required": ["stain"], "source": list(sources), **labels}
    return world


def put(world: World, name: str, body: bytes | str) -> None:
    data = body.encode() if isinstance(body, str) else body
    world.s3.put_object(Bucket=world.bucket, Key=f"labels/{name}", Body=data)


def tags(world: World) -> dict[str, dict[str, str]]:
    return dict(world.rows("SELECT key, tags FROM facts.labels"))


def aside(world: World) -> dict[str, int]:
    return dict(world.rows("SELECT reason, sum(row_count)::INT FROM marts.label_set_aside GROUP BY ALL"))


def coverage(world: World) -> tuple[int, int, int]:
    (row,) = world.rows(
        "SELECT sum(labelled_count)::INT, sum(unlabelled_count)::INT, sum(unread_count)::INT FROM marts.label_coverage"
    )
    return row


CSV = "key,stain\n" + "".join(f"{key},gram\n" for key in KEYS[:3])


def parquet(path: Path) -> bytes:
    pq.write_table(pa.table({"key": KEYS[:3], "stain": ["gram"] * 3, "n": [1, 2, 3]}), path)
    return path.read_bytes()


@pytest.mark.parametrize("form", ["a.csv", "a.csv.gz", "a.jsonl", "a.parquet", "folder/"])
def test_a_table_in_every_form(world: World, tmp_path: Path, form: str) -> None:
    lines = "".join(json.dumps({"key": key, "stain": "gram"}) + "\n" for key in KEYS[:3])
    bodies: dict[str, bytes] = {
        "a.csv": CSV.encode("utf-8-sig"), "a.csv.gz": gzip.compress(CSV.encode()), "a.jsonl": lines.encode(),
        "a.parquet": parquet(tmp_path / "x.parquet"),
    }  # fmt: skip
    if form == "folder/":
        put(world, "folder/1.csv", CSV)
        put(world, "folder/2.jsonl", json.dumps({"key": KEYS[3], "stain": "none"}))
        put(world, "folder/_SUCCESS", "")
    else:
        put(world, form, bodies[form])
    with_sources(world, table(world, form)).synced()
    expected = {key: {"stain": "gram"} for key in KEYS[:3]}
    if form == "folder/":
        expected[KEYS[3]] = {"stain": "none"}
    assert tags(world) == expected
    assert coverage(world) == (len(expected), 8 - len(expected), 0)
    assert aside(world) == {}
    (row,) = world.rows(
        "SELECT row_count, label_count, request_count > 1, cost_usd > 0 FROM marts.label_sources"
    )
    assert row == (len(expected), len(expected), True, True)


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_files_of_other_systems(world: World, end: str) -> None:
    """The last line has no end, which is how most programs leave it."""
    put(world, "folder/1.jsonl", end.join(json.dumps({"key": key, "stain": "gram"}) for key in KEYS[:3]))
    if end != "\r":
        put(world, "folder/2.csv", end.join(["key,stain", *(f"{key},gram" for key in KEYS[3:5])]))
    with_sources(world, table(world, "folder/")).synced()
    assert coverage(world)[0] == (3 if end == "\r" else 5)
    assert aside(world) == {}


def test_an_unchanged_file_is_not_fetched_again(world: World) -> None:
    put(world, "a.csv", CSV)
    with_sources(world, table(world, "a.csv")).synced()
    again = world.synced()
    assert not again.is_published
    assert "Nothing new since the last sync" in map(str, again.notes)
    put(world, "a.csv", CSV.replace("gram", "none"))
    assert world.synced().is_published
    assert tags(world)[KEYS[0]] == {"stain": "none"}
    # The snapshot before it still reads its own labels.
    first = world.rows("SELECT DISTINCT tags['stain'] FROM facts.labels", "000001")
    assert first == [("gram",)]
    assert len(list((world.warehouse / "labels" / "table").glob("labels-*.parquet"))) == 2


def test_names_and_values_in_rows_and_the_newest_counts(world: World) -> None:
    rows = [
        (KEYS[0], "stain", "gram", "2026-11-01"), (KEYS[0], "stain", "none", "2026-11-02"),
        (KEYS[0], "organ", "lung", "2026-11-01"), (KEYS[1], "stain", "gram", ""), (KEYS[1], "stain", "gram", ""),
        (KEYS[2], "stain", "", ""), (KEYS[3], "stain", "x", "not a time"),
    ]  # fmt: skip
    put(world, "a.csv", "k,n,v,t\n" + "".join(",".join(row) + "\n" for row in rows))
    columns = {"key": "k", "name": "n", "value": "v", "labelled_at": "t"}
    with_sources(world, table(world, "a.csv", columns=columns)).synced()
    assert tags(world) == {KEYS[0]: {"organ": "lung", "stain": "none"}, KEYS[1]: {"stain": "gram"}}
    assert aside(world) == {"duplicate_row": 1, "contradicts_itself": 1, "labelled_at_invalid": 1}
    (row,) = world.rows(
        "SELECT row_count, label_count, no_value_count, set_aside_count FROM marts.label_sources"
    )
    assert row == (7, 2, 1, 3)


def test_a_ground_truth_manifest(world: World) -> None:
    def line(number: int, value: object, **facts: object) -> str:
        meta = {
            "human-annotated": "yes",
            "creation-date": "2026-11-01T01:02:03.45",
            "confidence": 0.9,
            **facts,
        }
        return json.dumps({"source-ref": f"s3://{SOURCE}/{KEYS[number]}", "job": value, "job-metadata": meta})

    classes = {"0": "gram", "1": "none"}
    boxes = {"annotations": [{"class_id": 1}, {"class_id": 1}], "image_size": [{"width": 1}]}
    lines = [
        line(0, 0, **{"class-name": "gram"}), line(1, [1, 0], **{"class-map": classes}),
        line(2, boxes, **{"class-map": classes}), line(3, 0, **{"class-name": "gram", "confidence": 0.2}),
        line(6, [0, 7], **{"class-map": classes}),
        line(7, {"annotations": [{"class_id": 9}]}, **{"class-map": classes}),
        line(7, 0, **{"class-name": ["gram"]}),
        line(4, 0, **{"class-name": "gram", "human-annotated": "no"}), line(5, 0, **{"failure-reason": "<b>bad</b>"}),
        json.dumps({"source-ref": "http://elsewhere/x", "job": 0, "job-metadata": {"human-annotated": "yes"}}),
        json.dumps({"source-ref": f"s3://{SOURCE}/{KEYS[6]}"}), "{", "[]",
    ]  # fmt: skip
    put(world, "output.manifest", "\n".join(lines))
    source = {
        "kind": "ground_truth", "id": "job", "location": f"s3://{world.bucket}/labels/output.manifest",
        "attribute": "job", "name": "stain", "min_confidence": 0.5, "human_only": True,
    }  # fmt: skip
    with_sources(world, source, allowed={"stain": ["gram", "none"]}).synced()
    assert tags(world) == {
        KEYS[0]: {"stain": "gram"}, KEYS[1]: {"stain": "gram, none"}, KEYS[2]: {"stain": "none"}
    }  # fmt: skip
    found = aside(world)
    assert found.pop("not_by_human") == 2
    assert found == {
        "low_confidence": 1, "labelling_failed": 1, "uri_invalid": 1, "not_json": 1, "not_an_object": 1,
        "class_unknown": 2, "wrong_type": 1,
    }  # fmt: skip
    assert coverage(world)[0] == 3


def test_a_coco_file(world: World) -> None:
    data = {
        "info": {"description": "synthetic"},
        "images": [{"id": n, "file_name": KEYS[n].removeprefix("ipad/")} for n in range(3)]
        + [{"id": 9}, {"id": 1, "file_name": "other.jpg"}],
        "annotations": [
            "no annotation",
            {"image_id": 0, "category_id": 2, "segmentation": [[1.5, 2, 3, 4]]}, {"image_id": 0, "category_id": 1},
            {"image_id": 1, "category_id": 2}, {"image_id": 77, "category_id": 2}, {"image_id": 1, "category_id": 5},
        ],
        "categories": [{"id": 1, "name": "lens"}, {"id": 2, "name": "cornea"}],
    }  # fmt: skip
    put(world, "c.json", json.dumps(data))
    source = {
        "kind": "coco", "id": "coco", "location": f"s3://{world.bucket}/labels/c.json", "key_prefix": "ipad/",
        "name": "stain",
    }  # fmt: skip
    with_sources(world, source).synced()
    assert tags(world) == {KEYS[0]: {"stain": "cornea, lens"}, KEYS[1]: {"stain": "cornea"}}
    assert aside(world) == {
        "class_unknown": 1, "image_not_listed": 1, "object_missing": 1, "contradicts_itself": 1, "not_an_object": 1,
    }  # fmt: skip


def test_a_dynamodb_table(world: World, endpoint: str) -> None:
    dynamodb: Any = boto3.client(
        "dynamodb",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
    )
    name = f"labels-{world.bucket}"
    dynamodb.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "file", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "file", "AttributeType": "S"}],
    )  # fmt: skip
    for number, value in enumerate(
        [{"S": "gram"}, {"N": "3"}, {"BOOL": True}, {"SS": ["a"]}, {"NULL": True}]
    ):
        dynamodb.put_item(
            TableName=name, Item={"file": {"S": KEYS[number]}, "stain": value, "more": {"S": "x"}}
        )
    source = {
        "kind": "dynamodb", "id": "dynamo", "table": name, "segments": 3, "usd_per_million_requests": "0.15",
        "columns": {"key": "file", "labels": {"stain": "stain"}},
    }  # fmt: skip
    with_sources(world, source).synced()
    assert tags(world) == {KEYS[0]: {"stain": "gram"}, KEYS[1]: {"stain": "3"}, KEYS[2]: {"stain": "true"}}
    assert aside(world) == {"wrong_type": 1}
    assert not world.synced(now=NOW + timedelta(hours=5)).is_published
    dynamodb.delete_table(TableName=name)
    outcome = world.sync(now=NOW + timedelta(hours=7))
    assert [fault.locator for fault in outcome.faults] == [f"dynamodb://{name}"]
    assert len(tags(world)) == 3, "the last good copy stays in use"
    assert world.rows("SELECT is_complete, fault <> '' FROM marts.label_sources") == [(False, True)]


@pytest.mark.parametrize(
    ("hours", "change"),
    [(7, {}), (2, {"max_read_units_per_run": 1000}), (2, {"table": "another"})],
    ids=["due again", "larger budget", "other table"],
)
def test_a_dynamodb_budget_is_kept(world: World, endpoint: str, hours: int, change: dict[str, Any]) -> None:
    dynamodb: Any = boto3.client(
        "dynamodb",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
    )
    name = f"budget-{world.bucket}"
    dynamodb.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "file", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "file", "AttributeType": "S"}],
    )  # fmt: skip
    source = {
        "kind": "dynamodb", "id": "dynamo", "table": name, "segments": 4, "max_read_units_per_run": 1,
        "usd_per_million_requests": "0.15", "columns": {"key": "file", "labels": {"stain": "stain"}},
    }  # fmt: skip
    outcome = with_sources(world, source).sync()
    assert outcome.is_published
    assert outcome.exit_code is ExitCode.TOO_LARGE
    assert coverage(world) == (0, 0, 8), "a source that was never read says nothing of any image"
    ((used, cost),) = world.rows("SELECT request_count, cost_usd FROM marts.label_sources")
    assert used >= 2, "what was read before the budget ended it is paid for"
    assert cost == used * Decimal("0.15") / 1_000_000
    # To ask again would cost as much for nothing, until the next scan is due, may cost more, or is another one.
    dynamodb.delete_table(TableName=name)
    assert world.sync(now=NOW + timedelta(hours=1)).exit_code is ExitCode.TOO_LARGE
    source.update(change)
    assert world.sync(now=NOW + timedelta(hours=hours)).exit_code is ExitCode.FILE_MISSING


def test_the_inventory_table_of_s3_metadata(world: World, tmp_path: Path) -> None:
    from pyiceberg.catalog.sql import SqlCatalog

    properties = {
        "type": "sql", "uri": f"sqlite:///{tmp_path}/catalog.db", "warehouse": f"file://{tmp_path}/iceberg"
    }  # fmt: skip
    (tmp_path / "iceberg").mkdir()
    catalog = SqlCatalog("local", **properties)
    catalog.create_namespace("b_clinic")
    schema = pa.schema([
        ("bucket", pa.string()), ("key", pa.string()), ("sequence_number", pa.string()), ("version_id", pa.string()),
        ("is_delete_marker", pa.bool_()), ("e_tag", pa.string()), ("object_tags", pa.map_(pa.string(), pa.string())),
    ])  # fmt: skip
    inventory = catalog.create_table("b_clinic.inventory", schema)
    columns = ["bucket", "key", "sequence_number", "version_id", "is_delete_marker", "e_tag", "object_tags"]

    def rows(*given: tuple[Any, ...]) -> pa.Table:
        return pa.Table.from_pylist([dict(zip(columns, item, strict=True)) for item in given], schema=schema)

    inventory.append(
        rows(
            (SOURCE, KEYS[0], "01", None, False, None, [("stain", "old")]),
            (SOURCE, KEYS[0], "02", None, False, None, [("stain", "gram"), ("organ", "lung")]),
            (SOURCE, KEYS[1], "01", None, False, None, []),
            (SOURCE, KEYS[2], "01", None, False, None, None),
            (SOURCE, KEYS[3], "01", None, True, None, [("stain", "gram")]),
            (SOURCE, "ipad/gone.heic", "01", None, False, None, [("stain", "gram")]),
        )
    )
    source = {
        "kind": "s3_metadata",
        "id": "meta",
        "table": "b_clinic.inventory",
        "catalog": {**properties, "name": "local"},
    }
    with_sources(world, source).synced()
    assert tags(world) == {KEYS[0]: {"organ": "lung", "stain": "gram"}, KEYS[1]: {}}
    assert coverage(world) == (1, 1, 6)
    assert world.rows("SELECT orphan_count FROM marts.label_sources") == [(0,)]
    assert not world.synced().is_published
    inventory.append(rows((SOURCE, KEYS[2], "01", None, False, None, [("stain", "none")])))
    assert world.synced().is_published
    assert coverage(world) == (2, 1, 5)
    catalog.drop_table("b_clinic.inventory")
    outcome = world.sync()
    assert [fault.code for fault in outcome.faults] == [ExitCode.FILE_MISSING]
    assert coverage(world) == (2, 1, 5)


BAD = ExitCode.SCHEMA_MISMATCH
HOSTILE: dict[str, tuple[bytes, dict[str, int], int, ExitCode]] = {
    "formulas and markup": (
        f'key,stain\n{KEYS[0]},"=HYPERLINK(""http://x"")"\n{KEYS[1]},<script>\n{KEYS[2]},\u202egnp\n'.encode(),
        {}, 3, ExitCode.OK,
    ),
    "invalid UTF-8": (
        f"key,stain\n{KEYS[0]},gram\n".encode() + b"ipad/\xff\xfe,x\n", {"not_utf8": 1}, 1,
        ExitCode.OK,
    ),
    "columns": (
        f"key,stain\n{KEYS[0]},a,b\n{KEYS[1]}\n{KEYS[2]},x\n".encode(), {"wrong_column_count": 2}, 1, ExitCode.OK,
    ),
    "no key": (f"key,stain\n,gram\n{KEYS[2]},x\n".encode(), {"object_missing": 1}, 1, ExitCode.OK),
    "a long line": (
        b"key,stain\n" + b"x" * 5_000_000 + f",y\n{KEYS[2]},x\n".encode(), {"line_too_long": 1}, 1, ExitCode.OK,
    ),
    "a long key": (f"key,stain\n{'k' * 1025},x\n{KEYS[2]},x\n".encode(), {"key_too_long": 1}, 1, ExitCode.OK),
    "a long value": (f"key,stain\n{KEYS[1]},{'v' * 1025}\n".encode(), {"value_too_long": 1}, 0, ExitCode.OK),
    "a quotation mark too many": (
        f'key,stain\n{KEYS[0]},"a"b"\n{KEYS[2]},x\n'.encode(), {"quote_open": 1}, 1, ExitCode.OK,
    ),
    "a quotation mark that swallows lines": (
        f'key,stain\n{KEYS[0]},"gram\n{KEYS[1]},x\n{KEYS[2]},x\n'.encode(), {}, 0, ExitCode.FILE_DAMAGED,
    ),
    "another encoding": ("key,stain,名前\na,b,c\n".encode("cp932"), {}, 0, BAD),
    "nothing": (b"", {}, 0, BAD),
    "other columns": (b"image,diagnosis\na,b\n", {}, 0, BAD),
    "columns twice": (b"key,stain,stain\na,b,c\n", {}, 0, BAD),
    "lines that end in several ways": (f"key,stain\n{KEYS[0]},x\r\n{KEYS[1]},y\r".encode(), {}, 0, BAD),
    "no text at all": (bytes(range(256)) * 50, {}, 0, BAD),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_table_is_counted_or_refused(world: World, name: str) -> None:
    body, reasons, labelled, code = HOSTILE[name]
    put(world, "a.csv", body)
    outcome = with_sources(world, table(world, "a.csv")).sync()
    assert outcome.is_published
    assert outcome.exit_code is code, [str(fault) for fault in outcome.faults]
    assert aside(world) == reasons
    assert coverage(world)[0] == labelled
    assert sum(coverage(world)) == 8


def test_bombs_and_files_beyond_the_cap_leave_the_last_good_copy(world: World) -> None:
    put(world, "a.csv.gz", gzip.compress(CSV.encode()))
    source = table(world, "a.csv.gz", max_bytes=60_000_000)
    with_sources(world, source).synced()
    for body, code in (
        (gzip.compress(b"\0" * 50_000_000), ExitCode.TOO_LARGE),
        (gzip.compress(CSV.encode())[:-6], ExitCode.GZIP_DAMAGED),
        (b"no gzip", ExitCode.GZIP_DAMAGED),
    ):
        put(world, "a.csv.gz", body)
        outcome = world.sync()
        assert [fault.code for fault in outcome.faults] == [code]
        assert "last good copy" in outcome.faults[0].title
        assert coverage(world) == (3, 5, 0)
    source["max_bytes"] = 3
    assert world.sync().exit_code is ExitCode.TOO_LARGE
    source["max_bytes"] = 60_000_000
    put(world, "a.csv.gz", gzip.compress(CSV.encode()))
    world.synced()
    assert world.rows("SELECT fault FROM marts.label_sources") == [("",)]


@pytest.mark.parametrize(
    "body", [b"not json", b"{", b"[]", b'{"a": 1}', b"\xff\xfe", b'{"images": [{"id": 1']
)
def test_a_coco_file_that_is_none_is_refused(world: World, body: bytes) -> None:
    put(world, "c.json", body)
    source = {"kind": "coco", "id": "coco", "location": f"s3://{world.bucket}/labels/c.json"}
    outcome = with_sources(world, source).sync()
    assert outcome.is_published
    assert outcome.faults[0].code in {ExitCode.FILE_DAMAGED, ExitCode.SCHEMA_MISMATCH}


@pytest.mark.parametrize("column", ["numbers", "lists", "no parquet"])
def test_a_parquet_file_of_other_types_is_refused(world: World, tmp_path: Path, column: str) -> None:
    keys: list[Any] = [1, 2] if column == "numbers" else KEYS[:2]
    pq.write_table(pa.table({"key": keys, "stain": [["a"], ["b"]]}), tmp_path / "x.parquet")
    put(world, "a.parquet", b"PAR1" if column == "no parquet" else (tmp_path / "x.parquet").read_bytes())
    outcome = with_sources(world, table(world, "a.parquet")).sync()
    assert outcome.is_published
    assert outcome.faults[0].code in {ExitCode.SCHEMA_MISMATCH, ExitCode.FILE_DAMAGED}


def test_what_gives_no_label_at_all_is_told(world: World, endpoint: str) -> None:
    """A misspelt attribute is no error of any single row; a table that is not there is one of the source."""
    put(
        world,
        "job.manifest",
        "".join(json.dumps({"source-ref": f"s3://{SOURCE}/{key}"}) + "\n" for key in KEYS),
    )
    location = f"s3://{world.bucket}/labels/job.manifest"
    job = {"kind": "ground_truth", "id": "job", "location": location, "attribute": "stian"}
    columns = {"key": "file", "labels": {"stain": "stain"}}
    missing = {"kind": "dynamodb", "id": "uploads", "table": "no-such-table", "columns": columns}
    outcome = with_sources(world, job, missing).sync()
    assert "Label source job: its 8 rows give no label" in "\n".join(map(str, outcome.notes))
    assert [(fault.code, fault.locator) for fault in outcome.faults] == [
        (ExitCode.FILE_MISSING, "dynamodb://no-such-table")
    ]
    assert "no such table" in outcome.faults[0].cause
    names, rows = world.reader().rows("sources.all")
    by_name = {row[names.index("name")]: dict(zip(names, row, strict=True)) for row in rows}
    assert by_name["uploads"]["age_days"] is None
    assert by_name["uploads"]["source_note"] == "never_read"
    assert by_name["job"]["age_days"] is not None


def test_tags_that_the_worker_wrote_are_taken_over_without_reading_them(world: World) -> None:
    bucket = f"images-of-{world.bucket}"
    world.s3.create_bucket(Bucket=bucket)
    rows = [replace(row, bucket=bucket) for row in goods(3)]
    for row in rows:
        world.s3.put_object(Bucket=bucket, Key=row.key, Body=b"x", Tagging="patient=1")
    world.configs = [(bucket, "daily")]
    world.changes["labels"] = {"required": ["stain"], "source": [{"kind": "object_tags", "id": "tags"}]}
    world.put(rows, source=bucket)
    assert world.synced().label_request_count == 3
    assert coverage(world) == (0, 3, 0)
    folder = world.warehouse / "labels" / "tags"
    for value, second in (("gram", 2), ("none", 1)):
        written = {"source_bucket": bucket, "key": rows[0].key, "version_id": "", "e_tag": rows[0].e_tag}
        read_at = f"2099-01-01T00:00:0{second}+00:00"
        note_change(folder, {**written, "tags": {"patient": "1", "stain": value}, "read_at": read_at})
    outcome = world.synced()
    assert (outcome.is_published, outcome.label_request_count) == (True, 0)
    assert coverage(world) == (1, 2, 0)
    assert tags(world)[KEYS[0]] == {"patient": "1", "stain": "gram"}, "the last of them counts, by its time"
    assert not world.synced().is_published


def test_a_bucket_that_no_report_lists_is_named_as_the_reason(world: World) -> None:
    """Of such a source every label is an orphan, and nothing is wrong with any of them."""
    put(world, "a.csv", CSV)
    put(world, "uris.csv", f"uri,stain\ns3://clinic-phtos/{KEYS[0]},gram\n")
    columns = {"uri": "uri", "labels": {"stain": "stain"}}
    sources = [
        table(world, "a.csv", id="good"),
        table(world, "a.csv", id="typo", source_bucket="clinic-phtos"),
        table(world, "uris.csv", id="in_rows", columns=columns),
        {"kind": "object_tags", "id": "tags", "buckets": ["clinic-phtos"]},
    ]
    outcome = with_sources(world, *sources).synced()
    told = "\n".join(map(str, outcome.notes))
    assert "Label source typo: no report lists clinic-phtos" in told
    assert "Label source tags: no report lists clinic-phtos" in told
    assert "Label source good" not in told
    assert world.rows("SELECT source_id, source_note FROM marts.label_sources ORDER BY source_no") == [
        ("good", ""), ("typo", "bucket_not_listed"), ("in_rows", "bucket_not_listed"), ("tags", "bucket_not_listed"),
    ]  # fmt: skip
    names, rows = world.reader().rows("sources.all")
    notes = {row[names.index("name")]: row[names.index("source_note")] for row in rows}
    assert notes["typo"] == "bucket_not_listed"


def test_precedence_and_labels_of_a_device(make_world: Callable[..., World]) -> None:
    world = make_world()
    put(world, "a.csv", f"key,stain\n{KEYS[0]},wrong\n{KEYS[1]},gram\n")
    put(world, "b.csv", f"key,stain\n{KEYS[0]},none\n{KEYS[1]},none\n{KEYS[2]},gram\n{KEYS[3]},wrong\n")
    sources = [table(world, "a.csv", id="a"), table(world, "b.csv", id="b")]
    with_sources(world, *sources, allowed={"stain": ["gram", "none"]}).synced()
    assert tags(world) == {
        KEYS[0]: {"stain": "none"}, KEYS[1]: {"stain": "gram"}, KEYS[2]: {"stain": "gram"}, KEYS[3]: {"stain": "wrong"},
    }  # fmt: skip
    # A value that is not allowed is shown, and labels nothing.
    assert coverage(world) == (3, 5, 0)
    found = world.rows("SELECT key, conflict_names, source_ids FROM facts.labels ORDER BY key")
    assert found == [
        (KEYS[0], ["stain"], ["a", "b"]), (KEYS[1], ["stain"], ["a", "b"]), (KEYS[2], [], ["b"]),
        (KEYS[3], [], ["b"]),
    ]  # fmt: skip
    values = world.rows("SELECT value, is_allowed, image_count FROM marts.label_values ORDER BY value")
    assert values == [("gram", True, 2), ("none", True, 1), ("wrong", False, 1)]
    world.changes["labels"]["required_by_device"] = {"ipad": ["stain", "eye"]}
    world.synced()
    assert coverage(world) == (0, 8, 0)


def test_a_new_grammar_judges_stored_labels_anew(world: World) -> None:
    put(world, "a.csv", CSV)
    with_sources(world, table(world, "a.csv")).synced()
    devices = [
        {**item, "id": "tablet"} if item["id"] == "ipad" else item for item in world.as_dict()["device"]
    ]
    devices[0]["key"] = devices[0]["key"].replace("{device}", "ipad")
    world.changes["device"] = devices
    world.synced()
    assert world.rows("SELECT DISTINCT device_id FROM marts.label_values") == [("tablet",)]
    assert coverage(world) == (3, 5, 0)
