"""Who is at the keyboard: whoever logged in, else the name that was given in this session, else the settings' name."""

from __future__ import annotations

import streamlit as st

from dashboard.operate.rights import require
from dashboard.settings.roles import Right
from dashboard.ui import privacy, sign_in, source
from dashboard.ui.text import N_, _

_KEY = "operator_name"


def name() -> str:
    """The name that goes into the journal; never empty."""
    given = str(st.session_state.get(_KEY, "")).strip()
    return logged_in() or given or source.settings().worklist.operator


def logged_in() -> str:
    """What whoever logged in, or is known to the proxy, is called; '' where nobody has to."""
    user = st.user.to_dict()
    told = "" if user.get("is_logged_in") is False else privacy.called(user)
    return told or privacy.proxy_user(source.settings().privacy)


def names() -> frozenset[str] | None:
    """What the person goes by for rights; none for somebody who has not signed in, None where nobody can."""
    known = privacy.viewer().names
    is_asked = sign_in.is_offered() or source.settings().privacy.user_header is not None
    return known if known or is_asked else None


def may(right: Right) -> bool:
    """Whether the person has a right. To draw by only: what is done asks again."""
    return source.settings().roles.may(right, names())


def acting(right: Right) -> str:
    """The name that goes into the journal, of somebody who may do so.

    Raises:
        DashboardError: ACCESS_DENIED.
    """
    called = name()
    require(source.settings(), right, names(), called)
    return called


_RIGHTS: dict[Right, str] = {
    "view": N_("sees the pages"),
    "lead": N_("works on findings"),
    "operate": N_("confirms plans"),
    "approve": N_("is the second person"),
}


def tell_rights() -> None:
    """What the person may do, for somebody who signed in."""
    if logged_in():
        held = [_(text) for right, text in _RIGHTS.items() if may(right)]
        st.caption(_(", ").join(held) if held else _("No role in the settings names you."))


def ask() -> None:
    """Ask for a name where nobody logs in; it is kept for the session."""
    if logged_in():
        return
    st.text_input(
        _("Your name"),
        key=_KEY,
        max_chars=100,
        persist_state="session",
        placeholder=source.settings().worklist.operator,
        help=_(
            "Stands in the journal beside what you do. Nobody has to log in here, so it is taken on trust."
        ),
    )
