"""100,000 hostile keys from a CSV report to the screen and into files: no crash, right totals, no markup or formula."""

from __future__ import annotations

import csv
import io
import random
import re
import unicodedata
import zipfile
from collections.abc import Iterator

import pytest

from dashboard.ui import exports, source, tables
from dashboard.ui.safe import chart_text, visible
from dashboard.ui.text import spoken
from dashboard.warehouse.masking import Masker
from tests.inventory_writer import Row
from tests.sync.world import World

COUNT = 100_000
COLUMNS = ("bucket", "key", "size", "last_modified_date", "storage_class")
ATOMS: tuple[str | bytes, ...] = (
    "\x00", "\x01", "\x07", "\x1b[31m", "\x7f", "\x85", "\u202e", "\u2066", "\u200b", "\u00ad", "\ufeff", "\u2028",
    "\ufffd", "ガ", "カ\u3099", "é", "e\u0301", "Ａ", "　", "\u3164", "ﾔﾏﾀﾞ", "山田花子", "昭和55年3月12日",
    "123456789018", "yamada_hanako",
    "縺ゅ＞縺", "Ã©", "ソ能表", "👩‍👩‍👧", "🇯🇵", "\U000e0041", "\U0010ffff", "ﷺ", "İ", "ß",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</td>", "&lt;", "&#x27;", "![x](http://evil.example/x)",
    "[a](javascript:alert(1))", "**b**", ":red[x]", "$x^2$", "`", "{{7*7}}", "{subject}", "%s", "%(a)s", "${jndi:ldap://x}",
    "=1+1", '=HYPERLINK("http://evil.example")', "+1", "-1", "@SUM(A1)", "|cmd", "\uff1d1", "\t", "\r", "\n", "\r\n",
    "'", '"', '""',
    "\\", "\\n", ";", "--", "'; DROP TABLE facts.objects; --", "*", "?", "[", "]", "..", "../", "//", "/", "~$",
    ".DS_Store",
    "con", "%", "%2F", "%25", "%00", "+", " ", "  ", "a", "0", ".jpg", ".JPG", "IMG_0001", "ipad/ipad-01/2026/11/20/",
    "x" * 200,
    "漢" * 60, b"\xff\xfe", b"\xc0\xaf", b"\xed\xa0\x80", b"\x8e\x52\x93\x63", b"\xf8", b"\xe5\xb1",
)  # fmt: skip


def keys(seed: int, count: int) -> Iterator[str | bytes]:
    """Different keys of 1 to 1,024 bytes, some of them not UTF-8."""
    rng = random.Random(seed)
    seen: set[bytes] = set()
    texts = [atom for atom in ATOMS if isinstance(atom, str)]
    while len(seen) < count:
        parts = rng.choices(ATOMS if rng.random() < 0.1 else texts, k=rng.randrange(1, 7))
        if rng.random() < 0.3:
            parts.insert(0, "ipad/ipad-01/2026/11/20/")
        raw = b"".join(part.encode() if isinstance(part, str) else part for part in parts)
        # Cut to what S3 allows; a cut inside a character makes one more key that is not UTF-8.
        raw = raw[:1024]
        if not raw or raw in seen:
            continue
        seen.add(raw)
        try:
            yield raw.decode("utf-8")
        except UnicodeDecodeError:
            yield raw


def hidden(text: str) -> bool:
    return any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for character in text)


@pytest.mark.slow
def test_hostile_keys_from_the_report_to_the_files(world: World) -> None:
    made = list(keys(20261123, COUNT))
    good = {key for key in made if isinstance(key, str)}
    bad = [key for key in made if isinstance(key, bytes)]
    assert len(bad) > 1_000
    world.changes["warehouse"] = {"query_timeout_seconds": 120}
    rows = [Row(key, size=number % 1000 + 1) for number, key in enumerate(made)]
    world.put(rows, format_="CSV", columns=COLUMNS)
    outcome = world.synced()
    assert outcome.row_count == COUNT
    reader = world.reader()

    # Decode and warehouse: nothing lost, nothing repaired, what cannot be read is counted.
    figures = reader.frame("sources.figures").iloc[0]
    assert int(figures.row_count) == COUNT
    assert int(figures.quarantined_count) == len(bad)
    totals = reader.frame("storage.by_kind")
    assert int(totals["object_count"].sum()) == len(good)
    assert int(totals["size_bytes"].sum()) == sum(row.size or 0 for row in rows if isinstance(row.key, str))
    listed = reader.frame("tiers.objects", {"row_limit": None})
    assert set(listed["key"]) == good
    kept_apart = reader.frame("sources.quarantine", {"row_limit": None})
    assert len(kept_apart) == len(bad)
    misnamed = reader.frame("quality.misnamed", {"row_limit": None})
    assert set(misnamed["key"]) <= good

    # Page text: masked or not, it hides nothing and is no markup in a chart.
    masked = Masker(world.settings).frame(listed)
    assert len(masked) == len(listed)
    assert not any("山田花子" in key for key in masked["key"])
    for key in {*listed["key"], *masked["key"], *kept_apart["raw_key"]}:
        shown = visible(key)
        assert not hidden(shown)
        assert not re.search("[<>]", chart_text(key))

    # Exports: every row, no formula, no link.
    source.configure(world.settings, reader)
    columns = [tables.text("key", "Key"), tables.size("size_bytes", "Size")]
    with spoken("en"):
        text = exports.to_csv(listed, columns, "Asia/Tokyo").decode("utf-8-sig")
        cells = [row[0] for row in csv.reader(io.StringIO(text, newline=""))][1:]
        assert len(cells) == len(good)
        starts = {unicodedata.normalize("NFKC", cell).lstrip(" ")[:1] for cell in cells}
        assert not starts & set("=+-@|%\t\r\n")
        assert not any(hidden(cell) for cell in cells)
        book = zipfile.ZipFile(io.BytesIO(exports.to_excel(masked, columns, "Asia/Tokyo", "Objects")))
    sheet = book.read("xl/worksheets/sheet1.xml")
    assert sheet.count(b"<row ") == len(good) + 1
    assert b"<f>" not in sheet
    assert b"hyperlink" not in sheet
    reader.close()
