"""Texts: everything is translated, nothing is built before it is translated."""

from __future__ import annotations

import ast
import re
import string

import pytest

from dashboard.errors import DashboardError, ExitCode
from dashboard.settings.price_files import shipped_book
from dashboard.ui import labels
from dashboard.ui.stakes import SHIPPED_SOURCES
from dashboard.ui.text import (
    LANGUAGES,
    _,
    choose_language,
    fault_texts,
    following,
    language,
    n_,
    speak,
    spoken,
    translations,
)
from tests.ui import messages


def test_the_japanese_catalogue_has_every_message() -> None:
    lacking = messages.missing(messages.catalogue())
    assert lacking == [], "translate these in locale/ja/LC_MESSAGES/dashboard.po"


def test_the_catalogue_has_nothing_that_nobody_uses() -> None:
    used = {message[0] if isinstance(message, tuple) else message for message in messages.everything()}
    known = {
        entry.id[0] if isinstance(entry.id, tuple | list) else entry.id for entry in messages.catalogue()
    }
    assert known - used - {""} == set()


def fields(text: str | None) -> set[str]:
    return {name for _literal, name, _spec, _conversion in string.Formatter().parse(text or "") if name}


def test_translations_have_the_placeholders_of_their_messages() -> None:
    wrong = []
    for entry in messages.catalogue():
        if not entry.id:
            continue
        sources = entry.id if isinstance(entry.id, tuple | list) else [entry.id]
        targets = entry.string if isinstance(entry.string, tuple | list) else [entry.string]
        if any(fields(target) != fields(sources[0]) for target in targets):
            wrong.append(sources[0])
    assert wrong == []


def test_only_literals_are_translated_where_they_stand() -> None:
    """`_(f"…")` can never be found in a catalogue; `_(name)` is for texts marked elsewhere with N_."""
    wrong = [
        f"{path}:{node.lineno}"
        for node, path in messages.calls({"_", "N_", "n_"})
        for argument in node.args[:1]
        if isinstance(argument, ast.JoinedStr | ast.BinOp)
        or (isinstance(argument, ast.Call) and getattr(argument.func, "attr", "") == "format")
    ]
    assert wrong == []


def test_japanese_texts_are_japanese() -> None:
    japanese = re.compile(r"[\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]")
    same = {
        entry.id
        for entry in messages.catalogue()
        if isinstance(entry.id, str) and entry.id and not japanese.search(str(entry.string))
    }
    # AWS gives these no Japanese names.
    assert same <= {"Cost Explorer", "Glacier Deep Archive", "Glacier Flexible Retrieval"}


def test_sentences_follow_each_other_as_their_language_has_it() -> None:
    with spoken("ja"):
        assert following("一つ目。", "", "二つ目。") == "一つ目。二つ目。"
    with spoken("en"):
        assert following("One.", "", "Two.") == "One. Two."


def test_japanese_has_one_word_for_a_thing_and_signs_of_its_own() -> None:
    """機器, 旧バージョン, ストレージ, フォルダー, 〜; colons and brackets after Japanese are full-width."""
    wrong = re.compile(
        r"装置|(?<!より)古いバージョン|保管場所|フォルダ(?!ー)|～|[ぁ-ヶ一-龥] ?\(|[ぁ-ヶ一-龥]:"
    )
    texts = [
        text
        for entry in messages.catalogue()
        for text in (entry.string if isinstance(entry.string, tuple) else (entry.string,))
    ]
    assert [text for text in texts if wrong.search(str(text))] == []


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ((None, None, "ja-JP"), "ja"),
        (("en", "ja"), "en"),
        (("fr", "de"), "en"),
        (("", None, "ja_JP"), "ja"),
        (("<script>",), "en"),
    ],
)
def test_the_first_wish_with_a_catalogue_is_granted(wishes: tuple[str | None, ...], code: str) -> None:
    assert choose_language(*wishes) == code


def test_a_language_is_spoken_for_a_while() -> None:
    speak("en")
    with spoken("ja"):
        assert language() == "ja"
        assert _("Storage") == "ストレージ"
        assert n_("{count} row", "{count} rows", 3).format(count=3) == "3 件"
    assert _("Storage") == "Storage"
    assert n_("{count} row", "{count} rows", 3).format(count=3) == "3 rows"
    assert _("") == ""


def test_every_language_has_its_catalogue() -> None:
    for code in LANGUAGES:
        assert translations(code).gettext("Storage")


def test_faults_are_translated_with_their_arguments() -> None:
    fault = DashboardError(
        ExitCode.SETTINGS,
        "There are no settings to work with",
        cause="The file {file} does not exist",
        next_step="A text nobody has translated",
        file="![x](http://evil.example)",
    )
    with spoken("ja"):
        title, cause, next_step = fault_texts(fault)
    assert title == "設定がありません"
    assert cause == "ファイル ![x](http://evil.example) が存在しません"
    assert next_step == "A text nobody has translated"


def test_the_sources_of_shipped_prices_can_be_said_in_japanese() -> None:
    regions = shipped_book().prices.values()
    told = {price.source for keys in regions for every in keys.values() for price in every}
    assert told == set(SHIPPED_SOURCES)


def test_a_run_that_stopped_is_not_called_what_a_plan_refuses() -> None:
    """One English word had stood for a state of runs and for images that a dataset leaves out."""
    with spoken("ja"):
        stopped = labels.name("run_state", "stopped")
        assert stopped not in {_("Refused"), _("Left out"), "Stopped"}
