"""Large runs that are left to S3 Batch Operations: one job for each token, and every object accounted for once."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dashboard.aws.permissions import render_policy
from dashboard.domain.prices import Band, Price
from dashboard.operate import batch, batch_jobs, copies, pace, restore, runs
from dashboard.operate.worker import run_next
from dashboard.settings import Settings
from dashboard.settings.price_files import write_prices
from tests.operate.batch_stub import ACCOUNT, LARGE, MANIFESTS, ROLE, BatchHandler, BatchStub
from tests.operate.glacier_stub import Stored, serve
from tests.operate.restoring import Clinic


@pytest.fixture(name="s3")
def _s3() -> Iterator[BatchStub]:
    with serve(BatchStub(), BatchHandler) as s3:
        yield s3


@pytest.fixture(name="clinic")
def _clinic(tmp_path: Path, s3: BatchStub, monkeypatch: pytest.MonkeyPatch) -> Clinic:
    monkeypatch.setattr(pace, "LONGEST_WAIT_SECONDS", 0.02)
    monkeypatch.setattr(pace, "FIRST_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(batch, "LONGEST_REST", timedelta(0))
    return Clinic(tmp_path, s3, {"batch": LARGE})


def step(clinic: Clinic, count: int = 1) -> None:
    for _number in range(count):
        run_next(clinic.settings, clinic.journal, "worker", threading.Event())


def until(clinic: Clinic, digest: str, s3: BatchStub, state: str) -> None:
    """Go on until the first job is in a state."""
    for _number in range(30):
        if s3.jobs and s3.job().state == state:
            return
        step(clinic)
    raise AssertionError(f"never {state}: {runs.one(clinic.journal, digest)}")


def test_a_large_restore_becomes_one_job_of_each_kind(clinic: Clinic, s3: BatchStub) -> None:
    s3.objects = {
        "eye a+b,50%.heic": Stored(),
        "ipad/眼底.heic": Stored(),
        "deep.heic": Stored(storage_class="DEEP_ARCHIVE"),
        "tier.heic": Stored(storage_class="INTELLIGENT_TIERING", archive_status="ARCHIVE_ACCESS"),
        "version.heic": Stored(version_id="v1"),
        "asked.heic": Stored(copy="in_progress"),
        "there.heic": Stored(copy="ready", until=datetime.now(UTC) + timedelta(days=30)),
        "changed.heic": Stored(),
    }
    digest = clinic.confirmed(speed="bulk")
    s3.objects["changed.heic"].e_tag = "f" * 32
    clinic.work()
    assert clinic.states(digest) == {
        "eye a+b,50%.heic": "done/accepted",
        "ipad/眼底.heic": "done/accepted",
        "deep.heic": "done/accepted",
        "tier.heic": "done/accepted",
        "version.heic": "done/accepted",
        "asked.heic": "done/in_progress",
        "there.heic": "done/readable",
        "changed.heic": "stale/changed",
    }
    assert not [path for method, path in s3.wire if method == "POST" and "restore" in path]
    jobs = {job.said("ClientRequestToken"): job for job in s3.jobs.values()}
    assert list(jobs) == [f"{digest[:48]}-{number}" for number in (1, 2, 3)]
    tier, glacier, version = jobs.values()
    assert [job.said("ExpirationInDays") for job in (tier, glacier, version)] == ["", "7", "7"]
    assert {job.said("GlacierJobTier") for job in jobs.values()} == {"BULK"}
    assert [len(job.tasks[0]) for job in (tier, glacier, version)] == [2, 2, 3]
    assert [task[1] for task in glacier.tasks] == [
        "deep.heic",
        "eye%20a%2Bb%2C50%25.heic",
        "ipad/%E7%9C%BC%E5%BA%95.heic",
    ]
    assert version.tasks == [["clinic-images", "version.heic", "v1"]]
    for job in jobs.values():
        assert (job.said("ReportScope"), job.said("RoleArn"), job.said("Priority")) == (
            "AllTasks",
            ROLE,
            "10",
        )
    made = clinic.journal.events(kind="run.job_made")
    assert [event.payload["object_count"] for event in made] == [1, 3, 1]
    for event in made:
        body = s3.files[event.payload["manifest"].removeprefix(f"s3://{MANIFESTS}/")]
        assert hashlib.sha256(body).hexdigest() == event.payload["manifest_sha256"]
    assert copies.counts(clinic.journal, digest, datetime.now(UTC)) == {
        "in_progress": 6,
        "ready": 1,
    }
    assert clinic.journal.verify().faults == ()


def test_the_plan_says_what_jobs_cost_and_need(clinic: Clinic, s3: BatchStub) -> None:
    clinic.put(3)
    s3.objects["tier.heic"] = Stored(storage_class="INTELLIGENT_TIERING", archive_status="ARCHIVE_ACCESS")
    header = plan_header(clinic)
    assert header["params"]["batch"] == {
        "account_id": ACCOUNT,
        "role_arn": ROLE,
        "manifest_bucket": MANIFESTS,
        "prefix": "runs",
        "priority": 10,
        "confirmation_required": False,
    }
    parts = {part["what"]: part for part in header["costs"] if part["what"].startswith("batch")}
    assert {name: (part["amount"], part["unit"]) for name, part in parts.items()} == {
        "batch_job": ("2", "Jobs"),
        "batch_object": ("4", "Objects"),
    }
    assert [part["usd"] for part in parts.values()] == [None, None], "a missing price is not guessed"
    prices = {
        key: Price((Band(Decimal(0), None, Decimal(usd)),), unit, "2026-11-01", "made up")
        for key, usd, unit in (("batch.job", "0.25", "Jobs"), ("batch.object", "0.000001", "Objects"))
    }
    write_prices(clinic.folder, "us-east-1", "2026-11-01", prices)
    priced = [part["usd"] for part in plan_header(clinic)["costs"] if part["what"] in parts]
    assert priced == ["0.50", "0.000004"]
    assert header["calls"]["CreateJob"] == 2
    assert {"s3:CreateJob", "s3:DescribeJob", "s3:UpdateJobStatus", "iam:PassRole"} <= set(
        header["permissions"]
    )
    assert "s3:RestoreObject" not in header["permissions"], "the role of the jobs needs that"


def plan_header(clinic: Clinic, **values: Any) -> Any:
    return clinic.plan(**values).header


def test_below_the_threshold_expedited_or_to_extend_our_own_worker_does_it(
    clinic: Clinic, s3: BatchStub
) -> None:
    clinic.put(2)
    assert "batch" not in plan_header(clinic)["params"]
    clinic.put(3)
    assert "batch" in plan_header(clinic)["params"]
    assert "batch" not in plan_header(clinic, speed="expedited")["params"]
    digest = clinic.confirmed()
    clinic.work()
    s3.finish()
    items = runs.items_of(clinic.journal, digest)
    extension = restore.plan_extension(clinic.settings, items, days=30, made_by="sato", extends=digest)
    assert "batch" not in extension.params
    clinic.operate = {}
    assert "batch" not in plan_header(clinic)["params"], "off by default"


def test_the_report_is_read_whatever_its_schema_says_and_the_rest_is_asked_for(
    clinic: Clinic, s3: BatchStub
) -> None:
    clinic.put(6)
    names = sorted(s3.objects)
    s3.refused = {
        names[0]: (403, "AccessDenied"),
        names[1]: (409, "RestoreAlreadyInProgress"),
        names[2]: (500, "InternalError"),
    }
    s3.silent = {names[3]: True, names[4]: False}
    digest = clinic.confirmed()
    clinic.work()
    assert clinic.states(digest) == {
        names[0]: "failed/AccessDenied",
        names[1]: "done/in_progress",
        names[2]: "done/reconciled",
        names[3]: "done/reconciled",
        names[4]: "failed/unsaid",
        names[5]: "done/accepted",
    }
    run = runs.one(clinic.journal, digest)
    assert (run.state, len(s3.jobs)) == ("finished", 1)
    assert clinic.journal.events(kind="run.job_ended")[0].payload["counts"] == {
        "done": 2,
        "failed": 1,
        "unsaid": 3,
    }


@pytest.mark.parametrize("fault", ["before", "after", "slow"])
@pytest.mark.parametrize("name", ["create", "runs/manifests", "status", "describe"])
def test_row_55_56_a_doubt_about_a_job_makes_no_second_one(
    clinic: Clinic, s3: BatchStub, name: str, fault: str
) -> None:
    clinic.put(4)
    s3.fault = lambda _method, key, count: fault if key == name and count < 2 else ""
    digest = clinic.confirmed()
    clinic.work()
    assert set(clinic.states(digest).values()) == {"done/accepted"}
    assert len(s3.jobs) == 1
    assert s3.accepted == dict.fromkeys(s3.objects, 1)


def test_s3_that_stays_silent_or_refuses_stops_the_run_which_can_go_on_later(
    clinic: Clinic, s3: BatchStub
) -> None:
    clinic.put(4)
    s3.fault = lambda _method, key, _count: "slow" if key == "create" else ""
    digest = clinic.confirmed()
    clinic.work()
    assert runs.one(clinic.journal, digest).cause == "batch_throttled SlowDown"
    faults = {"create": ""}
    s3.fault = lambda _method, key, _count: faults.get(key, "")
    for fault, state, cause in (
        ("denied", "stopped", "batch_refused AccessDenied"),
        ("expired", "paused", "needs_credentials ExpiredToken"),
    ):
        faults["create"] = fault
        runs.want(clinic.journal, clinic.settings, digest, "resume", actor="sato")
        clinic.work()
        run = runs.one(clinic.journal, digest)
        assert (run.state, run.cause) == (state, cause)
    s3.fault = lambda *_asked: ""
    runs.want(clinic.journal, clinic.settings, digest, "resume", actor="sato")
    clinic.work()
    assert set(clinic.states(digest).values()) == {"done/accepted"}
    assert len(s3.jobs) == 1


def test_row_80_a_paused_run_ends_its_job_and_goes_on_with_another_one(clinic: Clinic, s3: BatchStub) -> None:
    clinic.put(10)
    s3.at_once = 4
    digest = clinic.confirmed()
    until(clinic, digest, s3, "Active")
    step(clinic)
    assert sum(s3.accepted.values()) == 4
    runs.want(clinic.journal, clinic.settings, digest, "pause", actor="sato")
    clinic.work()
    run = runs.one(clinic.journal, digest)
    assert (run.state, run.cause, s3.job().state) == ("paused", "asked", "Cancelled")
    asked = sum(s3.accepted.values())
    assert run.counts == {"done": asked, "calling": 10 - asked}
    runs.want(clinic.journal, clinic.settings, digest, "resume", actor="sato")
    clinic.work()
    assert set(clinic.states(digest).values()) == {"done/accepted"}
    assert [len(job.tasks) for job in s3.jobs.values()] == [10, 10 - asked]
    assert s3.accepted == dict.fromkeys(s3.objects, 1)


@pytest.mark.parametrize("state", ["", "New", "Preparing", "Active"])
def test_row_80_a_cancelled_run_cancels_its_job(clinic: Clinic, s3: BatchStub, state: str) -> None:
    clinic.put(10)
    s3.at_once = 4
    digest = clinic.confirmed()
    step(clinic)
    if state:
        until(clinic, digest, s3, state)
    step(clinic, 1 if state == "Active" else 0)
    runs.want(clinic.journal, clinic.settings, digest, "cancel", actor="sato")
    clinic.work()
    run = runs.one(clinic.journal, digest)
    asked = sum(s3.accepted.values())
    assert run.state == "cancelled"
    assert run.counts == {key: count for key, count in (("done", asked), ("left", 10 - asked)) if count}
    assert [job.state for job in s3.jobs.values()] == (["Cancelled"] if state else [])


def test_a_job_that_is_in_doubt_when_the_run_is_cancelled_is_found_and_cancelled(
    clinic: Clinic, s3: BatchStub
) -> None:
    clinic.put(4)
    s3.fault = lambda _method, key, count: "after" if key == "create" and not count else ""
    digest = clinic.confirmed()
    step(clinic, 2)
    assert len(s3.jobs) == 1
    assert batch_jobs.of_run(clinic.journal, digest)[0].job_id == ""
    runs.want(clinic.journal, clinic.settings, digest, "cancel", actor="sato")
    clinic.work()
    assert runs.one(clinic.journal, digest).counts == {"left": 4}
    assert [job.state for job in s3.jobs.values()] == ["Cancelled"]


def test_a_run_whose_job_is_refused_can_be_cancelled(clinic: Clinic, s3: BatchStub) -> None:
    clinic.put(4)
    s3.fault = lambda _method, key, count: ("after" if not count else "denied") if key == "create" else ""
    digest = clinic.confirmed()
    clinic.work()
    assert runs.one(clinic.journal, digest).cause == "batch_refused AccessDenied"
    runs.want(clinic.journal, clinic.settings, digest, "cancel", actor="sato")
    clinic.work()
    assert runs.one(clinic.journal, digest).counts == {"left": 4}
    assert s3.accepted == {}, "a job that nobody confirmed never begins"


@pytest.mark.parametrize("begun", [0, 4])
def test_a_job_that_fails_or_is_cancelled_by_others_stops_the_run(
    clinic: Clinic, s3: BatchStub, begun: int
) -> None:
    clinic.put(10)
    s3.at_once, s3.fails = begun, "RoleNotAssumable"
    digest = clinic.confirmed()
    clinic.work()
    run = runs.one(clinic.journal, digest)
    assert (run.state, run.cause) == ("stopped", "batch_failed RoleNotAssumable")
    assert run.counts == {
        state: count for state, count in (("done", begun), ("calling", 10 - begun)) if count
    }
    assert any("report" in name for name in s3.files) == bool(begun), "without a task there is no report"
    s3.fails, s3.at_once = "", 4
    runs.want(clinic.journal, clinic.settings, digest, "resume", actor="sato")
    while len(s3.jobs) < 2:
        step(clinic)
    s3.job(1).state = "Cancelling"
    clinic.work()
    assert runs.one(clinic.journal, digest).cause == "batch_cancelled"
    runs.want(clinic.journal, clinic.settings, digest, "resume", actor="sato")
    clinic.work()
    assert set(clinic.states(digest).values()) == {"done/accepted"}
    assert s3.accepted == dict.fromkeys(s3.objects, 1)


def test_a_job_that_counts_other_objects_than_the_plan_never_begins(clinic: Clinic, s3: BatchStub) -> None:
    clinic.put(4)
    s3.miscounts = 1
    digest = clinic.confirmed()
    clinic.work()
    assert runs.one(clinic.journal, digest).cause == "batch_cancelled miscounted"
    assert s3.accepted == {}


def test_a_job_waits_for_its_confirmation_in_aws_where_the_settings_want_it(
    clinic: Clinic, s3: BatchStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic.operate = {"batch": {**LARGE, "confirmation_required": True}}
    clinic.put(4)
    digest = clinic.confirmed()
    step(clinic, 12)
    assert (s3.job().state, runs.one(clinic.journal, digest).state) == ("Suspended", "running")
    assert batch_jobs.of_run(clinic.journal, digest)[0].state == "Suspended"
    monkeypatch.setattr(batch, "LONGEST_REST", timedelta(minutes=5))
    step(clinic)
    asked = s3.asked["GET", "describe"]
    clinic.work()
    assert s3.asked["GET", "describe"] == asked, "it rests meanwhile"
    s3.job().state = "Ready"
    monkeypatch.setattr(batch, "LONGEST_REST", timedelta(0))
    clinic.journal.now = lambda: datetime.now(UTC) + timedelta(minutes=6)
    for _number in range(10):
        step(clinic)
    assert set(clinic.states(digest).values()) == {"done/accepted"}


def test_files_that_are_not_ours_are_not_believed(clinic: Clinic, s3: BatchStub) -> None:
    clinic.put(4)
    digest = clinic.confirmed()
    s3.fault = lambda method, key, _count: "after" if (method, key) == ("PUT", "runs/manifests") else ""
    step(clinic, 2)
    (manifest,) = s3.files
    s3.files[manifest] += b"clinic-images,another.heic\n"
    s3.fault = lambda *_asked: ""
    clinic.work()
    assert runs.one(clinic.journal, digest).cause == "batch_refused ManifestDiffers"
    assert not s3.jobs
    s3.files.clear()
    runs.want(clinic.journal, clinic.settings, digest, "resume", actor="sato")
    s3.fault = lambda _method, key, _count: "denied" if key.endswith("/results") else ""
    clinic.work()
    assert runs.one(clinic.journal, digest).cause == "batch_refused AccessDenied"
    s3.fault = lambda *_asked: ""
    whole = dict(s3.files)
    name = next(name for name in whole if name.endswith("succeeded.csv"))
    for damage in (whole[name] + b"x", None):
        s3.files = {**whole, name: damage} if damage else {key: whole[key] for key in whole if key != name}
        runs.want(clinic.journal, clinic.settings, digest, "resume", actor="sato")
        clinic.work()
        assert runs.one(clinic.journal, digest).cause == "batch_refused ReportDamaged"
    s3.files = whole
    runs.want(clinic.journal, clinic.settings, digest, "resume", actor="sato")
    clinic.work()
    assert set(clinic.states(digest).values()) == {"done/accepted"}


def test_row_53_54_killed_again_and_again_there_is_one_job_and_every_object_counts_once(
    tmp_path: Path, s3: BatchStub
) -> None:
    clinic, rng = Clinic(tmp_path, s3, {"batch": LARGE, "threads": 8}), random.Random(7)
    clinic.put(400)
    s3.at_once = 50
    names = sorted(s3.objects)
    s3.refused = dict.fromkeys(rng.sample(names, 5), (403, "AccessDenied"))
    left = sorted(set(names) - set(s3.refused))
    s3.silent = {left[3]: True, left[9]: False}
    workers: list[subprocess.Popen[bytes]] = []
    last = 0

    def fault(_method: str, key: str, count: int) -> str:
        if len(s3.wire) == last:
            workers[-1].kill()
        return "after" if key in {"create", "runs/manifests"} and not count else ""

    s3.fault = fault
    digest = clinic.confirmed()
    settings_file = tmp_path / "settings.json"
    settings_file.write_text(json.dumps(clinic.data()))
    # Each time after so many requests more: during the looks, at the manifest, the job, its steps and its report.
    for more in (*(rng.randint(50, 150) for _number in range(3)), 1, 2, 3, 2, 1, 2, 3, 10**9):
        last = len(s3.wire) + more
        workers.append(_worker(settings_file))
        workers[-1].wait(120)
        if runs.one(clinic.journal, digest).is_over:
            break
    kills = sum(worker.returncode == -signal.SIGKILL for worker in workers)
    assert kills >= 5
    states = clinic.states(digest)
    assert len(states) == 400
    assert {key for key, state in states.items() if state.startswith("failed/")} == {*s3.refused, left[9]}
    assert {state for key, state in states.items() if key not in {*s3.refused, left[9]}} <= {
        "done/accepted",
        "done/reconciled",
    }
    assert len(s3.jobs) == 1
    assert s3.accepted == dict.fromkeys(set(names) - {*s3.refused, left[9]}, 1)
    assert len(clinic.journal.events(kind="run.finished")) == 1
    assert clinic.journal.verify().faults == ()


def _worker(settings_file: Path) -> subprocess.Popen[bytes]:
    code = (
        "import json, sys, threading; from datetime import timedelta; from dashboard.settings import Settings; "
        "from dashboard.operate import batch; from dashboard.operate.worker import work; "
        "batch.LONGEST_REST = timedelta(0); "
        "work(Settings.model_validate(json.load(open(sys.argv[1]))), threading.Event(), until_idle=True)"
    )
    return subprocess.Popen([sys.executable, "-c", code, str(settings_file)], env={**os.environ})


def test_the_rest_between_two_looks_grows_with_the_job() -> None:
    ages = [timedelta(0), timedelta(minutes=10), timedelta(days=1)]
    assert [batch.rest(age) for age in ages] == [
        timedelta(seconds=10),
        timedelta(seconds=30),
        timedelta(minutes=5),
    ]


def test_the_worker_may_make_jobs_only_where_the_settings_want_them() -> None:
    data = {"inventory": [{"location": "s3://reports/clinic-images/daily/"}]}
    without = render_policy(Settings.model_validate(data), "worker")
    allowed = render_policy(Settings.model_validate({**data, "operate": {"batch": LARGE}}), "worker")
    added = {
        action: statement["Resource"]
        for statement in allowed["Statement"]
        if statement not in without["Statement"]
        for action in statement["Action"]
    }
    assert added == {
        "s3:CreateJob": "*",
        "s3:DescribeJob": f"arn:aws:s3:*:{ACCOUNT}:job/*",
        "s3:UpdateJobStatus": f"arn:aws:s3:*:{ACCOUNT}:job/*",
        "iam:PassRole": ROLE,
        "s3:PutObject": f"arn:aws:s3:::{MANIFESTS}/runs/*",
        "s3:GetObject": f"arn:aws:s3:::{MANIFESTS}/runs/*",
        "s3:ListBucket": f"arn:aws:s3:::{MANIFESTS}",
    }


def test_a_threshold_without_a_role_is_no_setting() -> None:
    with pytest.raises(ValueError, match="role_arn"):
        Settings.model_validate({"operate": {"batch": {**LARGE, "role_arn": ""}}})
