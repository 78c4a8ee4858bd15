"""The processes that the command line starts: the embedded archive, the pages, the worker."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time

from dashboard.errors import DashboardError, ExitCode
from dashboard.settings import SETTINGS_VARIABLE, Settings, load_settings, settings_file
from dashboard.terminal import Bars

LOOK_SECONDS = 0.5
THRIFT = {"MALLOC_ARENA_MAX": "2"}
"""Environment of what is started: glibc's heaps for each thread keep a tenth of the memory to themselves."""

_LEFT_ALONE = {None, int(ExitCode.OK), int(ExitCode.WORKER_RUNNING)}


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


def check_port(address: str, port: int) -> None:
    """See that the pages can be served there, before anything is prepared for it.

    Raises:
        DashboardError: USAGE.
    """
    try:
        place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(place[0], socket.SOCK_STREAM) as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind(place[4])
    except OSError as error:
        raise DashboardError(
            ExitCode.USAGE,
            "The dashboard was not started",
            cause="Port {port} of {address} cannot be used: {reason}",
            next_step="Give another one with --port, or end the program that uses it",
            locator="serve.port",
            port=port,
            address=address,
            reason=error.strerror or str(error),
        ) from error


def serve(port: int, *, with_worker: bool) -> int:
    """Serve the pages in a process of its own until it is stopped; returns its exit code.

    The command line stays free of the web server and its memory, and the worker of both: a page that breaks leaves a
    run alone.
    """
    return run_beside(["dashboard.server", str(port)], ["dashboard", "worker"] if with_worker else None)


def run_beside(words: list[str], beside: list[str] | None) -> int:
    """Run a module until it ends or Ctrl+C, and another one beside it, which is begun again whenever it ends badly.

    Args:
        words, beside: module and arguments. `beside` is left alone once it ends well, or because another is at work.

    Returns:
        The exit code of the first.
    """
    first = _start(words)
    second = _start(beside) if beside else None
    try:
        while (code := first.poll()) is None:
            time.sleep(LOOK_SECONDS)
            if beside and second and second.poll() not in _LEFT_ALONE:
                time.sleep(LOOK_SECONDS)
                second = _start(beside)
        return code
    except KeyboardInterrupt:
        return int(ExitCode.OK)
    finally:
        children = [child for child in (first, second) if child is not None]
        for child in children:
            child.terminate()
        for child in children:
            child.wait(10)


def _start(words: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", *words], env={**THRIFT, **os.environ})
