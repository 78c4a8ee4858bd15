"""The process of the embedded archive: `python -m dashboard.demo FOLDER`.

It reads FOLDER/demo.json, plans and seeds the archive, writes FOLDER/expected.json, says in FOLDER/progress.jsonl how
far it is, and then serves S3 and Cost Explorer on the loopback address until it is asked to stop. It is started by
`dashboard.demo.archive`, outlives its parent, and holds everything in memory.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
STATE_FILE = "demo.json"
EXPECTED_FILE = "expected.json"
PROGRESS_FILE = "progress.jsonl"


def proof(token: str) -> str:
    """What the server answers to who knows its token, and nobody else can."""
    return hashlib.sha256(f"demo archive {token}".encode()).hexdigest()


class ProgressFile:
    """Writes progress as JSON lines, which another process follows."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", buffering=1)

    def write(self, event: str, **values: Any) -> None:
        self._file.write(json.dumps({"event": event, **values}) + "\n")

    def start(self, task: str, total: int | None, unit: str) -> None:
        self.write("start", task=task, total=total, unit=unit)

    def advance(self, task: str, amount: int) -> None:
        self.write("advance", task=task, amount=amount)

    def finish(self, task: str) -> None:
        self.write("finish", task=task)


def listen(port: int) -> socket.socket:
    """A listening socket on the wanted port, or on a free one if that is taken."""
    for candidate in (port, 0):
        found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((HOST, candidate))
        except OSError:
            found.close()
            continue
        found.listen(128)
        return found
    raise OSError(f"no port is free on {HOST}")


def main(folder: Path) -> None:
    """Seed and serve the archive that FOLDER/demo.json describes."""
    progress = ProgressFile(folder / PROGRESS_FILE)
    try:
        state = json.loads((folder / STATE_FILE).read_text("utf-8"))
        listener = listen(int(state.get("port") or 0))
        server = _seeded_server(folder, state, listener, progress)
        port = listener.getsockname()[1]
        progress.write("ready", port=port, pid=os.getpid())
    except Exception as error:
        progress.write("failed", problem=f"{type(error).__name__}: {error}")
        raise
    server.serve_forever()


def _seeded_server(
    folder: Path, state: dict[str, Any], listener: socket.socket, progress: ProgressFile
) -> Any:
    # Other web pages of the same browser have no business in this S3.
    os.environ["MOTO_DISABLE_GLOBAL_CORS"] = "true"
    from moto.moto_server.werkzeug_app import (
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )
    from werkzeug.serving import make_server

    from dashboard.demo import seed
    from dashboard.demo.aws_budgets import Budgets
    from dashboard.demo.bill import draw_up
    from dashboard.demo.bill_export import write_export
    from dashboard.demo.clinic import BUCKETS
    from dashboard.demo.cost_explorer import CostExplorer
    from dashboard.demo.cost_forecast import CostForecast
    from dashboard.demo.front import BUDGETS_TARGET, COST_TARGET, FORECAST_TARGET, Front
    from dashboard.demo.plan import make_plan
    from dashboard.demo.reports import write_reports

    class QuietHandler(MotoRequestHandler):  # type: ignore[misc]
        def log(self, level: str, message: str, *args: Any) -> None:
            """Only errors are worth a line."""
            if level == "error":
                super().log(level, message, *args)

    progress.start("plan", 2, "steps")
    plan = make_plan(int(state["seed"]), datetime.fromisoformat(state["now"]), int(state["objects"]))
    progress.advance("plan", 1)
    bill = draw_up(plan)
    progress.advance("plan", 1)
    progress.finish("plan")

    seed.keep_declared_sizes()
    seed.seed_buckets()
    progress.start("objects", len(plan.objects), "rows")
    seed.seed_objects(plan, lambda amount: progress.advance("objects", amount))
    seed.seed_label_files(plan)
    for upload in plan.uploads:
        seed.seed_upload(upload)
    progress.finish("objects")
    progress.start("reports", len(BUCKETS) * len(plan.calendar.reports()), "files")
    for file in write_reports(plan, lambda amount: progress.advance("reports", amount)):
        seed.seed_report_file(file)
    for file in write_export(bill):
        seed.seed_report_file(file)
    progress.finish("reports")
    expected = json.dumps(plan.expected.as_dict(), indent=1, ensure_ascii=False)
    (folder / EXPECTED_FILE).write_text(expected, "utf-8")

    front: Any = None
    server = make_server(
        HOST,
        listener.getsockname()[1],
        lambda environ, start_response: front(environ, start_response),
        threaded=True,
        request_handler=QuietHandler,
        fd=listener.fileno(),
    )
    front = Front(
        DomainDispatcherApplication(create_backend_app),
        {
            COST_TARGET: CostExplorer(bill).answer,
            FORECAST_TARGET: CostForecast(bill).answer,
            BUDGETS_TARGET: Budgets(bill).answer,
        },
        str(state["token"]),
        proof(str(state["token"])),
        lambda: threading.Thread(target=server.shutdown, daemon=True).start(),
    )
    return server
