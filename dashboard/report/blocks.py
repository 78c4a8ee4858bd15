"""The lower part of the page: causes, what comes next, budgets, and what was brought back."""

from __future__ import annotations

from dashboard import formats
from dashboard.report import words
from dashboard.report.amount import Amount, total
from dashboard.report.figures import AwsBudget, BudgetLine, Coming, Monthly
from dashboard.report.layout import Block, Line
from dashboard.report.shown import adding_up, amount, badness, tone, used
from dashboard.wording import _, n_

BUDGETS_SHOWN = 4
AHEAD_SHOWN = 3
SAVINGS_SHOWN = 3


def blocks(report: Monthly) -> list[Block]:
    """The small tables, in reading order."""
    found = [_causes(report), _next(report), _budgets(report), _returned(report)]
    return [*found, _saved(report)] if report.saved else found


def _causes(report: Monthly) -> Block:
    title, found = _("Why the bill changed"), report.causes
    if found is None:
        return Block(title, [], _("Two full months are needed to compare."))
    labels = [words.cause(item.owner, item.category, report.devices) for item in found.greatest]
    parts = [item.difference for item in found.greatest]
    if found.other_count:
        others = n_("{count} other change", "{count} other changes", found.other_count)
        labels.append(others.format(count=formats.count(found.other_count)))
        parts.append(found.others)
    *shown, in_all = adding_up(parts, report.unit(parts), has_sign=True)
    lines = [Line(label, value) for label, value in zip(labels, shown, strict=True)]
    lines.append(Line(_("In all"), in_all, "total"))
    said = _("{month} against the month before").format(month=formats.whole_month(found.month))
    if found.month != report.month:
        said = _("{month} against the month before: the newest month that is whole").format(
            month=formats.whole_month(found.month)
        )
    return Block(title, lines, said)


def _next(report: Monthly) -> Block:
    title = _("What is expected")
    shown = report.coming[:AHEAD_SHOWN]
    costs = [report.to_come(item.usd) for item in shown]
    year = report.year
    ends = [] if year.expected_usd is None else [Amount(year.expected_usd, year.expected_jpy)]
    unit = report.unit([*costs, year.spent, *ends])
    lines = [Line(_coming(report, item), _about(report, item, unit)) for item in shown]
    since = _("Fiscal year since {month}").format(month=formats.month(year.first))
    lines.append(Line(since, amount(year.spent, unit)))
    lines += [Line(_("The whole fiscal year"), amount(end, unit)) for end in ends]
    if not shown:
        return Block(title, lines, _("Three full months are needed for a forecast."))
    said = [_("Each kind of cost goes on as in its last 6 months; credits to come are in none.")]
    error = next((item.error_share for item in shown if item.error_share is not None), None)
    if error is not None:
        said.append(_("Such forecasts were {share} off.").format(share=formats.share(float(error))))
    if unit == "jpy":
        said.append(_("Yen at the newest month's rate."))
    return Block(title, lines, words.sentences(said))


def _coming(report: Monthly, item: Coming) -> str:
    month = formats.whole_month(item.month)
    return _("End of {month}").format(month=month) if item.month == report.running else month


def _about(report: Monthly, item: Coming, unit: str) -> str:
    about = amount(report.to_come(item.usd), unit)
    if item.low_usd is None or item.high_usd is None:
        return about
    return _("{about} ({low} to {high})").format(
        about=about,
        low=amount(report.to_come(item.low_usd), unit),
        high=amount(report.to_come(item.high_usd), unit),
    )


def _budgets(report: Monthly) -> Block:
    title = _("Budgets")
    if not report.budgets and not report.aws_budgets:
        return Block(title, [], _("No budget is set."))
    worst = sorted(report.budgets, key=badness, reverse=True)
    lines = [Line(words.short(item.budget.name), _stands(item), tone(item)) for item in worst[:BUDGETS_SHOWN]]
    told = sorted(report.aws_budgets, key=lambda item: not item.is_over)[: BUDGETS_SHOWN - len(lines)]
    lines += [
        Line(f"{words.short(item.name)} *", _told(item), "bad" if item.is_over else "plain") for item in told
    ]
    more = len(report.budgets) + len(report.aws_budgets) - len(lines)
    said = []
    if told:
        day = formats.day(formats.local(max(item.as_of for item in told), report.timezone).date())
        said.append(_("* A budget kept at AWS, as it stood on {day}.").format(day=day))
    if more > 0:
        text = n_(
            "{count} more budget is on the Costs page.", "{count} more budgets are on the Costs page.", more
        )
        said.append(text.format(count=more))
    return Block(title, lines, words.sentences(said))


def _told(item: AwsBudget) -> str:
    spent = formats.in_currency(item.spent, item.unit)
    limit = formats.in_currency(item.limit, item.unit)
    share = formats.share(float(item.spent / item.limit) if item.spent is not None and item.limit else None)
    if item.expected is None or item.expected == item.spent:
        return _("{spent} of {limit} ({share})").format(spent=spent, limit=limit, share=share)
    return _("{spent} of {limit} ({share}), expected {expected}").format(
        spent=spent, limit=limit, share=share, expected=formats.in_currency(item.expected, item.unit)
    )


def _stands(line: BudgetLine) -> str:
    show = formats.yen if line.budget.currency == "JPY" else formats.money
    standing = line.standing
    if standing.spent is None:
        return _(words.BUDGET_STATES[standing.state])
    said = {
        "spent": show(standing.spent),
        "limit": show(line.budget.amount),
        "share": formats.share(used(line)),
        "expected": show(standing.expected),
    }
    if standing.expected is None or standing.expected == standing.spent:
        return _("{spent} of {limit} ({share})").format(**said)
    return _("{spent} of {limit} ({share}), expected {expected}").format(**said)


def _returned(report: Monthly) -> Block:
    title = _("Brought back from cheap storage")
    restored = (
        [
            Line(
                n_("Restored in {count} run", "Restored in {count} runs", len(report.restored)).format(
                    count=formats.count(len(report.restored))
                ),
                _("{count} images, {size}").format(
                    count=formats.count(sum(item.object_count for item in report.restored)),
                    size=formats.size(sum(item.size_bytes for item in report.restored)),
                ),
            )
        ]
        if report.restored
        else []
    )
    if not report.returned:
        return Block(title, restored, _("The bill of this month has nothing for it."))
    unit = report.unit(item.cost for item in report.returned)
    lines = [
        Line(
            _(words.RETURNED.get(item.phrase, words.CATEGORIES["retrieval"])),
            _("{gb} GB for {amount}").format(gb=f"{item.gb:,.1f}", amount=amount(item.cost, unit)),
        )
        for item in report.returned
    ]
    return Block(title, [*restored, *lines], _("As the bill of the month says it."))


def _saved(report: Monthly) -> Block:
    """Promises beside what the bill shows of them; nothing is claimed that it cannot tell."""
    shown, more = report.saved[:SAVINGS_SHOWN], report.saved[SAVINGS_SHOWN:]
    rows = [
        (
            words.saving(item.proposal_id, item.title),
            item.promised,
            item.seen,
            _(words.VERDICTS[item.verdict]),
        )
        for item in shown
    ]
    if more:
        others = n_("{count} other promise", "{count} other promises", len(more)).format(count=len(more))
        seen_more = [item.seen for item in more if item.seen is not None]
        promised = total(item.promised for item in more)
        rows.append((others, promised, total(seen_more) if seen_more else None, ""))
    seen = [item for _label, _promised, item, _verdict in rows if item is not None]
    unit = report.unit([*(item.promised for item in report.saved), *seen])
    *parts, in_all = adding_up(seen, unit)
    said, lines = iter(parts), []
    for label, promised, of_it, verdict in rows:
        text = _("{promised} a month promised") if of_it is None else _("{seen} of {promised} a month")
        amounts = text.format(promised=amount(promised, unit), seen="" if of_it is None else next(said))
        lines.append(Line(label, _(", ").join([amounts, verdict] if verdict else [amounts])))
    if seen:
        lines.append(Line(_("Seen in the bill"), in_all, "total"))
    months = [item.month for item in report.saved if item.month is not None]
    note = _("No full month has passed since the promise.")
    if months:
        note = _("As the bill of {month} shows it.").format(month=formats.whole_month(max(months)))
    return Block(_("Savings kept"), lines, note)
