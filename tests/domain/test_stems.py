"""Templates cut into stem and rest, and the templates that cannot be."""

from __future__ import annotations

import pytest

from dashboard.domain.stems import StemGrammar, cut_template

USUAL = "{device}/{unit}/{captured:%Y/%m/%d}/{unit}_{captured:%Y%m%dT%H%M%S}_{seq:4}.{ext}"


def test_a_template_is_cut_after_its_last_unit_or_day() -> None:
    assert cut_template(USUAL, "ipad") == StemGrammar(
        stem_format="ipad/{unit}/%Y/%m/%d/{unit}_%Y%m%d",
        rest_pattern=r"T(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]_[0-9]{4}\.",
        rest_sample="T000000_0000.",
        ending=".",
    )


def test_a_percent_sign_in_a_stem_stands_for_itself() -> None:
    cut = cut_template("50%/{unit}/{seq:2}-x.{ext}", "ipad")
    assert cut is not None
    assert (cut.stem_format, cut.rest_pattern, cut.ending) == ("50%%/{unit}", r"/[0-9]{2}\-x\.", "-x.")


@pytest.mark.parametrize(
    "template",
    [
        "{device}/{seq:4}/{unit}/{captured:%Y%m%d}.{ext}",  # a number before the day
        "{device}/{unit}/{captured:%H%M%S}/{captured:%Y%m%d}.{ext}",  # a time before the day
        "{device}/{unit}/{captured:%Y%m%dT%H}/{captured:%H%M}.{ext}",  # the hour twice
        "{device}/{ext}/{unit}/{captured:%Y%m%d}",  # the extension is not the end
        "{device}/{unit}/{captured:%Y%m%d}.{ext}.bak",
        "{device}/slide_{seq:4}.{ext}",  # neither unit nor day
    ],
)
def test_other_templates_have_no_stems(template: str) -> None:
    assert cut_template(template, "ipad") is None


def test_declared_parts() -> None:
    parts: dict[str, tuple[str, ...] | str] = {"site": ("a", "bb"), "side": ("le", "ri"), "case": "digits:3"}
    cut = cut_template("{device}/{side}/{unit}_{site}_{case}.{ext}", "ipad", parts)
    assert cut == StemGrammar(
        stem_format="ipad/{side}/{unit}_{site}",
        rest_pattern=r"_[0-9]{3}\.",
        rest_sample="_000.",
        ending=".",
        lists=(("{site}", ("a", "bb")), ("{side}", ("le", "ri"))),
    )
    rest = cut_template("{device}/{unit}_{side}_{case}.{ext}", "ipad", parts)
    assert rest is not None
    assert (rest.rest_pattern, rest.rest_sample) == (r"_(?:le|ri)_[0-9]{3}\.", "_le_000.")
    assert cut_template("{device}/{case}/{unit}.{ext}", "ipad", parts) is None
    assert cut_template("{device}/{unit}_{case}_{case}.{ext}", "ipad", parts) is None
    assert cut_template("{device}/{unit}_{n}.{ext}", "ipad", {"n": "digits:1-2"}) is None
    assert cut_template("", "ipad") is None
