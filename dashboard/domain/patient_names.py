"""Names of people in an object key: in kanji, in kana, in Latin letters. Every function takes a key in NFKC."""

from __future__ import annotations

import re

from dashboard.domain.person_names import HONORIFICS, NOT_NAMES, PLACES, ROMAJI_HONORIFICS, person_names

_CJK = "々〆ヶぁ-ゖァ-ヺー一-鿿㐀-䶿豈-﫿"
_CJK_RUN = re.compile(f"[{_CJK}]+")
_CJK_PAIR = re.compile(f"(?<![{_CJK}])([{_CJK}]{{1,4}})[ _・･-]([{_CJK}]{{1,4}})(?![{_CJK}])")
_NAME_LABEL = re.compile(f"氏名[ _:・]?[{_CJK}]{{2,}}")
# Who is addressed like this is a person; 仕様 and its like only end in the same character.
_ADDRESSED = re.compile(r"[一-鿿]{2}(?:[ぁ-ゖ]*様|さん)$")
_NOBODY = re.compile(r"(?:[仕模同多一異皆王神客]様|患者様|皆さん|患者さん|師さん|[母父兄姉]さん)$")
_LABEL = re.compile(r"^(?:患者(?:氏?名)?|氏名|名前|カルテ)")
_NO_NAME = re.compile("|".join(map(re.escape, NOT_NAMES)))
_KANA_ONLY = re.compile("[ぁ-ゖァ-ヺー]+")
_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}

_LATIN_PAIR = re.compile(
    # A dot parts two names only where another character follows: behind the last dot stands the extension.
    r"(?<![A-Za-z])([A-Za-z]{3,12})(?:(?:[_\- ]|, ?)(?=([A-Za-z]{3,12})(?![A-Za-z]))|\.(?=([A-Za-z]{3,12})[^A-Za-z]))"
)
_CAMEL_PAIR = re.compile(r"(?<![A-Za-z])([A-Z][a-z]{2,11})([A-Z][a-z]{2,11})(?![A-Za-z])")


def japanese_name(text: str) -> str:
    """kanji_name or kana_name, '' if there is none."""
    if _NAME_LABEL.search(text):
        return "kanji_name"
    for match in _CJK_RUN.finditer(text):
        run = _LABEL.sub("", match[0])
        if _KANA_ONLY.fullmatch(run):
            if _is_kana_name(run):
                return "kana_name"
        elif _is_kanji_name(run):
            return "kanji_name"
    names = person_names()
    for match in _CJK_PAIR.finditer(text):
        surname, given = _LABEL.sub("", match[1]), match[2]
        if given.endswith(("様", "さん")) and len(given) > 2 and not _NOBODY.search(given):
            return "kanji_name"
        given = _without_honorific(given)
        reading = given.translate(_TO_HIRAGANA)
        if surname in names.surnames and (given in names.given or reading in names.kana_given):
            return "kanji_name"
        if surname.translate(_TO_HIRAGANA) in names.kana_surnames and reading in names.kana_given:
            return "kana_name"
    return ""


def _without_honorific(run: str) -> str:
    return next((run.removesuffix(word) for word in HONORIFICS if run.endswith(word)), run)


def _is_kanji_name(run: str) -> bool:
    names = person_names()
    bare = _without_honorific(run)
    if bare != run and bare in names.surnames:
        return True
    if _ADDRESSED.search(run) and not _NOBODY.search(run):
        return True
    if _NO_NAME.search(run) and not _is_full_name(bare):
        return _holds_full_name(bare)
    if len(bare) >= 2 and bare in names.surnames:
        return bare not in PLACES
    return _is_full_name(bare) or _holds_full_name(bare)


def _is_full_name(run: str) -> bool:
    names = person_names()
    for width in (1, 2, 3):
        surname, given = run[:width], run[width:]
        if surname not in names.surnames or not given or _NO_NAME.search(run):
            continue
        if given in names.given and (width > 1 or len(given) > 1):
            return True
        if len(given) >= 2 and given.translate(_TO_HIRAGANA) in names.kana_given:
            return True
    return False


def _holds_full_name(run: str) -> bool:
    """Whether other words stand right before or behind a name, as in 術後山田花子左眼."""
    names = person_names()
    for start in range(len(run) - 3):
        for width in (2, 3):
            surname = run[start : start + width]
            if surname not in names.surnames or surname in PLACES:
                continue
            for length in (3, 2):
                end = start + width + length
                given = run[start + width : end]
                if len(given) == length and given in names.given and _is_free(run, start, end):
                    return True
    return False


def _is_free(run: str, start: int, end: int) -> bool:
    """Whether no word that is no name begins or ends between two places."""
    return not any(match.start() < end and start < match.end() for match in _NO_NAME.finditer(run))


def _is_kana_name(run: str) -> bool:
    names = person_names()
    bare = _without_honorific(run)
    reading = bare.translate(_TO_HIRAGANA)
    if bare != run and reading in names.kana_surnames:
        return True
    return any(
        reading[:width] in names.kana_surnames and reading[width:] in names.kana_given
        for width in range(2, len(reading) - 1)
        if len(reading) >= 5
    )


def has_romaji_name(text: str) -> bool:
    """Whether surname and given name, in either order, stand side by side in Latin letters."""
    names = person_names()
    for pattern in (_LATIN_PAIR, _CAMEL_PAIR):
        for match in pattern.finditer(text):
            first, second = match[1].lower(), (match[2] or match[match.lastindex or 1]).lower()
            if first in names.romaji_surnames and (
                second in names.romaji_given or second in ROMAJI_HONORIFICS
            ):
                return True
            if first in names.romaji_given and second in names.romaji_surnames:
                return True
    return False
