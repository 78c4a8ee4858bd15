"""Where do the images lie, how cold are they, and what do the lifecycle rules move next?"""

import streamlit as st  # for one choice that only this page has: whether the objects are listed, a scan of the report

from dashboard.ui import charts, figures, formats, labels, links, tables
from dashboard.ui.cards import Card
from dashboard.ui.page import open_page
from dashboard.ui.text import N_, _, n_

DEEDS = {
    "transition": N_("{days} after upload: move to {to_class}"),
    "expiration": N_("{days} after upload: delete"),
    "noncurrent_transition": N_("{days} after a newer version came: move the older one to {to_class}"),
    "noncurrent_expiration": N_("{days} after a newer version came: delete the older one"),
    "abort_upload": N_("{days} after the start: drop an upload that was never finished"),
    "expire_marker": N_("Once no version is left: remove the delete marker"),
}
NOTES = {
    "": N_("Counted"),
    "disabled": N_("Switched off"),
    "needs_tags": N_("Not counted: it asks for tags, which reports do not carry"),
    "deep_prefix": N_("Not counted: its folder is deeper than the figures go"),
    "size_filter": N_("Not counted: it asks for sizes"),
    "not_current": N_("Not counted: it is not about current objects"),
}
