"""`python -m benchmarks`: generate reports, measure the sync beside other engines, write the figures as Markdown.

Every run is a process of its own, and the engines take turns, so that a busy machine disturbs all of them alike. CPU
seconds are the steadier figure where other people use the machine too.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from benchmarks import reports, results
from benchmarks.questions import ENGINES

DATA = Path(__file__).parent / "data"
OURS = "Sync to a published snapshot"
GUNZIP = "gunzip, 2 processes"
LATENCIES_MS = (0, 20)
WORKED = 4_000
"""Objects that the worker restores, with two requests for each."""


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument(
        "--rows", type=int, nargs="+", default=[1_000_000, 10_000_000], help="sizes of the reports"
    )
    parser.add_argument("--formats", nargs="+", choices=["Parquet", "CSV"], default=["Parquet", "CSV"])
    parser.add_argument("--repeats", type=int, default=3, help="runs of each engine; the median counts")
    parser.add_argument("--engines", nargs="*", default=list(ENGINES), help="other engines to run beside")
    parser.add_argument("--write", action="store_true", help="write benchmarks/RESULTS.md, else print only")
    parser.add_argument("--clean", action="store_true", help="remove the generated data at the end")
    parser.add_argument(
        "--browser", action="store_true", help="measure the pages in a browser, and nothing else"
    )
    options = parser.parse_args()
    if options.browser:
        show(options.repeats, is_written=options.write)
        return
    found: dict[str, Any] = {"runs": {}, "pages": {}, "labels": {}, "plans": {}}
    for row_count in options.rows:
        for format_ in options.formats:
            report = reports.generate(DATA, row_count, format_)
            key = f"{format_} {row_count}"
            found["runs"][key] = measure(report, options.engines, options.repeats)
            found["runs"][key]["report_bytes"] = report.size_bytes
            if format_ == "Parquet":
                found["labels"][str(row_count)] = measure_labels(report)
            if format_ == "Parquet":
                found["pages"][str(row_count)] = run("pages", str(_warehouse(report)))
                asked = json.dumps({"warehouse": str(_warehouse(report))})
                found["plans"][str(row_count)] = run("actions", "plan", asked)
    found["worker"] = {str(latency): measure_worker(latency, options.repeats) for latency in LATENCIES_MS}
    text = results.render(found)
    sys.stdout.write(text)
    if options.write:
        results.write(text)
        (DATA / "figures.json").write_text(json.dumps(found, indent=1))
    if options.clean:
        shutil.rmtree(DATA)


def show(rounds: int, *, is_written: bool) -> None:
    """Measure the pages in a browser beside plain Streamlit pages."""
    from benchmarks import browser, browser_results

    text = browser_results.render(*browser.measure(DATA, rounds))
    sys.stdout.write(text)
    if is_written:
        results.write(text, browser_results.BEGIN, browser_results.END)


def measure(report: reports.Report, engines: list[str], repeats: int) -> dict[str, Any]:
    """Medians of every engine's runs on a report, and of ours."""
    files = [str(file) for file in report.files]
    is_csv = report.format == "CSV"
    runs: dict[str, list[dict[str, Any]]] = {}
    with serve(report.root) as endpoint:
        for number in range(repeats):
            for engine in engines:
                if number and runs[engine][0].get("seconds", 0) > 60:
                    continue  # it would take the afternoon, and once is enough to see where it stands
                asked = {"engine": engine, "files": files, "csv": is_csv}
                runs.setdefault(engine, []).append(run("child", "ask", json.dumps(asked)))
            if is_csv:
                runs.setdefault(GUNZIP, []).append(run("child", "gunzip", json.dumps({"files": files})))
            ours = {"warehouse": str(_warehouse(report)), "endpoint": endpoint}
            runs.setdefault(OURS, []).append(run("child", "sync", json.dumps(ours)))
    return {name: _median(items) for name, items in runs.items()}


def measure_labels(report: reports.Report) -> dict[str, Any]:
    """A sync of a report with a label for each current object, and the join's part in it."""
    reports.write_labels(report)
    with serve(report.root) as endpoint:
        asked = {"warehouse": str(report.root / "labelled"), "endpoint": endpoint}
        return run("child", "labels", json.dumps(asked))


def measure_worker(latency_ms: int, repeats: int) -> dict[str, Any]:
    """Requests a second of the worker and of bare boto3, on an S3 that takes so long to answer; each the median."""
    runs = []
    for _ in range(repeats):
        asked = json.dumps({"count": WORKED, "latency_ms": latency_ms})
        with _server("benchmarks.actions", "server", asked) as endpoint:
            runs.append(run("actions", "worker", json.dumps({"count": WORKED, "endpoint": endpoint})))
    whole = [item for item in runs if "fault" not in item]
    if not whole:
        return runs[0]
    return {
        **whole[0],
        **{side: statistics.median(item[side] for item in whole) for side in ("ours", "bare")},
    }


def serve(folder: Path) -> AbstractContextManager[str]:
    """An S3 endpoint with a folder's buckets in it, in a process of its own."""
    return _server("benchmarks.s3_stub", str(folder))


@contextmanager
def _server(*words: str) -> Iterator[str]:
    """A module in a process of its own that prints its address and serves until its input ends."""
    with subprocess.Popen(
        [sys.executable, "-m", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.stdin.close()


def run(module: str, *arguments: str) -> dict[str, Any]:
    """Run a module of this package in its own process; returns the JSON it prints last, or what went wrong."""
    sys.stderr.write(f"{module} {' '.join(arguments)[:90]}\n")
    credentials = {"AWS_ACCESS_KEY_ID": "synthetic", "AWS_SECRET_ACCESS_KEY": "synthetic"}
    ended = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **credentials},
        check=False,
    )
    if ended.returncode:
        return {"fault": f"exit code {ended.returncode}"}
    found: dict[str, Any] = json.loads(ended.stdout.strip().splitlines()[-1])
    return found


def _warehouse(report: reports.Report) -> Path:
    return report.root / "warehouse"


def _median(items: list[dict[str, Any]]) -> dict[str, Any]:
    whole = [item for item in items if "fault" not in item]
    if not whole:
        return items[0]
    middle = sorted(whole, key=lambda item: item["cpu"])[(len(whole) - 1) // 2]
    return {
        **middle,
        "seconds": statistics.median(item["seconds"] for item in whole),
        "cpu": statistics.median(item["cpu"] for item in whole),
        "rss_bytes": max(item["rss_bytes"] for item in whole),
        "run_count": len(whole),
    }


if __name__ == "__main__":
    main()
