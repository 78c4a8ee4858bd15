"""What S3 asks of the steps of one lifecycle rule: days and dates, the order of classes, versions."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.domain import storage_classes
from dashboard.domain.lifecycle import Rule, Step

MOST_NEWER = 100
_USUAL_DAYS = 30
TARGETS = ("STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE")
"""Classes that a rule may move to, each only to those after it (and not from One Zone-IA to Glacier Instant)."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a rule.

    Attributes:
        rule_id: '' for the whole configuration.
        field: as S3 calls it.
        cause, next_step: English templates, filled with `values`.
        is_warning: S3 takes it all the same.
    """

    rule_id: str
    field: str
    cause: str
    next_step: str
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)
    is_warning: bool = False


def may_follow(earlier: str, later: str) -> bool:
    """Whether S3 moves objects from one class to another."""
    if earlier in {"STANDARD", "REDUCED_REDUNDANCY"}:
        return later in TARGETS
    if earlier not in TARGETS or later not in TARGETS or (earlier, later) == ("ONEZONE_IA", "GLACIER_IR"):
        return False
    return TARGETS.index(earlier) < TARGETS.index(later)


def of_steps(rule: Rule) -> Iterator[Fault]:
    """What is wrong with what a rule does."""
    yield from _expiration(rule)
    yield from _moves(rule)
    yield from _versions(rule)
    abort = rule.data.get("AbortIncompleteMultipartUpload")
    if abort is not None and not is_whole(abort.get("DaysAfterInitiation"), 1):
        yield _positive(rule, "AbortIncompleteMultipartUpload.DaysAfterInitiation")


def _expiration(rule: Rule) -> Iterator[Fault]:
    expiration = rule.data.get("Expiration")
    if expiration is None:
        return
    given = [name for name in ("Days", "Date", "ExpiredObjectDeleteMarker") if name in expiration]
    if len(given) != 1:
        yield Fault(
            rule_id=rule.id, field="Expiration",
            cause="It needs exactly one of Days, Date and ExpiredObjectDeleteMarker",
            next_step="Keep one; put another into a rule of its own",
        )  # fmt: skip
    if "Days" in expiration and not is_whole(expiration["Days"], 1):
        yield _positive(rule, "Expiration.Days")
    yield from _date(rule, "Expiration.Date", expiration)


def _moves(rule: Rule) -> Iterator[Fault]:
    raw = rule.data.get("Transitions") or []
    for move in raw:
        if ("Days" in move) == ("Date" in move):
            yield Fault(
            rule_id=rule.id, field="Transitions",
                cause="Each move needs either Days or Date",
                next_step="Keep one of the two",
            )  # fmt: skip
        if "Days" in move and not is_whole(move["Days"], 0):
            yield Fault(
            rule_id=rule.id, field="Transitions.Days",
                cause="{value} is no whole number of days from 0",
                next_step="Write a whole number",
                values={"value": move["Days"]},
            )  # fmt: skip
        yield from _date(rule, "Transitions.Date", move)
        yield from _target(rule, "Transitions", move)
        days, to_class = move.get("Days"), move.get("StorageClass")
        if to_class in {"STANDARD_IA", "ONEZONE_IA"} and is_whole(days, 0) and days < _USUAL_DAYS:
            yield Fault(
            rule_id=rule.id, field="Transitions.Days",
                cause="{label} after {days} days: S3 asked for {least} for years, and may still refuse less",
                next_step="Write {least}, unless the days before that matter",
                values={"label": storage_classes.label(str(to_class)), "days": days, "least": _USUAL_DAYS},
                is_warning=True,
            )  # fmt: skip
    if len({"Days" if "Days" in move else "Date" for move in raw}) > 1:
        yield Fault(
            rule_id=rule.id, field="Transitions",
            cause="Days and dates are mixed in one rule",
            next_step="Use one of them, or two rules",
        )  # fmt: skip
        return
    steps = [step for step in rule.steps if step.kind == "transition"]
    yield from _order(rule, "Transitions", steps)
    ends = [step for step in rule.steps if step.kind == "expiration"]
    for end, step in itertools.product(ends, steps):
        if (end.on_date is None) != (step.on_date is None):
            yield Fault(
            rule_id=rule.id, field="Expiration",
                cause="Days and dates are mixed in one rule",
                next_step="Use one of them, or two rules",
            )  # fmt: skip
        elif not _time(step) < _time(end):
            yield Fault(
            rule_id=rule.id, field="Expiration",
                cause="It deletes before it moves to {label}, or on the same day",
                next_step="Delete later, or leave the move out",
                values={"label": storage_classes.label(step.to_class)},
            )  # fmt: skip


def _versions(rule: Rule) -> Iterator[Fault]:
    moves = rule.data.get("NoncurrentVersionTransitions") or []
    gone = rule.data.get("NoncurrentVersionExpiration")
    for move in moves:
        if not is_whole(move.get("NoncurrentDays"), 0):
            yield _positive(rule, "NoncurrentVersionTransitions.NoncurrentDays")
        yield from _target(rule, "NoncurrentVersionTransitions", move)
    if gone is not None and not is_whole(gone.get("NoncurrentDays"), 1):
        yield _positive(rule, "NoncurrentVersionExpiration.NoncurrentDays")
    for name, part in (
        *(("NoncurrentVersionTransitions", move) for move in moves),
        *([("NoncurrentVersionExpiration", gone)] if gone else []),
    ):
        newer = part.get("NewerNoncurrentVersions")
        if newer is not None and not (is_whole(newer, 1) and newer <= MOST_NEWER):
            yield Fault(
            rule_id=rule.id, field=f"{name}.NewerNoncurrentVersions",
                cause="{value} is no number of versions from 1 to {most}",
                next_step="Write one, or leave it out",
                values={"value": newer, "most": MOST_NEWER},
            )  # fmt: skip
    steps = [step for step in rule.steps if step.kind == "noncurrent_transition"]
    yield from _order(rule, "NoncurrentVersionTransitions", steps)
    ends = [step.after_days or 0 for step in rule.steps if step.kind == "noncurrent_expiration"]
    if any((step.after_days or 0) >= end for step in steps for end in ends):
        yield Fault(
            rule_id=rule.id, field="NoncurrentVersionExpiration.NoncurrentDays",
            cause="It deletes older versions before it moves them, or on the same day",
            next_step="Delete later, or leave the move out",
        )  # fmt: skip


def _order(rule: Rule, name: str, steps: list[Step]) -> Iterator[Fault]:
    """The waterfall, and the shortest time between two moves."""
    if any(not isinstance(step.after_days, int) and step.on_date is None for step in steps):
        return
    in_time = sorted(steps, key=_time)
    for earlier, later in itertools.pairwise(in_time):
        values = {
            "earlier": storage_classes.label(earlier.to_class), "later": storage_classes.label(later.to_class),
        }  # fmt: skip
        if _time(earlier) == _time(later) or not may_follow(earlier.to_class, later.to_class):
            yield Fault(
            rule_id=rule.id, field=name,
                cause="After {earlier} it cannot move to {later} at that time",
                next_step="Let classes follow each other from warm to cold, each later than the one before",
                values=values,
            )  # fmt: skip
            continue
        least = _minimum_days(earlier.to_class)
        if (_time(later) - _time(earlier)) < least:
            yield Fault(
            rule_id=rule.id, field=name,
                cause="It leaves {earlier} for {later} after {days} days, and {least} are billed at least",
                next_step="Move on at least {least} days later",
                values={**values, "days": _time(later) - _time(earlier), "least": least},
            )  # fmt: skip


def _target(rule: Rule, name: str, move: Mapping[str, Any]) -> Iterator[Fault]:
    if move.get("StorageClass") not in TARGETS:
        yield Fault(
            rule_id=rule.id, field=f"{name}.StorageClass",
            cause="No rule can move objects to {value}",
            next_step="Use one of {known}",
            values={"value": move.get("StorageClass"), "known": ", ".join(TARGETS)},
        )  # fmt: skip


def _date(rule: Rule, name: str, part: Mapping[str, Any]) -> Iterator[Fault]:
    text = part.get("Date")
    if text is not None and str(text)[10:] not in {"T00:00:00Z", "T00:00:00+00:00", "T00:00:00.000Z"}:
        yield Fault(
            rule_id=rule.id, field=name,
            cause="{value} is not midnight UTC",
            next_step="Write a day and T00:00:00Z",
            values={"value": text},
        )  # fmt: skip


def _positive(rule: Rule, name: str) -> Fault:
    return Fault(
            rule_id=rule.id, field=name,
        cause="It needs a whole number of days from 1",
        next_step="Write a whole number",
    )  # fmt: skip


def is_whole(value: Any, least: int) -> bool:
    """Whether a value is a whole number from `least`."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value < 2**31


def _time(step: Step) -> int:
    return step.on_date.toordinal() if step.on_date else step.after_days or 0


def _minimum_days(class_id: str) -> int:
    return next((item.minimum_days for item in storage_classes.STORAGE_CLASSES if item.id == class_id), 0)
