"""What a plan that cannot be made, confirmed or carried out means for people."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from dashboard.errors import DashboardError, ExitCode

NOTHING = "Nothing was changed in the archive"


def no_snapshot(folder: Path) -> DashboardError:
    return DashboardError(
        ExitCode.NO_SNAPSHOT,
        NOTHING,
        cause="A plan rests on a snapshot, and no sync has published one",
        next_step="Run `python -m dashboard sync`",
        locator=str(folder),
    )


def nothing_chosen() -> DashboardError:
    return DashboardError(
        ExitCode.NO_ROWS,
        "No plan was made",
        cause="There is nothing in this selection for it",
        next_step="Choose other objects",
        locator="plan",
    )


def sizes_unknown(buckets: Collection[str]) -> DashboardError:
    return DashboardError(
        ExitCode.PLAN_REFUSED,
        "No plan was made",
        cause="The report does not tell how large these objects are, and without that a plan holds neither a price nor "
        "a limit",
        next_step="Add Size to the optional fields of the S3 Inventory; S3's next report and a sync bring it",
        locator=", ".join(f"s3://{bucket}" for bucket in sorted(buckets)),
    )


def too_many(limit: int) -> DashboardError:
    return DashboardError(
        ExitCode.PLAN_REFUSED,
        "No plan was made",
        cause="The selection has more than {limit} objects",
        next_step="Narrow the selection, or raise max_objects in the [operate] table of the settings",
        locator="operate.max_objects",
        limit=f"{limit:,}",
    )


def tag_count(most: int) -> DashboardError:
    return DashboardError(
        ExitCode.USAGE,
        "No plan was made",
        cause="S3 keeps up to {most} tags with an object, and none were given or more",
        next_step="Give at least one label, as name=value",
        locator="tags",
        most=most,
    )


def tag_refused(name: str) -> DashboardError:
    return DashboardError(
        ExitCode.USAGE,
        "No plan was made",
        cause="S3 does not take the label {name} as it was given",
        next_step="Use letters, numbers, spaces and + - = . _ : / @; up to 128 characters for the name, which does not "
        "begin with aws:, and 256 for the value",
        locator="tags",
        name=name[:128] or "-",
    )


def label_not_allowed(name: str, allowed: Sequence[str]) -> DashboardError:
    return DashboardError(
        ExitCode.USAGE,
        "No plan was made",
        cause="The settings do not allow this value of the label {name}",
        next_step="Give one of: {allowed}",
        locator=f"labels.allowed.{name}",
        name=name,
        allowed=", ".join(allowed),
    )


def no_such_plan(wanted: str, shortest: int) -> DashboardError:
    return DashboardError(
        ExitCode.USAGE,
        "There is no such plan",
        cause="{wanted} is not the digest of one plan",
        next_step="Give at least {shortest} digits of a digest that `plan restore` or `runs list` prints",
        locator=wanted[:64],
        wanted=wanted[:64] or "-",
        shortest=shortest,
    )


def no_reason(longest: int) -> DashboardError:
    return DashboardError(
        ExitCode.USAGE,
        NOTHING,
        cause="Something is missing",
        next_step="Say why, in at most {longest} characters; the reason is kept in the journal",
        locator="why",
        longest=longest,
    )


def too_old(digest: str, expired_at: str) -> DashboardError:
    return DashboardError(
        ExitCode.PLAN_OUTDATED,
        NOTHING,
        cause="The plan could be confirmed until {expired_at}",
        next_step="Make it anew, read it, and confirm that one",
        locator=digest,
        expired_at=expired_at,
    )


def outdated(digest: str, changed: str) -> DashboardError:
    return DashboardError(
        ExitCode.PLAN_OUTDATED,
        NOTHING,
        cause="What the plan rests on has changed: {changed}",
        next_step="Make it anew, read it, and confirm that one",
        locator=digest,
        changed=changed,
    )


def nothing_left(digest: str) -> DashboardError:
    return DashboardError(
        ExitCode.PLAN_REFUSED,
        NOTHING,
        cause="The plan has no object that would be acted on",
        next_step="Choose other objects",
        locator=digest,
    )


def over_limit(digest: str, limit: str) -> DashboardError:
    return DashboardError(
        ExitCode.PLAN_REFUSED,
        NOTHING,
        cause="The plan exceeds what the settings allow in one run: {limit}",
        next_step="Plan less at once, or change that limit in the [operate] table of the settings",
        locator=digest,
        limit=limit,
    )


def over_day_limit(digest: str, limit: str, left: str) -> DashboardError:
    return DashboardError(
        ExitCode.PLAN_REFUSED,
        NOTHING,
        cause="The plan exceeds what the settings allow on one day over all runs: {limit}; left today: {left}",
        next_step="Plan less, wait until tomorrow, or change that limit in the [operate] table of the settings",
        locator=digest,
        limit=limit,
        left=left,
    )


def no_rate(digest: str) -> DashboardError:
    return DashboardError(
        ExitCode.PLAN_REFUSED,
        NOTHING,
        cause="The settings limit what may be spent in yen, and no exchange rate is known",
        next_step="Enter a rate in the settings (money.rate or money.rates_file), or limit dollars instead",
        locator=digest,
    )


def removal_not_allowed(digest: str) -> DashboardError:
    return DashboardError(
        ExitCode.PLAN_REFUSED,
        NOTHING,
        cause="The plan needs the right to delete, which the settings do not allow",
        next_step="Set allow_removal = true in the [operate] table of the settings, give the worker that part of its "
        'policy (README, "Acting on the archive"), and make the plan anew',
        locator=digest,
    )


def not_in_that_state(digest: str, state: str, deed: str) -> DashboardError:
    return DashboardError(
        ExitCode.CONFLICT,
        "The run was left as it is",
        cause="A run that is {state} cannot be changed so: {deed}",
        next_step="Look at it as it is now: `runs show {digest}`",
        locator=digest,
        state=state or "not confirmed",
        deed=deed,
        digest=digest[:12],
    )


def worker_running(file: Path) -> DashboardError:
    return DashboardError(
        ExitCode.WORKER_RUNNING,
        "This worker did not start; the one that runs goes on",
        cause="Another worker works for this warehouse",
        next_step="Nothing is to be done; stop that one first if it must be another",
        locator=str(file),
    )


def worker_cannot_write(folder: Path, error: OSError) -> DashboardError:
    return DashboardError(
        ExitCode.READ_ONLY,
        "This worker did not start",
        cause="The warehouse folder cannot be written: {problem}",
        next_step="Give the user of the worker the right to write there (with systemd also ReadWritePaths)",
        locator=str(folder),
        problem=error.strerror or type(error).__name__,
    )
