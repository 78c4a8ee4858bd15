"""Who looks, and whether that person may see object keys in clear.

Who somebody is, is said by the identity provider (`st.user`), else by a header of the proxy in front, if the settings
name one. Without either a viewer is anonymous, also on the very machine that serves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard.settings.privacy import Privacy
from dashboard.ui import source
from dashboard.ui.safe import visible

EVERYBODY = "*"


@dataclass(frozen=True)
class Viewer:
    """Who looks.

    Attributes:
        names: every name this person goes by: e-mail address, user name, groups; none if nobody was asked.
    """

    names: frozenset[str] = frozenset()

    @property
    def is_known(self) -> bool:
        return bool(self.names)


def viewer() -> Viewer:
    """Who looks in this run."""
    return known_by_provider(_claims()) or known_by_proxy(source.settings().privacy) or Viewer()


def may_see_keys() -> bool:
    """Whether the viewer of this run sees object keys in clear; False outside of a run."""
    return is_allowed(source.settings().privacy, viewer())


def is_allowed(privacy: Privacy, who: Viewer) -> bool:
    """Whether somebody may see object keys in clear."""
    if privacy.mask == "none":
        return True
    if not who.is_known:
        return privacy.anonymous_sees_keys
    allowed = {name.casefold() for name in privacy.key_viewers}
    return EVERYBODY in allowed or not allowed.isdisjoint(who.names)


def known_by_provider(claims: Mapping[str, Any]) -> Viewer | None:
    """Somebody who signed in, by the claims of the identity token; None if nobody did."""
    if claims.get("is_logged_in") is not True:
        return None
    email = claims.get("email")
    # People choose their display names themselves, and an address nobody has checked can be anybody's.
    names = [claims.get("sub"), email if claims.get("email_verified") is not False else None]
    if not email or "@" not in str(claims.get("preferred_username", "")):
        names.append(claims.get("preferred_username"))
    groups = claims.get("groups") or ()
    return _named([*names, *(groups if isinstance(groups, (list, tuple)) else [groups])])


def called(claims: Mapping[str, Any]) -> str:
    """What somebody who signed in is called in the journal; '' if nobody did.

    It tells one person from another, so it is nothing that people choose for themselves.
    """
    if claims.get("email") and claims.get("email_verified") is not False:
        return str(claims["email"]).strip()
    name, subject = (str(claims.get(part) or "").strip() for part in ("name", "sub"))
    return f"{name} ({subject})" if name and subject else subject or name


def proxy_user(privacy: Privacy) -> str:
    """Whom the proxy in front names; '' without a proxy to be believed."""
    users = [] if privacy.user_header is None else _header(privacy.user_header)
    # A second header of the same name was not written by the proxy.
    return users[0].strip() if len(users) == 1 else ""


def known_by_proxy(privacy: Privacy) -> Viewer | None:
    """Somebody the proxy in front knows, by its headers; None if there is no proxy to be believed.

    The settings allow such headers only for a server that nobody reaches but through the proxy.
    """
    user = proxy_user(privacy)
    if not user:
        return None
    groups = _header(privacy.groups_header) if privacy.groups_header else []
    return _named([user, *(group for text in groups[:1] for group in text.split(","))])


def _named(names: list[Any]) -> Viewer | None:
    kept = frozenset(str(name).strip().casefold() for name in names if name and str(name).strip())
    # Nobody gets a right by being called like everybody.
    return Viewer(kept - {EVERYBODY}) if kept - {EVERYBODY} else None


def _claims() -> Mapping[str, Any]:
    claims: Mapping[str, Any] = st.user.to_dict()
    return claims


def _header(name: str) -> list[str]:
    return st.context.headers.get_all(name)


def foreign(text: str) -> str:
    """Foreign text that is no key, such as the ID or prefix of a lifecycle rule, as this viewer may read it."""
    return visible(text if may_see_keys() else source.masker().text(text))
