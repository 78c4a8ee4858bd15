"""Labels of many objects: written with the others kept, read back, and undone; whoever writes at the same time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from dashboard.domain import tags as rules
from dashboard.errors import DashboardError, ExitCode
from dashboard.operate import execute, label_change, pace, plans, runs
from dashboard.operate.choice import Choice
from dashboard.operate.listed import Listed, unlabelled
from tests.operate.changing import Changing
from tests.operate.object_stub import BUCKET, ObjectStub, Version, serve

KEY = "ipad/00000.heic"


@pytest.fixture(name="clinic")
def _clinic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Changing]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setattr(execute, "BETWEEN_ATTEMPTS_SECONDS", 0.01)
    monkeypatch.setattr(pace, "FIRST_WAIT_SECONDS", 0.01)
    with serve() as s3:
        yield Changing(tmp_path, s3)


def labelled(clinic: Changing, tags: dict[str, str] | None = None, choice: Choice | None = None) -> str:
    made = label_change.make_plan(
        clinic.settings, clinic, choice or Choice(), tags=tags or {"label": "benign"}, made_by="sato"
    )
    return clinic.keep(made)


def tags_of(s3: ObjectStub, key: str = KEY) -> dict[str, str]:
    now = s3.now(key)
    assert now is not None
    return now.tags


def undone(clinic: Changing, digest: str) -> str:
    return clinic.keep(label_change.plan_undo(clinic.settings, clinic.journal, digest, made_by="sato"))


def test_tags_are_added_and_changed_the_others_stay_and_all_of_it_is_undone(clinic: Changing) -> None:
    clinic.put(3)
    tags_of(clinic.objects).update({"label": "unclear", "patient": "p-1"})
    tags_of(clinic.objects, "ipad/00001.heic").update({"label": "benign", "reader": "sato"})
    digest = labelled(clinic, {"label": "benign", "reader": "sato"})
    clinic.work()
    assert clinic.states(digest) == {
        KEY: "done/labelled",
        "ipad/00001.heic": "done/as_wanted",
        "ipad/00002.heic": "done/labelled",
    }
    assert tags_of(clinic.objects) == {"label": "benign", "reader": "sato", "patient": "p-1"}
    befores = {item.key: json.loads(before) for item, before in runs.overwritten(clinic.journal, digest)}
    assert befores == {KEY: {"label": "unclear", "patient": "p-1"}, "ipad/00002.heic": {}}
    assert clinic.journal.verify().faults == ()
    undo = undone(clinic, digest)
    clinic.work()
    assert set(clinic.states(undo).values()) == {"done/labelled"}
    assert tags_of(clinic.objects) == {"label": "unclear", "patient": "p-1"}
    assert tags_of(clinic.objects, "ipad/00001.heic") == {"label": "benign", "reader": "sato"}
    assert tags_of(clinic.objects, "ipad/00002.heic") == {}


def test_the_next_sync_hears_which_tags_the_objects_have(clinic: Changing) -> None:
    """By the report it would not read them again: neither version nor ETag has changed."""
    clinic.labels = {
        "source": [
            {"kind": "object_tags", "id": "tags"},
            {"kind": "object_tags", "id": "others", "buckets": ["elsewhere"]},
        ]
    }
    clinic.put(3)
    tags_of(clinic.objects)["patient"] = "p-1"
    tags_of(clinic.objects, "ipad/00001.heic")["label"] = "benign"
    undo = labelled(clinic)
    clinic.work()
    undone(clinic, undo)
    clinic.work()
    folder = clinic.settings.warehouse.folder / "labels"
    lines = [json.loads(line) for line in (folder / "tags" / "changed.jsonl").read_text().splitlines()]
    now = clinic.objects.now(KEY)
    assert now is not None
    (line,) = [line for line in lines[:3] if line["key"] == KEY]
    named = {name: line[name] for name in ("source_bucket", "key", "version_id", "e_tag")}
    assert named == {"source_bucket": BUCKET, "key": KEY, "version_id": now.version_id, "e_tag": now.e_tag}
    assert {line["key"]: line["tags"] for line in lines[:3]} == {
        KEY: {"label": "benign", "patient": "p-1"},
        "ipad/00001.heic": {"label": "benign"},
        "ipad/00002.heic": {"label": "benign"},
    }
    assert {line["key"]: line["tags"] for line in lines[3:]} == {
        KEY: {"patient": "p-1"},
        "ipad/00002.heic": {},
    }
    assert not (folder / "others").exists()


def test_a_label_that_somebody_changed_since_is_not_undone(clinic: Changing) -> None:
    clinic.put(2)
    digest = labelled(clinic)
    clinic.work()
    tags_of(clinic.objects)["label"] = "malignant"
    tags_of(clinic.objects, "ipad/00001.heic")["other"] = "later"
    undo = undone(clinic, digest)
    clinic.work()
    assert clinic.states(undo) == {KEY: "stale/labels_changed", "ipad/00001.heic": "done/labelled"}
    assert tags_of(clinic.objects) == {"label": "malignant"}
    assert tags_of(clinic.objects, "ipad/00001.heic") == {"other": "later"}


def test_only_a_run_of_labels_that_is_over_can_be_undone(clinic: Changing) -> None:
    clinic.put(1)
    digest = labelled(clinic)
    with pytest.raises(DashboardError, check=lambda fault: fault.code is ExitCode.CONFLICT):
        undone(clinic, digest)


def test_row_72_somebody_who_writes_at_the_same_time_is_told_of(clinic: Changing) -> None:
    clinic.put(2)
    tags_of(clinic.objects)["old"] = "1"

    def fault(operation: str, key: str, count: int) -> str:
        # The second read follows the write: somebody else was there in between.
        if operation == "GET_TAGS" and key == KEY and count == 1:
            tags_of(clinic.objects).clear()
            tags_of(clinic.objects)["label"] = "theirs"
        return ""

    clinic.objects.fault = fault
    digest = labelled(clinic)
    clinic.work()
    assert clinic.states(digest) == {KEY: "failed/tag_conflict", "ipad/00001.heic": "done/labelled"}
    assert tags_of(clinic.objects) == {"label": "theirs"}, "theirs is left as it is"
    befores = {item.key: before for item, before in runs.overwritten(clinic.journal, digest)}
    assert befores == {KEY: '{"old": "1"}', "ipad/00001.heic": "{}"}


def test_row_64_an_object_that_changed_since_the_report_keeps_its_tags(clinic: Changing) -> None:
    clinic.put(3)
    digest = labelled(clinic)
    clinic.objects.put(KEY, Version(b"another image"))
    clinic.objects.objects.pop("ipad/00001.heic")
    clinic.work()
    assert clinic.states(digest) == {
        KEY: "stale/changed",
        "ipad/00001.heic": "stale/gone",
        "ipad/00002.heic": "done/labelled",
    }
    assert tags_of(clinic.objects) == {}


def test_in_a_versioned_bucket_the_very_version_is_labelled(clinic: Changing) -> None:
    clinic.objects.is_versioned = True
    first = clinic.objects.put(KEY, Version(b"one"))
    digest = labelled(clinic)
    second = clinic.objects.put(KEY, Version(b"two"))
    clinic.work()
    assert clinic.states(digest) == {KEY: "done/labelled"}
    assert (first.tags, second.tags) == ({"label": "benign"}, {})


@pytest.mark.parametrize("kind", ["before", "after", "500", "500_after", "slow"])
def test_a_write_in_doubt_is_settled_and_what_stood_there_is_still_known(clinic: Changing, kind: str) -> None:
    clinic.put(1)
    tags_of(clinic.objects)["label"] = "unclear"
    clinic.objects.fault = lambda operation, _key, count: (
        kind if operation == "PUT_TAGS" and not count else ""
    )
    digest = labelled(clinic)
    clinic.work()
    assert clinic.states(digest)[KEY] == f"done/{'reconciled' if 'after' in kind else 'labelled'}"
    assert [before for _item, before in runs.overwritten(clinic.journal, digest)] == ['{"label": "unclear"}']
    assert clinic.objects.done["PUT_TAGS", KEY] == 1
    undone(clinic, digest)
    clinic.work()
    assert tags_of(clinic.objects) == {"label": "unclear"}


def test_what_stood_there_outlives_a_crash_between_the_write_and_its_outcome(
    clinic: Changing, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic.put(1)
    tags_of(clinic.objects)["label"] = "unclear"
    digest = labelled(clinic)
    real = execute._write

    def fail(transaction: object, plan: int, done: list[object], **how: bool) -> None:
        if done:
            raise OSError("No space left on device")
        real(transaction, plan, done, **how)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(execute, "_write", fail)
        with pytest.raises(DashboardError):
            clinic.work()
    clinic.work()
    assert clinic.states(digest) == {KEY: "done/reconciled"} or clinic.states(digest) == {
        KEY: "done/as_wanted"
    }
    assert [before for _item, before in runs.overwritten(clinic.journal, digest)] == ['{"label": "unclear"}']


def test_a_read_back_that_fails_is_made_good_by_a_look(clinic: Changing) -> None:
    clinic.put(1)
    clinic.objects.fault = lambda operation, _key, count: (
        "500" if operation == "GET_TAGS" and count == 1 else ""
    )
    digest = labelled(clinic)
    clinic.work()
    assert clinic.states(digest) == {KEY: "done/reconciled"}
    assert clinic.objects.done["PUT_TAGS", KEY] == 1


def test_an_eleventh_tag_is_not_tried(clinic: Changing) -> None:
    clinic.put(1)
    tags_of(clinic.objects).update({f"tag{number}": "x" for number in range(10)})
    digest = labelled(clinic)
    clinic.work()
    assert clinic.states(digest) == {KEY: "stale/too_many_tags"}
    assert not clinic.objects.done


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("", "x", "empty_name"),
        ("n" * 129, "x", "long_name"),
        ("n" * 128, "v" * 256, ""),
        ("n", "v" * 257, "long_value"),
        ("部位", "左 眼 + - = . _ : / @", ""),
        ("n", "a;b", "characters"),
        ("n", "\n", "characters"),
        ("aws:x", "y", "reserved"),
        ("n", "\U00020b9f" * 129, "long_value"),
    ],
)
def test_what_s3_takes_as_a_tag(clinic: Changing, name: str, value: str, problem: str) -> None:
    assert rules.fault(name, value) == problem
    if problem:
        clinic.put(1)
        with pytest.raises(DashboardError, check=lambda fault: fault.code is ExitCode.USAGE):
            labelled(clinic, {name: value})


def test_values_that_the_settings_do_not_allow_are_refused(clinic: Changing) -> None:
    clinic.put(1)
    clinic.labels = {"allowed": {"label": ["benign", "malignant"]}}
    labelled(clinic)
    with pytest.raises(DashboardError, match="do not allow"):
        labelled(clinic, {"label": "benin"})
    with pytest.raises(DashboardError, match="up to 10"):
        labelled(clinic, {f"n{number}": "x" for number in range(11)})


def test_a_plan_of_labels_has_its_price_calls_and_permissions(clinic: Changing) -> None:
    clinic.put(1000)
    made = label_change.make_plan(
        clinic.settings, clinic, Choice(), tags={"label": "x", "reader": "y"}, made_by="sato"
    )
    kept = plans.keep(clinic.journal, made)
    costs = {part["what"]: part["usd"] for part in kept.header["costs"]}
    assert Decimal(costs["look"]) == Decimal("0.0012")
    assert Decimal(costs["tagging"]) == Decimal("0.005")
    assert kept.header["calls"] == {"HeadObject": 1000, "GetObjectTagging": 2000, "PutObjectTagging": 1000}
    assert "s3:PutObjectVersionTagging" in kept.header["permissions"]
    assert not kept.header["removes"]


def test_the_unlabelled_images_are_those_that_the_quality_page_lists(clinic: Changing) -> None:
    clinic.put(3)
    found = unlabelled(clinic, Listed(devices=["ipad"]), "000001", 3)
    assert sorted(found) == [f"s3://{BUCKET}/ipad/{number:05d}.heic" for number in range(3)]
    labelled(clinic, choice=Choice(keys=found))
    with pytest.raises(DashboardError, check=lambda fault: fault.code is ExitCode.PLAN_REFUSED):
        unlabelled(clinic, Listed(), "000001", 2)
