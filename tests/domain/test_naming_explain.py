"""What is said about each part of a name, and that it never contradicts the verdict."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.naming import DeviceGrammar, compile_device
from dashboard.domain.naming_explain import PartReport, explain_expression, explain_folder, explain_key

LATEST = date(2026, 11, 22)
KEY = "d/or1/u1/2026/01/02/or1_u1_20260102T030405_007_a.jpg"


def grammar(**changes: Any) -> DeviceGrammar:
    values: dict[str, Any] = {
        "device_id": "d", "folder": "d/", "units": ("u1", "u10"), "extensions": ("jpg", "tar.gz"),
        "template": "{device}/{site}/{unit}/{captured:%Y/%m/%d}/{site}_{unit}_{captured:%Y%m%dT%H%M%S}_{n}_{t}.{ext}",
        "parts": {"site": ("or1", "or2"), "n": "digits:3", "t": "text:1-4"}, "in_use_from": date(2024, 1, 1),
    }  # fmt: skip
    return compile_device(**{**values, **changes})


def problems(key: str, found: DeviceGrammar | None = None) -> dict[str, str]:
    reports = explain_key(found or grammar(), key, LATEST)
    return {report.part: f"{report.found}: {report.problem}" for report in reports if not report.is_ok}


def test_a_good_name_has_no_problem() -> None:
    reports = explain_key(grammar(), KEY, LATEST)
    assert problems(KEY) == {}
    assert "".join(report.found for report in reports) == KEY
    assert reports[2] == PartReport("{site}", "one of or1, or2", "or1")
    assert [report.expected for report in reports if report.part in {"{n}", "{t}"}] == [
        "digits, 3 of them",
        "text, 1 to 4 of them",
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("/or1/", "/or1x/", {"{site}": "or1x: it is none of the list; did you mean 'or1'?"}),
        ("/u1/", "/U1/", {"{unit}": "U1: it is none of the list; did you mean 'u1'?"}),
        ("/u1/", "/u10/", {"{unit}": "u1: it does not agree with 'u10' before"}),
        ("or1_u1", "or2_u1", {"{site}": "or2: it does not agree with 'or1' before"}),
        ("2026/01/02", "2026/13/02", {"{captured:%Y/%m/%d}": "2026/13/02: character 7, '3', does not fit"}),
        ("2026/01/02", "2026/1/2", {"{captured:%Y/%m/%d}": "2026/1/2: character 7, '/', does not fit"}),
        ("2026/01/02", "2026/01/03", {
            "{captured:%Y/%m/%d}":
                "2026/01/03: it does not agree with 2026-01-02 03:04:05, which stands in the name too"}),
        ("_007", "_07", {"{n}": "07: it is too short"}),
        ("_007", "_0007", {"{n}": "0007: character 4, '7', does not fit"}),
        ("_a", "_", {"{t}": ": it is missing"}),
        (".jpg", ".png", {"{ext}": "png: it is none of the list; did you mean 'jpg'?"}),
        (".jpg", ".jpg.bak", {"{ext}": "jpg.bak: it is none of the list; did you mean 'jpg'?"}),
    ],
)  # fmt: skip
def test_the_part_that_is_wrong_is_named(old: str, new: str, told: dict[str, str]) -> None:
    assert problems(KEY.replace(old, new, 1)) == told


@pytest.mark.parametrize(
    ("day", "problem"),
    [
        ("20260231", "there is no such day"),
        ("20231231", "the device came into use on 2024-01-01 only"),
        ("20261124", "it lies in the future, after 2026-11-22"),
        ("20261101", "the device was in use up to 2026-10-31"),
    ],
)
def test_days(day: str, problem: str) -> None:
    last = date(2026, 10, 31) if "up to" in problem else None
    found = grammar(template="d/{unit}_{captured:%Y%m%d}.{ext}", parts={}, in_use_to=last)
    assert problems(f"d/u1_{day}.jpg", found) == {"{captured:%Y%m%d}": f"{day}: {problem}"}


def test_what_is_left_over_is_told() -> None:
    found = grammar(template="d/{ext}/{unit}x", parts={}, folder="d/")
    assert problems("d/jpg/u1xyz", found) == {"": "yz: the name goes on"}


@given(
    st.text("du1o r_/.-0123T2026jpg日", max_size=60)
    | st.sampled_from([KEY[:at] + KEY[at + 1 :] for at in range(50)])
)
def test_an_explanation_never_contradicts_the_grammar(key: str) -> None:
    reports = explain_key(grammar(), key, LATEST)
    assert all(report.is_ok for report in reports) is grammar().matches(key)
    assert "".join(report.found for report in reports) == key


def test_expression() -> None:
    found = compile_device(
        device_id="d", folder="d/", expression=r"d/(?P<unit>u\d)_(?P<seq>[0-9]+)\.(?P<ext>[a-z]+)",
        units=("u1", "u2"), extensions=("jpg",), in_use_from=date(2024, 1, 1),
    )  # fmt: skip
    assert [item.found for item in explain_expression(found, "", {"unit_1": "u1"})] == ["u1"]
    reports = explain_expression(found, "d/u1_0x.jpg", None)
    assert [(item.found, item.problem) for item in reports] == [
        ("d/u1_0", ""),
        ("x.jpg", "no name goes on with 'x' here"),
    ]
    assert explain_expression(found, "d/u1_0", None)[-1].problem == "the name ends too early"
    assert explain_expression(found, "x", None)[0].problem == "no name goes on with 'x' here"


def test_a_folder_of_no_device() -> None:
    report = explain_folder([grammar()], "D/x.jpg")
    assert (report.expected, report.found) == ("one of d/", "D/")
    assert report.problem == "no device has this folder; did you mean 'd/'?"
    assert explain_folder([], "x").found == "x"


def test_a_folder_in_decomposed_characters_is_called_that() -> None:
    near = [replace(grammar(), folder=folder) for folder in ("眼科/OCT/", "眼科/スリットランプ/")]
    report = explain_folder(near, unicodedata.normalize("NFD", "眼科/スリットランプ/令和8年/x.jpg"))
    assert (
        report.problem
        == "no device has this folder: it is '眼科/スリットランプ/' in decomposed characters (NFD)"
    )
    assert report.found == unicodedata.normalize("NFD", "眼科/スリットランプ/")
    report = explain_folder(near, "眼科/スリット・ランプ/x.jpg")
    assert report.problem == "no device has this folder; did you mean '眼科/スリットランプ/'?"
