"""Days whose cost nothing known explains: bills of 100 days drawn by hand, with one thing wrong or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from dashboard.warehouse.query import folder_queries

FIRST = date(2026, 7, 1)
DAYS = [FIRST + timedelta(days=number) for number in range(140)]
STORED = ("storage", "STANDARD", "APN1-TimedStorage-ByteHrs", "StandardStorage")
READ = ("requests", "STANDARD", "APN1-Requests-Tier2", "GetObject")
PUT = ("requests", "STANDARD", "APN1-Requests-Tier1", "PutObject")
RESTORED = ("retrieval", "GLACIER", "APN1-Standard-Retrieval-Bytes", "RestoreObject")
Kind = tuple[str, str, str, str]
Amounts = Callable[[int, date], float]


def month_days(day: date) -> int:
    return ((day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).day


def stored(gib: Callable[[int], float]) -> Amounts:
    """What so many GiB cost on a day: a month's price, by the days of the month."""
    return lambda number, day: gib(number) * 0.025 / month_days(day)


def steady(number: int) -> float:
    """Storage that grows by 2 GiB a day."""
    return 1000 + 2 * number


def unusual(
    bill: dict[Kind, Amounts],
    *,
    uploads: Callable[[int], int] = lambda _number: 100,
    trend: Sequence[tuple[Any, ...]] = (),
    buckets: Sequence[tuple[Any, ...]] = (),
    missing: Sequence[int] = (),
) -> list[dict[str, Any]]:
    """Rows of the mart for a bill; the newest day is never complete, and some may be missing."""
    with duckdb.connect(":memory:") as connection:
        connection.execute("CREATE SCHEMA marts; CREATE SCHEMA facts")
        connection.execute(
            "CREATE TABLE marts.cost_days (billed_on DATE, service VARCHAR, usage_type VARCHAR, operation VARCHAR, "
            "category VARCHAR, storage_class VARCHAR, cost_usd DECIMAL(38, 10))"
        )
        connection.execute("CREATE TABLE facts.calendar (day DATE, is_open BOOLEAN)")
        connection.execute(
            "CREATE TABLE marts.uploads (uploaded_on DATE, device_id VARCHAR, object_count BIGINT)"
        )
        connection.execute(
            "CREATE TABLE marts.trend (reported_on DATE, device_id VARCHAR, storage_class VARCHAR, size_bytes BIGINT)"
        )
        connection.execute(
            "CREATE TABLE facts.cost_lines (breakdown VARCHAR, granularity VARCHAR, start_on DATE, service VARCHAR, "
            "usage_type VARCHAR, operation VARCHAR, bucket VARCHAR, cost_usd DECIMAL(38, 10))"
        )
        days = [
            (day, "S3", usage_type, operation, category, class_, Decimal(str(round(amount(number, day), 8))))
            for (category, class_, usage_type, operation), amount in bill.items()
            for number, day in enumerate(DAYS)
            if number not in missing
        ]
        connection.executemany("INSERT INTO marts.cost_days VALUES (?, ?, ?, ?, ?, ?, ?)", days)
        connection.executemany(
            "INSERT INTO facts.calendar VALUES (?, ?)", [(day, day.isoweekday() < 6) for day in DAYS]
        )
        came = [(day, "ipad", uploads(number)) for number, day in enumerate(DAYS)]
        connection.executemany("INSERT INTO marts.uploads VALUES (?, ?, ?)", came)
        for table, rows in (("marts.trend", trend), ("facts.cost_lines", buckets)):
            for row in rows:
                marks = ", ".join("?" * len(row))
                connection.execute(f"INSERT INTO {table} VALUES ({marks})", list(row))
        found = connection.execute(folder_queries("marts")["marts.cost_anomalies"].sql)
        names = [item[0] for item in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def usual() -> dict[Kind, Amounts]:
    """Growing storage, and reading on open days only: a bill of about a dollar a day."""
    return {STORED: stored(steady), READ: lambda _number, day: 0.2 if day.isoweekday() < 6 else 0.01}


def test_growth_lengths_of_months_and_closed_days_are_explained() -> None:
    assert unusual(usual()) == []


def test_a_day_of_reading_is_told_with_what_is_usual() -> None:
    bill = usual()
    bill[READ] = lambda number, day: 1.7 if number == 120 else 0.2 if day.isoweekday() < 6 else 0.01
    (row,) = unusual(bill)
    assert (row["first_on"], row["day_count"], row["category"]) == (DAYS[120], 1, "requests")
    assert (row["cost_usd"], row["expected_usd"], row["difference_usd"]) == (
        Decimal("1.7"),
        Decimal("0.2"),
        Decimal("1.5"),
    )
    assert row["device_id"] == "", "who reads is in no bill"


def test_days_that_the_bill_does_not_have_yet_are_nothing_unusual() -> None:
    assert unusual(usual(), missing=range(117, 121)) == []


def test_a_fee_of_each_month_is_nothing_unusual_and_one_in_its_middle_is() -> None:
    fee, late = (("other", "", "", name) for name in ("Fee", "Late fee"))
    bill = usual() | {fee: lambda _number, day: 29.0 if day.day == 1 else 0}
    assert unusual(bill) == []
    bill[late] = lambda _number, day: 29.0 if day == DAYS[120] else 0
    assert [row["operation"] for row in unusual(bill)] == ["Late fee"]


def test_work_on_a_closed_day_is_told() -> None:
    bill = usual()
    sunday = next(number for number in range(100, 140) if DAYS[number].isoweekday() == 7)
    bill[READ] = lambda number, day: 0.2 if day.isoweekday() < 6 or number == sunday else 0.01
    assert [row["first_on"] for row in unusual(bill)] == [DAYS[sunday]]


def test_days_that_follow_each_other_are_one_row() -> None:
    bill = usual()
    bill[READ] = lambda number, _day: 2.0 if number in (119, 120, 121) else 0.2
    (row,) = unusual(bill)
    assert (row["first_on"], row["last_on"], row["day_count"]) == (DAYS[119], DAYS[121], 3)
    assert row["cost_usd"] == Decimal(6)


@pytest.mark.parametrize(("change", "sign"), [(800, 1), (-600, -1)])
def test_storage_that_comes_or_goes_is_told_once_with_its_device(change: int, sign: int) -> None:
    bill = usual()
    bill[STORED] = stored(lambda number: steady(number) + (change if number >= 118 else 0))
    gib = 1 << 30
    trend = [
        (DAYS[110], "ipad", "STANDARD", 500 * gib),
        (DAYS[110], "xray", "STANDARD", 700 * gib),
        (DAYS[125], "ipad", "STANDARD", 520 * gib),
        (DAYS[125], "xray", "STANDARD", (700 + change) * gib),
        (DAYS[125], "endoscope", "GLACIER", 9999 * gib),
    ]
    (row,) = unusual(bill, trend=trend)
    assert (row["first_on"], row["day_count"], row["device_id"]) == (DAYS[118], 1, "xray")
    assert (row["difference_usd"] > 0) is (sign > 0)
    assert float(row["difference_usd"]) == pytest.approx(change * 0.025 / month_days(DAYS[118]), rel=1e-3)


def test_more_uploads_explain_what_uploading_costs() -> None:
    bill = usual()
    many = {120: 10_000}
    bill[PUT] = lambda number, _day: 0.001 * many.get(number, 100)
    assert unusual(bill, uploads=lambda number: many.get(number, 100)) == []
    (row,) = unusual(bill, uploads=lambda _number: 100)
    assert (row["usage_type"], row["device_id"]) == ("APN1-Requests-Tier1", "ipad")


def test_what_happens_often_is_usual_and_what_is_small_is_not_worth_a_line() -> None:
    bill = usual()
    bill[RESTORED] = lambda number, _day: 0.9 if number % 5 == 0 else 0.0
    assert unusual(bill) == [], "a restore every week"
    bill[RESTORED] = lambda number, _day: 0.05 if number == 120 else 0.0
    assert unusual(bill) == [], "a twentieth of a day's bill"
    bill[RESTORED] = lambda number, _day: 0.9 if number == 120 else 0.0
    assert [row["category"] for row in unusual(bill)] == ["retrieval"]


def test_the_newest_day_and_long_past_ones_are_not_judged() -> None:
    bill = usual()
    bill[RESTORED] = lambda number, _day: 9.0 if number in (20, 139) else 0.0
    assert unusual(bill) == []


def test_tax_and_what_looking_costs_are_no_surprise() -> None:
    bill = usual()
    bill["tax", "", "NoUsageType", "Tax"] = lambda _number, day: 30.0 if day.day == 1 else 0.0
    bill["looking", "", "APN1-Requests-Tier2", "GetObjectTagging"] = lambda number, _day: (
        9.0 if number == 120 else 0.0
    )
    assert unusual(bill) == []


def test_an_export_tells_the_bucket() -> None:
    bill = usual()
    bill[RESTORED] = lambda number, _day: 3.0 if number == 120 else 0.0
    _category, _class, usage_type, operation = RESTORED
    buckets = [
        ("usage", "DAILY", DAYS[120], "S3", usage_type, operation, "small", Decimal("0.5")),
        ("usage", "DAILY", DAYS[120], "S3", usage_type, operation, "microscopes", Decimal("2.5")),
        ("usage", "DAILY", DAYS[119], "S3", usage_type, operation, "small", Decimal(99)),
    ]
    (row,) = unusual(bill, buckets=buckets)
    assert row["bucket"] == "microscopes"


def test_a_young_bill_is_not_judged() -> None:
    with duckdb.connect(":memory:") as connection:
        connection.execute("CREATE SCHEMA marts; CREATE SCHEMA facts")
        for statement in (
            "CREATE TABLE marts.cost_days (billed_on DATE, service VARCHAR, usage_type VARCHAR, operation VARCHAR, "
            "category VARCHAR, storage_class VARCHAR, cost_usd DECIMAL(38, 10))",
            "CREATE TABLE facts.calendar (day DATE, is_open BOOLEAN)",
            "CREATE TABLE marts.uploads (uploaded_on DATE, device_id VARCHAR, object_count BIGINT)",
            "CREATE TABLE marts.trend (reported_on DATE, device_id VARCHAR, storage_class VARCHAR, size_bytes BIGINT)",
            "CREATE TABLE facts.cost_lines (breakdown VARCHAR, granularity VARCHAR, start_on DATE, service VARCHAR, "
            "usage_type VARCHAR, operation VARCHAR, bucket VARCHAR, cost_usd DECIMAL(38, 10))",
        ):
            connection.execute(statement)
        assert connection.execute(folder_queries("marts")["marts.cost_anomalies"].sql).fetchall() == []
