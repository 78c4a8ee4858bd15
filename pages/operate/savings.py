"""What could be saved, what does it cost and risk to do it, and did the bill show what was promised?"""

import streamlit as st  # for the choice of a proposal, which only this page has

from dashboard.ui import figures, links, promises, savings, stakes
from dashboard.ui.page import open_page
from dashboard.ui.text import _

page = open_page("savings")
found = savings.find(page)
page.cards(*savings.key_figures(found))

with page.panel(
    _("Proposals"), caption=_("The largest first; a click on a row says how it is done and what it risks")
):
    counted = savings.rows_of(found, is_counted=True)
    in_total = page.table(counted, savings.columns(found), name="proposals", select=True)
    savings.total_note(found)
    stakes.note_regions(page)

names = savings.choice(found)
with page.panel(_("How it is done")):
    if names:
        codes, key = list(names), links.state_key("saving")
        code = links.choose("saving", codes, codes[0]) or codes[0]
        links.write()
        st.selectbox(
            _("Proposal"), codes, format_func=names.__getitem__, key=key, persist_state="session", width=460
        )
        item = savings.chosen(found, code)
        left, right = page.columns(4, 5)
        with left:
            savings.details(item)
            promises.offer(page, found, item)
        with right:
            savings.lots(page, item)
    else:
        figures.empty(_("Nothing to save was found."))

with page.panel(
    _("Not counted"), caption=_("What nothing says would save, or what somebody has to decide first")
):
    others = savings.rows_of(found, is_counted=False)
    not_counted = page.table(others, savings.other_columns(), name="not_counted", select=True)

with page.panel(
    _("Promised and seen"), caption=_("Each promise beside every full month after it, billed in UTC")
):
    promises.offer_withdrawal(found)
    promises.ledger(page, found)

clicked = in_total or not_counted
if clicked:
    page.go("savings", **links.here(saving=f"{clicked['proposal_id']}.{clicked['saving_standing']}"))
