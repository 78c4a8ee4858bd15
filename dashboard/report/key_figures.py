"""The upper part of the page: four key figures, and the bars of the bill."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from dashboard import formats
from dashboard.domain import outlook
from dashboard.report import words
from dashboard.report.figures import Kept, Monthly
from dashboard.report.layout import Bar, Card, Chart
from dashboard.report.shown import amount, badness, number, tone, used
from dashboard.wording import _, n_

AHEAD_SHOWN = 3


def cards(report: Monthly) -> list[Card]:
    """Bill, budget, labels, names."""
    return [_bill_card(report), _budget_card(report), _labels_card(report.kept), _names_card(report.kept)]


def _bill_card(report: Monthly) -> Card:
    bill, former = report.bill, report.former
    unit = report.unit([bill.cost, *([former.cost] if former else [])])
    label = _("Bill of {month}").format(month=formats.whole_month(report.month))
    value = amount(bill.cost, unit)
    if bill.month == report.running:
        return Card(label, value, _("so far: the month is not over"))
    state = _("estimated") if bill.is_estimated else _("final")
    if former is None:
        return Card(label, value, _("{state}; no month before it is known").format(state=state))
    moved = formats.change(number(bill.cost, unit), number(former.cost, unit), "money")
    said = _("{change} on {month} ({amount}); {state}").format(
        change=moved if isinstance(moved, str) else "±0%",
        month=formats.month(former.month),
        amount=amount(former.cost, unit),
        state=state,
    )
    return Card(label, value, said)


def _budget_card(report: Monthly) -> Card:
    label = _("Budget used")
    if not report.budgets:
        return Card(label, formats.NOTHING, _("No budget is set"))
    # The one that stands worst is the one that somebody must know of.
    line = max(report.budgets, key=badness)
    said = _("{name}: {state}").format(
        name=words.short(line.budget.name), state=_(words.BUDGET_STATES[line.standing.state])
    )
    return Card(label, formats.share(used(line)), said, tone(line))


def _labels_card(kept: Kept) -> Card:
    label = _("Labelled images")
    if kept.labelled_share is None:
        return Card(label, formats.NOTHING, _("No source of labels is set"))
    said = n_("of {count} image kept now", "of {count} images kept now", kept.image_count)
    return Card(label, formats.share(kept.labelled_share), said.format(count=formats.count(kept.image_count)))


def _names_card(kept: Kept) -> Card:
    moved = formats.change(kept.good_name_share, kept.good_name_share_before, "share")
    said = (
        _("{change} in 30 days").format(change=moved)
        if isinstance(moved, str)
        else _("as 30 days ago")
        if moved == 0
        else _("of the images kept now")
    )
    return Card(_("Images with a right name"), formats.share(kept.good_name_share), said)


def chart(report: Monthly) -> Chart:
    """The bill of a year, and what is expected after it."""
    ahead = [item for item in report.coming if item.month > report.month][:AHEAD_SHOWN]
    if not ahead or ahead[0].month != outlook.add_months(report.month, 1):
        ahead = []  # a report of long ago: what came after it is known, and is no forecast of its
    bars = [
        *((bill.month, bill.cost, "estimated" if bill.is_estimated else "final") for bill in report.bills),
        *((item.month, report.to_come(item.usd), "expected") for item in ahead),
    ]
    unit = report.unit(cost for _month, cost, _state in bars)
    limit = next(
        (
            item.budget
            for item in report.budgets
            if (item.budget.period, item.budget.currency) == ("month", unit.upper())
        ),
        None,
    )
    top = max([number(cost, unit) for _month, cost, _state in bars] + ([limit.amount] if limit else []))
    drawn = [
        Bar(_bar_label(month, place), amount(cost, unit), _height(number(cost, unit), top), state)
        for place, (month, cost, state) in enumerate(bars)
    ]
    names = {"final": _("billed"), "estimated": _("estimated"), "expected": _("expected")}
    states = {bar.state for bar in drawn}
    legend = [(state, name) for state, name in names.items() if state in states]
    if limit is None:
        return Chart(drawn, None, legend)
    show = formats.yen if limit.currency == "JPY" else formats.money
    legend.append(("budget", f"{words.short(limit.name)}: {show(limit.amount)}"))
    return Chart(drawn, _height(limit.amount, top), legend)


def _bar_label(month: date, place: int) -> str:
    name = formats.month_name(month)
    return f"{name}\n{formats.year(month)}" if place == 0 or month.month == 1 else name


def _height(value: Decimal, top: Decimal) -> float:
    """A part of the tallest bar; a month of credits has none."""
    return float(max(value, Decimal(0)) / top) if top > 0 else 0.0
