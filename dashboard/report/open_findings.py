"""What is still to be done, by rule: the worklist's word if there is a worklist, else every finding of the snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.operate.follow import has_begun
from dashboard.operate.journal import Journal
from dashboard.operate.worklist_views import Clock, open_by_rule

SEVERITIES = ("critical", "high", "medium", "low")


@dataclass(frozen=True)
class OpenRule:
    """A rule with open findings. Without a worklist nobody looks after any, and none is overdue."""

    rule_id: str
    title: str
    severity: str
    remedy: str
    finding_count: int
    unassigned_count: int
    overdue_count: int


def open_rules(
    rules: Iterable[Mapping[str, Any]], journal: Journal | None, now: datetime, timezone: str
) -> list[OpenRule]:
    """Rules with open findings, the gravest first, then the most overdue, then the most.

    Args:
        rules: of the snapshot, as `alerts.rules` gives them.
        now: the moment that due dates are compared with (UTC).

    Raises:
        DashboardError: of the journal.
    """
    if journal is not None and has_begun(journal):
        found = [OpenRule(*row) for row in open_by_rule(journal, Clock(now, timezone))]
    else:
        found = [
            OpenRule(
                row["rule_id"],
                row["title"],
                row["severity"],
                row["remedy"],
                row["finding_count"],
                row["finding_count"],
                0,
            )
            for row in rules
            if row["finding_count"]
        ]
    return sorted(
        found,
        key=lambda item: (
            SEVERITIES.index(item.severity),
            -item.overdue_count,
            -item.finding_count,
            item.rule_id,
        ),
    )
