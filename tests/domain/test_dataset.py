"""The words of a dataset's selection and split."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dashboard.domain.dataset import NAME, Selection, Split, read_labels, read_split


def test_labels_are_pairs() -> None:
    assert read_labels(["eye=L", "note=a=b", "eye="]) == (("eye", "L"), ("note", "a=b"), ("eye", ""))
    for text in ("eye", "=L", ""):
        with pytest.raises(ValueError, match="name=value"):
            read_labels([text])


@pytest.mark.parametrize(
    ("by", "kind", "part"),
    [
        ("unit", "unit", ""),
        ("day", "day", ""),
        ("segment:2", "segment", "2"),
        ("pattern:case-([0-9]+)", "pattern", "case-([0-9]+)"),
        ("label:patient:ref", "label", "patient:ref"),
    ],
)
def test_split_is_read(by: str, kind: str, part: str) -> None:
    split = read_split("0.7, 0.2,0.1", by, "k")
    assert (split.by, split.part, split.shares) == (
        kind,
        part,
        (Decimal("0.7"), Decimal("0.2"), Decimal("0.1")),
    )
    params = split.params()
    assert (params["train_until"], params["validation_until"]) == (700_000, 900_000)


@pytest.mark.parametrize(
    ("shares", "by"),
    [
        ("0.8,0.1,0.1", "patient"),
        ("0.8,0.1,0.1", "unit:3"),
        ("0.8,0.1,0.1", "segment"),
        ("0.8,0.1,0.1", "segment:0"),
        ("0.8,0.1,0.1", "segment:٣"),
        ("0.8,0.1,0.1", "pattern:case-[0-9]+"),
        ("0.8,0.1,0.1", "pattern:("),
        ("0.8,0.1,0.1", r"pattern:(a)(?=b)"),
        ("0.8,0.1,0.1", r"pattern:(a)\1"),
        ("0.8,0.1", "unit"),
        ("0.8,0.1,0.2", "unit"),
        ("1.1,-0.1,0", "unit"),
        ("nan,0,1", "unit"),
        ("a,b,c", "unit"),
    ],
)
def test_split_that_cannot_be_is_refused(shares: str, by: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_split(shares, by, "k")


def test_a_side_that_was_to_have_a_share_is_missed() -> None:
    assert Split("unit").empty_sides(["train", "validation"]) == ["test"]
    assert Split("unit").empty_sides(iter(["train", "validation", "test"])) == []
    assert Split("unit", shares=(Decimal("0.9"), Decimal(0), Decimal("0.1"))).empty_sides(["train"]) == [
        "test"
    ]
    assert Split().empty_sides([]) == []


def test_no_split_needs_no_shares() -> None:
    assert read_split("nonsense", "", "k") == Split(key="k")
    assert Split().as_dict() == {}


def test_nothing_chosen_is_no_filter() -> None:
    assert set(Selection().params().values()) == {None}


@pytest.mark.parametrize("name", ["", "..", "a/b", "A", "-a", "a" * 65, "a\n"])
def test_a_name_is_a_folder_that_stays_where_it_is(name: str) -> None:
    assert not NAME.fullmatch(name)
