"""Looking stems up gives every key the verdict that taking it apart would give. Names are synthetic."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import pytest

from dashboard.domain.naming import compile_device
from dashboard.warehouse import verdict_macros
from dashboard.warehouse.macros import create_macros
from dashboard.warehouse.query import folder_queries
from dashboard.warehouse.raw import RAW_TABLES
from dashboard.warehouse.stems import load_stems

LAST = date(2026, 3, 2)
TEMPLATES: list[Any] = [
    ("ipad", "ipad", "{device}/{unit}/{captured:%Y/%m/%d}/{unit}_{captured:%Y%m%dT%H%M%S}_{seq:4}.{ext}",
     ("a1", "a-22", "xray"), ("jpg", "heic")),
    ("xray", "ipad/xray", "ipad/{device}/{unit}/{captured:%Y%m%d}_{seq:2}.{ext}", ("a1",), ("jpg", "0.jpg")),
    ("目", "目", "目/{unit}_{captured:%Y-%m-%d}/{captured:%H%M}.{ext}", ("u",), ("jpg",)),
    ("cut", "cut", "{device}/{captured:%Y%m%d}{unit}T{captured:%H}/{seq}.{ext}", ("u",), ("tif",)),
    ("rest", "rest", "{device}/{unit}/{captured:%Y%m%d}_{side}{case:3}{n}.{ext}", ("u",), ("jpg",),
     {"side": ("le", "ri"), "case": "digits", "n": "number:01-96"}),
    ("list", "list", "{device}/{site}/{unit}/{captured:%Y%m%d}_{site}_{eye}_{seq:2}.{ext}", ("u", "v"), ("jpg",),
     {"site": ("a", "bb"), "eye": ("l", "rr")}),
    ("wide", "wide", "{device}/{unit}/{captured:%Y%m%d}_{n}.{ext}", ("u",), ("jpg",), {"n": "digits:1-3"}),
    ("one", "one", "{device}/{captured:%Y-%m-%d}/DSC{seq:5}.{ext}", ("one-1",), ("nef",)),
    ("slow", "slow", "{device}/{seq:2}/{unit}_{captured:%Y%m%d}.{ext}", ("u",), ("jpg",)),
]  # fmt: skip
DEVICES = [
    compile_device(
        device_id=name, folder=f"{folder}/", template=template, units=units, extensions=extensions,
        in_use_from=date(2026, 2, 26), in_use_to=date(2026, 3, 1) if name == "xray" else LAST, parts=dict(*parts),
    )
    for name, folder, template, units, extensions, *parts in TEMPLATES
]  # fmt: skip
GOOD = [
    "ipad/a1/2026/02/28/a1_20260228T235959_0001.jpg",
    "ipad/a-22/2026/03/02/a-22_20260302T000000_9999.heic",
    "ipad/xray/a1/20260301_00.jpg",
    "ipad/xray/a1/20260301_00.0.jpg",
    "目/u_2026-02-27/2359.jpg",
    "cut/20260227uT09/4.tif",
    "slow/01/u_20260226.jpg",
    "rest/u/20260226_le00796.jpg",
    "list/bb/v/20260226_bb_rr_07.jpg",
    "wide/u/20260226_12.jpg",
    "one/2026-02-28/DSC00281.nef",
]


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        for schema in ("raw", "staging", "facts"):
            opened.execute(f"CREATE SCHEMA {schema}")
        opened.execute(f"CREATE TABLE raw.stems ({RAW_TABLES['stems']})")
        create_macros(opened, devices=DEVICES, junk=("*.tmp",), timezone="Asia/Tokyo", latest_day=LAST)
        load_stems(opened, DEVICES, LAST)
        for head, body in verdict_macros.verdict_macros(DEVICES, (), ()).items():
            opened.execute(f"CREATE MACRO {head} AS {body}")
        opened.execute(
            "CREATE TABLE staging.objects AS SELECT 1::SMALLINT AS report_no, 'b' AS source_bucket, '' AS key, "
            "'' AS version_id, true AS is_latest, false AS is_delete_marker, 1::BIGINT AS size_bytes, "
            "TIMESTAMP '2026-03-01' AS uploaded_at, '' AS e_tag, 'STANDARD' AS storage_class, '' AS access_tier, "
            "false AS is_multipart, '' AS encryption_status LIMIT 0"
        )
        for name in ("facts.stemmed", "facts.objects"):
            opened.execute(f"CREATE VIEW {name} AS {folder_queries('facts')[name].sql}")
        yield opened


def is_good(key: str) -> bool:
    owners = [device for device in DEVICES if key.startswith(device.folder)]
    return bool(owners) and max(owners, key=lambda device: len(device.folder)).matches(key)


def judged(connection: duckdb.DuckDBPyConnection, keys: list[str]) -> dict[str, bool]:
    connection.execute("DELETE FROM staging.objects")
    connection.execute(
        "INSERT INTO staging.objects SELECT 1, 'b', unnest($keys), '', true, false, 1, TIMESTAMP '2026-03-01', '', "
        "'STANDARD', '', false, ''",
        {"keys": keys},
    )
    return dict(connection.execute("SELECT key, is_name_good FROM facts.objects").fetchall())


def test_every_mutation_of_a_good_name_is_judged_as_the_grammar_judges_it(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    chance = random.Random(1)
    keys = set(GOOD)
    for key in GOOD:
        for place in range(len(key)):
            for char in ("0", "1", "2", "3", "8", "9", "a", "A", "/", "_", "T", "目", "", key[place] * 2):
                keys.add(key[:place] + char + key[place + 1 :])
        for other in GOOD:
            keys.add(key[: chance.randrange(len(key))] + other[chance.randrange(len(other)) :])
    verdicts = judged(connection, sorted(keys))
    assert {key for key, good in verdicts.items() if good} == {key for key in keys if is_good(key)}
    assert all(verdicts[key] for key in GOOD)


def test_stems_are_what_makes_it_quick(connection: duckdb.DuckDBPyConnection) -> None:
    """Each device that can have stems has them; else the verdicts above would come from the slow way alone."""
    found = connection.execute(
        "SELECT device_id, count(*), count(DISTINCT (stem, ending_no)) FROM raw.stems GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    # Units x days x extensions; those of "cut" would have a prefix that changes with the hour, and what lies below the
    # unit "xray" of "ipad" is the other device's.
    assert found == [
        ("ipad", 2 * 5 * 2, 20),
        ("list", 2 * 5 * 2 * 2, 40),  # "_{site}_{eye}" has one text for each site and eye
        ("one", 5, 5),  # the names say no unit
        ("rest", 5, 5),
        ("xray", 4 * 2, 8),
        ("目", 5, 5),
    ]


def test_what_a_stem_says_is_what_the_expression_says(connection: duckdb.DuckDBPyConnection) -> None:
    columns = "key, kind, device_id, unit_id, extension, prefix, captured_day, is_name_good"
    judged(connection, GOOD)
    quick = connection.execute(f"SELECT {columns} FROM facts.objects ORDER BY key").fetchall()
    connection.execute("CREATE TEMP TABLE kept AS SELECT * FROM raw.stems")
    connection.execute("DELETE FROM raw.stems")
    slow = connection.execute(f"SELECT {columns} FROM facts.objects ORDER BY key").fetchall()
    connection.execute("INSERT INTO raw.stems SELECT * FROM kept")
    assert quick == slow
