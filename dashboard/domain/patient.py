"""Whether an object key looks as if it carried a patient's identity, and by what.

A name that follows a grammar of closed lists, times and sequence numbers has no room for an identity; what is looked
for stands in the free text of all other names. docs/privacy.md has the recall and precision of each kind.
"""

from __future__ import annotations

import functools
import re
import unicodedata

from dashboard.domain.patient_names import has_romaji_name, japanese_name
from dashboard.domain.patient_numbers import (
    has_birth_date,
    has_chart_number,
    has_my_number,
    has_phone_number,
)

EVIDENCE = (
    "my_number",
    "phone_number",
    "birth_date",
    "chart_number",
    "kanji_name",
    "kana_name",
    "romaji_name",
)
"""Codes of what can be found, in the order in which it is looked for."""

CAPTURE_TIME = r"[/_-]20[0-9]{6}[T_]?[0-9]{6}|/20[0-9]{2}/[0-9]{2}/[0-9]{2}/"
"""What most keys hold and no identity: cut out before the next expression looks. Python and DuckDB read both alike."""
SUSPICIOUS = "|".join(
    (
        r"[^\x00-\x7f]",
        r"[0-9]{6}",
        r"[0-9]{4}[_ -][0-9]{4}[_ -][0-9]{4}",
        r"(?:18|19|20)[0-9]{2}[_./-][01][0-9][_./-][0-3]",
        r"\(?0[1-9][0-9]{0,3}(?:-|\)[0-9])",
        r"[5789]0[_ -][0-9]{4}",
        r"(?:^|[^0-9A-Za-z])[MTSHRmtshr] ?[0-9]{1,2}[.-][0-9]",
        r"(?i:patient|chart|karte|mrn|kanja|dob|birth|born|(?:id|pa?t)[ _:#=.-]{0,2}[0-9]{5})",
        r"[A-Za-z]{3}(?:[_ -]|, ?)[A-Za-z]{3}",
        r"[A-Za-z]{3}\.[A-Za-z]{3,12}[^A-Za-z]",
        r"[A-Z][a-z]{2,11}[A-Z][a-z]{2}",
    )
)
"""What a key must match to be looked at closely; it passes whatever `patient_evidence` could find."""

_CAPTURE_TIME = re.compile(CAPTURE_TIME)
_SUSPICIOUS = re.compile(SUSPICIOUS)
# Unique ids are long runs of digits that name no person: DICOM's dotted ones, and UUIDs.
_UNIQUE_ID = re.compile(
    r"(?<![0-9.])[0-9]+(?:\.[0-9]+){4,}"
    r"|(?<![0-9a-f-])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-f-])",
    re.IGNORECASE,
)


_GARBLED = re.compile(
    "\ufffd|[\u00c2-\u00ef][\u0080-\u00bf]|[一-鿿][\uff61-\uff9f]|[\uff61-\uff9f][一-鿿]|[縺繧繝]|[\x80-\x9f]"
)


def is_garbled(key: str) -> bool:
    """Whether a key is text read in a wrong encoding: what it says cannot be judged, but perhaps be recovered."""
    return bool(_GARBLED.search(key))


# Without three digits in a row, or a few with a dot, a hyphen or a sign for years between, there is no such number.
_DIGITS = re.compile("[0-9]{3}|[0-9元][.年-][0-9]|生")


def looks_like_patient(key: str) -> bool:
    """Whether a key looks as if it carried a patient's identity."""
    return bool(patient_evidence(key))


def patient_evidence(key: str) -> str:
    """What kind of identity a key seems to carry: a code of EVIDENCE, '' if none. Never raises."""
    return suspected_evidence(key) if _SUSPICIOUS.search(_CAPTURE_TIME.sub("*", key)) else ""


@functools.lru_cache(maxsize=16_384)
def suspected_evidence(key: str) -> str:
    """`patient_evidence` of a key that matches SUSPICIOUS."""
    text = key if key.isascii() else unicodedata.normalize("NFKC", key)
    if (
        text.count(".") >= 4 or text.count("-") >= 4
    ):  # a tenth of what the expression costs, and most keys have fewer
        text = _UNIQUE_ID.sub("*", text)
    if _DIGITS.search(text):
        if has_my_number(text):
            return "my_number"
        if has_phone_number(text):
            return "phone_number"
        if has_birth_date(text):
            return "birth_date"
        if has_chart_number(text):
            return "chart_number"
    if not text.isascii() and (found := japanese_name(text)):
        return found
    return "romaji_name" if has_romaji_name(text) else ""
