"""The Restore page's parts: the choice, its price at every speed, the plan, and the drawer that confirms it."""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pandas as pd
import streamlit as st

from dashboard.domain import prices
from dashboard.errors import DashboardError
from dashboard.operate import plans, restore
from dashboard.operate.journal import Journal
from dashboard.operate.plans import KeptPlan
from dashboard.operate.restore import Choice
from dashboard.ui import faults, formats, labels, links, operator, source, stakes
from dashboard.ui.text import _, language, n_, speak

SHOWN_ITEMS = 1_000
_TOKEN, _TOLD = "restore_token", "restore_told"


def journal() -> Journal:
    """The journal of the warehouse that is served."""
    return Journal(source.settings().warehouse.folder)


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
    st.button(
        _("Make a plan"), icon=":material/fact_check:", type="primary", key="make_plan", disabled=not count,
        on_click=_make, args=(choice, speed, days_kept),
        help=_("A plan changes nothing: it says exactly what would be done, and waits to be confirmed"),
    )  # fmt: skip
    st.caption(_("The same on the command line:"))
    st.text(command(choice, speed, days_kept))


def command(choice: Choice, speed: str, days_kept: int) -> str:
    """The command line that makes the same plan."""
    words = ["python", "-m", "dashboard", "plan", "restore"]
    lists = (("device", choice.devices), ("class", choice.storage_classes), ("kind", choice.kinds))
    words += [f"--{name}={code}" for name, codes in lists for code in codes or ()]
    # All of the archive has to be said, too.
    words += [f"--prefix={choice.prefix}"] if choice.prefix or len(words) == 5 else []
    return shlex.join([*words, f"--speed={speed}", f"--days={days_kept}"])


def _make(choice: Choice, speed: str, days_kept: int) -> None:
    settings = source.settings()
    try:
        made = restore.make_plan(
            settings,
            source.warehouse(),  # type: ignore[arg-type]
            choice,
            speed=speed,
            days=days_kept,
            made_by=operator.name(),
        )
        st.session_state[links.state_key("plan")] = plans.keep(journal(), made).digest
    except DashboardError as fault:
        st.session_state[_TOLD] = fault


def opened() -> KeptPlan | None:
    """The plan that the address names or that was just made, if there is one."""
    if isinstance(told := st.session_state.pop(_TOLD, None), DashboardError):
        faults.show(told)
    digest = str(st.session_state[links.seed("plan", str, "")])
    if not digest:
        return None
    try:
        found = plans.find(journal(), digest)
    except DashboardError as fault:
        faults.show(fault)
        return None
    links.note("plan", found.digest)
    return found


def costs(plan: KeptPlan) -> pd.DataFrame:
    """Parts of a plan's price: cost_part, archive, part_usd."""
    rows = [
        (part["what"], part["place"], None if part["usd"] is None else Decimal(part["usd"]))
        for part in plan.header["costs"]
    ]
    return pd.DataFrame(rows, columns=["cost_part", "archive", "part_usd"]).astype({"part_usd": object})


def items(plan: KeptPlan, *, is_refused: bool) -> pd.DataFrame:
    """The first items of a plan, as domain.plan.Item names them."""
    columns = [
        "source_bucket",
        "key",
        "version_id",
        "e_tag",
        "storage_class",
        "access_tier",
        "size_bytes",
        "refusal",
    ]
    rows = plans.items(journal(), plan, is_refused=is_refused, limit=SHOWN_ITEMS)
    return pd.DataFrame(rows, columns=columns)


def lacking(plan: KeptPlan) -> str:
    """What the known price leaves out, translated; '' if it is whole."""
    return _("without what has no known price") if plan.usd[1] else ""


def told(plan: KeptPlan) -> None:
    """In words: speed, days, hours, calls, until when it holds, and the digest."""
    header = plan.header
    params = header["params"]
    words = [labels.name("restore_speed", params["speed"])]
    words += [_("{days} days").format(days=params["days"]), stakes.hours(Decimal(header["hours"]))]
    words += [f"{formats.count(count)} {name}" for name, count in header["calls"].items()]
    st.text(" · ".join(words))
    zone = source.settings().archive.timezone
    until = formats.when(datetime.fromisoformat(header["expires_at"]), zone)
    st.text(_("May be confirmed until {moment}; snapshot {snapshot}; needs {permissions}").format(
        moment=until, snapshot=header["basis"]["snapshot"].partition(" ")[0],
        permissions=", ".join(header["permissions"]),
    ))  # fmt: skip
    st.text(plan.digest)


def confirm(plan: KeptPlan) -> None:
    """The button that opens the drawer, for those who may."""
    if plan.state not in {"", "waiting"}:
        st.caption(_("This plan has been confirmed; it runs once."))
        return
    if plan.state == "waiting":
        st.caption(_("One person has confirmed it; another one has to."))
    may = operator.may_confirm()
    if st.button(
        _("Confirm…"), icon=":material/verified_user:", type="primary", key="open_confirm",
        disabled=not may or not plan.object_count,
        help=None if may else _("Only operators confirm plans; the settings name them (operate.operators)"),
    ):  # fmt: skip
        _drawer(plan)


def _drawer(plan: KeptPlan) -> None:
    code = language()
    counted = n_("{count} object", "{count} objects", plan.object_count)

    @st.dialog(_("Confirm the restore"), width="medium", position="right")
    def drawer() -> None:
        speak(code)  # a run of the drawer alone has no page that would
        if st.session_state.get(_TOLD) is not None:
            st.rerun()
        with st.container(key="confirm_drawer"):
            st.text(
                f"{counted.format(count=formats.count(plan.object_count))} · {formats.size(plan.size_bytes)} · "
                f"{formats.money(plan.usd[0])} {lacking(plan)}"
            )
            st.caption(_("Digest of the plan"))
            st.text(plan.digest)
            operator.ask()
            token = st.session_state.setdefault(_TOKEN, secrets.token_hex(8))
            with st.form(f"confirm_{token}", border=False):
                st.text_input(
                    _("Reason"), key=f"why_{token}", max_chars=plans.LONGEST_REASON, placeholder=_("Needed")
                )
                st.text_input(
                    _("Number of objects, to show that you have read it"), key=f"count_{token}", max_chars=20
                )
                st.form_submit_button(
                    _("Confirm and queue"),
                    type="primary",
                    key=f"send_{token}",
                    on_click=_confirm,
                    args=(plan, token),
                )
            if st.session_state.pop("restore_miscounted", False):
                st.text(_("That is not the number of objects in the plan; nothing was confirmed."))

    drawer()


def _confirm(plan: KeptPlan, token: str) -> None:
    said = st.session_state
    typed = str(said.get(f"count_{token}") or "").replace(",", "").strip()
    if typed != str(plan.object_count):
        said["restore_miscounted"] = True
        return
    try:
        plans.confirm(
            journal(), source.settings(), plan.digest, actor=operator.name(), names=operator.names(),
            why=str(said.get(f"why_{token}") or ""),
        )  # fmt: skip
    except DashboardError as fault:
        said[_TOLD] = fault
        return
    # The form is spent; the same plan would not run again in any case.
    said[_TOKEN] = secrets.token_hex(8)
    said[_TOLD] = plan.digest
