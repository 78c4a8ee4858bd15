"""Where do the images lie, how cold are they, and what do the lifecycle rules move next?"""

from typing import Any

import streamlit as st  # for one choice that only this page has: which objects to list, a scan of the whole report

from dashboard.ui import charts, figures, formats, labels, links, shell, tables, tier_lists
from dashboard.ui.cards import Card
from dashboard.ui.page import open_page
from dashboard.ui.text import _, n_

page = open_page("tiers")
lists = tier_lists.codes(page.frame("tiers.moves"))
key, scope = links.state_key("list"), links.choose("list", lists, tier_lists.FIGURES) or tier_lists.FIGURES
chosen = page.filters("devices", "classes", "kinds")
inside: dict[str, Any] = {"devices": chosen["devices"], "kinds": chosen["kinds"]}
where = {**inside, "storage_classes": chosen["classes"]}
objects, size = tables.count("object_count", _("Objects")), tables.size("size_bytes", _("Size"))
share, by_class = tables.share("size_share", _("Share")), tables.code("storage_class", _("Class"))

now = page.row("tiers.figures", **where)
moving = int(now.moving_count)
due = n_("{count} object moves", "{count} objects move", moving).format(count=formats.count(moving))
older = _("{share} of what is stored").format(share=formats.share(now.noncurrent_share))
past, old = _("in 30 days"), _("Uploaded 90 days ago or earlier and still in Standard.")
cold = _("Part of the bytes in Glacier Instant, Glacier Flexible and Deep Archive.")
page.cards(
    Card.of(_("Stored"), now, "size_bytes", against=past, icon="storage"),
    Card.of(_("Cold share"), now, "cold_share", against=past, good="more", help=cold, icon="ac_unit"),
    Card(_("Standard, 90+ days"), now.old_hot_bytes, "size", help=old, icon="local_fire_department"),
    Card(_("Moves within 30 days"), now.moving_bytes, "size", note=due, icon="move_down"),
    Card(_("Noncurrent versions"), now.noncurrent_bytes, "size", note=older, icon="history"),
)

own: dict[str, Any] = {"format_func": tier_lists.title, "persist_state": "session", "width": 320}
st.selectbox(_("List of objects"), lists, key=key, **own)
if scope != tier_lists.FIGURES:  # in the figures' place, where it is seen at once
    slow, way = _("Listing reads the whole report: seconds, for a large archive"), _("Back to the figures")
    with page.panel(tier_lists.title(scope), caption=slow, details="tiers", codes=chosen.but(), way=way):
        named = {"device_id": _("Device"), "kind": _("Kind"), "access_tier": _("Access tier")}
        columns = [tables.text("key", _("Key"), width="large"), size, by_class]
        columns += [tables.code(column, name) for column, name in named.items()]
        columns += [tables.time("uploaded_at", _("Uploaded")), tables.text("source_bucket", _("Bucket"))]
        page.listing("tiers.objects", columns, scope=scope, **where)
        shell.link("restore", _("Restore what is archived of this choice"), chosen.but())
        shell.link("change", _("Move this choice to another class"), {"do": "class", **chosen.but()})
    st.stop()

left, right = page.columns(1, 1)
with left, page.panel(_("Storage by class, hot to cold"), caption=_("A click on a row lists its objects")):
    rows, alt = page.frame("tiers.classes", **where), _("Stored bytes by storage class")
    charts.strip(rows, series="storage_class", value="size_bytes", key="classes", alt=alt)
    columns = [by_class, objects, size, share, tables.size("noncurrent_bytes", _("Noncurrent"))]
    in_class = page.table(rows, columns, name="classes", select=True)
with right, page.panel(_("Inside Intelligent-Tiering"), caption=_("A click on a row lists its objects")):
    rows = page.frame("tiers.access_tiers", **inside)
    columns = [tables.code("access_tier", _("Access tier")), size, share, objects]
    in_tier = page.table(rows, columns, name="access_tiers", select=True)

left, right = page.columns(1, 1)
with left, page.panel(_("Time since upload"), caption=_("By class; a click on a bar lists its objects")):
    rows, alt = page.frame("tiers.ages", **where), _("Stored bytes by time since upload and storage class")
    bars: dict[str, Any] = {"y": "age_band", "x": "size_bytes", "series": "storage_class"}
    at_age = charts.bars(rows, **bars, key="ages", alt=alt, height=330, select=True)
    page.offer(rows, [tables.code("age_band", _("Time since upload")), by_class, objects, size], name="ages")
with right, page.panel(_("What moves next"), caption=_("By the lifecycle rules below, at midnight UTC")):
    rows = page.frame("tiers.moves", **where)
    names = {"due_band": _("Due"), "from_class": _("Class"), "to_class": _("New class")}
    columns = [*(tables.code(column, name) for column, name in names.items()), objects, size]
    in_move = page.table(rows, columns, name="moves", select=True, height=330 if len(rows) > 8 else None)

with page.panel(_("Storage by class over time"), caption=_("A point for each day with a report (UTC)")):
    rows, alt = page.frame("tiers.trend", **where), _("Stored bytes by storage class over time")
    axes: dict[str, Any] = {"x": "reported_on", "y": "size_bytes", "series": "storage_class"}
    charts.over_time(rows, **axes, stacked_area=True, key="trend", alt=alt)
    page.offer(rows, [tables.day("reported_on", _("Day")), by_class, size], name="trend")

said, way = _("As the buckets have them; all of them, whatever is chosen"), _("Change rules")
with page.panel(_("Lifecycle rules"), caption=said, details="lifecycle", way=way):
    rules = page.frame("tiers.rules")
    when = zip(rules["after_days"].map(formats.days), rules["on_date"].map(formats.day), strict=True)
    to_class = [labels.name("to_class", code) for code in rules["to_class"]]
    sentences = [
        _(deed).format(days=days, day=day, to_class=name)
        for deed, (days, day), name in zip(rules["deed"], when, to_class, strict=True)
    ]
    names = {"condition_text": _("Only with"), "versions_kept": _("Versions kept"), "rule_id": _("Name")}
    columns = [
        tables.text("sentence", _("Rule"), width="large"),
        tables.phrase("state", _("In these figures"), width="medium"),
        tables.text("applies_to", _("Applies to")),
        tables.size("due_bytes", _("Due in 90 days"), width=116),
        *(tables.text(column, name) for column, name in names.items()),
    ]
    if rules.empty:
        figures.empty(_("No bucket has lifecycle rules, or none were read yet."))
    else:
        page.table(rules.assign(sentence=sentences), columns, name="rules")

code, asked = (
    (in_class["storage_class"], "all") if in_class
    else ("INTELLIGENT_TIERING", in_tier["access_tier"]) if in_tier
    else (at_age["storage_class"], at_age["age_band"]) if at_age
    else (in_move["from_class"], tier_lists.of_move(in_move)) if in_move
    else ("", "")
)  # fmt: skip
if asked:
    codes = {"classes": [code]} if code else {"kinds": ["delete_marker"]}
    page.go("tiers", **chosen.but(**codes), list=asked)
