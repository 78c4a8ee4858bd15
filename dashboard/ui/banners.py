"""What stands between a page's title and its figures: how old and how complete they are."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import streamlit as st

from dashboard.ui import faults, formats, labels, last_sync, source
from dashboard.ui.shell import NEWEST, View, choose_snapshot, link
from dashboard.ui.text import _, following, n_

AMBER_AFTER = dt.timedelta(hours=36)
RED_AFTER = dt.timedelta(hours=72)


def freshness(age: dt.timedelta) -> Literal["green", "orange", "red"]:
    """Colour of an age: daily reports arrive within 36 hours, after 72 one is missing for certain."""
    return "green" if age <= AMBER_AFTER else "orange" if age <= RED_AFTER else "red"


def freshness_badge(view: View, now: dt.datetime | None = None) -> None:
    """The badge beside the title."""
    if not view.is_newest:
        st.badge(_("Older snapshot"), icon=":material/history:", color="blue")
        return
    age = (now or dt.datetime.now(dt.UTC)) - view.data_at
    color = freshness(age)
    word = {"green": _("Fresh"), "orange": _("Ageing"), "red": _("Out of date")}[color]
    icon = ":material/check_circle:" if color == "green" else ":material/schedule:"
    moment = formats.when(view.data_at, view.timezone)
    reason = _("The newest inventory report is of {moment}.").format(moment=moment)
    if color != "green":
        advice = _("S3 writes a report each day or week; check its configuration and the last sync.")
        reason = following(reason, advice)
    st.badge(f"{word} · {formats.age(age)}", icon=icon, color=color, help=reason)


def show(view: View, incomplete: Any) -> None:
    """Every banner that applies.

    Args:
        incomplete: frame with a row (`kind`, `name`) for each source that is not complete.
    """
    if not view.is_newest:
        _older(view)
    _damaged(view)
    _last_sync(view)
    if len(incomplete):
        _incomplete(incomplete)


def masked(place: Any, count: int) -> None:
    """Say in `place` how many keys of the page stand masked, and what the marks are good for."""
    text = n_("{count} masked name on this page.", "{count} masked names on this page.", count)
    advice = _("They may name patients. An object keeps its mark behind ▒: use it to talk about one.")
    if source.settings().privacy.mask == "all":
        advice = _("An object keeps its mark behind ▒: use it to talk about one.")
    said = following(text.format(count=formats.count(count)), advice)
    place.caption(f":material/visibility_off: {said}")


def _older(view: View) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(
            _("You are looking at the snapshot of {moment}, not at the newest.").format(
                moment=formats.when(view.data_at, view.timezone)
            ),
            icon=":material/history:",
        )
        st.button(_("Show the newest"), on_click=choose_snapshot, args=(NEWEST,), key="to_newest")


def _damaged(view: View) -> None:
    fault = source.warehouse().damage()
    if fault is None:
        return
    text = _("The newest snapshot is damaged. The pages show the one of {moment}.")
    st.warning(text.format(moment=formats.when(view.data_at, view.timezone)), icon=":material/broken_image:")
    with st.expander(_("What happened"), icon=":material/error:"):
        faults.show(fault)


def _last_sync(view: View) -> None:
    last = source.warehouse().last_sync()
    found = last_sync.faults_of(last)
    if not last or not (found or last.get("exit_code")):
        return
    moment = formats.when(last_sync.ended_at(last), view.timezone)
    if last.get("published"):
        text = _("The last sync ({moment}) left something out.").format(moment=moment)
    else:
        text = _("The last sync ({moment}) failed. The pages show the snapshot of {snapshot}.").format(
            moment=moment, snapshot=formats.when(view.data_at, view.timezone)
        )
    st.warning(text, icon=":material/sync_problem:")
    if found:
        with st.expander(_("What happened"), icon=":material/error:"):
            for fault in found[:5]:
                faults.show(fault)


def _incomplete(rows: Any) -> None:
    kinds = dict.fromkeys(labels.name("source_kind", kind) for kind in rows["kind"])
    with st.container(horizontal=True, vertical_alignment="center"):
        st.warning(
            _("Not complete yet: {sources}. Figures that rest on them are too low.").format(
                sources=", ".join(kinds)
            ),
            icon=":material/incomplete_circle:",
        )
        link("sources", _("Data sources"), {})
