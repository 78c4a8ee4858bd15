"""Each check fires when the figure it guards is wrong, and a snapshot it refuses is never seen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import duckdb
import pytest

from dashboard.errors import ExitCode
from dashboard.warehouse import findings
from dashboard.warehouse.query import folder_queries
from tests.inventory_writer import Row
from tests.sync.world import SOURCE, World, goods, writable_copy

CHECKS = folder_queries("checks")


def bill(breakdown: str, granularity: str, period: str, amounts: list[str], **line: str) -> dict[str, object]:
    """One file of bills/, synthetic."""
    start = f"{period}-01"
    lines = [
        {
            "start": start, "end": f"{period}-28", "service": "Amazon Simple Storage Service",
            "usage_type": f"APN1-TimedStorage-ByteHrs-{n}", "operation": "", "tag_value": "", "account_id": "",
            "cost_usd": amount, "unit": "USD", "usage_amount": None, "usage_unit": "", "is_estimated": False, **line,
        }
        for n, amount in enumerate(amounts)
    ]  # fmt: skip
    return {
        "breakdown": breakdown, "granularity": granularity, "period": period, "asked_at": "2026-11-20T00:00:00+00:00",
        "is_estimated": False, "request_count": 1, "total_usd": str(sum(map(Decimal, amounts))), "lines": lines,
    }  # fmt: skip


def put_bills(world: World) -> None:
    folder = world.warehouse / "bills"
    folder.mkdir(parents=True)
    for name, data in {
        "usage-MONTHLY-2026-09": bill("usage", "MONTHLY", "2026-09", ["1.5", "0.0000000001", "-0.25"]),
        "usage-MONTHLY-2026-10": bill("usage", "MONTHLY", "2026-10", ["2"]),
        "usage-DAILY-2026-10": bill("usage", "DAILY", "2026-10", ["2"]),
        "tag-device-2026-10": bill("tag:device", "MONTHLY", "2026-10", ["1", "1"], tag_value="ipad"),
        "account-2026-10": bill("account", "MONTHLY", "2026-10", ["2"], account_id="111122223333"),
    }.items():
        (folder / f"{name}.json").write_text(json.dumps(data))


@pytest.fixture(scope="module")
def built(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(endpoint, tmp_path_factory.mktemp("checks"))
    put_bills(world)
    world.changes["labels"] = [{"required_tags": ["label"], "buckets": ["elsewhere"]}]
    others = [Row("ipad/ipad-01/x.heic"), Row("ipad/.DS_Store")]
    world.put([*goods(20), *goods(3, version_id="old", is_latest=False), *others])
    world.synced()
    return world


@pytest.fixture
def copy(built: World) -> Iterator[duckdb.DuckDBPyConnection]:
    with writable_copy(built) as connection:
        yield connection


def fired(connection: duckdb.DuckDBPyConnection) -> set[str]:
    return {query.path.stem for query in CHECKS.values() if connection.execute(query.sql).fetchall()}


def test_a_sound_snapshot_passes_every_check(copy: duckdb.DuckDBPyConnection) -> None:
    assert fired(copy) == set()


def _one(table: str, change: str, where: str = "true") -> str:
    return f"UPDATE {table} SET {change} WHERE rowid = (SELECT min(rowid) FROM {table} WHERE {where})"


TAMPERED: list[tuple[str, str]] = [
    ("labels_add_up", _one("marts.label_coverage", "labelled_count = labelled_count + 1")),
    ("labels_add_up", _one("marts.label_coverage", "unread_count = -1")),
    ("marts_add_up_to_the_reports", _one("marts.storage", "object_count = object_count + 1")),
    ("marts_add_up_to_the_reports", _one("marts.storage", "size_bytes = size_bytes - 1")),
    ("marts_add_up_to_the_reports", "DELETE FROM marts.storage WHERE kind = 'noncurrent_version'"),
    ("marts_add_up_to_the_reports", _one("marts.uploads", "size_bytes = size_bytes + 1")),
    ("marts_add_up_to_the_reports", "DELETE FROM marts.uploads"),
    ("marts_add_up_to_the_reports", "INSERT INTO marts.uploads SELECT * FROM marts.uploads LIMIT 1"),
    ("marts_add_up_to_the_reports", _one("marts.tier_ages", "object_count = object_count - 1")),
    ("images_add_up", _one("marts.quality", "object_count = object_count + 1")),
    ("images_add_up", "DELETE FROM marts.quality"),
    ("images_add_up", _one("marts.units", "image_count = image_count + 1")),
    ("images_add_up", _one("marts.label_coverage", "unread_count = unread_count - 1")),
    ("verdicts_add_up", "DELETE FROM facts.misnamed"),
    (
        "verdicts_add_up",
        _one("facts.cells", "is_name_good = false", "is_name_good AND kind = 'image' AND cut = 'day'"),
    ),
    ("verdicts_add_up", "UPDATE marts.storage SET kind = 'thing' WHERE kind = 'image'"),
    ("verdicts_add_up", "DELETE FROM alerts.findings WHERE reason = rule_id"),
    ("cells_add_up_to_their_report", _one("facts.cells", "object_count = object_count + 1", "cut = 'day'")),
    ("cells_add_up_to_their_report", _one("facts.cells", "size_bytes = size_bytes + 1", "cut = 'hour'")),
    ("cells_add_up_to_their_report", "DELETE FROM facts.cells WHERE cut = 'hour'"),
    ("cells_add_up_to_their_report", _one("raw.reports", "size_bytes = size_bytes + 1")),
    ("history_adds_up_to_its_reports", _one("facts.history", "object_count = object_count + 1")),
    ("history_adds_up_to_its_reports", "DELETE FROM facts.history"),
    ("history_adds_up_to_its_reports", "INSERT INTO facts.history SELECT * FROM facts.history"),
    ("costs_add_up_to_the_bill", _one("marts.cost_months", "cost_usd = cost_usd + 0.0000000001")),
    ("costs_add_up_to_the_bill", "DELETE FROM marts.cost_months WHERE cost_usd < 0"),
    ("costs_add_up_to_the_bill", "DELETE FROM marts.cost_days"),
    ("costs_add_up_to_the_bill", _one("marts.cost_tags", "cost_usd = -cost_usd")),
    ("costs_add_up_to_the_bill", "DELETE FROM marts.cost_accounts"),
    ("shares_add_up_to_the_bill", _one("marts.cost_shares", "cost_usd = cost_usd + 0.0000000001")),
    ("shares_add_up_to_the_bill", "DELETE FROM marts.cost_shares WHERE part = 'no_report'"),
    (
        "shares_add_up_to_the_bill",
        "INSERT INTO marts.cost_shares SELECT * EXCLUDE (s) REPLACE ('rounding' AS part, cost_usd * s AS cost_usd) "
        "FROM marts.cost_shares, (VALUES (1), (-1)) AS t(s)",
    ),
    (
        "labels_share_the_bill",
        "INSERT INTO marts.cost_labels VALUES ('2026-11-01', 'label', NULL, 'without', 'ipad', '', 'storage', 1)",
    ),
    ("costs_add_up_to_the_bill", "UPDATE marts.cost_statements SET final_usd = 0 WHERE month = '2026-10-01'"),
    ("costs_add_up_to_the_bill", "UPDATE raw.bills SET total_usd = '99' WHERE period = '2026-09'"),
]


@pytest.mark.parametrize(("check", "sql"), TAMPERED)
def test_a_wrong_figure_is_caught(copy: duckdb.DuckDBPyConnection, check: str, sql: str) -> None:
    copy.execute(sql)
    assert check in fired(copy)


def test_every_check_is_tampered_with_here_or_in_row_13() -> None:
    assert {check for check, _ in TAMPERED} | {"object_is_listed_once"} == {
        q.path.stem for q in CHECKS.values()
    }
    for query in CHECKS.values():
        assert query.columns == ("subject", "expected", "found")
        assert query.header["title"]


@pytest.mark.parametrize("mart", ["marts.storage", "marts.quality"])
def test_a_snapshot_that_fails_a_check_is_not_published(
    world: World, monkeypatch: pytest.MonkeyPatch, mart: str
) -> None:
    world.put(goods(5))
    world.synced()
    real = findings.run_checks

    def tamper(connection: duckdb.DuckDBPyConnection, *, but: str) -> None:
        connection.execute(f"UPDATE {mart} SET object_count = object_count + 1")
        real(connection, but=but)

    monkeypatch.setattr(findings, "run_checks", tamper)
    outcome = world.sync(force=True)
    assert outcome.exit_code is ExitCode.CHECK_FAILED
    assert outcome.faults[0].locator.startswith("queries/checks/")
    assert "expected" in outcome.faults[0].cause
    world.assert_sound()
    assert world.reader().current().snapshot_id == "000001"


def test_row_46_the_bill_of_the_pages_is_the_bill_to_the_last_digit(built: World) -> None:
    rows = built.rows("SELECT month, sum(cost_usd) FROM marts.cost_months GROUP BY ALL ORDER BY 1")
    assert rows == [(date(2026, 9, 1), Decimal("1.2500000001")), (date(2026, 10, 1), Decimal(2))]
    assert all(isinstance(amount, Decimal) for _, amount in rows)
    names, found = built.reader().rows("costs.months")
    assert sum(row[names.index("cost_usd")] for row in found) == Decimal("3.2500000001")


def test_row_45_days_of_the_bill_are_utc_and_those_of_uploads_the_archives(built: World) -> None:
    assert built.rows("SELECT DISTINCT billed_on FROM marts.cost_days") == [(date(2026, 10, 1),)]
    assert built.rows("SELECT DISTINCT uploaded_on FROM marts.uploads") == [(date(2026, 11, 20),)]


def test_row_50_a_bill_in_which_a_line_is_missing_refuses_the_snapshot(world: World) -> None:
    put_bills(world)
    path = world.warehouse / "bills" / "usage-MONTHLY-2026-09.json"
    data = json.loads(path.read_text())
    data["lines"].pop()
    path.write_text(json.dumps(data))
    world.put(goods(3))
    outcome = world.sync()
    assert outcome.exit_code is ExitCode.CHECK_FAILED
    assert "costs_add_up" in outcome.faults[0].locator


def test_nothing_that_cannot_be_attributed_is_dropped(world: World) -> None:
    world.put([*goods(2), Row("no/device/at/all.jpg", 5), Row("lonely.jpg", 7, "SOMETHING_NEW")])
    world.synced()
    rows = world.rows(
        "SELECT device_id, storage_class, sum(object_count) FROM marts.storage GROUP BY ALL ORDER BY ALL"
    )
    assert ("unattributed", "SOMETHING_NEW", 1) in rows
    assert ("unattributed", "STANDARD", 1) in rows
    assert SOURCE
