"""What is stored more than once, how sure is that, what does it cost, and which copy is to be kept?"""

import streamlit as st  # for the choice between what is certain and what is suspect

from dashboard.ui import charts, dataset_codes, formats, labels, links, stakes, tables
from dashboard.ui.cards import Card
from dashboard.ui.page import open_page
from dashboard.ui.text import _

page = open_page("duplicates")
sure = list(dataset_codes.CONFIDENCES)
key = links.seed("confidence", lambda text: links.one_of(text, sure, "exact"), "exact")
links.note("confidence", "" if st.session_state[key] == "exact" else st.session_state[key])
chosen = page.filters("devices")
devices = chosen["devices"]

now = page.row("duplicates.figures", devices=devices)
classes = stakes.of_copies(page.frame("duplicates.classes", devices=devices))
month, early = classes["month_usd"], classes["early_usd"]
copies = _("{count} copies").format(count=formats.count(now.exact_count))
versions = _("{count} older versions").format(count=formats.count(now.version_count))
suspects = _("{size}, proves nothing").format(size=formats.size(now.suspect_bytes))
spared = _("At list prices, for everything but the copies to keep. Suspect copies are not in it.")
left = _("Deleted now, what is left of the class's minimum days is still billed. Counted from upload; more is left "
         "of objects that moved to their class later.")  # fmt: skip
page.cards(
    Card(_("Certainly stored twice"), now.exact_bytes, "size", note=copies, icon="content_copy"),
    Card(_("Of these older versions"), now.version_bytes, "size", note=versions, icon="history"),
    Card(_("Saved per month"), stakes.known_total(month), "money", note=stakes.note(month), help=spared),
    Card(_("Early deletion, once"), stakes.known_total(early), "money", note=stakes.note(early), help=left),
    Card(_("Suspect copies"), now.suspect_count, "count", note=suspects, icon="help"),
)

objects, size = tables.count("object_count", _("Copies")), tables.size("size_bytes", _("Size"))
by_class, case = (
    tables.code("storage_class", _("Class")),
    tables.code("duplicate_case", _("Where the copies lie")),
)
confidence = tables.code("confidence", _("Sure"))
left, right = page.columns(5, 3)
with (
    left,
    page.panel(
        _("At stake by class"), caption=_("Certain copies without the one to keep, older versions too")
    ),
):
    columns = [tables.text("place", _("Class"), width=256), objects, size]
    columns += [tables.money("month_usd", _("Per month")), tables.money("early_usd", _("Early deletion"))]
    columns += [tables.days("days_left", _("Days left"), help=_("Of the class's minimum, at most"))]
    page.table(classes, columns, name="classes")
    st.caption(stakes.sources())
with right, page.panel(_("Where the copies lie"), caption=_("Seen from the copy to keep")):
    rows, alt = page.frame("duplicates.cases", devices=devices), _("Bytes of copies by where they lie")
    charts.bars(rows, y="duplicate_case", x="size_bytes", series="confidence", key="cases", alt=alt)
    page.offer(rows, [confidence, case, objects, size], name="cases", title=_("Where the copies lie"))

proof = _("Certain: same ETag and size, uploaded in one part, without a KMS or customer key. Otherwise an ETag is no "
          "checksum, and equal ones are suspect and no more.")  # fmt: skip
title, same = _("What is stored more than once"), {"do": "remove_duplicates", "devices": devices or ""}
with page.panel(title, caption=proof, details="clean", codes=same, way=_("Plan it…")):
    st.segmented_control(
        _("Sure"),
        sure,
        format_func=lambda code: labels.name("confidence", code),
        key=key,
        required=True,
        persist_state="session",
    )
    columns = [
        tables.text("key", _("Keep"), width="large"),
        tables.code("keep_reason", _("Reason"), width="large"),
    ]
    columns += [tables.count("copy_count", _("Copies")), tables.size("spare_bytes", _("To gain")), by_class]
    columns += [tables.flag("is_labelled", _("Labelled")), tables.text("source_bucket", _("Bucket"))]
    shown = page.listing(
        "duplicates.groups", columns, select=True, devices=devices, confidence=st.session_state[key]
    )
    st.caption(_("A click on a row shows all its copies"))
content = str(shown["content_id"]) if shown else st.session_state.get("duplicates_content", "")
st.session_state["duplicates_content"] = content
if content:
    with page.panel(_("Copies of one content"), caption=_("The copy to keep comes first")):
        columns = [case, confidence, tables.text("key", _("Key"), width="large"), by_class]
        columns += [
            tables.flag("is_name_good", _("Good name")),
            tables.flag("is_labelled", _("Labelled")),
            size,
        ]
        columns += [
            tables.time("uploaded_at", _("Uploaded")),
            tables.days("minimum_days_left", _("Minimum days left")),
        ]
        columns += [tables.text("source_bucket", _("Bucket")), tables.text("version_id", _("Version"))]
        page.table(page.frame("duplicates.copies", content_id=content), columns, name="copies")
