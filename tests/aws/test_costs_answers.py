"""Row 50 and a lying Cost Explorer: what may not be believed is refused, and the last good file stays."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.aws.cost_answers import (
    COST_LIMIT,
    USAGE_LIMIT,
    AnswerInvalid,
    Question,
    exact_sum,
    parse_amount,
    parse_page,
)
from dashboard.aws.costs import sync_costs
from dashboard.aws.ledger import Ledger
from dashboard.domain.progress import Silent
from dashboard.errors import ExitCode
from dashboard.settings import Costs
from tests.aws.http_stub import client_for, running_stub

NOW = datetime(2026, 10, 20, 6, 30, tzinfo=UTC)
BY_USAGE = (("DIMENSION", "USAGE_TYPE"), ("DIMENSION", "OPERATION"))

GOOD: dict[str, Any] = {
    "ResultsByTime": [
        {
            "TimePeriod": {"Start": "2026-10-01", "End": "2026-11-01"},
            "Total": {},
            "Groups": [
                {
                    "Keys": ["APN1-TimedStorage-ByteHrs", "StandardStorage"],
                    "Metrics": {
                        "UnblendedCost": {"Amount": "4.1294931175", "Unit": "USD"},
                        "UsageQuantity": {"Amount": "180.5", "Unit": "GB-Month"},
                    },
                },
                {
                    "Keys": ["APN1-Requests-Tier1", "PutObject"],
                    "Metrics": {
                        "UnblendedCost": {"Amount": "0.25", "Unit": "USD"},
                        "UsageQuantity": {"Amount": "50000", "Unit": "Requests"},
                    },
                },
            ],
            "Estimated": True,
        }
    ]
}

Change = Callable[[dict[str, Any]], Any]


def cost(answer: dict[str, Any], number: int = 0) -> dict[str, Any]:
    metric: dict[str, Any] = answer["ResultsByTime"][0]["Groups"][number]["Metrics"]["UnblendedCost"]
    return metric


def put(name: str, value: Any) -> Change:
    return lambda answer: answer["ResultsByTime"][0].update({name: value})


def amount(value: Any) -> Change:
    return lambda answer: cost(answer).update(Amount=value)


# Each spoils a good answer, or is the body itself.
HOSTILE: dict[str, Change | bytes] = {
    "html": b"<html><body>Proxy login</body></html>",
    "empty body": b"",
    "not utf-8": b"\xff\xfe\x00",
    "cut in half": json.dumps(GOOD).encode()[:200],
    "a list": b"[1, 2]",
    "null": b"null",
    "a number": b"42",
    "deep nesting": b"[" * 100_000,
    "no ResultsByTime": lambda answer: answer.pop("ResultsByTime"),
    "ResultsByTime is text": lambda answer: answer.update(ResultsByTime="x"),
    "token is a number": lambda answer: answer.update(NextPageToken=7),
    "NaN": amount("NaN"),
    "sNaN": amount("sNaN"),
    "infinity": amount("-Infinity"),
    "1e30": amount("1e30"),
    "1e999999999": amount("1e999999999"),
    "full-width digits": amount("\uff11\uff12"),
    "underscores": amount("1_000"),
    "comma": amount("1,000.5"),
    "empty amount": amount(""),
    "number instead of text": amount(4.5),
    "no amount": amount(None),
    "yen": lambda answer: cost(answer).update(Unit="JPY"),
    "yen in one line": lambda answer: cost(answer, 1).update(Unit="JPY"),
    "no unit": lambda answer: cost(answer).pop("Unit"),
    "no metrics": lambda answer: answer["ResultsByTime"][0]["Groups"][0].pop("Metrics"),
    "no keys": lambda answer: answer["ResultsByTime"][0]["Groups"][0].pop("Keys"),
    "one key": lambda answer: answer["ResultsByTime"][0]["Groups"][0].update(Keys=["x"]),
    "key is null": lambda answer: answer["ResultsByTime"][0]["Groups"][0].update(Keys=["x", None]),
    "control characters": lambda answer: answer["ResultsByTime"][0]["Groups"][0].update(Keys=["x", "\x00"]),
    "endless name": lambda answer: answer["ResultsByTime"][0]["Groups"][0].update(Keys=["x", "y" * 5000]),
    "a group twice": lambda answer: answer["ResultsByTime"][0]["Groups"].append(
        answer["ResultsByTime"][0]["Groups"][0]
    ),
    "a period twice": lambda answer: answer["ResultsByTime"].append(answer["ResultsByTime"][0]),
    "another month": put("TimePeriod", {"Start": "2020-01-01", "End": "2020-02-01"}),
    "end before start": put("TimePeriod", {"Start": "2026-10-01", "End": "2026-09-01"}),
    "no day": put("TimePeriod", {"Start": "2026-10-32", "End": "2026-11-01"}),
    "no period": put("TimePeriod", None),
    "Estimated is text": put("Estimated", "false"),
    "groups is an object": put("Groups", {"a": 1}),
    "total beside groups": lambda answer: answer["ResultsByTime"].append(
        answer["ResultsByTime"][0]
        | {"Groups": [], "Total": {"UnblendedCost": {"Amount": "4", "Unit": "USD"}}}
    ),
}


def test_row_50_hostile_bodies_are_refused_and_the_last_good_file_stays(tmp_path: Path) -> None:
    assert len(HOSTILE) >= 20
    settings = Costs(months=1, daily_days=0, services=("Amazon Simple Storage Service",))
    with running_stub() as stub:
        ce = client_for("ce", stub.url)
        for number, (name, change) in enumerate(HOSTILE.items()):
            bills, ledger = tmp_path / str(number), Ledger(tmp_path / f"{number}.jsonl")
            stub.answer = lambda method, path, body: (200, json.dumps(GOOD).encode())
            assert sync_costs(ce, settings, bills, ledger, Silent(), NOW).fault is None
            before = [(file.name, file.read_bytes()) for file in bills.iterdir()]

            if isinstance(change, bytes):
                reply = change
            else:
                spoilt = copy.deepcopy(GOOD)
                change(spoilt)
                reply = json.dumps(spoilt).encode()
            stub.answer = lambda method, path, body, reply=reply: (200, reply)  # type: ignore[misc]
            outcome = sync_costs(ce, settings, bills, ledger, Silent(), NOW, force=True)
            assert outcome.fault is not None, name
            assert outcome.fault.code is ExitCode.COST_INVALID, name
            assert len(outcome.fault.cause) < 500, name
            assert [(file.name, file.read_bytes()) for file in bills.iterdir()] == before, name
            assert ledger.count_on(NOW.date()) in {3, 4}, name


def question(granularity: Any = "MONTHLY", **values: Any) -> Question:
    return Question(
        **{
            "breakdown": "usage",
            "granularity": granularity,
            "start": date(2026, 10, 1),
            "end": date(2026, 11, 1),
            "services": ("Amazon Simple Storage Service",),
            "group_by": BY_USAGE,
        }
        | values
    )


def test_row_50_credits_and_refunds_are_kept() -> None:
    answer = copy.deepcopy(GOOD)
    cost(answer)["Amount"] = "-12.5000000001"
    periods, token = parse_page(answer, question())
    assert token is None
    assert [line.cost_usd for line in periods[0].lines] == [Decimal("-12.5000000001"), Decimal("0.25")]


def test_row_50_a_missing_group_is_no_row_and_an_empty_total_no_cost() -> None:
    for total in ({}, {"UnblendedCost": {"Amount": "0", "Unit": "USD"}}):
        answer = copy.deepcopy(GOOD)
        answer["ResultsByTime"][0] |= {"Groups": [], "Total": total}
        (period,), _token = parse_page(answer, question())
        assert period.lines == ()


def test_row_50_a_total_without_groups_is_not_lost() -> None:
    answer = copy.deepcopy(GOOD)
    answer["ResultsByTime"][0] |= {
        "Groups": [],
        "Total": {"UnblendedCost": {"Amount": "3.5", "Unit": "USD"}},
    }
    (period,), _token = parse_page(answer, question())
    assert [(line.usage_type, line.cost_usd) for line in period.lines] == [("", Decimal("3.5"))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4.1294931175", "4.1294931175"),
        ("9312771.098461578", "9312771.098461578"),
        ("-0", "-0"),
        ("1.5E-7", "1.5E-7"),
        ("3.6e2", "360"),
        ("0.00000000005", "0"),
        ("0.00000000015", "0.0000000002"),
        ("999999999999.9999999999", "999999999999.9999999999"),
        ("1e-999", "0"),
    ],
)
def test_row_50_amounts_are_kept_to_ten_decimals(text: str, expected: str) -> None:
    assert parse_amount(text, COST_LIMIT) == Decimal(expected)


@given(
    st.decimals(
        min_value=-COST_LIMIT + 1, max_value=COST_LIMIT - 1, places=10, allow_nan=False, allow_infinity=False
    )
)
def test_row_50_no_digit_of_a_cost_is_lost(number: Decimal) -> None:
    assert parse_amount(format(number, "f"), COST_LIMIT) == number
    assert exact_sum(iter([number] * 1000)) == number.scaleb(3)


@given(st.text(max_size=30))
def test_row_50_any_text_is_a_bounded_amount_or_refused(text: str) -> None:
    try:
        number = parse_amount(text, USAGE_LIMIT)
    except AnswerInvalid:
        return
    assert number.is_finite()
    assert abs(number) < USAGE_LIMIT
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    assert -10 <= exponent <= 0


def test_a_tag_is_parted_at_its_first_dollar() -> None:
    for value in ("", "Dev", "a$b$", "$"):
        answer = copy.deepcopy(GOOD)
        groups = answer["ResultsByTime"][0]["Groups"]
        groups[0]["Keys"] = [f"Environment${value}"]
        del groups[1]
        (period,), _token = parse_page(answer, question(group_by=(("TAG", "Environment"),)))
        assert period.lines[0].tag_value == value
    with pytest.raises(AnswerInvalid):
        parse_page(answer, question(group_by=(("TAG", "environment"),)))


def missing_days(tmp_path: Path, gone: set[str]) -> Any:
    """Sync the days of September, leaving some out of the answer."""
    settings = Costs(months=1, daily_days=30, services=("Amazon Simple Storage Service",))

    def answer(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        asked = json.loads(body)
        start = date.fromisoformat(asked["TimePeriod"]["Start"])
        end = date.fromisoformat(asked["TimePeriod"]["End"])
        if asked["Granularity"] == "MONTHLY":
            spans = [(start, end)]
        else:
            days = [date.fromordinal(number) for number in range(start.toordinal(), end.toordinal())]
            spans = [(day, date.fromordinal(day.toordinal() + 1)) for day in days]
        template = copy.deepcopy(GOOD["ResultsByTime"][0])
        return 200, json.dumps(
            {
                "ResultsByTime": [
                    template | {"TimePeriod": {"Start": str(first), "End": str(last)}, "Estimated": False}
                    for first, last in spans
                    if str(first) not in gone
                ]
            }
        ).encode()

    with running_stub() as stub:
        stub.answer = answer
        ledger = Ledger(tmp_path / "requests.jsonl")
        now = datetime(2026, 9, 30, 12, tzinfo=UTC)
        ce = client_for("ce", stub.url)
        return sync_costs(ce, settings, tmp_path / "bills", ledger, Silent(), now, force=True)


def test_missing_days_are_named_and_never_replace_known_ones(tmp_path: Path) -> None:
    file = tmp_path / "bills" / "usage-daily-2026-09.json"
    # Yesterday may not be there yet; the 3rd should be.
    assert missing_days(tmp_path, {"2026-09-03", "2026-09-29", "2026-09-30"}).fault is None
    assert json.loads(file.read_bytes())["missing"] == ["2026-09-03"]
    assert missing_days(tmp_path, set()).fault is None
    complete = file.read_bytes()
    assert json.loads(complete)["missing"] == []
    fault = missing_days(tmp_path, {"2026-09-04"}).fault
    assert fault is not None
    assert fault.code is ExitCode.COST_INVALID
    assert "2026-09-04" in fault.cause
    assert file.read_bytes() == complete


# The example of the AWS CLI documentation: two dimensions, an untagged row, usage in mixed units.
DOCUMENTED: dict[str, Any] = {
    "ResultsByTime": [
        {
            "Estimated": False,
            "TimePeriod": {"Start": "2017-09-01", "End": "2017-10-01"},
            "Total": {},
            "Groups": [
                {
                    "Keys": ["Amazon Simple Storage Service", "Environment$"],
                    "Metrics": {"UnblendedCost": {"Amount": "40.3543773134", "Unit": "USD"}},
                },
                {
                    "Keys": ["Amazon Simple Storage Service", "Environment$Dev"],
                    "Metrics": {"UnblendedCost": {"Amount": "0.2682364644", "Unit": "USD"}},
                },
            ],
        }
    ]
}


def real_answers() -> list[dict[str, Any]]:
    """The documented example, and every real answer in the folder of samples where there is one."""
    beside = Path(__file__).parents[2].parent / "shared" / "samples"
    folder = Path(os.environ.get("DASHBOARD_SAMPLES") or beside) / "cost_explorer"
    files = sorted(folder.glob("*.json")) if folder.is_dir() else []
    answers = [json.loads(file.read_text("utf-8")) for file in files]
    return [DOCUMENTED, *(answer for answer in answers if "ResultsByTime" in answer)]


def test_real_answers_are_read_in_full() -> None:
    for answer in real_answers():
        first, last = answer["ResultsByTime"][0]["TimePeriod"], answer["ResultsByTime"][-1]["TimePeriod"]
        is_grouped = bool(answer["ResultsByTime"][0]["Groups"])
        periods, token = parse_page(
            answer,
            question(
                "MONTHLY" if is_grouped else "DAILY",
                start=date.fromisoformat(first["Start"]),
                end=date.fromisoformat(last["End"]),
                group_by=(("DIMENSION", "SERVICE"), ("TAG", "Environment")) if is_grouped else (),
            ),
        )
        assert token is None
        metrics = [
            metric["UnblendedCost"]["Amount"]
            for result in answer["ResultsByTime"]
            for metric in ([group["Metrics"] for group in result["Groups"]] or [result["Total"]])
        ]
        kept = [line.cost_usd for period in periods for line in period.lines]
        assert kept == [Decimal(text) for text in metrics]
        assert all(period.is_estimated != is_grouped for period in periods)
