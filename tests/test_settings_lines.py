"""Where a key of a TOML file stands."""

from __future__ import annotations

import pytest

from dashboard.settings.lines import line_of

TEXT = """\
# a comment: key = 1
name = "x"
[archive]
timezone = "UTC"
[[device]]
id = "a"
good = [
    "id = 1",
    "b",
]
text = '''
id = "not a key"
'''
[device.parts]
site = ["x"]
[[device]]
id = "b"
[device.parts]
"site" = ["y"]
"""


@pytest.mark.parametrize(
    ("where", "line"),
    [
        (("name",), 2),
        (("archive",), 3),
        (("archive", "timezone"), 4),
        (("archive", "lost"), 3),
        (("device", 0), 5),
        (("device", 0, "id"), 6),
        (("device", 0, "good", 1), 7),
        (("device", 0, "text"), 11),
        (("device", 0, "parts", "site"), 15),
        (("device", 1, "id"), 17),
        (("device", 1, "key"), 16),
        (("device", 1, "parts", "site", "tuple[str, ...]"), 19),
        (("serve", "port"), None),
        ((), None),
    ],
)
def test_line_of_a_key(where: tuple[str | int, ...], line: int | None) -> None:
    assert line_of(TEXT, where) == line
