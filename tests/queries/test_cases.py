"""Runs the case files: given objects, expected findings. A rule without a case file fails here."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dashboard.warehouse.query import QUERIES, folder_queries
from tests.inventory_writer import Row
from tests.sync.world import DEVICES, REPORT_AT, SOURCE, World

CASES = Path(__file__).parent / "cases"
RULES = sorted(path.stem for path in CASES.glob("*.toml") if path.stem != "reasons")
REASONS = {
    "unknown_device",
    "wrong_folder",
    "pattern_mismatch",
    "impossible_date",
    "date_mismatch",
    "date_in_future",
    "date_before_device",
    "clock_reset",
    "camera_default_name",
    "copy_suffix",
    "extension_not_allowed",
    "upper_case_extension",
    "contains_space",
    "full_width",
    "nfd_text",
    "hidden_character",
    "mojibake",
    "too_long",
    "unknown_unit",
    "patient_identifier",
}


def row(item: dict[str, Any]) -> Row:
    moment = item.get("uploaded_at", datetime(2026, 11, 20, 3, tzinfo=UTC))
    names = (
        "size",
        "version_id",
        "is_latest",
        "e_tag",
        "storage_class",
        "is_delete_marker",
        "encryption_status",
        "intelligent_tiering_access_tier",
        "is_multipart_uploaded",
    )
    return Row(item["key"], last_modified_date=moment, **{name: item[name] for name in names if name in item})


def build(world: World, case: dict[str, Any]) -> None:
    """Publish a snapshot of what a case file gives."""
    world.put([row(item) for item in case["object"]])
    if "device" in case:
        world.changes["device"] = [{**device, **case["device"].get(device["id"], {})} for device in DEVICES]
    if "required_tags" in case:
        world.changes["labels"] = [{"required_tags": case["required_tags"]}]
        folder = world.warehouse / "labels"
        folder.mkdir(parents=True)
        lines = [
            {
                "source_bucket": SOURCE, "key": item["key"], "version_id": item.get("version_id", ""),
                "e_tag": item["e_tag"], "tags": item["tags"], "read_at": "2026-11-20T05:00:00+00:00",
            }
            for item in case["object"] if "tags" in item
        ]  # fmt: skip
        (folder / "1.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    if "labels" in case:
        world.changes["labels"] = json.loads(json.dumps(case["labels"]).replace("{bucket}", world.bucket))
    for file in case.get("label_file", ()):
        world.s3.put_object(Bucket=world.bucket, Key=file["key"], Body=file["body"].lstrip().encode())
    if "upload" in case:
        folder = world.warehouse / "live"
        folder.mkdir(parents=True, exist_ok=True)
        data = {"source_bucket": SOURCE, "asked_at": REPORT_AT.isoformat(), "is_complete": True}
        uploads = [{"storage_class": "STANDARD", **item} for item in case["upload"]]
        (folder / f"uploads-{SOURCE}.json").write_text(json.dumps({**data, "uploads": uploads}))
    world.synced()


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_finds_what_its_case_says_and_nothing_else(world: World, rule: str) -> None:
    case = tomllib.loads((CASES / f"{rule}.toml").read_text("utf-8"))
    build(world, case)
    with world.snapshot() as connection:
        names = ("subject", "device_id", "size_bytes", "occurred_at", "reason", "stored")
        rows = connection.execute(
            f"SELECT {', '.join(names)} FROM alerts.findings WHERE rule_id = $rule", {"rule": rule}
        ).fetchall()
        found = [dict(zip(names, values, strict=True)) for values in rows]
        unpriced = connection.execute(
            "SELECT subject FROM alerts.findings WHERE rule_id = $rule AND size_bytes > "
            "coalesce(list_sum(list_transform(stored, lambda item: item.billed_bytes)), 0)",
            {"rule": rule},
        ).fetchall()
    assert unpriced == [], "whatever bytes a finding has are in some class, or in none that is known"
    assert len(found) == len(case["finding"])
    for expected in case["finding"]:
        assert [item for item in found if all(item[name] == value for name, value in expected.items())], (
            expected
        )


def test_every_rule_has_a_case_with_findings_and_objects_that_are_none() -> None:
    assert sorted(path.stem for path in (QUERIES / "alerts").glob("*.sql")) == RULES
    for rule in RULES:
        case = tomllib.loads((CASES / f"{rule}.toml").read_text("utf-8"))
        assert case["finding"]
        assert len(case["object"]) >= 1
    for query in folder_queries("alerts").values():
        assert {"title", "severity", "remedy"} <= query.header.keys()
        assert query.columns == ("subject", "device_id", "size_bytes", "occurred_at", "reason", "stored")
        assert query.header["severity"] in {"critical", "high", "medium", "low"}


@pytest.fixture(scope="module")
def verdicts(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The reason of each key of the case file, '' for a good name, by key."""
    world = World(endpoint, tmp_path_factory.mktemp("reasons"))
    case = tomllib.loads((CASES / "reasons.toml").read_text("utf-8"))
    build(world, case)
    found = {key: "" for (key,) in world.rows("SELECT key FROM facts.objects WHERE is_name_good")}
    found.update(world.rows("SELECT key, reason FROM facts.misnamed"))
    assert sum(1 for _ in found) == len(case["object"])
    total = world.rows("SELECT reason, sum(object_count) FROM marts.quality GROUP BY ALL")
    assert sum(count for _, count in total) == len(case["object"])
    return found


@pytest.mark.parametrize(
    "item",
    tomllib.loads((CASES / "reasons.toml").read_text("utf-8"))["object"],
    ids=lambda item: f"{item['reason'] or 'good'}-{item['key'][-24:].encode('unicode_escape').decode()}",
)
def test_a_name_gets_its_reason(verdicts: dict[str, str], item: dict[str, str]) -> None:
    assert verdicts[item["key"]] == item["reason"]


def test_every_reason_has_a_case_and_the_query_knows_no_other() -> None:
    cases = tomllib.loads((CASES / "reasons.toml").read_text("utf-8"))["object"]
    assert {item["reason"] for item in cases} - {""} == REASONS
    import re

    text = (QUERIES / "facts/verdicts.sql").read_text()
    assert set(re.findall(r"THEN '([a-z_]+)'|ELSE \['([a-z_]+)'\]", text)) == {
        (code, "") if code != "pattern_mismatch" else ("", code) for code in REASONS
    }
    rules = {path.stem for path in (QUERIES / "alerts").glob("*.sql")}
    assert rules >= REASONS, "each reason has a rule of its own"


@pytest.mark.parametrize("is_read", [True, False])
def test_images_whose_tags_were_never_read_are_no_finding(
    make_world: Callable[..., World], is_read: bool
) -> None:
    world = make_world()
    tags: dict[str, object] = {"tags": {}} if is_read else {}
    key = "ipad/ipad-01/2026/11/20/ipad-01_20261120T101500_0001.heic"
    case = {"required_tags": ["label"], "object": [{"key": key, "e_tag": "a", **tags}]}
    if not is_read:
        world.changes["labels"] = [{"required_tags": ["label"], "buckets": ["elsewhere"]}]
        world.put([row(item) for item in case["object"]])  # type: ignore[attr-defined]
        world.synced()
    else:
        build(world, case)
    assert world.rows("SELECT count(*) FROM alerts.findings WHERE rule_id = 'unlabelled_images'") == [
        (int(is_read),)
    ]
    assert world.rows("SELECT sum(image_count) FROM marts.label_coverage") == [(1,)]
