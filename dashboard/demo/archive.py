"""Start, find and stop the embedded archive.

    with build(folder, progress=Silent()) as archive:      # starts a process, seeds it, writes settings
        ...  # archive.endpoint_url, archive.settings_file, archive.expected, environment(folder)

`<folder>/demo.json` keeps what is needed to make the same archive again: `ensure_running(folder)` starts it anew after
a reboot, with identical contents, on the same port if that is free. What was changed in the S3 meanwhile is lost.
"""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import dashboard
from dashboard.demo.expected import Expected
from dashboard.demo.server import EXPECTED_FILE, HOST, PROGRESS_FILE, STATE_FILE, proof
from dashboard.demo.settings_file import REGION, write_settings
from dashboard.domain.progress import Progress, Silent
from dashboard.errors import DashboardError, ExitCode

SETTINGS_FILE = "dashboard.toml"
LOG_FILE = "server.log"
LOCK_FILE = "demo.lock"
DEFAULT_OBJECTS = 21_000
DEFAULT_SEED = 20261123
SILENT_SECONDS = 120
"""A starting server that makes no progress for so long is given up."""
STOP_SECONDS = 10
ANSWER_SECONDS = 30
"""A server that does not answer for so long is none. On a busy machine it is slow, and another one in its place would
lose what was changed in it."""
_TASKS = {"plan": "Planning the clinic", "objects": "Filling the S3", "reports": "Writing inventory reports"}

_children: dict[int, subprocess.Popen[bytes]] = {}
"""Processes started from here, so that they can be waited for once they end."""


@dataclass(frozen=True)
class DemoArchive:
    """A running embedded archive."""

    folder: Path
    endpoint_url: str
    process_id: int
    expected: Expected

    @property
    def settings_file(self) -> Path:
        return self.folder / SETTINGS_FILE

    def stop(self) -> None:
        """End the server process; the folder stays."""
        stop(self.folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def build(
    folder: Path,
    *,
    objects: int = DEFAULT_OBJECTS,
    seed: int = DEFAULT_SEED,
    now: datetime | None = None,
    progress: Progress | None = None,
) -> DemoArchive:
    """Make an archive in a folder: start its server, seed it, write dashboard.toml and expected.json.

    An archive that runs in the folder is stopped first. An existing dashboard.toml is kept and only pointed to the
    new server.

    Args:
        objects: about how many current images there are; at least 500.
        now: the time the archive is made for, with a zone; the real time if left out.

    Raises:
        DashboardError: FAILED, the server did not start; its log is named.
        ValueError: too few objects, or a time without a zone.
    """
    if objects < 500:
        raise ValueError("an archive needs at least 500 objects to hold every fault")
    moment = now or datetime.now(UTC)
    if moment.tzinfo is None:
        raise ValueError("now needs a time zone")
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        former = _read_state(folder)
        stop(folder)
        state = {
            "seed": seed,
            "objects": objects,
            "now": moment.astimezone(UTC).replace(microsecond=0).isoformat(),
            "port": former.get("port", 0),
            "token": secrets.token_urlsafe(24),
        }
        return _launch(folder, state, progress or Silent())


def ensure_running(folder: Path, progress: Progress | None = None) -> DemoArchive:
    """The archive of a folder: the running one, else the same one started again.

    Raises:
        DashboardError: FAILED, the folder holds no archive or the server did not start.
    """
    folder = folder.absolute()
    state = _read_state(folder)
    if not state:
        raise DashboardError(
            ExitCode.FAILED,
            "There is no embedded archive in this folder",
            cause="The file {file} does not exist or cannot be read",
            next_step="Make one: python -m dashboard demo --folder {folder}",
            locator=str(folder / STATE_FILE),
            file=STATE_FILE,
            folder=folder,
        )
    with _alone(folder):
        state = _read_state(folder)
        if is_running(folder):
            return _archive(folder, state)
        return _launch(folder, {**state, "token": secrets.token_urlsafe(24)}, progress or Silent())


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait for other processes that start this folder's archive, so that `serve` and `sync` share one server."""
    with (folder / LOCK_FILE).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_running(folder: Path) -> bool:
    """Whether the archive of a folder answers, and is this folder's."""
    state = _read_state(folder)
    return bool(state.get("port")) and _ask("GET", "/demo-api/state", state)


def stop(folder: Path) -> None:
    """End the server process of a folder; does nothing where none runs."""
    state = _read_state(folder)
    if not is_running(folder) or not _ask("POST", "/demo-api/stop", state):
        return
    child = _children.pop(int(state["pid"]), None)
    end = time.monotonic() + STOP_SECONDS
    while time.monotonic() < end:
        if child is not None and child.poll() is not None:
            return
        if child is None and not _ask("GET", "/demo-api/state", state):
            return
        time.sleep(0.05)
    if child is not None:
        child.kill()
        child.wait()


def environment(folder: Path) -> dict[str, str]:
    """Environment variables for commands that work on the archive; the credentials are dummies."""
    direct = [part for part in (os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), HOST) if part]
    return {
        "NO_PROXY": ",".join(dict.fromkeys(direct)),
        "no_proxy": ",".join(dict.fromkeys(direct)),
        "DASHBOARD_SETTINGS": str(folder.absolute() / SETTINGS_FILE),
        "AWS_ACCESS_KEY_ID": "demo",
        "AWS_SECRET_ACCESS_KEY": "demo",
        "AWS_SESSION_TOKEN": "",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _launch(folder: Path, state: dict[str, Any], progress: Progress) -> DemoArchive:
    _write_state(folder, state)
    progress_file = folder / PROGRESS_FILE
    progress_file.write_text("", "utf-8")
    path = os.pathsep.join(
        part for part in (str(Path(dashboard.__file__).parents[1]), os.environ.get("PYTHONPATH")) if part
    )
    with (folder / LOG_FILE).open("wb") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "dashboard.demo", str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,
        )
    _children[child.pid] = child
    try:
        ready = _follow(folder, child, progress)
        endpoint_url = f"http://{HOST}:{ready['port']}"
        state = {**state, "port": ready["port"], "pid": ready["pid"], "endpoint_url": endpoint_url}
        _write_state(folder, state)
        write_settings(folder / SETTINGS_FILE, endpoint_url, datetime.fromisoformat(state["now"]))
    except BaseException:
        child.kill()
        child.wait()
        raise
    return _archive(folder, state)


def _follow(folder: Path, child: subprocess.Popen[bytes], progress: Progress) -> dict[str, Any]:
    """Pass the server's progress on until it is ready."""
    end = time.monotonic() + SILENT_SECONDS
    with (folder / PROGRESS_FILE).open(encoding="utf-8") as lines:
        rest = ""
        while time.monotonic() < end:
            is_over = child.poll() is not None
            rest += lines.read()
            *whole, rest = rest.split("\n")
            if whole:
                end = time.monotonic() + SILENT_SECONDS
            for line in whole:
                item = json.loads(line)
                if item["event"] == "ready":
                    return dict(item)
                if item["event"] == "failed":
                    raise _not_started(folder, str(item["problem"]))
                _pass_on(item, progress)
            if is_over and not whole:
                raise _not_started(folder, f"the process ended with code {child.returncode}")
            time.sleep(0.03)
    raise _not_started(folder, f"nothing was heard of it for {SILENT_SECONDS} seconds")


def _pass_on(item: dict[str, Any], progress: Progress) -> None:
    task = _TASKS[item["task"]]
    if item["event"] == "start":
        progress.start(task, item["total"], item["unit"])
    elif item["event"] == "advance":
        progress.advance(task, item["amount"])
    else:
        progress.finish(task)


def _not_started(folder: Path, problem: str) -> DashboardError:
    return DashboardError(
        ExitCode.FAILED,
        "The embedded archive did not start",
        cause="{problem}",
        next_step="Read {log}, then try again with another --folder",
        locator=str(folder / LOG_FILE),
        problem=problem,
        log=LOG_FILE,
    )


def _archive(folder: Path, state: dict[str, Any]) -> DemoArchive:
    expected = Expected.from_dict(json.loads((folder / EXPECTED_FILE).read_text("utf-8")))
    return DemoArchive(folder, state["endpoint_url"], int(state["pid"]), expected)


def _ask(method: str, path: str, state: dict[str, Any]) -> bool:
    """Whether this folder's own server did what was asked; anybody else may have its port by now."""
    connection = http.client.HTTPConnection(HOST, int(state["port"]), timeout=ANSWER_SECONDS)
    try:
        connection.request(method, path, headers={"X-Demo-Token": str(state["token"])})
        return connection.getresponse().read(1000).decode("ascii", "replace") == proof(str(state["token"]))
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _read_state(folder: Path) -> dict[str, Any]:
    try:
        state = json.loads((folder / STATE_FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def _write_state(folder: Path, state: dict[str, Any]) -> None:
    file = folder / STATE_FILE
    file.with_suffix(".tmp").write_text(json.dumps(state, indent=1), "utf-8")
    file.with_suffix(".tmp").replace(file)
