"""Questions to Cost Explorer and what may be believed of its answers; no request is made here.

Amounts are decimal strings and stay `Decimal`: finite, within bounds, kept exactly up to ten decimals (DECIMAL(38,10)).
Finer digits, worth less than 0.000 000 000 1 USD a line, are rounded half to even rather than losing a whole bill; a
number that does not fit even then is refused. Credits and refunds are negative and allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any, Literal

Granularity = Literal["MONTHLY", "DAILY"]

CURRENCY = "USD"
COST_LIMIT = Decimal(10) ** 12
USAGE_LIMIT = Decimal(10) ** 24
SCALE = Decimal(1).scaleb(-10)
AMOUNT = re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,3})?", re.ASCII)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
LONGEST_NAME = 1024

COLUMN_OF = {
    "SERVICE": "service",
    "USAGE_TYPE": "usage_type",
    "OPERATION": "operation",
    "LINKED_ACCOUNT": "account_id",
    "RECORD_TYPE": "record_type",
}
USAGE = "Usage"
"""The type of record that usage has; tax, credits, refunds and fees have others."""


class AnswerInvalid(ValueError):
    """An answer that cannot be believed; the text says what is wrong with it."""


@dataclass(frozen=True)
class Question:
    """One GetCostAndUsage request: cost of `services` from `start` up to, but not including, `end` (UTC days).

    Attributes:
        records: 'usage' for usage only, 'others' for everything else (tax, credits, refunds), 'all' for both. A credit
            has the usage type of what it pays for, so only the type of record tells them apart.
    """

    breakdown: str
    granularity: Granularity
    start: date
    end: date
    services: tuple[str, ...]
    group_by: tuple[tuple[str, str], ...]
    records: Literal["all", "usage", "others"] = "all"

    @property
    def has_usage(self) -> bool:
        """Amounts of usage make sense only where one usage type has one unit."""
        return ("DIMENSION", "USAGE_TYPE") in self.group_by

    def parameters(self) -> dict[str, Any]:
        """Arguments of boto3's get_cost_and_usage, without the page token."""
        return {
            "TimePeriod": {"Start": self.start.isoformat(), "End": self.end.isoformat()},
            "Granularity": self.granularity,
            "Metrics": ["UnblendedCost", "UsageQuantity"] if self.has_usage else ["UnblendedCost"],
            "Filter": self._filter(),
            "GroupBy": [{"Type": kind, "Key": key} for kind, key in self.group_by],
        }

    def _filter(self) -> dict[str, Any]:
        services = {"Dimensions": {"Key": "SERVICE", "Values": list(self.services)}}
        usage = {"Dimensions": {"Key": "RECORD_TYPE", "Values": [USAGE]}}
        if self.records == "all":
            return services
        return {"And": [services, usage if self.records == "usage" else {"Not": usage}]}


@dataclass(frozen=True)
class CostLine:
    """One group of one period; `end` is exclusive. The text columns a question did not ask for are ''."""

    start: date
    end: date
    cost_usd: Decimal
    is_estimated: bool
    service: str = ""
    usage_type: str = ""
    operation: str = ""
    tag_value: str = ""
    account_id: str = ""
    record_type: str = ""
    usage_amount: Decimal | None = None
    usage_unit: str = ""

    @property
    def identity(self) -> tuple[date, str, str, str, str, str, str]:
        """What may occur only once in an answer."""
        names = (self.usage_type, self.operation, self.tag_value, self.account_id, self.record_type)
        return (self.start, self.service, *names)

    def as_dict(self) -> dict[str, Any]:
        return {
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "service": self.service,
            "usage_type": self.usage_type,
            "operation": self.operation,
            "tag_value": self.tag_value,
            "account_id": self.account_id,
            "record_type": self.record_type,
            "cost_usd": format(self.cost_usd, "f"),
            "unit": CURRENCY,
            "usage_amount": None if self.usage_amount is None else format(self.usage_amount, "f"),
            "usage_unit": self.usage_unit,
            "is_estimated": self.is_estimated,
        }


@dataclass(frozen=True)
class PeriodAnswer:
    """What one page says about one day or month."""

    start: date
    end: date
    is_estimated: bool
    lines: tuple[CostLine, ...]
    is_total: bool = False


def next_month(day: date) -> date:
    """The first day of the month after a day's."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def months_back(day: date, count: int) -> list[date]:
    """First days of the last `count` months up to a day's own, oldest first."""
    last = day.year * 12 + day.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(last - count + 1, last + 1)]


def periods(start: date, end: date, granularity: Granularity) -> list[tuple[date, date]]:
    """The days or months from `start` up to, but not including, `end`; each with its exclusive end."""
    found = []
    while start < end:
        after = start + timedelta(days=1) if granularity == "DAILY" else next_month(start)
        found.append((start, min(after, end)))
        start = after
    return found


def parse_amount(text: Any, limit: Decimal) -> Decimal:
    """A decimal string as a number below `limit` in size, with at most ten decimals.

    Raises:
        AnswerInvalid: no plain decimal number ("NaN", "1e30", "１", 3.5 without quotes), or too large.
    """
    if not isinstance(text, str) or not AMOUNT.fullmatch(text):
        raise AnswerInvalid(f"{shown(text)} is no amount")
    with localcontext() as context:
        context.prec = 100
        number = Decimal(text)
        if abs(number) >= limit:
            raise AnswerInvalid(f"the amount {shown(text)} is out of bounds")
        exponent = number.as_tuple().exponent
        if not isinstance(exponent, int) or exponent < -10 or exponent > 0:
            number = number.quantize(SCALE, rounding=ROUND_HALF_EVEN)
    return number


def exact_sum(amounts: Iterator[Decimal]) -> Decimal:
    """The sum without the rounding of the default context."""
    with localcontext() as context:
        context.prec = 100
        return sum(amounts, Decimal(0))


def parse_page(answer: Any, question: Question) -> tuple[list[PeriodAnswer], str | None]:
    """One page of an answer: its periods, and the token of the page after it (None at the end).

    Raises:
        AnswerInvalid: anything in it is not as Cost Explorer documents it.
    """
    results = member(answer, "ResultsByTime", list)
    token = answer.get("NextPageToken")
    if token is not None and not isinstance(token, str):
        raise AnswerInvalid("NextPageToken is no text")
    grid = dict(periods(question.start, question.end, question.granularity))
    return [_period(result, question, grid) for result in results], token or None


def _period(result: Any, question: Question, grid: Mapping[date, date]) -> PeriodAnswer:
    span = member(result, "TimePeriod", dict)
    start, end = plain_day(span.get("Start")), plain_day(span.get("End"))
    if start not in grid or not start < end <= grid[start]:
        raise AnswerInvalid(f"the period {start} to {end} was not asked for")
    is_estimated = member(result, "Estimated", bool)
    groups = result.get("Groups") or []
    if not isinstance(groups, list):
        raise AnswerInvalid("Groups is no list")
    if not groups:
        total = _ungrouped(result, question, start, end, is_estimated)
        return PeriodAnswer(start, end, is_estimated, total, is_total=True)
    lines = []
    for group in groups:
        columns: dict[str, Any] = _keys(group, question) | _metrics(group, question)
        lines.append(CostLine(start, end, is_estimated=is_estimated, **columns))
    return PeriodAnswer(start, end, is_estimated, tuple(lines))


def _ungrouped(
    result: dict[str, Any], question: Question, start: date, end: date, is_estimated: bool
) -> tuple[CostLine, ...]:
    """Without groups the total is nothing, or zero; any other one is kept as a line without names."""
    total = result.get("Total") or {}
    if not isinstance(total, dict):
        raise AnswerInvalid("Total is no object")
    if not total:
        return ()
    line = CostLine(
        start,
        end,
        is_estimated=is_estimated,
        service=question.services[0] if len(question.services) == 1 else "",
        record_type=USAGE if question.records == "usage" else "",
        **_metrics({"Metrics": total}, question),
    )
    return (line,) if line.cost_usd or line.usage_amount else ()


def _keys(group: Any, question: Question) -> dict[str, Any]:
    keys = member(group, "Keys", list)
    if len(keys) != len(question.group_by):
        raise AnswerInvalid(f"a group has {len(keys)} keys instead of {len(question.group_by)}")
    named = {"record_type": USAGE} if question.records == "usage" else {}
    if ("DIMENSION", "SERVICE") not in question.group_by and len(question.services) == 1:
        named["service"] = question.services[0]
    for (kind, key), value in zip(question.group_by, keys, strict=True):
        text = plain_text(value)
        if kind != "TAG":
            named[COLUMN_OF[key]] = text
            continue
        # "Key$value": values may hold a "$" themselves, so only the first one parts them; "Key$" = untagged.
        tag_key, dollar, tag_value = text.partition("$")
        if tag_key != key or not dollar:
            raise AnswerInvalid(f"{shown(text)} is no value of the tag {shown(key)}")
        named["tag_value"] = tag_value
    return named


def _metrics(group: dict[str, Any], question: Question) -> dict[str, Any]:
    metrics = member(group, "Metrics", dict)
    cost = member(metrics, "UnblendedCost", dict)
    if cost.get("Unit") != CURRENCY:
        raise AnswerInvalid(f"an amount is in {shown(cost.get('Unit'))} instead of {CURRENCY}")
    values: dict[str, Any] = {"cost_usd": parse_amount(cost.get("Amount"), COST_LIMIT)}
    if question.has_usage and "UsageQuantity" in metrics:
        usage = member(metrics, "UsageQuantity", dict)
        values["usage_amount"] = parse_amount(usage.get("Amount"), USAGE_LIMIT)
        values["usage_unit"] = plain_text(usage.get("Unit") or "")
    return values


def member(data: Any, name: str, kind: type) -> Any:
    value = data.get(name) if isinstance(data, dict) else None
    if not isinstance(value, kind):
        raise AnswerInvalid(f"{name} is missing or of the wrong type")
    return value


def plain_text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_NAME:
        raise AnswerInvalid(f"{shown(value)} is no name")
    if any(ord(character) < 32 or 0xD800 <= ord(character) <= 0xDFFF for character in value):
        raise AnswerInvalid(f"{shown(value)} holds control characters")
    return value


def plain_day(value: Any) -> date:
    try:
        if isinstance(value, str) and DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise AnswerInvalid(f"{shown(value)} is no day")


def shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:80] + "…"
