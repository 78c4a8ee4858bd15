"""One measured run in a process of its own: `python -m benchmarks.child KIND JSON`; prints its figures as JSON."""

from __future__ import annotations

import gc
import importlib
import json
import resource
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import reports
from benchmarks.questions import ENGINES

_MODULES = {"Polars": "polars", "DuckDB": "duckdb", "chDB": "chdb", "DataFusion": "datafusion"}


def ask(options: dict[str, Any]) -> dict[str, Any]:
    """Let one engine answer the four questions; importing it is not counted."""
    engine: str = options["engine"]
    importlib.import_module(_MODULES[engine.partition(",")[0]])
    files = [Path(file) for file in options["files"]]
    return _measured(lambda: {"answers": ENGINES[engine](files, options["csv"])})


def gunzip(options: dict[str, Any]) -> dict[str, Any]:
    """Unpack the files with gunzip on two processes, to nowhere."""
    command = ["xargs", "-P2", "-n1", "sh", "-c", 'gunzip -c "$0" > /dev/null']

    def unpack() -> dict[str, Any]:
        subprocess.run(command, input="\n".join(options["files"]), text=True, check=True)
        return {}

    return _measured(unpack)


def sync(options: dict[str, Any]) -> dict[str, Any]:
    """Run one sync into an empty warehouse; importing is not counted."""
    from dashboard.aws import inventory
    from dashboard.domain.progress import Silent
    from dashboard.sync import sync
    from dashboard.warehouse import cells, convert

    for late in (
        "dashboard.warehouse.arrow",
        "dashboard.warehouse.frames",
        "holidays.countries",
        "boto3.s3.transfer",
    ):
        importlib.import_module(late)  # loaded when a sync needs them, which is not counted either
    folder = Path(options["warehouse"])
    shutil.rmtree(folder, ignore_errors=True)
    seconds: dict[str, float] = defaultdict(float)
    _time(seconds, "download, MD5, unpacking (CPU of its threads)", inventory, "fetch_one", time.thread_time)
    _time(seconds, "reading the columns", convert, "check_parquet")
    _time(seconds, "yardstick: rows and bytes of each file", convert, "measure")
    _time(seconds, "CSV to Parquet", convert, "csv_to_parquet")
    _time(seconds, "one pass over the keys", cells.Cells, "flush")
    _time(seconds, "cells of the whole report, and each object once", cells.Cells, "finish")
    fetch_files = inventory.fetch_files

    def waiting(*args: Any, **named: Any) -> Iterator[Any]:
        files = fetch_files(*args, **named)
        while True:
            started = time.monotonic()
            file = next(files, None)
            seconds["waiting for the download"] += time.monotonic() - started
            if file is None:
                return
            yield file

    vars(inventory)["fetch_files"] = waiting
    settings = reports.settings(folder, options["endpoint"])
    gc.freeze()  # as the command does

    def run() -> dict[str, Any]:
        outcome = sync(settings, Silent())
        if not outcome.is_published:
            raise SystemExit(json.dumps(outcome.as_dict(), indent=1))
        return {"phases": outcome.seconds}

    figures = _measured(run)
    return {**figures, "inside": seconds, "snapshot_bytes": next(folder.glob("wh.*.duckdb")).stat().st_size}


def labels(options: dict[str, Any]) -> dict[str, Any]:
    """Sync twice with a label for each object: the second time the label file is known, so only the join is left."""
    from dashboard.domain.progress import Silent
    from dashboard.sync import sync

    folder = Path(options["warehouse"])
    shutil.rmtree(folder, ignore_errors=True)
    settings = reports.labelled_settings(folder, options["endpoint"])
    first = sync(settings, Silent())

    def run() -> dict[str, Any]:
        outcome = sync(settings, Silent(), force=False)
        return {"phases": outcome.seconds}

    # A snapshot of the same report and labels is not built again: forget the one that is there.
    (folder / "CURRENT").unlink()
    for file in folder.glob("wh.*.json"):
        file.unlink()
    seconds: dict[str, float] = defaultdict(float)
    _time_queries(seconds, "facts.label_", "marts.label_")
    figures = _measured(run)
    return {**figures, "inside": seconds, "import_seconds": first.seconds.get("labels", 0.0)}


def _time_queries(seconds: dict[str, float], *names: str) -> None:
    """Add up what building the tables of some names takes, each by the clock, whatever is built beside it."""
    from dashboard.warehouse.tables import Tables

    wrapped = Tables._create

    def timed(self: Tables, connection: Any, query: Any) -> None:
        started = time.monotonic()
        wrapped(self, connection, query)
        if query.name.startswith(names):
            seconds["label join"] += time.monotonic() - started
            seconds[query.name] += time.monotonic() - started

    setattr(Tables, "_create", timed)  # noqa: B010


def _time(
    seconds: dict[str, float],
    name: str,
    owner: Any,
    attribute: str,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Add up the time of every call of a function."""
    wrapped = getattr(owner, attribute)

    def timed(*args: Any, **named: Any) -> Any:
        started = clock()
        try:
            return wrapped(*args, **named)
        finally:
            seconds[name] += clock() - started

    setattr(owner, attribute, timed)


def _measured(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    wall, cpu = time.monotonic(), _cpu()
    found = work()
    return {
        "seconds": time.monotonic() - wall,
        "cpu": _cpu() - cpu,
        "rss_bytes": peak_rss(),
        **found,
    }


def peak_rss() -> int:
    """The most memory that this process ever held, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux counts in ru_maxrss what the process held that began this one
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _cpu() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(item.ru_utime + item.ru_stime for item in used)


def main() -> None:
    """Run what the arguments say."""
    kinds: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
        "ask": ask,
        "gunzip": gunzip,
        "sync": sync,
        "labels": labels,
    }
    sys.stdout.write("\n" + json.dumps(kinds[sys.argv[1]](json.loads(sys.argv[2]))) + "\n")


if __name__ == "__main__":
    main()
