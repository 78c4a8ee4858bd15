"""Declared parts, raw expressions, and grammars that are refused because a key could be read in two ways."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.naming import DeviceGrammar, compile_device, overlap
from dashboard.domain.naming_automaton import automaton_of
from dashboard.domain.naming_language import GrammarError, pattern_of, sample_of, widths_of
from dashboard.domain.naming_parts import declared_node

SITES = ("or1", "or10", "x+y")


def grammar(key: str, parts: dict[str, Any] | None = None, **more: Any) -> DeviceGrammar:
    says_unit = "{unit}" in key or "(?P<unit" in more.get("expression", "")
    return compile_device(
        device_id="d", folder=more.pop("folder", "d/"), template=key, parts=parts or {},
        units=more.pop("units", ("u1", "u10")[: 1 + says_unit]),
        extensions=more.pop("extensions", ("jpg", "tar.gz")),
        in_use_from=date(2024, 1, 1), **more,
    )  # fmt: skip


def expression(pattern: str, *formats: str, **more: Any) -> DeviceGrammar:
    return grammar("", expression=pattern, formats=formats, **more)


# Parts


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (SITES, ["or1", "or10", "x+y"], ["or", "or2", "xxy", ""]),
        ("digits:6", ["004711"], ["04711", "0047111", "00471a", "００４７１１"]),
        ("digits:3-4", ["001", "0001"], ["01", "00001"]),
        ("number:1-96", ["1", "9", "10", "96"], ["0", "01", "97", "100"]),
        ("number:0-5", ["0", "5"], ["6", "00"]),
        ("number:007-384", ["007", "099", "384", "300"], ["006", "385", "7", "400"]),
        ("number:95-1005", ["95", "99", "100", "999", "1000", "1005"], ["94", "1006", "0100"]),
        ("letters:2", ["aB"], ["a", "a1", "abc", "éa"]),
        ("text:1-4", ["a.b-", "_"], ["", "abcde", "a b", "a/b"]),
        ("[A-H]:1", ["A", "H"], ["I", "a", "AA"]),
        ("[ア-ン.-]:1-3", ["アン", ".-"], ["ー", "a"]),
    ],
)
def test_kinds_of_parts(kind: tuple[str, ...] | str, good: list[str], bad: list[str]) -> None:
    found = grammar("d/{nr}.{ext}", {"nr": kind})
    for text in good:
        assert found.matches(f"d/{text}.jpg"), text
        assert automaton_of(found.language).accepts(f"d/{text}.jpg")
    for text in bad:
        assert not found.matches(f"d/{text}.jpg"), text
        assert not automaton_of(found.language).accepts(f"d/{text}.jpg")


@given(st.integers(0, 3000), st.integers(0, 3000), st.integers(0, 3000))
def test_a_range_of_numbers_holds_exactly_its_numbers(one: int, two: int, tried: int) -> None:
    low, high = sorted((one, two))
    node = declared_node("n", f"number:{low}-{high}")
    assert (re.fullmatch(pattern_of(node), str(tried)) is not None) is (low <= tried <= high)
    padded = declared_node("n", f"number:{low:05}-{high:05}")
    assert (re.fullmatch(pattern_of(padded), f"{tried:05}") is not None) is (low <= tried <= high)


def test_width_may_stand_in_the_template() -> None:
    assert grammar("d/{case:6}.{ext}", {"case": "digits"}).matches("d/004711.jpg")
    assert grammar("d/{case:2-3}.{ext}", {"case": "letters"}).matches("d/abc.jpg")


def test_what_stands_twice_must_agree() -> None:
    found = grammar("d/{site}/{nr}/{site}_{nr}.{ext}", {"site": SITES, "nr": "digits:2"})
    assert found.matches("d/or1/07/or1_07.jpg")
    assert not found.matches("d/or1/07/or10_07.jpg")
    assert not found.matches("d/or1/07/or1_08.jpg")


@pytest.mark.parametrize(
    ("key", "parts", "field", "problem"),
    [
        ("d/{sitee}.{ext}", {"site": SITES}, "key", "did you mean {site}?"),
        ("d/{unti}.{ext}", {}, "key", "did you mean {unit}?"),
        ("d/{captured_at:%Y%m%d}.{ext}", {}, "key", "did you mean {captured:…}?"),
        ("d/{xyzzy}.{ext}", {}, "key", "the parts are {device} {unit}"),
        ("d/{Site}.{ext}", {"site": SITES}, "key", "did you mean {site}?"),
        ("d/{n}.{ext}", {"n": "digit:4"}, "parts", "did you mean 'digits'?"),
        ("d/{n}.{ext}", {"n": "digits"}, "parts", "the width is missing"),
        ("d/{n:4}.{ext}", {"n": "digits:4"}, "key", "given in `parts` already"),
        ("d/{n:x}.{ext}", {"n": "digits"}, "key", "the width is a number"),
        ("d/{n}.{ext}", {"n": "digits:4-3"}, "parts", "the smaller number first"),
        ("d/{n}.{ext}", {"n": "digits:0"}, "parts", "from 1 to 99"),
        ("d/{n}.{ext}", {"n": "text:1-500"}, "parts", "from 1 to 99"),
        ("d/{n}.{ext}", {"n": "[a/b]:3"}, "parts", "no such kind"),
        ("d/{n}.{ext}", {"n": "number:9-3"}, "parts", "from the smaller number"),
        ("d/{n}.{ext}", {"n": "number:01-100"}, "parts", "equally padded"),
        ("d/{n:2}.{ext}", {"n": "number:1-9"}, "key", "says its width"),
        ("d/{n:2}.{ext}", {"n": ("a",)}, "key", "no width"),
        ("d/{n}.{ext}", {"n": "[.-9]:2"}, "parts", "slash"),
        ("d/{n}.{ext}", {"n": "[z-a]:2"}, "parts", "backwards"),
        ("d/{n}.{ext}", {"n": ()}, "parts", "at least one"),
        ("d/{n}.{ext}", {"n": ("a", "")}, "parts", "none may be empty"),
        ("d/{n}.{ext}", {"n": ("a", "a")}, "parts", "'a' stands twice"),
        ("d/{n}.{ext}", {"n": ("a/b",)}, "parts", "slash"),
        (
            "d/{n}.{ext}",
            {"n": "digits:2", "m": "digits:2"},
            "parts",
            "m: the template does not use this part",
        ),
        ("d/{unit}.{ext}", {"unit": SITES}, "parts", "built in"),
        ("d/{unit}.{ext}", {"A": SITES}, "parts", "a-z"),
        ("e/{unit}.{ext}", {}, "folder", "does not start with the folder"),
    ],
)
def test_parts_that_cannot_be(key: str, parts: dict[str, Any], field: str, problem: str) -> None:
    with pytest.raises(GrammarError, match=re.escape(problem)) as caught:
        grammar(key, parts)
    assert caught.value.field == field


# Two readings of one key


@pytest.mark.parametrize(
    ("key", "parts", "example"),
    [
        ("d/{a}{b}.{ext}", {"a": "digits:1-3", "b": "digits:1-3"}, "d/000.jpg"),
        ("d/{a}{b}.{ext}", {"a": ("x", "xy"), "b": ("z", "yz")}, "d/xyz.jpg"),
        ("d/{a}_{b}.{ext}", {"a": "text:1-9", "b": "text:1-9"}, "d/____.jpg"),
        ("d/{unit}{seq:1}.{ext}", {}, None),
        ("d/{n}.{ext}", {"n": "text:1-9"}, None),
    ],
)
def test_a_key_that_can_be_read_in_two_ways_is_refused(
    key: str, parts: dict[str, Any], example: str | None
) -> None:
    if example is None:
        grammar(key, parts)
        return
    with pytest.raises(GrammarError, match="can be read in two ways") as caught:
        grammar(key, parts)
    assert caught.value.field == "key"


def test_ambiguous_extensions_and_units_are_refused() -> None:
    with pytest.raises(GrammarError, match="two ways"):
        grammar("d/{unit}.{ext}", units=("x", "x.a"), extensions=("jpg", "a.jpg"))
    grammar("d/{unit}{seq:1}.{ext}", units=("u1", "u10", "u1000"))
    with pytest.raises(GrammarError, match="two ways"):
        grammar("d/{unit}{a}.{ext}", {"a": "digits:1-2"}, units=("u1", "u10"))


@given(st.data())
def test_the_example_of_an_ambiguity_has_two_readings(data: st.DataObject) -> None:
    words = st.lists(st.text("ab-", min_size=1, max_size=3), min_size=1, max_size=4, unique=True)
    one, two = data.draw(words), data.draw(words)
    readings: dict[str, int] = {}
    for left in one:
        for right in two:
            readings[left + right] = readings.get(left + right, 0) + 1
    ambiguous = any(count > 1 for count in readings.values())
    try:
        grammar("d/{a}{b}.{ext}", {"a": tuple(one), "b": tuple(two)})
    except GrammarError as error:
        assert ambiguous
        key = re.search(r"'d/([^']*)\.(?:jpg|tar\.gz)'", str(error))
        assert key is not None
        assert readings[key[1]] > 1
    else:
        assert not ambiguous


def test_a_thousand_units_are_no_trouble() -> None:
    units = tuple(f"unit-{number}" for number in range(1000))
    found = grammar("d/{unit}/{captured:%Y%m%d}/{unit}_{seq:4}.{ext}", units=units)
    assert found.matches("d/unit-999/20260102/unit-999_0001.jpg")


def test_overlap_of_folders() -> None:
    outer = grammar("d/{a}/{unit}.{ext}", {"a": "text:1-9"})
    inner = grammar("d/in/{unit}.{ext}", folder="d/in/")
    assert overlap(outer, inner) == "d/in/u1.jpg"
    assert overlap(outer, grammar("d/in/{n}.{ext}", {"n": "digits:1"}, folder="d/in/")) is None
    assert overlap(outer, grammar("e/{unit}.{ext}", folder="e/")) is None


# Expressions


PATTERN = r"(?P<prefix>d/(?P<unit>[a-z0-9]+))/(?:t[0-9]/)?(?P<captured>\d{8})-(?P<seq>[0-9]{3,5})[.](?P<ext>[a-z.]+)"


def duck(pattern: str, key: str) -> bool:
    row = duckdb.execute("SELECT regexp_full_match(?, ?)", [key, pattern]).fetchone()
    assert row is not None
    return bool(row[0])


@pytest.mark.parametrize(
    ("key", "fits"),
    [
        ("d/u1/20260102-001.jpg", True),
        ("d/u10/t3/20260102-00001.tar.gz", True),
        ("d/u2/20260102-001.jpg", False),  # no such unit, though the expression takes it
        ("d/u1/20261302-001.jpg", False),  # no such month
        ("d/u1/20260102-001.png", False),
        ("d/u1/20260102-01.jpg", False),
        ("x/d/u1/20260102-001.jpg", False),
        ("d/u1/20260102-001.jpg\n", False),
    ],
)
def test_expression(key: str, fits: bool) -> None:
    found = expression(f"^{PATTERN}$", "%Y%m%d")
    assert found.groups == ("prefix", "unit_1", "captured_1", "seq", "ext")
    assert duck(found.pattern, key) is fits
    assert automaton_of(found.language).accepts(key) is fits
    with pytest.raises(ValueError, match="judged by DuckDB"):
        found.matches(key)


@pytest.mark.parametrize(
    ("pattern", "formats", "field", "problem"),
    [
        (r"d/(?:[a-z]+)+\.(?P<ext>[a-z.]+)", (), "pattern", "a repetition inside a repetition"),
        (r"d/(?:[a-z]*)*\.(?P<ext>[a-z.]+)", (), "pattern", "a repetition inside a repetition"),
        (r"d/(?:a|aa)+\.(?P<ext>[a-z.]+)", (), "pattern", "a repetition inside a repetition"),
        (r"d/a++\.(?P<ext>[a-z.]+)", (), "pattern", "a count of a count"),
        (r"d/a{2}{3}\.(?P<ext>[a-z.]+)", (), "pattern", "a count of a count"),
        (r"d/[a-z]{999}\.(?P<ext>[a-z.]+)", (), "pattern", "up to 200"),
        (r"d/(?:(?:[a-z]{200}){200}){200}\.(?P<ext>[a-z.]+)", (), "pattern", "too large"),
        (r"d/" + "a" * 1000 + r"\.(?P<ext>[a-z.]+)", (), "pattern", "1000 are the most"),
        (r"d/(?=a)a\.(?P<ext>[a-z.]+)", (), "pattern", "looks neither ahead nor back"),
        (r"d/(a)\1\.(?P<ext>[a-z.]+)", (), "pattern", r"\1 is not known"),
        (r"d/(?i)a\.(?P<ext>[a-z.]+)", (), "pattern", "looks neither"),
        (r"(?:d|e)/a\.(?P<ext>[a-z.]+)", (), "folder", "outside the folder"),
        (r"d/(a\.(?P<ext>[a-z.]+)", (), "pattern", "not closed"),
        (r"d/a)\.(?P<ext>[a-z.]+)", (), "pattern", "was not opened"),
        (r"d/(?P<ext>[a-z.]+)[a-z", (), "pattern", "not closed"),
        (r"d/a$b\.(?P<ext>[a-z.]+)", (), "pattern", "nothing to stand for"),
        (r"d/(?P<units>u1)\.(?P<ext>[a-z.]+)", (), "pattern", "did you mean 'unit'?"),
        (r"d/(?P<unit>u.+)/(?P<unit>u.+)\.(?P<ext>[a-z.]+)", (), "pattern", "call the second unit_2"),
        (r"d/(?P<unit>u[0-9])\.(?P<ext>[a-z.]+)", (), "pattern", "'unit' does not take 'u10'"),
        (r"d/(?P<seq>[a-z]+)\.(?P<ext>[a-z.]+)", (), "pattern", "which is no number"),
        (r"d/(?P<captured>[0-9]{6})\.(?P<ext>[a-z.]+)", ("%Y%m%d",), "pattern", "'captured' does not take"),
        (
            r"d/(?P<captured>[0-9]{8})\.(?P<ext>[a-z.]+)",
            (),
            "captured_format",
            "1 captured groups and 0 formats",
        ),
        (
            r"d/(?P<captured>[0-9]{6})\.(?P<ext>[a-z.]+)",
            ("%Y%m",),
            "captured_format",
            "must hold %Y, %m and %d",
        ),
        (r"d/(?P<seq>[0-9]+)?\.(?P<ext>[a-z.]+)", (), "pattern", "cannot be repeated or left out"),
        (r"d/(?:(?P<seq>[0-9]+)|x)\.(?P<ext>[a-z.]+)", (), "pattern", "one of several choices"),
        (r"d/(?P<unit>[a-z0-9.]+?)[0-9]*\.(?P<ext>[a-z.]+)", (), "pattern", "two ways"),
        (r"d/[0-9]+", (), "pattern", "needs a group (?P<ext>…)"),
        (r"e/[0-9]+\.(?P<ext>[a-z.]+)", (), "folder", "does not start"),
    ],
)
def test_expression_that_is_refused(pattern: str, formats: tuple[str, ...], field: str, problem: str) -> None:
    with pytest.raises(GrammarError, match=re.escape(problem)) as caught:
        expression(pattern, *formats)
    assert caught.value.field == field


PIECES = st.recursive(
    st.sampled_from(["a", "b", "[ab]", "[^a]", "[a-c]", ".", r"\d", r"\.", "[0-9.]", r"\w"]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda items: f"(?:{'|'.join(items)})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{0,2}", "*?"])).map(
            lambda item: f"(?:{item[0]}){item[1]}"
        ),
    ),
    max_leaves=6,
)


@given(PIECES, st.lists(st.text("ab1.\n", max_size=5), max_size=6))
def test_the_tree_of_an_expression_is_what_duckdb_reads(piece: str, texts: list[str]) -> None:
    """The text as it was written, the text as it is written out, and the automaton agree."""
    from dashboard.domain.naming_expression import _Reader

    try:
        tree = _Reader(piece).choice()
    except GrammarError:
        return
    least, most = widths_of(tree)
    for text in [*texts, sample_of(tree)]:
        accepted = automaton_of(tree).accepts(text)
        assert accepted is duck(f"^(?:{pattern_of(tree)})$", text)
        # Newlines: DuckDB's dot takes none.
        assert accepted is duck(f"^(?:{piece})$", text)
        if accepted:
            assert least <= len(text) <= (len(text) if most is None else most)


def test_how_far_a_key_could_become_a_name() -> None:
    automaton = automaton_of(grammar("d/{unit}/{captured:%Y%m%d}.{ext}").language)
    assert automaton.viable_length("d/u1/20261301.jpg") == len("d/u1/20261")
    assert automaton.viable_length("e") == 0
    assert automaton.viable_length("d/u10/20260101.jpg") == len("d/u10/20260101.jpg")
