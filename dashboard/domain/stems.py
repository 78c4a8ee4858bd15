"""Stems: the beginnings that good names can have, of which there are finitely many.

A template such as `{device}/{unit}/{captured:%Y/%m/%d}/{unit}_{captured:%Y%m%dT%H%M%S}_{seq:4}.{ext}` is cut after its
last unit or day. What stands before is one text for each unit and day (the stem), or each day where names say no
unit; what follows (the rest: time of day, number, extension) has a fixed length, and nothing in it must agree with
the stem. So a key is a good name if it ends in a rest and begins with a good stem. Looking a stem up in a list of
thousands costs a quarter of taking the whole key apart and comparing its parts. A declared closed list belongs to the
stem where its texts are not equally long or stand twice, else it may stand in the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dashboard.domain.naming_language import Row, Words, literal, pattern_of, sample_of, widths_of
from dashboard.domain.naming_parts import DIRECTIVES, PART, Declared, declared_node, sequence_node

UNIT = "{unit}"
EXTENSION = "{ext}"
_DAY = {"%Y", "%m", "%d"}
_SAMPLES = {"%H": "00", "%M": "00", "%S": "00"}


@dataclass(frozen=True)
class StemGrammar:
    """A template cut after its last unit or day.

    Attributes:
        stem_format: strftime format of a stem, in which `{unit}` and the lists still stand for their texts.
        rest_pattern: RE2 expression of the rest up to the end of the key, less the extension.
        rest_sample: a rest, which makes a stem a whole key, less the extension. All rests are as long.
        ending: the literal text right before the extension.
        lists: closed lists in the stem: the name in braces, and its texts.
    """

    stem_format: str
    rest_pattern: str
    rest_sample: str
    ending: str
    lists: tuple[tuple[str, tuple[str, ...]], ...] = ()


def cut_template(template: str, device_id: str, parts: Declared | None = None) -> StemGrammar | None:
    """Cut a template, or return None if its names have no stems of this kind and must be taken apart one by one.

    That is so where a number, a time of day or the extension stands before the last unit or day, where a part of the
    time of day stands twice, where a part in the rest has no fixed width, or where the extension is not the end.
    """
    declared = parts or {}
    pieces = list(_pieces(template.replace("{device}", device_id)))
    lists = {f"{{{name}}}": kind for name, kind in declared.items() if isinstance(kind, tuple)}
    bound = {
        piece for piece, words in lists.items() if pieces.count(piece) > 1 or len(set(map(len, words))) > 1
    }
    in_stem = {UNIT, *_DAY, *bound}
    places = [index for index, piece in enumerate(pieces) if piece in in_stem]
    if not places:
        return None
    stem, rest = pieces[: places[-1] + 1], pieces[places[-1] + 1 :]
    varying = [piece for piece in rest if _varies(piece)]
    if (
        any(_varies(piece) and piece not in in_stem and piece not in lists for piece in stem)
        or len({_name(piece) for piece in varying}) < len(varying)
        or rest[-1:] != [EXTENSION]
    ):
        return None
    del rest[-1]
    found = [_rest_piece(piece, declared) for piece in rest]
    if any(least != most for least, most in (widths_of(node) for node in found)):
        return None
    last = max((index for index, piece in enumerate(rest) if _varies(piece)), default=-1)
    return StemGrammar(
        stem_format="".join("%%" if piece == "%" else piece for piece in stem),
        rest_pattern="".join(pattern_of(node) for node in found),
        rest_sample="".join(
            _SAMPLES.get(piece) or sample_of(node) for piece, node in zip(rest, found, strict=True)
        ),
        ending="".join(rest[last + 1 :]),
        lists=tuple((piece, words) for piece, words in lists.items() if piece in stem),
    )


def _pieces(template: str) -> Iterator[str]:
    """A template as single characters, strptime directives, and parts in their braces."""
    end = 0
    for match in PART.finditer(template):
        yield from template[end : match.start()]
        if match[1] == "captured":
            yield from re.findall("%.|.", match[2] or "")
        else:
            yield match[0]
        end = match.end()
    yield from template[end:]


def _varies(piece: str) -> bool:
    return len(piece) > 1


def _name(piece: str) -> str:
    return piece.strip("{}").partition(":")[0]


def _rest_piece(piece: str, declared: Declared) -> Row:
    if piece in DIRECTIVES:
        return Row((DIRECTIVES[piece],))
    match = PART.fullmatch(piece)
    if match is None:
        return literal(piece)
    if match[1] == "seq":
        return Row((sequence_node(match[2]),))
    kind = declared[match[1]]
    return Row((Words(kind) if isinstance(kind, tuple) else declared_node(match[1], kind, match[2]),))
