"""A synthetic Cost Explorer: it answers any question about an invented bill, in the shape the real one uses."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from tests.aws.http_stub import Reply


def spans(start: date, end: date, granularity: str) -> list[tuple[date, date]]:
    """The periods of a range, worked out day by day: another way than the code under test takes."""
    days = [start + timedelta(days=number) for number in range((end - start).days)]
    if granularity == "DAILY":
        return [(day, day + timedelta(days=1)) for day in days]
    starts = [day for day in days if day.day == 1 or day == start]
    return list(zip(starts, [*starts[1:], end], strict=True))


def asked_for(question: dict[str, Any]) -> tuple[list[str], str]:
    """The services of a question, and whether it is about usage, everything else ("others") or all."""
    both = question["Filter"].get("And")
    if not both:
        return question["Filter"]["Dimensions"]["Values"], "all"
    services, records = both
    assert (records.get("Not") or records)["Dimensions"] == {"Key": "RECORD_TYPE", "Values": ["Usage"]}
    return services["Dimensions"]["Values"], "others" if "Not" in records else "usage"


class Bill:
    """What an account pays. Change `amounts`, `final_before` or the hooks to make it lie."""

    def __init__(self) -> None:
        self.final_before = date(2026, 10, 1)
        self.factor = 1
        self.page_size = 1_000
        self.records: list[str] = []

    def groups(self, question: dict[str, Any], start: date) -> list[dict[str, Any]]:
        kinds = [(item["Type"], item["Key"]) for item in question["GroupBy"]]
        services, records = asked_for(question)
        service = services[0]
        if records == "others":
            keys = [[service, record] for record in self.records]
        elif kinds[0][0] == "TAG":
            keys = [[f"{kinds[0][1]}$"], [f"{kinds[0][1]}$ward$7"], [f"{kinds[0][1]}$外来"]]
        elif kinds == [("DIMENSION", "LINKED_ACCOUNT")]:
            keys = [["111122223333"], ["444455556666"]]
        elif service == "Amazon Simple Storage Service":
            keys = [["APN1-TimedStorage-ByteHrs", "StandardStorage"], ["APN1-Requests-Tier1", "PutObject"]]
        else:
            # The archive services have no cost in even months: a missing group is no row.
            keys = [["APN1-TimedStorage-GlacierByteHrs", "GlacierStorage"]] if start.month % 2 else []
        return [
            {
                "Keys": key,
                "Metrics": {
                    "UnblendedCost": {
                        "Amount": f"{self.factor * (start.month + number)}.1294931175",
                        "Unit": "USD",
                    },
                    "UsageQuantity": {"Amount": "9312771.098461578", "Unit": "GB-Month"},
                },
            }
            for number, key in enumerate(keys)
        ]

    def results(self, question: dict[str, Any]) -> list[dict[str, Any]]:
        period = question["TimePeriod"]
        found = spans(
            date.fromisoformat(period["Start"]), date.fromisoformat(period["End"]), question["Granularity"]
        )
        return [
            {
                "TimePeriod": {"Start": start.isoformat(), "End": end.isoformat()},
                "Total": {},
                "Groups": self.groups(question, start),
                "Estimated": end > self.final_before,
            }
            for start, end in found
        ]

    def __call__(self, method: str, path: str, body: bytes) -> Reply:
        question = json.loads(body)
        results = self.results(question)
        first = int(question.get("NextPageToken", "page-0").removeprefix("page-"))
        page: dict[str, Any] = {"ResultsByTime": results[first : first + self.page_size]}
        if first + self.page_size < len(results):
            page["NextPageToken"] = f"page-{first + self.page_size}"
        return 200, json.dumps(page).encode()
