"""Runs: what becomes of each object when S3 breaks, people change their minds and the worker is killed."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard.aws import objects
from dashboard.errors import DashboardError, ExitCode
from dashboard.operate import copies, execute, pace, plans, restore, runs
from dashboard.operate.choice import Choice
from dashboard.operate.pace import Pace
from dashboard.operate.worker import alone, run_next
from tests.operate.glacier_stub import Stored, serve
from tests.operate.restoring import WHY, Clinic

KEY = "ipad/00000.heic"


@pytest.fixture(name="clinic")
def _clinic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clinic]:
    monkeypatch.setattr(pace, "LONGEST_WAIT_SECONDS", 0.02)
    monkeypatch.setattr(pace, "FIRST_WAIT_SECONDS", 0.01)
    with serve() as s3:
        yield Clinic(tmp_path, s3)


def test_a_run_asks_for_each_object_once_and_says_what_became_of_it(clinic: Clinic) -> None:
    clinic.s3.objects = {
        "cold.heic": Stored(),
        "deep.heic": Stored(storage_class="DEEP_ARCHIVE"),
        "tier.heic": Stored(storage_class="INTELLIGENT_TIERING", archive_status="ARCHIVE_ACCESS"),
        "asked.heic": Stored(copy="in_progress"),
        "there.heic": Stored(copy="ready", until=datetime.now(UTC) + timedelta(days=30)),
        "ending.heic": Stored(copy="ready", until=datetime.now(UTC) + timedelta(days=1)),
    }
    digest = clinic.confirmed()
    clinic.work()
    assert clinic.states(digest) == {
        "cold.heic": "done/accepted",
        "deep.heic": "done/accepted",
        "tier.heic": "done/accepted",
        "asked.heic": "done/in_progress",
        "there.heic": "done/readable",
        "ending.heic": "done/extended",
    }
    with_days = [body for body in clinic.s3.bodies if "<Days>7</Days>" in body]
    assert (len(clinic.s3.bodies), len(with_days)) == (4, 3), "no days inside Intelligent-Tiering"
    assert clinic.kinds() == ["plan.made", "plan.confirmed", "run.started", "run.finished"]
    ended = clinic.journal.events(kind="run.finished")[0]
    assert ended.payload["outcome_counts"] == {
        "done": {"accepted": 3, "extended": 1, "in_progress": 1, "readable": 1}
    }
    assert all(
        item["request_id"]
        for item in runs.outcomes(clinic.journal, digest)
        if item["code"] in {"accepted", "extended"}
    )
    today = datetime.now(UTC).date()
    [month] = runs.restores_of(clinic.journal, today)
    assert (month.object_count, month.size_bytes) == (6, 600)
    [acted] = runs.acted(clinic.journal, today - timedelta(days=1))
    assert (acted.digest, acted.action, acted.copy_days) == (digest, "restore", 8)
    assert sum(acted.parts_usd.values()) == plans.find(clinic.journal, digest).usd[0] > 0
    assert runs.acted(clinic.journal, today + timedelta(days=2)) == []


def test_row_64_what_changed_since_the_plan_is_left_alone(clinic: Clinic) -> None:
    clinic.put(5)
    digest = clinic.confirmed()
    keys = sorted(clinic.s3.objects)
    clinic.s3.objects[keys[0]].e_tag = "f" * 32
    clinic.s3.objects[keys[1]].size = 7
    clinic.s3.objects[keys[2]].storage_class = "STANDARD"
    del clinic.s3.objects[keys[3]]
    clinic.work()
    assert list(clinic.states(digest).values()) == [
        *("stale/changed", "stale/changed", "stale/other_class", "stale/gone", "done/accepted")
    ]
    assert set(clinic.s3.accepted) == {keys[4]}


@pytest.mark.parametrize(
    ("faults", "outcome", "posts"),
    [
        (["before"], "done/accepted", 2),
        (["500"], "done/accepted", 2),
        (["200_error"], "done/accepted", 2),
        (["after"], "done/reconciled", 1),
        (["500_after"], "done/reconciled", 1),
        (["before", "500", "after"], "done/reconciled", 3),
        (["slow"], "done/accepted", 2),
        (["slow", "after"], "done/reconciled", 2),
        (["500"] * 4, "failed/InternalError", 4),
        (["denied"], "failed/AccessDenied", 1),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else None,
)
def test_row_55_56_a_doubt_is_settled_by_a_look_before_anything_is_sent_again(
    clinic: Clinic, faults: list[str], outcome: str, posts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execute, "BETWEEN_ATTEMPTS_SECONDS", 0.001)
    clinic.put(1)
    clinic.s3.fault = lambda method, _key, count: (
        faults[count] if method == "POST" and count < len(faults) else ""
    )
    digest = clinic.confirmed()
    clinic.work()
    assert clinic.states(digest) == {KEY: outcome}
    assert clinic.s3.asked["POST", KEY] == posts
    assert clinic.s3.accepted[KEY] == outcome.startswith("done")
    methods = [method for method, _path in clinic.s3.wire]
    assert "POST POST" not in " ".join(methods), "a look stands between two requests"


def test_what_is_refused_after_a_look_has_failed_for_sure(clinic: Clinic) -> None:
    clinic.put(1)
    digest = clinic.confirmed()
    with clinic.journal.writing() as transaction:
        transaction.run("UPDATE run_items SET state = 'calling'")
    clinic.s3.fault = lambda method, _key, _count: "denied" if method == "POST" else ""
    clinic.work()
    assert clinic.states(digest) == {KEY: "failed/AccessDenied"}


def test_a_look_that_fails_after_a_doubt_says_unknown(clinic: Clinic) -> None:
    clinic.put(1)
    clinic.s3.fault = lambda method, _key, count: (
        "after" if method == "POST" else "denied" if method == "HEAD" and count else ""
    )
    digest = clinic.confirmed()
    clinic.work()
    assert clinic.states(digest) == {KEY: "unknown/AccessDenied"}


def test_row_57_a_throttled_run_slows_down_and_loses_nothing(clinic: Clinic) -> None:
    clinic.put(60)
    seen: list[str] = []

    def fault(_method: str, key: str, _count: int) -> str:
        seen.append(key)
        return "slow" if len(seen) < 40 else ""

    clinic.s3.fault = fault
    digest = clinic.confirmed()
    clinic.work()
    assert set(clinic.states(digest).values()) == {"done/accepted"}
    assert set(clinic.s3.accepted.values()) == {1}


def test_what_nobody_foresaw_of_one_object_ends_neither_the_worker_nor_the_run(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clinic.put(3)
    seen = objects._seen

    def read(bucket: str, key: str, answer: Mapping[str, Any]) -> objects.Seen:
        told = {"Restore": 'ongoing-request="false", expiry-date="soon"'} if key == KEY else {}
        return seen(bucket, key, {**answer, **told})

    monkeypatch.setattr(objects, "_seen", read)
    digest = clinic.confirmed()
    clinic.work()
    states = clinic.states(digest)
    assert states.pop(KEY) == "unknown/ValueError"
    assert set(states.values()) == {"done/accepted"}
    assert runs.one(clinic.journal, digest).state == "finished"
    assert "ValueError in" in caplog.text
    assert KEY not in caplog.text
    with clinic.journal.writing() as transaction:
        transaction.run("UPDATE run_items SET state = 'done', copy_state = 'asked', checked_at = NULL")
    assert copies.look(clinic.settings, clinic.journal) == 2


def test_row_57_the_pace_halves_and_recovers() -> None:
    pace = Pace()
    counts = []
    for is_throttled in (True, True, True, True, True, False, False, False):
        pace.learn(is_throttled)
        counts.append(pace.count)
    assert counts == [8, 4, 2, 1, 1, 9, 17, 25]


def test_an_object_that_s3_always_fails_on_holds_up_neither_its_run_nor_the_next_one(clinic: Clinic) -> None:
    clinic.put(80)
    clinic.s3.fault = lambda _method, key, _count: "500" if key == KEY else ""
    digest = clinic.confirmed()
    clinic.work()
    run = runs.one(clinic.journal, digest)
    assert (run.state, run.cause, run.counts) == ("stopped", "put_off 500", {"done": 79, "todo": 1})
    assert clinic.kinds()[-1] == "run.stopped"
    following = clinic.confirmed(Choice(keys=["ipad/00001.heic"]))
    clinic.work()
    assert runs.one(clinic.journal, following).state == "finished"
    clinic.s3.fault = lambda _method, _key, _count: ""
    runs.want(clinic.journal, clinic.settings, digest, "resume", actor="sato")
    clinic.work()
    assert runs.one(clinic.journal, digest).counts == {"done": 80}
    assert set(clinic.s3.accepted.values()) == {1}


def test_a_run_waits_for_an_s3_that_answers_nothing(clinic: Clinic) -> None:
    clinic.put(2)
    asked: list[str] = []

    def fault(_method: str, key: str, _count: int) -> str:
        asked.append(key)
        return "500" if len(asked) < 60 else ""

    clinic.s3.fault = fault
    digest = clinic.confirmed()
    clinic.work()
    assert runs.one(clinic.journal, digest).counts == {"done": 2}


def test_row_58_expired_credentials_hold_the_run_and_it_goes_on_later(clinic: Clinic) -> None:
    clinic.put(40)
    clinic.s3.fault = lambda _method, _key, _count: "expired" if len(clinic.s3.wire) > 20 else ""
    digest = clinic.confirmed()
    clinic.work()
    run = runs.one(clinic.journal, digest)
    assert (run.state, run.cause) == ("paused", "needs_credentials ExpiredToken")
    assert not run.counts.keys() - {"done", "todo"}
    clinic.s3.fault = lambda _method, _key, _count: ""
    runs.want(clinic.journal, clinic.settings, digest, "resume", actor="sato")
    clinic.work()
    assert runs.one(clinic.journal, digest).counts == {"done": 40}
    assert set(clinic.s3.accepted.values()) == {1}
    assert clinic.kinds()[-4:] == ["run.paused", "run.resume_wanted", "run.resumed", "run.finished"]


def test_row_59_a_run_that_keeps_failing_is_stopped(clinic: Clinic) -> None:
    clinic.put(400)
    clinic.s3.fault = lambda method, _key, _count: "denied" if method == "POST" else ""
    digest = clinic.confirmed()
    clinic.work()
    run = runs.one(clinic.journal, digest)
    assert (run.state, run.cause) == ("stopped", "too_many_failures AccessDenied")
    assert len(clinic.s3.bodies) <= 200
    assert run.counts["todo"] >= 200


def test_row_60_a_few_refusals_are_named_and_the_rest_is_done(clinic: Clinic) -> None:
    clinic.put(200)
    clinic.s3.fault = lambda method, key, _count: "denied" if method == "POST" and key == KEY else ""
    digest = clinic.confirmed()
    clinic.work()
    states = clinic.states(digest)
    assert states.pop(KEY) == "failed/AccessDenied"
    assert set(states.values()) == {"done/accepted"}


def test_row_62_a_second_plan_of_the_same_objects_asks_for_nothing_again(clinic: Clinic) -> None:
    clinic.put(10)
    first, second = clinic.confirmed(by="sato"), clinic.confirmed(by="tanaka")
    assert first != second
    clinic.work()
    assert set(clinic.states(second).values()) == {"done/in_progress"}
    assert set(clinic.s3.accepted.values()) == {1}


def test_row_80_pause_resume_and_cancel_take_effect_within_a_round(clinic: Clinic) -> None:
    clinic.put(300)
    digest = ""
    deeds = iter(["pause", "cancel"])

    def fault(method: str, _key: str, _count: int) -> str:
        if method == "POST" and len(clinic.s3.bodies) in {30, 120}:
            runs.want(clinic.journal, clinic.settings, digest, next(deeds), actor="sato")  # type: ignore[arg-type]
        return ""

    digest = clinic.confirmed()
    clinic.s3.fault = fault
    clinic.work()
    run = runs.one(clinic.journal, digest)
    assert (run.state, run.cause) == ("paused", "asked")
    assert run.counts["done"] <= 30 + 64
    with pytest.raises(DashboardError):
        runs.want(clinic.journal, clinic.settings, digest, "pause", actor="sato")
    runs.want(clinic.journal, clinic.settings, digest, "resume", actor="sato")
    clinic.work()
    run = runs.one(clinic.journal, digest)
    assert run.state == "cancelled"
    assert run.counts["done"] + run.counts["left"] == 300
    assert run.counts["left"] > 100
    assert clinic.journal.verify().faults == ()


def test_row_81_nothing_is_asked_of_s3_that_cannot_be_written_down_first(clinic: Clinic) -> None:
    clinic.put(3)
    clinic.confirmed()
    clinic.journal.file.chmod(0o440)
    blocked = sqlite3.connect(clinic.journal.file)
    blocked.execute("PRAGMA journal_mode = WAL")
    blocked.execute("BEGIN IMMEDIATE")
    from dashboard.operate import journal

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal, "BUSY_MILLISECONDS", 50)
        with pytest.raises(DashboardError):
            run_next(clinic.settings, clinic.journal, "worker", threading.Event())
    blocked.execute("ROLLBACK")
    assert not clinic.s3.wire


def test_row_82_an_outcome_that_cannot_be_written_is_found_out_later(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic.put(10)
    digest = clinic.confirmed()
    real = execute._write

    def fail(transaction: object, plan: int, done: list[object], **how: bool) -> None:
        if done:
            raise OSError("No space left on device")
        real(transaction, plan, done, **how)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(execute, "_write", fail)
        with pytest.raises(DashboardError, check=lambda fault: fault.code is ExitCode.DISK_FULL):
            clinic.work()
    assert len(clinic.s3.accepted) == 10
    assert runs.one(clinic.journal, digest).counts == {"calling": 10}
    clinic.work()
    assert set(clinic.states(digest).values()) == {"done/reconciled"}
    assert set(clinic.s3.accepted.values()) == {1}


def test_row_83_odd_keys_reach_s3_as_they_are(clinic: Clinic) -> None:
    keys = [
        "a b+c%2F&d?e#f.heic",
        "症例/検査 1.tif",
        "a//b.heic",
        "\u202e![x](http://evil/)=1.heic",
        "é/e\u0301.tif",
        "a\\b",
    ]
    clinic.s3.objects = {key: Stored() for key in keys}
    digest = clinic.confirmed()
    clinic.work()
    assert set(clinic.s3.accepted) == set(keys)
    assert clinic.states(digest) == dict.fromkeys(keys, "done/accepted")


def test_the_board_tells_what_the_objects_say(clinic: Clinic) -> None:
    clinic.put(4)
    digest = clinic.confirmed(days=1)
    clinic.work()

    def board() -> Mapping[str, int]:
        return copies.counts(clinic.journal, digest, clinic.journal.now())

    assert board() == {"in_progress": 4}
    clinic.s3.finish()
    later = datetime.now(UTC) + timedelta(minutes=11)
    clinic.journal.now = lambda: later
    assert copies.look(clinic.settings, clinic.journal) == 4
    assert board() == {"ready": 4}
    assert copies.look(clinic.settings, clinic.journal) == 0
    assert all(item["ready_until"] for item in runs.outcomes(clinic.journal, digest))
    for key in list(clinic.s3.objects)[:3]:
        clinic.s3.objects[key].copy = "none"
    del clinic.s3.objects[key]
    later = datetime.now(UTC) + timedelta(days=3)
    assert board() == {"expired": 4}, "by the time it was ready until"
    copies.look(clinic.settings, clinic.journal)
    assert board() == {"expired": 3, "gone": 1}


def test_objects_of_a_large_run_are_asked_less_often_the_longer_it_takes(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic.put(4)
    clinic.confirmed()
    clinic.work()
    ended, asked = datetime.now(UTC), []
    for minutes, large in ((600, 4), (605, 4), (611, 4), (630, 3), (670, 3), (680, 3), (690, 3)):
        monkeypatch.setattr(copies, "LARGE_RUN", large)
        later = ended + timedelta(minutes=minutes)
        monkeypatch.setattr(clinic.journal, "now", lambda later=later: later)
        asked.append(copies.look(clinic.settings, clinic.journal))
    assert asked == [4, 0, 4, 0, 0, 4, 0]


def test_a_clock_that_was_ahead_keeps_nobody_from_asking_again(clinic: Clinic) -> None:
    clinic.put(1)
    digest = clinic.confirmed()
    clinic.work()
    now = datetime.now(UTC)
    clinic.journal.now = lambda: now + timedelta(days=30)
    assert copies.look(clinic.settings, clinic.journal) == 1
    clinic.s3.finish()
    clinic.journal.now = lambda: now
    assert copies.look(clinic.settings, clinic.journal) == 1
    assert copies.counts(clinic.journal, digest, now) == {"ready": 1}


def test_a_worker_that_was_away_for_long_finds_copies_expired(clinic: Clinic) -> None:
    clinic.put(1)
    digest = clinic.confirmed(days=1)
    clinic.work()
    clinic.s3.objects[KEY].copy = "none"
    later = datetime.now(UTC) + timedelta(days=9)
    clinic.journal.now = lambda: later
    copies.look(clinic.settings, clinic.journal)
    assert copies.counts(clinic.journal, digest, later) == {"expired": 1}
    assert not copies.look(clinic.settings, clinic.journal)


def test_copies_that_are_there_are_kept_longer_and_nothing_is_retrieved_again(clinic: Clinic) -> None:
    clinic.put(3)
    first = clinic.confirmed(days=1)
    clinic.work()
    clinic.s3.finish()
    clinic.s3.objects[KEY].copy = "none"
    items = runs.items_of(clinic.journal, first)
    kept = plans.keep(clinic.journal, restore.plan_extension(clinic.settings, items, days=30, made_by="sato"))
    assert [part["what"] for part in kept.header["costs"]] == ["request", "copy"]
    plans.confirm(clinic.journal, clinic.settings, kept.digest, actor="sato", why=WHY)
    clinic.work()
    assert sorted(clinic.states(kept.digest).values()) == [
        "done/extended",
        "done/extended",
        "stale/copy_gone",
    ]


def test_verify_finds_a_changed_plan_and_a_changed_outcome(clinic: Clinic) -> None:
    clinic.put(3)
    digest = clinic.confirmed()
    clinic.work()
    assert clinic.journal.verify().faults == ()
    with contextlib.closing(sqlite3.connect(clinic.journal.file, isolation_level=None)) as connection:
        with pytest.raises(sqlite3.IntegrityError, match="frozen"):
            connection.execute("UPDATE plan_items SET size_bytes = 1")
        connection.execute("UPDATE run_items SET code = 'never' WHERE position = 2")
        assert clinic.journal.verify().faults == (
            f"the outcomes of run {digest[:12]} are not those it ended with",
        )
        connection.execute("UPDATE run_items SET code = 'accepted' WHERE position = 2")
        connection.execute("DROP TRIGGER plan_items_stay_as_they_are")
        connection.execute("UPDATE plan_items SET key = 'other' WHERE position = 2")
    assert clinic.journal.verify().faults == (
        f"the items of plan {digest[:12]} are not those it was made with",
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE runs SET confirmed_by = 'tanaka'",
        "UPDATE runs SET why = 'another reason'",
        "UPDATE runs SET approved_by = 'tanaka'",
        "UPDATE runs SET approved_by = ''",
        "UPDATE runs SET state = 'cancelled'",
        "UPDATE runs SET state = 'queued'",
        "DELETE FROM runs",
    ],
)
def test_verify_finds_a_run_that_nobody_confirmed_like_this(clinic: Clinic, statement: str) -> None:
    clinic.put(2)
    clinic.operate = {"second_person_objects": 1}
    digest = clinic.confirmed()
    plans.confirm(clinic.journal, clinic.settings, digest, actor=" ito", why="seen, too")
    clinic.work()
    assert clinic.journal.verify().faults == ()
    with contextlib.closing(sqlite3.connect(clinic.journal.file, isolation_level=None)) as connection:
        connection.execute(statement)
    assert clinic.journal.verify().faults == (f"run {digest[:12]} is not the one that was confirmed",)


def test_verify_finds_a_run_that_was_put_into_the_queue_past_the_journal(clinic: Clinic) -> None:
    clinic.put(2)
    digest = clinic.plan().digest
    with contextlib.closing(sqlite3.connect(clinic.journal.file, isolation_level=None)) as connection:
        connection.execute(
            "INSERT INTO runs (plan, state, why, confirmed_by, confirmed_at) SELECT number, 'queued', 'x', 'y', 'z' "
            "FROM plans"
        )
    assert clinic.journal.verify().faults == (f"run {digest[:12]} is not the one that was confirmed",)


def test_a_worker_that_may_not_write_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DashboardError) as caught, alone(tmp_path / "file" / "warehouse"):
        pass
    assert caught.value.code is ExitCode.READ_ONLY


def test_there_is_one_worker(clinic: Clinic) -> None:
    with (
        alone(clinic.folder),
        pytest.raises(DashboardError, check=lambda fault: fault.code is ExitCode.WORKER_RUNNING),
    ):
        clinic.work()
    assert runs.is_worker_silent(clinic.journal)
    clinic.work()
    assert not runs.is_worker_silent(clinic.journal)
    assert runs.is_worker_silent(clinic.journal, datetime.now(UTC) + timedelta(seconds=61))


def test_row_53_54_killed_again_and_again_no_object_is_asked_for_twice_and_none_is_lost(
    tmp_path: Path,
) -> None:
    count, rng, faults = 3_000, random.Random(5), {}
    with serve() as s3:
        clinic = Clinic(tmp_path, s3, {"threads": 8})
        clinic.put(count)
        kinds = ["slow"] * 30 + ["before"] * 5 + ["500_after"] * 5 + ["after"] * 10
        for key in rng.sample(sorted(s3.objects), count // 20):
            faults[key] = rng.choice(kinds)
        denied = set(rng.sample(sorted(set(s3.objects) - set(faults)), 40))

        workers: list[subprocess.Popen[bytes]] = []
        last = 0

        def fault(method: str, key: str, asked: int) -> str:
            if len(s3.wire) == last:
                workers[-1].kill()
            if method != "POST":
                return ""
            return "denied" if key in denied else faults.get(key, "") if not asked else ""

        s3.fault = fault
        digest = clinic.plan().digest
        with ThreadPoolExecutor(2) as operators:
            confirm = functools.partial(plans.confirm, clinic.journal, clinic.settings, digest, why=WHY)
            asked = [operators.submit(confirm, actor=actor) for actor in ("sato", "tanaka")]
            assert sorted(one.result().is_repeated for one in asked) == [False, True]
        settings_file = tmp_path / "settings.json"
        settings_file.write_text(json.dumps(clinic.data()))
        while not runs.one(clinic.journal, digest).is_over:
            # Killed in the middle of its requests, a few hundred after it began.
            last = len(s3.wire) + rng.randint(100, 350) if len(workers) < 12 else 0
            workers.append(_worker(settings_file))
            workers[-1].wait(120)
        assert [worker.returncode for worker in workers] == [-signal.SIGKILL] * 12 + [0]
        states = clinic.states(digest)
        assert len(states) == count
        done = {key for key, state in states.items() if state.startswith("done/")}
        assert {key for key, state in states.items() if state == "failed/AccessDenied"} == denied
        assert done | denied == set(s3.objects)
        assert s3.accepted == dict.fromkeys(done, 1)
        ended = clinic.journal.events(kind="run.finished")
        assert len(ended) == 1
        assert sum(sum(codes.values()) for codes in ended[0].payload["outcome_counts"].values()) == count
        assert clinic.journal.verify().faults == ()


def _worker(settings_file: Path) -> subprocess.Popen[bytes]:
    code = (
        "import json, sys, threading; from dashboard.settings import Settings; "
        "from dashboard.operate import execute, pace; from dashboard.operate.worker import work; "
        "pace.FIRST_WAIT_SECONDS = pace.LONGEST_WAIT_SECONDS = execute.BETWEEN_ATTEMPTS_SECONDS = 0.01; "
        "work(Settings.model_validate(json.load(open(sys.argv[1]))), threading.Event(), until_idle=True)"
    )
    return subprocess.Popen([sys.executable, "-c", code, str(settings_file)], env={**os.environ})
