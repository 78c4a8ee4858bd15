"""What every test gets: nobody's settings or credentials, no network beyond this machine; no skips in CI."""

from __future__ import annotations

import functools
import ipaddress
import os
import socket
from collections.abc import Generator
from typing import Any

import hypothesis
import pytest
import typer.main
import typer.testing

from tests.starting import starts

os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION="ap-northeast-1",
    AWS_CONFIG_FILE=os.devnull,
    AWS_SHARED_CREDENTIALS_FILE=os.devnull,
    AWS_EC2_METADATA_DISABLED="true",
    NO_PROXY="localhost,127.0.0.1,::1",
    no_proxy="localhost,127.0.0.1,::1",
)
for _name in (
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_SESSION_TOKEN",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "DASHBOARD_SETTINGS",
):
    os.environ.pop(_name, None)

hypothesis.settings.register_profile("default", deadline=None, max_examples=50)
hypothesis.settings.register_profile("ci", deadline=None, max_examples=50, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "default")

# Files of other people, which must not be here, and a second proof of what another test proves without root.
ALLOWED_SKIPS = ("the folder of real samples is not here", "the next test needs none")
NO_SKIPPING = os.environ.get("CI", "").lower() not in {"", "0", "false"}


@pytest.fixture(scope="session", autouse=True)
def _only_this_machine() -> Generator[None]:
    """Refuse connections and name look-ups that would leave this machine, like a cut cable but at once."""
    real_connect, real_getaddrinfo = socket.socket.connect, socket.getaddrinfo

    def connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not _is_here(str(address[0])):
            raise ConnectionRefusedError(f"tests stay on this machine; {address[0]} is elsewhere")
        real_connect(self, address)

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None and not _is_here(name):
            raise socket.gaierror(socket.EAI_NONAME, f"tests stay on this machine; {name} is elsewhere")
        return real_getaddrinfo(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        patch.setattr(socket, "getaddrinfo", getaddrinfo)
        yield


@pytest.fixture(scope="session", autouse=True)
def _commands_are_read_once() -> Generator[None]:
    """Typer reads the whole command line from its functions again whenever it is called, which takes longer than what
    most commands do here.
    """
    with pytest.MonkeyPatch.context() as patch:
        read = functools.cache(typer.main.get_command)
        patch.setattr(typer.main, "get_command", read)
        patch.setattr(typer.testing, "_get_command", read)
        yield


def _is_here(host: str) -> bool:
    if (
        host in {"", "localhost", "0.0.0.0", "::"}
        or host.endswith(".localhost")
        or host == socket.gethostname()
    ):
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _refuse_skipping(report: Any) -> Any:
    if NO_SKIPPING and report.skipped and not hasattr(report, "wasxfail"):
        where = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr
        if any(reason in str(where) for reason in ALLOWED_SKIPS):
            return report
        report.outcome = "failed"
        report.longrepr = f"In CI nothing is skipped. {where}"
    return report


# What takes longest begins first, so that no worker is left alone with it at the end. A file stays with one worker.
LONGEST_FIRST = ("browser", "sync", "end_to_end", "queries", "warehouse", "operate", "pages")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and starts(item):
            item.add_marker("starts")
    turns = {folder: turn for turn, folder in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: turns.get(item.path.parent.name, len(turns)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, Any]:
    return _refuse_skipping((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, Any, Any]:
    return _refuse_skipping((yield))
