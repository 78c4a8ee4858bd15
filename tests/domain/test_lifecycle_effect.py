"""What rules do to objects in twelve months, and what that costs: small cases reckoned by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dashboard.domain.lifecycle import Configuration, Rule
from dashboard.domain.lifecycle_effect import Amount, Effect, effect_of
from dashboard.domain.lifecycle_lots import Lot, Uncounted, question, uncounted
from dashboard.domain.lifecycle_money import Outlook, outlook
from dashboard.domain.prices import Band, Price, PriceBook
from dashboard.domain.record_keeping import RecordKeeping

DAY_0 = date(2026, 11, 1)
GIB = 1 << 30
NOBODY = RecordKeeping(devices=())


def conf(*rules: dict[str, Any], minimum: str | None = None) -> Configuration:
    return Configuration(
        tuple(
            Rule({"ID": f"r{n}", "Status": "Enabled", "Filter": {}, **rule}) for n, rule in enumerate(rules)
        ),
        minimum,
    )


def to(*steps: tuple[int, str]) -> dict[str, Any]:
    return {"Transitions": [{"Days": days, "StorageClass": to_class} for days, to_class in steps]}


def lot(age: int, **values: Any) -> Lot:
    given: dict[str, Any] = {
        "device_id": "ipad", "storage_class": "STANDARD", "access_tier": "", "scope_prefix": "", "size_level": 1,
        "uploaded_on": DAY_0 - timedelta(days=age), "object_count": 1, "size_bytes": GIB,
    }  # fmt: skip
    return Lot(**{**given, **values})


def run(configuration: Configuration, *lots: Lot, has_versions: bool = False, **values: Any) -> Effect:
    cuts = question([configuration], DAY_0).cuts
    return effect_of(configuration, lots, DAY_0, cuts, has_versions=has_versions, **values)


def book(**usd: str) -> PriceBook:
    def price(text: str) -> tuple[Price, ...]:
        return (Price((Band(Decimal(0), None, Decimal(text)),), "x", "2026-01", "made up"),)

    names = {name.replace("__", "."): price(text) for name, text in usd.items()}
    return PriceBook({"here": names})


PRICES = {
    "storage__STANDARD": "0.025", "storage__STANDARD_IA": "0.0138", "storage__GLACIER_IR": "0.005",
    "storage__GLACIER": "0.0045", "storage__DEEP_ARCHIVE": "0.002", "transition__STANDARD_IA": "0.00001",
    "transition__GLACIER_IR": "0.00002", "transition__GLACIER": "0.00003", "transition__DEEP_ARCHIVE": "0.00005",
    "retrieval__GLACIER_IR": "0.03", "request__GLACIER_IR__get": "0.00001", "retrieval__STANDARD_IA": "0.01",
    "request__STANDARD_IA__get": "0.000001", "retrieval__DEEP_ARCHIVE__standard": "0.02",
    "restore_request__DEEP_ARCHIVE__standard": "0.0001",
}  # fmt: skip


def hold(
    before: Configuration,
    after: Configuration,
    *lots: Lot,
    has_versions: bool = False,
    records: RecordKeeping = NOBODY,
    prices: dict[str, str] | None = None,
) -> Outlook:
    cuts = question([before, after], DAY_0).cuts
    one, other = (effect_of(item, lots, DAY_0, cuts, has_versions=has_versions) for item in (before, after))
    known = prices or PRICES
    return outlook(one, other, [], DAY_0, book(**known), "here", records)


def test_objects_move_at_the_midnight_after_their_age_and_only_once() -> None:
    # 90 days old on day 0 and 29 days old: due on day 1 (overdue), and on day 30 - 29 + 1 = 2.
    found = run(conf(to((30, "STANDARD_IA"))), lot(90), lot(29), lot(0, object_count=3))
    assert dict(found.moved) == {
        (0, "STANDARD", "STANDARD_IA"): Amount(2, 2 * GIB),  # days 1 and 2
        (1, "STANDARD", "STANDARD_IA"): Amount(3, GIB),  # day 31
    }
    # Day 1: 29 days more; the lot of day 2 lies a day longer in Standard; the last one the whole month.
    assert found.stored[0] == {("STANDARD", ""): GIB * (0 + 1 + 30), ("STANDARD_IA", ""): GIB * (30 + 29)}
    assert found.stored[11] == {("STANDARD", ""): 0, ("STANDARD_IA", ""): 3 * GIB * 30}


def test_the_cheapest_of_what_is_due_counts_and_nothing_moves_up() -> None:
    due = conf(to((30, "STANDARD_IA"), (90, "GLACIER")), to((60, "GLACIER_IR")))
    assert dict(run(due, lot(400)).moved) == {(0, "STANDARD", "GLACIER"): Amount(1, GIB)}
    stays = run(due, lot(400, storage_class="DEEP_ARCHIVE"), lot(400, storage_class="GLACIER"))
    assert not stays.moved
    zone = run(conf(to((1, "GLACIER_IR"))), lot(9, storage_class="ONEZONE_IA"))
    assert not zone.moved, "One Zone-IA does not go to Glacier Instant"
    tiers = run(
        conf(to((1, "GLACIER_IR"))),
        lot(9, storage_class="INTELLIGENT_TIERING", access_tier="ARCHIVE"),
        lot(9, storage_class="INTELLIGENT_TIERING", access_tier="ARCHIVE_INSTANT_ACCESS", object_count=5),
    )
    assert dict(tiers.moved) == {(0, "INTELLIGENT_TIERING", "GLACIER_IR"): Amount(5, GIB)}


def test_small_objects_stay_unless_the_bucket_or_the_rule_says_otherwise() -> None:
    small = lot(400, size_level=0, object_count=10, size_bytes=10_000)
    ir, glacier = to((30, "GLACIER_IR")), to((30, "GLACIER"))
    for minimum in (None, "all_storage_classes_128K"):
        found = run(conf(ir, glacier, minimum=minimum), small)
        assert (dict(found.moved), found.small) == ({}, Amount(10, 10_000))
    varies = run(conf(ir, glacier, minimum="varies_by_storage_class"), small)
    assert dict(varies.moved) == {(0, "STANDARD", "GLACIER"): Amount(10, 10_000)}
    # 32 KiB each at the archive's price and 8 KiB at Standard's.
    assert varies.stored[1] == {
        ("STANDARD", ""): 30 * 10 * 8192,
        ("GLACIER", ""): 30 * (10_000 + 10 * 32768),
    }
    sized = conf({**ir, "Filter": {"ObjectSizeGreaterThan": 499}})
    asked = run(sized, lot(400, size_level=1, object_count=10, size_bytes=10_000))
    assert dict(asked.moved) == {(0, "STANDARD", "GLACIER_IR"): Amount(10, 10_000)}
    assert asked.stored[1][("GLACIER_IR", "")] == 30 * 10 * 131_072, "billed as 128 KiB each"
    assert not run(sized, small).moved, "under 500 bytes"


def test_what_is_of_unknown_size_expires_and_may_move() -> None:
    unsized = lot(400, size_level=None, object_count=10, size_bytes=0)
    moving = run(conf(to((30, "GLACIER_IR"))), unsized)
    assert (dict(moving.moved), moving.small, moving.unsized_count) == ({}, Amount(), 10)
    assert set(moving.stored[11]) == {("STANDARD", "")}, "not reckoned as 128 KiB each"
    expire: dict[str, Any] = {"Expiration": {"Days": 30}}
    expired = run(conf(expire), unsized)
    assert (dict(expired.deleted), expired.unsized_count) == ({(0, "STANDARD"): Amount(10, 0)}, 10)
    for filter_ in ({"ObjectSizeGreaterThan": 5}, {"ObjectSizeLessThan": 500}):
        sized = run(conf({**expire, "Filter": filter_}), unsized)
        assert (dict(sized.deleted), sized.unsized_count) == ({}, 10)
    assert run(conf({**expire, "Filter": {"Prefix": "dslr/"}}), unsized).unsized_count == 0


def test_scopes_are_held_by_prefix_and_size() -> None:
    rules = conf(
        {**to((1, "GLACIER")), "Filter": {"Prefix": "ipad/"}},
        {
            **to((1, "DEEP_ARCHIVE")),
            "Filter": {
                "And": {"Prefix": "ipad/a/", "ObjectSizeGreaterThan": GIB - 1, "ObjectSizeLessThan": 2 * GIB}
            },
        },
    )
    asked = question([rules], DAY_0)
    assert asked.prefixes == ("ipad/a/", "ipad/")
    assert asked.cuts == (131_072, GIB, 2 * GIB)
    found = run(
        rules,
        lot(9, scope_prefix="", size_level=2),
        lot(9, scope_prefix="ipad/", size_level=2, object_count=2),
        lot(9, scope_prefix="ipad/a/", size_level=2, object_count=3),
        lot(9, scope_prefix="ipad/a/", size_level=1, object_count=4),
        lot(9, scope_prefix="ipad/a/", size_level=3, object_count=5),
    )
    assert {to_class: amount.object_count for (_m, _f, to_class), amount in found.moved.items()} == {
        "GLACIER": 2 + 4 + 5,
        "DEEP_ARCHIVE": 3,
    }


def test_what_expires_in_a_bucket_with_versions_stays_until_versions_go() -> None:
    rules = conf({"Expiration": {"Days": 100}, "NoncurrentVersionExpiration": {"NoncurrentDays": 40}})
    plain = run(rules, lot(100))
    assert dict(plain.deleted) == {(0, "STANDARD"): Amount(1, GIB)}
    kept = run(rules, lot(100), has_versions=True)
    assert dict(kept.expired) == {(0, "STANDARD"): Amount(1, GIB)}
    # Expired on day 1, replaced then: 1 + 40 + 1 = day 42, in the second month.
    assert dict(kept.deleted) == {(1, "STANDARD"): Amount(1, GIB)}
    assert kept.stored[1][("STANDARD", "")] == GIB * 11
    assert kept.lost == {"ipad": Amount(1, GIB)}
    newer = conf({"NoncurrentVersionExpiration": {"NoncurrentDays": 10, "NewerNoncurrentVersions": 2}})
    old = {"is_current": False, "replaced_on": DAY_0 - timedelta(days=50)}
    found = run(newer, *(lot(60, newer_count=number, **old) for number in range(4)))
    assert sum(amount.object_count for amount in found.deleted.values()) == 2, "the newest two are kept"


def test_dates_count_as_days_and_past_ones_at_once() -> None:
    def on(text: str) -> Configuration:
        return conf({"Expiration": {"Date": f"{text}T00:00:00Z"}})

    assert set(run(on("2027-01-15"), lot(0)).deleted) == {(2, "STANDARD")}  # day 75
    assert set(run(on("2020-01-01"), lot(0)).deleted) == {(0, "STANDARD")}
    assert not run(on("2030-01-01"), lot(0)).deleted


def test_leaving_a_class_early_is_charged_from_the_day_it_was_entered() -> None:
    # Into Glacier Instant on day 1, out on day 41: 50 of 90 days are left.
    found = run(conf(to((0, "GLACIER_IR")), {"Expiration": {"Days": 40}}), lot(0))
    assert dict(found.early) == {(1, "GLACIER_IR"): GIB * 50}
    # There already, uploaded 60 days ago: at least 30 - ... the report does not tell, so upload counts: 90 - 61.
    known = run(conf({"Expiration": {"Days": 60}}), lot(60, storage_class="GLACIER_IR"))
    assert dict(known.early) == {(0, "GLACIER_IR"): GIB * 29}


def test_what_no_report_can_tell_is_said_and_not_counted() -> None:
    tagged = {"Filter": {"Tag": {"Key": "k", "Value": "v"}}}
    rules = conf(
        {**tagged, "Expiration": {"Days": 1}},
        {"Hologram": 1, "Expiration": {"Days": 1}},
        {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
        {"Expiration": {"ExpiredObjectDeleteMarker": True}},
        {**tagged, "Status": "Disabled", "Expiration": {"Days": 1}},
    )
    found = run(rules, lot(400), lot(0, uploaded_on=None))
    assert not found.deleted
    assert found.unknown_age == Amount(1, GIB)
    assert uncounted(rules) == [
        Uncounted("r0", "tags"), Uncounted("r1", "unknown_field"), Uncounted("r2", "uploads"),
        Uncounted("r3", "markers"),
    ]  # fmt: skip


def test_twelve_months_by_hand() -> None:
    # A TiB in 1,024 objects of a GiB, all old enough: moved on day 1 for 1,024 * 0.00002 = 0.02048.
    # Standard 25.60 a month, Glacier Instant 1,024 * 0.005 = 5.12: 20.48 saved each month.
    whole = lot(400, object_count=1024, size_bytes=1024 * GIB)
    found = hold(conf(), conf(to((30, "GLACIER_IR"))), whole)
    first, last = found.months[0], found.months[-1]
    assert (first.before_usd, first.after_usd) == (Decimal("25.600"), Decimal("5.12") + Decimal("0.02048"))
    assert (first.fee_usd, first.saved_usd) == (Decimal("0.02048"), Decimal("20.45952"))
    assert found.saved_usd == last.saved_usd == Decimal("12") * Decimal("20.48") - Decimal("0.02048")
    assert found.break_even_month == 1
    assert [month.begins_on for month in found.months[:2]] == [date(2026, 11, 2), date(2026, 12, 2)]
    # Read back 1 % each month: 12 * (1,024 * 0.03 + 1,024 * 0.00001) * 0.01 = 3.6876288.
    assert found.readings[0].retrieval_usd == Decimal("3.6876288")
    assert found.saved_usd is not None
    assert found.readings[0].saved_usd == found.saved_usd - Decimal("3.6876288")
    assert found.bearable_share is not None
    assert round(found.bearable_share, 3) == Decimal("0.666")
    assert found.fees == {"GLACIER_IR": 1024}
    assert found.missing == ()


def test_a_change_that_pays_late_or_never() -> None:
    # 100,000 objects of 160 KiB: 5.00 to move to Deep Archive, and 40 KiB more to pay for each.
    tiny = lot(400, object_count=100_000, size_bytes=100_000 * 163_840)
    found = hold(conf(), conf(to((30, "DEEP_ARCHIVE"))), tiny)
    gib = Decimal(100_000) * 163_840 / GIB
    more = Decimal(100_000) / GIB
    monthly = (
        gib * Decimal("0.025") - (gib + more * 32768) * Decimal("0.002") - more * 8192 * Decimal("0.025")
    )
    assert found.saved_usd is not None
    assert abs(found.saved_usd - (12 * monthly - 5)) < Decimal("1e-20")
    assert found.saved_usd < 0
    assert found.break_even_month is None
    # Ten times as large objects: 3.47 a month saved; the five dollars are back in the second month.
    larger = lot(400, object_count=100_000, size_bytes=1_000_000 * 163_840)
    assert hold(conf(), conf(to((30, "DEEP_ARCHIVE"))), larger).break_even_month == 2


def test_a_missing_price_is_said_and_no_sum_stands_for_it() -> None:
    some = {name: usd for name, usd in PRICES.items() if name != "transition__GLACIER_IR"}
    found = hold(conf(), conf(to((30, "GLACIER_IR"))), lot(400), prices=some)
    assert (found.saved_usd, found.break_even_month, found.readings) == (None, None, ())
    assert found.missing == ("transition.GLACIER_IR",)
    # What does not change needs no price.
    still = {name: usd for name, usd in PRICES.items() if name != "storage__GLACIER"}
    other = lot(400, storage_class="GLACIER")
    found = hold(conf(), conf(to((30, "GLACIER_IR"))), lot(400), other, prices=still)
    assert found.saved_usd is not None
    assert found.missing == ("storage.GLACIER",)
    # Moves that happen with and without the change need none, either.
    ia = to((30, "STANDARD_IA"))
    fees = {name: usd for name, usd in PRICES.items() if name != "transition__STANDARD_IA"}
    found = hold(conf(ia), conf(ia, to((90, "GLACIER_IR"))), lot(10), prices=fees)
    assert found.saved_usd is not None
    assert found.missing == ("transition.STANDARD_IA",)
    unread = {name: usd for name, usd in PRICES.items() if not name.startswith("retrieval")}
    found = hold(conf(), conf(to((30, "GLACIER_IR"))), lot(400), prices=unread)
    assert found.saved_usd is not None
    assert (found.readings, found.missing) == ((), ("retrieval.GLACIER_IR",))


def test_storage_is_freed_at_the_bands_of_the_whole_archive() -> None:
    bands = (Band(Decimal(0), Decimal(100), Decimal("0.025")), Band(Decimal(100), None, Decimal("0.020")))
    prices = dict(book(**PRICES).prices["here"])
    prices["storage.STANDARD"] = (Price(bands, "x", "2026-01", "made up"),)
    # 300 GiB in all, 250 of them here: the upper 200 are freed at 0.020, 50 at 0.025.
    whole = lot(400, size_bytes=250 * GIB)
    stored = [{"storage_class": "STANDARD", "access_tier": "", "object_count": 2, "billed_bytes": 300 * GIB}]
    before, after = conf(), conf({"Expiration": {"Days": 1}})
    cuts = question([before, after], DAY_0).cuts
    one, other = (effect_of(item, [whole], DAY_0, cuts, has_versions=False) for item in (before, after))
    found = outlook(one, other, stored, DAY_0, PriceBook({"here": prices}), "here", NOBODY)
    assert found.months[5].before_usd == 200 * Decimal("0.020") + 50 * Decimal("0.025")
    assert found.months[5].after_usd == 0


@pytest.mark.parametrize(
    ("devices", "expected"),
    [
        (None, [("ipad", "DEEP_ARCHIVE", 2), ("ipad", "", 3)]),
        (("ipad",), [("ipad", "DEEP_ARCHIVE", 2), ("ipad", "", 3)]),
        (("xray",), []),
    ],
)
def test_statutory_records_that_get_slow_or_go_are_named(devices: Any, expected: list[Any]) -> None:
    after = conf(
        {**to((30, "GLACIER_IR"), (120, "DEEP_ARCHIVE")), "Filter": {"Prefix": "a/"}},
        {"Expiration": {"Days": 30}, "Filter": {"Prefix": "b/"}},
    )
    lots = lot(400, scope_prefix="a/", object_count=2), lot(400, scope_prefix="b/", object_count=3)
    found = hold(conf(), after, *lots, records=RecordKeeping(devices))
    assert [(item.device_id, item.to_class, item.object_count) for item in found.records] == expected
    assert not hold(after, after, *lots, records=RecordKeeping(devices)).records, "nothing that was so before"
