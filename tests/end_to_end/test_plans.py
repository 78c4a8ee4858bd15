"""What plans rest on, asked of the embedded archive as the pages ask, against what the archive was planned to hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.demo.clinic import BUCKETS
from dashboard.demo.plan import make_plan
from dashboard.domain.dataset import Selection
from dashboard.operate import batch_plan, class_change, listed, restore
from dashboard.operate.choice import Choice
from dashboard.operate.journal import Journal
from dashboard.operate.lifecycle import reckoned
from dashboard.operate.lifecycle_known import known
from dashboard.settings import Settings
from dashboard.sync import SyncOutcome
from dashboard.warehouse.read import Warehouse
from tests.demo_fixture import DEMO_NOW, DEMO_OBJECTS, DEMO_SEED


def test_what_rules_will_do_is_what_the_archive_was_planned_to_become(
    outcome: SyncOutcome, settings: Settings
) -> None:
    """The rules in force, carried out on paper for a year, against the classes that the plan gives each image then."""
    assert outcome.is_published
    plan = make_plan(DEMO_SEED, DEMO_NOW, DEMO_OBJECTS)
    report_at = plan.calendar.report_at
    first = report_at.replace(hour=0, minute=0, second=0, microsecond=0)
    warehouse, journal = Warehouse(settings), Journal(settings.warehouse.folder)
    for bucket in (item.name for item in BUCKETS):
        rules = known(settings, journal, bucket).configuration
        found = reckoned(
            settings, lambda name, params: warehouse.rows(name, dict(params))[1], bucket, rules, rules
        )
        objects = [
            item
            for item in plan.objects
            if item.bucket == bucket
            and item.exists_at(report_at)
            and item.kind_at(report_at) not in {"noncurrent_version", "delete_marker"}
        ]
        for month in (0, 5, 11):
            days = [first + timedelta(days=month * 30 + day) for day in range(1, 31)]
            expected = Counter(item.stay_at(day).storage_class for item in objects for day in days)
            counted: Counter[str] = Counter()
            for (storage_class, _tier), object_days in found.before.counted[month].items():
                counted[storage_class] += object_days
            assert +counted == expected, f"{bucket}, month {month + 1}"


def test_jobs_are_offered_as_they_are_made(outcome: SyncOutcome, settings: Settings) -> None:
    assert outcome.snapshot_id
    warehouse = Warehouse(settings)

    def offered(rows: Iterable[tuple[Any, ...]]) -> set[tuple[bool, str]]:
        return {
            (row[0] != "INTELLIGENT_TIERING", place) for row in rows if row[0] for place in row[-1].split(" ")
        }

    def made(choice: Choice) -> set[tuple[bool, str]]:
        plan = restore.make_plan(settings, warehouse, choice, speed="bulk", days=7, made_by="sato")
        groups = {batch_plan.group_of(item) for item in plan.items if not item.refusal}
        return {(has_days, bucket + "?" * has_versions) for bucket, has_days, has_versions in groups}

    assert offered(warehouse.rows("restore.choices", {})[1]) == made(Choice())
    funnel = warehouse.rows("dataset.funnel", {})[1]
    archived = [row[1:] for row in funnel if row[0] == "reading" and row[3] == "archived"]
    keys = listed.archived(warehouse, Selection(), str(outcome.snapshot_id), settings.operate.max_objects)
    assert offered(archived) == made(Choice(keys=keys))
    assert sum(row[3] for row in archived) == len(keys)


def test_a_choice_by_label_holds_as_many_images_as_the_label_has(
    outcome: SyncOutcome, settings: Settings
) -> None:
    assert outcome.snapshot_id
    warehouse = Warehouse(settings)
    names, rows = warehouse.rows("quality.label_values")
    counts: dict[str, int] = {}
    for row in (dict(zip(names, values, strict=True)) for values in rows):
        if row["label_value"] is not None:
            text = f"{row['name']}={row['label_value']}"
            counts[text] = counts.get(text, 0) + row["image_count"]
    assert len(counts) > 3
    for text, count in counts.items():
        listed = warehouse.rows("plan.objects", {"labels": [text]})[1]
        assert sum(row[8] == "image" for row in listed) == count, text
        chosen = warehouse.rows("restore.choices", {"labels": [text]})[1]
        assert sum(row[2] for row in chosen) == len(listed), text


def test_a_list_of_keys_chooses_what_its_plan_has(outcome: SyncOutcome, settings: Settings) -> None:
    assert outcome.snapshot_id
    warehouse = Warehouse(settings)
    rows = warehouse.rows("plan.objects", {"row_limit": 50})[1]
    plain, full = ([row for number, row in enumerate(rows) if number % 2 == rest] for rest in (0, 1))
    keys = [*(row[1] for row in plain), *(f"s3://{row[0]}/{row[1]}" for row in full)]
    others = [f"s3://no-such-bucket/{row[1]}" for row in rows] + ["no/such.key", ""]
    chosen = warehouse.rows("restore.choices", {"keys": [*keys, *others]})[1]
    assert sum(row[2] for row in chosen) == len(rows)
    assert sum(row[3] for row in chosen) == sum(row[6] for row in rows)
    assert warehouse.rows("restore.choices", {"keys": []})[1] == []


def test_a_choice_by_age_goes_by_days_of_the_archives_clock(outcome: SyncOutcome, settings: Settings) -> None:
    warehouse = Warehouse(settings)
    rows = warehouse.rows("plan.objects")[1]
    report_at = make_plan(DEMO_SEED, DEMO_NOW, DEMO_OBJECTS).calendar.report_at
    zone = ZoneInfo(settings.archive.timezone)
    tokyo = {row[:3]: row[9].replace(tzinfo=UTC).astimezone(zone).date() for row in rows}
    utc = {row[:3]: row[9].date() for row in rows}
    # A day on which a report by UTC would answer otherwise.
    day = min(tokyo[place] for place in tokyo if tokyo[place] != utc[place])
    sizes = {row[:3]: row[6] for row in rows}
    for before in (day, report_at.date() - timedelta(days=90), date(1990, 1, 1)):
        wanted = {place for place in tokyo if tokyo[place] < before}
        listed = {row[:3] for row in warehouse.rows("plan.objects", {"uploaded_before": before})[1]}
        assert listed == wanted, before
        chosen = warehouse.rows("restore.choices", Choice(uploaded_before=before).params())[1]
        assert (sum(row[2] for row in chosen), sum(row[3] for row in chosen)) == (
            len(wanted),
            sum(sizes[place] for place in wanted),
        )
    made = class_change.make_plan(
        settings, warehouse, Choice(uploaded_before=day), to_class="GLACIER_IR", made_by="sato"
    )
    assert {(item.bucket, item.key, item.version_id) for item in made.items} == {
        place for place in tokyo if tokyo[place] < day
    }


def test_the_list_of_images_without_a_label_is_as_long_as_it_says(
    outcome: SyncOutcome, settings: Settings
) -> None:
    """Its length comes from the figures, its rows from the reports."""
    assert outcome.is_published
    warehouse = Warehouse(settings)
    whole = warehouse.rows("quality.unlabelled", {"row_limit": None})[1]
    narrowed: list[dict[str, Any]] = [
        *({"devices": [device]} for device in {row[2] for row in whole}),
        *({"units": [unit]} for unit in {row[3] for row in whole}),
        *({"month": month} for month in ("other", "2026-10-01", "2026-11-01", "2020-01-01")),
    ]
    for chosen in [{}, *narrowed]:
        rows = warehouse.rows("quality.unlabelled", {"row_limit": None, **chosen})[1]
        assert {row[8] for row in rows} <= {len(rows)}, chosen
    assert len(whole) > 100
