"""The report in words: every line of the page as a reader sees it, in the language of this run."""

from __future__ import annotations

from dashboard import formats
from dashboard.report import words
from dashboard.report.actions import ranked
from dashboard.report.blocks import blocks
from dashboard.report.figures import Monthly
from dashboard.report.key_figures import cards, chart
from dashboard.report.layout import Sheet
from dashboard.wording import _, language


def sheet(report: Monthly) -> Sheet:
    """Put a report into words."""
    month = formats.whole_month(report.month)
    drawn = chart(report)
    bars = _(", ").join(f"{' '.join(bar.label.split())} {bar.value}" for bar in drawn.bars)
    title = (
        _("Image archive: {month} (unfinished)")
        if report.bill.is_estimated
        else _("Image archive: report for {month}")
    )
    return Sheet(
        language=language(),
        title=title.format(month=month),
        archive=words.short(report.archive),
        as_of=_("Figures of {day}").format(day=formats.when(report.built_at, report.timezone)),
        cards=cards(report),
        chart_title=_("Bill by month"),
        chart_alt=_("Bars of the bill by month: {bars}").format(bars=bars),
        chart=drawn,
        blocks=blocks(report),
        actions_title=_("What to do next"),
        actions=ranked(report),
        no_actions=_("Nothing is open."),
        notes=words.sentences(_notes(report)),
    )


def summary(page: Sheet) -> str:
    """The page as a few lines of text, for messages that take no file."""
    lines = [f"{card.label}: {card.value} ({card.note})" for card in page.cards]
    for block in page.blocks:
        lines += ["", block.title, *(f"- {line.label}: {line.value}" for line in block.lines)]
        lines += [block.note] if block.note and not block.lines else []
    lines += ["", page.actions_title, *(f"- {item.about}: {item.advice}" for item in page.actions)]
    lines += [] if page.actions else [page.no_actions]
    return "\n".join([*lines, "", page.notes])


def _notes(report: Monthly) -> list[str]:
    month = formats.whole_month(report.month)
    found = [
        _("Amounts are with consumption tax.")
        if report.has_tax
        else _("Amounts are without consumption tax.")
    ]
    if report.currency == "USD":
        found.append(_("US dollars, as billed."))
    elif report.bill.cost.jpy is None:
        said = _("There is no exchange rate for {month}, so its amounts are in dollars.")
        found.append(said.format(month=month))
    else:
        said = _(
            "{rate} yen per dollar in {month} ({source}, {day}); a table with a month without a rate is in dollars."
        )
        found.append(
            said.format(
                rate=f"{report.rate['jpy_per_usd'].normalize():f}",
                month=month,
                source=words.short(str(report.rate["source"])),
                day=formats.day(report.rate["dated_on"]),
            )
        )
    if any(bill.is_estimated for bill in report.bills):
        found.append(_("What is called estimated may still change."))
    listed = formats.when(report.report_at, report.timezone) if report.report_at else formats.NOTHING
    found.append(_("Months are billed in UTC. Images are those of the list of {day}.").format(day=listed))
    return found
