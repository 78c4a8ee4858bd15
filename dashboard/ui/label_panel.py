"""What is known about labels: each source, what counts as labelled, and how often each value is there."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.settings.labels import Labels
from dashboard.ui import formats, label_sources, source, tables
from dashboard.ui.page import Page
from dashboard.ui.safe import visible
from dashboard.ui.text import _, said_of

EXAMPLE = '[labels]\nrequired = ["label"]\n\n[[labels.source]]\nkind = "object_tags"'


def draw(page: Page, wanted: Labels, devices: list[str] | None) -> dict[str, str]:
    """Three panels; returns the list that a click leads to, as codes of the address."""
    if not wanted.source:
        with page.panel(_("Label sources")):
            st.caption(_("No label source is configured. Name one in dashboard.toml, then run a sync:"))
            st.text(EXAMPLE)  # `st.code` would load half a megabyte to colour two lines
        return {}
    clicked: dict[str, str] = {}
    hint = _("A click on a source lists its labels without an image")
    with page.panel(_("Label sources"), caption=hint, details="sources"):
        rows = page.frame("quality.label_sources", today=page.today)
        if row := page.table(rows, _columns(), name="label_sources", select=True):
            clicked = {"list": "orphans", "source": str(row["source_id"])}
    left, right = page.columns(1, 1)
    with left:
        explain(page)
    hint = _("Current images by label and value; a click lists them")
    with right, page.panel(_("Class balance"), caption=hint):
        columns = [
            tables.text("name", _("Label")),
            tables.text("label_value", _("Value"), help=_("Empty: too many values to count each")),
            tables.code("device_id", _("Device")),
            tables.count("image_count", _("Images")),
            tables.share("image_share", _("Share"), help=_("Of the device's images that carry the label")),
            tables.flag("is_allowed", _("Allowed")),
            tables.flag("is_required", _("Required")),
        ]
        rows = page.frame("quality.label_values", devices=devices)
        if row := page.table(rows, columns, name="label_values", select=True):
            value = code(str(row["name"]), row["label_value"])
            clicked = {"list": "values", "value": value, "devices": str(row["device_id"])}
    return clicked


def explain(page: Page) -> None:
    """What counts as labelled, and where each source has it from; nothing without a source."""
    wanted = source.settings().labels
    if wanted.source:
        with page.panel(_("What counts as labelled")):
            for line in [*label_sources.meaning(wanted), *map(label_sources.definition, wanted.source)]:
                st.text(line)


def code(name: str, value: Any) -> str:
    """A label and its value in the address; a missing value stands for any."""
    return name if formats.is_missing(value) else f"{name}={value}"


def title(name: str, value: Any) -> str:
    """A label and its value as people read them."""
    return said_of(visible(name), _("any value") if formats.is_missing(value) else visible(str(value)))


def _columns() -> list[tables.Column]:
    return [
        tables.text("source_id", _("Label source")),
        tables.code("label_kind", _("Kind")),
        tables.days("age_days", _("Age, days")),
        tables.share("image_share", _("Images reached")),
        tables.count("row_count", _("Rows")),
        tables.count("label_count", _("Labels")),
        tables.count(
            "set_aside_count", _("Kept out"), help=_("Rows that could not be believed; Sources lists them")
        ),
        tables.count("conflict_count", _("Disagree")),
        tables.count("orphan_count", _("Orphaned"), help=_("Labels without an image")),
        tables.count("stale_count", _("Outdated"), help=_("Labels of an older image")),
        tables.count("not_allowed_count", _("Not allowed"), width=84),
        tables.money("cost_usd", _("Last reading")),
        tables.count("request_count", _("Requests")),
        tables.time("as_of", _("As of")),
        tables.flag("is_complete", _("Complete")),
        tables.code("source_note", _("Note"), width="medium"),
    ]
