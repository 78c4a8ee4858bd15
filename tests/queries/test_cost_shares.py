"""The bill shared out by what caused it: cases added up by hand, and random bills that add up to the last digit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.domain.prices import Band, Price, PriceBook
from dashboard.domain.reckoning import reckon
from dashboard.settings.price_files import shipped_book
from dashboard.warehouse.billing_macros import create_macros
from dashboard.warehouse.query import folder_queries

TIERS = "device_id VARCHAR, kind VARCHAR, storage_class VARCHAR, access_tier VARCHAR"
GIB = 1 << 30
S3 = "Amazon Simple Storage Service"
STORED = ("TimedStorage-ByteHrs", "storage", "STANDARD")


@contextmanager
def shared(
    lines: Sequence[tuple[Any, ...]],
    trend: Sequence[tuple[Any, ...]],
    uploads: Sequence[tuple[Any, ...]] = (),
    regions: Sequence[str] = (),
) -> Iterator[duckdb.DuckDBPyConnection]:
    """marts.cost_shares of a bill (month, usage type, category, class, cost, GB-months) and reports.

    Args:
        regions: of each row of the reports; none if an export does not tell them.
    """
    with duckdb.connect(":memory:") as connection:
        create_macros(connection, datetime(2026, 11, 1))
        connection.execute("CREATE SCHEMA marts")
        connection.execute(
            "CREATE TABLE marts.cost_months (month DATE, service VARCHAR, usage_type VARCHAR, operation VARCHAR, "
            "category VARCHAR, storage_class VARCHAR, cost_usd DECIMAL(38, 10), usage_amount DECIMAL(38, 10), "
            "usage_unit VARCHAR, is_estimated BOOLEAN)"
        )
        connection.execute("CREATE TABLE marts.cost_days (billed_on DATE)")
        connection.execute(
            f"CREATE TABLE marts.trend (reported_on DATE, {TIERS}, object_count BIGINT, size_bytes BIGINT, "
            "region_code VARCHAR)"
        )
        connection.execute("CREATE TABLE marts.bucket_regions (source_bucket VARCHAR, region_code VARCHAR)")
        for region in dict.fromkeys(regions):
            connection.execute("INSERT INTO marts.bucket_regions VALUES (?, ?)", [f"in-{region}", region])
        connection.execute(
            "CREATE TABLE marts.uploads (device_id VARCHAR, kind VARCHAR, uploaded_on DATE, object_count BIGINT)"
        )
        for month, usage_type, category, class_, cost, amount in lines:
            unit = "GB-Mo" if category == "storage" else "Requests"
            connection.execute(
                "INSERT INTO marts.cost_months VALUES (?, ?, ?, '', ?, ?, ?, ?, ?, false)",
                [month, S3, usage_type, category, class_, cost, amount, unit],
            )
        for row, region in zip(trend, regions or [""] * len(trend), strict=True):
            connection.execute("INSERT INTO marts.trend VALUES (?, ?, ?, ?, '', ?, ?, ?)", [*row, region])
        for row in uploads:
            connection.execute("INSERT INTO marts.uploads VALUES (?, ?, ?, ?)", list(row))
        for name in ("marts.storage_days", "marts.cost_shares"):
            connection.execute(f"CREATE TABLE {name} AS {folder_queries('marts')[name].sql}")
        yield connection


def parts(connection: duckdb.DuckDBPyConnection, where: str = "true") -> dict[str, Decimal]:
    found = connection.execute(
        "SELECT CASE WHEN part = 'device' THEN device_id ELSE part END AS who, sum(cost_usd) "
        f"FROM marts.cost_shares WHERE {where} GROUP BY who ORDER BY who"
    ).fetchall()
    return dict(found)


def wrong(connection: duckdb.DuckDBPyConnection) -> list[Any]:
    check = folder_queries("checks")["checks.shares_add_up_to_the_bill"]
    return connection.execute(check.sql).fetchall()


def test_storage_is_shared_by_bytes_and_days_over_a_boundary_of_months() -> None:
    """10 GiB of an iPad the whole of October; 20 GiB of X-rays from the 16th on (16 days): 310 to 320 GiB-days."""
    trend = [
        ("2026-09-20", "ipad", "image", "STANDARD", 10, 10 * GIB),
        ("2026-10-16", "ipad", "image", "STANDARD", 10, 10 * GIB),
        ("2026-10-16", "xray", "image", "STANDARD", 1, 20 * GIB),
        ("2026-11-02", "ipad", "image", "STANDARD", 10, 10 * GIB),
    ]
    gb_months = Decimal(630) / 31
    with shared([("2026-10-01", *STORED, "6.30", gb_months)], trend) as connection:
        assert wrong(connection) == []
        found = parts(connection)
    assert found["ipad"].quantize(Decimal("1E-8")) == Decimal("3.10")
    assert found["xray"].quantize(Decimal("1E-8")) == Decimal("3.20")
    assert abs(found.get("not_listed", Decimal(0)) + found.get("rounding", Decimal(0))) < Decimal("1E-8")


def test_versions_junk_and_what_no_report_lists_are_named_and_companions_are_the_devices() -> None:
    trend = [
        ("2026-09-30", "ipad", "image", "STANDARD", 1, 4 * GIB),
        ("2026-09-30", "ipad", "companion", "STANDARD", 1, 1 * GIB),
        ("2026-09-30", "ipad", "noncurrent_version", "STANDARD", 1, 2 * GIB),
        ("2026-09-30", "xray", "junk", "STANDARD", 1, 1 * GIB),
        ("2026-11-01", "ipad", "image", "STANDARD", 1, 1),
    ]
    lines = [
        ("2026-10-01", *STORED, "10", 10),
        ("2026-10-01", "", "tax", "", "1", None),
        ("2026-10-01", "", "credit", "", "-3", None),
        ("2026-10-01", "X", "other", "", "0.5", None),
    ]
    with shared(lines, trend) as connection:
        assert wrong(connection) == []
        assert parts(connection) == {
            "credit": Decimal(-3),
            "ipad": Decimal(5),
            "junk": Decimal(1),
            "no_cause": Decimal("0.5"),
            "not_listed": Decimal(2),
            "noncurrent_version": Decimal(2),
            "tax": Decimal(1),
        }


def test_each_kind_of_cost_follows_its_own_cause() -> None:
    trend = [
        ("2026-10-01", "ipad", "image", "STANDARD", 90, 10 * GIB),
        ("2026-10-01", "xray", "image", "STANDARD", 10, 30 * GIB),
        ("2026-10-01", "xray", "image", "GLACIER", 5, 5 * GIB),
        ("2026-11-01", "xray", "image", "GLACIER", 5, 5 * GIB),
    ]
    uploads = [
        ("ipad", "image", "2026-10-02", 3),
        ("xray", "image", "2026-10-31", 1),
        ("xray", "image", "2026-11-01", 9),
    ]
    lines = [
        ("2026-10-01", "APN1-Requests-Tier1", "requests", "STANDARD", "4", 4),
        ("2026-10-01", "APN1-Requests-Tier2", "requests", "STANDARD", "10", 10),
        ("2026-10-01", "DataTransfer-Out-Bytes", "transfer", "", "9", 1),
        ("2026-10-01", "Requests-Tier3", "transition", "GLACIER", "2", 5),
        ("2026-10-01", "Retrieval-SIA", "retrieval", "STANDARD_IA", "7", 1),
    ]
    with shared(lines, trend, uploads) as connection:
        assert wrong(connection) == []
        assert parts(connection, "basis = 'uploads'") == {"ipad": Decimal(3), "xray": Decimal(1)}
        assert parts(connection, "category = 'requests' AND basis = 'object_days'") == {
            "ipad": Decimal(9),
            "xray": Decimal(1),
        }
        assert parts(connection, "category = 'transfer'") == {"ipad": Decimal(2), "xray": Decimal(7)}
        assert parts(connection, "category = 'transition'") == {"xray": Decimal(2)}
        assert parts(connection, "category = 'retrieval'") == {"no_report": Decimal(7)}


TWO_REGIONS = [
    ("2026-09-30", "ipad", "image", "DEEP_ARCHIVE", 1, 10 * GIB),
    ("2026-09-30", "xray", "image", "DEEP_ARCHIVE", 1, 10 * GIB),
    ("2026-11-01", "xray", "image", "DEEP_ARCHIVE", 1, 1),
]
OF_REGIONS = [
    ("2026-10-01", "APN1-TimedStorage-GDA-ByteHrs", "storage", "DEEP_ARCHIVE", "20", 10),
    ("2026-10-01", "USW2-TimedStorage-GDA-ByteHrs", "storage", "DEEP_ARCHIVE", "10", 10),
    ("2026-10-01", "EU-TimedStorage-GDA-ByteHrs", "storage", "DEEP_ARCHIVE", "4", 4),
    ("2026-10-01", "USW2-APN1-AWS-Out-Bytes", "transfer", "", "3", 1),
    ("2026-10-01", "AWS-Out-Bytes", "transfer", "", "0.5", 1),
]


def test_costs_of_a_region_follow_what_is_kept_there() -> None:
    with shared(OF_REGIONS, TWO_REGIONS, regions=["APN1", "USW2", "USW2"]) as connection:
        assert wrong(connection) == []
        assert parts(connection) == {
            "ipad": Decimal(20),
            "xray": Decimal(13),
            "not_listed": Decimal("4.5"),  # of regions without a bucket that has reports
        }


@pytest.mark.parametrize(
    ("reported", "told"),
    [
        (["tokyo", "oregon", "virginia"], [("oregon", "USW2"), ("tokyo", "APN1"), ("virginia", "")]),
        (["tokyo"], [("tokyo", "APN1")]),
        (["tokyo", "not billed yet"], []),
        ([], []),
    ],
)
def test_regions_are_told_where_every_bucket_with_reports_has_one(
    reported: list[str], told: list[tuple[str, str]]
) -> None:
    lines = [
        ("tokyo", "APN1-TimedStorage-SIA-ByteHrs", "storage"),
        ("tokyo", "APN1-USW2-AWS-Out-Bytes", "transfer"),
        ("oregon", "USW2-TimedStorage-ByteHrs", "storage"),
        ("virginia", "USE1-TimedStorage-ByteHrs", "storage"),
        ("", "EU-TimedStorage-ByteHrs", "storage"),
        ("not billed yet", "USW2-Requests-Tier1", "requests"),
    ]
    with duckdb.connect(":memory:") as connection:
        create_macros(connection, datetime(2026, 11, 1))
        connection.execute("CREATE SCHEMA facts")
        connection.execute(
            "CREATE TABLE facts.cost_lines (bucket VARCHAR, usage_type VARCHAR, category VARCHAR, "
            "breakdown VARCHAR DEFAULT 'usage', granularity VARCHAR DEFAULT 'MONTHLY', "
            "start_on DATE DEFAULT '2026-10-01')"
        )
        connection.execute("CREATE TABLE facts.history (source_bucket VARCHAR)")
        for line in lines:
            values = "(bucket, usage_type, category) VALUES (?, ?, ?)"
            connection.execute(f"INSERT INTO facts.cost_lines {values}", list(line))
        for bucket in reported * 2:
            connection.execute("INSERT INTO facts.history VALUES (?)", [bucket])
        found = connection.execute(folder_queries("marts")["marts.bucket_regions"].sql).fetchall()
    assert found == told


def test_without_an_export_that_tells_regions_costs_follow_bytes_alone() -> None:
    with shared(OF_REGIONS, TWO_REGIONS) as connection:
        assert wrong(connection) == []
        found = parts(connection)
    assert found["ipad"] == found["xray"]


def test_a_month_before_the_first_report_is_nobodys() -> None:
    trend = [("2026-10-05", "ipad", "image", "STANDARD", 1, GIB)]
    with shared([("2026-09-01", *STORED, "1.2345678901", 1)], trend) as connection:
        assert wrong(connection) == []
        assert parts(connection) == {"no_report": Decimal("1.2345678901")}


AMOUNTS = st.decimals(-100, 100_000, places=10)
CLASSES = st.sampled_from(["STANDARD", "GLACIER", ""])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["2026-09-01", "2026-10-01"]),
            st.sampled_from(
                ["TimedStorage-ByteHrs", "Requests-Tier1", "Requests-Tier2", "DataTransfer-Out-Bytes"]
            ),
            st.sampled_from(["storage", "requests", "transfer", "transition", "tax", "monitoring", "other"]),
            CLASSES,
            AMOUNTS,
            st.decimals(0, 1000, places=3),
        ),
        max_size=8,
    ),
    st.lists(
        st.tuples(
            st.sampled_from(["2026-08-31", "2026-09-13", "2026-10-02", "2026-10-30"]),
            st.sampled_from(["ipad", "xray", "unattributed"]),
            st.sampled_from(["image", "junk", "noncurrent_version"]),
            CLASSES,
            st.integers(0, 10**6),
            st.integers(0, 10**13),
        ),
        max_size=8,
        unique_by=lambda row: row[:4],
    ),
)
def test_the_shares_of_a_random_bill_add_up_to_the_last_digit(
    lines: list[tuple[Any, ...]], trend: list[tuple[Any, ...]]
) -> None:
    uploads = [(row[1], row[2], row[0], row[4]) for row in trend]
    with shared(lines, trend, uploads) as connection:
        assert wrong(connection) == []
        assert sum(parts(connection).values()) == sum((line[4] for line in lines), Decimal(0))


def usd(
    book: PriceBook, class_: str, tier: str, kept: str, billed: str, cost: str
) -> tuple[Decimal | None, ...]:
    found = reckon(
        book, "us-east-1", class_, tier, date(2026, 10, 1), kept_gb_months=Decimal(kept),
        billed_gb_months=Decimal(billed), billed_usd=Decimal(cost),
    )  # fmt: skip
    return found.list_usd, found.amount_gap_usd, found.price_gap_usd


@pytest.mark.parametrize(
    ("class_", "kept", "billed", "cost", "expected"),
    [
        # All listed, at list prices; then 10 % off; then 2 GB-months more than listed.
        ("STANDARD", "100", "100", "2.3", ("2.3", "0", "0")),
        ("STANDARD", "100", "100", "2.07", ("2.3", "0", "-0.23")),
        ("GLACIER", "100", "102", "0.3672", ("0.36", "0.0072", "0")),
        # Over the boundary of a band: 51,200 at 0.023, the rest at 0.022.
        ("STANDARD", "51200", "51300", "1179.8", ("1177.6", "2.2", "0")),
    ],
)
def test_the_gap_to_list_prices_is_told_to_the_last_digit(
    class_: str, kept: str, billed: str, cost: str, expected: tuple[str, ...]
) -> None:
    assert usd(shipped_book(), class_, "", kept, billed, cost) == tuple(Decimal(text) for text in expected)


def test_a_missing_price_leaves_the_gap_untold_and_a_later_one_does_not_stand_in() -> None:
    assert usd(shipped_book(), "INTELLIGENT_TIERING", "ARCHIVE", "1", "1", "1") == (None, None, None)
    later = Price((Band(Decimal(0), None, Decimal(1)),), "GB-Mo", "2026-11-01", "test")
    book = PriceBook({"us-east-1": {"storage.STANDARD": (later,)}})
    assert usd(book, "STANDARD", "", "1", "1", "1") == (None, None, None)
