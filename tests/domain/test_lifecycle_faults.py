"""Every rule of S3's for lifecycle configurations, which no test server holds."""

from __future__ import annotations

import time
from typing import Any

import pytest

from dashboard.domain import lifecycle_faults
from dashboard.domain.lifecycle import Configuration, Rule
from dashboard.operate import lifecycle_words

GOOD: dict[str, Any] = {
    "ID": "r", "Status": "Enabled", "Filter": {"Prefix": "a/"}, "Expiration": {"Days": 400},
}  # fmt: skip


def moves(*steps: tuple[int, str]) -> list[dict[str, Any]]:
    return [{"Days": days, "StorageClass": to_class} for days, to_class in steps]


def faults(*rules: dict[str, Any]) -> list[tuple[str, bool]]:
    found = lifecycle_faults.find(Configuration(tuple(Rule(rule) for rule in rules)))
    assert all(lifecycle_words.fault(fault) for fault in found), "each can be said"
    return [(fault.field, fault.is_warning) for fault in found]


TAGS = [{"Key": f"k{number}", "Value": "v"} for number in range(11)]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ID": ""}, "ID"),
        ({"ID": "x" * 256}, "ID"),
        ({"Status": "On"}, "Status"),
        ({"Status": None}, "Status"),
        ({"Filter": {"Prefix": "a/", "Tag": {"Key": "k", "Value": "v"}}}, "Filter"),
        ({"Prefix": "a/"}, "Filter"),
        ({"Filter": {"And": {"Prefix": "a/"}}}, "Filter.And"),
        ({"Filter": {"And": {"Tags": TAGS[:1]}}}, "Filter.And"),
        ({"Filter": {"And": {"Tags": TAGS}}}, "Filter.Tags"),
        ({"Filter": {"And": {"Tags": [TAGS[0], {"Key": "k0", "Value": "w"}]}}}, "Filter.Tags"),
        ({"Filter": {"Tag": {"Key": "", "Value": "v"}}}, "Filter.Tags"),
        ({"Filter": {"Tag": {"Key": "k", "Value": "v" * 257}}}, "Filter.Tags"),
        ({"Filter": {"Prefix": "あ" * 342}}, "Filter.Prefix"),
        ({"Filter": {"ObjectSizeGreaterThan": -1}}, "Filter.ObjectSize"),
        ({"Filter": {"ObjectSizeLessThan": 0}}, "Filter.ObjectSize"),
        (
            {"Filter": {"And": {"ObjectSizeGreaterThan": 5, "ObjectSizeLessThan": 6}}},
            "Filter.ObjectSize",
        ),
        (
            {"Filter": {"Tag": TAGS[0]}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
            "Filter.Tag",
        ),
        ({"Filter": {"Tag": TAGS[0]}, "Expiration": {"ExpiredObjectDeleteMarker": True}}, "Filter.Tag"),
        (
            {"Filter": {"ObjectSizeLessThan": 9}, "Expiration": {"ExpiredObjectDeleteMarker": True}},
            "Filter.ObjectSize",
        ),
        ({"Expiration": {"Days": 0}}, "Expiration.Days"),
        ({"Expiration": {"Days": -1}}, "Expiration.Days"),
        ({"Expiration": {"Days": "9"}}, "Expiration.Days"),
        ({"Expiration": {"Days": 9, "Date": "2030-01-01T00:00:00Z"}}, "Expiration"),
        ({"Expiration": {"Days": 9, "ExpiredObjectDeleteMarker": True}}, "Expiration"),
        ({"Expiration": {}}, "Expiration"),
        ({"Expiration": {"Date": "2030-01-01T09:00:00Z"}}, "Expiration.Date"),
        ({"Transitions": [{"Date": "2030-01-01", "StorageClass": "GLACIER"}]}, "Transitions.Date"),
        ({"Transitions": [{"StorageClass": "GLACIER"}]}, "Transitions"),
        ({"Transitions": moves((-1, "GLACIER"))}, "Transitions.Days"),
        ({"Transitions": moves((30, "STANDARD"))}, "Transitions.StorageClass"),
        ({"Transitions": moves((30, "REDUCED_REDUNDANCY"))}, "Transitions.StorageClass"),
        ({"Transitions": moves((30, "GLACIER"), (200, "STANDARD_IA"))}, "Transitions"),
        ({"Transitions": moves((30, "ONEZONE_IA"), (200, "GLACIER_IR"))}, "Transitions"),
        ({"Transitions": moves((30, "GLACIER"), (30, "DEEP_ARCHIVE"))}, "Transitions"),
        ({"Transitions": moves((4, "GLACIER_IR"), (93, "DEEP_ARCHIVE"))}, "Transitions"),
        ({"Transitions": moves((30, "STANDARD_IA"), (59, "GLACIER"))}, "Transitions"),
        ({"Transitions": moves((400, "GLACIER"))}, "Expiration"),
        ({"Transitions": moves((500, "GLACIER"))}, "Expiration"),
        (
            {"Transitions": [{"Date": "2030-01-01T00:00:00Z", "StorageClass": "GLACIER"}]},
            "Expiration",
        ),
        (
            {
                "Transitions": [
                    {"Date": "2030-01-01T00:00:00Z", "StorageClass": "GLACIER"},
                    {"Days": 3, "StorageClass": "DEEP_ARCHIVE"},
                ]
            },
            "Transitions",
        ),
        ({"NoncurrentVersionExpiration": {"NoncurrentDays": 0}}, "NoncurrentVersionExpiration.NoncurrentDays"),
        (
            {"NoncurrentVersionExpiration": {"NoncurrentDays": 9, "NewerNoncurrentVersions": 101}},
            "NoncurrentVersionExpiration.NewerNoncurrentVersions",
        ),
        (
            {"NoncurrentVersionTransitions": [{"NoncurrentDays": 9, "StorageClass": "STANDARD"}]},
            "NoncurrentVersionTransitions.StorageClass",
        ),
        (
            {
                "NoncurrentVersionTransitions": [{"NoncurrentDays": 9, "StorageClass": "GLACIER"}],
                "NoncurrentVersionExpiration": {"NoncurrentDays": 9},
            },
            "NoncurrentVersionExpiration.NoncurrentDays",
        ),
        (
            {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 0}},
            "AbortIncompleteMultipartUpload.DaysAfterInitiation",
        ),
    ],
)  # fmt: skip
def test_row_68_what_s3_refuses_is_found_before_it_is_sent(changes: dict[str, Any], field: str) -> None:
    assert faults(GOOD) == []
    assert (field, False) in faults({**GOOD, **changes})


def test_row_68_rules_are_counted_and_ids_are_their_own() -> None:
    many = [{**GOOD, "ID": f"r{number}", "Filter": {"Prefix": f"{number}/"}} for number in range(1001)]
    started = time.perf_counter()
    assert faults(*many) == [("Rules", False)]
    assert time.perf_counter() - started < 5, "half a million pairs"
    assert ("ID", False) in faults(GOOD, GOOD)
    nothing = {name: value for name, value in GOOD.items() if name != "Expiration"}
    assert faults(nothing) == [("Rule", False)]
    without = {name: value for name, value in GOOD.items() if name != "Filter"}
    assert ("Filter", False) in faults(without)
    minimum = lifecycle_faults.find(Configuration((Rule(GOOD),), "whatever"))
    assert [fault.field for fault in minimum] == ["TransitionDefaultMinimumObjectSize"]


def test_what_s3_takes_is_no_fault() -> None:
    assert faults({**GOOD, "Filter": {}}) == []
    assert faults({**{k: v for k, v in GOOD.items() if k != "Filter"}, "Prefix": "old/"}) == []
    assert faults({**GOOD, "Transitions": moves((0, "INTELLIGENT_TIERING"), (1, "GLACIER_IR"))}) == []
    assert faults({**GOOD, "Transitions": moves((4, "GLACIER_IR"), (94, "DEEP_ARCHIVE"))}) == []
    assert (
        faults({**GOOD, "Transitions": moves((30, "STANDARD_IA"), (60, "GLACIER"), (150, "DEEP_ARCHIVE"))})
        == []
    )


def test_what_s3_takes_and_nobody_means_is_a_warning() -> None:
    assert faults({**GOOD, "Transitions": moves((10, "STANDARD_IA"))}) == [("Transitions.Days", True)]
    late = {**GOOD, "ID": "late", "Filter": {"Prefix": "a/b/"}, "Transitions": moves((500, "GLACIER"))}
    del late["Expiration"]
    assert faults(GOOD, late) == [("Transitions.Days", True)]
    assert faults(late, GOOD) == [("Transitions.Days", True)]
    assert faults(GOOD, {**late, "Filter": {"Prefix": "c/"}}) == []
    other = {**late, "ID": "other", "Transitions": moves((500, "DEEP_ARCHIVE"))}
    assert ("Transitions", True) in faults(late, other)


def test_a_rule_that_s3_took_before_keeps_nobody_from_changing_another() -> None:
    theirs = Rule({**GOOD, "Transitions": moves((30, "STANDARD_IA"), (40, "GLACIER"))})
    before = Configuration((theirs,))
    after = Configuration((theirs, Rule({**GOOD, "ID": "mine", "Status": "On"})))
    found = lifecycle_faults.find(after, before)
    assert [(fault.rule_id, fault.is_warning) for fault in found] == [("r", True), ("mine", False)]
