"""`plan lifecycle`: what other lifecycle rules would do, and the way back to former ones."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from dashboard.commands.plan_options import As, keep_and_print, opened, who
from dashboard.domain import lifecycle_templates as templates
from dashboard.domain.lifecycle import Configuration, Scope, parse
from dashboard.domain.lifecycle_lots import Uncounted
from dashboard.operate import lifecycle, lifecycle_faults, lifecycle_words, plans
from dashboard.operate.lifecycle_known import buckets, known
from dashboard.terminal import FormatOption, chosen_format, print_fault, print_rows

Ids = list[str] | None


def plan_lifecycle_command(
    bucket: Annotated[str, typer.Option(help="The bucket; needed where the settings name several.")] = "",
    move: Annotated[
        list[str] | None,
        typer.Option(help="DAYS:CLASS after upload, such as 90:GLACIER_IR; may be given again."),
    ] = None,
    expire_after: Annotated[int | None, typer.Option(help="Delete so many days after upload.")] = None,
    versions_after: Annotated[
        int | None, typer.Option(help="Delete older versions so many days after replacement.")
    ] = None,
    keep_newest: Annotated[
        int | None, typer.Option(help="Keep so many older versions whatever their age.")
    ] = None,
    uploads_after: Annotated[
        int | None, typer.Option(help="Drop unfinished uploads so many days after their start.")
    ] = None,
    prefix: Annotated[str, typer.Option(help="Only keys that begin so.")] = "",
    tag: Annotated[
        list[str] | None, typer.Option(help="Only with this tag, as KEY=VALUE; may be given again.")
    ] = None,
    larger_than: Annotated[int | None, typer.Option(help="Only above so many bytes.")] = None,
    smaller_than: Annotated[int | None, typer.Option(help="Only below so many bytes.")] = None,
    name: Annotated[str, typer.Option(help="End of the rule's ID; one of ours with it is replaced.")] = "",
    remove: Annotated[Ids, typer.Option(help="ID of a rule to remove; may be given again.")] = None,
    disable: Annotated[Ids, typer.Option(help="ID of a rule to switch off; may be given again.")] = None,
    enable: Annotated[Ids, typer.Option(help="ID of a rule to switch on; may be given again.")] = None,
    rules: Annotated[
        Path | None,
        typer.Option(help="File with all rules in S3's JSON form instead; '-' reads them from the input."),
    ] = None,
    undo: Annotated[str, typer.Option(help="Bring back what this plan had found.")] = "",
    others: Annotated[
        Ids,
        typer.Option(help="ID of a rule made elsewhere that may be changed or removed; may be given again."),
    ] = None,
    actor: As = "",
    format_: FormatOption = "table",
) -> None:
    """Plan a change of lifecycle rules and print what it would do; without a change, print the rules as sentences."""
    from dashboard.warehouse.read import Warehouse

    chosen = chosen_format(format_)
    settings, journal = opened()
    warehouse, by, may_touch = Warehouse(settings), who(settings, actor), frozenset(others or ())

    def ask(query: str, params: Any) -> list[tuple[Any, ...]]:
        return warehouse.rows(query, params)[1]

    if undo:
        kept = plans.find(journal, undo)
        made = lifecycle.plan_undo(settings, journal, ask, kept, made_by=by, may_touch=may_touch)
    else:
        now = known(settings, journal, _bucket(buckets(settings), bucket))
        after = now.configuration if rules is None else _from_file(rules)
        wish = templates.Wish(
            Scope(prefix, tuple(_pair(text) for text in tag or ()), larger_than, smaller_than),
            name,
            [_step(text) for text in move or ()],
            expire_after,
            (),
            versions_after,
            keep_newest,
            uploads_after,
        )
        if wish.moves or any(
            days is not None for days in (wish.expire_days, wish.version_days, wish.upload_days)
        ):
            after = templates.with_rule(after, templates.rule_of(wish, after))
        unknown = [
            text for text in (*(remove or ()), *(disable or ()), *(enable or ())) if not after.find(text)
        ]
        if unknown:
            raise typer.BadParameter(f"the bucket has no rule {unknown[0]!r}")
        for rule_id in remove or ():
            after = templates.without_rule(after, rule_id)
        for ids, is_enabled in ((disable, False), (enable, True)):
            for rule_id in ids or ():
                after = templates.with_status(after, rule_id, is_enabled=is_enabled)
        if after == now.configuration:
            rows = [(rule.id, rule.is_own, lifecycle_words.sentence(rule)) for rule in after.rules]
            print_rows(("rule_id", "made_here", "rule"), rows, chosen)
            return
        made = lifecycle.make_plan(settings, journal, ask, now.bucket, after, made_by=by, may_touch=may_touch)
    keep_and_print(settings, journal, made, chosen)
    if chosen != "json":
        tell(made.params)


def tell(params: Mapping[str, Any]) -> None:
    """Print what a plan changes of the rules, as sentences, and what that does."""
    effect = params["effect"]
    for line in lifecycle_words.changed(parse(params["before"]), parse(params["after"])):
        print_fault(line)
    saved = "unknown" if effect["saved_usd"] is None else f"{effect['saved_usd']} USD"
    print_fault(
        f"in twelve months: {effect['moved_count']:,} objects move, {effect['deleted_count']:,} expire or are deleted; "
        f"saved: {saved}; pays from month {effect['break_even_month'] or '-'}; "
        f"statutory records that get slow or go: {effect['record_count']:,}"
    )
    if effect.get("unsized_count"):
        print_fault(lifecycle_words.unsized(effect["unsized_count"]))
    for item in effect["uncounted"]:
        print_fault(f"not counted: {lifecycle_words.left_out(Uncounted(item['rule_id'], item['why']))}")
    if effect["missing"]:
        print_fault(f"prices that are not known: {', '.join(effect['missing'])}")


def _bucket(every: list[str], wanted: str) -> str:
    if wanted or len(every) == 1:
        return wanted or every[0]
    raise typer.BadParameter(f"choose one of {', '.join(every)}", param_hint="--bucket")


def _step(text: str) -> tuple[int, str]:
    days, _colon, to_class = text.partition(":")
    if not days.isdecimal() or not to_class:
        raise typer.BadParameter(f"{text!r} is not DAYS:CLASS", param_hint="--move")
    return int(days), to_class


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} is not KEY=VALUE", param_hint="--tag")
    return key, value


def _from_file(file: Path) -> Configuration:
    try:
        return parse(json.loads(sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")))
    except (OSError, ValueError, AttributeError) as error:
        raise lifecycle_faults.no_rules_in(str(file)) from error
