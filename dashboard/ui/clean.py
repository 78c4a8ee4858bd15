"""The page Undo and clean: which deed on which objects, what is left of the day, and the button that makes the plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import streamlit as st

from dashboard.operate import (
    abort_uploads,
    bring_back,
    limits,
    remove_duplicates,
    remove_junk,
    remove_versions,
    undelete,
)
from dashboard.operate.choice import Choice
from dashboard.ui import formats, labels, links, plan_panel, restores, source
from dashboard.ui.page import Page
from dashboard.ui.text import N_, _


class Deed(NamedTuple):
    """What can be done: what it does in words, how it is planned, and its command."""

    said: str
    make_plan: Callable[..., Any]
    command: str


DEEDS: dict[str, Deed] = {
    "undelete": Deed(
        N_("Removes the delete marker that hides an object, so that the version below it is current again."),
        undelete.make_plan,
        "undelete",
    ),
    "bring_back": Deed(
        N_("Copies a former version onto its key. What is current now stays as a version."),
        bring_back.make_plan,
        "bring-back",
    ),
    "abort_uploads": Deed(
        N_(
            "Removes the parts of uploads that were begun and never finished. They are billed and in no listing."
        ),
        abort_uploads.make_plan,
        "abort-uploads",
    ),
    "remove_versions": Deed(
        N_("Removes former versions for good. Overwritten images and records are left alone."),
        remove_versions.make_plan,
        "remove-versions",
    ),
    "remove_duplicates": Deed(
        N_(
            "Removes exact copies for good. The copy that Duplicates names is kept, and looked at before each."
        ),
        remove_duplicates.make_plan,
        "remove-duplicates",
    ),
    "remove_junk": Deed(
        N_(
            "Removes files that are no images for good: names of system and temporary files, and files without a byte. "
            "Look through the list first."
        ),
        remove_junk.make_plan,
        "remove-junk",
    ),
}


class Clean:
    """What the page is about; kept in the address.

    Attributes:
        deed: a code of DEEDS.
        devices: chosen; None = all.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.deed = links.choose("do", DEEDS, "undelete") or "undelete"
        st.segmented_control(
            _("What"), DEEDS, format_func=lambda code: labels.name("action", code), key=links.state_key("do"),
            required=True, persist_state="session",
        )  # fmt: skip
        self.devices = page.filters("devices")["devices"]

    def form(self) -> None:
        """What narrows the deed, what the settings allow today, and the button."""
        deed = DEEDS[self.deed]
        if self.deed in limits.NEEDS_DELETE and not source.settings().operate.allow_removal:
            st.warning(
                _(
                    "The settings do not allow this: allow_removal in [operate]. A plan can be made, not confirmed."
                ),
                icon=":material/lock:",
            )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            prefix = restores.prefix(sees_keys=self.page.sees_keys)
            params = self._params()
        links.write()
        chosen = Choice(devices=self.devices, prefix=prefix)
        if self.deed in limits.REMOVALS:
            st.caption(_left())
        words = [] if params.get("version_ids") and not self.devices else restores.options(chosen)
        plan_panel.offer(
            lambda by, reader: deed.make_plan(source.settings(), reader, chosen, made_by=by, **params),
            [deed.command, *words, *_options(params)],
            is_ready=True,
        )

    def _params(self) -> dict[str, Any]:
        if self.deed == "bring_back":
            return self._version()
        if self.deed == "abort_uploads":
            return {"days": _number("older", _("Begun more than so many days ago"), 7, 1)}
        if self.deed == "remove_versions":
            return {
                "days": _number("older", _("Not current for more than so many days"), 90, 1),
                "keep": _number("keep", _("Former versions kept of each object"), 1, 0),
            }
        return {}

    def _version(self) -> dict[str, Any]:
        key = links.seed("version", lambda text: text[:1024], "")
        given = st.text_input(
            _("Version"), key=key, persist_state="session", max_chars=1024, width=320,
            placeholder=_("All overwritten images"),
        ).strip()  # fmt: skip
        links.note("version", given)
        return {"version_ids": [given] if given else None}


def _number(name: str, title: str, usual: int, least: int) -> int:
    key = links.seed(name, lambda text: max(int(text), least) if text.isdecimal() else usual, usual)
    given = int(st.number_input(title, least, 36_500, key=key, persist_state="session", width=240))
    links.note(name, "" if given == usual else str(given))
    return given


def _options(params: dict[str, Any]) -> list[str]:
    words = [f"--version={code}" for code in params.get("version_ids") or ()]
    return words + [f"--{name}={params[name]}" for name in ("days", "keep") if name in params]


def _left() -> str:
    """What the settings allow to remove today, translated."""
    settings = source.settings()
    day, operate = limits.day(plan_panel.journal(), settings), settings.operate
    said = _("A second person has to confirm it. Left to be removed today: {count} objects, {size}.")
    return said.format(
        count=formats.count(max(0, operate.max_removed_objects - day.removed_count)),
        size=formats.size(max(0, operate.max_removed_bytes - day.removed_bytes)),
    )
