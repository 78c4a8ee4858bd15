"""A synthetic archive whose report is asked for, and what its files say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.operate.conftest import archive
from tests.report.asked import Asked
from tests.sync.conftest import endpoint, make_world, world
from tests.ui.synthetic_warehouse import SyntheticWarehouse

__all__ = ["archive", "endpoint", "make_world", "world"]


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    warehouse = SyntheticWarehouse()
    yield Asked(warehouse, tmp_path)
    warehouse.connection.close()
