"""The IAM policy says what the code does, and nothing else."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dashboard.__main__ import app
from dashboard.aws import permissions
from dashboard.aws.permissions import collect, partition, render_policy
from dashboard.settings import Settings, load_settings

EVERYTHING: dict[str, Any] = {
    "inventory": [
        {"location": "s3://reports/a/clinic-images/daily/"},
        {"location": "s3://reports/a/clinic-images/weekly/"},
        {"location": "s3://reports/clinic-scans/daily/"},
    ],
    "labels": [{"kind": "object_tags", "buckets": ["clinic-images"]}],
    "costs": {"aws_budgets": True, "aws_forecast": True},
}


def policy(**changes: Any) -> dict[str, dict[str, Any]]:
    rendered = render_policy(Settings.model_validate({**EVERYTHING, **changes}))
    assert rendered["Version"] == "2012-10-17"
    found: dict[str, dict[str, Any]] = {}
    for statement in rendered["Statement"]:
        assert statement["Effect"] == "Allow"
        for action in statement["Action"]:
            found.setdefault(action, {})[statement["Resource"]] = statement.get("Condition")
    return found


def test_policy_names_the_resources_of_the_settings() -> None:
    found = policy()
    assert set(found["s3:GetObject"]) == {
        "arn:aws:s3:::reports/a/clinic-images/daily/*",
        "arn:aws:s3:::reports/a/clinic-images/weekly/*",
        "arn:aws:s3:::reports/clinic-scans/daily/*",
    }
    assert set(found["s3:GetObjectTagging"]) == {"arn:aws:s3:::clinic-images/*"}
    assert set(found["s3:GetLifecycleConfiguration"]) == {
        "arn:aws:s3:::clinic-images",
        "arn:aws:s3:::clinic-scans",
    }
    assert found["ce:GetCostAndUsage"] == {"*": None}


def test_listing_is_limited_to_the_reports() -> None:
    statements = render_policy(Settings.model_validate(EVERYTHING))["Statement"]
    listing = [statement for statement in statements if "s3:ListBucket" in statement["Action"]]
    assert [statement["Condition"]["StringLike"]["s3:prefix"] for statement in listing] == [
        "a/clinic-images/daily/*",
        "a/clinic-images/weekly/*",
        "clinic-scans/daily/*",
    ]


def test_what_is_switched_off_needs_no_permission() -> None:
    found = policy(
        costs={"enabled": False}, labels=[], live={"lifecycle": False, "unfinished_uploads": False}
    )
    assert set(found) == {"s3:ListBucket", "s3:GetObject"}


def test_labels_are_read_of_every_bucket_unless_some_are_named() -> None:
    assert set(policy(labels=[{"kind": "object_tags"}])["s3:GetObjectTagging"]) == {
        "arn:aws:s3:::clinic-images/*",
        "arn:aws:s3:::clinic-scans/*",
    }


def test_label_files_and_label_tables_are_places_of_their_own() -> None:
    """A policy with the ARN of no bucket or no table is one that AWS refuses as a whole."""
    settings = Settings.model_validate(
        {
            "labels": {
                "source": [
                    {"kind": "coco", "id": "a", "location": "s3://clinic-labels/coco.json"},
                    {
                        "kind": "dynamodb",
                        "id": "b",
                        "table": "upload-labels",
                        "columns": {"key": "key", "labels": {"label": "label"}},
                    },
                ]
            }
        }
    )
    resources = {statement["Resource"] for statement in render_policy(settings)["Statement"]}
    assert {item for item in resources if "label" in item or item.endswith((":", "/", "/*"))} == {
        "arn:aws:s3:::clinic-labels",
        "arn:aws:s3:::clinic-labels/coco.json*",
        "arn:aws:dynamodb:*:*:table/upload-labels",
    }


def test_nothing_in_the_policy_can_change_anything() -> None:
    for action in policy():
        assert re.match(r"(s3|ce):(Get|List)|budgets:View", action), action


def test_the_worker_may_change_what_plans_say_and_nothing_else() -> None:
    allowed = worker_actions()
    for bucket in ("clinic-images", "clinic-scans"):
        assert allowed.pop(f"arn:aws:s3:::{bucket}") == {
            "s3:ListBucketVersions",
            "s3:ListBucket",
            "s3:GetBucketVersioning",
            "s3:GetLifecycleConfiguration",
            "s3:PutLifecycleConfiguration",
        }
        assert allowed.pop(f"arn:aws:s3:::{bucket}/*") == {
            "s3:GetObject",
            "s3:GetObjectVersion",
            "s3:RestoreObject",
            "s3:PutObject",
            "s3:GetObjectTagging",
            "s3:GetObjectVersionTagging",
            "s3:PutObjectTagging",
            "s3:PutObjectVersionTagging",
            "s3:GetObjectRetention",
            "s3:GetObjectLegalHold",
        }
    assert not allowed


def test_the_right_to_delete_is_a_part_of_its_own() -> None:
    without, whole = worker_actions(), worker_actions(operate={"allow_removal": True})
    more = {resource: actions - without[resource] for resource, actions in whole.items()}
    assert more["arn:aws:s3:::clinic-images/*"] == {
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:AbortMultipartUpload",
        "s3:ListMultipartUploadParts",
    }
    assert more["arn:aws:s3:::clinic-images"] == set()


def worker_actions(**changes: Any) -> dict[str, set[str]]:
    """What the worker may do, by resource."""
    settings = Settings.model_validate({**EVERYTHING, **changes})
    return {
        statement["Resource"]: set(statement["Action"])
        for statement in render_policy(settings, "worker")["Statement"]
    }


@pytest.mark.parametrize(
    ("region", "expected"),
    [(None, "aws"), ("ap-northeast-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")],
)
def test_partition(region: str | None, expected: str) -> None:
    assert partition(region) == expected


def test_every_module_that_asks_aws_declares_what_it_needs() -> None:
    """Calls of a client named s3, ce or control, found in the source, each have their permission."""
    needs = {
        "get_object": "s3:GetObject",
        "head_object": "s3:GetObject",
        "list_objects_v2": "s3:ListBucket",
        "get_object_tagging": "s3:GetObjectTagging",
        "get_bucket_lifecycle_configuration": "s3:GetLifecycleConfiguration",
        "list_multipart_uploads": "s3:ListBucketMultipartUploads",
        "list_parts": "s3:ListMultipartUploadParts",
        "complete_multipart_upload": "s3:PutObject",
        "create_multipart_upload": "s3:PutObject",
        "upload_part_copy": "s3:PutObject",
        "put_object_tagging": "s3:PutObjectTagging",
        "restore_object": "s3:RestoreObject",
        "list_object_versions": "s3:ListBucketVersions",
        "get_bucket_versioning": "s3:GetBucketVersioning",
        "copy_object": "s3:PutObject",
        "put_object": "s3:PutObject",
        "create_job": "s3:CreateJob",
        "describe_job": "s3:DescribeJob",
        "update_job_status": "s3:UpdateJobStatus",
        "delete_object": "s3:DeleteObject",
        "abort_multipart_upload": "s3:AbortMultipartUpload",
        "put_bucket_lifecycle_configuration": "s3:PutLifecycleConfiguration",
        "delete_bucket_lifecycle": "s3:PutLifecycleConfiguration",
        "get_cost_and_usage": "ce:GetCostAndUsage",
        "get_cost_forecast": "ce:GetCostForecast",
    }
    batch = {
        "threshold_objects": 1,
        "account_id": "111122223333",
        "role_arn": "arn:aws:iam::111122223333:role/batch",
        "manifest_bucket": "batch",
    }
    settings = Settings.model_validate({**EVERYTHING, "operate": {"allow_removal": True, "batch": batch}})
    declared = {item.action for role in ("reader", "worker") for item in collect(settings, role)}
    asked = set()
    for path in Path(permissions.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
                if name in {"s3", "ce", "_s3", "_ce", "_control"} and node.func.attr not in {
                    "get_paginator",
                    "close",
                }:
                    asked.add(node.func.attr)
    assert asked
    assert {needs[call] for call in asked} <= declared


def test_the_policy_command_prints_it_for_either_role(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "dashboard.toml"
    settings.write_text(
        '[archive]\nname = "x"\ntimezone = "Asia/Tokyo"\n[[inventory]]\nlocation = "s3://reports/clinic/daily/"\n'
    )
    monkeypatch.setenv("DASHBOARD_SETTINGS", str(settings))
    roles: tuple[tuple[list[str], permissions.Role], ...] = (([], "reader"), (["--worker"], "worker"))
    for words, role in roles:
        shown = CliRunner().invoke(app, ["policy", *words], catch_exceptions=False)
        assert json.loads(shown.stdout) == render_policy(load_settings(settings), role)
