"""Why a change of lifecycle rules cannot be planned, for people."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.domain.lifecycle import Rule
from dashboard.domain.lifecycle_step_faults import Fault
from dashboard.errors import DashboardError, ExitCode
from dashboard.operate import lifecycle_words

_NO_PLAN = "No plan was made"


def not_ours(bucket: str) -> DashboardError:
    return DashboardError(
        ExitCode.PLAN_REFUSED,
        _NO_PLAN,
        cause="The settings name no inventory of this bucket",
        next_step="Choose one of the archive's buckets, or add its inventory to the settings",
        locator=f"s3://{bucket[:63]}/",
    )


def not_read(bucket: str) -> DashboardError:
    return DashboardError(
        ExitCode.PLAN_REFUSED,
        _NO_PLAN,
        cause="The lifecycle rules of this bucket have not been read yet",
        next_step="Run `python -m dashboard sync` with live.lifecycle = true, and look at its faults",
        locator=f"s3://{bucket}/",
    )


def no_change(bucket: str) -> DashboardError:
    return DashboardError(
        ExitCode.NO_ROWS,
        _NO_PLAN,
        cause="The bucket has these rules already",
        next_step="Add, change or remove a rule first",
        locator=f"s3://{bucket}/",
    )


def unread(bucket: str, names: Sequence[str]) -> DashboardError:
    return DashboardError(
        ExitCode.PLAN_REFUSED,
        _NO_PLAN,
        cause="S3 says something of these rules that cannot be read here and would be lost: {names}",
        next_step="Update boto3, sync, and plan again; or change the rules where they were made",
        locator=f"s3://{bucket}/",
        names=", ".join(names),
    )


def illegal(bucket: str, found: Sequence[Fault]) -> DashboardError:
    return DashboardError(
        ExitCode.PLAN_REFUSED,
        _NO_PLAN,
        cause="S3 would refuse {count} things, first of all this: {first}",
        next_step="Mend what is named there",
        locator=f"s3://{bucket}/",
        count=len(found),
        first=lifecycle_words.fault(found[0]),
    )


def foreign(bucket: str, rules: Sequence[Rule]) -> DashboardError:
    return DashboardError(
        ExitCode.PLAN_REFUSED,
        _NO_PLAN,
        cause="These rules were not made here and would be changed or removed: {names}",
        next_step="Ask whoever made them; if it must be, type out the ID of each (`plan lifecycle … --others ID`)",
        locator=f"s3://{bucket}/",
        names=", ".join(rule.id or "-" for rule in rules),
    )


def no_rules_in(name: str) -> DashboardError:
    return DashboardError(
        ExitCode.USAGE,
        _NO_PLAN,
        cause="This is no lifecycle configuration in S3's JSON form",
        next_step="Give what `aws s3api get-bucket-lifecycle-configuration` prints, with your changes",
        locator=name[:200],
    )


def not_a_change(digest: str) -> DashboardError:
    return DashboardError(
        ExitCode.USAGE,
        _NO_PLAN,
        cause="This plan changed no lifecycle rules",
        next_step="Give the digest of one that did; `runs list` prints them",
        locator=digest[:64],
    )
