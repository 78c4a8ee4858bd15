"""RESULTS.md from the figures of a run."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.pages import LISTS

RESULTS = Path(__file__).parent / "RESULTS.md"
BEGIN, END = "<!-- figures: written by `make bench ARGS=--write` -->", "<!-- end of figures -->"
OURS = "Sync to a published snapshot"
EASIER = "shape of names only"
_PACKAGES = ("duckdb", "polars", "chdb", "datafusion", "pyarrow", "numpy", "boto3", "isal")
_LIMIT_SECONDS = 0.05


def render(found: dict[str, Any]) -> str:
    """The figures as Markdown."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES)
    parts = [
        f"Measured {datetime.now(UTC):%Y-%m-%d} on {os.cpu_count()} cores ({_processor()}), "
        f"Python {platform.python_version()}, {versions}. Load when it ended: "
        f"{', '.join(f'{value:.1f}' for value in os.getloadavg())}.",
    ]
    for key, runs in found["runs"].items():
        parts.append(_runs(key, runs))
        if "phases" in runs.get(OURS, {}):
            parts.append(_phases(runs[OURS]))
    if found.get("labels"):
        parts.append(_labels(found["labels"]))
    if found["pages"]:
        parts.append(_pages(found["pages"]))
    if found["plans"]:
        parts.append(_plans(found["plans"]))
    parts.append(_worker(found["worker"]))
    return "\n\n".join(parts) + "\n"


def write(text: str, begin: str = BEGIN, end: str = END) -> None:
    """Put figures into RESULTS.md, between their marks."""
    page = RESULTS.read_text("utf-8")
    head, _, rest = page.partition(begin)
    _, _, tail = rest.partition(end)
    RESULTS.write_text(f"{head}{begin}\n\n{text}\n{end}{tail}", "utf-8")


def _runs(key: str, runs: dict[str, Any]) -> str:
    format_, row_count = key.split()
    figures = {name: run for name, run in runs.items() if isinstance(run, dict)}
    peers = [
        run["cpu"]
        for name, run in figures.items()
        if "answers" in run and EASIER not in name
    ]  # fmt: skip
    walls = [run["seconds"] for name, run in figures.items() if "answers" in run and EASIER not in name]
    lines = [
        f"### {format_}, {int(row_count):,} rows ({runs['report_bytes'] / 1e6:,.0f} MB)",
        "",
        "| | wall s | CPU s | peak RSS MiB | wall / fastest | CPU / least | runs |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, run in figures.items():
        if "fault" in run:
            lines.append(f"| {name} | {run['fault']} | | | | | |")
            continue
        ratios = (
            f"{run['seconds'] / min(walls):.2f} | {run['cpu'] / min(peers):.2f}" if peers else " | "
        )  # fmt: skip
        label = f"**{name}**" if name == OURS else name
        lines.append(
            f"| {label} | {run['seconds']:.1f} | {run['cpu']:.1f} | {run['rss_bytes'] / 2**20:,.0f} | {ratios} "
            f"| {run['run_count']} |"
        )
    return "\n".join(lines)


def _phases(run: dict[str, Any]) -> str:
    phases = [(name, value) for name, value in run["phases"].items() if value >= 0.005]
    inside = sorted(run["inside"].items(), key=lambda item: -item[1])
    lines = [
        "Where the sync's time goes (wall seconds of one run; those inside overlap with the download):",
        "",
        "| phase | s | | inside | s |",
        "|---|---|---|---|---|",
    ]
    for index in range(max(len(phases), len(inside))):
        left = f"{phases[index][0]} | {phases[index][1]:.2f}" if index < len(phases) else " | "
        right = f"{inside[index][0]} | {inside[index][1]:.2f}" if index < len(inside) else " | "
        lines.append(f"| {left} | | {right} |")
    lines.append(f"\nSnapshot: {run['snapshot_bytes'] / 1e6:,.1f} MB.")
    return "\n".join(lines)


def _labels(runs: dict[str, dict[str, Any]]) -> str:
    def cells(run: dict[str, Any]) -> list[str]:
        join = run["inside"].get("label join", 0.0)
        share = f"{join / run['seconds']:.0%}"
        return [f"{run['seconds']:.1f}", f"{join:.2f}", share, f"{run['import_seconds']:.1f}"]

    title = "A label for each current object (Parquet table, known from the sync before)"
    head = ["rows", "sync s", "label join s", "share", "reading the label file, once, s"]
    return _table(title, head, _counted(runs), cells)


def _pages(pages: dict[str, dict[str, float]]) -> str:
    sizes = list(pages)
    names = sorted({name for seconds in pages.values() for name in seconds})
    lines = [
        "### What a visit to a page asks (ms, median of 7, one reader, snapshot open; of choices the slowest)",
        "",
        f"| page | {' | '.join(f'{int(size):,} rows' for size in sizes)} | ratio | |",
        f"|---|{'---|' * len(sizes)}---|---|",
    ]
    for name in names:
        values = [pages[size].get(name) for size in sizes]
        texts = ["" if value is None else f"{value * 1000:,.1f}" for value in values]
        first, last = values[0], values[-1]
        ratio = f"{last / first:.2f}" if first and last and len(values) > 1 else ""
        is_late = last is not None and last >= _LIMIT_SECONDS and LISTS not in name
        lines.append(f"| {name} | {' | '.join(texts)} | {ratio} | {'over 50 ms' if is_late else ''} |")
    return "\n".join(lines)


def _plans(plans: dict[str, dict[str, Any]]) -> str:
    def cells(made: dict[str, Any]) -> list[str]:
        return [f"{made['count']:,}", f"{made['seconds']:.1f}", f"{made['rss_bytes'] / 2**20:,.0f}"]

    title = "A plan to restore what begins with one prefix (a process of its own)"
    return _table(title, ["rows", "objects of the plan", "s", "peak RSS MiB"], _counted(plans), cells)


def _worker(runs: dict[str, dict[str, Any]]) -> str:
    def cells(run: dict[str, Any]) -> list[str]:
        ours, bare = run["ours"], run["bare"]
        return [str(run["threads"]), f"{ours:,.0f}", f"{bare:,.0f}", f"{ours / bare:.2f}"]

    title = "The worker beside bare boto3 (a look and a restore for each object, requests a second)"
    head = ["S3 answers after", "threads", "worker", "bare boto3", "ratio"]
    return _table(title, head, {f"{latency} ms": run for latency, run in runs.items()}, cells)


def _counted(runs: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {f"{int(rows):,}": run for rows, run in runs.items()}


def _table(
    title: str,
    head: list[str],
    runs: dict[str, dict[str, Any]],
    cells: Callable[[dict[str, Any]], list[str]],
) -> str:
    """One row per run, by its name; of one that failed only why."""
    lines = [f"### {title}", "", f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for name, run in runs.items():
        found = [run["fault"], *[""] * (len(head) - 2)] if "fault" in run else cells(run)
        lines.append(f"| {' | '.join([name, *found])} |")
    return "\n".join(lines)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else ():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
