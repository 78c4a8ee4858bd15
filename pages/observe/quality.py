"""Which images cannot be used, and who must fix them?"""

from typing import Any

import streamlit as st  # for the choices that belong to the lists alone, and the definition of a label

from dashboard.ui import charts, figures, formats, heatmaps, label_sources, labelling, links, source, tables
from dashboard.ui.cards import Card
from dashboard.ui.page import open_page
from dashboard.ui.text import N_, _, n_

LISTS = {"names": N_("Misnamed images"), "labels": N_("Images without a label"), "alerts": N_("Open alerts")}
EXAMPLE = '[labels]\nrequired = ["label"]\n\n[[labels.source]]\nkind = "object_tags"'


def choice(name: str, codes: dict[str, str], default: str | None = None) -> str | None:
    """The code chosen, kept in the address; its widget has the key `links.state_key(name)`."""
    key = links.seed(name, lambda text: text, default)
    st.session_state[key] = code = st.session_state[key] if st.session_state[key] in codes else default
    links.note(name, "" if code == default else code or "")
    return code


page = open_page("quality")
today: dict[str, Any] = {"today": page.today}
rows = page.frame("quality.months", **today).itertuples()
months = {row.month: formats.month(row.first_on) for row in rows} | {"other": _("Other months")}
rules = {row.rule_id: _(row.title) for row in page.frame("quality.by_rule", devices=None).itertuples()}
wanted = source.settings().labels
sources = wanted.source
lists = {code: _(title) for code, title in LISTS.items() if sources or code != "labels"}
listed, month, rule = choice("list", lists, "names"), choice("taken", months), choice("rule", rules)
chosen = page.filters("devices", "reasons")
devices = chosen["devices"]
where: dict[str, Any] = {"devices": devices, "reasons": chosen["reasons"]}

now = page.frame("quality.figures", **today, **where).iloc[0]
part, total = _("{count} of {total} images"), formats.count(now.image_count)
named = part.format(count=formats.count(now.misnamed_count), total=total)
known = part.format(count=formats.count(now.labelled_count), total=total) if sources else _("No label source")
high = int(now.urgent_count)
urgent = n_("{count} high or critical", "{count} high or critical", high).format(count=high)
past = {} if chosen["reasons"] else {"trend": page.frame("quality.trend", devices=devices)["misnamed_share"]}
page.cards(
    Card.of(_("Misnamed"), now, "misnamed_share", against=_("in 30 days"), good="less", help=named, **past),
    Card(_("Labelled"), now.labelled_share, "share", note=known),
    Card(_("Tags not read yet"), now.unread_count, "count", note=_("count as not labelled")),
    Card(_("Open alerts"), now.finding_count, "count", note=urgent),
)

cells = page.frame("quality.by_device_month", **today, **where)
cut: dict[str, Any] = {"x": "month", "y": "device_id", "select": True}
hint = _("By month of capture, else of upload; a click on a cell lists its images")
alt, on_gap = _("Share of misnamed images"), None
with page.panel(alt, caption=hint):
    rows = cells[cells["device_id"] != "unattributed"]
    on_name = heatmaps.grid(rows, value="misnamed_share", key="names", alt=alt, **cut)
    left_out = _("Not in the map: {other} misnamed images of other months, {stray} of no device")
    other, stray = formats.count(now.other_misnamed_count), formats.count(now.stray_count)
    st.caption(left_out.format(other=other, stray=stray))
alt = _("Share of images without a label")
with page.panel(alt, caption=hint):
    if sources:
        on_gap = heatmaps.grid(cells, value="gap_share", key="gaps", alt=alt, **cut)
    else:
        figures.empty(_("No label source is configured. Name one in dashboard.toml, then run a sync:"))
        st.text(EXAMPLE)  # `st.code` would load half a megabyte to colour two lines
    for line in [*label_sources.meaning(wanted), *map(label_sources.definition, sources)] if sources else []:
        st.text(line)

device, reason = tables.code("device_id", _("Device")), tables.code("reason", _("Reason"))
key, size = tables.text("key", _("Key"), width="large"), tables.size("size_bytes", _("Size"))
badge, rule_title = tables.badge("severity", _("Severity")), tables.phrase("title", _("Rule"))
columns = [device, tables.month("month", _("Month")), tables.count("image_count", _("Images"))]
columns += [tables.count("misnamed_count", _("Misnamed")), tables.count("gap_count", _("Without a label"))]
page.offer(cells, columns, name="months", title=_("Names and labels by device and month"))
(left, right), alt = page.columns(1, 1), _("Misnamed images by reason")
with left, page.panel(alt, caption=_("The main reason of each; a click lists the images")):
    rows = page.frame("quality.by_reason", devices=devices)
    on_reason = charts.bars(rows, y="reason", x="object_count", key="reasons", alt=alt, select=True)
    page.offer(rows, [reason, tables.count("object_count", _("Images")), size], name="reasons", title=alt)
hint, same = _("A click lists the alerts"), {"devices": devices or ""}
with right, page.panel(_("Open alerts by rule"), caption=hint, details="worklist", codes=same):
    rows = page.frame("quality.by_rule", devices=devices)
    columns = [badge, rule_title, tables.count("finding_count", _("Alerts")), size]
    on_rule = page.table(rows, columns, name="rules", select=True)
    for row in rows.itertuples():
        st.caption(f"**{_(row.title)}**: {_(row.remedy)}")
in_unit, bucket = tables.text("unit_id", _("Unit")), tables.text("source_bucket", _("Bucket"))
rest = [device, in_unit, size, tables.time("uploaded_at", _("Uploaded")), bucket]
with page.panel(_("Lists behind the numbers")):
    own: dict[str, Any] = {"persist_state": "session", "key": links.state_key("list"), "required": True}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(_("List"), list(lists), format_func=lists.__getitem__, **own)
        codes, own_name = (rules, "rule") if listed == "alerts" else (months, "taken")
        own |= {"key": links.state_key(own_name), "placeholder": _("Any"), "required": False, "width": 260}
        label = _("Rule") if listed == "alerts" else _("Month")
        st.selectbox(label, list(codes), format_func=codes.__getitem__, **own)
    if listed == "alerts":
        columns = [badge, rule_title, tables.text("subject", _("What"), width="large"), device]
        columns += [tables.code("finding_reason", _("Reason")), tables.count("reason_count", _("Number"))]
        columns += [size, tables.time("occurred_at", _("Since"))]
        page.listing("quality.findings", columns, devices=devices, rule=rule)
    elif listed == "labels":
        columns = [key, tables.code("label_state", _("State")), *rest]
        labelling.offer(page, devices=devices, months=[month] if month and month != "other" else None)
        page.listing("quality.unlabelled", columns, month=month, devices=devices, **today)
    else:
        page.listing("quality.misnamed", [key, reason, *rest], month=month, **today, **where)

for clicked, code in ((on_name, "names"), (on_gap, "labels")):
    if clicked:
        page.go("quality", **chosen.but(devices=[clicked["device_id"]]), list=code, taken=clicked["month"])
if on_reason:
    page.go("quality", **chosen.but(reasons=[on_reason["reason"]]), list="names", taken=month or "")
if on_rule:
    page.go("quality", **chosen.but(), list="alerts", rule=on_rule["rule_id"])
