"""Make a plan: what it rests on, and the parts that all actions have."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from dashboard.aws.permissions import Permission
from dashboard.domain.plan import Cost, Item, Plan
from dashboard.operate import plan_faults as faults
from dashboard.settings import Settings
from dashboard.settings.price_files import price_book
from dashboard.warehouse import publish


def basis(settings: Settings) -> dict[str, str]:
    """What plans rest on now: the snapshot, the region's prices, and the settings that an action follows.

    Raises:
        DashboardError: NO_SNAPSHOT.
    """
    info = publish.current(settings.warehouse.folder)
    if info is None:
        raise faults.no_snapshot(settings.warehouse.folder)
    region = settings.aws.region or ""
    known = price_book(settings.warehouse.folder).prices.get(region, {})
    prices = sorted((key, [(str(item.bands), item.as_of) for item in every]) for key, every in known.items())
    acts = {
        "region": region,
        "operate": settings.operate.model_dump(mode="json"),
        # Which images may not go by law.
        "records": settings.records.model_dump(mode="json"),
        "buckets": sorted({location.source_bucket for location in settings.inventory}),
    }
    return {
        "snapshot": f"{info.snapshot_id} {info.built_at.isoformat()}",
        "prices": _digest(prices),
        "settings": _digest(acts),
    }


def snapshot_of(rests_on: Mapping[str, str]) -> str:
    """Id of the snapshot in what a plan rests on."""
    return rests_on["snapshot"].partition(" ")[0]


def build(
    settings: Settings,
    action: str,
    params: Mapping[str, Any],
    items: Sequence[Item],
    *,
    rests_on: Mapping[str, str],
    calls: Mapping[str, int],
    permissions: Iterable[Permission],
    costs: Iterable[Cost],
    made_by: str,
    hours: Decimal = Decimal(0),
    removes: bool = False,
    now: datetime | None = None,
) -> Plan:
    """The plan of an action, for as long as the settings let plans live.

    Args:
        items: in the order of bucket, key and version.
        removes: as of Plan.

    Raises:
        DashboardError: NO_ROWS without any item; PLAN_REFUSED if the report tells the size of none of them.
    """
    if not items:
        raise faults.nothing_chosen()
    if all(item.refusal == "size_unknown" for item in items):
        raise faults.sizes_unknown({item.bucket for item in items})
    moment = (now or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    return Plan(
        action=action,
        params=params,
        basis=rests_on,
        calls={name: count for name, count in calls.items() if count},
        permissions=tuple(dict.fromkeys(permission.action for permission in permissions)),
        costs=tuple(costs),
        hours=hours,
        removes=removes,
        made_by=made_by,
        made_at=moment,
        expires_at=moment + timedelta(hours=settings.operate.plan_hours),
        items=tuple(items),
    )


def _digest(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]
