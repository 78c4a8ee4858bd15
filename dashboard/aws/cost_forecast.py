"""Cost Explorer's own forecast of the settings' services, asked at most once a day, for every request is paid for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from dashboard.aws import cost_faults
from dashboard.aws.cost_answers import (
    COST_LIMIT,
    CURRENCY,
    AnswerInvalid,
    member,
    next_month,
    parse_amount,
    periods,
    plain_day,
    shown,
)
from dashboard.aws.ledger import Ledger, as_utc, read_json, write_json
from dashboard.aws.paid_requests import PaidRequests
from dashboard.aws.permissions import Permission
from dashboard.aws.sessions import error_code
from dashboard.errors import DashboardError
from dashboard.settings import Costs

PERMISSIONS = (
    Permission(cost_faults.FORECAST, "*", "Show Cost Explorer's own forecast beside that of the dashboard"),
)
FILE_NAME = "cost-forecast.json"
OPERATION = "GetCostForecast"
MONTHS = 12
"""Months asked for, the running one included: what is left of it is the first."""
BAND_PERCENT = 80
"""As wide as the band of the dashboard's own forecast."""


@dataclass(frozen=True)
class ForecastOutcome:
    """What was learned; with a fault nothing was written and the former file stays.

    Attributes:
        request_count: paid requests, 0 where it was asked today already.
    """

    request_count: int
    fault: DashboardError | None = None


def read_forecast(
    ce: Any, settings: Costs, folder: Path, ledger: Ledger, now: datetime, *, made: int, force: bool = False
) -> ForecastOutcome:
    """Ask for the coming months and write `cost-forecast.json`. "Not available yet" is an answer, not a fault.

    Args:
        ce: boto3 client of Cost Explorer.
        folder: of the live looks.
        made: paid requests that this sync made before.
        force: ask again although it was asked today. The bounds on paid requests still hold.

    Raises:
        OSError: the folder or the ledger cannot be written.
    """
    now = as_utc(now)
    file = folder / FILE_NAME
    if not settings.services or not (force or _is_due(file, settings, ledger, now.date())):
        return ForecastOutcome(0)
    paid = PaidRequests(cost_faults.FORECAST, settings, ledger, now, made)
    try:
        months = _months(_ask(ce, settings, paid, now.date()), now.date())
    except DashboardError as fault:
        return ForecastOutcome(paid.made - made, fault)
    write_json(
        file,
        {
            "asked_at": now.isoformat(timespec="seconds"),
            "services": list(settings.services),
            "is_available": months is not None,
            "months": months or [],
        },
    )
    return ForecastOutcome(paid.made - made)


def _is_due(file: Path, settings: Costs, ledger: Ledger, today: date) -> bool:
    """Not asked today, whatever came of it; or asked about other services."""
    known = read_json(file)
    if known is not None and known.get("services") != list(settings.services):
        return True
    return not any(at.date() == today and name == OPERATION for at, name, _cost in ledger.entries())


def _asked(today: date) -> str:
    return f"forecast MONTHLY {today}"


def _end(today: date) -> date:
    end = today.replace(day=1)
    for _month in range(MONTHS):
        end = next_month(end)
    return end


def _ask(ce: Any, settings: Costs, paid: PaidRequests, today: date) -> Any:
    """The answer, or None where Cost Explorer knows too little yet; paid for either way."""
    asked = _asked(today)
    paid.check(1, asked)
    paid.count(asked)
    try:
        answer = ce.get_cost_forecast(
            TimePeriod={"Start": today.isoformat(), "End": _end(today).isoformat()},
            Metric="UNBLENDED_COST",
            Granularity="MONTHLY",
            Filter={"Dimensions": {"Key": "SERVICE", "Values": list(settings.services)}},
            PredictionIntervalLevel=BAND_PERCENT,
        )
    except Exception as error:
        # Not only botocore's own errors: its parser trips over hostile bodies in ways of its own.
        paid.count_retries(getattr(error, "response", None), asked)
        if error_code(error) == "DataUnavailableException":
            return None
        raise cost_faults.explain_cost(error, asked, cost_faults.FORECAST) from error
    paid.count_retries(answer, asked)
    return answer


def _months(answer: Any, today: date) -> list[dict[str, Any]] | None:
    """The whole months of an answer with their bands, oldest first; None for no answer.

    Raises:
        DashboardError: COST_INVALID if it cannot be believed.
    """
    if answer is None:
        return None
    try:
        unit = member(answer, "Total", dict).get("Unit")
        if unit != CURRENCY:
            raise AnswerInvalid(f"an amount is in {shown(unit)} instead of {CURRENCY}")
        grid = dict(periods(today.replace(day=1), _end(today), "MONTHLY"))
        found: dict[date, dict[str, Any]] = {}
        for result in member(answer, "ForecastResultsByTime", list):
            span = member(result, "TimePeriod", dict)
            start, end = plain_day(span.get("Start")), plain_day(span.get("End"))
            if start.replace(day=1) == today.replace(day=1):
                continue  # what is left of the running month
            if grid.get(start) != end or start in found:
                raise AnswerInvalid(f"the period {start} to {end} was not asked for, or came twice")
            found[start] = {"month": start.isoformat()} | _amounts(result)
    except AnswerInvalid as error:
        raise cost_faults.invalid(str(error), _asked(today), cost_faults.FORECAST) from error
    return [found[month] for month in sorted(found)]


def _amounts(result: Mapping[str, Any]) -> dict[str, str | None]:
    """Mean and band of a month; the band may be missing."""
    mean, *band = (
        None if result.get(name) is None else parse_amount(result[name], COST_LIMIT)
        for name in ("MeanValue", "PredictionIntervalLowerBound", "PredictionIntervalUpperBound")
    )
    if mean is None:
        raise AnswerInvalid("MeanValue is missing")
    low, high = band
    if (low is not None and low > mean) or (high is not None and high < mean):
        raise AnswerInvalid(f"the mean {mean} lies outside of its band")
    return {
        name: None if value is None else format(value, "f")
        for name, value in (("mean_usd", mean), ("low_usd", low), ("high_usd", high))
    }
