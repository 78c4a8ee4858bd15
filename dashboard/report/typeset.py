"""Sets a page of the report; run as a program, so that the typesetter's memory ends with it.

It reads an order as JSON from the input stream and writes a PDF to the output stream. It imports nothing of the
dashboard: what it needs to start is Python and the typesetter.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import noto_cjk_sans_jp_bold
import noto_cjk_sans_jp_regular
import typst

TEMPLATE = Path(__file__).with_name("page.typ")
FONTS = [Path(package.__file__).parent for package in (noto_cjk_sans_jp_regular, noto_cjk_sans_jp_bold)]


def typeset(order: dict[str, Any]) -> bytes:
    """The PDF of an order.

    Args:
        order: `sheet`, the page as the template reads it; `made_at`, the creation date in the file; `is_strict`: refuse
            what is not PDF/UA-1 to the letter, such as a character that the font does not have.

    Raises:
        typst.TypstError: the page could not be set.
    """
    return typst.compile(
        TEMPLATE,
        root=TEMPLATE.parent,
        font_paths=FONTS,
        ignore_system_fonts=True,
        sys_inputs={"sheet": json.dumps(order["sheet"], ensure_ascii=False)},
        timestamp=datetime.fromisoformat(order["made_at"]),
        pdf_standards=["ua-1"] if order["is_strict"] else [],
    )


if __name__ == "__main__":
    sys.stdout.buffer.write(typeset(json.load(sys.stdin.buffer)))
