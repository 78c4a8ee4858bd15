"""The small Cost Explorer of the embedded archive: sums, pages and refusals."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import botocore.exceptions
import pytest

from dashboard.demo.bill import DEEP_ARCHIVE, GLACIER, S3, draw_up, prices
from dashboard.demo.plan import Plan

SERVICES = [S3, GLACIER, DEEP_ARCHIVE]
YEAR = {"Start": "2025-10-01", "End": "2026-12-01"}
BY_USAGE = [{"Type": "DIMENSION", "Key": "USAGE_TYPE"}, {"Type": "DIMENSION", "Key": "OPERATION"}]


def ask(ce: Any, **request: Any) -> list[dict[str, Any]]:
    """Every page's periods; the same period may come again on the next page."""
    request = {
        "Metrics": ["UnblendedCost", "UsageQuantity"],
        "Granularity": "MONTHLY",
        "TimePeriod": YEAR,
    } | request
    found: list[dict[str, Any]] = []
    while True:
        answer = ce.get_cost_and_usage(**request)
        found += answer["ResultsByTime"]
        if not answer.get("NextPageToken"):
            return found
        request["NextPageToken"] = answer["NextPageToken"]


def sums(results: list[dict[str, Any]]) -> dict[str, Decimal]:
    total: dict[str, Decimal] = defaultdict(Decimal)
    for result in results:
        for group in result["Groups"]:
            total[result["TimePeriod"]["Start"][:7]] += Decimal(group["Metrics"]["UnblendedCost"]["Amount"])
    return dict(total)


def totals(plan: Plan, name: str = "total") -> dict[str, Decimal]:
    return {month: Decimal(item[name]) for month, item in plan.expected.costs.items() if name in item}


def test_months_add_up_by_usage_type_and_by_day(ce: Any, plan: Plan) -> None:
    assert sums(ask(ce, GroupBy=BY_USAGE)) == totals(plan)
    assert sums(ask(ce, GroupBy=BY_USAGE, Granularity="DAILY")) == totals(plan)
    assert len(plan.expected.costs) == 14


@pytest.mark.parametrize(
    "group", [("DIMENSION", "LINKED_ACCOUNT"), ("DIMENSION", "SERVICE"), ("TAG", "department")]
)
def test_every_way_of_cutting_gives_the_same_total(ce: Any, plan: Plan, group: tuple[str, str]) -> None:
    kind, key = group
    results = ask(ce, GroupBy=[{"Type": kind, "Key": key}])
    assert sums(results) == totals(plan)
    keys = {group["Keys"][0] for result in results for group in result["Groups"]}
    if kind == "TAG":
        assert keys == {
            "department$",
            "department$photography",
            "department$laboratory",
            "department$radiology",
        }


@pytest.mark.parametrize("service", SERVICES)
def test_a_filter_by_service_gives_that_service(ce: Any, plan: Plan, service: str) -> None:
    wanted = {"Dimensions": {"Key": "SERVICE", "Values": [service]}}
    assert sums(ask(ce, GroupBy=BY_USAGE, Filter=wanted)) == totals(plan, service)


def test_record_types_stand_apart(ce: Any, plan: Plan) -> None:
    for record_type in ("Usage", "Tax", "Credit", "Refund"):
        wanted = {
            "And": [
                {"Dimensions": {"Key": "SERVICE", "Values": SERVICES}},
                {"Dimensions": {"Key": "RECORD_TYPE", "Values": [record_type]}},
            ]
        }
        assert sums(ask(ce, GroupBy=BY_USAGE, Filter=wanted)) == totals(plan, record_type.lower())
    assert all(
        abs(Decimal(month["usage"]) / 10 - Decimal(month["tax"])) < Decimal("1E-8")
        for month in plan.expected.costs.values()
    )


def test_answers_are_paged_and_no_group_comes_twice(ce: Any) -> None:
    request = {
        "TimePeriod": {"Start": "2026-10-01", "End": "2026-11-01"},
        "Granularity": "DAILY",
        "Metrics": ["UnblendedCost"],
        "GroupBy": BY_USAGE,
    }
    first = ce.get_cost_and_usage(**request)
    assert sum(len(item["Groups"]) for item in first["ResultsByTime"]) == 250
    seen = [
        (item["TimePeriod"]["Start"], *group["Keys"])
        for item in ask(ce, **request)
        for group in item["Groups"]
    ]
    assert len(seen) == len(set(seen)) > 250
    with pytest.raises(botocore.exceptions.ClientError, match="RequestChangedException"):
        ce.get_cost_and_usage(**{**request, "Granularity": "MONTHLY"}, NextPageToken=first["NextPageToken"])
    with pytest.raises(botocore.exceptions.ClientError, match="InvalidNextTokenException"):
        ce.get_cost_and_usage(**request, NextPageToken="2")


def test_the_running_month_is_estimated_and_later_days_are_empty(ce: Any) -> None:
    months = {item["TimePeriod"]["Start"]: item["Estimated"] for item in ask(ce, GroupBy=BY_USAGE)}
    assert [month for month, is_estimated in months.items() if is_estimated] == ["2026-11-01"]
    days = ask(
        ce, Granularity="DAILY", TimePeriod={"Start": "2026-11-20", "End": "2026-11-26"}, GroupBy=BY_USAGE
    )
    assert [bool(item["Groups"]) for item in days] == [True] * 4 + [False] * 2
    assert days[-1]["Total"]["UnblendedCost"] == {"Amount": "0", "Unit": "USD"}


def test_without_groups_there_is_a_total(ce: Any, plan: Plan) -> None:
    results = ask(ce)
    found = {
        item["TimePeriod"]["Start"][:7]: Decimal(item["Total"]["UnblendedCost"]["Amount"]) for item in results
    }
    assert found == totals(plan)
    assert results[0]["Total"]["UsageQuantity"]["Unit"] == "N/A"


@pytest.mark.parametrize(
    "change",
    [
        {"TimePeriod": {"Start": "2026-11-01", "End": "2026-11-01"}},
        {"TimePeriod": {"Start": "2025-09-01", "End": "2026-11-01"}},
        {"TimePeriod": {"Start": "2999-01-01", "End": "2999-02-01"}},
        {"Granularity": "HOURLY"},
        {"Metrics": ["Cost"]},
        {"GroupBy": [*BY_USAGE, {"Type": "DIMENSION", "Key": "SERVICE"}]},
        {"GroupBy": [{"Type": "DIMENSION", "Key": "COLOUR"}]},
        {"Filter": {"And": [{"Dimensions": {"Key": "SERVICE", "Values": SERVICES}}]}},
        {"Filter": {"Dimensions": {"Key": "COLOUR", "Values": ["red"]}}},
    ],
)
def test_what_aws_refuses_is_refused(ce: Any, change: dict[str, Any]) -> None:
    with pytest.raises(botocore.exceptions.ClientError, match="ValidationException"):
        ask(ce, **change)


def test_the_archive_can_be_asked_on_a_later_day(ce: Any, plan: Plan) -> None:
    """Whoever came back on the day after found a fault of Cost Explorer in place of a forecast."""
    today = datetime.now(UTC).date()
    assert plan.calendar.now.date() < today
    span = {"Start": str(today), "End": str(today + timedelta(days=40))}
    found = ce.get_cost_forecast(TimePeriod=span, Metric="UNBLENDED_COST", Granularity="MONTHLY")
    assert Decimal(found["Total"]["Amount"]) > 0
    assert sums(ask(ce, TimePeriod=span, GroupBy=BY_USAGE)) == {}


def test_storage_cost_follows_from_objects_and_prices(plan: Plan) -> None:
    """One day of One Zone-IA, counted again from the objects alone."""
    day = date(2026, 10, 7)
    bill = draw_up(plan)
    billed = sum(
        line.cost_usd
        for line in bill.lines
        if line.billed_on == day and line.usage_type == "APN1-TimedStorage-ZIA-ByteHrs"
    )
    held = 0
    for item in plan.objects:
        for number, stay in enumerate(item.stays):
            if stay.storage_class == "ONEZONE_IA":
                later = item.stays[number + 1].start.date() if number + 1 < len(item.stays) else date.max
                gone = item.removed_at.date() if item.removed_at else date.max
                held += item.size_bytes * (stay.start.date() <= day < min(later, gone))
    assert held > 0
    wanted = Decimal(held) / 2**30 / 31 * prices()["storage.ONEZONE_IA"].usd
    assert abs(billed - wanted) < Decimal("1E-9")
    assert day + timedelta(days=1) in {line.billed_on for line in bill.lines}


def test_every_kind_of_cost_occurs(plan: Plan) -> None:
    usage_types = {line.usage_type for line in draw_up(plan).lines}
    for name in (
        "TimedStorage-ByteHrs", "TimedStorage-INT-DAA-ByteHrs", "Requests-Tier1", "Requests-Tier3", "Requests-Tier4",
        "Retrieval-SIA", "Standard-Retrieval-Bytes", "EarlyDelete-ByteHrs", "DataTransfer-Out-Bytes",
        "Monitoring-Automation-INT", "Inventory-ObjectsListed",
    ):  # fmt: skip
        assert f"APN1-{name}" in usage_types
    assert all(
        line.usage_type == "NoUsageType" or line.usage_type.startswith("APN1-")
        for line in draw_up(plan).lines
    )
