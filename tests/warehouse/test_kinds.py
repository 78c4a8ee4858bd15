"""Companion files and derived pictures are out of scope: they are no images, have no reason and count by themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dashboard.operate import choice, restore
from dashboard.operate.choice import Choice
from dashboard.warehouse import publish
from tests.inventory_writer import Row
from tests.sync.world import World, good

KINDS = {
    "ipad/ipad-01/2026/11/20/note.xmp": "companion",
    "ipad/ipad-01/2026/11/20/IMG_0001.AAE": "companion",
    "xray/_scan 1_/stack10001/frame_t_0.ets": "companion",
    "xray/frame_t_0.ets": "image",
    "ipad/ipad-01/2026/11/20/IMG_0001_thumb.jpg": "derivative",
    "ipad/thumbnails/a.jpg": "derivative",
    "ipad/thumbnails/a/b.jpg": "image",
    "ipad/ipad-01/2026/11/20/thumb.jpg": "image",
    "ipad/ipad-01/2026/11/20/.DS_Store": "junk",
}


@pytest.fixture
def synced(world: World) -> World:
    world.put([good(1), good(2, version_id="1", is_latest=False), *(Row(key) for key in KINDS)])
    world.synced()
    return world


def test_each_object_is_of_one_kind(synced: World) -> None:
    found = dict(synced.rows("SELECT key, kind FROM facts.objects WHERE NOT is_name_good"))
    assert found == KINDS
    assert synced.rows("SELECT count(*) FROM facts.misnamed") == [(3,)]
    counted = dict(synced.rows("SELECT kind, sum(object_count)::INTEGER FROM marts.storage GROUP BY ALL"))
    assert counted == {"image": 4, "noncurrent_version": 1, "companion": 3, "derivative": 2, "junk": 1}


def test_a_former_version_of_before_versioning_is_meant_by_its_name(world: World) -> None:
    """Without one, S3 restores what is current under the key now."""
    key = str(good(1).key)
    world.put([
        Row(key, storage_class="GLACIER", version_id="v2", e_tag="a" * 32),
        Row(key, storage_class="GLACIER", version_id=None, is_latest=False, e_tag="a" * 32),
        good(2, storage_class="GLACIER"),
    ])  # fmt: skip
    world.synced()
    chosen = Choice(kinds=("image", "noncurrent_version"))
    plan = restore.make_plan(world.settings, world.reader(), chosen, speed="bulk", days=1, made_by="sato")
    assert {(item.key, item.version_id) for item in plan.items} == {
        (key, "v2"), (key, "null"), (str(good(2).key), ""),
    }  # fmt: skip


def test_the_newest_row_of_a_report_tells_whether_its_bucket_keeps_what_is_overwritten(world: World) -> None:
    newer = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
    rows = {
        "bucket-on": [good(1), good(2, version_id="v", last_modified_date=newer)],
        "bucket-suspended": [good(1, version_id="v"), good(2, last_modified_date=newer)],
        "bucket-never": [good(1), good(2)],
    }
    world.configs = [(bucket, "daily") for bucket in rows]
    for bucket, listed in rows.items():
        world.put([replace(row, bucket=bucket) for row in listed], source=bucket)
    world.synced()
    info = publish.current(world.warehouse)
    assert info is not None
    assert choice.keeping_buckets(world.reader(), info.snapshot_id) == {"bucket-on"}
