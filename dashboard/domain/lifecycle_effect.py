"""What lifecycle rules do to the objects that are there, day by day for twelve months of thirty days.

Nothing is guessed: objects that are uploaded later are left out, and rules whose condition no report can answer (tags)
are named and not counted. Day 0 is the report's; S3 acts at midnight UTC, so the first actions are on day 1.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from dashboard.domain import storage_classes
from dashboard.domain.lifecycle import SMALL_BYTES, Configuration, Rule, Step
from dashboard.domain.lifecycle_lots import Lot
from dashboard.domain.lifecycle_step_faults import TARGETS, may_follow

MONTHS, DAYS_A_MONTH = 12, 30
HORIZON = MONTHS * DAYS_A_MONTH
Place = tuple[str, str]
"""Storage class and access tier."""
_FROM_TIER = {
    "ARCHIVE_INSTANT_ACCESS": ("GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"),
    "ARCHIVE": ("GLACIER", "DEEP_ARCHIVE"),
    "DEEP_ARCHIVE": ("DEEP_ARCHIVE",),
}
_ALWAYS_MOVED = ("GLACIER", "DEEP_ARCHIVE")
"""Where small objects go as well if the bucket says varies_by_storage_class."""


class Amount(NamedTuple):
    """Objects and their bytes."""

    object_count: int = 0
    size_bytes: int = 0

    def plus(self, count: int, size: int) -> Amount:
        return Amount(self.object_count + count, self.size_bytes + size)


@dataclass
class Effect:
    """What a configuration does in twelve months.

    Attributes:
        moved: by (month from 0, from class, to class). `deleted`: by (month, class); what a bucket with versions keeps
            as a noncurrent version is in `expired` until that is deleted.
        early: by (month, class): billed bytes times the days left of the shortest duration, at least: a report does not
            tell when an object entered its class, so the day of upload counts.
        stored: billed byte-days by month and place, overhead included; `counted`: object-days. `monitored`: object-days
            inside Intelligent-Tiering that are charged for watching.
        small: what would move but for its size. `unknown_age`: what has no day of upload.
        unsized_count: objects under rules whose size is not known. They expire where a rule asks for no size; whether
            they move is not known.
        slowed: by (device, class), what is moved there. `lost`: by device, objects that expire and versions that are
            deleted.
    """

    moved: dict[tuple[int, str, str], Amount] = field(default_factory=lambda: defaultdict(Amount))
    expired: dict[tuple[int, str], Amount] = field(default_factory=lambda: defaultdict(Amount))
    deleted: dict[tuple[int, str], Amount] = field(default_factory=lambda: defaultdict(Amount))
    early: dict[tuple[int, str], int] = field(default_factory=lambda: defaultdict(int))
    stored: list[dict[Place, int]] = field(default_factory=list)
    counted: list[dict[Place, int]] = field(default_factory=list)
    monitored: list[int] = field(default_factory=list)
    small: Amount = field(default_factory=Amount)
    unknown_age: Amount = field(default_factory=Amount)
    unsized_count: int = 0
    slowed: dict[tuple[str, str], Amount] = field(default_factory=lambda: defaultdict(Amount))
    lost: dict[str, Amount] = field(default_factory=lambda: defaultdict(Amount))


def billed(place: Place, is_small: bool, object_count: int, size_bytes: int) -> Iterator[tuple[Place, int]]:
    """Bytes that are billed for objects in a class: at least its smallest size each, with index and name."""
    known = next((item for item in storage_classes.STORAGE_CLASSES if item.id == place[0]), None)
    least = known.minimum_billed_bytes if known else 0
    more = storage_classes.overhead(place[0])
    own = object_count * least if is_small and least else size_bytes
    yield place, own + object_count * more.own_bytes
    if more.standard_bytes:
        yield ("STANDARD", ""), object_count * more.standard_bytes


class _Books:
    """Running totals while the days go by: what changes on which day, by place."""

    def __init__(self) -> None:
        self.bytes: dict[Place, list[int]] = defaultdict(lambda: [0] * (HORIZON + 1))
        self.counts: dict[Place, list[int]] = defaultdict(lambda: [0] * (HORIZON + 1))
        self.watched = [0] * (HORIZON + 1)

    def add(self, day: int, place: Place, lot: Lot, is_small: bool, sign: int) -> None:
        for where, amount in billed(place, is_small, lot.object_count, lot.size_bytes):
            self.bytes[where][day] += sign * amount
        self.counts[place][day] += sign * lot.object_count
        if place[0] == "INTELLIGENT_TIERING" and not is_small:
            self.watched[day] += sign * lot.object_count

    def close(self, effect: Effect) -> None:
        for month in range(MONTHS):
            effect.stored.append({place: _days(line, month) for place, line in self.bytes.items()})
            effect.counted.append({place: _days(line, month) for place, line in self.counts.items()})
            effect.monitored.append(_days(self.watched, month))


def _days(line: Sequence[int], month: int) -> int:
    """The sum over the days of a month of a line of daily changes."""
    first, last = month * DAYS_A_MONTH + 1, (month + 1) * DAYS_A_MONTH
    inside = sum(change * (last - day + 1) for day, change in enumerate(line[first : last + 1], first))
    return sum(line[:first]) * DAYS_A_MONTH + inside


def effect_of(
    configuration: Configuration,
    lots: Iterable[Lot],
    reported_on: date,
    cuts: Sequence[int],
    *,
    has_versions: bool,
) -> Effect:
    """Carry a configuration out on lots.

    Args:
        cuts: as they were asked with.
        has_versions: whether the bucket keeps what expires as a noncurrent version.
    """
    rules = [
        rule
        for rule in configuration.rules
        if rule.is_enabled and not rule.scope.tags and not rule.unknown
    ]  # fmt: skip
    effect, books = Effect(), _Books()
    chosen: dict[tuple[str, int | None], list[tuple[Rule, Step]]] = {}
    for lot in lots:
        is_small = lot.size_level is not None and _least(lot.size_level, cuts) < SMALL_BYTES
        books.add(0, (lot.storage_class, lot.access_tier), lot, is_small, 1)
        if lot.uploaded_on is None or (not lot.is_current and lot.replaced_on is None):
            effect.unknown_age = effect.unknown_age.plus(lot.object_count, lot.size_bytes)
            continue
        key = (lot.scope_prefix, lot.size_level)
        if key not in chosen:
            chosen[key] = [
                (rule, step) for rule in rules if _is_in(rule, lot, cuts) for step in rule.steps
            ]  # fmt: skip
        steps = chosen[key]
        if lot.size_level is None and steps:
            effect.unsized_count += lot.object_count
            steps = [item for item in steps if _is_sure(*item)]
        life = _Life(lot, is_small, reported_on, configuration.minimum_size, effect, books)
        life.go(steps, has_versions=has_versions)
    books.close(effect)
    return effect


def _least(size_level: int, cuts: Sequence[int]) -> int:
    return cuts[size_level - 1] if size_level else 0


def _is_sure(rule: Rule, step: Step) -> bool:
    """Whether a step takes an object of any size."""
    return step.kind.endswith("expiration") and not rule.scope.has_size


def _is_in(rule: Rule, lot: Lot, cuts: Sequence[int]) -> bool:
    """Whether a rule is, or for all that is known may be, about a lot."""
    scope = rule.scope
    if lot.size_level is None:
        return lot.scope_prefix.startswith(scope.prefix)
    least = _least(lot.size_level, cuts)
    most = cuts[lot.size_level] if lot.size_level < len(cuts) else None
    return (
        lot.scope_prefix.startswith(scope.prefix)
        and (scope.size_over is None or least > scope.size_over)
        and (scope.size_under is None or (most is not None and most <= scope.size_under))
    )


class _Life:
    """One lot on its way through the days."""

    def __init__(
        self,
        lot: Lot,
        is_small: bool,
        reported_on: date,
        minimum_size: str | None,
        effect: Effect,
        books: _Books,
    ) -> None:
        assert lot.uploaded_on is not None
        self.lot, self.is_small, self.minimum_size = lot, is_small, minimum_size
        self.effect, self.books, self.reported_on = effect, books, reported_on
        self.place: Place = (lot.storage_class, lot.access_tier)
        self.entered = (lot.uploaded_on - reported_on).days
        self.is_kept_back = False

    def go(self, steps: Sequence[tuple[Rule, Step]], *, has_versions: bool) -> None:
        lot, began = self.lot, self.entered
        if lot.is_current:
            current = [item for item in steps if item[1].kind in {"transition", "expiration"}]
            gone = self._through(current, began)
            if gone is None:
                return
            self._note(self.effect.expired, gone)
            self._lose()
            if not has_versions:
                self._leave(gone)
                return
            began = gone
        elif lot.replaced_on is not None:
            began = (lot.replaced_on - self.reported_on).days
        older = [
            item
            for item in steps
            if item[1].kind.startswith("noncurrent") and lot.newer_count >= (item[1].newer or 0)
        ]
        gone = self._through(older, began)
        if gone is not None:
            self._leave(gone)
            if not lot.is_current:
                self._lose()

    def _lose(self) -> None:
        device, lost = self.lot.device_id, self.effect.lost
        lost[device] = lost[device].plus(self.lot.object_count, self.lot.size_bytes)

    def _through(self, steps: Sequence[tuple[Rule, Step]], began: int) -> int | None:
        """Carry moves out in their order; the day on which the lot ends, None if it does not."""
        due = sorted(
            ((day, rule, step) for rule, step in steps if (day := self._due(step, began)) <= HORIZON),
            key=lambda item: item[0],
        )
        days = sorted({item[0] for item in due})
        for day in days:
            now = [(rule, step) for at, rule, step in due if at == day]
            if any(step.kind.endswith("expiration") for _rule, step in now):
                return day
            wanted = [(rule, step.to_class) for rule, step in now if self._can_go(step.to_class)]
            large = [to_class for rule, to_class in wanted if self._is_moved(rule, to_class)]
            if large:
                self._move(day, max(large, key=TARGETS.index))
            elif wanted and not self.is_kept_back:
                self.is_kept_back = True
                self.effect.small = self.effect.small.plus(self.lot.object_count, self.lot.size_bytes)
        return None

    def _due(self, step: Step, began: int) -> int:
        # S3 rounds up to the next midnight after so many whole days.
        day = (step.on_date - self.reported_on).days if step.on_date else began + (step.after_days or 0) + 1
        return max(1, day)

    def _can_go(self, to_class: str) -> bool:
        storage_class, tier = self.place
        if storage_class == "INTELLIGENT_TIERING" and tier in _FROM_TIER:
            return to_class in _FROM_TIER[tier]
        return may_follow(storage_class, to_class)

    def _is_moved(self, rule: Rule, to_class: str) -> bool:
        """Small objects stay unless the rule asks for sizes, or the bucket lets archives take them."""
        if not self.is_small or rule.scope.has_size:
            return True
        return self.minimum_size == "varies_by_storage_class" and to_class in _ALWAYS_MOVED

    def _move(self, day: int, to_class: str) -> None:
        lot, month = self.lot, (day - 1) // DAYS_A_MONTH
        from_class = self.place[0]
        self._early(day)
        self.books.add(day, self.place, lot, self.is_small, -1)
        self.place = (to_class, "FREQUENT" if to_class == "INTELLIGENT_TIERING" else "")
        self.books.add(day, self.place, lot, self.is_small, 1)
        self.entered = day
        at = (month, from_class, to_class)
        self.effect.moved[at] = self.effect.moved[at].plus(lot.object_count, lot.size_bytes)
        if lot.is_current:
            where = (lot.device_id, to_class)
            self.effect.slowed[where] = self.effect.slowed[where].plus(lot.object_count, lot.size_bytes)

    def _leave(self, day: int) -> None:
        self._early(day)
        self.books.add(day, self.place, self.lot, self.is_small, -1)
        self._note(self.effect.deleted, day)

    def _note(self, into: dict[tuple[int, str], Amount], day: int) -> None:
        at = ((day - 1) // DAYS_A_MONTH, self.place[0])
        into[at] = into[at].plus(self.lot.object_count, self.lot.size_bytes)

    def _early(self, day: int) -> None:
        known = next((item for item in storage_classes.STORAGE_CLASSES if item.id == self.place[0]), None)
        left = (known.minimum_days if known else 0) - (day - self.entered)
        if left > 0:
            _place, own = next(billed(self.place, self.is_small, self.lot.object_count, self.lot.size_bytes))
            self.effect.early[(day - 1) // DAYS_A_MONTH, self.place[0]] += own * left
