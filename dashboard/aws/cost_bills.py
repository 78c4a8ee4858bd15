"""Bills on disk: one file per (breakdown, granularity, month), and what it says about asking again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Literal

from dashboard.aws.cost_answers import (
    AnswerInvalid,
    Granularity,
    PeriodAnswer,
    exact_sum,
    next_month,
    periods,
)
from dashboard.aws.cost_plan import Breakdown
from dashboard.aws.ledger import as_utc, read_json, write_json
from dashboard.settings import Costs

# AWS finalises a month some days after its end; before that even Estimated=false may still move.
CLOSED_AFTER = timedelta(days=5)
# The last days of a daily answer may not be there yet.
LATE_DAYS = 2

State = Literal["due", "fresh", "closed"]


@dataclass(frozen=True)
class Restatement:
    """A closed month that says something else now."""

    breakdown: str
    granularity: Granularity
    period: str
    former_usd: Decimal
    total_usd: Decimal


@dataclass(frozen=True)
class Bills:
    """The folder of bills as seen by one sync at `now` (UTC)."""

    folder: Path
    settings: Costs
    now: datetime

    def state(self, breakdown: Breakdown, month: date) -> State:
        """Whether a month must be asked: closed and fresh ones need not."""
        bill = self._former(breakdown, month)
        asked_at = _asked_at(bill)
        if bill is None or asked_at is None or _question(bill) != self._question(breakdown):
            return "due"
        if _is_closed(bill, month):
            return "closed"
        age = self.now - asked_at
        return "fresh" if timedelta(0) <= age < timedelta(hours=self.settings.refresh_hours) else "due"

    def build(
        self, breakdown: Breakdown, month: date, answers: list[PeriodAnswer], request_count: int
    ) -> dict[str, Any]:
        """The file of one month, not yet written.

        Raises:
            AnswerInvalid: a group came twice, or a period is gone that the former file had.
        """
        named = {answer.start for answer in answers if answer.lines and not answer.is_total}
        if any(answer.is_total and answer.lines and answer.start in named for answer in answers):
            raise AnswerInvalid("a total came beside its groups and would be counted twice")
        lines = sorted((line for answer in answers for line in answer.lines), key=lambda line: line.identity)
        if len({line.identity for line in lines}) != len(lines):
            raise AnswerInvalid("a group came twice and would be counted twice")
        missing = self._missing(breakdown, month, answers)
        former = self._former(breakdown, month)
        gone = {str(line.get("start")) for line in _lines(former)} & set(missing)
        if gone:
            raise AnswerInvalid(f"{min(gone)} is missing, which was there before")
        today = self.now.date()
        # A period that still runs cannot be final, whatever the answer says.
        is_estimated = next_month(month) > today or any(answer.is_estimated for answer in answers)
        return {
            "breakdown": breakdown.name,
            "granularity": breakdown.granularity,
            "period": f"{month:%Y-%m}",
            "asked_at": self.now.isoformat(timespec="seconds"),
            **self._question(breakdown),
            "is_estimated": is_estimated,
            "missing": missing,
            "request_count": request_count,
            "total_usd": format(exact_sum(line.cost_usd for line in lines), "f"),
            "lines": [
                line.as_dict() | {"is_estimated": line.is_estimated or line.end > today} for line in lines
            ],
        }

    def keep(self, breakdown: Breakdown, month: date, bill: dict[str, Any]) -> Restatement | None:
        """Write a month. A closed one that changed stays beside it as it was, under `restated-`."""
        file = self.folder / breakdown.file_name(month)
        former = self._former(breakdown, month)
        restatement = None
        # With other services in the settings it is the question that changed, not the answer.
        is_same_question = former is not None and _question(former) == _question(bill)
        if former and is_same_question and _is_closed(former, month) and _lines(former) != bill["lines"]:
            asked_at = f"{_asked_at(former):%Y-%m-%dT%H-%M-%SZ}"
            write_json(file.with_name(f"restated-{file.stem}-{asked_at}.json"), former)
            restatement = Restatement(
                breakdown.name,
                breakdown.granularity,
                bill["period"],
                _total(former),
                Decimal(bill["total_usd"]),
            )
        write_json(file, bill)
        return restatement

    def _question(self, breakdown: Breakdown) -> dict[str, Any]:
        return {"services": list(self.settings.services), "has_records": breakdown.is_usage}

    def _former(self, breakdown: Breakdown, month: date) -> dict[str, Any] | None:
        """The month's file, or None where it is absent, damaged or of something else."""
        bill = read_json(self.folder / breakdown.file_name(month))
        if bill is None or not isinstance(bill.get("lines"), list):
            return None
        named = (bill.get("breakdown"), bill.get("granularity"), bill.get("period"))
        return bill if named == (breakdown.name, breakdown.granularity, f"{month:%Y-%m}") else None

    def _missing(self, breakdown: Breakdown, month: date, answers: list[PeriodAnswer]) -> list[str]:
        """Periods that are over and left out. No group in a period is no cost; no period is no word about it."""
        due = self.now.date() - timedelta(days=LATE_DAYS if breakdown.granularity == "DAILY" else 0)
        given = {answer.start for answer in answers}
        grid = periods(month, next_month(month), breakdown.granularity)
        return [start.isoformat() for start, end in grid if end <= due and start not in given]


def _question(bill: dict[str, Any]) -> dict[str, Any]:
    """What of the question decides whether two answers can be compared."""
    return {"services": bill.get("services"), "has_records": bill.get("has_records", False)}


def _is_closed(bill: dict[str, Any], month: date) -> bool:
    """Whether a month was final, and long over, when it was asked."""
    asked_at = _asked_at(bill)
    return (
        asked_at is not None
        and bill.get("is_estimated") is False
        and not bill.get("missing")
        and asked_at >= datetime.combine(next_month(month), time(), UTC) + CLOSED_AFTER
    )


def _asked_at(bill: dict[str, Any] | None) -> datetime | None:
    try:
        return as_utc(datetime.fromisoformat((bill or {})["asked_at"]))
    except (KeyError, TypeError, ValueError):
        return None


def _total(bill: dict[str, Any]) -> Decimal:
    try:
        return Decimal(str(bill.get("total_usd")))
    except InvalidOperation:
        return Decimal(0)


def _lines(bill: dict[str, Any] | None) -> list[dict[str, Any]]:
    return [line for line in bill["lines"] if isinstance(line, dict)] if bill else []
