"""One S3 server for the tests of a session, and an archive of its own for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from tests.sync.world import World


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    yield f"http://127.0.0.1:{server.get_host_and_port()[1]}"
    server.stop()


@pytest.fixture
def make_world(endpoint: str, tmp_path: Path) -> Callable[..., World]:
    def make(name: str = "archive", **values: Any) -> World:
        return World(endpoint, tmp_path / name, **values)

    return make


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world()
