"""The settings file of the embedded archive: complete, commented, and without any secret."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from dashboard.aws.cost_answers import months_back
from dashboard.demo.bill_export import PREFIX as EXPORT_PREFIX
from dashboard.demo.clinic import (
    ARCHIVE_NAME,
    BUCKETS,
    DEVICES,
    IN_USE_FROM,
    JST,
    KEY_TEMPLATE,
    REPORT_BUCKET,
    REPORT_PREFIX,
    DeviceKind,
)
from dashboard.demo.cost_explorer import TAG_KEY
from dashboard.demo.expected import REQUIRED_TAGS
from dashboard.demo.faults import Shot
from dashboard.demo.label_files import JOB, LABEL_BUCKET, MANIFEST_KEY, TABLE_BUCKET, TABLE_KEY

REGION = "ap-northeast-1"

_HEAD = """\
# Settings of the embedded archive, written by `python -m dashboard demo`. Invented data; nothing here is secret.
# dashboard.example.toml explains every key; this file sets those that the demo needs.

[archive]
name = {name}
timezone = "Asia/Tokyo"          # the clinic's clock: capture times, days and hours on the pages
is_demo = true                   # the pages say plainly that this is demo data

[aws]
region = "{region}"
endpoint_url = "{endpoint_url}"  # the embedded S3 and Cost Explorer, on this machine only

[warehouse]
folder = "warehouse"             # beside this file

[costs]
months = 14
daily_days = 62
tags = ["{tag_key}"]               # cost allocation tag of the buckets
by_account = true
aws_budgets = true               # the embedded AWS Budgets has two of cost
aws_forecast = true              # and its Cost Explorer a forecast of its own

[costs.export]                   # CUR 2.0 of the last full months: it alone knows the buckets
location = "s3://{report_bucket}/{export_prefix}"

[money]
rates_file = "rates.csv"         # beside this file: what a dollar of each month is in yen

[[budget]]
name = "Image archive, month"
amount = 3500
currency = "JPY"

[[budget]]
name = "Image archive, fiscal year"
amount = 200
currency = "USD"
period = "fiscal_year"

[labels]
required = {required}            # an image with all of these is labelled
allowed = {{ label = {allowed} }}

[[labels.source]]                # photographs and microscopes: tags on the objects themselves
kind = "object_tags"
buckets = {tagged}
requests_per_second = 2000       # the embedded S3 has no limit and charges nothing

[[labels.source]]                # endoscopes and X-rays: a table that the reading room keeps
kind = "table"
id = "reading_room"
location = "s3://{label_bucket}/{table_key}"
source_bucket = "{table_bucket}"
[labels.source.columns]
key = "file"
version = "version"
labelled_at = "read_on"
labels = {{ label = "label", patient_ref = "patient_ref" }}

[[labels.source]]                # a Ground Truth job that looked at some microscope images once more
kind = "ground_truth"
id = "second_look"
location = "s3://{label_bucket}/{manifest_key}"
attribute = "{job}"
name = "label"

[live]
lifecycle = true
unfinished_uploads = true

[operate]
cool_off_minutes = 1             # what removes waits ten minutes in an archive of your own
allow_removal = true             # renaming and cleaning up may be tried to their end: invented objects only
max_removed_percent = 5          # of a bucket, on one day

[records]
devices = ["xray", "endoscope"]  # their images are records: nothing of them is removed
"""


def settings_text(endpoint_url: str) -> str:
    """The whole file for an archive at an endpoint."""
    parts = [
        _HEAD.format(
            name=_string(ARCHIVE_NAME),
            region=REGION,
            endpoint_url=endpoint_url,
            tag_key=TAG_KEY,
            report_bucket=REPORT_BUCKET,
            export_prefix=EXPORT_PREFIX,
            required=_list(REQUIRED_TAGS),
            allowed=_list(sorted({label for device in DEVICES for label in device.labels})),
            tagged=_list([bucket.name for bucket in BUCKETS if bucket.name != TABLE_BUCKET]),
            label_bucket=LABEL_BUCKET,
            table_key=TABLE_KEY,
            table_bucket=TABLE_BUCKET,
            manifest_key=MANIFEST_KEY,
            job=JOB,
        )
    ]
    for bucket in BUCKETS:
        location = f"s3://{REPORT_BUCKET}/{REPORT_PREFIX}{bucket.name}/{bucket.config_id}/"
        parts.append(
            f"# {bucket.report_format}, daily, all versions\n[[inventory]]\nlocation = {_string(location)}\n"
        )
    parts += [_device(device) for device in DEVICES]
    return "\n".join(parts)


def _device(device: DeviceKind) -> str:
    taken = datetime(2026, 1, 7, 5, 8, 9, tzinfo=UTC).astimezone(JST)
    good = [
        Shot(device.id, unit, taken, 12, ext).key
        for unit, ext in zip(device.units, device.extensions, strict=False)
    ]
    shot = Shot(device.id, device.units[0], taken, 12, device.extensions[0])
    bad = [
        f"{shot.folder}IMG_1234.{shot.extension}",
        f"{shot.folder}{shot.stem}.{shot.extension.upper()}",
        f"{shot.folder}{shot.stem} (1).{shot.extension}",
        f"{shot.device_id}/99/{taken:%Y/%m/%d}/{shot.stem}.{shot.extension}",
    ]
    return (
        f"[[device]]\nid = {_string(device.id)}\n"
        f"name = {{ en = {_string(device.name_en)}, ja = {_string(device.name_ja)} }}\n"
        f"folder = {_string(device.id + '/')}\n"
        f"units = {_list(device.units)}\nextensions = {_list(device.extensions)}\n"
        f"key = {_string(KEY_TEMPLATE)}\n"
        f"in_use_from = {IN_USE_FROM.isoformat()}\n"
        f"{_watched(device)}"
        f"good = {_list(good)}\nbad = {_list(bad)}\n"
    )


def _watched(device: DeviceKind) -> str:
    """What of the device is watched beyond its names."""
    lines = []
    if device.silent_after_days is not None:
        lines.append(f"silent_after_days = {device.silent_after_days}")
    if device.sequence != "none":
        lines.append(f"sequence = {_string(device.sequence)}")
    if device.pairs:
        lines.append(f"pairs = [{', '.join(_list(pair) for pair in device.pairs)}]")
    return "".join(f"{line}\n" for line in lines)


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _list(values: list[str] | tuple[str, ...]) -> str:
    return f"[{', '.join(_string(value) for value in values)}]"


def rates_text(now: datetime) -> str:
    """Made-up exchange rates: an invoice's for each month that is over, the market's for the one that runs."""
    lines = ["# Invented exchange rates of the demo archive.", "month,jpy_per_usd,kind,dated_on,source"]
    months = months_back(now.date(), 15)
    for number, month in enumerate(months):
        yen = Decimal("146.25") + Decimal("0.85") * (number * 7 % 11)
        is_over = month != months[-1]
        kind, source = (
            ("invoice", "AWS invoice (demo)") if is_over else ("market", "Midday rate of a bank (demo)")
        )
        dated_on = month.replace(day=1) + timedelta(days=34 if is_over else 0)
        lines.append(f"{month:%Y-%m},{yen},{kind},{dated_on},{source}")
    return "\n".join(lines) + "\n"


def write_settings(file: Path, endpoint_url: str, now: datetime) -> None:
    """Write the settings and exchange rates, or only point those that are there already to the endpoint."""
    if not file.exists():
        file.write_text(settings_text(endpoint_url), "utf-8")
        file.with_name("rates.csv").write_text(rates_text(now), "utf-8")
        return
    text = file.read_text("utf-8")
    pointed = re.sub(r'(?m)^endpoint_url = "[^"]*"', f'endpoint_url = "{endpoint_url}"', text)
    if pointed != text:
        file.write_text(pointed, "utf-8")
