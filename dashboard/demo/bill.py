"""The clinic's bill: Cost Explorer lines for three S3 services, whose amounts follow from usage and a price table.

Usage types, operations and services are named as AWS names them where the names are documented; tax and credit lines
carry the usage type NoUsageType and the operation Tax or Credit, which is this demo's own choice.
"""

from __future__ import annotations

import calendar
import csv
import functools
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from importlib import resources

from dashboard.demo.clinic import BUCKETS
from dashboard.demo.plan import Plan
from dashboard.demo.usage import DAY, Ledger, Meter, Usage, measure

S3 = "Amazon Simple Storage Service"
GLACIER = "Amazon Glacier"
DEEP_ARCHIVE = "Amazon S3 Glacier Deep Archive"
REGION_CODE = "APN1"
TAX_RATE = Decimal("0.10")
CREDIT_USD = Decimal("-1.5")
_PLACES = Decimal("1E-10")
_GB = 1 << 30

_NAMES: dict[str, tuple[str, str, str]] = {
    "storage.STANDARD": (S3, "TimedStorage-ByteHrs", "StandardStorage"),
    "storage.STANDARD_IA": (S3, "TimedStorage-SIA-ByteHrs", "StandardIAStorage"),
    "storage.ONEZONE_IA": (S3, "TimedStorage-ZIA-ByteHrs", "OneZoneIAStorage"),
    "storage.GLACIER_IR": (S3, "TimedStorage-GIR-ByteHrs", "GlacierInstantRetrievalStorage"),
    "storage.GLACIER": (GLACIER, "TimedStorage-ByteHrs", "Storage"),
    "storage.DEEP_ARCHIVE": (DEEP_ARCHIVE, "TimedStorage-GDA-ByteHrs", "DeepArchiveStorage"),
    "storage.FREQUENT": (S3, "TimedStorage-INT-FA-ByteHrs", "IntelligentTieringFAStorage"),
    "storage.INFREQUENT": (S3, "TimedStorage-INT-IA-ByteHrs", "IntelligentTieringIAStorage"),
    "storage.ARCHIVE_INSTANT_ACCESS": (S3, "TimedStorage-INT-AIA-ByteHrs", "IntelligentTieringAIAStorage"),
    "storage.ARCHIVE": (S3, "TimedStorage-INT-AA-ByteHrs", "IntelligentTieringAAStorage"),
    "storage.INT_DEEP_ARCHIVE": (S3, "TimedStorage-INT-DAA-ByteHrs", "IntelligentTieringDAAStorage"),
    "monitoring.INTELLIGENT_TIERING": (S3, "Monitoring-Automation-INT", "IntelligentTieringStorage"),
    "request.STANDARD.put": (S3, "Requests-Tier1", ""),
    "request.STANDARD.get": (S3, "Requests-Tier2", ""),
    "request.STANDARD_IA.get": (S3, "Requests-SIA-Tier2", ""),
    "request.ONEZONE_IA.get": (S3, "Requests-ZIA-Tier2", ""),
    "request.GLACIER_IR.get": (S3, "Requests-GIR-Tier2", ""),
    "request.INTELLIGENT_TIERING.get": (S3, "Requests-INT-Tier2", ""),
    "request.GLACIER.put": (S3, "Requests-GLACIER-Tier1", ""),
    "transition.STANDARD_IA": (S3, "Requests-Tier4", "S3-SIATransition"),
    "transition.ONEZONE_IA": (S3, "Requests-Tier4", "S3-ZIATransition"),
    "transition.INTELLIGENT_TIERING": (S3, "Requests-Tier4", "S3-INTTransition"),
    "transition.GLACIER_IR": (S3, "Requests-Tier4", "S3-GIRTransition"),
    "transition.GLACIER": (S3, "Requests-Tier3", "S3-GlacierTransition"),
    "transition.DEEP_ARCHIVE": (S3, "Requests-Tier3", "S3-GDATransition"),
    "restore.GLACIER": (S3, "Requests-Tier3", "RestoreObject"),
    "restore.DEEP_ARCHIVE": (DEEP_ARCHIVE, "Requests-GDA-Tier3", "RestoreObject"),
    "retrieval.STANDARD_IA": (S3, "Retrieval-SIA", "GetObject"),
    "retrieval.ONEZONE_IA": (S3, "Retrieval-ZIA", "GetObject"),
    "retrieval.GLACIER_IR": (S3, "Retrieval-GIR", "GetObject"),
    "retrieval.GLACIER": (S3, "Standard-Retrieval-Bytes", "RestoreObject"),
    "retrieval.DEEP_ARCHIVE": (DEEP_ARCHIVE, "Standard-Retrieval-Bytes", "DeepArchiveRestoreObject"),
    "early_delete.GLACIER": (S3, "EarlyDelete-ByteHrs", "DeleteObject"),
    "transfer.out": (S3, "DataTransfer-Out-Bytes", ""),
    "inventory.listed": (S3, "Inventory-ObjectsListed", "Inventory"),
}


@dataclass(frozen=True)
class Price:
    usd: Decimal
    unit: str


@functools.cache
def prices() -> dict[str, Price]:
    """The dated price table of the demo, by key."""
    text = (resources.files("dashboard.demo") / "prices.csv").read_text("utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {row["key"]: Price(Decimal(row["price_usd"]), row["unit"]) for row in rows}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the bill: what one account used of one thing on one UTC day.

    `cost_usd` and `usage` are exact, with ten decimal places.
    """

    billed_on: date
    account_id: str
    department: str
    service: str
    usage_type: str
    operation: str
    record_type: str
    cost_usd: Decimal
    usage: Decimal
    unit: str


@dataclass(frozen=True)
class Bill:
    """All lines, the first day that has any, and when they were drawn up (the last day is incomplete)."""

    lines: list[Line]
    starts_on: date
    now: datetime


def draw_up(plan: Plan) -> Bill:
    """The bill of a plan, with tax on every closed and running month and one credit; fills in the expected costs."""
    ledger, usage = measure(plan)
    with localcontext(prec=50):
        lines = list(_usage_lines(ledger, usage))
        lines += _tax_and_credit(lines, plan.calendar.now)
    lines.sort(
        key=lambda line: (line.billed_on, line.account_id, line.service, line.usage_type, line.operation)
    )
    plan.expected.costs = _totals(lines)
    return Bill(lines, ledger.first.date(), plan.calendar.now)


def _usage_lines(ledger: Ledger, usage: Usage) -> list[Line]:
    table = prices()
    by_name = {bucket.name: bucket for bucket in BUCKETS}
    lines = []
    for (name, meter), amounts in usage.items():
        bucket, price = by_name[name], table[meter.price]
        service, usage_type, operation = _NAMES[meter.price]
        for index, amount in enumerate(amounts):
            if not amount:
                continue
            day = ledger.day(index)
            quantity = _quantity(meter, price.unit, amount, day)
            lines.append(
                Line(
                    day,
                    bucket.account_id,
                    bucket.department,
                    service,
                    f"{REGION_CODE}-{usage_type}",
                    operation or meter.operation,
                    "Usage",
                    _rounded(quantity * price.usd),
                    _rounded(quantity),
                    price.unit,
                )
            )
    return lines


def _quantity(meter: Meter, unit: str, amount: int, day: date) -> Decimal:
    if unit not in {"GB-Mo", "Objects-Mo"}:
        return Decimal(amount) / (_GB if unit == "GB" else 1)
    seconds = calendar.monthrange(day.year, day.month)[1] * DAY
    return Decimal(amount) / seconds / (_GB if unit == "GB-Mo" else 1)


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_PLACES, ROUND_HALF_EVEN)


def _tax_and_credit(lines: list[Line], now: datetime) -> list[Line]:
    """Consumption tax per month, account and service, on the month's first day; a credit in the sixth month."""
    sums: dict[tuple[date, str, str], Decimal] = defaultdict(Decimal)
    for line in lines:
        sums[line.billed_on.replace(day=1), line.account_id, line.service] += line.cost_usd
    made = [
        _extra(month, account, service, "Tax", _rounded(amount * TAX_RATE))
        for (month, account, service), amount in sorted(sums.items())
    ]
    months = sorted({month for month, _, _ in sums})
    if len(months) > 5:
        made.append(_extra(months[5], BUCKETS[0].account_id, S3, "Credit", CREDIT_USD))
    return made


def _extra(month: date, account: str, service: str, record_type: str, cost: Decimal) -> Line:
    return Line(month, account, "", service, "NoUsageType", record_type, record_type, cost, Decimal(0), "N/A")


def _totals(lines: list[Line]) -> dict[str, dict[str, str]]:
    sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for line in lines:
        month = sums[f"{line.billed_on:%Y-%m}"]
        for name in ("total", line.record_type.lower(), line.service):
            month[name] += line.cost_usd
    return {
        month: {name: str(amount) for name, amount in found.items()} for month, found in sorted(sums.items())
    }
