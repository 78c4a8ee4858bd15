"""Every fault an archive of images can have, each seeded on purpose and counted.

A fault turns the key of a good image into a bad one and changes nothing else, so a name has one fault, or one that is
plainly the more specific. Where two could be named, the first of `REASONS` is the one that is meant. All people are
invented.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from dashboard.demo.clinic import DEVICE, IN_USE_FROM, JST


@dataclass(frozen=True)
class Shot:
    """One capture: what a good key is made of."""

    device_id: str
    unit_id: str
    captured_at: datetime
    sequence: int
    extension: str

    @property
    def folder(self) -> str:
        return f"{self.device_id}/{self.unit_id}/{self.captured_at:%Y/%m/%d}/"

    @property
    def stem(self) -> str:
        return f"{self.device_id}-{self.unit_id}_{self.captured_at:%Y%m%dT%H%M%S}_{self.sequence % 10_000:04}"

    @property
    def key(self) -> str:
        return f"{self.folder}{self.stem}.{self.extension}"


NAMES = (
    "山田花子",
    "鈴木一郎",
    "高橋美咲",
    "渡辺健太",
    "伊藤さくら",
    "ヤマモト ケンジ",
    "中村陽子",
    "小林大輔",
)
_CAMERA_NAMES = {
    "ipad": ("IMG_{:04}", "IMG_E{:04}"),
    "dslr": ("IMG_{:04}", "DSC_{:04}", "_MG_{:04}", "P101{:04}"),
}
_WRONG_FOLDERS = {"ipad": "dslr-01", "dslr": "ipad-02", "surgical": "bacteria-lab1", "bacteria": "surgical-or1",
                  "endoscope": "xray-x1", "xray": "endoscope-e1"}  # fmt: skip


def my_number(rng: random.Random) -> str:
    """Twelve digits with a valid check digit, as the Japanese individual number has them; belongs to nobody."""
    digits = [rng.randrange(10) for _ in range(11)]
    total = sum(digit * (n + 1 if n <= 6 else n - 5) for n, digit in enumerate(reversed(digits), start=1))
    rest = total % 11
    return "".join(map(str, digits)) + str(0 if rest <= 1 else 11 - rest)


def mojibake(text: str) -> str:
    """What UTF-8 text looks like once it was read as cp932."""
    return text.encode().decode("cp932", errors="ignore")


def _patient(shot: Shot, rng: random.Random) -> str:
    name = rng.choice(NAMES)
    born = rng.randrange(20, 64)
    return rng.choice(
        (
            f"{shot.folder}{name.replace(' ', '')}/{shot.stem}.{shot.extension}",
            f"{shot.folder}{shot.stem}_{name.replace(' ', '')}.{shot.extension}",
            f"{shot.folder}{shot.stem}_ID{rng.randrange(10**7, 10**8)}.{shot.extension}",
            f"{shot.folder}{shot.stem}_S{born:02}.{rng.randrange(1, 13):02}.{rng.randrange(1, 28):02}.{shot.extension}",
            f"{shot.folder}{shot.stem}_{my_number(rng)}.{shot.extension}",
            f"{shot.folder}昭和{born}年{rng.randrange(1, 13)}月{rng.randrange(1, 28)}日/{shot.stem}.{shot.extension}",
        )
    )


def _dated(shot: Shot, day: date) -> str:
    moment = datetime(
        day.year, day.month, day.day, shot.captured_at.hour, shot.captured_at.minute, tzinfo=JST
    )
    return replace(shot, captured_at=moment).key


def _impossible_date(shot: Shot, rng: random.Random) -> str:
    month, day = rng.choice(((2, 30), (2, 31), (4, 31), (6, 31), (9, 31), (11, 31)))
    year = shot.captured_at.year
    folder = f"{shot.device_id}/{shot.unit_id}/{year}/{month:02}/{day:02}/"
    stem = f"{shot.device_id}-{shot.unit_id}_{year}{month:02}{day:02}T{shot.captured_at:%H%M%S}_{shot.sequence:04}"
    return f"{folder}{stem}.{shot.extension}"


def _date_mismatch(shot: Shot, rng: random.Random) -> str:
    other = replace(shot, captured_at=shot.captured_at - timedelta(days=rng.choice((1, 1, 1, 2, 7))))
    return f"{other.folder}{shot.stem}.{shot.extension}"


def _clock_reset(shot: Shot, rng: random.Random) -> str:
    return _dated(shot, rng.choice((date(1970, 1, 1), date(2000, 1, 1), date(2016, 1, 1))))


def _before_device(shot: Shot, rng: random.Random) -> str:
    return _dated(shot, IN_USE_FROM - timedelta(days=rng.randrange(200, 900)))


def _camera_name(shot: Shot, rng: random.Random) -> str:
    name = rng.choice(_CAMERA_NAMES.get(shot.device_id, ("IMG_{:04}",))).format(rng.randrange(1, 9999))
    return f"{shot.folder}{name}.{shot.extension}"


def _too_long(shot: Shot, rng: random.Random) -> str:
    # S3 itself refuses more than 1,024 bytes; other stores that speak its protocol do not, nor does this one.
    detail = "_left_anterior_segment_before_cleaning" * 40
    return f"{shot.folder}{(shot.stem + detail)[: 1030 - len(shot.folder)]}.{shot.extension}"


def _suffix(*choices: str) -> Callable[[Shot, random.Random], str]:
    return lambda shot, rng: f"{shot.folder}{shot.stem}{rng.choice(choices)}.{shot.extension}"


def _extension(*choices: str) -> Callable[[Shot, random.Random], str]:
    return lambda shot, rng: f"{shot.folder}{shot.stem}.{rng.choice(choices)}"


def _stem(*changes: Callable[[str], str]) -> Callable[[Shot, random.Random], str]:
    return lambda shot, rng: f"{shot.folder}{rng.choice(changes)(shot.stem)}.{shot.extension}"


@dataclass(frozen=True)
class Fault:
    """A fault of a name: its reason code, its share of all images, the devices it befalls and what it does."""

    reason: str
    share: float
    spoil: Callable[[Shot, random.Random], str]
    devices: tuple[str, ...] = tuple(DEVICE)


_FULL_WIDTH = {ord(char): chr(ord(char) + 0xFEE0) for char in "0123456789"}
_ACCENTED = ("Ménière", "ガーゼ", "レンズ")

FAULTS = (
    Fault("patient_identifier", 0.0035, _patient, ("surgical", "dslr", "xray", "endoscope")),
    Fault("mojibake", 0.0015, _suffix(*(f"_{mojibake(text)}" for text in ("右眼", "左眼術後", "前眼部"))),
          ("endoscope", "xray")),
    Fault("nfd_text", 0.0015, _suffix(*(unicodedata.normalize("NFD", f"_{text}") for text in _ACCENTED)), ("ipad",)),
    Fault("hidden_character", 0.001, _suffix("\u200b", "_\u202egpj", "\u00ad", "_\x7f")),
    Fault("full_width", 0.0015, _stem(lambda stem: stem.translate(_FULL_WIDTH), lambda stem: stem.replace("_", "＿")),
          ("endoscope", "bacteria")),
    Fault("too_long", 0.0002, _too_long, ("bacteria",)),
    Fault("copy_suffix", 0.004, _suffix("(1)", " (2)", " copy", "のコピー", " - コピー"), ("ipad", "dslr", "surgical")),
    Fault("camera_default_name", 0.012, _camera_name, ("ipad", "dslr")),
    Fault("clock_reset", 0.004, _clock_reset, ("dslr", "surgical", "bacteria")),
    Fault("impossible_date", 0.001, _impossible_date),
    Fault("date_mismatch", 0.004, _date_mismatch),
    Fault("date_in_future", 0.001, lambda shot, rng: _dated(shot, (shot.captured_at + timedelta(days=730)).date())),
    Fault("date_before_device", 0.001, _before_device, ("dslr", "bacteria", "xray")),
    Fault("upper_case_extension", 0.006, lambda shot, rng: f"{shot.folder}{shot.stem}.{shot.extension.upper()}",
          ("dslr", "ipad", "endoscope")),
    Fault("extension_not_allowed", 0.002, _extension("bmp", "gif", "webp", "docx")),
    Fault("unknown_unit", 0.002, lambda shot, rng: replace(shot, unit_id=rng.choice(("99", "loan", "test"))).key),
    Fault("wrong_folder", 0.002, lambda shot, rng: (
        f"{shot.folder}{_WRONG_FOLDERS[shot.device_id]}_{shot.stem.split('_', 1)[1]}.{shot.extension}")),
    Fault("contains_space", 0.003, _stem(lambda stem: stem.replace("_", " "), lambda stem: stem.replace("_", " _"))),
    Fault("pattern_mismatch", 0.005, _stem(
        lambda stem: stem.replace("T", ""), lambda stem: stem[:-1], lambda stem: f"{stem}_b",
        lambda stem: stem.rsplit("_", 1)[0])),
    Fault("unknown_device", 0.002, lambda shot, rng: (
        f"{(name := rng.choice(('scanner', 'oct', 'old_camera')))}/{shot.unit_id}/{shot.captured_at:%Y/%m/%d}/"
        f"{name}-{shot.unit_id}_{shot.stem.split('_', 1)[1]}.{shot.extension}")),
)  # fmt: skip
REASONS = tuple(fault.reason for fault in FAULTS)
"""Reason codes, the most telling first."""

JUNK_NAMES = (
    ".DS_Store",
    "._IMG_0042.jpg",
    "Thumbs.db",
    "desktop.ini",
    "~$患者一覧.xlsx",
    "upload.tmp",
    "IMG_1207.heic.part",
)
