"""SQL macros that say what S3 bills for an object: smallest sizes and shortest durations of its class, as constants.

What a finding says of its bytes, `stored`, is a list with one entry per class and tier, so that prices can be put to it
later. `byte_days` is what is billed on after a deletion: bytes times days that are left of the shortest duration.
"""

from __future__ import annotations

from datetime import datetime

import duckdb

from dashboard.domain.storage_classes import STORAGE_CLASSES

_ENTRY = (
    "storage_class VARCHAR, access_tier VARCHAR, object_count BIGINT, billed_bytes BIGINT, byte_days BIGINT"
)


def create_macros(connection: duckdb.DuckDBPyConnection, latest_at: datetime) -> None:
    """Create the macros that facts, marts and alerts call.

    Args:
        latest_at: time of the newest report (UTC); days that are left count from it.
    """
    for head, body in billing_macros(latest_at).items():
        connection.execute(f"CREATE OR REPLACE MACRO {head} AS {body}")


def billing_macros(latest_at: datetime) -> dict[str, str]:
    """Bodies of the macros by their heads."""
    sizes = {item.id: item.minimum_billed_bytes for item in STORAGE_CLASSES}
    days = {item.id: item.minimum_days for item in STORAGE_CLASSES}
    return {
        # Of objects that are all smaller than the smallest billed size, or all not.
        "billed_bytes(storage_class, object_count, size_bytes)": (
            f"greatest(size_bytes, object_count * {_by_class(sizes)})::BIGINT"
        ),
        # A report does not say when an object changed its class: at least so many days are left.
        "minimum_days_left(storage_class, uploaded_at)": (
            f"greatest(0, {_by_class(days)} - date_diff('day', uploaded_at, "
            f"TIMESTAMP '{latest_at:%Y-%m-%d %H:%M:%S}'))::INTEGER"
        ),
        "stored_in(storage_class, access_tier, object_count, billed_bytes, byte_days)": (
            "struct_pack(storage_class := storage_class, access_tier := access_tier, "
            "object_count := object_count::BIGINT, billed_bytes := billed_bytes::BIGINT, "
            "byte_days := byte_days::BIGINT)"
        ),
        # Usage types begin with the region (APN1 = Tokyo), in N. Virginia some of them with nothing; AWS- is none.
        "billed_region(usage_type)": (
            "regexp_replace(regexp_extract(usage_type, '^([A-Z]{2,4}[0-9]?)-', 1), '^(USE1|AWS)$', '')"
        ),
        "of_unknown_class()": f"CAST(NULL AS STRUCT({_ENTRY})[])",
        # What an object of unknown size costs is not known: no entry, not one of no bytes.
        # One object that stays where it is; deleting it, or moving it to another name, ends its minimum duration early.
        "stored_object(storage_class, access_tier, size_bytes)": (
            "CASE WHEN size_bytes IS NULL THEN [] ELSE "
            "[stored_in(storage_class, access_tier, 1, billed_bytes(storage_class, 1, size_bytes), 0)] END"
        ),
        "replaced_object(storage_class, access_tier, size_bytes, uploaded_at)": (
            "CASE WHEN size_bytes IS NULL THEN [] ELSE "
            "[stored_in(storage_class, access_tier, 1, billed_bytes(storage_class, 1, size_bytes), "
            "billed_bytes(storage_class, 1, size_bytes) * minimum_days_left(storage_class, uploaded_at))] END"
        ),
    }


def _by_class(values: dict[str, int]) -> str:
    cases = " ".join(f"WHEN '{name}' THEN {value}" for name, value in values.items() if value)
    return f"CASE storage_class {cases} ELSE 0 END"
