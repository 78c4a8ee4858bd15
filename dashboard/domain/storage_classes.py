"""Storage classes of S3, hot to cold: the one order every table, chart and colour follows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StorageClass:
    """One storage class.

    Attributes:
        id: value in inventory reports and API calls.
        label: the product's own name, the same in every language.
        minimum_days: shortest billed storage duration, 0 for none.
        minimum_billed_bytes: smallest billed object size, 0 for none.
        is_archive: an object must be restored before it can be read.
    """

    id: str
    label: str
    minimum_days: int = 0
    minimum_billed_bytes: int = 0
    is_archive: bool = False


STORAGE_CLASSES: tuple[StorageClass, ...] = (
    StorageClass("STANDARD", "Standard"),
    StorageClass("INTELLIGENT_TIERING", "Intelligent-Tiering"),
    StorageClass("STANDARD_IA", "Standard-IA", 30, 131_072),
    StorageClass("ONEZONE_IA", "One Zone-IA", 30, 131_072),
    StorageClass("GLACIER_IR", "Glacier Instant", 90, 131_072),
    StorageClass("GLACIER", "Glacier Flexible", 90, 0, True),
    StorageClass("DEEP_ARCHIVE", "Deep Archive", 180, 0, True),
    StorageClass("REDUCED_REDUNDANCY", "Reduced Redundancy"),
    StorageClass("EXPRESS_ONEZONE", "Express One Zone"),
    StorageClass("OUTPOSTS", "Outposts"),
    StorageClass("SNOW", "Snow"),
)
"""The seven classes with a colour come first, in the order of the colours."""

ACCESS_TIERS: tuple[str, ...] = (
    "FREQUENT",
    "INFREQUENT",
    "ARCHIVE_INSTANT_ACCESS",
    "ARCHIVE",
    "DEEP_ARCHIVE",
)
"""Access tiers inside Intelligent-Tiering, hot to cold."""

_BY_ID = {item.id: item for item in STORAGE_CLASSES}


def label(class_id: str) -> str:
    """The name to show for a storage class; classes not known yet keep their id."""
    known = _BY_ID.get(class_id)
    return known.label if known else class_id


def order(class_id: str) -> int:
    """Position from hot to cold; classes not known yet come last."""
    known = _BY_ID.get(class_id)
    return STORAGE_CLASSES.index(known) if known else len(STORAGE_CLASSES)
