"""Faults as people see them: what is lost, why, what to do, where. Text-only: keys in a fault are never Markdown."""

from __future__ import annotations

import logging
import traceback
import uuid

import streamlit as st

from dashboard.errors import DashboardError, ExitCode
from dashboard.ui import privacy, source
from dashboard.ui.text import _, fault_texts

log = logging.getLogger("dashboard.ui")


def shown(fault: DashboardError) -> DashboardError:
    """A fault as this viewer may read it: a key in it can name a patient."""
    try:
        return fault if privacy.may_see_keys() else fault.masked(source.masker().told)
    except DashboardError:
        return fault  # the settings themselves cannot be read, and no key was


def show(fault: DashboardError) -> None:
    """Show a fault in place."""
    fault = shown(fault)
    title, cause, next_step = fault_texts(fault)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(_("Problem"), icon=":material/error:", color="red")
            st.text(title)
        st.text(_("Why: {cause}").format(cause=cause))
        st.text(_("Next step: {next_step}").format(next_step=next_step))
        if fault.locator:
            st.code(fault.locator, language=None, wrap_lines=True)


def tell(told: DashboardError | str | None, place: str) -> None:
    """What came of the last deed: what kept it from being done, or in a sentence that it was.

    Args:
        told: a sentence is translated here, because callbacks run before the language is known.
        place: code, unique on the page. By its key `static/reach.js` knows what is to be said aloud.
    """
    if not told:
        return
    with st.container(key=f"told_{place}"):
        if isinstance(told, DashboardError):
            show(told)
        else:
            st.success(_(told), icon=":material/check_circle:")


def maintenance(fault: DashboardError) -> None:
    """The whole page when there is nothing to show figures from: the fault, and the way to the first snapshot."""
    if fault.code is ExitCode.NO_SNAPSHOT:
        st.title(_("No data yet"), icon=":material/cloud_sync:", anchor=False)
        tried = (source.warehouse().last_sync() or {}).get("faults", ())
        if tried:
            st.caption(_("The dashboard runs, but the last sync could not bring anything in."))
        else:
            st.caption(_("The dashboard runs, but nothing has been brought in so far."))
        for reason in map(DashboardError.from_dict, tried):
            show(reason)
        if not tried:
            show(fault)
        first_steps()
        return
    st.title(_("The figures cannot be shown"), icon=":material/build:", anchor=False)
    show(fault)
    if fault.code is ExitCode.SNAPSHOT_DAMAGED:
        st.caption(_("Other snapshots may still be whole: choose one in the sidebar, or build a new one:"))
        st.code("python -m dashboard sync", language=None)
    st.button(_("Try again"), icon=":material/refresh:", key="try_again")


def first_steps() -> None:
    """Four steps from nothing to figures."""
    steps = (
        (
            _("1. Name the reports"),
            _("Copy the example settings and enter the address of each S3 Inventory configuration."),
            "cp dashboard.example.toml dashboard.toml",
        ),
        (
            _("2. Describe the devices"),
            _("One block for each kind of device: its folder, its units, its naming rule with examples."),
            "",
        ),
        (
            _("3. Check access"),
            _("Credentials and permissions are tried one by one; each failure says what to do."),
            "python -m dashboard check",
        ),
        (
            _("4. Bring the data in"),
            _("Reports and bills are fetched, verified and published as the first snapshot."),
            "python -m dashboard sync",
        ),
    )
    with st.grid(2, min_column_width=320):
        for title, text, command in steps:
            with st.container(border=True, height="stretch"):
                st.header(title, anchor=False)
                st.text(text)
                if command:
                    st.code(command, language=None)


def keep_values_out_of_log() -> None:
    """Have Streamlit log the type of an error only: its message may hold an object key."""
    logging.getLogger("streamlit.error_util").addFilter(_without_values)


def _without_values(record: logging.LogRecord) -> bool:
    if record.exc_info and record.exc_info[0]:
        record.msg, record.args = f"{record.msg}: {record.exc_info[0].__name__}", ()
        record.exc_info = record.exc_text = None
    return True


def unexpected(error: Exception) -> bool:
    """Show an error nobody foresaw by a reference, and log where it happened without the values it happened to.

    Returns:
        True: Streamlit shows nothing of its own.
    """
    reference = uuid.uuid4().hex[:8]
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    places = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    log.error("page failed, reference %s: %s at %s", reference, type(error).__name__, places)
    with st.container(border=True):
        st.badge(_("Problem"), icon=":material/error:", color="red")
        st.text(_("This page could not be drawn."))
        advice = _(
            "Reload it. If that does not help, tell whoever runs the dashboard this reference: {reference}"
        )
        st.text(advice.format(reference=reference))
    return True
