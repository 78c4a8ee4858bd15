"""A small embedded archive for tests, in a server process that lives as long as the test session.

    from tests.demo_fixture import demo_archive  # noqa: F401  (or: pytest_plugins = ["tests.demo_fixture"])

It holds invented data. Its time stands still at `DEMO_NOW`; pass that as `now` to what asks for the time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from dashboard.demo import DemoArchive, build

DEMO_NOW = datetime(2026, 11, 23, 4, 15, tzinfo=UTC)
DEMO_SEED = 20261123
DEMO_OBJECTS = 1500


@pytest.fixture(scope="session")
def demo_archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoArchive]:
    """About 1,500 images of an invented clinic. Tests that change it must put it back."""
    folder = tmp_path_factory.mktemp("demo")
    with build(folder, objects=DEMO_OBJECTS, seed=DEMO_SEED, now=DEMO_NOW) as archive:
        yield archive
