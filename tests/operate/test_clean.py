"""Removing unfinished uploads, former versions, copies and junk: strictest limits, and a look before each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dashboard.errors import DashboardError, ExitCode
from dashboard.operate import charges, draft, execute, pace, plans, runs
from tests.operate.cleaning import ALLOWED, REPORT_AT, Ward
from tests.operate.restoring import WHY
from tests.operate.versions_stub import START, Version, serve

KEY, KEPT = "ipad/copy.heic", "ipad/kept.heic"
OLD, NEW = Version(e_tag="a" * 32, size=1000), Version(e_tag="b" * 32, size=2000)
REMOVALS = ("abort_uploads", "remove_versions", "remove_duplicates", "remove_junk")
JUNK = "ipad/0/Thumbs.db"
LONG_AGO = START - timedelta(days=30)


@pytest.fixture(name="ward")
def _ward(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ward]:
    monkeypatch.setattr(pace, "LONGEST_WAIT_SECONDS", 0.02)
    monkeypatch.setattr(pace, "FIRST_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(execute, "BETWEEN_ATTEMPTS_SECONDS", 0.001)
    with serve() as s3:
        yield Ward(tmp_path, s3)  # type: ignore[arg-type]


def fill(ward: Ward, count: int = 1) -> None:
    """Something for each removal."""
    for number in range(count):
        ward.stub.put(f"ipad/{number}.heic", OLD, NEW)
        ward.stub.put(f"ipad/copy{number}.heic", replace(NEW, version_id="c1"))
        ward.twins[f"ipad/copy{number}.heic"] = KEPT
        ward.stub.uploads[f"ipad/{number}.mp4", f"u{number}"] = [(1000, LONG_AGO)] * 3
        ward.stub.put(f"ipad/{number}/Thumbs.db", replace(NEW, version_id="j1"))
    ward.stub.put(KEPT, NEW)


def refused(ward: Ward, digest: str) -> DashboardError:
    with pytest.raises(DashboardError) as told:
        plans.confirm(ward.journal, ward.settings, digest, actor="sato", why=WHY)
    assert told.value.code is ExitCode.PLAN_REFUSED
    return told.value


# What holds for each


@pytest.mark.parametrize("action", REMOVALS)
def test_what_removes_takes_two_persons_and_says_what_it_saves(ward: Ward, action: str) -> None:
    fill(ward)
    plan = ward.kept(action, **({"keep": 0, "days": 1} if action == "remove_versions" else {}))
    assert (plan.object_count, plan.header["removes"]) == (1, True)
    assert Decimal(plan.header["params"]["saved_month_usd"]) >= 0
    assert plan.header["params"]["saved_unpriced_bytes"] == 0
    first = plans.confirm(ward.journal, ward.settings, plan.digest, actor="sato", why=WHY)
    again = plans.confirm(ward.journal, ward.settings, plan.digest, actor=" Sato", why=WHY)
    assert (first.plan.state, again.is_repeated) == ("waiting", True)
    ward.work()
    assert not ward.stub.changed
    plans.confirm(ward.journal, ward.settings, plan.digest, actor="tanaka", why="read it")
    ward.work()
    assert [state.partition("/")[0] for state in ward.states(plan.digest).values()] == ["done"]
    assert sum(ward.stub.changed.values()) == 1


def test_row_79_what_was_cancelled_before_the_second_person_cannot_be_paused_and_resumed_into_running(
    ward: Ward,
) -> None:
    fill(ward)
    plan = ward.kept("remove_duplicates")
    plans.confirm(ward.journal, ward.settings, plan.digest, actor="sato", why=WHY)
    runs.want(ward.journal, ward.settings, plan.digest, "cancel", actor="sato")
    deeds: tuple[runs.Deed, ...] = ("pause", "resume", "cancel")
    for deed in deeds:
        with pytest.raises(DashboardError, check=lambda fault: fault.code is ExitCode.CONFLICT):
            runs.want(ward.journal, ward.settings, plan.digest, deed, actor="sato")
        ward.work()
    assert runs.one(ward.journal, plan.digest).state == "cancelled"
    assert not ward.stub.changed


@pytest.mark.parametrize("action", REMOVALS)
def test_without_the_right_to_delete_nothing_is_confirmed(ward: Ward, action: str) -> None:
    fill(ward)
    ward.operate = {}
    plan = ward.kept(action, **({"keep": 0, "days": 1} if action == "remove_versions" else {}))
    assert "allow_removal = true" in refused(ward, plan.digest).next_step


@pytest.mark.parametrize(
    ("limit", "name", "left"),
    [
        ({"max_removed_objects": 1}, "max_removed_objects = 1", "1"),
        ({"max_removed_bytes": 1999}, "max_removed_bytes = 1999", "1999"),
        ({"max_removed_percent": "1.5"}, "max_removed_percent = 1.5 (clinic-images)", "1.5"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_row_79_removals_have_lower_limits_of_their_own(
    ward: Ward, limit: dict[str, Any], name: str, left: str
) -> None:
    fill(ward, 2)
    ward.operate = ALLOWED | limit
    plan = ward.kept("remove_versions", keep=0, days=1)
    assert plan.header["params"]["shares"] == {"clinic-images": "2.000000"}, (
        "2 of 100 objects, and of 100,000 bytes"
    )
    fault = refused(ward, plan.digest)
    assert (fault.args_by_name["limit"], fault.args_by_name["left"]) == (name, left)
    assert ward.kinds() == ["plan.made"]


def test_row_79_the_share_of_a_bucket_is_that_of_its_bytes_where_that_is_more(ward: Ward) -> None:
    fill(ward)
    ward.bucket_rows, ward.bucket_bytes = 3, 4000
    assert ward.made("remove_duplicates").params["shares"] == {"clinic-images": "50.000000"}
    assert ward.made("abort_uploads").params["shares"] == {"clinic-images": "75.000000"}
    ward.bucket_rows, ward.bucket_bytes = 3, 10**9
    assert ward.made("remove_duplicates").params["shares"] == {"clinic-images": "33.333334"}


def test_row_79_limits_of_a_day_count_all_runs_and_end_at_the_archive_s_midnight(ward: Ward) -> None:
    fill(ward, 2)
    ward.operate = ALLOWED | {"max_removed_objects": 3, "plan_hours": 72}
    now = datetime(2026, 11, 21, 3, tzinfo=UTC)
    ward.journal.now = lambda: now
    ward.confirm(plans.keep(ward.journal, ward.made("remove_versions", keep=0, days=1, now=now)))
    second = plans.keep(ward.journal, ward.made("remove_duplicates", now=now))
    fault = refused(ward, second.digest)
    assert fault.args_by_name["left"] == "1"
    assert "left today: {left}" in fault.cause_template
    now = datetime(2026, 11, 21, 14, 59, tzinfo=UTC)  # 23:59 in Tokyo
    refused(ward, second.digest)
    now += timedelta(minutes=1)
    ward.confirm(second)
    assert runs.one(ward.journal, second.digest).state == "queued"


def test_row_79_what_waits_or_was_cancelled_before_it_began_uses_nothing_of_the_day(ward: Ward) -> None:
    fill(ward, 2)
    ward.operate = ALLOWED | {"max_removed_objects": 2}
    first = ward.kept("remove_versions", keep=0, days=1)
    plans.confirm(ward.journal, ward.settings, first.digest, actor="sato", why=WHY)
    second = ward.kept("remove_duplicates")
    plans.confirm(ward.journal, ward.settings, second.digest, actor="sato", why=WHY)
    plans.confirm(ward.journal, ward.settings, second.digest, actor="tanaka", why=WHY)
    with pytest.raises(DashboardError, check=lambda fault: fault.code is ExitCode.PLAN_REFUSED):
        plans.confirm(ward.journal, ward.settings, first.digest, actor="tanaka", why=WHY)
    with ward.journal.writing() as transaction:
        transaction.run("UPDATE runs SET state = 'cancelled' WHERE state = 'queued'")
    plans.confirm(ward.journal, ward.settings, first.digest, actor="tanaka", why=WHY)
    assert runs.one(ward.journal, first.digest).state == "queued"


@pytest.mark.parametrize(
    ("limit", "left"),
    [({"max_objects_per_day": 5}, "2"), ({"max_usd_per_day": "0.00002"}, "0.000005")],
    ids=["objects", "dollars"],
)
def test_row_79_objects_and_dollars_of_a_day_are_limited_for_every_action(
    ward: Ward, limit: dict[str, Any], left: str
) -> None:
    for number in range(3):
        ward.stub.put(f"{number}", OLD, Version("m", is_marker=True))
    ward.operate = ALLOWED | limit
    ward.confirm(ward.kept("undelete"))
    for number in range(3):
        ward.stub.put(f"more{number}", OLD, Version("m", is_marker=True))
    fault = refused(ward, ward.kept("undelete").digest)
    assert fault.args_by_name["left"] == left


def test_a_plan_does_not_outlive_what_the_settings_said_of_records(ward: Ward) -> None:
    fill(ward)
    plan = ward.kept("remove_duplicates")
    ward.records = ["ipad"]
    with pytest.raises(DashboardError, check=lambda fault: fault.code is ExitCode.PLAN_OUTDATED):
        plans.confirm(ward.journal, ward.settings, plan.digest, actor="sato", why=WHY)


# Unfinished uploads


def test_an_upload_is_aborted_and_its_parts_are_gone(ward: Ward) -> None:
    ward.stub.uploads[KEY, "u1"] = [(1 << 30, LONG_AGO)] * 5
    ward.stub.uploads[KEY, "u2"] = [(7, LONG_AGO)]
    plan = ward.kept("abort_uploads")
    assert (plan.object_count, plan.size_bytes) == (2, 5 * (1 << 30) + 7)
    assert plan.header["permissions"] == ["s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"]
    assert Decimal(plan.header["params"]["saved_month_usd"]) == Decimal("0.115")
    ward.confirm(plan)
    ward.work()
    assert runs.one(ward.journal, plan.digest).counts == {"done": 2}
    assert not ward.stub.uploads


def test_row_64_an_upload_that_goes_on_is_left_alone(ward: Ward) -> None:
    for name in ("more", "again", "other", "over"):
        ward.stub.uploads[name, "u"] = [(10, LONG_AGO)] * 3
    digest = ward.queued("abort_uploads")
    ward.stub.uploads["more", "u"].append((10, LONG_AGO))
    ward.stub.uploads["again", "u"][0] = (10, REPORT_AT.replace(tzinfo=UTC) + timedelta(seconds=1))
    ward.stub.uploads["other", "u"][0] = (11, LONG_AGO)
    del ward.stub.uploads["over", "u"]
    ward.work()
    running = "stale/still_running"
    assert ward.states(digest) == {
        "more": running,
        "again": running,
        "other": running,
        "over": "done/gone_already",
    }
    assert not ward.stub.changed


@pytest.mark.parametrize(
    ("faults", "outcome", "sent"),
    [
        (["before"], "done/aborted", 2),
        (["after"], "done/reconciled", 1),
        (["500_after"], "done/reconciled", 1),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_row_55_56_a_doubtful_abort_is_settled_by_a_look(
    ward: Ward, faults: list[str], outcome: str, sent: int
) -> None:
    ward.stub.uploads[KEY, "u"] = [(10, LONG_AGO)]
    ward.stub.fault = lambda what, _key, count: (
        faults[count] if what == "ABORT" and count < len(faults) else ""
    )
    digest = ward.queued("abort_uploads")
    ward.work()
    assert (ward.states(digest), ward.stub.asked["ABORT", KEY]) == ({KEY: outcome}, sent)


@pytest.mark.parametrize("fault", ["denied", "500", "before"])
def test_a_look_that_fails_after_an_abort_leaves_a_doubt_that_is_settled(ward: Ward, fault: str) -> None:
    ward.stub.uploads[KEY, "u"] = [(10, LONG_AGO)]
    ward.stub.fault = lambda what, _key, count: fault if what == "PARTS" and count == 1 else ""
    digest = ward.queued("abort_uploads")
    ward.work()
    assert ward.states(digest) == {KEY: "done/reconciled"}
    assert ward.stub.asked["ABORT", KEY] == 1


def test_parts_that_come_in_while_it_is_aborted_are_aborted_too(ward: Ward) -> None:
    ward.stub.uploads[KEY, "u"] = [(10, LONG_AGO)]

    def arrive(what: str, _key: str, count: int) -> str:
        if what == "PARTS" and count == 1:
            ward.stub.uploads[KEY, "u"] = [(10, LONG_AGO)]
        return ""

    ward.stub.fault = arrive
    digest = ward.queued("abort_uploads")
    ward.work()
    assert ward.states(digest) == {KEY: "done/aborted"}
    assert not ward.stub.uploads


def test_uploads_of_today_and_uploads_nobody_looked_into_are_not_planned(ward: Ward) -> None:
    with pytest.raises(ValueError, match="still be running"):
        ward.made("abort_uploads", days=0)


# Former versions


def test_former_versions_are_removed_and_the_current_one_never_is(ward: Ward) -> None:
    ward.stub.put(KEY, OLD, replace(OLD, storage_class="STANDARD_IA", size=1 << 30), NEW)
    plan = ward.kept("remove_versions", keep=0, days=1)
    parts = {(part["what"], part["place"]): Decimal(part["usd"]) for part in plan.header["costs"]}
    days_left = 30 - (REPORT_AT.replace(tzinfo=UTC) - ward.stub.keys[KEY][1].modified_at).days
    assert parts["early_deletion", "STANDARD_IA"] == Decimal("0.0125") * days_left / 30
    assert days_left > 0
    ward.confirm(plan)
    ward.work()
    assert set(ward.states_of(plan.digest)) == {("v1", "done/removed"), ("v2", "done/removed")}
    assert ward.stub.state() == {KEY: ["v3"]}


def test_records_and_overwritten_images_are_refused(ward: Ward) -> None:
    for name in ("xray/a.dcm", "ipad/a.heic", "ipad/overwritten.heic"):
        ward.stub.put(name, OLD, NEW)
    ward.records = ["xray"]
    found = {"xray/a.dcm": "record", "ipad/a.heic": "", "ipad/overwritten.heic": "overwritten"}
    assert ward.refusals("remove_versions", keep=0, days=1) == found
    ward.records = None
    assert ward.refusals("remove_versions", keep=0, days=1)["ipad/a.heic"] == "perhaps_record"


def test_row_64_versions_that_may_not_go_any_more_are_left_alone(ward: Ward) -> None:
    names = ("current", "marked", "held", "retained", "moved", "changed", "over", "gone")
    for name in names:
        ward.stub.put(name, OLD, NEW)
    digest = ward.queued("remove_versions", keep=0, days=1)
    keys = ward.stub.keys
    keys["current"].pop()
    keys["marked"].append(Version("m9", is_marker=True))
    keys["held"][0].is_held = True
    keys["retained"][0].retain_until = datetime.now(UTC) + timedelta(days=1)
    keys["moved"][0].storage_class = "GLACIER"
    keys["changed"][0].e_tag = "f" * 32
    del keys["over"][0]
    keys["gone"].clear()
    ward.work()
    assert ward.states(digest) == {
        "current": "stale/is_current",
        "marked": "done/removed",
        "held": "stale/locked",
        "retained": "stale/locked",
        "moved": "stale/other_class",
        "changed": "stale/changed",
        "over": "done/gone_already",
        "gone": "done/gone_already",
    }
    assert list(ward.stub.changed) == [("DELETE", "marked", "v1")]


def test_row_64_the_newest_former_versions_stay_although_others_went_meanwhile(ward: Ward) -> None:
    for name in ("as planned", "newest gone", "current gone"):
        ward.stub.put(name, OLD, replace(OLD, e_tag="c" * 32), NEW)
    digest = plans.keep(ward.journal, ward.made("remove_versions", keep=1, days=1))
    ward.confirm(digest)
    del ward.stub.keys["newest gone"][1]
    del ward.stub.keys["current gone"][2]
    ward.work()
    found = {item["key"]: item["code"] for item in runs.outcomes(ward.journal, digest.digest)}
    assert found == {
        "as planned": "removed",
        "newest gone": "kept_version",
        "current gone": "kept_version",
    }


@pytest.mark.parametrize("status", ["Suspended", "Enabled"])
def test_a_version_whose_place_an_upload_would_take_is_not_removed(ward: Ward, status: str) -> None:
    ward.stub.put(KEY, OLD, NEW)
    ward.stub.keys[KEY][0].version_id = "null"
    ward.stub.status = status
    digest = ward.queued("remove_versions", keep=0, days=1)
    ward.work()
    is_safe = status == "Enabled"
    assert ward.states(digest) == {KEY: "done/removed" if is_safe else "stale/no_versions"}


@pytest.mark.parametrize("fault", ["before", "500", "after", "500_after"])
def test_row_55_56_a_version_is_removed_once_whatever_the_answer(ward: Ward, fault: str) -> None:
    ward.stub.put(KEY, OLD, NEW)
    ward.stub.fault = lambda what, _key, count: fault if what == "DELETE" and not count else ""
    digest = ward.queued("remove_versions", keep=0, days=1)
    ward.work()
    is_done = fault.endswith("after")
    assert ward.states(digest) == {KEY: "done/reconciled" if is_done else "done/removed"}
    assert ward.stub.asked["DELETE", KEY] == (1 if is_done else 2)
    assert ward.stub.state() == {KEY: ["v2"]}


# Exact copies


def test_a_copy_goes_while_the_kept_one_is_there(ward: Ward) -> None:
    fill(ward)
    digest = ward.queued("remove_duplicates")
    ward.work()
    assert ward.states(digest) == {"ipad/copy0.heic": "done/removed"}
    assert "ipad/copy0.heic" not in ward.stub.state()
    wire = [what for what, path in ward.stub.wire if "kept" in path or "copy0" in path]
    assert wire == ["LIST", "HEAD", "HEAD", "DELETE"], "the kept copy is looked at right before"


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        (lambda kept, _copy: kept.clear(), "stale/kept_changed"),
        (lambda kept, _copy: kept.append(Version("m", is_marker=True)), "stale/kept_changed"),
        (lambda kept, _copy: kept.append(Version("v9", e_tag="9" * 32)), "stale/kept_changed"),
        (lambda kept, _copy: kept.append(replace(NEW, version_id="v9")), "stale/kept_changed"),
        (lambda kept, _copy: setattr(kept[0], "size", 3), "stale/kept_changed"),
        (lambda kept, _copy: setattr(kept[0], "storage_class", "DEEP_ARCHIVE"), "stale/kept_changed"),
        (lambda kept, _copy: setattr(kept[0], "crc", "BBBBBBBBBBB="), "stale/kept_changed"),
        (lambda _kept, copy: copy.append(replace(NEW, version_id="v9")), "stale/changed"),
        (lambda _kept, copy: copy.insert(0, replace(OLD, version_id="v0")), "stale/has_versions"),
        (lambda _kept, copy: setattr(copy[0], "e_tag", "9" * 32), "stale/changed"),
        (lambda _kept, copy: setattr(copy[0], "is_held", True), "stale/locked"),
        (lambda _kept, copy: setattr(copy[0], "storage_class", "GLACIER_IR"), "stale/other_class"),
        (lambda _kept, copy: copy.clear(), "done/gone_already"),
    ],
    ids=range(13),
)
def test_row_64_a_copy_stays_if_it_or_the_kept_one_is_not_as_planned(
    ward: Ward, change: Callable[[list[Version], list[Version]], None], outcome: str
) -> None:
    fill(ward)
    ward.stub.keys["ipad/copy0.heic"][0].crc = ward.stub.keys[KEPT][0].crc = "AAAAAAAAAAA="
    digest = ward.queued("remove_duplicates")
    change(ward.stub.keys[KEPT], ward.stub.keys["ipad/copy0.heic"])
    ward.work()
    assert ward.states(digest) == {"ipad/copy0.heic": outcome}
    assert not ward.stub.changed


def test_a_copy_that_changes_after_the_look_is_not_removed(ward: Ward) -> None:
    fill(ward)
    digest = ward.queued("remove_duplicates")

    def upload(what: str, key: str, _count: int) -> str:
        if what == "DELETE":
            ward.stub.keys[key].append(Version("v9", e_tag="9" * 32))
        return ""

    ward.stub.fault = upload
    ward.work()
    assert ward.states(digest) == {"ipad/copy0.heic": "failed/PreconditionFailed"}
    assert not ward.stub.changed


def test_copies_that_may_not_go_are_refused(ward: Ward) -> None:
    fill(ward)
    for name, stack in (
        ("ipad/older.heic", (OLD, NEW)),
        ("ipad/cold.heic", (NEW,)),
        ("xray/a.dcm", (NEW,)),
        ("ipad/./x", (NEW,)),
    ):
        ward.stub.put(name, *stack)
        ward.twins[name] = KEPT
    ward.stub.put("ipad/archived.heic", replace(NEW, storage_class="DEEP_ARCHIVE"))
    ward.twins["ipad/cold.heic"] = "ipad/archived.heic"
    ward.records = ["xray"]
    assert ward.refusals("remove_duplicates") == {
        "ipad/./x": "dotted_key",
        "ipad/cold.heic": "kept_is_archived",
        "ipad/copy0.heic": "",
        "ipad/older.heic": "has_versions",
        "xray/a.dcm": "record",
    }


def test_where_nothing_keeps_them_copies_go_only_if_the_settings_say_so(ward: Ward) -> None:
    fill(ward)
    ward.stub.status = ""
    for stack in ward.stub.keys.values():
        for item in stack:
            item.version_id = "null"
    assert ward.refusals("remove_duplicates") == {"ipad/copy0.heic": "no_versions"}
    ward.operate = ALLOWED | {"removal_without_versions": True}
    plan = ward.kept("remove_duplicates")
    assert plan.header["params"]["is_final"] is True
    ward.confirm(plan)
    ward.work()
    assert ward.states(plan.digest) == {"ipad/copy0.heic": "done/removed"}
    assert "ipad/copy0.heic" not in ward.stub.state()


# Junk files


def test_a_junk_file_goes_for_good(ward: Ward) -> None:
    fill(ward)
    ward.stub.put(JUNK, replace(NEW, version_id="j1", storage_class="STANDARD_IA", size=0))
    plan = ward.kept("remove_junk")
    parts = {part["what"]: Decimal(part["usd"]) for part in plan.header["costs"]}
    assert parts["early_deletion"] > 0, "an empty file is billed as 128 KiB"
    assert plan.header["permissions"] == [
        *("s3:GetObject", "s3:GetObjectVersion", "s3:ListBucketVersions", "s3:ListBucket"),
        *("s3:DeleteObjectVersion", "s3:DeleteObject"),
    ]
    ward.confirm(plan)
    ward.work()
    assert ward.states(plan.digest) == {JUNK: "done/removed"}
    assert JUNK not in ward.stub.state()
    assert [what for what, path in ward.stub.wire if "Thumbs" in path] == ["LIST", "HEAD", "DELETE"]


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        (lambda junk: junk.append(replace(NEW, version_id="v9")), "stale/changed"),
        (lambda junk: junk.append(Version("m", is_marker=True)), "stale/changed"),
        (lambda junk: junk.insert(0, replace(OLD, version_id="v0")), "stale/has_versions"),
        (lambda junk: setattr(junk[0], "e_tag", "9" * 32), "stale/changed"),
        (lambda junk: setattr(junk[0], "is_held", True), "stale/locked"),
        (lambda junk: setattr(junk[0], "storage_class", "GLACIER_IR"), "stale/other_class"),
        (lambda junk: junk.clear(), "done/gone_already"),
    ],
    ids=range(7),
)
def test_row_64_a_junk_file_stays_if_it_is_not_as_planned(
    ward: Ward, change: Callable[[list[Version]], None], outcome: str
) -> None:
    fill(ward)
    digest = ward.queued("remove_junk")
    change(ward.stub.keys[JUNK])
    ward.work()
    assert ward.states(digest) == {JUNK: outcome}
    assert not ward.stub.changed


@pytest.mark.parametrize("fault", ["before", "500", "after", "500_after"])
def test_row_55_56_a_junk_file_is_removed_once_whatever_the_answer(ward: Ward, fault: str) -> None:
    fill(ward)
    ward.stub.fault = lambda what, _key, count: fault if what == "DELETE" and not count else ""
    digest = ward.queued("remove_junk")
    ward.work()
    is_done = fault.endswith("after")
    assert ward.states(digest) == {JUNK: "done/reconciled" if is_done else "done/removed"}
    assert ward.stub.asked["DELETE", JUNK] == (1 if is_done else 2)


def test_junk_files_that_may_not_go_are_refused(ward: Ward) -> None:
    for name, stack in (
        ("ipad/Thumbs.db", (NEW,)),
        ("ipad/older/Thumbs.db", (OLD, NEW)),
        ("xray/Thumbs.db", (NEW,)),
        ("ipad/./Thumbs.db", (NEW,)),
    ):
        ward.stub.put(name, *stack)
    ward.records = ["xray"]
    found = {
        "ipad/./Thumbs.db": "dotted_key",
        "ipad/Thumbs.db": "",
        "ipad/older/Thumbs.db": "has_versions",
        "xray/Thumbs.db": "record",
    }
    assert ward.refusals("remove_junk") == found
    ward.records = None
    assert ward.refusals("remove_junk")["ipad/Thumbs.db"] == "perhaps_record"
    ward.records = []
    ward.stub.status = ""
    assert ward.refusals("remove_junk")["ipad/Thumbs.db"] == "no_versions"
    ward.operate = ALLOWED | {"removal_without_versions": True}
    plan = ward.made("remove_junk")
    assert ("", True) in {(item.refusal, plan.params["is_final"]) for item in plan.items}


def test_what_a_removed_object_is_billed_for_follows_the_rules_of_its_class() -> None:
    found = charges.removed("STANDARD_IA", "", 10, REPORT_AT - timedelta(days=10, hours=1), REPORT_AT)
    assert (found.billed_bytes, found.days_left) == (131_072, 20)
    assert charges.removed("STANDARD", "", 10, REPORT_AT, REPORT_AT)[2:] == (10, 0)
    assert charges.removed("DEEP_ARCHIVE", "", 10, None, REPORT_AT)[2:] == (10, 180)
    assert charges.removed("NEW_CLASS", "", 10, None, REPORT_AT)[2:] == (10, 0)


def test_prices_that_are_not_known_are_told_as_missing(ward: Ward) -> None:
    fill(ward)
    ward.stub.put("ipad/0.heic", replace(OLD, storage_class="NEW_CLASS"), NEW)
    made = ward.made("remove_versions", keep=0, days=1)
    assert (made.params["saved_month_usd"], made.params["saved_unpriced_bytes"]) == ("0.000000", 1000)
    assert draft.snapshot_of(made.basis) == "000001"
