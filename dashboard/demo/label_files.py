"""The clinic's labels that are no object tags: a table of the reading room and the output of a labelling job.

Images of the imaging bucket carry no tags; the reading room keeps a table about them. A labelling job looked at some
images of the laboratory once more. Both have faults on purpose, and each of them is counted.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from dashboard.demo.clinic import BUCKETS, DEVICE, Calendar
from dashboard.demo.objects import StoredObject

LABEL_BUCKET = "sakura-eye-labels"
TABLE_KEY = "reading-room/labels.csv.gz"
MANIFEST_KEY = "jobs/second-look/manifests/output/output.manifest"
JOB = "second-look"
TABLE_BUCKET, JOB_BUCKET = BUCKETS[2].name, BUCKETS[1].name
FIELDS = ("file", "version", "label", "patient_ref", "read_on")
_SEEDED = {"not_allowed": 7, "stale": 5, "never_existed": 4, "image_elsewhere": 3, "deleted": 6}
_JOB_IMAGES, _CONFLICTS, _JOB_ORPHANS, _FAILED = 60, 9, 2, 3


@dataclass(frozen=True)
class LabelFiles:
    """What lies in the label bucket, and what must be found wrong with it.

    Attributes:
        files: key -> contents.
        findings: rule -> findings. orphans: reason -> labels. rows: source -> rows of its file.
    """

    files: dict[str, bytes]
    findings: dict[str, int]
    orphans: dict[str, int]
    rows: dict[str, int]


def is_tagged(item: StoredObject) -> bool:
    """Whether an object's labels are its own tags."""
    return item.bucket != TABLE_BUCKET


def write_label_files(rng: random.Random, calendar: Calendar, objects: Iterable[StoredObject]) -> LabelFiles:
    """Write both sources for the images that are current at the newest report."""
    moment = calendar.report_at
    present = [item for item in objects if item.exists_at(moment) and item.is_latest_at(moment)]
    images = [item for item in present if item.role == "image"]
    markers = [item for item in present if item.role == "delete_marker" and item.bucket == TABLE_BUCKET]
    orphans: Counter[str] = Counter()
    seeded: Counter[str] = Counter()
    table = _table(rng, moment, images, markers, orphans, seeded)
    manifest, conflicts = _manifest(rng, moment, images, orphans)
    findings = {
        "label_conflict": conflicts,
        **seeded,
        "label_without_image": sum(orphans.values()),
    }
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([FIELDS, *table])
    packed = gzip.compress(text.getvalue().encode(), mtime=0)
    lines = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in manifest)
    return LabelFiles(
        files={TABLE_KEY: packed, MANIFEST_KEY: lines.encode()},
        findings=findings,
        orphans=dict(orphans),
        rows={"reading_room": len(table), "second_look": len(manifest)},
    )


def _table(
    rng: random.Random,
    moment: datetime,
    images: list[StoredObject],
    markers: list[StoredObject],
    orphans: Counter[str],
    seeded: Counter[str],
) -> list[tuple[str, ...]]:
    here = [item for item in images if item.bucket == TABLE_BUCKET]
    read_on = f"{moment:%Y-%m-%d}"

    def row(key: str, label: str, patient: str, version: str = "") -> tuple[str, ...]:
        return key, version, label, patient, read_on

    rows = [
        row(item.key, item.tags.get("label", ""), item.tags.get("patient_ref", ""), item.version_id)
        for item in here
        if item.tags
    ]
    # Faulty rows are about images that have no label otherwise, so that they change no count of labelled images.
    pool = [item for item in here if not item.tags and not item.reason]
    bare = rng.sample(pool, min(len(pool), _SEEDED["not_allowed"] + _SEEDED["stale"]))
    half = min(len(bare) // 2, _SEEDED["not_allowed"])
    wrong, stale = bare[:half], bare[half : half + _SEEDED["stale"]]
    seeded.update({"label_not_allowed": len(wrong), "stale_label": len(stale)})
    rows += [row(item.key, "=要確認(?)", f"P-{rng.getrandbits(32):08x}") for item in wrong]
    rows += [
        row(item.key, DEVICE[item.device_id].labels[0], f"P-{rng.getrandbits(32):08x}", "an-older-version")
        for item in stale
    ]
    rows += [
        row(f"xray/lost/{number:03}.dcm", "normal", "P-00000000")
        for number in range(_SEEDED["never_existed"])
    ]
    elsewhere = [item for item in images if item.bucket == BUCKETS[0].name and not item.reason]
    rows += [
        row(item.key, "normal", "P-00000000") for item in rng.sample(elsewhere, _SEEDED["image_elsewhere"])
    ]
    gone = rng.sample(markers, min(len(markers), _SEEDED["deleted"]))
    rows += [row(item.key, "normal", "P-00000000") for item in gone]
    orphans.update(
        {
            "never_existed": _SEEDED["never_existed"],
            "image_elsewhere": _SEEDED["image_elsewhere"],
            "deleted": len(gone),
        }
    )
    return rows


def _manifest(
    rng: random.Random, moment: datetime, images: list[StoredObject], orphans: Counter[str]
) -> tuple[list[dict[str, object]], int]:
    known = [
        item for item in images if item.bucket == JOB_BUCKET and "label" in item.tags and not item.reason
    ]
    chosen = rng.sample(known, min(len(known), _JOB_IMAGES))

    def line(key: str, label: str, **facts: object) -> dict[str, object]:
        meta = {
            "class-name": label, "confidence": round(rng.uniform(0.7, 0.99), 2), "human-annotated": "yes",
            "type": "groundtruth/image-classification", "job-name": f"labeling-job/{JOB}",
            "creation-date": f"{moment:%Y-%m-%dT%H:%M:%S}",
        }  # fmt: skip
        return {"source-ref": f"s3://{JOB_BUCKET}/{key}", JOB: 0, f"{JOB}-metadata": {**meta, **facts}}

    lines = []
    for number, item in enumerate(chosen):
        label = item.tags["label"]
        if number < _CONFLICTS:
            label = next(other for other in DEVICE[item.device_id].labels if other != label)
        lines.append(line(item.key, label))
    lines += [line(f"bacteria/lost/{number:03}.czi", "normal") for number in range(_JOB_ORPHANS)]
    lines += [
        line(f"bacteria/lost/{number:03}.czi", "", **{"failure-reason": "ClientError"})
        for number in range(10, 10 + _FAILED)
    ]
    orphans["never_existed"] += _JOB_ORPHANS
    return lines, min(len(chosen), _CONFLICTS)
