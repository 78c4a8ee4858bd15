"""Changes of class by copy: what they cost, that nothing but the class changes, and what becomes of broken ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from pathlib import Path

import pytest

from dashboard.domain.plan import Plan
from dashboard.operate import class_change, copies, execute, pace
from dashboard.operate.choice import Choice, Found
from tests.operate.changing import UPLOADED_AT, Changing
from tests.operate.object_stub import BUCKET, Version, serve

KEY = "ipad/00000.heic"
GIB = 1 << 30


@pytest.fixture(name="clinic")
def _clinic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Changing]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setattr(execute, "BETWEEN_ATTEMPTS_SECONDS", 0.01)
    monkeypatch.setattr(pace, "FIRST_WAIT_SECONDS", 0.01)
    with serve() as s3:
        yield Changing(tmp_path, s3)


def planned(clinic: Changing, to_class: str = "GLACIER_IR", days: int = 0) -> Plan:
    return class_change.make_plan(
        clinic.settings,
        clinic,
        Choice(),
        to_class=to_class,
        made_by="sato",
        now=UPLOADED_AT + timedelta(days=days),
    )


def moved(clinic: Changing, to_class: str = "GLACIER_IR") -> str:
    return clinic.keep(
        class_change.make_plan(clinic.settings, clinic, Choice(), to_class=to_class, made_by="sato")
    )


def now(clinic: Changing, key: str = KEY) -> Version:
    found = clinic.objects.now(key)
    assert found is not None
    return found


@pytest.mark.parametrize("is_versioned", [False, True])
def test_only_the_class_changes(clinic: Changing, is_versioned: bool) -> None:
    clinic.objects.is_versioned = is_versioned
    headers = {
        "content-type": "image/heic",
        "x-amz-meta-camera": "3",
        "x-amz-server-side-encryption": "AES256",
    }
    clinic.put(2, tags={"label": "cornea"}, headers=headers)
    old = now(clinic)
    digest = moved(clinic)
    clinic.work()
    assert set(clinic.states(digest).values()) == {"done/moved"}
    made = now(clinic)
    assert made.storage_class == "GLACIER_IR"
    assert (made.body, made.tags, made.headers) == (old.body, old.tags, headers)
    assert len(clinic.objects.objects[KEY]) == (2 if is_versioned else 1)
    assert clinic.journal.verify().faults == ()


@pytest.mark.parametrize("kind", ["before", "after", "500", "500_after", "200_error", "slow", "409"])
def test_a_copy_in_doubt_is_settled_by_a_look(clinic: Changing, kind: str) -> None:
    clinic.objects.is_versioned = True
    clinic.put(1)
    clinic.objects.fault = lambda operation, _key, count: kind if operation == "COPY" and not count else ""
    digest = moved(clinic)
    clinic.work()
    assert clinic.states(digest)[KEY] in {"done/moved", "done/reconciled"}
    assert clinic.objects.done["COPY", KEY] == 1
    assert len(clinic.objects.objects[KEY]) == 2


def test_row_75_what_came_meanwhile_is_not_overwritten(clinic: Changing) -> None:
    clinic.objects.is_versioned = True
    clinic.put(3)
    digest = moved(clinic)
    clinic.objects.put(KEY, Version(b"newer, before the look"))
    clinic.objects.objects.pop("ipad/00002.heic")

    def fault(operation: str, key: str, _count: int) -> str:
        if operation == "COPY" and key == "ipad/00001.heic":
            clinic.objects.put(key, Version(b"newer, before the copy"))
        return ""

    clinic.objects.fault = fault
    clinic.work()
    assert list(clinic.states(digest).values()) == ["stale/changed", "stale/changed", "stale/gone"]
    assert not clinic.objects.done
    assert now(clinic, "ipad/00001.heic").body == b"newer, before the copy"


def test_what_is_not_moved_is_refused_with_its_reason(clinic: Changing) -> None:
    for key, storage_class in (("a", "STANDARD"), ("b", "GLACIER_IR"), ("c", "GLACIER")):
        clinic.objects.put(key, Version(b"x", storage_class=storage_class))
    refusals = {item.key: item.refusal for item in planned(clinic).items}
    assert refusals == {"a": "", "b": "same_class", "c": "restore_first"}
    row = next(rows for rows in clinic.batches("plan.objects", {"keys": ["a"]}))[0]
    former = Found._make(row)._replace(kind="noncurrent_version")
    assert class_change._refusal(clinic.settings, former, "STANDARD_IA") == "not_current"
    with pytest.raises(ValueError, match="no class"):
        planned(clinic, "SNOW")


def copy_until(days: float) -> str:
    until = format_datetime(datetime.now(UTC) + timedelta(days=days), usegmt=True)
    return f'ongoing-request="false", expiry-date="{until}"'


@pytest.mark.parametrize("size", [1 << 20, 6 * GIB])
def test_what_is_archived_is_moved_while_its_copy_can_be_read(
    clinic: Changing, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    clinic.objects.is_versioned = True
    tells = {
        "a": copy_until(1),
        "b": copy_until(-1),
        "c": 'ongoing-request="true"',
        "d": "",
        "e": copy_until(1),
    }
    for key, restore in tells.items():
        clinic.objects.put(
            key, Version(b"x", storage_class="GLACIER", size=size, checksum="x=", restore=restore)
        )
    refusals = {item.key: item.refusal for item in planned(clinic, "STANDARD").items}
    assert refusals == dict.fromkeys(tells, "restore_first")
    known = frozenset((BUCKET, key, now(clinic, key).version_id, now(clinic, key).e_tag) for key in "abcd")
    monkeypatch.setattr(copies, "readable", lambda _journal, _now: known)
    plan = planned(clinic, "STANDARD", days=30)
    assert {item.key: item.refusal for item in plan.items} == dict.fromkeys("abcd", "") | {
        "e": "restore_first"
    }
    parts = {part.what for part in plan.costs}
    assert "retrieval" not in parts, "the restore has been paid for"
    assert "old_version" in parts
    digest = moved(clinic, "STANDARD")
    clinic.work()
    assert clinic.states(digest) == {"a": "done/moved", **dict.fromkeys("bcd", "stale/restore_first")}
    made = now(clinic, "a")
    assert (made.storage_class, made.size, made.restore) == ("STANDARD", size, "")
    assert {key: len(versions) for key, versions in clinic.objects.objects.items()} == {
        "a": 2, "b": 1, "c": 1, "d": 1, "e": 1,
    }  # fmt: skip


def test_a_copy_that_goes_between_look_and_request_changes_nothing(
    clinic: Changing, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic.put(1, storage_class="DEEP_ARCHIVE", restore=copy_until(1))
    known = frozenset({(BUCKET, KEY, "", now(clinic).e_tag)})
    monkeypatch.setattr(copies, "readable", lambda _journal, _now: known)
    early = {part.what: part.amount for part in planned(clinic, "STANDARD", days=30).costs}["early_deletion"]
    assert early == Decimal(now(clinic).size) / GIB * 150 / 30
    digest = moved(clinic, "STANDARD")

    def fault(operation: str, key: str, _count: int) -> str:
        if operation == "COPY":
            now(clinic, key).restore = copy_until(-1)
        return ""

    clinic.objects.fault = fault
    clinic.work()
    assert clinic.states(digest) == {KEY: "failed/InvalidObjectState"}
    assert now(clinic).storage_class == "DEEP_ARCHIVE"


@pytest.mark.parametrize("to_class", class_change.TARGETS)
def test_records_are_not_made_slow_to_read(clinic: Changing, to_class: str) -> None:
    for key in ("xray/a.dcm", "ipad/a.heic"):
        clinic.objects.put(key, Version(b"x", storage_class="NEW_CLASS"))
    is_slow = to_class in {"GLACIER", "DEEP_ARCHIVE"}
    clinic.records = {"devices": ["xray"]}
    refusals = {item.key: item.refusal for item in planned(clinic, to_class).items}
    assert refusals == {"xray/a.dcm": "record" if is_slow else "", "ipad/a.heic": ""}
    clinic.records = {}
    refused = "perhaps_record" if is_slow else ""
    assert {item.refusal for item in planned(clinic, to_class).items} == {refused}
    clinic.records = {"readable_within_hours": 5}
    refused = "perhaps_record" if to_class == "DEEP_ARCHIVE" else ""
    assert {item.refusal for item in planned(clinic, to_class).items} == {refused}


def test_a_locked_image_and_one_of_another_class_are_left_alone(clinic: Changing) -> None:
    clinic.objects.is_versioned = True
    clinic.put(2)
    now(clinic).lock = {"x-amz-object-lock-legal-hold": "ON"}
    digest = moved(clinic)
    now(clinic, "ipad/00001.heic").storage_class = "STANDARD_IA"
    clinic.work()
    assert list(clinic.states(digest).values()) == ["stale/locked", "stale/other_class"]
    assert not clinic.objects.done


def test_what_was_uploaded_in_parts_is_copied_in_one_and_compared_by_size(clinic: Changing) -> None:
    clinic.put(1, e_tag=f"{'a' * 32}-3")
    digest = moved(clinic)
    clinic.work()
    assert clinic.states(digest) == {KEY: "done/moved_by_size"}
    again = clinic.keep(
        class_change.make_plan(clinic.settings, clinic, Choice(), to_class="STANDARD_IA", made_by="sato")
    )
    clinic.work()
    assert clinic.states(again) == {KEY: "done/moved"}


def test_more_than_5_gb_is_copied_in_parts_onto_itself(clinic: Changing) -> None:
    clinic.objects.is_versioned = True
    clinic.put(1, size=6 * GIB, checksum="crc=", tags={"a": "b"}, headers={"x-amz-meta-x": "y"})
    digest = moved(clinic, "DEEP_ARCHIVE")
    clinic.work()
    assert clinic.states(digest) == {KEY: "done/moved"}
    made = now(clinic)
    assert (made.size, made.storage_class, made.tags) == (6 * GIB, "DEEP_ARCHIVE", {"a": "b"})
    assert made.headers == {"x-amz-meta-x": "y"}


def test_a_move_has_its_price_and_what_each_object_costs_beside_its_bytes(clinic: Changing) -> None:
    clinic.put(1000, size=GIB, storage_class="STANDARD_IA")
    plan = planned(clinic, "DEEP_ARCHIVE", days=10)
    gib = Decimal(GIB)
    assert {part.what: part.usd for part in plan.costs} == {
        "look": Decimal("0.002"),
        "copying": Decimal("0.05"),
        "retrieval": Decimal("10.00"),
        "early_deletion": Decimal("12.5") * 20 / 30,
        "each_month": Decimal("0.00099") * (32 << 10) * 1000 / gib
        + Decimal("0.023") * (8 << 10) * 1000 / gib,
    }
    assert Decimal(plan.params["before_month_usd"]) == Decimal("12.5")
    assert Decimal("0.99") < Decimal(plan.params["after_month_usd"]) < Decimal("1.03")
    assert (plan.params["kept_count"], plan.params["small_count"], plan.removes) == (0, 0, False)
    assert plan.calls == {"HeadObject": 2000, "CopyObject": 1000}
    assert "s3:DeleteObject" not in plan.permissions


@pytest.mark.parametrize(("e_tag", "part_count"), [("a" * 32, 50), (f"{'a' * 32}-6400", 6400)])
def test_what_is_copied_in_parts_is_billed_by_the_part(clinic: Changing, e_tag: str, part_count: int) -> None:
    clinic.objects.put(KEY, Version(b"x", size=50 * GIB, e_tag=e_tag))
    clinic.objects.put("ipad/small.heic", Version(b"x", size=5 * GIB))
    plan = planned(clinic, "STANDARD_IA")
    assert plan.calls == {
        "HeadObject": 4, "CopyObject": 1, "CreateMultipartUpload": 1, "UploadPartCopy": part_count,
        "CompleteMultipartUpload": 1,
    }  # fmt: skip
    copying = [(part.place, part.usd) for part in plan.costs if part.what == "copying"]
    assert copying == [("STANDARD_IA", Decimal("0.00001") * (part_count + 3))]
    # Parts of what is archived are billed as Standard, only the last request as the archive's.
    copying = [
        (part.place, part.usd) for part in planned(clinic, "DEEP_ARCHIVE").costs if part.what == "copying"
    ]
    assert copying == [
        ("DEEP_ARCHIVE", Decimal("0.00005") * 2),
        ("STANDARD", Decimal("0.000005") * (part_count + 1)),
    ]


def test_old_versions_and_small_objects_are_counted(clinic: Changing) -> None:
    clinic.objects.is_versioned = True
    clinic.put(3, size=1 << 10)
    clinic.put(1, size=GIB)
    plan = planned(clinic, "STANDARD_IA")
    costs = {part.what: part.usd for part in plan.costs}
    assert (plan.params["kept_count"], plan.params["small_count"]) == (3, 2)
    gib = Decimal(GIB)
    assert costs["old_version"] == Decimal("0.023") * (GIB + 2 * 1024) / gib
    assert costs["each_month"] == Decimal("0.0125") * 2 * (127 << 10) / gib
    watched = {part.what: part.amount for part in planned(clinic, "INTELLIGENT_TIERING").costs}
    assert watched["monitoring"] == 1


def test_what_is_older_than_the_bucket_s_versioning_stays_and_is_billed_as_a_version(
    clinic: Changing,
) -> None:
    clinic.objects.put(KEY, Version(b"x", version_id="null", size=GIB, storage_class="STANDARD_IA"))
    before = planned(clinic, "STANDARD", days=10)
    assert {"early_deletion", "old_version"} & {part.what for part in before.costs} == {"early_deletion"}
    assert before.params["kept_count"] == 0
    clinic.objects.is_versioned = True
    plan = planned(clinic, "STANDARD", days=10)
    costs = {part.what: part.usd for part in plan.costs}
    assert {"early_deletion", "old_version"} & costs.keys() == {"old_version"}
    assert (costs["old_version"], plan.params["kept_count"]) == (Decimal("0.0125"), 1)


def test_a_version_above_which_the_bucket_keeps_nothing_is_refused(clinic: Changing) -> None:
    clinic.objects.is_versioned = True
    clinic.put(1)
    clinic.objects.is_versioned = False
    assert [item.refusal for item in planned(clinic).items] == ["no_versions"]


def test_what_lies_below_in_a_bucket_that_keeps_no_more_versions_is_not_lost(clinic: Changing) -> None:
    clinic.objects.is_versioned = True
    below = clinic.objects.put(KEY, Version(b"from before there were versions", version_id="null"))
    clinic.put(1)
    digest = moved(clinic)
    clinic.objects.is_suspended = True
    clinic.work()
    assert clinic.states(digest) == {KEY: "stale/no_versions"}
    assert below in clinic.objects.objects[KEY]
