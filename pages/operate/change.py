"""Which objects get labels, their right names or another class, and what exactly is to be confirmed?"""

from dashboard.ui import changes, label_form, plan_panel
from dashboard.ui.page import open_page
from dashboard.ui.text import _

FORMS = {"labels": label_form.draw, "rename": changes.rename_form, "class": changes.class_form}

page = open_page("change")
change = changes.Change(page)
found = change.counted()
page.cards(*found.cards())

with page.panel(_(changes.DEEDS[change.deed])):
    FORMS[change.deed](change, found.object_count)

plan_panel.draw(page)
