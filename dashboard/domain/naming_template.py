"""From a name template to its pieces: texts that stand for themselves, and typed parts with what they may hold."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.domain.naming_language import GrammarError, Group, Node, Row, Words, literal
from dashboard.domain.naming_parts import (
    PART,
    Declared,
    check_names,
    declared_node,
    no_such_part,
    sequence_node,
    time_node,
)

PREFIX_GROUP = "prefix"
"""The group around the first two segments of the key: the folder a treemap shows."""


@dataclass(frozen=True)
class Piece:
    """One piece of a name.

    Attributes:
        part: name of the part, or "" for a text that stands for itself.
        written: the piece as the template writes it.
        node: what it may hold.
        group: name of its group in the expression, "" if it has none.
        format: strptime format of a capture time.
    """

    part: str
    written: str
    node: Node
    group: str = ""
    format: str = ""

    @property
    def grouped(self) -> Node:
        return Group(self.group, self.node) if self.group else self.node


def read_template(
    template: str,
    *,
    device_id: str,
    units: tuple[str, ...],
    extensions: tuple[str, ...],
    declared: Declared,
) -> tuple[Piece, ...]:
    """Take a template apart.

    Raises:
        GrammarError: it has unknown parts, a part without its format or width, or one that may stand once twice.
    """
    check_names(declared)
    pieces: list[Piece] = []
    counts: dict[str, int] = {}

    def numbered(part: str) -> str:
        counts[part] = counts.get(part, 0) + 1
        return f"{part}_{counts[part]}"

    def piece(part: str, option: str | None, written: str) -> Piece:
        if part == "device":
            return Piece("device", written, literal(device_id))
        if part == "unit":
            return Piece("unit", written, Words(units), numbered("unit"))
        if part == "ext":
            counts["ext"] = counts.get("ext", 0) + 1
            return Piece("ext", written, Words(extensions), "ext")
        if part == "seq":
            counts["seq"] = counts.get("seq", 0) + 1
            return Piece("seq", written, sequence_node(option), "seq")
        if part == "captured":
            if not option:
                raise GrammarError("key", "{captured} needs a format, such as {captured:%Y%m%dT%H%M%S}")
            return Piece("captured", written, time_node(option), numbered("captured"), option)
        if part in declared:
            return Piece(part, written, declared_node(part, declared[part], option), numbered(f"part_{part}"))
        raise no_such_part(written, declared)

    end = 0
    for match in PART.finditer(template):
        pieces += _texts(template[end : match.start()], declared)
        pieces.append(piece(match[1], match[2], match[0]))
        end = match.end()
    pieces += _texts(template[end:], declared)
    if not counts.get("ext"):
        raise GrammarError("key", "the template needs {ext}")
    if counts["ext"] > 1 or counts.get("seq", 0) > 1:
        raise GrammarError("key", "{ext} and {seq} may stand once only")
    if unused := [name for name in declared if not counts.get(f"part_{name}")]:
        raise GrammarError("parts", f"{unused[0]}: the template does not use this part")
    return tuple(pieces)


def with_prefix_group(pieces: tuple[Piece, ...]) -> Row:
    """The tree of a whole name, its first two segments in a group, or only the first where a part cuts the second."""
    items: list[Node] = []
    slashes: list[int | None] = []
    for piece in pieces:
        if piece.part:
            slashes += [None] * piece.format.count("/")
            items.append(piece.grouped)
        else:
            assert isinstance(piece.node, Row)
            for item in piece.node.items:
                if item == _SLASH:
                    slashes.append(len(items))
                items.append(item)
    cut = (slashes[1] if len(slashes) > 1 and slashes[1] is not None else slashes[0]) if slashes else None
    cut = cut or 0
    return Row((Group(PREFIX_GROUP, Row(tuple(items[:cut]))), *items[cut:]))


_SLASH = literal("/").items[0]


def _texts(text: str, declared: Declared) -> list[Piece]:
    if "{" in text or "}" in text:
        raise no_such_part(text, declared)
    return [Piece("", text, literal(text))] if text else []
