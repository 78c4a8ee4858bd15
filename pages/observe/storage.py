"""How much is stored, from which device, in which class, in what sizes, and what lies there besides images?"""

from dashboard.ui import charts, tables
from dashboard.ui.page import open_page
from dashboard.ui.text import _

page = open_page("storage")
chosen = page.filters("devices", "classes", "buckets")
where = {
    "devices": chosen["devices"],
    "storage_classes": chosen["classes"],
    "source_buckets": chosen["buckets"],
}
images = tables.count("object_count", _("Images"))
size = tables.size("size_bytes", _("Size"))
share = tables.share("size_share", _("Share"))

left, right = page.columns(3, 2)
with (
    left,
    page.panel(
        _("Images by device and class"), caption=_("Current images; a click on a bar shows its device only")
    ),
):
    rows = page.frame("storage.by_device_class", **where)
    clicked = charts.bars(
        rows,
        y="device_id",
        x="size_bytes",
        series="storage_class",
        key="by_device",
        alt=_("Stored bytes of current images by device and storage class"),
        select=True,
    )
    columns = [tables.code("device_id", _("Device")), tables.code("storage_class", _("Class")), images, size]
    page.offer(rows, columns, name="devices")
with (
    right,
    page.panel(
        _("Everything that is stored"), caption=_("Versions, markers and unfinished uploads cost too")
    ),
):
    rows = page.frame("storage.by_kind", **where)
    columns = [tables.code("kind", _("Kind")), tables.count("object_count", _("Objects")), size, share]
    page.table(rows, columns, name="kinds")

with page.panel(_("Folders"), caption=_("The 60 largest folders, inside their devices")):
    rows = page.frame("storage.by_prefix", **where)
    charts.treemap(
        rows,
        path=["device_id", "prefix"],
        value="size_bytes",
        key="prefixes",
        alt=_("Stored bytes by device and folder"),
    )
    columns = [tables.code("device_id", _("Device")), tables.text("prefix", _("Folder")), images, size]
    page.offer(rows, columns, name="folders")

left, right = page.columns(1, 1)
with (
    left,
    page.panel(
        _("Image sizes"), caption=_("The infrequent-access classes bill objects under 128 KiB as 128 KiB")
    ),
):
    rows = page.frame("storage.by_size_band", **where)
    charts.bars(
        rows,
        y="size_band",
        x="object_count",
        series="storage_class",
        key="size_bands",
        alt=_("Number of current images by size and storage class"),
    )
    columns = [
        tables.code("size_band", _("Image size")),
        tables.code("storage_class", _("Class")),
        images,
        size,
    ]
    page.offer(rows, columns, name="size_bands")
with right, page.panel(_("File extensions")):
    columns = [tables.code("extension", _("Extension")), images, size, share]
    page.table(page.frame("storage.by_extension", **where), columns, name="extensions")

with page.panel(_("Units")):
    columns = [
        tables.code("device_id", _("Device"), width="medium"),
        tables.code("unit_id", _("Unit")),
        images,
        size,
        share,
        tables.size("average_bytes", _("Average image")),
    ]
    page.table(page.frame("storage.by_unit", **where), columns, name="units")
if clicked:
    page.go("storage", **chosen.but(devices=[clicked["device_id"]]))
