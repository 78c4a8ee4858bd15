"""Savings reckoned by hand to the last digit, and what holds for any archive: nothing twice, nothing hidden."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.prices import Band, Price, PriceBook
from dashboard.domain.record_keeping import RecordKeeping
from dashboard.domain.savings import Kind, Lot, Savings, read
from dashboard.domain.savings_reckoning import propose
from dashboard.settings.price_files import shipped_book

BOOK = shipped_book()
VIRGINIA, TOKYO = "us-east-1", "ap-northeast-1"
ONE = 1 << 30
NO_RECORDS = RecordKeeping(devices=())
ORDER = ("unfinished", "junk", "versions", "copies", "small_ia", "small_archive", "tiering", "old", "early")
KINDS = [Kind(name, place, name, "", "", "", "") for place, name in enumerate(ORDER)]
PLAIN = Lot("junk", "clinic-images", "ipad", "STANDARD", "", "", "", "open", 1, ONE, ONE, 0, 0)


def stored(*rows: tuple[str, str, int, int]) -> list[dict[str, Any]]:
    names = ("storage_class", "access_tier", "object_count", "billed_bytes")
    return [dict(zip(names, row, strict=True)) for row in rows]


def ask(
    lots: list[Lot],
    everything: list[dict[str, Any]],
    region: str | None = VIRGINIA,
    *,
    book: PriceBook = BOOK,
    records: RecordKeeping = NO_RECORDS,
) -> Savings:
    return propose(KINDS, lots, everything, book, region, records)


@pytest.mark.parametrize(("region", "month"), [(VIRGINIA, "0.0690000000"), (TOKYO, "0.0750000000")])
def test_what_is_deleted_saves_its_storage_in_its_region(region: str, month: str) -> None:
    lot = replace(PLAIN, object_count=3, size_bytes=3 * ONE, billed_bytes=3 * ONE)
    found = ask([lot], stored(("STANDARD", "", 10, 10 * ONE)), region)
    [proposal] = found.proposals
    assert (proposal.standing, proposal.month_usd, proposal.once_usd) == (
        "proposed",
        Decimal(month),
        Decimal(0),
    )
    assert proposal.break_even_months == 0
    assert found.month_usd == Decimal(month)
    assert found.stored_usd == Decimal(month) * 10 / 3


def test_a_gigabyte_is_saved_at_the_band_it_frees() -> None:
    # 50 TB and 2 GB: two of three freed GB cost 0.022, the third 0.023.
    lot = replace(PLAIN, object_count=3, size_bytes=3 * ONE, billed_bytes=3 * ONE)
    found = ask([lot], stored(("STANDARD", "", 10, 51_202 * ONE)))
    assert found.month_usd == Decimal("0.0670000000")
    # Taken one after the other, two proposals save what they save together.
    apart = [
        replace(lot, object_count=2, size_bytes=2 * ONE, billed_bytes=2 * ONE),
        replace(PLAIN, proposal_id="copies"),
    ]
    each = ask(apart, stored(("STANDARD", "", 10, 51_202 * ONE)))
    assert [item.month_usd for item in each.counted] == [Decimal("0.0440000000"), Decimal("0.0230000000")]
    assert each.month_usd == found.month_usd


def test_beyond_the_last_known_band_nothing_is_guessed() -> None:
    # Tokyo's list ends at 50 TB.
    found = ask([PLAIN], stored(("STANDARD", "", 10, 51_201 * ONE)), TOKYO)
    [proposal] = found.proposals
    assert (proposal.standing, proposal.month_usd, proposal.missing) == (
        "unpriced",
        None,
        ("storage.STANDARD",),
    )
    assert found.month_usd == 0
    assert (found.stored_usd, found.unpriced_bytes) == (Decimal(0), 51_201 * ONE)


def test_deleting_early_is_a_cost_of_its_own_and_says_when_it_pays() -> None:
    # 2 GB in Deep Archive with 60 of 180 days left: 2 x 0.00099 x 60 / 30; the index and name of one object more.
    lot = replace(
        PLAIN, storage_class="DEEP_ARCHIVE", size_bytes=2 * ONE, billed_bytes=2 * ONE, byte_days=2 * ONE * 60,
        days_left=60,
    )  # fmt: skip
    found = ask([lot], stored(("DEEP_ARCHIVE", "", 5, 10 * ONE)))
    [proposal] = found.proposals
    # 0.00198 + 32768 x 0.00099 / 2^30 + 8192 x 0.023 / 2^30 = 0.00198 + 0.0000000302124… + 0.0000001754760…
    assert proposal.month_usd == Decimal("0.0019802056")
    assert proposal.once_usd == Decimal("0.0039600000")
    assert proposal.break_even_months == 2
    assert proposal.days_left == 60


def test_small_objects_leave_infrequent_access_where_standard_is_cheaper() -> None:
    # 1,024 objects of 16 KiB in Standard-IA are billed as 1,024 x 128 KiB = 1/8 GB; in Standard they are 1/64 GB.
    lot = replace(
        PLAIN, proposal_id="small_ia", storage_class="STANDARD_IA", to_class="STANDARD", object_count=1024,
        size_bytes=ONE // 64, billed_bytes=ONE // 8, byte_days=ONE // 8 * 3, days_left=3,
    )  # fmt: skip
    [proposal] = ask([lot], stored(("STANDARD_IA", "", 1024, ONE // 8))).proposals
    # 0.0125 / 8 - 0.023 / 64 = 0.0015625 - 0.000359375
    assert proposal.month_usd == Decimal("0.0012031250")
    # 1,024 x 0.000005 + 0.01 / 64 + 0.0125 / 8 x 3 / 30 = 0.00512 + 0.00015625 + 0.00015625
    assert proposal.once_usd == Decimal("0.0054325000")
    assert proposal.break_even_months == 5
    # At 96 KiB each Standard-IA is the cheaper one: it is said, with what it would cost, and not counted.
    larger = replace(lot, size_bytes=1024 * 98_304)
    found = ask([larger], stored(("STANDARD_IA", "", 1024, ONE // 8)))
    [proposal] = found.proposals
    assert proposal.standing == "dearer"
    assert proposal.month_usd == Decimal("0.0125") / 8 - Decimal("0.023") * 3 / 32
    assert found.month_usd == 0
    assert not found.counted


def test_small_objects_are_dearer_in_the_archive_and_dear_to_bring_back() -> None:
    # 1,048,576 objects of 1 KiB = 1 GB. In Glacier Flexible: 33 GB x 0.0036 + 8 GB x 0.023; in Standard: 0.023.
    count = 1 << 20
    lot = replace(
        PLAIN, proposal_id="small_archive", storage_class="GLACIER", to_class="STANDARD", object_count=count
    )
    [proposal] = ask([lot], stored(("GLACIER", "", count, ONE))).proposals
    assert proposal.month_usd == Decimal("0.2798000000")
    # Bulk restores are free; each copy is a PUT, and the restored copy lies in Standard for a day.
    assert proposal.once_usd == Decimal("5.2436466667")
    assert proposal.break_even_months == 19
    assert proposal.missing == ()
    # Tokyo's list has no bulk restore from Glacier Flexible: the saving is known, its cost is not.
    [proposal] = ask([lot], stored(("GLACIER", "", count, ONE)), TOKYO).proposals
    assert proposal.month_usd == Decimal("0.3235000000")
    assert (proposal.once_usd, proposal.break_even_months) == (None, None)
    assert proposal.missing == ("restore_request.GLACIER.bulk", "retrieval.GLACIER.bulk")


TIERS = PriceBook(
    {
        VIRGINIA: {
            f"storage.{name}": (
                Price((Band(Decimal(0), None, Decimal(usd)),), "GB-Mo", "2026-09", "invented"),
            )
            for name, usd in (
                ("STANDARD", "0.023"),
                ("INTELLIGENT_TIERING.ARCHIVE_INSTANT_ACCESS", "0.004"),
                ("INTELLIGENT_TIERING.ARCHIVE", "0.0036"),
            )
        }
    }
)


@pytest.mark.parametrize(
    ("records", "standing"),
    [
        (RecordKeeping(devices=()), "proposed"),
        (RecordKeeping(devices=("xray",)), "proposed"),
        (RecordKeeping(devices=("ipad",)), "decide"),
        (RecordKeeping(devices=None), "decide"),
        (RecordKeeping(devices=("ipad",), readable_within_hours=Decimal(6)), "proposed"),
    ],
)
def test_a_statutory_record_is_not_made_slow_to_read_without_a_decision(
    records: RecordKeeping, standing: str
) -> None:
    place = ("INTELLIGENT_TIERING", "ARCHIVE_INSTANT_ACCESS")
    lot = replace(
        PLAIN,
        proposal_id="tiering",
        storage_class=place[0],
        access_tier=place[1],
        to_class=place[0],
        to_tier="ARCHIVE",
    )
    found = ask([lot], stored((*place, 1, ONE)), book=TIERS, records=records)
    [proposal] = found.proposals
    assert proposal.standing == standing
    # 0.004 - 0.0036 less the index and the name of one object
    assert proposal.month_usd == Decimal("0.0003997146")
    assert proposal.hours == 5
    assert proposal.once_usd == 0
    assert found.month_usd == (proposal.month_usd if standing == "proposed" else 0)


def test_without_evidence_no_money_is_named() -> None:
    lots = [
        replace(PLAIN, proposal_id="old", standing="no_evidence"),
        replace(PLAIN, proposal_id="versions", standing="in_hand"),
    ]
    found = ask(lots, stored(("STANDARD", "", 2, 2 * ONE)))
    assert [(item.standing, item.month_usd) for item in found.proposals] == [
        ("in_hand", None),
        ("no_evidence", None),
    ]
    assert found.month_usd == 0


def test_exposure_to_early_deletion_is_no_saving() -> None:
    lot = replace(
        PLAIN, proposal_id="early", storage_class="GLACIER", to_class="DEEP_ARCHIVE", standing="exposed",
        byte_days=ONE * 30, days_left=30,
    )  # fmt: skip
    found = ask([lot], stored(("GLACIER", "", 1, ONE)))
    [proposal] = found.proposals
    assert proposal.month_usd == 0
    assert proposal.once_usd == Decimal("0.0036000000")
    assert found.month_usd == 0


def test_without_a_region_every_price_is_missing() -> None:
    found = ask([PLAIN], stored(("STANDARD", "", 1, ONE)), None)
    assert [item.standing for item in found.proposals] == ["unpriced"]
    assert (found.stored_usd, found.unpriced_bytes) == (Decimal(0), ONE)


def test_rows_of_the_query_become_kinds_and_lots() -> None:
    texts = {"title": "t", "action": "a", "deed": "d", "risk": "r", "basis": "b"}
    lot = {**PLAIN.__dict__, "place_no": 1, **texts}
    nothing = {**dict.fromkeys(PLAIN.__dict__), "proposal_id": "old", "place_no": 2, **texts}
    kinds, lots = read([lot, nothing])
    assert [kind.id for kind in kinds] == ["junk", "old"]
    assert lots == [PLAIN]


PLACES = ("STANDARD", "STANDARD_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE")


@st.composite
def archives(draw: st.DrawFn) -> tuple[list[Lot], list[dict[str, Any]]]:
    """Some lots, and what is stored: the lots and more, in amounts on either side of the bands."""
    lots: list[Lot] = []
    held: dict[str, tuple[int, int]] = {}
    for number in range(draw(st.integers(1, 8))):
        place = draw(st.sampled_from(PLACES))
        count = draw(st.integers(1, 10**7))
        small = draw(st.integers(0, 131_072 * count))
        size = draw(st.one_of(st.just(small), st.integers(0, 300_000 * ONE)))
        floor = 131_072 * count if place in ("STANDARD_IA", "GLACIER_IR") else 0
        billed = max(size, floor)
        to_class = draw(st.sampled_from(("", "STANDARD")))
        name = draw(st.sampled_from(ORDER))
        standing = draw(st.sampled_from(("open", "open", "open", "in_hand", "exposed")))
        days = draw(st.integers(0, 180))
        lots.append(
            Lot(
                name,
                f"b{number}",
                "ipad",
                place,
                "",
                to_class,
                "",
                standing,
                count,
                size,
                billed,
                billed * days,
                days,
            )
        )
        now = held.get(place, (0, 0))
        held[place] = (now[0] + count, now[1] + billed)
    more = draw(st.integers(0, 100_000 * ONE))
    rows = [(place, "", count, billed + more) for place, (count, billed) in held.items()]
    return lots, stored(*rows, *(() if "STANDARD" in held else (("STANDARD", "", 0, more),)))


@given(archives())
def test_nothing_is_saved_twice_and_never_more_than_is_stored(
    archive: tuple[list[Lot], list[dict[str, Any]]],
) -> None:
    lots, everything = archive
    found = ask(lots, everything)
    assert found.unpriced_bytes == 0
    assert 0 <= found.month_usd <= found.stored_usd
    assert found.month_usd == sum(item.month_usd or 0 for item in found.counted)
    seen = [priced.lot for item in found.proposals for priced in item.lots]
    assert sorted(seen, key=repr) == sorted(lots, key=repr), "every lot is in exactly one proposal"
    for item in found.proposals:
        for priced in item.lots:
            assert priced.month_usd is None or priced.month_usd >= 0 or item.standing == "dearer"
    # What is left after all counted proposals costs exactly as much less, up to the rounding of each lot.
    left: dict[str, int] = {row["storage_class"]: row["billed_bytes"] for row in everything}
    counts: dict[str, int] = {row["storage_class"]: row["object_count"] for row in everything}
    for item in found.counted:
        for lot in (priced.lot for priced in item.lots):
            left[lot.storage_class] -= lot.billed_bytes
            counts[lot.storage_class] -= lot.object_count
            if lot.to_class:
                left[lot.to_class] += lot.size_bytes
                counts[lot.to_class] += lot.object_count
    after = ask(
        [], stored(*((place, "", counts[place], amount) for place, amount in left.items()))
    ).stored_usd
    assert abs(found.stored_usd - after - found.month_usd) <= Decimal("1e-9") * (len(lots) + 1)
    assert min(left.values()) >= 0


@given(archives(), st.randoms())
def test_the_order_of_the_lots_changes_nothing(
    archive: tuple[list[Lot], list[dict[str, Any]]], chance: Any
) -> None:
    lots, everything = archive
    shuffled = list(lots)
    chance.shuffle(shuffled)
    assert ask(shuffled, everything) == ask(lots, everything)
