"""Runs the case files of savings: given objects and rules, expected lots. A saving without a case file fails here."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from dashboard.warehouse.query import QUERIES, folder_queries
from tests.queries.test_cases import build
from tests.sync.world import REPORT_AT, SOURCE, World, writable_copy

CASES = Path(__file__).parent / "savings"
KINDS = sorted(path.stem for path in CASES.glob("*.toml"))
RULE: dict[str, Any] = {
    "rule_id": "r",
    "status": "Enabled",
    "prefix": "",
    "tags": {},
    "size_over_bytes": None,
    "size_under_bytes": None,
    "after_days": None,
    "on_date": None,
    "to_class": None,
    "newer_noncurrent_versions": None,
}


def built(world: World, name: str) -> dict[str, Any]:
    """Publish a snapshot of what a case file gives."""
    case = tomllib.loads((CASES / f"{name}.toml").read_text("utf-8"))
    if "rule" in case:
        folder = world.warehouse / "live"
        folder.mkdir(parents=True)
        told = {"source_bucket": SOURCE, "asked_at": REPORT_AT.isoformat(), "has_configuration": True}
        rules = [{**RULE, **rule} for rule in case["rule"]]
        (folder / f"lifecycle-{SOURCE}.json").write_text(json.dumps({**told, "rules": rules}))
    build(world, case)
    return case


@pytest.mark.parametrize("name", KINDS)
def test_a_saving_is_found_where_its_case_says_and_nowhere_else(world: World, name: str) -> None:
    case = built(world, name)
    with world.snapshot() as connection:
        connection.execute("SELECT * EXCLUDE proposal_id FROM marts.savings WHERE proposal_id = ?", [name])
        names = [column[0] for column in connection.description or ()]
        found = [dict(zip(names, values, strict=True)) for values in connection.fetchall()]
    assert len(found) == len(case["lot"]), found
    for expected in case["lot"]:
        assert [item for item in found if all(item[name] == value for name, value in expected.items())], found
    # No object is in two proposals that count it, and none counts what is not stored.
    with writable_copy(world) as connection:
        [(listed, counted)] = connection.execute(
            "SELECT (SELECT coalesce(sum(object_count), 0) FROM facts.cells WHERE cut = 'day'), "
            "(SELECT coalesce(sum(object_count), 0) FROM marts.savings WHERE standing = 'open' "
            "AND proposal_id <> 'unfinished_upload')"
        ).fetchall()
        [(more,)] = connection.execute(
            "SELECT count(*) FROM (SELECT storage_class, access_tier, sum(billed_bytes) AS billed_bytes "
            "FROM marts.savings WHERE standing = 'open' AND storage_class <> '' GROUP BY ALL) AS taken "
            "ANTI JOIN marts.stored_classes AS held ON held.storage_class = taken.storage_class "
            "AND held.access_tier = taken.access_tier AND held.billed_bytes >= taken.billed_bytes"
        ).fetchall()
    assert counted <= listed
    assert more == 0


def test_every_saving_has_a_case_and_says_what_it_is() -> None:
    assert sorted(path.stem for path in (QUERIES / "savings").glob("*.sql")) == KINDS
    kinds = list(folder_queries("savings").values())
    columns = {kind.columns for kind in kinds}
    assert len(columns) == 1, "all have one shape"
    assert sorted(int(kind.header["place"]) for kind in kinds) == list(range(1, len(kinds) + 1))
    for kind in kinds:
        assert {"title", "action", "deed", "risk", "basis"} <= kind.header.keys()
        assert all(kind.header[name] for name in ("title", "action", "deed", "risk", "basis"))


def test_advice_says_the_terms_of_aws_in_brackets_only() -> None:
    """Managers read it; an operator needs the term, too."""
    terms = re.compile(
        r"\b(?:[A-Z][a-z]+){2,}\b|\b[A-Z]+_[A-Z_]+\b|ETag|inventory report|lifecycle|delete marker|noncurrent"
    )
    for kind in folder_queries("savings").values():
        for name in ("title", "deed", "risk", "basis"):
            plain = re.sub(r"\([^()]*\)", "", kind.header[name])
            assert terms.findall(plain) == [], f"{kind.path.stem}: {name}"
