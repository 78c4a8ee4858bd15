"""Changes of lifecycle rules: planned, confirmed by two where something goes, written, read back, and taken back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard.aws import lifecycle_change
from dashboard.domain.lifecycle import Configuration, Rule, parse
from dashboard.domain.lifecycle_templates import Wish, without_rule
from dashboard.errors import DashboardError, ExitCode
from dashboard.operate import execute, lifecycle_words, plans, runs
from dashboard.operate.lifecycle import plan_undo
from dashboard.operate.worker import run_next
from tests.operate.lifecycle_stub import BUCKET, serve
from tests.operate.lifecycling import EXPIRE, MOVE, THEIRS, Bucket


@pytest.fixture(name="bucket")
def _bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    monkeypatch.setattr(execute, "BETWEEN_ATTEMPTS_SECONDS", 0.01)
    with serve() as s3:
        yield Bucket(tmp_path, s3)


def refused(code: ExitCode, bucket: Bucket, after: Any, **values: Any) -> DashboardError:
    with pytest.raises(DashboardError) as caught:
        bucket.plan(after, **values)
    assert caught.value.code is code
    return caught.value


def test_a_change_is_written_read_back_and_taken_back(bucket: Bucket) -> None:
    bucket.s3.put(THEIRS, "varies_by_storage_class")
    bucket.sync()
    before = bucket.s3.kept[BUCKET]
    plan = bucket.plan(MOVE)
    params = plan.header["params"]
    assert params["effect"] == {
        "moved_count": 1024, "moved_bytes": 1 << 40, "deleted_count": 0, "deleted_bytes": 0,
        "saved_usd": "233.45", "break_even_month": 1, "record_count": 0, "unsized_count": 0, "missing": [],
        "uncounted": [],
    }  # fmt: skip
    assert [(part["what"], part["place"], part["usd"]) for part in plan.header["costs"]] == [
        ("transition", "GLACIER_IR", "0.02048")
    ]
    assert not plan.header["removes"]
    bucket.confirm(plan.digest)
    bucket.work()
    assert bucket.outcome(plan.digest) == "done/verified"
    xml, minimum = bucket.s3.kept[BUCKET]
    assert minimum == "varies_by_storage_class", "the setting for small objects is carried over"
    for part in ("<ID>theirs</ID>", "ObjectSizeGreaterThan>500<", "NewerNoncurrentVersions>2<", "GLACIER_IR"):
        assert part in xml
    assert bucket.s3.writes == 1
    assert bucket.known.run == plan.digest, "known without another sync"
    back = bucket.undo(plan.digest)
    assert back.header["params"]["before"] == params["after"]
    assert back.header["params"]["after"] == params["before"]
    bucket.confirm(back.digest)
    bucket.work()
    assert bucket.outcome(back.digest) == "done/verified"
    bucket.sync()
    assert bucket.known.configuration.as_data() == params["before"]
    assert bucket.s3.kept[BUCKET][1] == before[1]
    event = bucket.journal.events(kind="plan.made")[0]
    assert event.payload["params"]["before"] == params["before"], "the journal holds the backup"


def test_a_bucket_without_rules_gets_some_and_loses_them_again(bucket: Bucket) -> None:
    del bucket.s3.kept[BUCKET]
    bucket.sync()
    plan = bucket.plan(MOVE)
    assert plan.header["params"]["after"]["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"
    bucket.confirm(plan.digest)
    bucket.work()
    assert bucket.outcome(plan.digest) == "done/verified"
    back = bucket.undo(plan.digest)
    assert back.header["calls"]["DeleteBucketLifecycle"] == 1
    bucket.confirm(back.digest)
    bucket.work()
    assert bucket.outcome(back.digest) == "done/verified"
    assert BUCKET not in bucket.s3.kept


@pytest.mark.parametrize("when", ["before the read", "between read and put"])
def test_row_66_an_edit_by_somebody_else_is_found(bucket: Bucket, when: str) -> None:
    plan = bucket.plan(MOVE)
    bucket.confirm(plan.digest)
    if when == "before the read":
        xml, minimum = bucket.s3.kept[BUCKET]
        bucket.s3.kept[BUCKET] = (bucket.s3.edit(xml), minimum)
        bucket.work()
        assert bucket.outcome(plan.digest) == "stale/rules_changed"
        assert bucket.s3.writes == 0
        assert "<ID>edited</ID>" in bucket.s3.kept[BUCKET][0]
        return
    # S3 knows no condition: what somebody writes at the same moment is only seen when it is read back.
    bucket.s3.fault = lambda method, _count: "edited" if method == "PUT" else ""
    bucket.work()
    assert bucket.outcome(plan.digest) == "failed/read_back_differs"
    ended = bucket.journal.events(kind="run.finished")[0]
    assert ended.payload["outcome_counts"] == {"failed": {"read_back_differs": 1}}
    # The former rules stand in the plan; to bring them back over the edit, what was edited has to be named.
    bucket.s3.fault = lambda _method, _count: ""
    bucket.sync()
    with pytest.raises(DashboardError, match=r"(?s)edited"):
        bucket.undo(plan.digest)
    back = bucket.undo(plan.digest, may_touch={"edited"})
    bucket.confirm(back.digest)
    bucket.work()
    bucket.sync()
    assert bucket.known.configuration.as_data() == plan.header["params"]["before"]


@pytest.mark.parametrize(
    ("faults", "outcome", "writes"),
    [
        (("after",), "done/reconciled", 1),
        (("500_after",), "done/reconciled", 1),
        (("before",), "done/verified", 2),
        (("hidden", ""), "done/verified", 2),
        (("hidden",) * 9, "failed/not_seen_yet", 4),
        (("denied",), "failed/AccessDenied", 1),
    ],
)
def test_row_66_a_doubt_is_settled_by_reading(
    bucket: Bucket, faults: tuple[str, ...], outcome: str, writes: int
) -> None:
    plan = bucket.plan(MOVE)
    bucket.confirm(plan.digest)
    bucket.s3.fault = lambda method, count: faults[count] if method == "PUT" and count < len(faults) else ""
    bucket.work()
    assert (bucket.outcome(plan.digest), bucket.s3.writes) == (outcome, writes)


def test_row_66_a_read_that_fails_after_the_write_is_a_doubt_and_no_refusal(bucket: Bucket) -> None:
    plan = bucket.plan(MOVE)
    bucket.confirm(plan.digest)
    bucket.s3.fault = lambda method, count: "denied" if method == "GET" and count == 2 else ""
    bucket.work()
    assert bucket.outcome(plan.digest) == "done/reconciled"
    assert bucket.s3.writes == 1


def test_row_67_rules_of_others_go_only_if_they_are_typed_out(bucket: Bucket) -> None:
    now = bucket.known.configuration
    for after in (
        without_rule(now, "theirs"),
        Configuration((now.rules[0].with_status(is_enabled=False),), now.minimum_size),
        Configuration(bucket.with_rule(MOVE).rules[1:], now.minimum_size),
    ):
        fault = refused(ExitCode.PLAN_REFUSED, bucket, after)
        assert "theirs" in fault.cause
    plan = bucket.plan(without_rule(now, "theirs"), may_touch={"theirs"})
    assert plan.header["params"]["after"]["Rules"] == []


def test_row_67_fields_that_the_sdk_drops_stop_every_change(bucket: Bucket) -> None:
    bucket.s3.put(THEIRS.replace("</Rule>", "<Hologram><Days>3</Days></Hologram></Rule>"))
    # Nothing is known of it here yet, so the plan can be made; the worker reads it and leaves the bucket alone.
    plan = bucket.plan(MOVE)
    bucket.confirm(plan.digest)
    bucket.work()
    assert (bucket.outcome(plan.digest), bucket.s3.writes) == ("stale/unread", 0)
    bucket.sync()
    assert bucket.known.unread == ("Hologram",)
    assert "Hologram" in refused(ExitCode.PLAN_REFUSED, bucket, MOVE).cause


def test_row_67_rules_that_our_runs_wrote_are_ours_whatever_their_ids(bucket: Bucket) -> None:
    named = {
        "ID": "by hand",
        "Status": "Enabled",
        "Filter": {},
        "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}],
    }
    now = bucket.known.configuration
    plan = bucket.plan(Configuration((*now.rules, Rule(named)), now.minimum_size))
    bucket.confirm(plan.digest)
    bucket.work()
    bucket.sync()
    assert bucket.plan(without_rule(bucket.known.configuration, "by hand")).header["params"]["after"]["Rules"]


def test_row_68_what_s3_would_refuse_is_never_planned(bucket: Bucket) -> None:
    fault = refused(ExitCode.PLAN_REFUSED, bucket, Wish(moves=((30, "STANDARD_IA"), (40, "GLACIER"))))
    assert "Transitions" in fault.cause
    assert fault.code is ExitCode.PLAN_REFUSED


def test_row_69_what_lets_expire_takes_two_persons_and_time_to_call_it_off(bucket: Bucket) -> None:
    plan = bucket.plan(EXPIRE)
    assert plan.header["removes"]
    assert plan.header["params"]["effect"]["deleted_count"] == 1024
    assert plan.size_bytes == 1 << 40, "what goes counts against the limits of a run"
    bucket.confirm(plan.digest, "sato", "sato")
    assert runs.one(bucket.journal, plan.digest).state == "waiting", "one person twice is one person"
    bucket.work()
    bucket.confirm(plan.digest, "tanaka")
    run = runs.one(bucket.journal, plan.digest)
    assert run.state == "queued"
    assert run.begins_after is not None
    wait = run.begins_after - datetime.now(UTC)
    assert timedelta(minutes=9) < wait <= timedelta(minutes=10)
    bucket.work()
    assert bucket.s3.writes == 0
    assert runs.one(bucket.journal, plan.digest).state == "queued"
    # Pausing does not shorten it: a run that waits cannot be resumed into running.
    runs.want(bucket.journal, bucket.settings, plan.digest, "pause", actor="sato")
    bucket.work()
    with pytest.raises(DashboardError):
        runs.want(bucket.journal, bucket.settings, plan.digest, "resume", actor="sato")
    runs.want(bucket.journal, bucket.settings, plan.digest, "cancel", actor="sato")
    bucket.work()
    assert (runs.one(bucket.journal, plan.digest).state, bucket.s3.writes) == ("cancelled", 0)


def test_row_69_when_the_time_is_over_it_begins(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = bucket.plan(EXPIRE)
    bucket.confirm(plan.digest, "sato", "tanaka")
    over = datetime.now(UTC) + timedelta(minutes=11)
    monkeypatch.setattr(bucket.journal, "now", lambda: over)
    run_next(bucket.settings, bucket.journal, "worker", threading.Event())
    assert bucket.outcome(plan.digest) == "done/verified"
    assert "<Days>365</Days>" in bucket.s3.kept[BUCKET][0]
    approved = bucket.journal.events(kind="plan.approved")[0].payload
    assert approved["begins_after"] > ""


def test_row_69_bringing_an_expiry_back_takes_two_persons_as_well(bucket: Bucket) -> None:
    bucket.operate = {"cool_off_minutes": 0}
    plan = bucket.plan(EXPIRE)
    bucket.confirm(plan.digest, "sato", "tanaka")
    bucket.work()
    assert bucket.outcome(plan.digest) == "done/verified", "no time to wait if the settings say so"
    back = bucket.undo(plan.digest)
    assert not back.header["removes"], "taking an expiry away deletes nothing"
    bucket.confirm(back.digest)
    bucket.work()
    again = bucket.undo(back.digest)
    assert again.header["removes"]


def test_no_plan_without_a_change_or_rules_that_were_read(bucket: Bucket) -> None:
    refused(ExitCode.NO_ROWS, bucket, bucket.known.configuration)
    after = bucket.with_rule(MOVE)
    (bucket.folder / "live" / f"lifecycle-{BUCKET}.json").write_text("{}")
    assert "have not been read" in refused(ExitCode.PLAN_REFUSED, bucket, after).cause


def test_a_plan_of_another_kind_has_no_former_rules(bucket: Bucket) -> None:
    plan = bucket.plan(MOVE)
    other = plans.KeptPlan(plan.number, plan.digest, {**plan.header, "action": "restore"})
    with pytest.raises(DashboardError) as caught:
        plan_undo(bucket.settings, bucket.journal, bucket.ask, other, made_by="sato")
    assert caught.value.code is ExitCode.USAGE


def test_the_setting_for_small_objects_never_changes_unsaid(bucket: Bucket) -> None:
    now = bucket.known.configuration
    assert now.minimum_size == "all_storage_classes_128K"
    plan = bucket.plan(Configuration(now.rules, "varies_by_storage_class"))
    params = plan.header["params"]
    said = lifecycle_words.changed(parse(params["before"]), parse(params["after"]))
    assert said == [
        "− Objects under 128 KiB stay where they are",
        "+ Small objects go to Glacier Flexible and Deep Archive, too",
    ]
    bucket.confirm(plan.digest)
    bucket.work()
    assert bucket.s3.kept[BUCKET][1] == "varies_by_storage_class"


def test_a_worker_that_is_killed_after_the_write_leaves_no_second_one(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = bucket.plan(MOVE)
    bucket.confirm(plan.digest)

    class Killed(BaseException):
        """Nothing of the program sees the end of a process."""

    def write_and_die(*values: Any) -> str:
        aws_put(*values)
        raise Killed

    aws_put = lifecycle_change.put
    monkeypatch.setattr(lifecycle_change, "put", write_and_die)
    with pytest.raises(Killed):
        bucket.work()
    monkeypatch.setattr(lifecycle_change, "put", aws_put)
    bucket.work()
    assert (bucket.outcome(plan.digest), bucket.s3.writes) == ("done/reconciled", 1)
