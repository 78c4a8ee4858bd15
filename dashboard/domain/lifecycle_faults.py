"""S3's rules for lifecycle configurations, held before anything is sent: which rule, which field, what to do.

S3 refuses most of these; a few it accepts and then does what nobody meant, which are warnings.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from dashboard.domain.lifecycle import MINIMUM_SIZES, Configuration, Rule, Scope
from dashboard.domain.lifecycle_step_faults import Fault, is_whole, of_steps

MOST_RULES, LONGEST_ID, MOST_TAGS = 1000, 255, 10
LONGEST_TAG_KEY, LONGEST_TAG_VALUE, LONGEST_PREFIX = 128, 256, 1024


def find(configuration: Configuration, accepted: Configuration | None = None) -> list[Fault]:
    """Everything that S3 would refuse, or that could not be meant; in the order of the rules.

    Args:
        accepted: what the bucket has. S3 took its rules, so what is found in one that stays is a warning: somebody
            else's rule must not keep people from changing their own.
    """
    known = {rule.canonical for rule in accepted.rules} if accepted else set()
    return [
        *_of_all(configuration),
        *(
            replace(fault, is_warning=fault.is_warning or rule.canonical in known)
            for rule in configuration.rules
            for fault in _of_rule(rule)
        ),
    ]


def _of_all(configuration: Configuration) -> Iterator[Fault]:
    rules = configuration.rules
    if len(rules) > MOST_RULES:
        yield Fault(
            rule_id="", field="Rules",
            cause="There are {count} rules, and a bucket may have {most}",
            next_step="Join rules that do the same, or remove some",
            values={"count": len(rules), "most": MOST_RULES},
        )  # fmt: skip
    if configuration.minimum_size not in {None, *MINIMUM_SIZES}:
        yield Fault(
            rule_id="", field="TransitionDefaultMinimumObjectSize",
            cause="{value} is no setting for small objects",
            next_step="Use one of {known}",
            values={"value": configuration.minimum_size, "known": ", ".join(MINIMUM_SIZES)},
        )  # fmt: skip
    for rule_id, count in Counter(rule.id for rule in rules if rule.id).items():
        if count > 1:
            yield Fault(
            rule_id=rule_id, field="ID",
                cause="{count} rules have this ID",
                next_step="Give each rule an ID of its own",
                values={"count": count},
            )  # fmt: skip
    yield from _between([rule for rule in rules if rule.is_enabled])


def _between(rules: Sequence[Rule]) -> Iterator[Fault]:
    """Two rules for the same objects of which one undoes or forestalls what the other says."""
    ends: list[tuple[str, Scope, int]] = []
    moves: dict[Scope, list[tuple[str, int, str]]] = defaultdict(list)
    for rule in rules:  # taken apart once: there may be half a million pairs
        scope = rule.scope
        for step in rule.steps:
            if step.kind == "expiration" and step.after_days:
                ends.append((rule.id, scope, step.after_days))
            elif step.kind == "transition" and step.after_days is not None:
                moves[scope].append((rule.id, step.after_days, step.to_class))
    for scope, found in moves.items():
        for rule_id, days, _class in found:
            for other, wide, end in ends:
                if days >= end and other != rule_id and wide.holds(scope):
                    yield Fault(
                        rule_id=rule_id, field="Transitions.Days",
                        cause="Rule {other} deletes the same objects before they would move",
                        next_step="Move them before that, or leave the move out",
                        values={"other": other}, is_warning=True,
                    )  # fmt: skip
        for (one, days, to_class), (other, other_days, other_class) in itertools.combinations(found, 2):
            if one != other and days == other_days and to_class != other_class:
                yield Fault(
                    rule_id=other, field="Transitions",
                    cause="It moves the same objects on the same day to another class than rule {other}; "
                    "S3 takes the cheapest",
                    next_step="Keep one of the two moves",
                    values={"other": one}, is_warning=True,
                )  # fmt: skip


def _of_rule(rule: Rule) -> Iterator[Fault]:
    yield from _identity(rule)
    yield from _filter(rule)
    yield from of_steps(rule)
    if not rule.steps and not rule.unknown:
        yield Fault(
            rule_id=rule.id, field="Rule",
            cause="It does nothing",
            next_step="Say what it moves or deletes, or remove it",
        )  # fmt: skip


def _identity(rule: Rule) -> Iterator[Fault]:
    if not rule.id:
        yield Fault(
            rule_id="",
            field="ID",
            cause="A rule has no ID",
            next_step="Give it an ID, by which it can be found again",
        )
    elif len(rule.id) > LONGEST_ID:
        yield Fault(
            rule_id=rule.id, field="ID",
            cause="It has {count} characters, and {most} are the most",
            next_step="Shorten it",
            values={"count": len(rule.id), "most": LONGEST_ID},
        )  # fmt: skip
    if rule.data.get("Status") not in {"Enabled", "Disabled"}:
        yield Fault(
            rule_id=rule.id, field="Status",
            cause="{value} is neither Enabled nor Disabled",
            next_step="Write one of the two",
            values={"value": rule.data.get("Status")},
        )  # fmt: skip


def _filter(rule: Rule) -> Iterator[Fault]:
    has_filter, has_prefix = "Filter" in rule.data, "Prefix" in rule.data
    chosen = rule.data.get("Filter") or {}
    if has_filter == has_prefix:
        yield Fault(
            rule_id=rule.id, field="Filter",
            cause="It has both Filter and Prefix" if has_filter else "It has no Filter",
            next_step="Say in Filter, and only there, which objects are meant; an empty one means all",
        )  # fmt: skip
    if len(chosen) > 1:
        yield Fault(
            rule_id=rule.id, field="Filter",
            cause="It has several conditions side by side: {names}",
            next_step="Put them into And",
            values={"names": ", ".join(sorted(chosen))},
        )  # fmt: skip
    both = chosen.get("And")
    if both is not None and len(both) - ("Tags" in both) + len(both.get("Tags") or ()) < 2:
        yield Fault(
            rule_id=rule.id, field="Filter.And",
            cause="It joins fewer than two conditions",
            next_step="Write the one condition without And",
        )  # fmt: skip
    yield from _scope(rule, rule.scope)


def _scope(rule: Rule, scope: Scope) -> Iterator[Fault]:
    if len(scope.prefix.encode()) > LONGEST_PREFIX:
        yield Fault(
            rule_id=rule.id, field="Filter.Prefix",
            cause="It is longer than any key may be",
            next_step="Shorten it",
        )  # fmt: skip
    if len(scope.tags) > MOST_TAGS:
        yield Fault(
            rule_id=rule.id, field="Filter.Tags",
            cause="It has {count} tags, and an object has {most} at most",
            next_step="Leave some out",
            values={"count": len(scope.tags), "most": MOST_TAGS},
        )  # fmt: skip
    if len({key for key, _value in scope.tags}) < len(scope.tags):
        yield Fault(
            rule_id=rule.id, field="Filter.Tags",
            cause="One tag has two values, which no object can have",
            next_step="Write a rule for each value",
        )  # fmt: skip
    if any(
        not 0 < len(key) <= LONGEST_TAG_KEY or len(value) > LONGEST_TAG_VALUE for key, value in scope.tags
    ):
        yield Fault(
            rule_id=rule.id, field="Filter.Tags",
            cause="A tag is empty or too long",
            next_step="Use 1 to 128 characters for the name and up to 256 for the value",
        )  # fmt: skip
    over, under = scope.size_over, scope.size_under
    if any(size is not None and not is_whole(size, 0) for size in (over, under)):
        yield Fault(
            rule_id=rule.id, field="Filter.ObjectSize",
            cause="A size is no whole number of bytes",
            next_step="Write bytes, from 0",
        )  # fmt: skip
    elif under == 0 or (over is not None and under is not None and over + 1 >= under):
        yield Fault(
            rule_id=rule.id, field="Filter.ObjectSize",
            cause="No object is larger than {over} and smaller than {under} bytes",
            next_step="Let the lower bound be smaller",
            values={"over": over, "under": under},
        )  # fmt: skip
    if scope.tags and any(step.kind in {"abort_upload", "expire_marker"} for step in rule.steps):
        yield Fault(
            rule_id=rule.id, field="Filter.Tag",
            cause="Unfinished uploads and delete markers have no tags",
            next_step="Put that into a rule without tags",
        )  # fmt: skip
    if scope.has_size and any(step.kind in {"abort_upload", "expire_marker"} for step in rule.steps):
        yield Fault(
            rule_id=rule.id, field="Filter.ObjectSize",
            cause="Unfinished uploads and delete markers have no size",
            next_step="Put that into a rule without sizes",
        )  # fmt: skip
