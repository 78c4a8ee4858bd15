"""No key of a patient reaches the pages: every page query on an archive full of made-up patients."""

from __future__ import annotations

import gzip
import hashlib
import json
import stat
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dashboard.domain.dataset import STEPS
from dashboard.errors import DashboardError, ExitCode
from dashboard.settings import Settings
from dashboard.warehouse.masking import KEY_FILE, Masker, role_of, secret
from dashboard.warehouse.query import page_queries
from tests.inventory_writer import Row
from tests.sync.world import DEVICES, REPORT_AT, SOURCE, World, good

COPIED = hashlib.md5(b"one content under many names").hexdigest()
SENTINELS = (
    "山田花子",
    "ヤマダハナコ",
    "yamada_hanako",
    "ID7654321",
    "S55.03.12",
    "123456789018",
    "090-1234-5678",
)
IN_RAW = ("%8ER%93c", "%E5%B1%B1%E7%94%B0%E8%8A%B1%E5%AD%90")
"""山田 as cp932 has it, and 山田花子 percent-encoded: what a row that could not be read may still tell."""


@pytest.fixture(scope="module")
def world(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    """An archive with a sentinel in everything that can hold text from outside."""
    made = World(endpoint, tmp_path_factory.mktemp("sentinels"))
    first, second = (
        {"kind": "table", "id": id_, "location": f"s3://{made.bucket}/labels/{id_}.jsonl",
         "columns": {"key": "key", "labels": {"label": "label", "patient": "patient"}}}
        for id_ in ("eyes", "skin")
    )  # fmt: skip
    made.changes = {
        "live": {"lifecycle": False, "unfinished_uploads": False},
        "labels": {"required": ["label"], "source": [first, second]},
    }
    rows = [good(number, storage_class="GLACIER") for number in range(20)]
    for number, name in enumerate(SENTINELS):
        folder = "ipad/ipad-01/2026/11/20"
        rows += [
            Row(f"{folder}/{name}/IMG_{number:04}.JPG", size=10**9),
            Row(f"{name}/IMG_{number:04}.JPG", size=10**9),
            Row(f"{folder}/a_{name}.heic", storage_class="DEEP_ARCHIVE"),
            Row(f"{folder}/~${name}.xlsx"),
            Row(f"{folder}/{name}/", size=0),
            Row(f"{folder}/first_{name}.heic", e_tag=COPIED),
            Row(f"{folder}/{name}.jpg", version_id="1", is_latest=False),
            Row(f"{folder}/b_{name}.jpg", version_id="2", is_delete_marker=True, size=None, e_tag=None),
        ]
    rows += [Row("ipad/ipad-01/x.yamadahana"), Row("ipad/ipad-01/2026/11/20/\ufffd\ufffd太.jpg")]
    text = f'"{SOURCE}","ipad/ipad-02/plain.heic","5","2026-11-20T03:00:00.000Z"\n'
    text += "".join(f'"{SOURCE}","{key}","broken","2026-11-20T03:00:00.000Z"\n' for key in IN_RAW)
    made.put(rows)
    made.configs.append((SOURCE, "damaged"))
    made.put(
        [], config="damaged", format_="CSV", payloads=[gzip.compress(text.encode())],
        columns=("bucket", "key", "size", "last_modified_date"),
    )  # fmt: skip
    (made.warehouse / "live").mkdir(parents=True)
    uploads = [
        {"key": f"ipad/ipad-01/{name}.mov", "upload_id": "u", "initiated_at": "2026-11-01T00:00:00+00:00",
         "storage_class": "STANDARD", "part_count": 1, "size_bytes": 5}
        for name in SENTINELS
    ]  # fmt: skip
    look = {"source_bucket": SOURCE, "asked_at": REPORT_AT.isoformat()}
    (made.warehouse / f"live/uploads-{SOURCE}.json").write_text(
        json.dumps({**look, "is_complete": True, "uploads": uploads})
    )
    rules: list[dict[str, Any]] = [
        {"rule_id": name, "status": "Enabled", "prefix": f"ipad/ipad-01/{name}/", "tags": {}, "size_over_bytes": None,
         "size_under_bytes": None, "action": "expiration", "after_days": 400, "on_date": None, "to_class": "",
         "newer_noncurrent_versions": None}
        for name in SENTINELS
    ]  # fmt: skip
    (made.warehouse / f"live/lifecycle-{SOURCE}.json").write_text(
        json.dumps({**look, "has_configuration": True, "rules": rules})
    )
    # Labels that people wrote names into, of images that are there, that are not, and of no image at all.
    for turn, id_ in enumerate(("eyes", "skin")):
        lines: list[dict[str, Any]] = [
            {"key": key, "label": "cornea", "patient": SENTINELS[number - turn]}
            for number, name in enumerate(SENTINELS)
            for key in (
                f"ipad/ipad-01/2026/11/20/a_{name}.heic",
                f"ipad/ipad-01/{name}/gone.heic",
                good(number).key,
            )
        ] + [{"label": name} for name in SENTINELS]
        lines += [{"key": good(number).key, "label": ["a list"]} for number in range(10, 12)]
        body = "".join(json.dumps(line) + "\n" for line in lines)
        made.s3.put_object(Bucket=made.bucket, Key=f"labels/{id_}.jsonl", Body=body.encode())
    assert made.sync().is_published
    return made


def texts(value: Any) -> Iterator[str]:
    """Every text in a cell."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for pair in value.items():
            yield from texts(list(pair))
    elif isinstance(value, (list, tuple, np.ndarray)):
        for item in value:
            yield from texts(item)


def leaks(frame: pd.DataFrame) -> set[str]:
    """Columns in which a sentinel can be read."""
    return {
        str(name)
        for name in frame.columns
        for value in frame[name]
        for text in texts(value)
        if any(sentinel in text for sentinel in (*SENTINELS, *IN_RAW, "\ufffd", "太"))
    }


def frames(world: World) -> Iterator[tuple[str, pd.DataFrame]]:
    """The answer of every page query, as wide as its parameters allow."""
    reader = world.reader()
    everything = {
        "row_limit": None,
        "row_offset": 0,
        "today": date(2026, 11, 21),
        "month": None,
        "months": None,
    }
    content = reader.frame("duplicates.groups", {"row_limit": None})["content_id"]
    # What a choice cuts out of keys and labels is as wide as a choice can be.
    cut: list[dict[str, Any]] = [
        {"split_by": "segment", "split_segment": 6},
        {"split_by": "label", "split_label": "patient"},
    ]
    more: dict[str, list[dict[str, Any]]] = {
        "duplicates.copies": [{"content_id": id_} for id_ in content],
        "dataset.members": [{**by, "step": step} for by in cut for step in (*STEPS, "ready")],
    }
    for name, query in page_queries().items():
        given = {param: value for param, value in everything.items() if param in query.params}
        for values in more.get(name, [{}]):
            yield name, reader.frame(name, {**given, **values})
    reader.close()


def test_no_page_query_shows_a_patient_to_those_who_may_not_see_keys(world: World) -> None:
    masker = Masker(world.settings)
    shown: dict[str, set[str]] = {}
    for name, frame in frames(world):
        if found := leaks(frame):
            shown.setdefault(name, set()).update(found)
        masked = masker.frame(frame)
        assert leaks(masked) == set(), f"{name}: give the column its role in dashboard/warehouse/masking.py"
        assert len(masked) == len(frame)
        assert list(masked.columns) == list(frame.columns)
        # What is cut out of a key is a mark in any case.
        assert bool(masked.attrs["masked"]) == bool(found) or "key_part" in frame.columns, name
    # The archive tests something: many queries do return sentinels.
    assert {"quality.misnamed", "quality.findings", "tiers.objects", "storage.by_prefix"} <= set(shown)
    assert {"sources.quarantine", "tiers.rules", "alerts.findings"} <= set(shown), shown.keys()
    assert {"worklist.findings", "worklist.unlabelled", "dataset.members"} <= set(shown), shown.keys()
    assert {"duplicates.groups", "duplicates.copies"} <= set(shown), shown.keys()
    assert {f"quality.label_{name}" for name in ("conflicts", "orphans", "values")} <= set(shown), (
        shown.keys()
    )
    assert {"key", "key_part", "tags"} <= shown["dataset.members"]


def test_all_keys_are_masked_where_the_settings_say_so(world: World) -> None:
    masker = Masker(world.settings, "all")
    for name, frame in frames(world):
        masked = masker.frame(frame)
        assert leaks(masked) == set(), name
        for column in (column for column in frame.columns if role_of(str(column)) != "plain"):
            objects = [text for text in masked[column] if "IMG_" in str(text) or "_20261120T" in str(text)]
            assert objects == [], (name, column)


def test_totals_do_not_change(world: World) -> None:
    masker = Masker(world.settings)
    for _, frame in frames(world):
        numbers = frame.select_dtypes("number")
        pd.testing.assert_frame_equal(masker.frame(frame).select_dtypes("number"), numbers, check_flags=False)


def test_the_command_line_masks_on_demand(world: World) -> None:
    reader = world.reader()
    columns, rows = reader.rows("quality.misnamed", {"row_limit": None})
    reader.close()
    place = columns.index("key")
    assert any("山田花子" in row[place] for row in rows)
    masked = Masker(world.settings).rows(columns, rows)
    assert not any(sentinel in str(row) for row in masked for sentinel in SENTINELS)
    assert [row[1:] for row in rows if row[place] == "x"] == [row[1:] for row in masked if row[place] == "x"]


@pytest.fixture
def masker(tmp_path: Path) -> Masker:
    return Masker(settings(tmp_path))


def settings(folder: Path) -> Settings:
    return Settings.model_validate(
        {
            "warehouse": {"folder": str(folder)},
            "device": DEVICES,
            "inventory": [{"location": f"s3://reports/{SOURCE}/daily/"}],
        }
    )


def test_a_mark_keeps_the_known_place_and_the_ending(masker: Masker) -> None:
    mark = masker.key("ipad/ipad-01/2026/11/20/山田花子.JPG")
    assert mark.startswith("ipad/ipad-01/…/▒")
    assert mark.endswith(".JPG")
    assert masker.key("ipad/ipad-010/山田花子.jpg").startswith("ipad/ipad-010/▒")
    assert masker.key("ipad/山田花子/1.jpg").startswith("ipad/…/▒")
    assert masker.key("山田花子/1.jpg").startswith("…/▒")
    assert not masker.key("ipad/ipad-01/山田花子.secret").endswith(".secret")
    assert masker.key("ipad/ipad-01") == "ipad/ipad-01"


def test_a_mark_is_the_same_for_one_object_and_another_for_every_other(
    masker: Masker, tmp_path: Path
) -> None:
    key = "ipad/ipad-01/山田花子.jpg"
    assert masker.key(key) == masker.key(key)
    assert masker.key(f"{SOURCE}/{key}").removeprefix(f"{SOURCE}/") == masker.key(key)
    assert masker.key(f"s3://{SOURCE}/{key}").endswith(masker.key(key))
    assert masker.key(key) != masker.key("ipad/ipad-01/山田花美.jpg")
    again = Masker(settings(tmp_path))
    assert again.key(key) == masker.key(key)
    (tmp_path / "other").mkdir()
    elsewhere = Masker(settings(tmp_path / "other"))
    assert elsewhere.key(key) != masker.key(key)


def test_the_secret_is_its_owners_only(tmp_path: Path) -> None:
    made = secret(tmp_path)
    assert len(made) == 32
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    assert secret(tmp_path) == made
    missing = tmp_path / "not there"
    assert secret(missing) == secret(missing) != made
    assert not missing.exists()


def test_what_names_nobody_stays(masker: Masker) -> None:
    for text in ("ipad/ipad-01/2026/11/20/IMG_0001.JPG", "…", "", "ipad/ipad-01/2026-11", "unattributed"):
        assert masker.key(text) == text
    everything = Masker(settings(masker_folder := Path("/nonexistent")), "all")
    assert masker_folder
    assert everything.key("ipad/ipad-01/2026-11") == "ipad/ipad-01/2026-11"
    assert everything.key("unattributed") == "unattributed"
    assert "IMG_0001" not in everything.key("ipad/ipad-01/2026/11/20/IMG_0001.JPG")
    assert "IMG_0001" not in everything.told("ipad/ipad-01/2026/11/20/IMG_0001.JPG")
    assert everything.told("s3://labels-of-the-clinic/a.csv") == "s3://labels-of-the-clinic/a.csv"


def test_lists_and_maps_are_masked_inside(masker: Masker) -> None:
    frame = pd.DataFrame(
        {"twin_keys": [["a.jpg", "山田花子.jpg"]], "tags": [{"name": "山田花子"}], "weekly_bytes": [[1, 2]]}
    )
    masked = masker.frame(frame)
    assert masked["twin_keys"][0][0] == "a.jpg"
    assert "山田" not in str(masked.to_dict())
    assert masked["weekly_bytes"][0] == [1, 2]


def test_a_fault_tells_of_a_key_by_its_mark(masker: Masker) -> None:
    fault = DashboardError(
        ExitCode.CHECK_FAILED, "Checked", cause="{subject} counts {count:,}", next_step="-", locator="s3://b/山田花子.jpg",
        subject="ipad/ipad-01/山田花子.jpg", count=1000,
    )  # fmt: skip
    masked = fault.masked(masker.text)
    assert "山田" not in str(masked)
    assert "counts 1,000" in str(masked)
    assert fault.cause.startswith("ipad/ipad-01/山田花子")


def test_a_sync_writes_no_patient_into_its_outcome(world: World) -> None:
    """The outcome goes to the log of the service and to last_sync.json."""
    outcome = world.sync(force=True)
    row = Row("ipad/ipad-01/2026/11/20/山田花子.jpg")
    world.put([row, row], at=REPORT_AT.replace(hour=2))
    outcome = world.sync()
    assert outcome.exit_code is ExitCode.DUPLICATE_ROWS
    told = (world.warehouse / "last_sync.json").read_text("utf-8")
    assert "▒" in json.loads(told)["faults"][0]["args"]["found"]
    assert "山田" not in json.dumps(outcome.as_dict(), ensure_ascii=False)
