"""Which images cannot be used, why, and who must fix them?"""

from typing import Any

import streamlit as st  # for plain text under a table, and to end with a list

from dashboard.ui import charts, formats, heatmaps, label_panel, labelling, source, stakes, tables
from dashboard.ui.cards import Card
from dashboard.ui.device_hint import tell_how_to_describe
from dashboard.ui.page import open_page
from dashboard.ui.quality_lists import LISTS, NO_UNIT, Lists
from dashboard.ui.text import _, n_

page = open_page("quality")
today: dict[str, Any] = {"today": page.today}
wanted = source.settings().labels
lists = Lists(page, has_labels=bool(wanted.source))
chosen = page.filters("devices", "reasons")
devices = chosen["devices"]
where: dict[str, Any] = {"devices": devices, "reasons": chosen["reasons"]}
by_unit = len(devices or ()) == 1
place = "unit_id" if by_unit else "device_id"

now = page.row("quality.figures", **today, **where)
part, total = _("{count} of {total} images"), formats.count(now.image_count)
named = part.format(count=formats.count(now.misnamed_count), total=total)
known = (
    part.format(count=formats.count(now.labelled_count), total=total)
    if wanted.source
    else _("No label source")
)
required = _("Images with every required label; which these are stands under “What counts as labelled”")
high = int(now.urgent_count)
urgent = n_("{count} high or critical", "{count} high or critical", high).format(count=formats.count(high))
past = {} if chosen["reasons"] else {"trend": page.frame("quality.trend", devices=devices)["misnamed_share"]}
page.cards(
    Card.of(_("Misnamed"), now, "misnamed_share", against=_("in 30 days"), good="less", help=named, **past),
    Card(_("Labelled"), now.labelled_share, "share", note=known, help=required),
    Card(_("Tags not read yet"), now.unread_count, "count", note=_("count as not labelled")),
    Card(_("Open findings"), now.finding_count, "count", note=urgent),
)

labelling.offer(page, devices=devices, units=lists.units, months=lists.months)
if lists.listed:
    # A click on a figure opens its list in the figures' place, where it is seen at once.
    hint = _("The address holds the filters: a bookmark keeps this view")
    with page.panel(_(LISTS[lists.listed]), caption=hint):
        lists.links(chosen)
        lists.draw(chosen)
    st.stop()

cells = page.frame("quality.by_device_month", by_unit=by_unit, **today, **where)
cut: dict[str, Any] = {"x": "month", "y": place, "select": True}
by_name: dict[str, Any] = {"value": "misnamed_share", "rank": "misnamed_rank", "key": "names", **cut}
hint = _("Worst first, by month of capture, else of upload; a click on a cell lists its images")
alt, on_name, on_gap, on_place = _("Share of misnamed images"), None, None, None
with page.panel(alt, caption=hint):
    rows = cells[(cells["unit_id"] != "") if by_unit else (cells["device_id"] != "unattributed")]
    if not tell_how_to_describe():
        on_name = heatmaps.grid(rows, alt=alt, **by_name)
    left_out = _("Not in the map: {other} misnamed images of other months, {stray} of no device or unit")
    other, stray = formats.count(now.other_misnamed_count), formats.count(now.stray_count)
    st.caption(left_out.format(other=other, stray=stray))
if wanted.source:
    with page.panel(alt := _("Share of images without a label"), caption=hint):
        on_gap = heatmaps.grid(cells, value="gap_share", rank="gap_rank", key="gaps", alt=alt, **cut)
device, where_it_is = tables.code("device_id", _("Device")), tables.code("unit_id", _("Unit"))
images, size = tables.count("image_count", _("Images")), tables.size("size_bytes", _("Size"))
columns = [device, where_it_is, tables.month("month", _("Month")), images]
columns += [tables.count("misnamed_count", _("Misnamed")), tables.count("gap_count", _("Without a label"))]
page.offer(cells, columns, name="months", title=_("Names and labels by device and month"))
title = _("Units, worst first") if by_unit else _("Devices, worst first")
hint = _("A click lists the misnamed images") if by_unit else _("A click shows the units of a device")
span = _("Over all months, also those that no map shows")
with page.panel(title, caption=f"{span} · {hint}"):
    columns = [where_it_is if by_unit else device, images]
    columns += [tables.share("misnamed_share", _("Misnamed")), tables.trend("misnamed_trend", _("By month"))]
    columns += [
        tables.share("gap_share", _("Without a label"), help=_("At least one required label is missing")),
        tables.trend("gap_trend", _("Without, by month")),
    ]
    rows = page.frame("quality.by_place", by_unit=by_unit, **today, **where)
    # A table of its own, or the row that was clicked among the devices would stand chosen among the units.
    on_place = page.table(rows, columns, name="units" if by_unit else "places", select=True)

on_label = label_panel.draw(page, wanted, devices)

(left, right), alt = page.columns(3, 5), _("Misnamed images by reason")
with left, page.panel(alt, caption=_("The main reason of each; a click lists the images")):
    rows = page.frame("quality.by_reason", devices=devices)
    on_reason = charts.bars(rows, y="reason", x="object_count", key="reasons", alt=alt, select=True)
    counted = [tables.code("reason", _("Reason")), tables.count("object_count", _("Images")), size]
    page.offer(rows, counted, name="reasons", title=alt)
hint, same = lists.findings.hint(), {"devices": devices or ""}
with right, page.panel(_("Open findings by rule"), caption=hint, details="worklist", codes=same):
    columns = [tables.badge("severity", _("Severity")), tables.phrase("title", _("Rule"), width=190)]
    columns += [tables.count("finding_count", _("Findings")), size, *stakes.finding_columns()]
    columns += [tables.phrase("remedy", _("What to do"), width="large")]
    rows = stakes.of_findings(page.frame("quality.by_rule", devices=devices))
    on_rule = page.table(rows, columns, name="rules", select=True)

with page.panel(_("Lists behind the numbers")):
    lists.links(chosen)

for clicked, code in ((on_name, "names"), (on_gap, "labels")):
    if clicked:
        only = {"unit": clicked["unit_id"] or NO_UNIT} if by_unit else {"devices": [clicked["device_id"]]}
        page.go("quality", **{**chosen.but(), **only}, list=code, taken=clicked["month"])
if on_place:
    only = {"unit": on_place["unit_id"] or NO_UNIT, "list": "names"} if by_unit else {}
    page.go("quality", **chosen.but(devices=[on_place["device_id"]]), **only)
if on_label:
    page.go("quality", **{**chosen.but(), **on_label})
if on_reason:
    page.go(
        "quality", **chosen.but(reasons=[on_reason["reason"]]), list="names", taken=lists.codes["taken"] or ""
    )
if on_rule:
    page.go("quality", **chosen.but(), list="alerts", rule=on_rule["rule_id"])
