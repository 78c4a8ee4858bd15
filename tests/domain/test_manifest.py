"""Manifests: what is believed, and that nothing outside of the location ever is.

All manifests here are synthetic, except those of the samples folder.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashboard.domain.manifest import Location, ReportId, TrustedManifest, parse, report_at
from dashboard.domain.manifest_schema import KNOWN_TYPES, parse_schema, snake_case
from dashboard.errors import DashboardError, ExitCode

SAMPLES = Path(os.environ.get("DASHBOARD_SAMPLES") or Path(__file__).parents[2] / "../shared/samples")


@dataclass(frozen=True)
class Place:
    destination_bucket: str = "dest-bucket"
    prefix: str = "inv/"
    source_bucket: str = "src-bucket"
    config_id: str = "daily"

    @property
    def root(self) -> str:
        return f"{self.prefix}{self.source_bucket}/{self.config_id}/"


PLACE = Place()
MD5 = "f11166069f1990abeb9c97ace9cdfabc"
GOOD: dict[str, Any] = {
    "sourceBucket": "src-bucket",
    "destinationBucket": "arn:aws:s3:::dest-bucket",
    "version": "2016-11-30",
    "creationTimestamp": "1790816400000",
    "fileFormat": "CSV",
    "fileSchema": "Bucket, Key, Size",
    "files": [{"key": "inv/src-bucket/daily/data/a-1.csv.gz", "size": 10, "MD5checksum": MD5}],
}


def read(raw: bytes, place: Location = PLACE) -> TrustedManifest:
    return parse(raw, hashlib.md5(raw).hexdigest().encode() + b"\n", place)


def changed(**changes: Any) -> bytes:
    return json.dumps(
        {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    ).encode()


def with_key(key: Any) -> bytes:
    return changed(files=[{**GOOD["files"][0], "key": key}])


def fault_of(raw: bytes) -> DashboardError:
    with pytest.raises(DashboardError) as caught:
        read(raw)
    json.dumps(caught.value.as_dict(), ensure_ascii=False).encode()
    assert str(caught.value).encode()
    return caught.value


def outcome(raw: bytes) -> TrustedManifest | DashboardError:
    try:
        return read(raw)
    except DashboardError as error:
        return error


def test_a_good_manifest() -> None:
    manifest = read(changed())
    at = datetime(2026, 10, 1, 1, 0, tzinfo=UTC)
    assert manifest.report_id == ReportId("src-bucket", "daily", at)
    assert manifest.report_id.folder == "2026-10-01T01-00Z"
    assert (manifest.format, manifest.size_bytes, manifest.has_versions) == ("CSV", 10, False)
    assert [(column.name, column.type) for column in manifest.columns] == [
        ("bucket", "string"),
        ("key", "string"),
        ("size", "bigint"),
    ]


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_partitions(partition: str) -> None:
    assert read(changed(destinationBucket=f"arn:{partition}:s3:::dest-bucket"))


@pytest.mark.parametrize("folder", ["data", "2016-11-06T21-32Z/files"])
def test_folders_that_s3_documents(folder: str) -> None:
    assert read(with_key(f"{PLACE.root}{folder}/939c6d46.csv.gz"))


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
def test_checksum_with_and_without_newline(ending: bytes) -> None:
    raw = changed()
    assert parse(raw, hashlib.md5(raw).hexdigest().upper().encode() + ending, PLACE)


@pytest.mark.parametrize("checksum", [b"", b"0" * 32, b"\xff\xfe", MD5.encode() + b" x", b"{}" * 1000])
def test_row_02_checksum_that_does_not_fit(checksum: bytes) -> None:
    with pytest.raises(DashboardError) as caught:
        parse(changed(), checksum, PLACE)
    assert caught.value.code is ExitCode.CHECKSUM_MISMATCH
    assert str(caught.value)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xef\xbb\xbf" + changed(),
        changed().decode().encode("utf-16"),
        changed()[:-1],
        changed() + b"{}",
        b"[" * 100_000,
        b'{"a":1,"a":2}',
        b'{"size":' + b"9" * 5000 + b"}",
        changed().replace(b'"size": 10', b'"size": NaN'),
        changed(version="2030-01-01"),
        changed(version=None),
        changed(fileFormat="XLS"),
        changed(fileFormat=None),
        changed(fileSchema=None),
        changed(fileSchema=["Bucket", "Key"]),
        changed(creationTimestamp=1790816400000),
        changed(creationTimestamp="9" * 15),
        changed(creationTimestamp="yesterday"),
        changed(creationTimestamp="-1"),
        changed(files={}),
        changed(files=["x"]),
        changed(files=[{**GOOD["files"][0], "size": -1}]),
        changed(files=[{**GOOD["files"][0], "size": 1.5}]),
        changed(files=[{**GOOD["files"][0], "size": True}]),
        changed(files=[{**GOOD["files"][0], "size": "10"}]),
        changed(files=[{**GOOD["files"][0], "size": 2**63}]),
        changed(files=[{**GOOD["files"][0], "MD5checksum": MD5[:-1]}]),
        changed(files=[{**GOOD["files"][0], "MD5checksum": "5925f4e78e1695c2d020b9f6eexample"}]),
        changed(files=[{**GOOD["files"][0], "MD5checksum": MD5 + "\n"}]),
        with_key(None),
        changed() + b" " * (16 * 1024 * 1024),
    ],
    ids=lambda raw: repr(raw[:40]),
)
def test_row_01_manifest_that_is_not_valid(raw: bytes) -> None:
    assert fault_of(raw).code is ExitCode.MANIFEST_INVALID


@pytest.mark.parametrize(
    "raw",
    [
        changed(sourceBucket="other"),
        changed(sourceBucket="\ud800"),
        changed(destinationBucket="dest-bucket"),
        changed(destinationBucket="arn:aws:s3:::dest-bucket/x"),
        changed(destinationBucket="arn:evil:s3:::dest-bucket"),
        with_key("example.parquet"),
        with_key("inv/src-bucket/daily"),
        with_key("inv/src-bucket/daily/"),
        with_key("inv/src-bucket/daily2/data/a.csv.gz"),
        with_key("inv/src-bucket/daily/data/\ud800.csv.gz"),
        with_key("inv/src-bucket/daily/data/a.csv.gz\n"),
        with_key("inv/src-bucket/daily/data/a b.csv.gz"),
        with_key("inv/src-bucket/daily/data/size=999/a.csv.gz"),
    ],
)
def test_row_15_16_manifest_that_points_elsewhere(raw: bytes) -> None:
    assert fault_of(raw).code is ExitCode.PATH_REFUSED


@pytest.mark.parametrize(
    ("hours", "is_believed"), [(0, True), (-5, True), (5, True), (7, False), (-7, False)]
)
def test_row_21_an_old_manifest_in_the_folder_of_a_new_report(hours: int, is_believed: bool) -> None:
    raw = json.dumps(GOOD).encode()
    written = datetime(2026, 10, 1, 1, tzinfo=UTC)
    assert read(raw).created_at == written
    folder = ReportId("src-bucket", "daily", written + timedelta(hours=hours))
    checksum = hashlib.md5(raw).hexdigest().encode()
    if is_believed:
        assert parse(raw, checksum, PLACE, folder).report_id == folder
        return
    with pytest.raises(DashboardError) as caught:
        parse(raw, checksum, PLACE, folder)
    assert caught.value.code is ExitCode.MANIFEST_INVALID
    assert "another run" in caught.value.cause


def test_row_14_file_listed_twice() -> None:
    assert fault_of(changed(files=GOOD["files"] * 2)).code is ExitCode.DUPLICATE_ROWS


ORC = (
    "struct<bucket:string,key:string,version_id:string,is_latest:boolean,size:bigint,"
    "last_modified_date:timestamp>"
)
PARQUET = (
    "message s3.inventory {  required binary bucket ({0});  required binary key ({0});"
    "  optional binary version_id ({0});"
    "  optional boolean is_latest;  optional int64 size;  optional int64 last_modified_date ({1});}"
)


@pytest.mark.parametrize(
    ("file_format", "schema"),
    [
        ("CSV", "Bucket, Key, VersionId, IsLatest, Size, LastModifiedDate"),
        ("CSV", "Bucket,Key,VersionId,IsLatest,Size,LastModifiedDate"),
        ("ORC", ORC),
        ("Parquet", PARQUET.replace("{0}", "UTF8").replace("{1}", "TIMESTAMP_MILLIS")),
        ("Parquet", PARQUET.replace("{0}", "STRING").replace("{1}", "TIMESTAMP(MILLIS,true)")),
    ],
)
def test_three_spellings_of_one_schema(file_format: str, schema: str) -> None:
    columns = parse_schema(file_format, schema)
    assert [(column.name, column.type) for column in columns] == [
        ("bucket", "string"),
        ("key", "string"),
        ("version_id", "string"),
        ("is_latest", "boolean"),
        ("size", "bigint"),
        ("last_modified_date", "timestamp"),
    ]


def test_columns_not_known_yet_are_carried() -> None:
    csv = parse_schema("CSV", "Bucket, Key, ObjectLockEventHoldStatus, KMSKeyId")
    assert [column.name for column in csv[2:]] == ["object_lock_event_hold_status", "kms_key_id"]
    assert not csv[2].is_known
    assert csv[3].source_name == "KMSKeyId"
    orc = parse_schema("ORC", "struct<bucket:string,key:string,cost:decimal(10,2),days:int>")
    assert [(column.name, column.type) for column in orc[2:]] == [("cost", "decimal(10,2)"), ("days", "int")]
    text = "message m { required binary bucket (UTF8); required binary key (UTF8); optional int32 days; }"
    assert parse_schema("Parquet", text)[2].type == "int32"


def test_names_of_every_known_column() -> None:
    words = {name: "".join(part.capitalize() for part in name.split("_")) for name in KNOWN_TYPES}
    assert words.pop("e_tag") == "ETag"
    for name, word in words.items():
        assert snake_case(word) == name
    assert snake_case("ETag") == "e_tag"


@pytest.mark.parametrize(
    ("file_format", "schema", "said"),
    [
        ("CSV", "Bucket, Size", "key"),
        ("CSV", "Key", "bucket"),
        ("CSV", "", "cannot be a column"),
        ("CSV", "Bucket, Key, Key", "twice"),
        ("CSV", "Bucket, Key, StorageClass, storage_class", "twice"),
        ("CSV", 'Bucket, Key, "; DROP TABLE x', "cannot be a column"),
        ("CSV", "Bucket, Key, " + "a" * 70_000, "longer"),
        ("ORC", "struct<bucket:string,key:string,size:string>", "size"),
        ("ORC", "struct<bucket:string,key:string,inner:struct<a:int>>", "no column"),
        ("ORC", "Bucket, Key", "struct"),
        ("Parquet", "message m { required binary bucket (UTF8); required binary key (UTF8)", "message"),
        ("Parquet", "message m { required binary bucket (UTF8); required binary key (UTF8) }", "cut off"),
        ("Parquet", "message m { required int64 bucket; required binary key (UTF8); }", "bucket"),
        ("Parquet", "message m { repeated group key { required binary key (UTF8); } }", "cut off"),
    ],
)
def test_row_11_schema_that_cannot_be_used(file_format: str, schema: str, said: str) -> None:
    with pytest.raises(DashboardError) as caught:
        parse_schema(file_format, schema)
    assert caught.value.code is ExitCode.SCHEMA_MISMATCH
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("folder", "is_report"),
    [
        ("2026-10-01T01-00Z", True),
        ("2026-02-29T01-00Z", False),
        ("2026-10-01T25-00Z", False),
        ("2026-10-01T01-00Z\n", False),
        ("２０２６-10-01T01-00Z", False),
        ("data", False),
        ("hive", False),
    ],
)
def test_folders_of_reports(folder: str, is_report: bool) -> None:
    assert (report_at(folder) is not None) is is_report


ATOMS = [
    "inv/src-bucket/daily/", "inv/", "src-bucket/", "daily", "data/", "files/", "a.csv.gz", "..", ".", "/",
    "//", "\\", "*", "?", "[", "]", "=", "size=999/", "%2e%2e", "%00", "\0", "\n", " ", "~", "s3://", "file:///",
    "\u202e", "é", "：", "\ud800", "-", "_", "A", "0", "{x}", "${HOME}", "'", '"', ";", "|",
]  # fmt: skip
ROOT_OR_NOT = st.sampled_from([PLACE.root, PLACE.root + "data/", "", PLACE.root[:-1], "inv/src-bucket/"])
KEYS = st.builds(
    str.__add__, ROOT_OR_NOT, st.lists(st.sampled_from(ATOMS) | st.text(max_size=3)).map("".join)
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
JSON_VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@settings(max_examples=600)
@given(keys=st.lists(KEYS, min_size=1, max_size=4))
@example(keys=["inv/src-bucket/daily/data/../../../other/a.csv.gz"])
@example(keys=["inv/src-bucket/daily/data/a.csv.gz", "inv/src-bucket/weekly/data/a.csv.gz"])
def test_row_16_no_hostile_key_is_believed(keys: list[str]) -> None:
    raw = changed(files=[{"key": key, "size": 1, "MD5checksum": MD5} for key in keys])
    manifest = outcome(raw)
    if isinstance(manifest, DashboardError):
        json.dumps(manifest.as_dict(), ensure_ascii=False).encode()
        assert manifest.code in {ExitCode.PATH_REFUSED, ExitCode.DUPLICATE_ROWS}
        return
    for file in manifest.files:
        rest = file.key.removeprefix(PLACE.root)
        assert rest != file.key
        assert rest.isascii()
        assert not set(rest) - set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/")
        assert not {"", ".", ".."} & set(rest.split("/"))


@settings(max_examples=400)
@given(
    name=st.sampled_from([*GOOD, "files.key", "files.size", "files.MD5checksum"]),
    value=JSON_VALUES,
    cut=st.integers(0, 400) | st.none(),
)
def test_row_01_any_value_anywhere_is_refused_or_harmless(name: str, value: Any, cut: int | None) -> None:
    field, _, inner = name.partition(".")
    raw = changed(**{field: [{**GOOD["files"][0], inner: value}] if inner else value})[:cut]
    manifest = outcome(raw)
    if isinstance(manifest, DashboardError):
        assert manifest.code in {
            ExitCode.MANIFEST_INVALID,
            ExitCode.PATH_REFUSED,
            ExitCode.SCHEMA_MISMATCH,
        }
        assert str(manifest).encode()
        return
    assert all(file.key.startswith(PLACE.root) for file in manifest.files)
    assert manifest.report_id.source_bucket == "src-bucket"


def sample(name: str) -> bytes:
    if not SAMPLES.is_dir():
        pytest.skip("the folder of real samples is not here; set DASHBOARD_SAMPLES")
    return (SAMPLES / name).read_bytes()


def test_real_manifest_names_a_file_outside_of_any_location() -> None:
    """Its file is called `example.parquet`: whoever published it had edited the key, so it is refused.

    To load that report, it must be put where S3 puts one.
    """
    raw = sample("inventory_duracloud/inventory-manifest.json")
    place = Place("test-stack-managed", "", "test-stack-private", "inventory")
    with pytest.raises(DashboardError) as caught:
        read(raw, place)
    assert caught.value.code is ExitCode.PATH_REFUSED
    key = f"{place.root}data/example.parquet"
    manifest = read(raw.replace(b'"example.parquet"', f'"{key}"'.encode()), place)
    assert manifest.report_id.report_at == datetime(2025, 12, 24, 1, 0, tzinfo=UTC)
    assert [column.name for column in manifest.columns][-2:] == ["storage_class", "replication_status"]
    content = sample("inventory_duracloud/example.parquet")
    (file,) = manifest.files
    assert (file.size_bytes, file.md5) == (len(content), hashlib.md5(content).hexdigest())


@pytest.mark.parametrize("file_format", ["csv", "orc", "parquet"])
def test_manifests_of_the_aws_documentation(file_format: str) -> None:
    raw = sample(f"manifests_docs/{file_format}_manifest.json")
    data = json.loads(raw)
    columns = parse_schema(data["fileFormat"], data["fileSchema"])
    assert [column.name for column in columns] == list(KNOWN_TYPES)[:20]
    assert [column.type for column in columns] == list(KNOWN_TYPES.values())[:20]
    bucket = data["destinationBucket"].rpartition(":")[2]
    prefix, source, config, *_ = data["files"][0]["key"].split("/")
    place = Place(bucket, f"{prefix}/", source, config)
    if file_format == "csv":
        assert read(raw, place).files[0].size_bytes == 2_147_483_647
    else:  # the documentation's MD5 ends in "example"
        with pytest.raises(DashboardError) as caught:
            read(raw, place)
        assert caught.value.code is ExitCode.MANIFEST_INVALID
