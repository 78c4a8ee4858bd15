"""What was promised to be saved, beside what a month's bill shows of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dashboard.domain.outlook import add_months
from dashboard.domain.promises import Promise, Seen, Verdict
from dashboard.operate.promises import beside
from dashboard.report.amount import Amount


@dataclass(frozen=True)
class Saved:
    """A promise and what the newest full month, until the report's, shows of it; `seen` is None if nobody can tell."""

    proposal_id: str
    title: str
    promised: Amount
    seen: Amount | None
    verdict: Verdict
    month: date | None


def saved(promises: Iterable[Promise], months: Iterable[Mapping[str, Any]], month: date) -> list[Saved]:
    """The promises that held in a month, the greatest first.

    Args:
        months: rows of `savings.months`.
    """
    rows = list(months)
    next_month = add_months(month, 1)
    rates = {row["month"]: row["jpy_per_usd"] for row in rows}
    holding = [
        item
        for item in promises
        if item.accepted_at.date() < next_month
        and (item.withdrawn_at is None or item.withdrawn_at.date() >= next_month)
    ]
    found = []
    for entry in beside(holding, rows):
        line = _until(entry.seen, month)
        rate = rates.get(line.month or month) if line else rates.get(month)
        promise = entry.promise
        seen = None if line is None or line.seen_usd is None else _amount(line.seen_usd, rate)
        found.append(
            Saved(
                promise.proposal_id,
                promise.title,
                _amount(promise.month_usd, rate),
                seen,
                "too_early" if line is None else line.verdict,
                None if line is None else line.month,
            )
        )
    return sorted(found, key=lambda item: -item.promised.usd)


def _until(lines: Iterable[Seen], month: date) -> Seen | None:
    """The newest line of a month that is not after the report's; None if no full month has passed by then."""
    known = [line for line in lines if line.month is not None and line.month <= month]
    return known[-1] if known else None


def _amount(usd: Decimal, rate: Decimal | None) -> Amount:
    return Amount(usd, None if rate is None else usd * rate)
