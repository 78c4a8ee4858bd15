"""The report as PDF: one A4 page, tagged, the same bytes for the same figures."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from datetime import datetime
from typing import Any

from dashboard.errors import DashboardError, ExitCode
from dashboard.report.layout import Sheet

AUTHOR = "ArchiveLens"
_LONGEST_SECONDS = 60


def order(page: Sheet, made_at: datetime, *, is_strict: bool = False) -> dict[str, Any]:
    """What `typeset` is given. A report is rather printed with a box in it than not at all, so it is not strict.

    Args:
        made_at: of the snapshot, so that the file does not change by the clock.
    """
    return {
        "sheet": {**asdict(page), "author": AUTHOR},
        "made_at": made_at.replace(microsecond=0).isoformat(),
        "is_strict": is_strict,
    }


def to_pdf(page: Sheet, made_at: datetime) -> bytes:
    """Set a page, in a process of its own: the typesetter keeps 160 MB of what it has seen, and the server lives long.

    Raises:
        DashboardError: FAILED.
    """
    command = [sys.executable, "-m", "dashboard.report.typeset"]
    said = json.dumps(order(page, made_at), ensure_ascii=False).encode()
    try:
        return subprocess.run(
            command, input=said, capture_output=True, check=True, timeout=_LONGEST_SECONDS
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        last = (getattr(error, "stderr", None) or b"").decode("utf-8", "replace").strip().splitlines()[-1:]
        raise DashboardError(
            ExitCode.FAILED,
            "The report could not be set as a PDF",
            cause="The typesetter ended with: {problem}",
            next_step="Run `make setup` again; the Excel file has the same figures",
            locator="dashboard/report/page.typ",
            problem=last[0] if last else type(error).__name__,
        ) from error
