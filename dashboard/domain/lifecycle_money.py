"""What a change of lifecycle rules costs and saves in the next twelve months; Decimal, None is unknown.

Storage is priced at the bands of the whole archive, so that a bucket frees what it really frees.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import Any

from dashboard.domain.lifecycle_effect import DAYS_A_MONTH, MONTHS, Amount, Effect, Place, billed
from dashboard.domain.lifecycle_records import Record, records_of
from dashboard.domain.lifecycle_sums import early_by_class, early_of, more, moved_by_class, moves_of, total
from dashboard.domain.prices import GIB, PriceBook
from dashboard.domain.record_keeping import RecordKeeping

SHARES = (Decimal("0.01"), Decimal("0.05"), Decimal("0.10"), Decimal("0.25"))
"""Parts that are read back each month, to see what that does."""
_PRECISION = 60


@dataclass(frozen=True)
class Month:
    """One of the twelve months.

    Attributes:
        moved, expired, deleted: with the change. What expires in a bucket with versions is still there.
        before_usd, after_usd: storage, requests of moves and what leaving a class early costs.
        fee_usd, early_usd: of that with the change, requests and early leaving.
        saved_usd: since the beginning; below zero while it costs more.
    """

    begins_on: date
    moved: Amount
    expired: Amount
    deleted: Amount
    before_usd: Decimal
    after_usd: Decimal
    fee_usd: Decimal
    early_usd: Decimal
    saved_usd: Decimal | None


@dataclass(frozen=True)
class Reading:
    """What is left of the saving if a part of what lies colder is read back each month."""

    share: Decimal
    retrieval_usd: Decimal
    saved_usd: Decimal


@dataclass(frozen=True)
class Outlook:
    """The twelve months of a change.

    Attributes:
        saved_usd: after twelve months; None if a price of something that changes is missing.
        break_even_month: from which month on it has paid for itself, from 1; None if not in twelve.
        readings: empty where a price of reading is missing, which then stands in `missing`.
        bearable_share: the part that may be read each month before nothing is saved; None if reading costs no more.
        fees: requests of moves that are more than without the change, by class; `early`: byte-days, likewise.
        missing: keys of prices that are not known.
    """

    months: tuple[Month, ...]
    saved_usd: Decimal | None
    break_even_month: int | None
    readings: tuple[Reading, ...]
    bearable_share: Decimal | None
    records: tuple[Record, ...]
    fees: Mapping[str, int]
    early: Mapping[str, int]
    missing: tuple[str, ...]


def outlook(
    before: Effect,
    after: Effect,
    stored: Iterable[Mapping[str, Any]],
    reported_on: date,
    book: PriceBook,
    region: str | None,
    records: RecordKeeping,
) -> Outlook:
    """Hold two effects on the same objects against each other.

    Args:
        stored: storage_class, access_tier, object_count, billed_bytes of the whole archive (`savings.stored`).
    """
    with localcontext() as context:
        context.prec = _PRECISION
        reckoned = _Reckoning(before, after, stored, book, region)
        months = tuple(reckoned.months(reported_on))
        saved = months[-1].saved_usd
        readings, bearable = reckoned.readings(saved)
        return Outlook(
            months,
            saved,
            _break_even(months),
            readings,
            bearable,
            tuple(records_of(before, after, records)),
            more(moved_by_class(before.moved), moved_by_class(after.moved)),
            more(early_by_class(before), early_by_class(after)),
            tuple(sorted(reckoned.missing)),
        )


def _break_even(months: Sequence[Month]) -> int | None:
    """The month from which on the sum stays at or above zero; nothing saved at the end is none."""
    if not months[-1].saved_usd or months[-1].saved_usd <= 0:
        return None
    behind = [number for number, month in enumerate(months, 1) if (month.saved_usd or 0) < 0]
    return max(behind, default=0) + 1


class _Reckoning:
    def __init__(
        self,
        before: Effect,
        after: Effect,
        stored: Iterable[Mapping[str, Any]],
        book: PriceBook,
        region: str | None,
    ) -> None:
        self.before, self.after, self.book, self.region = before, after, book, region
        self.missing: set[str] = set()
        self.is_known = True
        whole: dict[Place, int] = {}
        for row in stored:
            place = (str(row["storage_class"]), str(row["access_tier"] or ""))
            count, size = int(row["object_count"]), int(row["billed_bytes"])
            for where, amount in billed(place, False, count, size):
                whole[where] = whole.get(where, 0) + amount
        # What lies elsewhere, in bytes: the bands of a price begin above it.
        self.elsewhere = {
            place: max(0, amount - before.stored[0].get(place, 0) // DAYS_A_MONTH)
            for place, amount in whole.items()
        }

    def months(self, reported_on: date) -> Iterable[Month]:
        saved = Decimal(0)
        for number in range(MONTHS):
            earlier, later = self._storage(number)
            sides = (self.before, self.after)
            fees = self._charges([moves_of(effect, number) for effect in sides], "transition")
            early = self._charges([early_of(effect, number) for effect in sides], "storage")
            sums = (earlier + fees[0] + early[0], later + fees[1] + early[1])
            saved += sums[0] - sums[1]
            yield Month(
                reported_on + timedelta(days=1 + number * DAYS_A_MONTH),
                total(amount for key, amount in self.after.moved.items() if key[0] == number),
                total(amount for key, amount in self.after.expired.items() if key[0] == number),
                total(amount for key, amount in self.after.deleted.items() if key[0] == number),
                *sums,
                fees[1],
                early[1],
                saved if self.is_known else None,
            )

    def _storage(self, month: int) -> tuple[Decimal, Decimal]:
        """Both sides of a month. A place without a price is left out of both, and matters if it changes."""
        one, other = self.before.stored[month], self.after.stored[month]
        totals = [Decimal(0), Decimal(0)]
        for place in sorted({*one, *other}):
            costs = [self._place(place, days.get(place, 0)) for days in (one, other)]
            if None in costs:
                self._lack(_key(place), matters=one.get(place, 0) != other.get(place, 0))
                continue
            totals = [total + (cost or 0) for total, cost in zip(totals, costs, strict=True)]
        watched = self.before.monitored[month], self.after.monitored[month]
        price = self.book.price(self.region, "monitoring.INTELLIGENT_TIERING")
        if price is not None:
            totals = [
                total + price.usd * days / DAYS_A_MONTH for total, days in zip(totals, watched, strict=True)
            ]
        elif any(watched):
            self._lack("monitoring.INTELLIGENT_TIERING", matters=watched[0] != watched[1])
        return totals[0], totals[1]

    def _place(self, place: Place, byte_days: int) -> Decimal | None:
        if not byte_days:
            return Decimal(0)
        price = self.book.storage(self.region, *place)
        if price is None:
            return None
        base = self.elsewhere.get(place, 0) / GIB
        whole, rest = price.cost(base + byte_days / GIB / DAYS_A_MONTH), price.cost(base)
        return None if whole is None or rest is None else whole - rest

    def _charges(self, counts: Sequence[dict[str, Decimal]], key: str) -> list[Decimal]:
        """Both sides' amounts by class, at their prices. A price that is missing matters if the amounts differ."""
        totals = [Decimal(0), Decimal(0)]
        for name in sorted({*counts[0], *counts[1]}):
            amounts = [side.get(name, Decimal(0)) for side in counts]
            price = self.book.price(self.region, f"{key}.{name}")
            if price is None:
                self._lack(f"{key}.{name}", matters=amounts[0] != amounts[1])
                continue
            totals = [total + price.usd * amount for total, amount in zip(totals, amounts, strict=True)]
        return totals

    def _price(self, key: str) -> Decimal:
        price = self.book.price(self.region, key)
        if price is None:
            self._lack(key, matters=True)
            return Decimal(0)
        return price.usd

    def _lack(self, key: str, *, matters: bool) -> None:
        self.missing.add(key)
        self.is_known = self.is_known and not matters

    def readings(self, saved: Decimal | None) -> tuple[tuple[Reading, ...], Decimal | None]:
        """What reading back costs, by the part that is read: standard retrieval, without the copy's storage."""
        if saved is None:
            return (), None
        all_of_it = Decimal(0)
        for one, other, one_count, other_count in zip(
            self.before.stored, self.after.stored, self.before.counted, self.after.counted, strict=True
        ):
            for place in {*one_count, *other_count}:
                more = other.get(place, 0) - one.get(place, 0)
                more_count = other_count.get(place, 0) - one_count.get(place, 0)
                if not more and not more_count:
                    continue
                costs = [
                    self._price(key) * amount
                    for key, amount in _reading(place, Decimal(more_count), Decimal(more) / GIB)
                ]
                if not self.is_known:
                    return (), None
                all_of_it += sum(costs, Decimal(0)) / DAYS_A_MONTH
        found = tuple(
            Reading(share, all_of_it * share, saved - all_of_it * share) for share in SHARES
        )  # fmt: skip
        bearable = saved / all_of_it if all_of_it > 0 and saved > 0 else None
        return found, bearable


def _reading(place: Place, count: Decimal, gib: Decimal) -> list[tuple[str, Decimal]]:
    """Prices that reading everything in a place once asks for, with the amount of each."""
    storage_class = place[0]
    if storage_class in {"STANDARD_IA", "ONEZONE_IA", "GLACIER_IR"}:
        return [(f"retrieval.{storage_class}", gib), (f"request.{storage_class}.get", count)]
    if storage_class in {"GLACIER", "DEEP_ARCHIVE"}:
        return [
            (f"retrieval.{storage_class}.standard", gib),
            (f"restore_request.{storage_class}.standard", count),
        ]
    return []


def _key(place: Place) -> str:
    return f"storage.{place[0]}" + (f".{place[1]}" if place[0] == "INTELLIGENT_TIERING" else "")
