"""Renames: nothing is lost and nothing overwritten, whatever breaks in between and whoever changes what meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from pathlib import Path

import pytest

from dashboard.aws import copying, objects
from dashboard.aws.calls import CallFault, open_client
from dashboard.aws.objects import Seen
from dashboard.domain.plan import Plan
from dashboard.errors import DashboardError, ExitCode
from dashboard.operate import copies, execute, pace, plans, rename, runs
from dashboard.operate.listed import Listed
from dashboard.operate.rename import MARK
from tests.operate.changing import UPLOADED_AT, Changing
from tests.operate.glacier_stub import BUCKET
from tests.operate.object_stub import ObjectStub, Version, serve

OLD, NEW = "ipad/IMG_0001.heic", "ipad/01/2026/ipad-01_0001.heic"


@pytest.fixture(name="clinic")
def _clinic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Changing]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setattr(execute, "BETWEEN_ATTEMPTS_SECONDS", 0.01)
    monkeypatch.setattr(pace, "FIRST_WAIT_SECONDS", 0.01)
    with serve() as s3:
        s3.is_versioned = True
        yield Changing(tmp_path, s3, {"allow_removal": True, "cool_off_minutes": 0})


def misnamed(clinic: Changing, old: str = OLD, new: str = NEW, **values: object) -> Version:
    clinic.proposed[old] = new
    return clinic.objects.put(old, Version(old.encode(), **values))  # type: ignore[arg-type]


def planned(clinic: Changing, now: datetime | None = None) -> Plan:
    return rename.make_plan(clinic.settings, clinic, Listed(), made_by="sato", now=now)


def renamed(clinic: Changing, *actors: str) -> str:
    return clinic.keep(planned(clinic), *actors)


def refusals(plan: Plan) -> dict[str, str]:
    return {item.key: item.refusal for item in plan.items}


def test_row_76_everything_that_belongs_to_an_image_goes_along_and_the_old_one_stays_a_version(
    clinic: Changing,
) -> None:
    headers = {
        "content-type": "image/heic",
        "cache-control": "no-store",
        "x-amz-meta-camera": "3",
        "x-amz-server-side-encryption": "aws:kms",
        "x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:x:1:key/k",
        "x-amz-server-side-encryption-bucket-key-enabled": "true",
    }
    tags = {"label": "cornea", "patient": "p 1&2=3"}
    old = misnamed(clinic, storage_class="STANDARD_IA", tags=tags, headers=headers, checksum="abc=")
    digest = renamed(clinic)
    clinic.work()
    assert clinic.states(digest) == {OLD: "done/renamed"}
    new = clinic.objects.now(NEW)
    assert new is not None
    assert (new.body, new.tags, new.storage_class) == (old.body, tags, "STANDARD_IA")
    mark = new.headers.pop(f"x-amz-meta-{MARK}")
    assert len(mark) == 32
    assert new.headers == headers
    assert clinic.objects.now(OLD) is None
    assert clinic.objects.objects[OLD] == [old, Version(b"", version_id="v3", is_marker=True)]
    assert clinic.journal.verify().faults == ()


def test_row_73_a_crash_after_the_copy_and_before_the_deletion_is_taken_up_again(
    clinic: Changing, monkeypatch: pytest.MonkeyPatch
) -> None:
    misnamed(clinic)
    digest = renamed(clinic)

    class Killed(BaseException):
        """As a kill: nothing of ours runs after it."""

    def killed(*_args: object) -> str:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(copying, "delete", killed)
        with pytest.raises(Killed):
            clinic.work()
    assert clinic.objects.current() == {OLD, NEW}
    assert runs.one(clinic.journal, digest).counts == {"calling": 1}
    clinic.work()
    assert clinic.states(digest) == {OLD: "done/renamed"}
    assert clinic.objects.current() == {NEW}
    assert clinic.objects.done["COPY", NEW] == 1


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ("COPY", "200_error"),
        *(
            (operation, kind)
            for operation in ("COPY", "DELETE")
            for kind in ("before", "after", "500", "500_after", "slow", "409")
        ),
    ],
)
def test_row_73_78_each_request_may_break_before_or_after_it_was_carried_out(
    clinic: Changing, operation: str, kind: str
) -> None:
    misnamed(clinic, tags={"a": "b"})
    digest = renamed(clinic)
    clinic.objects.fault = lambda asked, _key, count: kind if asked == operation and not count else ""
    clinic.work()
    assert clinic.states(digest)[OLD] in {"done/renamed", "done/reconciled"}
    assert clinic.objects.current() == {NEW}
    assert [clinic.objects.done[change] for change in (("COPY", NEW), ("DELETE", OLD))] == [1, 1]


def test_row_74_a_name_that_was_taken_meanwhile_is_left_to_who_took_it(clinic: Changing) -> None:
    for number in range(2):
        misnamed(clinic, f"ipad/IMG_{number}.heic", f"ipad/right_{number}.heic")
    digest = renamed(clinic)
    clinic.objects.put("ipad/right_0.heic", Version(b"theirs"))

    def fault(operation: str, key: str, _count: int) -> str:
        # After our look and before our copy.
        if operation == "COPY" and key == "ipad/right_1.heic":
            clinic.objects.put(key, Version(b"theirs"))
        return ""

    clinic.objects.fault = fault
    clinic.work()
    assert set(clinic.states(digest).values()) == {"stale/target_exists"}
    assert {clinic.objects.now(f"ipad/right_{number}.heic").body for number in range(2)} == {b"theirs"}  # type: ignore[union-attr]
    assert not clinic.objects.done


def test_row_75_an_image_that_changes_is_stale_and_never_lost(clinic: Changing) -> None:
    for number in range(5):
        misnamed(clinic, f"ipad/IMG_{number}.heic", f"ipad/right_{number}.heic")
    digest = renamed(clinic)
    clinic.objects.put("ipad/IMG_0.heic", Version(b"changed before the look"))
    clinic.objects.objects.pop("ipad/IMG_3.heic")

    def fault(operation: str, key: str, _count: int) -> str:
        if operation == "COPY" and key == "ipad/right_1.heic":
            clinic.objects.put("ipad/IMG_1.heic", Version(b"changed before the copy"))
        if operation == "COPY" and key == "ipad/right_4.heic":
            clinic.objects.objects.pop("ipad/IMG_4.heic", None)
        if operation == "DELETE" and key == "ipad/IMG_2.heic":
            clinic.objects.put("ipad/IMG_2.heic", Version(b"changed before the deletion"))
        return ""

    clinic.objects.fault = fault
    clinic.work()
    assert list(clinic.states(digest).values()) == [
        "stale/changed",
        "stale/changed",
        "stale/changed_after_copy",
        "stale/gone",
        "stale/gone",
    ]
    assert clinic.objects.current() == {
        *(f"ipad/IMG_{number}.heic" for number in range(3)),
        "ipad/right_2.heic",
    }


def test_row_76_without_versions_the_old_one_is_removed_and_that_takes_two_persons(clinic: Changing) -> None:
    clinic.objects.is_versioned = False
    misnamed(clinic)
    assert refusals(planned(clinic)) == {OLD: "no_versions"}
    clinic.operate["removal_without_versions"] = True
    plan = planned(clinic)
    assert plan.removes
    assert plan.params == {"kept_count": 0, "removed_count": 1, "kept_buckets": []}
    digest = clinic.keep(plan, "sato")
    assert runs.one(clinic.journal, digest).state == "waiting"
    plans.confirm(clinic.journal, clinic.settings, digest, actor="tanaka", why="read")
    clinic.work()
    assert clinic.states(digest) == {OLD: "done/renamed"}
    assert clinic.objects.current() == {NEW}


def test_row_76_what_is_larger_than_5_gb_is_copied_in_parts(clinic: Changing) -> None:
    size = (5 << 30) + 12_345
    misnamed(
        clinic, size=size, tags={"label": "x y", "b": "&="}, checksum="crc=", headers={"x-amz-meta-a": "b"}
    )
    digest = renamed(clinic)
    clinic.objects.fault = lambda operation, _key, count: "500" if operation == "PART" and count == 2 else ""
    clinic.work()
    assert clinic.states(digest) == {OLD: "done/renamed"}
    new = clinic.objects.now(NEW)
    assert new is not None
    assert (new.size, new.tags) == (size, {"label": "x y", "b": "&="})
    assert new.headers["x-amz-meta-a"] == "b"
    assert clinic.objects.done["PART", NEW] == 2 + 6
    assert not clinic.objects.uploads, "what broke off is cleared away"
    assert clinic.objects.current() == {NEW}


def test_parts_as_the_source_has_them_give_an_etag_that_can_be_compared(clinic: Changing) -> None:
    part = 700 << 20
    misnamed(clinic, size=8 * part - 5, part_size=part, e_tag=f"{'a' * 32}-8")
    misnamed(clinic, "ipad/IMG_2.heic", "ipad/2.heic", size=6 << 30, e_tag=f"{'a' * 32}-8")
    digest = renamed(clinic)
    clinic.work()
    assert clinic.objects.done["PART", NEW] == 8
    assert clinic.states(digest) == {OLD: "done/renamed", "ipad/IMG_2.heic": "done/renamed_by_size"}


def test_row_74_a_name_that_is_taken_while_parts_are_copied_is_left_alone(clinic: Changing) -> None:
    misnamed(clinic, size=6 << 30)

    def fault(operation: str, key: str, _count: int) -> str:
        if operation == "COMPLETE":
            clinic.objects.put(key, Version(b"theirs"))
        return ""

    digest = renamed(clinic)
    clinic.objects.fault = fault
    clinic.work()
    assert clinic.states(digest) == {OLD: "stale/target_exists"}
    assert not clinic.objects.uploads
    assert clinic.objects.current() == {OLD, NEW}


@pytest.mark.parametrize(
    "lock",
    [
        {"x-amz-object-lock-legal-hold": "ON"},
        {
            "x-amz-object-lock-mode": "COMPLIANCE",
            "x-amz-object-lock-retain-until-date": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
        },
    ],
)
def test_row_76_a_locked_image_is_left_alone(clinic: Changing, lock: dict[str, str]) -> None:
    misnamed(clinic, lock=lock)
    digest = renamed(clinic)
    clinic.work()
    assert clinic.states(digest) == {OLD: "stale/locked"}
    assert not clinic.objects.done


def test_row_76_archived_images_have_to_be_restored_first(clinic: Changing) -> None:
    misnamed(clinic, storage_class="DEEP_ARCHIVE")
    assert refusals(planned(clinic)) == {OLD: "restore_first"}
    clinic.objects.objects[OLD][-1].storage_class = "STANDARD"
    digest = renamed(clinic)
    clinic.objects.objects[OLD][-1].storage_class = "GLACIER"
    clinic.work()
    assert clinic.states(digest) == {OLD: "stale/other_class"}


def test_an_image_older_than_the_bucket_s_versioning_is_renamed_where_it_stays_as_a_version(
    clinic: Changing,
) -> None:
    misnamed(clinic, version_id="null")
    plan = planned(clinic)
    assert refusals(plan) == {OLD: ""}
    assert (plan.params["kept_count"], plan.params["removed_count"], plan.removes) == (1, 0, False)
    assert "old_version" in {part.what for part in plan.costs}


def test_an_archived_image_is_renamed_while_its_copy_can_be_read(
    clinic: Changing, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = {"ipad/read": 1, "ipad/gone": -1, "ipad/never": 1}
    for key, left in days.items():
        until = format_datetime(datetime.now(UTC) + timedelta(days=left), usegmt=True)
        tells = f'ongoing-request="false", expiry-date="{until}"'
        misnamed(clinic, key, f"{key}.heic", storage_class="GLACIER", restore=tells, checksum="x=")
    told = {key: clinic.objects.objects[key][-1] for key in days}
    known = frozenset(
        (BUCKET, key, told[key].version_id, told[key].e_tag) for key in ("ipad/read", "ipad/gone")
    )
    monkeypatch.setattr(copies, "readable", lambda _journal, _now: known)
    assert refusals(planned(clinic)) == {"ipad/read": "", "ipad/gone": "", "ipad/never": "restore_first"}
    digest = renamed(clinic)
    clinic.work()
    assert clinic.states(digest) == {"ipad/read": "done/renamed", "ipad/gone": "stale/restore_first"}
    made = clinic.objects.objects["ipad/read.heic"][-1]
    assert (made.body, made.storage_class) == (b"ipad/read", "GLACIER")
    assert "ipad/gone.heic" not in clinic.objects.objects


def test_row_77_names_that_are_taken_or_look_so_are_refused(clinic: Changing) -> None:
    wanted = {
        "a": "ipad/free.heic",
        "b": "ipad/taken.heic",
        "c": "ipad/Caf\u00e9.heic",
        "d": "ipad/twice.heic",
        "e": "ipad/TWICE.heic",
        "f": "ipad/../x.heic",
        "g": "x" * 1025,
        "ipad/H.HEIC": "ipad/h.heic",
    }
    for old, new in wanted.items():
        misnamed(clinic, old, new)
    for key in ("ipad/taken.heic", "ipad/cafe\u0301.heic"):
        clinic.objects.put(key, Version(b"there"))
    assert refusals(planned(clinic)) == {
        "a": "",
        "b": "target_exists",
        "c": "target_looks_taken",
        "d": "target_twice",
        "e": "target_twice",
        "f": "odd_target",
        "g": "odd_target",
        "ipad/H.HEIC": "",
    }


def test_a_copy_that_is_not_the_same_deletes_nothing(clinic: Changing) -> None:
    misnamed(clinic)
    digest = renamed(clinic)

    def fault(operation: str, key: str, count: int) -> str:
        if operation == "HEAD" and key == NEW and count == 1:
            found = clinic.objects.now(NEW)
            assert found is not None
            found.e_tag = "f" * 32
        return ""

    clinic.objects.fault = fault
    clinic.work()
    assert clinic.states(digest) == {OLD: "failed/copy_differs"}
    assert clinic.objects.current() == {OLD, NEW}


def test_an_image_that_was_uploaded_in_parts_is_compared_by_size_and_that_is_said(clinic: Changing) -> None:
    misnamed(clinic, e_tag=f"{'a' * 32}-3")
    digest = renamed(clinic)
    clinic.work()
    assert clinic.states(digest) == {OLD: "done/renamed_by_size"}


def test_a_size_is_no_proof_where_nothing_keeps_the_old_one(clinic: Changing) -> None:
    clinic.objects.is_versioned = False
    clinic.operate["removal_without_versions"] = True
    misnamed(clinic, e_tag=f"{'a' * 32}-3")
    digest = clinic.keep(planned(clinic), "sato")
    plans.confirm(clinic.journal, clinic.settings, digest, actor="tanaka", why="read")
    clinic.work()
    assert clinic.states(digest) == {OLD: "failed/copy_unproven"}
    assert clinic.objects.current() == {OLD, NEW}


def test_what_a_copy_is_held_against() -> None:
    plain = Seen("b", "k", "", "a" * 32, 5, "STANDARD")

    def other(**values: object) -> Seen:
        return Seen(**{**plain.__dict__, **values})

    assert copying.compare(plain, other(size_bytes=6)) == "differs"
    assert copying.compare(plain, plain) == "same"
    assert copying.compare(plain, other(e_tag="b" * 32)) == "differs"
    kms = {"ServerSideEncryption": "aws:kms"}
    assert copying.compare(plain, other(e_tag="b" * 32, sealed=kms)) == "same_size"
    one, two = {"ChecksumCRC64NVME": "1"}, {"ChecksumCRC64NVME": "2"}
    assert copying.compare(other(checksums=one), other(checksums=two)) == "differs"
    assert copying.compare(other(checksums=one), other(checksums=one, e_tag="b-2")) == "same"


def test_two_plans_of_one_image_move_it_once(clinic: Changing) -> None:
    misnamed(clinic)
    first, second = (
        renamed(clinic),
        clinic.keep(rename.make_plan(clinic.settings, clinic, Listed(), made_by="tanaka")),
    )
    clinic.work()
    assert clinic.states(first) == clinic.states(second) == {OLD: "done/renamed"}
    assert clinic.objects.done["COPY", NEW] == clinic.objects.done["DELETE", OLD] == 1


def test_a_plan_of_renames_has_its_price(clinic: Changing) -> None:
    clinic.objects.is_versioned = False
    clinic.operate["removal_without_versions"] = True
    gib = 1 << 30
    misnamed(clinic, "a", "ipad/a.heic", size=gib, storage_class="GLACIER_IR")
    plan = planned(clinic, now=UPLOADED_AT + timedelta(days=30))
    costs = {part.what: part.usd for part in plan.costs}
    assert costs == {
        "look": Decimal("0.00003"),
        "copying": Decimal("0.00002"),
        "retrieval": Decimal("0.03"),
        "early_deletion": Decimal("0.004") * 2,
    }
    clinic.objects.is_versioned = True
    misnamed(clinic, "a", "ipad/a.heic", size=gib, storage_class="GLACIER_IR")
    costs = {part.what: part.usd for part in planned(clinic).costs}
    assert (costs["old_version"], "early_deletion" in costs) == (Decimal("0.004"), False)
    assert "s3:DeleteObject" in plan.permissions


@pytest.mark.parametrize("is_suspended", [False, True])
def test_row_76_an_image_from_before_versioning_is_renamed_only_while_the_bucket_keeps_it(
    clinic: Changing, is_suspended: bool
) -> None:
    misnamed(clinic)
    clinic.objects.objects["ipad/older.heic"] = [Version(b"older")]
    clinic.proposed["ipad/older.heic"] = "ipad/right.heic"
    plan = planned(clinic)
    assert (plan.params["kept_count"], plan.removes) == (2, False)
    [old] = [part for part in plan.costs if part.what == "old_version"]
    assert old.amount == Decimal(len(OLD) + len("older")) / (1 << 30), "both stay and are billed"
    digest = clinic.keep(plan)
    clinic.objects.is_versioned = not is_suspended
    clinic.work()
    outcome = "stale/no_versions" if is_suspended else "done/renamed"
    assert clinic.states(digest)["ipad/older.heic"] == outcome
    assert clinic.objects.objects["ipad/older.heic"][0].body == b"older"


def test_without_the_right_to_delete_nothing_is_renamed(clinic: Changing) -> None:
    clinic.operate.clear()
    misnamed(clinic)
    with pytest.raises(DashboardError, match="delete"):
        renamed(clinic)


def test_nothing_to_rename_is_no_plan(clinic: Changing) -> None:
    with pytest.raises(DashboardError, check=lambda fault: fault.code is ExitCode.NO_ROWS):
        planned(clinic)


def test_many_renames_with_faults_lose_nothing(clinic: Changing) -> None:
    for number in range(120):
        misnamed(clinic, f"ipad/IMG_{number}.heic", f"ipad/right_{number}.heic", tags={"n": str(number)})
    digest = renamed(clinic)
    kinds = ["before", "after", "500_after", "slow"]
    lock, left = threading.Lock(), {("COPY", number) for number in range(0, 120, 7)}
    left |= {("DELETE", number) for number in range(0, 120, 5)}

    def fault(operation: str, key: str, _count: int) -> str:
        if operation == "VERSIONING":  # of the bucket
            return ""
        number = int(key.rpartition("_")[2].removesuffix(".heic"))
        with lock:
            if (operation, number) in left:
                left.remove((operation, number))
                return kinds[number % 4]
        return ""

    clinic.objects.fault = fault
    clinic.work()
    assert {state.partition("/")[0] for state in clinic.states(digest).values()} == {"done"}
    assert clinic.objects.current() == {f"ipad/right_{number}.heic" for number in range(120)}
    assert set(clinic.objects.done.values()) == {1}
    for number in range(120):
        found = clinic.objects.now(f"ipad/right_{number}.heic")
        assert found is not None
        assert found.tags == {"n": str(number)}


def test_a_look_reads_what_a_copy_must_keep(clinic: Changing) -> None:
    misnamed(clinic, headers={"content-type": "image/heic"}, checksum="abc=")
    seen = objects.look(open_client(clinic.settings.aws), "clinic-images", OLD, with_checksums=True)
    assert seen is not None
    assert (dict(seen.headers), dict(seen.checksums)) == (
        {"ContentType": "image/heic"},
        {"ChecksumCRC64NVME": "abc="},
    )
    assert objects.look(open_client(clinic.settings.aws), "clinic-images", "nowhere") is None


def test_the_stub_keeps_its_word(clinic: Changing) -> None:
    """Conditions that moto ignores are kept here, or the tests above would prove nothing."""
    s3: ObjectStub = clinic.objects
    s3.put("a", Version(b"a"))
    s3.put("b", Version(b"b"))
    client = open_client(clinic.settings.aws)
    where = {"Bucket": "clinic-images", "Key": "b", "CopySource": "clinic-images/a"}
    for condition in ({"IfNoneMatch": "*"}, {"CopySourceIfMatch": '"x"'}, {"IfMatch": '"x"'}):
        with pytest.raises(client.exceptions.ClientError, match="PreconditionFailed"):
            client.copy_object(**where, **condition)
    with pytest.raises(client.exceptions.ClientError, match="PreconditionFailed"):
        client.delete_object(Bucket="clinic-images", Key="b", IfMatch='"x"')
    assert not s3.done


def test_what_lies_below_in_a_bucket_that_keeps_no_more_versions_is_not_lost(clinic: Changing) -> None:
    below = clinic.objects.put(OLD, Version(b"from before there were versions", version_id="null"))
    misnamed(clinic)
    digest = renamed(clinic)
    clinic.objects.is_suspended = True
    clinic.work()
    assert clinic.states(digest) == {OLD: "stale/no_versions"}
    assert below in clinic.objects.objects[OLD]
    assert not clinic.objects.done


def test_a_former_version_above_5_gb_is_copied_in_parts_onto_what_was_seen_above_it(clinic: Changing) -> None:
    size = 6 * 1024**3
    old = clinic.objects.put(OLD, Version(b"old", tags={"a": "b"}, e_tag=f"{'a' * 32}-6", size=size))
    new = clinic.objects.put(OLD, Version(b"new"))
    s3 = open_client(clinic.settings.aws)
    source = objects.look(s3, "clinic-images", OLD, old.version_id, with_checksums=True)
    assert source is not None

    def copied(replaces: str) -> copying.Copied:
        return copying.copy(
            s3, source, OLD, replaces=replaces, storage_class=source.storage_class, is_former=True
        )

    with pytest.raises(CallFault, check=lambda fault: fault.kind == "doubtful"):
        copied("f" * 32)
    assert clinic.objects.now(OLD) is new
    copied(new.e_tag)
    now = clinic.objects.now(OLD)
    assert now is not None
    assert (now.size, now.tags) == (size, {"a": "b"})
    assert not clinic.objects.uploads
