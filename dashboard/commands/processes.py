"""The processes that the command line starts: the embedded archive, the pages, the worker."""

from __future__ import annotations

import os
import subprocess
import sys

from dashboard.errors import ExitCode
from dashboard.settings import SETTINGS_VARIABLE, Settings, load_settings, settings_file
from dashboard.terminal import Bars


def started_settings() -> Settings:
    """The settings; an embedded archive that they name is running then."""
    settings = load_settings()
    if settings.archive.is_demo:
        # The embedded archive needs no real credentials, and must never be sent any.
        from dashboard import demo as embedded

        folder = settings_file().parent
        # Whichever file names the archive stays the file: it may be a copy with another port.
        os.environ.update({**embedded.environment(folder), SETTINGS_VARIABLE: str(settings_file())})
        if not embedded.is_running(folder):
            with Bars() as progress:
                embedded.ensure_running(folder, progress)
    return settings


def serve(*, with_worker: bool) -> int:
    """Serve the pages in a process of its own until it is stopped; returns its exit code.

    The command line stays free of the web server and its memory, and the worker of both: a page that breaks leaves a
    run alone.
    """
    commands = [["dashboard.server"], *([["dashboard", "worker"]] if with_worker else [])]
    children = [subprocess.Popen([sys.executable, "-m", *words]) for words in commands]
    try:
        return children[0].wait()
    except KeyboardInterrupt:
        return int(ExitCode.OK)
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait(10)
