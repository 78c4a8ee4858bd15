"""What of the settings a snapshot follows from."""

from __future__ import annotations

import json
from typing import Any

from dashboard.settings import Settings
from dashboard.settings.money import read_rates


def settings_fingerprint(settings: Settings) -> str:
    """What of the settings a snapshot depends on, as text."""
    whole = ("archive", "labels", "naming", "findings", "device", "inventory")
    wanted: Any = {**dict.fromkeys(whole, True), "costs": {"export"}}
    known = settings.model_dump(mode="json", include=wanted)
    known["rates"] = [rate.model_dump(mode="json") for rate in read_rates(settings.money).by_month.values()]
    return json.dumps(known, sort_keys=True)
