"""Lifecycle rules in every shape they come in: real answers, moto over HTTP, and hand-made ones."""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import Stubber

from dashboard.aws.lifecycle import flatten, lifecycle_file, read_lifecycle
from dashboard.domain.lifecycle import parse
from dashboard.errors import ExitCode
from tests.aws.http_stub import client_for, moto_s3
from tests.operate.lifecycle_stub import BUCKET, serve

NOW = datetime(2026, 10, 20, 6, 30, tzinfo=UTC)
FIELDS = {
    "rule_id",
    "status",
    "prefix",
    "tags",
    "size_over_bytes",
    "size_under_bytes",
    "action",
    "after_days",
    "on_date",
    "to_class",
    "newer_noncurrent_versions",
}


@pytest.fixture
def stubbed() -> Generator[tuple[Any, Stubber]]:
    s3 = client_for("s3", "http://127.0.0.1:9")
    with Stubber(s3) as stubber:
        yield s3, stubber


def only(rule: dict[str, Any], **extra: Any) -> dict[str, Any]:
    (item,) = flatten({"Rules": [{"ID": "r", "Status": "Enabled", **rule, **extra}]})
    assert set(item) == FIELDS
    return item


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ({}, {}),
        ({"Filter": {}}, {}),
        ({"Filter": {"Prefix": ""}}, {}),
        ({"Prefix": "old/"}, {"prefix": "old/"}),
        ({"Filter": {"Prefix": "眼科/"}}, {"prefix": "眼科/"}),
        ({"Filter": {"Tag": {"Key": "k", "Value": ""}}}, {"tags": {"k": ""}}),
        ({"Filter": {"ObjectSizeGreaterThan": 0}}, {"size_over_bytes": 0}),
        ({"Filter": {"ObjectSizeLessThan": 131072}}, {"size_under_bytes": 131072}),
        (
            {
                "Filter": {
                    "And": {
                        "Prefix": "a/",
                        "Tags": [{"Key": "k", "Value": "v"}, {"Key": "K", "Value": "V"}],
                        "ObjectSizeGreaterThan": 1,
                        "ObjectSizeLessThan": 9,
                    }
                }
            },
            {"prefix": "a/", "tags": {"k": "v", "K": "V"}, "size_over_bytes": 1, "size_under_bytes": 9},
        ),
    ],
)
def test_every_scope_is_read(scope: dict[str, Any], expected: dict[str, Any]) -> None:
    whole: dict[str, Any] = {"prefix": "", "tags": {}, "size_over_bytes": None, "size_under_bytes": None}
    item = only(scope, Expiration={"Days": 1})
    assert {name: item[name] for name in whole} == whole | expected


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (
            {"Transitions": [{"Days": 0, "StorageClass": "GLACIER_IR"}]},
            {"action": "transition", "after_days": 0, "to_class": "GLACIER_IR"},
        ),
        (
            {"Transitions": [{"Date": datetime(2027, 1, 1, tzinfo=UTC), "StorageClass": "GLACIER"}]},
            {"action": "transition", "on_date": "2027-01-01", "to_class": "GLACIER"},
        ),
        ({"Expiration": {"Days": 365}}, {"action": "expiration", "after_days": 365}),
        (
            {"Expiration": {"Date": datetime(2028, 2, 29, tzinfo=UTC)}},
            {"action": "expiration", "on_date": "2028-02-29"},
        ),
        ({"Expiration": {"ExpiredObjectDeleteMarker": True}}, {"action": "expire_marker"}),
        ({"Expiration": {"ExpiredObjectDeleteMarker": False}}, {"action": "none"}),
        (
            {
                "NoncurrentVersionTransitions": [
                    {"NoncurrentDays": 30, "NewerNoncurrentVersions": 3, "StorageClass": "DEEP_ARCHIVE"}
                ]
            },
            {
                "action": "noncurrent_transition",
                "after_days": 30,
                "to_class": "DEEP_ARCHIVE",
                "newer_noncurrent_versions": 3,
            },
        ),
        (
            {"NoncurrentVersionExpiration": {"NoncurrentDays": 90, "NewerNoncurrentVersions": 1}},
            {"action": "noncurrent_expiration", "after_days": 90, "newer_noncurrent_versions": 1},
        ),
        (
            {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
            {"action": "abort_upload", "after_days": 7},
        ),
        ({}, {"action": "none"}),
    ],
)
def test_every_action_is_read(action: dict[str, Any], expected: dict[str, Any]) -> None:
    nothing = {"after_days": None, "on_date": None, "to_class": None, "newer_noncurrent_versions": None}
    item = only(action)
    assert {name: item[name] for name in [*nothing, "action"]} == nothing | expected


def test_one_rule_may_have_many_actions_and_disabled_ones_are_kept() -> None:
    items = flatten(
        {
            "Rules": [
                {
                    "Status": "Disabled",
                    "Filter": {"Prefix": "xray/"},
                    "Transitions": [
                        {"Days": 30, "StorageClass": "STANDARD_IA"},
                        {"Days": 120, "StorageClass": "DEEP_ARCHIVE"},
                    ],
                    "Expiration": {"Days": 3650},
                    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
                }
            ]
        }
    )
    assert [item["action"] for item in items] == ["transition", "transition", "expiration", "abort_upload"]
    assert {(item["rule_id"], item["status"], item["prefix"]) for item in items} == {
        ("#1", "Disabled", "xray/")
    }


def test_rules_are_read_over_http(tmp_path: Path) -> None:
    s3 = moto_s3()
    s3.create_bucket(Bucket="lifecycle-archive")
    s3.put_bucket_lifecycle_configuration(
        Bucket="lifecycle-archive",
        LifecycleConfiguration={
            "Rules": [
                {
                    "ID": "cold",
                    "Status": "Enabled",
                    "Filter": {"And": {"Prefix": "ipad/", "Tags": [{"Key": "keep", "Value": "long"}]}},
                    "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}],
                    "Expiration": {"Date": datetime(2030, 1, 1, tzinfo=UTC)},
                },
                {
                    "ID": "tidy",
                    "Status": "Disabled",
                    "Filter": {"Prefix": ""},
                    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                },
            ]
        },
    )
    outcome = read_lifecycle(s3, "lifecycle-archive", tmp_path, NOW)
    assert outcome.fault is None
    assert (outcome.has_configuration, outcome.action_count, outcome.request_count) == (True, 3, 1)
    data = json.loads((tmp_path / "lifecycle-lifecycle-archive.json").read_bytes())
    assert data["source_bucket"] == "lifecycle-archive"
    assert data["asked_at"] == "2026-10-20T06:30:00+00:00"
    assert data["has_configuration"] is True
    assert [(rule["rule_id"], rule["action"], rule["on_date"]) for rule in data["rules"]] == [
        ("cold", "transition", None),
        ("cold", "expiration", "2030-01-01"),
        ("tidy", "abort_upload", None),
    ]
    assert data["rules"][0]["tags"] == {"keep": "long"}
    kept = parse(data["configuration"])
    assert kept.digest == data["digest"]
    assert kept.rules[0].data["Expiration"] == {"Date": "2030-01-01T00:00:00Z"}
    assert data["unread"] == []


def test_a_bucket_without_rules_is_an_answer(tmp_path: Path) -> None:
    s3 = moto_s3()
    s3.create_bucket(Bucket="ruleless-archive")
    outcome = read_lifecycle(s3, "ruleless-archive", tmp_path, NOW)
    assert outcome.fault is None
    data = json.loads(lifecycle_file(tmp_path, "ruleless-archive").read_bytes())
    assert (data["has_configuration"], data["rules"]) == (False, [])


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("AccessDenied", 403, ExitCode.ACCESS_DENIED),
        ("ExpiredToken", 400, ExitCode.CREDENTIALS),
        ("NoSuchBucket", 404, ExitCode.FILE_MISSING),
        ("InternalError", 500, ExitCode.SOURCE_UNREACHABLE),
    ],
)
def test_a_fault_leaves_the_former_file(
    stubbed: tuple[Any, Stubber], tmp_path: Path, code: str, status: int, expected: ExitCode
) -> None:
    s3, stubber = stubbed
    file = lifecycle_file(tmp_path, "archive")
    file.write_text("former", "utf-8")
    stubber.add_client_error("get_bucket_lifecycle_configuration", code, http_status_code=status)
    outcome = read_lifecycle(s3, "archive", tmp_path, NOW)
    assert outcome.fault is not None
    assert outcome.fault.code is expected
    assert "s3://archive/" in outcome.fault.locator
    assert file.read_text("utf-8") == "former"


def test_everything_that_s3_says_is_kept_word_for_word(tmp_path: Path) -> None:
    """Sizes, numbers of versions and the setting for small objects, which moto drops, and what the SDK would."""
    with serve() as stub:
        stub.put(
            "<Rule><ID>x</ID><Status>Enabled</Status><Filter><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan></Filter>"
            "<NoncurrentVersionExpiration><NoncurrentDays>9</NoncurrentDays><NewerNoncurrentVersions>3"
            "</NewerNoncurrentVersions></NoncurrentVersionExpiration><Future><Days>1</Days></Future></Rule>",
            "varies_by_storage_class",
        )
        assert read_lifecycle(client_for("s3", stub.url), BUCKET, tmp_path, NOW).fault is None
    data = json.loads(lifecycle_file(tmp_path, BUCKET).read_bytes())
    assert data["configuration"] == {
        "Rules": [
            {
                "ID": "x",
                "Status": "Enabled",
                "Filter": {"ObjectSizeGreaterThan": 5},
                "NoncurrentVersionExpiration": {"NoncurrentDays": 9, "NewerNoncurrentVersions": 3},
            }
        ],
        "TransitionDefaultMinimumObjectSize": "varies_by_storage_class",
    }
    assert data["unread"] == ["Future"]


def test_no_connection_is_a_fault(tmp_path: Path) -> None:
    outcome = read_lifecycle(client_for("s3", "http://127.0.0.1:9"), "archive", tmp_path, NOW)
    assert outcome.fault is not None
    assert outcome.fault.code is ExitCode.SOURCE_UNREACHABLE
    assert list(tmp_path.iterdir()) == []


def real_answers() -> list[dict[str, Any]]:
    """One real answer (cloud-custodian), and every one in the folder of samples where there is one."""
    beside = Path(__file__).parents[2].parent / "shared" / "samples"
    folder = Path(os.environ.get("DASHBOARD_SAMPLES") or beside) / "lifecycle_responses"
    known = {
        "status_code": 200,
        "data": {
            "Rules": [
                {
                    "Expiration": {"Date": {"__class__": "datetime", "year": 2022, "month": 3, "day": 4}},
                    "ID": "id2",
                    "Filter": {"Tag": {"Key": "dataSetRegistered", "Value": "2022-12-03"}},
                    "Status": "Enabled",
                }
            ]
        },
    }
    files = sorted(folder.glob("*.json")) if folder.is_dir() else []
    return [_with_times(known), *(_with_times(json.loads(file.read_bytes())) for file in files)]


def _with_times(data: Any) -> Any:
    if isinstance(data, list):
        return [_with_times(item) for item in data]
    if isinstance(data, dict) and data.get("__class__") == "datetime":
        return datetime(data["year"], data["month"], data["day"], tzinfo=UTC)
    if isinstance(data, dict):
        return {name: _with_times(item) for name, item in data.items()}
    return data


def test_real_answers_are_read(tmp_path: Path) -> None:
    s3 = client_for("s3", "http://127.0.0.1:9")
    for answer in real_answers():
        data = answer["data"]
        with Stubber(s3) as stubber:
            if "Error" in data:
                stubber.add_client_error(
                    "get_bucket_lifecycle_configuration", data["Error"]["Code"], http_status_code=404
                )
            else:
                data["ResponseMetadata"] = {}
                stubber.add_response("get_bucket_lifecycle_configuration", data)
            outcome = read_lifecycle(s3, "archive", tmp_path, NOW)
        assert outcome.fault is None
        assert outcome.has_configuration == ("Error" not in data)
        rules = json.loads(lifecycle_file(tmp_path, "archive").read_bytes())["rules"]
        assert {rule["rule_id"] for rule in rules} == {rule["ID"] for rule in data.get("Rules", [])}
        assert "none" not in {rule["action"] for rule in rules}
        assert all(set(rule) == FIELDS for rule in rules)
