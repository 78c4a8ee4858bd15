"""Who may do what: every right, for people of every role, for strangers, and where nobody has to sign in."""

from __future__ import annotations

import pytest

from dashboard.settings.roles import LISTS, Right, Roles

NAMED = Roles(
    viewers=("Viewer@example.jp",),
    data_leads=("lead",),
    operators=("operators",),
    approvers=("approver",),
    admins=("admin",),
)
RIGHTS: tuple[Right, ...] = tuple(LISTS)


@pytest.mark.parametrize(
    ("names", "rights"),
    [
        (frozenset({"viewer@example.jp"}), {"view"}),
        (frozenset({"lead", "students"}), {"view", "lead"}),
        (frozenset({"sato", "operators"}), {"view", "operate"}),
        (frozenset({"approver"}), {"view", "approve"}),
        (frozenset({"admin"}), set(RIGHTS)),
        (frozenset({"stranger"}), set()),
        (frozenset[str](), set()),
        (None, set()),
    ],
)
def test_with_every_list_written(names: frozenset[str] | None, rights: set[Right]) -> None:
    assert {right for right in RIGHTS if NAMED.may(right, names)} == rights


@pytest.mark.parametrize(
    ("names", "rights"),
    [
        # On a machine of one's own, whoever reaches the pages may.
        (None, set(RIGHTS)),
        # Who had to sign in confirms nothing without being named.
        (frozenset({"sato"}), {"view", "lead"}),
        (frozenset[str](), {"view"}),
    ],
)
def test_without_any_list(names: frozenset[str] | None, rights: set[Right]) -> None:
    assert {right for right in RIGHTS if Roles().may(right, names)} == rights


def test_everybody_is_everybody_who_is_signed_in() -> None:
    roles = Roles(viewers=("*",), operators=("*",))
    assert {right for right in RIGHTS if roles.may(right, frozenset({"sato"}))} == set(RIGHTS)
    for nobody in (None, frozenset[str]()):
        assert not [right for right in RIGHTS if roles.may(right, nobody)]


def test_operators_approve_each_other_where_no_approver_is_named() -> None:
    roles = Roles(operators=("sato", "tanaka"))
    assert roles.may("approve", frozenset({"tanaka"}))
    assert not roles.may("approve", frozenset({"suzuki"}))
    assert not roles.may("approve", None)
