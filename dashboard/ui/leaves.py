"""Leaves of a long list: which one is shown, and the foot with the way to the others."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Literal

import streamlit as st

from dashboard.ui import formats, links
from dashboard.ui.text import n_

_NUMBERS = 7
"""So many leaves Streamlit names at once."""
_EACH = 46
"""Pixels from which it believes that a number or an arrow has room."""


def number(key: str, params: Mapping[str, Any]) -> int:
    """Number of the leaf of a listing that is to be shown, from 1; new filters start again at the first."""
    return int(st.session_state.get(_key(key, params), 1))


def foot(key: str, params: Mapping[str, Any], *, total: int, rows: int, note: str = "") -> None:
    """The foot of a listing: how many rows there are, what is to be said of all, and the way to the others."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        counted = n_("{count} row", "{count} rows", total).format(count=formats.count(total))
        st.caption(f"{counted} · {note}" if note else counted)
        if total > rows:
            leaves = -(-total // rows)
            # By itself it is as wide as the numbers that it shows, and shows those that have room: of two, the first.
            room: int | Literal["content"] = _EACH * (leaves + 2) if leaves < _NUMBERS else "content"
            st.pagination(leaves, key=_key(key, params), width=room)


def _key(key: str, params: Mapping[str, Any]) -> str:
    filters = repr(sorted(params.items()))
    return f"{links.state_key('leaf')}_{key}_{hashlib.sha256(filters.encode()).hexdigest()[:8]}"
