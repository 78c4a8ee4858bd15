"""`python -m benchmarks.site FOLDER`: a warehouse for `browser`, from the embedded archive, all of it invented."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from dashboard import demo
from dashboard.commands.around_sync import follow_up
from dashboard.domain.progress import Silent
from dashboard.settings import load_settings
from dashboard.sync import sync


def build(folder: Path) -> None:
    """Fill an archive, sync it and bring the worklist up to it, from nothing."""
    shutil.rmtree(folder, ignore_errors=True)
    archive = demo.build(folder, objects=21_000, progress=Silent())
    os.environ.update(demo.environment(folder))
    try:
        settings = load_settings(archive.settings_file)
        outcome = sync(settings, Silent())
        follow_up(settings, outcome)
    finally:
        archive.stop()
    if outcome.faults:
        raise SystemExit(str(outcome.as_dict()))


if __name__ == "__main__":
    build(Path(sys.argv[1]))
