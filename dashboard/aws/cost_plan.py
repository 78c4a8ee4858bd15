"""What to ask Cost Explorer: the ways of cutting the bill, the months and the spans of days."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta

from dashboard.aws.cost_answers import Granularity, Question, months_back, next_month
from dashboard.settings import Costs

# Cost Explorer keeps 13 months and the running one, unless the account asked for more.
HISTORY_MONTHS = 14


BY_USAGE = (("DIMENSION", "USAGE_TYPE"), ("DIMENSION", "OPERATION"))
BY_RECORD = (("DIMENSION", "SERVICE"), ("DIMENSION", "RECORD_TYPE"))


@dataclass(frozen=True)
class Breakdown:
    """One way of cutting the bill; by usage, each service is asked alone, and tax, credits and refunds together."""

    name: str
    granularity: Granularity
    group_by: tuple[tuple[str, str], ...]
    is_usage: bool = False

    def file_name(self, month: date) -> str:
        # A tag key is foreign text and may differ from another only in case: its hash names the file.
        kind, _colon, key = self.name.partition(":")
        stem = f"{kind}_{hashlib.sha256(key.encode()).hexdigest()[:16]}" if key else kind
        return f"{stem}-{self.granularity.lower()}-{month:%Y-%m}.json"

    def questions(self, services: tuple[str, ...], start: date, end: date) -> list[Question]:
        if not self.is_usage:
            return [Question(self.name, self.granularity, start, end, services, self.group_by)]
        found = [
            Question(self.name, self.granularity, start, end, (service,), self.group_by, "usage")
            for service in services
        ]
        return [*found, Question(self.name, self.granularity, start, end, services, BY_RECORD, "others")]


def breakdowns(settings: Costs) -> list[Breakdown]:
    """Every breakdown the settings ask for, the most useful first: a budget that runs out cuts the end."""
    if not settings.enabled or not settings.services:
        return []
    found = [Breakdown("usage", "MONTHLY", BY_USAGE, True)]
    if settings.daily_days:
        found.append(Breakdown("usage", "DAILY", BY_USAGE, True))
    found += [Breakdown(f"tag:{key}", "MONTHLY", (("TAG", key),)) for key in settings.tags]
    if settings.by_account:
        found.append(Breakdown("account", "MONTHLY", (("DIMENSION", "LINKED_ACCOUNT"),)))
    return found


def wanted_months(settings: Costs, granularity: Granularity, today: date) -> list[date]:
    """First days of the months to have, oldest first; days are asked by whole months, so none falls between."""
    if granularity == "MONTHLY":
        return months_back(today, settings.months)
    if not settings.daily_days:
        return []
    first = (today - timedelta(days=settings.daily_days - 1)).replace(day=1)
    kept = months_back(today, max(settings.months, HISTORY_MONTHS))
    return [month for month in kept if month >= first]


def chunks(months: list[date], granularity: Granularity, today: date) -> list[tuple[date, date]]:
    """Spans to ask, end exclusive: neighbouring months together, but days month by month and the newest first."""
    if granularity == "DAILY":
        return [(month, min(next_month(month), today + timedelta(days=1))) for month in reversed(months)]
    spans: list[tuple[date, date]] = []
    for month in months:
        if spans and spans[-1][1] == month:
            spans[-1] = (spans[-1][0], next_month(month))
        else:
            spans.append((month, next_month(month)))
    return spans
