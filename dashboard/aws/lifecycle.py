"""The lifecycle rules of a bucket, flattened: one item per action, every item with every field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from dashboard.aws.ledger import as_utc, write_json
from dashboard.aws.permissions import Permission
from dashboard.aws.sessions import CONNECTION_FAULTS, error_code, explain
from dashboard.errors import DashboardError

PERMISSIONS = (
    Permission(
        "s3:GetLifecycleConfiguration",
        "arn:{partition}:s3:::{source_bucket}",
        "Show what the lifecycle rules of the archive will move and delete",
    ),
)
_FAULTS: tuple[type[Exception], ...] = (BotoCoreError, ClientError, *CONNECTION_FAULTS)


@dataclass(frozen=True)
class LifecycleOutcome:
    """What was learned; with a fault nothing was written and the former file stays."""

    request_count: int
    has_configuration: bool
    action_count: int
    fault: DashboardError | None = None


def lifecycle_file(folder: Path, bucket: str) -> Path:
    return folder / f"lifecycle-{bucket}.json"


def read_lifecycle(s3: Any, bucket: str, folder: Path, now: datetime) -> LifecycleOutcome:
    """Ask for a bucket's rules and write `lifecycle-<bucket>.json`. A bucket without rules is an answer, not a fault.

    Raises:
        OSError: the folder cannot be written.
    """
    try:
        answer = s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    except ClientError as error:
        if error_code(error) != "NoSuchLifecycleConfiguration":
            return LifecycleOutcome(1, False, 0, _fault(error, bucket))
        answer = None
    except _FAULTS as error:
        return LifecycleOutcome(1, False, 0, _fault(error, bucket))
    rules = flatten(answer or {})
    write_json(
        lifecycle_file(folder, bucket),
        {
            "source_bucket": bucket,
            "asked_at": as_utc(now).isoformat(timespec="seconds"),
            "has_configuration": answer is not None,
            # Whether objects under 128 KiB move: all_storage_classes_128K or varies_by_storage_class.
            "default_minimum_size": (answer or {}).get("TransitionDefaultMinimumObjectSize"),
            "rules": rules,
        },
    )
    return LifecycleOutcome(1, answer is not None, len(rules))


def flatten(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The actions of every rule of a GetBucketLifecycleConfiguration answer, disabled rules included.

    Item: rule_id, status, prefix, tags {}, size_over_bytes, size_under_bytes, action, after_days, on_date
    (YYYY-MM-DD), to_class, newer_noncurrent_versions; what does not apply is None. A rule without any action
    gives one item with the action "none", so that it can be seen.
    """
    items = []
    for position, rule in enumerate(answer.get("Rules") or [], start=1):
        scope = {
            "rule_id": rule.get("ID") or f"#{position}",
            "status": rule.get("Status", ""),
            **_scope(rule),
        }
        actions = list(_actions(rule)) or [_action("none")]
        items += [scope | action for action in actions]
    return items


def _scope(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Which objects a rule is about: `Filter`, or `Prefix` beside it as old rules have it."""
    chosen = rule.get("Filter") or {}
    both = chosen.get("And") or {}
    tags = [chosen["Tag"]] if chosen.get("Tag") else both.get("Tags") or []
    return {
        "prefix": chosen.get("Prefix") or both.get("Prefix") or rule.get("Prefix") or "",
        "tags": {tag["Key"]: tag["Value"] for tag in tags},
        "size_over_bytes": chosen.get("ObjectSizeGreaterThan", both.get("ObjectSizeGreaterThan")),
        "size_under_bytes": chosen.get("ObjectSizeLessThan", both.get("ObjectSizeLessThan")),
    }


def _actions(rule: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for move in rule.get("Transitions") or []:
        yield _action("transition", move.get("Days"), move.get("Date"), move.get("StorageClass"))
    expiration = rule.get("Expiration") or {}
    if expiration.get("Days") is not None or expiration.get("Date") is not None:
        yield _action("expiration", expiration.get("Days"), expiration.get("Date"))
    if expiration.get("ExpiredObjectDeleteMarker"):
        yield _action("expire_marker")
    for move in rule.get("NoncurrentVersionTransitions") or []:
        yield _action(
            "noncurrent_transition",
            move.get("NoncurrentDays"),
            to_class=move.get("StorageClass"),
            newer=move.get("NewerNoncurrentVersions"),
        )
    noncurrent = rule.get("NoncurrentVersionExpiration")
    if noncurrent:
        yield _action(
            "noncurrent_expiration",
            noncurrent.get("NoncurrentDays"),
            newer=noncurrent.get("NewerNoncurrentVersions"),
        )
    abort = rule.get("AbortIncompleteMultipartUpload")
    if abort:
        yield _action("abort_upload", abort.get("DaysAfterInitiation"))


def _action(
    action: str,
    after_days: int | None = None,
    on_date: datetime | date | None = None,
    to_class: str | None = None,
    newer: int | None = None,
) -> dict[str, Any]:
    if isinstance(on_date, datetime):
        on_date = (on_date.astimezone(UTC) if on_date.tzinfo else on_date).date()
    return {
        "action": action,
        "after_days": after_days,
        "on_date": on_date.isoformat() if on_date else None,
        "to_class": to_class,
        "newer_noncurrent_versions": newer,
    }


def _fault(error: Exception, bucket: str) -> DashboardError:
    return explain(error, f"s3://{bucket}/", "s3:GetLifecycleConfiguration")
