"""The Change page's parts: which deed on which objects, how many they are, and the button that makes the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard.operate import class_change, draft, listed, rename
from dashboard.operate.choice import Choice, Reader
from dashboard.operate.listed import Listed
from dashboard.ui import formats, labels, links, plan_panel, restores, source
from dashboard.ui.cards import Card
from dashboard.ui.filters import Chosen
from dashboard.ui.found import Found
from dashboard.ui.page import Page
from dashboard.ui.quality_lists import NO_UNIT
from dashboard.ui.safe import visible
from dashboard.ui.text import N_, _

DEEDS: dict[str, str] = {
    "labels": N_("Set labels"),
    "rename": N_("Give the proposed names"),
    "class": N_("Change the storage class"),
}
OF: dict[str, str] = {
    "choice": N_("Of a choice"),
    "unlabelled": N_("Images without a label"),
    "list": N_("A list of keys"),
}


@dataclass(frozen=True)
class Counted:
    """How many objects a choice has; None for what is not asked for."""

    object_count: int
    size_bytes: int | None = None
    archived_count: int | None = None

    def cards(self) -> list[Card]:
        """What is known, as figures."""
        cards = [Card(_("Objects"), self.object_count, "count", note=_("of this choice"), icon="image")]
        if self.size_bytes is not None:
            cards.append(Card(_("Size"), self.size_bytes, "size", icon="storage"))
        if self.archived_count is not None:
            cards.append(Card(_("Archived"), self.archived_count, "count", icon="ac_unit"))
        return cards


class Change:
    """What the page is about; kept in the address.

    Attributes:
        deed: a code of DEEDS.
        is_listed: whether the objects are those of a list of the Quality page.
        listed, choice: which objects; one of them.
        to_class: to move to, where the deed is that.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.deed = links.choose("do", DEEDS, "labels") or "labels"
        self.to_class = links.choose("to", class_change.TARGETS, "GLACIER_IR") if self.deed == "class" else ""
        own: dict[str, Any] = {"required": True, "persist_state": "session"}
        with st.container(horizontal=True, vertical_alignment="bottom"):
            key = links.state_key("do")
            st.segmented_control(_("Action"), DEEDS, format_func=lambda code: _(DEEDS[code]), key=key, **own)
            ways = OF if self.deed == "labels" else {code: OF[code] for code in ("choice", "list")}
            of = "" if self.deed == "rename" else restores.which(ways, sees_keys=page.sees_keys)
        self.is_listed = self.deed == "rename" or of == "unlabelled"
        self.listed = self.choice = None  # type: Any
        if of == "list":
            self.choice = restores.pasted()
            return
        names = ["devices"] + ([] if self.is_listed else ["classes", "kinds", "sizes"])
        names += ["labels"] if self.deed == "class" else []
        narrow = self._narrow() if self.is_listed else {}
        names += ["reasons"] if self.deed == "rename" else []
        fields = {} if self.is_listed else restores.begin_and_age(sees_keys=page.sees_keys)
        chosen = page.filters(*names, fields=fields)
        if self.is_listed:
            self._draw_narrow(narrow)
            self.listed = self._listed(chosen)
        else:
            devices, classes, kinds, sizes, *labelled = (chosen[name] for name in names)
            self.choice = Choice(
                devices=devices,
                storage_classes=classes,
                kinds=kinds,
                size_bands=sizes,
                labels=labelled[0] if labelled else None,
                prefix=chosen.fields["prefix"],
                uploaded_before=chosen.fields["before"],
            )

    def _narrow(self) -> dict[str, dict[str, str]]:
        """Months and units that can be chosen, with their names."""
        today = self.page.today
        rows = self.page.frame("quality.months", today=today).itertuples()
        months = {row.month: formats.month(row.first_on) for row in rows} | {"other": _("Other months")}
        places = self.page.frame("quality.by_place", today=today, by_unit=True)
        units = sorted({str(unit) or NO_UNIT for unit in places["unit_id"].fillna("")})
        names = {unit: _("None") if unit == NO_UNIT else visible(unit) for unit in units}
        narrow = {"taken": months, "unit": names}
        self._codes = {name: links.choose(name, codes) for name, codes in narrow.items()}
        return narrow

    def _draw_narrow(self, narrow: Mapping[str, Mapping[str, str]]) -> None:
        titles = {"taken": _("Month"), "unit": _("Unit")}
        with st.container(horizontal=True, vertical_alignment="bottom"):
            for name, names in narrow.items():
                st.selectbox(
                    titles[name], list(names), format_func=names.__getitem__, key=links.state_key(name),
                    placeholder=_("Any"), required=False, width=260, persist_state="session",
                )  # fmt: skip

    def _listed(self, chosen: Chosen) -> Listed:
        unit = self._codes["unit"]
        return Listed(
            devices=chosen["devices"],
            units=None if unit is None else ["" if unit == NO_UNIT else unit],
            month=self._codes["taken"],
            today=self.page.today,
            reasons=chosen["reasons"] if self.deed == "rename" else None,
        )

    def counted(self) -> Counted:
        """How many objects the choice has now."""
        if self.choice is not None:
            found = Found(self.page.frame("restore.choices", **self.choice.params()))
            found.say_unsized()
            size = found.size_bytes + found.readable_bytes
            return Counted(found.object_count + found.readable_count, size, found.object_count)
        if self.deed == "rename":
            ready, archived = (self._total(listed.MISNAMED, proposal=code) for code in ("ready", "restore"))
            return Counted(ready, archived_count=archived)
        return Counted(self._total(listed.UNLABELLED))

    def _total(self, query: str, **more: Any) -> int:
        frame = self.page.frame(query, **self.listed.params(query), **more, row_limit=1, row_offset=0)
        return 0 if frame.empty else int(frame["total_count"].iloc[0])

    def options(self) -> list[str]:
        """The choice as options of the command line."""
        if self.choice is not None:
            return restores.options(self.choice)
        words = ["--unlabelled"] if self.deed == "labels" else []
        parts = (
            ("device", self.listed.devices),
            ("unit", self.listed.units),
            ("reason", self.listed.reasons),
        )
        words += [f"--{name}={code}" for name, codes in parts for code in codes or ()]
        return words + ([f"--month={self.listed.month}"] if self.listed.month else [])

    def chosen(self, reader: Reader) -> Choice:
        """The objects, for a plan about them: of a list, each by its key. Raises DashboardError."""
        if self.choice is not None:
            return self.choice  # type: ignore[no-any-return]
        settings = source.settings()
        snapshot_id = draft.snapshot_of(draft.basis(settings))
        return Choice(keys=listed.unlabelled(reader, self.listed, snapshot_id, settings.operate.max_objects))


def rename_form(change: Change, count: int) -> None:
    """The button that makes a plan of renames, and what it would do."""
    options = change.options()
    plan_panel.offer(
        lambda by, reader: rename.make_plan(source.settings(), reader, change.listed, made_by=by),
        ["rename", *(options or ["--all"])],
        is_ready=bool(count),
    )
    st.caption(
        _(
            "Each image is copied to its new name, compared, and then taken away from its old one. Archived images "
            "have to be restored first. The dashboard shows the new names after its next sync."
        )
    )


def class_form(change: Change, count: int) -> None:
    """The class to move to, and the button that makes the plan."""
    to_class = change.to_class
    st.selectbox(
        _("To the class"), class_change.TARGETS, format_func=lambda code: labels.name("storage_class", code),
        key=links.state_key("to"), persist_state="session", width=260,
    )  # fmt: skip
    plan_panel.offer(
        lambda by, reader: class_change.make_plan(
            source.settings(), reader, change.chosen(reader), to_class=str(to_class), made_by=by
        ),
        ["class", *change.options(), f"--to={to_class}"],
        is_ready=bool(count),
    )
    st.caption(
        _(
            "Each object is copied onto itself. Where the bucket keeps versions, the old version stays in its class "
            "and is billed until something removes it. Archived objects have to be restored first, and are moved while "
            "the copy can be read. A lifecycle rule moves whole prefixes for less. Statutory "
            "records ([records] in the settings) are not moved to where reading takes too long."
        )
    )
