"""Text of label files on its way to the disk: unpacked, and without lines that no reader should have to hold."""

from __future__ import annotations

from collections.abc import Callable

from dashboard.aws.unpack import Unpacker
from dashboard.domain.label_files import SetAside, sample_of

MAX_LINE_BYTES = 2 << 20
_MARK = b"\xef\xbb\xbf"


class LineGuard:
    """Passes text on in whole lines; lines beyond `MAX_LINE_BYTES` are left out and counted.

    Pieces must be smaller than `MAX_LINE_BYTES`, so that what is passed on never has a line of twice that. DuckDB reads
    no file whose lines end in different ways: JSON lines, in which no carriage return can be a character, all get the
    same end, and a last line without one gets that of the line before.

    Args:
        is_json: whether the lines are JSON.
    """

    def __init__(self, write: Callable[[bytes], object], *, is_json: bool = False) -> None:
        self.left_out: list[tuple[int, str]] = []
        self._write = write
        self._open = bytearray()
        self._is_leaving_out = False
        self._is_first = True
        self._is_json = is_json
        self._end = b"\n"
        self._line = 1

    def feed(self, piece: bytes) -> None:
        """Take the next piece of text."""
        if self._is_first and piece:
            piece, self._is_first = piece.removeprefix(_MARK), False
        if self._is_json:
            piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if self._is_leaving_out:
            _, end, piece = piece.partition(b"\n")
            if not end:
                return
            self._is_leaving_out = False
            self._line += 1
        last = piece.rfind(b"\n") + 1
        if last:
            lines = bytes(self._open) + piece[:last]
            self._end = b"\r\n" if lines.endswith(b"\r\n") else b"\n"
            self._write(lines)
            self._line += piece.count(b"\n")
            self._open = bytearray(piece[last:])
        else:
            self._open += piece
        if len(self._open) > MAX_LINE_BYTES:
            self.left_out.append((self._line, sample_of(bytes(self._open[:1000]))))
            self._open.clear()
            self._is_leaving_out = True

    def close(self) -> None:
        """Pass on a last line without an end."""
        if self._open:
            self._write(bytes(self._open) + self._end)
            self._open.clear()

    def set_aside(self, file_name: str) -> tuple[SetAside, ...]:
        """What was left out."""
        if not self.left_out:
            return ()
        line, sample = self.left_out[0]
        return (SetAside("line_too_long", len(self.left_out), sample, file_name, line),)


class PlainUnpacker(Unpacker):
    """Unpacks gzip and passes the bytes on as they are."""

    def _put(self, output: bytes) -> None:
        self._write(output)
