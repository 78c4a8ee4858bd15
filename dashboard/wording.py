"""Texts in the reader's language.

Messages are keyed by their English text. `_()` translates now, `N_()` only marks a text for translation later.
Placeholders are filled after translation, so an f-string inside `_()` is always a mistake (a test looks for it).
"""

from __future__ import annotations

import functools
import gettext
import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

LANGUAGES: dict[str, str] = {"en": "English", "ja": "日本語"}
CATALOGUES = Path(__file__).resolve().parents[1] / "locale"

_language: ContextVar[str] = ContextVar("language", default="en")


def language() -> str:
    """Code of the language this run speaks."""
    return _language.get()


def speak(code: str) -> None:
    """Speak a language for the rest of this run; codes without a catalogue are English."""
    _language.set(code if code in LANGUAGES else "en")


@contextmanager
def spoken(code: str) -> Iterator[None]:
    """Speak a language for a while; for work on another thread, which does not inherit the run's."""
    token = _language.set(code)
    try:
        yield
    finally:
        _language.reset(token)


@functools.cache
def translations(code: str) -> gettext.NullTranslations:
    """The catalogue of a language, compiled in memory, so that no compiled file can be out of date."""
    # Only who speaks another language waits for Babel.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    file = CATALOGUES / code / "LC_MESSAGES" / "dashboard.po"
    if not file.is_file():
        return gettext.NullTranslations()
    with file.open("rb") as stream:
        catalogue = read_po(stream, locale=code)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _(message: str) -> str:
    """The message in the language of this run."""
    return translations(language()).gettext(message) if message else ""


def n_(singular: str, plural: str, count: int) -> str:
    """The message in the form that `count` asks for; fill in the placeholders afterwards."""
    return translations(language()).ngettext(singular, plural, int(count))


def following(*texts: str) -> str:
    """Sentences one after another; Japanese has no space between them."""
    return ("" if language() == "ja" else " ").join(filter(None, texts))


def N_(message: str) -> str:
    """Mark a message for translation and leave it as it is."""
    return message
