"""Costs beside inventory, and the command line on a whole archive: exit codes, formats, no traceback.

Numbers in the names are rows of the fault matrix.
"""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import dashboard.sync.run as sync_run
from dashboard import __main__ as cli
from dashboard.aws.sessions import client
from dashboard.commands import processes, snapshots
from dashboard.domain.progress import Silent
from dashboard.errors import ExitCode
from dashboard.settings import Aws, Settings
from dashboard.warehouse.query import page_queries
from tests.aws.http_stub import Stub, running_stub
from tests.sync.world import NOW, REPORT_AT, World, goods
from tests.warehouse.test_checks import put_bills

ROOT = Path(__file__).parents[2]


def with_costs_at(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cost Explorer at the stub's address, S3 where it was; both over HTTP."""

    def chosen(aws: Aws, service: Any) -> Any:
        return client(aws.model_copy(update={"endpoint_url": stub.url}) if service == "ce" else aws, service)

    monkeypatch.setattr(sync_run, "client", chosen)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"__type": "AccessDeniedException", "message": "no"}', ExitCode.COST_DENIED),
        (b'{"__type": "ExpiredTokenException", "message": "old"}', ExitCode.COST_CREDENTIALS),
        (b"<html>proxy</html>", None),
    ],
)
def test_row_51_costs_fail_and_the_inventory_is_published_with_the_older_bill(
    world: World, monkeypatch: pytest.MonkeyPatch, body: bytes, code: ExitCode | None
) -> None:
    put_bills(world)
    world.put(goods(5))
    world.synced()
    world.put(goods(6), at=REPORT_AT + timedelta(hours=1))
    world.changes["costs"] = {"months": 2, "daily_days": 0}
    with running_stub() as stub:
        stub.answer = lambda method, path, _body: (400, body)
        with_costs_at(stub, monkeypatch)
        outcome = world.sync()
    assert outcome.is_published
    assert outcome.exit_code is not ExitCode.OK
    assert code is None or outcome.exit_code is code
    assert 51 <= outcome.exit_code <= 56
    assert world.rows("SELECT count(*) FROM facts.objects") == [(6,)]
    assert world.rows("SELECT sum(cost_usd) FROM marts.cost_months") == [(Decimal("3.2500000001"),)]
    asked = world.rows("SELECT DISTINCT asked_at::DATE::VARCHAR FROM marts.sources WHERE kind = 'costs'")
    assert asked == [("2026-11-20",)], "the page says how old the bill is"


def test_a_bill_is_shown_before_the_first_report_comes(world: World) -> None:
    """S3's first report takes up to two days; what Cost Explorer was paid for is shown meanwhile."""
    put_bills(world)
    for _ in range(2):
        outcome = world.sync()
        assert outcome.exit_code is ExitCode.FILE_MISSING
        assert [fault.title for fault in outcome.faults] == ["There is nothing to load yet"]
        assert outcome.snapshot_id == "000001", "nothing is new the second time"
    reader = world.reader()
    months = reader.rows("costs.months")[1]
    assert [(row[1], row[2]) for row in months] == [
        ("2026-10", Decimal(2)),
        ("2026-09", Decimal("1.2500000001")),
    ]
    for name in page_queries():
        reader.rows(name)
    bill = world.warehouse / "bills" / "usage-MONTHLY-2026-10.json"
    bill.write_text(bill.read_text().replace('"2"', '"3"'))
    assert world.sync().is_published, "a newer bill is shown, too"
    assert world.rows("SELECT max(cost_usd) FROM marts.cost_months") == [(Decimal(3),)]
    world.put(goods(5))
    world.synced()
    assert world.rows("SELECT count(*) FROM facts.objects") == [(5,)]
    world.remove(REPORT_AT)
    world.sync()
    assert world.rows("SELECT count(*) FROM facts.objects") == [(5,)], "a report is not given up for a bill"


@pytest.fixture(scope="module")
def archive(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(endpoint, tmp_path_factory.mktemp("cli"))
    rows = goods(30)
    from tests.inventory_writer import Row

    world.put(
        [*rows, Row("ipad/=HYPERLINK(1).jpg", 7), Row("ipad/\x1b[31m\u202e.jpg", 8), Row("ipad/.DS_Store", 9)]
    )
    world.synced()
    return world


class Shell:
    """Runs the command line inside this process and keeps what it said."""

    def __init__(
        self, archive: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.archive, self.capsys, self.monkeypatch = archive, capsys, monkeypatch
        self.serve(archive)
        monkeypatch.setattr(signal, "signal", lambda *_: None)

    def serve(self, archive: World) -> None:
        """Let the commands read the settings of an archive."""
        for module in (cli, processes, snapshots):
            self.monkeypatch.setattr(
                module, "load_settings", lambda *_: Settings.model_validate(archive.as_dict())
            )

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
def shell(archive: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    return Shell(archive, capsys, monkeypatch)


def test_sync_as_json_says_what_it_did(shell: Shell) -> None:
    code, out, _ = shell("sync", "--json")
    told = json.loads(out)
    assert code == told["exit_code"] == 0
    assert told["snapshot_id"] == "000001"
    assert told["sources"][0]["row_count"] == 33
    assert told["faults"] == []


def test_show_gives_the_columns_that_were_promised(shell: Shell) -> None:
    code, out, _ = shell("show", "sources.reports", "--format", "json")
    (row,) = json.loads(out)
    assert code == 0
    promised = (
        "source_bucket config_id report_at format row_count size_bytes latest_count delete_marker_count "
        "quarantined_count"
    )
    assert set(promised.split()) <= row.keys()
    assert (row["row_count"], row["size_bytes"], row["format"]) == (33, 3024, "Parquet")
    assert row["report_at"] == "2026-11-21T01:00:00Z"
    _, out, _ = shell("show", "storage.by_device_class", "--format", "json")
    (row,) = json.loads(out)
    assert {"device_id", "storage_class", "object_count", "size_bytes"} <= row.keys()
    assert (row["device_id"], row["storage_class"], row["object_count"], row["size_bytes"]) == (
        "ipad",
        "STANDARD",
        32,
        3015,
    )


@pytest.mark.parametrize("name", page_queries())
def test_every_page_query_can_be_shown(shell: Shell, name: str) -> None:
    code, out, err = shell("show", name, "--format", "json")
    assert code == 0, err
    assert isinstance(json.loads(out), list)


def test_formats_keep_formulas_and_control_characters_harmless(shell: Shell) -> None:
    for rule in ("copy_suffix", "hidden_character"):
        _, out, _ = shell("alerts", "--rule", rule, "--format", "csv")
        assert len(list(csv.DictReader(io.StringIO(out)))) == 1
    _, out, _ = shell("alerts", "--rule", "hidden_character")
    assert "\x1b[31m" not in out
    assert "\u202e" not in out
    assert "\\u{1b}" in out
    _, out, _ = shell("alerts", "--format", "json")
    assert "ipad/\x1b[31m\u202e.jpg" in {row["subject"] for row in json.loads(out)}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("show", "no.such"), ExitCode.USAGE, "storage.by_device_class"),
        (("show", "storage.by_device_class", "nonsense=1"), ExitCode.USAGE, "nonsense"),
        (("show", "storage.by_device_class", "nonsense"), ExitCode.USAGE, "name=value"),
        (("show", "storage.by_device_class", "--format", "xml"), ExitCode.USAGE, "json"),
        (("show", "storage.by_device_class", "--snapshot", "000099"), ExitCode.NO_SNAPSHOT, "000099"),
        (("alerts", "--rule", "nonsense"), ExitCode.USAGE, "junk_object"),
        (("alerts", "--exit-code"), ExitCode.FINDINGS, ""),
        (("snapshots", "--use", "000099"), ExitCode.NO_SNAPSHOT, "000001"),
        (("nonsense",), ExitCode.USAGE, "nonsense"),
        (("sync", "--nonsense"), ExitCode.USAGE, "nonsense"),
    ],
)
def test_wrong_calls_end_with_their_code_and_name_what_is_right(
    shell: Shell, arguments: tuple[str, ...], code: ExitCode, said: str
) -> None:
    found, _, err = shell(*arguments)
    assert found == code
    assert said in err.replace("\n", "")


def test_a_fault_of_a_sync_is_its_exit_code(make_world: Callable[..., World], shell: Shell) -> None:
    world = make_world()
    shell.archive = world
    shell.serve(world)
    code, out, err = shell("sync", "--json")
    assert (code, json.loads(out)["exit_code"]) == (ExitCode.FILE_MISSING, ExitCode.FILE_MISSING)
    code, _, err = shell("show", "storage.by_device_class")
    assert code == ExitCode.NO_SNAPSHOT
    assert "sync" in err
    world.changes["labels"] = {"source": [{"kind": "object_tags", "buckets": ["clinic-phtos"]}]}
    shell.serve(world)
    code, out, _ = shell("check", "--format", "json")
    assert code == ExitCode.FINDINGS
    rows = {row["check"]: row for row in json.loads(out)}
    assert rows["freshness"]["is_ok"] is False
    assert rows["freshness"]["next_step"]
    assert rows["labels.source object_tags"]["is_ok"] is False
    assert "clinic-phtos" in rows["labels.source object_tags"]["detail"]


def test_yesterday_can_be_brought_back(make_world: Callable[..., World], shell: Shell) -> None:
    world = make_world()
    world.put(goods(3))
    world.synced()
    world.put(goods(4), at=REPORT_AT + timedelta(hours=1))
    world.synced()
    shell.serve(world)
    code, out, _ = shell("snapshots", "--use", "000001", "--format", "json")
    assert code == 0
    assert {row["snapshot_id"]: row["is_current"] for row in json.loads(out)} == {
        "000001": True,
        "000002": False,
    }
    _, out, _ = shell("show", "storage.by_device_class", "--format", "json")
    assert json.loads(out)[0]["object_count"] == 3
    _, out, _ = shell("show", "storage.by_device_class", "--snapshot", "000002", "--format", "json")
    assert json.loads(out)[0]["object_count"] == 4
    assert world.synced(now=NOW).is_published
    _, out, _ = shell("show", "storage.by_device_class", "--format", "json")
    assert json.loads(out)[0]["object_count"] == 4


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[warehouse]\nfoldr = 'x'\n", "did you mean 'folder'?"),
        ("[[inventory]]\nlocaton = 'x'\n", "did you mean 'location'?"),
        ("[inventory\n", "TOML"),
        ("[archive]\ntimezone = 'Mars/Olympus'\n", "Mars/Olympus"),
        (None, "dashboard.example.toml"),
    ],
)
def test_bad_settings_name_the_file_the_key_and_the_nearest_one(
    tmp_path: Path, text: str | None, said: str
) -> None:
    file = tmp_path / "mine.toml"
    if text is not None:
        file.write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "dashboard", "sync"], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "DASHBOARD_SETTINGS": str(file)},
    )  # fmt: skip
    assert done.returncode == ExitCode.SETTINGS
    assert said in done.stderr
    assert "mine.toml" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_end_of_a_sync_says_nothing_of_what_python_left(make_world: Callable[..., World]) -> None:
    world = make_world()
    world.put(goods(3))
    program = (
        "import sys; from dashboard import settings; given = settings.Settings.model_validate_json(sys.argv.pop()); "
        "settings.load_settings = lambda *_: given; from dashboard.__main__ import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "sync", json.dumps(world.as_dict(), default=str)],
        env={**os.environ, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"},
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, "leaked" in done.stderr) == (0, False), done.stderr
    assert len(world.rows("SELECT * FROM meta.snapshot")) == 1


def test_without_an_inventory_nothing_is_paid_for_and_check_says_so(
    make_world: Callable[..., World], shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(changes={"inventory": [], "costs": {"months": 1, "daily_days": 0}})
    with running_stub() as stub:
        with_costs_at(stub, monkeypatch)
        outcome = world.sync()
    assert stub.requests == []
    assert outcome.exit_code is ExitCode.SETTINGS
    assert "[[inventory]]" in outcome.faults[0].next_step
    world.changes["costs"] = {"enabled": False}
    shell.serve(world)
    code, out, _err = shell("check", "--format", "json")
    assert code == ExitCode.FINDINGS
    assert {"inventory": False}.items() <= {row["check"]: row["is_ok"] for row in json.loads(out)}.items()


class Told(Silent):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


@pytest.mark.parametrize("location", [None, "s3://no-such-bucket-anywhere/inventory/clinic/daily/"])
def test_what_stops_a_sync_is_told_once(world: World, location: str | None) -> None:
    """Its fault stands nowhere else on the command line."""
    if location:
        world.changes["inventory"] = [{"location": location}]
    told = Told()
    outcome = world.sync(progress=told)
    assert not outcome.is_published
    assert told.notes == [str(fault) for fault in outcome.faults]
    assert len(told.notes) == 1
