"""The route for the sweeps: they are programs of their own, and each writes its report into a file."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from pydantic import ValidationError

from robot_agent.sweep.files import read_reports
from server.api.routes_control import control_of
from server.api.schemas import Sweep

router = APIRouter(tags=["runs"])

MOST_SWEEPS = 20
"""Largest number of sweeps that are listed."""

MOST_POINTS = 500
"""Largest number of points of a curve, evenly spread, the last one included; a chart has fewer pixels."""


@router.get("/sweeps", response_model=list[Sweep])
def sweeps(request: Request) -> Any:
    """The sweeps, the newest first: those in the store's folder, and in the server's working folder."""
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
