"""Lists of images to label, offered in the export menu of a page."""

from __future__ import annotations

import io
import itertools
import zipfile
from collections.abc import Sequence
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

    Args:
        months: first days, as 2026-10-01.
        groups: subjects of findings of the rule unlabelled_images; these and no others.
    """
    snapshot = page.view.snapshot.snapshot_id

    def tasks() -> list[Task]:
        reader: Any = source.warehouse()
        return list(
            labelling.tasks(
                reader,
                devices=devices,
                units=units,
                months=months,
                groups=groups,
                limit=MOST,
                snapshot_id=snapshot,
            )
        )

    files = []
    for form, about in FORMS.items():
        if form == "cvat":
            files.append(exports.File(about.title, "cvat.zip", "application/zip", lambda: zipped(tasks())))
        else:
            files.append(
                exports.File(
                    about.title,
                    about.file_name,
                    about.mime,
                    lambda form=form: "".join(written(form, tasks())).encode(),  # type: ignore[misc]
                )
            )
    page.offer_files("labelling", _("Images to label (up to 100,000)"), files)


def zipped(tasks: list[Task]) -> bytes:
    """A CVAT manifest for each bucket, in one file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for bucket, found in itertools.groupby(tasks, key=lambda task: task.source_bucket):
            archive.writestr(f"{bucket}/{FORMS['cvat'].file_name}", "".join(written("cvat", found)))
    return out.getvalue()
