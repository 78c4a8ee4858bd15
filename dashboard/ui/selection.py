"""The form that chooses images for a dataset, kept in the address; and the dataset's tables from its queries."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.domain.dataset import STEPS, Permission, Selection, Split, read_labels, read_split
from dashboard.ui import filters, formats, labels, links, source
from dashboard.ui.page import Page
from dashboard.ui.safe import visible
from dashboard.ui.text import N_, _

SPLIT_KINDS: dict[str, str] = {
    "": N_("No split"),
    "unit": N_("Unit"),
    "day": N_("Day of capture"),
    "segment": N_("Segment of the key, by number"),
    "pattern": N_("Part of the key, by expression"),
    "label": N_("Value of a label"),
}
NAMES: dict[str, str] = {"": N_("All names"), "good": N_("Good names"), "bad": N_("Bad names")}
SHARES = "0.8,0.1,0.1"
MASK = "▒"
"""What every masked name has."""


@dataclass(frozen=True)
class Choice:
    """What the form says.

    Attributes:
        problem: why it cannot be used, in English; '' if it can.
    """

    selection: Selection
    split: Split
    shares: str
    problem: str = ""

    def gate_params(self) -> dict[str, Any]:
        """Values of the parameters of dataset.funnel."""
        settings = source.settings().dataset
        permission = Permission(settings.permit_tag, settings.permit_values)
        return {**self.selection.params(), **self.split.part_params(), **permission.params()}

    def params(self) -> dict[str, Any]:
        """Values of the parameters of the other dataset queries."""
        return {**self.gate_params(), **self.split.params()}

    def command(self, name: str) -> str:
        """The command line that freezes the same."""
        words = [name, *self.arguments(), "--out", "datasets"]
        return f"python -m dashboard dataset create {shlex.join(words)}"

    def codes(self) -> dict[str, str | Sequence[str]]:
        """The same choice in the address of a link."""
        chosen, split = self.selection, self.split
        found: dict[str, str | Sequence[str]] = {
            "devices": chosen.devices,
            "units": chosen.units,
            "extensions": chosen.extensions,
            "names": chosen.names or "",
            "from": chosen.from_on.isoformat() if chosen.from_on else "",
            "to": chosen.to_on.isoformat() if chosen.to_on else "",
            "tags": "\n".join(f"{name}={value}" for name, value in chosen.labels),
            "split_by": split.by,
            "split_part": split.part,
            "shares": "" if self.shares == SHARES else self.shares,
        }
        return {name: value for name, value in found.items() if value}

    def arguments(self) -> list[str]:
        """Options of `dataset create` for the same choice."""
        given = self.which()
        if self.split.by:
            by = f"{self.split.by}:{self.split.part}" if self.split.part else self.split.by
            given += [f"--split={self.shares}", f"--split-by={by}"]
        return given

    def which(self) -> list[str]:
        """Those of them that say which images."""
        chosen = self.selection
        given = [("--device", item) for item in chosen.devices]
        given += [("--unit", item) for item in chosen.units]
        given += [("--extension", item) for item in chosen.extensions]
        given += [("--label", f"{name}={value}") for name, value in chosen.labels]
        given += [("--names", chosen.names)] if chosen.names else []
        given += [("--from", chosen.from_on.isoformat())] if chosen.from_on else []
        given += [("--to", chosen.to_on.isoformat())] if chosen.to_on else []
        # One word each: a value that begins with a dash would be taken for an option.
        return [f"{option}={value}" for option, value in given]


def form(page: Page, *, has_split: bool = True) -> Choice:
    """Draw the form; what it says counts from the click on its button on. What cannot be used is told, and the page
    ends there.

    Args:
        has_split: whether it asks for a split, too.
    """
    chosen = _form(page, has_split=has_split)
    if chosen.problem:
        st.caption(_("This choice cannot be used:"))
        st.text(chosen.problem)
        st.stop()
    return chosen


def _form(page: Page, *, has_split: bool) -> Choice:
    # Masked units and extensions cannot be chosen.
    units, extensions = page.frame("dataset.units")["unit"], page.frame("dataset.extensions")["extension"]
    devices = labels.device_codes()
    with st.form("selection", border=False):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            chosen_devices = _several(
                "devices",
                _("Devices"),
                devices,
                _("All devices"),
                lambda code: labels.name("device_id", code),
            )
            chosen_units = _several("units", _("Units"), _unmasked(units), _("All units"))
            chosen_extensions = _several(
                "extensions", _("File extensions"), _unmasked(extensions), _("All extensions")
            )
            names = _one("names", _("Names"), NAMES)
            from_on = filters.day("from", _("Captured from"))
            to_on = filters.day("to", _("to"))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            # Not "labels", which are the codes of a filter of other pages.
            wanted = _text("tags", _("Labels, as name=value, one per line"), area=True)
            by, part, shares = _split() if has_split else ("", "", SHARES)
        st.form_submit_button(_("Count"), icon=":material/filter_alt:", type="primary")
    links.write()
    chosen = _choice(
        chosen_devices, chosen_units, chosen_extensions, names, (from_on, to_on), wanted, (by, part, shares)
    )
    # Whoever may try expressions on keys can read them out.
    if by == "pattern" and not page.sees_keys and not chosen.problem:
        return replace(
            chosen, problem="an expression reads keys, which you may not see; split by a segment or a label"
        )
    return chosen


def _split() -> tuple[str, str, str]:
    by = _one("split_by", _("Split by"), SPLIT_KINDS)
    part = _text("split_part", _("Number, expression or label"))
    return by, part, _text("shares", _("Shares of training, validation and test"), SHARES)


def _unmasked(codes: Iterable[str]) -> list[str]:
    return [code for code in codes if MASK not in code]


def _choice(
    devices: list[str],
    units: list[str],
    extensions: list[str],
    names: str,
    days: tuple[dt.date | None, dt.date | None],
    wanted: str,
    split: tuple[str, str, str],
) -> Choice:
    by, part, shares = split
    key = source.settings().dataset.split_key
    problem, dealt = "", Split(key=key)
    pairs: tuple[tuple[str, str], ...] = ()
    try:
        pairs = read_labels(line.strip() for line in wanted.splitlines() if line.strip())
        kind = f"{by}:{part.strip()}" if by in {"segment", "pattern", "label"} else by
        dealt = read_split(shares, kind, key)
    except ValueError as error:
        problem = str(error)
    selection = Selection(
        tuple(devices), tuple(units), tuple(extensions), days[0], days[1], names or None, pairs
    )
    return Choice(selection, dealt, shares, problem)


def gate(funnel: pd.DataFrame) -> pd.DataFrame:
    """The steps in their order: step, stopped_count, stopped_bytes, object_count and size_bytes left, share of all.

    Args:
        funnel: rows of dataset.funnel.
    """
    stopped = funnel.groupby("step")[["object_count", "size_bytes"]].sum()
    count, size = int(funnel["object_count"].sum()), int(funnel["size_bytes"].sum())
    total, rows = count, []
    for step in STEPS:
        gone, gone_bytes = (int(value) for value in stopped.loc[step]) if step in stopped.index else (0, 0)
        count, size = count - gone, size - gone_bytes
        rows.append((step, gone, gone_bytes, count, size, float(Decimal(count) / total) if total else None))
    names = ["step", "stopped_count", "stopped_bytes", "object_count", "size_bytes", "object_share"]
    return pd.DataFrame(rows, columns=names)


def archived(funnel: pd.DataFrame) -> pd.DataFrame:
    """What only a restore would make ready, by class and tier: storage_class, access_tier, object_count, size_bytes,
    job_places."""
    rows = funnel[(funnel["step"] == "reading") & (funnel["readability"] == "archived")]
    names = ["storage_class", "access_tier", "object_count", "size_bytes", "job_places"]
    return rows[names].reset_index(drop=True)


def count_of(funnel: pd.DataFrame, step: str, readability: str = "") -> int:
    """Images that a step stops, or that are 'ready'."""
    rows = funnel[funnel["step"] == step]
    return int(rows[rows["readability"] == readability]["object_count"].sum() if readability
               else rows["object_count"].sum())  # fmt: skip


def permission_note() -> str:
    """What the step about permission asks for, translated; tag and values stand in the settings."""
    settings = source.settings().dataset
    if settings.permit_tag is None:
        return _("Permission is not asked for: dataset.permit_tag is not set.")
    said = _("Permitted means: the label {tag} is one of {values}")
    return said.format(tag=visible(settings.permit_tag), values=visible(", ".join(settings.permit_values)))


def split_notes(splits: pd.DataFrame, split: Split) -> list[str]:
    """How many parts of the key stand on more than one side, counted by the query, not assumed; and sides without an
    image. Translated."""
    shared = int(splits["shared_part_count"].max()) if len(splits) else 0
    notes = [_("Groups on more than one side: {count}").format(count=formats.count(shared))]
    if len(splits) and (empty := split.empty_sides(splits["split"])):
        said = _("No image is in: {sides}. Too few groups; split by a smaller one.")
        notes.append(said.format(sides=labels.name("split", empty)))
    return notes


def step_name(code: str) -> str:
    """What the list of a step's images is called, translated."""
    if code == "none":
        return _("Choose what to list")
    if code == "ready":
        return labels.name("step", code)
    return _("Stopped: {step}").format(step=labels.name("step", code))


def _several(name: str, label: str, codes: Sequence[str], everything: str, shown: object = str) -> list[str]:
    key = links.seed(name, lambda text: links.allowed(text, codes), [])
    links.keep(key, [code for code in st.session_state[key] if code in codes])
    chosen: list[str] = st.multiselect(
        label, list(codes), format_func=shown, key=key, placeholder=everything, persist_state="session",
        select_all=False, width=158,
    )  # type: ignore[call-overload]  # fmt: skip
    links.note(name, links.joined(chosen))
    return chosen


def _one(name: str, label: str, codes: dict[str, str]) -> str:
    key = links.seed(name, lambda text: links.one_of(text, list(codes), ""), "")
    chosen = st.selectbox(
        label,
        list(codes),
        format_func=lambda code: _(codes[code]),
        key=key,
        persist_state="session",
        width=158,
    )
    links.note(name, chosen)
    return chosen


def _text(name: str, label: str, default: str = "", *, area: bool = False) -> str:
    key = links.seed(name, lambda text: text[:2_000], default)
    if area:
        said = st.text_area(label, key=key, height=68, width=230, persist_state="session")
    else:
        said = st.text_input(label, key=key, width=220, persist_state="session")
    text = (said or "").strip() or default
    links.note(name, "" if text == default else text)
    return text
