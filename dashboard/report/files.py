"""The report as files: what they are called, what is in them, and how they come into a folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dashboard.errors import not_written
from dashboard.report.figures import Monthly
from dashboard.report.sheet import sheet
from dashboard.wording import spoken

Kind = Literal["pdf", "excel"]
KINDS: tuple[Kind, ...] = ("pdf", "excel")
ENDINGS: dict[Kind, str] = {"pdf": "pdf", "excel": "xlsx"}
MEDIA_TYPES: dict[Kind, str] = {
    "pdf": "application/pdf",
    "excel": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class File:
    """One file of a report."""

    kind: Kind
    name: str
    body: bytes

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self.kind]


def file_name(month_code: str, language: str, kind: Kind) -> str:
    """What a report's file is called, such as archivelens-report-2026-10-ja.pdf."""
    return f"archivelens-report-{month_code}-{language}.{ENDINGS[kind]}"


def make(report: Monthly, language: str, kind: Kind) -> File:
    """One file of a report, in a language."""
    # The typesetter is 60 MB of machine code: only who wants a file waits for it.
    from dashboard.report.excel import to_excel
    from dashboard.report.pdf import to_pdf

    with spoken(language):
        page = sheet(report)
        body = to_pdf(page, report.built_at) if kind == "pdf" else to_excel(report, page)
    return File(kind, file_name(report.month.strftime("%Y-%m"), language, kind), body)


def write(folder: Path, files: list[File]) -> list[Path]:
    """Put files into a folder, which is made if need be; each replaces one of its name at once or not at all.

    Raises:
        DashboardError: READ_ONLY, DISK_FULL.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [_replace(folder / file.name, file.body) for file in files]
    except OSError as error:
        raise not_written(folder, error) from error


def _replace(target: Path, body: bytes) -> Path:
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        draft.write_bytes(body)
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)
    return target
