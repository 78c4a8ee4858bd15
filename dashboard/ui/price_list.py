"""The price book as a table: what each thing costs, since when, by which source, and what no price is known for."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from dashboard.domain.price_keys import GB, GB_MONTH, JOB, KEYS, OBJECT, OBJECT_MONTH, REQUEST, TAG_MONTH
from dashboard.domain.prices import Band, Price
from dashboard.domain.storage_classes import RULES_AS_OF, STORAGE_CLASSES, overhead
from dashboard.ui import formats, labels, stakes, tables
from dashboard.ui.text import N_, _

_MATTERS = {
    "storage": N_("Keeping objects"),
    "put": N_("Uploading, copying and listing"),
    "get": N_("Opening objects"),
    "transition": N_("Moving to another class"),
    "restore_request": N_("Restoring from the archive"),
    "retrieval": N_("Reading from cold classes"),
    "monitoring": N_("Tiering by use (monitoring)"),
    "early_delete": N_("Deleting before the minimum time"),
    "transfer": N_("Transfer to the internet"),
    "inventory": N_("Inventory reports"),
    "tag": N_("Keeping object tags"),
    "batch": N_("Batch jobs"),
}
_PER: dict[str, tuple[int, str]] = {
    GB_MONTH: (1, N_("per GB and month")),
    GB: (1, N_("per GB")),
    REQUEST: (1_000, N_("per 1,000 requests")),
    OBJECT: (1_000_000, N_("per million objects")),
    OBJECT_MONTH: (1_000, N_("per 1,000 objects and month")),
    TAG_MONTH: (10_000, N_("per 10,000 tags and month")),
    JOB: (1, N_("per job")),
}
_TIB = 1024


def columns() -> list[tables.Column]:
    """How the table of prices is shown."""
    return [
        tables.text("matter", _("For"), width=170),
        tables.text("place", _("Class"), width=290),
        tables.text("price", _("Price"), width=190),
        tables.text("band", _("Monthly amount"), width=190),
        tables.text("as_of", _("As of")),
        tables.phrase("price_source", _("Source"), width="large"),
    ]


def rows() -> pd.DataFrame:
    """One row per band of each price, and one for each price that is missing."""
    region, book = stakes.known_prices()
    found = []
    for key, offered in KEYS.items():
        matter, place = _matter_and_place(key)
        price = book.price(region, key)
        found += [
            {
                "matter": matter,
                "place": place,
                "price": _price(band, offered.unit),
                "band": _range(price, band),
                "as_of": price.as_of if price else "",
                "price_source": price.source if price else "",
            }
            for band in (price.bands if price else (None,))
        ]
    return pd.DataFrame(found)


def name(key: str) -> str:
    """What a price is for, and in which class, translated."""
    return " · ".join(part for part in _matter_and_place(key) if part)


def _matter_and_place(key: str) -> tuple[str, str]:
    kind, _dot, rest = key.partition(".")
    name, _dot, more = rest.partition(".")
    matter = _(_MATTERS[more if kind == "request" else kind])
    if kind in {"restore_request", "retrieval"} and more:
        matter = _("{what} ({more})").format(what=matter, more=labels.name("restore_speed", more))
    is_class = kind not in {"transfer", "inventory", "tag", "batch"}
    tier = more if name == "INTELLIGENT_TIERING" and kind == "storage" else ""
    return matter, stakes.place(name, tier) if is_class else ""


def summary() -> str:
    """How many prices are known, and what that means for estimates."""
    region, book = stakes.known_prices()
    said = _("{known} of {count} prices are known for {region}. Estimates that need another one say so.")
    known = len(KEYS) - len(book.missing(region))
    return said.format(known=known, count=len(KEYS), region=region or formats.NOTHING)


def refused() -> tuple[str, ...]:
    """Price lists that could not be believed, each with the reason."""
    return stakes.known_prices()[1].refused


def rules() -> pd.DataFrame:
    """One row per storage class that bills more than what is stored: minimum days, smallest size, overhead."""
    return pd.DataFrame(
        [
            {
                "storage_class": item.id,
                "minimum_days": item.minimum_days,
                "minimum_billed_bytes": item.minimum_billed_bytes,
                "own_bytes": overhead(item.id).own_bytes,
                "standard_bytes": overhead(item.id).standard_bytes,
            }
            for item in STORAGE_CLASSES
            if item.minimum_days
        ]
    )


def rule_columns() -> list[tables.Column]:
    """How the classes' own rules are shown."""
    return [
        tables.code("storage_class", _("Class")),
        tables.days("minimum_days", _("Least days")),
        tables.size("minimum_billed_bytes", _("Least size")),
        tables.size("own_bytes", _("More per object")),
        tables.size("standard_bytes", _("More at Standard's price")),
    ]


def rules_note() -> str:
    """When the classes' own rules were read."""
    return _("What is billed beside the bytes stored, by the S3 user guide, as of {date}").format(
        date=RULES_AS_OF
    )


def _price(band: Band | None, unit: str) -> str:
    if band is None:
        return _("missing")
    times, per = _PER[unit]
    return f"${exact(band.usd * times)} {_(per)}"


def exact(amount: Decimal) -> str:
    """Every digit of an amount, at least two behind the point."""
    text = f"{amount.normalize():f}"
    whole, _point, rest = text.partition(".")
    return f"{int(whole):,}.{rest:0<2}"


def _range(price: Price | None, band: Band | None) -> str:
    if price is None or band is None or (band.end is None and not band.start):
        return ""
    start, end = (_amount(item, price.unit) for item in (band.start, band.end))
    if band.end is None:
        return _("from {start}").format(start=start)
    said = _("up to {end}; beyond is not known") if band is price.bands[-1] else _("up to {end}")
    return said.format(end=end)


def _amount(amount: Decimal | None, unit: str) -> str:
    if amount is None:
        return ""
    return f"{amount / _TIB:,f} TiB" if unit in {GB, GB_MONTH} else f"{amount:,f}"
