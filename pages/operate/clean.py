"""What was deleted or overwritten by mistake, what may go for good, and what exactly is to be confirmed?"""

from dashboard.ui import clean, labels, plan_panel, tables
from dashboard.ui.page import open_page
from dashboard.ui.text import _

page = open_page("clean")
what = clean.Clean(page)
said = _("By the newest report, before anything is refused; a click on a row chooses it")
with page.panel(_("What there is"), caption=said):
    columns = [
        tables.code("action", _("What"), width=185),
        tables.count("object_count", _("Objects")),
        tables.size("size_bytes", _("Size")),
    ]
    rows = page.frame("clean.counts", devices=what.devices)
    clicked = page.table(rows, columns, name="counts", select=True)

with page.panel(labels.name("action", what.deed), caption=_(clean.DEEDS[what.deed].said)):
    what.form()

plan_panel.draw(page)
if clicked:
    page.go("clean", do=str(clicked["action"]), devices=what.devices or "")
