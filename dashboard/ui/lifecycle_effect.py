"""What a draft of lifecycle rules would do and cost, and the buttons that make plans of it and of the way back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import formats
from dashboard.domain.lifecycle_effect import Amount
from dashboard.domain.plan import Plan
from dashboard.operate import lifecycle as operate
from dashboard.operate import lifecycle_words, plans
from dashboard.operate.lifecycle_reckoning import Reckoned
from dashboard.ui import charts, figures, operator, plan_panel, price_list, source, stakes, tables
from dashboard.ui.cards import Card
from dashboard.ui.lifecycle import Shown
from dashboard.ui.page import Page
from dashboard.ui.privacy import foreign
from dashboard.ui.text import _, n_


def reckon(page: Page, shown: Shown) -> Reckoned:
    """Hold the draft against the objects of the newest report; at ten million of them it takes some seconds, once."""

    def ask(name: str, params: Mapping[str, Any]) -> Iterable[tuple[Any, ...]]:
        rows: Iterable[tuple[Any, ...]] = page.frame(name, **params).itertuples(index=False, name=None)
        return rows

    with st.spinner(_("Held against every object of the newest report…")):
        return operate.reckoned(
            source.settings(), ask, shown.now.bucket, shown.now.configuration, shown.draft.after
        )


def cards(found: Reckoned) -> list[Card]:
    """What moves, what goes, what it costs and whether it pays."""
    ahead, moved, deleted = found.outlook, found.moved_more, found.deleted_more
    month = ahead.break_even_month
    pays = (
        _("prices are missing") if ahead.saved_usd is None
        else _("not in 12 months") if month is None
        else _("from month {month}").format(month=month)
    )  # fmt: skip
    fees = sum((item.fee_usd + item.early_usd for item in ahead.months), start=0 * ahead.months[0].fee_usd)
    return [
        Card(
            _("Moves more"),
            moved.object_count,
            "count",
            note=formats.size(moved.size_bytes),
            icon="move_down",
        ),
        Card(
            _("Expires or goes"),
            deleted.object_count,
            "count",
            note=formats.size(deleted.size_bytes),
            icon="delete",
        ),
        Card(
            _("Moving and leaving early"),
            fees,
            "money",
            note=_("in 12 months, with the change"),
            icon="payments",
        ),
        Card(_("Saved in 12 months"), ahead.saved_usd, "money", note=pays, icon="savings"),
    ]


def notes(found: Reckoned) -> None:
    """What the figures rest on and leave out, line by line."""
    small, unknown = found.after.small, found.after.unknown_age
    lines = [
        _(
            "Months of 30 days from the day after the report. What is uploaded later is not counted. "
            "Objects that enter Intelligent-Tiering are reckoned as Frequent Access."
        )
    ]
    if small.object_count:
        said = _("Too small to be moved (under 128 KiB): {amount}")
        lines.append(said.format(amount=_amount(small)))
    if unknown.object_count:
        lines.append(_("Without a day of upload, so not counted: {amount}").format(amount=_amount(unknown)))
    if found.unsized_count:
        lines.append(lifecycle_words.unsized(found.unsized_count))
    if found.has_versions:
        lines.append(
            _("The bucket keeps versions: what expires stays as an older version until a rule deletes those.")
        )
    elif found.deleted_more.object_count:
        lines.append(
            _(
                "The report lists no versions. If the bucket keeps some, what expires stays there and goes on costing."
            )
        )
    if found.outlook.early or any(item.early_usd for item in found.outlook.months):
        lines.append(
            _(
                "Leaving a class early counts from the day of upload, so it may cost more: "
                "no report says when a class began."
            )
        )
    if not found.counts_versions:
        lines.append(_("Older versions of now are not in the sums: no rule about them changes."))
    lines += [
        _("Not counted: {rule}").format(rule=lifecycle_words.left_out(item, foreign))
        for item in found.uncounted
    ]
    if found.outlook.missing:
        said = _("Prices that are not known, so that what they ask for is in no figure here: {names}")
        lines.append(said.format(names=_(", ").join(map(price_list.name, found.outlook.missing))))
    for line in lines:
        st.text(line)
    st.caption(stakes.sources())


def months(page: Page, found: Reckoned) -> None:
    """The twelve months as lines and as a table."""
    rows = pd.DataFrame(
        [
            (
                item.begins_on, item.moved.object_count, item.moved.size_bytes, item.expired.object_count,
                item.deleted.object_count,
                item.deleted.size_bytes, item.fee_usd, item.early_usd, item.before_usd, item.after_usd, item.saved_usd,
            )
            for item in found.outlook.months
        ],
        columns=[
            "begins_on", "moved_count", "moved_bytes", "expired_count", "deleted_count", "deleted_bytes", "fee_usd",
            "early_usd",
            "before_usd", "after_usd", "saved_usd",
        ],
    )  # fmt: skip
    money = ["fee_usd", "early_usd", "before_usd", "after_usd", "saved_usd"]
    rows = rows.astype(dict.fromkeys(money, object))
    lines = pd.concat(
        [
            pd.DataFrame(
                {"begins_on": rows["begins_on"], "rules_side": side, "cost_usd": rows[f"{side}_usd"]}
            )
            for side in ("before", "after")
        ]
    )
    charts.over_time(
        lines, x="begins_on", y="cost_usd", series="rules_side", key="rule_months", height=260,
        alt=_("Cost of each month with the rules as they are and with the change"),
    )  # fmt: skip
    columns = [
        tables.day("begins_on", _("Month from")),
        tables.count("moved_count", _("Moved")),
        tables.size("moved_bytes", _("Moved, size")),
        tables.count("expired_count", _("Expires")),
        tables.count("deleted_count", _("Deleted")),
        tables.size("deleted_bytes", _("Deleted, size")),
        tables.money("fee_usd", _("Moving fees"), is_fine=True),
        tables.money("early_usd", _("Early leaving fees"), is_fine=True),
        tables.money("before_usd", _("Without the change")),
        tables.money("after_usd", _("With the change")),
        tables.money("saved_usd", _("Saved since the start")),
    ]
    page.table(rows, columns, name="months")


def readings(page: Page, found: Reckoned) -> None:
    """What is left of it if a part is read back."""
    ahead = found.outlook
    if not ahead.readings:
        figures.empty(_("A price is missing, so this cannot be said."))
        return
    rows = pd.DataFrame(
        [(float(item.share), item.retrieval_usd, item.saved_usd) for item in ahead.readings],
        columns=["read_share", "retrieval_usd", "saved_usd"],
    ).astype({"retrieval_usd": object, "saved_usd": object})
    columns = [
        tables.share("read_share", _("Read each month")),
        tables.money("retrieval_usd", _("Retrieval"), is_fine=True),
        tables.money("saved_usd", _("Saved in 12 months"), is_fine=True),
    ]
    page.table(rows, columns, name="readings")
    if ahead.bearable_share is not None:
        said = _("Up to {share} of what lies colder may be read each month before nothing is saved.")
        st.text(said.format(share=formats.share(float(ahead.bearable_share))))


def records(page: Page, found: Reckoned) -> None:
    """Statutory records that get slower to read than the settings allow, or go."""
    rows = pd.DataFrame(
        [
            (
                item.device_id, item.to_class or "EXPIRED", stakes.hours(item.hours) if item.to_class else "",
                item.object_count, item.size_bytes,
            )
            for item in found.outlook.records
        ],
        columns=["device_id", "to_class", "restore_hours", "object_count", "size_bytes"],
    )  # fmt: skip
    columns = [
        tables.code("device_id", _("Device")),
        tables.code("to_class", _("Goes to")),
        tables.text("restore_hours", _("Readable after")),
        tables.count("object_count", _("Objects")),
        tables.size("size_bytes", _("Size")),
    ]
    page.table(rows, columns, name="records", empty=_("None, by the [records] table of the settings."))


def make(shown: Shown, *, is_sound: bool) -> None:
    """The button that makes a plan of the draft."""
    draft = shown.draft
    plan_panel.offer(
        lambda by, _reader: operate.make_plan(
            source.settings(),
            plan_panel.journal(),
            _ask_now,
            draft.bucket,
            draft.after,
            made_by=by,
            may_touch=draft.may_touch,
        ),
        is_ready=is_sound,
    )


def way_back(digest: str) -> Callable[[], Plan] | None:
    """The button that takes a run back: how to make the plan of that, once it was clicked."""
    said = _("Plans the rules that the bucket had before this run; nothing is done before that is confirmed")
    if not st.button(_("Undo…"), icon=":material/undo:", key=f"undo_{digest[:12]}", help=said):
        return None
    kept = plan_panel.journal()
    return lambda: operate.plan_undo(
        source.settings(), kept, _ask_now, plans.find(kept, digest), made_by=operator.acting("operate")
    )


def _ask_now(name: str, params: Mapping[str, Any]) -> Iterable[tuple[Any, ...]]:
    return source.warehouse().rows(name, dict(params))[1]


def _amount(amount: Amount) -> str:
    counted = n_("{count} object", "{count} objects", amount.object_count)
    objects = counted.format(count=formats.count(amount.object_count))
    return _(", ").join((objects, formats.size(amount.size_bytes)))
