"""What was promised beside the bills that came after, reckoned by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from dashboard.domain.promises import Promise, Seen, held_against, payload, promise_of
from dashboard.domain.record_keeping import RecordKeeping
from dashboard.domain.savings import Kind, Lot
from dashboard.domain.savings_reckoning import propose
from dashboard.settings.price_files import shipped_book

ONE = 1 << 30
AT = datetime(2026, 9, 10, 3, tzinfo=UTC)
AUGUST, SEPTEMBER, OCTOBER, NOVEMBER = (date(2026, month, 1) for month in (8, 9, 10, 11))
LOT = Lot(
    "noncurrent_version", "clinic-images", "ipad", "STANDARD", "", "", "", "open", 5, 10 * ONE, 10 * ONE, 0, 0
)


def promised(*lots: Lot, listed: dict[str, int] | None = None) -> Promise:
    """The promise that is read back from what accepting some lots leaves in the journal."""
    kinds = [
        Kind(name, place, name, "", "", "", "")
        for place, name in enumerate({lot.proposal_id for lot in lots})
    ]
    stored = [
        {"storage_class": name, "access_tier": "", "object_count": 100, "billed_bytes": 1000 * ONE}
        for name in ("STANDARD", "GLACIER")
    ]
    found = propose(kinds, lots, stored, shipped_book(), "us-east-1", RecordKeeping(devices=()))
    proposal = found.find(lots[0].proposal_id)
    assert proposal is not None
    followed = [
        {"kind": kind, "storage_class": name, "access_tier": "", "size_bytes": size}
        for kind in ("noncurrent_version", "junk")
        for name, size in (listed or {}).items()
    ]
    told = payload(proposal, found.proposals, followed, snapshot_id="000007", region="us-east-1", note="")
    return promise_of(3, AT, "Sato", lots[0].proposal_id, json.loads(json.dumps(told)), None)


def bill(
    month: date, gib: int, usd: str, listed: float, name: str = "STANDARD", **more: Any
) -> dict[str, Any]:
    """A row of `savings.months`; `listed` are the average GB of older versions."""
    row = {
        "month": month,
        "month_days": 31,
        "day_count": 31,
        "storage_class": name,
        "access_tier": "",
        "noncurrent_byte_days": Decimal(int(listed * ONE) * 31),
        "junk_byte_days": Decimal(0),
        "billed_usd": Decimal(usd),
        "billed_gb_months": Decimal(gib),
        "is_estimated": False,
        "jpy_per_usd": None,
    }
    return {**row, **more}


def one(promise: Promise, *rows: dict[str, Any]) -> Seen:
    [seen] = held_against(promise, rows)
    return seen


PROMISE = promised(LOT, listed={"STANDARD": 12 * ONE})


def test_a_promise_holds_all_that_later_bills_are_held_against() -> None:
    assert PROMISE.month_usd == Decimal("0.2300000000")
    assert PROMISE.once_usd == 0
    [place] = PROMISE.places
    assert (place.storage_class, place.listed_bytes) == ("STANDARD", 12 * ONE)
    assert place.gb_usd == Decimal("0.023")


def test_older_versions_that_are_gone_are_worth_what_the_bill_asks_for_a_gigabyte() -> None:
    # 12 GB were listed and 2 GB are: 10 x 2.40 / 100, although everything else grew.
    seen = one(PROMISE, bill(AUGUST, 50, "1.15", 12), bill(OCTOBER, 100, "2.40", 2))
    assert (seen.month, seen.verdict, seen.why) == (OCTOBER, "kept", "")
    assert seen.seen_usd == Decimal("0.2400000000")
    assert (seen.promised_usd, seen.former_usd, seen.billed_usd) == (
        Decimal("0.23"), Decimal("1.15"), Decimal("2.40"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("listed", "seen_usd", "verdict", "why"),
    [
        (2.5, "0.2185000000", "kept", ""),
        (2.75, "0.2127500000", "partly", ""),
        (12, "0E-10", "not_seen", ""),
        (14, "-0.0460000000", "not_seen", "grew"),
    ],
)
def test_what_was_seen_is_said_as_it_is(listed: float, seen_usd: str, verdict: str, why: str) -> None:
    seen = one(PROMISE, bill(OCTOBER, 100, "2.30", listed))
    assert (seen.verdict, seen.why, seen.seen_usd) == (verdict, why, Decimal(seen_usd))


def test_versions_that_moved_to_a_colder_class_are_still_there() -> None:
    # 10 GB less in Standard, 10 GB more in Glacier: 10 x 0.023 - 10 x 0.0036.
    seen = one(PROMISE, bill(OCTOBER, 100, "2.30", 2), bill(OCTOBER, 100, "0.36", 10, "GLACIER"))
    assert (seen.verdict, seen.seen_usd) == ("partly", Decimal("0.1940000000"))


def test_what_a_rule_deletes_anyway_is_no_merit() -> None:
    rule = replace(LOT, standing="in_hand", size_bytes=2 * ONE, billed_bytes=2 * ONE)
    promise = promised(LOT, rule, listed={"STANDARD": 12 * ONE})
    assert promise.places[0].listed_bytes == 10 * ONE
    seen = one(promise, bill(OCTOBER, 100, "2.30", 2))
    assert (seen.verdict, seen.seen_usd) == ("partly", Decimal("0.1840000000"))


def test_a_class_that_left_the_bill_is_worth_its_list_price() -> None:
    seen = one(PROMISE, bill(OCTOBER, 1, "1", 2, "GLACIER", noncurrent_byte_days=Decimal(0)))
    assert (seen.verdict, seen.seen_usd) == ("kept", Decimal("0.2760000000"))


def test_before_the_first_full_month_it_is_too_early() -> None:
    running = bill(OCTOBER, 100, "2.30", 2, is_estimated=True)
    for rows in ((), (bill(AUGUST, 1, "1", 12), bill(SEPTEMBER, 1, "1", 2)), (running,)):
        seen = one(PROMISE, *rows)
        assert (seen.month, seen.verdict, seen.why) == (None, "too_early", "no_full_month")
    # A month that is over counts although its bill is not final, and says so.
    seen = one(PROMISE, running, bill(NOVEMBER, 1, "1", 0, is_estimated=True))
    assert (seen.month, seen.verdict, seen.is_estimated) == (OCTOBER, "kept", True)


@pytest.mark.parametrize(
    ("proposal", "changes", "why"),
    [
        ("exact_duplicate", {}, "not_told_apart"),
        ("noncurrent_version", {"day_count": 30}, "no_reports"),
        (
            "noncurrent_version",
            {"storage_class": "SNOW", "billed_usd": None, "billed_gb_months": None},
            "no_bill",
        ),
    ],
)
def test_what_cannot_be_told_is_not_claimed(proposal: str, changes: dict[str, Any], why: str) -> None:
    promise = promised(replace(LOT, proposal_id=proposal), listed={"STANDARD": 12 * ONE})
    seen = one(promise, bill(AUGUST, 100, "2.30", 12), bill(OCTOBER, 90, "2.07", 2, **changes))
    assert (seen.verdict, seen.why, seen.seen_usd) == ("cannot_tell", why, None)
    assert seen.former_usd == Decimal("2.30"), "what the class did is shown, and nothing made of it"


def test_a_withdrawn_promise_ends_with_the_month_before() -> None:
    withdrawn = replace(PROMISE, withdrawn_at=datetime(2026, 11, 3, tzinfo=UTC))
    rows = [bill(OCTOBER, 100, "2.30", 2), bill(NOVEMBER, 100, "2.30", 2)]
    assert [seen.month for seen in held_against(withdrawn, rows)] == [OCTOBER]
    assert [seen.month for seen in held_against(PROMISE, rows)] == [OCTOBER, NOVEMBER]
