"""What became of the plans that were confirmed, object by object?"""

from dashboard.ui import follow_ups, run_panel, tables
from dashboard.ui.page import open_page
from dashboard.ui.text import _

page = open_page("runs")
run_panel.worker_note()
with page.panel(_("Plans and runs"), caption=_("A click on a row shows what became of each object")):
    columns = [
        tables.text("digest", _("Digest"), width=120),
        tables.code("action", _("Action"), width=120),
        tables.code("run_state", _("State"), width=120),
        tables.time("made_at", _("Planned")),
        tables.count("object_count", _("Objects")),
        tables.size("size_bytes", _("Size")),
        tables.count("done_count", _("Done")),
        tables.count("other_count", _("Not done")),
        tables.text("confirmed_by", _("Confirmed by")),
        tables.text("approved_by", _("And by")),
        tables.text("why", _("Reason"), width="large"),
    ]
    empty = _("No plan was confirmed yet. The pages that change something make one.")
    clicked = page.table(run_panel.listed(), columns, name="runs", select=True, empty=empty)

run = run_panel.chosen()
if run:
    with page.panel(_("Progress"), caption=run.digest[:12]):
        run_panel.follow(run)
        planned = follow_ups.draw(run)
    said = _("What the object itself said of its copy, and when; the worker asks every ten minutes at most")
    with page.panel(_("Objects of the run"), caption=said if run.header["action"] == "restore" else ""):
        page.table(page.masked(run_panel.outcomes(run)), run_panel.columns(run), name="outcomes")
    if planned:
        page.go(planned[0], plan=planned[1])
if clicked:
    page.go("runs", run=str(clicked["digest"]))
