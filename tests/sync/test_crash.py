"""What is left after a sync was killed, stopped, starved or locked out: always a whole snapshot, never a mix of two.

Numbers in the names are rows of the fault matrix. DASHBOARD_KILLS raises the number of random kills (10).
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard.domain.progress import Silent
from dashboard.errors import DashboardError, ExitCode
from dashboard.sync import sync
from dashboard.sync.intake import ReportIntake
from dashboard.warehouse import publish
from dashboard.warehouse.read import Warehouse
from tests.sync.runner import STAGES
from tests.sync.world import NOW, REPORT_AT, World, good

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("DASHBOARD_KILLS", "10"))
ROWS = 40


class Runner:
    """The warm process; see tests/sync/runner.py."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.sync.runner"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def start(self, world: World, **options: Any) -> int:
        answer = Path(options.pop("answer", self.folder / "answer.json"))
        answer.unlink(missing_ok=True)
        command = {"settings": world.as_dict(), "now": NOW.isoformat(), "answer": str(answer), **options}
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return int(self._line()["pid"])

    def wait(self) -> dict[str, Any] | None:
        """The outcome, or None if the child was killed."""
        if self._line()["killed"]:
            return None
        found: dict[str, Any] = json.loads((self.folder / "answer.json").read_text())
        return found

    def run(self, world: World, **options: Any) -> dict[str, Any] | None:
        self.start(world, **options)
        return self.wait()

    def _line(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    found = Runner(tmp_path_factory.mktemp("runner"))
    yield found
    assert found.process.stdin is not None
    found.process.stdin.close()
    found.process.wait(30)


class Generations:
    """Reports whose every object has the size of the report's number, so that a mix of two can be seen."""

    def __init__(self, world: World) -> None:
        self.world, self.number = world, 0
        world.location_changes = {"history_reports": 0}

    def put(self) -> None:
        self.number += 1
        rows = [good(n, size=self.number) for n in range(ROWS + self.number)]
        self.world.put(rows, at=REPORT_AT + timedelta(minutes=self.number))


def assert_one_generation(warehouse: Warehouse) -> int:
    """I2: every figure of a snapshot comes from one report; returns which one."""
    info = warehouse.current()
    stored = warehouse.rows("storage.by_device_class", {}, info.snapshot_id)
    rows = [dict(zip(stored[0], row, strict=True)) for row in stored[1]]
    count, size = sum(r["object_count"] for r in rows), sum(r["size_bytes"] for r in rows)
    generation = int(count - ROWS)
    assert size == generation * count, "a mix of two reports"
    names, days = warehouse.rows("uploads.by_day", {}, info.snapshot_id)
    assert sum(row[names.index("object_count")] for row in days) == count
    assert info.row_count == count
    return generation


@contextlib.contextmanager
def live_reader(world: World) -> Iterator[list[int]]:
    """Somebody looks at the pages all the while; yields the generations seen and fails on a mixed read."""
    seen: list[int] = []
    failures: list[BaseException] = []
    stop = threading.Event()

    def look() -> None:
        warehouse = world.reader()
        while not stop.is_set():
            try:
                seen.append(assert_one_generation(warehouse))
            except BaseException as error:
                failures.append(error)
                return
            stop.wait(0.05)
        warehouse.close()

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()
    assert not failures, failures[0]
    assert seen == sorted(seen), "the pages went back in time"


def assert_recovers(world: World, runner: Runner, generation: int) -> None:
    outcome = runner.run(world)
    assert outcome is not None
    assert outcome["exit_code"] == 0
    world.assert_sound()
    assert assert_one_generation(world.reader()) == generation
    known = {info.file for info in publish.snapshots(world.warehouse)}
    assert {path.name for path in world.warehouse.glob("wh.*.duckdb")} == known
    assert not [p for p in world.warehouse.glob("reports/*/*/*") if not (p / "report.json").exists()]


@pytest.mark.slow
def test_row_24_32_kill_9_at_each_stage(world: World, runner: Runner) -> None:
    reports = Generations(world)
    reports.put()
    assert_recovers(world, runner, 1)
    assert len(STAGES) >= 9
    with live_reader(world) as seen:
        for stage in STAGES:
            reports.put()
            assert runner.run(world, die_at=stage) is None, f"nothing died at {stage}"
            info = publish.read_info(world.warehouse / "CURRENT")
            assert info is not None
            assert publish.is_whole(world.warehouse, info), stage
            generation = assert_one_generation(world.reader())
            has_moved = generation == reports.number
            assert has_moved == (stage in {"pointed", "pruning", "published"}), stage
            if stage in {"sealed", "renamed", "recorded", "pruning"}:
                assert_recovers(world, runner, reports.number)
        assert_recovers(world, runner, reports.number)
    assert len(set(seen)) > 3


@pytest.mark.slow
def test_row_24_kill_9_at_random_points(world: World, runner: Runner) -> None:
    reports = Generations(world)
    reports.put()
    assert_recovers(world, runner, 1)
    chance = random.Random(24)
    died = 0
    with live_reader(world):
        for _ in range(KILLS):
            reports.put()
            pid = runner.start(world)
            time.sleep(chance.uniform(0.02, 0.6))
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            died += runner.wait() is None
            info = publish.read_info(world.warehouse / "CURRENT")
            assert info is not None
            assert publish.is_whole(world.warehouse, info)
            assert assert_one_generation(world.reader()) <= reports.number
    assert died
    assert_recovers(world, runner, reports.number)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_row_25_a_signal_ends_a_sync_cleanly(world: World, tmp_path: Path, number: signal.Signals) -> None:
    world.put([good(n) for n in range(50)])
    world.synced()
    world.put([good(n) for n in range(60)], at=REPORT_AT + timedelta(hours=1))
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps(world.as_dict()))
    code = (
        "import json, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a job in the background ignores it
        "from dashboard import __main__ as cli\n"
        "from dashboard.commands import processes\n"
        "from dashboard.settings import Settings\n"
        "from tests.sync import runner\n"
        f"data = json.load(open({str(settings)!r}))\n"
        "processes.load_settings = lambda *_: Settings.model_validate(data)\n"
        "runner.wrap('marts', runner._hang)\n"
        "sys.argv = ['dashboard', 'sync', '--json']\n"
        "cli.main()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    while "hanging" not in (line := process.stderr.readline()):
        assert line, process.wait()
    began = time.monotonic()
    process.send_signal(number)
    _, said = process.communicate(timeout=10)
    assert time.monotonic() - began < 5
    assert process.returncode == ExitCode.INTERRUPTED
    assert "Traceback" not in said
    world.assert_sound()
    last = world.reader().last_sync()
    assert last is not None
    assert last["exit_code"] == ExitCode.INTERRUPTED
    assert world.synced().is_published


def test_row_26_a_second_sync_is_told_to_wait(world: World, runner: Runner) -> None:
    world.put([good(1)])
    with publish.sync_lock(world.warehouse):
        outcome = runner.run(world)
    assert outcome is not None
    assert (outcome["exit_code"], outcome.get("raised")) == (ExitCode.SYNC_RUNNING, True)
    assert not (world.warehouse / "last_sync.json").exists(), "the running sync's outcome is its own to write"
    assert world.synced().is_published


def test_row_26_going_back_to_a_snapshot_waits_too(world: World) -> None:
    world.put([good(1)])
    world.synced()
    with (
        publish.sync_lock(world.warehouse),
        pytest.raises(DashboardError) as caught,
        publish.sync_lock(world.warehouse),
    ):
        pass
    assert caught.value.code is ExitCode.SYNC_RUNNING


def test_row_27_a_fault_leaves_no_lock(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.put([good(1)])
    with monkeypatch.context() as patch:
        patch.setattr(ReportIntake, "list_all", lambda self: 1 / 0)
        outcome = world.sync()
    assert outcome.exit_code is ExitCode.FAILED
    assert "ZeroDivisionError" in outcome.faults[0].cause
    last = world.reader().last_sync()
    assert last is not None
    assert last["exit_code"] == 1, "the pages hear of faults nobody foresaw"
    assert world.synced().is_published


def test_row_43_a_disk_without_locks_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(37, "No locks available")

    world.put([good(1)])
    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(DashboardError) as caught:
        world.sync()
    assert caught.value.code is ExitCode.READ_ONLY
    assert "lock" in caught.value.cause


@contextlib.contextmanager
def small_disk(size: str, **how: Any) -> Iterator[Path]:
    """A file system of its own in memory; skipped where this user may not mount one."""
    folder = Path(tempfile.mkdtemp(prefix="small-disk-"))
    if os.geteuid() or not shutil.which("mount"):
        folder.rmdir()
        pytest.skip("only root may mount a small disk; the next test needs none")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=False)
    if done.returncode:
        folder.rmdir()
        pytest.skip("this machine does not let a small disk be mounted; the next test needs none")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
        folder.rmdir()


def full_at(world: World, disk: Path, spare_bytes: int) -> Path:
    """Fill the disk up to some spare bytes."""
    filler = disk / "filler"
    free = shutil.disk_usage(disk).free
    with filler.open("wb") as stream:
        left = max(0, free - spare_bytes)
        while left > 0:
            left -= stream.write(bytes(min(left, 1 << 20)))
    return filler


def test_row_28_a_full_disk_keeps_the_old_snapshot(
    world: World, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At many fill levels: wherever the space ends (staging, build, record, CURRENT), exit 44 and nothing is lost."""
    with small_disk("24m") as disk:
        world.folder = disk
        reports = Generations(world)
        reports.put()
        monkeypatch.setattr(publish, "free_space", lambda *_: None)
        world.synced()
        reports.put()
        codes = set()
        for spare in (0, 4, 64, 200, 800, 2_000, 4_000):
            filler = full_at(world, disk, spare << 10)
            outcome = world.sync()
            codes.add(outcome.exit_code)
            world.assert_sound()
            filler.unlink()
            if outcome.is_published:
                break
            assert outcome.exit_code is ExitCode.DISK_FULL, [str(fault) for fault in outcome.faults]
            assert assert_one_generation(world.reader()) == 1
        assert ExitCode.DISK_FULL in codes
        assert world.sync().exit_code is ExitCode.OK
        assert assert_one_generation(world.reader()) == 2


def test_row_28_a_file_that_cannot_grow_is_a_full_disk(world: World, runner: Runner) -> None:
    reports = Generations(world)
    reports.put()
    world.synced()
    reports.put()
    for limit in (4_096, 60_000, 600_000, 1_500_000):
        outcome = runner.run(world, file_bytes=limit)
        assert outcome is not None
        if outcome["published"]:
            break
        assert outcome["exit_code"] == ExitCode.DISK_FULL, (limit, outcome["faults"])
        world.assert_sound()
        assert assert_one_generation(world.reader()) == 1
    assert_recovers(world, runner, 2)


def test_row_29_too_small_a_disk_is_refused_before_the_download(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.put([good(1)])
    usage = shutil.disk_usage(world.folder.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=100))
    outcome = world.sync()
    assert outcome.exit_code is ExitCode.DISK_FULL
    assert "MiB" in outcome.faults[0].cause
    assert not list(world.warehouse.glob("staging/*Z/*"))


def test_row_29_a_report_that_the_disk_cannot_hold_unpacked_is_refused_before_the_download(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = os.urandom(5 << 20)
    world.put([], format_="CSV", payloads=[packed], schema="Bucket, Key")
    usage = shutil.disk_usage(world.folder.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=70 << 20))
    outcome = world.sync()
    assert outcome.exit_code is ExitCode.DISK_FULL
    assert "80 MiB" in outcome.faults[0].cause, "sixteen times what the manifest says"
    assert not list(world.warehouse.glob("staging/*Z/*"))


def test_row_30_a_read_only_folder_is_named_and_the_pages_go_on(world: World, runner: Runner) -> None:
    folder = Path(tempfile.mkdtemp(prefix="read-only-"))
    try:
        world.folder = folder
        world.put([good(n) for n in range(5)])
        world.synced()
        everything = [folder, *folder.rglob("*")]
        for path in everything:
            path.chmod(0o555 if path.is_dir() else 0o444)
        answer = Path(tempfile.mkdtemp(prefix="answer-"))
        answer.chmod(0o777)
        runner.start(world, user=65534, answer=str(answer / "answer.json"))
        runner.wait()
        outcome = json.loads((answer / "answer.json").read_text())
        shutil.rmtree(answer)
        assert outcome["exit_code"] == ExitCode.READ_ONLY
        assert len(world.reader().rows("storage.by_device_class")[1]) == 1
        (world.warehouse / "sync.lock").chmod(0o666)
    finally:
        for path in [folder, *(p for p in folder.rglob("*") if p.is_dir())]:
            path.chmod(0o755)
        shutil.rmtree(folder)


def test_row_31_too_little_memory_is_named_and_the_next_run_goes_well(world: World, runner: Runner) -> None:
    world.put([good(n) for n in range(5)])
    world.changes["warehouse"] = {"memory_limit": "2MB"}
    outcome = runner.run(world)
    assert outcome is not None
    assert outcome["exit_code"] == ExitCode.OUT_OF_MEMORY, outcome["faults"]
    assert not list(world.warehouse.glob("wh.*"))
    world.changes["warehouse"] = {}
    assert world.synced().is_published


def test_memory_that_the_system_refuses_is_named_too() -> None:
    from dashboard.warehouse.engine import explain

    assert explain(MemoryError(), "x").code is ExitCode.OUT_OF_MEMORY


def test_a_record_that_is_lost_does_not_lose_its_snapshot(world: World) -> None:
    """CURRENT alone still names the file, so cleaning up must not take it for a leftover."""
    world.put([good(1)])
    world.synced()
    for record in world.warehouse.glob("wh.*.json"):
        record.unlink()
    publish.clean_leftovers(world.warehouse)
    world.assert_sound()
    assert len(world.reader().rows("storage.by_device_class")[1]) == 1


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe", b"<html>", b"null"])
def test_damaged_files_of_earlier_answers_are_set_aside(world: World, content: bytes) -> None:
    world.put([good(1)])
    for name in (
        "bills/usage-2026-10.json",
        "live/lifecycle-clinic-images.json",
        "live/uploads-clinic-images.json",
    ):
        path = world.warehouse / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for name in ("requests.jsonl", "labels/1.jsonl"):
        path = world.warehouse / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content + b"\n")
    outcome = world.synced()
    assert len([note for note in outcome.notes if "damaged" in str(note)]) == 3
    assert world.synced().is_published is False


def test_the_pages_never_see_a_draft(world: World) -> None:
    """Whatever lies about in the folder, only a record with its file is a snapshot."""
    world.put([good(1)])
    world.synced()
    for name in ("wh.000009.duckdb", ".build.000010.duckdb", "CURRENT.tmp", "wh.000011.json"):
        (world.warehouse / name).write_bytes(b"{}")
    assert [info.snapshot_id for info in world.reader().snapshots()] == ["000001"]
    assert sync(world.settings, Silent(), now=lambda: NOW).exit_code is ExitCode.OK
    assert not (world.warehouse / "wh.000009.duckdb").exists()
