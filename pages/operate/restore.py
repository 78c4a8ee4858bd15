"""What would a restore bring back, when and for how much, and what exactly is to be confirmed?"""

from dashboard.ui import plan_panel, restores
from dashboard.ui.cards import Card
from dashboard.ui.page import open_page
from dashboard.ui.text import _

page = open_page("restore")
asked = restores.Asked(page)
found = asked.found()
page.cards(
    Card(_("Archived"), found.object_count, "count", note=_("of this choice"), icon="ac_unit"),
    Card(_("Archived, size"), found.size_bytes, "size", icon="storage"),
    Card(_("Readable at once"), found.readable_count, "count", note=_("need no restore"), icon="bolt"),
)

found.say_unsized()
said = _("List prices. A copy stays to the end of a day (UTC), so up to one more day is billed.")
with page.panel(_("What a restore would take"), caption=said):
    days = restores.days()
    rows = restores.at_every_speed(found.archived, days)
    page.table(rows, restores.columns(rows), name="speeds")
    restores.say_unknown(rows)
    restores.make(asked, days, found.object_count)

plan_panel.draw(page)
