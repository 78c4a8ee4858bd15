"""Money on a page that no bill shows yet: what storage, deleting early and restoring would cost at list prices."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pandas as pd
import streamlit as st

from dashboard.domain import prices
from dashboard.domain.prices import PriceBook
from dashboard.settings.price_files import price_book
from dashboard.ui import formats, labels, source, tables
from dashboard.ui.page import Page
from dashboard.ui.text import N_, _

SHIPPED_SOURCES = (
    N_("AWS offer file, as kept by github.com/scttfrdmn/objectfs, commit 7c70dc0e"),
    N_("AWS offer file, version 20260728131000, as copied into a public emulator"),
    N_("AWS Price List API, as kept by github.com/maxopsdev/maxops, commit b7daaba6"),
    N_("Infracost price fixture, commit 95ba4f49"),
    N_("price literals of a public test fixture (astra), not checked against an offer file"),
)
"""Where the shipped price lists come from. Those of a refresh are named by their files."""


def known_prices() -> tuple[str | None, PriceBook]:
    """The archive's region and the price book."""
    settings = source.settings()
    return settings.aws.region, price_book(settings.warehouse.folder)


def of_copies(frame: pd.DataFrame) -> pd.DataFrame:
    """Add `place`, `month_usd` and `early_usd` to rows by class and tier; None where a price is unknown.

    Args:
        frame: storage_class, access_tier, object_count, billed_bytes, byte_days.
    """
    region, book = known_prices()
    rows = list(frame.itertuples())
    month = [
        book.month_usd(
            region, row.storage_class, row.access_tier, int(row.object_count), int(row.billed_bytes)
        )
        for row in rows
    ]
    early = [book.early_deletion_usd(region, row.storage_class, int(row.byte_days)) for row in rows]
    places = [place(row.storage_class, row.access_tier) for row in rows]
    return frame.assign(place=places, month_usd=_column(month), early_usd=_column(early))


def of_restores(frame: pd.DataFrame) -> pd.DataFrame:
    """One row for each way of restoring what is archived: `place`, speed, hours, objects, bytes and `restore_usd`.

    Args:
        frame: storage_class, access_tier, object_count, size_bytes.
    """
    region, book = known_prices()
    rows = [
        {
            "place": place(row.storage_class, row.access_tier),
            "restore_speed": tier.speed,
            "restore_hours": hours(tier.hours),
            "object_count": row.object_count,
            "size_bytes": row.size_bytes,
            "restore_usd": book.restore_usd(region, tier, int(row.object_count), int(row.size_bytes)),
        }
        for row in frame.itertuples()
        for tier in prices.RESTORE_TIERS
        if tier.archive == prices.archive_of(str(row.storage_class), str(row.access_tier))
    ]
    names = ("place", "restore_speed", "restore_hours", "object_count", "size_bytes")
    made = pd.DataFrame(rows, columns=[*names, "restore_usd"])
    return made.assign(restore_usd=_column(list(made["restore_usd"])))


@dataclass(frozen=True)
class Stake:
    """What some bytes cost.

    Attributes:
        month_usd: of what has a known price; None if nothing has.
        early_usd: once, for deleting it before its shortest duration is over; None if that is unknown for any of it.
        unpriced_bytes: what has no known price.
    """

    month_usd: Decimal | None
    early_usd: Decimal | None
    unpriced_bytes: int


def of_bytes(stored: object) -> Stake:
    """The price of bytes by class and tier, as findings have them; class '' is unknown."""
    region, book = known_prices()
    month, early, unpriced = None, Decimal(0), 0
    is_early_known = True
    for item in () if stored is None else stored:  # type: ignore[attr-defined]
        name, tier, count = item["storage_class"], item["access_tier"], int(item["object_count"])
        usd = book.month_usd(region, name, tier, count, int(item["billed_bytes"]))
        if usd is None:
            unpriced += int(item["billed_bytes"])
        else:
            month = usd + (month or 0)
        once = book.early_deletion_usd(region, name, int(item["byte_days"]))
        is_early_known = is_early_known and once is not None
        early += once or 0
    return Stake(month, early if is_early_known else None, unpriced)


def of_findings(frame: pd.DataFrame) -> pd.DataFrame:
    """Add `month_usd`, `early_usd` and `unpriced_bytes` to rows of findings; None where there is nothing to say.

    Args:
        frame: stored.
    """
    found = [of_bytes(stored) for stored in frame["stored"]]
    return frame.assign(
        month_usd=_column([stake.month_usd for stake in found]),
        early_usd=_column([stake.early_usd or None for stake in found]),
        unpriced_bytes=pd.array([stake.unpriced_bytes or None for stake in found], dtype="Int64"),
    )


def finding_columns() -> list[tables.Column]:
    """The columns that `of_findings` adds."""
    return [
        tables.money(
            "month_usd",
            _("Per month"),
            help=f"{_('An object counts in each of its findings.')} {sources()}",
            is_fine=True,
        ),
        tables.size("unpriced_bytes", _("Price unknown"), help=_("Bytes whose class or price is not known")),
        tables.money(
            "early_usd",
            _("Early deletion"),
            help=_(
                "Once, if it is renamed or deleted now: what is left of the "
                "class's minimum days is still billed"
            ),
            is_fine=True,
        ),
    ]


def said(stored: object) -> str:
    """What some bytes cost, with the part that nobody knows, translated."""
    stake = of_bytes(stored)
    parts = []
    if stake.month_usd is not None:
        parts.append(_("{usd} a month").format(usd=formats.money(stake.month_usd)))
    if stake.unpriced_bytes:
        parts.append(_("{size} without a known price").format(size=formats.size(stake.unpriced_bytes)))
    return " · ".join(parts)


def known_total(amounts: pd.Series) -> Decimal | None:
    """The sum of the amounts that are known; None if there are some and none is known."""
    known, unknown_count = prices.total(None if formats.is_missing(item) else item for item in amounts)
    return None if unknown_count and unknown_count == len(amounts) else known


def note(amounts: pd.Series) -> str:
    """What a sum leaves out, translated; '' if it is whole."""
    _known, unknown_count = prices.total(None if formats.is_missing(item) else item for item in amounts)
    return _("at known prices only") if unknown_count else ""


def sources() -> str:
    """Where the prices come from, translated."""
    region, book = known_prices()
    found = book.sources_of(region)
    if not found:
        return _("No prices are known for this region. Name it as aws.region in the settings.")
    said = _("List prices of {region}, before tax and discounts: {sources}")
    return said.format(
        region=region,
        sources=_("; ").join(_("{what} ({more})").format(what=_(text), more=as_of) for as_of, text in found),
    )


def note_regions(page: Page, month: str | None = None) -> None:
    """Say where the bill has storage of several regions that all of it is reckoned at the prices of one."""
    if regions := billed_regions(page, month):
        said = _(
            "The bill has storage in several regions ({regions}); all of it is reckoned at the prices of {region}."
        )
        st.caption(said.format(regions=regions, region=source.settings().aws.region or "–"))


def billed_regions(page: Page, month: str | None) -> str:
    """The regions of a month's storage as the bill calls them, '' if it is one or none."""
    codes = list(page.frame("costs.regions", month=month)["region_code"])
    return ", ".join(codes) if len(codes) > 1 else ""


def place(storage_class: object, access_tier: object) -> str:
    """Class and tier in one, translated."""
    name = labels.name("storage_class", storage_class)
    return f"{name}, {labels.name('access_tier', access_tier)}" if access_tier else name


def _column(values: list[Decimal | None]) -> pd.Series:
    return pd.Series(values, dtype=object)


def hours(hours: Decimal) -> str:
    """A duration in words, translated."""
    if hours < 1:
        return _("{count} minutes").format(count=round(hours * 60))
    return _("{count} hours").format(count=round(hours))
