"""Numbers in an object key that belong to one person: My Number, telephone, birth date, chart number.

Every function takes a key in NFKC from which unique ids are cut out. Where a plain look at the text shows that an
expression has nothing to find it is not asked: that costs a tenth, and keys come by the million.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

_NUMBER_12 = re.compile(r"(?<![0-9A-Za-z.])([0-9]{4})([-_ ]?)([0-9]{4})\2([0-9]{4})(?![0-9A-Za-z]|\.[0-9])")
_MINUTE = re.compile(
    r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:[01][0-9]|2[0-3])[0-5][0-9]"
)
_SECOND = re.compile(
    r"[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]"
)

_PHONE = re.compile(
    r"(?<![0-9A-Za-z.])(?:"
    r"(?:0|\+81[- ]?)[5789]0([- _]?)[0-9]{4}\1[0-9]{4}"
    r"|0[1-9]-[0-9]{4}-[0-9]{4}|0[1-9][0-9]-[0-9]{3}-[0-9]{4}|0[1-9][0-9]{2}-[0-9]{2}-[0-9]{4}"
    r"|\(0[1-9][0-9]{0,3}\)[0-9]{1,4}-[0-9]{4}"
    r")(?![0-9A-Za-z]|-[0-9]{3}|\.[0-9])"
    r"|(?:(?<![A-Za-z])(?:tel|phone|mobile)|電話番?号?|携帯)[ _:.-]{0,2}0[1-9][0-9]{8,9}(?![0-9])",
    re.IGNORECASE,
)

_ERA_YEARS = {"M": (1867, 45), "T": (1911, 15), "S": (1925, 64), "H": (1988, 31), "R": (2018, 30)}
_ERA_LETTER = {"明治": "M", "大正": "T", "昭和": "S", "平成": "H", "令和": "R"}
_ERA = re.compile(
    r"(?:(?<![0-9A-Za-z])([MTSHR])|(明治|大正|昭和|平成|令和)) ?"
    r"(?:(元|[0-9]{1,2})(?:年 ?([0-9]{1,2})月 ?([0-9]{1,2})(?:日|(?![0-9]))|\.([0-9]{1,2})\.([0-9]{1,2})"
    r"|-([0-9]{1,2})-([0-9]{1,2}))|([0-9]{2})([0-9]{2})([0-9]{2}))(?![0-9A-Za-z]|\.[0-9])"
)
_SMALL_ERA = re.compile(
    r"(?<![0-9A-Za-z])([mtshr])([0-9]{2})\.([0-9]{1,2})\.([0-9]{1,2})(?![0-9A-Za-z]|\.[0-9])"
)
# A year of this century or of Reiwa, and the month behind it if there is one: 2026/11/, 202611, 令和8年/11月.
_STATED = re.compile(
    r"(?:(?<![0-9])(20[0-9]{2})年?|(?:令和(元|[0-9]{1,2})年))"
    r"(?:[-_./]?(0[1-9]|1[0-2]|[1-9](?=月))(?:月|(?![0-9])|(?=[0-3][0-9](?![0-9]))))?"
)
_BIRTH_WORD = re.compile(
    r"(?:(?<![A-Za-z])(?:dob|birth_?da(?:te|y)|birth|born)|生年月日|誕生日?)[ _:=./-]{0,2}[0-9]{2,4}[0-9年./-]{2,}"
    r"|[0-9]{2}日?生(?:まれ)?(?!\w)",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?<![0-9A-Za-z.])((?:18|19|20)[0-9]{2})([-_./]?)([01][0-9])\2([0-3][0-9])(?![0-9]|\.[0-9])"
    r"|(?<![0-9])((?:19|20)[0-9]{2})年([0-9]{1,2})月([0-9]{1,2})日"
)
_TIME_FOLLOWS = re.compile(r"[T_ -]?[0-9]{6}(?![0-9])")
_CLOCK_RESETS = {
    date(1904, 1, 1),
    date(1970, 1, 1),
    date(1980, 1, 1),
    date(1999, 12, 31),
    date(2000, 1, 1),
    date(2016, 1, 1),
}
_FIRST_DIGITAL_YEAR = 2000
_GAP_DAYS = 3 * 366
"""A date so much older than another one in the same key is no capture date."""

_CHART_WORD = re.compile(
    r"(?<![A-Za-z])(?:(?:patient|chart|karte|mrn|kanja)(?:[ _-]?(?:id|no|num|number))?[ _:#=.-]{0,2}[0-9]{3,12}"
    r"|p?id[ _:#=.-]{0,2}[0-9]{5,12}|(?:pt|pat)[ _:#=.-]{0,2}[0-9]{5,12})(?![0-9])"
    r"|(?:患者|カルテ|診察券)(?:番号|コード|ID|No\.?)?[ _:#=.-]{0,2}[0-9]{3,12}(?![0-9])",
    re.IGNORECASE,
)
_FOLDER_NUMBER = re.compile(r"(?:^|/)([0-9]{6,10})(?=/)")
_WORD_GAP = re.compile(r"[_\- ]+")


def is_my_number(digits: str) -> bool:
    """Whether twelve digits have the check digit of a Japanese individual number."""
    if len(digits) != 12 or not (digits.isascii() and digits.isdigit()):
        return False
    total = sum(
        int(digit) * (place + 1 if place <= 6 else place - 5)
        for place, digit in enumerate(reversed(digits[:11]), start=1)
    )
    rest = total % 11
    return int(digits[11]) == (0 if rest <= 1 else 11 - rest)


def has_my_number(text: str) -> bool:
    for match in _NUMBER_12.finditer(text):
        digits = match[1] + match[3] + match[4]
        is_time = _MINUTE.fullmatch(digits) or _SECOND.fullmatch(digits)
        if is_my_number(digits) and not is_time and not digits.startswith("0000"):
            return True
    return False


def has_phone_number(text: str) -> bool:
    return bool(_PHONE.search(text))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def has_birth_date(text: str) -> bool:
    if ("生" in text or "b" in text or "B" in text) and _BIRTH_WORD.search(text):
        return True
    dates: list[tuple[date, bool]] = []
    for match in _DATE.finditer(text):
        year, month, day = (match[1], match[3], match[4]) if match[1] else (match[5], match[6], match[7])
        found = _day(int(year), int(month), int(day))
        if found is not None and found not in _CLOCK_RESETS:
            # A folder and a time of day behind it are a capture date's.
            is_capture = match[2] == "/" or bool(_TIME_FOLLOWS.match(text, match.end()))
            dates.append((found, is_capture))
    newest = max((found for found, _ in dates), default=date.min)
    for found, is_capture in dates:
        if not is_capture and (found.year < _FIRST_DIGITAL_YEAR or (newest - found).days > _GAP_DAYS):
            return True
    known = {found for found, _ in dates}
    return any(found not in known and not _is_capture(rest, found) for found, rest in _era_dates(text))


def _is_capture(rest: str, found: date) -> bool:
    """Whether the rest of a key says the same month, or no more than the same year: 令和8年/11月/R8.11.05.jpg."""
    if found.year < _FIRST_DIGITAL_YEAR:
        return False
    for match in _STATED.finditer(rest):
        year = int(match[1]) if match[1] else _ERA_YEARS["R"][0] + (1 if match[2] == "元" else int(match[2]))
        if year == found.year and int(match[3] or found.month) == found.month:
            return True
    return False


def _era_patterns(text: str) -> Iterator[re.Pattern[str]]:
    if not (text.isascii() and text.islower()):
        yield _ERA
    if text.count(".") >= 2:
        yield _SMALL_ERA


def _era_dates(text: str) -> Iterator[tuple[date, str]]:
    """Dates in Japanese years, each with the text without it."""
    for pattern in _era_patterns(text):
        for match in pattern.finditer(text):
            letter, *rest = match.groups() if pattern is _ERA else (match[1].upper(), "", *match.groups()[1:])
            era, *numbers = (
                part for part in (letter or _ERA_LETTER.get(rest[0] or "", ""), *rest[1:]) if part
            )
            year, month, day = (1 if number == "元" else int(number) for number in numbers)
            start, last = _ERA_YEARS[era]
            found = _day(start + year, month, day)
            if found is not None and 1 <= year <= last:
                yield found, f"{text[: match.start()]}*{text[match.end() :]}"


def has_chart_number(text: str) -> bool:
    if _CHART_WORD.search(text):
        return True
    if any(_is_chart(match[1]) for match in _FOLDER_NUMBER.finditer(text)):
        return True
    stem = text[text.rfind("/") + 1 :].split(".", 1)[0]
    if len(stem) < 7 or not any(character.isdigit() for character in stem):
        return False
    words = _WORD_GAP.split(stem)
    if len(words) == 1:
        # A whole name of digits is a counter unless it is wide and not filled up with zeros.
        return len(stem) in {7, 8} and not stem.startswith("000") and _is_chart(stem)
    # What stands last is a sequence, what stands behind a date is a time.
    return any(
        len(word) >= 7 and _is_chart(word) and not (place and _is_day(words[place - 1]))
        for place, word in enumerate(words[:-1])
    )


def _is_chart(digits: str) -> bool:
    """Whether digits are as wide as a chart number and are no date, time, time stamp or small counter."""
    if not (digits.isascii() and digits.isdigit() and 6 <= len(digits) <= 10) or len(digits.lstrip("0")) < 4:
        return False
    if len(digits) == 6:
        is_month = digits[:2] in {"19", "20"} and 1 <= int(digits[4:]) <= 12
        return not (is_month or _is_day(digits) or _is_clock(digits))
    if len(digits) == 8:
        return not _is_day(digits)
    if len(digits) == 9:
        return not _is_clock(digits[:6])
    return not (len(digits) == 10 and digits[0] == "1")


def _is_clock(digits: str) -> bool:
    return digits[:2] < "24" and digits[2:4] < "60" and digits[4:6] < "60"


def _is_day(digits: str) -> bool:
    if not (digits.isascii() and digits.isdigit()):
        return False
    if len(digits) == 6:
        return _day(2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:])) is not None
    if len(digits) != 8 or digits[:2] not in {"18", "19", "20"}:
        return False
    return _day(int(digits[:4]), int(digits[4:6]), int(digits[6:])) is not None
