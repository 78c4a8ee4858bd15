"""Signing in with an identity provider: nothing of it is there unless Streamlit's secrets have a section [auth]."""

from __future__ import annotations

import streamlit as st

from dashboard.ui.safe import visible
from dashboard.ui.text import _


def is_offered() -> bool:
    """Whether whoever runs the server has named an identity provider."""
    # Asking for a secret where there is no file is an error; reading the file first is not.
    return bool(st.secrets.load_if_toml_exists()) and "auth" in st.secrets


def draw() -> None:
    """The button that signs in, or who is signed in and the button that signs out."""
    if not is_offered():
        return
    user = st.user.to_dict()
    if user.get("is_logged_in") is True:
        st.text(
            _("Signed in as {name}").format(name=visible(str(user.get("email") or user.get("name") or "")))
        )
        st.button(_("Sign out"), key="sign_out", on_click=st.logout, width="stretch")
    else:
        st.button(_("Sign in"), key="sign_in", type="primary", on_click=st.login, width="stretch")
