"""Plans of restores: what is in them, what they cost, and who may confirm them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from dashboard.domain.plan import Item, digest_of, digest_of_items, digest_of_lines, key_refusal
from dashboard.errors import DashboardError, ExitCode
from dashboard.operate import draft, plans, restore, runs
from dashboard.operate.choice import Choice
from dashboard.operate.restore import stays_until
from tests.operate.glacier_stub import BUCKET, GlacierStub, Stored, serve
from tests.operate.restoring import WHY, Clinic

GIB = 1 << 30
RATES = {
    "rate": [
        {"month": month, "jpy_per_usd": rate, "dated_on": date(2026, 11, 1), "source": "invoice"}
        for month, rate in (("2026-10", "150.5"), ("2026-09", "999"))
    ]
}


@pytest.fixture(scope="module", name="server")
def _server() -> Iterator[GlacierStub]:
    with serve() as s3:
        yield s3


@pytest.fixture(name="clinic")
def _clinic(server: GlacierStub, tmp_path: Path) -> Clinic:
    server.objects.clear()
    return Clinic(tmp_path, server)


def refused(code: ExitCode) -> pytest.RaisesExc[DashboardError]:
    return pytest.raises(DashboardError, check=lambda fault: fault.code is code)


def test_a_plan_says_what_it_does_and_what_that_costs(clinic: Clinic) -> None:
    clinic.s3.objects = {
        "a.heic": Stored(size=2 * GIB),
        "b.heic": Stored(size=3 * GIB, storage_class="DEEP_ARCHIVE"),
        "c.heic": Stored(size=5 * GIB, storage_class="INTELLIGENT_TIERING", archive_status="ARCHIVE_ACCESS"),
        "d.heic": Stored(storage_class="STANDARD"),
    }
    header = clinic.plan(days=6).header
    costs = {(part["what"], part["place"]): part["usd"] for part in header["costs"]}
    assert {name: Decimal(usd) for name, usd in costs.items()} == {
        ("request", "GLACIER"): Decimal("0.00005"),
        ("retrieval", "GLACIER"): Decimal("0.02"),
        ("copy", "GLACIER"): Decimal("0.023") * 2 * 6 / 30,
        ("request", "DEEP_ARCHIVE"): Decimal("0.0001"),
        ("retrieval", "DEEP_ARCHIVE"): Decimal("0.06"),
        ("copy", "DEEP_ARCHIVE"): Decimal("0.023") * 3 * 6 / 30,
        ("request", "INT_ARCHIVE"): Decimal(0),
    }
    assert (header["object_count"], header["size_bytes"], header["hours"]) == (3, 10 * GIB, "12")
    assert header["calls"] == {"HeadObject": 3, "RestoreObject": 3}
    assert header["permissions"] == ["s3:GetObject", "s3:GetObjectVersion", "s3:RestoreObject"]
    assert set(header["basis"]) == {"snapshot", "prices", "settings"}


def test_row_71_a_price_that_is_not_known_is_missing_and_can_be_refused(clinic: Clinic) -> None:
    clinic.region = "ap-northeast-1"
    clinic.put(2, size=GIB)
    plan = clinic.plan()
    assert plan.usd == (Decimal("0.022") + Decimal("0.025") * 2 * 7 / 30, 1)
    clinic.operate = {"refuse_unknown_price": True}
    plan = clinic.plan()
    with refused(ExitCode.PLAN_REFUSED):
        plans.confirm(clinic.journal, clinic.settings, plan.digest, actor="sato", why=WHY)


def test_row_70_what_cannot_be_restored_so_is_refused_with_its_reason(clinic: Clinic) -> None:
    clinic.s3.objects = {
        "cold.heic": Stored(),
        "deep.heic": Stored(storage_class="DEEP_ARCHIVE"),
        "warm.heic": Stored(storage_class="STANDARD"),
        "a/../b.heic": Stored(),
        "bell\x07.heic": Stored(),
    }
    listed = Choice(
        keys=(*clinic.s3.objects, "lost.heic", f"s3://{BUCKET}/cold.heic", "s3://other/cold.heic")
    )
    plan = clinic.plan(listed, speed="expedited")
    items = [Item(*row) for row in plans.items(clinic.journal, plan, is_refused=True)]
    assert {(item.bucket, item.key): item.refusal for item in items} == {
        (BUCKET, "deep.heic"): "no_such_tier",
        (BUCKET, "warm.heic"): "not_archived",
        (BUCKET, "a/../b.heic"): "dotted_key",
        (BUCKET, "bell\x07.heic"): "control_key",
        ("", "lost.heic"): "not_found",
        ("other", "cold.heic"): "not_found",
    }
    assert [row[1] for row in plans.items(clinic.journal, plan, is_refused=False)] == ["cold.heic"]
    assert plan.header["refused_counts"]["not_found"] == 2


def test_nothing_to_restore_and_too_much_are_no_plans(clinic: Clinic) -> None:
    with refused(ExitCode.NO_ROWS):
        clinic.plan()
    clinic.operate = {"max_objects": 3}
    clinic.put(4)
    with refused(ExitCode.PLAN_REFUSED):
        clinic.plan()


@pytest.mark.parametrize(
    "limit",
    [{"max_objects": 1}, {"max_bytes": 150}, {"max_usd": "0.0000001"}],
    ids=lambda item: next(iter(item)),
)
def test_row_79_limits_hold_where_it_is_confirmed(clinic: Clinic, limit: dict[str, object]) -> None:
    clinic.put(2)
    made = restore.make_plan(clinic.settings, clinic, Choice(), speed="standard", days=7, made_by="sato")
    clinic.operate = limit
    plan = plans.keep(clinic.journal, replace(made, basis=draft.basis(clinic.settings)))
    with refused(ExitCode.PLAN_REFUSED):
        plans.confirm(clinic.journal, clinic.settings, plan.digest, actor="sato", why=WHY)
    assert clinic.kinds() == ["plan.made"]


@pytest.mark.parametrize(
    ("limit", "refusal"),
    [
        ({"max_jpy": "34.69"}, "max_jpy = 34.69"),
        ({"max_jpy": "36.43"}, ""),
        ({"max_jpy": "36.43", "max_usd": "0.2"}, "max_usd = 0.2"),
        ({"max_jpy_per_day": "71.12"}, "max_jpy_per_day = 71.12"),
        ({"max_jpy_per_day": "71.13"}, ""),
    ],
    ids=lambda item: "-".join(item) if isinstance(item, dict) else item,
)
def test_row_71_yen_are_limited_at_the_newest_rate(
    clinic: Clinic, limit: dict[str, object], refusal: str
) -> None:
    clinic.put(1, size=15 * GIB)
    clinic.money, clinic.operate = RATES, limit

    def confirm_two() -> None:
        for days in (7, 8):
            plan = clinic.plan(days=days)
            plans.confirm(clinic.journal, clinic.settings, plan.digest, actor="sato", why=WHY)

    usd, unknown_count = clinic.plan().usd
    assert (usd * Decimal("150.5"), unknown_count) == (Decimal("34.697775"), 0)
    if refusal:
        with pytest.raises(DashboardError) as told:
            confirm_two()
        assert told.value.args_by_name["limit"] == refusal
        assert told.value.args_by_name.get("left", "36") == "36", "whole yen"
    else:
        confirm_two()


def test_row_71_without_a_rate_a_limit_in_yen_is_not_passed(clinic: Clinic) -> None:
    clinic.put(1, size=GIB)
    for name in ("max_jpy", "max_jpy_per_day"):
        clinic.operate = {name: 10**9}
        plan = clinic.plan()
        with refused(ExitCode.PLAN_REFUSED):
            plans.confirm(clinic.journal, clinic.settings, plan.digest, actor="sato", why=WHY)
    clinic.operate = {"second_person_jpy": 10**9}
    plan = clinic.plan(days=1)
    assert (
        plans.confirm(clinic.journal, clinic.settings, plan.digest, actor="sato", why=WHY).plan.state
        == "waiting"
    )


@pytest.mark.parametrize(("from_jpy", "state"), [(1, "waiting"), (10_000, "queued")])
def test_from_an_amount_of_yen_on_a_second_person_has_to_confirm(
    clinic: Clinic, from_jpy: int, state: str
) -> None:
    clinic.put(1, size=GIB)
    clinic.money, clinic.operate = RATES, {"second_person_jpy": from_jpy}
    plan = clinic.plan()
    assert (
        plans.confirm(clinic.journal, clinic.settings, plan.digest, actor="sato", why=WHY).plan.state == state
    )


@pytest.mark.parametrize(
    ("limit", "state"),
    [({"second_person_usd": 499}, "waiting"), ({"second_person_jpy": 10**9}, "waiting"), ({}, "queued")],
)
def test_where_an_amount_takes_two_persons_an_unknown_price_does_too(
    clinic: Clinic, limit: dict[str, int], state: str
) -> None:
    clinic.put(1, size=GIB)
    clinic.region, clinic.money, clinic.operate = "eu-west-9", RATES, limit
    plan = clinic.plan()
    assert plan.usd[1]
    done = plans.confirm(clinic.journal, clinic.settings, plan.digest, actor="sato", why=WHY)
    assert done.plan.state == state


def test_a_digest_covers_everything_and_the_same_plan_is_kept_once(clinic: Clinic) -> None:
    clinic.put(3)
    made = restore.make_plan(clinic.settings, clinic, Choice(), speed="bulk", days=7, made_by="sato")
    first, again = plans.keep(clinic.journal, made), plans.keep(clinic.journal, made)
    assert (first.digest, first.number) == (again.digest, again.number)
    changed = [
        replace(made, params={**made.params, "days": 8}),
        replace(made, items=made.items[1:]),
        replace(made, items=(made.items[0]._replace(e_tag="f"), *made.items[1:])),
        replace(made, made_by="tanaka"),
        replace(made, expires_at=made.expires_at + timedelta(seconds=1)),
    ]
    assert len({first.digest, *(digest_of(item.header()) for item in changed)}) == 1 + len(changed)


def test_row_65_a_plan_ends_with_its_time_its_snapshot_its_prices_and_its_settings(clinic: Clinic) -> None:
    clinic.put(1)
    plan = clinic.plan()

    def confirm() -> None:
        plans.confirm(clinic.journal, clinic.settings, plan.digest, actor="sato", why=WHY)

    clinic.publish(2)
    with refused(ExitCode.PLAN_OUTDATED):
        confirm()
    plan = clinic.plan()
    clinic.operate = {"threads": 3}
    with refused(ExitCode.PLAN_OUTDATED):
        confirm()
    plan = clinic.plan()
    clinic.journal.now = lambda: datetime.now(UTC) + timedelta(hours=25)
    with refused(ExitCode.PLAN_OUTDATED):
        confirm()
    clinic.journal.now = lambda: datetime.now(UTC)
    confirm()
    assert runs.one(clinic.journal, plan.digest).state == "queued"


def test_only_operators_confirm_and_only_what_they_have_read(clinic: Clinic) -> None:
    clinic.put(1)
    clinic.roles = {"operators": ["Archive-Operators"]}
    plan = clinic.plan()
    for nobody in (None, frozenset[str](), frozenset({"viewer@example.jp"})):
        with refused(ExitCode.ACCESS_DENIED):
            plans.confirm(clinic.journal, clinic.settings, plan.digest, actor="x", names=nobody, why=WHY)
    names = frozenset({"archive-operators"})
    for digest in (plan.digest[:20], "0" * 64):
        with refused(ExitCode.USAGE):
            plans.confirm(clinic.journal, clinic.settings, digest, actor="x", names=names, why=WHY)
    with refused(ExitCode.USAGE):
        plans.confirm(clinic.journal, clinic.settings, plan.digest, actor="x", names=names, why=" ")
    with refused(ExitCode.ACCESS_DENIED):
        runs.want(clinic.journal, clinic.settings, plan.digest, "cancel", actor="x")
    plans.confirm(clinic.journal, clinic.settings, plan.digest, actor="x", names=names, why=WHY)


def test_an_approver_is_the_second_person_and_nobody_else(clinic: Clinic) -> None:
    clinic.put(1)
    clinic.operate = {"second_person_objects": 1}
    clinic.roles = {"operators": ["sato", "suzuki"], "approvers": ["tanaka"], "admins": ["root"]}
    plan = clinic.plan()

    def confirm(name: str) -> str:
        return plans.confirm(
            clinic.journal, clinic.settings, plan.digest, actor=name, names=frozenset({name}), why=WHY
        ).plan.state

    with refused(ExitCode.ACCESS_DENIED):
        confirm("tanaka")
    assert confirm("sato") == "waiting"
    with refused(ExitCode.ACCESS_DENIED):
        confirm("suzuki")
    assert confirm("tanaka") == "queued"
    runs.want(
        clinic.journal, clinic.settings, plan.digest, "pause", actor="tanaka", names=frozenset({"tanaka"})
    )
    with refused(ExitCode.ACCESS_DENIED):
        runs.want(
            clinic.journal, clinic.settings, plan.digest, "resume", actor="t", names=frozenset({"tanaka"})
        )
    second = clinic.plan(days=3)
    for name, state in (("sato", "waiting"), ("root", "queued")):
        done = plans.confirm(
            clinic.journal, clinic.settings, second.digest, actor=name, names=frozenset({name}), why=WHY
        )
        assert done.plan.state == state


def test_from_a_limit_on_a_second_person_has_to_confirm(clinic: Clinic) -> None:
    clinic.put(5)
    clinic.operate = {"second_person_objects": 5}
    plan = clinic.plan()
    for _time in range(2):
        plans.confirm(clinic.journal, clinic.settings, plan.digest, actor="Sato", why=WHY)
    plans.confirm(clinic.journal, clinic.settings, plan.digest, actor="sato ", why=WHY)
    assert runs.one(clinic.journal, plan.digest).state == "waiting"
    clinic.work()
    assert not clinic.s3.accepted
    plans.confirm(clinic.journal, clinic.settings, plan.digest, actor="tanaka", why="read it")
    run = runs.one(clinic.journal, plan.digest)
    assert (run.state, run.confirmed_by, run.approved_by) == ("queued", "Sato", "tanaka")
    assert clinic.kinds() == ["plan.made", "plan.confirmed", "plan.approved"]


def test_row_61_63_however_often_it_is_confirmed_there_is_one_run(clinic: Clinic) -> None:
    clinic.put(20)
    plan = clinic.plan()
    gate = threading.Barrier(8)

    def press(number: int) -> bool:
        gate.wait()
        actor = ("sato", "tanaka")[number % 2]
        return plans.confirm(clinic.journal, clinic.settings, plan.digest, actor=actor, why=WHY).is_repeated

    with ThreadPoolExecutor(8) as pool:
        repeated = list(pool.map(press, range(8)))
    assert sorted(repeated) == [False] + [True] * 7
    assert clinic.kinds() == ["plan.made", "plan.confirmed"]
    assert runs.one(clinic.journal, plan.digest).counts == {"todo": 20}


@pytest.mark.parametrize(
    ("key", "refusal"),
    [
        *[
            (key, "")
            for key in ("a/b.heic", "症例/検査 1+%2F.tif", "..a/b..", "a//b", "/lead", "\u202e.heic", "a…b")
        ],
        *[(key, "dotted_key") for key in ("..", "a/./b", "../x", "x/..")],
        *[(key, "control_key") for key in ("a\nb", "\x00", "x\x7f")],
    ],
)
def test_keys_that_might_mean_another_object_are_refused(key: str, refusal: str) -> None:
    assert key_refusal(key) == refusal


def test_a_copy_stays_until_a_midnight() -> None:
    asked = datetime(2012, 10, 15, 10, 30, tzinfo=UTC)
    assert stays_until(asked, 3) == datetime(2012, 10, 19, tzinfo=UTC)
    assert stays_until(datetime(2012, 10, 15, tzinfo=UTC), 3) == datetime(2012, 10, 18, tzinfo=UTC)


def test_an_item_without_a_target_has_the_digest_it_had_before_there_were_targets() -> None:
    plain = Item("b", "k", "", "e", "STANDARD", "", 1)
    assert digest_of_items([plain]) == digest_of_lines([plain[:8]])
    assert digest_of_items([plain._replace(target="n")]) != digest_of_items([plain])


def test_what_removes_takes_a_second_person_whatever_its_size(clinic: Clinic) -> None:
    clinic.put(3)
    made = restore.make_plan(clinic.settings, clinic, Choice(), speed="standard", days=7, made_by="sato")
    plan = plans.keep(clinic.journal, replace(made, removes=True))
    first = plans.confirm(clinic.journal, clinic.settings, plan.digest, actor="sato", why=WHY)
    assert first.plan.state == "waiting"
    assert plans.confirm(clinic.journal, clinic.settings, plan.digest, actor="Sato", why=WHY).is_repeated
    second = plans.confirm(clinic.journal, clinic.settings, plan.digest, actor="tanaka", why=WHY)
    assert second.plan.state == "queued"
