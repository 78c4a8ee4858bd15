"""The button to sign in: there only where somebody configured an identity provider."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.settings import Roles
from dashboard.ui import source
from tests.ui.synthetic_warehouse import SyntheticWarehouse, settings

APP = Path(__file__).resolve().parents[2] / "dashboard" / "app.py"
AUTH = {
    "redirect_uri": "http://127.0.0.1/oauth2callback",
    "cookie_secret": "c" * 32,
    "client_id": "dashboard",
    "client_secret": "s",
    "server_metadata_url": "http://127.0.0.1/.well-known/openid-configuration",
}


@pytest.fixture(autouse=True)
def _sources() -> Iterator[None]:
    source.configure(settings(), SyntheticWarehouse())
    yield
    source.configure(settings(), None)


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, object]], None]:
    def hold(values: dict[str, object]) -> None:
        monkeypatch.setattr("dashboard.ui.sign_in.st.secrets", Held(values))

    return hold


class Held(dict[str, object]):
    """Secrets as Streamlit keeps them."""

    def load_if_toml_exists(self) -> bool:
        return bool(self)


def draw(user: dict[str, object] | None = None, language: str = "en") -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.user = user or {}
    app.query_params["lang"] = language
    app.run()
    assert not app.exception
    return app


def buttons(app: AppTest) -> set[str]:
    return {str(button.key) for button in app.sidebar.button if str(button.key).startswith("sign_")}


def test_nothing_is_there_without_a_provider(secrets: Callable[[dict[str, object]], None]) -> None:
    assert not st.secrets.load_if_toml_exists()
    assert buttons(draw()) == set()
    secrets({"something_else": {"a": "b"}})
    assert buttons(draw()) == set()
    assert not [item for item in draw().sidebar.text if "Signed in" in item.value]


@pytest.mark.parametrize(("language", "word"), [("en", "Sign in"), ("ja", "サインイン")])
def test_somebody_unknown_can_sign_in(
    secrets: Callable[[dict[str, object]], None], language: str, word: str
) -> None:
    secrets({"auth": AUTH})
    app = draw({"is_logged_in": False}, language)
    assert buttons(app) == {"sign_in"}
    assert app.button(key="sign_in").label == word


def test_who_is_signed_in_can_sign_out(secrets: Callable[[dict[str, object]], None]) -> None:
    secrets({"auth": AUTH})
    app = draw({"is_logged_in": True, "email": "lead@example.org\u202e"})
    assert buttons(app) == {"sign_out"}
    assert [item.value for item in app.sidebar.text] == ["Signed in as lead@example.org\\u202e"]


@pytest.mark.parametrize(
    ("claims", "is_lead"), [({"email": "lead@example.org"}, True), ({"sub": "x"}, False)]
)
def test_the_name_to_act_with_is_given_to_those_who_may_only(
    claims: dict[str, object], is_lead: bool
) -> None:
    roles = Roles(data_leads=("lead@example.org",))
    source.configure(settings().model_copy(update={"roles": roles}), SyntheticWarehouse())

    def act() -> None:
        import streamlit as st

        from dashboard.errors import DashboardError
        from dashboard.ui import operator

        try:
            st.text(operator.acting("lead"))
        except DashboardError as fault:
            st.text(f"{fault.code.name} {fault.locator}")

    app = AppTest.from_function(act)
    app.user = {"is_logged_in": True, **claims}
    app.run()
    assert [item.value for item in app.text] == [
        "lead@example.org" if is_lead else "ACCESS_DENIED roles.data_leads"
    ]
