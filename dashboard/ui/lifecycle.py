"""The Lifecycle page's parts: the rules of a bucket as sentences and as a timeline, and the draft of other ones."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard.domain import lifecycle_faults
from dashboard.domain.lifecycle import Configuration, Rule, Step, parse
from dashboard.domain.lifecycle_change import differences, removals, touched
from dashboard.errors import DashboardError
from dashboard.operate import lifecycle_words
from dashboard.operate.lifecycle_known import Known, buckets, known
from dashboard.ui import faults, formats, links, source, tables
from dashboard.ui.cards import Card
from dashboard.ui.plan_panel import journal
from dashboard.ui.privacy import foreign
from dashboard.ui.text import _

_DRAFT = "lifecycle_draft"


@dataclass
class Draft:
    """Rules that somebody is putting together; kept in the session.

    Attributes:
        base: digest of the configuration it began with.
        may_touch: IDs of rules of others that were typed out.
    """

    bucket: str
    base: str
    after: Configuration
    may_touch: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Shown:
    """A bucket and what is drafted for it."""

    now: Known
    draft: Draft

    @property
    def is_changed(self) -> bool:
        return not self.draft.after.is_same(self.now.configuration)


def read() -> Shown | None:
    """The bucket that is chosen, and the draft; None where nothing is known of its rules, which is told."""
    every = buckets(source.settings())
    if not every:
        return None
    bucket = links.choose("bucket", every, every[0]) or every[0]
    links.write()  # what a row of filters does on the other pages
    st.selectbox(_("Bucket"), every, key=links.state_key("bucket"), persist_state="session", width=420)
    try:
        now = known(source.settings(), journal(), bucket)
    except DashboardError as fault:
        faults.show(fault)
        return None
    draft = st.session_state.get(_DRAFT)
    base = now.configuration.digest
    if not isinstance(draft, Draft) or (draft.bucket, draft.base) != (bucket, base):
        if isinstance(draft, Draft) and draft.bucket == bucket and draft.after.digest != base:
            st.warning(
                _("The rules of the bucket have changed; what was drafted on the former ones is gone.")
            )
        draft = Draft(bucket, base, now.configuration)
        st.session_state[_DRAFT] = draft
    return Shown(now, draft)


def put(draft: Draft, after: Configuration, *may_touch: str) -> None:
    """Go on with other rules."""
    # Written as text and read again: the very way that a plan takes.
    kept = draft.may_touch | set(may_touch)
    st.session_state[_DRAFT] = Draft(draft.bucket, draft.base, parse(after.as_data()), kept)


def drop(shown: Shown) -> None:
    """Begin anew. For callbacks."""
    st.session_state[_DRAFT] = Draft(shown.draft.bucket, shown.draft.base, shown.now.configuration)


def cards(shown: Shown) -> list[Card]:
    """How many rules, how many of them delete, and how many were made here."""
    rules = shown.now.configuration.rules
    removing = sum(
        any(step.kind.endswith("expiration") for step in rule.steps) for rule in rules if rule.is_enabled
    )
    return [
        Card(_("Rules"), len(rules), "count", icon="rule"),
        Card(_("In force"), sum(rule.is_enabled for rule in rules), "count", icon="toggle_on"),
        Card(_("That delete"), removing, "count", icon="delete"),
        Card(_("Made here"), sum(rule.is_own for rule in rules), "count", icon="edit"),
    ]


def told(shown: Shown) -> str:
    """Since when the rules are known, and what the bucket says about small objects."""
    said = _("Written by a run at {moment}") if shown.now.run else _("Read at {moment}")
    moment = formats.when(shown.now.at, source.settings().archive.timezone)
    return f"{said.format(moment=moment)} · {lifecycle_words.small(shown.now.configuration)}"


def sentences(shown: Shown) -> pd.DataFrame:
    """The rules of now: rule_sentence, rule_state, made_by_us, lifecycle_rule."""
    rows = [
        (
            lifecycle_words.sentence(rule, foreign),
            _("In force") if rule.is_enabled else _("Switched off"),
            rule.is_own,
            foreign(rule.id),
        )
        for rule in shown.now.configuration.rules
    ]
    return pd.DataFrame(rows, columns=["rule_sentence", "rule_state", "made_by_us", "lifecycle_rule"])


def sentence_columns() -> list[tables.Column]:
    """The columns of `sentences`."""
    return [
        tables.text("rule_sentence", _("Rule"), width=560),
        tables.text("rule_state", _("State"), width=110),
        tables.flag("made_by_us", _("Made here")),
        tables.text("lifecycle_rule", _("Name"), width="medium"),
    ]


def timeline(shown: Shown) -> pd.DataFrame:
    """What each rule in force does to an object from its upload on: lifecycle_rule, storage_class, stay_days.

    Rules by date are left out: they have no age. What is deleted ends; what stays is drawn on for a while.
    """
    rows: list[tuple[str, str, int]] = []
    lines = [
        (f"{foreign(rule.id)}{suffix}", moves, ends)
        for rule in shown.now.configuration.rules
        if rule.is_enabled
        for suffix, moves, ends in _lines(rule)
    ]
    longest = max((step.after_days or 0 for _id, moves, ends in lines for step in (*moves, *ends)), default=0)
    for rule_id, moves, ends in lines:
        end = min((step.after_days or 0 for step in ends), default=longest + max(30, longest // 5))
        stays = [(0, "STANDARD"), *((step.after_days or 0, step.to_class) for step in moves)]
        for (begin, storage_class), (until, _next) in zip(stays, [*stays[1:], (end, "")], strict=True):
            rows.append((rule_id, storage_class, max(0, until - begin)))
    return pd.DataFrame(rows, columns=["lifecycle_rule", "storage_class", "stay_days"])


def _lines(rule: Rule) -> list[tuple[str, list[Step], list[Step]]]:
    found = []
    for suffix, move, end in (
        ("", "transition", "expiration"),
        (f" ({_('older versions')})", "noncurrent_transition", "noncurrent_expiration"),
    ):
        moves = sorted(
            (step for step in rule.steps if step.kind == move and step.after_days is not None),
            key=lambda step: step.after_days or 0,
        )
        ends = [step for step in rule.steps if step.kind == end and step.after_days is not None]
        if moves or ends:
            found.append((suffix, moves, ends))
    return found


def changes(shown: Shown) -> pd.DataFrame:
    """What the draft changes: change_kind, before_sentence, after_sentence, lifecycle_rule."""
    rows = [
        (
            item.kind,
            lifecycle_words.sentence(item.before, foreign) if item.before else "",
            lifecycle_words.sentence(item.after, foreign) if item.after else "",
            foreign((item.after or item.before or Rule({})).id),
        )
        for item in differences(shown.now.configuration, shown.draft.after)
        if item.kind != "kept"
    ]
    return pd.DataFrame(rows, columns=["rule_change", "before_sentence", "after_sentence", "lifecycle_rule"])


def change_columns() -> list[tables.Column]:
    """The columns of `changes`."""
    return [
        tables.code("rule_change", _("Change"), width=90),
        tables.text("before_sentence", _("Present rule"), width=320),
        tables.text("after_sentence", _("New rule"), width=320),
        tables.text("lifecycle_rule", _("Name"), width="medium"),
    ]


def verdict(shown: Shown) -> bool:
    """Say what is wrong with the draft and what it means; whether a plan can be made of it."""
    found = lifecycle_faults.find(shown.draft.after, shown.now.configuration)
    wrong = [fault for fault in found if not fault.is_warning]
    others = [
        rule
        for rule in touched(shown.now.configuration, shown.draft.after, shown.now.own)
        if rule.id not in shown.draft.may_touch
    ]
    for fault in sorted(found, key=lambda item: item.is_warning):
        _say(lifecycle_words.fault(fault, foreign), is_wrong=not fault.is_warning)
    for rule in others:
        said = _("Rule {rule} was not made here; type its ID out below if it must be changed")
        _say(said.format(rule=foreign(rule.id)), is_wrong=True)
    if shown.now.unread:
        said = _("S3 says something of these rules that would be lost: {names}")
        _say(said.format(names=", ".join(shown.now.unread)), is_wrong=True)
    if removals(shown.now.configuration, shown.draft.after):
        said = _("Something expires or is removed that was not before: two persons have to confirm it")
        _say(said, is_wrong=False)
    return not (wrong or others or shown.now.unread)


def _say(text: str, *, is_wrong: bool) -> None:
    """A line beside a badge: text alone, for rule IDs and prefixes are foreign."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if is_wrong:
            st.badge(_("Problem"), icon=":material/error:", color="red")
        else:
            st.badge(_("Mind"), icon=":material/warning:", color="orange")
        st.text(text)
