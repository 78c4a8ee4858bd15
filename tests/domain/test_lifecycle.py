"""Lifecycle configurations: read and written back whole, compared, and what a change deletes or touches."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from dashboard.domain.lifecycle import Configuration, Rule, Scope, Step, parse
from dashboard.domain.lifecycle_change import differences, removals, touched

FULL: dict[str, Any] = {
    "Rules": [
        {
            "ID": "everything",
            "Status": "Enabled",
            "Filter": {
                "And": {
                    "Prefix": "眼科/",
                    "Tags": [{"Key": "k", "Value": ""}, {"Key": "keep", "Value": "long"}],
                    "ObjectSizeGreaterThan": 0,
                    "ObjectSizeLessThan": 1048576,
                }
            },
            "Transitions": [
                {"Days": 30, "StorageClass": "STANDARD_IA"},
                {"Days": 90, "StorageClass": "GLACIER"},
            ],
            "Expiration": {"Days": 3650},
            "NoncurrentVersionTransitions": [
                {"NoncurrentDays": 30, "NewerNoncurrentVersions": 2, "StorageClass": "GLACIER"}
            ],
            "NoncurrentVersionExpiration": {"NoncurrentDays": 365, "NewerNoncurrentVersions": 1},
        },
        {
            "ID": "old form",
            "Prefix": "old/",
            "Status": "Disabled",
            "Expiration": {"Date": "2030-01-01T00:00:00Z"},
        },
        {"ID": "from 2031", "Status": "Enabled", "Filter": {}, "Hologram": {"Days": 3}},
    ],
    "TransitionDefaultMinimumObjectSize": "varies_by_storage_class",
}


def conf(*rules: dict[str, Any], minimum: str | None = None) -> Configuration:
    return Configuration(
        tuple(
            Rule({"ID": f"r{n}", "Status": "Enabled", "Filter": {}, **rule}) for n, rule in enumerate(rules)
        ),
        minimum,
    )


def test_a_configuration_comes_back_word_for_word() -> None:
    assert parse(FULL).as_data() == FULL
    assert parse(json.loads(json.dumps(parse(FULL).as_data()))) == parse(FULL)
    rule, old, later = parse(FULL).rules
    assert rule.scope == Scope("眼科/", (("k", ""), ("keep", "long")), 0, 1048576)
    assert rule.steps == (
        Step("transition", 30, None, "STANDARD_IA"),
        Step("transition", 90, None, "GLACIER"),
        Step("expiration", 3650),
        Step("noncurrent_transition", 30, None, "GLACIER", 2),
        Step("noncurrent_expiration", 365, newer=1),
    )
    assert old.steps == (Step("expiration", None, date(2030, 1, 1)),)
    assert old.scope.prefix == "old/"
    assert (later.unknown, rule.unknown) == (("Hologram",), ())


def test_times_of_the_sdk_become_text() -> None:
    rule = {"Status": "Enabled", "Expiration": {"Date": datetime(2030, 1, 1, tzinfo=UTC)}}
    assert parse({"Rules": [rule]}).rules[0].data["Expiration"] == {"Date": "2030-01-01T00:00:00Z"}


@pytest.mark.parametrize("data", [{}, {"Rules": None}, {"Rules": ["x"]}, {"Rules": {"a": 1}}])
def test_what_has_no_rules_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="list of Rules"):
        parse(data)


def test_order_does_not_count_and_everything_else_does() -> None:
    whole = parse(FULL)
    turned = Configuration(whole.rules[::-1], whole.minimum_size)
    assert turned.digest == whole.digest
    assert turned.is_same(whole)
    assert conf({"Filter": {"Prefix": ""}}).is_same(conf({"Filter": {}})), "S3 gives one back as the other"
    for other in (
        Configuration(whole.rules, "all_storage_classes_128K"),
        Configuration(whole.rules[:2], whole.minimum_size),
        Configuration((whole.rules[0].with_status(is_enabled=False), *whole.rules[1:]), whole.minimum_size),
    ):
        assert other.digest != whole.digest
        assert not other.is_same(whole)
    silent = Configuration(whole.rules, None)
    assert silent.is_same(whole), "a server that says nothing of small objects says nothing else"


@pytest.mark.parametrize(
    ("before", "after", "count"),
    [
        ([], [{"Expiration": {"Days": 1}}], 1),
        ([], [{"Transitions": [{"Days": 1, "StorageClass": "GLACIER"}]}], 0),
        ([], [{"NoncurrentVersionExpiration": {"NoncurrentDays": 9}}], 1),
        ([], [{"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}], 1),
        ([], [{"Expiration": {"ExpiredObjectDeleteMarker": True}}], 1),
        ([], [{"Status": "Disabled", "Expiration": {"Days": 1}}], 0),
        ([{"Status": "Disabled", "Expiration": {"Days": 1}}], [{"Expiration": {"Days": 1}}], 1),
        ([{"Expiration": {"Days": 30}}], [{"Expiration": {"Days": 30}}], 0),
        ([{"Expiration": {"Days": 30}}], [{"Expiration": {"Days": 60}}], 0),
        ([{"Expiration": {"Days": 30}}], [{"Expiration": {"Days": 29}}], 1),
        ([{"Expiration": {"Days": 30}}], [{"Expiration": {"Days": 30}, "Filter": {"Prefix": "a/"}}], 0),
        ([{"Expiration": {"Days": 30}, "Filter": {"Prefix": "a/"}}], [{"Expiration": {"Days": 30}}], 1),
        (
            [{"Expiration": {"Days": 9}, "Filter": {"Tag": {"Key": "k", "Value": "v"}}}],
            [{"Expiration": {"Days": 9}}],
            1,
        ),
        (
            [{"Expiration": {"Days": 9}, "Filter": {"ObjectSizeGreaterThan": 5}}],
            [{"Expiration": {"Days": 9}, "Filter": {"ObjectSizeGreaterThan": 4}}],
            1,
        ),
        (
            [{"Expiration": {"Days": 9}, "Filter": {"ObjectSizeLessThan": 5}}],
            [{"Expiration": {"Days": 9}, "Filter": {"ObjectSizeLessThan": 4}}],
            0,
        ),
        (
            [{"NoncurrentVersionExpiration": {"NoncurrentDays": 9, "NewerNoncurrentVersions": 3}}],
            [{"NoncurrentVersionExpiration": {"NoncurrentDays": 9, "NewerNoncurrentVersions": 2}}],
            1,
        ),
        (
            [{"Expiration": {"Date": "2030-01-01T00:00:00Z"}}],
            [{"Expiration": {"Date": "2029-01-01T00:00:00Z"}}],
            1,
        ),
        ([{"Expiration": {"Days": 30}}], [{"Expiration": {"Date": "2050-01-01T00:00:00Z"}}], 1),
    ],
)
def test_what_is_deleted_anew_is_found(before: list[Any], after: list[Any], count: int) -> None:
    assert len(removals(conf(*before), conf(*after))) == count


def test_rules_of_others_are_named_when_they_go_or_change() -> None:
    ours = {"ID": "archive-dashboard-1", "Expiration": {"Days": 5}}
    before = conf(
        {"ID": "theirs", "Expiration": {"Days": 5}}, {"ID": "also", "Expiration": {"Days": 6}}, ours
    )
    assert touched(before, before) == []
    assert touched(before, Configuration(before.rules[:2])) == [], "our own may go"
    assert [rule.id for rule in touched(before, Configuration(before.rules[1:]))] == ["theirs"]
    changed = Configuration((before.rules[0].with_status(is_enabled=False), *before.rules[1:]))
    assert [rule.id for rule in touched(before, changed)] == ["theirs"]
    assert [item.kind for item in differences(before, changed)] == ["changed", "kept", "kept"]
    assert [item.kind for item in differences(conf(ours), before)] == ["kept", "added", "added"]
