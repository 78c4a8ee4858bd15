"""Can I believe these numbers?"""

import datetime as dt

import streamlit as st  # for the last sync and the earlier snapshots, which are no tables of a snapshot

from dashboard.ui import figures, formats, label_panel, links, price_list, tables
from dashboard.ui.cards import Card
from dashboard.ui.page import open_page
from dashboard.ui.text import _, n_

page = open_page("sources")
links.write()  # what a row of filters does on the other pages
now = page.row("sources.figures")
reports, sources, asked = int(now.report_count), int(now.source_count), int(now.request_count)
in_reports = n_("in {count} report", "in {count} reports", reports).format(count=reports)
of_sources = n_("of {count} source", "of {count} sources", sources).format(count=sources)
requests = n_("{count} paid request", "{count} paid requests", asked).format(count=formats.count(asked))
twice = _("{count} are listed twice and counted once.").format(count=formats.count(now.overlap_count))
page.cards(
    Card(_("Rows listed"), now.row_count, "count", note=in_reports, help=twice),
    Card(_("Rows in quarantine"), now.quarantined_count, "count", note=_("in no figure")),
    Card(_("Not complete"), now.incomplete_count, "count", note=of_sources),
    Card(_("Cost of asking"), now.cost_usd, "money", note=requests),
)

bucket, config = tables.text("source_bucket", _("Bucket")), tables.text("config_id", _("Configuration"))
report_at, listed = tables.time("report_at", _("Report of")), tables.count("row_count", _("Rows"))
size, form = tables.size("size_bytes", _("Size")), tables.text("format", _("Format"))
kept_out = tables.count("quarantined_count", _("Quarantine"))
markers = tables.count("delete_marker_count", _("Delete markers"), width=104)
location = tables.text("location", _("Location"), width="large")
with page.panel(_("Every source"), caption=_("What each tells about, and when it was asked")):
    columns = [tables.code("source_kind", _("Source")), tables.text("name", _("Name"), width="medium")]
    columns += [tables.time("as_of", _("As of")), tables.days("age_days", _("Age (days)"))]
    columns += [tables.time("asked_at", _("Asked at")), listed, tables.flag("is_complete", _("Complete"))]
    columns += [tables.count("request_count", _("Requests")), tables.money("cost_usd", _("Last reading"))]
    columns += [tables.code("source_note", _("Note"))]
    page.table(page.frame("sources.all", today=dt.datetime.now(dt.UTC).date()), columns, name="all")
label_panel.explain(page)

hint = _(
    "Rows = counted + quarantine + listed twice; without versions, older versions and markers are unknown"
)
with page.panel(_("Inventory reports in use"), caption=hint):
    columns = [bucket, config, report_at, form, size, listed, tables.count("counted_count", _("Counted"))]
    versions = tables.flag("has_versions", _("Versions"), width=84)
    columns += [kept_out, tables.count("overlap_count", _("Twice")), versions]
    columns += [tables.count("noncurrent_count", _("Noncurrent"), width=96), markers, location]
    page.table(page.frame("sources.in_use"), columns, name="in_use")
    missing = page.frame("sources.missing_columns")
    if not missing.empty:
        st.caption(_("These reports lack columns. Add them to the inventory configuration:"))
        columns = [bucket, config, tables.text("inventory_field", _("Column"))]
        columns += [tables.code("missing_column", _("Without it"), width="large")]
        page.table(missing, columns, name="missing_columns", title=_("Missing columns"))
    columns = [bucket, config, report_at, form, listed, size, tables.count("latest_count", _("Latest"))]
    exported = page.frame("sources.reports")
    page.offer(exported, [*columns, markers, kept_out], name="reports", title=_("Reports in use"))

with page.panel(_("Rows in quarantine"), caption=_("As they came in the report; they could not be believed")):
    if now.quarantined_count:
        columns = [tables.text("raw_key", _("Key as it came"), width="large")]
        columns += [tables.code("quarantine_reason", _("Reason")), bucket, config, report_at]
        page.listing("sources.quarantine", [*columns, tables.text("file_name", _("File"))], rows=20)
    else:
        st.badge(_("None: every row of the reports in use could be read"), color="green")
    if not page.frame("sources.label_quarantine", row_limit=1).empty:
        st.caption(
            _("Rows of label files that could not be believed, with the beginning of one of each kind")
        )
        columns = [tables.text("source_id", _("Label source")), tables.code("quarantine_reason", _("Reason"))]
        columns += [listed, tables.text("sample", _("Sample"), width="large")]
        page.listing("sources.label_quarantine", [*columns, tables.text("file_name", _("File"))], rows=20)

left, right = page.columns(1, 1)
last = page.last_sync()
with left, page.panel(_("The last sync")):
    if last:
        st.badge(last.outcome, color=last.color)
        for line in last.lines:
            st.text(line)
        if last.notes:
            st.caption(_("Notes"))
        for note in last.notes:
            st.text(note)
    else:
        figures.empty(_("Nothing is known of a sync. Run one: python -m dashboard sync"))
with (
    right,
    page.panel(_("Snapshots"), caption=_("A click opens this page, and then every other, as of then")),
):
    page.snapshots()
    st.caption(_("Names are judged by grammar {version}").format(version=now.grammar_version))
    st.caption(_("In an address: ?snapshot= and the number; no number is the newest."))

if last and not last.faults.empty:
    with page.panel(_("Problems of the last sync"), caption=_("The first one decided how it ended")):
        columns = [tables.text("title", _("Problem"), width=210)]
        columns += [tables.text("cause", _("Why"), width=290)]
        columns += [tables.text("next_step", _("Next step"), width=290)]
        columns += [tables.text("locator", _("Where"), width=210)]
        page.table(last.faults, columns, name="problems", lines=3)

hint = _("All that were ever counted: the trends keep the sums of those whose files are gone")
with page.panel(_("Reports so far"), caption=hint):
    columns = [report_at, bucket, config, tables.flag("is_current", _("In use"))]
    columns += [tables.count("object_count", _("Objects")), size]
    page.listing("sources.history", columns, rows=20)

with page.panel(_("Price list"), caption=price_list.summary()):
    page.table(price_list.rows(), price_list.columns(), name="prices")
    st.caption(price_list.rules_note())
    page.table(
        price_list.rules(), price_list.rule_columns(), name="class_rules", title=_("Rules of the classes")
    )
    for line in price_list.refused():
        st.text(_("Not used: {problem}").format(problem=line))
    st.caption(_("Renew it with: python -m dashboard prices refresh --download"))
