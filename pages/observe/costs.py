"""What did we pay this month, for what, and how does that compare with the months before?"""

import streamlit as st  # for two choices that only this page has: how the bars are cut, and whose bill is listed

from dashboard.ui import bill_panels, charts, cost_devices, currency, figures, formats, links, source
from dashboard.ui.cards import Card
from dashboard.ui.page import open_page
from dashboard.ui.text import N_, _, n_

CUTS = {
    "device": ("costs.months_by_device", "cost_owner", N_("By device")),
    "class": ("costs.months_by_class", "cost_class", N_("By storage class")),
    "category": ("costs.months_by_category", "category", N_("By what it was spent on")),
    "service": ("costs.months_by_service", "service", N_("By billed service")),
}


def choice(name: str, codes: list[str]) -> str:
    """The code chosen, kept in the address; its widget has the key `links.state_key(name)`."""
    key = links.seed(name, lambda text: links.one_of(text, codes, codes[0]), codes[0])
    st.session_state[key] = code = links.one_of(st.session_state[key] or "", codes, codes[0])
    links.note(name, "" if code == codes[0] else code)
    return code


page = open_page("costs")
months = page.frame("costs.months")
if months.empty:
    figures.empty(_("There is no bill yet. Set costs.enabled in dashboard.toml, then run a sync."))
    st.stop()
names = {row.month_code: formats.month(row.month) for row in months.itertuples()}
cut, month = choice("cut", list(CUTS)), choice("month", list(names))
with st.container(horizontal=True):
    key, shown_as = links.state_key("month"), names.__getitem__
    st.selectbox(_("Bill of"), list(names), format_func=shown_as, key=key, persist_state="session", width=150)
    shown = currency.choose()
    chosen = page.filters("categories")
spent_on = shown.categories(chosen["categories"])

now = page.frame("costs.figures", categories=spent_on).iloc[0]
years = page.frame(
    "costs.fiscal_years", categories=spent_on, first_month=source.settings().money.fiscal_year_starts
)
state = _("estimated") if now.is_estimated else _("final")
until = _("Until {day}").format(day=formats.day(now.compared_until))
complete = _(
    "Complete days against the same days last month, without tax, credits and refunds. Days are UTC."
)
against = _("vs. {month}").format(month=formats.month(now.last_month_before))
asked = n_("{count} paid request", "{count} paid requests", int(now.request_count))
asked = asked.format(count=formats.count(now.request_count))
looked = _(
    "Inventory reports and tags read, which stand in the bill, and questions to Cost Explorer, which do not."
)
this, days, last = (shown.column(now, name) for name in ("cost", "days_cost", "last_cost"))
looking = shown.column(now, "looking")
page.cards(
    Card(formats.month(now.month), now[this], formats.measure_of(this), note=state, icon="payments"),
    Card.of(until, now, days, against=_("vs. same days"), good="less", help=complete, icon="today"),
    Card.of(formats.month(now.last_month), now, last, against=against, good="less", icon="event"),
    bill_panels.fiscal_year(years, shown),
    Card.of(_("Cost of looking"), now, looking, note=asked, help=looked, icon="receipt_long"),
)
shown.note_rate(now, formats.month(now.month))

with page.panel(_("Cost by month"), caption=_("Billed in UTC; a click on a month lists its bill")):
    query, series, _label = CUTS[cut]
    key, shown_as = links.state_key("cut"), lambda code: _(CUTS[code][2])
    st.segmented_control(
        _("Bars"),
        list(CUTS),
        format_func=shown_as,
        key=key,
        required=True,
        persist_state="session",
        label_visibility="collapsed",
    )
    rows = page.frame(query, categories=spent_on)
    alt, cost = _("Cost of each month, cut as chosen"), shown.column(rows, "cost")
    clicked = charts.stacked(
        rows, x="month", y=cost, series=series, key=f"months_by_{cut}_{cost}", alt=alt, select=True
    )
    shown.note_missing(cost)

left, right = page.columns(4, 3)
with left, page.panel(_("Cost by day"), caption=_("Two months, billed in UTC; the newest days still grow")):
    rows, alt = page.frame("costs.days", categories=spent_on), _("Cost of each day by what it was spent on")
    cost = shown.column(rows, "cost")
    charts.stacked(rows, x="billed_on", y=cost, series="category", key=f"days_{cost}", alt=alt)
    shown.note_missing(cost)
with right, page.panel(_("Bill of {month} by tag, account and bucket").format(month=names[month])):
    bill_panels.splits(page, month, shown)

left, right = page.columns(4, 3)
with left, page.panel(_("Bill of {month} by device").format(month=names[month])):
    cost_devices.by_device(page, month, spent_on, shown)
with right, page.panel(_("Storage in {month} at list prices").format(month=names[month])):
    cost_devices.against_list_prices(page, month)

with page.panel(_("Bill of {month}, line by line").format(month=names[month])):
    bill_panels.lines(page, month, spent_on, shown)

left, right = page.columns(4, 3)
said = _("As billed, in dollars with tax. An estimate may still change; what AWS restated keeps what it was")
with left, page.panel(_("Every month, estimated and final"), caption=said):
    bill_panels.statements(page)
with right, page.panel(_("Fiscal years and exchange rates")):
    bill_panels.years(page, years, shown)
    bill_panels.rates(page)
with page.panel(_("Cost of looking in {month}").format(month=names[month]), caption=looked):
    bill_panels.looking(page, month)
if clicked:
    page.go("costs", cut=cut, month=clicked["month"][:7], **chosen.but())
