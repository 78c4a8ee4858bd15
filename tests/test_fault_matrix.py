"""Every row of the fault matrix is proven by named tests, or has a written reason.

The rows are those of the reliability study: 1-23 what comes in, 24-32 crashes and disks, 33-44 readers, 45-52 costs,
53-85 actions.
A mapped test that does not exist fails here.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
FETCH, CHOICE, CRASH = "aws/test_inventory.py", "sync/test_choice.py", "sync/test_crash.py"
FORMATS, READER, CHECKS = "sync/test_formats.py", "warehouse/test_reader.py", "warehouse/test_checks.py"
BAD_NEWEST = f"{CHOICE}::test_a_bad_newest_report_is_named_and_the_one_before_it_used"
MANIFEST = "domain/test_manifest.py"
COSTS, ANSWERS, MONTHS = "aws/test_costs.py", "aws/test_costs_answers.py", "aws/test_costs_months.py"
UNDO, CLEAN = "operate/test_undo.py", "operate/test_clean.py"
PLANS, WORKER = "operate/test_restore_plan.py", "operate/test_worker.py"
LABELS = "operate/test_label_change.py"
RULES = "operate/test_lifecycle_change.py"
RENAMES = "operate/test_rename.py"
BATCH = "operate/test_batch.py"
MOVES = "operate/test_class_change.py"
DAMAGED = f"{READER}::test_a_damaged_snapshot_is_named_and_the_one_before_it_shown"

PROVEN: dict[int, list[str]] = {
    1: [f"{MANIFEST}::test_row_01_", f"{FETCH}::test_row_01_", BAD_NEWEST],
    2: [f"{MANIFEST}::test_row_02_", f"{FETCH}::test_row_02_", BAD_NEWEST],
    3: [f"{FETCH}::test_row_03_", BAD_NEWEST],
    4: [f"{FETCH}::test_row_04_", BAD_NEWEST],
    5: [f"{FETCH}::test_row_05_"],
    6: [f"{FETCH}::test_row_06_", "aws/test_inventory_unpack.py::test_row_06_"],
    7: [f"{FETCH}::test_row_07_", "aws/test_inventory_unpack.py::test_row_07_"],
    8: [f"{FETCH}::test_row_08_", "aws/test_inventory_unpack.py::test_row_08_"],
    9: [f"{FETCH}::test_row_09_", BAD_NEWEST],
    10: [f"{CHOICE}::test_row_10_", BAD_NEWEST],
    11: [f"{MANIFEST}::test_row_11_", f"{FORMATS}::test_row_11_", BAD_NEWEST],
    12: [f"{FORMATS}::test_row_12_", BAD_NEWEST],
    13: [f"{CHOICE}::test_row_13_"],
    14: [f"{MANIFEST}::test_row_14_", f"{FETCH}::test_row_14_", BAD_NEWEST],
    15: [f"{MANIFEST}::test_row_15_16_", f"{FETCH}::test_row_15_16_", f"{FORMATS}::test_row_15_"],
    16: [
        f"{MANIFEST}::test_row_15_16_",
        f"{FETCH}::test_row_15_16_",
        f"{FETCH}::test_row_16_",
        f"{MANIFEST}::test_row_16_",
    ],
    17: [BAD_NEWEST, f"{CHOICE}::test_row_17_"],
    18: [f"{FORMATS}::test_row_18_"],
    19: [f"{FORMATS}::test_the_three_formats_give_the_same_marts_and_lists"],
    20: [f"{FORMATS}::test_row_20_"],
    21: [f"{CHOICE}::test_row_21_", f"{MANIFEST}::test_row_21_"],
    22: [f"{FETCH}::test_row_22_"],
    23: [f"{FETCH}::test_row_23_", f"{CHOICE}::test_row_23_"],
    24: [f"{CRASH}::test_row_24_32_", f"{CRASH}::test_row_24_kill_9_at_random_points"],
    25: [f"{CRASH}::test_row_25_", f"{FETCH}::test_row_25_"],
    26: [f"{CRASH}::test_row_26_"],
    27: [f"{CRASH}::test_row_27_"],
    28: [f"{CRASH}::test_row_28_", f"{FETCH}::test_row_28_"],
    29: [f"{CRASH}::test_row_29_"],
    30: [f"{CRASH}::test_row_30_", f"{FETCH}::test_row_30_"],
    31: [f"{CRASH}::test_row_31_", f"{CRASH}::test_memory_that_the_system_refuses_is_named_too"],
    32: [f"{CRASH}::test_row_24_32_"],
    33: [f"{READER}::test_row_33_", DAMAGED],
    34: [f"{READER}::test_row_34_", DAMAGED],
    35: [f"{READER}::test_row_35_"],
    36: [f"{READER}::test_row_36_"],
    37: [f"{READER}::test_row_37_"],
    38: [f"{READER}::test_row_38_"],
    39: [f"{READER}::test_row_39_"],
    40: [f"{READER}::test_row_40_"],
    41: [f"{READER}::test_row_41_"],
    42: [f"{READER}::test_row_42_"],
    43: [f"{CRASH}::test_row_43_"],
    44: [
        f"{FORMATS}::test_row_44_",
        "warehouse/test_sums.py::test_the_clock_of_the_archive_is_that_of_its_zone",
    ],
    45: [f"{COSTS}::test_row_45_", f"{CHECKS}::test_row_45_"],
    46: [f"{MONTHS}::test_row_46_", f"{CHECKS}::test_row_46_"],
    47: [f"{COSTS}::test_row_47_"],
    48: [f"{COSTS}::test_row_48_"],
    49: [f"{COSTS}::test_row_49_"],
    50: [f"{ANSWERS}::test_row_50_", f"{CHECKS}::test_row_50_"],
    51: [f"{COSTS}::test_row_49_51_", "sync/test_costs_and_cli.py::test_row_51_"],
    52: [f"{COSTS}::test_row_52_", "aws/test_ledger.py::test_row_52_"],
    53: [f"{WORKER}::test_row_53_54_", f"{BATCH}::test_row_53_54_"],
    54: [f"{WORKER}::test_row_53_54_", f"{BATCH}::test_row_53_54_"],
    55: [
        f"{UNDO}::test_row_55_56_",
        f"{CLEAN}::test_row_55_56_",
        f"{WORKER}::test_row_55_56_",
        f"{BATCH}::test_row_55_56_",
        f"{WORKER}::test_a_look_that_fails_after_a_doubt_says_unknown",
    ],
    56: [
        f"{WORKER}::test_row_55_56_",
        f"{BATCH}::test_row_55_56_",
        f"{UNDO}::test_row_55_56_",
        f"{CLEAN}::test_row_55_56_",
    ],
    57: [f"{WORKER}::test_row_57_"],
    58: [f"{WORKER}::test_row_58_"],
    59: [f"{WORKER}::test_row_59_"],
    60: [f"{WORKER}::test_row_60_"],
    61: [f"{PLANS}::test_row_61_63_"],
    62: [f"{WORKER}::test_row_62_"],
    63: [f"{PLANS}::test_row_61_63_"],
    64: [
        f"{WORKER}::test_row_64_",
        f"{LABELS}::test_row_64_",
        f"{UNDO}::test_row_64_",
        f"{CLEAN}::test_row_64_",
    ],
    65: [f"{PLANS}::test_row_65_"],
    66: [f"{RULES}::test_row_66_"],
    67: [f"{RULES}::test_row_67_"],
    68: ["domain/test_lifecycle_faults.py::test_row_68_", f"{RULES}::test_row_68_"],
    69: [f"{RULES}::test_row_69_", "domain/test_lifecycle.py::test_what_is_deleted_anew_is_found"],
    70: [f"{PLANS}::test_row_70_"],
    71: [f"{PLANS}::test_row_71_"],
    72: [f"{LABELS}::test_row_72_", f"{LABELS}::test_an_eleventh_tag", f"{LABELS}::test_what_s3_takes"],
    73: [f"{RENAMES}::test_row_73_"],
    74: [f"{RENAMES}::test_row_74_"],
    75: [
        f"{RENAMES}::test_row_75_",
        f"{MOVES}::test_row_75_",
        f"{UNDO}::test_row_64_75_",
        f"{UNDO}::test_row_75_",
    ],
    76: [f"{RENAMES}::test_row_76_"],
    77: [f"{RENAMES}::test_row_77_"],
    78: [f"{RENAMES}::test_row_73_78_", f"{UNDO}::test_row_55_56_78_"],
    79: [f"{PLANS}::test_row_79_", f"{CLEAN}::test_row_79_"],
    80: [f"{WORKER}::test_row_80_", f"{BATCH}::test_row_80_"],
    81: [f"{WORKER}::test_row_81_"],
    82: [f"{WORKER}::test_row_82_"],
    83: [f"{WORKER}::test_row_83_", f"{PLANS}::test_keys_that_might_mean_another_object_are_refused"],
    84: ["pages/test_restore.py::test_from_a_choice_to_an_outcome"],
    85: [f"{WORKER}::test_row_53_54_", "test_processes.py::test_what_runs_beside_is_begun_again"],
}
"""Row -> tests, as file::name or file::beginning of names."""

REASONS: dict[int, str] = {
    24: "kill -9 is not a loss of power: that fsync reaches a disk is the order of the calls, not shown by a test",
    28: "in place of the sync's temporary files the verified downloads stay: the next sync goes on from them",
    31: "a kill by the system's memory killer is a kill -9 (row 24); the limit of DuckDB is tested",
    42: "DuckDB 1.4 is not installed beside 2.0; the other way round (a storage version it does not know) is tested",
    53: "10,000 objects by our own worker; 400 where jobs of S3 Batch Operations do it, so that the tests stay short",
    54: "12 kills in the middle of requests in place of 50",
    62: "there is one worker, so two plans never run at the same time; the second finds the first one's restore",
    72: "a tag that somebody writes between our read and our write is overwritten unseen: S3 has no condition for it",
    75: "shown with former versions, which are copied by the same condition as a rename's source",
    81: "a locked journal stands for a full or read-only one: each is the same refusal before a request",
    84: "a tab holds nothing of a run: another session, as the test opens one, reads the same run from the journal",
    85: "`serve` ends its worker with the web server, two services do not; a run goes on either way (row 54)",
    43: "no network disk here: the lock call's own refusal stands for one; a disk that lies about locks is unsupported",
}
"""What the tests of a row do not show, and why."""


def test_every_row_is_proven() -> None:
    assert sorted(PROVEN) == list(range(1, 86))
    assert REASONS.keys() <= PROVEN.keys()


@pytest.mark.parametrize(("row", "name"), [(row, name) for row, names in PROVEN.items() for name in names])
def test_a_mapped_test_exists(row: int, name: str) -> None:
    file, _, start = name.partition("::")
    found = re.findall(r"^\s*(?:async )?def (test_\w+)\(", (TESTS / file).read_text("utf-8"), re.MULTILINE)
    assert [test for test in found if test.startswith(start)], f"row {row}: {name}"


@pytest.mark.parametrize(
    "file", sorted({name.partition("::")[0] for names in PROVEN.values() for name in names})
)
def test_rows_in_names_are_rows_of_the_matrix(file: str) -> None:
    """A test that calls itself one of a row is mapped to that row."""
    for test in re.findall(r"def (test_row_\w+)\(", (TESTS / file).read_text("utf-8")):
        numbers = re.match(r"test_row_((?:\d\d_)+)", test)
        assert numbers, test
        for number in numbers[1].strip("_").split("_"):
            names = PROVEN[int(number)]
            assert any(f"{file}::{test}".startswith(name) for name in names), (
                f"{test} is not mapped to row {number}"
            )
