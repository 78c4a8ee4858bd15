"""Refuse what somebody has no right to, where it is done; that a button is hidden protects nothing."""

from __future__ import annotations

from dashboard.errors import DashboardError, ExitCode
from dashboard.settings import Settings
from dashboard.settings.roles import LISTS, Right


def require(settings: Settings, right: Right, names: frozenset[str] | None, actor: str) -> None:
    """See that somebody has a right.

    Args:
        names: as `Roles.may` takes them.
        actor: what the person is called in the message.

    Raises:
        DashboardError: ACCESS_DENIED.
    """
    if settings.roles.may(right, names):
        return
    title = "The pages are not shown" if right == "view" else "Nothing was changed"
    if names == frozenset():
        raise DashboardError(
            ExitCode.ACCESS_DENIED,
            title,
            cause="Nobody is signed in, and the settings name who may: {list}, admins",
            next_step="Sign in; the button is in the sidebar",
            locator=f"roles.{LISTS[right]}",
            list=LISTS[right],
        )
    raise DashboardError(
        ExitCode.ACCESS_DENIED,
        title,
        cause="{actor} is in none of the lists that allow it: {list}, admins",
        next_step="Ask whoever writes the settings, or sign in under another name",
        locator=f"roles.{LISTS[right]}",
        actor=actor or "-",
        list=LISTS[right],
    )
