"""Undeleting, and bringing former versions back: what is planned, and what becomes of it when S3 breaks or changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from pathlib import Path

import pytest

from dashboard.errors import DashboardError, ExitCode
from dashboard.operate import copies, execute, pace, plans, runs
from tests.operate.cleaning import Ward
from tests.operate.glacier_stub import BUCKET
from tests.operate.restoring import WHY
from tests.operate.versions_stub import Version, serve

KEY = "ipad/a b+%2F症.heic"
MARKER = Version("m1", is_marker=True, size=0, e_tag="")
OLD, NEW = Version(e_tag="a" * 32, size=100), Version(e_tag="b" * 32, size=200)


@pytest.fixture(name="ward")
def _ward(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ward]:
    monkeypatch.setattr(pace, "LONGEST_WAIT_SECONDS", 0.02)
    monkeypatch.setattr(pace, "FIRST_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(execute, "BETWEEN_ATTEMPTS_SECONDS", 0.001)
    with serve() as s3:
        yield Ward(tmp_path, s3)  # type: ignore[arg-type]


# Undelete


def test_removing_the_marker_brings_what_it_hides_back(ward: Ward) -> None:
    ward.stub.put(KEY, OLD, NEW, MARKER)
    ward.stub.put(f"{KEY}/longer", OLD)
    plan = ward.kept("undelete")
    assert (plan.object_count, plan.size_bytes, plan.header["removes"]) == (1, 200, False)
    assert plan.header["permissions"] == [
        *("s3:ListBucketVersions", "s3:GetBucketVersioning", "s3:DeleteObjectVersion")
    ]
    assert plan.usd == (Decimal("0.000005"), 0)
    ward.confirm(plan)
    ward.work()
    assert ward.states(plan.digest) == {KEY: "done/undeleted"}
    assert ward.stub.state()[KEY] == ["v1", "v2"]
    assert ("DELETE", f"/clinic-images/{'ipad/a%20b%2B%252F%E7%97%87.heic'}?versionId=v3") in ward.stub.wire


def test_what_no_marker_s_removal_would_bring_back_is_refused(ward: Ward) -> None:
    ward.stub.put("ipad/nothing.heic", MARKER)
    ward.stub.put("ipad/twice.heic", OLD, MARKER, MARKER)
    ward.stub.put("ipad/../x.heic", OLD, MARKER)
    ward.stub.put("ipad/there.heic", OLD, NEW)
    assert ward.refusals("undelete") == {
        "ipad/nothing.heic": "nothing_below",
        "ipad/twice.heic": "marker_below",
        "ipad/../x.heic": "dotted_key",
    }


def test_row_64_a_key_that_changed_since_is_left_alone(ward: Ward) -> None:
    for name in ("again", "uploaded", "gone", "undone"):
        ward.stub.put(name, OLD, MARKER)
    ward.stub.put("below", OLD, NEW, MARKER)
    digest = ward.queued("undelete")
    del ward.stub.keys["below"][1]
    ward.stub.keys["again"].append(Version("m9", is_marker=True))
    ward.stub.keys["uploaded"].append(Version("v9"))
    ward.stub.keys["gone"].clear()
    ward.stub.keys["undone"].pop()
    ward.work()
    assert ward.states(digest) == {
        "again": "stale/other_marker",
        "below": "stale/other_below",
        "uploaded": "done/current",
        "gone": "stale/gone",
        "undone": "done/current",
    }
    assert not ward.stub.changed


@pytest.mark.parametrize(
    ("faults", "outcome", "sent"),
    [
        (["before"], "done/undeleted", 2),
        (["500"], "done/undeleted", 2),
        (["after"], "done/reconciled", 1),
        (["500_after"], "done/reconciled", 1),
        (["slow", "after"], "done/reconciled", 2),
        (["denied"], "failed/AccessDenied", 1),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else None,
)
def test_row_55_56_a_doubtful_undelete_is_settled_by_a_look(
    ward: Ward, faults: list[str], outcome: str, sent: int
) -> None:
    ward.stub.put(KEY, OLD, MARKER)
    ward.stub.fault = lambda what, _key, count: (
        faults[count] if what == "DELETE" and count < len(faults) else ""
    )
    digest = ward.queued("undelete")
    ward.work()
    assert ward.states(digest) == {KEY: outcome}
    assert ward.stub.asked["DELETE", KEY] == sent
    assert sum(ward.stub.changed.values()) == outcome.startswith("done")
    assert "DELETE DELETE" not in " ".join(what for what, _path in ward.stub.wire)


def test_undelete_needs_the_right_to_delete_versions(ward: Ward) -> None:
    ward.stub.put(KEY, OLD, MARKER)
    ward.operate = {}
    plan = ward.kept("undelete")
    with pytest.raises(DashboardError, check=lambda fault: fault.code is ExitCode.PLAN_REFUSED) as told:
        plans.confirm(ward.journal, ward.settings, plan.digest, actor="sato", why=WHY)
    assert "allow_removal = true" in told.value.next_step
    assert runs.one(ward.journal, plan.digest).state == ""


@pytest.mark.parametrize(
    ("status", "outcome"), [("Suspended", "stale/no_versions"), ("Enabled", "done/undeleted")]
)
def test_a_marker_whose_place_an_upload_would_take_is_not_removed(
    ward: Ward, status: str, outcome: str
) -> None:
    ward.stub.put(KEY, OLD, MARKER)
    ward.stub.keys[KEY][1].version_id = "null"
    ward.stub.status = status
    digest = ward.queued("undelete")

    def upload(what: str, key: str, _count: int) -> str:
        if what == "DELETE" and status == "Suspended":
            ward.stub.keys[key][1] = Version("null", e_tag="9" * 32)
        return ""

    ward.stub.fault = upload
    ward.work()
    assert ward.states(digest) == {KEY: outcome}


# Bring a former version back


def test_a_former_version_is_copied_onto_its_key_with_all_that_belongs_to_it(ward: Ward) -> None:
    about = {
        "x-amz-server-side-encryption": "aws:kms",
        "x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:key/1",
        "x-amz-server-side-encryption-bucket-key-enabled": "true",
    }
    ward.stub.put(KEY, Version(e_tag="a" * 32, storage_class="STANDARD_IA", about=about), NEW)
    plan = ward.kept("bring_back")
    assert (plan.object_count, plan.size_bytes, plan.header["removes"]) == (1, 100, False)
    parts = {part["what"]: part["usd"] for part in plan.header["costs"]}
    assert set(parts) == {"look", "request", "retrieval", "month"}
    assert all(Decimal(usd) > 0 for usd in parts.values())
    plans.confirm(ward.journal, ward.settings, plan.digest, actor="sato", why=WHY)
    ward.work()
    assert ward.states(plan.digest) == {KEY: "done/brought_back"}
    *former, current = ward.stub.keys[KEY]
    assert [item.version_id for item in former] == ["v1", "v2"], "what was current stays as a version"
    assert (current.e_tag, current.size, current.storage_class) == ("a" * 32, 100, "STANDARD_IA")
    [sent] = ward.stub.copies
    assert "x-amz-metadata-directive" not in sent, "metadata go along where nothing else is said"
    assert sent["x-amz-tagging-directive"] == "COPY"
    assert sent["x-amz-server-side-encryption"] == "aws:kms"
    assert sent["x-amz-server-side-encryption-aws-kms-key-id"] == "arn:aws:kms:key/1"
    assert sent["x-amz-server-side-encryption-bucket-key-enabled"] == "true"
    assert sent["If-Match"] == f'"{"b" * 32}"'


def test_a_version_of_a_deleted_object_is_brought_back_too(ward: Ward) -> None:
    ward.stub.put(KEY, OLD, MARKER)
    digest = ward.queued("bring_back")
    ward.work()
    assert ward.states(digest) == {KEY: "done/brought_back"}
    assert ward.stub.keys[KEY][-1].e_tag == OLD.e_tag


def test_what_cannot_be_copied_is_refused_and_one_version_of_a_key_is_enough(ward: Ward) -> None:
    ward.stub.put("cold", Version(storage_class="DEEP_ARCHIVE"), NEW)
    ward.stub.put("thrice", OLD, Version(e_tag="c" * 32), NEW)
    found = [(item.key, item.version_id, item.refusal) for item in ward.made("bring_back").items]
    assert found == [
        ("cold", "v1", "archived"),
        ("thrice", "v1", "other_version"),
        ("thrice", "v2", ""),
    ]


def test_an_archived_version_is_brought_back_while_its_copy_can_be_read(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cold(days: int) -> Version:
        until = format_datetime(datetime.now(UTC) + timedelta(days=days), usegmt=True)
        about = {"x-amz-restore": f'ongoing-request="false", expiry-date="{until}"'}
        return Version(e_tag=OLD.e_tag, storage_class="GLACIER", about=about)

    for key, days in (("read", 1), ("gone", -1), ("never", 1)):
        ward.stub.put(key, cold(days), NEW)
    known = frozenset((BUCKET, key, "v1", OLD.e_tag) for key in ("read", "gone"))
    monkeypatch.setattr(copies, "readable", lambda _journal, _now: known)
    assert ward.refusals("bring_back") == {"read": "", "gone": "", "never": "archived"}
    digest = ward.queued("bring_back")
    ward.work()
    assert ward.states(digest) == {"read": "done/brought_back", "gone": "stale/restore_first"}
    assert [len(ward.stub.keys[key]) for key in ("read", "gone", "never")] == [3, 2, 2]
    assert (ward.stub.keys["read"][-1].e_tag, ward.stub.keys["read"][-1].storage_class) == (
        OLD.e_tag,
        "GLACIER",
    )


def test_row_64_75_a_version_or_current_object_that_changed_is_left_alone(ward: Ward) -> None:
    names = ("other", "marked", "moved", "gone", "done")
    for name in names:
        ward.stub.put(name, OLD, NEW)
    digest = ward.queued("bring_back")
    ward.stub.keys["other"].append(Version("v9", e_tag="9" * 32))
    ward.stub.keys["marked"].append(Version("m9", is_marker=True))
    ward.stub.keys["moved"][0].storage_class = "GLACIER"
    del ward.stub.keys["gone"][0]
    ward.stub.keys["done"].append(Version("v9", e_tag=OLD.e_tag, size=OLD.size))
    ward.work()
    assert ward.states(digest) == {
        "other": "stale/changed",
        "marked": "stale/changed",
        "moved": "stale/other_class",
        "gone": "stale/gone",
        "done": "done/current",
    }
    assert not ward.stub.changed


def test_row_75_what_changes_between_look_and_copy_is_stale(ward: Ward) -> None:
    ward.stub.put(KEY, OLD, NEW)
    digest = ward.queued("bring_back")

    def upload(what: str, key: str, count: int) -> str:
        if what == "COPY" and not count:
            ward.stub.keys[key].append(Version("v9", e_tag="9" * 32, size=7))
        return ""

    ward.stub.fault = upload
    ward.work()
    assert ward.states(digest) == {KEY: "stale/changed"}
    assert ward.stub.keys[KEY][-1].version_id == "v9"


@pytest.mark.parametrize(
    ("faults", "outcome", "sent"),
    [
        (["before"], "done/brought_back", 2),
        (["200_error"], "done/brought_back", 2),
        (["after"], "done/reconciled", 1),
        (["500_after"], "done/reconciled", 1),
        (["denied"], "failed/AccessDenied", 1),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else None,
)
@pytest.mark.parametrize("e_tag", ["a" * 32, f"{'a' * 32}-7"], ids=["one part", "in parts"])
def test_row_55_56_78_a_doubtful_copy_is_settled_by_a_look(
    ward: Ward, faults: list[str], outcome: str, sent: int, e_tag: str
) -> None:
    ward.stub.copied_e_tag = "" if "-" not in e_tag else "f" * 32
    ward.stub.put(KEY, Version(e_tag=e_tag), NEW)
    ward.stub.fault = lambda what, _key, count: (
        faults[count] if what == "COPY" and count < len(faults) else ""
    )
    digest = ward.queued("bring_back")
    ward.work()
    assert ward.states(digest) == {KEY: outcome}
    assert ward.stub.asked["COPY", KEY] == sent
    assert sum(ward.stub.changed.values()) == outcome.startswith("done"), "copied once at most"


def test_a_look_that_fails_after_a_copy_leaves_a_doubt_that_is_settled(ward: Ward) -> None:
    ward.stub.put(KEY, OLD, NEW)
    # HEAD: the look, and then the copy.
    ward.stub.fault = lambda what, _key, count: "denied" if what == "HEAD" and count == 1 else ""
    digest = ward.queued("bring_back")
    ward.work()
    assert ward.states(digest) == {KEY: "done/reconciled"}
    assert ward.stub.asked["COPY", KEY] == 1


def test_a_copy_that_differs_has_failed_and_what_was_current_is_kept(ward: Ward) -> None:
    ward.stub.put(KEY, OLD, NEW)
    ward.stub.copied_size = 7
    digest = ward.queued("bring_back")
    ward.work()
    assert ward.states(digest) == {KEY: "failed/CopyDiffers"}
    assert "v2" in ward.stub.state()[KEY]


def test_a_checksum_tells_a_copy_from_another_object_of_the_same_size(ward: Ward) -> None:
    for name, crc in (("same", "AAAAAAAAAAA="), ("other", "BBBBBBBBBBB=")):
        ward.stub.put(name, Version(e_tag=f"{'a' * 32}-2", crc="AAAAAAAAAAA="), NEW)
        ward.stub.keys[name].append(
            Version("v9", e_tag="9" * 32, crc=crc, modified_at=datetime.now(UTC) + timedelta(hours=1))
        )
    digest = ward.queued_before("bring_back", "v9")
    ward.work()
    assert ward.states(digest) == {"same": "done/current", "other": "stale/changed"}


@pytest.mark.parametrize("status", ["Suspended", ""])
def test_where_nothing_would_keep_what_is_current_nothing_is_copied(ward: Ward, status: str) -> None:
    ward.stub.put(KEY, OLD, NEW)
    ward.stub.status = status
    digest = ward.queued("bring_back")
    ward.work()
    assert ward.states(digest) == {KEY: "stale/no_versions"}
    assert not ward.stub.changed
