"""Cost Explorer's forecast over HTTP: what is asked and paid, once a day, and answers that must not be believed."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dashboard.aws.cost_forecast import ForecastOutcome, read_forecast
from dashboard.aws.ledger import Ledger
from dashboard.errors import ExitCode
from dashboard.settings import Costs
from tests.aws.http_stub import Reply, Stub, client_for, running_stub

NOW = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)
S3 = "Amazon Simple Storage Service"


@pytest.fixture(scope="module")
def stub() -> Generator[Stub]:
    with running_stub() as made:
        yield made


def ask(
    stub: Stub, folder: Path, settings: Costs | None = None, now: datetime = NOW, **more: Any
) -> ForecastOutcome:
    stub.requests.clear()
    ledger = Ledger(folder / "requests.jsonl")
    ce = client_for("ce", stub.url, attempts=more.pop("attempts", 1))
    return read_forecast(ce, settings or Costs(), folder / "live", ledger, now, **({"made": 0} | more))


def month(
    start: str, end: str, mean: Any = "12.5", low: Any = "11.25", high: Any = "13.75"
) -> dict[str, Any]:
    band = {"PredictionIntervalLowerBound": low, "PredictionIntervalUpperBound": high}
    return {"TimePeriod": {"Start": start, "End": end}, "MeanValue": mean, **band}


REST = month("2026-11-27", "2026-12-01", "1.5", "1", "2")
DECEMBER = month("2026-12-01", "2027-01-01", "37.10234567890123456", "30", "45")
JANUARY = month("2027-01-01", "2027-02-01")


def telling(*months: dict[str, Any], unit: Any = "USD") -> Reply:
    body = {"Total": {"Amount": "51.1", "Unit": unit}, "ForecastResultsByTime": list(months)}
    return 200, json.dumps(body).encode()


def refusing(code: str, status: int = 400) -> Reply:
    return status, json.dumps({"__type": code, "message": "no"}).encode()


def always(reply: Reply) -> Callable[[str, str, bytes], Reply]:
    return lambda method, path, body: reply


def kept(folder: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((folder / "live" / "cost-forecast.json").read_text("utf-8"))
    return data


def test_whole_months_are_kept_and_the_request_is_paid_for(stub: Stub, tmp_path: Path) -> None:
    stub.answer = always(telling(REST, JANUARY, DECEMBER))
    assert ask(stub, tmp_path) == ForecastOutcome(1)
    (question,) = stub.questions
    assert question == {
        "TimePeriod": {"Start": "2026-11-27", "End": "2027-11-01"},
        "Metric": "UNBLENDED_COST",
        "Granularity": "MONTHLY",
        "Filter": {"Dimensions": {"Key": "SERVICE", "Values": list(Costs().services)}},
        "PredictionIntervalLevel": 80,
    }
    data = kept(tmp_path)
    assert (data["asked_at"], data["is_available"]) == ("2026-11-27T23:30:00+00:00", True)
    assert data["months"] == [
        {"month": "2026-12-01", "mean_usd": "37.1023456789", "low_usd": "30", "high_usd": "45"},
        {"month": "2027-01-01", "mean_usd": "12.5", "low_usd": "11.25", "high_usd": "13.75"},
    ]


def test_it_is_asked_once_a_day_in_utc(stub: Stub, tmp_path: Path) -> None:
    stub.answer = always(telling(JANUARY))
    made = [
        ask(stub, tmp_path, now=now).request_count
        for now in (NOW, NOW + timedelta(minutes=29), NOW + timedelta(minutes=31))
    ]
    assert made == [1, 0, 1]
    assert ask(stub, tmp_path, now=NOW + timedelta(hours=2)).request_count == 0
    assert ask(stub, tmp_path, now=NOW + timedelta(hours=2), force=True).request_count == 1
    other = Costs(services=(S3,))
    assert ask(stub, tmp_path, other, NOW + timedelta(hours=3)).request_count == 1, "about other services"
    assert kept(tmp_path)["services"] == [S3]
    assert ask(stub, tmp_path, Costs(services=()), NOW + timedelta(days=3)).request_count == 0


def test_not_available_yet_is_an_answer(stub: Stub, tmp_path: Path) -> None:
    stub.answer = always(refusing("DataUnavailableException"))
    assert ask(stub, tmp_path) == ForecastOutcome(1)
    assert (kept(tmp_path)["is_available"], kept(tmp_path)["months"]) == (False, [])
    assert Ledger(tmp_path / "requests.jsonl").cost_on(NOW.date()) == Decimal("0.01")
    assert ask(stub, tmp_path).request_count == 0


@pytest.mark.parametrize(
    ("settings", "made", "limit"),
    [
        (Costs(max_requests_per_run=5), 5, "costs.max_requests_per_run"),
        (Costs(max_requests_per_day=3), 0, "costs.max_requests_per_day"),
    ],
)
def test_the_bounds_on_paid_requests_hold(
    stub: Stub, tmp_path: Path, settings: Costs, made: int, limit: str
) -> None:
    ledger = Ledger(tmp_path / "requests.jsonl")
    for _request in range(3):
        ledger.record(NOW, "GetCostAndUsage", Decimal("0.01"), "usage")
    found = ask(stub, tmp_path, settings, made=made)
    assert found.fault is not None
    assert (found.request_count, found.fault.code) == (0, ExitCode.COST_BUDGET)
    assert limit in str(found.fault.as_dict())
    assert stub.requests == []


def test_requests_that_are_sent_again_are_paid_too(stub: Stub, tmp_path: Path) -> None:
    replies = [refusing("ThrottlingException"), telling(JANUARY)]
    stub.answer = lambda method, path, body: replies.pop(0)
    assert ask(stub, tmp_path, attempts=2) == ForecastOutcome(2)
    assert Ledger(tmp_path / "requests.jsonl").count_on(NOW.date()) == 2


@pytest.mark.parametrize(
    ("reply", "code", "cause"),
    [
        (refusing("AccessDeniedException"), ExitCode.COST_DENIED, "ce:GetCostForecast"),
        (refusing("LimitExceededException"), ExitCode.COST_THROTTLED, "too busy"),
        (refusing("ExpiredTokenException"), ExitCode.COST_CREDENTIALS, "expired"),
        (refusing("NewException"), ExitCode.COST_INVALID, "NewException"),
        ((200, b"<html>proxy</html>"), ExitCode.COST_INVALID, "Total is missing"),
        (telling(DECEMBER, unit="JPY"), ExitCode.COST_INVALID, "'JPY' instead of USD"),
        (telling(DECEMBER, unit=None), ExitCode.COST_INVALID, "None instead of USD"),
        (telling(month("2026-12-01", "2027-01-01", "NaN")), ExitCode.COST_INVALID, "'NaN' is no amount"),
        (telling(month("2026-12-01", "2027-01-01", "1e30")), ExitCode.COST_INVALID, "out of bounds"),
        (telling(month("2026-12-01", "2027-01-01", None)), ExitCode.COST_INVALID, "MeanValue is missing"),
        (telling(month("2026-12-01", "2027-01-01", "10")), ExitCode.COST_INVALID, "outside of its band"),
        (telling(DECEMBER, DECEMBER), ExitCode.COST_INVALID, "came twice"),
        (telling(month("2026-12-02", "2027-01-01")), ExitCode.COST_INVALID, "not asked for"),
        (telling(month("2027-12-01", "2028-01-01")), ExitCode.COST_INVALID, "not asked for"),
    ],
)
def test_what_cannot_be_used_keeps_the_last_good_file_and_is_not_asked_again_today(
    stub: Stub, tmp_path: Path, reply: Reply, code: ExitCode, cause: str
) -> None:
    stub.answer = always(telling(JANUARY))
    ask(stub, tmp_path, now=NOW - timedelta(days=1))
    before = kept(tmp_path)
    stub.answer = always(reply)
    fault = ask(stub, tmp_path).fault
    assert fault is not None
    assert fault.code is code
    assert cause in str(fault.as_dict())
    assert "forecast" in fault.title
    assert kept(tmp_path) == before
    assert ask(stub, tmp_path) == ForecastOutcome(0)


def test_a_month_without_a_band_is_kept(stub: Stub, tmp_path: Path) -> None:
    stub.answer = always(telling(month("2026-12-01", "2027-01-01", "10", None, None)))
    ask(stub, tmp_path)
    assert kept(tmp_path)["months"] == [
        {"month": "2026-12-01", "mean_usd": "10", "low_usd": None, "high_usd": None}
    ]
