"""The clinic's bill: Cost Explorer lines for three S3 services, whose amounts follow from usage and a price table.

Usage types, operations and services are named as AWS names them where the names are documented; tax and credit lines
carry the usage type NoUsageType and the operation Tax or Credit, which is this demo's own choice.
"""

from __future__ import annotations

import calendar
import functools
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from dashboard.demo.clinic import BUCKETS
from dashboard.demo.plan import Plan
from dashboard.demo.usage import DAY, Ledger, Usage, measure
from dashboard.domain.price_keys import KEYS
from dashboard.domain.prices import Price
from dashboard.settings.price_files import shipped_book

S3 = "Amazon Simple Storage Service"
GLACIER = "Amazon Glacier"
DEEP_ARCHIVE = "Amazon S3 Glacier Deep Archive"
REGION = "ap-northeast-1"
REGION_CODE = "APN1"
TAX_RATE = Decimal("0.10")
CREDIT_USD = Decimal("-1.5")
REFUND_USD = Decimal("-0.4")
_PLACES = Decimal("1E-10")
_GB = 1 << 30

_NAMES: dict[str, tuple[str, str, str]] = {
    "storage.STANDARD": (S3, "TimedStorage-ByteHrs", "StandardStorage"),
    "storage.STANDARD_IA": (S3, "TimedStorage-SIA-ByteHrs", "StandardIAStorage"),
    "storage.ONEZONE_IA": (S3, "TimedStorage-ZIA-ByteHrs", "OneZoneIAStorage"),
    "storage.GLACIER_IR": (S3, "TimedStorage-GIR-ByteHrs", "GlacierInstantRetrievalStorage"),
    "storage.GLACIER": (GLACIER, "TimedStorage-ByteHrs", "Storage"),
    "storage.DEEP_ARCHIVE": (DEEP_ARCHIVE, "TimedStorage-GDA-ByteHrs", "DeepArchiveStorage"),
    "storage.INTELLIGENT_TIERING.FREQUENT": (
        S3,
        "TimedStorage-INT-FA-ByteHrs",
        "IntelligentTieringFAStorage",
    ),
    "storage.INTELLIGENT_TIERING.INFREQUENT": (
        S3,
        "TimedStorage-INT-IA-ByteHrs",
        "IntelligentTieringIAStorage",
    ),
    "storage.INTELLIGENT_TIERING.ARCHIVE_INSTANT_ACCESS": (
        S3,
        "TimedStorage-INT-AIA-ByteHrs",
        "IntelligentTieringAIAStorage",
    ),
    "storage.INTELLIGENT_TIERING.ARCHIVE": (S3, "TimedStorage-INT-AA-ByteHrs", "IntelligentTieringAAStorage"),
    "storage.INTELLIGENT_TIERING.DEEP_ARCHIVE": (
        S3,
        "TimedStorage-INT-DAA-ByteHrs",
        "IntelligentTieringDAAStorage",
    ),
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
    "restore_request.GLACIER.standard": (S3, "Requests-Tier3", "RestoreObject"),
    "restore_request.DEEP_ARCHIVE.standard": (DEEP_ARCHIVE, "Requests-GDA-Tier3", "RestoreObject"),
    "retrieval.STANDARD_IA": (S3, "Retrieval-SIA", "GetObject"),
    "retrieval.ONEZONE_IA": (S3, "Retrieval-ZIA", "GetObject"),
    "retrieval.GLACIER_IR": (S3, "Retrieval-GIR", "GetObject"),
    "retrieval.GLACIER.standard": (S3, "Standard-Retrieval-Bytes", "RestoreObject"),
    "retrieval.DEEP_ARCHIVE.standard": (DEEP_ARCHIVE, "Standard-Retrieval-Bytes", "DeepArchiveRestoreObject"),
    "early_delete.GLACIER": (S3, "EarlyDelete-ByteHrs", "DeleteObject"),
    "transfer.out": (S3, "DataTransfer-Out-Bytes", ""),
    "inventory.listed": (S3, "Inventory-ObjectsListed", "Inventory"),
}


STAND_INS: dict[str, tuple[str, str]] = {
    "storage.INTELLIGENT_TIERING.INFREQUENT": (REGION, "storage.STANDARD_IA"),
    "storage.INTELLIGENT_TIERING.ARCHIVE_INSTANT_ACCESS": (REGION, "storage.GLACIER_IR"),
    "storage.INTELLIGENT_TIERING.ARCHIVE": (REGION, "storage.GLACIER"),
    "storage.INTELLIGENT_TIERING.DEEP_ARCHIVE": (REGION, "storage.DEEP_ARCHIVE"),
    "monitoring.INTELLIGENT_TIERING": ("us-east-1", "monitoring.INTELLIGENT_TIERING"),
    "request.INTELLIGENT_TIERING.get": (REGION, "request.STANDARD.get"),
    "transition.STANDARD_IA": ("us-east-1", "transition.STANDARD_IA"),
    "transition.ONEZONE_IA": ("us-east-1", "transition.ONEZONE_IA"),
    "transition.INTELLIGENT_TIERING": ("us-east-1", "transition.INTELLIGENT_TIERING"),
    "transition.GLACIER_IR": ("us-east-1", "transition.GLACIER_IR"),
    "transition.GLACIER": (REGION, "request.GLACIER.put"),
    "restore_request.GLACIER.standard": ("us-east-1", "restore_request.GLACIER.standard"),
    "restore_request.DEEP_ARCHIVE.standard": ("us-east-1", "restore_request.DEEP_ARCHIVE.standard"),
    "early_delete.GLACIER": (REGION, "storage.GLACIER"),
    "inventory.listed": ("us-east-1", "inventory.listed"),
}
"""A made-up bill needs every price. Where the book has none for Tokyo, this one is billed instead, and only here."""


@functools.cache
def prices() -> dict[str, Price]:
    """The price that each thing is billed at, by its key in the price book."""
    book = shipped_book()
    found = {key: book.price(*STAND_INS.get(key, (REGION, key))) for key in _NAMES}
    return {key: price for key, price in found.items() if price is not None}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the bill: what one account used of one thing on one UTC day.

    `cost_usd` and `usage` are exact, with ten decimal places.
    """

    billed_on: date
    account_id: str
    department: str
    bucket: str
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

    @property
    def today(self) -> date:
        """The last day that may be asked about: an archive is looked at on later days, too."""
        return max(self.now.date(), datetime.now(UTC).date())


def draw_up(plan: Plan) -> Bill:
    """The bill of a plan, with tax on every month, one credit and one refund; fills in the expected costs."""
    ledger, usage = measure(plan)
    with localcontext(prec=50):
        lines = list(_usage_lines(ledger, usage))
        lines += _tax_and_credit(lines)
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
            unit = KEYS[meter.price].unit
            quantity = _quantity(unit, amount, day)
            lines.append(
                Line(
                    day,
                    bucket.account_id,
                    bucket.department,
                    name,
                    service,
                    f"{REGION_CODE}-{usage_type}",
                    operation or meter.operation,
                    "Usage",
                    _rounded(quantity * price.usd),
                    _rounded(quantity),
                    unit,
                )
            )
    return lines


def _quantity(unit: str, amount: int, day: date) -> Decimal:
    if unit not in {"GB-Mo", "Objects-Mo"}:
        return Decimal(amount) / (_GB if unit == "GB" else 1)
    seconds = calendar.monthrange(day.year, day.month)[1] * DAY
    return Decimal(amount) / seconds / (_GB if unit == "GB-Mo" else 1)


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_PLACES, ROUND_HALF_EVEN)


def _tax_and_credit(lines: list[Line]) -> list[Line]:
    """Consumption tax per month, account and service, on the month's first day; a credit and, later, a refund."""
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
    if len(months) > 9:
        made.append(_extra(months[9], BUCKETS[0].account_id, S3, "Refund", REFUND_USD))
    return made


def _extra(month: date, account: str, service: str, record_type: str, cost: Decimal) -> Line:
    return Line(
        month, account, "", "", service, "NoUsageType", record_type, record_type, cost, Decimal(0), "N/A"
    )


def _totals(lines: list[Line]) -> dict[str, dict[str, str]]:
    sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for line in lines:
        month = sums[f"{line.billed_on:%Y-%m}"]
        for name in ("total", line.record_type.lower(), line.service):
            month[name] += line.cost_usd
    return {
        month: {name: str(amount) for name, amount in found.items()} for month, found in sorted(sums.items())
    }
