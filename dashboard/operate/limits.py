"""How much may be done: in one run, on one day over all runs, and of what removes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import ROUND_FLOOR, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.domain.plan import total
from dashboard.operate import plan_faults as faults
from dashboard.operate.events import Transaction, stamp
from dashboard.operate.journal import Journal
from dashboard.settings import Settings
from dashboard.settings.money import read_rates

REMOVALS = frozenset({"abort_uploads", "remove_versions", "remove_duplicates", "remove_junk"})
"""Actions after which something is gone for good; their params have `shares`: percent of each bucket."""
NEEDS_DELETE = REMOVALS | {"undelete", "rename"}
"""Actions whose permissions the worker has only with `operate.allow_removal`."""


@dataclass
class Day:
    """What was queued on one day over all runs.

    Attributes:
        removed_shares: percent of each bucket.
    """

    object_count: int = 0
    usd: Decimal = Decimal(0)
    removed_count: int = 0
    removed_bytes: int = 0
    removed_shares: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))


def queued_on_day_of(transaction: Transaction, moment: datetime, timezone: str) -> Day:
    """What was queued since the archive's midnight, by the journal; a run cancelled before it began was none."""
    midnight = datetime.combine(moment.astimezone(ZoneInfo(timezone)).date(), time(), ZoneInfo(timezone))
    found = Day()
    for (text,) in transaction.run(
        "SELECT header FROM events JOIN plans ON digest = subject JOIN runs ON plan = number "
        "WHERE at >= :midnight AND (kind = 'plan.approved' "
        "OR (kind = 'plan.confirmed' AND NOT json_extract(payload, '$.needs_approval'))) "
        "AND NOT (state = 'cancelled' AND started_at IS NULL)",
        {"midnight": stamp(midnight)},
    ):
        header = json.loads(text)
        found.object_count += header["object_count"]
        found.usd += total(header["costs"])[0]
        if header["action"] in REMOVALS:
            found.removed_count += header["object_count"]
            found.removed_bytes += header["size_bytes"]
            for bucket, percent in header["params"]["shares"].items():
                found.removed_shares[bucket] += Decimal(percent)
    return found


def day(journal: Journal, settings: Settings) -> Day:
    """What was queued today on the archive's clock."""
    if not journal.exists():
        return Day()
    with journal.reading() as transaction:
        return queued_on_day_of(transaction, transaction.now(), settings.archive.timezone)


def jpy_per_usd(settings: Settings) -> Decimal | None:
    """The newest rate; None if no month has one."""
    newest = read_rates(settings.money).newest
    return None if newest is None else newest.jpy_per_usd


def yen(usd: Decimal, rate: Decimal | None) -> Decimal | None:
    """Dollars in yen; None where they need a rate and there is none."""
    if rate is None:
        return None if usd else Decimal(0)
    return usd * rate


def check(
    transaction: Transaction, digest: str, header: Mapping[str, Any], settings: Settings, moment: datetime
) -> None:
    """Refuse a plan that exceeds a limit.

    Args:
        header: of the plan, as `Plan.header`.

    Raises:
        DashboardError: PLAN_REFUSED.
    """
    operate, (usd, unknown_count) = settings.operate, total(header["costs"])
    count, size_bytes = int(header["object_count"]), int(header["size_bytes"])
    if header["action"] in NEEDS_DELETE and not operate.allow_removal:
        raise faults.removal_not_allowed(digest)
    if not count:
        raise faults.nothing_left(digest)
    if count > operate.max_objects:
        raise faults.over_limit(digest, f"max_objects = {operate.max_objects}")
    if size_bytes > operate.max_bytes:
        raise faults.over_limit(digest, f"max_bytes = {operate.max_bytes}")
    if usd > operate.max_usd:
        raise faults.over_limit(digest, f"max_usd = {operate.max_usd}")
    if unknown_count and operate.refuse_unknown_price:
        raise faults.over_limit(digest, "refuse_unknown_price = true")
    is_in_yen = operate.max_jpy is not None or operate.max_jpy_per_day is not None
    rate = jpy_per_usd(settings) if is_in_yen else None
    if operate.max_jpy is not None and _yen(digest, usd, rate) > operate.max_jpy:
        raise faults.over_limit(digest, f"max_jpy = {operate.max_jpy}")
    today = queued_on_day_of(transaction, moment, settings.archive.timezone)
    _hold(digest, "max_objects_per_day", operate.max_objects_per_day, today.object_count, count)
    _hold(digest, "max_usd_per_day", operate.max_usd_per_day, today.usd, usd)
    if operate.max_jpy_per_day is not None:
        used, wanted = (_yen(digest, amount, rate) for amount in (today.usd, usd))
        _hold(digest, "max_jpy_per_day", operate.max_jpy_per_day, used, wanted)
    if header["action"] in REMOVALS:
        _hold(digest, "max_removed_objects", operate.max_removed_objects, today.removed_count, count)
        _hold(digest, "max_removed_bytes", operate.max_removed_bytes, today.removed_bytes, size_bytes)
        for bucket, percent in header["params"]["shares"].items():
            used = today.removed_shares[bucket]
            _hold(digest, "max_removed_percent", operate.max_removed_percent, used, Decimal(percent), bucket)


def _yen(digest: str, usd: Decimal, rate: Decimal | None) -> Decimal:
    found = yen(usd, rate)
    if found is None:
        raise faults.no_rate(digest)
    return found


def _hold(
    digest: str, name: str, most: Decimal | int, used: Decimal | int, wanted: Decimal | int, place: str = ""
) -> None:
    if used + wanted > most:
        left = max(Decimal(most) - used, Decimal(0))
        if "_jpy" in name:
            left = left.to_integral_value(ROUND_FLOOR)
        of = f" ({place})" if place else ""
        raise faults.over_day_limit(digest, f"{name} = {most}{of}", f"{left:f}")
