"""Requests that Cost Explorer charges for: within the bounds of the settings, each in the ledger before it is sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from dashboard.aws import cost_faults
from dashboard.aws.ledger import Ledger
from dashboard.settings import Costs

PRICE_USD = Decimal("0.01")


@dataclass
class PaidRequests:
    """The paid requests of one sync, of one kind.

    Attributes:
        action: of IAM, such as `ce:GetCostAndUsage`.
        now: the time in UTC.
        made: in this sync; others may have been made before.
    """

    action: str
    settings: Costs
    ledger: Ledger
    now: datetime
    made: int = 0
    _today: int = field(init=False)

    def __post_init__(self) -> None:
        self._today = self.ledger.count_on(self.now.date())

    def check(self, needed: int, asked: str) -> None:
        """See that so many more are allowed.

        Raises:
            DashboardError: COST_BUDGET if they are not.
        """
        for limit_name, limit, made in (
            ("costs.max_requests_per_run", self.settings.max_requests_per_run, self.made),
            ("costs.max_requests_per_day", self.settings.max_requests_per_day, self._today),
        ):
            if made + needed > limit:
                raise cost_faults.over_budget(limit_name, limit, made, asked, self.action)

    def count(self, asked: str) -> None:
        """Write one down.

        Raises:
            OSError: the ledger cannot be written; then the request must not be sent.
        """
        self.ledger.record(self.now, self.action.removeprefix("ce:"), PRICE_USD, asked)
        self.made += 1
        self._today += 1

    def count_retries(self, answer: Any, asked: str) -> int:
        """Requests that boto3 sent again by itself are requests too; returns how many they were."""
        try:
            retries = int(answer["ResponseMetadata"]["RetryAttempts"])
        except (TypeError, KeyError, ValueError):
            return 0
        for _retry in range(retries):
            self.count(asked)
        return retries
