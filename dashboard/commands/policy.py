"""`policy`: what to allow in IAM for these settings."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from dashboard.settings import load_settings


def policy_command(
    worker: Annotated[
        bool,
        typer.Option(
            "--worker/--reader",
            help="For the worker, which changes the archive, or for sync and check, which only read.",
        ),
    ] = False,
) -> None:
    """Print the IAM policy (JSON) that lets the dashboard do what these settings ask, and nothing else."""
    from dashboard.aws.permissions import render_policy

    print(json.dumps(render_policy(load_settings(), "worker" if worker else "reader"), indent=2))
