"""When do images arrive, and which devices have gone silent?"""

from typing import Any

import streamlit as st  # for the choices that belong to the list alone: a day, a unit

from dashboard.ui import charts, figures, formats, heatmaps, links, tables
from dashboard.ui.cards import Card
from dashboard.ui.page import open_page
from dashboard.ui.text import _, n_

page = open_page("uploads")
every_day = page.frame("uploads.by_day", today=page.today, devices=None)["uploaded_on"]
known_days = [str(day)[:10] for day in every_day][::-1]
known_units = list(page.frame("uploads.units", devices=None)["unit"])
day, unit = links.choose("day", known_days), links.choose("unit", known_units)
chosen = page.filters("devices", "period")
devices, span = chosen["devices"], {"from_on": chosen.from_on, "to_on": chosen.to_on}
at_day = {"from_on": day, "to_on": day}

now = page.row("uploads.figures", today=page.today, devices=devices)
days = page.frame("uploads.by_day", today=page.today, devices=devices)
bars: dict[str, Any] = {"against": _("vs. prior 30 days"), "trend_type": "bar"}
counted = _("Current images by their day of upload; a replaced image counts when its newest version came.")
allowed = _("Units without an upload for longer than their own rhythm, or silent_after_days, allows.")
watched = n_("of {count} watched unit", "of {count} watched units", now.unit_count)
watched = watched.format(count=formats.count(now.unit_count))
newest = formats.when(now.newest_at, page.view.timezone)
past = days.tail(30)
page.cards(
    Card.of(_("Images, 30 days"), now, "object_count", trend=past["object_count"], help=counted, **bars),
    Card.of(_("Uploaded, 30 days"), now, "size_bytes", trend=past["size_bytes"], **bars),
    Card(_("Since the newest upload"), now.newest_days, "days", note=newest),
    Card(_("Silent units"), now.silent_count, "count", note=watched, help=allowed),
)

zone = page.zone_caption()
images, size = tables.count("object_count", _("Images")), tables.size("size_bytes", _("Size"))
device, in_unit = tables.code("device_id", _("Device")), tables.text("unit_id", _("Unit"))
select: dict[str, Any] = {"select": True}
hint, alt = _("The last 53 weeks; a click on a day lists its images"), _("Images per day")
with page.panel(alt, caption=f"{hint} · {zone}"):
    on_day = heatmaps.calendar(days, day="uploaded_on", value="object_count", key="days", alt=alt, **select)
    page.offer(days, [tables.day("uploaded_on", _("Day")), images, size], name="days", title=alt)
    if now.undated_count:
        lost = n_("{count} image without a time", "{count} images without a time", now.undated_count)
        st.caption(lost.format(count=formats.count(now.undated_count)))

left, right = page.columns(1, 1)
hint, alt = _("A click shows the days of a month, or the images of a day"), _("Images by device over time")
with left, page.panel(alt, caption=hint):
    rows = page.frame("uploads.over_time", today=page.today, devices=devices, **span)
    cut: dict[str, Any] = {"x": "first_on", "y": "object_count", "series": "device_id"}
    on_bar = charts.stacked(rows, key="over_time", alt=alt, **cut, **select)
    page.offer(rows, [tables.day("first_on", _("From")), device, images, size], name="time", title=alt)
hint, alt = _("Whole months of the chosen period"), _("Images by weekday and hour")
with right, page.panel(alt, caption=f"{hint} · {zone}"):
    hours = page.frame("uploads.by_hour", devices=devices, **span)
    cut = {"x": "hour", "y": "weekday", "value": "object_count", "x_title": _("Hour")}
    heatmaps.grid(hours, key="hours", alt=alt, **cut)
    columns = [tables.code("weekday", _("Weekday")), tables.count("hour", _("Hour")), images, size]
    page.offer(hours, columns, name="hours", title=alt)

hint = _("The longest silent first; a click on a unit lists its images of the chosen period")
with page.panel(_("Units"), caption=hint):
    columns = [
        device,
        in_unit,
        tables.code("unit_status", _("State")),
        tables.days("silent_days", _("Days silent")),
        tables.days("silent_after_days", _("Days allowed")),
        tables.time("last_uploaded_at", _("Newest upload")),
        tables.count("image_count_30_days", _("Images, 30 days")),
        tables.count("image_count", _("Images")),
        size,
    ]
    on_unit = page.table(page.frame("uploads.units", devices=devices), columns, name="units", **select)

with page.panel(_("Images behind a number"), caption=_("Read from the inventory reports when asked for")):
    with st.container(horizontal=True):
        own: dict[str, Any] = {"placeholder": _("Any"), "persist_state": "session", "width": 210}
        st.selectbox(_("Day"), known_days, key=links.state_key("day"), **own)
        st.selectbox(_("Unit"), known_units, key=links.state_key("unit"), **own)
    if day or unit:
        columns = [
            tables.text("key", _("Key"), width="large"),
            device,
            in_unit,
            size,
            tables.time("uploaded_at", _("Uploaded")),
            tables.code("storage_class", _("Class")),
            tables.text("source_bucket", _("Bucket")),
        ]
        page.listing("uploads.objects", columns, devices=devices, unit=unit, **at_day if day else span)
    else:
        figures.empty(_("Choose a day or a unit, or click one above."))

if on_day:
    page.go("uploads", **chosen.but(), day=on_day["uploaded_on"])
if on_bar:
    codes = {str(row.first_on)[:10]: {row.link_name: row.link_code} for row in rows.itertuples()}
    page.go("uploads", **chosen.but(devices=[on_bar["device_id"]]) | codes[on_bar["first_on"]])
if on_unit:
    page.go("uploads", **chosen.but(), unit=on_unit["unit"])
