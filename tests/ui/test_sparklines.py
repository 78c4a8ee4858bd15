"""The small pictures of a figure's past."""

from __future__ import annotations

import base64
import re
from typing import Literal
from xml.etree import ElementTree

import pytest

from dashboard.ui.sparklines import HEIGHT, WIDTH, picture


def paths(values: list[float], form: Literal["line", "bar", "area"]) -> list[str]:
    """What the picture's paths draw."""
    head, _comma, content = picture(values, form).partition(",")
    assert head == "data:image/svg+xml;base64"
    return [item.attrib["d"] for item in ElementTree.fromstring(base64.b64decode(content))]


def test_a_line_runs_from_the_lowest_to_the_highest() -> None:
    assert paths([10, 30, 20], "line") == [f"M0.0 38.0L{WIDTH / 2:.1f} 2.0L{WIDTH:.1f} 20.0"]


def test_an_area_is_filled_below_its_line() -> None:
    below, line = paths([10, 30], "area")
    assert below == f"{line}V{HEIGHT}H0Z"


def test_bars_stand_on_zero() -> None:
    assert paths([5, 10], "bar") == ["M12.0 38.0h96.0V20.0h-96.0ZM132.0 38.0h96.0V2.0h-96.0Z"]
    assert paths([-10, 10], "bar") == ["M12.0 20.0h96.0V38.0h-96.0ZM132.0 20.0h96.0V2.0h-96.0Z"]


@pytest.mark.parametrize("form", ["line", "bar", "area"])
@pytest.mark.parametrize("values", [[0.0, 0.0], [7.0, 7.0], [1e15, 3e18], [-1e-9, 1e-9]])
def test_every_number_lies_in_the_picture(form: Literal["line", "bar", "area"], values: list[float]) -> None:
    for path in paths(values, form):
        assert all(-WIDTH <= float(number) <= WIDTH for number in re.findall(r"-?\d+\.\d", path))
        assert "nan" not in path
