"""Prices: what is known is exact, what is not stays unknown."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dashboard.domain import prices
from dashboard.domain.price_keys import KEYS, key_of
from dashboard.domain.prices import GIB, RESTORE_TIERS, Band, Price, PriceBook, archive_of
from dashboard.settings.price_files import shipped_book

TOKYO = "ap-northeast-1"
BOOK = shipped_book()


def test_a_gigabyte_month_costs_its_price() -> None:
    assert BOOK.month_usd(TOKYO, "STANDARD", "", 1, int(GIB)) == Decimal("0.025")
    assert BOOK.month_usd("us-east-1", "STANDARD_IA", "", 1, int(GIB) * 2) == Decimal("0.0250")


def test_an_archived_object_carries_its_index_and_its_name() -> None:
    amount = BOOK.month_usd("us-east-1", "DEEP_ARCHIVE", "", 1_000, 0)
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
    assert BOOK.month_usd(region, storage_class, tier, 1, 1) is None


def test_early_deletion_is_the_rest_of_the_minimum() -> None:
    assert BOOK.early_deletion_usd("us-east-1", "GLACIER", int(GIB) * 90) == Decimal("0.0036") * 3
    assert BOOK.early_deletion_usd(None, "STANDARD", 0) == 0
    assert BOOK.early_deletion_usd(None, "GLACIER", 1) is None


def test_a_restore_costs_requests_and_bytes() -> None:
    [standard] = [item for item in RESTORE_TIERS if (item.archive, item.speed) == ("GLACIER", "standard")]
    assert BOOK.restore_usd("us-east-1", standard, 1_000, int(GIB) * 100) == Decimal("0.05") + Decimal("1.00")
    assert BOOK.restore_usd(TOKYO, standard, 1, 1) is None, "a restore request in Tokyo has no known price"


def test_deep_archive_has_no_expedited_restore_and_intelligent_tiering_is_free() -> None:
    speeds = {(item.archive, item.speed) for item in RESTORE_TIERS}
    assert ("DEEP_ARCHIVE", "expedited") not in speeds
    free = [item for item in RESTORE_TIERS if item.archive.startswith("INT_")]
    assert free
    assert all(BOOK.restore_usd(None, item, 5, 5) == 0 for item in free)


def test_only_archives_have_to_be_restored() -> None:
    assert archive_of("GLACIER_IR", "") == archive_of("INTELLIGENT_TIERING", "INFREQUENT") == ""
    assert archive_of("INTELLIGENT_TIERING", "DEEP_ARCHIVE") == "INT_DEEP_ARCHIVE"
    assert archive_of("GLACIER", "") == "GLACIER"


def test_every_shipped_price_is_one_of_the_book_with_date_and_source() -> None:
    assert set(BOOK.prices) == {TOKYO, "us-east-1"}
    assert BOOK.refused == ()
    for region, table in BOOK.prices.items():
        assert set(table) <= set(KEYS), region
        for versions in table.values():
            assert all(item.as_of and item.source and item.usd >= 0 for item in versions), region
    assert BOOK.sources_of(None) == []
    assert "restore_request.GLACIER.standard" in BOOK.missing(TOKYO)


@pytest.mark.parametrize(
    ("gigabytes", "usd"),
    [
        ("0", "0"),
        ("51200", "1177.6"),  # 50 TB × 0.023, to the last byte of the first band
        ("51201", "1177.622"),
        ("512000", "11315.2"),  # + 450 TB × 0.022
        ("512001", "11315.221"),
    ],
)
def test_each_band_is_billed_at_its_own_price(gigabytes: str, usd: str) -> None:
    standard = BOOK.storage("us-east-1", "STANDARD")
    assert standard is not None
    assert standard.cost(Decimal(gigabytes)) == Decimal(usd)


def test_beyond_the_last_known_band_nothing_is_known() -> None:
    standard = BOOK.storage(TOKYO, "STANDARD")
    assert standard is not None
    assert standard.cost(Decimal(51200)) == Decimal(1280)
    assert standard.cost(Decimal("51200.000001")) is None


@pytest.mark.parametrize(
    "bands",
    [
        [],
        [("1", None)],
        [("0", "10"), ("11", None)],
        [("0", "10"), ("9", None)],
        [("0", None), ("10", None)],
        [("0", "0")],
    ],
)
def test_bands_with_gaps_are_no_price(bands: list[tuple[str, str | None]]) -> None:
    made = tuple(
        Band(Decimal(start), None if end is None else Decimal(end), Decimal(1)) for start, end in bands
    )
    with pytest.raises(ValueError, match="bands"):
        Price(made, "GB-Mo", "2026-08", "test")


def test_a_day_has_the_price_that_held_on_it() -> None:
    def price(as_of: str, usd: str) -> Price:
        return Price((Band(Decimal(0), None, Decimal(usd)),), "GB-Mo", as_of, "test")

    book = PriceBook({TOKYO: {"storage.STANDARD": (price("2026-09-15", "3"), price("2026-08", "2"))}})

    def on(day: date | None) -> Decimal | None:
        found = book.price(TOKYO, "storage.STANDARD", day)
        return found.usd if found else None

    assert on(None) == 3
    assert on(date(2026, 9, 15)) == 3
    assert on(date(2026, 9, 14)) == 2
    assert on(date(2026, 8, 1)) == 2
    assert on(date(2026, 7, 31)) is None, "no later price stands in for an earlier one"


@pytest.mark.parametrize(
    ("service", "usage_type", "operation", "key"),
    [
        ("AmazonS3", "TimedStorage-ByteHrs", "", "storage.STANDARD"),
        ("AmazonS3", "APN1-TimedStorage-ByteHrs", "", "storage.STANDARD"),
        ("AmazonS3", "EU-TimedStorage-SIA-ByteHrs", "", "storage.STANDARD_IA"),
        ("AmazonS3GlacierDeepArchive", "APN1-TimedStorage-GDA-ByteHrs", "", "storage.DEEP_ARCHIVE"),
        ("AmazonS3", "TimedStorage-GDA-Staging", "", None),
        ("AmazonS3", "Tables-TimedStorage-ByteHrs", "", None),
        ("AmazonS3", "Vectors-TimedStorage-ByteHrs", "", None),
        ("AmazonCloudWatch", "TimedStorage-ByteHrs", "", None),
        ("AmazonS3", "Requests-Tier3", "RestoreObject", "restore_request.GLACIER.standard"),
        ("AmazonS3", "Requests-Tier3", "S3-GlacierTransition", "transition.GLACIER"),
        ("AmazonS3", "Requests-Tier3", "S3-GDATransition", "transition.DEEP_ARCHIVE"),
        ("AmazonS3", "Requests-Tier3", "", None),
        ("AmazonS3", "Standard-Retrieval-Bytes", "RestoreObject", "retrieval.GLACIER.standard"),
        (
            "AmazonS3GlacierDeepArchive",
            "Standard-Retrieval-Bytes",
            "DeepArchiveRestoreObject",
            "retrieval.DEEP_ARCHIVE.standard",
        ),
        ("AWSDataTransfer", "APN1-DataTransfer-Out-Bytes", "", "transfer.out"),
        ("AWSDataTransfer", "APN1-USE1-AWS-Out-Bytes", "", None),
    ],
)
def test_a_product_is_known_by_service_usage_type_and_operation(
    service: str, usage_type: str, operation: str, key: str | None
) -> None:
    assert key_of(service, usage_type, operation) == key


def test_a_sum_says_how_much_of_it_is_unknown() -> None:
    assert prices.total([Decimal(1), None, Decimal(2)]) == (Decimal(3), 1)
