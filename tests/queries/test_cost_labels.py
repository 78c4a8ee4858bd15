"""What images with a label cost: added up by hand, and random archives that add up to the last digit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.warehouse.query import folder_queries

Row = tuple[Any, ...]


@contextmanager
def shared(
    shares: Sequence[Row], stored: Sequence[Row], carried: Sequence[Row]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """marts.cost_labels of shares (category, class, part, device, basis, cost), of what is stored (device, kind, class,
    objects, bytes) and of labels (device, class, name, value, images, bytes)."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(
            "CREATE SCHEMA marts; CREATE TABLE marts.cost_shares (month DATE, category VARCHAR, storage_class VARCHAR, "
            "part VARCHAR, device_id VARCHAR, basis VARCHAR, cost_usd DECIMAL(38, 10));"
            "CREATE TABLE marts.cost_months (month DATE, cost_usd DECIMAL(38, 10));"
            "CREATE TABLE marts.storage (device_id VARCHAR, kind VARCHAR, storage_class VARCHAR, object_count BIGINT, "
            "size_bytes BIGINT);"
            "CREATE TABLE marts.label_values (device_id VARCHAR, storage_class VARCHAR, name VARCHAR, value VARCHAR, "
            "image_count BIGINT, size_bytes BIGINT)"
        )
        for row in shares:
            connection.execute(
                "INSERT INTO marts.cost_shares VALUES ('2026-11-01', ?, ?, ?, ?, ?, ?)", list(row)
            )
        # An older month, which labels of now say nothing about.
        connection.execute(
            "INSERT INTO marts.cost_shares VALUES ('2026-10-01', 'storage', 'STANDARD', 'device', 'ipad', '', 99)"
        )
        connection.execute("INSERT INTO marts.cost_months SELECT month, cost_usd FROM marts.cost_shares")
        for table, rows in (("storage", stored), ("label_values", carried)):
            for row in rows:
                connection.execute(
                    f"INSERT INTO marts.{table} VALUES ({', '.join('?' * len(row))})", list(row)
                )
        query = folder_queries("marts")["marts.cost_labels"].sql
        connection.execute(f"CREATE TABLE marts.cost_labels AS {query}")
        yield connection


def sums(connection: duckdb.DuckDBPyConnection, name: str = "label") -> dict[str, Decimal]:
    return dict(
        connection.execute(
            "SELECT CASE WHEN part = 'labelled' THEN coalesce(value, '*') ELSE part END, sum(cost_usd) "
            "FROM marts.cost_labels WHERE name = $name GROUP BY 1 ORDER BY 1",
            {"name": name},
        ).fetchall()
    )


def wrong(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    return connection.execute(folder_queries("checks")["checks.labels_share_the_bill"].sql).fetchall()


def test_a_class_costs_what_its_images_weigh_in_it() -> None:
    """Standard: 10 dollars for 1,000 bytes, 250 of them cornea. Glacier: 2 dollars for 4,000 bytes, 1,000 cornea."""
    shares = [
        ("storage", "STANDARD", "device", "ipad", "byte_days", "10"),
        ("storage", "GLACIER", "device", "ipad", "byte_days", "2"),
        ("tax", "", "tax", "", "", "1.2"),
    ]
    stored = [("ipad", "image", "STANDARD", 4, 900), ("ipad", "companion", "STANDARD", 1, 100)]
    stored += [("ipad", "image", "GLACIER", 4, 4000), ("ipad", "noncurrent_version", "GLACIER", 9, 9000)]
    carried = [
        ("ipad", "STANDARD", "label", "cornea", 1, 250),
        ("ipad", "GLACIER", "label", "cornea", 1, 1000),
        ("ipad", "STANDARD", "label", "chest", 1, 500),
    ]
    with shared(shares, stored, carried) as connection:
        assert sums(connection) == {
            "cornea": Decimal("2.5") + Decimal("0.5"),
            "chest": Decimal(5),
            "without": Decimal("2.5") + Decimal("1.5"),
            "not_images": Decimal("1.2"),
        }
        assert wrong(connection) == []
        connection.execute("DELETE FROM marts.cost_labels WHERE part = 'without'")
        assert [row[0] for row in wrong(connection)] == ["label"]


def test_uploads_and_requests_follow_the_number_of_images_and_transfer_all_their_bytes() -> None:
    shares = [
        ("requests", "STANDARD", "device", "ipad", "uploads", "1"),
        ("transition", "GLACIER", "device", "ipad", "object_days", "3"),
        ("transfer", "", "device", "ipad", "byte_days", "8"),
    ]
    stored = [("ipad", "image", "STANDARD", 2, 100), ("ipad", "image", "GLACIER", 2, 300)]
    carried = [("ipad", "GLACIER", "label", "cornea", 1, 100)]
    with shared(shares, stored, carried) as connection:
        rows = connection.execute(
            "SELECT category, cost_usd FROM marts.cost_labels WHERE part = 'labelled' ORDER BY category"
        ).fetchall()
        assert rows == [
            ("requests", Decimal("0.25")),  # 1 image of 4
            ("transfer", Decimal(2)),  # 100 bytes of 400
            ("transition", Decimal("1.5")),  # 1 image of the 2 in the class
        ]
        assert wrong(connection) == []


def test_each_label_shares_the_whole_bill_and_no_label_has_no_rows() -> None:
    shares = [("storage", "STANDARD", "device", "ipad", "byte_days", "10")]
    stored = [("ipad", "image", "STANDARD", 3, 300)]
    carried = [("ipad", "STANDARD", "label", "cornea", 1, 100), ("ipad", "STANDARD", "patient", None, 3, 300)]
    with shared(shares, stored, carried) as connection:
        assert sums(connection, "patient") == {"*": Decimal(10)}
        assert sum(sums(connection, "label").values()) == Decimal(10)
    with shared(shares, stored, []) as connection:
        assert sums(connection) == {}
        assert wrong(connection) == []


CENTS = st.decimals("-5", "900", places=10)
CLASSES = ["STANDARD", "GLACIER", "DEEP_ARCHIVE"]


@given(
    costs=st.lists(
        st.tuples(
            st.sampled_from(["storage", "requests", "transfer", "transition"]),
            st.sampled_from(CLASSES),
            st.sampled_from(["device", "junk", "not_listed"]),
            st.sampled_from(["ipad", "xray"]),
            st.sampled_from(["byte_days", "object_days", "uploads"]),
            CENTS,
        ),
        min_size=1,
        max_size=8,
    ),
    images=st.lists(
        st.tuples(
            st.sampled_from(["ipad", "xray"]),
            st.sampled_from(CLASSES),
            st.sampled_from(["cornea", "chest", None]),
            st.integers(1, 9),
            st.integers(1, 1 << 40),
        ),
        max_size=8,
    ),
    others=st.integers(0, 1 << 40),
)
@settings(max_examples=25, deadline=None)
def test_shares_of_random_archives_add_up_to_the_last_digit(
    costs: list[Row], images: list[Row], others: int
) -> None:
    carried = [(device, class_, "label", value, count, size) for device, class_, value, count, size in images]
    stored = [
        (device, "image", class_, count + 1, size + others) for device, class_, _v, count, size in images
    ]
    with shared([(*row[:5], str(row[5])) for row in costs], stored, carried) as connection:
        assert wrong(connection) == []
        if images:
            assert sum(sums(connection).values()) == sum(row[5] for row in costs)
