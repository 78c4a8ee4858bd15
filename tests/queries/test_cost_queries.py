"""From the bills on disk to the marts: what each line stands for, what a restated month was, what looking costs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dashboard.warehouse import cost_exports
from dashboard.warehouse.query import folder_queries
from dashboard.warehouse.raw import RAW_TABLES, load_raw_files

S3 = "Amazon Simple Storage Service"
EXPORTED = ("export_statements", "export_lines")
WANTED = (
    "marts.cost_tags",
    "marts.cost_accounts",
    "marts.cost_buckets",
    "marts.cost_months",
    "marts.cost_days",
    "marts.cost_statements",
    "marts.cost_looking",
)


def line(usage_type: str = "", operation: str = "", cost: str = "1", **more: Any) -> dict[str, Any]:
    return {
        "start": "2026-10-01", "end": "2026-11-01", "service": S3, "usage_type": usage_type, "operation": operation,
        "tag_value": "", "account_id": "", "record_type": "Usage", "cost_usd": cost, "unit": "USD",
        "usage_amount": None, "usage_unit": "", "is_estimated": False, **more,
    }  # fmt: skip


def bill(lines: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    total = sum((Decimal(item["cost_usd"]) for item in lines), Decimal(0))
    return {
        "breakdown": "usage", "granularity": "MONTHLY", "period": "2026-10", "asked_at": "2026-11-20T00:00:00+00:00",
        "is_estimated": False, "has_records": True, "total_usd": str(total), "lines": lines, **more,
    }  # fmt: skip


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    (tmp_path / "bills").mkdir()
    return tmp_path


def keep(folder: Path, name: str, data: dict[str, Any]) -> None:
    (folder / "bills" / name).write_text(json.dumps(data))


def built(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        for schema in ("raw", "staging", "facts", "marts"):
            connection.execute(f"CREATE SCHEMA {schema}")
        for name in (
            "bills",
            "restated_bills",
            "requests",
            "lifecycle",
            "uploads",
            "aws_budgets",
            "cost_forecast",
            *EXPORTED,
        ):
            connection.execute(f"CREATE TABLE raw.{name} ({RAW_TABLES[name]})")
        load_raw_files(connection, folder)
        cost_exports.load(connection, folder)
        for name in ("staging.cost_exports", "staging.cost_lines", "facts.cost_lines", *WANTED):
            query = folder_queries(name.partition(".")[0])[name]
            connection.execute(f"CREATE TABLE {name} AS {query.sql}")
        yield connection


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    for connection in built(folder):
        return connection.execute(sql).fetchall()
    raise AssertionError


@pytest.mark.parametrize(
    ("given", "category"),
    [
        ({"usage_type": "APN1-TimedStorage-ByteHrs"}, "storage"),
        ({"usage_type": "APN1-Inventory-ObjectsListed"}, "looking"),
        ({"usage_type": "APN1-StorageLens-ObjCount"}, "looking"),
        ({"usage_type": "APN1-Requests-Tier2", "operation": "GetObjectTagging"}, "looking"),
        ({"usage_type": "USE1-APIRequest", "service": "AWS Cost Explorer"}, "looking"),
        ({"usage_type": "APN1-Requests-Tier2", "operation": "GetObject"}, "requests"),
        ({"usage_type": "APN1-EarlyDelete-GDA"}, "early_deletion"),
        ({"usage_type": "APN1-Requests-Tier3", "operation": "S3-GDATransition"}, "transition"),
        ({"usage_type": "APN1-Requests-Tier3", "operation": "RestoreObject"}, "retrieval"),
        ({"usage_type": "APN1-AWS-Out-Bytes"}, "transfer"),
        ({"record_type": "Tax"}, "tax"),
        ({"record_type": "Refund"}, "refund"),
        ({"record_type": "Credit", "usage_type": "APN1-TimedStorage-ByteHrs", "cost": "-1"}, "credit"),
        ({"record_type": "Fee"}, "other"),
        ({"record_type": None, "usage_type": "NoUsageType", "operation": "Tax"}, "tax"),
        ({"record_type": None, "cost": "-1"}, "credit"),
        ({"record_type": None, "usage_type": "APN1-TimedStorage-ByteHrs", "cost": "-1"}, "storage"),
        ({"record_type": None, "usage_type": "APN1-Something-New"}, "other"),
    ],
)
def test_a_line_stands_for_one_kind_of_cost(folder: Path, given: dict[str, Any], category: str) -> None:
    keep(folder, "usage-monthly-2026-10.json", bill([line(**given)]))
    assert rows(folder, "SELECT category FROM marts.cost_months") == [(category,)]


REGIONS = (
    "", "AFS1", "APE1", "APN1", "APN2", "APN3", "APS1", "APS2", "APS3", "APS4", "CAN1", "CAW1", "CNN1",
    "CNW1", "CPT", "EU", "EUC1", "EUC2", "EUN1", "EUS1", "EUW1", "EUW2", "EUW3", "ILC1", "MEC1", "MES1",
    "MXC1", "SAE1", "UGE1", "UGW1", "USE1", "USE2", "USW1", "USW2", "APN1-USE1", "USW2-EUC1",
)  # fmt: skip
"""What AWS writes before a usage type: nothing for us-east-1, two regions for what goes from one to the other."""
USAGES = {
    "TimedStorage-ByteHrs": ("storage", "STANDARD"),
    "TimedStorage-RRS-ByteHrs": ("storage", "REDUCED_REDUNDANCY"),
    "TimedStorage-SIA-ByteHrs": ("storage", "STANDARD_IA"),
    "TimedStorage-SIA-SmObjects": ("storage", "STANDARD_IA"),
    "TimedStorage-ZIA-ByteHrs": ("storage", "ONEZONE_IA"),
    "TimedStorage-GIR-ByteHrs": ("storage", "GLACIER_IR"),
    "TimedStorage-INT-FA-ByteHrs": ("storage", "INTELLIGENT_TIERING"),
    "TimedStorage-GlacierByteHrs": ("storage", "GLACIER"),
    "TimedStorage-GDA-ByteHrs": ("storage", "DEEP_ARCHIVE"),
    "TagStorage-TagHrs": ("storage", ""),
    "EarlyDelete-SIA": ("early_deletion", "STANDARD_IA"),
    "EarlyDelete-ZIA": ("early_deletion", "ONEZONE_IA"),
    "EarlyDelete-GIR": ("early_deletion", "GLACIER_IR"),
    "EarlyDelete-GIR-SmObjects": ("early_deletion", "GLACIER_IR"),
    "EarlyDelete-GDA": ("early_deletion", "DEEP_ARCHIVE"),
    "EarlyDelete-ByteHrs": ("early_deletion", "GLACIER"),
    "Requests-Tier1": ("requests", "STANDARD"),
    "Requests-SIA-Tier2": ("requests", "STANDARD_IA"),
    "Requests-GLACIER-Tier1": ("requests", "GLACIER"),
    "Retrieval-SIA": ("retrieval", "STANDARD_IA"),
    "Monitoring-Automation-INT": ("monitoring", "INTELLIGENT_TIERING"),
    "Inventory-ObjectsListed": ("looking", ""),
    "BatchOperations-Jobs": ("requests", ""),
    "DataTransfer-Out-Bytes": ("transfer", ""),
    "AWS-Out-Bytes": ("transfer", ""),
}


def test_a_usage_type_means_the_same_in_every_region(folder: Path) -> None:
    names = {f"{region}-{usage}" if region else usage: usage for region in REGIONS for usage in USAGES}
    keep(folder, "usage-monthly-2026-10.json", bill([line(name) for name in names]))
    found = rows(folder, "SELECT usage_type, category, storage_class FROM marts.cost_months")
    assert {name: tuple(meant) for name, *meant in found} == {
        name: USAGES[usage] for name, usage in names.items()
    }


def test_amounts_in_different_units_are_never_one(folder: Path) -> None:
    keep(
        folder,
        "usage-monthly-2026-10.json",
        bill(
            [
                line("APN1-TimedStorage-ByteHrs", usage_amount="1", usage_unit="GB-Mo"),
                line("APN1-TimedStorage-ByteHrs", usage_amount="5", usage_unit="Furlong", account_id="2"),
            ]
        ),
    )
    found = rows(
        folder, "SELECT usage_unit, usage_amount, cost_usd FROM marts.cost_months ORDER BY usage_unit"
    )
    assert found == [("Furlong", Decimal(5), Decimal(1)), ("GB-Mo", Decimal(1), Decimal(1))]


def test_row_47_a_restated_month_keeps_what_it_was_with_the_difference(folder: Path) -> None:
    for number, (cost, day) in enumerate((("10", "06"), ("10.5", "12"))):
        former = bill([line(cost=cost)], asked_at=f"2026-11-{day}T00:00:00+00:00")
        keep(folder, f"restated-usage-monthly-2026-10-{number}.json", former)
    keep(folder, "usage-monthly-2026-10.json", bill([line(cost="9.0000000001")]))
    running = line(cost="4", start="2026-11-01", end="2026-12-01", is_estimated=True)
    keep(folder, "usage-monthly-2026-11.json", bill([running], period="2026-11", is_estimated=True))
    found = rows(
        folder,
        "SELECT month, estimated_usd, final_usd, is_current, former_usd, difference_usd FROM marts.cost_statements",
    )
    october, november = date(2026, 10, 1), date(2026, 11, 1)
    assert found == [
        (october, None, Decimal(10), False, None, None),
        (october, None, Decimal("10.5"), False, Decimal(10), Decimal("0.5")),
        (october, None, Decimal("9.0000000001"), True, Decimal("10.5"), Decimal("-1.4999999999")),
        (november, Decimal(4), None, True, None, None),
    ]
    assert rows(folder, "SELECT sum(cost_usd) FROM marts.cost_months") == [(Decimal("13.0000000001"),)]


def test_looking_is_what_the_bill_says_and_what_cost_explorer_took(folder: Path) -> None:
    keep(
        folder,
        "usage-monthly-2026-10.json",
        bill([line("APN1-Inventory-ObjectsListed", cost="0.25"), line("APN1-TimedStorage-ByteHrs")]),
    )
    asked = {"operation": "GetCostAndUsage", "cost_usd": "0.01", "period": "x"}
    (folder / "requests.jsonl").write_text(
        "".join(
            json.dumps({"at": at, **asked}) + "\n"
            for at in ("2026-10-31T23:59:59+00:00", "2026-11-01T00:00:00+00:00", "2026-11-02T00:00:00+00:00")
        )
    )
    found = rows(folder, "SELECT * FROM marts.cost_looking")
    october, november = date(2026, 10, 1), date(2026, 11, 1)
    assert found == [
        (october, "cost_explorer", Decimal("0.01"), 1, False),
        (october, "inventory_reports", Decimal("0.25"), None, True),
        (november, "cost_explorer", Decimal("0.02"), 2, False),
    ]
