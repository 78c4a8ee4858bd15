"""What to do next: derived from budgets, the bill and open findings, the most urgent first."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard import formats
from dashboard.report import words
from dashboard.report.figures import BudgetLine, Monthly
from dashboard.report.open_findings import OpenRule
from dashboard.wording import _, n_

MOST = 5


@dataclass(frozen=True)
class Action:
    """One thing to do, in the language of this run: what it is about, and what to do."""

    about: str
    advice: str


def ranked(report: Monthly) -> list[Action]:
    """At most five: grave findings, budgets that break, a missing exchange rate, then the other findings."""
    grave = [item for item in report.rules if item.severity == "critical"]
    others = [item for item in report.rules if item.severity != "critical"]
    found = [
        *map(_finding, grave),
        *(_budget(line) for line in report.budgets if line.standing.state in {"over", "expected_over"}),
        *([_rate(report)] if report.currency == "JPY" and report.bill.cost.jpy is None else []),
        *map(_finding, others),
    ]
    return found[:MOST]


def _finding(rule: OpenRule) -> Action:
    about = n_("{title}: {count} case", "{title}: {count} cases", rule.finding_count)
    about = about.format(title=_(rule.title), count=formats.count(rule.finding_count))
    more = ""
    if rule.overdue_count:
        more = n_("{count} is overdue", "{count} are overdue", rule.overdue_count)
        more = more.format(count=formats.count(rule.overdue_count))
    elif rule.unassigned_count == rule.finding_count:
        more = _("nobody looks after them yet")
    elif rule.unassigned_count:
        more = n_(
            "nobody looks after {count} of them", "nobody looks after {count} of them", rule.unassigned_count
        )
        more = more.format(count=formats.count(rule.unassigned_count))
    return Action(
        _("{what} ({more})").format(what=about, more=more) if more else about,
        words.advice(rule.rule_id, rule.remedy),
    )


def _budget(line: BudgetLine) -> Action:
    show = formats.yen if line.budget.currency == "JPY" else formats.money
    spent, expected = line.standing.spent, line.standing.expected
    beyond = expected if line.standing.state == "expected_over" or spent is None else spent
    over = None if beyond is None else beyond - line.budget.amount
    text = (
        _("{name}: {amount} more than the budget")
        if line.standing.state == "over"
        else _("{name}: will be {amount} over the budget")
    )
    return Action(
        text.format(name=words.short(line.budget.name), amount=show(over)),
        _("Look at the causes above, and decide whether to raise the budget or to keep less at hand."),
    )


def _rate(report: Monthly) -> Action:
    month = formats.whole_month(report.month)
    return Action(
        _("There is no exchange rate for {month}").format(month=month),
        _(
            "Enter the rate of the invoice in the settings (money.rate), so that the bill can be shown in yen."
        ),
    )
