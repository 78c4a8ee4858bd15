"""The S3 of the embedded archive holds exactly what its newest reports list, and its reports are as S3 writes them."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import botocore.exceptions
import duckdb
import pyarrow.orc
import pytest

from dashboard.demo import DemoArchive
from dashboard.demo.clinic import BUCKETS, REPORT_BUCKET, Bucket
from dashboard.demo.label_files import is_tagged
from dashboard.demo.lifecycle import RULES
from dashboard.demo.plan import Plan
from dashboard.demo.reports import COLUMNS
from dashboard.settings import load_settings

Row = tuple[str, str, bool, bool, int, str, str, datetime]
"""key, version id, is latest, is marker, size, ETag, class, last modified"""


def stored(s3: Any, bucket: str) -> Iterator[Row]:
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for item in page.get("Versions", []):
            version = item["VersionId"].replace("null", "")
            at = item["LastModified"].astimezone(UTC)
            e_tag, storage_class = item["ETag"].strip('"'), item["StorageClass"]
            yield item["Key"], version, item["IsLatest"], False, item["Size"], e_tag, storage_class, at
        for item in page.get("DeleteMarkers", []):
            at = item["LastModified"].astimezone(UTC)
            yield item["Key"], item["VersionId"], item["IsLatest"], True, 0, "", "", at


def root(bucket: Bucket) -> str:
    return f"reports/{bucket.name}/{bucket.config_id}/"


def get(s3: Any, key: str) -> bytes:
    body: bytes = s3.get_object(Bucket=REPORT_BUCKET, Key=key)["Body"].read()
    return body


def manifest(s3: Any, bucket: Bucket, moment: datetime) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(get(s3, f"{root(bucket)}{moment:%Y-%m-%dT%H-%MZ}/manifest.json"))
    return found


def rows(report_format: str, bodies: list[bytes]) -> list[dict[str, Any]]:
    """The rows of a report with Python values; CSV is read by hand, Parquet by DuckDB, ORC by pyarrow."""
    found: list[dict[str, Any]] = []
    for body in bodies:
        if report_format == "CSV":
            for cells in csv.reader(io.StringIO(gzip.decompress(body).decode("ascii"))):
                row: dict[str, Any] = dict(zip((name for _, name, _ in COLUMNS), cells, strict=True))
                row["key"] = unquote(row["key"], errors="strict")
                row["last_modified_date"] = datetime.fromisoformat(row["last_modified_date"])
                found.append(row)
            continue
        if report_format == "Parquet":
            with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
                file = Path(folder) / "part.parquet"
                file.write_bytes(body)
                connection.execute("SET TimeZone = 'UTC'")
                table = connection.read_parquet(str(file)).to_arrow_table()
        else:
            table = pyarrow.orc.ORCFile(io.BytesIO(body)).read()
        for row in table.to_pylist():
            row["last_modified_date"] = row["last_modified_date"].replace(tzinfo=UTC)
            found.append(row)
    return found


def as_row(row: dict[str, Any]) -> Row:
    def true(value: Any) -> bool:
        return value in {True, "true"}

    return (
        row["key"],
        row["version_id"] or "",
        true(row["is_latest"]),
        true(row["is_delete_marker"]),
        int(row["size"] or 0),
        row["e_tag"] or "",
        row["storage_class"] or "",
        row["last_modified_date"],
    )


@pytest.mark.parametrize("bucket", BUCKETS, ids=lambda bucket: str(bucket.report_format))
def test_newest_report_lists_exactly_what_is_stored(s3: Any, plan: Plan, bucket: Bucket) -> None:
    found = manifest(s3, bucket, plan.calendar.report_at)
    listed = rows(found["fileFormat"], [get(s3, item["key"]) for item in found["files"]])
    held = list(stored(s3, bucket.name))
    assert len(found["files"]) == 3
    assert sorted(map(as_row, listed)) == sorted(held)
    expected = plan.expected.by_bucket[bucket.name]
    assert (expected.object_count, expected.size_bytes) == (len(held), sum(row[4] for row in held))


@pytest.mark.parametrize("bucket", BUCKETS, ids=lambda bucket: str(bucket.report_format))
def test_cells_are_empty_where_s3_leaves_them_empty(s3: Any, plan: Plan, bucket: Bucket) -> None:
    found = manifest(s3, bucket, plan.calendar.report_at)
    nothing = "" if bucket.report_format == "CSV" else None
    listed = rows(found["fileFormat"], [get(s3, item["key"]) for item in found["files"]])
    markers = [row for row in listed if row["is_delete_marker"] in {True, "true"}]
    assert markers
    for row in markers:
        for name in ("size", "e_tag", "storage_class", "is_multipart_uploaded", "encryption_status"):
            assert row[name] == nothing
        assert row["bucket_key_status"] == "DISABLED"
    has_null_versions = any(row["version_id"] == nothing for row in listed)
    assert has_null_versions == (bucket == BUCKETS[0])
    assert {row["bucket"] for row in listed} == {bucket.name}


@pytest.mark.parametrize("bucket", BUCKETS, ids=lambda bucket: str(bucket.report_format))
def test_every_report_is_complete_and_verifiable(
    s3: Any, demo_archive: DemoArchive, plan: Plan, bucket: Bucket
) -> None:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=REPORT_BUCKET, Prefix=root(bucket))
    sizes = {item["Key"]: item["Size"] for page in pages for item in page["Contents"]}
    expected = [item for item in demo_archive.expected.reports if item["source_bucket"] == bucket.name]
    named: set[str] = set()
    for report in expected:
        moment = datetime.fromisoformat(report["report_at"])
        folder = f"{root(bucket)}{moment:%Y-%m-%dT%H-%MZ}/"
        raw = get(s3, f"{folder}manifest.json")
        assert get(s3, f"{folder}manifest.checksum") == hashlib.md5(raw).hexdigest().encode() + b"\n"
        found = json.loads(raw)
        assert found["fileFormat"] == report["format"] == bucket.report_format
        assert int(found["creationTimestamp"]) == moment.timestamp() * 1000
        bodies = [get(s3, item["key"]) for item in found["files"]]
        for item, body in zip(found["files"], bodies, strict=True):
            assert (item["size"], item["MD5checksum"]) == (len(body), hashlib.md5(body).hexdigest())
            assert sizes[item["key"]] == item["size"]
        links = get(s3, f"{root(bucket)}hive/dt={moment:%Y-%m-%d-%H-%M}/symlink.txt").decode().splitlines()
        assert links == [f"s3://{REPORT_BUCKET}/{item['key']}" for item in found["files"]]
        named |= {item["key"] for item in found["files"]}
        listed = [as_row(row) for row in rows(bucket.report_format, bodies)]
        assert report["row_count"] == len(listed)
        assert report["size_bytes"] == sum(row[4] for row in listed)
        assert report["latest_count"] == sum(row[2] for row in listed)
        assert report["delete_marker_count"] == sum(row[3] for row in listed)
    assert named == {key for key in sizes if "/data/" in key}
    assert len(expected) == len(plan.calendar.reports())
    counts = [report["row_count"] for report in expected]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1] / 5


def test_tags_are_those_of_the_plan_whatever_the_class(s3: Any, plan: Plan) -> None:
    moment = plan.calendar.report_at
    held = [item for item in plan.objects if item.exists_at(moment) and item.role == "image"]
    chosen = held[::40] + [item for item in held if item.stay_at(moment).storage_class == "DEEP_ARCHIVE"][:10]
    for item in chosen:
        answer = s3.get_object_tagging(Bucket=item.bucket, Key=item.key, VersionId=item.version_id or "null")
        assert {tag["Key"]: tag["Value"] for tag in answer["TagSet"]} == (
            item.tags if is_tagged(item) else {}
        )


def test_tags_are_written_and_all_taken_away(s3: Any, plan: Plan) -> None:
    item = next(item for item in plan.objects if item.tags and item.version_id)
    place = {"Bucket": item.bucket, "Key": item.key, "VersionId": item.version_id}
    before = s3.get_object_tagging(**place)["TagSet"]
    for tags in ([{"Key": "eye", "Value": "左"}], [], before):
        s3.put_object_tagging(**place, Tagging={"TagSet": tags})
        assert s3.get_object_tagging(**place)["TagSet"] == tags


def test_hostile_keys_can_be_looked_up(s3: Any, plan: Plan) -> None:
    moment = plan.calendar.report_at
    odd = [
        item
        for item in plan.objects
        if item.reason in {"hidden_character", "nfd_text", "too_long", "mojibake"}
    ]
    for item in odd:
        if item.exists_at(moment) and item.is_latest_at(moment):
            answer = s3.head_object(Bucket=item.bucket, Key=item.key)
            assert (answer["ContentLength"], answer["ETag"]) == (item.size_bytes, f'"{item.e_tag}"')


def test_bodies_and_ranges_have_the_declared_size(s3: Any, plan: Plan) -> None:
    moment = plan.calendar.report_at
    item = next(
        item
        for item in plan.objects
        if item.exists_at(moment)
        and item.is_latest_at(moment)
        and item.stay_at(moment).storage_class == "STANDARD"
        and 1 << 20 < item.size_bytes < 8 << 20
    )
    whole = s3.get_object(Bucket=item.bucket, Key=item.key)["Body"].read()
    assert len(whole) == item.size_bytes
    answer = s3.get_object(Bucket=item.bucket, Key=item.key, Range="bytes=5-99999")
    assert answer["ContentRange"] == f"bytes 5-99999/{item.size_bytes}"
    assert answer["Body"].read() == whole[5:100_000]
    assert s3.get_object(Bucket=item.bucket, Key=item.key, Range="bytes=-7")["Body"].read() == whole[-7:]


def test_archived_objects_cannot_be_read_but_restored(s3: Any, plan: Plan) -> None:
    moment = plan.calendar.report_at
    item = next(
        item
        for item in plan.objects
        if item.exists_at(moment)
        and item.is_latest_at(moment)
        and item.stay_at(moment).storage_class == "DEEP_ARCHIVE"
    )
    with pytest.raises(botocore.exceptions.ClientError, match="InvalidObjectState"):
        s3.get_object(Bucket=item.bucket, Key=item.key)
    s3.restore_object(
        Bucket=item.bucket,
        Key=item.key,
        RestoreRequest={"Days": 1, "GlacierJobParameters": {"Tier": "Bulk"}},
    )
    assert "ongoing-request" in s3.head_object(Bucket=item.bucket, Key=item.key)["Restore"]


def test_archive_tiers_are_told_and_brought_back(s3: Any, plan: Plan) -> None:
    moment = plan.calendar.report_at
    tiers: dict[str, dict[str, str]] = {}
    for item in plan.objects:
        if item.exists_at(moment) and item.is_latest_at(moment):
            tiers.setdefault(item.stay_at(moment).access_tier, {"Bucket": item.bucket, "Key": item.key})
    for tier in ("ARCHIVE", "DEEP_ARCHIVE"):
        where = tiers[tier]
        assert s3.head_object(**where)["ArchiveStatus"] == f"{tier}_ACCESS"
        answer = s3.restore_object(**where, RestoreRequest={"Tier": "Standard"})
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
        assert "ArchiveStatus" not in s3.head_object(**where)
    assert "ArchiveStatus" not in s3.head_object(**tiers["INFREQUENT"])


def test_a_copy_keeps_size_and_tags(s3: Any, plan: Plan) -> None:
    moment = plan.calendar.report_at
    item = next(
        item
        for item in plan.objects
        if item.exists_at(moment) and item.is_latest_at(moment) and item.size_bytes > 1 << 30 and item.tags
        and item.stay_at(moment).storage_class in {"STANDARD", "STANDARD_IA", "ONEZONE_IA"}
    )  # fmt: skip
    source = {"Bucket": item.bucket, "Key": item.key}
    made = s3.copy_object(Bucket=item.bucket, Key="copied", CopySource=source, StorageClass="STANDARD_IA")
    try:
        answer = s3.head_object(Bucket=item.bucket, Key="copied")
        assert (answer["ContentLength"], answer["StorageClass"]) == (item.size_bytes, "STANDARD_IA")
        assert answer["TagCount"] == len(item.tags)
    finally:
        s3.delete_object(Bucket=item.bucket, Key="copied", VersionId=made["VersionId"])


def test_lifecycle_rules_are_configured(s3: Any) -> None:
    for bucket in BUCKETS:
        rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket.name)["Rules"]
        wanted = [rule for rule in RULES if rule.bucket == bucket.name]
        assert [item["ID"] for item in rules] == [rule.id for rule in wanted]
        for item, rule in zip(rules, wanted, strict=True):
            found = [(move["Days"], move["StorageClass"]) for move in item.get("Transitions", [])]
            assert found == list(rule.transitions)


def test_lifecycle_rules_that_are_written_come_back_word_for_word(s3: Any) -> None:
    """moto would lose the size, and with it let the rule mean the whole bucket."""
    bucket = BUCKETS[0].name
    before = s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    assert before["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"
    rule = {
        "ID": "sized",
        "Status": "Enabled",
        "Filter": {"ObjectSizeGreaterThan": 500},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 9, "NewerNoncurrentVersions": 3},
    }
    s3.put_bucket_lifecycle_configuration(
        Bucket=bucket,
        LifecycleConfiguration={"Rules": [rule]},
        TransitionDefaultMinimumObjectSize="varies_by_storage_class",
    )
    after = s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    assert (after["Rules"], after["TransitionDefaultMinimumObjectSize"]) == (
        [rule],
        "varies_by_storage_class",
    )
    s3.delete_bucket_lifecycle(Bucket=bucket)
    with pytest.raises(botocore.exceptions.ClientError, match="NoSuchLifecycleConfiguration"):
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": before["Rules"]})


def test_unfinished_uploads_tell_their_true_age_and_size(s3: Any, plan: Plan) -> None:
    found = {}
    for bucket in BUCKETS:
        for upload in s3.list_multipart_uploads(Bucket=bucket.name).get("Uploads", []):
            parts = s3.list_parts(Bucket=bucket.name, Key=upload["Key"], UploadId=upload["UploadId"])["Parts"]
            found[bucket.name, upload["Key"]] = (upload["Initiated"], tuple(part["Size"] for part in parts))
    assert found == {(item.bucket, item.key): (item.initiated_at, item.part_sizes) for item in plan.uploads}
    assert sum(len(sizes) for _, sizes in found.values()) == plan.expected.unfinished_part_count


def test_settings_point_to_reports_that_exist(s3: Any, demo_archive: DemoArchive) -> None:
    settings = load_settings(demo_archive.settings_file)
    assert settings.aws.endpoint_url == demo_archive.endpoint_url
    for location in settings.inventory:
        answer = s3.list_objects_v2(Bucket=location.destination_bucket, Prefix=location.root, Delimiter="/")
        assert len(answer["CommonPrefixes"]) == 20
