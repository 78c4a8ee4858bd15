"""What a change of a lifecycle configuration does: which rules differ, what it deletes anew, whose rules it touches."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from dashboard.domain.lifecycle import REMOVING, Configuration, Rule, Step


def removals(before: Configuration, after: Configuration) -> list[tuple[Rule, Step]]:
    """What the later configuration deletes that the earlier one did not: other objects, sooner, or fewer kept.

    A rule counts as covered only by one single former step for at least its objects, so that doubt counts as a removal.
    """
    known = [
        (rule.scope, step)
        for rule in before.rules
        if rule.is_enabled
        for step in rule.steps
        if step.kind in REMOVING
    ]
    return [
        (rule, step)
        for rule in after.rules
        if rule.is_enabled
        for step in rule.steps
        if step.kind in REMOVING
        and not any(scope.holds(rule.scope) and _is_no_later(former, step) for scope, former in known)
    ]


def touched(before: Configuration, after: Configuration, own: Collection[str] = ()) -> list[Rule]:
    """Rules that the later configuration drops or changes and that were not made here.

    Args:
        own: canonical texts of rules that runs of this dashboard wrote, whatever their IDs.
    """
    kept = {rule.canonical for rule in after.rules}
    return [
        rule
        for rule in before.rules
        if not rule.is_own and rule.canonical not in own and rule.canonical not in kept
    ]


@dataclass(frozen=True)
class Difference:
    """What a change does to one rule; None where it is not there."""

    before: Rule | None
    after: Rule | None

    @property
    def kind(self) -> Literal["added", "removed", "changed", "kept"]:
        if self.before is None or self.after is None:
            return "added" if self.before is None else "removed"
        return "kept" if self.before.canonical == self.after.canonical else "changed"


def differences(before: Configuration, after: Configuration) -> list[Difference]:
    """Every rule of both, by ID: first those that were there, in their order."""
    found = [Difference(rule, after.find(rule.id)) for rule in before.rules]
    return found + [Difference(None, rule) for rule in after.rules if before.find(rule.id) is None]


def _is_no_later(former: Step, step: Step) -> bool:
    """Whether a former step had deleted by the time this one does."""
    if former.kind != step.kind:
        return False
    if (former.newer or 0) > (step.newer or 0):
        return False
    if former.on_date or step.on_date:
        return former.on_date is not None and (step.on_date is None or former.on_date <= step.on_date)
    return (former.after_days or 0) <= (step.after_days or 0)
