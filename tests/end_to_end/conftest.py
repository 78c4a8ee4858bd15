"""One embedded archive for the whole folder, synced once."""

from __future__ import annotations

import pytest

from dashboard.demo import DemoArchive
from dashboard.domain.progress import Silent
from dashboard.settings import Settings, load_settings
from dashboard.sync import SyncOutcome, sync
from tests.demo_fixture import DEMO_NOW, demo_archive

__all__ = ["demo_archive"]


@pytest.fixture(scope="session")
def settings(demo_archive: DemoArchive) -> Settings:
    return load_settings(demo_archive.settings_file)


@pytest.fixture(scope="session")
def outcome(settings: Settings) -> SyncOutcome:
    return sync(settings, Silent(), now=lambda: DEMO_NOW)
