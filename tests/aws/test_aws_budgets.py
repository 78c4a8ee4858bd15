"""AWS Budgets over HTTP: the real sample's shape, pages, other currencies, and answers that must not be believed."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from dashboard.aws.aws_budgets import PAGE_LIMIT, BudgetsOutcome, read_budgets
from dashboard.aws.permissions import check_permissions
from dashboard.errors import ExitCode
from dashboard.settings import Settings
from tests.aws.http_stub import Reply, Stub, client_for, running_stub

NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
CALLER = (
    b'<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    b"<Arn>arn:aws:iam::111122223333:user/x</Arn><Account>111122223333</Account></GetCallerIdentityResult>"
    b"</GetCallerIdentityResponse>"
)
S3, GLACIER = "Amazon Simple Storage Service", "Amazon Glacier"


@pytest.fixture(scope="module")
def stub() -> Generator[Stub]:
    with running_stub() as made:
        yield made


def usd(amount: Any, unit: str = "USD") -> dict[str, Any]:
    return {"Amount": amount, "Unit": unit}


def budget(**changes: Any) -> dict[str, Any]:
    """A budget in the shape of a real one; times are seconds since 1970 on the wire."""
    return {
        "BudgetName": "Monthly",
        "BudgetLimit": usd("500.0"),
        "TimeUnit": "MONTHLY",
        "TimePeriod": {"Start": 1780272000, "End": 3706473600},
        "CalculatedSpend": {"ActualSpend": usd("105.107"), "ForecastedSpend": usd("133.053")},
        "BudgetType": "COST",
        "LastUpdatedTime": 1787856849.932,
        "FilterExpression": {"Not": {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Credit", "Refund"]}}},
        "Metrics": ["UnblendedCost"],
    } | changes


def ask(stub: Stub, folder: Path, answer: Callable[[dict[str, Any]], Reply]) -> BudgetsOutcome:
    def reply(method: str, path: str, body: bytes) -> Reply:
        return (200, CALLER) if b"GetCallerIdentity" in body else answer(json.loads(body))

    stub.answer = reply
    stub.requests.clear()
    return read_budgets(client_for("sts", stub.url), client_for("budgets", stub.url), folder, NOW)


def holding(*budgets: dict[str, Any]) -> Callable[[dict[str, Any]], Reply]:
    return lambda question: (200, json.dumps({"Budgets": list(budgets)}).encode())


def kept(folder: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((folder / "budgets.json").read_text("utf-8"))
    return data


def test_a_budget_is_kept_as_decimal_text_with_times_in_utc(stub: Stub, tmp_path: Path) -> None:
    assert ask(stub, tmp_path, holding(budget())) == BudgetsOutcome(1)
    data = kept(tmp_path)
    assert (data["account_id"], data["asked_at"]) == ("111122223333", "2026-11-20T06:30:00+00:00")
    assert data["budgets"] == [
        {
            "name": "Monthly",
            "kind": "COST",
            "time_unit": "MONTHLY",
            "unit": "USD",
            "limit_amount": "500.0",
            "actual_amount": "105.107",
            "forecasted_amount": "133.053",
            "updated_at": "2026-08-27T18:54:09+00:00",
            "ends_at": None,
            "services": [],
        }
    ]
    assert [question["AccountId"] for question in map(json.loads, [stub.requests[-1][2]])] == ["111122223333"]


def test_a_budget_in_yen_one_without_figures_and_one_of_usage(stub: Stub, tmp_path: Path) -> None:
    yen = budget(
        BudgetName="円", BudgetLimit=usd("30000", "JPY"), CalculatedSpend={"ActualSpend": usd("12", "JPY")}
    )
    new = budget(BudgetName="New", CalculatedSpend=None, LastUpdatedTime=None, TimePeriod={"End": 1800000000})
    usage = budget(BudgetName="Bytes", BudgetType="USAGE", BudgetLimit=usd("10", "GB"))
    assert ask(stub, tmp_path, holding(yen, new, usage)).budget_count == 2
    first, second = kept(tmp_path)["budgets"]
    assert (first["name"], first["actual_amount"], first["ends_at"]) == (
        "New",
        None,
        "2027-01-15T08:00:00+00:00",
    )
    assert (second["unit"], second["limit_amount"], second["forecasted_amount"]) == ("JPY", "30000", None)


@pytest.mark.parametrize(
    ("changes", "services"),
    [
        ({"FilterExpression": None, "CostFilters": {"Service": [S3, GLACIER]}}, [GLACIER, S3]),
        ({"FilterExpression": {"Dimensions": {"Key": "SERVICE", "Values": [S3]}}}, [S3]),
        (
            {
                "FilterExpression": {
                    "And": [
                        {"Not": {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Credit"]}}},
                        {"Dimensions": {"Key": "SERVICE", "Values": [S3], "MatchOptions": ["EQUALS"]}},
                    ]
                }
            },
            [S3],
        ),
        ({"FilterExpression": {"Not": {"Dimensions": {"Key": "SERVICE", "Values": [S3]}}}}, []),
        (
            {
                "FilterExpression": {
                    "Or": [
                        {"Dimensions": {"Key": "SERVICE", "Values": [S3]}},
                        {"Tags": {"Key": "k", "Values": ["v"]}},
                    ]
                }
            },
            [],
        ),
        (
            {
                "FilterExpression": {
                    "Dimensions": {"Key": "SERVICE", "Values": ["Amazon"], "MatchOptions": ["STARTS_WITH"]}
                }
            },
            [],
        ),
    ],
)
def test_the_services_that_a_budget_is_limited_to(
    stub: Stub, tmp_path: Path, changes: dict[str, Any], services: list[str]
) -> None:
    assert ask(stub, tmp_path, holding(budget(**changes))).fault is None
    assert kept(tmp_path)["budgets"][0]["services"] == services


def test_every_page_is_read(stub: Stub, tmp_path: Path) -> None:
    def pages(question: dict[str, Any]) -> Reply:
        number = int(question.get("NextToken", "0"))
        body: dict[str, Any] = {"Budgets": [budget(BudgetName=f"B{number}")]}
        return 200, json.dumps(body | ({"NextToken": str(number + 1)} if number < 2 else {})).encode()

    assert ask(stub, tmp_path, pages).budget_count == 3
    assert [item["name"] for item in kept(tmp_path)["budgets"]] == ["B0", "B1", "B2"]


def test_an_account_without_budgets_is_an_answer(stub: Stub, tmp_path: Path) -> None:
    assert ask(stub, tmp_path, lambda question: (200, b"{}")) == BudgetsOutcome(0)
    assert kept(tmp_path)["budgets"] == []


def endless(question: dict[str, Any]) -> Reply:
    token = str(int(question.get("NextToken", "0")) + 1)
    return 200, json.dumps({"Budgets": [], "NextToken": token}).encode()


def same_token(question: dict[str, Any]) -> Reply:
    return 200, json.dumps({"Budgets": [budget()], "NextToken": "again"}).encode()


def refusing(code: str) -> Callable[[dict[str, Any]], Reply]:
    return lambda question: (400, json.dumps({"__type": code, "message": "no"}).encode())


@pytest.mark.parametrize(
    ("answer", "code", "cause"),
    [
        (refusing("AccessDeniedException"), ExitCode.ACCESS_DENIED, "budgets:ViewBudget"),
        (refusing("ThrottlingException"), ExitCode.SOURCE_UNREACHABLE, "too busy"),
        (refusing("ExpiredTokenException"), ExitCode.CREDENTIALS, "expired"),
        (endless, ExitCode.COST_PAGING, f"more than {PAGE_LIMIT} pages"),
        (same_token, ExitCode.COST_PAGING, "token"),
        (holding(budget(BudgetLimit=usd("NaN"))), ExitCode.COST_INVALID, "'Monthly': 'NaN' is no amount"),
        (holding(budget(BudgetLimit=usd("1e30"))), ExitCode.COST_INVALID, "out of bounds"),
        (holding(budget(BudgetLimit=usd("-1"))), ExitCode.COST_INVALID, "less than nothing"),
        (holding(budget(BudgetLimit=usd("1", "GB-Mo"))), ExitCode.COST_INVALID, "no currency"),
        (
            holding(budget(CalculatedSpend={"ActualSpend": usd("1", "JPY")})),
            ExitCode.COST_INVALID,
            "'JPY', and the limit in USD",
        ),
        (holding(budget(BudgetLimit=None)), ExitCode.COST_INVALID, "BudgetLimit is missing"),
        (holding(budget(TimeUnit="FORTNIGHTLY")), ExitCode.COST_INVALID, "no period"),
        (holding(budget(BudgetName="a\nb")), ExitCode.COST_INVALID, "control characters"),
        (lambda question: (200, b"<html>proxy</html>"), ExitCode.COST_INVALID, "no JSON"),
    ],
)
def test_what_cannot_be_used_keeps_the_last_good_file(
    stub: Stub, tmp_path: Path, answer: Callable[[dict[str, Any]], Reply], code: ExitCode, cause: str
) -> None:
    ask(stub, tmp_path, holding(budget()))
    before = kept(tmp_path)
    fault = ask(stub, tmp_path, answer).fault
    assert fault is not None
    assert fault.code is code
    assert cause in str(fault.as_dict())
    assert kept(tmp_path) == before


def answered(reply: Reply, method: str, path: str, body: bytes) -> Reply:
    return (200, CALLER) if b"GetCallerIdentity" in body else reply


def test_the_permission_is_tried_on_the_account_of_the_caller(stub: Stub) -> None:
    settings = Settings.model_validate({"costs": {"enabled": False, "aws_budgets": True}})
    denied = (400, b'{"__type": "AccessDeniedException", "message": "no"}')
    for reply, is_ok in (((200, b"{}"), True), (denied, False)):
        stub.answer = partial(answered, reply)
        (found,) = check_permissions(settings, make_client=lambda aws, service: client_for(service, stub.url))
        assert (found.permission.action, found.is_ok) == ("budgets:ViewBudget", is_ok)
        assert found.resource == "arn:aws:budgets::*:budget/*"
