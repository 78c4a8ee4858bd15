"""Filters in the address: codes, never translated labels, so that a link opens the same view in every language.

The address wins when it says something new (a link was opened, the browser went back); otherwise the session does.
A switch of pages drops the query, which is why an address that does not even name the language says nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

_WRITTEN = "_written_query"
_OWN = "_query"
_DEFAULTS = "_query_defaults"
_BEFORE = "_query_before"
_PAGE, _ENTERED = "_query_page", "_query_page_entered"
_IS_OTHER_PAGE = "_query_is_of_other_page"
_LATE_SECONDS = 2.0
_BLIND_SECONDS = 0.5


def begin() -> None:
    """Take over what the address says, once per run, before any widget is drawn."""
    query = st.query_params.to_dict()
    written: dict[str, str] = st.session_state.get(_WRITTEN, {})
    speaks = bool(query) and (not written or "lang" in query)
    st.session_state["_address_is_news"] = speaks and query != written and not _is_late(query)
    st.session_state["_address"] = query
    st.session_state[_OWN] = {}
    st.session_state[_DEFAULTS] = {}
    st.session_state[_IS_OTHER_PAGE] = False


def enter(page_id: str) -> None:
    """Note which page is drawn, before its controls are. Until they are complete it counts as another one."""
    st.session_state[_IS_OTHER_PAGE] = st.session_state.get(_PAGE) != page_id
    st.session_state[_ENTERED], st.session_state[_PAGE] = page_id, ""


def _is_late(query: dict[str, str]) -> bool:
    """Whether the browser still says what it said before our last change, which it cannot have seen yet.

    A browser that goes back says the same. But then nothing was chosen on the page, and nobody goes back from what has
    hardly begun to be drawn.
    """
    before, at, chosen = st.session_state.get(_BEFORE, ({}, 0.0, {}))
    elapsed = time.monotonic() - at
    if query != before or elapsed >= _LATE_SECONDS:
        return False
    return elapsed < _BLIND_SECONDS or any(
        st.session_state.get(key, was) != was for key, was in chosen.items()
    )


def said(name: str) -> str | None:
    """What the address newly says about a parameter; None when it is silent or has been heard already."""
    if not st.session_state.get("_address_is_news"):
        return None
    address: dict[str, str] = st.session_state["_address"]
    return address.get(name, "")


def state_key(name: str) -> str:
    """Session key of a parameter's widget."""
    return f"filter_{name}"


def keep(key: str, value: Any) -> None:
    """Put a value into the session unless it is there: what is written is sent to the browser as news, which sets and
    draws the widget again.

    That of another page is another widget, and would not have what an address said and nobody ever chose.
    """
    is_other = st.session_state.get(_IS_OTHER_PAGE)
    if is_other or key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value


def seed(name: str, read: Callable[[str], Any], default: Any) -> str:
    """Put a parameter's value into the session before its widget is drawn.

    Args:
        name: parameter in the address.
        read: turns the address's text into a value, dropping every code that is not allowed.
        default: value when neither address nor session has one.

    Returns:
        Key for the widget.
    """
    key = state_key(name)
    text = said(name)
    if text is not None:
        keep(key, read(text) if text else default)
    elif key not in st.session_state:
        st.session_state[key] = default
    return key


def choose(name: str, codes: Iterable[str], default: str | None = None) -> str | None:
    """The code chosen, kept in the address; the default where what stands there is not on the list, which may be
    another page's. Its widget has the key `state_key(name)`."""
    key = seed(name, lambda text: text, default)
    code: str | None = st.session_state[key] if st.session_state[key] in codes else default
    keep(key, code)
    note(name, "" if code == default else code or "")
    st.session_state.setdefault(_DEFAULTS, {})[name] = default
    return code


def note(name: str, text: str) -> None:
    """Remember what a parameter should read in the address; '' leaves it out."""
    own: dict[str, str] = st.session_state.setdefault(_OWN, {})
    if text:
        own[name] = text
    else:
        own.pop(name, None)


def is_narrowed() -> bool:
    """Whether anything is chosen that may leave something out."""
    return not set(st.session_state.get(_OWN, {})) <= {"lang", "snapshot"}


def put(name: str, code: str) -> None:
    """Choose another code from the next run on; for a button's `on_click`."""
    st.session_state[state_key(name)] = code


def here(**codes: str) -> dict[str, str]:
    """What the address says, with other codes for some parameters: for a link or `Page.go` to the page itself.

    Defaults are left out, as `choose` does: an address that the page had to put right would be one more step back.
    """
    defaults = st.session_state.get(_DEFAULTS, {})
    said = {**st.session_state.get(_OWN, {}), **codes}
    return {name: code for name, code in said.items() if code != defaults.get(name)}


def write() -> None:
    """Bring the address up to date. Called whenever a set of filters is complete."""
    st.session_state[_PAGE] = st.session_state.get(_ENTERED, "")
    own: dict[str, str] = dict(st.session_state.get(_OWN, {}))
    # The browser's bar does not follow a link that leads to another state of the same page.
    if st.query_params.to_dict() != own or st.session_state.get("_address_is_news"):
        st.query_params.from_dict(_in_order(own))
    if st.session_state.get(_WRITTEN) != own:
        state = st.session_state.to_dict()
        chosen = {key: value for key, value in state.items() if str(key).startswith(state_key(""))}
        st.session_state[_BEFORE] = (st.session_state.get(_WRITTEN, {}), time.monotonic(), chosen)
        st.session_state[_WRITTEN] = own


def allowed(text: str, codes: Iterable[str]) -> list[str]:
    """The codes of a comma-separated text that are on the list, in the list's order."""
    wanted = set(text.split(","))
    return [code for code in codes if code in wanted]


def named(text: str, codes: Sequence[str]) -> list[str]:
    """Those that are on the list, as `allowed`; if none is, up to 20 that are not."""
    return allowed(text, codes) or list(dict.fromkeys(code for code in text.split(",") if code))[:20]


def one_of(text: str, codes: Sequence[str], default: str) -> str:
    """The text when it is on the list, else the default."""
    return text if text in codes else default


def joined(values: Iterable[str]) -> str:
    """Codes as they stand in the address."""
    return ",".join(values)


def target(codes: Mapping[str, str | Sequence[str]], language: str) -> dict[str, str]:
    """Query of a link to another page: the language and the filters it sets. An older snapshot that was chosen stays
    chosen, unless the link names another one, or '' for the newest."""
    chosen = str(st.session_state.get(_OWN, {}).get("snapshot", ""))
    texts = {name: value if isinstance(value, str) else joined(value) for name, value in codes.items()}
    texts = {"lang": language, "snapshot": chosen} | texts
    return _in_order({name: text for name, text in texts.items() if text})


def leaving(codes: Mapping[str, str | Sequence[str]], language: str) -> dict[str, str]:
    """Query of a page that we open, not the browser: it is no late answer, whatever was said a moment ago."""
    st.session_state.pop(_BEFORE, None)
    return target(codes, language)


def _in_order(query: dict[str, str]) -> dict[str, str]:
    """One order for what is written and what is linked to: to a browser another order is another address."""
    return dict(sorted(query.items(), key=lambda item: (item[0] != "lang", item[0])))
