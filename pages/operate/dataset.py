"""Which images are ready for machine learning, what stops the others, and what exactly was frozen?"""

from typing import Any

import streamlit as st  # for the choice of the step whose images are listed, and sentences about the form

from dashboard.domain.dataset import STEPS
from dashboard.ui import charts, formats, frozen, links, restores, selection, shell, stakes, tables
from dashboard.ui.cards import Card
from dashboard.ui.page import open_page
from dashboard.ui.text import _

page = open_page("dataset")
codes = ["none", *STEPS, "ready"]
key = links.seed("step", lambda text: links.one_of(text, codes, "none"), "none")
step = st.session_state[key]
links.note("step", "" if step == "none" else step)
slow = _("Counting reads the whole report and every label: seconds, for a large archive")
with page.panel(_("Selection"), caption=slow):
    chosen = selection.form(page)
where: dict[str, Any] = chosen.params()
funnel = page.frame("dataset.funnel", **chosen.gate_params())
gate, archived = selection.gate(funnel), selection.archived(funnel)
ready, cold = selection.count_of(funnel, "ready"), selection.count_of(funnel, "reading", "archived")
unknown = selection.count_of(funnel, "reading", "unknown")

part = _("of {total} chosen").format(total=formats.count(funnel["object_count"].sum()))
later = _("to be restored first")
page.cards(
    Card(_("Ready"), ready, "count", note=part, icon="task_alt"),
    Card(_("Ready, size"), gate["size_bytes"].iloc[-1], "size", note=_("after every step"), icon="storage"),
    Card(_("Archived"), cold, "count", note=later, icon="ac_unit"),
    Card(_("Readable or not, unknown"), unknown, "count", note=_("counts as not readable"), icon="help"),
)

images, size = tables.count("object_count", _("Images")), tables.size("size_bytes", _("Size"))
by_class, tier = tables.code("storage_class", _("Class")), tables.code("access_tier", _("Access tier"))
share, side = tables.share("object_share", _("Share")), tables.code("split", _("Side"))
left, right = page.columns(1, 1)
said = _("Each image is stopped by the first step it fails; a click lists those that a step stopped")
with left, page.panel(_("Readiness gate"), caption=said):
    columns = [tables.code("step", _("Step")), tables.count("stopped_count", _("Left out"))]
    columns += [tables.count("object_count", _("Left")), share]
    clicked = page.table(gate, columns, name="gate", select=True)
    st.text(selection.permission_note())
with right, page.panel(_("What is left after each step")):
    charts.bars(gate, y="step", x="object_count", key="funnel", alt=_("Images left after each step"))

left, right = page.columns(5, 3)
said = _(
    "A report does not say what was restored already; such images count as archived. Without the copies' storage."
)
with left, page.panel(_("What a restore would take"), caption=said):
    columns = [
        tables.text("place", _("Class"), width=256),
        tables.code("restore_speed", _("Speed"), width=104),
        tables.text("restore_hours", _("Usually within"), width=92),
        tables.money("restore_usd", _("Price"), width=72),
        images,
        size,
    ]
    prices = stakes.of_restores(archived)
    page.table(prices, columns, name="restores")
    restores.say_unknown(prices)
    st.caption(stakes.sources())
    if cold:
        shell.link("restore", _("Restore the archived images"), {"of": "dataset", **chosen.codes()})
said = _("What belongs together is always on one side, however many images come later")
with right, page.panel(_("Split"), caption=said):
    if chosen.split.by:
        rows = page.frame("dataset.splits", **where)
        columns = [side, tables.count("part_count", _("Groups")), images, share, size]
        page.table(rows, columns, name="splits")
        for line in selection.split_notes(rows, chosen.split):
            st.text(line)
    else:
        st.caption(
            _("Choose above what has to stay together: a unit, a day, a patient's part of the key or label.")
        )

said = _("The list of exactly these versions, with a hash that says whether two are the same")
with page.panel(_("Freeze"), caption=said):
    frozen.freeze(chosen, ready)
    columns = [tables.text("name", _("Name")), tables.text("dataset_hash", _("Hash")), images, size]
    columns += [tables.time("created_at", _("Frozen at")), tables.text("snapshot_id", _("Snapshot"))]
    nothing = _("No dataset is frozen yet.")
    page.table(frozen.listed(), columns, name="frozen", title=_("Frozen datasets"), empty=nothing)
    frozen.downloads(sees_keys=page.sees_keys)

with page.panel(_("Images of a step"), caption=slow):
    more: dict[str, Any] = {"format_func": selection.step_name, "persist_state": "session", "width": 320}
    st.selectbox(_("Step"), codes, key=key, **more)
    if step != "none":
        columns = [tables.text("key", _("Key"), width="large"), tables.code("device_id", _("Device"))]
        columns += [tables.text("unit_id", _("Unit")), size, by_class, tier]
        columns += [tables.day("captured_on", _("Captured")), tables.text("source_bucket", _("Bucket"))]
        columns += [tables.text("key_part", _("Part")), side] if chosen.split.by else []
        count = selection.count_of(funnel, step)
        page.listing("dataset.members", columns, step=step, total_count=count, **where)
if clicked:
    page.go("dataset", **chosen.codes(), step=str(clicked["step"]))
