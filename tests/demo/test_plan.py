"""The plan of the embedded archive: the same every time, believable, and with every fault it claims."""

from __future__ import annotations

import unicodedata
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from dashboard.demo.bill import draw_up
from dashboard.demo.clinic import DEVICES, JST, SILENT_DAYS, SILENT_UNIT, Calendar, is_holiday
from dashboard.demo.faults import REASONS
from dashboard.demo.objects import StoredObject
from dashboard.demo.plan import Plan, make_plan
from dashboard.demo.settings_file import write_settings
from dashboard.domain.storage_classes import ACCESS_TIERS, STORAGE_CLASSES
from dashboard.settings import Settings, load_settings
from dashboard.settings.money import read_rates
from dashboard.warehouse.query import QUERIES
from tests.demo_fixture import DEMO_NOW, DEMO_OBJECTS, DEMO_SEED


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    file = tmp_path_factory.mktemp("settings") / "dashboard.toml"
    write_settings(file, "http://127.0.0.1:1", DEMO_NOW)
    return load_settings(file)


def images(plan: Plan) -> list[StoredObject]:
    moment = plan.calendar.report_at
    return [item for item in plan.objects if item.exists_at(moment) and item.kind_at(moment) == "image"]


def test_same_arguments_same_plan(plan: Plan) -> None:
    again = make_plan(DEMO_SEED, DEMO_NOW, DEMO_OBJECTS)
    assert again.objects == plan.objects
    assert again.uploads == plan.uploads
    draw_up(again)
    assert again.expected == plan.expected


def test_another_seed_another_plan(plan: Plan) -> None:
    other = make_plan(DEMO_SEED + 1, DEMO_NOW, DEMO_OBJECTS)
    assert {item.key for item in other.objects} != {item.key for item in plan.objects}


def test_settings_are_valid_and_know_every_device(settings: Settings) -> None:
    assert settings.archive.is_demo
    assert [item.id for item in settings.device] == [item.id for item in DEVICES]
    assert len(settings.inventory) == 3
    assert settings.labels.required == ("label", "patient_ref")
    rates = read_rates(settings.money)
    assert rates.problems == ()
    assert list(rates.by_month)[-1] == f"{DEMO_NOW:%Y-%m}"
    assert {rate.kind for rate in rates.by_month.values()} == {"invoice", "market"}


def test_settings_that_exist_are_only_pointed_to_the_server(tmp_path: Path) -> None:
    file = tmp_path / "dashboard.toml"
    write_settings(file, "http://127.0.0.1:1", DEMO_NOW)
    file.write_text(file.read_text("utf-8").replace('"Sakura Eye Clinic (demo)"', '"Mine"'), "utf-8")
    write_settings(file, "http://127.0.0.1:2", DEMO_NOW)
    found = load_settings(file)
    assert (found.archive.name, found.aws.endpoint_url) == ("Mine", "http://127.0.0.1:2")


def test_a_name_is_good_exactly_if_no_fault_was_seeded(plan: Plan, settings: Settings) -> None:
    grammars = [item.grammar for item in settings.device]
    latest = plan.calendar.last_day.strftime("%Y/%m/%d")
    for item in images(plan):
        fits = any(grammar.matches(item.key) for grammar in grammars)
        is_future = "/".join(item.key.split("/")[2:5]) > latest
        assert (fits and not is_future) == (item.reason == ""), (item.reason, item.key)


def test_every_reason_is_seeded_and_counted(plan: Plan) -> None:
    assert set(plan.expected.by_reason) == set(REASONS)
    assert plan.expected.by_reason == dict(Counter(item.reason for item in images(plan) if item.reason))


def test_seeded_faults_are_what_they_say(plan: Plan) -> None:
    by_reason: dict[str, list[str]] = {}
    for item in images(plan):
        by_reason.setdefault(item.reason, []).append(item.key)
    assert all(len(key.encode()) > 1024 for key in by_reason["too_long"])
    assert all(unicodedata.normalize("NFC", key) != key for key in by_reason["nfd_text"])
    assert all(unicodedata.normalize("NFKC", key) != key for key in by_reason["full_width"])
    assert all(unicodedata.is_normalized("NFC", key) for key in by_reason["pattern_mismatch"])
    assert all(
        key.rsplit(".", 1)[1].isupper() or key.endswith("3") for key in by_reason["upper_case_extension"]
    )


def test_labels_are_counted_over_every_image(plan: Plan) -> None:
    everything = sum(item["labelled"] + item["unlabelled"] for item in plan.expected.labels.values())
    assert everything == plan.expected.by_kind["image"].object_count == len(images(plan))
    by_month = sum(
        sum(counts) for months in plan.expected.labels_by_month.values() for counts in months.values()
    )
    assert by_month == everything - sum(plan.expected.by_reason.values())
    assert sum(item.object_count for item in plan.expected.images_by_unit.values()) == everything


def test_twins_of_both_kinds_exist(plan: Plan) -> None:
    keys = {item.key for item in images(plan)}
    folded = Counter(key.lower() for key in keys)
    composed = Counter(unicodedata.normalize("NFC", key) for key in keys)
    assert sum(count > 1 for count in folded.values()) >= plan.expected.oddities["case_only_twins"] >= 2
    assert (
        2 * sum(count > 1 for count in composed.values()) == plan.expected.oddities["nfc_and_nfd_twins"] >= 4
    )


def test_every_oddity_is_seeded(plan: Plan) -> None:
    assert all(plan.expected.oddities.values()), plan.expected.oddities
    assert set(plan.expected.by_kind) == {
        "image",
        "junk",
        "folder_marker",
        "companion",
        "derivative",
        "noncurrent_version",
        "delete_marker",
    }


def test_every_rule_is_seeded_and_every_fault_of_a_name_is_one(plan: Plan) -> None:
    by_rule = plan.expected.by_rule
    assert all(by_rule.values()), by_rule
    assert {name: by_rule[name] for name in REASONS} == plan.expected.by_reason
    assert set(by_rule) == {path.stem for path in (QUERIES / "alerts").glob("*.sql")} - {"unlabelled_images"}


def test_all_classes_and_access_tiers_are_used(plan: Plan) -> None:
    found = {name for classes in plan.expected.images_by_device_class.values() for name in classes}
    assert found == {item.id for item in STORAGE_CLASSES[:7]}
    assert set(plan.expected.images_by_access_tier) == set(ACCESS_TIERS)


def test_days_have_a_rhythm(plan: Plan) -> None:
    counts: Counter[str] = Counter()
    days: Counter[str] = Counter()
    for day in plan.calendar.days()[:-1]:
        days["closed" if is_holiday(day) or day.weekday() == 6 else f"{day.weekday()}"] += 1
    for shot in images(plan):
        if shot.captured_on:
            day = shot.captured_on
            counts["closed" if is_holiday(day) or day.weekday() == 6 else f"{day.weekday()}"] += 1
    rate = {name: counts[name] / days[name] for name in days}
    assert rate["closed"] < 0.15 * rate["2"]
    assert 0.3 * rate["2"] < rate["5"] < 0.75 * rate["2"]


def test_only_one_unit_is_silent(plan: Plan) -> None:
    newest: dict[tuple[str, str], datetime] = {}
    for item in images(plan):
        if not item.reason:
            key = (item.device_id, item.unit_id)
            newest[key] = max(newest.get(key, item.uploaded_at), item.uploaded_at)
    silent = {key for key, at in newest.items() if plan.calendar.report_at - at > timedelta(days=7)}
    assert silent == {SILENT_UNIT}
    # Late uploads may come some days after the last capture.
    assert plan.calendar.report_at - newest[SILENT_UNIT] > timedelta(days=SILENT_DAYS - 13)


def test_about_one_image_in_eight_is_unlabelled() -> None:
    labels = make_plan(DEMO_SEED, DEMO_NOW, 6000).expected.labels
    share = {
        device: item["unlabelled"] / (item["labelled"] + item["unlabelled"])
        for device, item in labels.items()
        if device != "unattributed"
    }
    unlabelled = sum(item["unlabelled"] for item in labels.values())
    everything = unlabelled + sum(item["labelled"] for item in labels.values())
    assert 0.10 < unlabelled / everything < 0.14
    assert max(share.values()) > 3 * min(share.values())


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 1, 1, 0, 30, tzinfo=UTC),
        datetime(2026, 3, 1, 3, 0, tzinfo=UTC),
        datetime(2028, 2, 29, 23, 59, tzinfo=UTC),
        datetime(2026, 5, 31, 12, 0, tzinfo=JST),
    ],
)
def test_any_time_can_be_now(now: datetime) -> None:
    plan = make_plan(7, now, 600)
    report_at = plan.calendar.report_at
    assert timedelta(hours=2) <= now - report_at < timedelta(hours=26)
    assert all(item.uploaded_at <= report_at for item in plan.objects)
    assert all(item.uploaded_at >= plan.calendar.starts_at for item in plan.objects)
    months = (
        (report_at.year - plan.calendar.starts_on.year) * 12 + report_at.month - plan.calendar.starts_on.month
    )
    assert months == 13 or now.day == 1
    assert set(plan.expected.by_reason) == set(REASONS)


def test_reports_are_month_ends_and_the_last_five_days() -> None:
    reports = Calendar.of(DEMO_NOW).reports()
    assert [item.date() for item in reports[-5:]] == [date(2026, 11, day) for day in range(19, 24)]
    assert [item.date() for item in reports[:3]] == [
        date(2025, 10, 31),
        date(2025, 11, 30),
        date(2025, 12, 31),
    ]
    assert len(reports) == 18
