"""The embedded archive of `make demo`: an S3 and a Cost Explorer in a process of their own, full of an invented clinic.

    from dashboard.demo import build, environment
    archive = build(Path("demo"), progress=progress)    # some seconds; archive.endpoint_url, archive.settings_file
    os.environ.update(environment(archive.folder))      # dummy credentials and DASHBOARD_SETTINGS
    archive.stop()                                      # or `with build(...) as archive:`

By hand: `python -c "from pathlib import Path; from dashboard.demo import build; print(build(Path('demo')))"`, and
`stop(Path('demo'))` to end it. `archive.expected` holds the numbers that pages must show.
"""

from dashboard.demo.archive import (
    DEFAULT_OBJECTS,
    DEFAULT_SEED,
    DemoArchive,
    build,
    ensure_running,
    environment,
    is_running,
    stop,
)
from dashboard.demo.expected import Amount, Expected

__all__ = [
    "DEFAULT_OBJECTS",
    "DEFAULT_SEED",
    "Amount",
    "DemoArchive",
    "Expected",
    "build",
    "ensure_running",
    "environment",
    "is_running",
    "stop",
]
