"""Carry one run out: what is about to be called is written down first, and a call in doubt is settled by a look.

An item is `calling` from before its request until its outcome is written. Whoever finds it so later, after a crash,
looks at the object before anything is asked for again.
"""

from __future__ import annotations

import functools
import json
import logging
import threading
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import NamedTuple

from dashboard.aws.calls import CallFault
from dashboard.domain.plan import Item
from dashboard.errors import DashboardError
from dashboard.operate import run_states
from dashboard.operate.action import Action
from dashboard.operate.events import Transaction
from dashboard.operate.journal import Journal
from dashboard.operate.pace import Pace, PutOff

log = logging.getLogger("dashboard.worker")
ATTEMPTS = 4
LOOKED_BACK = 100
BREAKS_AT = 50
BETWEEN_ATTEMPTS_SECONDS = 0.2
NO_JOB, UNSAID = 0, -1
_IN_JOBS = "SELECT 1 FROM run_items WHERE plan = :plan AND job > 0 AND state = 'calling' LIMIT 1"


class Work(NamedTuple):
    """One item to be carried out; `is_doubtful`: somebody may have asked for it already.

    `job` is NO_JOB, or UNSAID where a job ended without a word of it.
    """

    position: int
    item: Item
    is_doubtful: bool
    job: int = NO_JOB


class Outcome(NamedTuple):
    """What became of an item; `state` may be todo or calling again, `hold` says why the run has to wait or stop.

    `job` is the number of the job of S3 Batch Operations that the item goes into, None to leave that as it is.
    """

    state: str
    code: str
    request_id: str = ""
    before: str = ""
    hold: str = ""
    job: int | None = None


def carry_out(
    journal: Journal,
    plan: int,
    digest: str,
    action: Action,
    *,
    worker: str,
    threads: int,
    stop: threading.Event,
    settle: Callable[[Work], Outcome] | None = None,
) -> str:
    """Work on a run until it is over, held, left to jobs, or `stop` is set; returns its state then.

    Args:
        settle: finds out what becomes of an item, in place of a look and a call.

    Raises:
        DashboardError: the journal cannot be written. What was asked for meanwhile is in doubt and settled next time.
    """
    pace, put_off, last, hold = Pace(), PutOff(), deque[bool](maxlen=LOOKED_BACK), ""
    done: list[tuple[Work, Outcome]] = []
    under_way: dict[Future[Outcome], Work] = {}
    with ThreadPoolExecutor(threads) as pool:
        while True:
            hold = hold or _hold(done, last, put_off)
            count = 0 if stop.is_set() else pace.count - len(under_way)
            with journal.writing() as transaction:
                _write(transaction, plan, done, leaves_copies=action.leaves_copies)
                run_states.beat(transaction, worker)
                state, chunk = _next(
                    transaction,
                    plan,
                    digest,
                    worker,
                    hold,
                    count,
                    [work.position for work in under_way.values()],
                    put_off.aside,
                )
            if not chunk and not under_way:
                return state
            if pace.wait_seconds:
                stop.wait(pace.wait_seconds)
            for work in chunk:
                keep = functools.partial(_keep, journal, plan, work.position)
                begin = (
                    functools.partial(settle, work)
                    if settle
                    else functools.partial(_settle, action, work, keep)
                )
                under_way[pool.submit(_foreseen, begin)] = work
            done = _ended(under_way)
            pace.learn(_is_throttled(done))


def _foreseen(settle: Callable[[], Outcome]) -> Outcome:
    """What became of an item, also where nobody foresaw what happened: the other items and runs go on all the same."""
    try:
        return settle()
    except DashboardError:
        raise
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        # What it says may hold a key.
        log.error("%s in %s, line %s", type(error).__name__, Path(where.filename).name, where.lineno)
        return Outcome("unknown", type(error).__name__)


def _ended(under_way: dict[Future[Outcome], Work]) -> list[tuple[Work, Outcome]]:
    """Take out what has ended as soon as that is a quarter: the rest goes on while it is written down. All of it, where
    AWS asks for less."""
    done: list[tuple[Work, Outcome]] = []
    wanted = len(under_way) // 4
    while under_way and (len(done) <= wanted or _is_throttled(done)):
        done += [
            (under_way.pop(one), one.result()) for one in wait(under_way, return_when=FIRST_COMPLETED).done
        ]
    return done


def _is_throttled(done: list[tuple[Work, Outcome]]) -> bool:
    return any(outcome.hold == "throttled" for _work, outcome in done)


def _keep(journal: Journal, plan: int, position: int, before: str) -> None:
    """Write down what is about to be overwritten. What was there first stays: later it may be our own."""
    with journal.writing() as transaction:
        transaction.run(
            "UPDATE run_items SET before = :before WHERE plan = :plan AND position = :position AND before = ''",
            {"before": before, "plan": plan, "position": position},
        )


def _settle(action: Action, work: Work, keep: Callable[[str], None]) -> Outcome:
    """Look, then call, until it is known what became of the item."""
    is_doubtful, code = work.is_doubtful, ""
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(BETWEEN_ATTEMPTS_SECONDS * 2**attempt)
        try:
            look = action.look(work.item)
        except CallFault as fault:
            return held(fault, is_doubtful)
        if look.step == "done":
            return Outcome("done", "reconciled" if is_doubtful else look.code)
        if look.step == "stale":
            return Outcome("stale", look.code)
        if look.before:
            keep(look.before)
        try:
            return Outcome("done", *action.call(work.item))
        except CallFault as fault:
            if fault.kind == "refused":
                # The look just before said that nothing had been done.
                return Outcome("failed", fault.code, fault.request_id)
            if fault.kind != "doubtful":
                return held(fault, is_doubtful)
            is_doubtful, code = True, fault.code
    try:
        look = action.look(work.item)
    except CallFault:
        return Outcome("unknown", code)
    return Outcome("done", "reconciled") if look.step == "done" else Outcome("failed", code)


def held(fault: CallFault, is_doubtful: bool) -> Outcome:
    """The outcome of an item that could not be looked at, or was not carried out for sure."""
    if fault.kind in {"throttled", "credentials"}:
        # What was in doubt stays so: the next one looks before it asks.
        return Outcome("calling" if is_doubtful else "todo", fault.code, fault.request_id, hold=fault.kind)
    return Outcome("unknown" if is_doubtful else "failed", fault.code, fault.request_id)


def _hold(done: list[tuple[Work, Outcome]], last: deque[bool], put_off: PutOff) -> str:
    """Why the run cannot go on, '' if it can."""
    put_off.learn({work.position: outcome.hold == "throttled" for work, outcome in done})
    if put_off.is_hopeless:
        return f"put_off {done[-1][1].code}"
    waiting = [outcome for _work, outcome in done if outcome.hold == "credentials"]
    if waiting:
        return f"needs_credentials {waiting[0].code}"
    ended = [outcome for _work, outcome in done if not outcome.hold]
    last.extend(outcome.state in {"failed", "unknown"} for outcome in ended)
    if len(last) >= BREAKS_AT and sum(last) * 2 >= len(last):
        codes = Counter(outcome.code for outcome in ended if outcome.state in {"failed", "unknown"})
        return f"too_many_failures {codes.most_common(1)[0][0] if codes else ''}".strip()
    return ""


def _write(
    transaction: Transaction, plan: int, done: list[tuple[Work, Outcome]], *, leaves_copies: bool
) -> None:
    transaction.run_many(
        "UPDATE run_items SET state = ?, code = ?, request_id = ?, before = coalesce(nullif(?, ''), before), "
        "copy_state = CASE WHEN ? THEN 'asked' ELSE copy_state END, job = coalesce(?, job) "
        "WHERE plan = ? AND position = ?",
        (
            (*outcome[:4], leaves_copies and outcome.state == "done", outcome.job, plan, work.position)
            for work, outcome in done
        ),
    )


def _next(
    transaction: Transaction,
    plan: int,
    digest: str,
    worker: str,
    hold: str,
    count: int,
    under_way: Sequence[int],
    aside: Sequence[int],
) -> tuple[str, list[Work]]:
    """Decide what happens now: the items to call, written down as such, or the run's state if there are none.

    Args:
        under_way: positions of items that were called and have not ended: until then a run does not end or rest.
        aside: positions of items that are taken up only when there is no other.
    """
    state, wanted = transaction.run("SELECT state, wanted FROM runs WHERE plan = :plan", {"plan": plan})[0]
    if state == "queued":
        state = run_states.enter(transaction, plan, digest, worker, wanted)
    if under_way and (hold or wanted == "pause"):
        return state, []
    if hold:
        return run_states.leave(
            transaction, plan, digest, worker, "paused" if hold.startswith("needs") else "stopped", hold
        ), []
    if wanted == "pause":
        return run_states.leave(transaction, plan, digest, worker, "paused", "asked"), []
    # A cancelled run still finds out what became of what is in doubt.
    is_cancelled = wanted == "cancel"
    chunk = list(_open_items(transaction, plan, count, [*under_way, *aside], only_doubtful=is_cancelled))
    if aside and not chunk:
        chunk = list(_open_items(transaction, plan, count, under_way, only_doubtful=is_cancelled))
    if chunk:
        transaction.run_many(
            "UPDATE run_items SET state = 'calling', attempt_count = attempt_count + 1 WHERE plan = ? AND position = ?",
            ((plan, work.position) for work in chunk),
        )
        return state, chunk
    if count <= 0 or under_way or transaction.run(_IN_JOBS, {"plan": plan}):
        return state, []
    if is_cancelled:
        transaction.run(
            "UPDATE run_items SET state = 'left' WHERE plan = :plan AND state = 'todo'", {"plan": plan}
        )
    return run_states.end(transaction, plan, digest, worker, "cancelled" if is_cancelled else "finished"), []


def _open_items(
    transaction: Transaction, plan: int, count: int, but: Sequence[int], *, only_doubtful: bool
) -> Iterator[Work]:
    rows = transaction.run(
        "SELECT open.position, open.state, bucket, key, version_id, e_tag, storage_class, access_tier, size_bytes, "
        "refusal, target, job "
        "FROM run_items AS open INDEXED BY run_items_open JOIN plan_items USING (plan, position) "
        "WHERE open.plan = :plan AND open.state IN ('todo', 'calling') AND open.job <= 0 "
        "AND (open.state = 'calling' OR NOT :doubtful) AND open.position NOT IN (SELECT value FROM json_each(:but)) "
        "ORDER BY open.position LIMIT :count",
        {"plan": plan, "doubtful": only_doubtful, "count": max(0, count), "but": json.dumps(list(but))},
    )
    for position, state, *values, job in rows:
        yield Work(position, Item(*values), state == "calling", job)
