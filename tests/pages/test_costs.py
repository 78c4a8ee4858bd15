"""The Costs page: its queries on a small synthetic bill, added up by hand to the cent; the page in both languages."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pypdfium2
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.domain.known_actions import Acted
from dashboard.operate import runs
from dashboard.report.monthly import monthly
from dashboard.settings import Budget
from dashboard.ui import cost_devices, cost_report, exports, labels, source
from dashboard.warehouse.query import page_queries
from tests.ui.synthetic_warehouse import SyntheticWarehouse, settings

PAGE = Path(__file__).resolve().parents[2] / "pages" / "observe" / "costs.py"

LINE = "service VARCHAR, usage_type VARCHAR, operation VARCHAR, category VARCHAR, storage_class VARCHAR"
MONEY = "cost_usd DECIMAL(38, 10), usage_amount DECIMAL(38, 10), usage_unit VARCHAR, is_estimated BOOLEAN"
S3, GLACIER = "Amazon Simple Storage Service", "Amazon Glacier"
KEEP = (S3, "APN1-TimedStorage-ByteHrs", "StandardStorage", "storage", "STANDARD")
COLD = (GLACIER, "APN1-TimedStorage-ByteHrs", "Storage", "storage", "GLACIER")
PUT = (S3, "APN1-Requests-Tier1", "PutObject", "requests", "STANDARD")
TAX = (S3, "NoUsageType", "Tax", "tax", "")
CREDIT = (S3, "NoUsageType", "Credit", "credit", "")
GB, REQUESTS, NONE = "GB-Mo", "Requests", "N/A"

MONTHS = [
    ("2026-09-01", *KEEP, "10.0000000001", "400", GB, False),
    ("2026-09-01", *TAX, "1.00", "0", NONE, False),
    ("2026-10-01", *KEEP, "12.005", "480", GB, False),
    ("2026-10-01", *COLD, "3.3333333333", "740.7407407333", GB, False),
    ("2026-10-01", *PUT, "0.0000094", "2", REQUESTS, False),
    ("2026-10-01", *TAX, "1.53", "0", NONE, False),
    ("2026-10-01", *CREDIT, "-2.50", "0", NONE, False),
    ("2026-11-01", *KEEP, "6.10", "244", GB, True),
    ("2026-11-01", *TAX, "0.61", "0", NONE, True),
]
DAYS = [
    *((f"2026-10-{day:02}", *KEEP, "0.40", "16", GB, False) for day in range(1, 32)),
    ("2026-10-01", *TAX, "1.53", "0", NONE, False),
    ("2026-10-05", *CREDIT, "-2.50", "0", NONE, False),
    *((f"2026-11-{day:02}", *KEEP, "0.50", "20", GB, True) for day in range(1, 4)),
    ("2026-11-04", *KEEP, "0.07", "3", GB, True),
    ("2026-11-01", *TAX, "0.61", "0", NONE, True),
]


@pytest.fixture(name="bill")
def _bill() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        connection.execute("CREATE SCHEMA marts")
        connection.execute(f"CREATE TABLE marts.cost_months (month DATE, {LINE}, {MONEY})")
        connection.execute(f"CREATE TABLE marts.cost_days (billed_on DATE, {LINE}, {MONEY})")
        connection.execute(
            "CREATE TABLE marts.cost_tags (month DATE, tag_key VARCHAR, tag_value VARCHAR, "
            "cost_usd DECIMAL(38, 10), is_estimated BOOLEAN)"
        )
        connection.execute(
            "CREATE TABLE marts.cost_accounts (month DATE, account_id VARCHAR, cost_usd DECIMAL(38, 10), "
            "is_estimated BOOLEAN)"
        )
        connection.execute(
            "CREATE TABLE marts.cost_looking (month DATE, looked_with VARCHAR, cost_usd DECIMAL(38, 10), "
            "request_count BIGINT, is_in_bill BOOLEAN)"
        )
        connection.execute(
            "CREATE TABLE marts.cost_shares (month DATE, category VARCHAR, storage_class VARCHAR, part VARCHAR, "
            "device_id VARCHAR, basis VARCHAR, cost_usd DECIMAL(38, 10), is_estimated BOOLEAN)"
        )
        connection.execute(
            "CREATE TABLE marts.cost_anomalies (first_on DATE, last_on DATE, day_count BIGINT, category VARCHAR, "
            "storage_class VARCHAR, service VARCHAR, usage_type VARCHAR, operation VARCHAR, cost_usd DECIMAL(38, 10), "
            "expected_usd DECIMAL(38, 10), difference_usd DECIMAL(38, 10), bucket VARCHAR, device_id VARCHAR)"
        )
        connection.execute(
            "CREATE TABLE marts.storage_days (month DATE, device_id VARCHAR, kind VARCHAR, storage_class VARCHAR, "
            "access_tier VARCHAR, byte_days DECIMAL(38, 0), object_days BIGINT, day_count BIGINT)"
        )
        connection.execute("CREATE TABLE marts.label_coverage (device_id VARCHAR, labelled_count BIGINT)")
        connection.execute(
            "CREATE TABLE marts.cost_labels (month DATE, name VARCHAR, value VARCHAR, part VARCHAR, device_id VARCHAR, "
            "storage_class VARCHAR, category VARCHAR, cost_usd DECIMAL(38, 10))"
        )
        connection.execute(
            "CREATE TABLE marts.label_values (device_id VARCHAR, storage_class VARCHAR, name VARCHAR, value VARCHAR, "
            "is_required BOOLEAN, is_allowed BOOLEAN, image_count BIGINT, size_bytes BIGINT)"
        )
        connection.execute(
            "CREATE TABLE marts.aws_budgets (name VARCHAR, budget_period VARCHAR, unit VARCHAR, "
            "limit_amount DECIMAL(38, 10), actual_amount DECIMAL(38, 10), forecasted_amount DECIMAL(38, 10), "
            "as_of TIMESTAMP, services VARCHAR[])"
        )
        connection.execute(
            "CREATE TABLE marts.cost_forecast (month DATE, mean_usd DECIMAL(38, 10), low_usd DECIMAL(38, 10), "
            "high_usd DECIMAL(38, 10), asked_at TIMESTAMP, is_available BOOLEAN)"
        )
        connection.execute(
            "CREATE TABLE marts.exchange_rates (month DATE, jpy_per_usd DECIMAL(12, 6), kind VARCHAR, "
            "dated_on DATE, source VARCHAR)"
        )
        connection.execute(
            "CREATE TABLE marts.cost_buckets (month DATE, bucket VARCHAR, cost_usd DECIMAL(38, 10), "
            "is_estimated BOOLEAN)"
        )
        connection.execute(
            "CREATE TABLE marts.cost_statements (month DATE, source VARCHAR, stated_at TIMESTAMP, "
            "estimated_usd DECIMAL(38, 10), final_usd DECIMAL(38, 10), is_current BOOLEAN, former_usd DECIMAL(38, 10), "
            "difference_usd DECIMAL(38, 10))"
        )
        yield connection


def fill(connection: duckdb.DuckDBPyConnection, table: str, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        marks = ", ".join("?" for _value in rows[0])
        connection.executemany(f"INSERT INTO marts.{table} VALUES ({marks})", rows)


def ask(connection: duckdb.DuckDBPyConnection, name: str, **params: Any) -> list[dict[str, Any]]:
    query = page_queries()[name]
    cursor = connection.execute(query.sql, {key: params.get(key) for key in query.params})
    return [dict(zip(query.columns, row, strict=True)) for row in cursor.fetchall()]


def whole(connection: duckdb.DuckDBPyConnection) -> None:
    fill(connection, "cost_months", MONTHS)
    fill(connection, "cost_days", DAYS)


def test_figures_are_exact(bill: duckdb.DuckDBPyConnection) -> None:
    whole(bill)
    november, october = "2026-11-01", "2026-10-01"
    fill(
        bill,
        "cost_looking",
        [
            (november, "inventory_reports", "0.0000000003", None, True),
            (november, "cost_explorer", "0.23", 23, False),
            (october, "cost_explorer", "9", 900, False),
        ],
    )
    [row] = ask(bill, "costs.figures")
    assert (row["month"], row["cost_usd"], row["is_estimated"]) == (
        dt.date(2026, 11, 1),
        Decimal("6.71"),
        True,
    )
    assert row["last_cost_usd"] == Decimal("14.3683427333")
    assert row["last_cost_usd_before"] == Decimal("11.0000000001")
    assert row["is_last_estimated"] is False
    assert (row["request_count"], row["looking_usd"]) == (23, Decimal("0.2300000003"))
    assert [item["looked_with"] for item in ask(bill, "costs.looking")] == [
        "cost_explorer",
        "inventory_reports",
    ]
    assert [item["cost_usd"] for item in ask(bill, "costs.looking", month="2026-10")] == [Decimal(9)]


def test_same_days_are_compared_without_the_growing_day_tax_and_credits(
    bill: duckdb.DuckDBPyConnection,
) -> None:
    whole(bill)
    [row] = ask(bill, "costs.figures")
    assert row["compared_until"] == dt.date(2026, 11, 3)
    assert (row["days_cost_usd"], row["days_cost_usd_before"]) == (Decimal("1.50"), Decimal("1.20"))


def test_days_of_a_long_month_are_not_compared_with_a_short_one(bill: duckdb.DuckDBPyConnection) -> None:
    fill(bill, "cost_months", [("2026-03-01", *KEEP, "31", "1", GB, True)])
    fill(bill, "cost_days", [(f"2026-02-{day:02}", *KEEP, "1", "1", GB, False) for day in range(1, 29)])
    fill(bill, "cost_days", [(f"2026-03-{day:02}", *KEEP, "2", "1", GB, True) for day in range(1, 32)])
    [row] = ask(bill, "costs.figures")
    assert row["compared_until"] == dt.date(2026, 3, 28)
    assert (row["days_cost_usd"], row["days_cost_usd_before"]) == (Decimal(56), Decimal(28))


@pytest.mark.parametrize(
    "days",
    [
        [],
        [row for row in DAYS if row[0] >= "2026-10-02"],
        [row for row in DAYS if row[0] <= "2026-11-01"],
        [row for row in DAYS if row[0] < "2026-11-01"],
        [row for row in DAYS if row[0] != "2026-11-02"],
        [row for row in DAYS if row[0] != "2026-10-02"],
    ],
    ids=[
        "no days",
        "month before incomplete",
        "only the growing day",
        "no day of this month",
        "a day is missing",
        "a day of the month before is missing",
    ],
)
def test_nothing_is_compared_that_is_not_complete(
    bill: duckdb.DuckDBPyConnection, days: list[tuple[Any, ...]]
) -> None:
    fill(bill, "cost_months", MONTHS)
    fill(bill, "cost_days", days)
    [row] = ask(bill, "costs.figures")
    assert (row["days_cost_usd"], row["days_cost_usd_before"], row["compared_until"]) == (None, None, None)


def test_there_is_one_row_of_figures_without_a_bill(bill: duckdb.DuckDBPyConnection) -> None:
    [row] = ask(bill, "costs.figures")
    assert (row["month"], row["cost_usd"], row["is_estimated"], row["cost_jpy"]) == (None, None, False, None)
    assert ask(bill, "costs.fiscal_years") == []


@pytest.mark.parametrize(
    ("name", "column"),
    [("months_by_class", "cost_class"), ("months_by_category", "category"), ("months_by_service", "service")],
)
def test_every_cut_adds_up_to_the_month(bill: duckdb.DuckDBPyConnection, name: str, column: str) -> None:
    whole(bill)
    months = {row["month"]: row["cost_usd"] for row in ask(bill, "costs.months")}
    rows = ask(bill, f"costs.{name}")
    assert months == {
        month: sum(row["cost_usd"] for row in rows if row["month"] == month) for month in months
    }
    assert len({(row["month"], row[column]) for row in rows}) == len(rows)
    assert {row["is_estimated"] for row in rows if row["month"] == dt.date(2026, 11, 1)} == {True}


def test_what_belongs_to_no_class_is_a_row(bill: duckdb.DuckDBPyConnection) -> None:
    whole(bill)
    october = {
        r["cost_class"]: r["cost_usd"] for r in ask(bill, "costs.months_by_class") if r["month"].month == 10
    }
    assert october == {
        "": Decimal("-0.97"),
        "GLACIER": Decimal("3.3333333333"),
        "STANDARD": Decimal("12.0050094"),
    }


def test_months_are_newest_first(bill: duckdb.DuckDBPyConnection) -> None:
    whole(bill)
    assert [row["month_code"] for row in ask(bill, "costs.months")] == ["2026-11", "2026-10", "2026-09"]


def test_days_are_those_of_two_months(bill: duckdb.DuckDBPyConnection) -> None:
    whole(bill)
    fill(bill, "cost_days", [("2026-09-30", *KEEP, "9", "1", GB, False)])
    rows = ask(bill, "costs.days")
    assert min(row["billed_on"] for row in rows) == dt.date(2026, 10, 1)
    assert sum(row["cost_usd"] for row in rows) == Decimal("13.61")
    tax = ask(bill, "costs.days", categories=["tax"])
    assert [row["cost_usd"] for row in tax] == [Decimal("1.53"), Decimal("0.61")]


def test_lines_of_a_month_add_up_to_its_bill(bill: duckdb.DuckDBPyConnection) -> None:
    whole(bill)
    rows = ask(bill, "costs.lines", month="2026-10")
    assert [(row["purpose"], row["cost_class"], row["cost_usd"], row["used"]) for row in rows] == [
        ("Keeping objects", "STANDARD", Decimal("12.005"), "480.00 GB-Mo"),
        ("Keeping objects", "GLACIER", Decimal("3.3333333333"), "740.74 GB-Mo"),
        ("Tax", "", Decimal("1.53"), ""),
        ("Uploading, copying and listing", "STANDARD", Decimal("0.0000094"), "2.00 Requests"),
        ("Credits", "", Decimal("-2.50"), ""),
    ]
    assert {(row["lines_usd"], row["bill_usd"]) for row in rows} == {(Decimal("14.3683427333"),) * 2}
    [tax] = ask(bill, "costs.lines", month="2026-10", categories=["tax"])
    assert (tax["lines_usd"], tax["bill_usd"]) == (Decimal("1.53"), Decimal("14.3683427333"))


MONTHLY = ["device_classes", "devices", "kept_and_billed", "lines", "looking", "movers", "splits"]


@pytest.mark.parametrize("name", MONTHLY)
@pytest.mark.parametrize("month", ["1999-01", "2026-11-01", "x' OR 1=1"])
def test_another_months_bill_never_stands_in_for_one_that_there_is_not(
    bill: duckdb.DuckDBPyConnection, name: str, month: str
) -> None:
    whole(bill)
    for number, start in enumerate(("2026-09-01", "2026-10-01", "2026-11-01"), 1):
        fill(bill, "cost_shares", [(start, "storage", "STANDARD", "unattributed", "", "", number, False)])
        fill(bill, "cost_tags", [(start, "team", "a", number, False)])
        fill(bill, "cost_looking", [(start, "cost_explorer", number, 1, False)])
    assert ask(bill, f"costs.{name}", month="2026-10")
    assert ask(bill, f"costs.{name}", month=month) == []


@pytest.mark.parametrize("month", [None, "2026-11"])
def test_without_a_month_the_newest_is_meant(bill: duckdb.DuckDBPyConnection, month: str | None) -> None:
    whole(bill)
    assert {row["month"] for row in ask(bill, "costs.lines", month=month)} == {dt.date(2026, 11, 1)}


@pytest.mark.parametrize(
    ("usage_type", "operation", "category", "purpose"),
    [
        ("APN1-Requests-GIR-Tier2", "GetObject", "requests", "Opening objects"),
        ("Requests-Tier1", "ListBucket", "requests", "Uploading, copying and listing"),
        ("USW2-Requests-Tier8", "", "requests", "Other requests"),
        ("APN1-Inventory-ObjectsListed", "Inventory", "looking", "Inventory reports"),
        ("APN1-Requests-Tier2", "GetObjectTagging", "looking", "Reading tags"),
        ("APN1-StorageLens-ObjCount", "", "looking", "Storage statistics"),
        ("", "Refund", "refund", "Refunds"),
        ("EU-BatchOperations-Jobs", "", "requests", "Batch jobs"),
        ("APN1-Requests-Tier4", "S3-SIATransition", "transition", "Moving to another class"),
        ("APN1-Standard-Retrieval-Bytes", "RestoreObject", "retrieval", "Restoring from the archive"),
        ("APN1-Retrieval-SIA", "GetObject", "retrieval", "Reading from cold classes"),
        ("APN1-DataTransfer-Out-Bytes", "GetObject", "transfer", "Transfer to the internet"),
        ("APN1-DataTransfer-In-Bytes", "PutObject", "transfer", "Transfer from the internet"),
        ("APN1-USE1-AWS-Out-Bytes", "", "transfer", "Transfer between regions"),
        ("APN1-CloudFront-Out-Bytes", "", "transfer", "Other transfer"),
        ("APN1-EarlyDelete-GDA", "", "early_deletion", "Deleting before the minimum time"),
        ("APN1-Monitoring-Automation-INT", "", "monitoring", "Tiering by use (monitoring)"),
        ("APN1-TagStorage-TagHrs", "", "storage", "Keeping object tags"),
        ("APN1-TimedStorage-GDA-Staging", "", "storage", "Keeping unfinished uploads"),
        ("APN1-Something-New", "", "other", "Other"),
    ],
)
def test_lines_are_told_in_plain_words(
    bill: duckdb.DuckDBPyConnection, usage_type: str, operation: str, category: str, purpose: str
) -> None:
    fill(bill, "cost_months", [("2026-10-01", S3, usage_type, operation, category, "", "1", "1", "x", False)])
    assert [row["purpose"] for row in ask(bill, "costs.lines")] == [purpose]


def test_each_split_adds_up_to_the_bill(bill: duckdb.DuckDBPyConnection) -> None:
    whole(bill)
    october = "2026-10-01"
    fill(
        bill,
        "cost_tags",
        [(october, "device", "xray", "10", False), (october, "device", "", "4.3683427333", False)],
    )
    fill(bill, "cost_tags", [(october, "team", "a", "14", False), ("2026-11-01", "team", "b", "99", True)])
    fill(bill, "cost_accounts", [(october, "111122223333", "15.3683427333", False)])
    fill(
        bill,
        "cost_buckets",
        [(october, "", "1.3683427333", False), (october, "clinic-images", "13", False)],
    )
    rows = ask(bill, "costs.splits", month="2026-10")
    assert [(row["part"], row["tag_key"], row["split_value"], row["cost_usd"]) for row in rows] == [
        ("Tag", "device", "xray", Decimal(10)),
        ("Untagged", "device", "", Decimal("4.3683427333")),
        ("Tag", "team", "a", Decimal(14)),
        ("Not split", "team", "", Decimal("0.3683427333")),
        ("Linked account", "", "111122223333", Decimal("15.3683427333")),
        ("Not split", "", "", Decimal(-1)),
        ("Bucket", "", "clinic-images", Decimal(13)),
        ("No bucket", "", "", Decimal("1.3683427333")),
    ]
    for part in ((0, "device"), (0, "team"), (1, ""), (2, "")):
        parts = [row["cost_usd"] for row in rows if (row["turn"], row["tag_key"]) == part]
        assert sum(parts) == Decimal("14.3683427333"), part


def test_a_restated_month_keeps_its_old_figure_and_an_estimate_its_own_column(
    bill: duckdb.DuckDBPyConnection,
) -> None:
    fill(
        bill,
        "cost_statements",
        [
            ("2026-10-01", "export", "2026-11-06", None, "10", False, None, None),
            ("2026-10-01", "export", "2026-11-20", None, "9.5", True, "10", "-0.5"),
            ("2026-10-01", "cost_explorer", "2026-11-20", None, "9.6", False, None, None),
            ("2026-11-01", "cost_explorer", "2026-11-20", "4", None, True, None, None),
        ],
    )
    assert [tuple(row.values())[:-1] for row in ask(bill, "costs.statements")] == [
        (dt.date(2026, 11, 1), "cost_explorer", Decimal(4), None, None, None, None),
        (dt.date(2026, 10, 1), "export", None, Decimal("9.5"), Decimal(10), Decimal("-0.5"), Decimal("9.6")),
    ]


def rated(connection: duckdb.DuckDBPyConnection, *months: tuple[str, str]) -> None:
    rows = [(f"{month}-01", rate, "invoice", f"{month}-28", "AWS invoice") for month, rate in months]
    fill(connection, "exchange_rates", rows)


def test_yen_follow_from_each_months_own_rate_to_the_last_digit(bill: duckdb.DuckDBPyConnection) -> None:
    whole(bill)
    rated(bill, ("2026-09", "150"), ("2026-10", "151.5"), ("2026-11", "149.25"))
    [row] = ask(bill, "costs.figures")
    assert row["cost_usd"] == Decimal("6.71"), "another currency changes no dollar"
    assert row["cost_jpy"] == Decimal("6.71") * Decimal("149.25")
    assert row["last_cost_jpy"] == (Decimal("14.3683427333") * Decimal("151.5")).quantize(Decimal("1E-10"))
    assert row["last_cost_jpy_before"] == Decimal("1650.0000000150")
    assert (row["jpy_per_usd"], row["rate_source"]) == (Decimal("149.25"), "AWS invoice")
    for cut in ("class", "category", "service"):
        october = [r["cost_jpy"] for r in ask(bill, f"costs.months_by_{cut}") if r["month"].month == 10]
        assert abs(sum(october) - row["last_cost_jpy"]) < Decimal("1E-8"), cut
    assert sum(r["cost_jpy"] for r in ask(bill, "costs.days") if r["billed_on"].month == 11) == Decimal(
        "2.18"
    ) * Decimal("149.25")
    [tax, *_rest] = ask(bill, "costs.lines", month="2026-09", categories=["tax"])
    assert tax["cost_jpy"] == 150


def test_a_month_without_a_rate_has_no_yen_and_nothing_stands_in_for_them(
    bill: duckdb.DuckDBPyConnection,
) -> None:
    whole(bill)
    rated(bill, ("2026-10", "151.5"))
    [row] = ask(bill, "costs.figures")
    assert (row["cost_jpy"], row["jpy_per_usd"], row["last_cost_jpy_before"]) == (None, None, None)
    assert row["last_cost_jpy"] is not None
    assert {r["rate_kind"] for r in ask(bill, "costs.rates")} == {"missing", "invoice"}
    [year] = ask(bill, "costs.fiscal_years")
    assert (year["final_jpy"], year["estimated_jpy"]) == (None, None), (
        "a year is not the months that have a rate"
    )


@pytest.mark.parametrize(
    ("first_month", "years"),
    [
        (4, [(2026, "2026-04-01", 1, 4), (2025, "2025-12-01", 4, 15)]),
        (1, [(2026, "2026-01-01", 4, 18), (2025, "2025-12-01", 1, 1)]),
        (None, [(2026, "2026-04-01", 1, 4), (2025, "2025-12-01", 4, 15)]),
    ],
)
def test_a_fiscal_year_is_the_sum_of_its_months(
    bill: duckdb.DuckDBPyConnection, first_month: int | None, years: list[tuple[Any, ...]]
) -> None:
    months = (("2025-12", 1), ("2026-01", 2), ("2026-02", 4), ("2026-03", 8), ("2026-04", 4))
    fill(bill, "cost_months", [(f"{month}-01", *KEEP, cost, "1", GB, False) for month, cost in months])
    rated(bill, *((month, "100") for month, _cost in months))
    found = ask(bill, "costs.fiscal_years", first_month=first_month)
    assert [
        (row["fiscal_year"], str(row["from_on"]), row["month_count"], row["final_usd"]) for row in found
    ] == years
    assert [row["final_jpy"] for row in found] == [usd * 100 for *_rest, usd in years]


def test_unit_costs_follow_from_what_the_month_held(bill: duckdb.DuckDBPyConnection) -> None:
    october, tib, days = "2026-10-01", 1 << 40, 31
    fill(
        bill,
        "cost_months",
        [(october, *KEEP, "100", "1", GB, False), (october, *TAX, "10", "0", NONE, False)],
    )
    fill(
        bill,
        "cost_shares",
        [
            (october, "storage", "STANDARD", "device", "ipad", "byte_days", "60", False),
            (october, "storage", "STANDARD", "device", "xray", "byte_days", "30", False),
            (october, "storage", "STANDARD", "noncurrent_version", "", "byte_days", "10", False),
            (october, "tax", "", "tax", "", "", "10", False),
        ],
    )
    fill(
        bill,
        "storage_days",
        [
            (october, "ipad", "image", "STANDARD", "", 3 * tib * days, 1500 * days, days),
            (october, "ipad", "companion", "GLACIER", "", 1 * tib * days, 9 * days, days),
            (october, "xray", "junk", "STANDARD", "", 5 * tib * days, 5 * days, days),
        ],
    )
    fill(bill, "label_coverage", [("ipad", 200), ("ipad", 100)])
    rated(bill, ("2026-10", "150"))
    rows = {row["cost_owner"]: row for row in ask(bill, "costs.devices")}
    assert list(rows) == ["ipad", "xray", "part:noncurrent_version", "part:tax"]
    ipad = rows["ipad"]
    assert (ipad["tib_months"], ipad["per_tib_month_usd"]) == (4, Decimal(15))
    assert (ipad["image_count"], ipad["per_thousand_images_usd"]) == (1500, Decimal(40))
    assert (ipad["per_labelled_image_usd"], ipad["cost_jpy"]) == (Decimal("0.2"), Decimal(9000))
    yen = [ipad[f"{name}_jpy"] for name in ("per_tib_month", "per_thousand_images", "per_labelled_image")]
    assert yen == [15 * 150, 40 * 150, 30]
    assert rows["xray"]["image_count"] is None, "junk is no image"
    assert {row["bill_usd"] for row in rows.values()} == {Decimal(110)}
    assert [row["cost_owner"] for row in ask(bill, "costs.devices", categories=["tax"])] == ["part:tax"]
    assert sum(row["cost_usd"] for row in ask(bill, "costs.months_by_device")) == Decimal(110)
    assert len(ask(bill, "costs.device_classes", month="2026-10")) == 4


def test_the_largest_changes_come_first_and_add_up_to_the_difference_of_the_bills(
    bill: duckdb.DuckDBPyConnection,
) -> None:
    september, october, november = "2026-09-01", "2026-10-01", "2026-11-01"
    shares = [
        (september, "storage", "STANDARD", "device", "ipad", "byte_days", "5", False),
        (september, "tax", "", "tax", "", "", "2", False),
        (october, "storage", "STANDARD", "device", "ipad", "byte_days", "6", False),
        (october, "storage", "GLACIER", "device", "xray", "byte_days", "4", False),
        (october, "tax", "", "tax", "", "", "2", False),
        (november, "storage", "STANDARD", "device", "ipad", "byte_days", "99", True),
    ]
    fill(bill, "cost_shares", shares)
    months = ((september, "7", False), (october, "12", False), (november, "99", True))
    fill(bill, "cost_months", [(month, *KEEP, cost, "1", GB, flag) for month, cost, flag in months])
    listed(bill, (september, 30), (october, 31))
    rated(bill, ("2026-09", "100"), ("2026-10", "110"))
    rows = ask(bill, "costs.movers")
    assert [(row["cost_owner"], row["cost_class"], row["difference_usd"]) for row in rows] == [
        ("xray", "GLACIER", Decimal(4)),
        ("ipad", "STANDARD", Decimal(1)),
        ("part:tax", "", Decimal(0)),
    ]
    assert [row["difference_jpy"] for row in rows] == [Decimal(440), Decimal(160), Decimal(20)]
    assert sum(row["difference_jpy"] for row in rows) == 12 * 110 - 7 * 100, "as the bills differ in yen"
    assert {row["month"] for row in rows} == {dt.date(2026, 10, 1)}, "the running month is not compared"
    assert sum(row["difference_usd"] for row in rows) == Decimal(12) - Decimal(7)
    assert ask(bill, "costs.movers", months_back=12) == [], "there is no bill of last year"
    assert ask(bill, "costs.movers", month="2026-09") == [], "nor one before the first"
    year_before = "2025-10-01"
    fill(bill, "cost_shares", [(year_before, "tax", "", "tax", "", "", "0.5", False)])
    fill(bill, "cost_months", [(year_before, *KEEP, "0.5", "1", GB, False)])
    rows = ask(bill, "costs.movers", months_back=12)
    assert sum(row["difference_usd"] for row in rows) == Decimal(12) - Decimal("0.5")


def listed(bill: duckdb.DuckDBPyConnection, *months: tuple[str, int]) -> None:
    """Reports speak for so many days of each month."""
    days = [(month, "ipad", "image", "STANDARD", "", 1, 1, count) for month, count in months]
    fill(bill, "storage_days", days)


@pytest.mark.parametrize("days_in_september", [0, 3])
def test_that_reports_began_is_no_change_of_the_bill(
    bill: duckdb.DuckDBPyConnection, days_in_september: int
) -> None:
    september, october = "2026-09-01", "2026-10-01"
    shares = [
        (september, "storage", "STANDARD", "device", "ipad", "byte_days", "1", False),
        (september, "storage", "STANDARD", "not_listed", "", "byte_days", "9", False),
        (september, "requests", "STANDARD", "device", "ipad", "uploads", "2", False),
        (october, "storage", "STANDARD", "device", "ipad", "byte_days", "8", False),
        (october, "storage", "STANDARD", "noncurrent_version", "", "byte_days", "3", False),
        (october, "requests", "STANDARD", "device", "ipad", "uploads", "2.5", False),
    ]
    fill(bill, "cost_shares", shares)
    for month, cost in ((september, "12"), (october, "13.5")):
        fill(bill, "cost_months", [(month, *KEEP, cost, "1", GB, False)])
    listed(bill, *[(september, days_in_september)][: bool(days_in_september)], (october, 31))
    rows = ask(bill, "costs.movers")
    assert [(row["cost_owner"], row["category"], row["difference_usd"]) for row in rows] == [
        ("part:undivided", "storage", Decimal(1)),
        ("ipad", "requests", Decimal("0.5")),
    ]


def test_what_was_listed_stands_beside_what_was_billed(bill: duckdb.DuckDBPyConnection) -> None:
    october, gib, days = "2026-10-01", 1 << 30, 31
    tier = (S3, "APN1-TimedStorage-INT-AIA-ByteHrs", "", "storage", "INTELLIGENT_TIERING")
    fill(
        bill,
        "cost_months",
        [
            (october, *KEEP, "2.5", "100", GB, False),
            (october, *COLD, "0.45", "100", GB, False),
            (october, *tier, "0.05", "10", GB, False),
            (october, *PUT, "9", "9", REQUESTS, False),
        ],
    )
    fill(
        bill,
        "storage_days",
        [
            (october, "ipad", "image", "STANDARD", "", 90 * gib * days, 10 * days, days),
            (october, "xray", "junk", "STANDARD", "", 5 * gib * days, 10 * days, days),
            (october, "ipad", "image", "GLACIER", "", 99 * gib * days, 32768 * days, days),
            (october, "ipad", "delete_marker", "", "", 0, 5, days),
        ],
    )
    found = {
        (row["storage_class"], row["access_tier"]): (
            row["listed_gb_months"], row["overhead_gb_months"], row["billed_gb_months"], row["billed_usd"],
        )
        for row in ask(bill, "costs.kept_and_billed")
    }  # fmt: skip
    assert found == {
        ("STANDARD", ""): (95, Decimal("0.25"), 100, Decimal("2.5")),
        ("GLACIER", ""): (99, 1, 100, Decimal("0.45")),
        ("INTELLIGENT_TIERING", "ARCHIVE_INSTANT_ACCESS"): (0, 0, 10, Decimal("0.05")),
    }


def test_the_month_ends_with_its_last_complete_days_and_tax_in_proportion(
    bill: duckdb.DuckDBPyConnection,
) -> None:
    whole(bill)
    [end] = ask(bill, "costs.month_end")
    # Three complete days of 0.50, 27 more to come; 0.61 tax on the 1.57 billed so far.
    assert (end["complete_until"], end["days_left"]) == (dt.date(2026, 11, 3), 27)
    assert (end["to_date_usd"], end["recent_day_usd"]) == (Decimal("2.18"), Decimal("0.5"))
    assert abs(end["month_end_usd"] - Decimal(15) * (1 + Decimal("0.61") / Decimal("1.57"))) < Decimal("1E-6")
    [without] = ask(bill, "costs.month_end", categories=["storage"])
    assert without["month_end_usd"] == Decimal(15)
    bill.execute("UPDATE marts.cost_months SET is_estimated = false")
    assert ask(bill, "costs.month_end") == [], "no month is running"


def running(bill: duckdb.DuckDBPyConnection, days: list[tuple[Any, ...]]) -> None:
    """November runs, day by day as given."""
    fill(bill, "cost_months", [("2026-11-01", *KEEP, "1", "1", GB, True)])
    fill(bill, "cost_days", [(*day, "1", GB, True) for day in days])


def test_a_day_that_the_bill_does_not_have_yet_is_left_and_not_free(bill: duckdb.DuckDBPyConnection) -> None:
    fill(bill, "cost_days", [("2026-10-31", *KEEP, "0.40", "16", GB, False)])
    running(bill, [(f"2026-11-{day:02}", *KEEP, "2") for day in (1, 2, 3, 7, 8, 9)])
    [end] = ask(bill, "costs.month_end")
    assert (end["complete_until"], end["days_left"]) == (dt.date(2026, 11, 8), 30 - 5)
    assert end["month_end_usd"] == 60


def test_days_before_the_first_of_the_bill_cost_nothing(bill: duckdb.DuckDBPyConnection) -> None:
    running(bill, [(f"2026-11-{day:02}", *KEEP, "2") for day in range(21, 26)])
    [end] = ask(bill, "costs.month_end")
    assert (end["days_left"], end["month_end_usd"]) == (6, 20), "ten days of the month have a bill"


def test_a_fee_that_is_booked_on_one_day_comes_once_and_a_discount_goes_on(
    bill: duckdb.DuckDBPyConnection,
) -> None:
    fee, discount = ((S3, "", name, "other", "") for name in ("Fee", "Private Rate Discount"))
    days = [
        (f"2026-11-{day:02}", *line) for day in range(1, 5) for line in ((*KEEP, "2"), (*discount, "-0.5"))
    ]
    running(bill, [*days, ("2026-11-01", *fee, "29"), ("2026-11-01", *TAX, "3.5")])
    [end] = ask(bill, "costs.month_end")
    # 1.50 a day, the fee once, and the tax of a tenth on both; 35 are taxed so far.
    assert end["recent_day_usd"] == Decimal("1.5")
    assert end["month_end_usd"] == (30 * Decimal("1.5") + 29) * Decimal("1.1")
    assert end["to_date_usd"] == 4 * Decimal("1.5") + 29 + Decimal("3.5")


def test_days_without_a_cost_of_the_chosen_kind_are_days_all_the_same(
    bill: duckdb.DuckDBPyConnection,
) -> None:
    back = (GLACIER, "APN1-Standard-Retrieval-Bytes", "RestoreObject", "retrieval", "GLACIER")
    days = [(f"2026-11-{day:02}", *KEEP, "2") for day in range(1, 21)]
    running(bill, [*days, *((f"2026-11-{day:02}", *back, "7") for day in (3, 13, 19))])
    [end] = ask(bill, "costs.month_end", categories=["retrieval"])
    # Of the last seven complete days, the 13th to the 19th, two had one: 2 a day for the 11 that are left.
    assert (end["complete_until"], end["recent_day_usd"]) == (dt.date(2026, 11, 19), 2)
    assert (end["to_date_usd"], end["month_end_usd"]) == (21, 21 + 22)
    assert ask(bill, "costs.month_end", categories=["refund"]) == []


def test_growth_has_every_series_in_every_full_month(bill: duckdb.DuckDBPyConnection) -> None:
    whole(bill)
    rows = ask(bill, "costs.growth")
    assert [(row["month"].month, row["series"], row["cost_usd"]) for row in rows] == [
        (9, "GLACIER", Decimal(0)),
        (9, "STANDARD", Decimal("10.0000000001")),
        (9, "requests", Decimal(0)),
        (9, "tax", Decimal(1)),
        (10, "GLACIER", Decimal("3.3333333333")),
        (10, "STANDARD", Decimal("12.005")),
        (10, "requests", Decimal("0.0000094")),
        (10, "tax", Decimal("1.53")),
    ]


def test_estimated_and_final_months_of_a_year_stand_apart(bill: duckdb.DuckDBPyConnection) -> None:
    whole(bill)
    [year] = ask(bill, "costs.fiscal_years")
    assert (year["final_usd"], year["estimated_usd"]) == (Decimal("25.3683427334"), Decimal("6.71"))
    [without] = ask(bill, "costs.fiscal_years", categories=["storage", "requests"])
    assert (without["final_usd"], without["month_count"]) == (Decimal("25.3383427334"), 3)


def test_there_are_no_splits_without_tags_and_accounts(bill: duckdb.DuckDBPyConnection) -> None:
    whole(bill)
    assert ask(bill, "costs.splits") == []


ALSO_NEEDED = """
CREATE TABLE IF NOT EXISTS marts.cost_tags AS
  SELECT DATE '2026-11-01' AS month, 'team' AS tag_key, '<b>$x' AS tag_value, 1::DECIMAL(38, 10) AS cost_usd;
CREATE TABLE IF NOT EXISTS marts.cost_accounts AS
  SELECT DATE '2026-11-01' AS month, '111122223333' AS account_id, 1::DECIMAL(38, 10) AS cost_usd;
"""


@pytest.fixture(name="warehouse")
def _warehouse() -> Iterator[SyntheticWarehouse]:
    st.cache_data.clear()
    warehouse = SyntheticWarehouse()
    warehouse.connection.execute(ALSO_NEEDED)
    source.configure(settings(), warehouse)
    yield warehouse
    st.cache_data.clear()


def draw(**address: str) -> AppTest:
    app = AppTest.from_file(str(PAGE), default_timeout=30)
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


@pytest.mark.usefixtures("warehouse")
@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("cut", ["device", "class", "category", "service", "nonsense"])
def test_page_is_drawn(lang: str, cut: str) -> None:
    app = draw(lang=lang, cut=cut, month="2026-09")
    assert not app.exception
    assert app.title[0].value.endswith({"en": "Costs", "ja": "コスト"}[lang])
    assert app.selectbox(key="filter_month").value == "2026-09"
    assert app.query_params["month"] == "2026-09"
    assert app.query_params.get("cut") == (cut if cut in {"class", "category", "service"} else None)
    assert len(app.metric) == 5


@pytest.mark.usefixtures("warehouse")
@pytest.mark.parametrize(
    "detail", ["device", "movers", "lines", "splits", "prices", "ahead", "months", "looking", "x"]
)
def test_every_detail_is_drawn(detail: str) -> None:
    app = draw(detail=detail, lang="ja")
    assert not app.exception
    assert app.query_params.get("detail") == (None if detail in {"device", "x"} else detail)
    assert app.dataframe
    if detail == "lines":
        assert [item for item in app.caption if item.value.count("\\$") == 2], (
            "the sum of the lines and the bill"
        )


@pytest.mark.usefixtures("warehouse")
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_yen_and_tax_are_two_switches_in_the_address(lang: str) -> None:
    app = draw(lang=lang, currency="JPY", tax="excluded")
    assert not app.exception
    assert (app.query_params["currency"], app.query_params["tax"]) == ("JPY", "excluded")
    assert app.metric[0].value == "¥926,780"
    assert any("150.25" in item.value and "AWS \\$invoice" in item.value for item in app.caption)
    assert any("cost_jpy" in frame.value for frame in app.dataframe)


def test_what_is_not_told_apart_by_device_says_why(warehouse: SyntheticWarehouse) -> None:
    def said() -> list[str]:
        return [
            item.value for item in draw(lang="en", detail="movers").caption if "Not told apart" in item.value
        ]

    assert said() == []
    warehouse.connection.execute("DELETE FROM marts.storage_days WHERE month = '2026-09-01'")
    st.cache_data.clear()
    assert said() == ["Not told apart by device: reports speak for a part of these months only"]


def test_days_that_the_bill_does_not_have_yet_are_named(warehouse: SyntheticWarehouse) -> None:
    def said() -> list[str]:
        return [item.value for item in draw(lang="en").caption if "not in the bill yet" in item.value]

    assert said() == []
    warehouse.connection.execute(
        "DELETE FROM marts.cost_days WHERE billed_on IN ('2026-11-03', '2026-11-05')"
    )
    st.cache_data.clear()
    assert said() == ["2 days are not in the bill yet, the first is Nov 3, 2026"]
    card = draw(lang="en").metric[1]
    assert (card.label, card.value) == ("Same days", "–")


def test_cards_in_two_currencies_say_why(warehouse: SyntheticWarehouse) -> None:
    def said(currency: str) -> list[str]:
        return [
            item.value
            for item in draw(lang="en", currency=currency).caption
            if "figures in dollars" in item.value
        ]

    assert said("JPY") == []
    warehouse.connection.execute("DELETE FROM marts.exchange_rates WHERE month = '2026-10-01'")
    st.cache_data.clear()
    cards = draw(lang="en", currency="JPY").metric
    assert {card.value[:1] for card in cards} == {"¥", "\\"}, "dollars are escaped"
    assert len(said("JPY")) == 1
    assert said("USD") == []


def test_budgets_stand_against_what_is_spent_and_expected(warehouse: SyntheticWarehouse) -> None:
    budgets = [
        {"name": "Over", "amount": 1, "period": "month"},
        {"name": "Year", "amount": 10**9, "currency": "JPY", "period": "fiscal_year"},
        {"name": "Tight", "amount": 6200, "tax": "excluded"},
    ]
    made = settings().model_copy(update={"budget": tuple(Budget.model_validate(item) for item in budgets)})
    source.configure(made, warehouse)
    app = draw()
    assert not app.exception
    assert budget_states(app) == ["Over the budget", "Within the budget", "Will be over the budget"]
    said = [item.value for item in app.text]
    assert "Year · Fiscal year" in said
    assert any(
        re.fullmatch(r"¥[\d,]+ of ¥1,000,000,000 \([\d.]+%\), expected ¥[\d,]+", text) for text in said
    )
    warehouse.connection.execute("DELETE FROM marts.exchange_rates")
    st.cache_data.clear()
    assert budget_states(draw())[1] == "Not known: no exchange rate"


def test_budgets_leave_as_numbers_with_their_currency(
    warehouse: SyntheticWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    budgets = [
        {"name": "Month", "amount": "6200.50"},
        {"name": "Year", "amount": 900_000, "currency": "JPY", "period": "fiscal_year"},
    ]
    made = settings().model_copy(update={"budget": tuple(Budget.model_validate(item) for item in budgets)})
    made = made.model_copy(update={"costs": made.costs.model_copy(update={"aws_budgets": True})})
    source.configure(made, warehouse)
    warehouse.connection.execute("DELETE FROM marts.aws_budgets")
    fill(warehouse.connection, "aws_budgets", AWS_BUDGETS)
    offered: dict[str, Any] = {}

    def noted(_menu: Any, name: str, _title: str, columns: Any, fetch: Any) -> None:
        offered[name] = (columns, fetch)

    monkeypatch.setattr(exports.Menu, "offer", noted)
    draw(lang="en")
    columns, fetch = offered["budgets"]
    lines = exports.to_csv(fetch(), columns, "JST").decode("utf-8-sig").splitlines()
    first, *rows = csv.reader(lines)
    assert first[3:7] == ["Currency", "Spent", "Expected", "Amount"]
    now = ask(warehouse.connection, "costs.figures")[0]["cost_usd"]
    assert rows[0][3:5] == ["USD", str(now)], "to the last digit"
    assert [row[3] for row in rows] == ["USD", "JPY", "USD", "EUR", "JPY"]
    assert [row[6] for row in rows[:2]] == ["6200.50", "900000"]
    assert rows[-1][4:6] == ["", ""], "what is not known is no number"


AWS_BUDGETS = [
    ("=Archive", "month", "USD", "500.0", "105.107", "133.053", "2026-08-27 18:54:09", [S3]),
    ("Euro", "quarter", "EUR", "10", "12.5", None, "2026-11-20 00:00:00", [S3, "Amazon EC2"]),
    ("Yen", "year", "JPY", "30000", None, None, "2026-11-20 00:00:00", []),
]


@pytest.mark.parametrize(
    ("lang", "states", "said"),
    [
        (
            "en",
            ["Within the budget", "Over the budget", "Not known: AWS has no figure yet"],
            ["$105.11 of $500.00 (21.0%), expected $133.05", "EUR 12.50 of EUR 10.00 (125.0%), expected –"],
        ),
        ("ja", ["予算内", "予算超過", "不明（AWS がまだ計算していません）"], []),
    ],
)
def test_budgets_of_aws_stand_in_their_own_currency_with_date_and_cover(
    warehouse: SyntheticWarehouse, lang: str, states: list[str], said: list[str]
) -> None:
    warehouse.connection.execute("DELETE FROM marts.aws_budgets")
    fill(warehouse.connection, "aws_budgets", AWS_BUDGETS)
    source.configure(settings(), warehouse)
    off = draw(lang=lang)
    assert not any("=Archive" in item.value for item in off.text), "not asked for, not shown"
    made = settings()
    made = made.model_copy(update={"costs": made.costs.model_copy(update={"aws_budgets": True})})
    source.configure(made, warehouse)
    app = draw(lang=lang)
    assert not app.exception
    found = [
        item[1] for item in re.finditer(r":[a-z]+-badge\[(.*?)\]", "\n".join(m.value for m in app.markdown))
    ]
    assert [state for state in found if state in states] == states
    texts = [item.value for item in app.text]
    assert set(said) <= set(texts)
    notes = [item.value for item in app.caption if "AWS Budgets" in item.value]
    assert len(notes) == 3
    if lang == "en":
        assert notes[0] == "AWS Budgets, as of Aug 27, 2026 · the archive's services only"
        assert all(note.endswith("other services too") for note in notes[1:])


def forecast_rows(app: AppTest) -> Any:
    return next(frame.value for frame in app.dataframe if "forecast_usd" in frame.value)


@pytest.mark.parametrize(("lang", "said"), [("en", "as of Nov 22, 2026"), ("ja", "2026/11/22 時点")])
def test_cost_explorer_says_its_own_forecast_for_whole_months_of_all_costs(
    warehouse: SyntheticWarehouse, lang: str, said: str
) -> None:
    source.configure(settings(), warehouse)
    assert "aws_usd" not in forecast_rows(draw(detail="ahead", lang=lang)), "not asked for, not shown"
    made = settings()
    made = made.model_copy(update={"costs": made.costs.model_copy(update={"aws_forecast": True})})
    source.configure(made, warehouse)
    app = draw(detail="ahead", lang=lang)
    assert not app.exception
    rows = forecast_rows(app)
    amounts = rows["aws_usd"].tolist()
    assert [None if value is None or value != value else str(value)[:4] for value in amounts[:3]] == [
        None,
        "6100",
        "6200",
    ]
    assert any(said in item.value for item in app.caption)
    assert "aws_usd" not in forecast_rows(draw(detail="ahead", lang=lang, tax="excluded")), "it knows no tax"
    warehouse.connection.execute("DELETE FROM marts.cost_forecast")
    fill(warehouse.connection, "cost_forecast", [(None, None, None, None, "2026-11-22 00:00:00", False)])
    st.cache_data.clear()
    app = draw(detail="ahead", lang="en")
    assert "aws_usd" not in forecast_rows(app)
    assert any(item.value == "Cost Explorer does not forecast these services yet." for item in app.caption)


def budget_states(app: AppTest) -> list[str]:
    """What the page says of each budget, in its colour."""
    found = [re.fullmatch(r":[a-z]+-badge\[(.*)\]", item.value) for item in app.markdown]
    names = {"within", "threshold", "expected_over", "over", "unknown"}
    states = {labels.name("budget_state", name) for name in names}
    return [match[1] for match in found if match and match[1] in states]


@pytest.mark.usefixtures("warehouse")
def test_twelve_months_are_forecast_with_a_band() -> None:
    app = draw(detail="ahead")
    rows = next(frame.value for frame in app.dataframe if "forecast_usd" in frame.value)
    assert len(rows) == 12
    assert rows["low_usd"].isna().tolist() == [True] + [False] * 11, "the running month ends as its days say"
    rows = rows.iloc[1:]
    assert all(rows["low_usd"] <= rows["forecast_usd"])
    assert all(rows["forecast_usd"] <= rows["high_usd"])


def test_yen_to_come_follow_the_newest_rate_and_need_one_of_every_past_month(
    warehouse: SyntheticWarehouse,
) -> None:
    dollars = forecast_rows(draw(detail="ahead"))["forecast_usd"].tolist()
    names, known = warehouse.rows("costs.rates", {})
    months, prices = ([row[names.index(name)] for row in known] for name in ("month", "jpy_per_usd"))
    app = draw(detail="ahead", currency="JPY")
    yen = next(frame.value for frame in app.dataframe if "forecast_jpy" in frame.value)
    newest = float(prices[months.index(max(months))])
    assert yen["forecast_jpy"].tolist() == pytest.approx([usd * newest for usd in dollars], rel=0.001)
    assert all(yen["low_jpy"].iloc[1:] <= yen["forecast_jpy"].iloc[1:])
    warehouse.connection.execute("DELETE FROM marts.exchange_rates WHERE month = '2026-09-01'")
    st.cache_data.clear()
    app = draw(detail="ahead", currency="JPY")
    assert forecast_rows(app)["forecast_usd"].tolist() == dollars
    assert any("a month in it has no exchange rate" in item.value for item in app.caption)


def test_without_a_rate_the_page_falls_back_to_dollars_and_says_so(warehouse: SyntheticWarehouse) -> None:
    warehouse.connection.execute("DELETE FROM marts.exchange_rates WHERE month = '2026-11-01'")
    app = draw(currency="JPY")
    assert not app.exception
    assert app.metric[0].value.startswith("\\$")
    assert app.metric[2].value.startswith("¥"), "the month before has its rate"
    said = [item.value for item in app.caption]
    assert any("no exchange rate for Nov 2026" in text for text in said)
    assert any("has no exchange rate" in text for text in said)


def test_page_says_where_a_bill_comes_from_when_there_is_none(warehouse: SyntheticWarehouse) -> None:
    warehouse.connection.execute("DELETE FROM marts.cost_months")
    app = draw()
    assert not app.exception
    assert not app.metric
    assert any("costs.enabled" in item.value for item in app.caption)


@pytest.mark.parametrize(
    "table",
    [
        "cost_days",
        "cost_tags",
        "cost_accounts",
        "cost_looking",
        "cost_statements",
        "cost_shares",
        "storage_days",
    ],
)
def test_page_is_drawn_without_the_rest_of_the_bill(warehouse: SyntheticWarehouse, table: str) -> None:
    warehouse.connection.execute("DELETE FROM marts.cost_accounts")
    warehouse.connection.execute(f"DELETE FROM marts.{table}")
    app = draw()
    assert not app.exception
    assert len(app.metric) == 5


def test_unusual_days_are_counted_by_the_days_and_listed_in_detail(warehouse: SyntheticWarehouse) -> None:
    app = draw(detail="unusual")
    assert not app.exception
    assert any("One cost" in item.value or "1 cost was unusual" in item.value for item in app.caption)
    rows = next(frame.value for frame in app.dataframe if "expected_usd" in frame.value)
    assert [(row.difference_usd, row.bucket) for row in rows.itertuples()] == [(1.5, "=archive")]
    (row,) = warehouse.frame("costs.anomalies", {}, "x").to_dict("records")
    assert row["difference_jpy"] == row["difference_usd"] * Decimal("150.25")
    assert warehouse.frame("costs.anomalies", {"categories": ["tax"]}, "x").empty


def test_an_unusual_cost_of_a_known_restore_is_said_to_be_one(
    warehouse: SyntheticWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = warehouse.frame("costs.anomalies", {}, "x").to_dict("records")
    day = pd.Timestamp(row["first_on"]).date()
    part = {"storage": "copy", "retrieval": "retrieval", "requests": "request"}[row["category"]]
    ran = Acted("ab" * 32, "restore", day, day, 0, {part: Decimal(1)})
    monkeypatch.setattr(runs, "acted", lambda _journal, since: [ran] if since <= day else [])
    app = draw(detail="unusual")
    assert not app.exception
    shown = next(frame.value for frame in app.dataframe if "known_usd" in frame.value)
    assert list(shown["known_usd"]) == [1]
    yen = next(f.value for f in draw(detail="unusual", currency="JPY").dataframe if "known_jpy" in f.value)
    assert list(yen["known_jpy"]) == [150], "at 150.25 yen per dollar"
    assert not [name for name in yen if name.endswith("_usd")], "one currency in a table"
    assert any("1 of them is explained" in item.value or "One of them" in item.value for item in app.caption)
    monkeypatch.setattr(
        runs, "acted", lambda _journal, _since: [replace(ran, parts_usd={part: Decimal("0.7")})]
    )
    assert not any("is explained" in item.value for item in draw(detail="unusual").caption)


@pytest.mark.parametrize(
    ("row", "codes"),
    [
        (None, {}),
        ({"cost_owner": "ipad"}, {"devices": ["ipad"], "kinds": ["image", "companion", "derivative"]}),
        ({"cost_owner": "part:junk", "cost_class": "GLACIER"}, {"kinds": ["junk"], "classes": ["GLACIER"]}),
        ({"cost_owner": "part:tax"}, {}),
        ({"cost_owner": "part:not_listed", "cost_class": "STANDARD"}, {}),
        ({"cost_class": "STANDARD", "usage_type": "x"}, {"classes": ["STANDARD"]}),
        ({"cost_class": "", "device_id": None}, {}),
    ],
)
def test_a_row_leads_to_its_objects(row: dict[str, Any] | None, codes: dict[str, list[str]]) -> None:
    assert cost_devices.behind(row) == codes


def test_images_of_a_label_have_their_cost_in_the_newest_month(warehouse: SyntheticWarehouse) -> None:
    warehouse.connection.execute(
        "INSERT INTO marts.cost_labels SELECT (SELECT max(month) FROM marts.cost_months), 'label', * FROM (VALUES "
        "('=cornea', 'labelled', 'ipad', 'STANDARD', 'storage', 3), (NULL, 'without', 'ipad', 'GLACIER', 'storage', 5),"
        " (NULL, 'not_images', '', '', 'tax', 2)) AS t(value, part, device_id, storage_class, category, cost_usd)"
    )
    warehouse.connection.execute(
        "INSERT INTO marts.label_values VALUES ('ipad', 'STANDARD', 'label', '=cornea', true, true, 6, 60)"
    )
    app = draw(detail="label")
    assert not app.exception
    rows = next(frame.value for frame in app.dataframe if "per_thousand_images_usd" in frame.value)
    assert rows["value"].tolist() == ["=cornea", "Images without it", "Not of images"]
    assert rows["cost_usd"].tolist() == [3, 5, 2]
    assert rows["per_thousand_images_usd"].tolist()[0] == 500
    assert any("add up to \\$10.00" in item.value for item in app.caption)
    assert not any(
        "per_thousand_images_usd" in frame.value for frame in draw(detail="label", month="2026-10").dataframe
    )


def test_the_report_is_offered_made_on_click_and_says_what_the_page_says(
    warehouse: SyntheticWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    budgets = [
        {"name": "Month", "amount": 900_000, "currency": "JPY"},
        {"name": "Year", "amount": 60_000, "period": "fiscal_year", "tax": "excluded"},
    ]
    made = settings().model_copy(update={"budget": tuple(Budget.model_validate(item) for item in budgets)})
    source.configure(made, warehouse)
    offered: dict[str, Any] = {}
    monkeypatch.setattr(
        exports.Menu, "offer_files", lambda _menu, _name, title, files: offered.update({title: files})
    )
    asked: list[dict[str, Any]] = []

    def noted(*args: Any, **said: Any) -> Any:
        asked.append(said)
        return monthly(*args, **said)

    monkeypatch.setattr(cost_report, "monthly", noted)
    app = draw(month="2026-11", currency="JPY", tax="excluded")
    assert not app.exception
    assert asked == [], "a run makes no report"
    assert list(offered) == [
        "Report for managers (Oct 2026)",
        "Report for managers (Nov 2026, unfinished)",
    ], "the last closed month first"
    pdf, excel = offered["Report for managers (Nov 2026, unfinished)"]
    assert (pdf.name, excel.name) == (
        "archivelens-report-2026-11-en.pdf",
        "archivelens-report-2026-11-en.xlsx",
    )
    text = " ".join(pypdfium2.PdfDocument(pdf.make())[0].get_textpage().get_text_range().split())
    assert app.metric[0].value in text, "the month so far"
    stand = [item.value for item in app.text if "expected" in item.value]
    assert len(stand) == 2
    assert all(line in text for line in stand)
    assert "without consumption tax" in text
    assert excel.make().startswith(b"PK")
    assert [(said["currency"], said["has_tax"]) for said in asked] == [("JPY", False)] * 2
    assert "November 2026 (unfinished)" in text
    offered.clear()
    draw(lang="ja", month="2026-10")
    [files] = offered.values()
    assert files[0].name == "archivelens-report-2026-10-ja.pdf"


@pytest.mark.usefixtures("warehouse")
@pytest.mark.parametrize("detail", ["device", "label", "movers", "lines", "ahead"])
def test_no_detail_mixes_dollars_with_the_yen_that_were_chosen(detail: str) -> None:
    shown = draw(currency="JPY", detail=detail, month="2026-11").dataframe
    assert [name for frame in shown for name in frame.value if str(name).endswith("_usd")] == []


@pytest.mark.usefixtures("warehouse")
def test_what_the_rows_add_up_to_is_in_their_currency() -> None:
    for currency, sign in (("JPY", "¥"), ("USD", "\\$")):
        said = [item.value for item in draw(currency=currency, detail="lines", month="2026-11").caption]
        assert any(re.match(rf"Sum of \d+ lines = {re.escape(sign)}", text) for text in said), said
        assert any(text.startswith(f"In all {sign}") for text in said), said
        said = [item.value for item in draw(currency=currency, detail="device").caption]
        assert any(text.startswith(f"The rows add up to {sign}") for text in said), said


def test_regions_of_several_prices_are_named_where_costs_are_shared_or_reckoned(
    warehouse: SyntheticWarehouse,
) -> None:
    def said(detail: str) -> list[str]:
        return [
            item.value for item in draw(detail=detail, lang="en").caption if "several regions" in item.value
        ]

    assert said("device") == said("prices") == []
    warehouse.connection.execute(
        "INSERT INTO marts.cost_months BY NAME SELECT * REPLACE ('TimedStorage-ByteHrs' AS usage_type, "
        "'storage' AS category) FROM marts.cost_months WHERE month = '2026-11-01' LIMIT 1"
    )
    st.cache_data.clear()
    [shared], [reckoned] = said("device"), said("prices")
    assert "(APN1, USE1)" in shared
    assert "an export of the bill names every bucket" in shared
    assert "(APN1, USE1)" in reckoned
