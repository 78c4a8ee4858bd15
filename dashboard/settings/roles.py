"""Who may do what, by the names that the identity provider, the proxy or the system gives."""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator

from dashboard.settings.section import Section

EVERYBODY = "*"
Right = Literal["view", "lead", "operate", "approve"]
LISTS: dict[Right, str] = {
    "view": "viewers",
    "lead": "data_leads",
    "operate": "operators",
    "approve": "approvers",
}
"""The list of the settings that gives a right."""


class Roles(Section):
    """E-mail addresses, user names and groups by role; "*" is everybody who is signed in.

    Where nobody is asked to sign in, whoever reaches the pages may do what has no list, which is why they are bound to
    this machine then.

    Attributes:
        viewers: see the pages; empty: everybody who reaches them. Every other role may see them too.
        data_leads: work on findings, freeze datasets, promise savings; empty: whoever sees the pages, once signed in.
        operators: make and confirm plans, and pause, resume and cancel runs; empty: nobody who had to sign in.
        approvers: the second person; empty: operators.
        admins: all of it.
    """

    viewers: tuple[str, ...] = ()
    data_leads: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    approvers: tuple[str, ...] = ()
    admins: tuple[str, ...] = ()

    @field_validator("viewers", "data_leads", "operators", "approvers", "admins")
    @classmethod
    def _folded(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name.strip().casefold() for name in names if name.strip())

    @property
    def are_named(self) -> bool:
        """Whether anything depends on who somebody is."""
        return self != Roles()

    def may(self, right: Right, names: frozenset[str] | None) -> bool:
        """Whether somebody has a right.

        Args:
            names: as the identity provider, the proxy or the system knows the person, casefolded; none if it knows
                nobody. None where nobody is asked to sign in.
        """
        own = self._own(right)
        if not own and right == "view":
            return True
        if not own and right == "lead":
            return self.may("view", names) and names != frozenset()
        if names is None:
            return not own
        allowed = {*own, *self.admins}
        if right == "view":
            allowed |= {*self.data_leads, *self.operators, *self.approvers}
        return bool(names) and bool({EVERYBODY, *names} & allowed)

    def _own(self, right: Right) -> tuple[str, ...]:
        own: tuple[str, ...] = getattr(self, LISTS[right])
        return own or (self.operators if right == "approve" else ())
