"""An empty archive for each test, and the S3 server and archives of the tests of whole syncs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.operate.archive import Archive
from tests.sync.conftest import endpoint, make_world, world

__all__ = ["endpoint", "make_world", "world"]


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path)
