"""The icon font of the pages: Streamlit's Material Symbols cut down to the icons that somebody uses.

`python tests/ui/icons.py` lists what the shipped font lacks, `--write` makes it anew. An icon that is not in the font
shows as its name, so everything that may be one is taken in: each text in our Python that is an icon's name, and each
icon that Streamlit's own files name.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import streamlit
from fontTools import subset
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parents[2]
STREAMLIT = Path(streamlit.__file__).parent
WHOLE = next((STREAMLIT / "static/static/media").glob("MaterialSymbols-Rounded.*.woff2"))
OURS = ROOT / "dashboard/static/icons.woff2"
NAMED = re.compile(r":material/(\w+)")


def ligatures(path: Path) -> dict[str, str]:
    """The icons of a font: glyph by name."""
    font = TTFont(path)
    # The font writes each letter once for its small and its capital form.
    letters = {glyph: chr(code).lower() for code, glyph in font.getBestCmap().items()}
    found = {}
    for lookup in font["GSUB"].table.LookupList.Lookup:
        for table in lookup.SubTable:
            plain: Any = getattr(table, "ExtSubTable", table)
            for first, items in plain.ligatures.items():
                for item in items:
                    found["".join(letters[glyph] for glyph in (first, *item.Component))] = item.LigGlyph
    return found


def texts() -> Iterator[str]:
    """Every text that may name an icon."""
    for folder in ("dashboard", "pages"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value
                    yield from NAMED.findall(node.value)
    for pattern in ("static/static/js/*.js", "**/*.py"):
        for path in STREAMLIT.glob(pattern):
            yield from NAMED.findall(path.read_text("utf-8"))


def wanted() -> set[str]:
    """Names of all icons that may be asked for."""
    return set(texts()) & set(ligatures(WHOLE))


def missing() -> set[str]:
    """Names of the icons that the shipped font lacks."""
    return wanted() - set(ligatures(OURS))


def write() -> None:
    """Make the font of the icons that are wanted."""
    names, glyphs = wanted(), ligatures(WHOLE)
    options = subset.Options(flavor="woff2", layout_features=["*"], layout_closure=False)
    font = subset.load_font(str(WHOLE), options)
    cut = subset.Subsetter(options)
    cut.populate(glyphs=[glyphs[name] for name in names], text="".join({*"".join(names)}))
    cut.subset(font)
    subset.save_font(font, str(OURS), options)


def main(arguments: list[str]) -> int:
    """List what is missing, or write the font."""
    if "--write" in arguments:
        write()
    lacking = sorted(missing())
    sys.stdout.write("".join(f"{name}\n" for name in lacking))
    sys.stdout.write(f"{len(ligatures(OURS))} icons, {OURS.stat().st_size:,} bytes, {len(lacking)} missing\n")
    return 1 if lacking else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
