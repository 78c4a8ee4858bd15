"""The tables of plans and their runs in the journal's file, and the digests that events hold of them.

A plan and its items never change. A run's items do, until its last event holds a digest of what became of each.
"""

from __future__ import annotations

import json

from dashboard.domain.plan import digest_of, digest_of_items
from dashboard.operate.events import Transaction

TABLES = (
    """
    CREATE TABLE plans (
        number INTEGER PRIMARY KEY,
        digest TEXT NOT NULL UNIQUE CHECK (length(digest) = 64),
        header TEXT NOT NULL CHECK (json_valid(header)),
        event_id INTEGER NOT NULL REFERENCES events (id)
    ) STRICT
    """,
    """
    CREATE TABLE plan_items (
        plan INTEGER NOT NULL REFERENCES plans (number),
        position INTEGER NOT NULL,
        bucket TEXT NOT NULL,
        key TEXT NOT NULL,
        version_id TEXT NOT NULL,
        e_tag TEXT NOT NULL,
        storage_class TEXT NOT NULL,
        access_tier TEXT NOT NULL,
        size_bytes INTEGER NOT NULL,
        refusal TEXT NOT NULL,
        PRIMARY KEY (plan, position)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TRIGGER plans_stay_as_they_are BEFORE UPDATE ON plans
    BEGIN SELECT RAISE(ABORT, 'a plan is frozen'); END
    """,
    """
    CREATE TRIGGER plan_items_stay_as_they_are BEFORE UPDATE ON plan_items
    BEGIN SELECT RAISE(ABORT, 'a plan is frozen'); END
    """,
    """
    CREATE TRIGGER plan_items_stay BEFORE DELETE ON plan_items
    BEGIN SELECT RAISE(ABORT, 'a plan is frozen'); END
    """,
    # One row for each plan that somebody confirmed: the queue, and what became of it. A plan runs once.
    # wanted: what people want of it; state: what the worker has made of that.
    """
    CREATE TABLE runs (
        plan INTEGER PRIMARY KEY REFERENCES plans (number),
        state TEXT NOT NULL CHECK (state IN
            ('waiting', 'queued', 'running', 'paused', 'stopped', 'cancelled', 'finished')),
        wanted TEXT NOT NULL DEFAULT 'run' CHECK (wanted IN ('run', 'pause', 'cancel')),
        cause TEXT NOT NULL DEFAULT '',
        why TEXT NOT NULL,
        confirmed_by TEXT NOT NULL,
        confirmed_at TEXT NOT NULL,
        approved_by TEXT NOT NULL DEFAULT '',
        started_at TEXT,
        ended_at TEXT
    ) STRICT
    """,
    # copy_state: what the object itself said of its temporary copy at checked_at.
    """
    CREATE TABLE run_items (
        plan INTEGER NOT NULL REFERENCES runs (plan),
        position INTEGER NOT NULL,
        state TEXT NOT NULL DEFAULT 'todo' CHECK (state IN
            ('todo', 'calling', 'done', 'failed', 'stale', 'unknown', 'left')),
        code TEXT NOT NULL DEFAULT '',
        request_id TEXT NOT NULL DEFAULT '',
        attempt_count INTEGER NOT NULL DEFAULT 0,
        copy_state TEXT NOT NULL DEFAULT '',
        ready_until TEXT,
        checked_at TEXT,
        PRIMARY KEY (plan, position)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX run_items_open ON run_items (plan, position) WHERE state IN ('todo', 'calling')",
    """
    CREATE TABLE workers (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        process TEXT NOT NULL,
        beat_at TEXT NOT NULL
    ) STRICT
    """,
)

LATER = (
    "ALTER TABLE plan_items ADD COLUMN target TEXT NOT NULL DEFAULT ''",
    # What stood there before, as JSON, where an action overwrites something that nothing else keeps.
    "ALTER TABLE run_items ADD COLUMN before TEXT NOT NULL DEFAULT ''",
)
"""What version 3 added."""

JOBS = (
    # 0: our own worker's; -1: a job ended without a word of it; else the number of the job it belongs to.
    "ALTER TABLE run_items ADD COLUMN job INTEGER NOT NULL DEFAULT 0",
    "DROP INDEX run_items_open",
    "CREATE INDEX run_items_open ON run_items (plan, position) WHERE state IN ('todo', 'calling') AND job <= 0",
    "CREATE INDEX run_items_job ON run_items (plan, job, position) WHERE job > 0",
    # Until when the worker leaves a run alone whose jobs AWS carries out.
    "ALTER TABLE runs ADD COLUMN rests_until TEXT NOT NULL DEFAULT ''",
    # state: 'gathering' objects, 'formed' of them, 'asked' for, then as S3 calls it. is_over: its report was read.
    # halts: with which cause the run still has to stop because of it.
    """
    CREATE TABLE jobs (
        plan INTEGER NOT NULL REFERENCES runs (plan),
        number INTEGER NOT NULL CHECK (number > 0),
        bucket TEXT NOT NULL,
        has_days INTEGER NOT NULL,
        has_versions INTEGER NOT NULL,
        object_count INTEGER NOT NULL DEFAULT 0,
        state TEXT NOT NULL DEFAULT 'gathering',
        job_id TEXT NOT NULL DEFAULT '',
        succeeded_count INTEGER NOT NULL DEFAULT 0,
        failed_count INTEGER NOT NULL DEFAULT 0,
        cause TEXT NOT NULL DEFAULT '',
        fault_count INTEGER NOT NULL DEFAULT 0,
        created_at TEXT,
        checked_at TEXT,
        is_over INTEGER NOT NULL DEFAULT 0,
        halts TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (plan, number)
    ) STRICT, WITHOUT ROWID
    """,
)
"""What version 4 added: jobs of S3 Batch Operations."""

ITEMS = "bucket, key, version_id, e_tag, storage_class, access_tier, size_bytes, refusal, target"


def items_digest(transaction: Transaction, digest: str) -> str:
    """SHA-256 of the items of a plan as they stand there now."""
    return digest_of_items(
        transaction.each(
            f"SELECT {ITEMS} FROM plan_items JOIN plans ON number = plan WHERE digest = :digest ORDER BY position",
            {"digest": digest},
        )
    )


def outcomes_digest(transaction: Transaction, digest: str) -> str:
    """SHA-256 of what became of each item of a run."""
    return digest_of_items(
        transaction.each(
            "SELECT position, state, code, request_id, before FROM run_items JOIN plans ON number = plan "
            "WHERE digest = :digest ORDER BY position",
            {"digest": digest},
        )
    )


class Runs:
    """Who let what run and why, as the events say, to hold the table of runs against it."""

    def __init__(self) -> None:
        self._told: dict[str, dict[str, str]] = {}

    def hear(self, kind: str, subject: str, actor: str, payload: dict[str, object]) -> None:
        """Take an event over, in their order."""
        if kind == "plan.confirmed":
            self._told[subject] = {"confirmed_by": actor.strip(), "why": str(payload.get("why"))}
        elif kind == "plan.approved":
            self._told.setdefault(subject, {})["approved_by"] = actor.strip()
        elif kind in {"run.finished", "run.cancelled"}:
            self._told.setdefault(subject, {})["state"] = kind.removeprefix("run.")

    def faults(self, transaction: Transaction) -> list[str]:
        """Runs that are not what was heard: of another person, for another reason, without a word, or gone."""
        found = {}
        for digest, confirmed_by, why, approved_by, state in transaction.run(
            "SELECT digest, confirmed_by, why, approved_by, state FROM runs JOIN plans ON number = plan"
        ):
            said = {"confirmed_by": confirmed_by, "why": why}
            said |= {"approved_by": approved_by} if approved_by else {}
            found[digest] = said | ({"state": state} if state in {"finished", "cancelled"} else {})
        return [
            f"run {digest[:12]} is not the one that was confirmed"
            for digest in sorted(found.keys() | self._told.keys())
            if found.get(digest) != self._told.get(digest)
        ]


def faults_of(transaction: Transaction, subject: str, payload: dict[str, object]) -> list[str]:
    """What of a plan or run is not what its event says."""
    faults = []
    if "items_digest" in payload:
        rows = transaction.run("SELECT header FROM plans WHERE digest = :digest", {"digest": subject})
        if [digest_of(json.loads(text)) for (text,) in rows] != [subject]:
            faults.append(f"the header of plan {subject[:12]} is not the one it was made with")
    if (told := payload.get("items_digest")) is not None and told != items_digest(transaction, subject):
        faults.append(f"the items of plan {subject[:12]} are not those it was made with")
    if (told := payload.get("outcomes_digest")) is not None and told != outcomes_digest(transaction, subject):
        faults.append(f"the outcomes of run {subject[:12]} are not those it ended with")
    return faults
