"""The worker beside the pages: begun again when it is killed, ended with them."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dashboard.__main__ import app
from dashboard.commands import processes
from dashboard.errors import DashboardError, ExitCode

FIRST = """
import sys, time
from pathlib import Path
marks = Path(sys.argv[1])
while len(list(marks.glob("*"))) < int(sys.argv[2]):
    time.sleep(0.02)
sys.exit(7)
"""
BESIDE = """
import os, sys, time
from pathlib import Path
(Path(sys.argv[1]) / str(os.getpid())).touch()
if sys.argv[2] == "die":
    os.kill(os.getpid(), 9)
if sys.argv[2] == "other":
    sys.exit(64)
time.sleep(60)
"""


@pytest.mark.parametrize(("how", "begun"), [("die", 3), ("stay", 1), ("other", 1)])
def test_what_runs_beside_is_begun_again_when_it_dies_and_ends_with_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, begun: int
) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    (tmp_path / "first_one.py").write_text(FIRST)
    (tmp_path / "beside_it.py").write_text(BESIDE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(processes, "LOOK_SECONDS", 0.02)
    code = processes.run_beside(["first_one", str(marks), str(begun)], ["beside_it", str(marks), how])
    assert code == 7
    pids = [int(mark.name) for mark in marks.glob("*")]
    assert len(pids) >= begun
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_what_is_started_is_thrifty_unless_somebody_says_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "told.py").write_text("import os, sys; sys.exit(int(os.environ['MALLOC_ARENA_MAX']))")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)
    assert processes.run_beside(["told"], None) == 2
    monkeypatch.setenv("MALLOC_ARENA_MAX", "5")
    assert processes.run_beside(["told"], None) == 5


@pytest.mark.parametrize("command", ["demo", "serve"])
def test_a_port_that_is_taken_is_told_before_anything_is_prepared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    settings = tmp_path / "dashboard.toml"
    settings.write_text('[archive]\nname = "x"\ntimezone = "Asia/Tokyo"\n')
    monkeypatch.setenv("DASHBOARD_SETTINGS", str(settings))
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        words = [
            command,
            "--port",
            str(port),
            *(["--folder", str(tmp_path / "d")] if command == "demo" else []),
        ]
        with pytest.raises(DashboardError, check=lambda fault: fault.code is ExitCode.USAGE) as refused:
            CliRunner().invoke(app, words, catch_exceptions=False)
    assert str(port) in refused.value.cause
    assert not (tmp_path / "d").exists()
