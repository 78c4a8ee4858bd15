"""What the tests of the embedded archive share: one archive, clients of it, and its plan made once more."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.config import Config

from dashboard.demo import DemoArchive
from dashboard.demo.bill import draw_up
from dashboard.demo.plan import Plan, make_plan
from tests.demo_fixture import DEMO_NOW, DEMO_OBJECTS, DEMO_SEED, demo_archive

__all__ = ["demo_archive"]


@pytest.fixture(scope="session")
def plan() -> Plan:
    """The plan that the archive was made from, with its costs filled in."""
    made = make_plan(DEMO_SEED, DEMO_NOW, DEMO_OBJECTS)
    draw_up(made)
    return made


@pytest.fixture(scope="session")
def s3(demo_archive: DemoArchive) -> Any:
    config = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
    return boto3.client("s3", endpoint_url=demo_archive.endpoint_url, config=config)


@pytest.fixture(scope="session")
def ce(demo_archive: DemoArchive) -> Any:
    config = Config(retries={"total_max_attempts": 1})
    return boto3.client("ce", endpoint_url=demo_archive.endpoint_url, config=config)
