"""The section "Browser" of RESULTS.md."""

from __future__ import annotations

import os
import statistics
from datetime import UTC, datetime

from benchmarks.browser import BARE, OURS, Figures

BEGIN, END = "<!-- browser: written by `make bench ARGS='--browser --write'` -->", "<!-- end of browser -->"
_UNITS = {"first load": ("ms", 1.0), "bytes": ("MB", 1e6), "page switch": ("ms", 1.0), "filter": ("ms", 1.0)}
LIMIT = 1.3


def render(found: Figures, held: dict[str, tuple[int, int]]) -> str:
    """The figures as Markdown: for each page the median and the 95th percentile of both sides, and their ratio."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    parts = [f"Measured {datetime.now(UTC):%Y-%m-%d} on {os.cpu_count()} cores. Load when it ended: {load}."]
    for measure, (unit, divisor) in _UNITS.items():
        lines = [
            f"### {measure.capitalize()} ({unit})",
            "",
            "| page | charts, tables | ours p50 | p95 | bare p50 | p95 | ratio p50 | turns | |",
            "|---|---|---|---|---|---|---|---|---|",
        ]
        for page, (charts, tables) in held.items():
            sides = found.get(f"{measure}|{page}", {})
            if not sides.get(OURS) or not sides.get(BARE):
                continue
            ours, bare = ([value / divisor for value in sides[side]] for side in (OURS, BARE))
            ratio = statistics.median(ours) / statistics.median(bare)
            texts = [_number(value, divisor) for taken in (ours, bare) for value in _middle_and_late(taken)]
            late = f"over {LIMIT}x" if ratio > LIMIT else ""
            lines.append(
                f"| {page} | {charts}, {tables} | {' | '.join(texts)} | {ratio:.2f} | {len(ours)} | {late} |"
            )
        parts.append("\n".join(lines))
    ours_bytes, bare_bytes = (found["memory"][side][-1] / 2**20 for side in (OURS, BARE))
    parts.append(
        f"Memory of the server when it ended: ours {ours_bytes:,.0f} MiB, bare {bare_bytes:,.0f} MiB "
        f"({ours_bytes / bare_bytes:.2f})."
    )
    return "\n\n".join(parts) + "\n"


def _middle_and_late(values: list[float]) -> tuple[float, float]:
    ordered = sorted(values)
    return statistics.median(ordered), ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


def _number(value: float, divisor: float) -> str:
    return f"{value:,.0f}" if divisor == 1 else f"{value:.2f}"
