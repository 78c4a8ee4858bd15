"""People sign in with a real identity provider, and may do what their roles allow: OpenID Connect end to end."""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import HERE, Server, Visit, free_port, get

SECRETS = """
[auth]
redirect_uri = "{url}/oauth2callback"
cookie_secret = "{secret}"
client_id = "dashboard"
client_secret = "not asked for by the provider"
server_metadata_url = "{provider}/.well-known/openid-configuration"
"""
PEOPLE = (
    {"sub": "viewer", "email": "viewer@example.org", "email_verified": True},
    {"sub": "sato", "email": "sato@example.org", "email_verified": True, "groups": ["archive-operators"]},
    {"sub": "stranger", "email": "stranger@example.org", "email_verified": True},
)


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The dashboard, beside a provider that knows three people."""
    port, provider_port = free_port(), free_port()
    people = [f"--user-claims={json.dumps(person)}" for person in PEOPLE]
    provider = Server(provider_port, "-m", "oidc_provider_mock", f"--port={provider_port}", *people)
    home = tmp_path_factory.mktemp("home")
    secrets = home / ".streamlit" / "secrets.toml"
    secrets.parent.mkdir()
    secrets.write_text(SECRETS.format(url=f"http://127.0.0.1:{port}", secret="c" * 40, provider=provider.url))
    server = Server(port, str(HERE / "serve_synthetic.py"), str(port), "roles", HOME=str(home))
    try:
        answers(f"{provider.url}/.well-known/openid-configuration")
        server.wait()
        yield server
    finally:
        server.stop()
        provider.stop()


@pytest.fixture(autouse=True)
def _provider_styles(visit: Visit) -> Iterator[None]:
    """The provider's own pages ask for a style sheet from elsewhere, and do not get it."""
    yield
    visit.outside[:] = [asked for asked in visit.outside if "@picocss" not in asked]


def answers(url: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if get(url).status == 200:
                return
        time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


def sign_in(visit: Visit, url: str, name: str) -> None:
    page = visit.open(url)
    page.get_by_role("button", name=re.compile("Sign in|サインイン")).click()
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_url(lambda there: there.startswith(url.partition("?")[0]) and "oauth2" not in there)
    visit.settle()


def test_nobody_sees_a_page_before_signing_in(dashboard: Server, visit: Visit) -> None:
    page = visit.open(f"{dashboard.url}/?lang=en")
    expect(page.get_by_text("The pages are not shown")).to_be_visible()
    assert page.locator("[data-testid=stMetric]").count() == 0


@pytest.mark.parametrize(
    ("person", "told"),
    [
        ("viewer", "sees the pages"),
        ("sato", "sees the pages, confirms plans, is the second person"),
    ],
)
def test_who_signs_in_may_do_what_the_settings_say(
    dashboard: Server, visit: Visit, person: str, told: str
) -> None:
    sign_in(visit, f"{dashboard.url}/?lang=en", person)
    page = visit.page
    expect(page.locator("[data-testid=stMetric]").first).to_be_visible()
    expect(page.get_by_text(f"Signed in as {person}@example.org")).to_be_visible()
    expect(page.get_by_text(told, exact=True)).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/oauth2/end_session?*")
    visit.open(f"{dashboard.url}/?lang=en")
    expect(page.get_by_text("The pages are not shown")).to_be_visible()


def test_a_stranger_is_let_in_by_the_provider_and_not_by_the_settings(
    dashboard: Server, visit: Visit
) -> None:
    sign_in(visit, f"{dashboard.url}/?lang=ja", "stranger")
    expect(visit.page.locator("[data-testid=stMetric]")).to_have_count(0)
    expect(visit.page.get_by_text("stranger@example.org").first).to_be_visible()
