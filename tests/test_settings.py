"""Settings: what is accepted, what is refused in which words, and the example file covers all of it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from dashboard.errors import DashboardError, ExitCode
from dashboard.settings import InventoryLocation, Settings, load_settings, settings_file
from dashboard.settings.labels import SOURCES, LabelColumns, ObjectTagLabels
from dashboard.warehouse.judge import check_examples

EXAMPLE = Path(__file__).resolve().parents[1] / "dashboard.example.toml"
DERIVED = {"destination_bucket", "prefix", "source_bucket", "config_id"}
"""Fields of an inventory location that follow from `location` and are refused in the file."""

DEVICE = """
[[device]]
id = "ipad"
folder = "ipad/"
units = ["ipad-01"]
extensions = ["jpg"]
key = "{device}/{unit}/{unit}_{captured:%Y%m%d}_{seq:4}.{ext}"
in_use_from = 2024-04-01
good = ["ipad/ipad-01/ipad-01_20261005_0001.jpg"]
bad = ["ipad/ipad-01/IMG_0001.jpg"]
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "dashboard.toml"
    file.write_text(text, "utf-8")
    return file


def refusal(folder: Path, text: str) -> DashboardError:
    with pytest.raises(DashboardError) as caught:
        load_settings(write(folder, text))
    assert caught.value.code is ExitCode.SETTINGS
    return caught.value


def everything_on(text: str) -> str:
    """The example with its switched-off lines on: those with no space between # and the key."""
    return re.sub(r"^#(?=[a-z_]+ = |\[)", "", text, flags=re.MULTILINE)


def fields(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, str]]:
    """(dotted table, key) of every field of the settings."""
    for name, field in model.model_fields.items():
        inner = [
            candidate
            for candidate in (field.annotation, *getattr(field.annotation, "__args__", ()))
            if isinstance(candidate, type) and issubclass(candidate, BaseModel)
        ]
        if inner:
            yield from fields(inner[0], f"{path}.{name}" if path else name)
        elif name not in DERIVED:
            yield path, name


# The example file


def test_example_is_valid_as_it_stands() -> None:
    settings = load_settings(EXAMPLE)
    assert [item.id for item in settings.device] == ["ipad"]
    assert settings.warehouse.folder == EXAMPLE.parent / "warehouse"


def test_example_is_valid_with_everything_on(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, everything_on(EXAMPLE.read_text("utf-8"))))
    assert [item.kind for item in settings.labels.source] == [
        "object_tags",
        "table",
        "ground_truth",
        "coco",
        "dynamodb",
        "s3_metadata",
    ]
    assert settings.inventory[0].bucket_owner == "111122223333"
    check_examples(settings, EXAMPLE)


@pytest.mark.parametrize(("table", "key"), sorted(fields(Settings)))
def test_example_explains_every_key(table: str, key: str) -> None:
    data: Any = tomllib.loads(everything_on(EXAMPLE.read_text("utf-8")))
    found = data
    for name in table.split("."):
        found = found[name]
        if isinstance(found, list):
            found = {key: value for block in reversed(found) for key, value in block.items()}
    assert key in found


@pytest.mark.parametrize("kind", SOURCES)
def test_example_explains_every_key_of_a_label_source(kind: type[BaseModel]) -> None:
    data: Any = tomllib.loads(everything_on(EXAMPLE.read_text("utf-8")))
    name = kind.model_fields["kind"].annotation.__args__[0]  # type: ignore[union-attr]
    (found,) = [item for item in data["labels"]["source"] if item["kind"] == name]
    assert set(found) == set(kind.model_fields)
    text = EXAMPLE.read_text("utf-8")
    assert all(re.search(rf"\b{column}\b", text) for column in LabelColumns.model_fields)


def test_example_shows_the_defaults() -> None:
    text = EXAMPLE.read_text("utf-8")
    shown = Settings.model_validate(tomllib.loads(text))
    default = Settings()
    for table in set(Settings.model_fields) - {"inventory", "device"}:
        assert getattr(shown, table) == getattr(default, table), table
    on = Settings.model_validate(tomllib.loads(everything_on(text))).labels.source
    assert on[0] == ObjectTagLabels()
    for item in on:
        shown_fields = {name: field.default for name, field in type(item).model_fields.items()}
        own = {"id", "location", "source_bucket", "name", "key_prefix", "usd_per_million_requests"}
        for name in set(shown_fields) - own - {"kind", "columns", "attribute", "table", "catalog"}:
            assert getattr(item, name) == shown_fields[name], f"{item.kind}.{name}"


def test_example_holds_no_secret() -> None:
    words = {"secret", "password", "token", "access_key"}
    assert not {key for _, key in fields(Settings) if any(word in key for word in words)}
    assert not re.search(r"\bAKIA[A-Z0-9]{16}\b", EXAMPLE.read_text("utf-8"))


# Where they are read from


def test_file_is_the_argument_else_the_variable_else_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert settings_file() == tmp_path / "dashboard.toml"
    monkeypatch.setenv("DASHBOARD_SETTINGS", "other.toml")
    assert settings_file() == tmp_path / "other.toml"
    assert settings_file(Path("/etc/archive.toml")) == Path("/etc/archive.toml")
    monkeypatch.setenv("DASHBOARD_SETTINGS", "")
    assert settings_file() == tmp_path / "dashboard.toml"


def test_folder_is_relative_to_the_file(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, '[warehouse]\nfolder = "data/wh"\n'))
    assert settings.warehouse.folder == tmp_path / "data" / "wh"
    settings = load_settings(write(tmp_path, '[warehouse]\nfolder = "/srv/wh"\n'))
    assert settings.warehouse.folder == Path("/srv/wh")


def test_empty_file_is_a_start(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, ""))
    assert settings.archive.timezone == "Asia/Tokyo"
    assert settings.inventory == ()


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(DashboardError) as caught:
        load_settings(tmp_path / "dashboard.toml")
    assert caught.value.code is ExitCode.SETTINGS
    assert "dashboard.example.toml" in caught.value.next_step
    assert caught.value.locator == str(tmp_path / "dashboard.toml")


@pytest.mark.parametrize("content", [b"[archive\n", b"name = \xff\xfe", b"a = 1\na = 2\n"])
def test_file_that_is_no_toml(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "dashboard.toml").write_bytes(content)
    with pytest.raises(DashboardError, match="cannot be read") as caught:
        load_settings(tmp_path / "dashboard.toml")
    assert caught.value.code is ExitCode.SETTINGS


def test_files_as_windows_writes_them(tmp_path: Path) -> None:
    file = tmp_path / "dashboard.toml"
    file.write_bytes('[archive]\r\nname = "眼科"\r\n'.encode("utf-8-sig"))
    assert load_settings(file).archive.name == "眼科"
    file.write_bytes('\ufeff[archive]\r\nnam = "眼科"\r\n'.encode())
    with pytest.raises(DashboardError, match=r"line 2"):
        load_settings(file)
    file.write_bytes('[archive]\r\nname = "眼科"\r\n'.encode("cp932"))
    with pytest.raises(DashboardError, match=r"not UTF-8") as caught:
        load_settings(file)
    assert "UTF-8" in caught.value.next_step


def test_folder_instead_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(DashboardError, match="cannot be read"):
        load_settings(tmp_path)


# What is refused, and in which words


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[archiv]\n", "archiv: no such key; did you mean 'archive'?"),
        ('[archive]\ntimezon = "UTC"\n', "archive.timezon: no such key; did you mean 'timezone'?"),
        ("[costs]\nmax_request_per_day = 1\n", "did you mean 'max_requests_per_day'?"),
        (
            '[[inventory]]\nlocation = "s3://bbb/src/daily/"\nhistory = 3\n',
            "inventory.0.history: no such key; did you mean 'history_reports'?",
        ),
        ("[aws]\nxyzzy = 1\n", "aws.xyzzy: no such key"),
        ('[archive]\ntimezone = "Asia/Edo"\n', "archive.timezone: no time zone is called 'Asia/Edo'"),
        ('[archive]\ntimezone = "../etc/passwd"\n', "archive.timezone: no time zone is called"),
        (f'[archive]\ntimezone = "{"x" * 5000}"\n', "archive.timezone: no time zone is called"),
        (f"{DEVICE}silent_after_days = {10**30}\n", "silent_after_days"),
        ('[[labels.source]]\nkind = "object_tags"\nrequests_per_second = inf\n', "requests_per_second"),
        ('[archive]\nlanguage = "de"\n', "archive.language"),
        ("[warehouse]\nkeep_snapshots = 1\n", "warehouse.keep_snapshots"),
        ('[warehouse]\nmemory_limit = "lots"\n', "warehouse.memory_limit"),
        ("[costs]\nmonths = 39\n", "costs.months"),
        ("[serve]\nport = 0\n", "serve.port"),
        ("[labels]\nrequired = []\n", "labels.required"),
        (
            '[findings.severity]\njunk_objects = "low"\n',
            "no such rule: junk_objects; did you mean 'junk_object'?",
        ),
        ('[findings.severity]\njunk_object = "grave"\n', "findings.severity.junk_object"),
        ('[[labels.source]]\nkind = "tabel"\nid = "t"\n', "did you mean 'table'"),
        ('[[labels.source]]\nkind = "dynamodb"\nid = "t"\ntabel = "x"\n', "did you mean 'table'"),
        ('[[labels.source]]\nkind = "object_tags"\n[[labels.source]]\nkind = "object_tags"\n', "given twice"),
        ('[labels]\nrequired_by_device = { xray = ["x"] }\n', "no such device: xray"),
        ("[labels]\nallowed = { a = [] }\n", "allowed.a"),
        ('[[labels.source]]\nkind = "coco"\nid = "../x"\nlocation = "s3://abc/x"\n', "labels.source.0.id"),
        ('[[labels.source]]\nkind = "coco"\nid = "c"\nlocation = "s3://abc/"\n', "must look like s3://"),
    ],
)
def test_refusal_names_the_key(tmp_path: Path, text: str, problem: str) -> None:
    assert problem in refusal(tmp_path, text).cause


def test_refusal_lists_every_problem_and_the_file(tmp_path: Path) -> None:
    error = refusal(tmp_path, "[serve]\nport = 0\n[costs]\nmonths = 0\n")
    assert "serve.port" in error.cause
    assert "costs.months" in error.cause
    assert error.locator == str(tmp_path / "dashboard.toml")


def test_refusal_of_very_many_keys_tells_the_first_and_how_many_more(tmp_path: Path) -> None:
    text = "".join(f"key_{number} = 1\n" for number in range(130))
    told = refusal(tmp_path, text).cause
    assert told.count("(line ") == 20
    assert told.endswith("; and 110 more")


def test_hostile_values_in_a_refusal_stay_data(tmp_path: Path) -> None:
    error = refusal(tmp_path, '[archive]\ntimezone = "{0.__class__}"\n')
    assert "{0.__class__}" in error.cause
    assert DashboardError.from_dict(error.as_dict()).cause == error.cause


# Inventory locations


@pytest.mark.parametrize(
    ("location", "prefix", "root"),
    [
        ("s3://dest-bucket/src-bucket/daily/", "", "src-bucket/daily/"),
        ("s3://dest-bucket/src-bucket/daily", "", "src-bucket/daily/"),
        ("s3://dest-bucket/a/b/src-bucket/daily/", "a/b/", "a/b/src-bucket/daily/"),
    ],
)
def test_location_is_taken_apart(location: str, prefix: str, root: str) -> None:
    found = InventoryLocation(location=location)
    assert (found.destination_bucket, found.prefix, found.source_bucket, found.config_id, found.root) == (
        "dest-bucket",
        prefix,
        "src-bucket",
        "daily",
        root,
    )


@pytest.mark.parametrize(
    "location",
    [
        "",
        "dest-bucket/src-bucket/daily",
        "https://dest-bucket/src-bucket/daily/",
        "s3://dest-bucket/daily/",
        "s3://dest-bucket/src-bucket/daily/?x=1",
        "s3://dest-bucket/src-bucket/daily/#x",
        "s3://dest-bucket/../src-bucket/daily/",
        "s3://dest-bucket/./src-bucket/daily/",
        "s3://Dest_Bucket/src-bucket/daily/",
        "s3://dest-bucket/Src_Bucket/daily/",
        "s3://dest-bucket/src-bucket/da ily/",
        "s3://dest-bucket/src-bucket/*/",
    ],
)
def test_location_that_is_none_is_refused(tmp_path: Path, location: str) -> None:
    assert "inventory.0" in refusal(tmp_path, f'[[inventory]]\nlocation = "{location}"\n').cause


def test_parts_of_a_location_are_not_given_beside_it(tmp_path: Path) -> None:
    text = '[[inventory]]\nlocation = "s3://dest-bucket/src-bucket/daily/"\nprefix = "x/"\n'
    assert "prefix follow from location" in refusal(tmp_path, text).cause


def test_location_given_twice(tmp_path: Path) -> None:
    block = '[[inventory]]\nlocation = "s3://dest-bucket/src-bucket/daily/"\n'
    assert "inventory location given twice" in refusal(tmp_path, block * 2).cause


# Devices


def test_device(tmp_path: Path) -> None:
    device = load_settings(write(tmp_path, DEVICE + 'name = { ja = "アイパッド" }\n')).device[0]
    assert device.label("ja") == "アイパッド"
    assert device.label("en") == "アイパッド"
    assert device.grammar.matches("ipad/ipad-01/ipad-01_20261005_0001.jpg")


def test_device_name_in_one_language_or_none(tmp_path: Path) -> None:
    assert load_settings(write(tmp_path, DEVICE)).device[0].label("ja") == "ipad"
    assert load_settings(write(tmp_path, DEVICE + 'name = "iPad"\n')).device[0].label("ja") == "iPad"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('id = "ipad"', 'id = "unattributed"', "unattributed"),
        ('id = "ipad"', 'id = "iPad"', "device.0.id"),
        ('folder = "ipad/"', 'folder = "ipad"', "device.0.folder"),
        ('folder = "ipad/"', 'folder = "dslr/"', "does not start with the folder"),
        ("ipad-01_20261005_0001.jpg", "ipad-01_20261305_0001.jpg", "does not fit the template"),
        ("IMG_0001.jpg", "ipad-01_20261005_0002.jpg", "fits the template"),
        ("{seq:4}", "{serial}", "the parts are"),
        ('units = ["ipad-01"]', "units = []", "device.0.units: list at least 1"),
        ("in_use_from = 2024-04-01\n", "", "device.0.in_use_from"),
    ],
)
def test_device_that_cannot_be(tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert old in DEVICE
    assert problem in refusal(tmp_path, DEVICE.replace(old, new)).cause


def test_a_refusal_names_the_line(tmp_path: Path) -> None:
    text = '[archive]\nname = "x"\n' + DEVICE.replace("{seq:4}", "{seqq:4}")
    line = next(number for number, row in enumerate(text.splitlines(), 1) if row.startswith("key"))
    cause = refusal(tmp_path, text).cause
    assert f"(line {line})" in cause
    assert cause.startswith("device.0.key: ")
    assert "did you mean {seq:N}?" in cause


@pytest.mark.parametrize(
    ("more", "key", "problem"),
    [
        ('units = ["ipad-01", "ipad-01"]', "units", "'ipad-01' stands twice"),
        ('extensions = ["jpg", "jpg"]', "extensions", "'jpg' stands twice"),
        ('parts = { site = ["a", "b"] }', "parts", "the template does not use this part"),
        ('parts = { seq = "digits:4" }', "parts", "built in"),
        ("captured_format = '%Y'", "captured_format", "a template has its formats"),
        ('sequence = "daily"', "sequence", "'none'"),
        ("sequence_wraps_at = 9", "sequence_wraps_at", "say in `sequence`"),
        ('sequence = "per_day"\nsequence_wraps_at = 10000', "sequence_wraps_at", "up to 9999 only"),
        ("pattern = 'ipad/.*'", "key", "give either"),
    ],
)
def test_device_whose_new_keys_cannot_be(tmp_path: Path, more: str, key: str, problem: str) -> None:
    name = more.split("\n")[-1].split(" ")[0]
    text = "\n".join(row for row in DEVICE.splitlines() if row.split(" ")[0] != name) + "\n" + more + "\n"
    cause = refusal(tmp_path, text).cause
    assert f"device.0.{key}: " in cause
    assert problem in cause


def test_sequence_of_a_device(tmp_path: Path) -> None:
    device = load_settings(write(tmp_path, DEVICE)).device[0]
    assert (device.sequence, device.sequence_last) == ("none", None)
    device = load_settings(write(tmp_path, DEVICE + 'sequence = "running"\n')).device[0]
    assert (device.sequence, device.sequence_last) == ("running", 9999)
    device = load_settings(
        write(tmp_path, DEVICE + 'sequence = "per_unit"\nsequence_wraps_at = 999\n')
    ).device[0]
    assert device.sequence_last == 999


INNER = """
[[device]]
id = "inner"
folder = "ipad/ipad-01/"
units = ["u1"]
extensions = ["jpg"]
key = "ipad/ipad-01/{day}.{ext}"
parts = { day = "text:1-40" }
in_use_from = 2024-04-01
good = ["ipad/ipad-01/x.jpg"]
bad = ["ipad/ipad-01/x.png"]
"""


def test_a_folder_inside_another_is_refused_where_both_could_match(tmp_path: Path) -> None:
    cause = refusal(tmp_path, DEVICE + INNER).cause
    line = next(number for number, row in enumerate((DEVICE + INNER).splitlines(), 1) if 'ipad-01/"' in row)
    assert cause.startswith("device.1.folder: it overlaps the folder 'ipad/' of 'ipad'")
    assert f"(line {line})" in cause
    apart = INNER.replace('"text:1-40"', '"letters:1-40"')
    assert len(load_settings(write(tmp_path, DEVICE + apart)).device) == 2


def test_device_given_twice(tmp_path: Path) -> None:
    cause = refusal(tmp_path, DEVICE * 2).cause
    second = len(DEVICE.splitlines()) + 3
    assert cause == f"device.1.id: device id given twice: ipad (line {second})"
    other = DEVICE.replace('id = "ipad"', 'id = "other"').replace("{device}/", "ipad/")
    assert (
        "device.1.folder: device folder given twice: ipad/ (line " in refusal(tmp_path, DEVICE + other).cause
    )
