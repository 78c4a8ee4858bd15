"""Carry a large run out by jobs of S3 Batch Operations.

Our own worker looks at every object first, as always; those that are as planned go into jobs, one for each group. A job
is asked for under a token of the plan's digest and does not begin before it is confirmed, so a crash between the
request and its note makes no second one. What became of each object is read from the job's report; of what the report
does not tell, the object is asked. Pausing and cancelling end the jobs: S3 cannot let one rest on demand.
"""

from __future__ import annotations

import hashlib
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol, runtime_checkable

from dashboard.aws.batch import CANCELLABLE, FINAL, Jobs
from dashboard.aws.calls import CallFault
from dashboard.operate import batch_jobs, execute, run_states
from dashboard.operate.action import Action
from dashboard.operate.batch_jobs import Job
from dashboard.operate.batch_plan import group_of
from dashboard.operate.events import Transaction
from dashboard.operate.execute import NO_JOB, UNSAID, Outcome, Work
from dashboard.operate.journal import Journal, stamp

SHORTEST_REST = timedelta(seconds=10)
LONGEST_REST = timedelta(minutes=5)
PATIENCE = 20
"""After so many requests in a row that S3 did not answer, a run stops."""
_DIGITS = 48


@runtime_checkable
class LargeAction(Action, Protocol):
    """An action that S3 Batch Operations can carry out too."""

    def job(self, *, has_days: bool) -> Mapping[str, Any]:
        """The operation of a job."""


@dataclass(frozen=True)
class LargeRun:
    """One run that is left to jobs. Whatever it knows stands in the journal."""

    journal: Journal
    plan: int
    digest: str
    worker: str
    action: LargeAction
    jobs: Jobs

    def carry_on(self, *, threads: int, stop: threading.Event) -> None:
        """Go one step on: look at objects, or at the jobs, and say when to come back.

        Raises:
            DashboardError: of the journal.
        """
        wanted, known = self._begin()
        try:
            are_over = [
                self._step(job, wanted) for job in known if not job.is_over and job.state != "gathering"
            ]
        except CallFault as fault:
            word = "needs_credentials" if fault.kind == "credentials" else f"batch_{fault.kind}"
            self._leave("paused" if fault.kind == "credentials" else "stopped", f"{word} {fault.code}")
            return
        if not all(are_over):
            self._rest(wanted)
        elif not self._halt(wanted):
            gathering = [job for job in known if job.state == "gathering"]
            groups = {(job.bucket, job.has_days, job.has_versions): job.number for job in gathering}
            execute.carry_out(
                self.journal,
                self.plan,
                self.digest,
                self.action,
                worker=self.worker,
                threads=threads,
                stop=stop,
                settle=lambda work: self._settle(work, groups),
            )

    def _begin(self) -> tuple[str, list[Job]]:
        with self.journal.writing() as transaction:
            state, wanted = transaction.run(
                "SELECT state, wanted FROM runs WHERE plan = :plan", {"plan": self.plan}
            )[0]
            run_states.beat(transaction, self.worker)
            if wanted == "run":
                if state == "queued":
                    run_states.enter(transaction, self.plan, self.digest, self.worker, wanted)
                batch_jobs.gather(transaction, self.plan)
            else:
                batch_jobs.disband(transaction, self.plan)
            return wanted, batch_jobs.listed(transaction, self.plan)

    def _settle(self, work: Work, groups: Mapping[tuple[str, bool, bool], int]) -> Outcome:
        try:
            look = self.action.look(work.item)
        except CallFault as fault:
            return execute.held(fault, work.is_doubtful)
        if look.step == "done":
            return Outcome("done", "reconciled" if work.is_doubtful else look.code)
        if look.step == "stale":
            return Outcome("stale", look.code)
        if work.job == UNSAID:
            return Outcome("failed", "unsaid", job=NO_JOB)
        if work.is_doubtful:
            return Outcome("todo", "", job=NO_JOB)
        return Outcome("calling", "", job=groups[group_of(work.item)])

    def _step(self, job: Job, wanted: str) -> bool:
        """Go on with a job; whether it has ended and its report was read."""
        try:
            if job.job_id:
                return self._follow(job, wanted)
            self._ask(job)
        except CallFault as fault:
            count = job.fault_count + 1 if fault.kind in {"throttled", "doubtful"} else 0
            # If an earlier request is in doubt, there may be a job after all, under this number.
            is_none = (
                fault.kind == "refused" and not job.job_id and (job.state == "formed" or wanted == "cancel")
            )
            with self.journal.writing() as transaction:
                self._note(transaction, job, fault_count=count, **({"state": "formed"} if is_none else {}))
            if (is_none and wanted == "cancel") or 0 < count < PATIENCE:
                return False
            raise
        return False

    def _ask(self, job: Job) -> None:
        token = f"{self.digest[:_DIGITS]}-{job.number}"
        terms, sha256 = self.jobs.terms, hashlib.sha256()
        with tempfile.TemporaryFile() as body:
            with self.journal.reading() as transaction:
                for line in batch_jobs.manifest(transaction, self.plan, job):
                    sha256.update(line)
                    body.write(line)
            body.seek(0)
            key = f"{terms.prefix}/manifests/{token}-{sha256.hexdigest()[:16]}.csv"
            e_tag = self.jobs.put_manifest(key, body, sha256.hexdigest())
        with self.journal.writing() as transaction:
            self._note(transaction, job, state="asked")
        job_id = self.jobs.create(
            token, key, e_tag, self.action.job(has_days=job.has_days), has_versions=job.has_versions
        )
        with self.journal.writing() as transaction:
            now = transaction.now()
            self._note(transaction, job, state="New", job_id=job_id, created_at=stamp(now), fault_count=0)
            told = {
                "job_id": job_id,
                "token": token,
                "manifest": f"s3://{terms.manifest_bucket}/{key}",
                "manifest_sha256": sha256.hexdigest(),
                "object_count": job.object_count,
                "bucket": job.bucket,
            }
            transaction.append("run.job_made", self.digest, self.worker, told, at=now)

    def _follow(self, job: Job, wanted: str) -> bool:
        seen, cause = self.jobs.describe(job.job_id), job.cause
        if wanted != "run" and seen.state in CANCELLABLE:
            cause = "asked"
            self.jobs.cancel(job.job_id)
        elif seen.state == "Suspended" and seen.total_count != job.object_count:
            cause = "miscounted"
            self.jobs.cancel(job.job_id)
        elif seen.state == "Suspended" and not self.jobs.terms.confirmation_required:
            self.jobs.begin(job.job_id)
        with self.journal.writing() as transaction:
            self._note(
                transaction,
                job,
                state=seen.state,
                succeeded_count=seen.succeeded_count,
                failed_count=seen.failed_count,
                cause=seen.cause or cause,
                fault_count=0,
                checked_at=stamp(transaction.now()),
            )
        if seen.state not in FINAL:
            return False
        self._read(job, seen.state, seen.cause or cause)
        return True

    def _read(self, job: Job, state: str, cause: str) -> None:
        with self.journal.writing(
            lambda transaction: batch_jobs.load(transaction, job, self.jobs.report(job.job_id))
        ) as transaction:
            counts = batch_jobs.reconcile(
                transaction, self.plan, job, state, leaves_copies=self.action.leaves_copies
            )
            halts = "" if state == "Complete" else f"batch_{state.lower()} {cause}".strip()
            self._note(transaction, job, is_over=1, halts=halts)
            transaction.append(
                "run.job_ended",
                self.digest,
                self.worker,
                {"job_id": job.job_id, "state": state, "cause": cause, "counts": counts},
            )

    def _halt(self, wanted: str) -> bool:
        """Stop if a job did not end well, unless people ended it; whether it stopped."""
        with self.journal.writing() as transaction:
            causes = [job.halts for job in batch_jobs.listed(transaction, self.plan) if job.halts]
            if causes:
                transaction.run("UPDATE jobs SET halts = '' WHERE plan = :plan", {"plan": self.plan})
            if not causes or wanted != "run":
                return False
            run_states.leave(transaction, self.plan, self.digest, self.worker, "stopped", causes[0])
            return True

    def _note(self, transaction: Transaction, job: Job, **values: object) -> None:
        batch_jobs.note(transaction, self.plan, job.number, **values)

    def _leave(self, state: str, cause: str) -> None:
        with self.journal.writing() as transaction:
            run_states.leave(transaction, self.plan, self.digest, self.worker, state, cause)

    def _rest(self, wanted: str) -> None:
        """Come back after a twentieth of the time that the oldest open job has taken so far."""
        with self.journal.writing() as transaction:
            now = transaction.now()
            begun = [
                job.created_at
                for job in batch_jobs.listed(transaction, self.plan)
                if not job.is_over and job.created_at
            ]
            until = now + rest(now - min(begun, default=now))
            # What somebody wants meanwhile is done at once.
            transaction.run(
                "UPDATE runs SET rests_until = :until WHERE plan = :plan AND wanted = :wanted",
                {"until": stamp(until), "plan": self.plan, "wanted": wanted},
            )


def rest(age: timedelta) -> timedelta:
    """How long a job of an age is left alone."""
    return min(LONGEST_REST, max(SHORTEST_REST, age / 20))
