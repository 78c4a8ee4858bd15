"""Counting by stems and looking at every row in full give the same cells. Rows are synthetic."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dashboard.settings import Settings
from dashboard.warehouse.build import SnapshotBuild
from dashboard.warehouse.convert import measure
from dashboard.warehouse.relations import Listing
from tests.sync.world import DEVICES, KEY

NOW = datetime(2026, 11, 21, tzinfo=UTC)
CLASSES = ["STANDARD", "DEEP_ARCHIVE", "INTELLIGENT_TIERING", "NOT_KNOWN_YET", None]
KEYS = [
    *(KEY.format(n % 60, n) for n in range(40)),
    *(KEY.format(n % 60, n).replace("20261120", "20261119").replace("11/20", "11/19") for n in range(20)),
    *(KEY.format(n % 60, n).replace(".heic", ".HEIC") for n in range(5)),
    "ipad/IMG_0001.HEIC", "elsewhere/a.jpg", "ipad/ipad-01/2026/11/20/", "ipad/.DS_Store",
]  # fmt: skip


def rows(count: int) -> list[tuple[Any, ...]]:
    chance = random.Random(3)
    found = []
    for number in range(count):
        is_marker = chance.random() < 0.05
        found.append((
            "b", chance.choice(KEYS), f"v{number}", chance.random() < 0.8, is_marker,
            None if is_marker else chance.choice([0, 1, 131_071, 131_072, 5 << 20, 2 << 30]),
            None if chance.random() < 0.02 else NOW - timedelta(minutes=chance.randrange(90_000)),
            None if is_marker else chance.choice(CLASSES),
            chance.choice([None, "FREQUENT", "ARCHIVE_ACCESS"]),
        ))  # fmt: skip
    return found


def cells(folder: Path, *, has_all_stems: bool) -> Counter[tuple[Any, ...]]:
    settings = Settings.model_validate({"warehouse": {"folder": folder}, "device": DEVICES})
    build = SnapshotBuild(folder / f"{has_all_stems}.duckdb", settings, latest_at=NOW)
    assert build._cells._has_all_stems
    build._cells._has_all_stems = has_all_stems
    part = measure(
        build.connection, folder / "part.parquet", name="part.parquet", source_bucket="b", has_reason=False
    )
    assert part.is_clean
    listing = Listing(1, ".", "b", (part,))
    build._cells.add(listing, ())
    assert not build._cells.finish(listing, ())
    summed: Counter[tuple[Any, ...]] = Counter()
    for *cell, object_count, size_bytes, first_at, last_at in build.connection.execute(
        "SELECT * FROM facts.cells ORDER BY ALL"
    ).fetchall():
        # An hour may be counted in two rows, one for the objects with a stem and one for the others.
        times = (first_at, last_at) if cell[0] == "day" else ()
        summed[(*cell, *times, "objects")] += object_count
        summed[(*cell, *times, "bytes")] += size_bytes
    build.connection.close()
    return summed


def test_both_ways_of_counting_give_the_same_cells(tmp_path: Path) -> None:
    with duckdb.connect() as writer:
        writer.execute("SET TimeZone = 'UTC'")
        writer.execute(
            "CREATE TABLE report (bucket VARCHAR, key VARCHAR, version_id VARCHAR, is_latest BOOLEAN, "
            "is_delete_marker BOOLEAN, size BIGINT, last_modified_date TIMESTAMPTZ, storage_class VARCHAR, "
            "intelligent_tiering_access_tier VARCHAR)"
        )
        writer.executemany("INSERT INTO report VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows(1500))
        writer.execute(f"COPY report TO '{tmp_path / 'part.parquet'}' (FORMAT parquet)")
    (tmp_path / "staging").mkdir()
    quick, slow = cells(tmp_path, has_all_stems=True), cells(tmp_path, has_all_stems=False)
    assert quick == slow
    assert sum(count for cell, count in quick.items() if cell[0] == "day" and cell[-1] == "objects") == 1500


@pytest.mark.parametrize(
    ("key", "is_known"),
    [
        ("ipad/{unit}/{captured:%Y%m%d}_{seq:4}.{ext}", True),
        ("ipad/{seq:4}/{unit}_{captured:%Y%m%d}.{ext}", False),
    ],
)
def test_a_grammar_without_stems_is_looked_at_in_full(tmp_path: Path, key: str, is_known: bool) -> None:
    good = [
        key.replace("{unit}", "ipad-01").replace("{captured:%Y%m%d}", "20261120").replace("{seq:4}", "0001")
    ]
    device = {**DEVICES[0], "key": key, "good": [good[0].replace("{ext}", "heic")], "bad": ["ipad/x"]}
    settings = Settings.model_validate({"warehouse": {"folder": tmp_path}, "device": [device]})
    build = SnapshotBuild(tmp_path / "new.duckdb", settings, latest_at=NOW)
    assert build._cells._has_all_stems is is_known
    build.connection.close()
