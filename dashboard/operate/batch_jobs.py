"""Jobs of S3 Batch Operations as the journal keeps them: which objects go into which job, and what became of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime

from dashboard.aws.batch import Told, manifest_line
from dashboard.operate.events import Transaction
from dashboard.operate.execute import UNSAID
from dashboard.operate.journal import Journal, moment_of

DONE_ALL_THE_SAME = {"RestoreAlreadyInProgress": "in_progress", "ObjectAlreadyInActiveTierError": "readable"}
"""Errors of a task that mean that it need not be done."""


@dataclass(frozen=True)
class Job:
    """One job of a run.

    Attributes:
        has_days, has_versions: what all its objects have or none has.
        state: gathering (objects are being looked at), formed, asked (perhaps made), then as S3 calls it.
        cause: why it failed or was cancelled; '' otherwise.
        fault_count: how often in a row S3 did not answer.
        is_over: whether it has ended and its report was read.
        halts: with which cause the run still has to stop because of it.
    """

    number: int
    bucket: str
    has_days: bool
    has_versions: bool
    object_count: int
    state: str
    job_id: str
    succeeded_count: int
    failed_count: int
    cause: str
    fault_count: int
    created_at: datetime | None
    is_over: bool
    halts: str


_COLUMNS = ", ".join(field.name for field in fields(Job))
_NOTE = {
    name: f"UPDATE jobs SET {name} = :value WHERE plan = :plan AND number = :number"
    for name in (*(field.name for field in fields(Job)), "checked_at")
}


def listed(transaction: Transaction, plan: int) -> list[Job]:
    """The jobs of a run, in the order in which they were formed."""
    names = [field.name for field in fields(Job)]
    rows = transaction.run(f"SELECT {_COLUMNS} FROM jobs WHERE plan = :plan ORDER BY number", {"plan": plan})
    found = []
    for row in rows:
        values = dict(zip(names, row, strict=True))
        flags = {name: bool(values[name]) for name in ("has_days", "has_versions", "is_over")}
        created = values["created_at"]
        found.append(Job(**{**values, **flags, "created_at": moment_of(created) if created else None}))
    return found


def of_run(journal: Journal, digest: str) -> list[Job]:
    """The jobs of the run of a plan."""
    with journal.reading() as transaction:
        plans = transaction.run("SELECT number FROM plans WHERE digest = :digest", {"digest": digest})
        return [job for (plan,) in plans for job in listed(transaction, plan)]


def gather(transaction: Transaction, plan: int) -> None:
    """Have a job for each group of open objects; once all have been looked at, form the jobs that got some."""
    groups = transaction.run(
        "SELECT DISTINCT bucket, storage_class <> 'INTELLIGENT_TIERING', version_id <> '' "
        "FROM run_items AS open INDEXED BY run_items_open JOIN plan_items USING (plan, position) "
        "WHERE open.plan = :plan AND open.state IN ('todo', 'calling') AND open.job <= 0 ORDER BY 1, 2, 3",
        {"plan": plan},
    )
    jobs = listed(transaction, plan)
    gathering = [job for job in jobs if job.state == "gathering"]
    if groups:
        known = {(job.bucket, job.has_days, job.has_versions) for job in gathering}
        # The number of a job that S3 was asked for is never used again: it stands in the token.
        last = max((job.number for job in jobs), default=0)
        for bucket, days, versions in groups:
            if (bucket, bool(days), bool(versions)) not in known:
                last += 1
                transaction.run(
                    "INSERT INTO jobs (plan, number, bucket, has_days, has_versions) "
                    "VALUES (:plan, :number, :bucket, :days, :versions)",
                    {"plan": plan, "number": last, "bucket": bucket, "days": days, "versions": versions},
                )
        return
    for job in gathering:
        values = {"plan": plan, "number": job.number}
        count = transaction.run(
            "SELECT count(*) FROM run_items WHERE plan = :plan AND job = :number AND job > 0", values
        )[0][0]
        if count:
            transaction.run(
                "UPDATE jobs SET state = 'formed', object_count = :count WHERE plan = :plan AND number = :number",
                {**values, "count": count},
            )
        else:
            transaction.run("DELETE FROM jobs WHERE plan = :plan AND number = :number", values)


def disband(transaction: Transaction, plan: int) -> None:
    """Give the objects of jobs that S3 was not asked for back."""
    for job in listed(transaction, plan):
        if job.state in {"gathering", "formed"}:
            values = {"plan": plan, "number": job.number}
            transaction.run(
                "UPDATE run_items SET state = 'todo', job = 0 WHERE plan = :plan AND job = :number AND job > 0",
                values,
            )
            transaction.run("DELETE FROM jobs WHERE plan = :plan AND number = :number", values)


def manifest(transaction: Transaction, plan: int, job: Job) -> Iterator[bytes]:
    """The lines of a job's manifest, always the same."""
    for row in transaction.each(
        "SELECT bucket, key, version_id FROM run_items AS named JOIN plan_items USING (plan, position) "
        "WHERE named.plan = :plan AND named.job = :number AND named.job > 0 ORDER BY named.position",
        {"plan": plan, "number": job.number},
    ):
        yield manifest_line(*row)


def note(transaction: Transaction, plan: int, number: int, **values: object) -> None:
    """Write down what is new of a job."""
    for name, value in values.items():
        transaction.run(_NOTE[name], {"plan": plan, "number": number, "value": value})


def load(transaction: Transaction, job: Job, report: Iterable[Told]) -> None:
    """Put a completion report into a temporary table."""
    transaction.run(
        "CREATE TEMP TABLE told (key TEXT, version_id TEXT, state TEXT, code TEXT, PRIMARY KEY (key, version_id)) "
        "WITHOUT ROWID"
    )
    transaction.run_many(
        "INSERT OR REPLACE INTO told VALUES (?, ?, ?, ?)",
        (
            (told.key, told.version_id if job.has_versions else "", *outcome)
            for told in report
            if told.bucket == job.bucket and (outcome := _outcome(told))
        ),
    )


def _outcome(told: Told) -> tuple[str, str] | None:
    """State and code of an object; None where the report does not tell for sure."""
    if told.is_done:
        return "done", "accepted"
    if told.error_code in DONE_ALL_THE_SAME:
        return "done", DONE_ALL_THE_SAME[told.error_code]
    if told.http_status >= 500 or not (told.error_code or told.http_status):
        return None
    return "failed", told.error_code or str(told.http_status)


_MINE = (
    "run_items.plan = :plan AND run_items.job = :number AND run_items.job > 0 AND run_items.state = 'calling'"
)


def reconcile(
    transaction: Transaction, plan: int, job: Job, state: str, *, leaves_copies: bool
) -> dict[str, int]:
    """Write down what the loaded report says of each object, and leave the others in doubt; returns counts by state."""
    values = {"plan": plan, "number": job.number, "job_id": job.job_id, "copies": leaves_copies}
    transaction.run(
        "UPDATE run_items SET state = told.state, code = told.code, request_id = :job_id, "
        "copy_state = CASE WHEN :copies AND told.state = 'done' THEN 'asked' ELSE copy_state END "
        "FROM plan_items CROSS JOIN temp.told AS told "
        "WHERE plan_items.plan = run_items.plan AND plan_items.position = run_items.position "
        f"AND told.key = plan_items.key AND told.version_id = plan_items.version_id AND {_MINE}",
        values,
    )
    # A job that ended early may simply not have come so far: these are asked about, and done later. Of a whole one
    # nobody knows what became of them.
    unsaid = UNSAID if state == "Complete" else 0
    missing = transaction.counted(
        f"UPDATE run_items SET job = :unsaid WHERE {_MINE}", {**values, "unsaid": unsaid}
    )
    transaction.run("DROP TABLE temp.told")
    counts = transaction.run(
        "SELECT state, count(*) FROM run_items WHERE plan = :plan AND job = :number AND job > 0 GROUP BY state",
        values,
    )
    return {**dict(counts), "unsaid": missing}
