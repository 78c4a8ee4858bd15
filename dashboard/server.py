"""The web server: warm before it is healthy, compressed, and with the headers a browser needs to be strict.

`streamlit run dashboard/server.py` and `uvicorn dashboard.server:app` serve the settings that the environment names;
the command line calls `serve`.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio.to_thread
import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route

from dashboard.errors import DashboardError
from dashboard.settings import Settings, load_settings
from dashboard.ui import faults, source
from dashboard.ui.catalogue import PAGES
from dashboard.ui.delivery import Delivery

PROJECT = Path(__file__).resolve().parents[1]
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

log = logging.getLogger("dashboard.server")


def warm_up() -> None:
    """Import what pages need and open the warehouse, so that the first reader does not wait for it."""
    import plotly.graph_objects
    import plotly.io  # noqa: F401
    import xlsxwriter  # noqa: F401

    from dashboard.ui import cards, charts, heatmaps, tables, text  # noqa: F401

    for code in text.LANGUAGES:
        text.translations(code)
    try:
        reader = source.warehouse()
        reader.frame("shell.incomplete", {}, reader.current().snapshot_id)
    except DashboardError as fault:
        log.warning("starting without figures: %s", fault.title)


@contextlib.asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Warm up, then take everything made so far out of the garbage collector's way: each rerun pays for a full
    collection, and that costs more than the page itself."""
    faults.keep_values_out_of_log()
    await anyio.to_thread.run_sync(warm_up)
    gc.collect()
    gc.freeze()
    yield


async def health(_request: Request) -> JSONResponse:
    """Whether figures can be served, and of which snapshot."""
    try:
        snapshot = await anyio.to_thread.run_sync(lambda: source.warehouse().current())
    except DashboardError as fault:
        return JSONResponse({"status": "no figures", "code": fault.code.name.lower()}, status_code=503)
    return JSONResponse({"status": "ok", "snapshot_id": snapshot.snapshot_id})


async def first_page(request: Request) -> RedirectResponse:
    """The first page at the address that it would have if it were not the first: Streamlit knows it as "/" only and
    calls every other one not found."""
    return RedirectResponse(f"./?{request.url.query}" if request.url.query else "./")


app = st.App(
    PROJECT / "dashboard" / "app.py",
    lifespan=lifespan,
    routes=[Route("/healthz", health), Route(f"/{PAGES[0].id}", first_page)],
    middleware=[Middleware(Delivery)],
    on_script_error=faults.unexpected,
)


def serve(settings: Settings, reader: source.Reader | None = None, *, port: int | None = None) -> None:
    """Serve the pages until stopped.

    Args:
        settings: checked settings; `serve` says where, `warehouse` what.
        reader: a warehouse to read instead of the one that the settings name.
        port: another one than the settings name.
    """
    source.configure(settings, reader)
    # Streamlit reads its own settings (theme, limits) from the current folder.
    os.chdir(PROJECT)
    app.run(
        config={
            "server.address": settings.serve.address,
            "server.port": settings.serve.port if port is None else port,
            "server.allowedHosts": [*LOOPBACK, *settings.serve.allowed_hosts],
        }
    )


if __name__ == "__main__":
    serve(load_settings(), port=int(sys.argv[1]) if len(sys.argv) > 1 else None)
