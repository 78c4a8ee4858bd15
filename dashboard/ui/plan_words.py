"""What exactly a plan would do, in words: one function per action, from the plan's params."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from dashboard.domain import prices
from dashboard.domain.lifecycle import parse
from dashboard.domain.lifecycle_lots import Uncounted
from dashboard.operate import lifecycle_words
from dashboard.ui import formats, labels
from dashboard.ui.privacy import foreign
from dashboard.ui.safe import visible
from dashboard.ui.text import _, n_


def of_class(params: Mapping[str, Any]) -> list[str]:
    """The class, what a month costs then, and what is billed beside the bytes."""
    words = [_("to {name}").format(name=labels.name("storage_class", params["to_class"]))]
    if prices.archive_of(params["to_class"], ""):
        words.append(_("has to be restored before anybody can read it"))
    before, after = params["before_month_usd"], params["after_month_usd"]
    if before is not None and after is not None:
        usd = [formats.money(Decimal(text)) for text in (after, before)]
        words.append(_("{after} a month in place of {before}").format(after=usd[0], before=usd[1]))
    if params["small_count"]:
        small = n_(
            "{count} is smaller than the class bills at least",
            "{count} are smaller than the class bills at least",
            params["small_count"],
        )
        words.append(small.format(count=f"{params['small_count']:,}"))
    if params["kept_count"]:
        kept = n_(
            "{count} becomes a new version, and the old one stays and is billed",
            "{count} become new versions, and the old ones stay and are billed",
            params["kept_count"],
        )
        words.append(kept.format(count=f"{params['kept_count']:,}"))
    return words


def of_labels(params: Mapping[str, Any]) -> list[str]:
    """The labels, and when they will be seen."""
    tags = ", ".join(f"{name}={value}" for name, value in params["tags"].items())
    words = _("set back what run {digest} set") if "undo" in params else _("set {tags}")
    return [
        words.format(tags=visible(tags), digest=str(params.get("undo", ""))[:12]),
        _("other tags stay"),
        _("the dashboard shows the labels after its next sync"),
    ]


def of_rename(params: Mapping[str, Any]) -> list[str]:
    """What becomes of the old names."""
    words = [_("copied to the new name, compared, then taken away from the old one")]
    if params["kept_count"]:
        kept = n_("{count} stays as an old version", "{count} stay as old versions", params["kept_count"])
        words.append(kept.format(count=f"{params['kept_count']:,}"))
    if params["removed_count"]:
        gone = n_(
            "{count} is gone under the old name: its bucket keeps no versions",
            "{count} are gone under the old names: their bucket keeps no versions",
            params["removed_count"],
        )
        words.append(gone.format(count=f"{params['removed_count']:,}"))
    return [*words, _("the dashboard shows the names after its next sync")]


def of_restore(params: Mapping[str, Any]) -> list[str]:
    """Speed and days, and whether AWS does it."""
    words = [labels.name("restore_speed", params["speed"]), formats.days(params["days"])]
    if "batch" in params:
        words.append(_("left to S3 Batch Operations"))
        if params["batch"]["confirmation_required"]:
            words.append(_("somebody has to confirm each job in AWS as well"))
    return words


def of_nothing(_params: Mapping[str, Any]) -> list[str]:
    """For actions without a choice of their own."""
    return []


def of_removal(params: Mapping[str, Any]) -> list[str]:
    """What is meant, what the month gets cheaper by, the share of each bucket, and that nothing undoes it."""
    words = []
    if "days" in params:
        words.append(_("older than {days}").format(days=formats.days(params["days"])))
    if "keep" in params:
        words.append(_("{count} newest kept").format(count=params["keep"]))
    usd = formats.money(Decimal(params["saved_month_usd"]))
    words.append(_("saves {usd} a month").format(usd=usd))
    if params["saved_unpriced_bytes"]:
        size = formats.size(params["saved_unpriced_bytes"])
        words.append(_("without {size} of no known price").format(size=size))
    for bucket, percent in params["shares"].items():
        share = formats.share(float(Decimal(percent) / 100))
        words.append(_("{share} of {bucket}").format(share=share, bucket=bucket))
    words.append(_("cannot be undone"))
    if params.get("is_final"):
        words.append(_("some of it lies where no versions are kept"))
    return words


def of_lifecycle(params: Mapping[str, Any]) -> list[str]:
    """The bucket."""
    return [f"s3://{params['bucket']}/"]


def lines_of_lifecycle(params: Mapping[str, Any]) -> list[str]:
    """Each rule that comes, goes or changes, and what that does in twelve months."""
    found = lifecycle_words.changed(parse(params["before"]), parse(params["after"]), foreign)
    effect = params["effect"]
    saved, month = effect["saved_usd"], effect["break_even_month"]
    found.append(
        _("In 12 months: {moved} objects move, {deleted} expire or go, saved {saved}").format(
            moved=formats.count(effect["moved_count"]),
            deleted=formats.count(effect["deleted_count"]),
            saved=_("unknown, a price is missing") if saved is None else formats.money(Decimal(saved)),
        )
    )
    if month:
        found.append(_("It has paid for itself from month {month} on").format(month=month))
    if effect["record_count"]:
        said = _("Statutory records that get slow or go: {count}")
        found.append(said.format(count=formats.count(effect["record_count"])))
    if effect.get("unsized_count"):
        found.append(lifecycle_words.unsized(effect["unsized_count"]))
    left_out = [Uncounted(item["rule_id"], item["why"]) for item in effect["uncounted"]]
    found += [
        _("Not counted: {rule}").format(rule=lifecycle_words.left_out(item, foreign)) for item in left_out
    ]
    if params["undoes"]:
        found.append(_("Takes back run {digest}").format(digest=params["undoes"][:12]))
    return found


WORDS: Mapping[str, Callable[[Mapping[str, Any]], list[str]]] = {
    "class": of_class,
    "labels": of_labels,
    "rename": of_rename,
    "restore": of_restore,
    "undelete": of_nothing,
    "bring_back": of_nothing,
    "abort_uploads": of_removal,
    "remove_versions": of_removal,
    "remove_duplicates": of_removal,
    "remove_junk": of_removal,
    "lifecycle": of_lifecycle,
}
"""By the name of the action."""


def target(header: Mapping[str, Any]) -> str:
    """What the targets of a plan's items are; '' where they are not for people."""
    return {
        "labels": _("Back to"),
        "rename": _("New name"),
        "undelete": _("Version that comes back"),
        "remove_duplicates": _("Copy that is kept"),
    }.get(header["action"], "")


LINES: Mapping[str, Callable[[Mapping[str, Any]], list[str]]] = {"lifecycle": lines_of_lifecycle}
"""What takes a line each, for actions that have it."""


def counted(header: Mapping[str, Any]) -> tuple[int, str]:
    """What has to be typed to show that a plan was read, and what it counts, translated."""
    if header["action"] != "lifecycle":
        count = int(header["object_count"])
        return count, n_("{count} object", "{count} objects", count).format(count=formats.count(count))
    count = int(header["params"]["effect"]["deleted_count"])
    if not header["removes"] or not count:
        return 1, _("1 bucket")
    said = n_("{count} object expires or goes", "{count} objects expire or go", count)
    return count, said.format(count=formats.count(count))
