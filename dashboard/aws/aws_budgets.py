"""The budgets that an account keeps in AWS Budgets, with what AWS says is spent and expected; asking is free.

Only budgets of cost are taken: those of usage, reservations and savings plans are in no currency. Amounts are decimal
strings in the currency that each names; they are never added up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import PaginationError

from dashboard.aws.cost_answers import (
    COST_LIMIT,
    AnswerInvalid,
    member,
    parse_amount,
    plain_text,
    shown,
)
from dashboard.aws.ledger import as_utc, write_json
from dashboard.aws.permissions import Permission
from dashboard.aws.sessions import REQUEST_FAULTS, explain
from dashboard.errors import DashboardError, ExitCode

ACTION = "budgets:ViewBudget"
PERMISSIONS = (
    Permission(
        ACTION,
        "arn:{partition}:budgets::*:budget/*",
        "Show the budgets of AWS Budgets beside those of the settings",
    ),
)
FILE_NAME = "budgets.json"
PAGE_SIZE = 100
PAGE_LIMIT = 100
TITLE = "The budgets of AWS Budgets could not be brought up to date"
TIME_UNITS = ("DAILY", "MONTHLY", "QUARTERLY", "ANNUALLY", "CUSTOM")
ENDLESS_YEAR = 2087
"""A budget without an end ends on 2087-06-15."""

_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


@dataclass(frozen=True)
class BudgetsOutcome:
    """What was learned; with a fault nothing was written and the former file stays."""

    budget_count: int
    fault: DashboardError | None = None


def read_budgets(sts: Any, budgets: Any, folder: Path, now: datetime) -> BudgetsOutcome:
    """Ask for the account's budgets and write `budgets.json`. An account without budgets is an answer, not a fault.

    Args:
        sts, budgets: boto3 clients; the first says which account is asked about.
        folder: of the live looks.

    Raises:
        OSError: the folder cannot be written.
    """
    try:
        account_id = _account(sts.get_caller_identity())
        found = [_budget(item) for item in _pages(budgets, account_id) if item.get("BudgetType") == "COST"]
    except AnswerInvalid as error:
        return BudgetsOutcome(0, _unusable(ExitCode.COST_INVALID, str(error)))
    except PaginationError as error:
        return BudgetsOutcome(0, _unusable(ExitCode.COST_PAGING, str(error)))
    except REQUEST_FAULTS as error:
        return BudgetsOutcome(0, explain(error, "AWS Budgets", ACTION, TITLE))
    except Exception as error:
        # botocore's parser trips over hostile bodies in ways of its own.
        return BudgetsOutcome(0, _unusable(ExitCode.COST_INVALID, f"{type(error).__name__}: {error}"))
    write_json(
        folder / FILE_NAME,
        {
            "account_id": account_id,
            "asked_at": as_utc(now).isoformat(timespec="seconds"),
            "budgets": sorted(found, key=lambda item: item["name"]),
        },
    )
    return BudgetsOutcome(len(found))


def _account(answer: Any) -> str:
    account_id = member(answer, "Account", str)
    if not _ACCOUNT.fullmatch(account_id):
        raise AnswerInvalid(f"{shown(account_id)} is no account")
    return str(account_id)


def _pages(budgets: Any, account_id: str) -> Iterator[dict[str, Any]]:
    pages = budgets.get_paginator("describe_budgets").paginate(
        AccountId=account_id, PaginationConfig={"PageSize": PAGE_SIZE}
    )
    for number, page in enumerate(pages, start=1):
        if number > PAGE_LIMIT:
            raise PaginationError(message=f"there are more than {PAGE_LIMIT} pages")
        headers = page["ResponseMetadata"]["HTTPHeaders"]
        if "Budgets" not in page and "json" not in headers.get("content-type", ""):
            # An account without any has no list at all; nor has the page of a proxy, which botocore takes for one.
            raise AnswerInvalid("it is no JSON")
        yield from page.get("Budgets") or []


def _budget(budget: Mapping[str, Any]) -> dict[str, Any]:
    name = plain_text(budget.get("BudgetName"))
    try:
        period = member(budget, "TimeUnit", str)
        if period not in TIME_UNITS:
            raise AnswerInvalid(f"{shown(period)} is no period of a budget")
        limit, unit = _spend(member(budget, "BudgetLimit", dict))
        if limit.startswith("-"):
            raise AnswerInvalid(f"the amount {shown(limit)} is less than nothing")
        calculated = budget.get("CalculatedSpend") or {}
        actual, forecasted = (_same(calculated.get(key), unit) for key in ("ActualSpend", "ForecastedSpend"))
    except AnswerInvalid as error:
        raise AnswerInvalid(f"budget {shown(name)}: {error}") from error
    updated_at, ends_at = budget.get("LastUpdatedTime"), (budget.get("TimePeriod") or {}).get("End")
    return {
        "name": name,
        "kind": "COST",
        "time_unit": period,
        "unit": unit,
        "limit_amount": limit,
        "actual_amount": actual,
        "forecasted_amount": forecasted,
        # Times come with the offset of whoever asks.
        "updated_at": as_utc(updated_at).isoformat(timespec="seconds") if updated_at else None,
        "ends_at": (
            as_utc(ends_at).isoformat(timespec="seconds")
            if ends_at and as_utc(ends_at).year < ENDLESS_YEAR
            else None
        ),
        "services": sorted(_services(budget)),
    }


def _spend(spend: Mapping[str, Any]) -> tuple[str, str]:
    unit = spend.get("Unit")
    if not isinstance(unit, str) or not _CURRENCY.fullmatch(unit):
        raise AnswerInvalid(f"an amount is in {shown(unit)}, which is no currency")
    return format(parse_amount(spend.get("Amount"), COST_LIMIT), "f"), unit


def _same(spend: Mapping[str, Any] | None, unit: str) -> str | None:
    """An amount beside the limit; None where AWS has none yet."""
    if not spend:
        return None
    amount, its_unit = _spend(spend)
    if its_unit != unit:
        raise AnswerInvalid(f"an amount is in {shown(its_unit)}, and the limit in {unit}")
    return amount


def _services(budget: Mapping[str, Any]) -> set[str]:
    """The services that a budget is limited to, however it is written; empty for all, or where it cannot be said."""
    old = (budget.get("CostFilters") or {}).get("Service") or []
    return {plain_text(name) for name in old} or _limited_to(budget.get("FilterExpression") or {})


def _limited_to(expression: Mapping[str, Any]) -> set[str]:
    dimension = expression.get("Dimensions") or {}
    if dimension.get("Key") == "SERVICE" and set(dimension.get("MatchOptions") or ["EQUALS"]) == {"EQUALS"}:
        return {plain_text(name) for name in dimension.get("Values") or []}
    if expression.get("And"):
        return set().union(*(_limited_to(item) for item in expression["And"]))
    parts = [_limited_to(item) for item in expression.get("Or") or []]
    # "This service, or that tag" lets every service in.
    return set().union(*parts) if all(parts) else set()


def _unusable(code: ExitCode, problem: str) -> DashboardError:
    text = " ".join(problem.split())
    return DashboardError(
        code,
        TITLE,
        cause="The answer of AWS Budgets cannot be used: {problem}",
        next_step="The last good budgets are kept with their date; mend the budget in AWS Budgets, or sync again later",
        locator="AWS Budgets",
        problem=text if len(text) <= 300 else text[:299] + "…",
    )
