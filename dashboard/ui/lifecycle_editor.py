"""The form that adds and changes rules of a draft, and the buttons that switch them off or take them out."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.domain import lifecycle_templates as templates
from dashboard.domain.lifecycle import Rule, Scope
from dashboard.domain.lifecycle_step_faults import TARGETS
from dashboard.domain.lifecycle_templates import Wish
from dashboard.operate import lifecycle_words
from dashboard.ui import labels, lifecycle, source
from dashboard.ui.lifecycle import Shown
from dashboard.ui.privacy import foreign
from dashboard.ui.text import N_, _, language, speak

NEW = ""
TEMPLATES: dict[str, str] = {
    "move": N_("Move to a colder class"),
    "delete": N_("Delete"),
    "versions": N_("Delete older versions"),
    "version_moves": N_("Move older versions to a colder class"),
    "uploads": N_("Drop unfinished uploads"),
}
_DAYS = {"move": 90, "delete": 3650, "versions": 90, "version_moves": 30, "uploads": 7}
_MIB = 1 << 20


def offer(shown: Shown, *, sees_keys: bool) -> None:
    """The editor, made when somebody opens it: most visits only look, and it is a third of what the browser would draw.

    Args:
        sees_keys: only those who may see keys type a prefix, by which others could find keys out; they choose a folder.
    """
    code = language()

    @st.fragment
    def editor() -> None:
        speak(code)  # a run of the editor alone has no page that would
        body = st.expander(
            _("Add, change or remove a rule"), key="rule_editor", icon=":material/edit:", on_change="rerun"
        )
        if body.open:
            with body:
                _draw(shown, sees_keys=sees_keys)

    editor()


def _draw(shown: Shown, *, sees_keys: bool) -> None:
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _form(shown, sees_keys=sees_keys)
    with right:
        _present(shown)


def _form(shown: Shown, *, sees_keys: bool) -> None:
    own = {rule.id: rule for rule in shown.draft.after.rules if rule.is_own}
    places = {NEW: _("A new one"), **{rule_id: foreign(rule_id) for rule_id in own}}
    names = {code: _(text) for code, text in TEMPLATES.items()}
    st.subheader(_("Add or change a rule"), anchor=False)
    with st.container(horizontal=True):
        place = st.selectbox(
            _("Which rule"), list(places), key="rule_place", width=300,
            format_func=places.__getitem__,
        )  # fmt: skip
        known = _wish_of(own[place]) if place in own else None
        kinds = list(names)
        kind = st.selectbox(
            _("What it does"), kinds, key=f"rule_kind_{place}", width=300,
            index=kinds.index(known[0]) if known else 0, format_func=names.__getitem__,
        )  # fmt: skip
    with st.form(f"rule_{place}_{kind}", border=False):
        wish = known[1] if known and known[0] == kind else Wish()
        values = _fields(kind, wish, _folders(shown), sees_keys=sees_keys)
        if st.form_submit_button(_("Take over into the draft"), icon=":material/add:", type="primary"):
            made = templates.rule_of(_wish(kind, values, place), shown.draft.after)
            is_enabled = place not in own or own[place].is_enabled
            after = templates.with_rule(shown.draft.after, made.with_status(is_enabled=is_enabled))
            lifecycle.put(shown.draft, after)
            st.rerun()


def _fields(kind: str, wish: Wish, folders: list[str], *, sees_keys: bool) -> dict[str, Any]:
    scope = wish.scope
    moves = list(wish.moves or wish.version_moves)
    values: dict[str, Any] = {}
    days = {"delete": wish.expire_days, "versions": wish.version_days, "uploads": wish.upload_days}.get(kind)
    words = {
        "uploads": _("Days after the start"),
        "versions": _("Days after replacement"),
        "version_moves": _("Days after replacement"),
    }
    with st.container(horizontal=True):
        values["days"] = st.number_input(
            words.get(kind, _("Days after upload")), 0, 36_500, moves[0][0] if moves else days or _DAYS[kind],
            width=170,
        )  # fmt: skip
        if kind in {"move", "version_moves"}:
            values["class"] = _class(_("New class"), moves[0][1] if moves else "GLACIER_IR")
        if kind.startswith("version"):
            values["newer"] = st.number_input(
                _("Newest versions kept anyway"), 0, 100, wish.newer or 0, width=210
            )
    if kind == "move":
        with st.container(horizontal=True):
            values["then_days"] = st.number_input(
                _("And later, after days"), 0, 36_500, moves[1][0] if len(moves) > 1 else None, width=170,
                placeholder=_("Never"),
            )  # fmt: skip
            values["then_class"] = _class(_("To class"), moves[1][1] if len(moves) > 1 else "DEEP_ARCHIVE")
    with st.container(horizontal=True):
        if sees_keys:
            values["prefix"] = st.text_input(
                _("Keys that begin with"), scope.prefix, max_chars=1024, placeholder=_("All keys"), width=260
            )
        else:
            names = {"": _("All keys"), **{text: foreign(text) for text in (*folders, scope.prefix) if text}}
            known = list(names)
            values["prefix"] = st.selectbox(
                _("Keys that begin with"), known, index=known.index(scope.prefix), width=260,
                format_func=names.__getitem__,
            )  # fmt: skip
        if kind != "uploads":
            tag = "; ".join(f"{key}={value}" for key, value in scope.tags)
            values["tags"] = st.text_input(
                _("Only with tags (name=value; …)"), tag, width=260, placeholder=_("Any")
            )
    if kind != "uploads":
        with st.container(horizontal=True):
            values["over"] = _size(_("Larger than (MiB)"), scope.size_over)
            values["under"] = _size(_("Smaller than (MiB)"), scope.size_under)
    return values


def _folders(shown: Shown) -> list[str]:
    """Folders of the devices, and what rules name already: no more than whoever may not see keys knows."""
    named = [rule.scope.prefix for rule in shown.draft.after.rules]
    return sorted({device.folder for device in source.settings().device} | set(named))


def _class(label: str, present: str) -> str:
    names = {code: labels.name("storage_class", code) for code in TARGETS}
    return str(
        st.selectbox(
            label,
            TARGETS,
            index=TARGETS.index(present) if present in TARGETS else 0,
            width=230,
            format_func=names.__getitem__,
        )
    )


def _size(label: str, size_bytes: int | None) -> float | None:
    return st.number_input(
        label, 0.0, None, None if size_bytes is None else size_bytes / _MIB, width=170, placeholder=_("Any")
    )


def _wish(kind: str, values: dict[str, Any], place: str) -> Wish:
    over, under = (
        None if values.get(name) is None else round(values[name] * _MIB) for name in ("over", "under")
    )
    pairs = [text.partition("=") for text in str(values.get("tags") or "").split(";") if text.strip()]
    scope = Scope(
        str(values["prefix"]),
        tuple((key.strip(), value.strip()) for key, _equals, value in pairs),
        over,
        under,
    )
    days, newer = int(values["days"]), int(values.get("newer") or 0) or None
    moves = [(days, str(values.get("class")))]
    if values.get("then_days"):
        moves.append((int(values["then_days"]), str(values["then_class"])))
    return Wish(
        scope,
        place,
        moves if kind == "move" else (),
        days if kind == "delete" else None,
        moves[:1] if kind == "version_moves" else (),
        days if kind == "versions" else None,
        newer,
        days if kind == "uploads" else None,
    )


def _wish_of(rule: Rule) -> tuple[str, Wish] | None:
    """What the form would say of a rule: its template and fields; None for one that no form makes."""
    by_kind = {
        kind: [step for step in rule.steps if step.kind == kind]
        for kind in {step.kind for step in rule.steps}
    }
    if len(by_kind) != 1:
        return None
    [(kind, steps)] = by_kind.items()
    moves = [(step.after_days or 0, step.to_class) for step in steps]
    days, newer = steps[0].after_days, steps[0].newer
    made = {
        "transition": ("move", Wish(rule.scope, rule.id, moves)),
        "expiration": ("delete", Wish(rule.scope, rule.id, expire_days=days)),
        "noncurrent_transition": (
            "version_moves",
            Wish(rule.scope, rule.id, version_moves=moves, newer=newer),
        ),
        "noncurrent_expiration": ("versions", Wish(rule.scope, rule.id, version_days=days, newer=newer)),
        "abort_upload": ("uploads", Wish(rule.scope, rule.id, upload_days=days)),
    }
    return made.get(kind)


def _present(shown: Shown) -> None:
    rules = {rule.id: rule for rule in shown.draft.after.rules}
    st.subheader(_("Switch off or remove a rule"), anchor=False)
    if not rules:
        st.caption(_("The draft has no rule."))
        return
    names = {rule_id: foreign(rule_id) for rule_id in rules}
    chosen = st.selectbox(_("Rule"), list(names), key="rule_chosen", format_func=names.__getitem__)
    rule = rules[chosen]
    st.text(lifecycle_words.sentence(rule, foreign))
    typed = ""
    if not rule.is_own and rule.canonical not in shown.now.own and rule.id not in shown.draft.may_touch:
        st.caption(
            _(
                "This rule was not made here. Whoever made it may write it again, or rely on it. "
                "To change it all the same, type its ID."
            )
        )
        typed = st.text_input(_("ID of the rule"), key=f"rule_typed_{chosen}", max_chars=255)
    may = (
        typed == chosen or rule.is_own or rule.canonical in shown.now.own or rule.id in shown.draft.may_touch
    )
    touch = (chosen,) if typed == chosen and typed else ()
    off = templates.with_status(shown.draft.after, chosen, is_enabled=not rule.is_enabled)
    with st.container(horizontal=True):
        name = _("Switch off") if rule.is_enabled else _("Switch on")
        is_off = st.button(name, icon=":material/toggle_on:", key="rule_switch", disabled=not may)
        is_out = st.button(_("Take it out"), icon=":material/delete:", key="rule_remove", disabled=not may)
    if is_off or is_out:
        lifecycle.put(
            shown.draft, off if is_off else templates.without_rule(shown.draft.after, chosen), *touch
        )
        st.rerun()
