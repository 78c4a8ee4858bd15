"""Who did what, when and why, and was anything of that changed since?"""

from dashboard.ui import journal_log
from dashboard.ui.page import open_page
from dashboard.ui.text import _, following

page = open_page("journal")
chosen = journal_log.wanted(page)
said = _("The newest first. A click on a plan or a run shows what became of it.")
with page.panel(_("Events"), caption=following(said, page.zone_caption())):
    clicked = journal_log.events(page, chosen)
with page.panel(_("Proof"), caption=_("Each event holds the hash of the one before it")):
    journal_log.proof()

run = journal_log.run_of(clicked) if clicked else ""
if run:
    page.go("runs", run=run)
