"""The bill of the last full months as AWS Data Exports would deliver it: CUR 2.0 in Parquet."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from dashboard.aws.cost_answers import months_back
from dashboard.demo.bill import DEEP_ARCHIVE, GLACIER, S3, Bill, Line
from dashboard.demo.reports import ReportFile

PREFIX = "exports/archive-costs/"
MONTHS = 3

_CODES = {S3: "AmazonS3", GLACIER: "AmazonGlacier", DEEP_ARCHIVE: "AmazonS3GlacierDeepArchive"}
_AMOUNT = pa.decimal128(28, 10)
_SCHEMA = pa.schema(
    [
        ("bill_invoice_id", pa.string()),
        ("line_item_usage_account_id", pa.string()),
        ("line_item_usage_start_date", pa.timestamp("ms")),
        ("line_item_product_code", pa.string()),
        ("line_item_usage_type", pa.string()),
        ("line_item_operation", pa.string()),
        ("line_item_resource_id", pa.string()),
        ("line_item_line_item_type", pa.string()),
        ("line_item_unblended_cost", _AMOUNT),
        ("line_item_currency_code", pa.string()),
        ("line_item_usage_amount", _AMOUNT),
        ("pricing_unit", pa.string()),
        ("resource_tags", pa.map_(pa.string(), pa.string())),
    ]
)


def write_export(bill: Bill) -> Iterator[ReportFile]:
    """One file for each of the last full months. Amounts are decimals, where AWS writes doubles."""
    for month in months_back(bill.now.date(), MONTHS + 1)[:-1]:
        lines = [line for line in bill.lines if line.billed_on.replace(day=1) == month]
        if not lines:
            continue
        stream = io.BytesIO()
        pq.write_table(pa.Table.from_pylist([_row(line) for line in lines], _SCHEMA), stream)
        key = f"{PREFIX}data/BILLING_PERIOD={month:%Y-%m}/archive-costs-00001.snappy.parquet"
        written = datetime.combine(month + timedelta(days=37), time(5), UTC)
        yield ReportFile(key, stream.getvalue(), min(written, bill.now))


def _row(line: Line) -> dict[str, Any]:
    return {
        "bill_invoice_id": f"demo-{line.billed_on:%Y%m}",
        "line_item_usage_account_id": line.account_id,
        "line_item_usage_start_date": datetime.combine(line.billed_on, time()),
        "line_item_product_code": _CODES[line.service],
        "line_item_usage_type": line.usage_type,
        "line_item_operation": line.operation,
        "line_item_resource_id": line.bucket,
        "line_item_line_item_type": line.record_type,
        "line_item_unblended_cost": line.cost_usd,
        "line_item_currency_code": "USD",
        "line_item_usage_amount": line.usage,
        "pricing_unit": line.unit,
        "resource_tags": [("user_department", line.department)] if line.department else [],
    }
