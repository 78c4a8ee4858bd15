"""How a run begins, rests and ends: its row, and the event in the journal that says so."""

from __future__ import annotations

from typing import Any

from dashboard.operate.events import Transaction, stamp
from dashboard.operate.plan_tables import outcomes_digest


def beat(transaction: Transaction, worker: str) -> None:
    """Say that the worker lives."""
    transaction.run(
        "INSERT INTO workers VALUES (1, :worker, :now) "
        "ON CONFLICT (only) DO UPDATE SET process = :worker, beat_at = :now",
        {"worker": worker, "now": stamp(transaction.now())},
    )


def enter(transaction: Transaction, plan: int, digest: str, worker: str, wanted: str) -> str:
    """Take a queued run up; returns its state."""
    now = transaction.now()
    started = transaction.run("SELECT started_at FROM runs WHERE plan = :plan", {"plan": plan})[0][0]
    transaction.run(
        "UPDATE runs SET state = 'running', cause = '', started_at = coalesce(started_at, :now) WHERE plan = :plan",
        {"plan": plan, "now": stamp(now)},
    )
    if wanted == "run":
        transaction.append("run.resumed" if started else "run.started", digest, worker, {}, at=now)
    return "running"


def leave(transaction: Transaction, plan: int, digest: str, worker: str, state: str, cause: str) -> str:
    """Let a run rest until somebody wants it to go on; returns its state."""
    transaction.run(
        "UPDATE runs SET state = :state, cause = :cause WHERE plan = :plan",
        {"plan": plan, "state": state, "cause": cause},
    )
    transaction.append(f"run.{state}", digest, worker, {"cause": cause, **totals(transaction, plan)})
    return state


def end(transaction: Transaction, plan: int, digest: str, worker: str, state: str) -> str:
    """Close a run for good, with the digest of all outcomes in its last event; returns its state."""
    now = transaction.now()
    transaction.run(
        "UPDATE runs SET state = :state, cause = '', ended_at = :now WHERE plan = :plan",
        {"plan": plan, "state": state, "now": stamp(now)},
    )
    told = {**totals(transaction, plan), "outcomes_digest": outcomes_digest(transaction, digest)}
    transaction.append(f"run.{state}", digest, worker, told, at=now)
    return state


def totals(transaction: Transaction, plan: int) -> dict[str, Any]:
    """How many items of a run are in each state and why, and the bytes of those that are done."""
    rows = transaction.run(
        "SELECT state, code, count(*) FROM run_items WHERE plan = :plan GROUP BY state, code ORDER BY state, code",
        {"plan": plan},
    )
    counts: dict[str, dict[str, int]] = {}
    for state, code, count in rows:
        counts.setdefault(state, {})[code] = count
    done_bytes = transaction.run(
        "SELECT coalesce(sum(size_bytes), 0) FROM run_items AS ended JOIN plan_items USING (plan, position) "
        "WHERE ended.plan = :plan AND ended.state = 'done'",
        {"plan": plan},
    )[0][0]
    return {"outcome_counts": counts, "done_bytes": done_bytes}
