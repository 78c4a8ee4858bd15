"""Let the items of plans go that nobody confirmed and nobody can confirm any more: 100,000 take 20 MB of the journal.

Header, digest and event of such a plan stay, and an event of its own says that its items were let go. A plan that has a
run keeps its items for good.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from dashboard.domain.plan import digest_of_items
from dashboard.operate.events import Transaction
from dashboard.operate.plan_tables import TABLES

KIND = "plan.let_go"
AFTER = timedelta(days=30)
"""So long after a plan has expired."""
_TRIGGER = "plan_items_stay"
NO_ITEMS = digest_of_items(())
"""What is digested of a plan whose items were let go."""
[_STAY] = (statement for statement in TABLES if f"CREATE TRIGGER {_TRIGGER} " in statement)


def let_go(writing: Callable[[], AbstractContextManager[Transaction]]) -> int:
    """Let the items of every such plan go, each in a transaction of its own; returns how many plans.

    Args:
        writing: `Journal.writing`.

    Raises:
        DashboardError: of the journal.
    """
    count = 0
    while True:
        with writing() as transaction:
            if not _let_one_go(transaction):
                return count
        count += 1


def _let_one_go(transaction: Transaction) -> bool:
    limit = transaction.now() - AFTER
    rows = transaction.run(
        "SELECT number, digest, json_extract(header, '$.expires_at') FROM plans "
        "WHERE julianday(json_extract(header, '$.expires_at')) <= julianday(:limit) "
        "AND NOT EXISTS (SELECT 1 FROM runs WHERE plan = number) "
        "AND EXISTS (SELECT 1 FROM plan_items WHERE plan = number) ORDER BY number LIMIT 1",
        {"limit": limit.isoformat()},
    )
    if not rows:
        return False
    number, digest, expired_at = rows[0]
    # Only here, and never seen by another connection: they see all of this transaction, or nothing.
    transaction.run(f"DROP TRIGGER {_TRIGGER}")
    item_count = transaction.counted("DELETE FROM plan_items WHERE plan = :plan", {"plan": number})
    transaction.run(_STAY)
    transaction.append(KIND, digest, "sync", {"item_count": item_count, "expired_at": expired_at})
    return True


def is_let_go(transaction: Transaction, digest: str) -> bool:
    """Whether the items of a plan are gone as they may be: an event says so, it had expired long before, and nobody had
    confirmed it."""
    rows = transaction.run(
        "SELECT at, json_extract(header, '$.expires_at'), EXISTS (SELECT 1 FROM plan_items WHERE plan = number), "
        "EXISTS (SELECT 1 FROM events WHERE kind = 'plan.confirmed' AND subject = :digest) "
        "FROM plans JOIN events ON subject = digest WHERE digest = :digest AND kind = :kind",
        {"digest": digest, "kind": KIND},
    )
    if not rows:
        return False
    at, expired_at, has_items, is_confirmed = rows[0]
    is_late = datetime.fromisoformat(at) >= datetime.fromisoformat(expired_at) + AFTER
    return is_late and not has_items and not is_confirmed
