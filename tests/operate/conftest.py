"""An empty archive for each test, and the S3 server and archives of the tests of whole syncs."""

from __future__ import annotations

import functools
from pathlib import Path

import boto3
import pytest

from dashboard.aws import batch, calls, sessions
from tests.operate.archive import Archive
from tests.sync.conftest import endpoint, make_world, world

__all__ = ["endpoint", "make_world", "world"]

_session = functools.cache(boto3.session.Session)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path)


@pytest.fixture(autouse=True)
def _clients_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker makes its clients anew for each step, as credentials may have been renewed. No test renews them, and
    making a client takes longer than all that most tests ask of it.
    """
    monkeypatch.setattr(boto3.session, "Session", _session)
    kept = functools.cache(sessions.client)
    for module in (batch, calls):
        monkeypatch.setattr(module, "client", kept)
