"""What a change of lifecycle rules would do to the objects of the newest report, and what that costs and saves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dashboard.domain import lifecycle_lots
from dashboard.domain.lifecycle import Configuration
from dashboard.domain.lifecycle_effect import Amount, Effect, effect_of
from dashboard.domain.lifecycle_lots import Lot, Question, Uncounted
from dashboard.domain.lifecycle_money import Outlook, outlook
from dashboard.settings import Settings
from dashboard.settings.price_files import price_book

Ask = Callable[[str, Mapping[str, Any]], Iterable[tuple[Any, ...]]]
"""The rows of a page query by its name and params."""


@dataclass(frozen=True)
class Reckoned:
    """A change held against real objects.

    Attributes:
        uncounted: rules in force before or after that no report can answer for.
        has_versions: whether the bucket keeps what expires as noncurrent versions.
        counts_versions: whether noncurrent versions are in the figures: they are where a rule about them changes.
    """

    before: Effect
    after: Effect
    outlook: Outlook
    uncounted: tuple[Uncounted, ...]
    has_versions: bool
    counts_versions: bool

    @property
    def deleted_more(self) -> Amount:
        """What is deleted, or hidden under a delete marker, and would not be without the change."""
        return _more(self.before.lost.values(), self.after.lost.values())

    @property
    def unsized_count(self) -> int:
        """Objects under the rules whose size no report tells: whether they move is not known, nor what they cost."""
        return max(self.before.unsized_count, self.after.unsized_count)

    @property
    def moved_more(self) -> Amount:
        """What is moved and would not be without the change, each move counted."""
        return _more(self.before.moved.values(), self.after.moved.values())


def reckon(
    settings: Settings, ask: Ask, bucket: str, before: Configuration, after: Configuration, reported_on: date
) -> Reckoned:
    """Carry both configurations out on paper.

    Args:
        reported_on: day of the newest report.

    Raises:
        DashboardError: of the warehouse.
    """
    asked = lifecycle_lots.question((before, after), reported_on)
    counts_versions = asked.asks_versions and _about_versions(before) != _about_versions(after)
    rows = list(ask("lifecycle.lots", _params(bucket, asked)))
    lots = [_lot(row, asked.prefixes) for row in rows]
    has_versions = any(row[8] for row in rows)
    if counts_versions:
        lots += [_version(row, asked.prefixes) for row in ask("lifecycle.versions", _params(bucket, asked))]
    effects = [
        effect_of(item, lots, reported_on, asked.cuts, has_versions=has_versions) for item in (before, after)
    ]
    stored = [
        dict(
            zip(
                ("storage_class", "access_tier", "object_count", "size_bytes", "billed_bytes"),
                row,
                strict=True,
            )
        )
        for row in ask("savings.stored", {})
    ]
    return Reckoned(
        effects[0],
        effects[1],
        outlook(
            effects[0],
            effects[1],
            stored,
            reported_on,
            price_book(settings.warehouse.folder),
            settings.aws.region,
            settings.records.keeping,
        ),
        tuple(dict.fromkeys((*lifecycle_lots.uncounted(after), *lifecycle_lots.uncounted(before)))),
        has_versions,
        counts_versions,
    )


def _params(bucket: str, asked: Question) -> dict[str, Any]:
    return {
        "bucket": bucket,
        "prefixes": list(asked.prefixes),
        "cuts": list(asked.cuts),
        "oldest_on": asked.oldest_on,
    }


def _lot(row: tuple[Any, ...], prefixes: Sequence[str]) -> Lot:
    device, storage_class, tier, scope, level, uploaded_on, count, size, _has_versions = row
    known = None if level is None or level != level else int(level)
    place = (str(device or ""), str(storage_class), str(tier), _prefix(scope, prefixes), known)
    return Lot(*place, _day(uploaded_on), int(count), int(size))


def _version(row: tuple[Any, ...], prefixes: Sequence[str]) -> Lot:
    *alike, replaced_on, newer, count, size = row
    lot = _lot((*alike, count, size, True), prefixes)
    return lot._replace(is_current=False, replaced_on=_day(replaced_on), newer_count=int(newer))


def _prefix(scope: Any, prefixes: Sequence[str]) -> str:
    return prefixes[int(scope) - 1] if scope else ""


def _day(value: Any) -> date | None:
    """A day from a driver's date, time, or what it has for none."""
    if value is None or value != value:  # NaT is not itself
        return None
    return value.date() if hasattr(value, "date") else value  # type: ignore[no-any-return]


def _about_versions(configuration: Configuration) -> set[Any]:
    return {
        (rule.scope, step)
        for rule in configuration.rules
        if rule.is_enabled
        for step in rule.steps
        if step.kind.startswith("noncurrent")
    }


def _all(amounts: Iterable[Amount]) -> Amount:
    total = Amount()
    for amount in amounts:
        total = total.plus(*amount)
    return total


def _more(before: Iterable[Amount], after: Iterable[Amount]) -> Amount:
    less, whole = _all(before), _all(after)
    return Amount(max(0, whole.object_count - less.object_count), max(0, whole.size_bytes - less.size_bytes))
