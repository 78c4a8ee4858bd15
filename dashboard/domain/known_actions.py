"""Which part of an unusual cost the dashboard's own actions explain, by what their plans said they would cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

CATEGORIES: Mapping[str, str] = {
    "batch_job": "requests",
    "batch_object": "requests",
    "copy": "storage",
    "early_deletion": "early_deletion",
    "request": "requests",
    "retrieval": "retrieval",
    "transition": "transition",
}
"""The kind of cost on the bill, by the part of a plan's price."""
RESTORE_REQUESTS = "retrieval"
"""S3 bills the requests of a restore by operation, and operations of restores are retrieval."""
LATE_DAYS = 3
"""A bulk restore takes two days, and its data are billed when they have been read."""


@dataclass(frozen=True)
class Acted:
    """What a run was to cost.

    Attributes:
        began_on, ended_on: days in UTC, as bills have them.
        copy_days: how long temporary copies stay; 0 without any.
        parts_usd: known parts of the plan's price, by their kind.
    """

    digest: str
    action: str
    began_on: date
    ended_on: date
    copy_days: int
    parts_usd: Mapping[str, Decimal]


def explained(
    first_on: date, last_on: date, category: str, difference_usd: Decimal, acted: Iterable[Acted]
) -> tuple[Decimal, list[Acted]]:
    """How much of an unusual cost is known, at most all of it, and from which runs.

    Args:
        first_on, last_on: the unusual days.
        difference_usd: more than usual; of storage what each day costs more from then on. Less than usual is never
            explained: no action here saves on the day it runs.
    """
    known = Decimal(0)
    causes: list[Acted] = []
    if difference_usd <= 0:
        return known, causes
    for run in acted:
        if last_on < run.began_on or first_on > run.ended_on + timedelta(days=LATE_DAYS):
            continue
        parts = [
            _daily(run, part, usd) for part, usd in run.parts_usd.items() if _kind(run, part) == category
        ]
        if any(parts):
            known += sum(parts, Decimal(0))
            causes.append(run)
    return min(known, difference_usd), causes


def _kind(run: Acted, part: str) -> str:
    return RESTORE_REQUESTS if run.action == "restore" and part == "request" else CATEGORIES.get(part, "")


def _daily(run: Acted, part: str, usd: Decimal) -> Decimal:
    """A copy is paid for day by day; everything else once."""
    return usd / run.copy_days if part == "copy" and run.copy_days else usd
