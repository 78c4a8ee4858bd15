"""The labels to be set, asked for by the names that the settings know, and any others."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from dashboard.operate import label_change
from dashboard.ui import plan_panel, source
from dashboard.ui.changes import Change
from dashboard.ui.safe import visible
from dashboard.ui.text import _

_MORE = "labels_more"


def draw(change: Change, count: int) -> None:
    """The form, and the button that makes the plan."""
    tags = {name: value for name, value in _given() if value}
    words = [*change.options(), *(f"--label={name}={value}" for name, value in tags.items())]
    plan_panel.offer(
        lambda by, reader: label_change.make_plan(
            source.settings(), reader, change.chosen(reader), tags=tags, made_by=by
        ),
        ["labels", *words],
        is_ready=bool(tags and count),
    )
    st.caption(_("Other labels of the objects stay. The dashboard shows the new ones after its next sync."))


def _given() -> Iterator[tuple[str, str]]:
    wanted = source.settings().labels
    every = (*wanted.required, *(name for names in wanted.required_by_device.values() for name in names))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for name in dict.fromkeys((*every, *wanted.allowed)):
            key, title = f"label_{name}", visible(name)
            if allowed := wanted.allowed.get(name):
                yield name, st.selectbox(
                    title, allowed, index=None, format_func=visible, key=key, placeholder=_("Leave as it is"),
                    persist_state="session", width=220,
                ) or ""  # fmt: skip
            else:
                yield name, st.text_input(
                    title, key=key, max_chars=256, placeholder=_("Leave as it is"), persist_state="session",
                    width=220,
                )  # fmt: skip
    text = st.text_area(
        _("Other labels, one name=value on each line"), key=_MORE, max_chars=4000, persist_state="session", height=90,
        width=460,
    )  # fmt: skip
    for line in (text or "").splitlines():
        name, sign, value = line.strip().partition("=")
        if sign:
            yield name.strip(), value.strip()
