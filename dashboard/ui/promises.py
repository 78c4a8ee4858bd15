"""Promised savings as their page shows them: beside the bills, with drawers to make them and to take them back."""

from __future__ import annotations

import secrets
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.domain.promises import Promise
from dashboard.domain.savings import Proposal
from dashboard.errors import DashboardError
from dashboard.operate import promises
from dashboard.ui import faults, figures, formats, operator, source, tables
from dashboard.ui.page import Page
from dashboard.ui.savings import Found
from dashboard.ui.text import N_, _, language, speak

_TOKEN, _TOLD = "promise_token", "promise_told"


def offer(page: Page, found: Found, item: Proposal) -> None:
    """The button that promises a proposal, where that means something; and what the last click did."""
    faults.tell(st.session_state.pop(_TOLD, None), "promise")
    if item.standing != "proposed" or not item.month_usd:
        return
    is_promised = found.is_promised(item.kind.id)
    if st.button(
        _("Promise this saving"),
        key="promise",
        type="primary",
        icon=":material/handshake:",
        disabled=is_promised or not page.view.is_newest,
        help=_("Promised already")
        if is_promised
        else _("Later bills are held against it; nothing is changed in S3"),
    ):
        _open(_("Promise this saving"), lambda token: _accepting(page, found, item, token))


def offer_withdrawal(found: Found) -> None:
    """The button that takes a promise back."""
    standing = [entry.promise for entry in found.entries if not entry.promise.withdrawn_at]
    if standing and st.button(_("Withdraw a promise"), key="withdraw", icon=":material/undo:"):
        _open(_("Withdraw a promise"), lambda token: _withdrawing(found, standing, token))


def _open(title: str, draw: Any) -> None:
    code = language()

    @st.dialog(title, width="medium", position="right")
    def drawer() -> None:
        speak(code)  # a run of the drawer alone has no page that would
        if _TOLD in st.session_state:
            st.rerun()
        operator.ask()
        token = st.session_state.setdefault(_TOKEN, secrets.token_hex(8))
        with st.form(f"promise_{token}", border=False):
            draw(token)

    drawer()


def _accepting(page: Page, found: Found, item: Proposal, token: str) -> None:
    followed = page.frame("savings.followed").to_dict("records")
    said = _("{title}: {usd} a month, {count} objects, {size}")
    st.text(
        said.format(
            title=_(item.kind.title),
            usd=formats.money(item.month_usd),
            count=formats.count(item.object_count),
            size=formats.size(item.size_bytes),
        )
    )
    st.text(_("Nothing is changed in S3. Do it as the page says; later bills show what came of it."))
    st.text_input(
        _("Comment"), key=f"note_{token}", max_chars=promises.LONGEST_TEXT, placeholder=_("Optional")
    )
    st.form_submit_button(
        _("Promise this saving"),
        type="primary",
        on_click=_accept,
        args=(page, found, item.kind.id, followed, token),
    )


def _accept(page: Page, found: Found, proposal_id: str, followed: list[dict[Any, Any]], token: str) -> None:
    snapshot = page.view.snapshot.snapshot_id
    try:
        promises.accept(
            found.journal,
            found.savings,
            proposal_id,
            followed,
            snapshot_id=snapshot,
            region=source.settings().aws.region,
            actor=operator.acting("lead"),
            note=str(st.session_state.get(f"note_{token}") or ""),
            token=token,
        )
    except DashboardError as fault:
        st.session_state[_TOLD] = fault
        return
    _spent()


def _withdrawing(found: Found, standing: list[Promise], token: str) -> None:
    names = {item.number: f"{item.number} · {_(item.title)}" for item in standing}
    st.selectbox(_("Promise"), list(names), format_func=names.__getitem__, key=f"number_{token}")
    st.text_input(
        _("Reason"), key=f"reason_{token}", max_chars=promises.LONGEST_TEXT, placeholder=_("Needed")
    )
    st.form_submit_button(_("Withdraw"), type="primary", on_click=_withdraw, args=(found, token))


def _withdraw(found: Found, token: str) -> None:
    said = st.session_state
    try:
        promises.withdraw(
            found.journal,
            int(said[f"number_{token}"]),
            actor=operator.acting("lead"),
            reason=str(said.get(f"reason_{token}") or ""),
            token=token,
        )
    except DashboardError as fault:
        said[_TOLD] = fault
        return
    _spent()


def _spent() -> None:
    """The form is spent: a second click on it finds no button any more, or the same token."""
    st.session_state[_TOLD] = N_("Written into the journal")
    st.session_state[_TOKEN] = secrets.token_hex(8)


def ledger(page: Page, found: Found) -> None:
    """Every promise beside each full month after it."""
    if not found.entries:
        figures.empty(_("Nothing was promised yet. Choose a proposal above and promise it."))
        return
    rows = pd.DataFrame(
        [
            {
                "number": item.promise.number,
                "title": item.promise.title,
                "accepted_at": item.promise.accepted_at.replace(tzinfo=None),
                "actor": item.promise.actor,
                "month": line.month,
                "promised_usd": line.promised_usd,
                "seen_usd": line.seen_usd,
                "promise_verdict": "withdrawn" if item.promise.withdrawn_at else line.verdict,
                "promise_why": line.why,
                "former_usd": line.former_usd,
                "billed_usd": line.billed_usd,
                "is_estimated": line.is_estimated,
                "note": item.promise.note,
                "snapshot_id": item.promise.snapshot_id,
            }
            for item in found.entries
            for line in reversed(item.seen)
        ]
    )
    money = ("promised_usd", "seen_usd", "former_usd", "billed_usd", "month")
    class_help = _(
        "The whole class, not only what was promised: growth, prices and other actions are in it too"
    )
    shown = [
        tables.phrase("title", _("Promise"), width=200),
        tables.month("month", _("Bill of")),
        tables.money("promised_usd", _("Promised"), is_fine=True),
        tables.money("seen_usd", _("Seen"), is_fine=True),
        tables.code("promise_verdict", _("Verdict"), width=100),
        tables.code("promise_why", _("Why"), width=190),
        tables.money("former_usd", _("Class before"), width=110, help=class_help),
        tables.money("billed_usd", _("Class in this bill"), width=120, help=class_help),
        tables.time("accepted_at", _("Promised on")),
        tables.text("actor", _("Who")),
        tables.text("note", _("Words")),
        tables.count("number", _("Number")),
    ]
    page.table(page.masked(rows.astype(dict.fromkeys(money, object))), shown, name="ledger")
    said = _(
        "Seen: what the month would have cost more with what was listed then, at its own prices. Reports count only "
        "older versions and junk apart; of other promises the class is shown and nothing is claimed."
    )
    st.caption(said)
