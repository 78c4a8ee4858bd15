"""Sums over random small archives, and the archive's clock, against independent arithmetic."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.warehouse import macros
from tests.inventory_writer import Row
from tests.sync.test_formats import figures, shown
from tests.sync.world import KEY, World

KEYS = st.one_of(
    st.integers(0, 59).map(lambda n: KEY.format(n, n)),
    st.sampled_from(
        ["xray/xr-1/20260105/xr-1-20260105-001.dcm", "ipad/IMG_0001.HEIC", "a", "ipad/x/.DS_Store", "写真/"]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=12),
)
ROWS = st.lists(
    st.builds(
        Row,
        key=KEYS,
        size=st.integers(0, 2**40),
        storage_class=st.sampled_from(["STANDARD", "GLACIER", "INTELLIGENT_TIERING"]),
        last_modified_date=st.datetimes(datetime(2020, 1, 1), datetime(2026, 11, 20)).map(
            lambda at: at.replace(microsecond=0, tzinfo=UTC)
        ),
        intelligent_tiering_access_tier=st.sampled_from([None, "FREQUENT", "ARCHIVE"]),
        is_latest=st.booleans(),
    ),
    min_size=1,
    max_size=40,
    unique_by=lambda row: row.key,
)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=ROWS, format_=st.sampled_from(["CSV", "ORC", "Parquet"]))
def test_bytes_and_counts_add_up_by_device_tier_and_day(
    endpoint: str, tmp_path_factory: pytest.TempPathFactory, rows: list[Row], format_: str
) -> None:
    world = World(endpoint, tmp_path_factory.mktemp("sums"))
    world.put(rows, format_=format_)
    world.synced()
    assert shown(world) == figures(rows)
    objects, size = len(rows), sum(row.size or 0 for row in rows)
    for mart in ("storage", "uploads", "tier_ages"):
        sums = f"SELECT sum(object_count)::BIGINT, sum(size_bytes)::BIGINT FROM marts.{mart}"
        assert world.rows(sums) == [(objects, size)], mart
    images = world.rows("SELECT count(*) FROM facts.objects WHERE kind = 'image'")
    assert world.rows("SELECT coalesce(sum(object_count), 0)::BIGINT FROM marts.quality") == images


@pytest.mark.parametrize(
    "zone", ["Asia/Tokyo", "UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns", "Australia/Lord_Howe"]
)
def test_the_clock_of_the_archive_is_that_of_its_zone(zone: str) -> None:
    """Every hour around every change of the clocks of three years, and single moments of twenty."""
    tz = ZoneInfo(zone)
    (statement,) = [
        text
        for text in macros.macro_statements([], (), zone, datetime(2026, 11, 21, tzinfo=UTC).date())
        if "to_local(" in text
    ]
    moments = [datetime(2006, 3, 1) + timedelta(hours=977 * n, seconds=n) for n in range(190)]
    for year in (2010, 2025, 2026):
        for month in (3, 4, 10, 11):
            moments += [datetime(year, month, 1) + timedelta(minutes=30 * n) for n in range(31 * 48)]
    with duckdb.connect(":memory:") as connection:
        connection.execute(statement)
        connection.execute("CREATE TABLE moments (moment TIMESTAMP)")
        connection.executemany("INSERT INTO moments VALUES (?)", [[moment] for moment in moments[:1]])
        connection.execute("INSERT INTO moments SELECT unnest($all::TIMESTAMP[])", {"all": moments[1:]})
        found = dict(connection.execute("SELECT moment, to_local(moment) FROM moments").fetchall())
    for moment in moments:
        expected = moment.replace(tzinfo=UTC).astimezone(tz).replace(tzinfo=None)
        assert found[moment] == expected, (zone, moment)


def test_this_file_writes_nowhere_else(tmp_path: Path) -> None:
    assert list(tmp_path.iterdir()) == []
