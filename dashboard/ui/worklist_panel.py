"""The drawer in which something is done about findings. Each form is carried out once, and only on what was seen."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import streamlit as st

from dashboard.errors import DashboardError
from dashboard.operate.selection import Selection
from dashboard.operate.worklist import LONGEST_TEXT, Action, act
from dashboard.ui import faults, formats, operator, tables
from dashboard.ui.safe import visible
from dashboard.ui.text import N_, _, language, n_, speak
from dashboard.ui.worklist import Listed, Work

DEEDS = {
    "assign": N_("Assign"),
    "comment": N_("Comment"),
    "snooze": N_("Snooze"),
    "close": N_("Close"),
    "reopen": N_("Reopen"),
}
_TOKEN, _TOLD = "worklist_token", "worklist_told"
_KEEP = "\x00keep"


def draw(work: Work, listed: Listed, selection: Selection) -> None:
    """What the last deed did, and the buttons that lead to the drawer for the next one.

    Args:
        selection: what the filters choose, for acting on all of it.
    """
    picked, total = len(listed.chosen), listed.total
    with listed.place:
        _tell()
        if not total:
            return
        with st.container(horizontal=True):
            chosen = n_("Act on {count} chosen row", "Act on {count} chosen rows", picked)
            on_picked = st.button(
                chosen.format(count=formats.count(picked)) if picked else _("Act on chosen rows"),
                key="act_on_chosen",
                icon=":material/edit:",
                type="primary",
                disabled=not picked,
                help=None if picked else _("Choose rows by the boxes before them"),
            )
            everything = n_("Act on {count} finding", "Act on all {count} findings", total)
            on_all = st.button(everything.format(count=formats.count(total)), key="act_on_all")
    if on_picked:
        _open(work, Selection(finding_ids=_ids(listed.chosen)), picked, listed.chosen)
    elif on_all:
        _open(work, selection, total, ())


def _open(work: Work, meant: Selection, count: int, rows: Sequence[dict[str, Any]]) -> None:
    """Open the drawer: it needs no scrolling, which would close a list of choices that is open."""
    code = language()
    counted = n_("{count} finding", "{count} findings", count).format(count=formats.count(count))
    title = _(str(rows[0]["title"])) if len(rows) == 1 else counted

    @st.dialog(title, width="medium", position="right")
    def drawer() -> None:
        speak(code)  # a run of the drawer alone has no page that would
        if _TOLD in st.session_state:
            st.rerun()
        with st.container(key="worklist_drawer"):
            if len(rows) == 1:
                st.code(visible(str(rows[0]["subject"])), language=None, wrap_lines=True)
                st.text(_(str(rows[0]["remedy"])))
            operator.ask()
            deed = st.segmented_control(
                _("What to do"),
                list(DEEDS),
                format_func=lambda code: _(DEEDS[code]),
                key="deed",
                persist_state="session",
            )
            if deed:
                _form(work, deed, meant, count)
            if len(rows) == 1:
                _history(work, rows[0])

    drawer()


def _form(work: Work, deed: str, meant: Selection, count: int) -> None:
    token = st.session_state.setdefault(_TOKEN, secrets.token_hex(8))
    today = work.clock.today
    with st.form(f"form_{deed}_{token}", border=False):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            if deed == "assign":
                st.selectbox(
                    _("Owner"),
                    [_KEEP, "", *dict.fromkeys([*work.owners, operator.name()])],
                    format_func=lambda name: _("As it is") if name == _KEEP else visible(name) or _("Nobody"),
                    key=f"owner_{token}",
                    accept_new_options=True,
                    help=_("Choose somebody, or write a name"),
                    width=240,
                )
                st.date_input(
                    _("Due date"),
                    value=None,
                    min_value=today,
                    key=f"due_{token}",
                    format="YYYY/MM/DD",
                    width=180,
                )
            if deed == "snooze":
                st.date_input(
                    _("Comes back on"),
                    value=today + timedelta(days=30),
                    min_value=today + timedelta(days=1),
                    key=f"until_{token}",
                    format="YYYY/MM/DD",
                    width=180,
                )
            wanted = deed in {"snooze", "close"}
            st.text_input(
                _("Reason") if wanted else _("Comment"),
                key=f"text_{token}",
                max_chars=LONGEST_TEXT,
                placeholder=_("Needed") if wanted or deed == "comment" else _("Optional"),
            )
            # What was seen when the button was drawn goes with it; the page of its click may know more already.
            st.form_submit_button(
                _(DEEDS[deed]),
                key=f"send_{token}",
                type="primary",
                on_click=_carry_out,
                args=(work, deed, meant, count, token),
            )
        st.caption(_("Written into the journal as {name}").format(name=_plain(operator.name())))


def _carry_out(work: Work, deed: str, meant: Selection, count: int, token: str) -> None:
    said = st.session_state
    owner = said.get(f"owner_{token}", _KEEP)
    action = Action(
        deed,  # type: ignore[arg-type]
        owner=None if owner == _KEEP else owner,
        due_on=said.get(f"due_{token}"),
        until=said.get(f"until_{token}"),
        text=str(said.get(f"text_{token}") or ""),
    )
    try:
        done = act(
            work.journal,
            meant,
            action,
            actor=operator.acting("lead"),
            today=work.clock.today,
            token=token,
            seen=work.head,
            expected_count=count,
        )
    except DashboardError as fault:
        said[_TOLD] = fault
        return
    said[_TOLD] = done.finding_count
    # The form is spent: a second click on it finds no button any more, or the same token.
    said[_TOKEN] = secrets.token_hex(8)


def _tell() -> None:
    told = st.session_state.pop(_TOLD, None)
    if isinstance(told, int):
        told = n_("Done: {count} finding", "Done: {count} findings", told).format(count=formats.count(told))
    faults.tell(told, "worklist")


def _history(work: Work, row: dict[str, Any]) -> None:
    columns = [
        tables.time("at", _("When")),
        tables.text("actor", _("Who")),
        tables.code("change", _("Change"), of="finding_change", width="medium"),
        tables.text("owner", _("Owner")),
        tables.text("day", _("Day")),
        tables.text("text", _("Words"), width="large"),
    ]
    st.subheader(_("History"), anchor=False)
    tables.draw(work.history(str(row["finding_id"])), columns, key="worklist_history", alt=_("History"))


def _ids(chosen: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(str(row["finding_id"]) for row in chosen)


def _plain(name: str) -> str:
    """A name in a caption: nothing of it may become a link or a picture."""
    return "".join(char if char.isalnum() or char in " ._-@()" else " " for char in visible(name))
