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
        "{device}/{captured:%Y%m%d}.{ext}",  # no unit
    ],
)
def test_other_templates_have_no_stems(template: str) -> None:
    assert cut_template(template, "ipad") is None
