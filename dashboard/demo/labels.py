"""The labels of the clinic's images: object tags, some missing or only half there."""

from __future__ import annotations

import random
from datetime import date

from dashboard.demo.clinic import DeviceKind

REVIEWERS = ("佐藤 美咲", "田中 健", "M. Ito", "小川 さやか")
_STAGES = ("術前", "術後1週", "術後1か月", "初診", "再診")


def tags_for(
    rng: random.Random, device: DeviceKind, captured_on: date, *, is_misnamed: bool, is_new: bool
) -> dict[str, str]:
    """The object tags of an image: none, some, or all that make it labelled (see expected.REQUIRED_TAGS)."""
    tags = {
        "label": rng.choice(device.labels),
        "patient_ref": f"P-{rng.getrandbits(32):08x}",
        "eye": rng.choice(("R", "L")),
    }
    if rng.random() < 0.4:
        tags["reviewed_by"] = rng.choice(REVIEWERS)
    if rng.random() < 0.15:
        tags["stage"] = rng.choice(_STAGES)
    chance = 0.45 if is_misnamed else device.unlabelled * _month_factor(device, captured_on)
    if is_new:
        chance *= 2
    if rng.random() >= chance:
        return tags
    if rng.random() < 0.6:
        return {}
    tags.pop(rng.choice(("label", "patient_ref")))
    return tags


def _month_factor(device: DeviceKind, captured_on: date) -> float:
    """Some months went worse than others, and not the same ones on every device."""
    return (0.4, 1.8, 0.7, 0.5, 1.3, 1.1, 0.6)[(captured_on.month + captured_on.year + len(device.id)) % 7]
