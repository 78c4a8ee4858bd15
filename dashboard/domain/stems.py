"""Stems: the beginnings that good names can have, of which there are finitely many.

A template such as `{device}/{unit}/{captured:%Y/%m/%d}/{unit}_{captured:%Y%m%dT%H%M%S}_{seq:4}.{ext}` is cut after its
last unit or day. What stands before is one text for each unit and day (the stem); what follows (the rest: time of day,
number, extension) has a fixed length, and nothing in it must agree with the stem. So a key is a good name if it ends in
a rest and begins with a good stem. Looking a stem up in a list of thousands costs a quarter of taking the whole key
apart and comparing its parts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain

from dashboard.domain.naming import DIRECTIVES, PART

UNIT = "{unit}"
EXTENSION = "{ext}"
_DAY = {"%Y", "%m", "%d"}
_SAMPLES = {"%H": "00", "%M": "00", "%S": "00"}


@dataclass(frozen=True)
class StemGrammar:
    """A template cut after its last unit or day.

    Attributes:
        stem_format: strftime format of a stem, in which `{unit}` still stands for the unit.
        rest_pattern: RE2 expression of the rest up to the end of the key, less the extension.
        rest_sample: a rest, which makes a stem a whole key, less the extension. All rests are as long.
        ending: the literal text right before the extension.
    """

    stem_format: str
    rest_pattern: str
    rest_sample: str
    ending: str


def cut_template(template: str, device_id: str) -> StemGrammar | None:
    """Cut a template, or return None if its names have no stems of this kind and must be taken apart one by one.

    That is so where a number, a time of day or the extension stands before the last unit or day, where a part of the
    time of day stands twice, or where the extension is not the end of the key.
    """
    pieces = list(_pieces(template.replace("{device}", device_id)))
    places = [index for index, piece in enumerate(pieces) if piece == UNIT or piece in _DAY]
    if not places:
        return None
    stem, rest = pieces[: places[-1] + 1], pieces[places[-1] + 1 :]
    varying = [piece for piece in rest if _varies(piece)]
    if (
        UNIT not in stem
        or any(_varies(piece) and piece != UNIT and piece not in _DAY for piece in stem)
        or len(set(varying)) < len(varying)
        or rest[-1:] != [EXTENSION]
    ):
        return None
    del rest[-1]
    last = max((index for index, piece in enumerate(rest) if _varies(piece)), default=-1)
    return StemGrammar(
        stem_format="".join("%%" if piece == "%" else piece for piece in stem),
        rest_pattern="".join(_expression(piece) for piece in rest),
        rest_sample="".join(_sample(piece) for piece in rest),
        ending="".join(rest[last + 1 :]),
    )


def _pieces(template: str) -> chain[str]:
    """A template as single characters, strptime directives, `{unit}`, `{seq:N}` and `{ext}`."""
    found: list[list[str]] = []
    end = 0
    for match in PART.finditer(template):
        found.append(list(template[end : match.start()]))
        found.append(re.findall("%.|.", match[2] or "") if match[1] == "captured" else [match[0]])
        end = match.end()
    return chain(*found, template[end:])


def _varies(piece: str) -> bool:
    return len(piece) > 1


def _expression(piece: str) -> str:
    if piece.startswith("{seq"):
        return f"[0-9]{{{_width(piece)}}}"
    return DIRECTIVES.get(piece, re.escape(piece))


def _sample(piece: str) -> str:
    return "0" * _width(piece) if piece.startswith("{seq") else _SAMPLES.get(piece, piece)


def _width(piece: str) -> int:
    return int(piece.removeprefix("{seq").removeprefix(":").removesuffix("}") or "1")
