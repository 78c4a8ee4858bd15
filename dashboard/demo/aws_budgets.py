"""A small AWS Budgets: DescribeBudgets answered from the bill, as an account without a second page would."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from dashboard.demo.bill import DEEP_ARCHIVE, GLACIER, S3, Bill
from dashboard.demo.cost_explorer import Refused

MONTH_LIMIT = Decimal("25.0")
YEAR_LIMIT = Decimal("320.0")
_ENDLESS = datetime(2087, 6, 15, tzinfo=UTC).timestamp()


class Budgets:
    """Answers about one bill: a budget of the archive's services, one of everything, and one that is not of cost."""

    def __init__(self, bill: Bill) -> None:
        self._bill = bill

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """The body of one DescribeBudgets answer.

        Raises:
            Refused: the request is not valid, as AWS would say.
        """
        account_id = str(request.get("AccountId") or "")
        if len(account_id) != 12 or not account_id.isdigit():
            raise Refused("InvalidParameterException", "AccountId must be 12 digits")
        today = self._bill.now.date()
        month, year = today.replace(day=1), date(today.year, 1, 1)
        in_month, in_year = today.day, today.timetuple().tm_yday
        month_days = calendar.monthrange(today.year, today.month)[1]
        year_days = 366 if calendar.isleap(today.year) else 365
        only = {"Dimensions": {"Key": "SERVICE", "Values": [S3, GLACIER, DEEP_ARCHIVE]}}
        return {
            "Budgets": [
                self._budget("Image archive (demo)", "MONTHLY", MONTH_LIMIT, month, month_days / in_month)
                | {"FilterExpression": only, "Metrics": ["UnblendedCost"]},
                self._budget("Whole account (demo)", "ANNUALLY", YEAR_LIMIT, year, year_days / in_year),
                {
                    "BudgetName": "Gigabytes out (demo)",
                    "BudgetType": "USAGE",
                    "TimeUnit": "MONTHLY",
                    "BudgetLimit": {"Amount": "100", "Unit": "GB"},
                },
            ]
        }

    def _budget(
        self, name: str, time_unit: str, limit: Decimal, start: date, still_to_grow: float
    ) -> dict[str, Any]:
        spent = sum((line.cost_usd for line in self._bill.lines if line.billed_on >= start), Decimal(0))
        expected = (spent * Decimal(str(round(still_to_grow, 6)))).quantize(Decimal("0.001"))
        return {
            "BudgetName": name,
            "BudgetType": "COST",
            "TimeUnit": time_unit,
            "BudgetLimit": {"Amount": str(limit), "Unit": "USD"},
            "TimePeriod": {
                "Start": datetime(start.year, start.month, start.day, tzinfo=UTC).timestamp(),
                "End": _ENDLESS,
            },
            "CalculatedSpend": {
                "ActualSpend": {"Amount": f"{spent.quantize(Decimal('0.001')):f}", "Unit": "USD"},
                "ForecastedSpend": {"Amount": f"{expected:f}", "Unit": "USD"},
            },
            "LastUpdatedTime": self._bill.now.timestamp(),
        }
