"""A small Cost Explorer: GetCostAndUsage answered from the bill, with the paging and the refusals of the real one.

Honoured: TimePeriod, Granularity DAILY and MONTHLY, Metrics, Filter (And, Or, Not, Dimensions, Tags), GroupBy of up to
two dimensions or tags, NextPageToken. A page holds `PAGE_GROUPS` groups, so a period may go on on the next page.
"""

from __future__ import annotations

import calendar
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dashboard.demo.bill import Bill, Line

PAGE_GROUPS = 250
TAG_KEY = "department"
"""The cost allocation tag of the demo; the report bucket and tax carry none."""

_COLUMN: dict[str, Callable[[Line], str]] = {
    "SERVICE": lambda line: line.service,
    "USAGE_TYPE": lambda line: line.usage_type,
    "OPERATION": lambda line: line.operation,
    "LINKED_ACCOUNT": lambda line: line.account_id,
    "RECORD_TYPE": lambda line: line.record_type,
    "REGION": lambda line: "NoRegion" if line.usage_type == "NoUsageType" else "ap-northeast-1",
}
_COST_METRICS = {"AmortizedCost", "BlendedCost", "NetAmortizedCost", "NetUnblendedCost", "UnblendedCost"}
_METRICS = {*_COST_METRICS, "NormalizedUsageAmount", "UsageQuantity"}


class Refused(Exception):
    """A request that Cost Explorer would refuse; `code` is the AWS error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class _Sum:
    cost_usd: Decimal = Decimal(0)
    usage: Decimal = Decimal(0)
    units: frozenset[str] = frozenset()

    def add(self, line: Line) -> None:
        self.cost_usd += line.cost_usd
        self.usage += line.usage
        self.units |= {line.unit}


class CostExplorer:
    """Answers questions about one bill."""

    def __init__(self, bill: Bill) -> None:
        self._bill = bill

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """The body of one GetCostAndUsage answer.

        Raises:
            Refused: the request is not valid, as AWS would say.
        """
        start, end, granularity = self._period(request)
        metrics = request.get("Metrics") or []
        if not metrics or not set(metrics) <= _METRICS:
            raise Refused("ValidationException", f"Metrics must be some of {', '.join(sorted(_METRICS))}")
        grouping = request.get("GroupBy") or []
        columns = [_group_column(item) for item in _at_most_two(grouping)]
        test = matching(request.get("Filter"))
        asked = hashlib.sha256(
            json.dumps({**request, "NextPageToken": None}, sort_keys=True).encode()
        ).hexdigest()[:24]
        skip = _offset(request.get("NextPageToken"), asked)

        periods = spans(start, end, granularity)
        sums: dict[date, dict[tuple[str, ...], _Sum]] = defaultdict(lambda: defaultdict(_Sum))
        for line in self._bill.lines:
            if start <= line.billed_on < end and test(line):
                first = (
                    line.billed_on if granularity == "DAILY" else max(start, line.billed_on.replace(day=1))
                )
                sums[first][tuple(column(line) for column in columns)].add(line)
        nothing: list[tuple[str, ...] | None] = [None]
        rows = [
            (first, after, keys)
            for first, after in periods
            for keys in [*sorted(sums.get(first, {}))] or nothing
        ]
        results: list[dict[str, Any]] = []
        for first, after, keys in rows[skip : skip + PAGE_GROUPS]:
            if not results or results[-1]["TimePeriod"]["Start"] != first.isoformat():
                results.append(self._result(first, after))
            if keys is None or not columns:
                found = sums[first][()] if keys is not None else _Sum()
                results[-1]["Total"] = _metrics(found, metrics)
            else:
                results[-1]["Groups"].append(
                    {"Keys": list(keys), "Metrics": _metrics(sums[first][keys], metrics)}
                )
        body: dict[str, Any] = {"ResultsByTime": results, "DimensionValueAttributes": []}
        if grouping:
            body["GroupDefinitions"] = [{"Type": item["Type"], "Key": item["Key"]} for item in grouping]
        if skip + PAGE_GROUPS < len(rows):
            body["NextPageToken"] = f"{asked}.{skip + PAGE_GROUPS}"
        return body

    def _result(self, first: date, after: date) -> dict[str, Any]:
        current_month = self._bill.now.date().replace(day=1)
        return {
            "TimePeriod": {"Start": first.isoformat(), "End": after.isoformat()},
            "Total": {},
            "Groups": [],
            "Estimated": after > current_month,
        }

    def _period(self, request: dict[str, Any]) -> tuple[date, date, str]:
        granularity = request.get("Granularity")
        if granularity not in {"DAILY", "MONTHLY"}:
            raise Refused(
                "ValidationException", "Granularity must be DAILY or MONTHLY; hourly data is not enabled"
            )
        period = request.get("TimePeriod") or {}
        try:
            start, end = date.fromisoformat(period["Start"]), date.fromisoformat(period["End"])
        except (KeyError, TypeError, ValueError):
            raise Refused(
                "ValidationException", "Start time or end time is invalid, use yyyy-MM-dd"
            ) from None
        if start >= end:
            raise Refused("ValidationException", "Start date (and hour) should be before end date (and hour)")
        if start < self._bill.starts_on:
            raise Refused("ValidationException", "You haven't enabled historical data beyond 14 months")
        if start > self._bill.today:
            raise Refused("ValidationException", "Start date is in the future")
        return start, end, granularity


def spans(start: date, end: date, granularity: str) -> list[tuple[date, date]]:
    """The days or months of a time, each with its exclusive end; the first and the last may be cut short."""
    return list(_spans(start, end, granularity))


def _spans(start: date, end: date, granularity: str) -> Iterator[tuple[date, date]]:
    while start < end:
        days = (
            1 if granularity == "DAILY" else calendar.monthrange(start.year, start.month)[1] - start.day + 1
        )
        after = min(end, start + timedelta(days=days))
        yield start, after
        start = after


def _at_most_two(grouping: list[dict[str, str]]) -> list[dict[str, str]]:
    if len(grouping) > 2:
        raise Refused("ValidationException", "GroupBy can have at most two elements")
    return grouping


def _group_column(item: dict[str, str]) -> Callable[[Line], str]:
    kind, key = item.get("Type"), str(item.get("Key"))
    if kind == "TAG":
        return lambda line: f"{key}${line.department if key == TAG_KEY else ''}"
    if kind == "DIMENSION" and key in _COLUMN:
        return _COLUMN[key]
    raise Refused("ValidationException", f"Group definition key {key} of type {kind} is not valid")


def matching(expression: dict[str, Any] | None) -> Callable[[Line], bool]:
    """Whether a line of the bill is meant by a Filter.

    Raises:
        Refused: the filter is not valid.
    """
    if not expression:
        return lambda line: True
    if len(expression) != 1:
        raise Refused("ValidationException", "Expression must have only one root operator")
    name, body = next(iter(expression.items()))
    if name in {"And", "Or"}:
        if not isinstance(body, list) or len(body) < 2:
            raise Refused("ValidationException", f"{name} needs at least two expressions")
        tests = [matching(item) for item in body]
        combine = all if name == "And" else any
        return lambda line: combine(test(line) for test in tests)
    if name == "Not":
        inner = matching(body)
        return lambda line: not inner(line)
    if name == "Dimensions" and body.get("Key") in _COLUMN:
        column = _COLUMN[body["Key"]]
    elif name == "Tags":
        is_known = body.get("Key") == TAG_KEY
        column = lambda line: line.department if is_known else ""  # noqa: E731
    else:
        raise Refused("ValidationException", f"Filter {name} {body.get('Key', '')} is not valid")
    values = set(body.get("Values") or [])
    return lambda line: column(line) in values


def _offset(token: str | None, asked: str) -> int:
    if not token:
        return 0
    question, _, offset = token.partition(".")
    if not offset.isdigit() or len(question) != len(asked):
        raise Refused("InvalidNextTokenException", "Invalid pagination token")
    if question != asked:
        raise Refused("RequestChangedException", "The request changed since the token was made")
    return int(offset)


def _metrics(found: _Sum, metrics: list[str]) -> dict[str, dict[str, str]]:
    unit = next(iter(found.units)) if len(found.units) == 1 else "N/A"
    return {
        metric: {"Amount": f"{found.cost_usd:f}", "Unit": "USD"}
        if metric in _COST_METRICS
        else {"Amount": f"{found.usage:f}", "Unit": unit}
        for metric in metrics
    }
