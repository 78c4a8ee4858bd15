"""A synthetic archive in which an invented patient stands wherever the pages beside Quality read: the worklist and its
comments, labels, copies, and a frozen dataset."""

from __future__ import annotations

import datetime as dt
import json

import duckdb

from dashboard.operate.follow import follow
from dashboard.operate.journal import Journal
from dashboard.operate.selection import Selection
from dashboard.operate.worklist import Action, act
from dashboard.settings import Settings
from tests.ui.synthetic_warehouse import PATIENT_KEY, SyntheticWarehouse

NAME = "山田花子"
RULE = "patient_identifier"
OWNER = "佐藤健二"
WORDS = f"renamed for {NAME}, S55.03.12"
DATASET_HASH = "d" * 64


def patient_warehouse(settings: Settings, report_at: dt.datetime) -> SyntheticWarehouse:
    """The warehouse; the worklist has begun in the settings' folder, and a dataset is frozen there."""
    warehouse = SyntheticWarehouse(key=PATIENT_KEY, report_at=report_at)
    warehouse.connection.execute(
        """
        INSERT INTO alerts.findings SELECT $rule, 'A key names a patient', 'critical', 'Rename it', key, 'xray', 10,
            TIMESTAMP '2026-11-01', $rule, md5($rule || chr(10) || key), []
        FROM (VALUES ($key), ($key || '.png')) AS keys(key)""",
        {"rule": RULE, "key": PATIENT_KEY},
    )
    warehouse.connection.execute(
        "INSERT INTO alerts.rules VALUES ($rule, 'A key names a patient', 'critical', 'Rename it')",
        {"rule": RULE},
    )
    warehouse.connection.execute(
        """
        INSERT INTO facts.objects BY NAME SELECT 'clinic-images' AS source_bucket, 'image' AS kind, 'ipad' AS device_id,
            'IP-01' AS unit_id, 'STANDARD' AS storage_class, DATE '2026-11-01' AS uploaded_on,
            TIMESTAMP '2026-11-01' AS uploaded_hour, TIMESTAMP '2026-11-01' AS uploaded_at, 10 AS size_bytes,
            $key AS key, '' AS version_id, '' AS e_tag, '' AS captured_day""",
        {"key": PATIENT_KEY},
    )
    warehouse.connection.execute(
        "INSERT INTO marts.quality BY NAME SELECT 'ipad' AS device_id, 'IP-01' AS unit_id, DATE '2026-11-01' AS month, "
        "'' AS reason, 1 AS object_count, 10 AS size_bytes"
    )
    warehouse.connection.execute("DELETE FROM facts.labels WHERE key = $key", {"key": PATIENT_KEY})
    warehouse.connection.execute(
        """
        INSERT INTO marts.label_orphans VALUES ('eyes', 'clinic-images', $key, '', 'xray', 'XR-01',
            MAP {'patient': $name}, TIMESTAMP '2026-11-01', false, 'no_image')""",
        {"key": PATIENT_KEY, "name": NAME},
    )
    warehouse.connection.execute(
        """
        INSERT INTO marts.label_conflicts VALUES ('clinic-images', $key, 'xray', 'XR-01', DATE '2026-11-01', 10,
            'patient', $name, [{'source_id': 'eyes', 'value': $name}], TIMESTAMP '2026-11-01')""",
        {"key": PATIENT_KEY, "name": NAME},
    )
    warehouse.connection.execute(
        "INSERT INTO marts.label_values VALUES ('xray', 'STANDARD', 'patient', $name, true, false, 1, 10)",
        {"name": NAME},
    )
    journal = Journal(settings.warehouse.folder)
    follow(journal, warehouse, owners={}, timezone=settings.archive.timezone)
    chosen, today = Selection(rules=(RULE,)), dt.date(2026, 11, 22)
    act(journal, chosen, Action("assign", owner=OWNER, text=WORDS), actor=OWNER, today=today)
    act(journal, chosen, Action("comment", text=WORDS), actor=OWNER, today=today)
    _freeze(settings)
    return warehouse


def _freeze(settings: Settings) -> None:
    folder = settings.warehouse.folder / "datasets" / "eyes" / DATASET_HASH
    folder.mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            COPY (SELECT 'clinic-images' AS bucket, $key AS key, '' AS version_id, 'e' AS e_tag,
                NULL::VARCHAR AS checksum, 10 AS size_bytes, MAP {{'patient': $name}} AS labels, 'train' AS split,
                'part' AS part) TO '{folder / "members.parquet"}' (FORMAT parquet)""",
            {"key": PATIENT_KEY, "name": NAME},
        )
    definition = {
        "name": "eyes", "dataset_hash": DATASET_HASH, "created_at": "2026-11-22T00:00:00+00:00", "object_count": 1,
        "size_bytes": 10, "snapshot_id": "000002",
    }  # fmt: skip
    (folder / "definition.json").write_text(json.dumps(definition), "utf-8")
