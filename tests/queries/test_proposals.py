"""The names proposed for bad ones: each case, and what holds for all."""

from __future__ import annotations

import tomllib
import unicodedata
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dashboard.ui.finding_labels import MISSING_PARTS, PROPOSAL_BASES, TWINS
from dashboard.warehouse import verdict_macros
from tests.queries.test_cases import row
from tests.sync.world import World

CASES: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "proposals.toml").read_text("utf-8"))[
    "object"
]
BAD = [case for case in CASES if {"proposed", "missing"} & case.keys()]
Found = dict[str, tuple[Any, ...]]


@pytest.fixture(scope="module")
def world(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(endpoint, tmp_path_factory.mktemp("proposals"))
    world.put([row(case) for case in CASES])
    world.synced()
    return world


@pytest.fixture(scope="module")
def found(world: World) -> Found:
    rows = world.rows("SELECT key, proposed_key, proposal_basis, missing, needs_restore FROM facts.misnamed")
    return {key: tuple(rest) for key, *rest in rows}


@pytest.mark.parametrize("case", BAD, ids=lambda case: case["key"][-30:].encode("unicode_escape").decode())
def test_a_bad_name_gets_its_proposal_or_what_is_missing(found: Found, case: dict[str, Any]) -> None:
    expected = (
        case.get("proposed"),
        case.get("basis", ""),
        case.get("missing", ""),
        case.get("needs_restore", False),
    )
    assert found[case["key"]] == expected


def test_every_bad_name_here_is_a_case_and_every_code_has_words(found: Found) -> None:
    assert set(found) == {case["key"] for case in BAD}
    assert {basis for _, basis, _, _ in found.values()} <= {*PROPOSAL_BASES, ""}
    assert {missing for _, _, missing, _ in found.values()} <= set(MISSING_PARTS)


def test_what_is_proposed_is_a_good_name_that_nothing_bears(world: World, found: Found) -> None:
    proposed = [values[0] for values in found.values() if values[0]]
    assert len(proposed) == len(set(proposed))
    listed = {key for (key,) in world.rows("SELECT key FROM facts.objects")}
    assert not listed & set(proposed)
    grammars = [device.grammar for device in world.settings.device]
    assert all(any(grammar.matches(key) for grammar in grammars) for key in proposed)


def test_all_reasons_are_told_and_twins_among_them(world: World) -> None:
    reasons = dict(world.rows("SELECT key, reasons FROM facts.misnamed"))
    both = reasons["ipad/ipad-01/2026/11/20/IMG_1234.HEIC"]
    assert both == ["camera_default_name", "upper_case_extension"]
    assert all(len(codes) == len(set(codes)) for codes in reasons.values())
    assert not {code for codes in reasons.values() for code in codes[:1]} & set(TWINS)


def test_wide_forms_become_what_nfkc_makes_of_them() -> None:
    wide = "".join(chr(code) for code in range(0xFF01, 0xFF5F)) + "\u3000"
    with duckdb.connect() as connection:
        body = verdict_macros.verdict_macros([], (), ())["tidy(text)"]
        connection.execute(f"CREATE MACRO tidy(text) AS {body}")
        made = connection.execute("SELECT tidy($text)", {"text": wide}).fetchone()
    assert made == (unicodedata.normalize("NFKC", wide),)
