"""What did we pay this month, for what, and how does that compare with the months before?"""

from typing import Any

import streamlit as st  # for two choices that only this page has: how the bars are cut, and whose bill is listed

from dashboard.ui import (
    bill_panels,
    charts,
    cost_ahead,
    cost_details,
    cost_report,
    currency,
    figures,
    formats,
    links,
    shell,
    source,
    unusual,
)
from dashboard.ui.page import open_page
from dashboard.ui.text import N_, _

CUTS = {
    "device": ("costs.months_by_device", "cost_owner", N_("By device")),
    "class": ("costs.months_by_class", "cost_class", N_("By storage class")),
    "category": ("costs.months_by_category", "category", N_("By what it was spent on")),
    "service": ("costs.months_by_service", "service", N_("By billed service")),
}


def choice(name: str, codes: list[str]) -> str:
    """The code chosen, the first if none is."""
    return links.choose(name, codes, codes[0]) or codes[0]


page = open_page("costs")
months = page.frame("costs.months")
if months.empty:
    figures.empty(_("There is no bill yet. Set costs.enabled in dashboard.toml, then run a sync."))
    st.stop()
days = {row.month_code: row.month for row in months.itertuples()}
names = {code: formats.month(day) for code, day in days.items()}
cut, month, detail = (
    choice("cut", list(CUTS)),
    choice("month", list(names)),
    choice("detail", list(cost_details.DETAILS)),
)
with st.container(horizontal=True):
    key, shown_as = links.state_key("month"), names.__getitem__
    st.selectbox(_("Bill of"), list(names), format_func=shown_as, key=key, persist_state="session", width=150)
    shown = currency.choose()
    chosen = page.filters("categories")
spent_on = shown.categories(chosen["categories"])
cost_report.offer(page, months, month, shown)

now = page.row("costs.figures", categories=spent_on)
years = page.frame(
    "costs.fiscal_years", categories=spent_on, first_month=source.settings().money.fiscal_year_starts
)
coming = cost_ahead.read(page, spent_on)
page.cards(*bill_panels.key_figures(now, years, shown, cost_ahead.month_note(coming, now, shown)))
shown.note_rate(now, formats.month(now.month))
bill_panels.note_dollars(now, years, shown)
shell.link("savings", _("What could be saved"), {})

left, right = page.columns(5, 3)
with left, page.panel(_("Cost by month"), caption=_("Billed in UTC; a click on a month shows its bill")):
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
    axes: dict[str, Any] = {"x": "month", "y": cost, "series": series}
    place: dict[str, Any] = {"key": f"months_by_{cut}_{cost}", "height": 370, "chosen": days[month]}
    clicked = charts.stacked(rows, **axes, **place, alt=alt, is_wide=True, select=True)
    shown.note_missing(cost)
with right, page.panel(_("Bill of {month}").format(month=names[month])):
    bill_panels.month(page, rows[rows["month"] == days[month]], series, cost)
    if month != (newest := next(iter(names))):
        back = _("Back to {month}").format(month=names[newest])
        st.button(back, icon=":material/arrow_back:", on_click=links.put, args=("month", newest))

left, right = page.columns(1, 1)
said = _("Two months, billed in UTC; the newest days still grow")
ways = links.here(detail="unusual")
with left, page.panel(_("Cost by day"), caption=said, details="costs", codes=ways):
    rows, alt = page.frame("costs.days", categories=spent_on), _("Cost of each day by what it was spent on")
    cost = shown.column(rows, "cost")
    charts.stacked(rows, x="billed_on", y=cost, series="category", key=f"days_{cost}", alt=alt)
    shown.note_missing(cost)
    bill_panels.note_gaps(page)
    unusual.count(page, spent_on)
with right, page.panel(_("Budgets")):
    cost_ahead.budgets(page)

bill = cost_details.Bill(page, (month, days[month]), spent_on, shown, coming, years)
objects = cost_details.draw(bill, detail)
if clicked:
    page.go("costs", **links.here(month=clicked["month"][:7]))
if objects:
    page.go("tiers", **objects, list="all")
