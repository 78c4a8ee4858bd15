"""The Worklist page on the synthetic warehouse, its queries, and the command line on a worklist of its own."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import shlex
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import openpyxl
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import __main__ as cli
from dashboard.commands import journal as journal_commands
from dashboard.commands import worklist as worklist_commands
from dashboard.domain.labelling import Task
from dashboard.errors import ExitCode
from dashboard.operate import labelling as tasks_of
from dashboard.operate.follow import follow
from dashboard.operate.journal import Journal
from dashboard.operate.selection import Selection
from dashboard.operate.worklist import Action, act
from dashboard.settings import Settings, WarehouseSettings
from dashboard.ui import changes, clean, exports, finding_ways, labelling, source
from dashboard.warehouse.query import folder_queries
from tests.ui.synthetic_warehouse import SyntheticWarehouse, ask, settings

PAGE = Path(__file__).resolve().parents[2] / "pages" / "operate" / "worklist.py"
TODAY = dt.date(2026, 11, 22)


@pytest.fixture
def known(tmp_path: Path) -> Settings:
    return settings().model_copy(update={"warehouse": WarehouseSettings(folder=tmp_path)})


@pytest.fixture
def warehouse(known: Settings) -> Iterator[SyntheticWarehouse]:
    st.cache_data.clear()
    served = SyntheticWarehouse()
    source.configure(known, served)
    yield served
    source.configure(settings(), SyntheticWarehouse())


@pytest.fixture
def journal(known: Settings, warehouse: SyntheticWarehouse) -> Journal:
    """A worklist that has begun with the 293 findings of the synthetic warehouse."""
    journal = Journal(known.warehouse.folder)
    follow(journal, warehouse, owners={"Sato": ("xray",)}, timezone="Asia/Tokyo")
    return journal


def draw(language: str = "en", *, user: dict[str, str] | None = None, **query: str) -> AppTest:
    app = AppTest.from_file(str(PAGE), default_timeout=60)
    app.user = user or {}
    for name, value in {"lang": language, **query}.items():
        app.query_params[name] = value
    return app.run()


# The page


@pytest.mark.parametrize(("language", "begin"), [("en", "Begin the worklist"), ("ja", "作業リストを始める")])
def test_the_first_visit_says_how_it_begins(
    warehouse: SyntheticWarehouse, known: Settings, language: str, begin: str
) -> None:
    app = draw(language)
    assert not app.exception
    assert app.button(key="begin").label == begin
    assert not (known.warehouse.folder / "journal.sqlite").exists(), "looking writes nothing"
    app.text_input(key="operator_name").set_value("Abe").run()
    app.button(key="begin").click().run()
    assert not app.exception
    assert app.metric[0].value == "293"
    assert [event.actor for event in Journal(known.warehouse.folder).events()] == ["Abe"]


def test_whoever_logged_in_is_not_asked_for_a_name(warehouse: SyntheticWarehouse, known: Settings) -> None:
    app = draw(user={"email": "sato@example.org", "name": "Sato"})
    assert not app.text_input
    app.button(key="begin").click().run()
    assert [event.actor for event in Journal(known.warehouse.folder).events()] == ["sato@example.org"]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_page_counts_and_lists(journal: Journal, language: str) -> None:
    app = draw(language, owners="Sato")
    assert not app.exception
    assert app.metric[0].value == "98"
    assert len(app.dataframe[0].value) == 50
    assert set(app.dataframe[0].value["owner"]) == {"Sato"}
    # Labels and names counts the age of what is at fault; here it is how long it is known.
    named = json.loads(app.dataframe[0].proto.columns)["age_days"]["label"]
    assert named == {"en": "Days since found", "ja": "検出後の日数"}[language]
    app = draw(language, owners="nobody", devices="ipad")
    assert app.metric[0].value == "98"


@pytest.mark.usefixtures("journal")
def test_beside_an_older_snapshot_the_worklist_says_that_it_is_of_now() -> None:
    for snapshot, is_said in (("000001", True), ("000002", False)):
        app = draw("en", user=None, snapshot=snapshot)
        assert not app.exception
        assert any("The worklist is as of now" in item.value for item in app.caption) is is_said
        assert app.metric[0].value == "293"


def test_images_to_label_are_those_of_the_findings_that_the_filters_choose(
    warehouse: SyntheticWarehouse, known: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.connection.execute(
        "UPDATE alerts.findings SET rule_id = 'unlabelled_images', subject = 'xray/XR-01/2026-' || subject "
        "WHERE subject IN (SELECT subject FROM alerts.findings WHERE device_id = 'xray' ORDER BY subject LIMIT 3)"
    )
    warehouse.connection.execute(
        "CREATE OR REPLACE TABLE alerts.rules AS "
        "SELECT DISTINCT rule_id, title, 'medium' AS severity, remedy FROM alerts.findings"
    )
    follow(Journal(known.warehouse.folder), warehouse, owners={"Sato": ("xray",)}, timezone="Asia/Tokyo")
    asked: list[Any] = []
    monkeypatch.setattr(labelling, "offer", lambda _page, **chosen: asked.append(chosen))

    def groups(**query: str) -> Any:
        assert not draw("en", user=None, **query).exception
        return asked.pop()["groups"]

    assert groups() is None, "all images without a label"
    assert groups(devices="xray") is None
    other = str(ask(warehouse, "alerts.rules")[0]["rule_id"])
    assert other != "unlabelled_images"
    assert len(groups(owners="Sato")) == len(groups(rules=f"unlabelled_images,{other}")) == 3
    assert all(group.startswith("xray/XR-01/2026-") for group in groups(owners="Sato", devices="xray"))
    assert groups(owners="nobody") == []
    assert groups(rules=other) == []


def test_one_rule_leads_to_the_plan_that_puts_it_right(
    warehouse: SyntheticWarehouse, known: Settings
) -> None:
    warehouse.connection.execute(
        "UPDATE alerts.findings SET rule_id = CASE device_id WHEN 'ipad' THEN 'junk_object' "
        "WHEN 'xray' THEN 'contains_space' ELSE 'late_upload' END"
    )
    warehouse.connection.execute(
        "CREATE OR REPLACE TABLE alerts.rules AS "
        "SELECT DISTINCT rule_id, title, 'medium' AS severity, remedy FROM alerts.findings"
    )
    follow(Journal(known.warehouse.folder), warehouse, owners={}, timezone="Asia/Tokyo")

    def ways(**query: str) -> list[tuple[str, dict[str, str]]]:
        app = draw("en", user=None, **query)
        assert not app.exception
        protos = [item.proto for item in app.get("page_link") if item.proto.label == "Plan it…"]
        return [(proto.page, dict(parse_qsl(proto.query_string))) for proto in protos]

    [(page, codes)] = ways(rules="junk_object", devices="ipad")
    assert page.endswith("clean")
    assert codes == {"lang": "en", "do": "remove_junk", "devices": "ipad"}
    [(page, codes)] = ways(rules="contains_space")
    assert page.endswith("change")
    assert codes == {"lang": "en", "do": "rename", "reasons": "contains_space"}
    assert ways() == ways(rules="junk_object,contains_space") == ways(rules="late_upload") == []


def test_every_way_leads_to_a_deed_of_a_rule_that_there_is() -> None:
    assert set(finding_ways.WAYS) <= {name.removeprefix("alerts.") for name in folder_queries("alerts")}
    deeds = {"change": list(changes.DEEDS), "clean": list(clean.DEEDS)}
    for page_id, codes in finding_ways.WAYS.values():
        assert codes["do"] in deeds[page_id]
        assert codes.get("of", "choice") in changes.OF


def test_states_in_the_address_choose(journal: Journal) -> None:
    chosen = Selection(devices=("xray",))
    act(journal, chosen, Action("close", text="fine"), actor="Abe", today=TODAY)
    assert draw().metric[0].value == "195"
    app = draw(states="accepted,evil", order="largest")
    assert not app.exception
    assert set(app.dataframe[0].value["state"]) == {"Accepted"}
    assert set(app.dataframe[0].value["close_reason"]) == {"fine"}
    assert (
        app.segmented_control(key="filter_order").value == "largest"
        if hasattr(app, "segmented_control")
        else True
    )


@pytest.mark.parametrize(
    ("language", "said", "numbered"),
    [("en", "More filters", "More filters ({})"), ("ja", "その他の条件", "その他の条件（{}）")],
)
def test_filters_that_wait_closed_are_counted_and_reset(
    journal: Journal, language: str, said: str, numbered: str
) -> None:
    def waiting(app: AppTest) -> str:
        return str(app.get("popover")[1].proto.popover.label)

    app = draw(language, devices="xray", states="open", ages="under_7_days")
    assert waiting(app) == numbered.format(2)
    app.button(key="reset_filters").click().run()
    assert (waiting(app), {*app.query_params}) == (said, {"lang"})
    assert waiting(draw(language, sizes="under_128_kib")) == numbered.format(1)


def test_hostile_words_are_text(journal: Journal, warehouse: SyntheticWarehouse) -> None:
    words = "![p](http://evil.example/x)\u202e<b>"
    act(journal, Selection(rules=("misnamed_object",), devices=("ipad",)), Action("close", text=words),
        actor="[x](http://evil.example)", today=TODAY)  # fmt: skip
    app = draw(states="accepted")
    assert not app.exception
    assert set(app.dataframe[0].value["close_reason"]) == {"![p](http://evil.example/x)\\u202e<b>"}
    shown = " ".join(item.value for item in (*app.markdown, *app.caption, *app.info, *app.success))
    assert "evil" not in shown


def test_no_cell_of_the_exports_is_a_formula(
    known: Settings, warehouse: SyntheticWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    for start in ("=", "+", "-", "@", "\t"):
        warehouse.connection.execute(
            "UPDATE alerts.findings SET subject = $subject WHERE subject = (SELECT min(subject) FROM alerts.findings "
            "WHERE subject LIKE 'key%')",
            {"subject": f"{start}1+1.jpg"},
        )
    follow(Journal(known.warehouse.folder), warehouse, owners={"=Sato": ("xray",)}, timezone="Asia/Tokyo")
    offered: dict[str, Any] = {}
    monkeypatch.setattr(
        "dashboard.ui.exports.Menu.offer",
        lambda self, name, title, columns, fetch: offered.update({name: (columns, fetch)}),
    )
    assert not draw().exception
    for name in ("list", "owner0"):
        columns, fetch = offered[name]
        frame = fetch()
        text = exports.to_csv(frame, columns, "Asia/Tokyo").decode("utf-8-sig")
        cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
        assert "'=Sato" in cells
        assert not [cell for cell in cells if cell[:1] in {"=", "+", "-", "@", "\t"}]
        book = openpyxl.load_workbook(io.BytesIO(exports.to_excel(frame, columns, "Asia/Tokyo", name)))
        sheet = [cell for row in book.active.iter_rows() for cell in row]
        assert {cell.data_type for cell in sheet} <= {"s", "n", "d"}
    columns, fetch = offered["list"]
    cells = exports.to_csv(fetch(), columns, "Asia/Tokyo").decode("utf-8-sig").split(",")
    assert {"'=1+1.jpg", "'+1+1.jpg", "'-1+1.jpg", "'@1+1.jpg"} <= set(cells)


def test_a_damaged_journal_is_told_and_other_pages_go_on(
    known: Settings, warehouse: SyntheticWarehouse
) -> None:
    (known.warehouse.folder / "journal.sqlite").write_bytes(b"no database" * 500)
    app = draw()
    assert not app.exception
    assert any("The journal cannot be used" in item.value for item in app.text)
    quality = AppTest.from_file(str(PAGE.parents[1] / "observe" / "quality.py"), default_timeout=60).run()
    assert not quality.exception
    assert quality.metric


def test_a_newer_snapshot_is_offered(journal: Journal, warehouse: SyntheticWarehouse) -> None:
    warehouse.report_at += dt.timedelta(days=1)
    warehouse.connection.execute("DELETE FROM alerts.findings WHERE device_id = 'ipad'")
    app = draw()
    assert app.info
    app.button(key="catch_up").click().run()
    assert not app.exception
    assert app.metric[0].value == "195"
    assert app.metric[3].value == "98", "closed by itself"
    assert not app.info


# Queries


def test_findings_of_one_subject_are_one(warehouse: SyntheticWarehouse) -> None:
    warehouse.connection.execute(
        "INSERT INTO alerts.findings SELECT * FROM alerts.findings WHERE subject = 'key 7'"
    )
    rows = ask(warehouse, "worklist.findings")
    assert len(rows) == 293
    (row,) = [row for row in rows if row["subject"] == "key 7"]
    assert (row["size_bytes"], row["occurred_at"]) == (20, "2026-11-01T00:00:00.000000Z")


def test_images_to_label_are_exactly_those_without_a_label(warehouse: SyntheticWarehouse) -> None:
    warehouse.connection.execute("""
        CREATE OR REPLACE TABLE facts.objects AS
        SELECT 'archive' AS source_bucket, key, version_id, kind, 'xray' AS device_id, 'XR-01' AS unit_id,
            'STANDARD' AS storage_class, 1 AS size_bytes, TIMESTAMP '2026-11-01 09:00' AS uploaded_hour,
            captured_day, e_tag
        FROM (VALUES
            ('labelled', 'v1', 'image', '20261004', 'e1'), ('other version', 'v2', 'image', '20261004', 'e2'),
            ('changed since', '', 'image', '20261004', 'e3'), ('never', '', 'image', '20261004', 'e4'),
            ('any version', 'v9', 'image', '20261004', 'e5'), ('said to have none', '', 'image', '20261004', 'e6'),
            ('november', '', 'image', '', 'e7'), ('junk', '', 'junk', '', 'e8'),
            ('twice', 'v', 'image', '20261004', 'e9')
        ) AS t(key, version_id, kind, captured_day, e_tag);
        CREATE OR REPLACE TABLE facts.labels AS SELECT 'archive' AS source_bucket, *,
            hash('archive', key) AS object_hash,
            CASE version_id WHEN '' THEN 0::UBIGINT ELSE hash(version_id) END AS version_hash,
            CASE e_tag WHEN '' THEN 0::UBIGINT ELSE hash(e_tag) END AS e_tag_hash
        FROM (VALUES
            ('labelled', 'v1', 'e1', true), ('other version', 'v1', 'e2', true), ('changed since', '', 'before', true),
            ('any version', '', '', true), ('said to have none', '', 'e6', false), ('twice', 'v', 'e9', true),
            ('twice', '', '', false)
        ) AS t(key, version_id, e_tag, is_labelled)
    """)
    warehouse.connection.execute("""
        CREATE OR REPLACE TABLE facts.labels AS SELECT *, 'xray' AS device_id, 'XR-01' AS unit_id FROM facts.labels;
        CREATE OR REPLACE TABLE marts.quality AS SELECT 'xray' AS device_id, 'XR-01' AS unit_id, month, '' AS reason,
            7 AS object_count, 1 AS size_bytes FROM (VALUES (DATE '2026-10-01'), (DATE '2026-11-01')) AS t(month)
    """)
    wanted = {"other version", "changed since", "never", "said to have none", "november"}
    assert {row["key"] for row in ask(warehouse, "worklist.unlabelled")} == wanted
    october = ask(warehouse, "worklist.unlabelled", months=["2026-10-01"])
    assert {row["key"] for row in october} == wanted - {"november"}
    # On the first of November 2027 October 2026 is the first of 14 months; a month later it is none of them.
    for today, outside in ((dt.date(2027, 11, 1), set()), (dt.date(2027, 12, 1), wanted - {"november"})):
        others = list(tasks_of.tasks(warehouse, months=["other"], today=today))
        assert {task.key for task in others} == outside
    assert {task.key for task in tasks_of.tasks(warehouse, months=["other", "2026-11-01"])} == {"november"}
    group = ask(warehouse, "worklist.unlabelled", groups=["xray/XR-01/2026-11"])
    assert [row["key"] for row in group] == ["november"]
    assert ask(warehouse, "worklist.unlabelled", devices=["ipad"]) == []
    found = list(tasks_of.tasks(warehouse, units=["XR-01"], limit=2))
    assert len(found) == 2
    (task,) = [task for task in tasks_of.tasks(warehouse) if task.key == "changed since"]
    assert task == Task("archive", "changed since", "", "e3", 1, "xray", "XR-01", "2026-10-01", "STANDARD")


def test_a_list_as_long_as_the_archive_is_sorted_piece_by_piece(
    warehouse: SyntheticWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sorting 10 million keys needs more memory than a reader has; and every list of the same images is the same."""
    warehouse.connection.execute("""
        CREATE OR REPLACE TABLE facts.objects AS SELECT ['b', 'a'][1 + i % 2] AS source_bucket, md5(i::VARCHAR) AS key,
            '' AS version_id, 'image' AS kind, 'ipad' AS device_id, ['2', '1', ''][1 + i % 3] AS unit_id,
            'STANDARD' AS storage_class, 1 AS size_bytes, '' AS captured_day, '' AS e_tag,
            TIMESTAMP '2026-08-01' + to_months((i % 4)::INTEGER) AS uploaded_hour
        FROM range(600) AS r(i);
        CREATE OR REPLACE TABLE marts.quality AS SELECT device_id, unit_id, uploaded_hour::DATE AS month, '' AS reason,
            count(*) AS object_count, 1 AS size_bytes FROM facts.objects GROUP BY ALL
    """)

    def place(task: Task) -> tuple[str, str, str]:
        unit = f"/{task.unit_id}" if task.unit_id else ""
        return f"{task.device_id}{unit}/{task.month[:7]}", task.source_bucket, task.key

    whole = list(tasks_of.tasks(warehouse))
    assert len({place(task) for task in whole}) == 600
    assert whole == sorted(whole, key=place)
    asked: list[Any] = []
    batches = warehouse.batches

    def noted(name: str, params: Any, snapshot_id: str | None) -> Any:
        asked.append(params)
        return batches(name, params, snapshot_id)

    monkeypatch.setattr(tasks_of, "SORTED_AT_ONCE", 110)
    monkeypatch.setattr(warehouse, "batches", noted)
    assert list(tasks_of.tasks(warehouse)) == whole
    assert [(params["first"], params["last"]) for params in asked] == [
        ("ipad/1/2026-08", "ipad/1/2026-09"),
        ("ipad/1/2026-10", "ipad/1/2026-11"),
        ("ipad/2/2026-08", "ipad/2/2026-09"),
        ("ipad/2/2026-10", "ipad/2/2026-11"),
        ("ipad/2026-08", "ipad/2026-09"),
        ("ipad/2026-10", "ipad/2026-11"),
    ]
    asked.clear()
    assert list(tasks_of.tasks(warehouse, limit=130)) == whole[:130]
    assert [params["row_limit"] for params in asked] == [130, 30]


def test_places_are_never_divided() -> None:
    assert list(tasks_of.spans([("a", 2), ("b", 0), ("c", 9), ("d", 1), ("e", 1), ("f", 0)], 3)) == [
        ("a", "a"),
        ("c", "c"),
        ("d", "e"),
    ]
    assert list(tasks_of.spans([("a", 0)], 3)) == []


def test_the_command_in_place_of_a_list_means_the_same_images(
    shell: Shell, warehouse: SyntheticWarehouse
) -> None:
    words = shlex.split(labelling.command(["ipad", "x ray"], ["IP-01"], ["2026-10-01"]))
    assert words[3:5] == ["worklist", "export"]
    assert words[7:] == ["--device", "ipad", "--device", "x ray", "--unit", "IP-01", "--month", "2026-10"]
    assert labelling.command().endswith("--format ground-truth")
    code, _out, err = shell(*words[3:])
    meant = tasks_of.tasks(warehouse, devices=["ipad", "x ray"], units=["IP-01"], months=["2026-10-01"])
    assert (code, err.partition(" ")[0]) == (0, str(len(list(meant))))


def test_files_to_download_are_sorted(warehouse: SyntheticWarehouse) -> None:
    """A labelling tool shows neighbours side by side, and CVAT wants each bucket's images together."""
    tasks = [
        Task(bucket, key, "", "", 1, "xray", "", "", "")
        for bucket, key in (("b", "1"), ("a", "2"), ("a", "1"))
    ]
    assert [(task.source_bucket, task.key) for task in labelling.in_order(tasks)] == [
        ("a", "1"),
        ("a", "2"),
        ("b", "1"),
    ]


def test_cvat_gets_a_manifest_for_each_bucket() -> None:
    tasks = [Task(bucket, "a.jpg", "", "", 1, "xray", "", "", "STANDARD") for bucket in ("one", "two", "two")]
    with zipfile.ZipFile(io.BytesIO(labelling.zipped(tasks))) as archive:
        assert archive.namelist() == ["one/manifest.jsonl", "two/manifest.jsonl"]
        assert len(archive.read("two/manifest.jsonl").splitlines()) == 4


# The command line


class Shell:
    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.capsys, self.monkeypatch = capsys, monkeypatch

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        self.monkeypatch.setattr(sys, "argv", ["dashboard", *arguments])
        code: object = 0
        try:
            cli.main()
        except SystemExit as end:
            code = end.code or 0
        out, err = self.capsys.readouterr()
        assert "Traceback" not in out + err
        return int(str(code)), out, err


@pytest.fixture
def shell(
    known: Settings,
    warehouse: SyntheticWarehouse,
    journal: Journal,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Shell:
    for module in (worklist_commands, journal_commands):
        monkeypatch.setattr(module, "load_settings", lambda: known)
    monkeypatch.setattr(worklist_commands, "_reader", lambda _settings: warehouse)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    return Shell(capsys, monkeypatch)


def test_findings_are_listed_assigned_and_closed_by_command(shell: Shell) -> None:
    code, out, err = shell("worklist", "list", "--device", "ipad", "--limit", "2", "--format", "json")
    first, _second = json.loads(out)
    assert (code, first["state"], first["device_id"]) == (0, "open", "ipad")
    assert "2 of 98 findings" in err
    code, _out, err = shell(
        "worklist", "assign", first["finding_id"], "--to", "Kato", "--due", "2999-12-24", "--as", "Abe"
    )
    assert (code, "1 finding, event" in err) == (0, True)
    code, _out, err = shell("worklist", "assign", first["finding_id"], "--due", "2000-01-01")
    assert (code, "Choose today or a later day as the due date" in err) == (2, True)
    _code, out, _err = shell("worklist", "list", "--owner", "Kato", "--format", "json")
    (row,) = json.loads(out)
    assert (row["due_on"], row["state"]) == ("2999-12-24", "assigned")
    assert shell("worklist", "close", "--device", "xray", "--reason", "as agreed")[0] == 0
    _code, out, _err = shell("worklist", "list", "--state", "accepted", "--limit", "0", "--format", "json")
    assert len(json.loads(out)) == 98
    assert shell("worklist", "comment", first["finding_id"], "--text", "hello")[0] == 0
    assert (
        shell("worklist", "snooze", first["finding_id"], "--until", "2999-01-01", "--reason", "later")[0] == 0
    )
    assert shell("worklist", "reopen", first["finding_id"])[0] == 0
    _code, out, _err = shell("worklist", "history", first["finding_id"], "--format", "json")
    changes = [(row["change"], row["actor"]) for row in json.loads(out)]
    assert changes[:2] == [("began", "sync"), ("assigned", "Abe")]
    assert changes[2][1].startswith("local operator"), "nobody is anonymous"


def test_a_file_that_cannot_be_written_is_told_with_its_place(shell: Shell, tmp_path: Path) -> None:
    nowhere = tmp_path / "no folder" / "open.csv"
    code, _out, err = shell("worklist", "export", "--out", str(nowhere))
    assert code == ExitCode.READ_ONLY
    assert "No such file" in err
    assert str(nowhere) in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("assign", "--to", "Kato"), "--all"),
        (("close", "--device", "xray"), "reason"),
        (("list", "--state", "nonsense"), "accepted"),
        (("export", "--format", "nonsense"), "label-studio"),
        (("snooze", "--all", "--reason", "x"), "day after today"),
        (("assign", "no such finding", "--to", "Kato"), "No finding is chosen"),
    ],
)
def test_wrong_calls_say_what_is_missing(shell: Shell, arguments: tuple[str, ...], said: str) -> None:
    code, _out, err = shell("worklist", *arguments)
    assert code == ExitCode.USAGE
    assert said in err


def test_lists_are_written_by_command(shell: Shell, tmp_path: Path) -> None:
    _code, out, _err = shell("worklist", "export", "--device", "ipad")
    assert len(out.splitlines()) == 99
    assert out.startswith("finding_id,")
    shell("worklist", "export", "--device", "ipad", "--out", str(tmp_path / "findings.csv"))
    assert (tmp_path / "findings.csv").read_bytes().startswith(b"\xef\xbb\xbffinding_id,"), "for Excel"
    target = tmp_path / "input.manifest"
    arguments = ("--format", "ground-truth", "--device", "ipad", "--limit", "3", "--out", str(target))
    _code, out, err = shell("worklist", "export", *arguments)
    assert out == ""
    assert "3 images, 0 of them archived" in err
    assert [json.loads(line)["device"] for line in target.read_text().splitlines()] == ["ipad"] * 3
    _code, out, err = shell("worklist", "export", "--format", "label-studio", "--device", "xray")
    assert (json.loads(out), "0 images" in err) == ([], True)
    assert "CVAT" not in err
    _code, out, err = shell("worklist", "export", "--format", "cvat", "--device", "ipad", "--limit", "3")
    assert (len(out.splitlines()), "width and height" in err) == (5, True)


def test_the_journal_is_verified_listed_and_copied_by_command(
    shell: Shell, tmp_path: Path, known: Settings
) -> None:
    _code, out, _err = shell("journal", "list", "--format", "json")
    (event,) = json.loads(out)
    assert (event["kind"], json.loads(event["payload"])["seen_count"]) == ("findings.seen", 293)
    code, out, _err = shell("journal", "verify", "--format", "json")
    (verdict,) = json.loads(out)
    assert (code, verdict["event_count"], verdict["is_whole"]) == (0, 1, True)
    assert shell("journal", "verify", "--expect", f"1:{verdict['head']}")[0] == 0
    code, _out, err = shell("journal", "verify", "--expect", f"2:{verdict['head']}")
    assert (code, "event 2" in err) == (ExitCode.JOURNAL_DAMAGED, True)
    assert shell("journal", "verify", "--expect", "nonsense")[0] == ExitCode.USAGE
    assert shell("journal", "backup", str(tmp_path / "copy.sqlite"))[0] == 0
    assert (tmp_path / "copy.sqlite").stat().st_size > 0
    code, _out, err = shell("notify", "--test")
    assert (code, "[[notify]]" in err) == (0, True)
