"""Runs syncs in children of one warm process, each of which can be made to die at a given place.

    python -m tests.sync.runner        one JSON command a line on stdin, one JSON answer a line on stdout

A command: {"settings": {…}, "now": iso time, "answer": file} and, if wanted, "die_at" or "hang_at" (a failpoint),
"memory_bytes" and "file_bytes" (limits), "user" (id to become).
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import dashboard.aws.labels
import dashboard.sync.intake as intake
import dashboard.sync.run as run

# Before a child becomes a user who may not read this Python's libraries, as on a machine that has them in a home.
import dashboard.warehouse.arrow
import dashboard.warehouse.frames
from dashboard.domain.progress import Silent
from dashboard.errors import DashboardError
from dashboard.settings import Settings
from dashboard.warehouse import build, findings, publish, reports

STAGES: dict[str, tuple[Any, str, str]] = {
    "cleaned": (publish, "clean_leftovers", "after"),
    "listed": (intake.ReportIntake, "list_all", "after"),
    "build_opened": (build.SnapshotBuild, "__init__", "after"),
    "file_taken": (reports.ReportWriter, "add", "after"),
    "part_counted": (build.SnapshotBuild, "load_part", "after"),
    "before_seal": (reports.ReportWriter, "seal", "before"),
    "sealed": (reports.ReportWriter, "seal", "after"),
    "history": (build.SnapshotBuild, "take_history", "after"),
    "marts": (findings, "run_checks", "before"),
    "checks": (findings, "run_check", "after"),
    "built": (build.SnapshotBuild, "finish", "after"),
    "renamed": (publish, "_sync_folder", "before"),
    "recorded": (publish, "point_at", "before"),
    "pointed": (publish, "point_at", "after"),
    "pruning": (publish, "prune", "before"),
    "published": (publish, "prune", "after"),
}
"""Failpoints, in the order in which a sync passes them: owner, name and side."""


def wrap(stage: str, act: Callable[[], None]) -> None:
    owner, name, side = STAGES[stage]
    real = getattr(owner, name)

    def around(*args: Any, **kwargs: Any) -> Any:
        if side == "before":
            act()
        result = real(*args, **kwargs)
        if side == "after":
            act()
        return result

    setattr(owner, name, around)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _hang() -> None:
    print("hanging", file=sys.stderr, flush=True)
    time.sleep(60)


def child(command: dict[str, Any]) -> dict[str, Any]:
    if command.get("die_at"):
        wrap(command["die_at"], _die)
    if command.get("hang_at"):
        wrap(command["hang_at"], _hang)
    if command.get("memory_bytes"):
        resource.setrlimit(resource.RLIMIT_AS, (command["memory_bytes"],) * 2)
    if command.get("file_bytes"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (command["file_bytes"],) * 2)
    now = datetime.fromisoformat(command["now"])
    try:
        outcome = run.sync(Settings.model_validate(command["settings"]), Silent(), now=lambda: now)
    except DashboardError as fault:
        return {"exit_code": int(fault.code), "raised": True, "published": False, "faults": [fault.as_dict()]}
    except KeyboardInterrupt:
        return {"exit_code": 130, "published": False, "faults": []}
    return outcome.as_dict()


def main() -> None:
    for line in sys.stdin:
        command = json.loads(line)
        answer = Path(command["answer"])
        pid = os.fork()
        if pid == 0:
            if command.get("user") and os.getuid() == 0:
                os.setgroups([])
                os.setgid(command["user"])
                os.setuid(command["user"])
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            try:
                text = json.dumps(child(command))
                answer.write_text(text)
            finally:
                os._exit(0)
        print(json.dumps({"pid": pid}), flush=True)
        _, status = os.waitpid(pid, 0)
        print(json.dumps({"killed": os.WIFSIGNALED(status)}), flush=True)


if __name__ == "__main__":
    assert dashboard.aws.labels
    main()
