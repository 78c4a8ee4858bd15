"""The Restore page's parts: which objects, their price at every speed, and the button that makes the plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.domain import prices
from dashboard.operate import batch_plan, draft, listed, restore
from dashboard.operate.choice import Choice, Reader
from dashboard.ui import filters, frozen, labels, links, plan_panel, selection, source, stakes, tables
from dashboard.ui.found import Found
from dashboard.ui.page import Page
from dashboard.ui.text import N_, _

OF: dict[str, str] = {
    "choice": N_("Of a choice"),
    "dataset": N_("Images for a dataset"),
    "frozen": N_("A frozen dataset"),
    "list": N_("A list of keys"),
}


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


def begin_and_age(*, sees_keys: bool) -> dict[str, Callable[[], Any]]:
    """Fields of the filter row: how keys begin, and the day before which they were uploaded."""
    return {
        "prefix": lambda: prefix(sees_keys=sees_keys),
        "before": lambda: filters.day("before", _("Uploaded before"), width=210),
    }


def which(kinds: Mapping[str, str], *, sees_keys: bool) -> str:
    """Which kind of selection, kept in the address: a code of `kinds`, the first if nothing else was chosen. A list of
    keys is taken from those who may see keys."""
    codes = [code for code in kinds if code != "list" or sees_keys]
    of = links.choose("of", codes, codes[0])
    st.segmented_control(
        _("Which objects"), codes, format_func=lambda code: _(kinds[code]), key=links.state_key("of"), required=True,
        persist_state="session",
    )  # fmt: skip
    return str(of)


def pasted() -> Choice:
    """The objects of a list that somebody pastes. It never stands in the address."""
    given = st.text_area(
        _("One key or s3://bucket/key on each line"), key="pasted_keys", persist_state="session", height=140,
    )  # fmt: skip
    # A key may begin or end in a blank; what a list from elsewhere adds is the end of a line.
    return Choice(keys=tuple(dict.fromkeys(line.rstrip("\r") for line in given.split("\n") if line.strip())))


class Asked:
    """Which objects the page is about; kept in the address.

    Attributes:
        choice: None where the images are those that only a restore makes ready for a dataset.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        of = which(OF, sees_keys=page.sees_keys)
        self.choice: Choice | None = None
        self._frozen = ""
        if of == "dataset":
            self._selected = selection.form(page, has_split=False)
            st.caption(_("Of these, the archived images with a good name and every label."))
            return
        if of == "frozen":
            self._frozen, keys = frozen.archived_since()
            self.choice = Choice(keys=keys)
            return
        if of == "list":
            self.choice = pasted()
            return
        fields = begin_and_age(sees_keys=page.sees_keys)
        chosen = page.filters("devices", "classes", "kinds", "sizes", "labels", fields=fields)
        self.choice = Choice(
            devices=chosen["devices"],
            storage_classes=chosen["classes"],
            kinds=chosen["kinds"],
            labels=chosen["labels"],
            size_bands=chosen["sizes"],
            prefix=chosen.fields["prefix"],
            uploaded_before=chosen.fields["before"],
        )

    def found(self) -> Found:
        """What of it is archived."""
        if self.choice is not None:
            return Found(self._page.frame("restore.choices", **self.choice.params()))
        funnel = self._page.frame("dataset.funnel", **self._selected.gate_params())
        archived = selection.archived(funnel).assign(unsized_count=0)
        readable = funnel[funnel["readability"] == "readable"].assign(
            storage_class="", access_tier="", unsized_count=0
        )
        return Found(pd.concat([archived, readable[archived.columns]]))

    def words(self) -> list[str]:
        """The command that plans the same, without speed and days."""
        if self._frozen:
            return ["restore-dataset", self._frozen]
        if self.choice is not None:
            return ["restore", *options(self.choice)]
        return ["restore-dataset", *(self._selected.which() or ["--all"])]

    def chosen(self, reader: Reader) -> Choice:
        """The objects, for a plan about them: those of a dataset each by its key. Raises DashboardError."""
        if self.choice is not None:
            return self.choice
        settings = source.settings()
        snapshot_id = draft.snapshot_of(draft.basis(settings))
        limit = settings.operate.max_objects
        return Choice(keys=listed.archived(reader, self._selected.selection, snapshot_id, limit))


_PARTS = ("request_usd", "retrieval_usd", "copy_usd", "batch_usd")


def at_every_speed(archived: pd.DataFrame, days: int) -> pd.DataFrame:
    """One row per archive and speed, then one per speed for several together, as a plan would have them: archive,
    restore_speed, restore_hours, object_count, size_bytes, request_usd, retrieval_usd, copy_usd, batch_usd,
    restore_usd; None where a price is not known.

    Args:
        archived: rows of restore.choices.
    """
    region, book = stakes.known_prices()
    rows: list[dict[str, Any]] = []
    for row in archived.itertuples():
        place = prices.archive_of(str(row.storage_class), str(row.access_tier))
        for tier in reversed([tier for tier in prices.RESTORE_TIERS if place and tier.archive == place]):
            usd = {
                f"{part.what}_usd": part.usd
                for part in restore.costs(
                    book, region, tier, int(row.object_count), int(row.size_bytes), days
                )
            }
            rows.append(
                {
                    "archive": place,
                    "restore_speed": tier.speed,
                    "hours": tier.hours,
                    "object_count": int(row.object_count),
                    "size_bytes": int(row.size_bytes),
                    **dict.fromkeys(_PARTS, Decimal(0)),
                    **usd,
                    "jobs": {(place[:4] == "INT_", name) for name in str(row.job_places).split(" ")},
                }
            )
    rows += list(_of_all(rows))
    for made in rows:
        made["restore_hours"] = stakes.hours(made["hours"])
        made["restore_usd"] = _sum(made[name] for name in _PARTS)
    names = ["archive", "restore_speed", "restore_hours", "object_count", "size_bytes"]
    money = [*_PARTS, "restore_usd"]
    return pd.DataFrame(rows, columns=[*names, *money]).astype(dict.fromkeys(money, object))


def _of_all(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """A plan at each speed, where it is about more than one archive. What S3 Batch Operations costs is added to it."""
    settings = source.settings()
    for speed in restore.SPEEDS:
        each = [row for row in rows if row["restore_speed"] == speed]
        if not each:
            continue
        whole = each[0]
        if len(each) > 1:
            whole = {
                "archive": "",
                "restore_speed": speed,
                "hours": max(row["hours"] for row in each),
                "object_count": sum(row["object_count"] for row in each),
                "size_bytes": sum(row["size_bytes"] for row in each),
                **{name: _sum(row[name] for row in each) for name in _PARTS},
            }
        if speed in restore.BATCH_SPEEDS and batch_plan.is_left(settings, whole["object_count"]):
            job_count = len(set().union(*(row["jobs"] for row in each)))
            parts = batch_plan.costs(settings, job_count, whole["object_count"])
            whole["batch_usd"] = _sum(part.usd for part in parts)
        if len(each) > 1:
            yield whole


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """None if one of them is not known."""
    known, unknown_count = prices.total(amounts)
    return None if unknown_count else known


def say_unknown(rows: pd.DataFrame) -> None:
    """What an empty price of `at_every_speed` means, and how to mend it."""
    if rows["restore_usd"].isna().any():
        st.caption(_("Where the price is –, a part of it is not known."))
        st.caption(_("Renew it with: python -m dashboard prices refresh --download"))


def columns(rows: pd.DataFrame) -> list[tables.Column]:
    """The columns of `at_every_speed`; what S3 Batch Operations costs only where a plan would be left to it."""
    found = [
        tables.code("archive", _("Archive"), width=240),
        tables.code("restore_speed", _("Speed")),
        tables.text("restore_hours", _("Usually within")),
        tables.count("object_count", _("Objects")),
        tables.size("size_bytes", _("Size")),
        tables.money("request_usd", _("Requests"), is_fine=True),
        tables.money("retrieval_usd", _("Retrieval"), is_fine=True),
        tables.money("copy_usd", _("Temporary copy"), is_fine=True, width=112),
    ]
    if not all(usd == 0 for usd in rows["batch_usd"]):
        found.append(tables.money("batch_usd", _("S3 Batch Operations"), is_fine=True))
    return [*found, tables.money("restore_usd", _("Price"), is_fine=True)]


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


def make(asked: Asked, days_kept: int, count: int) -> None:
    """The speed, the button that makes a plan, and the same for the command line."""
    key = links.seed("speed", lambda text: links.one_of(text, restore.SPEEDS, "bulk"), "bulk")
    speed = str(
        st.segmented_control(
            _("Speed"),
            restore.SPEEDS,
            format_func=lambda code: labels.name("restore_speed", code),
            key=key,
            required=True,
            persist_state="session",
        )
    )
    links.note("speed", "" if speed == "bulk" else speed)
    plan_panel.offer(
        lambda by, reader: restore.make_plan(
            source.settings(), reader, asked.chosen(reader), speed=speed, days=days_kept, made_by=by
        ),
        [*asked.words(), f"--speed={speed}", f"--days={days_kept}"],
        is_ready=bool(count),
    )


def options(choice: Choice) -> list[str]:
    """A choice as options of the command line."""
    if choice.keys is not None:
        return ["--keys=FILE"]
    lists = (
        ("device", choice.devices),
        ("class", choice.storage_classes),
        ("kind", choice.kinds),
        ("label", choice.labels),
        ("size", choice.size_bands),
    )
    words = [f"--{name}={code}" for name, codes in lists for code in codes or ()]
    if choice.uploaded_before:
        words.append(f"--uploaded-before={choice.uploaded_before.isoformat()}")
    # All of the archive has to be said, too.
    return words + ([f"--prefix={choice.prefix}"] if choice.prefix or not words else [])
