"""The lifecycle configuration of a bucket: kept word for word, and flattened: one item per action with every field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from dashboard.aws.ledger import as_utc, write_json
from dashboard.aws.permissions import Permission
from dashboard.aws.sessions import CONNECTION_FAULTS, Client, error_code, explain
from dashboard.domain.lifecycle import Configuration, Step, parse
from dashboard.errors import DashboardError

PERMISSIONS = (
    Permission(
        "s3:GetLifecycleConfiguration",
        "arn:{partition}:s3:::{source_bucket}",
        "Show what the lifecycle rules of the archive will move and delete",
    ),
)
_FAULTS: tuple[type[Exception], ...] = (BotoCoreError, ClientError, *CONNECTION_FAULTS)
_UNREAD = "unread_elements"
_TAG = re.compile(rb"<(?:\w+:)?(\w+)")
_ELEMENTS = frozenset({
    "LifecycleConfiguration", "Rule", "ID", "Status", "Prefix", "Filter", "And", "Tag", "Key", "Value",
    "ObjectSizeGreaterThan", "ObjectSizeLessThan", "Transition", "Days", "Date", "StorageClass", "Expiration",
    "ExpiredObjectDeleteMarker", "NoncurrentVersionTransition", "NoncurrentDays", "NewerNoncurrentVersions",
    "NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload", "DaysAfterInitiation",
})  # fmt: skip
"""What the SDK reads out of an answer. It drops everything else without a word."""


@dataclass(frozen=True)
class LifecycleOutcome:
    """What was learned; with a fault nothing was written and the former file stays."""

    request_count: int
    has_configuration: bool
    action_count: int
    fault: DashboardError | None = None


@dataclass(frozen=True)
class Answer:
    """What a bucket says.

    Attributes:
        configuration: None if it has none.
        unread: names of what the answer holds and the SDK does not read, so that it would be lost when written back.
    """

    configuration: Configuration | None
    unread: tuple[str, ...] = ()


def lifecycle_file(folder: Path, bucket: str) -> Path:
    return folder / f"lifecycle-{bucket}.json"


def ask(s3: Client, bucket: str) -> Answer:
    """Ask for a bucket's configuration; a bucket without one is an answer.

    Raises:
        Exception: of the SDK.
    """
    s3.meta.events.register(
        "after-call.s3.GetBucketLifecycleConfiguration", _note_unread, unique_id="lifecycle-unread"
    )
    try:
        answer = s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    except ClientError as error:
        if error_code(error) != "NoSuchLifecycleConfiguration":
            raise
        return Answer(None)
    return Answer(parse({"Rules": [], **answer}), tuple(answer.get(_UNREAD, ())))


def _note_unread(http_response: Any, parsed: dict[str, Any], **_others: Any) -> None:
    if http_response.status_code != 200 or http_response.raw is None:
        return
    names = {name.decode() for name in _TAG.findall(http_response.content)}
    if unread := sorted(names - _ELEMENTS):
        parsed[_UNREAD] = unread


def read_lifecycle(s3: Any, bucket: str, folder: Path, now: datetime) -> LifecycleOutcome:
    """Ask for a bucket's rules and write `lifecycle-<bucket>.json`. A bucket without rules is an answer, not a fault.

    Raises:
        OSError: the folder cannot be written.
    """
    try:
        answer = ask(s3, bucket)
    except _FAULTS as error:
        return LifecycleOutcome(
            1, False, 0, explain(error, f"s3://{bucket}/", "s3:GetLifecycleConfiguration")
        )
    known = answer.configuration or Configuration()
    rules = flatten(known.as_data())
    write_json(
        lifecycle_file(folder, bucket),
        {
            "source_bucket": bucket,
            "asked_at": as_utc(now).isoformat(timespec="seconds"),
            "has_configuration": answer.configuration is not None,
            # Whether objects under 128 KiB move: all_storage_classes_128K or varies_by_storage_class.
            "default_minimum_size": known.minimum_size,
            "rules": rules,
            # As S3 gave it, so that a change can be planned without asking again.
            "configuration": known.as_data(),
            "digest": known.digest,
            "unread": list(answer.unread),
        },
    )
    return LifecycleOutcome(1, answer.configuration is not None, len(rules))


def flatten(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The actions of every rule of a configuration, disabled rules included.

    Item: rule_id, status, prefix, tags {}, size_over_bytes, size_under_bytes, action, after_days, on_date
    (YYYY-MM-DD), to_class, newer_noncurrent_versions; what does not apply is None. A rule without any action
    gives one item with the action "none", so that it can be seen.
    """
    items = []
    for position, rule in enumerate(parse({"Rules": [], **answer}).rules, start=1):
        whole = {
            "rule_id": rule.id or f"#{position}",
            "status": rule.data.get("Status", ""),
            "prefix": rule.scope.prefix,
            "tags": dict(rule.scope.tags),
            "size_over_bytes": rule.scope.size_over,
            "size_under_bytes": rule.scope.size_under,
        }
        items += [whole | _action(step) for step in rule.steps] or [whole | _action(None)]
    return items


def _action(step: Step | None) -> dict[str, Any]:
    return {
        "action": step.kind if step else "none",
        "after_days": step.after_days if step else None,
        "on_date": step.on_date.isoformat() if step and step.on_date else None,
        "to_class": step.to_class or None if step else None,
        "newer_noncurrent_versions": step.newer if step else None,
    }
