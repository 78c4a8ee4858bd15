"""The naming grammar: what fits a template, which templates are refused, and DuckDB reads it alike."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.naming import DeviceGrammar, check_examples, compile_device, junk_pattern

TEMPLATE = "{device}/{unit}/{captured:%Y/%m/%d}/{device}-{unit}_{captured:%Y%m%dT%H%M%S}_{seq:4}.{ext}"
GOOD = "dslr/a.1/2026/10/05/dslr-a.1_20261005T101500_0001.jpg"

FIRST = datetime.fromisoformat("2024-04-01T00:00:00")


def grammar(**changes: Any) -> DeviceGrammar:
    given_values: dict[str, Any] = {
        "device_id": "dslr",
        "folder": "dslr/",
        "template": TEMPLATE,
        "units": ("a.1", "b"),
        "extensions": ("jpg", "cr3"),
        "in_use_from": date(2024, 4, 1),
    }
    return compile_device(**{**given_values, **changes})


def test_good_key_fits() -> None:
    assert grammar().matches(GOOD)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("dslr/a.1", "dslr/c"),  # no such unit
        ("dslr/a.1", "dslr/aX1"),  # the dot of a unit is a dot
        ("dslr-a.1", "dslr-b"),  # unit of the folder is not the unit of the name
        ("2026/10/05", "2026/10/06"),  # date of the folder is not the date of the name
        ("2026/10/05", "2026/13/05"),
        ("T101500", "T241500"),
        ("T101500", "T101560"),
        ("_0001", "_001"),
        ("_0001", "_00001"),
        (".jpg", ".JPG"),
        (".jpg", ".png"),
        (".jpg", ".jpg\n"),
        ("dslr/a.1", "x/dslr/a.1"),
        ("_0001", "_０００１"),  # full-width digits are no digits
        ("dslr/a.1", "DSLR/a.1"),
    ],
)
def test_bad_key_does_not_fit(old: str, new: str) -> None:
    assert not grammar().matches(GOOD.replace(old, new, 1))


def test_impossible_date_does_not_fit() -> None:
    assert not grammar().matches("dslr/b/2026/02/30/dslr-b_20260230T101500_0001.jpg")
    assert grammar().matches("dslr/b/2028/02/29/dslr-b_20280229T101500_0001.jpg")


@pytest.mark.parametrize(
    ("day", "fits"), [("20240331", False), ("20240401", True), ("20261231", True), ("20270101", False)]
)
def test_device_is_in_use_for_some_days(day: str, fits: bool) -> None:
    simple = grammar(template="{device}/{unit}_{captured:%Y%m%d}_{seq:3}.{ext}", in_use_to=date(2026, 12, 31))
    assert simple.matches(f"dslr/b_{day}_001.jpg") is fits


def test_template_without_a_capture_time() -> None:
    assert grammar(template="{device}/{unit}/{seq:4}.{ext}").matches("dslr/b/0001.jpg")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"template": "{device}/{unit}/{nr}.{ext}"}, "the parts are"),
        ({"template": "{device}/{unit/{ext}"}, "the parts are"),
        ({"template": "{device}/{unit}/{seq:4}"}, "needs {ext}"),
        ({"template": "{device}/{ext}/{seq:4}.{ext}"}, "once only"),
        ({"template": "{device}/{seq:4}/{seq:4}.{ext}"}, "once only"),
        ({"template": "{device}/{seq:0}.{ext}"}, "from 1 to 99"),
        ({"template": "{device}/{seq:x}.{ext}"}, "from 1 to 99"),
        ({"template": "{device}/{captured}.{ext}"}, "needs a format"),
        ({"template": "{device}/{captured:%Y%m}.{ext}"}, "must hold %Y, %m and %d"),
        ({"template": "{device}/{captured:%y%m%d}.{ext}"}, "%y is not one of"),
        ({"folder": "ipad/"}, "does not start with the folder"),
        ({"units": ("a/b",)}, "slash"),
        ({"extensions": ("tar/gz",)}, "slash"),
    ],
)
def test_template_that_cannot_be(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        grammar(**changes)


def test_examples_are_run() -> None:
    check_examples(grammar(), (GOOD,), (GOOD.upper(),))
    with pytest.raises(ValueError, match="does not fit"):
        check_examples(grammar(), (GOOD.upper(),), ())
    with pytest.raises(ValueError, match=r"bad name .* fits"):
        check_examples(grammar(), (), (GOOD,))


def test_first_group_is_the_folder_that_a_treemap_shows() -> None:
    pattern = grammar().pattern
    assert re.fullmatch(pattern, GOOD)[1] == "dslr/a.1"  # type: ignore[index]


@given(
    captured=st.datetimes(min_value=FIRST, max_value=FIRST + timedelta(days=27_000)),
    unit=st.sampled_from(["a.1", "b"]),
    number=st.integers(0, 9999),
    extension=st.sampled_from(["jpg", "cr3"]),
    days=st.integers(1, 400),
)
def test_every_key_made_from_the_template_fits_and_its_neighbours_do_not(
    captured: datetime, unit: str, number: int, extension: str, days: int
) -> None:
    other = captured + timedelta(days=days)
    name = f"dslr-{unit}_{captured:%Y%m%dT%H%M%S}_{number:04}.{extension}"
    assert grammar().matches(f"dslr/{unit}/{captured:%Y/%m/%d}/{name}")
    assert not grammar().matches(f"dslr/{unit}/{other:%Y/%m/%d}/{name}")


@given(st.one_of(st.text(max_size=60), st.from_regex(grammar().pattern)))
def test_duckdb_reads_the_pattern_alike(key: str) -> None:
    pattern = grammar().pattern
    row = duckdb.execute("SELECT regexp_full_match(?, ?)", [key, pattern]).fetchone()
    assert row == (re.fullmatch(pattern, key) is not None,)


# Junk


@pytest.mark.parametrize(
    ("key", "is_junk"),
    [
        (".DS_Store", True),
        ("ipad/.DS_Store", True),
        ("ipad/.ds_store", True),
        ("ipad/._IMG_1.jpg", True),
        ("ipad/~$letter.docx", True),
        ("ipad/a.tmp", True),
        ("ipad/a.tmp.jpg", False),
        ("ipad/x.DS_Store", False),
        ("a.tmp/b.jpg", False),
        ("ipad/a.jpg", False),
        ("ipad/a+b.part", True),
    ],
)
def test_junk(key: str, is_junk: bool) -> None:
    pattern = junk_pattern((".DS_Store", "._*", "~$*", "*.tmp", "*.part"))
    assert (re.search(pattern, key) is not None) is is_junk
    assert duckdb.execute("SELECT regexp_matches(?, ?)", [key, pattern]).fetchone() == (is_junk,)


def test_no_junk_names_match_no_object() -> None:
    assert not re.search(junk_pattern(()), "ipad/a.jpg")


def test_question_mark_is_one_character() -> None:
    pattern = junk_pattern(("a?.bin",))
    assert re.search(pattern, "x/ab.bin")
    assert not re.search(pattern, "x/abc.bin")
    assert not re.search(pattern, "x/a/.bin")
