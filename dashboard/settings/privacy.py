"""Who sees object keys in clear."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dashboard.settings.section import Section

_HEADER = r"^[A-Za-z][A-Za-z0-9-]{0,63}$"


class Privacy(Section):
    """Who sees object keys in clear, and what everybody else sees instead.

    Attributes:
        mask: which keys are masked: those that look like a patient's identity, all, or none.
        key_viewers: e-mail addresses, user names and groups that see keys; "*" is everybody who is signed in.
        anonymous_sees_keys: whether somebody nobody asked for a name sees them.
        user_header, groups_header: what the proxy in front says about who somebody is.
    """

    mask: Literal["patient", "all", "none"] = "patient"
    key_viewers: tuple[str, ...] = ()
    anonymous_sees_keys: bool = False
    user_header: str | None = Field(default=None, pattern=_HEADER)
    groups_header: str | None = Field(default=None, pattern=_HEADER)
