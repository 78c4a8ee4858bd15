"""The lists behind the numbers of the Quality page: which one, of what, and its columns."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.ui import (
    finding_labels,
    formats,
    label_panel,
    label_sources,
    labels,
    links,
    owners,
    shell,
    source,
    tables,
)
from dashboard.ui.filters import Chosen
from dashboard.ui.finding_list import FindingList
from dashboard.ui.page import Page
from dashboard.ui.safe import visible
from dashboard.ui.text import N_, _, language

LISTS: dict[str, str] = {
    "names": N_("Misnamed images"),
    "labels": N_("Images without a label"),
    "values": N_("Images with any label"),
    "conflicts": N_("Labels that disagree"),
    "orphans": N_("Labels without an image"),
    "alerts": N_("Findings of all rules"),
}
OF_LABELS = ("labels", "values", "conflicts", "orphans")
VIEWS: tuple[tuple[str, str, dict[str, str]], ...] = (
    (N_("High or critical"), "local_fire_department", {"list": "alerts", "severities": "critical,high"}),
    (N_("Can be renamed by itself"), "auto_fix_high", {"list": "names", "proposal": "ready"}),
    (N_("Needs restore first"), "ac_unit", {"list": "names", "proposal": "restore"}),
)
NO_UNIT = "-"
"""In the address: files of a device that are in the folder of no unit."""

_NARROWED = {
    "names": ("taken", "unit", "proposal"),
    "labels": ("taken", "unit"),
    "values": ("value",),
    "conflicts": (),
    "orphans": ("source",),
    "alerts": ("rule",),
}
_TITLES = {
    "taken": N_("Month"),
    "unit": N_("Unit"),
    "proposal": N_("Proposed name"),
    "value": N_("Label"),
    "source": N_("Label source"),
    "rule": N_("Rule"),
}


class Lists:
    """The lists of an open page, and what narrows them; all of it is kept in the address.

    Attributes:
        listed: the list that is open; None = the page shows its figures.
        codes: what is chosen, by name; None = any.
    """

    def __init__(self, page: Page, *, has_labels: bool) -> None:
        self.page = page
        self.lists = [code for code in LISTS if has_labels or code not in OF_LABELS]
        rows = page.frame("quality.months", today=page.today).itertuples()
        months = {row.month: formats.month(row.first_on) for row in rows} | {"other": _("Other months")}
        units = page.frame("quality.by_place", today=page.today, by_unit=True)
        self.devices: dict[str, set[str]] = {}
        for row in units.itertuples():
            self.devices.setdefault(row.unit_id or NO_UNIT, set()).add(row.device_id)
        values = list(page.frame("quality.label_values").itertuples()) if has_labels else []
        self.values = {
            label_panel.code(row.name, row.label_value): (row.name, row.label_value) for row in values
        }
        ids = page.frame("quality.label_sources", today=page.today)["source_id"] if has_labels else ()
        self.names: dict[str, Mapping[str, str]] = {
            "taken": months,
            "unit": {unit: _("None") if unit == NO_UNIT else visible(unit) for unit in sorted(self.devices)},
            "proposal": {code: _(name) for code, name in finding_labels.PROPOSAL_STATES.items()},
            "value": {code: label_panel.title(*pair) for code, pair in self.values.items()},
            "source": {name: visible(name) for name in ids},
            "rule": {name: labels.name("rule_id", name) for name in self._rules()},
        }
        self.listed = links.choose("list", self.lists)
        self.codes = {name: links.choose(name, names) for name, names in self.names.items()}
        self.findings = FindingList(page)
        if self.listed == "alerts":
            self.findings.remember()

    def _rules(self) -> list[str]:
        return [str(name) for name in self.page.frame("quality.by_rule")["rule_id"]]

    def _link(self, chosen: Chosen, title: str, icon: str, codes: Mapping[str, str]) -> None:
        st.page_link(
            shell.page_at(self.page.id),
            label=title,
            icon=f":material/{icon}:",
            query_params=links.target({"devices": chosen["devices"] or "", **codes}, language()),
        )

    def links(self, chosen: Chosen) -> None:
        """Links to every list and to named views of them; from an open list, back to the figures."""
        with st.container(horizontal=True, key="quality_views"):
            if self.listed:
                self._link(chosen, _("Back to the figures"), "arrow_back", {})
            for code in [] if self.listed else self.lists:
                self._link(chosen, _(LISTS[code]), "list", {"list": code})
            for title, icon, codes in VIEWS:
                self._link(chosen, _(title), icon, codes)

    def draw(self, chosen: Chosen) -> None:
        """The list that is open, under the choice of another one and what narrows it."""
        if self.listed is None:
            return
        self._settle(chosen["devices"])
        own: dict[str, Any] = {"persist_state": "session", "key": links.state_key("list"), "required": True}
        st.segmented_control(_("List"), self.lists, format_func=lambda code: _(LISTS[code]), **own)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            for name in _NARROWED[self.listed]:
                names = self.names[name]
                own |= {
                    "key": links.state_key(name),
                    "placeholder": _("Any"),
                    "required": False,
                    "width": 260,
                }
                st.selectbox(_(_TITLES[name]), list(names), format_func=names.__getitem__, **own)
        draw = {
            "names": self._misnamed,
            "labels": self._unlabelled,
            "values": self._labelled,
            "conflicts": self._conflicts,
            "orphans": self._orphans,
            "alerts": self._findings,
        }
        draw[self.listed](chosen)

    def _settle(self, devices: list[str] | None) -> None:
        """Offer the units of the devices chosen, and forget one of another device."""
        if devices is None:
            return
        own = {unit: name for unit, name in self.names["unit"].items() if self.devices[unit] & set(devices)}
        self.names["unit"] = own
        if self.codes["unit"] not in own:
            self.codes["unit"] = st.session_state[links.state_key("unit")] = None
            links.note("unit", "")
            links.write()

    @property
    def units(self) -> list[str] | None:
        """The unit chosen; None = any."""
        unit = self.codes["unit"]
        return None if unit is None else ["" if unit == NO_UNIT else unit]

    @property
    def months(self) -> list[str] | None:
        """The month chosen, by its first day, or 'other'; None = any."""
        month = self.codes["taken"]
        return [month] if month else None

    def _place(self, chosen: Chosen) -> dict[str, Any]:
        return {
            "today": self.page.today,
            "devices": chosen["devices"],
            "units": self.units,
            "month": self.codes["taken"],
        }

    def _change(self, chosen: Chosen, title: str, codes: Mapping[str, str]) -> None:
        """The way to a plan about exactly what is listed."""
        narrowed = {name: self.codes[name] or "" for name in ("taken", "unit")}
        shell.link("change", title, {"devices": chosen["devices"] or "", **narrowed, **codes})

    def _misnamed(self, chosen: Chosen) -> None:
        columns = [
            tables.text("key", _("Key"), width=340),
            tables.code("reasons", _("Reasons"), of="reason", width=150),
            tables.text("proposed_key", _("Proposed name"), width=340),
            tables.code("proposal_basis", _("Rests on"), width=230),
            tables.code("missing", _("Missing for a name"), width=170),
            tables.flag(
                "needs_restore", _("Restore first"), help=_("Archived: it must be restored to be copied")
            ),
            tables.text("owner", _("Owner")),
            *_rest(),
        ]
        self._change(chosen, _("Rename…"), {"do": "rename", "reasons": links.joined(chosen["reasons"] or ())})
        self.page.listing(
            "quality.misnamed",
            columns,
            also=functools.partial(owners.beside, self.page),
            reasons=chosen["reasons"],
            proposal=self.codes["proposal"],
            **self._place(chosen),
        )

    def _meaning(self, said: str) -> None:
        """When an image counts as labelled, and what the list holds beside that."""
        for line in [*label_sources.required(source.settings().labels), said]:
            st.text(line)

    def _unlabelled(self, chosen: Chosen) -> None:
        columns = [_key(), tables.code("label_state", _("State")), *_rest()]
        self._meaning(_("These lack at least one of them; they may have other labels."))
        self._change(chosen, _("Label…"), {"do": "labels", "of": "unlabelled"})
        self.page.listing("quality.unlabelled", columns, **self._place(chosen))

    def _labelled(self, chosen: Chosen) -> None:
        name, value = self.values.get(self.codes["value"] or "", (None, None))
        columns = [
            _key(),
            tables.text("label_text", _("Labels"), width="large"),
            tables.text("source_text", _("Sources")),
            tables.flag("has_conflict", _("Sources disagree")),
            tables.code("device_id", _("Device")),
            tables.text("unit_id", _("Unit")),
            tables.time("labelled_at", _("Labelled")),
            tables.text("source_bucket", _("Bucket")),
        ]
        self._meaning(_("These have any label at all, so some of them may not be labelled yet."))
        self.page.listing(
            "quality.labelled",
            columns,
            devices=chosen["devices"],
            name=name,
            value=None if formats.is_missing(value) else value,
        )

    def _conflicts(self, chosen: Chosen) -> None:
        columns = [
            _key(),
            tables.text("name", _("Label")),
            tables.text("label_value", _("Counts")),
            tables.text("source_values", _("What each source says"), width="large"),
            tables.code("device_id", _("Device")),
            tables.text("unit_id", _("Unit")),
            tables.time("labelled_at", _("Labelled")),
            tables.text("source_bucket", _("Bucket")),
        ]
        self.page.listing("quality.label_conflicts", columns, devices=chosen["devices"], name=None)

    def _orphans(self, chosen: Chosen) -> None:
        columns = [
            _key(),
            tables.code("finding_reason", _("Reason"), width="medium"),
            tables.text("source_id", _("Label source")),
            tables.text("label_text", _("Labels"), width="large"),
            tables.code("device_id", _("Device")),
            tables.time("labelled_at", _("Labelled")),
            tables.text("source_bucket", _("Bucket")),
        ]
        own: dict[str, Any] = {"devices": chosen["devices"], "source": self.codes["source"], "reasons": None}
        self.page.listing("quality.label_orphans", columns, **own)

    def _findings(self, chosen: Chosen) -> None:
        self.findings.draw(chosen, self.codes["rule"])


def _key() -> tables.Column:
    return tables.text("key", _("Key"), width="large")


def _rest() -> list[tables.Column]:
    return [
        tables.code("device_id", _("Device")),
        tables.text("unit_id", _("Unit")),
        tables.size("size_bytes", _("Size")),
        tables.time("uploaded_at", _("Uploaded")),
        tables.text("source_bucket", _("Bucket")),
    ]
