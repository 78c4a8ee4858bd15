"""Prices: what is known is exact, what is not stays unknown."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dashboard.domain import prices
from dashboard.domain.prices import GIB, RESTORE_TIERS, archive_of, early_deletion_usd, month_usd

TOKYO = "ap-northeast-1"


def test_a_gigabyte_month_costs_its_price() -> None:
    assert month_usd(TOKYO, "STANDARD", "", 1, int(GIB)) == Decimal("0.025")
    assert month_usd("us-east-1", "STANDARD_IA", "", 1, int(GIB) * 2) == Decimal("0.0250")


def test_an_archived_object_carries_its_index_and_its_name() -> None:
    amount = month_usd("us-east-1", "DEEP_ARCHIVE", "", 1_000, 0)
    assert amount == (Decimal("0.00099") * 1_000 * 32_768 + Decimal("0.023") * 1_000 * 8_192) / GIB


@pytest.mark.parametrize(
    ("region", "storage_class", "tier"),
    [
        (None, "STANDARD", ""),
        ("eu-west-1", "STANDARD", ""),
        (TOKYO, "INTELLIGENT_TIERING", "INFREQUENT"),
        (TOKYO, "INTELLIGENT_TIERING", ""),
        (TOKYO, "SNOW", ""),
    ],
)
def test_an_unknown_price_is_none(region: str | None, storage_class: str, tier: str) -> None:
    assert month_usd(region, storage_class, tier, 1, 1) is None


def test_early_deletion_is_the_rest_of_the_minimum() -> None:
    assert early_deletion_usd("us-east-1", "GLACIER", int(GIB) * 90) == Decimal("0.0036") * 3
    assert early_deletion_usd(None, "STANDARD", 0) == 0
    assert early_deletion_usd(None, "GLACIER", 1) is None


def test_a_restore_costs_requests_and_bytes() -> None:
    [standard] = [item for item in RESTORE_TIERS if (item.archive, item.speed) == ("GLACIER", "standard")]
    assert standard.usd("us-east-1", 1_000, int(GIB) * 100) == Decimal("0.05") + Decimal("1.00")
    assert standard.usd(TOKYO, 1, 1) is None, "the price of a restore request in Tokyo is not known"


def test_deep_archive_has_no_expedited_restore_and_intelligent_tiering_is_free() -> None:
    speeds = {(item.archive, item.speed) for item in RESTORE_TIERS}
    assert ("DEEP_ARCHIVE", "expedited") not in speeds
    assert all(item.usd(None, 5, 5) == 0 for item in RESTORE_TIERS if item.archive.startswith("INT_"))


def test_only_archives_have_to_be_restored() -> None:
    assert archive_of("GLACIER_IR", "") == archive_of("INTELLIGENT_TIERING", "INFREQUENT") == ""
    assert archive_of("INTELLIGENT_TIERING", "DEEP_ARCHIVE") == "INT_DEEP_ARCHIVE"
    assert archive_of("GLACIER", "") == "GLACIER"


def test_every_price_has_its_date_and_source() -> None:
    for region, table in prices.PRICES.items():
        assert all(item.as_of and item.source and item.usd >= 0 for item in table.values()), region
    assert prices.sources_of(None) == []


def test_a_sum_says_how_much_of_it_is_unknown() -> None:
    assert prices.total([Decimal(1), None, Decimal(2)]) == (Decimal(3), 1)
