"""Money on a page that no bill shows yet: what storage, deleting early and restoring would cost at list prices."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from dashboard.domain import prices
from dashboard.ui import formats, labels, source
from dashboard.ui.text import _


def of_copies(frame: pd.DataFrame) -> pd.DataFrame:
    """Add `place`, `month_usd` and `early_usd` to rows by class and tier; None where a price is unknown.

    Args:
        frame: storage_class, access_tier, object_count, billed_bytes, byte_days.
    """
    region = source.settings().aws.region
    rows = list(frame.itertuples())
    month = [
        prices.month_usd(
            region, row.storage_class, row.access_tier, int(row.object_count), int(row.billed_bytes)
        )
        for row in rows
    ]
    early = [prices.early_deletion_usd(region, row.storage_class, int(row.byte_days)) for row in rows]
    places = [_place(row.storage_class, row.access_tier) for row in rows]
    return frame.assign(place=places, month_usd=_column(month), early_usd=_column(early))


def of_restores(frame: pd.DataFrame) -> pd.DataFrame:
    """One row for each way of restoring what is archived: `place`, speed, hours, objects, bytes and `restore_usd`.

    Args:
        frame: storage_class, access_tier, object_count, size_bytes.
    """
    region = source.settings().aws.region
    rows = [
        {
            "place": _place(row.storage_class, row.access_tier),
            "restore_speed": tier.speed,
            "restore_hours": _hours(tier.hours),
            "object_count": row.object_count,
            "size_bytes": row.size_bytes,
            "restore_usd": tier.usd(region, int(row.object_count), int(row.size_bytes)),
        }
        for row in frame.itertuples()
        for tier in prices.RESTORE_TIERS
        if tier.archive == prices.archive_of(str(row.storage_class), str(row.access_tier))
    ]
    names = ("place", "restore_speed", "restore_hours", "object_count", "size_bytes")
    made = pd.DataFrame(rows, columns=[*names, "restore_usd"])
    return made.assign(restore_usd=_column(list(made["restore_usd"])))


def of_findings(frame: pd.DataFrame) -> pd.DataFrame:
    """Add `month_usd` to rows of one object each; None where its class or the price of the class is unknown.

    Args:
        frame: storage_class, billed_bytes.
    """
    region = source.settings().aws.region
    pairs = zip(frame["storage_class"], frame["billed_bytes"], strict=True)
    month = [
        None if formats.is_missing(name) else prices.month_usd(region, name, "", 1, int(size))
        for name, size in pairs
    ]
    return frame.assign(month_usd=_column(month))


def known_total(amounts: pd.Series) -> Decimal | None:
    """The sum of the amounts that are known; None if there are some and none is known."""
    known, unknown_count = prices.total(None if formats.is_missing(item) else item for item in amounts)
    return None if unknown_count and unknown_count == len(amounts) else known


def note(amounts: pd.Series) -> str:
    """What a sum leaves out, translated; '' if it is whole."""
    _known, unknown_count = prices.total(None if formats.is_missing(item) else item for item in amounts)
    return _("without what has no known price") if unknown_count else ""


def sources() -> str:
    """Where the prices come from, translated."""
    region = source.settings().aws.region
    found = prices.sources_of(region)
    if not found:
        return _("No prices are known for this region. Name it as aws.region in the settings.")
    said = _("List prices of {region}, before tax and discounts: {sources}")
    return said.format(region=region, sources="; ".join(f"{text} ({as_of})" for as_of, text in found))


def _place(storage_class: object, access_tier: object) -> str:
    """Class and tier in one, translated."""
    name = labels.name("storage_class", storage_class)
    return f"{name}, {labels.name('access_tier', access_tier)}" if access_tier else name


def _column(values: list[Decimal | None]) -> pd.Series:
    return pd.Series(values, dtype=object)


def _hours(hours: Decimal) -> str:
    if hours < 1:
        return _("{count} minutes").format(count=round(hours * 60))
    return _("{count} hours").format(count=round(hours))
