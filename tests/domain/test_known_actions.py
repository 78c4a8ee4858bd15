"""What of an unusual cost the dashboard's own actions explain: bills and runs reckoned by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dashboard.domain.known_actions import Acted, explained

DAY = date(2026, 11, 10)
PARTS = {"request": Decimal(2), "retrieval": Decimal(10), "copy": Decimal(8)}
RESTORE = Acted("r" * 64, "restore", DAY, DAY, 8, PARTS)


@pytest.mark.parametrize(
    ("first_on", "last_on", "category", "difference", "known"),
    [
        # Requests of a restore are billed as retrieval.
        (DAY, DAY, "retrieval", "20", "12"),
        (DAY, DAY, "retrieval", "5", "5"),
        (DAY, DAY, "requests", "20", "0"),
        # What stays for eight days is paid for in eight parts.
        (date(2026, 11, 11), date(2026, 11, 11), "storage", "4", "1"),
        # Three days late at most, never before.
        (date(2026, 11, 13), date(2026, 11, 15), "retrieval", "20", "12"),
        (date(2026, 11, 14), date(2026, 11, 15), "retrieval", "20", "0"),
        (date(2026, 11, 1), date(2026, 11, 9), "retrieval", "20", "0"),
        (date(2026, 11, 1), date(2026, 11, 10), "retrieval", "20", "12"),
        # Less than usual is nobody's doing here.
        (DAY, DAY, "retrieval", "-20", "0"),
    ],
)
def test_what_a_restore_explains(
    first_on: date, last_on: date, category: str, difference: str, known: str
) -> None:
    usd, causes = explained(first_on, last_on, category, Decimal(difference), [RESTORE])
    assert usd == Decimal(known)
    assert causes == ([RESTORE] if usd else [])


def test_several_runs_add_up_and_requests_of_other_actions_are_requests() -> None:
    other = Acted("o" * 64, "class", DAY, DAY, 0, {"request": Decimal(3)})
    assert explained(DAY, DAY, "requests", Decimal(9), [RESTORE, other, other]) == (
        Decimal(6),
        [other, other],
    )
