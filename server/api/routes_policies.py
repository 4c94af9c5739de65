"""Routes that list checkpoints, and draw, download, upload and restore the policies in them."""

import time
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from numpy.typing import NDArray
from starlette.responses import Response

from robot_agent.build.simulation import make_task
from robot_agent.learning.policy_map import most_probable_moves
from robot_agent.learning.tensors import below
from robot_agent.runs.policy_file import BELONGS_TO_THE_POLICY, policy_bytes
from robot_agent.runs.store import CheckpointInfo, Store
from robot_agent.settings.config import Config
from robot_agent.settings.sections import SimulatorSettings, TaskSettings
from server.api.options import physics_of
from server.api.requests import POLICY_FILE, visible
from server.api.routes_control import control_of
from server.api.routes_runs import existing, store_of
from server.api.schemas import Begun, Policy
from server.api.uploads import read_upload
from server.problems import Problem

router = APIRouter(tags=["policies"])

CheckpointNumber = Annotated[int, Path(ge=1, le=2**53)]


@router.get("/checkpoints", response_model=list[CheckpointInfo])
def list_checkpoints(request: Request, run: Annotated[int, Query(ge=1, le=2**53)]) -> Any:
    """The checkpoints of a run, the earliest first."""
    with store_of(request) as store:
        existing(store, run)
        return store.checkpoints(run)


def _policy_of(
    store: Store, checkpoint: int
) -> tuple[int, dict[str, Any], dict[str, Any], dict[str, NDArray[Any]]]:
    """Return run, settings, state and the policy's tensors of a checkpoint."""
    run = store.run_of(checkpoint)
    settings = existing(store, run).settings
    state, tensors = store.checkpoint(run, checkpoint)
    return run, settings, state, below(tensors, "policy.")


@router.get(
    "/checkpoints/{checkpoint}/download",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
def download(request: Request, checkpoint: CheckpointNumber) -> Response:
    """A policy as a safetensors file, for `robot-agent drive --policy` or another server."""
    with store_of(request) as store:
        run, settings, _, tensors = _policy_of(store, checkpoint)
    # Only what the policy needs: no path and no camera's password leaves this machine.
    own = {name: settings[name] for name in BELONGS_TO_THE_POLICY}
    name = f"run-{run}-checkpoint-{checkpoint}.safetensors"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(policy_bytes(tensors, own), headers=headers, media_type="application/octet-stream")


@router.post(
    "/checkpoints/upload",
    response_model=Begun,
    openapi_extra=POLICY_FILE,
)
async def upload(
    request: Request, name: Annotated[str, Query(min_length=1, max_length=80)] = "uploaded"
) -> Any:
    """Store a policy file (safetensors, at most 2 MB) as a new run with this name."""
    data = await request.body()
    return await run_in_threadpool(_keep_upload, data, name, control_of(request).state.config)


def _keep_upload(data: bytes, name: str, config: Config) -> dict[str, Any]:
    tensors, settings = read_upload(data, config)
    try:
        called = visible(name.strip().removesuffix(".safetensors"))
    except ValueError:
        called = "uploaded"
    with Store(config.store) as store:
        run = store.create_run(settings)
        state = {"moves": 0, "episodes": 0, "updates": 0, "seconds": 0.0, "uploaded": time.time()}
        store.keep(run, [], state, tensors, kept=True)
        store.set_status(run, "finished")
        store.set_name(run, called)
        return {"run": run, "checkpoint": store.checkpoints(run)[-1].id}


@router.post("/checkpoints/{checkpoint}/restore", response_model=dict[str, int])
async def restore(request: Request, checkpoint: CheckpointNumber) -> Any:
    """Make this checkpoint the one that is driven from now on."""
    await control_of(request).job.restore(checkpoint)
    return {"checkpoint": checkpoint}


@router.get("/policy", response_model=Policy)
def show_policy(
    request: Request,
    checkpoint: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    run: Annotated[int | None, Query(ge=1, le=2**53)] = None,
) -> Any:
    """What a policy would do for each possible sight.

    It is the policy of a checkpoint, or of the last checkpoint of a run; without either, of the newest run.
    """
    with store_of(request) as store:
        if checkpoint is None:
            last = existing(store, run) if run is not None else next(store.each_run(), None)
            known = store.checkpoints(last.id) if last is not None else []
            if not known:
                raise Problem(404, "There is no policy yet; train first.")
            checkpoint = known[-1].id
        of, settings, state, tensors = _policy_of(store, checkpoint)
    config = Config.model_construct(
        task=TaskSettings.model_validate(settings["task"]),
        simulator=SimulatorSettings.model_validate(settings["simulator"]),
    )
    network = settings["network"]
    cells = most_probable_moves(
        tensors, make_task(config), activation=network["activation"], output=network["output"]
    )
    return {
        "checkpoint": checkpoint,
        "run": of,
        "moves": state["moves"],
        "goal": config.task.goal,
        "tolerance": config.task.tolerance,
        "physics": physics_of(config),
        "action": config.task.action,
        "cells": np.round(cells, 4).tolist(),
        "std": np.exp(tensors["log_std"].astype(float)).tolist(),
    }
