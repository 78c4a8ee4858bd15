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
        is_archive: an object must be restored before it can be read, and carries `ARCHIVED`.
    """

    id: str
    label: str
    minimum_days: int = 0
    minimum_billed_bytes: int = 0
    is_archive: bool = False


@dataclass(frozen=True)
class Overhead:
    """Bytes that are billed for each object beside its own: at its class's price, and at Standard's."""

    own_bytes: int = 0
    standard_bytes: int = 0


ARCHIVED = Overhead(32 << 10, 8 << 10)
"""The index and the name of an archived object."""

RULES_AS_OF = "2026-08"
"""When minimum days, smallest sizes and overhead were last read in the S3 user guide and pricing page."""

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


def overhead(class_id: str) -> Overhead:
    """What each object of a class is billed for beside its own bytes."""
    known = _BY_ID.get(class_id)
    return ARCHIVED if known and known.is_archive else Overhead()


def label(class_id: str) -> str:
    """The name to show for a storage class; classes not known yet keep their id."""
    known = _BY_ID.get(class_id)
    return known.label if known else class_id


def order(class_id: str) -> int:
    """Position from hot to cold; classes not known yet come last."""
    known = _BY_ID.get(class_id)
    return STORAGE_CLASSES.index(known) if known else len(STORAGE_CLASSES)
