"""One embedded archive for the whole folder."""

from tests.demo_fixture import demo_archive

__all__ = ["demo_archive"]
