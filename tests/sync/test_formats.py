"""End to end: whatever the format and the columns of a report, the same archive gives the same figures.

What is expected is worked out here from the rows themselves, in Python, not by the queries under test.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dashboard.domain.naming import junk_pattern
from dashboard.domain.plan import Plan
from dashboard.errors import DashboardError, ExitCode
from dashboard.operate import bring_back, class_change, label_change, remove_junk, remove_versions, restore
from dashboard.operate.choice import Choice
from dashboard.settings import Settings
from tests.inventory_writer import ALL_COLUMNS, Row, encode
from tests.sync.world import NOW, REPORT_AT, World, day, good, goods

SAMPLES = Path(os.environ.get("DASHBOARD_SAMPLES") or Path(__file__).parents[2] / "../shared/samples")
FORMATS = ("CSV", "ORC", "Parquet")
MARTS = ("storage", "uploads", "upload_hours", "tier_ages", "quality", "units", "trend")

# 57 atoms of a hostile key: controls, invisible and bidirectional characters, quotes, SQL, paths, markup, encodings.
ATOMS = (
    "\x00", "\x01", "\x07", "\x08", "\t", "\n", "\r", "\x1b[31m", "\x1f", "\x7f", "\x85", "\xa0", "\xad", "\u061c",
    "\u200b", "\u200d", "\u200e", "\u200f", "\u2028", "\u2029", "\u202e", "\u2066", "\u2069", "\ufeff", "\ufffd",
    "\U000e0041", "\U0001f600", "e\u0301", "é", "＝", "　", "写真", "縺", "'", '"', "`", "\\", "';drop table x;--",
    "%", "_", "%25", "%2F", "%FF", "+", "a+b c", "{{7*7}}", "${x}", "<script>", "![x](http://e.example/p)", "=cmd|'!'",
    "../", "./", "//", ",", ";", "*?[x]", "size=999",
)  # fmt: skip


def archive() -> list[Row]:
    """A small archive with a bit of everything."""
    first = datetime(2026, 5, 1, 14, 59, 59, tzinfo=UTC)
    classes = ("STANDARD", "GLACIER_IR", "INTELLIGENT_TIERING", "DEEP_ARCHIVE")
    rows = []
    for number in range(120):
        class_ = classes[number % 4]
        rows.append(
            good(
                number,
                size=1 << (number % 35),
                storage_class=class_,
                last_modified_date=first + timedelta(hours=37 * number),
                intelligent_tiering_access_tier="INFREQUENT" if class_ == "INTELLIGENT_TIERING" else None,
                version_id=f"v{number}",
            )
        )
    rows += [
        good(0, size=77, version_id="old", is_latest=False, storage_class="STANDARD_IA"),
        Row("ipad/gone.heic", None, None, is_delete_marker=True, version_id="m1", e_tag=None),
        Row("xray/xr-1/20260105/xr-1-20260105-001.dcm", 500, version_id="x1"),
        Row("ipad/ipad-02/2026/11/20/IMG_1234.HEIC", 33, version_id="x2"),
        Row("elsewhere/写真 1+1.jpg", 44, version_id="x3"),
        Row("ipad/.DS_Store", 6148, version_id="x4"),
        Row("ipad/ipad-01/", 0, version_id="x5"),
        Row("ipad/empty.heic", 0, version_id="x6"),
    ]
    return rows


def kind(row: Row) -> str:
    if row.is_delete_marker:
        return "delete_marker"
    if not row.is_latest:
        return "noncurrent_version"
    name = str(row.key).rsplit("/", 1)[-1]
    if not name:
        return "folder_marker"
    return "junk" if row.size == 0 or name == ".DS_Store" else "image"


def device(row: Row) -> str:
    folder = str(row.key).split("/", 1)[0]
    return folder if folder in {"ipad", "xray"} else "unattributed"


def figures(
    rows: Sequence[Row], columns: Sequence[str] = ALL_COLUMNS
) -> dict[str, Counter[tuple[object, ...]]]:
    """Objects and bytes by device, kind and class; by local day; by kind and tier: counted here."""
    found: dict[str, Counter[tuple[object, ...]]] = {
        "storage": Counter(),
        "uploads": Counter(),
        "tiers": Counter(),
    }
    for row in rows:
        row = row if "size" in columns else replace(row, size=None)
        size = row.size or 0
        class_ = (row.storage_class or "UNKNOWN") if "storage_class" in columns else "UNKNOWN"
        tier = (
            row.intelligent_tiering_access_tier or "" if "intelligent_tiering_access_tier" in columns else ""
        )
        class_ = "" if row.is_delete_marker else class_
        local = row.last_modified_date.astimezone(ZoneInfo("Asia/Tokyo")).date()
        on = local if "last_modified_date" in columns else None
        for name, cell in (
            ("storage", (device(row), kind(row), class_)),
            ("uploads", (kind(row), on)),
            ("tiers", (kind(row), class_, tier)),
        ):
            found[name][(*cell, "objects")] += 1
            found[name][(*cell, "bytes")] += size
    return {name: +counter for name, counter in found.items()}


def shown(world: World) -> dict[str, Counter[tuple[object, ...]]]:
    found: dict[str, Counter[tuple[object, ...]]] = {}
    for name, mart, cell in (
        ("storage", "storage", "device_id, kind, storage_class"),
        ("uploads", "uploads", "kind, uploaded_on"),
        ("tiers", "tier_ages", "kind, storage_class, access_tier"),
    ):
        counter: Counter[tuple[object, ...]] = Counter()
        for *values, count, size in world.rows(
            f"SELECT {cell}, sum(object_count)::BIGINT, sum(size_bytes)::BIGINT FROM marts.{mart} GROUP BY ALL"
        ):
            counter[(*values, "objects")] += count
            counter[(*values, "bytes")] += size
        found[name] = +counter
    return found


@pytest.mark.parametrize("format_", FORMATS)
def test_figures_are_those_of_the_rows(world: World, format_: str) -> None:
    rows = archive()
    world.put([rows[:50], rows[50:51], rows[51:]], format_=format_)
    outcome = world.synced()
    assert shown(world) == figures(rows)
    assert outcome.row_count == len(rows)
    assert world.rows(
        "SELECT latest_count, delete_marker_count, file_count, has_versions FROM marts.reports"
    ) == [(len(rows) - 1, 1, 3, True)]
    by_class = {
        (row[0], row[1]): (row[2], row[3]) for row in world.reader().rows("storage.by_device_class")[1]
    }
    images = [row for row in rows if kind(row) == "image"]
    for (device_id, class_), (count, size) in by_class.items():
        mine = [r for r in images if (device(r), r.storage_class) == (device_id, class_)]
        assert (count, size) == (len(mine), sum(r.size or 0 for r in mine))
    assert sum(count for count, _ in by_class.values()) == len(images)


def test_the_three_formats_give_the_same_marts_and_lists(make_world: Callable[..., World]) -> None:
    rows, found = archive(), []
    for format_ in FORMATS:
        world = make_world(format_)
        world.put([rows[:70], rows[70:]], format_=format_)
        world.synced()
        content = {mart: sorted(map(repr, world.rows(f"SELECT * FROM marts.{mart}"))) for mart in MARTS}
        content["objects"] = sorted(map(repr, world.rows("SELECT * FROM facts.objects")))
        content["misnamed"] = sorted(map(repr, world.rows("SELECT * FROM facts.misnamed")))
        content["findings"] = sorted(map(repr, world.rows("SELECT * FROM alerts.findings")))
        found.append(content)
    assert found[0] == found[1] == found[2]
    assert found[0]["misnamed"]


@pytest.mark.parametrize("format_", FORMATS)
def test_row_11_a_report_of_bucket_and_key_only(world: World, format_: str) -> None:
    rows = [row for row in archive() if row.is_latest and not row.is_delete_marker]
    world.put(rows, format_=format_, columns=("bucket", "key"))
    world.synced()
    kinds = dict(world.rows("SELECT kind, sum(object_count)::BIGINT FROM marts.storage GROUP BY kind"))
    # An empty file could not be told from an image, and junk may be removed.
    assert kinds == Counter(kind(replace(row, size=None)) for row in rows)
    assert world.rows("SELECT DISTINCT size_band FROM marts.storage") == [("unknown",)]
    assert world.rows("SELECT DISTINCT storage_class, size_bytes FROM facts.objects") == [("UNKNOWN", 0)]
    assert world.rows("SELECT DISTINCT uploaded_on FROM marts.uploads") == [(None,)]
    assert world.rows("SELECT DISTINCT age_band FROM marts.tier_ages") == [("unknown",)]


@pytest.mark.parametrize("missing", [name for name in ALL_COLUMNS if name not in {"bucket", "key"}])
def test_row_11_one_column_missing(world: World, missing: str) -> None:
    # Without is_latest or is_delete_marker nobody can tell versions, so the archive of this test has none.
    rows = [row for row in archive() if row.is_latest and not row.is_delete_marker]
    columns = [name for name in ALL_COLUMNS if name != missing]
    world.put(rows, format_=FORMATS[len(missing) % 3], columns=columns)
    world.synced()
    assert shown(world) == figures(rows, columns)


@pytest.mark.parametrize("format_", FORMATS)
def test_an_object_whose_size_is_not_told_is_no_empty_file(world: World, format_: str) -> None:
    rows = [
        good(1),
        good(2, size=0),
        good(3, size=None),
        Row("ipad/x.jpg", None),
        Row("ipad/.DS_Store", None),
    ]
    world.put(rows, format_=format_)
    world.synced()
    assert world.rows(
        "SELECT kind, size_band, sum(object_count)::BIGINT, sum(size_bytes)::BIGINT FROM marts.storage "
        "GROUP BY ALL ORDER BY ALL"
    ) == [
        ("image", "under_128_kib", 1, 100),
        ("image", "unknown", 2, 0),
        ("junk", "empty", 1, 0),
        ("junk", "unknown", 1, 0),
    ]
    found = {row[1] for row in world.reader().rows("plan.junk", {})[1]}
    assert found == {good(2).key, "ipad/.DS_Store"}, "an image of unknown size may not be removed as junk"
    lots = world.reader().rows("lifecycle.lots", {"bucket": good(1).bucket, "cuts": [100, 131072]})[1]
    assert sorted(((row[4], row[6], row[7]) for row in lots), key=str) == [
        (0, 1, 0),
        (1, 1, 100),
        (None, 3, 0),
    ]
    names, listed = world.reader().rows("worklist.findings", {})
    sizes = {
        row[names.index("subject")]: row[names.index("size_bytes")]
        for row in listed
        if row[names.index("rule_id")] != "silent_device"  # which is about a unit
    }
    stored = dict(world.rows("SELECT subject, len(stored) FROM alerts.findings"))
    told = {subject: (sizes[subject], stored[subject]) for subject in found | {"ipad/x.jpg"}}
    empty = {subject for subject, size in sizes.items() if size == 0}
    assert empty == {good(2).key}, "only junk can be without a byte"
    # What it costs is not known either.
    assert told == {good(2).key: (0, 1), "ipad/x.jpg": (None, 0), "ipad/.DS_Store": (None, 0)}
    reasons = world.rows("SELECT reason FROM alerts.findings WHERE rule_id = 'junk_object' ORDER BY 1")
    assert reasons == [("empty file",), ("junk file name",)]


def plans_of(world: World) -> Iterator[Callable[[], Plan]]:
    """A plan of each action that is about bytes, on the images, the former versions and the junk of `unsized`."""
    settings, reader, every = world.settings, world.reader(), Choice()
    yield lambda: restore.make_plan(settings, reader, every, speed="bulk", days=7, made_by="x")
    yield lambda: class_change.make_plan(settings, reader, every, to_class="STANDARD", made_by="x")
    yield lambda: label_change.make_plan(settings, reader, every, tags={"label": "x"}, made_by="x")
    yield lambda: remove_versions.make_plan(settings, reader, every, keep=0, made_by="x")
    yield lambda: bring_back.make_plan(settings, reader, every, version_ids=["old1", "old2"], made_by="x")
    yield lambda: remove_junk.make_plan(settings, reader, every, made_by="x")


def test_no_plan_is_about_an_object_whose_size_is_not_told(world: World) -> None:
    """Its price would be 0, its limits would not hold, and the worker would find another size at S3."""
    first, second = NOW - timedelta(days=300), NOW - timedelta(days=200)
    world.changes["records"] = {"devices": []}

    def rows(number: int, size: int | None) -> list[Row]:
        former = good(number, size=size, version_id=f"old{number}", is_latest=False)
        junk = Row(f"ipad/{number}/.DS_Store", size, "GLACIER_IR", version_id="d")
        return [
            good(number, size=size, version_id="new", storage_class="GLACIER", last_modified_date=second),
            replace(former, last_modified_date=first),
            junk,
        ]

    world.put([*rows(1, None), *rows(2, 7)], at=day(1))
    world.synced()
    for make in plans_of(world):
        plan = make()
        assert {item.refusal for item in plan.items if not item.size_bytes} == {"size_unknown"}, plan.action
        sized = [item for item in plan.items if item.size_bytes]
        assert sized, plan.action
        assert "size_unknown" not in {item.refusal for item in sized}, plan.action
    counted = [row[:5] for row in world.reader().rows("restore.choices", {})[1]]
    assert counted == [("", "", 1, 7, 1), ("GLACIER", "", 1, 7, 1)]

    world.put([*rows(1, None), *rows(2, None)])
    world.synced()
    for make in plans_of(world):
        with pytest.raises(DashboardError, match="how large") as refused:
            make()
        assert (refused.value.code, refused.value.locator) == (ExitCode.PLAN_REFUSED, "s3://clinic-images")


@pytest.mark.parametrize("name", ["new_thing", "quarantine_reason", "raw_key"])
@pytest.mark.parametrize("format_", FORMATS)
def test_columns_that_nobody_knows_yet_are_no_hindrance(world: World, format_: str, name: str) -> None:
    """Not even those that are named like our own."""
    rows = goods(5)
    columns = ("bucket", "key", "size", "e_tag", name)
    if format_ == "CSV":
        payload = gzip.compress(
            "".join(f'"clinic-images","{row.key!s}","100","x","7, or ""eight"""\n' for row in rows).encode()
        )
        world.put([], format_=format_, payloads=[payload], schema=f"Bucket, Key, Size, ETag, {name}")
    else:
        plain = {"Parquet": f"optional binary {name} (UTF8)", "ORC": f"{name}:string"}[format_]
        schema = {
            "Parquet": "message s3.inventory { optional binary bucket (UTF8); optional binary key (UTF8); "
            f"optional int64 size; optional binary e_tag (UTF8); {plain}; }}",
            "ORC": f"struct<bucket:string,key:string,size:bigint,e_tag:string,{plain}>",
        }[format_]
        import io

        import pyarrow as pa
        import pyarrow.orc
        import pyarrow.parquet

        table = pa.table(
            {
                "bucket": [row.bucket for row in rows], "key": [row.key for row in rows], "size": [100] * 5,
                "e_tag": ["x"] * 5, name: ["7"] * 5,
            }
        )  # fmt: skip
        out = io.BytesIO()
        (pyarrow.orc.write_table if format_ == "ORC" else pyarrow.parquet.write_table)(table, out)
        world.put([], format_=format_, payloads=[out.getvalue()], schema=schema)
    world.synced()
    assert world.rows("SELECT count(*), sum(size_bytes) FROM facts.objects") == [(5, 500)]
    assert world.rows("SELECT columns FROM marts.reports") == [(list(columns),)]
    assert world.rows("SELECT count(*) FROM facts.quarantine") == [(0,)]


def hostile_keys() -> list[str]:
    keys = [f"ipad/{atom}/{number}{atom}.jpg" for number, atom in enumerate(ATOMS)]
    keys += ["a" * 1024, "ｱ" * 341, "/leading", "ends/", "..", ".", "", "a//b", "con", "-rf", "NUL"]
    return [key for key in keys if key]


@pytest.mark.parametrize("format_", FORMATS)
def test_hostile_keys_survive_to_the_byte(world: World, format_: str) -> None:
    assert len(ATOMS) == 57
    keys = hostile_keys()
    world.put([Row(key, size=5) for key in keys], format_=format_)
    world.synced()
    found = sorted(key for (key,) in world.rows("SELECT key FROM facts.objects"))
    assert found == sorted(keys)
    images = {key for key in keys if not key.endswith("/")}
    reader = world.reader()
    assert {row[0] for row in world.rows("SELECT key FROM facts.misnamed")} == images
    columns, rows = reader.rows("alerts.findings", {})
    rule, subject, reason = (columns.index(name) for name in ("rule_id", "subject", "reason"))
    assert sorted(row[subject] for row in rows if row[rule] == row[reason]) == sorted(images)
    assert not list(world.warehouse.glob("**/*drop*"))
    assert sorted(path.name for path in world.folder.iterdir()) == ["warehouse"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (["a+b.jpg", "c%2Bd.jpg"], ["a b.jpg", "c+d.jpg"]),  # a report in which '+' is a space
        (["a+b.jpg", "c%20d.jpg"], ["a+b.jpg", "c d.jpg"]),  # one in which a space is %20: '+' is itself
        (["a%252Fb.jpg", "%2525.jpg"], ["a%2Fb.jpg", "%25.jpg"]),  # decoded once, never twice
        (["%E5%86%99.jpg", "写.png"], ["写.jpg", "写.png"]),  # encoded, or raw UTF-8
        (["e%CC%81.jpg", "%C3%A9.jpg"], ["e\u0301.jpg", "é.jpg"]),  # two objects that look alike
        (["a%00b.jpg"], ["a\x00b.jpg"]),
    ],
)
def test_keys_of_csv_reports_are_decoded_exactly_once(
    world: World, written: list[str], meant: list[str]
) -> None:
    lines = "".join(f'"clinic-images","{key}","1"\n' for key in written)
    world.put([], format_="CSV", payloads=[gzip.compress(lines.encode())], schema="Bucket, Key, Size")
    world.synced()
    assert sorted(row[0] for row in world.rows("SELECT key FROM facts.objects")) == sorted(meant)


@pytest.mark.parametrize("format_", FORMATS)
def test_row_18_keys_that_are_no_utf8_are_kept_apart(world: World, format_: str) -> None:
    bad = [b"ipad/\xff\xfe.jpg", b"ipad/\xc0\xae.jpg", b"ipad/\xed\xa0\x80.jpg"]
    rows = [*goods(50), *(Row(key, size=9) for key in bad)]
    world.put([rows[:20], rows[20:]], format_=format_)
    outcome = world.synced()
    assert outcome.sources[0]["quarantined_count"] == 3
    assert world.rows("SELECT row_count, quarantined_count, size_bytes FROM marts.reports") == [(53, 3, 5000)]
    assert world.rows("SELECT count(*) FROM facts.objects") == [(50,)]
    kept = world.rows("SELECT raw_key, reason FROM facts.quarantine ORDER BY 1")
    assert {reason for _, reason in kept} == {"key_not_utf8"}
    from urllib.parse import unquote_to_bytes

    assert sorted(unquote_to_bytes(key) for key, _ in kept) == sorted(bad)


def test_row_12_values_that_are_no_numbers_are_kept_apart_and_never_rounded(world: World) -> None:
    sizes = ["1.9", "-5", "9223372036854775808", "1e3", " 5", "0x10", "05", "٣", "NaN"]
    lines = "".join(f'"clinic-images","ipad/{n}.jpg","{size}"\n' for n, size in enumerate(sizes))
    lines += (
        '"clinic-images","ipad/good.jpg","7"\n"clinic-images","ipad/none.jpg",""\n"other","ipad/x.jpg","7"\n'
    )
    world.put([], format_="CSV", payloads=[gzip.compress(lines.encode())], schema="Bucket, Key, Size")
    world.synced()
    kept = dict(world.rows("SELECT raw_key, reason FROM facts.quarantine"))
    assert kept.pop("ipad/x.jpg") == "other_bucket"
    assert len(kept) == len(sizes)
    assert set(kept.values()) == {"size_invalid"}
    assert world.rows("SELECT key, size_bytes FROM facts.objects ORDER BY key") == [
        ("ipad/good.jpg", 7),
        ("ipad/none.jpg", 0),
    ]


@pytest.mark.parametrize("format_", FORMATS)
def test_row_12_sizes_beyond_counting_are_refused_with_their_name(world: World, format_: str) -> None:
    world.put(goods(3, size=2**63 - 1), format_=format_)
    assert world.sync().exit_code is ExitCode.SCHEMA_MISMATCH
    assert not list(world.warehouse.glob("wh.*"))


@pytest.mark.parametrize("format_", ["ORC", "Parquet"])
def test_row_12_negative_sizes_are_kept_apart(world: World, format_: str) -> None:
    world.put([*goods(5, size=1), Row("ipad/minus.jpg", size=-5)], format_=format_)
    world.synced()
    assert world.rows("SELECT raw_key, reason FROM facts.quarantine") == [("ipad/minus.jpg", "size_invalid")]
    assert world.rows("SELECT sum(size_bytes) FROM facts.objects") == [(5,)]


def test_row_12_times_that_cannot_be_are_kept_apart(world: World) -> None:
    times = [
        "infinity",
        "-infinity",
        "9999-12-31T23:59:59.999Z",
        "290000-01-01T00:00:00Z",
        "0001-01-01",
        "soon",
    ]
    lines = "".join(f'"clinic-images","ipad/{n}.jpg","{time}"\n' for n, time in enumerate(times))
    lines += (
        '"clinic-images","ipad/good.jpg","2026-11-20T03:00:00.000Z"\n"clinic-images","ipad/none.jpg",""\n'
    )
    schema = "Bucket, Key, LastModifiedDate"
    world.put([], format_="CSV", payloads=[gzip.compress(lines.encode())], schema=schema)
    world.synced()
    kept = world.rows("SELECT count(*), any_value(reason) FROM facts.quarantine")
    assert kept == [(len(times), "last_modified_date_invalid")]
    assert world.rows("SELECT count(*) FROM facts.objects") == [(2,)]


@pytest.mark.parametrize("format_", ["ORC", "Parquet"])
@pytest.mark.parametrize("year", [1900, 2250])
def test_row_12_times_out_of_bounds_are_kept_apart(world: World, format_: str, year: int) -> None:
    world.put(
        [*goods(5), Row("ipad/odd.jpg", last_modified_date=datetime(year, 1, 1, tzinfo=UTC))], format_=format_
    )
    world.synced()
    assert world.rows("SELECT raw_key, reason FROM facts.quarantine") == [
        ("ipad/odd.jpg", "last_modified_date_invalid")
    ]
    assert world.rows("SELECT count(*) FROM facts.objects") == [(5,)]


def test_row_12_a_version_that_may_be_current_or_not_is_kept_apart(world: World) -> None:
    flags = [("TRUE", "false"), ("maybe", "false"), ("true", "1"), ("false", "False")]
    lines = "".join(
        f'"clinic-images","ipad/{n}.jpg","v{n}","{latest}","{marker}"\n'
        for n, (latest, marker) in enumerate(flags)
    )
    schema = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker"
    world.put([], format_="CSV", payloads=[gzip.compress(lines.encode())], schema=schema)
    world.synced()
    assert world.rows("SELECT raw_key, reason FROM facts.quarantine ORDER BY 1") == [
        ("ipad/1.jpg", "is_latest_invalid"),
        ("ipad/2.jpg", "is_delete_marker_invalid"),
    ]
    assert world.rows("SELECT row_count, latest_count FROM marts.reports") == [(4, 1)]


def test_row_20_versions_and_markers_are_counted_apart(world: World) -> None:
    rows = [
        *goods(10, size=10, version_id="1"),
        *goods(4, size=3, version_id="0", is_latest=False),
        Row("ipad/deleted.jpg", None, None, version_id="9", is_delete_marker=True),
        Row("ipad/deleted.jpg", 50, version_id="8", is_latest=False),
    ]
    world.put(rows)
    world.synced()
    assert world.rows(
        "SELECT kind, sum(object_count), sum(size_bytes) FROM marts.storage GROUP BY ALL ORDER BY kind"
    ) == [("delete_marker", 1, 0), ("image", 10, 100), ("noncurrent_version", 5, 62)]
    assert world.rows("SELECT sum(object_count) FROM marts.quality") == [(10,)]


@pytest.mark.parametrize("format_", FORMATS)
def test_row_15_a_size_in_the_path_never_replaces_the_column(world: World, format_: str) -> None:
    # The manifest's paths are held to letters; the folder of a warehouse may be called anything.
    world.folder = world.folder / "size=999" / "bucket=x"
    world.put(goods(4, size=1), format_=format_)
    world.synced()
    assert world.rows("SELECT sum(size_bytes) FROM facts.objects") == [(4,)]
    assert world.reader().rows("sources.reports")[1]


def test_a_folder_with_hostile_letters_works_and_one_duckdb_mistakes_is_refused(
    make_world: Callable[..., World],
) -> None:
    world = make_world("wä re; ho'use#$(x)%41日本")
    world.put(goods(3), format_="CSV")
    world.synced()
    assert len(world.reader().frame("uploads.objects")) == 3
    for name in ("a,b", "a?b", "a*b", "a[b]"):
        world = make_world(name)
        world.put(goods(3))
        outcome = world.sync()
        assert outcome.exit_code is ExitCode.SETTINGS
        assert outcome.faults[0].locator.endswith(f"{name}/warehouse")


def test_an_empty_bucket_has_an_empty_snapshot(world: World) -> None:
    world.put([], payloads=[b""][:0])
    manifest = {
        "sourceBucket": "clinic-images", "destinationBucket": f"arn:aws:s3:::{world.bucket}",
        "version": "2016-11-30", "creationTimestamp": str(int(REPORT_AT.timestamp() * 1000)),
        "fileFormat": "CSV", "fileSchema": "Bucket, Key, Size", "files": [],
    }  # fmt: skip
    body = json.dumps(manifest).encode()
    folder = f"{world.root()}{REPORT_AT:%Y-%m-%dT%H-%MZ}/"
    for name, content in (("json", body), ("checksum", hashlib.md5(body).hexdigest().encode())):
        world.s3.put_object(Bucket=world.bucket, Key=f"{folder}manifest.{name}", Body=content)
    world.synced()
    assert world.rows("SELECT count(*) FROM facts.objects") == [(0,)]
    assert world.rows("SELECT row_count FROM marts.reports") == [(0,)]


def test_the_real_sample_report(world: World) -> None:
    """A Parquet report as S3 wrote it (duracloud), under a manifest with its key put right."""
    folder = SAMPLES / "inventory_duracloud"
    if not folder.is_dir():
        pytest.skip("the folder of real samples is not here; set DASHBOARD_SAMPLES")
    manifest = json.loads((folder / "inventory-manifest.json").read_text())
    payload = (folder / "example.parquet").read_bytes()
    source = manifest["sourceBucket"]
    world.configs = [(source, "sample")]
    at = datetime.fromtimestamp(int(manifest["creationTimestamp"]) / 1000, UTC)
    world.put(
        [], at=at, source=source, config="sample", format_=manifest["fileFormat"], payloads=[payload],
        schema=manifest["fileSchema"],
    )  # fmt: skip
    world.synced(now=at + timedelta(hours=1))
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(folder / "example.parquet")
    assert world.rows("SELECT row_count, size_bytes FROM marts.reports") == [
        (table.num_rows, sum(value or 0 for value in table["size"].to_pylist()))
    ]
    assert sorted(r[0] for r in world.rows("SELECT key FROM facts.objects")) == sorted(
        table["key"].to_pylist()
    )


def test_row_44_the_clock_of_the_host_does_not_matter(
    make_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    found = []
    for zone in ("Asia/Tokyo", "UTC", "America/St_Johns"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        world = make_world(zone.replace("/", "-"))
        world.put(archive(), format_="ORC")
        world.put(archive()[:60], format_="CSV", at=day(1))
        world.synced()
        found.append({mart: sorted(map(repr, world.rows(f"SELECT * FROM marts.{mart}"))) for mart in MARTS})
        found[-1]["frame"] = [repr(world.reader().frame("uploads.by_day").to_dict("records"))]
    monkeypatch.undo()
    time.tzset()
    assert found[0] == found[1] == found[2]


def test_days_are_those_of_the_archive_and_months_of_tokyo(world: World) -> None:
    world.put([good(1, last_modified_date=datetime(2026, 9, 30, 15, 30, tzinfo=UTC))])
    world.synced()
    assert world.rows("SELECT uploaded_on FROM marts.uploads") == [(date(2026, 10, 1),)]
    assert world.rows("SELECT uploaded_month, weekday, hour FROM marts.upload_hours") == [
        (date(2026, 10, 1), 4, 0)
    ]


def test_the_helpers_of_this_file_know_what_they_say() -> None:
    """The expected figures rest on these."""
    assert Settings.model_validate({}).naming.junk
    assert "DS_Store" in junk_pattern((".DS_Store",))
    assert encode("CSV", goods(1), ("bucket", "key")).startswith(b"\x1f\x8b")
    assert NOW > REPORT_AT
