"""What would a restore bring back, when and for how much, and what exactly is to be confirmed?"""

from dashboard.ui import plan_panel, restores, tables
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

objects, size = tables.count("object_count", _("Objects")), tables.size("size_bytes", _("Size"))
by_archive = tables.code("archive", _("Archive"), width=260)
said = _("List prices. A copy stays to the end of a day (UTC), so up to one more day is billed.")
with page.panel(_("What a restore would take"), caption=said):
    days = restores.days()
    columns = [
        by_archive,
        tables.code("restore_speed", _("Speed")),
        tables.text("restore_hours", _("Usually within")),
    ]
    columns += [objects, size, tables.money("request_usd", _("Requests"), is_fine=True)]
    columns += [tables.money("retrieval_usd", _("Retrieval"), is_fine=True)]
    columns += [tables.money("copy_usd", _("Temporary copy"), is_fine=True)]
    columns += [tables.money("restore_usd", _("Price"), is_fine=True)]
    page.table(restores.at_every_speed(found.archived, days), columns, name="speeds")
    restores.make(asked, days, found.object_count)

plan_panel.draw(page)
