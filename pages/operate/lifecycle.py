"""What do the lifecycle rules of a bucket do to its images, what would other rules do, and what is to be confirmed?"""

import streamlit as st  # for the button that drops the draft, which only this page has

from dashboard.ui import charts, figures, lifecycle, lifecycle_editor, lifecycle_effect, plan_panel
from dashboard.ui.page import open_page
from dashboard.ui.text import _

page = open_page("lifecycle")
shown = lifecycle.read()
if shown is None:
    plan_panel.draw(page)
    st.stop()
page.cards(*lifecycle.cards(shown))

with page.panel(_("Rules of the bucket"), caption=lifecycle.told(shown)):
    rows = lifecycle.sentences(shown)
    empty = _("The bucket has no lifecycle rules.")
    page.table(rows, lifecycle.sentence_columns(), name="rules", lines=3, empty=empty)
    if shown.now.run and (draft := lifecycle_effect.way_back(shown.now.run)):
        plan_panel.make(draft)

with page.panel(
    _("Timeline"), caption=_("What each rule in force does to an object, in days from its upload")
):
    stays, alt = lifecycle.timeline(shown), _("Days in each class, by rule")
    if stays.empty:
        figures.empty(_("No rule in force moves or deletes by age."))
    else:
        charts.bars(
            stays,
            y="lifecycle_rule",
            x="stay_days",
            series="storage_class",
            key="timeline",
            alt=alt,
            measure="days",
        )

said = _("Nothing is changed here: a draft becomes a plan, and a plan is carried out when it was confirmed")
with page.panel(_("Other rules"), caption=said):
    lifecycle_editor.offer(shown, sees_keys=page.sees_keys)

if shown.is_changed:
    with page.panel(_("What would change")):
        changes = lifecycle.changes(shown)
        page.table(changes, lifecycle.change_columns(), name="changes", lines=3)
        is_sound = lifecycle.verdict(shown)
        st.button(_("Drop the draft"), icon=":material/close:", on_click=lifecycle.drop, args=(shown,))
    with page.panel(_("What it would do in twelve months")):
        found = lifecycle_effect.reckon(page, shown)
        page.cards(*lifecycle_effect.cards(found))
        lifecycle_effect.months(page, found)
        lifecycle_effect.notes(found)
        lifecycle_effect.make(shown, is_sound=is_sound)
    left, right = page.columns(1, 1)
    with left, page.panel(_("If it is read back"), caption=_("A part of what lies colder, each month")):
        lifecycle_effect.readings(page, found)
    with right, page.panel(_("Statutory records"), caption=_("That get slower to read than allowed, or go")):
        lifecycle_effect.records(page, found)

plan_panel.draw(page)
