"""Examples and single keys are judged by the same macros as the archive, without a snapshot. Names are synthetic."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.naming import DeviceGrammar
from dashboard.errors import DashboardError, ExitCode
from dashboard.settings import Settings
from dashboard.warehouse.judge import check_examples, judge, open_judge, put_keys
from tests.inventory_writer import Row
from tests.sync.world import DEVICES, World

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
GOOD = "ipad/ipad-01/2026/11/20/ipad-01_20261120T101500_0001.heic"
TWINS: dict[str, dict[str, Any]] = {
    "template": {
        "id": "t", "folder": "t/", "units": ["u1", "u10"], "extensions": ["jpg", "png"],
        "key": "t/{unit}/{captured:%Y%m%d}-{seq:3}.{ext}", "in_use_from": "2024-01-01",
        "good": ["t/u1/20260102-001.jpg"], "bad": ["t/x.jpg"],
    },
    "expression": {
        "id": "e", "folder": "t/", "units": ["u1", "u10"], "extensions": ["jpg", "png"],
        "pattern": r"t/(?P<unit>[a-z0-9]+)/(?P<captured>\d{8})-(?P<seq>[0-9]{3})\.(?P<ext>\w+)",
        "captured_format": "%Y%m%d", "in_use_from": "2024-01-01",
        "good": ["t/u1/20260102-001.jpg"], "bad": ["t/x.jpg"],
    },
}  # fmt: skip


def settings(*devices: dict[str, Any]) -> Settings:
    return Settings.model_validate({"device": devices or DEVICES})


@pytest.mark.parametrize(
    ("key", "verdict", "device_id", "reasons"),
    [
        (GOOD, "good", "ipad", ()),
        ("ipad/ipad-01/2026/11/20/IMG_0001.HEIC", "bad", "ipad", ("camera_default_name",)),
        ("nobody/x.jpg", "bad", "unattributed", ("unknown_device",)),
        (GOOD.replace("2026", "2027"), "bad", "ipad", ("date_in_future",)),
        ("ipad/.DS_Store", "out_of_scope", "ipad", ("junk",)),
        ("ipad/folder/", "out_of_scope", "ipad", ("folder_marker",)),
        ("", "bad", "unattributed", ("unknown_device",)),
        ("ipad/\u202ex'; DROP TABLE x.heic", "bad", "ipad", ("hidden_character",)),
    ],
)
def test_one_key(key: str, verdict: str, device_id: str, reasons: tuple[str, ...]) -> None:
    found = judge(settings(), key, now=NOW)
    assert (found.verdict, found.device_id, found.reasons[:1]) == (verdict, device_id, reasons)


@pytest.mark.parametrize(
    ("name", "reasons"),
    [
        ("a b.heic", ("contains_space",)),
        ("a #3.heic", ("contains_space", "pattern_mismatch")),
        ("a \U0001f600.heic", ("contains_space", "pattern_mismatch")),
        ("a#3.heic", ("pattern_mismatch",)),
        ("a (1).heic", ("copy_suffix", "contains_space")),
        ("ａ b.heic", ("full_width", "contains_space")),
    ],
)
def test_a_space_does_not_hide_what_else_is_not_allowed(name: str, reasons: tuple[str, ...]) -> None:
    assert judge(settings(), f"ipad/ipad-01/2026/11/20/{name}", now=NOW).reasons == reasons


def test_nested_folders_go_to_the_longest() -> None:
    inner = {**TWINS["template"], "id": "inner", "folder": "ipad/in/", "key": "ipad/in/{unit}.{ext}",
             "good": ["ipad/in/u1.jpg"], "bad": ["ipad/in/x.jpg"]}  # fmt: skip
    assert judge(settings(*DEVICES, inner), "ipad/in/u1.jpg").device_id == "inner"


def test_examples_that_hold() -> None:
    check_examples(settings())
    check_examples(settings(TWINS["expression"]))
    check_examples(Settings())


def test_an_example_of_next_year_is_no_fault() -> None:
    key = GOOD.replace("2026", "2031")
    check_examples(settings({**DEVICES[0], "good": [key]}))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"good": ["t/u1/20260102-01.jpg"]},
            "device.0.good: the good name 't/u1/20260102-01.jpg' does not fit",
        ),
        ({"good": ["t/u3/20260102-001.jpg"]}, "does not fit"),
        ({"good": ["t/u1/20260231-001.jpg"]}, "does not fit"),
        ({"good": ["x/u1/20260102-001.jpg"]}, "lies in the folder of 'unattributed'"),
        ({"bad": ["t/u1/20260102-001.jpg"]}, "device.0.bad: the bad name 't/u1/20260102-001.jpg' fits"),
    ],
)
def test_examples_of_an_expression_are_judged_by_duckdb(
    tmp_path: Path, changes: dict[str, Any], problem: str
) -> None:
    file = tmp_path / "dashboard.toml"
    file.write_text('[[device]]\nid = "e"\ngood = [\n"x"]\nbad = ["y"]\n', "utf-8")
    with pytest.raises(DashboardError) as caught:
        check_examples(settings({**TWINS["expression"], **changes}), file)
    assert caught.value.code is ExitCode.SETTINGS
    assert caught.value.title == "The settings are not valid"
    assert problem in caught.value.cause
    assert f"(line {3 if 'good' in changes else 5})" in caught.value.cause
    assert caught.value.locator == str(file)


def test_an_expression_that_re2_does_not_take_is_refused(tmp_path: Path) -> None:
    huge = {
        **TWINS["expression"],
        "units": ["u1"],
        "pattern": r"t/(?:[^/]{150}){150}\.(?P<ext>\w+)",
        "captured_format": [],
    }
    with pytest.raises(DashboardError) as caught:
        check_examples(settings(huge), tmp_path / "dashboard.toml")
    assert caught.value.cause.startswith("device.0.pattern: DuckDB does not take it: ")


def test_a_sync_begins_with_the_examples(make_world: Callable[..., World]) -> None:
    wrong = {**TWINS["expression"], "good": ["t/u1/20260102-01.jpg"]}
    world = make_world(changes={"device": [wrong]})
    world.put([Row("t/u1/20260102-001.jpg")])
    outcome = world.sync()
    assert outcome.exit_code is ExitCode.SETTINGS
    assert not outcome.is_published
    assert "does not fit" in outcome.faults[0].cause


@pytest.fixture(scope="module")
def twins() -> Iterator[Callable[[str, list[str]], list[tuple[Any, ...]]]]:
    """What the template and the expression say of keys; each is opened once."""
    with ExitStack() as stack:
        judges = {
            kind: stack.enter_context(closing(open_judge(settings(device), latest_day=date(2026, 11, 22))))
            for kind, device in TWINS.items()
        }

        def verdicts(kind: str, keys: list[str]) -> list[tuple[Any, ...]]:
            put_keys(judges[kind], keys, NOW)
            found = judges[kind].execute(
                "SELECT key, kind, unit_id, extension, prefix, captured_day, is_name_good "
                "FROM facts.objects ORDER BY key"
            )
            return found.fetchall()

        yield verdicts


KEYS = st.builds(
    "t/{}/{}-{}.{}".format,
    st.sampled_from(["u1", "u10", "u2", "u1/u1", ""]),
    st.sampled_from(
        ["20260102", "20260230", "20231231", "20271231", "20261301", "2026010", "２０２６０１０２"]
    ),
    st.sampled_from(["001", "999", "01", "0001", "a01"]),
    st.sampled_from(["jpg", "png", "JPG", "tif", "jpg\n", ""]),
)


@given(
    st.lists(st.one_of(KEYS, st.text(max_size=20).map("t/".__add__)), min_size=20, max_size=60, unique=True)
)
def test_an_expression_says_what_the_same_template_says(
    twins: Callable[[str, list[str]], list[tuple[Any, ...]]], keys: list[str]
) -> None:
    template = twins("template", keys)
    assert template == twins("expression", keys)
    grammar: DeviceGrammar = settings(TWINS["template"]).device[0].grammar
    for key, kind, *_, day, is_good in template:
        assert (is_good and kind == "image") is (grammar.matches(key) and day <= "20261122")
