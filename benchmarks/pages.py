"""How long each page's queries take on a snapshot: `python -m benchmarks.pages WAREHOUSE` prints seconds as JSON."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path

from benchmarks import reports
from dashboard.errors import DashboardError
from dashboard.operate import labelling
from dashboard.warehouse.query import Query, page_queries
from dashboard.warehouse.read import Warehouse

REPEATS = 7
LISTS = " (slowest list)"
BY_OBJECT = {"facts.objects", "facts.labels", "facts.gate", "facts.chosen"}
"""Views over the files of reports and labels: asked when somebody opens a list or counts a dataset."""
WHOLE = {"alerts.findings", "worklist.findings"}
"""All findings at once: for an export on the command line, and for the worklist once after each sync."""

ONE_OF: dict[str, tuple[tuple[tuple[str, ...], ...], ...]] = {
    "costs": (
        (("months_by_device",), ("months_by_class",), ("months_by_category",), ("months_by_service",)),
        (
            ("devices", "device_classes"),
            ("labels",),
            ("movers",),
            ("lines",),
            ("splits",),
            ("kept_and_billed",),
            ("statements", "rates"),
            ("looking",),
        ),
    )
}
"""Choices of a page that shows one at a time, each with what it asks: the slowest of a row counts."""


def time_pages(folder: Path) -> dict[str, float]:
    """Seconds of the queries that a visit to each page asks, each the median of some calls; and of its slowest list of
    objects, for one is opened at a time."""
    warehouse = Warehouse(reports.settings(folder, "http://127.0.0.1"))
    seconds: dict[str, float] = defaultdict(float)
    single: dict[str, float] = {}
    asked = {labelling.IMAGES: _tasks(warehouse)}
    # The lists last: what reads ten million rows leaves neither memory nor caches as a page's visit finds them.
    for name, query in sorted(page_queries().items(), key=lambda item: _is_list(item[1])):
        page, is_list = name.partition(".")[0], _is_list(query)
        try:
            warehouse.frame(name, asked.get(name))
            taken = []
            for _ in range(1 if is_list else REPEATS):
                started = time.perf_counter()
                warehouse.frame(name, asked.get(name))
                taken.append(time.perf_counter() - started)
        except DashboardError as fault:
            sys.stderr.write(f"{name}: {fault}\n")
            continue
        single[name] = statistics.median(taken)
        if is_list:
            seconds[page + LISTS] = max(seconds[page + LISTS], single[name])
        else:
            seconds[page] += single[name]
    for page, rows in ONE_OF.items():
        for row in rows:
            sums = [sum(single.get(f"{page}.{name}", 0.0) for name in choice) for choice in row]
            seconds[page] -= sum(sums) - max(sums)
    return seconds


def _is_list(query: Query) -> bool:
    return "row_limit" in query.params or bool(query.tables() & BY_OBJECT) or query.name in WHOLE


def _tasks(warehouse: Warehouse) -> dict[str, str]:
    """What is asked first for a list of images to label: as many of them as are sorted at a time."""
    places = warehouse.rows(labelling.PLACES)[1]
    return dict(
        zip(("first", "last"), next(labelling.spans(places, labelling.SORTED_AT_ONCE), ("", "")), strict=True)
    )


if __name__ == "__main__":
    sys.stdout.write("\n" + json.dumps(time_pages(Path(sys.argv[1]))) + "\n")
