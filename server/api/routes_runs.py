"""Routes for the runs; each request opens the store for itself."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from robot_agent.runs.store import RunInfo, Store
from robot_agent.settings.public import of_the_learning, without_secrets
from server.api.requests import RunChange
from server.api.routes_control import control_of
from server.api.schemas import Done, Run
from server.problems import Problem

router = APIRouter(tags=["runs"])

RunNumber = Annotated[int, Path(ge=1, le=2**53)]

UPDATE_NAMES = ("number", "moves", "seconds", "success_rate", "episode_moves")
MOST_UPDATES = 2000
"""Largest number of updates that are sent for a run, evenly spread; a chart has fewer pixels."""

REPORT_NAMES = ("mean_return", "entropy", "explained_variance")
SCORE_NAMES = ("moves", "success_rate", "moves_mean")


def store_of(request: Request) -> Store:
    """Open the server's store for reading."""
    return Store(control_of(request).state.config.store, reading=True)


def existing(store: Store, run: int) -> RunInfo:
    """Return a run; raise StoreError if there is none, and Problem if it was deleted."""
    info = store.run(run)
    if info.deleted is not None:
        raise Problem(404, f"Run {run} was deleted; it can be restored for ten minutes.")
    return info


def _run_values(info: RunInfo) -> dict[str, Any]:
    settings = info.settings
    names = ("id", "created", "name", "status", "moves", "episodes", "updates", "seconds")
    return {name: getattr(info, name) for name in names} | {
        "success_rate": info.success_rate,
        "moves_mean": info.moves_mean,
        "marked": info.marked,
        "preset": settings.get("preset"),
        "robot": settings.get("robot", "sim"),
        "action": settings["task"]["action"],
        "deleted": info.deleted is not None,
    }


def _short(value: Any) -> Any:
    """Round a float to five significant digits: enough for a chart, and half the bytes for a phone."""
    return float(f"{value:.5g}") if isinstance(value, float) else value


@router.get("/runs", response_model=list[Run])
def list_runs(request: Request) -> Any:
    """All runs, the newest first."""
    with store_of(request) as store:
        return [_run_values(info) for info in store.each_run()]


@router.get("/runs/{run}", response_model=None, responses={200: {"model": dict[str, Any]}})
def show_run(request: Request, run: RunNumber) -> Any:
    """One run with its settings, evaluations, checkpoints and updates; of more than 2000 updates, a part.

    The updates that are sent are spread evenly over the run, and the last one is among them.
    """
    with store_of(request) as store:
        info = existing(store, run)
        updates = [
            {name: _short(row[name]) for name in UPDATE_NAMES}
            | {name: _short(row["report"][name]) for name in REPORT_NAMES}
            for row in store.updates(run, MOST_UPDATES)
        ]
        evaluations = [{name: _short(row[name]) for name in SCORE_NAMES} for row in store.evaluations(run)]
        checkpoints = [asdict(one) for one in store.checkpoints(run)]
    return _run_values(info) | {
        "settings": without_secrets(of_the_learning(info.settings)),
        "updates_made": info.updates,
        "updates": updates,
        "evaluations": evaluations,
        "checkpoints": checkpoints,
    }


@router.patch("/runs/{run}", response_model=Run)
def change_run(request: Request, run: RunNumber, change: RunChange) -> Any:
    """Name or mark a run; an explicit null removes the name."""
    with store_of(request) as store:
        existing(store, run)
        if "name" in change.model_fields_set:
            store.set_name(run, change.name)
        if change.marked is not None:
            store.set_marked(run, change.marked)
        return _run_values(store.run(run))


@router.delete("/runs/{run}", response_model=Done)
def delete_run(request: Request, run: RunNumber) -> Any:
    """Delete a run; it can be restored for ten minutes, or until the server ends."""
    state = control_of(request).state
    if state.activity != "idle" and state.progress.run == run:
        raise Problem(409, f"Run {run} is under way; stop it first.")
    with store_of(request) as store:
        existing(store, run)
        with store.hold(run):
            store.set_deleted(run, True)
    return {}


@router.post("/runs/{run}/restore", response_model=Run)
def restore_run(request: Request, run: RunNumber) -> Any:
    """Bring a deleted run back."""
    with store_of(request) as store:
        store.set_deleted(run, False)
        return _run_values(store.run(run))
