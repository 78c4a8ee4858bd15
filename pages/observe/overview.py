"""How is the archive today: what does it cost, how much is in it, and does anything need attention?"""

from dashboard.ui import bill_panels, charts, currency, figures, formats, heatmaps, shell, tables
from dashboard.ui.cards import Card
from dashboard.ui.device_hint import tell_how_to_describe
from dashboard.ui.page import open_page
from dashboard.ui.text import _, n_

page = open_page("overview")
devices = page.filters("devices")["devices"]
same = {"devices": devices or ""}

shown = currency.chosen()
spent_on = shown.categories(None)

now = page.row("overview.figures", devices=devices)
past = page.frame("overview.trend", devices=devices)
uploaded = page.row("uploads.figures", today=page.today, devices=devices)
days = page.frame("uploads.by_day", today=page.today, devices=devices)
urgent = n_("{count} high or critical", "{count} high or critical", now.urgent_count)

page.cards(
    bill_panels.month_to_date(
        page.row("costs.figures", categories=spent_on),
        page.frame("overview.cost_days", categories=spent_on),
        shown,
    ),
    Card.of(
        _("Stored"),
        now,
        "size_bytes",
        against=_("in 30 days"),
        trend=past["size_bytes"],
        help=_("Every byte that is billed: images, older versions and everything else."),
        icon="storage",
    ),
    Card.of(
        _("Cold share"),
        now,
        "cold_share",
        against=_("in 30 days"),
        good="more",
        trend=past["cold_share"],
        help=_("Part of the bytes in Glacier Instant, Glacier Flexible and Deep Archive."),
        icon="ac_unit",
    ),
    Card.of(
        _("Uploaded, 30 days"),
        uploaded,
        "size_bytes",
        against=_("vs. prior 30 days"),
        trend=days["size_bytes"].tail(30),
        trend_type="bar",
        icon="cloud_upload",
    ),
    Card(
        _("Open findings"),
        now.finding_count,
        "count",
        note=urgent.format(count=formats.count(now.urgent_count)),
        icon="label_important",
    ),
)

left, right = page.columns(3, 2)
said = _("Months in UTC")
with left, page.panel(_("Monthly cost by storage class"), details="costs", codes=shown.codes, caption=said):
    rows, alt = (
        page.frame("overview.cost_months", categories=spent_on),
        _("Monthly cost of the last 12 months by storage class"),
    )
    billed = shown.column(rows, "cost")
    if rows.empty:
        figures.empty(_("There is no bill yet. Set costs.enabled in dashboard.toml, then run a sync."))
    else:
        charts.stacked(rows, x="month", y=billed, series="cost_class", key=f"cost_months_{billed}", alt=alt)
    shown.note_missing(billed)
    shell.link("savings", _("What could be saved"), {})
with right, page.panel(_("Storage by class, hot to cold"), details="tiers", codes=same):
    classes = page.frame("overview.classes", devices=devices)
    alt = _("Stored bytes by storage class")
    charts.strip(classes, series="storage_class", value="size_bytes", key="classes", alt=alt)
    columns = [
        tables.code("storage_class", _("Class")),
        tables.size("size_bytes", _("Size")),
        tables.share("size_share", _("Share")),
        tables.count("object_count", _("Objects")),
    ]
    page.table(classes, columns, name="classes")

with page.panel(_("Upload activity"), details="uploads", codes=same, caption=page.zone_caption()):
    alt = _("Bytes uploaded on each day of the last year")
    heatmaps.calendar(days, day="uploaded_on", value="size_bytes", key="calendar", alt=alt)

with page.panel(_("Devices"), details="storage", caption=_("Choose a row to see its storage")):
    columns = [
        tables.code("device_id", _("Device"), width=132),
        tables.size("size_bytes", _("Stored")),
        tables.count("object_count", _("Images")),
        tables.share("cold_share", _("Cold share")),
        tables.trend("weekly_bytes", _("Weekly uploads, 26 weeks")),
        tables.share("labelled_share", _("Labelled")),
        tables.count("finding_count", _("Open findings")),
    ]
    rows = page.frame("overview.devices", today=page.today, devices=devices)
    clicked = page.table(rows, columns, name="devices", select=True)
    tell_how_to_describe()
if clicked:
    page.go("storage", devices=[clicked["device_id"]])
