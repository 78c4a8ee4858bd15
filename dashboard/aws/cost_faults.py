"""Why the costs could not be brought up to date, in words people can act on."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError

from dashboard.aws.sessions import CONNECTION_FAULTS, error_code, explain
from dashboard.errors import DashboardError, ExitCode

ACTION = "ce:GetCostAndUsage"
FORECAST = "ce:GetCostForecast"
TITLE = "The costs could not be brought up to date"
FORECAST_TITLE = "Cost Explorer's own forecast could not be brought up to date"
PAGING_CODES = {"BillExpirationException", "InvalidNextTokenException", "RequestChangedException"}
EXPLAINED = {
    ExitCode.COST_CREDENTIALS,
    ExitCode.COST_DENIED,
    ExitCode.COST_THROTTLED,
    ExitCode.SOURCE_UNREACHABLE,
    ExitCode.SETTINGS,
}


def explain_cost(error: Exception, asked: str, action: str = ACTION) -> DashboardError:
    """A failed request as the fault to show; `asked` names what was asked for ("usage MONTHLY 2026-10")."""
    title = TITLE if action == ACTION else FORECAST_TITLE
    if error_code(error) in PAGING_CODES:
        return paging(str(error), asked)
    if error_code(error) == "DataUnavailableException":
        return DashboardError(
            ExitCode.COST_INVALID,
            title,
            cause="Cost Explorer has no figures of this account for that time",
            next_step="Open Cost Explorer once in the Billing console, which switches it on: figures come within a day",
            locator=f"{action} {asked}",
        )
    if isinstance(error, (BotoCoreError, ClientError, *CONNECTION_FAULTS)):
        fault = explain(error, f"{action} {asked}", action, title)
        if fault.code in EXPLAINED:
            return fault
    # What is left is an answer that is none: a code we do not know, or a body the parser trips over.
    return invalid(f"{type(error).__name__}: {error}", asked, action)


def invalid(problem: str, asked: str, action: str = ACTION) -> DashboardError:
    title = TITLE if action == ACTION else FORECAST_TITLE
    return DashboardError(
        ExitCode.COST_INVALID,
        title,
        cause="Cost Explorer's answer cannot be used: {problem}",
        next_step="The last good costs are kept; sync again later, and check aws.endpoint_url if it stays",
        locator=f"{action} {asked}",
        problem=_short(problem),
    )


def paging(problem: str, asked: str) -> DashboardError:
    return DashboardError(
        ExitCode.COST_PAGING,
        TITLE,
        cause="The pages of Cost Explorer's answer do not come to an end: {problem}",
        next_step="The last good costs are kept; sync again later",
        locator=f"{ACTION} {asked}",
        problem=_short(problem),
    )


def over_budget(limit_name: str, limit: int, made: int, asked: str, action: str = ACTION) -> DashboardError:
    title = TITLE if action == ACTION else FORECAST_TITLE
    return DashboardError(
        ExitCode.COST_BUDGET,
        title,
        cause="{made} paid requests were made and {limit_name} allows {limit}",
        next_step="What was brought is kept and the rest is asked next time; raise {limit_name} to ask sooner",
        locator=f"{action} {asked}",
        limit_name=limit_name,
        limit=limit,
        made=made,
    )


def cut_short(fault: DashboardError, lost: int) -> DashboardError:
    """`over_budget` in the middle of an answer: unlike whole ones, its pages are not kept."""
    return DashboardError(
        fault.code,
        fault.title_template,
        cause=fault.cause_template,
        next_step="Raise {limit_name}: this answer has more pages than {lost}, and each sync pays for them anew",
        locator=fault.locator,
        **fault.args_by_name,
        lost=lost,
    )


def _short(problem: str) -> str:
    text = " ".join(problem.split())
    return text if len(text) <= 300 else text[:299] + "…"
