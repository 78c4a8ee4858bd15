"""Serves the pages on the synthetic warehouse: `python serve_synthetic.py PORT [STATE]`, for browser tests."""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from dashboard import server
from dashboard.errors import DashboardError, ExitCode
from dashboard.settings import Privacy, Roles, Serve, WarehouseSettings
from tests.ui.patient_work import patient_warehouse
from tests.ui.synthetic_warehouse import SyntheticWarehouse, broken, settings


def main(port: int, state: str) -> None:
    fault = None
    last = None
    report_at = (dt.datetime.now(dt.UTC) - dt.timedelta(hours=10)).replace(tzinfo=None)
    if state == "empty":
        fault = DashboardError(
            ExitCode.NO_SNAPSHOT,
            "There is nothing to show yet",
            cause="No snapshot has been published",
            next_step="Run python -m dashboard sync",
            locator="warehouse/CURRENT",
        )
    elif state == "broken":
        fault = broken()
    elif state == "failed":
        report_at -= dt.timedelta(hours=80)
        last = {
            "started_at": "2026-11-22T00:00:00+00:00",
            "finished_at": "2026-11-22T00:01:00+00:00",
            "exit_code": 41,
            "published": False,
            "faults": [broken().as_dict()],
        }
    # A worklist of its own for each server: what one test decides is not there for the next.
    folder = Path(tempfile.mkdtemp(prefix="synthetic-"))
    changes = {"serve": Serve(port=port, behind_proxy=True), "warehouse": WarehouseSettings(folder=folder)}
    served = settings().model_copy(update=changes)
    if state == "roles":
        # Who somebody is says the identity provider that Streamlit's secrets name.
        roles = Roles(viewers=("viewer@example.org",), data_leads=("lead",), operators=("archive-operators",))
        serve = Serve(port=port)
        server.serve(served.model_copy(update={"roles": roles, "serve": serve}), SyntheticWarehouse())
    elif state == "patient":
        # Who somebody is says a header, as behind a proxy.
        privacy = Privacy(key_viewers=("lead@example.org",), user_header="X-Forwarded-Email")
        served = served.model_copy(update={"privacy": privacy})
        server.serve(served, patient_warehouse(served, report_at))
    else:
        server.serve(served, SyntheticWarehouse(fault=fault, last=last, report_at=report_at))


main(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "")
