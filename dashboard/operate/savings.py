"""What could be saved in a published snapshot, for every front end."""

from __future__ import annotations

from typing import Any

from dashboard.domain.prices import PriceBook
from dashboard.domain.record_keeping import RecordKeeping
from dashboard.domain.savings import Savings, read
from dashboard.domain.savings_reckoning import propose
from dashboard.operate.follow import Reader


def proposals(
    reader: Reader,
    book: PriceBook,
    region: str | None,
    records: RecordKeeping,
    snapshot_id: str | None = None,
) -> Savings:
    """Every proposal of a snapshot at a region's list prices.

    Raises:
        DashboardError: of the warehouse.
    """
    kinds, lots = read(asked(reader, "savings.lots", snapshot_id))
    return propose(kinds, lots, asked(reader, "savings.stored", snapshot_id), book, region, records)


def asked(reader: Reader, query: str, snapshot_id: str | None) -> list[dict[str, Any]]:
    """The rows of a page query by their columns."""
    names, rows = reader.rows(query, None, snapshot_id)
    return [dict(zip(names, row, strict=True)) for row in rows]
