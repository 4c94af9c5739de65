"""The sweeps that run beside this server, or have run: read from the report that each keeps in a file."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from pydantic import ValidationError

from robot_agent.sweep.files import read_reports
from server.api.routes_control import control_of
from server.api.schemas import Sweep

router = APIRouter(tags=["runs"])

MOST_SWEEPS = 20
"""Number of sweeps that are listed, the newest ones."""

MOST_POINTS = 500
"""Number of points of a curve, evenly spread, with the last: a chart has fewer pixels than that."""


@router.get("/sweeps", response_model=list[Sweep])
def sweeps(request: Request) -> Any:
    """The sweeps in the folder of the store, and in the one the server was started in, the newest first."""
    store = Path(control_of(request).state.config.store).absolute()
    found: list[Sweep] = []
    for report in read_reports({store.parent, Path.cwd()}):
        every = -(-len(report["curve"]) // MOST_POINTS) or 1
        report["curve"] = report["curve"][::-1][::every][::-1]
        try:
            found.append(Sweep.model_validate(report))
        except ValidationError:
            continue  # of another version
        if len(found) == MOST_SWEEPS:
            break
    return found
