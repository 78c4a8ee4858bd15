"""Gzip in pieces of any length gives what it gives in one."""

from __future__ import annotations

import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.aws import unpack
from dashboard.aws.unpack import GzipDamagedError, GzipTooLargeError, Unpacker

TEXTS = st.lists(
    st.sampled_from([b"a", b"%", b"2", b"0", b"%20", b"+", b'"', b"\n", "é写".encode(), b"\xff", b"\0"])
)


def feed(data: bytes, sizes: list[int], **options: int) -> tuple[bytes, Unpacker]:
    out = io.BytesIO()
    unpacker = Unpacker(out.write, **options)
    view, turn = memoryview(data), 0
    while view:
        size = sizes[turn % len(sizes)]
        unpacker.feed(view[:size])
        view, turn = view[size:], turn + 1
    unpacker.close()
    return out.getvalue(), unpacker


@given(
    members=st.lists(TEXTS.map(b"".join), min_size=1, max_size=4),
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=5),
    output_bytes=st.integers(1, 8),
)
def test_pieces_of_any_length(members: list[bytes], sizes: list[int], output_bytes: int) -> None:
    plain = b"".join(members)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unpack, "OUTPUT_BYTES", output_bytes)  # every text lies across several outputs
        out, unpacker = feed(b"".join(map(gzip.compress, members)), sizes)
    assert out == b"".join(bytes([byte]) if byte < 0x80 else b"%%%02X" % byte for byte in plain)
    assert unpacker.has_plus == (b"+" in plain)
    assert unpacker.has_percent_20 == (b"%20" in plain)


@given(cut=st.integers(0, 80), sizes=st.lists(st.integers(1, 40), min_size=1, max_size=3))
def test_row_06_cut_off_anywhere(cut: int, sizes: list[int]) -> None:
    whole = gzip.compress(b'"bucket","key","1"\n' * 30 + bytes(range(60)))
    with pytest.raises(GzipDamagedError):
        feed(whole[: min(cut, len(whole) - 1)], sizes)


@given(at=st.integers(0, 7), bit=st.integers(0, 7))
def test_row_07_any_bit_of_the_trailer(at: int, bit: int) -> None:
    content = bytearray(gzip.compress(b'"bucket","key","1"\n' * 30))
    content[-1 - at] ^= 1 << bit
    with pytest.raises(GzipDamagedError):
        feed(bytes(content), [64])


def test_row_08_absolute_limit() -> None:
    packed = gzip.compress(bytes(1_000_000))
    assert len(feed(packed, [100], max_unpacked_bytes=1_000_000)[0]) == 1_000_000
    with pytest.raises(GzipTooLargeError, match="more than 999999 bytes"):
        feed(packed, [100], max_unpacked_bytes=999_999)
