"""The dashboard for `browser`, on the embedded archive, all of it invented.

`python -m benchmarks.site build FOLDER`, then `python -m benchmarks.site serve FOLDER PORT`.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from dashboard import demo, server
from dashboard.commands.around_sync import follow_up
from dashboard.domain.progress import Silent
from dashboard.settings import Serve, load_settings
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


def serve(folder: Path, port: int) -> None:
    """Serve the pages on a port of this machine until stopped."""
    settings = load_settings(folder / "dashboard.toml")
    server.serve(settings.model_copy(update={"serve": Serve(port=port)}))


if __name__ == "__main__":
    if sys.argv[1] == "build":
        build(Path(sys.argv[2]))
    else:
        serve(Path(sys.argv[2]), int(sys.argv[3]))
