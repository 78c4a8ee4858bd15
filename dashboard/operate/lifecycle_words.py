"""Lifecycle rules as sentences, in the language of the reader.

Prefixes, tags and IDs are foreign text: `foreign` makes each of them fit for whoever reads it.
"""

from __future__ import annotations

from collections.abc import Callable

from dashboard import formats
from dashboard.domain import storage_classes
from dashboard.domain.lifecycle import MINIMUM_SIZES, Configuration, Rule, Scope, Step
from dashboard.domain.lifecycle_change import differences
from dashboard.domain.lifecycle_lots import Uncounted
from dashboard.domain.lifecycle_step_faults import Fault
from dashboard.safe import visible
from dashboard.wording import N_, _, n_

Foreign = Callable[[str], str]
_DEEDS: dict[tuple[str, bool], str] = {
    ("transition", False): N_("{days} after upload: move to {to_class}"),
    ("transition", True): N_("On {day}: move to {to_class}"),
    ("expiration", False): N_("{days} after upload: delete"),
    ("expiration", True): N_("On {day}: delete"),
    ("noncurrent_transition", False): N_("{days} after replacement: move older versions to {to_class}"),
    ("noncurrent_expiration", False): N_("{days} after replacement: delete older versions"),
    ("abort_upload", False): N_("{days} after the start: drop unfinished uploads"),
    ("expire_marker", False): N_("When no version is left: remove delete markers"),
}
_SMALL = {
    MINIMUM_SIZES[0]: N_("Objects under 128 KiB stay where they are"),
    MINIMUM_SIZES[1]: N_("Small objects go to Glacier Flexible and Deep Archive, too"),
}
UNCOUNTED: dict[str, str] = {
    "tags": N_("reports hold no tags, so what this rule is about is not known"),
    "unknown_field": N_("it has fields that this dashboard does not know"),
    "uploads": N_("unfinished uploads stand in no report"),
    "markers": N_("delete markers take no space"),
}


def unsized(object_count: int) -> str:
    """What is not known of objects whose size no report tells."""
    said = n_(
        "{count} object of unknown size: whether it moves is not known, and it is in no sum of bytes or money",
        "{count} objects of unknown size: whether they move is not known, and they are in no sum of bytes or money",
        object_count,
    )
    return said.format(count=f"{object_count:,}")


def deed(step: Step) -> str:
    """What a step does."""
    said = _(_DEEDS[step.kind, step.on_date is not None]).format(
        days=formats.days(step.after_days),
        day=formats.day(step.on_date),
        to_class=storage_classes.label(step.to_class),
    )
    if not step.newer:
        return said
    kept = n_("the newest {count} is kept", "the newest {count} are kept", step.newer)
    return f"{said} ({kept.format(count=step.newer)})"


def scope(about: Scope, foreign: Foreign = visible) -> str:
    """Which objects a rule is about."""
    words = [_("keys that begin with {prefix}").format(prefix=foreign(about.prefix))] if about.prefix else []
    words += [_("tag {tag}").format(tag=foreign(f"{key} = {value}")) for key, value in about.tags]
    if about.size_over is not None:
        words.append(_("larger than {size}").format(size=formats.size(about.size_over)))
    if about.size_under is not None:
        words.append(_("smaller than {size}").format(size=formats.size(about.size_under)))
    return _(", ").join(words) or _("all objects")


def sentence(rule: Rule, foreign: Foreign = visible) -> str:
    """All of a rule: which objects, and what happens to them when."""
    deeds = [deed(step) for step in rule.steps]
    deeds += [_("and more that this dashboard does not know: {names}").format(names=foreign(", ".join(rule.unknown)))
              ] if rule.unknown else []  # fmt: skip
    said = _("{scope}: {deeds}").format(
        scope=scope(rule.scope, foreign), deeds=_("; ").join(deeds) or _("nothing")
    )
    return said if rule.is_enabled else _("(switched off) {rule}").format(rule=said)


def fault(found: Fault, foreign: Foreign = visible) -> str:
    """Rule, field, what is wrong and what to do."""
    values = {name: foreign(str(value)) for name, value in found.values.items()}
    where = f"{foreign(found.rule_id)} · {found.field}" if found.rule_id else found.field
    return _("{where}: {cause}. {next_step}.").format(
        where=where,
        cause=_(found.cause).format_map(values),
        next_step=_(found.next_step).format_map(values),
    )


def left_out(found: Uncounted, foreign: Foreign = visible) -> str:
    """Which rule is not counted, and why."""
    return _("Rule {rule}: {why}").format(rule=foreign(found.rule_id), why=_(UNCOUNTED[found.why]))


def small(configuration: Configuration) -> str:
    """What the bucket says about small objects."""
    size = configuration.minimum_size or MINIMUM_SIZES[0]
    return _(_SMALL[size]) if size in _SMALL else visible(size)


def changed(before: Configuration, after: Configuration, foreign: Foreign = visible) -> list[str]:
    """Each rule that goes (−) or comes (+), and the setting for small objects where it changes; a line each."""
    lines = [
        f"{sign} {foreign(rule.id)} · {sentence(rule, foreign)}"
        for item in differences(before, after)
        for sign, rule in (("−", item.before), ("+", item.after))
        if rule is not None and item.kind != "kept"
    ]
    if None not in {before.minimum_size, after.minimum_size} and before.minimum_size != after.minimum_size:
        lines += [f"− {small(before)}", f"+ {small(after)}"]
    return lines
