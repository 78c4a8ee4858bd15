"""The bill's export in S3, from the bucket to the marts: new months, restated ones, and what cannot be believed."""

from __future__ import annotations

import gzip
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from dashboard.aws.cost_exports import fetch, list_deliveries
from dashboard.aws.permissions import render_policy
from dashboard.domain.progress import Silent
from dashboard.errors import DashboardError, ExitCode
from dashboard.settings.costs import CostExport
from tests.sync.world import NOW, World, goods
from tests.warehouse.test_checks import put_bills
from tests.warehouse.test_cost_exports import as_csv, as_parquet, cur, focus

ROOT = "exports/archive/"
OCTOBER = f"{ROOT}data/BILLING_PERIOD=2026-10/"


@pytest.fixture
def exporting(world: World) -> World:
    location = f"s3://{world.bucket}/{ROOT}"
    world.changes["costs"] = {"enabled": False, "tags": ["department"], "export": {"location": location}}
    world.put(goods(5))
    return world


def deliver(world: World, key: str, path: Path) -> None:
    world.s3.put_object(Bucket=world.bucket, Key=key, Body=path.read_bytes())


def test_the_export_counts_for_its_months_and_cost_explorer_for_the_others(
    exporting: World, tmp_path: Path
) -> None:
    put_bills(exporting)
    deliver(
        exporting, f"{OCTOBER}archive-00001.snappy.parquet", as_parquet(tmp_path, [cur("10"), cur("-2.5")])
    )
    deliver(exporting, f"{ROOT}metadata/BILLING_PERIOD=2026-10/archive-Manifest.json", Path(__file__))
    outcome = exporting.synced()
    assert any("The bill of 2026-10 was read" in str(note) for note in outcome.notes)
    months = "SELECT strftime(month, '%Y-%m'), sum(cost_usd) FROM marts.cost_months GROUP BY ALL ORDER BY ALL"
    assert exporting.rows(months) == [("2026-09", Decimal("1.2500000001")), ("2026-10", Decimal("7.5"))]
    assert exporting.rows("SELECT kind, row_count FROM marts.sources WHERE kind = 'cost_export'") == [
        ("cost_export", 2)
    ]
    reader = exporting.reader()
    [newest, _september] = reader.frame("costs.statements").to_dict("records")
    assert (newest["bill_source"], newest["final_usd"], newest["other_usd"]) == (
        "export",
        Decimal("7.5"),
        Decimal(2),
    )
    assert not exporting.sync().is_published, "nothing new, nothing read, nothing built"

    deliver(exporting, f"{OCTOBER}archive-00001.snappy.parquet", as_parquet(tmp_path, [cur("7")]))
    assert exporting.synced(now=NOW + timedelta(hours=1)).is_published
    [newest, _september] = exporting.reader().frame("costs.statements").to_dict("records")
    assert (newest["former_usd"], newest["difference_usd"]) == (Decimal("7.5"), Decimal("-0.5"))
    assert len(list((exporting.warehouse / "exports" / "2026-10").glob("*.parquet"))) == 2
    assert not (exporting.warehouse / "staging" / "exports").exists()

    del exporting.changes["costs"]["export"]
    assert exporting.synced().is_published
    assert exporting.rows(months)[1] == ("2026-10", Decimal(2)), (
        "without the setting Cost Explorer counts again"
    )


def test_a_month_that_cannot_be_believed_leaves_the_others_and_the_last_good_one(
    exporting: World, tmp_path: Path
) -> None:
    key = f"{OCTOBER}part.csv.gz"
    deliver(exporting, key, as_csv(tmp_path, [focus("3")]))
    exporting.synced()
    deliver(exporting, key, as_csv(tmp_path, [focus("4", BillingCurrency="JPY")]))
    november = focus("5", ChargePeriodStart="2026-11-02T00:00:00Z")
    deliver(exporting, f"{ROOT}data/BILLING_PERIOD=2026-11/part.csv.gz", as_csv(tmp_path, [november]))
    outcome = exporting.sync()
    assert outcome.exit_code is ExitCode.COST_INVALID
    assert "JPY" in outcome.faults[0].cause
    assert outcome.is_published
    found = exporting.rows("SELECT month::VARCHAR, estimated_usd, final_usd FROM marts.cost_statements")
    assert found == [("2026-10-01", None, Decimal(3)), ("2026-11-01", Decimal(5), None)]


@pytest.mark.parametrize("where", ["nowhere", "empty"])
def test_an_export_that_is_not_there_is_a_fault_and_the_rest_goes_on(exporting: World, where: str) -> None:
    if where == "nowhere":
        exporting.changes["costs"]["export"] = {"location": "s3://no-such-bucket-of-exports/x/"}
    outcome = exporting.sync()
    assert outcome.is_published
    assert outcome.exit_code in {ExitCode.FILE_MISSING, ExitCode.ACCESS_DENIED}
    assert "export of the bill" in outcome.faults[0].title


def test_of_several_deliveries_the_one_written_last_counts_and_old_months_are_left_alone(
    world: World, tmp_path: Path
) -> None:
    path = as_csv(tmp_path, [cur()])
    for folder in ("2026-10/first", "2026-10/second", "2024-01/old"):
        deliver(world, f"{ROOT}data/BILLING_PERIOD={folder}/part.csv.gz", path)
    world.s3.put_object(
        Bucket=world.bucket,
        Key=f"{ROOT}data/BILLING_PERIOD=2026-10/third/part.csv.gz",
        Body=gzip.compress(b"x"),
    )
    export = CostExport(location=f"s3://{world.bucket}/{ROOT}")
    [delivery] = list_deliveries(world.s3, export, "2025-10")
    newest = max(
        world.s3.list_objects_v2(Bucket=world.bucket, Prefix=OCTOBER)["Contents"],
        key=lambda item: item["LastModified"],
    )
    assert delivery.period == "2026-10"
    assert delivery.written_at == newest["LastModified"]
    assert len(delivery.files) == 1
    small = CostExport(location=export.location, max_bytes=1)
    with pytest.raises(DashboardError) as caught:
        fetch(world.s3, small, delivery, tmp_path, Silent())
    assert caught.value.code is ExitCode.TOO_LARGE


def test_the_policy_reads_the_export_and_nothing_beside_it(exporting: World) -> None:
    policy = render_policy(exporting.settings)
    about = [item for item in policy["Statement"] if ROOT in str(item)]
    assert [item["Action"] for item in about] == [["s3:ListBucket"], ["s3:GetObject"]]
    assert about[0]["Condition"] == {"StringLike": {"s3:prefix": f"{ROOT}*"}}
    assert about[1]["Resource"] == f"arn:aws:s3:::{exporting.bucket}/{ROOT}*"
