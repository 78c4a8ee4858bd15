"""Any choice of hostile keys: one hash whatever the order of the rows, and nothing on two sides of a split.

The snapshots here are synthetic: tables in the place of the views facts.readiness and facts.labels.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.domain.dataset import Permission, Selection, Split
from dashboard.settings import Settings
from dashboard.warehouse import dataset_files
from dashboard.warehouse.publish import SnapshotInfo
from dashboard.warehouse.query import folder_queries
from dashboard.warehouse.tables import macro
from dashboard.warehouse.verdict_macros import verdict_macros

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12)
PARTS = st.sampled_from(["", "p1", "p2", "p3", "患者", "a\tb", "a\\tb", "x=y"])
MEMBERS = st.lists(
    st.tuples(
        TEXTS,
        st.sampled_from(["", "v1", "v2"]),
        st.integers(1, 1 << 45),
        PARTS,
        st.dictionaries(TEXTS, TEXTS),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda item: (item[0], item[1]),
)
SPLIT = Split("label", "patient")
COLUMNS = (
    "source_bucket VARCHAR, key VARCHAR, version_id VARCHAR, e_tag VARCHAR, size_bytes BIGINT, device_id VARCHAR, "
    "unit_id VARCHAR, extension VARCHAR, storage_class VARCHAR, access_tier VARCHAR, uploaded_at TIMESTAMP, "
    "captured_on DATE, captured_day VARCHAR, is_name_good BOOLEAN, "
    "readability VARCHAR, has_patient_identity BOOLEAN, content_id VARCHAR, keep_rank BIGINT"
)
Member = tuple[str, str, int, str, dict[str, str]]


def frozen(
    members: Sequence[Member], folder: Path, split: Split = SPLIT
) -> tuple[str, list[dict[str, Any]], int]:
    """Hash, members and shared parts of a snapshot that lists these."""
    file = folder / "wh.000001.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "CREATE SCHEMA facts; CREATE SCHEMA raw; CREATE TABLE raw.parts (path VARCHAR); "
            "CREATE TABLE raw.label_parts (path VARCHAR)"
        )
        connection.execute(f"CREATE TABLE facts.readiness ({COLUMNS})")
        connection.execute(
            "CREATE TABLE facts.labels (object_hash UBIGINT, version_hash UBIGINT, e_tag_hash UBIGINT, "
            "tags MAP(VARCHAR, VARCHAR), is_labelled BOOLEAN)"
        )
        for head in ("has_hidden(text)", "tidy(text)", "tidied(text)"):
            connection.execute(f"CREATE MACRO {head} AS {verdict_macros([], (), ())[head]}")
        connection.execute(macro(folder_queries("facts")["facts.gate"]))
        # All rows at once: one statement each costs more than everything that is tested.
        columns = list(zip(*members, strict=True))
        labels = [list((tags | {"patient": part}).items()) for *_, part, tags in members]
        rows = pa.table(dict(zip(("key", "version_id", "size_bytes"), columns[:3], strict=True)))
        rows = rows.append_column("tags", pa.array(labels, pa.map_(pa.string(), pa.string())))
        connection.execute(
            "INSERT INTO facts.readiness BY NAME SELECT 'b' AS source_bucket, key, version_id, "
            "repeat('e', 32) AS e_tag, size_bytes, 'ipad' AS device_id, '1' AS unit_id, 'jpg' AS extension, "
            "'STANDARD' AS storage_class, '' AS access_tier, '' AS captured_day, true AS is_name_good, "
            "'readable' AS readability, false AS has_patient_identity FROM rows"
        )
        connection.execute(
            "INSERT INTO facts.labels SELECT hash('b', key), hash(version_id), hash(repeat('e', 32)), tags, true "
            "FROM rows"
        )
    info = SnapshotInfo("000001", file.name, "", 0, 0, None, None, None, 0, False, "", ())  # type: ignore[arg-type]
    chosen = Settings.model_validate({"warehouse": {"folder": str(folder), "threads": 2}})
    params = {**Selection().params(), **split.params(), **Permission().params()}
    with dataset_files.opened(chosen, info, reads=folder, writes=folder) as files:
        files.write_members(params)
        digest, count, _size = files.digest()
        shared = files.shared_part_count()
    rows = pq.read_table(folder / "members.parquet").to_pylist()
    assert count == len(rows)
    file.unlink()
    return digest, rows, shared


@pytest.mark.slow
@given(MEMBERS, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_hash_knows_the_members_and_not_their_order(members: list[Member], rng: random.Random) -> None:
    shuffled = list(members)
    rng.shuffle(shuffled)
    with tempfile.TemporaryDirectory() as folder:
        first, rows, _shared = frozen(members, Path(folder))
        again, same_rows, _shared = frozen(shuffled, Path(folder))
        assert (first, rows) == (again, same_rows)
        assert rows == sorted(rows, key=lambda row: (row["key"].encode(), row["version_id"]))
        key, version, size, part, tags = members[0]
        if part:
            for changed in (
                (key, version, size + 1, part, tags),
                (key, version, size, part, tags | {"eye\t": "L"}),
            ):
                if changed != members[0]:
                    assert frozen([changed, *members[1:]], Path(folder))[0] != first


@pytest.mark.slow
@given(MEMBERS, MEMBERS)
@settings(max_examples=40, deadline=None)
def test_a_part_is_on_one_side_for_good(members: list[Member], later: list[Member]) -> None:
    known = {(item[0], item[1]) for item in members}
    with tempfile.TemporaryDirectory() as folder:
        _hash, rows, shared = frozen(members, Path(folder))
        more = [*members, *(item for item in later if (item[0], item[1]) not in known)]
        _hash, more_rows, more_shared = frozen(more, Path(folder))
    assert shared == more_shared == 0
    sides: dict[str, str] = {}
    for row in [*rows, *more_rows]:
        assert sides.setdefault(row["part"], row["split"]) == row["split"]
    assert len(rows) == sum(bool(item[3]) for item in members), "what has no part is stopped"


def test_fields_cannot_run_into_each_other(tmp_path: Path) -> None:
    """Two datasets whose lines would read the same if nothing were escaped."""
    one = [("k", "", 1, "p", {"a": "b\tc=d"})]
    two = [("k", "", 1, "p", {"a": "b", "c": "d"})]
    three = [("k", "", 1, "p", {"a": "b\\tc\\ed"})]
    assert len({frozen(item, tmp_path)[0] for item in (one, two, three)}) == 3


def test_the_hash_is_what_is_written_about_it(tmp_path: Path) -> None:
    """The canonical form, spelled out: a change of it would orphan every dataset that was frozen before."""
    import hashlib

    digest, rows, _shared = frozen([("a=b\n", "v1", 7, "p1", {"n": "x\ty"})], tmp_path)
    split = rows[0]["split"]
    line = "\t".join(["b", "a\\eb\\n", "v1", "e" * 32, "", "7", split, "n=x\\ty", "patient=p1"])
    assert digest == hashlib.sha256(f"archivelens-dataset-1\n{line}\n".encode()).hexdigest()


def test_shares_are_met_over_many_parts(tmp_path: Path) -> None:
    members: list[Member] = [(f"k{number:04}", "", 1, f"patient-{number}", {}) for number in range(600)]
    _hash, rows, shared = frozen(members, tmp_path)
    share = {
        side: sum(row["split"] == side for row in rows) / 600 for side in ("train", "validation", "test")
    }
    assert shared == 0
    assert 0.75 < share["train"] < 0.85
    assert 0.06 < share["validation"] < 0.14
    dealt_anew = frozen(members, tmp_path, Split("label", "patient", key="another"))[1]
    assert [row["split"] for row in rows] != [row["split"] for row in dealt_anew]


def test_nothing_else_can_be_reached(tmp_path: Path) -> None:
    outside = tmp_path / "outside.parquet"
    pq.write_table(pa.table({"a": [1]}), outside)
    inside = tmp_path / "inside"
    inside.mkdir()
    chosen = Settings.model_validate({"warehouse": {"folder": str(tmp_path)}})
    with dataset_files.opened(chosen, None, reads=inside, writes=inside) as files:
        for file in (outside, tmp_path / "inside-too.csv"):
            with pytest.raises(duckdb.Error):
                files.export("csv", file)
