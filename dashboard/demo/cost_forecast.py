"""A small GetCostForecast: the bill's last full months go on by what they grew, with a band that widens."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from dashboard.demo.bill import Bill
from dashboard.demo.cost_explorer import Refused, matching, spans

FULL_MONTHS = 4
_PLACES = Decimal("0.0000000001")
_METRICS = {"UNBLENDED_COST", "BLENDED_COST", "AMORTIZED_COST"}


class CostForecast:
    """Answers about one bill."""

    def __init__(self, bill: Bill) -> None:
        self._bill = bill

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """The body of one GetCostForecast answer; what is left of a month has its share of the month.

        Raises:
            Refused: the request is not valid, as AWS would say.
        """
        if request.get("Metric") not in _METRICS or request.get("Granularity") != "MONTHLY":
            raise Refused("ValidationException", "Metric or Granularity is not valid")
        period = request.get("TimePeriod") or {}
        try:
            start, end = date.fromisoformat(period["Start"]), date.fromisoformat(period["End"])
        except (KeyError, TypeError, ValueError):
            raise Refused("ValidationException", "Start time or end time is invalid") from None
        if start > self._bill.today or start >= end:
            raise Refused("ValidationException", "Start date must be no later than today, and before the end")
        past = self._past(request.get("Filter"))
        if len(past) < FULL_MONTHS:
            raise Refused("DataUnavailableException", "Insufficient amount of historical data")
        growth = (past[-1] - past[0]) / (len(past) - 1)
        results, total = [], Decimal(0)
        for steps, (first, after) in enumerate(spans(start, end, "MONTHLY"), start=1):
            whole = max(Decimal(0), past[-1] + growth * steps)
            month_days = (spans(first.replace(day=1), after, "MONTHLY")[0][1] - first.replace(day=1)).days
            mean = whole * (after - first).days / month_days
            width = mean * (Decimal(4) + steps) / 100
            total += mean
            results.append(
                {
                    "TimePeriod": {"Start": first.isoformat(), "End": after.isoformat()},
                    "MeanValue": f"{mean.quantize(_PLACES):f}",
                    "PredictionIntervalLowerBound": f"{(mean - width).quantize(_PLACES):f}",
                    "PredictionIntervalUpperBound": f"{(mean + width).quantize(_PLACES):f}",
                }
            )
        return {
            "Total": {"Amount": f"{total.quantize(_PLACES):f}", "Unit": "USD"},
            "ForecastResultsByTime": results,
        }

    def _past(self, expression: dict[str, Any] | None) -> list[Decimal]:
        """What the last full months cost, oldest first."""
        test = matching(expression)
        sums: dict[date, Decimal] = defaultdict(Decimal)
        for line in self._bill.lines:
            if test(line):
                sums[line.billed_on.replace(day=1)] += line.cost_usd
        running = self._bill.now.date().replace(day=1)
        return [sums[month] for month in sorted(sums) if month < running][-FULL_MONTHS:]
