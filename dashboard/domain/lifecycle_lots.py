"""What has to be known of a bucket's objects so that lifecycle rules can be held against them, and what cannot be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from dashboard.domain.lifecycle import SMALL_BYTES, Configuration


class Lot(NamedTuple):
    """Objects that rules cannot tell apart.

    Attributes:
        scope_prefix: the longest prefix of the rules that their keys begin with.
        size_level: how many of `Question.cuts` their size reaches; None is a size that no report tells.
        uploaded_on, replaced_on: None is unknown; `replaced_on` is of noncurrent versions only.
        newer_count: newer noncurrent versions of the same key.
    """

    device_id: str
    storage_class: str
    access_tier: str
    scope_prefix: str
    size_level: int | None
    uploaded_on: date | None
    object_count: int
    size_bytes: int
    is_current: bool = True
    replaced_on: date | None = None
    newer_count: int = 0


@dataclass(frozen=True)
class Question:
    """What has to be known of a bucket's objects to answer for some configurations.

    Attributes:
        prefixes: of all rules, longest first.
        cuts: sizes at which something differs, rising.
        oldest_on: objects older than that are all alike.
        asks_versions: whether noncurrent versions matter.
    """

    prefixes: tuple[str, ...]
    cuts: tuple[int, ...]
    oldest_on: date
    asks_versions: bool


def question(configurations: Iterable[Configuration], reported_on: date) -> Question:
    """What to ask for, so that each configuration can be held against the same lots."""
    rules = [rule for item in configurations for rule in item.rules if rule.is_enabled]
    scopes = [rule.scope for rule in rules]
    steps = [step for rule in rules for step in rule.steps]
    cuts = {SMALL_BYTES}
    cuts |= {scope.size_over + 1 for scope in scopes if scope.size_over is not None}
    cuts |= {scope.size_under for scope in scopes if scope.size_under}
    longest = max((step.after_days or 0 for step in steps), default=0)
    # Minimum durations are at most half a year, so nothing older than that is told apart either.
    alike = max(longest + 2, 200)
    return Question(
        tuple(sorted({scope.prefix for scope in scopes}, key=lambda text: (-len(text), text))),
        tuple(sorted(cuts)),
        reported_on - timedelta(days=min(alike, reported_on.toordinal() - 1)),
        any(step.kind.startswith("noncurrent") for step in steps),
    )


@dataclass(frozen=True)
class Uncounted:
    """A rule, or some of its steps, that no report can answer for.

    Attributes:
        why: tags, unknown_field, uploads or markers.
    """

    rule_id: str
    why: str


def uncounted(configuration: Configuration) -> list[Uncounted]:
    """Rules in force that are left out, each with the reason."""
    found = []
    for rule in configuration.rules:
        if not rule.is_enabled:
            continue
        kinds = {step.kind for step in rule.steps}
        if rule.scope.tags or rule.unknown:
            found.append(Uncounted(rule.id, "tags" if rule.scope.tags else "unknown_field"))
            continue
        found += [Uncounted(rule.id, "uploads")] if "abort_upload" in kinds else []
        found += [Uncounted(rule.id, "markers")] if "expire_marker" in kinds else []
    return found
