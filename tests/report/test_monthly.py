"""The figures of the report: those of the Costs and Quality pages, and what is said where something is missing."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from dashboard.domain.outlook import add_months
from dashboard.errors import DashboardError, ExitCode
from dashboard.formats import money, share, yen
from dashboard.operate.journal import Journal
from dashboard.operate.selection import Selection
from dashboard.operate.worklist import Action, act
from dashboard.report import words
from dashboard.ui import cost_labels
from tests.operate.archive import Archive, finding_id
from tests.report.asked import NOVEMBER, OCTOBER, Asked, values
from tests.ui.synthetic_warehouse import SETTINGS

BUDGETS = {
    "budget": [
        {"name": "Month", "amount": 900_000, "currency": "JPY"},
        {"name": "Year", "amount": 60_000, "period": "fiscal_year", "tax": "excluded"},
    ]
}
TAX = """
INSERT INTO marts.cost_months
SELECT month, 'AWS', 'NoUsageType', 'Tax', 'tax', '', 700.5, 0, 'N/A', is_estimated
FROM marts.cost_months GROUP BY month, is_estimated;
INSERT INTO marts.cost_shares
SELECT month, 'tax', '', 'tax', '', '', cost_usd, is_estimated FROM marts.cost_months WHERE category = 'tax'
"""


def test_the_bill_is_that_of_the_costs_page(asked: Asked) -> None:
    shown = asked.one("costs.figures")
    report = asked.report()
    assert (report.month, report.bill.is_estimated) == (OCTOBER, False)
    assert (report.bill.cost.usd, report.bill.cost.jpy) == (shown["last_cost_usd"], shown["last_cost_jpy"])
    assert report.former is not None
    assert report.former.cost.usd == shown["last_cost_usd_before"]
    running = asked.report("2026-11")
    assert (running.bill.cost.usd, running.bill.is_estimated) == (shown["cost_usd"], True)
    assert running.running == NOVEMBER
    assert len(running.bills) == 13, "a year and the same month of the year before"
    assert asked.report(None).month == OCTOBER, "the newest month that is final"


def test_causes_are_the_movers_with_the_classes_together_and_add_up(asked: Asked) -> None:
    causes = asked.report().causes
    movers = asked.rows("costs.movers", month="2026-10")
    assert causes is not None
    assert (causes.month, len(causes.greatest)) == (OCTOBER, 3)
    for cause in causes.greatest:
        same = [
            row for row in movers if (row["cost_owner"], row["category"]) == (cause.owner, cause.category)
        ]
        assert len(same) > 1
        assert cause.difference.usd == sum(row["difference_usd"] for row in same)
        assert cause.difference.jpy == sum(row["difference_jpy"] for row in same)
    whole = sum((item.difference.usd for item in causes.greatest), causes.others.usd)
    shown = asked.one("costs.figures")
    assert whole == causes.difference.usd == shown["last_cost_usd"] - shown["last_cost_usd_before"]


@pytest.mark.parametrize(
    ("costs", "currency", "shown"),
    [
        # Each rounded alone, the parts would be a cent, a yen or a dollar less than what they add up to.
        (["0.504", "0.014", "0.0042", "0.0038"], "USD", "+$0.51 +$0.01 +$0.01 $0.00 +$0.53"),
        (["0.5033", "0.0166", "0.0099", "0.0033"], "JPY", "+¥76 +¥2 +¥1 +¥1 +¥80"),
        (["1234.40", "-100.40", "0.40", "0.30"], "USD", "+$1,235 -$100 $0 $0 +$1,135"),
    ],
)
def test_causes_add_up_as_they_are_shown(asked: Asked, costs: list[str], currency: str, shown: str) -> None:
    asked.run("DELETE FROM marts.cost_shares WHERE month IN ('2026-09-01', '2026-10-01')")
    for place, cost in enumerate(costs):
        asked.run(
            "INSERT INTO marts.cost_shares VALUES "
            f"('2026-10-01', 'storage', '', 'device', 'device{place}', 'bytes', {cost}, false)"
        )
    said = list(values(asked.page(currency=currency), "Why the bill changed").values())
    numbers = [Decimal(re.sub("[$¥,]", "", value)) for value in said]
    assert sum(numbers[:-1]) == numbers[-1]
    assert " ".join(said) == shown


def test_a_running_month_is_not_compared_with_a_full_one(asked: Asked) -> None:
    causes = asked.report("2026-11").causes
    assert causes is not None
    assert causes.month == OCTOBER
    page = asked.page(month="2026-11")
    assert "newest month that is whole" in next(
        b.note for b in page.blocks if b.title == "Why the bill changed"
    )
    assert page.cards[0].note == "so far: the month is not over"


def test_what_is_expected_is_what_the_page_expects(asked: Asked) -> None:
    asked.changes = BUDGETS
    report = asked.report()
    end = asked.one("costs.month_end")
    assert (report.coming[0].month, report.coming[0].usd) == (end["month"], end["month_end_usd"])
    [year] = [row for row in asked.rows("costs.fiscal_years", first_month=4) if row["fiscal_year"] == 2026]
    newest = asked.report("2026-11")
    assert newest.year.spent.usd == year["final_usd"] + year["estimated_usd"]
    assert newest.year.spent.jpy == year["final_jpy"] + year["estimated_jpy"]
    assert report.year.spent.usd == year["final_usd"], "October ends before the running month"
    assert report.year.expected_usd == newest.year.expected_usd
    to_come = sum(item.usd for item in report.coming if item.month <= date(2027, 3, 1))
    assert report.year.expected_usd == year["final_usd"] + to_come
    month, fiscal_year = (line.standing for line in report.budgets)
    assert month.spent == month.expected == report.bill.cost.jpy, "October is over"
    assert (month.state, fiscal_year.state) == ("over", "expected_over")


def test_budgets_of_aws_stand_as_aws_told_them(asked: Asked) -> None:
    asked.run(
        "INSERT INTO marts.aws_budgets BY NAME SELECT 'Whole account' AS name, "
        "'month' AS budget_period, 'EUR' AS unit, "
        "100 AS limit_amount, 80 AS actual_amount, 120.5 AS forecasted_amount, "
        "TIMESTAMP '2026-11-20 16:00:00' AS as_of, []::VARCHAR[] AS services"
    )
    asked.run("DELETE FROM marts.aws_budgets WHERE name <> 'Whole account'")
    assert values(asked.page(), "Budgets") == {}, "not asked for in the settings"
    asked.changes = BUDGETS | {"costs": {**SETTINGS.get("costs", {}), "aws_budgets": True}}
    page = asked.page()
    assert (
        values(page, "Budgets")["Whole account *"] == "EUR 80.00 of EUR 100.00 (80.0%), expected EUR 120.50"
    )
    assert len(values(page, "Budgets")) == 3
    [note] = [block.note for block in page.blocks if block.title == "Budgets"]
    assert note == "* A budget kept at AWS, as it stood on Nov 21, 2026."
    row = asked.book(asked.report())["Budgets"][-1]
    assert row[:6] == ["Whole account", "EUR", 100, 80, 0.8, 120.5]


def test_budgets_have_tax_as_they_say_whatever_the_page_shows(asked: Asked) -> None:
    asked.run(TAX)
    asked.changes = BUDGETS
    for has_tax in (True, False):
        report = asked.report(has_tax=has_tax)
        month, fiscal_year = report.budgets
        with_tax = asked.one("costs.figures")
        assert month.standing.spent == with_tax["last_cost_jpy"]
        [year] = [
            row
            for row in asked.rows("costs.fiscal_years", first_month=4, categories=["storage", "requests"])
            if row["fiscal_year"] == 2026
        ]
        assert fiscal_year.standing.spent == year["final_usd"]
        assert report.bill.cost.usd == with_tax["last_cost_usd"] - (0 if has_tax else Decimal("700.5"))
    assert "without" in asked.page(has_tax=False).notes
    assert "without" not in asked.page(has_tax=True).notes


def test_labels_and_names_are_those_of_the_quality_page(asked: Asked) -> None:
    shown = asked.one("quality.figures", today=date(2026, 11, 22))
    kept = asked.report().kept
    assert (kept.image_count, kept.labelled_share) == (shown["image_count"], shown["labelled_share"])
    assert kept.good_name_share == 1 - shown["misnamed_share"]
    assert kept.good_name_share_before == 1 - shown["misnamed_share_before"]
    cards = asked.page().cards
    assert (cards[2].value, cards[3].value) == (share(shown["labelled_share"]), share(kept.good_name_share))
    asked.run("DELETE FROM marts.label_coverage")
    assert asked.page().cards[2].note == "No source of labels is set"


def test_what_was_brought_back_is_what_the_bill_says(asked: Asked) -> None:
    assert asked.report().returned == []
    asked.run(
        """
        INSERT INTO marts.cost_months SELECT '2026-10-01', 'Amazon Simple Storage Service', * FROM (VALUES
          ('APN1-Standard-Retrieval-Bytes', 'RestoreObject', 'retrieval', 'GLACIER', 2.5, 250, 'GB', false),
          ('APN1-Requests-Tier3', 'RestoreObject', 'retrieval', 'GLACIER', 0.25, 40, 'Requests', false),
          ('APN1-Retrieval-SIA', 'GetObject', 'retrieval', 'STANDARD_IA', 1.0, 100, 'GB', false))
        """
    )
    restored, read = asked.report().returned
    assert [restored.gb, restored.cost.usd] == [250, Decimal("2.75")], "requests cost, and are no bytes"
    assert [read.gb, read.cost.jpy] == [100, Decimal("150.25")]
    assert values(asked.page(), "Brought back from cheap storage") == {
        "Old images brought back": "250.0 GB for $2.75",
        "Seldom opened images read": "100.0 GB for $1.00",
    }


def test_yen_follow_each_months_rate_and_dollars_stand_where_one_is_missing(asked: Asked) -> None:
    asked.changes = {"money": {"currency": "JPY"}}
    shown = asked.one("costs.figures")
    page = asked.page()
    assert page.cards[0].value == yen(shown["last_cost_jpy"])
    assert "150.25 yen per dollar in October 2026 (AWS $invoice, Nov 3, 2026)" in page.notes
    asked.run("DELETE FROM marts.exchange_rates WHERE month = '2026-11-01'")
    page = asked.page()
    assert page.cards[0].value == yen(shown["last_cost_jpy"]), "October has its rate"
    assert all(value.startswith("$") for value in values(page, "What is expected").values())
    assert {bar.value[0] for bar in page.chart.bars} == {"$"}, "a chart has one currency"
    asked.run("DELETE FROM marts.exchange_rates WHERE month = '2026-10-01'")
    page = asked.page()
    assert page.cards[0].value == money(shown["last_cost_usd"])
    assert "There is no exchange rate for October 2026" in page.notes
    assert any("exchange rate" in item.about for item in page.actions)


def test_a_budget_in_yen_without_a_rate_says_so(asked: Asked) -> None:
    asked.changes = BUDGETS
    asked.run("DELETE FROM marts.exchange_rates")
    page = asked.page()
    assert values(page, "Budgets")["Month"] == "Not known: no exchange rate"


def test_a_month_without_a_budget_and_one_without_a_past(asked: Asked) -> None:
    page = asked.page()
    assert (page.cards[1].value, page.cards[1].note, page.chart.limit) == ("–", "No budget is set", None)
    first = asked.page(month="2025-10")
    assert first.cards[0].note == "final; no month before it is known"
    block = next(item for item in first.blocks if item.title == "Why the bill changed")
    assert (block.lines, block.note) == ([], "Two full months are needed to compare.")
    assert len(first.chart.bars) == 1, "what came after a month long ago is no forecast of its"


def test_a_credit_is_a_cause_and_can_make_a_month_negative(asked: Asked) -> None:
    asked.run(
        """
        INSERT INTO marts.cost_months VALUES
          ('2026-10-01', 'AWS', 'NoUsageType', 'Credit', 'credit', '', -99999, 0, 'N/A', false);
        INSERT INTO marts.cost_shares VALUES ('2026-10-01', 'credit', '', 'credit', '', '', -99999, false)
        """
    )
    report, page = asked.report(), asked.page()
    assert report.bill.cost.usd < 0
    assert report.causes is not None
    assert report.causes.greatest[0].category == "credit"
    assert values(page, "Why the bill changed")["Credits"] == "-$99,999"
    october = next(
        bar for bar in page.chart.bars if bar.label.startswith("Oct") and bar.value.startswith("-")
    )
    assert october.height == 0


def test_a_month_of_tax_alone_is_nothing_without_tax(asked: Asked) -> None:
    asked.run(TAX)
    asked.run("DELETE FROM marts.cost_months WHERE month = '2026-10-01' AND category <> 'tax'")
    asked.changes = BUDGETS
    report = asked.report(has_tax=False, currency="JPY")
    assert (report.month, report.bill.cost.usd) == (OCTOBER, Decimal(0))
    assert asked.page(has_tax=False, currency="JPY").cards[0].value == "¥0"
    asked.run("DELETE FROM marts.cost_months WHERE category <> 'tax'")
    assert asked.report(has_tax=False).bill.cost.usd == 0
    assert asked.report(has_tax=False).budgets[1].standing.state == "unknown"


def test_next_steps_are_ranked_and_at_most_five(asked: Asked) -> None:
    asked.changes = {**BUDGETS, "money": {"currency": "JPY"}}
    asked.run(
        """
        DELETE FROM marts.exchange_rates WHERE month = '2026-10-01';
        DELETE FROM alerts.findings; DELETE FROM alerts.rules;
        INSERT INTO alerts.rules VALUES ('patient_identifier', 'Grave', 'critical', 'Act'),
          ('overwritten_image', 'High', 'high', 'version'), ('a', 'Low', 'low', 'x'), ('b', 'More', 'low', 'x'),
          ('c', 'Nothing found', 'high', 'x');
        INSERT INTO alerts.findings BY NAME
          SELECT rule_id, title, severity, remedy, 'x' || i AS subject, 'ipad' AS device_id
          FROM alerts.rules, range(CASE rule_id WHEN 'b' THEN 9 ELSE 2 END) AS r(i) WHERE rule_id <> 'c'
        """
    )
    about = [(item.about, item.advice) for item in asked.page().actions]
    assert [text.partition(":")[0] for text, _advice in about] == [
        "Grave",
        "Year",
        "There is no exchange rate for October 2026",
        "High",
        "More",
    ]
    assert about[0] == ("Grave: 2 cases (nobody looks after them yet)", "Act")
    assert "version" not in about[3][1], "the inside of the archive is not spoken of"
    asked.run("DELETE FROM alerts.findings; DELETE FROM alerts.rules")
    asked.changes = {}
    assert asked.page().actions == []


def test_the_worklist_says_what_is_still_open(asked: Asked, archive: Archive) -> None:
    archive.put("a", "b", "c")
    archive.put("unit", rule="silent_device")
    archive.synced()
    with_work = asked.report(journal=archive.journal)
    assert [(rule.rule_id, rule.finding_count, rule.unassigned_count) for rule in with_work.rules] == [
        ("silent_device", 1, 1),
        ("misnamed_object", 3, 3),
    ]
    one = Selection(finding_ids=(finding_id("misnamed_object", "a"),))
    due = date(2026, 11, 1)
    act(archive.journal, one, Action("assign", owner="tanaka", due_on=due), actor="lead", today=due)
    rule = asked.report(journal=archive.journal).rules[1]
    assert (rule.unassigned_count, rule.overdue_count) == (2, 1)
    folder = archive.journal.file.parent / "other"
    folder.mkdir()
    nobody = Journal(folder)
    nobody.append("report.sent", "mail", "notify", {})
    assert [rule.finding_count for rule in asked.report(journal=nobody).rules] == [293], "no worklist yet"


@pytest.mark.parametrize("month", ["2025-09", "2026-13", "x' OR 1=1", "../2026-10", ""])
def test_an_unknown_month_is_refused_and_the_known_ones_are_named(asked: Asked, month: str) -> None:
    with pytest.raises(DashboardError) as caught:
        asked.report(month)
    assert caught.value.code is ExitCode.USAGE
    assert "2026-10" in caught.value.next_step
    asked.run("DELETE FROM marts.cost_months")
    with pytest.raises(DashboardError) as caught:
        asked.report(month)
    assert (caught.value.code, caught.value.locator) == (ExitCode.SETTINGS, "costs.enabled")


def test_every_code_of_the_bill_has_plain_words() -> None:
    assert words.CATEGORIES.keys() == cost_labels.COST_CATEGORIES.keys()
    assert words.PARTS.keys() == cost_labels.PARTS.keys()
    said = " ".join([*words.CATEGORIES.values(), *words.PARTS.values(), *words.RETURNED.values()])
    for inside in (
        "S3",
        "Glacier",
        "class",
        "bucket",
        "lifecycle",
        "object",
        "version",
        "tier",
        "transition",
    ):
        assert inside.lower() not in said.lower()


def test_months_are_added_as_calendars_do() -> None:
    assert add_months(NOVEMBER, 2) == date(2027, 1, 1)
