"""One cheap call for each permission, which changes nothing; it raises what AWS says where it is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from dashboard.aws.sessions import Client

# Answers that only somebody who is allowed gets: what the probe named is simply not there.
PROOFS = {
    "DataUnavailableException",
    "NoSuchKey",
    "NoSuchLifecycleConfiguration",
    "NoSuchTagSet",
    "NoSuchUpload",
    "NoSuchVersion",
}
_NO_KEY = "dashboard-permission-probe"


def _owner(names: dict[str, str]) -> dict[str, str]:
    return {"ExpectedBucketOwner": names["bucket_owner"]} if names["bucket_owner"] else {}


def _list(s3: Client, names: dict[str, str]) -> None:
    bucket, prefix = names["destination_bucket"], names["root"]
    s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1, **_owner(names))


def _get(s3: Client, names: dict[str, str]) -> None:
    key = f"{names['root']}{_NO_KEY}"
    s3.get_object(Bucket=names["destination_bucket"], Key=key, **_owner(names))


def _lifecycle(s3: Client, names: dict[str, str]) -> None:
    s3.get_bucket_lifecycle_configuration(Bucket=names["source_bucket"])


def _uploads(s3: Client, names: dict[str, str]) -> None:
    s3.list_multipart_uploads(Bucket=names["source_bucket"], MaxUploads=1)


def _parts(s3: Client, names: dict[str, str]) -> None:
    s3.list_parts(Bucket=names["source_bucket"], Key=_NO_KEY, UploadId=_NO_KEY, MaxParts=1)


def _tags(s3: Client, names: dict[str, str]) -> None:
    s3.get_object_tagging(Bucket=names["labelled_bucket"], Key=_NO_KEY)


def _version_tags(s3: Client, names: dict[str, str]) -> None:
    s3.get_object_tagging(Bucket=names["labelled_bucket"], Key=_NO_KEY, VersionId="null")


def _scan(dynamodb: Client, names: dict[str, str]) -> None:
    dynamodb.scan(TableName=names["label_table"], Limit=1)


def _costs(ce: Client, names: dict[str, str]) -> None:
    today = datetime.now(UTC).date()
    period = {"Start": str(today - timedelta(days=1)), "End": str(today)}
    ce.get_cost_and_usage(TimePeriod=period, Granularity="DAILY", Metrics=["UnblendedCost"])


def _budgets(budgets: Client, names: dict[str, str]) -> None:
    budgets.describe_budgets(AccountId=names["account_id"], MaxResults=1)


def _forecast(ce: Client, names: dict[str, str]) -> None:
    today = datetime.now(UTC).date()
    period = {"Start": str(today), "End": str(today + timedelta(days=2))}
    ce.get_cost_forecast(TimePeriod=period, Granularity="DAILY", Metric="UNBLENDED_COST")


PROBES: dict[str, Callable[[Client, dict[str, str]], None]] = {
    "s3:ListBucket": _list,
    "s3:GetObject": _get,
    "s3:GetLifecycleConfiguration": _lifecycle,
    "s3:ListBucketMultipartUploads": _uploads,
    "s3:ListMultipartUploadParts": _parts,
    "s3:GetObjectTagging": _tags,
    "s3:GetObjectVersionTagging": _version_tags,
    "dynamodb:Scan": _scan,
    "ce:GetCostAndUsage": _costs,
    "ce:GetCostForecast": _forecast,
    "budgets:ViewBudget": _budgets,
}
