"""Gzip taken apart while it arrives: checked, bounded, and left as plain ASCII."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias, cast

from isal import igzip_lib

MAX_RATIO = 200
"""Unpacked bytes per packed byte. Real inventory reports stay below 40."""
FREE_BYTES = 16 * 1024 * 1024
"""A file this small unpacked may have any ratio: a thousand folder markers pack very well."""
MAX_UNPACKED_BYTES = 64 * 1024**3
OUTPUT_BYTES = 512 * 1024
_BYTES_PER_MEMBER = 1024
_FREE_MEMBERS = 1000
_IsalError = cast(type[Exception], igzip_lib.IsalError)  # its type stub calls it an instance
_MAGIC = b"\x1f\x8b"
_NOT_ASCII = re.compile(rb"[\x80-\xff]+")

Input: TypeAlias = bytes | memoryview


class GzipDamagedError(Exception):
    """The bytes are no whole gzip file; the text says how."""


class GzipTooLargeError(Exception):
    """Unpacking was stopped at a limit; the text says which."""


class Unpacker:
    """Unpacks one gzip file of any number of members, piece by piece.

    Bytes from 0x80 up are written as %XX. Keys in CSV reports are percent-encoded, so such bytes are either a
    fault or raw UTF-8; either way they mean what they meant once the key is decoded, and the file is ASCII.

    Attributes:
        has_plus: a '+' occurs, in whichever column. One in another column than the key (a base64 access
            control list) sets it too; that changes no key: one without '+' is the same in both readings.
        has_percent_20: the text %20 occurs; only keys are percent-encoded.
    """

    def __init__(
        self, write: Callable[[bytes], object], max_unpacked_bytes: int = MAX_UNPACKED_BYTES
    ) -> None:
        self.has_plus = False
        self.has_percent_20 = False
        self._write = write
        self._limit = max_unpacked_bytes
        self._packed = 0
        self._unpacked = 0
        self._members = 0
        self._inflater: igzip_lib.IgzipDecompressor | None = None
        self._head = b""  # first byte of a member, while its second has not arrived
        self._tail = b""  # last two bytes written, for a %20 that lies across two pieces

    def feed(self, data: Input) -> None:
        """Unpack one more piece.

        Raises:
            GzipDamagedError: no gzip, or a wrong checksum or length.
            GzipTooLargeError: a limit was passed; at most `OUTPUT_BYTES` more than it were unpacked.
        """
        self._packed += len(data)
        while data:
            inflater = self._inflater
            if inflater is None:
                start = self._head + bytes(data[: 2 - len(self._head)])
                if not _MAGIC.startswith(start):
                    raise GzipDamagedError("trailing garbage" if self._members else "no gzip header")
                data = data[2 - len(self._head) :]
                self._head = start
                if len(start) < 2:
                    return
                inflater = self._start_member()
            data = self._inflate(inflater, data)

    def close(self) -> None:
        """The file is over.

        Raises:
            GzipDamagedError: it is cut off.
        """
        if self._inflater is not None or self._head or not self._members:
            raise GzipDamagedError("cut off")

    def _start_member(self) -> igzip_lib.IgzipDecompressor:
        self._members += 1
        if self._members > _FREE_MEMBERS + self._packed // _BYTES_PER_MEMBER:
            raise GzipTooLargeError("it consists of a great many tiny gzip members")
        inflater = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
        inflater.decompress(self._head)
        self._inflater, self._head = inflater, b""
        return inflater

    def _inflate(self, inflater: igzip_lib.IgzipDecompressor, data: Input) -> Input:
        """Unpack into the output until the input or the member ends; returns what follows the member."""
        while True:
            try:
                output = inflater.decompress(data, OUTPUT_BYTES)
            except _IsalError as error:
                raise GzipDamagedError(str(error)) from None
            data = b""
            self._unpacked += len(output)
            if self._unpacked > self._limit:
                raise GzipTooLargeError(f"it unpacks to more than {self._limit} bytes")
            if self._unpacked > max(FREE_BYTES, MAX_RATIO * self._packed):
                raise GzipTooLargeError(f"it unpacks to more than {MAX_RATIO} times its size")
            if output:
                self._put(output)
            if inflater.eof:
                self._inflater = None
                rest: bytes = inflater.unused_data
                return rest
            if inflater.needs_input:
                return b""

    def _put(self, output: bytes) -> None:
        if not output.isascii():
            output = _NOT_ASCII.sub(_percent, output)
        self.has_plus = self.has_plus or b"+" in output
        # One byte is found twenty times as fast as three.
        if not self.has_percent_20 and (self._tail or b"%" in output):
            self.has_percent_20 = b"%20" in output or b"%20" in self._tail + output[:2]
        last = (self._tail + output[-2:])[-2:]
        self._tail = last if b"%" in last else b""
        self._write(output)


def _percent(run: re.Match[bytes]) -> bytes:
    return b"%" + run[0].hex("%").upper().encode()
