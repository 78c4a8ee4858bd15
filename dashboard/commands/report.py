"""`report`: the monthly report as PDF and Excel, into a folder or to those who are to get it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashboard.errors import DashboardError, ExitCode
from dashboard.operate import notify
from dashboard.operate.journal import Journal
from dashboard.settings import Notify, Settings, load_settings
from dashboard.terminal import FormatOption, SnapshotOption, chosen_format, print_rows
from dashboard.wording import LANGUAGES, _, spoken

if TYPE_CHECKING:
    from dashboard.report.figures import Monthly

COLUMNS = ("kind", "target", "status", "month", "language", "size_bytes", "detail")
_Row = tuple[str, str, str, str, str, int, str]


def report_command(
    month: Annotated[
        str | None,
        typer.Option(
            help="Such as 2026-10; the last closed month if left out. An open one is marked unfinished."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the files; this one if left out, none with --send.")
    ] = None,
    lang: Annotated[str | None, typer.Option(help="en or ja; as the settings say if left out.")] = None,
    send: Annotated[
        bool,
        typer.Option(
            "--send", help="Send it at once, to every place under notify that has monthly_report = true."
        ),
    ] = False,
    snapshot: SnapshotOption = None,
    format_: FormatOption = "table",
) -> None:
    """Write the monthly report for managers: one page as PDF, and its figures as Excel."""
    form = chosen_format(format_)
    if lang is not None and lang not in LANGUAGES:
        raise typer.BadParameter(f"choose one of: {', '.join(LANGUAGES)}", param_hint="--lang")
    settings = load_settings()
    if send and not any(item.monthly_report for item in settings.notify):
        raise _nobody()
    report = _report(settings, month, snapshot)
    rows: list[_Row] = []
    if out is not None or not send:
        rows += _written(report, lang or settings.archive.language or "en", out or Path())
    sent = _sent(settings, report, lang) if send else []
    print_rows(COLUMNS, [*rows, *sent], form)
    if any(row[2] != "sent" for row in sent):
        raise typer.Exit(int(ExitCode.NOT_DELIVERED))


def _report(settings: Settings, month: str | None, snapshot: str | None) -> Monthly:
    from dashboard.report.monthly import chosen_month, monthly
    from dashboard.warehouse.read import Warehouse

    reader = Warehouse(settings)
    found = reader.info(snapshot)
    journal = Journal(settings.warehouse.folder)
    return monthly(settings, reader, found, chosen_month(reader, found, month), journal=journal)


def _written(report: Monthly, language: str, folder: Path) -> list[_Row]:
    from dashboard.report.files import KINDS, make, write

    files = [make(report, language, kind) for kind in KINDS]
    month, state = report.month.strftime("%Y-%m"), "unfinished" if report.bill.is_estimated else ""
    return [
        (file.kind, str(path), "written", month, language, len(file.body), state)
        for file, path in zip(files, write(folder, files), strict=True)
    ]


def _sent(settings: Settings, report: Monthly, language: str | None) -> list[_Row]:
    """Each in the language of its reader, unless one was asked for."""
    journal = Journal(settings.warehouse.folder)
    return [
        _sent_to(journal, item, report, language or item.language)
        for item in settings.notify
        if item.monthly_report
    ]


def _sent_to(journal: Journal, target: Notify, report: Monthly, language: str) -> _Row:
    from dashboard.report.files import KINDS, make
    from dashboard.report.sheet import sheet, summary

    month = report.month.strftime("%Y-%m")
    made = [make(report, language, kind) for kind in KINDS]
    files = [notify.Attachment(file.name, file.media_type, file.body) for file in made]
    with spoken(language):
        page = sheet(report)
        title = _("{archive}: {report}").format(archive=report.archive, report=page.title)
        told = notify.send_report(journal, target, title, summary(page), files, month)
    size = sum(len(file.body) for file in files)
    return "message", told.name, told.status, month, language, size, told.detail


def _nobody() -> DashboardError:
    return DashboardError(
        ExitCode.SETTINGS,
        "Nobody is to get the monthly report",
        cause="No [[notify]] of the settings has monthly_report = true",
        next_step="Set it where the report shall go; dashboard.example.toml shows it",
        locator="notify.monthly_report",
    )
