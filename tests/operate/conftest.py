"""The same S3 server and archives as the tests of whole syncs."""

from tests.sync.conftest import endpoint, make_world, world

__all__ = ["endpoint", "make_world", "world"]
