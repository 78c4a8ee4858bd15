"""A plan as people read it, whatever its action, and the drawer in which it is confirmed."""

from __future__ import annotations

import secrets
import shlex
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.domain.plan import Plan
from dashboard.errors import DashboardError
from dashboard.operate import plans, runs
from dashboard.operate.journal import Journal
from dashboard.operate.plans import KeptPlan
from dashboard.ui import faults, formats, labels, links, operator, plan_words, shell, source, stakes, tables
from dashboard.ui.cards import Card
from dashboard.ui.page import Page
from dashboard.ui.text import N_, _, language, speak

SHOWN_ITEMS = 1_000
_TOKEN, _TOLD = "plan_token", "plan_told"


def journal() -> Journal:
    """The journal of the warehouse that is served."""
    return Journal(source.settings().warehouse.folder)


def make(draft: Callable[[], Plan]) -> None:
    """Make a plan and open it; what forbids it is told instead. For callbacks of buttons."""
    try:
        st.session_state[links.state_key("plan")] = plans.keep(journal(), draft()).digest
        st.session_state[_TOLD] = N_("The plan is made; nothing has been changed yet")
    except DashboardError as fault:
        st.session_state[_TOLD] = fault


def offer(drafted: Callable[[str, Any], Plan], words: Sequence[str] = (), *, is_ready: bool) -> None:
    """The button that makes a plan, and the same for the command line.

    Args:
        drafted: makes it, from who makes it and the warehouse.
        words: of the command line, after `plan`; none where no command makes just this plan.
    """
    st.button(
        _("Make a plan"), icon=":material/fact_check:", type="primary", key="make_plan", disabled=not is_ready,
        on_click=lambda: make(lambda: drafted(operator.acting("operate"), source.warehouse())),
        help=_("A plan changes nothing: it says exactly what would be done, and waits to be confirmed"),
    )  # fmt: skip
    if words:
        st.caption(_("The same on the command line:"))
        st.text(shlex.join(["python", "-m", "dashboard", "plan", *words]))


def draw(page: Page) -> None:
    """The plan that the address names or that was just made, if there is one: price, objects, and its button."""
    plan = opened()
    if plan is None:
        return
    action = labels.name("action", plan.header["action"])
    is_rules = plan.header["action"] in plan_words.LINES
    said = _("Exactly this is done, to exactly these objects, once")
    if is_rules:
        said = _("Exactly this is done, once; what it replaces stays in the plan")
    with page.panel(_("The plan: {action}").format(action=action), caption=said):
        page.cards(
            Card(_("Buckets") if is_rules else _("Objects"), plan.object_count, "count", icon="image"),
            Card(_("Goes in 12 months") if is_rules else _("Size"), plan.size_bytes, "size", icon="storage"),
            Card(_("Price"), plan.usd[0], "money", note=lacking(plan), icon="payments"),
            Card(_("Refused"), plan.refused_count, "count", icon="block"),
        )
        told(plan)
        columns = [tables.code("cost_part", _("Part")), tables.code("archive", _("For"), width=260)]
        columns += [tables.money("part_usd", _("Price"), is_fine=True)]
        nothing = _("Nothing has to be paid for it.")
        page.table(costs(plan), columns, name="costs", title=_("Price of the plan"), empty=nothing)
        confirm(plan)
        shell.link("runs", _("Follow it"), {"run": plan.digest})
    if is_rules:  # its one item is the bucket, and the lines above say all of it
        return
    where = [tables.text("key", _("Key"), width="large"), tables.text("source_bucket", _("Bucket"))]
    if plan.refused_count:
        with page.panel(_("Refused objects")):
            columns = [tables.code("refusal", _("Reason"), width="medium"), *where]
            page.table(page.masked(items(plan, is_refused=True)), columns, name="refused")
    shown = items(plan, is_refused=False)
    if plan.object_count and shown.empty:
        st.caption(_("Nobody confirmed it in time, so its list of objects was let go."))
        return
    with page.panel(_("Objects of the plan"), caption=_("The first thousand; the command line prints all")):
        size = tables.size("size_bytes", _("Size"))
        columns = [*where, size, tables.code("storage_class", _("Class")), tables.text("e_tag", _("ETag"))]
        if (said := plan_words.target(plan.header)) and shown["target_key"].any():
            columns.insert(1, tables.text("target_key", said, width="large"))
        page.table(page.masked(shown), columns, name="items")


def opened() -> KeptPlan | None:
    """The plan that the address names or that was just made, if there is one."""
    faults.tell(st.session_state.pop(_TOLD, None), "plan")
    digest = str(st.session_state[links.seed("plan", str, "")])
    if not digest:
        return None
    try:
        found = plans.find(journal(), digest)
    except DashboardError as fault:
        faults.show(fault)
        return None
    links.note("plan", found.digest)
    links.write()
    return found


def costs(plan: KeptPlan) -> pd.DataFrame:
    """Parts of a plan's price: cost_part, archive, part_usd."""
    rows = [
        (part["what"], part["place"], None if part["usd"] is None else Decimal(part["usd"]))
        for part in plan.header["costs"]
    ]
    return pd.DataFrame(rows, columns=["cost_part", "archive", "part_usd"]).astype({"part_usd": object})


def items(plan: KeptPlan, *, is_refused: bool) -> pd.DataFrame:
    """The first items of a plan, as domain.plan.Item names them; a target is masked as a key is."""
    columns = [
        *("source_bucket", "key", "version_id", "e_tag"),
        *("storage_class", "access_tier", "size_bytes", "refusal", "target_key"),
    ]
    rows = plans.items(journal(), plan, is_refused=is_refused, limit=SHOWN_ITEMS)
    return pd.DataFrame(rows, columns=columns)


def lacking(plan: KeptPlan) -> str:
    """What the known price leaves out, translated; '' if it is whole."""
    return _("without what has no known price") if plan.usd[1] else ""


def told(plan: KeptPlan) -> None:
    """In words: what exactly, hours, calls, until when it holds, and the digest."""
    header = plan.header
    params = header["params"]
    words = plan_words.WORDS[header["action"]](params)
    words += [stakes.hours(Decimal(header["hours"]))] if Decimal(header["hours"]) else []
    words += [f"{formats.count(count)} {name}" for name, count in header["calls"].items()]
    st.text(" · ".join(words))
    if header["action"] in plan_words.LINES:
        st.text("\n".join(plan_words.LINES[header["action"]](params)))
    zone = source.settings().archive.timezone
    until = formats.when(datetime.fromisoformat(header["expires_at"]), zone)
    st.text(_("May be confirmed until {moment}; snapshot {snapshot}; needs {permissions}").format(
        moment=until, snapshot=header["basis"]["snapshot"].partition(" ")[0],
        permissions=", ".join(header["permissions"]),
    ))  # fmt: skip
    st.text(plan.digest)


def confirm(plan: KeptPlan) -> None:
    """The button that opens the drawer, for those who may."""
    if plan.state not in {"", "waiting"}:
        st.caption(_("This plan has been confirmed; it runs once."))
        return
    if plan.state == "waiting":
        st.caption(_("One person has confirmed it; another one has to."))
    elif plan.header.get("removes"):
        st.caption(_("It removes something for good, so two persons have to confirm it."))
    if plan.header.get("removes") and (minutes := source.settings().operate.cool_off_minutes):
        st.caption(_("After that it can still be called off for {count} minutes.").format(count=minutes))
    may = operator.may("approve" if plan.state == "waiting" else "operate")
    if st.button(
        _("Confirm…"), icon=":material/verified_user:", type="primary", key="open_confirm",
        disabled=not may or not plan.object_count,
        help=None if may else _("The settings name who may confirm it: roles.operators, roles.approvers"),
    ):  # fmt: skip
        _drawer(plan)


def _drawer(plan: KeptPlan) -> None:
    code = language()
    _count, counted = plan_words.counted(plan.header)

    @st.dialog(_("Confirm the plan"), width="medium", position="right")
    def drawer() -> None:
        speak(code)  # a run of the drawer alone has no page that would
        if st.session_state.get(_TOLD) is not None:
            st.rerun()
        with st.container(key="confirm_drawer"):
            st.text(
                f"{counted} · {formats.size(plan.size_bytes)} · {formats.money(plan.usd[0])} {lacking(plan)}"
            )
            st.caption(_("Digest of the plan"))
            st.text(plan.digest)
            operator.ask()
            token = st.session_state.setdefault(_TOKEN, secrets.token_hex(8))
            with st.form(f"confirm_{token}", border=False):
                st.text_input(
                    _("Reason"), key=f"why_{token}", max_chars=plans.LONGEST_REASON, placeholder=_("Needed")
                )
                st.text_input(
                    _("The number of “{counted}”, to show that you have read it").format(counted=counted),
                    key=f"count_{token}",
                    max_chars=20,
                )
                st.form_submit_button(
                    _("Confirm and queue"),
                    type="primary",
                    key=f"send_{token}",
                    on_click=_confirm,
                    args=(plan, token),
                )
            if st.session_state.pop("plan_miscounted", False):
                st.error(_("That is not the number in the plan; nothing was confirmed."))

    drawer()


def _confirm(plan: KeptPlan, token: str) -> None:
    said = st.session_state
    # Who writes Japanese may type full-width digits.
    typed = unicodedata.normalize("NFKC", str(said.get(f"count_{token}") or "")).replace(",", "").strip()
    if typed != str(plan_words.counted(plan.header)[0]):
        said["plan_miscounted"] = True
        return
    try:
        done = plans.confirm(
            journal(), source.settings(), plan.digest, actor=operator.name(), names=operator.names(),
            why=str(said.get(f"why_{token}") or ""),
        )  # fmt: skip
    except DashboardError as fault:
        said[_TOLD] = fault
        return
    # The form is spent; the same plan would not run again in any case.
    said[_TOKEN] = secrets.token_hex(8)
    said[_TOLD] = N_("Confirmed")
    if done.is_repeated:
        run = runs.one(journal(), plan.digest)
        # A second click of the same person is no news.
        if operator.name().casefold() not in {run.confirmed_by.casefold(), run.approved_by.casefold()}:
            said[_TOLD] = N_("Somebody else confirmed it before; nothing was queued again")
