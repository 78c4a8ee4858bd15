"""Datasets from whole syncs: what is ready, what was frozen, what has drifted."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from dashboard.__main__ import app
from dashboard.domain.dataset import FORMATS, Selection, Split
from dashboard.errors import DashboardError, ExitCode
from dashboard.operate import dataset
from tests.inventory_writer import Row
from tests.sync.world import NOW, SOURCE, World, day, good

BY_CASE = Split("label", "patient")
ARCHIVED = good(2, storage_class="GLACIER")
COPY = good(3, e_tag="a" * 32)
KEPT = good(4, e_tag="a" * 32, last_modified_date=good(3).last_modified_date - timedelta(hours=1))
READY = [good(10), good(11), good(12), KEPT]
TAGS = {"label": "cornea", "consent": "yes", "patient": "p1"}


def label(
    world: World, rows: list[Row], changed: dict[str, dict[str, str]] | None = None, at: datetime = NOW
) -> None:
    """Write the tags of some rows as a sync would that read them then; `changed`: others by a key's last digits."""
    folder = world.warehouse / "labels"
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for number, row in enumerate(rows):
        assert isinstance(row.key, str)
        tags = (changed or {}).get(row.key[-9:-5], TAGS | {"patient": f"p{number % 3}"})
        lines.append(
            {
                "source_bucket": SOURCE, "key": row.key, "version_id": row.version_id or "", "e_tag": row.e_tag,
                "tags": tags, "read_at": at.isoformat(),
            }
        )  # fmt: skip
    (folder / "1.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


@pytest.fixture(scope="module")
def synced(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    """One image for each step of the gate, and four that pass."""
    world = World(endpoint, tmp_path_factory.mktemp("synced"))
    world.changes["labels"] = [{"required_tags": ["label"], "max_requests_per_run": 1}]
    world.changes["dataset"] = {"permit_tag": "consent"}
    world.s3.create_bucket(Bucket=SOURCE)
    rows = [good(1), ARCHIVED, COPY, *READY, good(5), good(6), Row("ipad/ipad-01/2026/11/20/IMG_0001.HEIC")]
    world.put([*rows, Row("ipad/.DS_Store")])
    label(
        world,
        rows,
        {"0001": {"label": ""}, "0005": TAGS | {"consent": "no"}, "0006": {**TAGS, "patient": ""}},
    )
    world.sync()
    return world


@pytest.fixture(name="archive")
def _archive(synced: World, tmp_path: Path) -> World:
    return synced.copied(tmp_path / "archive")


def key_of(row: Row) -> str:
    assert isinstance(row.key, str)
    return row.key


def make(world: World, **values: Any) -> dataset.FrozenDataset:
    return dataset.create(
        world.settings, "eyes", values.pop("selection", Selection()), values.pop("split", BY_CASE)
    )


def test_each_step_stops_what_it_is_for(archive: World) -> None:
    made = make(archive)
    assert {item["step"]: item["object_count"] for item in made.definition["gate"]} == {
        "name": 1, "label": 1, "reading": 1, "duplicate": 1, "identity": 0, "permit": 1, "part": 1, "ready": 4,
    }  # fmt: skip
    members = pq.read_table(made.folder / "members.parquet").to_pylist()
    assert [item["key"] for item in members] == sorted(str(row.key) for row in READY)
    assert {item["bucket"] for item in members} == {SOURCE}
    assert made.definition["shared_part_count"] == 0
    assert sum(item["object_count"] for item in made.definition["splits"]) == 4


def test_one_patient_written_in_several_ways_is_on_one_side(archive: World) -> None:
    rows, later = [good(number) for number in range(20, 40)], NOW + timedelta(days=1)
    ways = ["P0123", "Ｐ０１２３", " P0123 ", "P01\u200b23", "P0123\u3000"]
    archive.put(rows, at=day(-1))
    labels = {key_of(row)[-9:-5]: TAGS | {"patient": ways[number % 5]} for number, row in enumerate(rows)}
    label(archive, rows, labels, at=later)
    archive.sync(now=later)
    split = replace(BY_CASE, shares=(Decimal("0.4"), Decimal("0.3"), Decimal("0.3")))
    made = make(archive, split=split)
    assert [(item["object_count"], item["part_count"]) for item in made.definition["splits"]] == [(20, 1)]
    members = pq.read_table(made.folder / "members.parquet").to_pylist()
    assert {dict(item["labels"])["patient"] for item in members} == set(ways), (
        "what a source says stays as it is"
    )


def test_the_copy_that_passes_stays_even_if_another_one_is_to_be_kept(archive: World) -> None:
    rows, later = [KEPT, COPY], NOW + timedelta(days=1)
    archive.put(rows, at=day(-1))
    label(archive, rows, {"0004": TAGS | {"consent": "no"}}, at=later)
    archive.sync(now=later)
    members = pq.read_table(make(archive, split=Split()).folder / "members.parquet").to_pylist()
    assert [item["key"] for item in members] == [COPY.key]


def test_a_selection_selects(archive: World) -> None:
    def count(**values: Any) -> int:
        try:
            made = make(archive, selection=Selection(**values), split=Split())
        except DashboardError as fault:
            return 0 if fault.code is ExitCode.NO_ROWS else -1
        return int(made.definition["object_count"])

    everything = count()
    assert (
        count(devices=("ipad",))
        == count(units=("ipad/ipad-01",))
        == count(extensions=("heic",))
        == everything
    )
    assert count(devices=("xray",)) == count(units=("xray/ipad-01",)) == count(extensions=("jpg",)) == 0
    captured = good(1).last_modified_date.date()
    assert count(from_on=captured, to_on=captured) == everything
    assert count(from_on=captured + timedelta(days=1)) == count(to_on=captured - timedelta(days=1)) == 0
    assert count(names="good") == everything
    assert count(names="bad") == 0
    assert count(labels=(("label", "cornea"), ("label", "retina"))) == everything
    assert count(labels=(("label", "cornea"), ("patient", "nobody"))) == 0
    assert (
        count(labels=(("patient", "p1"),)) + count(labels=(("patient", "p0"), ("patient", "p2")))
        < everything + 1
    )
    assert count(labels=(("eye", ""),)) == everything, "no value"


def test_the_same_members_have_the_same_hash(archive: World) -> None:
    first, again = make(archive), make(archive, selection=Selection(devices=("ipad",)))
    assert first.dataset_hash == again.dataset_hash
    assert first.definition["created_at"] == again.definition["created_at"], "the folder is not written anew"
    assert make(archive, split=replace(BY_CASE, key="other")).definition["object_count"] == 4
    assert not list((archive.warehouse / "datasets").glob(".draft*"))


@pytest.mark.parametrize("name", ["..", "a/b", "Eyes", ""])
def test_a_name_that_is_no_folder_is_refused(archive: World, name: str) -> None:
    with pytest.raises(DashboardError) as caught:
        dataset.create(archive.settings, name, Selection(), Split())
    assert caught.value.code is ExitCode.USAGE


def test_nothing_drifts_by_itself_and_every_drift_is_named(archive: World) -> None:
    made = make(archive)
    assert not dataset.verify(archive.settings, made).counts
    gone, overwritten, renamed, frozen_away = READY
    rows = [
        replace(overwritten, e_tag="b" * 32),
        replace(renamed, key=f"{key_of(renamed)}.renamed"),
        replace(frozen_away, storage_class="DEEP_ARCHIVE"),
        COPY,
        good(20),
    ]
    archive.put(rows, at=day(-1))
    archive.sync(now=NOW + timedelta(days=1))
    found = dataset.verify(archive.settings, made)
    assert {row["key"]: row["drift"] for row in found.rows} == {
        gone.key: "missing", overwritten.key: "overwritten", renamed.key: "renamed", frozen_away.key: "archived",
    }  # fmt: skip
    assert {row["drift"]: row["now"] for row in found.rows}[
        "renamed"
    ] == f"{SOURCE}/{key_of(renamed)}.renamed"
    assert found.counts == {"archived": 1, "missing": 1, "overwritten": 1, "renamed": 1}


def test_what_is_archived_is_restored_for_a_selection_and_for_a_frozen_dataset(
    archive: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.commands.plan_options.load_settings", lambda: archive.settings)
    runner = CliRunner()

    def planned(*words: str) -> tuple[set[str], str]:
        result = runner.invoke(app, ["plan", "restore-dataset", *words, "--format", "json"])
        assert result.exit_code == 0, result.output
        plan = json.loads(result.stdout)
        shown = runner.invoke(app, ["plan", "show", plan["digest"], "--items", "--format", "json"])
        return {row["key"] for row in json.loads(shown.stdout) if not row["refusal"]}, result.stderr

    assert planned("--all")[0] == planned("--device=ipad", "--label=label=cornea")[0] == {ARCHIVED.key}
    for words in ([], ["--all", "--device=ipad"], ["eyes", "--all"], ["--all", "--speed=soon"]):
        assert runner.invoke(app, ["plan", "restore-dataset", *words]).exit_code == 2
    made = make(archive)
    gone, *others, frozen_away = READY
    archive.put([replace(frozen_away, storage_class="DEEP_ARCHIVE"), ARCHIVED, *others], at=day(-1))
    archive.sync(now=NOW + timedelta(days=1))
    keys, told = planned("eyes", "--speed=bulk")
    assert keys == {frozen_away.key}, "what was never a member is not restored"
    assert "eyes: no restore brings these members back: 1 missing" in told
    assert gone.key in {row["key"] for row in dataset.verify(archive.settings, made).rows}
    assert {row["drift"] for row in dataset.verify(archive.settings, made, kind="archived").rows} == {
        "archived"
    }

    def here(command: Sequence[str], **_how: object) -> SimpleNamespace:
        result = runner.invoke(app, command[3:])
        return SimpleNamespace(returncode=result.exit_code, stdout=result.stdout, stderr=result.stderr)

    monkeypatch.setattr("dashboard.commands.dataset.load_settings", lambda: archive.settings)
    monkeypatch.setattr("subprocess.run", here)
    assert dataset.archived_apart(made) == (
        (f"s3://{SOURCE}/{frozen_away.key!s}",),
        {"missing": 1},
    )
    (made.folder / "members.parquet").write_bytes(b"")
    with pytest.raises(DashboardError, match="not made or compared"):
        dataset.archived_apart(made)


def test_a_changed_label_is_a_drift(archive: World) -> None:
    made = make(archive)
    # Read at the very moment of the first reading: what was read now counts, not what happens to come first.
    label(archive, READY, {"0010": TAGS | {"label": "retina"}}, at=NOW)
    archive.sync(now=NOW + timedelta(days=1), force=True)
    found = dataset.verify(archive.settings, made)
    assert ("label_changed", READY[0].key) in {(row["drift"], row["key"]) for row in found.rows}


def test_members_that_were_changed_are_not_believed(archive: World) -> None:
    made = make(archive)
    file = made.folder / "members.parquet"
    table = pq.read_table(file)
    pq.write_table(table.slice(1), file)
    with pytest.raises(DashboardError) as caught:
        dataset.verify(archive.settings, made)
    assert caught.value.code is ExitCode.FILE_DAMAGED


def test_exports_hold_the_same_members(archive: World, tmp_path: Path) -> None:
    made = make(archive)
    files = {name: dataset.export(archive.settings, made, name, tmp_path / "out") for name in FORMATS}
    lines = [json.loads(line) for line in files["jsonl"].read_text("utf-8").splitlines()]
    table = pq.read_table(files["parquet"]).to_pylist()
    references = [json.loads(line) for line in files["source-ref"].read_text("utf-8").splitlines()]
    assert files["csv"].read_bytes().startswith(b"\xef\xbb\xbfbucket,"), "Excel knows it for UTF-8"
    cells = list(csv.DictReader(files["csv"].read_text("utf-8-sig").splitlines()))
    assert [item["bucket"] for item in cells] == [SOURCE] * len(lines)
    assert (
        [item["key"] for item in lines] == [item["key"] for item in table] == [item["key"] for item in cells]
    )
    assert [item["source-ref"] for item in references] == [f"s3://{SOURCE}/{item['key']}" for item in lines]
    assert [item["labels"] for item in lines] == [dict(item["labels"]) for item in table]
    assert {"bucket", "key", "version_id", "e_tag", "checksum", "size_bytes", "labels", "split"} == set(
        lines[0]
    )
    assert dataset.find(archive.settings, str(tmp_path / "out")).dataset_hash == made.dataset_hash


def test_no_cell_of_a_csv_is_a_formula(archive: World, tmp_path: Path) -> None:
    made = make(archive)
    keys = ["=1+1", "＝cmd", " @x", "\tx", "-2", '"quoted",key', "plain"]
    table = pq.read_table(made.folder / "members.parquet").slice(0, 1)
    rows = pa.concat_tables([table] * len(keys))
    changed = rows.set_column(rows.schema.get_field_index("key"), "key", pa.array(keys))
    pq.write_table(changed, made.folder / "members.parquet")
    file = dataset.export(archive.settings, made, "csv", tmp_path)
    with file.open(newline="", encoding="utf-8") as stream:
        found = [row["key"] for row in csv.DictReader(stream)]
    assert found == ["'=1+1", "'＝cmd", "' @x", "'\tx", "'-2", '"quoted",key', "plain"]


def test_a_dataset_is_found_by_name_hash_and_folder(archive: World) -> None:
    made = make(archive)
    for wanted in ("eyes", made.dataset_hash, made.dataset_hash[:8], str(made.folder)):
        assert dataset.find(archive.settings, wanted).dataset_hash == made.dataset_hash
    for wanted in ("ears", made.dataset_hash[:7], "../eyes", ""):
        with pytest.raises(DashboardError) as caught:
            dataset.find(archive.settings, wanted)
        assert caught.value.code is ExitCode.USAGE


def test_a_damaged_definition_is_named(archive: World) -> None:
    made = make(archive)
    (made.folder / "definition.json").write_text("{")
    with pytest.raises(DashboardError) as caught:
        dataset.frozen(archive.settings)
    assert caught.value.code is ExitCode.FILE_DAMAGED


def test_the_command_line_goes_the_whole_way(
    archive: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("dataset", "plan_options"):
        monkeypatch.setattr(f"dashboard.commands.{module}.load_settings", lambda: archive.settings)
    run = CliRunner().invoke
    made = run(
        app, ["dataset", "create", "eyes", "--split-by", "label:patient", "--out", str(tmp_path / "out")]
    )
    assert made.exit_code == 0, made.output
    assert "Parts on more than one side: 0" in made.output
    assert len(list((tmp_path / "out").glob("*.jsonl"))) == 1
    listed = json.loads(run(app, ["dataset", "list", "--format", "json"]).output)
    assert [item["object_count"] for item in listed] == [4]
    assert run(app, ["dataset", "verify", "eyes"]).exit_code == 0
    archive.put(READY[1:], at=day(-1))
    archive.sync(now=NOW + timedelta(days=1))
    code = listed[0]["dataset_hash"][:12]
    taken = run(app, ["dataset", "export", code, "--format", "csv", "--out", str(tmp_path / "later")])
    assert taken.output.splitlines() == [str(tmp_path / "later" / f"eyes-{code}.csv")]
    rows = list(csv.DictReader((tmp_path / "later" / f"eyes-{code}.csv").read_text("utf-8").splitlines()))
    assert [row["key"] for row in rows] == sorted(map(key_of, READY)), "as it was frozen"
    assert run(app, ["dataset", "export", code, "--format", "x", "--out", "x"]).exit_code == 2
    drifted = run(app, ["dataset", "verify", listed[0]["dataset_hash"][:12], "--format", "csv"])
    assert drifted.exit_code == 1
    assert f"missing,{SOURCE},{key_of(READY[0])}" in drifted.output
    few = run(app, ["dataset", "create", "few", "--split-by", "unit"])
    assert "no image is in" in few.output
    for wrong in (
        ["--split-by", "patient"],
        ["--label", "x"],
        ["--device", "nobody"],
        ["--split", "1"],
        ["--format", "x"],
    ):
        more = ["--split-by", "unit"] if wrong[0] == "--split" else []
        refused = run(app, ["dataset", "create", "eyes", *wrong, *more])
        assert (refused.exit_code, wrong[0] in refused.output) == (2, True), refused.output
    alone = run(app, ["dataset", "create", "eyes", "--split", "0.5,0.25,0.25"])
    assert (alone.exit_code, "--split-by" in alone.output) == (2, True), "shares of what?"
    nowhere = tmp_path / "a file"
    nowhere.write_text("")
    taken = run(app, ["dataset", "create", "eyes", "--out", str(nowhere)])
    assert isinstance(taken.exception, DashboardError)
    assert (taken.exception.code, taken.exception.locator) == (ExitCode.READ_ONLY, str(nowhere))
