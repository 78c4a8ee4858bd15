"""Lists of images to label, offered in the export menu of a page."""

from __future__ import annotations

import io
import itertools
import shlex
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

from dashboard.domain.labelling import FORMS, Task, written
from dashboard.operate import labelling
from dashboard.ui import exports, source
from dashboard.ui.page import Page
from dashboard.ui.text import _

MOST = 100_000
"""Tasks in a file that a browser fetches; the command line writes any number."""


def offer(
    page: Page,
    *,
    devices: Sequence[str] | None = None,
    units: Sequence[str] | None = None,
    months: Sequence[str] | None = None,
    groups: Sequence[str] | None = None,
) -> None:
    """Offer the images that no source says are labelled, as each labelling tool reads them.

    Such a list holds keys in clear, or it leads to no image: viewers who may not see keys are told so instead.

    Args:
        months: first days, as 2026-10-01, or 'other'.
        groups: subjects of findings of the rule unlabelled_images; these and no others, and where there are none,
            nothing is offered.
    """
    if groups is not None and not groups:
        return
    title = _("Images to label (up to 100,000)")
    if not page.sees_keys:
        why = _("These lists hold object keys in clear, which you may not see. The command line writes them:")
        page.withhold_files("labelling", title, why, command(devices, units, months))
        return
    snapshot = page.view.snapshot.snapshot_id

    def tasks() -> list[Task]:
        reader: Any = source.warehouse()
        return in_order(
            labelling.tasks(
                reader,
                devices=devices,
                units=units,
                months=months,
                groups=groups,
                limit=MOST,
                today=page.today,
                snapshot_id=snapshot,
            )
        )

    def file(form: str) -> exports.File:
        about = FORMS[form]
        caution = _(about.caution) if about.caution else ""
        if form == "cvat":
            return exports.File(about.title, "cvat.zip", "application/zip", lambda: zipped(tasks()), caution)
        return exports.File(
            about.title,
            about.file_name,
            about.mime,
            lambda: "".join(written(form, tasks())).encode(),
            caution,
        )

    page.offer_files("labelling", title, [file(form) for form in FORMS])


def command(
    devices: Sequence[str] | None = None,
    units: Sequence[str] | None = None,
    months: Sequence[str] | None = None,
) -> str:
    """What writes the list of the filtered images on the command line."""
    chosen = {"--device": devices, "--unit": units, "--month": [month[:7] for month in months or ()]}
    given = [word for option, values in chosen.items() for value in values or () for word in (option, value)]
    return shlex.join(["python", "-m", "dashboard", "worklist", "export", "--format", "ground-truth", *given])


def in_order(tasks: Iterable[Task]) -> list[Task]:
    """Tasks by bucket and key: neighbours stand side by side, and each bucket's are together."""
    return sorted(tasks, key=lambda task: (task.source_bucket, task.key, task.version_id))


def zipped(tasks: list[Task]) -> bytes:
    """A CVAT manifest for each bucket, in one file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for bucket, found in itertools.groupby(tasks, key=lambda task: task.source_bucket):
            archive.writestr(f"{bucket}/{FORMS['cvat'].file_name}", "".join(written("cvat", found)))
    return out.getvalue()
