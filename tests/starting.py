"""Which tests start something that takes its time: a page, a process, a server of its own or a browser.

They are marked `starts`, and `make check` leaves them out. Nobody keeps a list of them: it is seen from the names that
a test, its fixtures and what these call in tests/ and in the demo use.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

import pytest

STARTERS = frozenset(
    {
        "AppTest",
        "Popen",
        "ThreadedMotoServer",
        "ThreadingHTTPServer",
        "multiprocessing",
        "run_beside",
        "subprocess",
        "sync_playwright",
    }
)
READ = ("tests.", "dashboard.demo.")
"""Modules whose functions are looked into, besides the test's own."""


def starts(item: pytest.Function) -> bool:
    """Whether a test starts something, itself or through what it asks for and calls."""
    fixtures = (fixture for named in item._fixtureinfo.name2fixturedefs.values() for fixture in named)
    return any(map(_starts, (item.function, *(fixture.func for fixture in fixtures))))


@functools.cache
def _starts(function: Callable[..., Any]) -> bool:
    return not STARTERS.isdisjoint(_reached(function))


def _reached(function: Callable[..., Any]) -> Iterator[str]:
    """What a function and all functions and methods that it may call name, and what their classes are made from."""
    waiting, seen = [inspect.unwrap(function)], set()
    while waiting:
        found = waiting.pop()
        if not inspect.isfunction(found) or found in seen:
            continue
        seen.add(found)
        for name in _names_in(found.__code__):
            yield name
            known: Any = found.__globals__.get(name)
            if not str(getattr(known, "__module__", "")).startswith((found.__module__, *READ)):
                continue
            if inspect.isclass(known):
                yield from (base.__name__ for base in known.__mro__)
                waiting += vars(known).values()
            else:
                waiting.append(inspect.unwrap(known))


def _names_in(code: CodeType) -> Iterator[str]:
    """Names of what a piece of code and those inside it take from elsewhere."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names_in(inner)
