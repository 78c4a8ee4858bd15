"""Costs end to end: boto3 against a stub of Cost Explorer, files on a real disk. All bills here are synthetic."""

from __future__ import annotations

import json
from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dashboard.aws.costs import CostsOutcome, sync_costs
from dashboard.aws.ledger import Ledger
from dashboard.domain.progress import Silent
from dashboard.errors import ExitCode
from dashboard.settings import Costs
from tests.aws.cost_explorer import Bill, asked_for
from tests.aws.http_stub import Stub, client_for, running_stub

NOW = datetime(2026, 10, 20, 6, 30, tzinfo=UTC)
SERVICES = Costs().services
SMALL = Costs(months=3, daily_days=0, services=SERVICES[:1])


@pytest.fixture(scope="module")
def server() -> Generator[tuple[Stub, Any]]:
    with running_stub() as stub:
        yield stub, client_for("ce", stub.url)


@dataclass
class Desk:
    """A folder of bills, a ledger and a Cost Explorer to ask."""

    folder: Path
    stub: Stub
    ce: Any
    bill: Bill

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.folder / "requests.jsonl")

    @property
    def bills(self) -> Path:
        return self.folder / "bills"

    def sync(self, settings: Costs = SMALL, now: datetime = NOW, force: bool = False) -> CostsOutcome:
        self.stub.requests.clear()
        return sync_costs(self.ce, settings, self.bills, self.ledger, Silent(), now, force)

    def read(self, name: str) -> dict[str, Any]:
        data: dict[str, Any] = json.loads((self.bills / name).read_text("utf-8"))
        return data

    def names(self) -> list[str]:
        return sorted(file.name for file in self.bills.iterdir())


@pytest.fixture
def desk(server: tuple[Stub, Any], tmp_path: Path) -> Desk:
    stub, ce = server
    bill = Bill()
    stub.answer = bill
    return Desk(tmp_path, stub, ce, bill)


def test_each_service_is_asked_once_for_all_missing_months(desk: Desk) -> None:
    outcome = desk.sync(Costs(months=14, daily_days=0))
    assert outcome.fault is None
    assert outcome.request_count == len(desk.stub.questions) == 4
    first = desk.stub.questions[0]
    assert first["TimePeriod"] == {"Start": "2025-09-01", "End": "2026-11-01"}
    assert first["Metrics"] == ["UnblendedCost", "UsageQuantity"]
    assert [group["Key"] for group in first["GroupBy"]] == ["USAGE_TYPE", "OPERATION"]
    assert [asked_for(question) for question in desk.stub.questions] == [
        *(([service], "usage") for service in SERVICES),
        (list(SERVICES), "others"),
    ]
    assert [group["Key"] for group in desk.stub.questions[3]["GroupBy"]] == ["SERVICE", "RECORD_TYPE"]
    assert len(desk.names()) == 14
    september = desk.read("usage-monthly-2026-09.json")
    assert {line["service"] for line in september["lines"]} == set(SERVICES)
    assert not september["is_estimated"]
    assert september["request_count"] == 4
    assert {line["service"] for line in desk.read("usage-monthly-2026-08.json")["lines"]} == {SERVICES[0]}
    assert desk.read("usage-monthly-2026-10.json")["is_estimated"]


def test_the_total_is_the_exact_sum_of_the_lines(desk: Desk) -> None:
    desk.sync(Costs(months=3, daily_days=0))
    for name in desk.names():
        bill = desk.read(name)
        assert Decimal(bill["total_usd"]) == sum(Decimal(line["cost_usd"]) for line in bill["lines"])
    line = desk.read("usage-monthly-2026-09.json")["lines"][-1]
    assert line == {
        "start": "2026-09-01",
        "end": "2026-10-01",
        "service": "Amazon Simple Storage Service",
        "usage_type": "APN1-TimedStorage-ByteHrs",
        "operation": "StandardStorage",
        "tag_value": "",
        "account_id": "",
        "record_type": "Usage",
        "cost_usd": "9.1294931175",
        "unit": "USD",
        "usage_amount": "9312771.098461578",
        "usage_unit": "GB-Month",
        "is_estimated": False,
    }


def test_days_are_asked_month_by_month_up_to_today(desk: Desk) -> None:
    outcome = desk.sync(Costs(months=1, daily_days=62, services=SERVICES[:1]))
    assert outcome.fault is None
    asked = [question["TimePeriod"] for question in desk.stub.questions if question["Granularity"] == "DAILY"]
    assert asked[::2] == asked[1::2]
    assert asked[::2] == [
        {"Start": "2026-10-01", "End": "2026-10-21"},
        {"Start": "2026-09-01", "End": "2026-10-01"},
        {"Start": "2026-08-01", "End": "2026-09-01"},
    ]
    october = desk.read("usage-daily-2026-10.json")
    assert len({line["start"] for line in october["lines"]}) == 20
    assert october["missing"] == []


def test_tags_and_accounts_are_asked_over_all_services(desk: Desk) -> None:
    settings = Costs(months=1, daily_days=0, tags=("adl:run-id", "adl:run_id"), by_account=True)
    outcome = desk.sync(settings)
    assert outcome.fault is None
    assert [asked_for(question) for question in desk.stub.questions[4:]] == [(list(SERVICES), "all")] * 3
    tags = [desk.read(name) for name in desk.names() if name.startswith("tag_")]
    assert sorted(bill["breakdown"] for bill in tags) == ["tag:adl:run-id", "tag:adl:run_id"]
    assert [line["tag_value"] for line in tags[0]["lines"]] == ["", "ward$7", "外来"]
    assert tags[0]["lines"][0]["usage_amount"] is None
    accounts = desk.read("account-monthly-2026-10.json")["lines"]
    assert [line["account_id"] for line in accounts] == ["111122223333", "444455556666"]


def test_tax_credits_and_refunds_stand_apart_from_the_usage_they_pay_for(desk: Desk) -> None:
    desk.bill.records = ["Credit", "Refund", "Tax"]
    assert desk.sync().fault is None
    lines = desk.read("usage-monthly-2026-09.json")["lines"]
    assert [(line["record_type"], line["usage_type"] == "") for line in lines] == [
        ("Credit", True),
        ("Refund", True),
        ("Tax", True),
        ("Usage", False),
        ("Usage", False),
    ]


def test_a_month_asked_before_records_were_told_apart_is_asked_again_and_is_no_restatement(
    desk: Desk,
) -> None:
    desk.sync()
    for name in desk.names():
        former = desk.read(name)
        del former["has_records"]
        former["lines"] = former["lines"][:1]
        (desk.bills / name).write_text(json.dumps(former))
    outcome = desk.sync(now=NOW + timedelta(minutes=5))
    assert outcome.request_count == 2
    assert outcome.restatements == ()
    assert not [name for name in desk.names() if name.startswith("restated")]


def test_a_tag_never_names_a_path(desk: Desk) -> None:
    desk.sync(Costs(months=1, daily_days=0, tags=("../../evil", "a/b", "A/B"), services=SERVICES[:1]))
    assert len(desk.names()) == 4
    assert {file.name for file in desk.folder.iterdir()} == {"bills", "requests.jsonl"}


def test_closed_months_are_not_asked_again(desk: Desk) -> None:
    assert desk.sync().request_count == 2
    later = desk.sync(now=NOW + timedelta(hours=9))
    assert later.asked_periods == ("usage MONTHLY 2026-10",)
    assert later.closed_periods == ("usage MONTHLY 2026-08", "usage MONTHLY 2026-09")
    assert desk.stub.questions[0]["TimePeriod"] == {"Start": "2026-10-01", "End": "2026-11-01"}


def test_a_month_is_not_closed_in_its_first_days_after_the_end(desk: Desk) -> None:
    soon = datetime(2026, 10, 4, tzinfo=UTC)
    desk.sync(now=soon)
    assert desk.sync(now=soon + timedelta(days=3)).asked_periods == (
        "usage MONTHLY 2026-09",
        "usage MONTHLY 2026-10",
    )


def test_nothing_is_asked_again_within_the_refresh_hours_unless_forced(desk: Desk) -> None:
    desk.sync()
    again = desk.sync(now=NOW + timedelta(hours=7))
    assert again.request_count == 0
    assert again.fresh_periods == ("usage MONTHLY 2026-10",)
    forced = desk.sync(now=NOW + timedelta(hours=7), force=True)
    assert forced.asked_periods == (
        "usage MONTHLY 2026-08",
        "usage MONTHLY 2026-09",
        "usage MONTHLY 2026-10",
    )


def test_a_new_service_in_the_settings_is_asked_for_closed_months_too(desk: Desk) -> None:
    desk.sync()
    outcome = desk.sync(SMALL.model_copy(update={"services": SERVICES}), now=NOW + timedelta(hours=1))
    assert outcome.request_count == 4
    assert outcome.restatements == ()
    assert len(desk.read("usage-monthly-2026-09.json")["lines"]) == 4


def test_a_damaged_file_is_asked_again(desk: Desk) -> None:
    desk.sync()
    (desk.bills / "usage-monthly-2026-08.json").write_text('{"lines": [', "utf-8")
    assert desk.sync().asked_periods == ("usage MONTHLY 2026-08",)


def test_row_45_a_billing_month_is_that_of_utc(desk: Desk) -> None:
    tokyo = timezone(timedelta(hours=9))
    desk.sync(now=datetime(2026, 10, 1, 0, 30, tzinfo=tokyo))  # 2026-09-30T15:30Z
    assert desk.names()[-1] == "usage-monthly-2026-09.json"
    assert desk.stub.questions[0]["TimePeriod"]["End"] == "2026-10-01"
    with pytest.raises(ValueError, match="zone"):
        desk.sync(now=datetime(2026, 10, 1, 0, 30))


def test_row_47_an_estimate_becomes_final_and_a_closed_month_is_kept(desk: Desk) -> None:
    desk.sync()
    before = desk.read("usage-monthly-2026-09.json")
    desk.bill.factor = 2
    desk.bill.final_before = datetime(2026, 11, 1, tzinfo=UTC).date()
    outcome = desk.sync(now=datetime(2026, 11, 10, tzinfo=UTC), force=True)
    assert [item.period for item in outcome.restatements] == ["2026-09"]
    assert outcome.restatements[0].former_usd == Decimal(before["total_usd"])
    kept = desk.read("restated-usage-monthly-2026-09-2026-10-20T06-30-00Z.json")
    assert kept == before
    assert desk.read("usage-monthly-2026-09.json")["total_usd"] == "38.2589862350"
    # October was an estimate: it is final now, and nothing of it is kept.
    assert not desk.read("usage-monthly-2026-10.json")["is_estimated"]
    assert [name for name in desk.names() if name.startswith("restated")] == [
        "restated-usage-monthly-2026-09-2026-10-20T06-30-00Z.json"
    ]


def test_row_47_a_month_that_says_the_same_again_is_no_restatement(desk: Desk) -> None:
    desk.sync()
    assert desk.sync(force=True).restatements == ()
    assert not [name for name in desk.names() if name.startswith("restated")]


def test_row_48_pages_are_followed_to_their_end(desk: Desk) -> None:
    desk.bill.page_size = 1
    outcome = desk.sync()
    assert outcome.fault is None
    assert outcome.request_count == 6
    pages = [question.get("NextPageToken") for question in desk.stub.questions]
    assert pages == [None, "page-1", "page-2"] * 2
    assert len(desk.names()) == 3


def test_row_48_an_empty_page_is_passed(desk: Desk) -> None:
    def answer(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        if b"NextPageToken" in body:
            return desk.bill(method, path, body.replace(b"empty", b"page-0"))
        return 200, b'{"ResultsByTime": [], "NextPageToken": "empty"}'

    desk.stub.answer = answer
    assert desk.sync().fault is None
    assert len(desk.names()) == 3


@pytest.mark.parametrize("is_same", [True, False])
def test_row_48_endless_pages_are_cut(desk: Desk, is_same: bool) -> None:
    desk.sync()
    before = {name: desk.read(name) for name in desk.names()}

    def endless(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        token = "again" if is_same else f"page {len(desk.stub.requests)}"
        return 200, json.dumps({"ResultsByTime": [], "NextPageToken": token}).encode()

    desk.stub.answer = endless
    settings = SMALL.model_copy(update={"max_requests_per_run": 500, "max_requests_per_day": 500})
    outcome = desk.sync(settings, force=True)
    assert outcome.fault is not None
    assert outcome.fault.code is ExitCode.COST_PAGING
    assert outcome.request_count == (2 if is_same else 200)
    assert {name: desk.read(name) for name in desk.names()} == before


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, "LimitExceededException", ExitCode.COST_THROTTLED),
        (400, "ThrottlingException", ExitCode.COST_THROTTLED),
        (429, "TooManyRequestsException", ExitCode.COST_THROTTLED),
        (500, "InternalFailure", ExitCode.COST_THROTTLED),
        (503, "ServiceUnavailable", ExitCode.COST_THROTTLED),
        (400, "ExpiredTokenException", ExitCode.COST_CREDENTIALS),
        (403, "ExpiredToken", ExitCode.COST_CREDENTIALS),
        (400, "UnrecognizedClientException", ExitCode.COST_CREDENTIALS),
        (400, "AccessDeniedException", ExitCode.COST_DENIED),
        (403, "AccessDenied", ExitCode.COST_DENIED),
        (400, "RequestChangedException", ExitCode.COST_PAGING),
        (400, "DataUnavailableException", ExitCode.COST_INVALID),
        (400, "ValidationException", ExitCode.COST_INVALID),
        (404, "NotFound", ExitCode.COST_INVALID),
    ],
)
def test_row_49_51_a_fault_is_an_outcome_and_the_last_costs_stay(
    desk: Desk, status: int, code: str, expected: ExitCode
) -> None:
    desk.sync()
    before = {name: desk.read(name) for name in desk.names()}
    desk.stub.answer = lambda method, path, body: (
        status,
        json.dumps({"__type": f"com.amazon#{code}", "message": "No {braces} help"}).encode(),
    )
    outcome = desk.sync(now=NOW + timedelta(days=1))
    assert outcome.fault is not None
    assert outcome.fault.code is expected
    assert "usage MONTHLY 2026-10" in outcome.fault.locator
    assert all((outcome.fault.title, outcome.fault.cause, outcome.fault.next_step))
    assert outcome.asked_periods == ()
    assert {name: desk.read(name) for name in desk.names()} == before
    assert ("switches it on" in outcome.fault.next_step) is (code == "DataUnavailableException")


def test_row_49_no_answer_at_all(desk: Desk, tmp_path: Path) -> None:
    nobody = client_for("ce", "http://127.0.0.1:9")
    outcome = sync_costs(nobody, SMALL, desk.bills, desk.ledger, Silent(), NOW)
    assert outcome.fault is not None
    assert outcome.fault.code is ExitCode.SOURCE_UNREACHABLE
    assert outcome.request_count == 1


def test_row_49_what_came_before_the_fault_is_kept(desk: Desk) -> None:
    def answer(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        if b"DAILY" in body:
            return 400, b'{"__type": "ThrottlingException"}'
        return desk.bill(method, path, body)

    desk.stub.answer = answer
    outcome = desk.sync(SMALL.model_copy(update={"daily_days": 5}))
    assert outcome.fault is not None
    assert len(desk.names()) == 3
    desk.stub.answer = desk.bill
    again = desk.sync(SMALL.model_copy(update={"daily_days": 5}), now=NOW + timedelta(minutes=5))
    assert again.asked_periods == ("usage DAILY 2026-10",)


def test_row_52_the_budget_of_a_run_is_held(desk: Desk) -> None:
    settings = Costs(months=3, daily_days=62, max_requests_per_run=9)
    outcome = desk.sync(settings)
    assert outcome.fault is not None
    assert outcome.fault.code is ExitCode.COST_BUDGET
    # Three services and the rest by month, four for this month's days; a third round of four could not be finished.
    assert outcome.request_count == len(desk.stub.requests) == 8
    assert "What was brought is kept" in outcome.fault.next_step
    assert desk.names()[0] == "usage-daily-2026-10.json"
    rest = desk.sync(settings, now=NOW + timedelta(minutes=1))
    assert rest.fault is None
    assert rest.asked_periods == ("usage DAILY 2026-09", "usage DAILY 2026-08")


def test_row_52_the_budget_of_a_day_is_held_over_runs_and_ends_with_the_utc_day(desk: Desk) -> None:
    settings = SMALL.model_copy(update={"max_requests_per_day": 4})
    assert desk.sync(settings, force=True).fault is None
    assert desk.sync(settings, force=True).fault is None
    third = desk.sync(settings, force=True)
    assert third.fault is not None
    assert third.fault.code is ExitCode.COST_BUDGET
    assert desk.stub.requests == []
    assert desk.sync(settings, now=NOW + timedelta(days=1), force=True).fault is None


def test_row_52_pages_count_against_the_budget(desk: Desk) -> None:
    desk.bill.page_size = 1
    outcome = desk.sync(SMALL.model_copy(update={"max_requests_per_run": 2}))
    assert outcome.fault is not None
    assert outcome.fault.code is ExitCode.COST_BUDGET
    assert outcome.request_count == len(desk.stub.requests) == 2
    assert not desk.bills.exists()
    # Nothing is kept of it, so "the rest next time" would be a promise that costs the same each time.
    assert "Raise costs.max_requests_per_run: this answer has more pages than 2" in outcome.fault.next_step


def test_row_52_requests_that_boto3_repeats_are_counted(desk: Desk) -> None:
    def busy_once(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        if len(desk.stub.requests) == 1:
            return 503, b"busy"
        return desk.bill(method, path, body)

    desk.stub.answer = busy_once
    patient = client_for("ce", desk.stub.url, attempts=2)
    desk.stub.requests.clear()
    outcome = sync_costs(patient, SMALL, desk.bills, desk.ledger, Silent(), NOW)
    assert outcome.fault is None
    assert outcome.request_count == len(desk.stub.requests) == desk.ledger.count_on(NOW.date()) == 3
    assert outcome.cost_usd == Decimal("0.03")


def test_row_52_a_request_that_cannot_be_written_down_is_not_sent(desk: Desk, tmp_path: Path) -> None:
    (desk.folder / "requests.jsonl").mkdir()
    with pytest.raises(OSError, match=r"requests\.jsonl"):
        desk.sync()
    assert desk.stub.requests == []


def test_a_running_month_is_estimated_whatever_the_answer_says(desk: Desk) -> None:
    desk.bill.final_before = datetime(2027, 1, 1, tzinfo=UTC).date()
    desk.sync(SMALL.model_copy(update={"daily_days": 20}))
    month = desk.read("usage-monthly-2026-10.json")
    assert month["is_estimated"]
    assert all(line["is_estimated"] for line in month["lines"])
    days = desk.read("usage-daily-2026-10.json")
    assert days["is_estimated"]
    assert {line["start"] for line in days["lines"] if line["is_estimated"]} == {"2026-10-20"}


def test_a_month_the_answer_left_out_is_asked_again(desk: Desk) -> None:
    def forgetful(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        results = desk.bill.results(json.loads(body))
        return 200, json.dumps({"ResultsByTime": [item for item in results if item["Estimated"]]}).encode()

    desk.stub.answer = forgetful
    assert desk.sync().fault is None
    august = desk.read("usage-monthly-2026-08.json")
    assert (august["missing"], august["lines"]) == (["2026-08-01"], [])
    desk.stub.answer = desk.bill
    again = desk.sync(now=NOW + timedelta(days=1))
    assert "usage MONTHLY 2026-08" in again.asked_periods
    assert desk.read("usage-monthly-2026-08.json")["missing"] == []


def test_nothing_is_asked_where_costs_are_off(desk: Desk) -> None:
    for settings in (Costs(enabled=False), Costs(services=())):
        assert desk.sync(settings).request_count == 0
    assert desk.stub.requests == []


def test_no_half_written_file_is_left(desk: Desk) -> None:
    desk.sync()
    assert not [file for file in desk.bills.iterdir() if file.name.startswith(".")]
