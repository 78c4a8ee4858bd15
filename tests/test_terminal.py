"""What the command line prints is read back as it was, whatever a key holds."""

from __future__ import annotations

import csv
import io
import re
import sys

import pytest

from dashboard import __main__ as cli
from dashboard.errors import ExitCode
from dashboard.terminal import print_rows

LINE_ENDS = ["a\rb.jpg", "a\nb.jpg", "a\r\nb.jpg", 'a"b,c.jpg', "plain.jpg", ""]


@pytest.mark.parametrize("key", LINE_ENDS)
def test_a_line_end_in_a_key_ends_no_row(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(["key", "size_bytes"], [(key, 1), ("next.jpg", 2)], "csv")
    out = capsys.readouterr().out
    assert list(csv.reader(io.StringIO(out, newline=""))) == [
        ["key", "size_bytes"],
        [key, "1"],
        ["next.jpg", "2"],
    ]
    assert ("\r" in key) is (f'"{key}"' in out and "\r" in out)
    assert out.endswith("next.jpg,2\n")


@pytest.mark.parametrize("width", ["40", None])
def test_a_table_cuts_no_key(
    width: str | None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    key, long_key = "ipad/ipad-01/2026/11/20/ipad-01_20261120T101500_0001.heic", "x" * 1100
    if width:
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("COLUMNS", width)
    print_rows(["key", "size_bytes"], [(key, 1), (long_key, 2)], "table")
    lines = re.sub("\x1b\\[[0-9;]*m", "", capsys.readouterr().out).splitlines()
    assert max(map(len, lines)) <= (40 if width else 250)
    cells = "".join(line.split()[0] for line in lines if line.strip())
    assert key in cells
    assert long_key in cells


@pytest.mark.parametrize("key", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\uff1d1", " =1"])
def test_no_cell_is_a_formula(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(["key"], [(key,)], "csv")
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out, newline="")))
    assert rows == [["key"], [f"'{key}"]]


@pytest.mark.parametrize(
    "arguments", [("rules", "try", "ipad/\udcff.jpg"), ("worklist", "list", "--owner", "\udced\udca0\udc80")]
)
def test_bytes_that_are_no_text_are_refused_before_anything(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["dashboard", *arguments])
    monkeypatch.setattr("signal.signal", lambda *_: None)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == ExitCode.USAGE
    said = capsys.readouterr().err
    assert "no UTF-8" in said
    assert "\\u{dc" in said, "what was given is shown, and steers no terminal"
