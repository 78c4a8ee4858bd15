"""Puts money to what could be saved, and ranks it.

Proposals are reckoned one after the other in a fixed order (`Kind.place`), each on what those before it leave: an
object is in one of them only, and each GB is counted at the band of the price list that it really frees. So their sum
is never more than the list price of everything stored. Savings are rounded down, and costs up, to ten decimals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from typing import Any

from dashboard.domain import prices, storage_classes
from dashboard.domain.prices import DAYS_PER_MONTH, GIB, PriceBook
from dashboard.domain.record_keeping import RecordKeeping
from dashboard.domain.savings import STANDINGS, Kind, Lot, Place, Priced, Proposal, Savings, Standing

_PLACES = Decimal("0.0000000001")
_PRECISION = 60
"""Digits to reckon with: bytes / 2^30 has thirty decimals, which the usual 28 digits would round."""


def propose(
    kinds: Iterable[Kind],
    lots: Iterable[Lot],
    stored: Iterable[Mapping[str, Any]],
    book: PriceBook,
    region: str | None,
    records: RecordKeeping,
) -> Savings:
    """Put money to every lot and rank the proposals.

    Args:
        stored: storage_class, access_tier, object_count, billed_bytes of everything that is stored (`savings.stored`).
    """
    by_id = {kind.id: kind for kind in kinds}
    with localcontext() as context:
        context.prec = _PRECISION
        held = _Held(stored, book, region)
        stored_usd, unpriced_bytes = held.everything()
        found: dict[tuple[int, Standing], list[Priced]] = {}
        for lot in sorted(lots, key=lambda item: (by_id[item.proposal_id].place, _order(item))):
            priced = _price(lot, held, records)
            found.setdefault((by_id[lot.proposal_id].place, priced.standing), []).append(priced)
        proposals = [_proposal(by_id, standing, items) for (_, standing), items in found.items()]
        proposals.sort(key=lambda item: (
            STANDINGS.index(item.standing), -(item.month_usd or 0), -(item.once_usd or 0), item.kind.place,
        ))  # fmt: skip
        counted = [item for item in proposals if item.standing == "proposed"]
        once, unknown = prices.total(item.once_usd for item in counted)
        month, _ = prices.total(item.month_usd for item in counted)
        return Savings(tuple(proposals), month, None if unknown else once, stored_usd, unpriced_bytes)


def _proposal(kinds: Mapping[str, Kind], standing: Standing, items: Sequence[Priced]) -> Proposal:
    month, unknown_month = prices.total(item.month_usd for item in items)
    once, unknown_once = prices.total(item.once_usd for item in items)
    targets = {prices.archive_of(item.lot.to_class, item.lot.to_tier) for item in items}
    return Proposal(
        kinds[items[0].lot.proposal_id],
        standing,
        tuple(items),
        None if unknown_month else month,
        None if unknown_once else once,
        max((prices.usual_hours(target) for target in targets), default=Decimal(0)),
        tuple(sorted({key for item in items for key in item.missing})),
    )


def _order(lot: Lot) -> tuple[str, ...]:
    return (
        lot.source_bucket, lot.device_id, lot.storage_class, lot.access_tier, lot.to_class, lot.to_tier, lot.standing,
    )  # fmt: skip


class _Held:
    """What is stored while proposals are taken from it: billed bytes by class and tier, overhead included."""

    def __init__(self, stored: Iterable[Mapping[str, Any]], book: PriceBook, region: str | None) -> None:
        self.book, self.region = book, region
        self.bytes: dict[Place, int] = {}
        for row in stored:
            place = (str(row["storage_class"]), str(row["access_tier"]))
            self.add(billed(place, int(row["object_count"]), int(row["billed_bytes"])))

    def add(self, change: Mapping[Place, int]) -> None:
        for place, amount in change.items():
            self.bytes[place] = self.bytes.get(place, 0) + amount

    def cost(self, place: Place, amount: int) -> Decimal | None:
        """A month of so many bytes in a class, each band at its own price."""
        if not amount:
            return Decimal(0)
        price = self.book.storage(self.region, *place)
        return price.cost(amount / GIB) if price else None

    def gain(self, change: Mapping[Place, int]) -> tuple[Decimal | None, tuple[str, ...]]:
        """What a month gets cheaper by if amounts change; and the prices that are missing to say it."""
        gained, missing = Decimal(0), []
        for place, amount in change.items():
            now = self.bytes.get(place, 0)
            before, after = self.cost(place, now), self.cost(place, now + amount)
            if before is None or after is None:
                missing.append(key_of(place))
            else:
                gained += before - after
        return (None if missing else gained), tuple(missing)

    def everything(self) -> tuple[Decimal, int]:
        """The list price of all that has one, and the bytes of what has none."""
        costs = {place: self.cost(place, amount) for place, amount in self.bytes.items() if place[0]}
        known, _ = prices.total(costs.values())
        unpriced = sum(self.bytes[place] for place, usd in costs.items() if usd is None)
        return known.quantize(_PLACES, ROUND_FLOOR), unpriced


def billed(place: Place, object_count: int, billed_bytes: int) -> dict[Place, int]:
    """Bytes that are billed for some objects, with the index and name of those that are archived."""
    if not prices.archive_of(*place):
        return {place: billed_bytes}
    more = storage_classes.ARCHIVED
    return {
        place: billed_bytes + object_count * more.own_bytes,
        ("STANDARD", ""): object_count * more.standard_bytes,
    }


def key_of(place: Place) -> str:
    """The price book's key of storage in a class and tier."""
    return f"storage.{place[0]}" + (f".{place[1]}" if place[0] == "INTELLIGENT_TIERING" else "")


def _price(lot: Lot, held: _Held, records: RecordKeeping) -> Priced:
    if lot.standing in ("in_hand", "no_evidence"):
        return Priced(lot, lot.standing, None, None)  # type: ignore[arg-type]
    if lot.standing == "exposed":
        early = held.book.early_deletion_usd(held.region, lot.storage_class, lot.byte_days)
        unknown = () if early is not None else (key_of(lot.place),)
        return Priced(lot, "exposed", Decimal(0), _up(early), unknown)
    change = {
        place: -amount for place, amount in billed(lot.place, lot.object_count, lot.billed_bytes).items()
    }
    if lot.to_class:
        for place, amount in billed((lot.to_class, lot.to_tier), lot.object_count, lot.size_bytes).items():
            change[place] = change.get(place, 0) + amount
    gained, missing = held.gain(change) if lot.storage_class else (Decimal(0), ())
    once, missing_once = _once(lot, held)
    missing = tuple(dict.fromkeys((*missing, *missing_once)))
    if gained is None:
        return Priced(lot, "unpriced", None, _up(once), missing)
    month = gained.quantize(_PLACES, ROUND_FLOOR)
    if lot.to_class and month <= 0:
        return Priced(lot, "dearer", month, _up(once), missing)
    if records.forbids(lot.device_id, prices.usual_hours(prices.archive_of(lot.to_class, lot.to_tier))):
        return Priced(lot, "decide", month, _up(once), missing)
    held.add(change)
    return Priced(lot, "proposed", month, _up(once), missing)


def _once(lot: Lot, held: _Held) -> tuple[Decimal | None, tuple[str, ...]]:
    """What carrying it out costs once. Deleting, and moving inside Intelligent-Tiering, costs the days left only."""
    early = held.book.early_deletion_usd(held.region, lot.storage_class, lot.byte_days)
    missing = [] if early is not None else [key_of(lot.place)]
    parts = [early]
    if lot.to_class and lot.to_class != lot.storage_class:
        parts += _moving(lot, held, missing)
    known, unknown = prices.total(parts)
    return (None if unknown else known), tuple(missing)


def _moving(lot: Lot, held: _Held, missing: list[str]) -> list[Decimal | None]:
    def of(key: str, amount: Decimal) -> Decimal | None:
        price = held.book.price(held.region, key)
        if price is None:
            missing.append(key)
            return None
        return price.usd * amount

    count, gib = Decimal(lot.object_count), lot.size_bytes / GIB
    parts = [of(f"request.{lot.to_class}.put", count)]
    archive = prices.archive_of(*lot.place)
    if archive:
        # Bulk is the cheapest way back. The restored copy lies in Standard for at least a day.
        parts += [of(f"restore_request.{archive}.bulk", count), of(f"retrieval.{archive}.bulk", gib)]
        parts.append(of("storage.STANDARD", gib / DAYS_PER_MONTH))
    elif lot.storage_class in ("STANDARD_IA", "ONEZONE_IA", "GLACIER_IR"):
        parts.append(of(f"retrieval.{lot.storage_class}", gib))
    return parts


def _up(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else amount.quantize(_PLACES, ROUND_CEILING)
