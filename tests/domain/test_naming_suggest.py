"""What is mined out of keys fits them, and compiles."""

from __future__ import annotations

import calendar
import random
import uuid
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.domain.naming import DeviceGrammar, compile_device
from dashboard.domain.naming_suggest import mine
from dashboard.domain.naming_suggest_units import Mined, loose_units

MONTHS = tuple(calendar.month_name)[1:]
ROOMS = tuple(f"CT{number:02}" for number in range(1, 13))


def compiled(mined: Mined, folder: str = "ipad/", device_id: str = "ipad") -> DeviceGrammar:
    return compile_device(
        device_id=device_id, folder=folder, template=mined.template, parts=mined.parts, units=mined.units,
        extensions=mined.extensions, in_use_from=date(1970, 1, 1),
    )  # fmt: skip


def keys_of(template: str, count: int = 400, seed: int = 1, **lists: Any) -> list[str]:
    """Synthetic keys: {unit}, {day}, {time}, {n4} and any list of one's own."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        moment = datetime(2026, 1, 1) + timedelta(minutes=chance.randrange(400_000))
        values = {name: chance.choice(texts) for name, texts in lists.items()}
        found.append(template.format(t=moment, n=number % 10_000, r=chance.randrange(10_000), **values))
    return found


@pytest.mark.parametrize(
    ("keys", "template", "units", "parts"),
    [
        ("ipad/{unit}/{t:%Y/%m/%d}/{unit}_{t:%Y%m%dT%H%M%S}_{n:04}.heic",
         "{device}/{unit}/{captured:%Y/%m/%d}/{unit}_{captured:%Y%m%dT%H%M%S}_{seq:4}.{ext}", ("a-01", "a-02"), {}),
        ("ipad/{unit}/{t:%Y%m%d}/ipad-{unit}_{n:04}.heic",
         "{device}/{unit}/{captured:%Y%m%d}/{device}-{unit}_{seq:4}.{ext}", ("a-01", "a-02"), {}),
        ("ipad/{unit}/{t:%Y%m%d}/ipad-{unit}-{n:04}.heic",
         "{device}/{unit}/{captured:%Y%m%d}/ipad-{unit}-{seq:4}.{ext}", ("a-01", "a-02"), {}),
        ("ipad/{t:%Y-%m}/{site}_{t:%Y-%m-%d}_{t:%H%M%S}.jpg",
         "{device}/{captured:%Y-%m}/{unit}_{captured:%Y-%m-%d_%H%M%S}.{ext}", ("or1", "or2"), {}),
        ("ipad/{t:%Y}/{unit}/{site}/{t:%d.%m.%Y} {n:04}.jpg",
         "{device}/{captured:%Y}/{unit}/{part1}/{captured:%d.%m.%Y} {seq:4}.{ext}", ("a-01", "a-02"),
         {"part1": ("or1", "or2")}),
        ("ipad/{unit}/case{r:05}/{t:%Y年%m月%d日}/{n:04}.jpg",
         "{device}/{unit}/case{part1}/{captured:%Y年%m月%d日}/{seq:4}.{ext}".replace("{captured:%Y年%m月%d日}",
         "{captured:%Y年%m月%d}日"), ("a-01", "a-02"), {"part1": "digits:5"}),
        ("ipad/one/{t:%Y%m%d}/one_{n:04}.jpg", "{device}/{unit}/{captured:%Y%m%d}/{unit}_{seq:4}.{ext}",
         ("one",), {}),
        # Words of other scripts are a list where they are few, and a year or month in Japanese signs is no unit.
        ("ipad/{t:%Y/%m}/{unit}_{t:%Y%m%d_%H%M%S}_{eye}_{n:04}.jpg",
         "{device}/{captured:%Y/%m}/{unit}_{captured:%Y%m%d_%H%M%S}_{part1}_{seq:4}.{ext}", ("a-01", "a-02"),
         {"part1": ("右", "左眼")}),
        ("ipad/令和8年/{t:%m}月/{unit}_R08{t:%m%d}_{t:%Y%m%dT%H%M%S}_{n:03}.jpg",
         "{device}/令和{part1}年/{captured:%m}月/{unit}_R{part2}_{captured:%Y%m%dT%H%M%S}_{seq:3}.{ext}",
         ("a-01", "a-02"), {"part1": "digits:1", "part2": "digits:6"}),
        ("ipad/{t:%Y}年/{t:%m}月/N26-{r:05}_{t:%Y%m%d}_{n:03}.jpg",
         "{device}/{captured:%Y年/%m}月/N26-{part1}_{captured:%Y%m%d}_{seq:3}.{ext}", ("ipad",),
         {"part1": "digits:5"}),
        ("ipad/2026年11月/症例{n:03}.jpg", "{device}/{part1}年{part2}月/症例{seq:3}.{ext}", ("ipad",),
         {"part1": "digits:4", "part2": "digits:2"}),
        ("ipad/{unit}/{stain}_{t:%Y%m%d%H%M%S}.svs", "{device}/{unit}/{part1}_{captured:%Y%m%d%H%M%S}.{ext}",
         ("a-01", "a-02"), {"part1": ("HE", "Ki67", "PAS")}),
        # Numbers that go on are no closed list, however few they are yet; a unit is one, and so are a few numbers.
        ("ipad/{room}/study-{t:%Y%m%d}-{case}/IM{n:04}.dcm",
         "{device}/{unit}/study-{captured:%Y%m%d}-{part1}/IM{seq:4}.{ext}", ROOMS, {"part1": "digits:4"}),
        ("ipad/{unit}/{case}/{zoom}_{n:04}.jpg", "{device}/{unit}/{part1}/{part2}_{seq:4}.{ext}", ("a-01", "a-02"),
         {"part1": "digits:4", "part2": ("x10", "x20", "x40")}),
        ("ipad/PT{r:06}/{t:%Y%m%d}/{room}/IM-{few}-{case}.dcm",
         "{device}/PT{part1}/{captured:%Y%m%d}/{unit}/IM-{part2}-{seq:4}.{ext}", ROOMS,
         {"part1": "digits:6", "part2": "digits:4"}),
        ("ipad/{t:%Y/%m/%d}/{unit}-{t:%H%M%S}-{n:04}.png",
         "{device}/{captured:%Y/%m/%d}/{unit}-{captured:%H%M%S}-{seq:4}.{ext}", ("a-01", "a-02"), {}),
        # A unique id is one text, whatever letters and digits follow each other in it.
        ("ipad/{unit}/{uid}.jpg", "{device}/{unit}/{part1}.{ext}", ("a-01", "a-02"), {"part1": "text:36"}),
        # Years and months without a day are no units, and next year's and next month's are names as good.
        ("ipad/{t:%Y}/{t:%m}/slide_{n:04}.png", "{device}/{part1}/{part2}/slide_{seq:4}.{ext}", ("ipad",),
         {"part1": "digits:4", "part2": "digits:2"}),
        ("ipad/{t:%B %Y}/{unit}/IMG_{n:04}.png", "{device}/{part1} {part2}/{unit}/IMG_{seq:4}.{ext}", ("a-01", "a-02"),
         {"part1": MONTHS, "part2": "digits:4"}),
    ],
)  # fmt: skip
def test_known_layouts(keys: str, template: str, units: tuple[str, ...], parts: dict[str, Any]) -> None:
    cases = [f"{number:04}" for number in range(1, 40)]
    chance = random.Random(5)
    found = keys_of(
        keys,
        unit=["a-01", "a-02"],
        site=["or1", "or2"],
        room=ROOMS,
        case=cases,
        few=["0001", "0002", "0003"],
        zoom=["x10", "x20", "x40"],
        eye=["右", "左眼"],
        stain=["HE", "Ki67", "PAS"],
        uid=[str(uuid.UUID(int=chance.getrandbits(128))) for _number in range(400)],
    )
    mined = mine(found, "ipad/", "ipad")
    assert mined is not None
    assert (mined.template, mined.units, mined.parts) == (template, units, parts)
    assert all(compiled(mined).matches(key) for key in found)
    assert mined.first_day is None or mined.first_day >= date(2026, 1, 1)


def test_a_few_wrong_keys_are_misfits_and_do_not_hinder() -> None:
    good = keys_of("ipad/{unit}/{t:%Y%m%d}/{unit}_{n:04}.heic", unit=["a1", "b2"])
    bad = ["ipad/IMG_0001.JPG", "ipad/a1/20260230/a1_0001.heic", "ipad/a1/20260102/b2_0001.heic", "ipad/x/y"]
    reset = ["ipad/a1/19700101/a1_0001.heic"]
    bad += [
        "ipad/a1/20260102/a1_7.heic"
    ]  # a number of another width is no reason to call all of them something else
    upper = [key.replace(".heic", ".HEIC") for key in good[:5]]
    mined = mine([*good, *bad, *reset, *upper], "ipad/", "ipad")
    assert mined is not None
    assert mined.extensions == ("heic",)
    grammar = compiled(mined)
    assert mined.template == "{device}/{unit}/{captured:%Y%m%d}/{unit}_{seq:4}.{ext}"
    assert all(grammar.matches(key) for key in good)
    assert not any(grammar.matches(key) for key in [*bad, *upper])
    assert mined.first_day is not None
    assert mined.first_day.year == 2026


def test_names_of_patients_are_no_list() -> None:
    names = ["山田花子", "佐藤一郎", "高橋美咲", "鈴木大輔"]
    found = keys_of("ipad/{unit}/{name}_{t:%Y%m%d}_{n:04}.jpg", unit=["a1", "b2"], name=names)
    found += keys_of("ipad/{unit}/{t:%Y%m%d}_{n:04}.jpg", 150, unit=["a1", "b2"])
    mined = mine(found, "ipad/", "ipad")
    assert mined is not None
    assert not any(name in f"{mined.template}{mined.parts}{mined.units}" for name in names)


def test_units_of_another_form_are_found_when_the_layout_is_known() -> None:
    one = keys_of("ipad/{unit}/{t:%Y%m%d}_{n:04}.heic", unit=["a1", "b2"])
    two = keys_of("ipad/{unit}/{t:%Y%m%d}_{n:04}.heic", 50, unit=["room-3"])
    mined = mine([*one, *two], "ipad/", "ipad")
    assert mined is not None
    assert mined.units == ("a1", "b2")
    assert loose_units([*one, *two], mined, "ipad") == ("a1", "b2", "room-3")


@pytest.mark.parametrize(
    "keys", [[], ["ipad/x"], ["ipad/{a}.jpg"] * 3, ["ipad/.jpg"], ["ipad/\n\x00.jpg"], ["ipad/日本.jpg"] * 2]
)
def test_keys_without_order_do_not_crash(keys: list[str]) -> None:
    mined = mine(keys, "ipad/", "ipad")
    assert mined is None or compiled(mined) is not None


NAME = st.text("abcxyz0123456789-", min_size=1, max_size=6).filter(lambda text: text[0] != "-" != text[-1])


@settings(max_examples=60)
@given(
    units=st.lists(NAME, min_size=1, max_size=5, unique_by=str.casefold),
    sites=st.lists(NAME, min_size=2, max_size=4, unique_by=str.casefold),
    layout=st.sampled_from(
        [
            "ipad/{unit}/{t:%Y/%m/%d}/{unit}_{t:%Y%m%dT%H%M%S}_{n:04}.jpg",
            "ipad/{site}/{unit}/{t:%Y%m%d}/{site}_{n:06}.jpg",
            "ipad/{t:%Y%m%d%H%M%S}_{unit}_{site}_{r:04}_{n:03}.jpg",
            "ipad/{unit}/{n:05}.jpg",
        ]
    ),
    seed=st.integers(0, 99),
)
def test_every_suggestion_compiles_and_fits_most_of_its_keys(
    units: list[str], sites: list[str], layout: str, seed: int
) -> None:
    keys = keys_of(layout, 300, seed, unit=units, site=sites)
    mined = mine(keys, "ipad/", "ipad")
    assert mined is not None
    more = tuple(sorted({*mined.units, *loose_units(keys, mined, "ipad")}))
    try:
        grammar = compiled(Mined(mined.template, more, mined.extensions, mined.parts, None))
    except ValueError:
        grammar = compiled(mined)
    # Units of several forms make several orders of parts; the suggestion is of the most frequent one.
    assert sum(grammar.matches(key) for key in keys) >= len(keys) / (len(units) * len(sites)) * 0.5
