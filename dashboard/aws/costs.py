"""Costs from Cost Explorer, which charges for every request and every page.

Each (breakdown, granularity, month) is one file in the folder of bills, written whole:
`usage-monthly-2026-10.json`, `usage-daily-2026-10.json`, `tag_<hash of the key>-monthly-….json`,
`account-monthly-….json`. A month that was final when it was asked is closed and not asked again. Where a closed month
was asked by force and had changed, what it said before is kept as `restated-<name>-<asked_at>.json`; readers of the
folder must leave `restated-*` out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from dashboard.aws import cost_faults
from dashboard.aws.cost_answers import AnswerInvalid, PeriodAnswer, Question, parse_page, periods
from dashboard.aws.cost_bills import Bills, Restatement
from dashboard.aws.cost_plan import Breakdown, breakdowns, chunks, wanted_months
from dashboard.aws.ledger import Ledger, as_utc
from dashboard.aws.paid_requests import PRICE_USD, PaidRequests
from dashboard.aws.permissions import Permission
from dashboard.domain.progress import Progress
from dashboard.errors import DashboardError, ExitCode
from dashboard.settings import Costs

PERMISSIONS = (Permission("ce:GetCostAndUsage", "*", "Read what storage, requests and retrievals cost"),)

PAGE_LIMIT = 200
INVALID_LIMIT = 3
TASK = "costs"


@dataclass(frozen=True)
class CostsOutcome:
    """What a sync of costs did. Periods read "usage MONTHLY 2026-10"."""

    request_count: int
    asked_periods: tuple[str, ...]
    fresh_periods: tuple[str, ...]
    closed_periods: tuple[str, ...]
    restatements: tuple[Restatement, ...]
    faults: tuple[DashboardError, ...]

    @property
    def fault(self) -> DashboardError | None:
        """The first fault, or None."""
        return self.faults[0] if self.faults else None

    @property
    def cost_usd(self) -> Decimal:
        """What the requests cost at most: requests that failed are counted too."""
        return PRICE_USD * self.request_count


def sync_costs(
    ce: Any,
    settings: Costs,
    folder: Path,
    ledger: Ledger,
    progress: Progress,
    now: datetime,
    force: bool = False,
) -> CostsOutcome:
    """Bring the bill up to date. Faults of Cost Explorer are in the outcome; files written before them stay.

    Args:
        ce: boto3 client of Cost Explorer.
        folder: the bills.
        now: the time, with its zone; months and days are those of UTC, as on the bill.
        force: ask for every month, closed and fresh ones included. The budgets still hold.

    Raises:
        OSError: the folder or the ledger cannot be written.
    """
    paid = PaidRequests(cost_faults.ACTION, settings, ledger, as_utc(now))
    run = _Run(ce, settings, paid, progress, as_utc(now), force, Bills(folder, settings, as_utc(now)))
    progress.start(TASK, None, "requests")
    try:
        for breakdown, start, end in run.plan():
            try:
                run.bring(breakdown, start, end)
            except DashboardError as fault:
                run.faults.append(fault)
                # Another question may be answered well, but not by a service that refuses or talks nonsense.
                if fault.code is not ExitCode.COST_INVALID or len(run.faults) >= INVALID_LIMIT:
                    break
    finally:
        progress.finish(TASK)
    return CostsOutcome(
        request_count=paid.made,
        asked_periods=tuple(run.asked),
        fresh_periods=tuple(run.skipped["fresh"]),
        closed_periods=tuple(run.skipped["closed"]),
        restatements=tuple(run.restatements),
        faults=tuple(run.faults),
    )


@dataclass
class _Run:
    ce: Any
    settings: Costs
    paid: PaidRequests
    progress: Progress
    now: datetime
    force: bool
    bills: Bills
    asked: list[str] = field(default_factory=list)
    skipped: dict[str, list[str]] = field(default_factory=lambda: {"fresh": [], "closed": []})
    restatements: list[Restatement] = field(default_factory=list)
    faults: list[DashboardError] = field(default_factory=list)

    def plan(self) -> Iterator[tuple[Breakdown, date, date]]:
        """The spans that must be asked, end exclusive; notes what need not."""
        today = self.now.date()
        for breakdown in breakdowns(self.settings):
            due = []
            for month in wanted_months(self.settings, breakdown.granularity, today):
                state = self.bills.state(breakdown, month)
                if state == "due" or self.force:
                    due.append(month)
                else:
                    self.skipped[state].append(_name(breakdown, month))
            for start, end in chunks(due, breakdown.granularity, today):
                yield breakdown, start, end

    def bring(self, breakdown: Breakdown, start: date, end: date) -> None:
        """Ask for a span and write its months."""
        name = _name(breakdown, start)
        questions = breakdown.questions(self.settings.services, start, end)
        # The answers of all services make one file: begin only what can be finished, or it was paid for nothing.
        self.paid.check(len(questions), name)
        before = self.paid.made
        try:
            answers_by_month: dict[date, list[PeriodAnswer]] = {
                month: [] for month, _end in periods(start, end, "MONTHLY")
            }
            for question in questions:
                for answer in self.ask(question, name):
                    answers_by_month[answer.start.replace(day=1)].append(answer)
            bills = [
                (month, self.bills.build(breakdown, month, answers, self.paid.made - before))
                for month, answers in answers_by_month.items()
            ]
        except AnswerInvalid as error:
            raise cost_faults.invalid(str(error), name) from error
        except DashboardError as fault:
            if fault.code is ExitCode.COST_BUDGET:
                raise cost_faults.cut_short(fault, self.paid.made - before) from None
            raise
        for month, bill in bills:
            restatement = self.bills.keep(breakdown, month, bill)
            if restatement:
                self.restatements.append(restatement)
            self.asked.append(_name(breakdown, month))

    def ask(self, question: Question, name: str) -> list[PeriodAnswer]:
        """All pages of one answer; boto3 has no paginator for it."""
        answers: list[PeriodAnswer] = []
        seen: set[str] = set()
        token: str | None = None
        for _page in range(PAGE_LIMIT):
            page, token = parse_page(self.request(question, token, name), question)
            answers += page
            if token is None:
                return answers
            if token in seen:
                raise cost_faults.paging("a page token came twice", name)
            seen.add(token)
        raise cost_faults.paging(f"there are more than {PAGE_LIMIT} pages", name)

    def request(self, question: Question, token: str | None, name: str) -> Any:
        """One page, paid for."""
        self.paid.check(1, name)
        self.paid.count(name)
        self.progress.advance(TASK, 1)
        parameters = question.parameters() | ({"NextPageToken": token} if token else {})
        try:
            answer = self.ce.get_cost_and_usage(**parameters)
        except Exception as error:
            # Not only botocore's own errors: its parser trips over hostile bodies in ways of its own.
            self.count_retries(getattr(error, "response", None), name)
            raise cost_faults.explain_cost(error, name) from error
        self.count_retries(answer, name)
        return answer

    def count_retries(self, answer: Any, name: str) -> None:
        self.progress.advance(TASK, self.paid.count_retries(answer, name))


def _name(breakdown: Breakdown, month: date) -> str:
    return f"{breakdown.name} {breakdown.granularity} {month:%Y-%m}"
