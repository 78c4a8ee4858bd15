"""Which plans are left to S3 Batch Operations, and what that adds to them: jobs, their calls and their price."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal

from dashboard.aws import batch as aws
from dashboard.aws.batch import Terms
from dashboard.domain.plan import Cost, Item
from dashboard.settings import Settings
from dashboard.settings.price_files import price_book


@dataclass(frozen=True)
class Left:
    """What a plan holds because its run is left to S3 Batch Operations.

    Attributes:
        params: the terms of the jobs, so that a later change of the settings does not reach a confirmed plan.
        calls: beside those of the action.
    """

    params: Mapping[str, object]
    calls: Mapping[str, int]
    costs: tuple[Cost, ...]


def left(settings: Settings, items: Iterable[Item]) -> Left | None:
    """What is added to the plan of these items; None if our own worker carries them out."""
    count, groups = 0, set()
    for item in items:
        count += 1
        groups.add(group_of(item))
    if not is_left(settings, count):
        return None
    batch = settings.operate.batch
    terms = Terms(
        batch.account_id,
        batch.role_arn,
        batch.manifest_bucket,
        batch.prefix,
        batch.priority,
        batch.confirmation_required,
    )
    jobs = len(groups)
    return Left(
        asdict(terms),
        dict.fromkeys(("PutObject", "CreateJob", "DescribeJob", "UpdateJobStatus"), jobs),
        costs(settings, jobs, count),
    )


def is_left(settings: Settings, object_count: int) -> bool:
    """Whether so many objects are too many for our own worker."""
    threshold = settings.operate.batch.threshold_objects
    return threshold is not None and object_count >= threshold


def costs(settings: Settings, job_count: int, object_count: int) -> tuple[Cost, ...]:
    """What AWS bills for jobs and for the objects in them, beside what is done to these."""
    book, region = price_book(settings.warehouse.folder), settings.aws.region
    per_job, per_object = book.price(region, "batch.job"), book.price(region, "batch.object")
    return (
        Cost(
            "batch_job", "", Decimal(job_count), "Jobs", None if per_job is None else per_job.usd * job_count
        ),
        Cost(
            "batch_object",
            "",
            Decimal(object_count),
            "Objects",
            None if per_object is None else per_object.usd * object_count,
        ),
    )


PERMISSIONS = aws.PERMISSIONS


def group_of(item: Item) -> tuple[str, bool, bool]:
    """What goes into one job: objects of one bucket, all with days or none, all with a version id or none."""
    return item.bucket, item.storage_class != "INTELLIGENT_TIERING", bool(item.version_id)
