"""Which finding is whose, by when, and what became of it?"""

from dashboard.ui import charts, figures, finding_ways, labelling, tables, worklist, worklist_panel
from dashboard.ui.cards import Card
from dashboard.ui.page import open_page
from dashboard.ui.text import _, n_

page = open_page("worklist")
work = worklist.open_worklist(page)
work.views()
selection = work.selection(work.filters())

now = work.figures(selection)
nobody = n_("{count} of nobody", "{count} of nobody", now["unassigned_count"])
accepted = n_("{count} accepted", "{count} accepted", now["accepted_count"])
page.cards(
    Card(
        _("To be done"),
        now["open_count"],
        "count",
        note=nobody.format(count=f"{now['unassigned_count']:,}"),
        icon="checklist",
    ),
    Card(_("Overdue"), now["overdue_count"], "count", icon="event_busy"),
    Card(_("New this week"), now["new_count"], "count", icon="fiber_new"),
    Card(
        _("Closed by itself"),
        now["gone_count"],
        "count",
        note=_("in the last 7 days"),
        help=_("No longer found in the archive: renamed, labelled, deleted or uploaded again."),
        icon="auto_awesome",
    ),
    Card(
        _("Median time to close"),
        now["median_days"],
        "days",
        note=accepted.format(count=f"{now['accepted_count']:,}"),
        help=_("Of what was closed in the last 90 days, by itself or by a person."),
        icon="timer",
    ),
)

columns = [
    tables.badge("severity", _("Severity")),
    tables.phrase("title", _("Rule")),
    tables.text("subject", _("What"), width=260),
    tables.code("finding_reason", _("Reason")),
    tables.text("owner", _("Owner")),
    tables.code("state", _("State"), of="work_state"),
    tables.day("due_on", _("Due date")),
    tables.days("age_days", _("Days since found")),
    tables.size("size_bytes", _("Size")),
    tables.code("device_id", _("Device")),
    tables.count("reason_count", _("Number")),
    tables.time("occurred_at", _("Since")),
    tables.text("snooze_reason", _("Snoozed because")),
    tables.text("close_reason", _("Closed because")),
    tables.count("comment_count", _("Comments")),
]
hint = _("The address holds the filters: a bookmark keeps this view")
with page.panel(_("Findings"), caption=hint):
    listed = work.listing(selection, columns, title=_("Findings"))
    labelling.offer(page, devices=selection.devices, groups=work.label_groups(selection, listed))
    worklist_panel.draw(work, listed, selection)
    finding_ways.offer(selection.rules, selection.devices)

left, right = page.columns(3, 2)
title = _("Opened and closed by week")
with left, page.panel(title, caption=_("Weeks begin on Monday; {zone}").format(zone=page.view.timezone)):
    weeks = work.weeks(selection)
    unit, y = _("Findings"), "finding_count"
    if weeks.empty:
        figures.empty(_("Since the worklist began nothing was opened or closed."))
    else:
        charts.over_time(weeks, x="week_on", y=y, series="work_event", key="weeks", alt=title, unit_name=unit)
    shown = [tables.day("week_on", _("Week")), tables.code("work_event", _("Change"))]
    page.offer(weeks, [*shown, tables.count(y, unit)], name="weeks", title=title)
title = _("Closed by week and owner")
with right, page.panel(title, caption=_("Median days from opening to closing")):
    shown = [tables.day("week_on", _("Week")), tables.code("owner", _("Owner"))]
    shown += [tables.count("closed_count", _("Closed")), tables.count("gone_count", _("Of them by itself"))]
    rows = work.weeks_by_owner(selection)
    if rows.empty:
        figures.empty(_("Nothing was closed yet."))
    else:
        page.table(rows, [*shown, tables.days("median_days", _("Days"))], name="owners")
