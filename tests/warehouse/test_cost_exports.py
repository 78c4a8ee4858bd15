"""Exports of the bill: CUR 2.0 and FOCUS files, read in one pass, believed as a whole or not at all.

All files are synthetic: they have the columns AWS documents, and what was seen in public samples (the word NULL, ARNs
and bare bucket names, maps and JSON for tags).
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from dashboard.errors import DashboardError, ExitCode
from dashboard.settings import Settings
from dashboard.warehouse import cost_exports
from dashboard.warehouse.cost_exports import Statement
from dashboard.warehouse.query import folder_queries
from dashboard.warehouse.raw import RAW_TABLES

NOW = datetime(2026, 11, 20, tzinfo=UTC)
S3 = "Amazon Simple Storage Service"
CHECK = "checks.costs_add_up_to_the_bill"


def cur(cost: object = "1.5", **more: Any) -> dict[str, Any]:
    """One line of CUR 2.0: an hour of storage."""
    return {
        "bill_invoice_id": "2026-1", "line_item_usage_account_id": "111122223333",
        "line_item_usage_start_date": "2026-10-05T00:00:00.000Z", "line_item_product_code": "AmazonS3",
        "line_item_usage_type": "APN1-TimedStorage-ByteHrs", "line_item_operation": "StandardStorage",
        "line_item_resource_id": "clinic-images", "line_item_line_item_type": "Usage",
        "line_item_unblended_cost": cost, "line_item_currency_code": "USD", "line_item_usage_amount": "60",
        "pricing_unit": "GB-Mo", "resource_tags": {"user_department": "radiology"}, **more,
    }  # fmt: skip


def focus(cost: object = "1.5", **more: Any) -> dict[str, Any]:
    """One line of FOCUS with the columns AWS adds."""
    return {
        "ChargePeriodStart": "2026-10-05T00:00:00Z", "SubAccountId": "111122223333", "ServiceName": S3,
        "x_ServiceCode": "AmazonS3", "x_UsageType": "APN1-TimedStorage-ByteHrs", "x_Operation": "StandardStorage",
        "ResourceId": "arn:aws:s3:::clinic-images", "ChargeCategory": "Usage", "BilledCost": cost,
        "BillingCurrency": "USD", "ConsumedQuantity": "60", "ConsumedUnit": "GB-Mo",
        "Tags": {"user:department": "radiology"}, **more,
    }  # fmt: skip


def as_parquet(folder: Path, rows: list[dict[str, Any]], name: str = "part.parquet") -> Path:
    """As Data Exports writes it: amounts as DOUBLE, times as timestamps, tags as a map."""
    columns: dict[str, Any] = {}
    for key in rows[0]:
        values = [row[key] for row in rows]
        if isinstance(values[0], dict):
            columns[key] = pa.array(
                [list(item.items()) for item in values], pa.map_(pa.string(), pa.string())
            )
        elif key in {"line_item_unblended_cost", "BilledCost", "line_item_usage_amount", "ConsumedQuantity"}:
            columns[key] = pa.array([float(item) for item in values], pa.float64())
        else:
            columns[key] = pa.array(values, pa.string())
    pq.write_table(pa.table(columns), folder / name)
    return folder / name


def as_csv(folder: Path, rows: list[dict[str, Any]], name: str = "part.csv.gz") -> Path:
    with gzip.open(folder / name, "wt", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        for row in rows:
            writer.writerow(
                {key: json.dumps(item) if isinstance(item, dict) else item for key, item in row.items()}
            )
    return folder / name


def settings_at(folder: Path, *tags: str, services: tuple[str, ...] = ()) -> Settings:
    costs = {"tags": list(tags)} | ({"services": [S3, *services]} if services else {})
    return Settings.model_validate(
        {"warehouse": {"folder": str(folder / "warehouse"), "threads": 1}, "costs": costs}
    )


def keep(
    folder: Path,
    files: list[Path],
    *tags: str,
    version: str = "v1",
    now: datetime = NOW,
    services: tuple[str, ...] = (),
) -> Statement:
    return cost_exports.keep(
        settings_at(folder, *tags, services=services), files, period="2026-10", version=version, written_at=now,
        now=now, locator="s3://billing/x/",
    )  # fmt: skip


def built(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The cost tables, made from what was kept."""
    with duckdb.connect(":memory:") as connection:
        for schema in ("raw", "staging", "facts", "marts"):
            connection.execute(f"CREATE SCHEMA {schema}")
        for name in ("bills", "restated_bills", "requests", "export_statements", "export_lines"):
            connection.execute(f"CREATE TABLE raw.{name} ({RAW_TABLES[name]})")
        cost_exports.load(connection, folder / "warehouse")
        marts = ("months", "days", "tags", "accounts", "buckets", "statements")
        names = ("staging.cost_exports", "staging.cost_lines", "facts.cost_lines")
        for name in (*names, *(f"marts.cost_{mart}" for mart in marts)):
            connection.execute(f"CREATE TABLE {name} AS {folder_queries(name.partition('.')[0])[name].sql}")
        yield connection


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    for connection in built(folder):
        return connection.execute(sql).fetchall()
    raise AssertionError


@pytest.mark.parametrize("kind", ["cur2", "focus"])
@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_a_delivery_is_cut_by_day_bucket_tag_and_record(tmp_path: Path, kind: str, form: str) -> None:
    line, write = (cur if kind == "cur2" else focus), (as_parquet if form == "parquet" else as_csv)
    start = "line_item_usage_start_date" if kind == "cur2" else "ChargePeriodStart"
    code = "line_item_product_code" if kind == "cur2" else "x_ServiceCode"
    record = "line_item_line_item_type" if kind == "cur2" else "ChargeCategory"
    resource = "line_item_resource_id" if kind == "cur2" else "ResourceId"
    tags = "resource_tags" if kind == "cur2" else "Tags"
    other = {"ServiceName": "Amazon Elastic Compute Cloud"} if kind == "focus" else {}
    file = write(
        tmp_path,
        [
            line("0.25"),
            line("0.5", **{start: "2026-10-05T23:00:00Z"}),
            line("2", **{start: "2026-10-06T00:00:00Z", resource: "clinic-labels", tags: {}}),
            line("-0.75", **{record: "Credit", resource: ""}),
            line("99", **{code: "AmazonEC2", **other}),
        ],
    )
    kept = keep(tmp_path, [file], "department")
    assert (kept.kind, kept.total_usd, kept.row_count, kept.is_estimated) == (kind, "2.0000000000", 4, False)
    assert rows(
        tmp_path, "SELECT billed_on, sum(cost_usd) FROM marts.cost_days GROUP BY ALL ORDER BY ALL"
    ) == [
        (date(2026, 10, 5), Decimal(0)),
        (date(2026, 10, 6), Decimal(2)),
    ]
    assert rows(tmp_path, "SELECT bucket, cost_usd FROM marts.cost_buckets") == [
        ("", Decimal("-0.75")),
        ("clinic-images", Decimal("0.75")),
        ("clinic-labels", Decimal(2)),
    ]
    assert rows(tmp_path, "SELECT tag_key, tag_value, cost_usd FROM marts.cost_tags") == [
        ("department", "", Decimal(2)),
        ("department", "radiology", Decimal(0)),
    ]
    assert rows(
        tmp_path, "SELECT category, sum(cost_usd) FROM marts.cost_months GROUP BY ALL ORDER BY ALL"
    ) == [
        ("credit", Decimal("-0.75")),
        ("storage", Decimal("2.75")),
    ]


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_cur_tells_by_the_product_what_code_another_service_has(tmp_path: Path, form: str) -> None:
    keys, ec2 = "AWS Key Management Service", "Amazon Elastic Compute Cloud"
    lines = [
        cur("1.5", product={"product_name": S3}),
        cur("0.25", line_item_product_code="awskms", product={"product_name": keys}),
        # A line of tax may have no product.
        cur(
            "0.025", line_item_product_code="awskms", line_item_line_item_type="Tax", product={"region": "x"}
        ),
        cur("9", line_item_product_code="AmazonEC2", product={"product_name": ec2}),
    ]
    write = as_parquet if form == "parquet" else as_csv
    kept = keep(tmp_path, [write(tmp_path, lines)], services=(keys, "AWS Support (Business)"))
    assert Decimal(kept.total_usd) == Decimal("1.775")
    found = rows(tmp_path, "SELECT service, sum(cost_usd) FROM marts.cost_months GROUP BY ALL ORDER BY ALL")
    assert found == [(keys, Decimal("0.275")), (S3, Decimal("1.5"))]


def test_a_service_that_cur_cannot_tell_refuses_the_month_instead_of_leaving_it_out(tmp_path: Path) -> None:
    file = as_parquet(tmp_path, [cur()])
    with pytest.raises(DashboardError) as caught:
        keep(tmp_path, [file], services=("AWS Key Management Service",))
    assert caught.value.code is ExitCode.COST_INVALID
    assert "the column product is missing, without which AWS Key Management Service" in caught.value.cause


def test_a_delivery_is_read_again_for_other_services(tmp_path: Path) -> None:
    keep(tmp_path, [as_parquet(tmp_path, [cur()])])
    usual, more = settings_at(tmp_path), settings_at(tmp_path, services=("AWS Key Management Service",))
    assert cost_exports.is_kept(usual, "2026-10", "v1")
    assert not cost_exports.is_kept(more, "2026-10", "v1")
    note = tmp_path / "warehouse" / "exports" / "2026-10" / "v1.json"
    noted = json.loads(note.read_text())
    del noted["services"]
    note.write_text(json.dumps(noted))
    assert cost_exports.is_kept(usual, "2026-10", "v1"), "kept before services were noted"
    assert not cost_exports.is_kept(more, "2026-10", "v1")
    assert cost_exports.statements(tmp_path / "warehouse") == [note]


def test_words_that_mean_nothing_and_columns_that_lack_are_nothing(tmp_path: Path) -> None:
    line = focus("1E-11", ResourceId="NULL", ConsumedQuantity="NULL", x_Operation="NULL", InvoiceId="NULL")
    lacking = {
        key: item for key, item in line.items() if key not in {"Tags", "SubAccountId", "x_ServiceCode"}
    }
    kept = keep(tmp_path, [as_csv(tmp_path, [lacking] * 50)], "department")
    assert (kept.total_usd, kept.line_count, kept.is_estimated) == ("0.0000000005", 1, True), (
        "added up, then rounded"
    )
    assert rows(
        tmp_path, "SELECT bucket, account_id, operation, usage_amount, tag_values FROM raw.export_lines"
    ) == [("", "", "", None, [""])]


@pytest.mark.parametrize(("day", "is_estimated"), [("2026-11-05", True), ("2026-11-06", False)])
def test_without_invoice_numbers_a_month_is_final_some_days_after_its_end(
    tmp_path: Path, day: str, is_estimated: bool
) -> None:
    now = datetime.fromisoformat(f"{day}T00:00:00+00:00")
    assert keep(tmp_path, [as_csv(tmp_path, [focus()])], now=now).is_estimated is is_estimated


def test_every_delivery_is_kept_and_the_newest_counts(tmp_path: Path) -> None:
    keep(tmp_path, [as_csv(tmp_path, [cur("10")])], version="v1", now=datetime(2026, 11, 10, tzinfo=UTC))
    keep(tmp_path, [as_csv(tmp_path, [cur("9.5")])], version="v2")
    assert rows(tmp_path, "SELECT sum(cost_usd) FROM marts.cost_months") == [(Decimal("9.5"),)]
    assert rows(
        tmp_path, "SELECT final_usd, is_current, former_usd, difference_usd FROM marts.cost_statements"
    ) == [
        (Decimal(10), False, None, None),
        (Decimal("9.5"), True, Decimal(10), Decimal("-0.5")),
    ]
    known = settings_at(tmp_path)
    assert cost_exports.is_kept(known, "2026-10", "v1")
    assert not cost_exports.is_kept(settings_at(tmp_path, "device"), "2026-10", "v1"), (
        "other tags, other lines"
    )
    (tmp_path / "warehouse" / "exports" / "2026-10" / "v2.json").write_text("{")
    assert not cost_exports.is_kept(known, "2026-10", "v2")
    assert rows(tmp_path, "SELECT sum(cost_usd) FROM marts.cost_months") == [(Decimal(10),)]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (cur("NaN"), "no numbers"),
        (cur("1e30"), "no numbers"),
        (cur("twelve"), "no numbers"),
        (cur(""), "no numbers"),
        (cur(line_item_currency_code="JPY"), "JPY"),
        (cur(line_item_usage_start_date="2026-11-01T00:00:00Z"), "another month"),
        (cur(line_item_usage_start_date="soon"), "soon"),
        ({"line_item_unblended_cost": "1"}, "line_item_product_code"),
        ({"something": "else"}, "BilledCost"),
    ],
    ids=range(9),
)
def test_a_line_that_cannot_be_believed_refuses_its_month_and_the_last_one_stays(
    tmp_path: Path, line: dict[str, Any], why: str
) -> None:
    good = cur("10")
    keep(tmp_path, [as_csv(tmp_path, [good])])
    lines = [good, line, good] if line.keys() == good.keys() else [line]
    with pytest.raises(DashboardError, match=why) as caught:
        keep(tmp_path, [as_csv(tmp_path, lines)], version="v2")
    assert caught.value.code is ExitCode.COST_INVALID
    assert rows(tmp_path, "SELECT sum(cost_usd) FROM marts.cost_months") == [(Decimal(10),)]
    assert [
        file.name for file in (tmp_path / "warehouse/exports/2026-10").iterdir() if "v2" in file.name
    ] == []


def test_lines_go_on_where_a_buffer_of_the_reader_ends(tmp_path: Path) -> None:
    """24 MiB, three buffers of it, in lines of any length up to 3 MiB; a text may hold ends of lines."""
    sizes = [0, 900_000, 17, 3_000_000, 2_100_003, 64_000] * 4
    lines = [cur("0.1", resource_tags={"user_note": 'a\n"b",' + "x" * size}) for size in sizes]
    statement = keep(tmp_path, [as_csv(tmp_path, lines)], "department")
    assert (statement.row_count, statement.total_usd) == (24, "2.4000000000")


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_a_file_that_was_cut_short_is_refused(tmp_path: Path, form: str) -> None:
    lines = [cur(str(number)) for number in range(2_000)]
    file = as_parquet(tmp_path, lines) if form == "parquet" else as_csv(tmp_path, lines)
    file.write_bytes(file.read_bytes()[:-200])
    with pytest.raises(DashboardError) as caught:
        keep(tmp_path, [file])
    assert caught.value.code is ExitCode.COST_INVALID


AMOUNTS = st.decimals(-1000, 1000, places=10)


@examples(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            AMOUNTS,
            st.sampled_from(["Usage", "Tax", "Credit", "Refund", "Fee"]),
            st.sampled_from(["", "a", "b"]),
            st.integers(1, 31),
            st.sampled_from(["APN1-TimedStorage-ByteHrs", "APN1-Requests-Tier1", "Global-New"]),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_every_cut_of_a_random_bill_adds_up_to_its_last_digit(
    tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[Decimal, str, str, int, str]]
) -> None:
    folder = tmp_path_factory.mktemp("bill")
    made = [
        cur(
            f"{amount:f}",
            line_item_line_item_type=record,
            line_item_resource_id=bucket,
            resource_tags={"user_device": bucket},
            line_item_usage_start_date=f"2026-10-{day:02}T12:00:00Z",
            line_item_usage_type=usage_type,
        )
        for amount, record, bucket, day, usage_type in lines
    ]
    kept = keep(folder, [as_csv(folder, made)], "device")
    total = sum((item[0] for item in lines), Decimal(0))
    assert Decimal(kept.total_usd) == total
    check = folder_queries("checks")[CHECK]
    for connection in built(folder):
        assert connection.execute(check.sql).fetchall() == []
        months = connection.execute("SELECT sum(cost_usd) FROM marts.cost_months").fetchone()
        assert months == (total,)
        connection.execute("UPDATE marts.cost_buckets SET cost_usd = cost_usd + 0.0000000001")
        assert connection.execute(check.sql).fetchall() != []
