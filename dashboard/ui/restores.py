"""The Restore page's parts: the choice, its price at every speed, and the button that makes the plan."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pandas as pd
import streamlit as st

from dashboard.domain import prices
from dashboard.operate import restore
from dashboard.operate.choice import Choice
from dashboard.ui import links, plan_panel, source, stakes
from dashboard.ui.text import _


def prefix(*, sees_keys: bool) -> str:
    """The beginning of the keys, asked of those who may see keys: counting by it would tell them to others."""
    key = links.seed("prefix", lambda text: text[:1024], "")
    if not sees_keys:
        links.note("prefix", "")
        return ""
    given = st.text_input(
        _("Keys that begin with"), key=key, persist_state="session", max_chars=1024, width=420,
        placeholder=_("All keys"),
    )  # fmt: skip
    links.note("prefix", given)
    return str(given)


class Found:
    """What of a choice is archived.

    Args:
        rows: of restore.choices.
    """

    def __init__(self, rows: pd.DataFrame) -> None:
        is_archived = rows["storage_class"] != ""
        self.archived = rows[is_archived]
        self.object_count = int(self.archived["object_count"].sum())
        self.size_bytes = int(self.archived["size_bytes"].sum())
        self.readable_count = int(rows[~is_archived]["object_count"].sum())
        self.readable_bytes = int(rows[~is_archived]["size_bytes"].sum())


def at_every_speed(archived: pd.DataFrame, days: int) -> pd.DataFrame:
    """One row per archive and speed: archive, restore_speed, restore_hours, object_count, size_bytes, request_usd,
    retrieval_usd, copy_usd, restore_usd; None where a price is not known.

    Args:
        archived: rows of restore.choices.
    """
    region, book = stakes.known_prices()
    rows = []
    for row in archived.itertuples():
        place = prices.archive_of(str(row.storage_class), str(row.access_tier))
        for tier in reversed([tier for tier in prices.RESTORE_TIERS if place and tier.archive == place]):
            parts = {
                part.what: part.usd
                for part in restore.costs(
                    book, region, tier, int(row.object_count), int(row.size_bytes), days
                )
            }
            whole = (
                None if None in parts.values() else sum((usd for usd in parts.values() if usd), Decimal(0))
            )
            rows.append(
                {
                    "archive": place,
                    "restore_speed": tier.speed,
                    "restore_hours": stakes.hours(tier.hours),
                    "object_count": row.object_count,
                    "size_bytes": row.size_bytes,
                    "request_usd": parts.get("request"),
                    "retrieval_usd": parts.get("retrieval", Decimal(0)),
                    "copy_usd": parts.get("copy", Decimal(0)),
                    "restore_usd": whole,
                }
            )
    names = ["archive", "restore_speed", "restore_hours", "object_count", "size_bytes"]
    money = ["request_usd", "retrieval_usd", "copy_usd", "restore_usd"]
    return pd.DataFrame(rows, columns=[*names, *money]).astype(dict.fromkeys(money, object))


def days() -> int:
    """How long copies shall stay."""
    key = links.seed(
        "days", lambda text: min(max(int(text), 1), restore.MOST_DAYS) if text.isdecimal() else 7, 7
    )
    given = st.number_input(
        _("Days the copy stays"), 1, restore.MOST_DAYS, key=key, persist_state="session", width=180
    )
    links.note("days", "" if given == 7 else str(given))
    return int(given)


def make(choice: Choice, days_kept: int, count: int, speed_name: Callable[[str], str]) -> None:
    """The speed, the button that makes a plan, and the same for the command line."""
    key = links.seed("speed", lambda text: links.one_of(text, restore.SPEEDS, "bulk"), "bulk")
    speed = str(
        st.segmented_control(
            _("Speed"),
            restore.SPEEDS,
            format_func=speed_name,
            key=key,
            required=True,
            persist_state="session",
        )
    )
    links.note("speed", "" if speed == "bulk" else speed)
    plan_panel.offer(
        lambda by, reader: restore.make_plan(
            source.settings(), reader, choice, speed=speed, days=days_kept, made_by=by
        ),
        ["restore", *options(choice), f"--speed={speed}", f"--days={days_kept}"],
        is_ready=bool(count),
    )


def options(choice: Choice) -> list[str]:
    """A choice as options of the command line."""
    lists = (
        ("device", choice.devices),
        ("class", choice.storage_classes),
        ("kind", choice.kinds),
        ("label", choice.labels),
    )
    words = [f"--{name}={code}" for name, codes in lists for code in codes or ()]
    # All of the archive has to be said, too.
    return words + ([f"--prefix={choice.prefix}"] if choice.prefix or not words else [])
