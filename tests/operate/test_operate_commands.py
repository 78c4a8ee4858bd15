"""The same way on the command line, on an archive that was really synced: plan, apply, worker, runs, journal."""

from __future__ import annotations

import getpass
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from dashboard.__main__ import app
from dashboard.errors import DashboardError, ExitCode
from dashboard.settings.operate import Operate
from dashboard.settings.roles import Roles
from tests.inventory_writer import Row
from tests.sync.world import SOURCE, World, good


@pytest.fixture(scope="module", name="synced")
def _synced(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Three archived images in a bucket and its report, and one that is not archived."""
    world = World(endpoint, tmp_path_factory.mktemp("operate"))
    world.s3.create_bucket(Bucket=SOURCE)
    rows = []
    for number, storage_class in enumerate(["GLACIER", "GLACIER", "DEEP_ARCHIVE", "STANDARD"]):
        row = good(number)
        put = world.s3.put_object(Bucket=SOURCE, Key=row.key, Body=b"x" * 100, StorageClass=storage_class)
        rows.append(Row(row.key, size=100, e_tag=put["ETag"].strip('"'), storage_class=storage_class))
    world.put(rows)
    assert world.sync().exit_code is ExitCode.OK
    return world


@pytest.fixture(name="run")
def _run(synced: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("dashboard.commands.plan_options.load_settings", lambda: synced.settings)
    monkeypatch.setattr("dashboard.commands.runs.started_settings", lambda: synced.settings)
    monkeypatch.setattr("dashboard.commands.journal.load_settings", lambda: synced.settings)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    runner = CliRunner()

    def run(*words: str, code: int = 0, text: str | None = None) -> Any:
        result = runner.invoke(app, [str(word) for word in words], input=text)
        if isinstance(result.exception, DashboardError):
            assert int(result.exception.code) == code, result.exception
            return result
        assert result.exit_code == code, result.output
        return result

    return run


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--class", "glacier_i"], "did you mean GLACIER_IR?"),
        (["--tier", "bulk"], "is no access tier of Intelligent-Tiering. Known are FREQUENT"),
        (["--device", "ipat"], "did you mean ipad? Known are ipad, xray, unattributed"),
    ],
)
@pytest.mark.usefixtures("synced")
def test_a_word_nobody_knows_is_refused_instead_of_choosing_nothing(
    run: Any, words: list[str], said: str
) -> None:
    shown = run("plan", "restore", *words, code=2).output
    assert said in " ".join(shown.replace("│", " ").split())


def test_a_restore_from_plan_to_journal(synced: World, run: Any) -> None:
    plan = json.loads(run("plan", "restore", "--device", "ipad", "--days", "3", "--format", "json").stdout)
    assert (plan["object_count"], plan["size_bytes"], plan["refused_counts"]) == (3, 300, {})
    digest = plan["digest"]
    assert "3 RestoreObject" in run("plan", "restore", "--prefix=", "--speed", "bulk").stderr
    assert "accepted" not in run("runs", "show", digest[:12]).stdout
    run("apply", digest[:12], "--why", "test", code=ExitCode.USAGE)
    run("apply", digest, "--why", "case conference", "--as", "sato")
    run("apply", digest, "--why", "again")
    run("worker", "--until-idle")
    rows = json.loads(run("runs", "show", digest, "--format", "json").stdout)
    assert [(row["state"], row["code"], row["copy_state"]) for row in rows] == [
        ("done", "accepted", "ready")
    ] * 3
    assert all(row["ready_until"] for row in rows)
    for row in rows:
        head = synced.s3.head_object(Bucket=SOURCE, Key=row["key"])
        assert 'ongoing-request="false"' in head["Restore"]
    [listed] = [
        row for row in json.loads(run("runs", "list", "--format", "json").stdout) if row["digest"] == digest
    ]
    assert (listed["state"], listed["done"], listed["why"]) == ("finished", 3, "case conference")
    kinds = [event["kind"] for event in json.loads(run("journal", "list", "--format", "json").stdout)]
    assert kinds[-3:] == ["plan.confirmed", "run.started", "run.finished"]
    run("journal", "verify")
    run("runs", "cancel", digest, code=ExitCode.CONFLICT)
    refused = json.loads(run("plan", "class", "--prefix=", "--to=STANDARD", "--format=json").stdout)
    assert (refused["object_count"], refused["refused_counts"]) == (3, {"same_class": 1}), (
        "their copies can be read"
    )
    run("apply", refused["digest"], "--why", "small objects cost more there", "--as", "sato")
    run("worker", "--until-idle")
    moved = json.loads(run("runs", "show", refused["digest"], "--format", "json").stdout)
    assert [(row["state"], row["code"]) for row in moved] == [("done", "moved")] * 3
    extended = json.loads(
        run("plan", "restore", "--extend", digest, "--days", "30", "--format", "json").stdout
    )
    assert [part["what"] for part in extended["costs"]] == ["request", "copy"] * 2


def test_a_choice_by_size_holds_what_is_of_that_size(run: Any) -> None:
    words = ("plan", "restore", "--size", "under_128_kib", "--format", "json")
    assert json.loads(run(*words).stdout)["object_count"] == 3
    run("plan", "restore", "--size", "empty", "--size", "from_1_gib", code=ExitCode.NO_ROWS)
    run("plan", "labels", "--label", "a=b", "--size", "from_1_gib", code=ExitCode.NO_ROWS)
    run("plan", "class", "--to", "STANDARD_IA", "--size", "from_1_gib", code=ExitCode.NO_ROWS)


def test_a_choice_by_age_holds_what_is_that_old(run: Any) -> None:
    def count(*words: str, code: int = 0) -> int:
        made = run("plan", "restore", *words, "--format", "json", code=code)
        return 0 if code else int(json.loads(made.stdout)["object_count"])

    at = datetime.fromisoformat(
        json.loads(run("plan", "restore", "--older-than=1", "--format=json").stdout)["made_at"]
    )
    uploaded = good(0).last_modified_date
    assert isinstance(uploaded, datetime)
    tokyo = ZoneInfo("Asia/Tokyo")
    day = uploaded.astimezone(tokyo).date()
    age = (at.astimezone(tokyo).date() - day).days
    assert count(f"--uploaded-before={day + timedelta(days=1)}") == count(f"--older-than={age - 1}") == 3
    count(f"--uploaded-before={day}", code=ExitCode.NO_ROWS)
    count(f"--older-than={age}", code=ExitCode.NO_ROWS)
    for words in (
        [f"--uploaded-before={day}", "--older-than=3"],
        ["--uploaded-before=soon"],
        ["--older-than=0"],
        ["--older-than=999999999"],
    ):
        count(*words, code=2)
    run("plan", "class", "--to=STANDARD_IA", f"--uploaded-before={day}", code=ExitCode.NO_ROWS)
    run("plan", "labels", "--label=a=b", f"--older-than={age}", code=ExitCode.NO_ROWS)


def test_a_list_of_keys_is_answered_key_by_key(run: Any) -> None:
    keys = [str(good(number).key) for number in (0, 3)]
    text = f"{keys[0]}\r\ns3://{SOURCE}/{keys[1]}\n\nlost.heic\n"
    plan = json.loads(run("plan", "restore", "--keys", "-", "--format", "json", text=text).stdout)
    assert (plan["object_count"], plan["refused_counts"]) == (1, {"not_archived": 1, "not_found": 1})
    rows = json.loads(run("plan", "show", plan["digest"], "--items", "--format", "json").stdout)
    assert {row["key"]: row["refusal"] for row in rows} == {
        keys[0]: "",
        keys[1]: "not_archived",
        "lost.heic": "not_found",
    }


def test_a_list_of_keys_that_cannot_be_read_is_told_so(synced: World, run: Any, tmp_path: Path) -> None:
    key = str(good(0).key)
    files = {
        "missing.txt": None,
        "sjis.txt": "症例.heic".encode("shift_jis"),
        "bom.txt": f"\ufeff{key}\n".encode(),
    }
    for name, content in files.items():
        if content is not None:
            (tmp_path / name).write_bytes(content)
    for name, said in (("missing.txt", "No such file"), ("sjis.txt", "not UTF-8")):
        answer = run("plan", "restore", "--keys", str(tmp_path / name), code=2)
        assert said in " ".join(answer.stderr.split())
    words = ("plan", "restore", "--keys", str(tmp_path / "bom.txt"), "--format", "json")
    assert json.loads(run(*words).stdout)["object_count"] == 1


def test_what_means_everything_or_nothing_is_refused(run: Any) -> None:
    run("plan", "restore", code=2)
    run("plan", "restore", "--prefix", "nowhere/", code=ExitCode.NO_ROWS)
    run("plan", "restore", "--device", "ipad", "--speed", "warp", code=2)
    run("plan", "show", "0" * 64, code=ExitCode.USAGE)


def test_labels_from_plan_to_undo(synced: World, run: Any) -> None:
    key = str(good(3).key)
    synced.s3.put_object_tagging(
        Bucket=SOURCE, Key=key, Tagging={"TagSet": [{"Key": "patient", "Value": "p-1"}]}
    )

    def tags() -> dict[str, str]:
        answer = synced.s3.get_object_tagging(Bucket=SOURCE, Key=key)
        return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}

    words = ("plan", "labels", "--class", "STANDARD", "--label", "label=benign", "--format", "json")
    digest = json.loads(run(*words).stdout)["digest"]
    run("apply", digest, "--why", "reading room", "--as", "sato")
    run("worker", "--until-idle")
    assert tags() == {"patient": "p-1", "label": "benign"}
    undo = json.loads(run("plan", "labels", "--undo", digest, "--format", "json").stdout)
    assert undo["params"] == {"tags": {"label": "benign"}, "undo": digest}
    run("apply", undo["digest"], "--why", "wrong patient", "--as", "sato")
    run("worker", "--until-idle")
    assert tags() == {"patient": "p-1"}
    run("journal", "verify")
    for wrong in (("--label", "label"), ("--unit", "x", "--label", "a=b"), ("--label", "a;b=c"), ()):
        run("plan", "labels", "--prefix=", *wrong, code=2)


def test_labels_of_what_the_quality_page_lists(synced: World, run: Any) -> None:
    words = ("plan", "labels", "--unlabelled", "--device", "ipad", "--label", "label=benign")
    plan = json.loads(run(*words, "--format", "json").stdout)
    assert plan["object_count"] == 4
    run(*words, "--month", "1999-01-01", code=ExitCode.NO_ROWS)
    for narrower in (("--class", "GLACIER"), ("--size", "empty"), ("--older-than", "9"), ("--keys", "-")):
        run(*words, *narrower, code=2)


def test_a_rename_from_plan_to_outcome(
    endpoint: str, tmp_path: Path, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two images with the fault of a capital ending; something empty has a name like the right one of the second."""
    world = World(endpoint, tmp_path)
    rows, right = [], [str(good(number).key) for number in (100, 101)]
    twin = right[1].replace("ipad/", "iPad/", 1)
    for key in (*(name.replace(".heic", ".HEIC") for name in right), twin):
        body = b"" if key == twin else key.encode()
        put = world.s3.put_object(
            Bucket=SOURCE, Key=key, Body=body, Tagging="label=cornea", Metadata={"a": "b"}
        )
        rows.append(Row(key, size=len(body), e_tag=put["ETag"].strip('"')))
    world.put(rows)
    assert world.sync().exit_code is ExitCode.OK
    allowed = Operate(allow_removal=True, removal_without_versions=True, cool_off_minutes=0)
    settings = world.settings.model_copy(update={"operate": allowed})
    monkeypatch.setattr("dashboard.commands.plan_options.load_settings", lambda: settings)
    monkeypatch.setattr("dashboard.commands.runs.started_settings", lambda: settings)
    run("plan", "rename", code=2)
    run("plan", "rename", "--unit", "nowhere", code=ExitCode.NO_ROWS)
    plan = json.loads(run("plan", "rename", "--device", "ipad", "--format", "json").stdout)
    assert (plan["object_count"], plan["refused_counts"]) == (1, {"target_looks_taken": 1})
    assert plan["removes"], "the bucket keeps no versions"
    items = json.loads(run("plan", "show", plan["digest"], "--items", "--format", "json").stdout)
    assert [item["target"] for item in items if not item["refusal"]] == right[:1]
    for actor in ("sato", "tanaka"):
        run("apply", plan["digest"], "--why", "capital endings", "--as", actor)
    run("worker", "--until-idle")
    [row] = json.loads(run("runs", "show", plan["digest"], "--format", "json").stdout)
    assert (row["state"], row["code"]) == ("done", "renamed")
    head = world.s3.head_object(Bucket=SOURCE, Key=right[0])
    assert head["Metadata"].keys() == {"a", "archive-renamed-from"}
    assert world.s3.get_object_tagging(Bucket=SOURCE, Key=right[0])["TagSet"] == [
        {"Key": "label", "Value": "cornea"}
    ]
    listed = [item["Key"] for item in world.s3.list_objects_v2(Bucket=SOURCE)["Contents"]]
    assert rows[0].key not in listed


def test_a_change_of_class_from_plan_to_outcome(synced: World, run: Any) -> None:
    key = str(good(3).key)
    words = ("plan", "class", "--class", "STANDARD", "--format", "json")
    run(*words, "--to", "SNOW", code=2)
    digest = json.loads(run(*words, "--to", "GLACIER_IR").stdout)["digest"]
    run("apply", digest, "--why", "seldom read", "--as", "sato")
    run("worker", "--until-idle")
    [row] = json.loads(run("runs", "show", digest, "--format", "json").stdout)
    assert (row["state"], row["code"]) == ("done", "moved")
    assert synced.s3.head_object(Bucket=SOURCE, Key=key)["StorageClass"] == "GLACIER_IR"


def test_where_roles_are_named_only_operators_plan_and_nobody_is_two(
    synced: World, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("plan", "restore", "--device", "ipad", "--format", "json")

    def allow(operator: str) -> None:
        known = synced.settings.model_copy(update={"roles": Roles(operators=(operator,))})
        monkeypatch.setattr("dashboard.commands.plan_options.load_settings", lambda: known)

    allow("somebody")
    run(*words, code=ExitCode.ACCESS_DENIED)
    allow(getpass.getuser())
    digest = json.loads(run(*words).stdout)["digest"]
    assert "--as" in run("apply", digest, "--why", "test", "--as", "tanaka", code=2).stderr
    run("apply", digest, "--why", "test")
