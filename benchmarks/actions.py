"""What plans and the worker cost: `python -m benchmarks.actions KIND JSON`; prints its figures as JSON.

The S3 is the one of the tests that restores archived objects (`tests/operate/glacier_stub.py`), in a process of its
own, and lets every request wait as a distant S3 would. Everything in it is made up.
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from benchmarks import reports
from benchmarks.child import peak_rss
from dashboard.operate import restore
from dashboard.operate.choice import Choice
from dashboard.operate.worker import run_next
from dashboard.warehouse.read import Warehouse
from tests.operate.glacier_stub import BUCKET, GlacierStub, Handler, Stored, serve
from tests.operate.restoring import Clinic

PLANNED = "xray/01/2025/"
"""Begins the keys of some 100,000 archived objects in a report of 10 million."""


def server(options: dict[str, Any]) -> None:
    """Serve `count` archived objects for the worker and as many for bare boto3, until the input ends."""

    class Distant(Handler):
        def _answer(self, method: str) -> None:
            time.sleep(options["latency_ms"] / 1000)
            super()._answer(method)

    keys = [key for whose in ("worker", "bare") for key in _keys(whose, options["count"])]
    with serve(GlacierStub(objects={key: Stored() for key in keys}), Distant) as s3:
        sys.stdout.write(s3.url + "\n")
        sys.stdout.flush()
        sys.stdin.read()


def worker(options: dict[str, Any]) -> dict[str, Any]:
    """Requests a second of a confirmed run, and of bare boto3 with as many threads that asks for the same."""
    keys = {whose: _keys(whose, options["count"]) for whose in ("worker", "bare")}
    with tempfile.TemporaryDirectory() as folder:
        listed = GlacierStub(objects={key: Stored() for key in keys["worker"]}, url=options["endpoint"])
        clinic = Clinic(Path(folder), listed, {"max_objects_per_day": 1_000_000})
        digest = clinic.confirmed(Choice(keys=[f"s3://{BUCKET}/{key}" for key in keys["worker"]]))
        threads = clinic.settings.operate.threads
        started = time.monotonic()
        run_next(clinic.settings, clinic.journal, "benchmark", threading.Event())
        ours = time.monotonic() - started
        states = set(clinic.states(digest).values())
        if states != {"done/accepted"}:
            raise SystemExit(f"not every object was asked for: {states}")

    def ask(key: str) -> None:
        s3.head_object(Bucket=BUCKET, Key=key)
        request = {"Days": 7, "GlacierJobParameters": {"Tier": "Standard"}}
        s3.restore_object(Bucket=BUCKET, Key=key, RestoreRequest=request)

    started = time.monotonic()
    s3 = boto3.client(
        "s3",
        endpoint_url=options["endpoint"],
        region_name="us-east-1",
        config=Config(max_pool_connections=threads, s3={"addressing_style": "path"}),
    )
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(ask, keys["bare"]))
    bare = time.monotonic() - started
    requests = 2 * options["count"]
    return {"ours": requests / ours, "bare": requests / bare, "threads": threads}


def plan(options: dict[str, Any]) -> dict[str, Any]:
    """The time and memory of a plan to restore what begins with PLANNED, by a process that does nothing else."""
    settings = reports.settings(Path(options["warehouse"]), "http://nowhere.invalid")
    settings = settings.model_copy(
        update={"operate": settings.operate.model_copy(update={"max_objects": 1_000_000})}
    )
    started = time.monotonic()
    choice = Choice(prefix=PLANNED)
    made = restore.make_plan(settings, Warehouse(settings), choice, speed="bulk", days=7, made_by="benchmark")
    seconds = time.monotonic() - started
    return {"seconds": seconds, "rss_bytes": peak_rss(), "count": len(made.items)}


def _keys(whose: str, count: int) -> list[str]:
    return [f"{whose}/{number:06d}.heic" for number in range(count)]


def main() -> None:
    """Run what the arguments say."""
    kinds: dict[str, Callable[[dict[str, Any]], Any]] = {"server": server, "worker": worker, "plan": plan}
    if (found := kinds[sys.argv[1]](json.loads(sys.argv[2]))) is not None:
        sys.stdout.write("\n" + json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
