"""`report` on a whole archive: files, exit codes, and what reaches a mail server and a web hook of the test."""

from __future__ import annotations

import base64
import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard import __main__ as cli
from dashboard.commands import costs
from dashboard.commands import report as command
from dashboard.operate.journal import Journal
from dashboard.settings import Settings
from tests.aws.http_stub import Stub, running_stub
from tests.operate.test_notify import postbox
from tests.sync.world import World, goods
from tests.warehouse.test_checks import put_bills

PDF, EXCEL = "archivelens-report-2026-10-en.pdf", "archivelens-report-2026-10-en.xlsx"


@pytest.fixture(scope="module")
def billed(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(endpoint, tmp_path_factory.mktemp("report"))
    put_bills(world)
    world.put(goods(5))
    world.synced()
    return world


class Shell:
    """Runs the command line inside this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.capsys, self.monkeypatch = capsys, monkeypatch
        self.settings: dict[str, Any] = {}
        for module in (command, costs):
            monkeypatch.setattr(module, "load_settings", lambda: Settings.model_validate(self.settings))
        monkeypatch.setattr(signal, "signal", lambda *_: None)

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        return self.run("report", *arguments)

    def run(self, *arguments: str) -> tuple[int, str, str]:
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
def shell(billed: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    made = Shell(capsys, monkeypatch)
    made.settings = billed.as_dict()
    return made


@pytest.fixture
def receiver() -> Iterator[Stub]:
    with running_stub() as stub:
        stub.answer = lambda *_: (200, b"")
        yield stub


def test_it_writes_two_files_and_names_them(shell: Shell, tmp_path: Path) -> None:
    out = tmp_path / "new" / "folder"
    code, said, _ = shell("--month", "2026-10", "--out", str(out), "--format", "json")
    rows = json.loads(said)
    assert code == 0
    assert [(row["kind"], row["target"], row["status"], row["month"], row["language"]) for row in rows] == [
        ("pdf", str(out / PDF), "written", "2026-10", "en"),
        ("excel", str(out / EXCEL), "written", "2026-10", "en"),
    ]
    assert [row["size_bytes"] for row in rows] == [(out / name).stat().st_size for name in (PDF, EXCEL)]
    before = (out / PDF).read_bytes()
    assert shell("--month", "2026-10", "--out", str(out))[0] == 0
    assert (out / PDF).read_bytes() == before, "the same snapshot makes the same file"
    assert shell("--month", "2026-10", "--out", str(out), "--lang", "ja")[0] == 0
    assert {item.name for item in out.iterdir()} >= {PDF, PDF.replace("-en", "-ja")}


def test_bad_wishes_have_their_exit_codes(shell: Shell, tmp_path: Path) -> None:
    code, _, err = shell("--month", "2026-08", "--out", str(tmp_path))
    assert (code, "2026-10, 2026-09" in err) == (2, True)
    assert shell("--lang", "xx", "--out", str(tmp_path))[0] == 2
    assert shell("--snapshot", "000099", "--out", str(tmp_path))[0] == 5
    (tmp_path / "file").write_text("in the way")
    code, _, err = shell("--out", str(tmp_path / "file"))
    assert (code, str(tmp_path / "file") in err) == (45, True)
    shell.settings["warehouse"] = {"folder": str(tmp_path / "nothing")}
    assert shell("--out", str(tmp_path))[0] == 5
    assert [item.name for item in tmp_path.iterdir()] == ["file"]


def test_budgets_stand_as_in_the_report_and_a_broken_one_is_an_exit_code(shell: Shell) -> None:
    shell.settings["budget"] = [
        {"name": "Wide", "amount": 1000},
        {"name": "Tax out", "amount": 1000, "tax": "excluded"},
    ]
    code, said, _ = shell.run("costs", "budgets", "--month", "2026-10", "--format", "json")
    assert code == 0
    assert [(row["name"], row["state"]) for row in json.loads(said)] == [
        ("Wide", "within"),
        ("Tax out", "within"),
    ]
    shell.settings["budget"] = [{"name": "Tight", "amount": 1}]
    code, said, _ = shell.run("costs", "budgets", "--month", "2026-10", "--format", "json")
    (row,) = json.loads(said)
    assert (code, row["state"], row["passed_percent"]) == (4, "over", 100)
    assert row["spent"] == "2.00", "what October cost"
    assert shell.run("costs", "budgets", "--month", "1999-01")[0] == 2


def test_without_anybody_to_send_to_nothing_is_made(shell: Shell, tmp_path: Path) -> None:
    shell.settings["notify"] = [{"name": "leads"}]
    code, out, err = shell("--send", "--out", str(tmp_path))
    assert (code, out, list(tmp_path.iterdir())) == (3, "", [])
    assert "notify.monthly_report" in err


def test_it_goes_to_mail_with_files_and_to_each_reader_in_his_language(
    shell: Shell, receiver: Stub, monkeypatch: pytest.MonkeyPatch, billed: World
) -> None:
    shell.settings["notify"] = [
        {"name": "mail", "url_env": "NOTIFY_MAIL", "monthly_report": True},
        {"name": "hook", "url_env": "NOTIFY_HOOK", "monthly_report": True, "language": "ja"},
        {"name": "findings only", "url_env": "NOTIFY_HOOK"},
    ]
    monkeypatch.setenv("NOTIFY_HOOK", receiver.url.replace("http:", "json:"))
    with postbox() as (url, letters):
        monkeypatch.setenv("NOTIFY_MAIL", url)
        code, said, _ = shell("--month", "2026-10", "--send", "--format", "json")
    assert code == 0
    rows = json.loads(said)
    assert [(row["kind"], row["target"], row["status"], row["language"]) for row in rows] == [
        ("message", "mail", "sent", "en"),
        ("message", "hook", "sent", "ja"),
    ]
    (letter,) = letters
    files = {part.get_filename(): part.get_content() for part in letter.iter_attachments()}
    assert files.keys() == {PDF, EXCEL}
    assert files[PDF].startswith(b"%PDF-")
    assert files[EXCEL].startswith(b"PK")
    assert "report for October 2026" in letter["subject"]
    words = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Bill of October 2026: $2.00" in words
    (question,) = receiver.questions
    assert "月次報告（2026年10月）" in question["title"]
    assert "2026年10月の料金: $2.00" in question["message"]
    bodies = [base64.b64decode(item["base64"]) for item in question["attachments"]]
    assert bodies[0].startswith(b"%PDF-")
    told = Journal(billed.warehouse).events(kind="report.sent")
    assert [(event.subject, event.payload["month"]) for event in told] == [
        ("mail", "2026-10"),
        ("hook", "2026-10"),
    ]
    everything = words + question["message"]
    assert "ipad/" not in everything, "no object key leaves the house"


def test_what_does_not_arrive_ends_with_63_and_keeps_the_address_to_itself(
    shell: Shell, receiver: Stub, monkeypatch: pytest.MonkeyPatch, billed: World
) -> None:
    receiver.answer = lambda *_: (500, b"secret answer")
    address = receiver.url.replace("http://", "json://user:hunter2@")
    monkeypatch.setenv("NOTIFY_URL", address)
    shell.settings["notify"] = [
        {"monthly_report": True},
        {"name": "nowhere", "url_env": "NOTIFY_NOWHERE", "monthly_report": True},
    ]
    code, out, err = shell("--send", "--format", "json")
    assert code == 63
    assert [(row["status"], row["detail"]) for row in json.loads(out)] == [
        ("failed", "the receiver answered 500"),
        ("no_address", "the environment has no NOTIFY_NOWHERE"),
    ]
    assert "hunter2" not in out + err
    failed = Journal(billed.warehouse).events(kind="report.failed")
    assert [event.payload["month"] for event in failed] == ["2026-10", "2026-10"]
    assert "hunter2" not in str([event.payload for event in failed])
