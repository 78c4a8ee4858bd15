"""The main job on the embedded archive: every number of a snapshot against what the archive was planned to hold.

The plan (`Expected`) never passes through inventory reports, DuckDB or Cost Explorer answers, so the two agree only if
nothing on the way is lost, counted twice or misjudged.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dashboard.demo import DemoArchive, environment
from dashboard.demo.clinic import BUCKETS
from dashboard.demo.plan import make_plan
from dashboard.domain.progress import Silent
from dashboard.settings import Settings
from dashboard.sync import SyncOutcome, sync
from dashboard.warehouse.read import Warehouse
from tests.demo_fixture import DEMO_NOW, DEMO_OBJECTS, DEMO_SEED


@pytest.fixture(scope="module")
def snapshot(outcome: SyncOutcome, settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    assert outcome.is_published, outcome.as_dict()
    info = Warehouse(settings).current()
    # One process opens a file in one way at a time; tests that read as the pages do stand in files of their own.
    with duckdb.connect(str(settings.warehouse.folder / info.file), read_only=True) as connection:
        yield connection


def _pairs(connection: duckdb.DuckDBPyConnection, sql: str) -> dict[Any, Any]:
    return {row[0] if len(row) == 2 else row[:-1]: row[-1] for row in connection.execute(sql).fetchall()}


def test_sync_reports_no_fault_and_every_row(outcome: SyncOutcome, demo_archive: DemoArchive) -> None:
    expected = demo_archive.expected
    assert outcome.faults == []
    assert outcome.row_count == sum(amount.object_count for amount in expected.by_bucket.values())
    assert outcome.size_bytes == sum(amount.size_bytes for amount in expected.by_bucket.values())


def test_images_by_device_and_class(snapshot: duckdb.DuckDBPyConnection, demo_archive: DemoArchive) -> None:
    found = {
        (device, class_id): (count, size)
        for device, class_id, count, size in snapshot.execute(
            "SELECT device_id, storage_class, sum(object_count)::BIGINT, sum(size_bytes)::BIGINT "
            "FROM marts.storage WHERE kind = 'image' GROUP BY ALL"
        ).fetchall()
    }
    assert found == {
        (device, class_id): (amount.object_count, amount.size_bytes)
        for device, classes in demo_archive.expected.images_by_device_class.items()
        for class_id, amount in classes.items()
    }


def test_kinds(snapshot: duckdb.DuckDBPyConnection, demo_archive: DemoArchive) -> None:
    found = {
        kind: (count, size)
        for kind, count, size in snapshot.execute(
            "SELECT kind, sum(object_count)::BIGINT, sum(size_bytes)::BIGINT FROM marts.storage GROUP BY kind"
        ).fetchall()
    }
    planned = demo_archive.expected.by_kind.items()
    assert found == {kind: (amount.object_count, amount.size_bytes) for kind, amount in planned}


def test_naming_faults_by_device(snapshot: duckdb.DuckDBPyConnection, demo_archive: DemoArchive) -> None:
    found = _pairs(snapshot, "SELECT device_id, reason, count(*) FROM facts.misnamed GROUP BY ALL")
    assert found == {
        (device, reason): count
        for device, reasons in demo_archive.expected.by_device_reason.items()
        for reason, count in reasons.items()
    }


def test_every_rule_finds_what_was_seeded_and_no_more(
    snapshot: duckdb.DuckDBPyConnection, demo_archive: DemoArchive
) -> None:
    found = _pairs(snapshot, "SELECT rule_id, count(*) FROM alerts.findings GROUP BY ALL")
    found.pop("unlabelled_images")
    assert found == demo_archive.expected.by_rule
    twice = "SELECT rule_id, subject FROM alerts.findings GROUP BY ALL HAVING count(*) > 1"
    assert snapshot.execute(twice).fetchall() == []


def test_verdicts_add_up(snapshot: duckdb.DuckDBPyConnection, demo_archive: DemoArchive) -> None:
    kinds = _pairs(snapshot, "SELECT kind, sum(object_count)::BIGINT FROM marts.storage GROUP BY ALL")
    names = _pairs(snapshot, "SELECT reason, sum(object_count)::BIGINT FROM marts.quality GROUP BY ALL")
    assert sum(names.values()) == kinds["image"]
    names.pop("")
    assert names == demo_archive.expected.by_reason
    found = _pairs(snapshot, "SELECT reasons[1], count(*) FROM facts.misnamed GROUP BY ALL")
    assert found == names


def test_proposed_names_are_the_ones_before_the_fault(snapshot: duckdb.DuckDBPyConnection) -> None:
    plan = make_plan(DEMO_SEED, DEMO_NOW, DEMO_OBJECTS)
    meant = {item.key: item.right_key for item in plan.objects if item.reason and item.right_key}
    rows = snapshot.execute(
        "SELECT key, reason, coalesce(proposed_key, ''), proposal_basis, missing FROM facts.misnamed"
    ).fetchall()
    found: Counter[str] = Counter()
    for key, reason, proposed, basis, missing in rows:
        assert bool(proposed) == (missing == ""), key
        assert bool(proposed) == (basis != ""), key
        # The number of a name cut short cannot be known, and a folder that says otherwise is not believed.
        if proposed and meant.get(key) and basis in {"name", "name_and_upload_time"}:
            assert meant[key] == proposed or reason == "pattern_mismatch", (key, reason, basis)
            found[reason] += 1
    assert {
        "upper_case_extension",
        "copy_suffix",
        "full_width",
        "contains_space",
        "mojibake",
        "nfd_text",
    } <= set(found)
    everything = {item.key for item in plan.objects}
    proposals = [row[2] for row in rows if row[2]]
    assert len(proposals) == len(set(proposals)) > len(rows) // 3
    assert not everything & set(proposals)


def test_label_coverage(snapshot: duckdb.DuckDBPyConnection, demo_archive: DemoArchive) -> None:
    rows = snapshot.execute(
        "SELECT device_id, sum(labelled_count)::BIGINT, sum(unlabelled_count)::BIGINT, sum(unread_count)::BIGINT, "
        "sum(unlabelled_size_bytes)::BIGINT FROM marts.label_coverage GROUP BY device_id"
    ).fetchall()
    assert {row[0]: row[1:] for row in rows} == {
        device: (count["labelled"], count["unlabelled"], 0, count["unlabelled_bytes"])
        for device, count in demo_archive.expected.labels.items()
    }


def test_uploads_by_day_on_the_archive_clock(
    snapshot: duckdb.DuckDBPyConnection, demo_archive: DemoArchive
) -> None:
    found = _pairs(
        snapshot,
        "SELECT uploaded_on::VARCHAR, sum(object_count)::BIGINT FROM marts.uploads WHERE kind = 'image' GROUP BY ALL",
    )
    assert found == dict(demo_archive.expected.uploads_by_day)


def test_silent_units(snapshot: duckdb.DuckDBPyConnection, demo_archive: DemoArchive) -> None:
    rows = snapshot.execute(
        "SELECT device_id || '/' || unit_id FROM marts.units WHERE is_silent ORDER BY 1"
    ).fetchall()
    assert set(demo_archive.expected.silent_units) <= {row[0] for row in rows}


def test_duplicates_are_those_that_were_seeded(
    snapshot: duckdb.DuckDBPyConnection, demo_archive: DemoArchive
) -> None:
    """Certain and suspect copies among the current objects, no more and no less."""
    for rule in ("exact_duplicate", "suspect_duplicate"):
        found = snapshot.execute("SELECT count(*) FROM alerts.findings WHERE rule_id = ?", [rule]).fetchone()
        assert found == (demo_archive.expected.oddities[f"{rule}s"],)


def test_label_findings_are_those_that_were_seeded(
    snapshot: duckdb.DuckDBPyConnection, demo_archive: DemoArchive
) -> None:
    expected = demo_archive.expected
    found = _pairs(
        snapshot, "SELECT rule_id, count(*) FROM alerts.findings WHERE contains(rule_id, 'label') GROUP BY 1"
    )
    assert {rule: found[rule] for rule in expected.label_findings} == expected.label_findings
    orphans = _pairs(
        snapshot, "SELECT reason, count(*) FROM marts.label_orphans WHERE NOT is_stale GROUP BY 1"
    )
    assert orphans == expected.label_orphans
    rows = _pairs(snapshot, "SELECT source_id, row_count FROM marts.label_sources WHERE source_no > 0")
    assert rows == expected.label_rows
    assert snapshot.execute("SELECT sum(row_count) FROM marts.label_set_aside").fetchone() == (3,)
    assert snapshot.execute("SELECT sum(unread_count) FROM marts.label_coverage").fetchone() == (0,)


def test_unfinished_uploads(snapshot: duckdb.DuckDBPyConnection, demo_archive: DemoArchive) -> None:
    rows = snapshot.execute(
        "SELECT source_bucket, sum(upload_count)::BIGINT, sum(size_bytes)::BIGINT "
        "FROM marts.unfinished_uploads GROUP BY ALL"
    ).fetchall()
    assert {row[0]: row[1:] for row in rows} == {
        bucket: (amount.object_count, amount.size_bytes)
        for bucket, amount in demo_archive.expected.unfinished_uploads.items()
    }


def test_trend_holds_every_earlier_report(
    snapshot: duckdb.DuckDBPyConnection, demo_archive: DemoArchive
) -> None:
    found = _pairs(
        snapshot,
        "SELECT source_bucket, config_id, report_at, sum(object_count)::BIGINT FROM facts.history GROUP BY ALL",
    )
    planned = json.loads((demo_archive.folder / "expected.json").read_text("utf-8"))["reports"]
    assert len(planned) > 3
    assert sorted(found.values()) == sorted(report["row_count"] for report in planned)


def test_bill_to_the_last_digit(snapshot: duckdb.DuckDBPyConnection, demo_archive: DemoArchive) -> None:
    found = _pairs(
        snapshot, "SELECT strftime(month, '%Y-%m'), sum(cost_usd) FROM marts.cost_months GROUP BY ALL"
    )
    planned = json.loads((demo_archive.folder / "expected.json").read_text("utf-8"))["costs"]
    assert found == {month: Decimal(item["total"]) for month, item in planned.items()}


def test_export_of_the_bill_counts_for_its_months_and_agrees_with_cost_explorer(
    snapshot: duckdb.DuckDBPyConnection,
) -> None:
    rows = snapshot.execute(
        "SELECT strftime(month, '%Y-%m'), count(*), count(DISTINCT coalesce(final_usd, estimated_usd)), "
        "max(source) FILTER (is_current) FROM marts.cost_statements GROUP BY month ORDER BY month DESC LIMIT 5"
    ).fetchall()
    assert rows == [
        ("2026-11", 1, 1, "cost_explorer"),
        *((f"2026-{month:02}", 2, 1, "export") for month in (10, 9, 8)),
        ("2026-07", 1, 1, "cost_explorer"),
    ]
    buckets = snapshot.execute("SELECT DISTINCT bucket FROM marts.cost_buckets ORDER BY bucket").fetchall()
    assert [name for (name,) in buckets] == ["", *sorted(bucket.name for bucket in BUCKETS)]


def test_costs_of_devices_and_the_rest_add_up_to_the_bill(
    snapshot: duckdb.DuckDBPyConnection, demo_archive: DemoArchive
) -> None:
    found = _pairs(
        snapshot, "SELECT strftime(month, '%Y-%m'), sum(cost_usd) FROM marts.cost_shares GROUP BY ALL"
    )
    planned = json.loads((demo_archive.folder / "expected.json").read_text("utf-8"))["costs"]
    assert found == {month: Decimal(item["total"]) for month, item in planned.items()}
    [(share,)] = snapshot.execute(
        "SELECT sum(cost_usd) FILTER (part = 'device') / sum(cost_usd) FROM marts.cost_shares "
        "WHERE month = '2026-10-01' AND category = 'storage'"
    ).fetchall()
    assert share > 0.7, "with a report a month, what moved between two is in none"


def test_budgets_of_aws_follow_the_bill_and_leave_out_what_is_not_of_cost(
    snapshot: duckdb.DuckDBPyConnection, demo_archive: DemoArchive
) -> None:
    planned = json.loads((demo_archive.folder / "expected.json").read_text("utf-8"))["costs"]
    cent = Decimal("0.001")
    this_month = Decimal(planned["2026-11"]["total"]).quantize(cent)
    in_year = [Decimal(item["total"]) for month, item in planned.items() if month >= "2026"]
    this_year = sum(in_year, Decimal(0)).quantize(cent)
    rows = snapshot.execute(
        "SELECT name, budget_period, unit, actual_amount, as_of, len(services) FROM marts.aws_budgets"
    ).fetchall()
    as_of = DEMO_NOW.replace(tzinfo=None)
    assert rows == [
        ("Image archive (demo)", "month", "USD", this_month, as_of, 3),
        ("Whole account (demo)", "year", "USD", this_year, as_of, 0),
    ]


def test_cost_explorers_forecast_is_of_whole_months_and_paid_for_once(
    snapshot: duckdb.DuckDBPyConnection, demo_archive: DemoArchive
) -> None:
    rows = snapshot.execute("SELECT month, mean_usd, low_usd, high_usd FROM marts.cost_forecast").fetchall()
    assert [row[0].isoformat()[:7] for row in rows] == [
        "2026-12",
        *(f"2027-{month:02}" for month in range(1, 11)),
    ]
    planned = json.loads((demo_archive.folder / "expected.json").read_text("utf-8"))["costs"]
    first, last = (Decimal(planned[month]["total"]) for month in ("2026-07", "2026-10"))
    second_ahead = (last + 2 * (last - first) / 3).quantize(Decimal("1e-10"))
    assert rows[0][1] == second_ahead, "December is the second month after October, the last full one"
    assert all(low < mean < high for _month, mean, low, high in rows)
    paid = snapshot.execute(
        "SELECT sum(cost_usd) FROM raw.requests WHERE operation = 'GetCostForecast'"
    ).fetchall()
    assert paid == [(Decimal("0.01"),)]


def test_same_sync_again_publishes_nothing(settings: Settings, outcome: SyncOutcome) -> None:
    again = sync(settings, Silent(), now=lambda: DEMO_NOW)
    assert (again.is_published, again.snapshot_id) == (False, outcome.snapshot_id)
    assert (again.paid_request_count, again.label_request_count) == (0, 0)


@pytest.mark.usefixtures("outcome")
def test_command_line_shows_the_same_rows(demo_archive: DemoArchive) -> None:
    rows = json.loads(_run(demo_archive.folder, "show", "storage.by_device_class", "--format", "json"))
    assert {"device_id", "storage_class", "object_count", "size_bytes"} == set(rows[0])
    assert {(row["device_id"], row["storage_class"]): row["size_bytes"] for row in rows} == {
        (device, class_id): amount.size_bytes
        for device, classes in demo_archive.expected.images_by_device_class.items()
        for class_id, amount in classes.items()
    }
    reports = json.loads(_run(demo_archive.folder, "show", "sources.reports", "--format", "json"))
    assert {row["format"] for row in reports} == {"CSV", "ORC", "Parquet"}
    assert {row["source_bucket"]: (row["row_count"], row["size_bytes"]) for row in reports} == {
        bucket: (amount.object_count, amount.size_bytes)
        for bucket, amount in demo_archive.expected.by_bucket.items()
    }


def _run(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "dashboard", *arguments],
        env={**os.environ, **environment(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout
