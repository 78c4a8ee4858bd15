"""Which objects get labels, their right names or another class, and what exactly is to be confirmed?"""

from dashboard.ui import label_form, plan_panel
from dashboard.ui.changes import DEEDS, Change
from dashboard.ui.page import open_page
from dashboard.ui.text import _

page = open_page("change")
change = Change(page)
found = change.counted()
page.cards(*found.cards())

with page.panel(_(DEEDS[change.deed])):
    label_form.draw(change, found.object_count)

plan_panel.draw(page)
