"""What stands around every page: language, navigation, the age of the data, the choice of snapshot."""

from __future__ import annotations

import copy
import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.errors import DashboardError, ExitCode
from dashboard.ui import faults, formats, links, operator, sign_in, source
from dashboard.ui.catalogue import PAGES, PageEntry, entry
from dashboard.ui.text import LANGUAGES, N_, _, choose_language, language, speak

PRODUCT = "ArchiveLens"
STATIC = Path(__file__).resolve().parents[1] / "static"
NEWEST = "newest"

_BEGUN = "_shell_begun"
_LANGUAGE = "language"


@dataclass(frozen=True)
class View:
    """The snapshot a run looks at.

    Attributes:
        snapshot: the one whose figures are shown.
        is_newest: whether it is the one last published.
        timezone: the archive's zone.
    """

    snapshot: Any
    is_newest: bool
    timezone: str

    @property
    def data_at(self) -> dt.datetime:
        """Time of the newest report in it, else when it was built (UTC)."""
        moment: dt.datetime = self.snapshot.report_at or self.snapshot.built_at
        return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)

    @property
    def today(self) -> dt.date:
        """The data's own day on the archive's clock; periods count back from it."""
        return formats.local(self.data_at, self.timezone).date()


def begin() -> None:
    """Start a run: page settings, the address, the language. Safe without the entry script."""
    # Before the navigation is drawn: else a browser asks Google for the icon of its entry.
    st.set_page_config(page_icon=str(STATIC / "favicon.png"), layout="wide")
    links.begin()
    wishes = [links.said("lang"), st.session_state.get(_LANGUAGE), _settings_language(), st.context.locale]
    code = choose_language(*wishes)
    speak(code)
    links.keep(_LANGUAGE, code)
    links.note("lang", code)


def ensure_begun(page_id: str) -> None:
    """Start the run of a page if the entry script has not: a page can be run without it."""
    if st.session_state.pop(_BEGUN, None) is None:
        begin()
    st.set_page_config(page_title=f"{_(entry(page_id).title)} · {PRODUCT}")
    links.enter(page_id)


def run() -> None:
    """The entry script: begin, draw the sidebar, run the page that the address names."""
    begin()
    st.session_state[_BEGUN] = True
    st.logo(str(STATIC / "logo.svg"), icon_image=str(STATIC / "mark.svg"), size="large")
    with st.sidebar:
        _language_switch()
        _about_data()
        sign_in.draw()
        operator.tell_rights()
    sections: dict[str, list[Any]] = {}
    for item in PAGES:
        sections.setdefault(_(item.section), []).append(_page(item))
    st.navigation(sections, expanded=True).run()


def page_at(page_id: str) -> Any:
    """A page as a target of links and switches."""
    return _page(entry(page_id))


def link(page_id: str, label: str, codes: Mapping[str, str | Sequence[str]]) -> None:
    """A link to another page that sets its filters."""
    st.page_link(
        page_at(page_id),
        label=label,
        icon=":material/arrow_forward:",
        query_params=links.target(codes, language()),
    )


def view() -> View:
    """The snapshot this run looks at: the one the address or the sidebar names, else the newest.

    Raises:
        DashboardError: no snapshot, a damaged one, or nothing this person may see.
    """
    operator.acting("view")
    reader = source.warehouse()
    zone = source.settings().archive.timezone
    chosen = st.session_state.get(links.state_key("snapshot")) or links.said("snapshot") or NEWEST
    if chosen != NEWEST:
        for snapshot in reader.snapshots():
            if snapshot.snapshot_id == chosen:
                return View(snapshot, chosen == _newest_id(reader), zone)
    return View(reader.current(), True, zone)


def choose_snapshot(code: str) -> None:
    """Look at another snapshot from the next run on; for a button's `on_click`."""
    st.session_state[links.state_key("snapshot")] = code


def _newest_id(reader: source.Reader) -> str:
    try:
        return str(reader.current().snapshot_id)
    except DashboardError:
        return ""


def _settings_language() -> str | None:
    try:
        return source.settings().archive.language
    except DashboardError:
        return None


def _page(item: PageEntry) -> Any:
    # Its own in every run: Streamlit notes in it that it may be run.
    return copy.copy(_made_page(item, language()))


@functools.cache
def _made_page(item: PageEntry, _language: str) -> Any:
    """A page in one language. Streamlit looks for its file each time that one is made, of all pages in every run."""
    return st.Page(
        item.path,
        title=_(item.title),
        icon=f":material/{item.icon}:",
        url_path=item.id,
        default=item is PAGES[0],
        help=_(item.subtitle),
    )


def _language_switch() -> None:
    chosen = st.segmented_control(
        N_("Language / 言語"),
        list(LANGUAGES),
        format_func=LANGUAGES.__getitem__,
        key=_LANGUAGE,
        required=True,
        width="stretch",
    )
    if chosen and chosen != language():
        speak(chosen)
        links.note("lang", chosen)


def _about_data() -> None:
    try:
        settings = source.settings()
        if settings.archive.is_demo:
            st.badge(_("Demo data"), icon=":material/science:", color="violet", width="stretch")
            st.caption(_("A made-up archive. Nothing here belongs to a real patient or bucket."))
        reader = source.warehouse()
        snapshots = sorted(reader.snapshots(), key=lambda item: item.built_at, reverse=True)
        if not snapshots:
            return
        _snapshot_choice(snapshots, settings.archive.timezone)
        seen = view()
        st.caption(_("Data as of {moment}").format(moment=formats.when(seen.data_at, seen.timezone)))
        st.caption(settings.archive.name)
    except DashboardError as fault:
        if fault.code is ExitCode.SETTINGS:
            faults.maintenance(fault)


def _snapshot_choice(snapshots: list[Any], zone: str) -> None:
    known = {snapshot.snapshot_id: snapshot for snapshot in snapshots}
    codes = [NEWEST, *known]
    key = links.seed("snapshot", lambda text: links.one_of(text, codes, NEWEST), NEWEST)
    if st.session_state[key] not in codes:
        st.session_state[key] = NEWEST

    def label(code: str) -> str:
        if code == NEWEST:
            return _("Newest")
        moment = known[code].report_at or known[code].built_at
        return f"{formats.when(moment, zone)} · {code}"

    chosen = st.selectbox(_("Snapshot"), codes, format_func=label, key=key, filter_mode=None)
    links.note("snapshot", "" if chosen == NEWEST else str(chosen))
