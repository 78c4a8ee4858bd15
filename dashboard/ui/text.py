"""Texts in the reader's language: the words of dashboard.wording, and what only pages need of them."""

from __future__ import annotations

from typing import Any

from dashboard.errors import DashboardError
from dashboard.wording import (
    CATALOGUES,
    LANGUAGES,
    N_,
    _,
    following,
    language,
    n_,
    speak,
    spoken,
    translations,
)

__all__ = [
    "CATALOGUES",
    "LANGUAGES",
    "N_",
    "_",
    "choose_language",
    "fault_texts",
    "following",
    "language",
    "n_",
    "speak",
    "spoken",
    "translations",
]


def choose_language(*wishes: str | None) -> str:
    """The first wish with a catalogue; `ja-JP` wishes for `ja`.

    Args:
        wishes: codes or locale names, most important first; None and '' are no wish.
    """
    for wish in wishes:
        code = (wish or "").replace("_", "-").split("-")[0].lower()
        if code in LANGUAGES:
            return code
    return "en"


def said_of(label: str, value: object) -> str:
    """What a label says of a value, with the colon of the language of this run."""
    return _("{label}: {value}").format(label=label, value=value)


def fault_texts(fault: DashboardError) -> tuple[str, str, str]:
    """Title, cause and next step of a fault in the language of this run, with its arguments filled in."""
    args: dict[str, Any] = fault.args_by_name
    templates = (fault.title_template, fault.cause_template, fault.next_step_template)
    title, cause, next_step = (_(template).format(**args) for template in templates)
    return title, cause, next_step
