"""Reports that are whole and yet not believed."""

from __future__ import annotations

from decimal import Decimal

from dashboard.errors import DashboardError, ExitCode
from dashboard.warehouse.reports import StoredReport

_SHRUNK_SHARE = Decimal("0.4")
_SHRINK_FROM_ROWS = 100


def refuse_shrunk(report: StoredReport, before: StoredReport | None, where: str) -> None:
    """Refuse a report that lists far fewer objects than the one before it.

    Raises:
        DashboardError: REPORT_SHRANK.
    """
    if before is None or report.believed_count >= before.believed_count * _SHRUNK_SHARE:
        return
    # A small archive may lose most of its objects on one day; that nothing is left of it has to be confirmed as well.
    if report.believed_count and before.believed_count < _SHRINK_FROM_ROWS:
        return
    raise DashboardError(
        ExitCode.REPORT_SHRANK,
        "The newest report was not loaded",
        cause="It lists {found} objects where the one before it listed {before}",
        next_step="If that many objects were deleted on purpose, run `sync --accept-shrink`",
        locator=where,
        found=report.believed_count,
        before=before.believed_count,
    )


def refuse_unbelievable(report: StoredReport, where: str) -> None:
    """Refuse a report of which no row can be believed.

    Raises:
        DashboardError: SCHEMA_MISMATCH.
    """
    if not report.row_count or report.believed_count:
        return
    raise DashboardError(
        ExitCode.SCHEMA_MISMATCH,
        "The report was not loaded",
        cause="Not one of its {count} rows can be believed: their bucket, key, size or date cannot be what it says",
        next_step="Compare fileSchema in the manifest with the columns of the files; wait for the next report",
        locator=where,
        count=report.row_count,
    )
