"""What was learned: runs, episodes, checkpoints, policies; each request opens the store for itself."""

import math
import re
import time
from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from numpy.typing import NDArray
from starlette.responses import Response

from robot_agent.build import make_task
from robot_agent.learning.policy_map import plane
from robot_agent.runs.policy_file import BELONGS_TO_THE_POLICY, policy_bytes
from robot_agent.runs.store import CheckpointInfo, RunInfo, Store
from robot_agent.settings.config import Config
from server.api.schemas import Begun, Checkpoint, Done, Episode, Policy, Run, RunChange, WholeEpisode
from server.api.uploads import read_upload
from server.control.control import Control
from server.control.pictures import EPISODES
from server.problems import Problem

router = APIRouter(tags=["runs"])

RunNumber = Annotated[int, Path(ge=1, le=2**53)]
CheckpointNumber = Annotated[int, Path(ge=1, le=2**53)]

UPDATE_NAMES = ("number", "moves", "seconds", "success_rate", "episode_moves")
MACHINE = ("store", "camera", "motors")
"""Settings of a run that tell of the machine, its paths and passwords, and nothing of the learning."""
REPORT_NAMES = ("mean_return", "entropy", "explained_variance")


def _store(request: Request) -> Store:
    control: Control = request.app.state.control
    return Store(control.plans.config.store)


def _run(info: RunInfo) -> dict[str, Any]:
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


def _checkpoint(info: CheckpointInfo) -> dict[str, Any]:
    names = ("id", "run", "moves", "success_rate", "moves_mean", "created")
    return {name: getattr(info, name) for name in names} | {"marks": list(info.marks)}


def _short(value: Any) -> Any:
    """Return a number with five significant digits: a chart shows no more, and a phone loads half."""
    return float(f"{value:.5g}") if isinstance(value, float) else value


def _there(store: Store, run: int) -> RunInfo:
    info = store.run(run)
    if info.deleted is not None:
        raise Problem(404, f"Run {run} was deleted; it can be restored for ten minutes.")
    return info


@router.get("/runs", response_model=list[Run])
def list_runs(request: Request) -> Any:
    """All runs, the newest first."""
    with _store(request) as store:
        return [_run(info) for info in store.each_run()]


@router.get("/runs/{run}", response_model=None, responses={200: {"model": dict[str, Any]}})
def show_run(request: Request, run: RunNumber) -> Any:
    """One run with its settings, updates, evaluations and checkpoints."""
    with _store(request) as store:
        info = _there(store, run)
        updates = [
            {name: _short(row[name]) for name in UPDATE_NAMES}
            | {name: _short(row["report"][name]) for name in REPORT_NAMES}
            for row in store.updates(run)
        ]
        evaluations = [
            {name: _short(row[name]) for name in ("moves", "success_rate", "moves_mean")}
            for row in store.evaluations(run)
        ]
        checkpoints = [_checkpoint(one) for one in store.checkpoints(run)]
    return _run(info) | {
        "settings": {name: value for name, value in info.settings.items() if name not in MACHINE},
        "updates_made": info.updates,
        "updates": updates,
        "evaluations": evaluations,
        "checkpoints": checkpoints,
    }


@router.patch("/runs/{run}", response_model=Run)
def change_run(request: Request, run: RunNumber, change: RunChange) -> Any:
    """Name or mark a run; an explicit null takes the name away."""
    with _store(request) as store:
        _there(store, run)
        if "name" in change.model_fields_set:
            store.set_name(run, change.name)
        if change.marked is not None:
            store.set_marked(run, change.marked)
        return _run(store.run(run))


@router.delete("/runs/{run}", response_model=Done)
def delete_run(request: Request, run: RunNumber) -> Any:
    """Put a run away; it can be restored for ten minutes, or until the server ends."""
    control: Control = request.app.state.control
    if control.state.activity != "idle" and control.state.progress.get("run") == run:
        raise Problem(409, f"Run {run} is under way; stop it first.")
    with _store(request) as store:
        _there(store, run)
        store.set_deleted(run, True)
    return {}


@router.post("/runs/{run}/restore", response_model=Run)
def restore_run(request: Request, run: RunNumber) -> Any:
    """Bring back a run that was deleted."""
    with _store(request) as store:
        store.set_deleted(run, False)
        return _run(store.run(run))


@router.get("/runs/{run}/episodes", response_model=list[Episode])
def list_episodes(
    request: Request,
    run: Annotated[int, Path(ge=0, le=2**53)],
    since: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    last: Annotated[bool, Query(description="The last ones, not the first ones, of those.")] = False,
) -> Any:
    """Kept episodes from number `since` on; run 0 is what was driven and not trained, the last dozen."""
    control: Control = request.app.state.control
    names = ("number", "moves", "ending", "total_reward")
    if run == 0:
        rows = [row for number, row in sorted(control.relay.driven.items()) if number >= since]
        rows = rows[-limit:] if last else rows[:limit]
    else:
        with _store(request) as store:
            _there(store, run)
            rows = store.episode_list(run, since, limit, last=last)
    return [{name: row[name] for name in names} for row in rows]


@router.get("/runs/{run}/episodes/{number}", response_model=WholeEpisode)
def show_episode(
    request: Request, run: Annotated[int, Path(ge=0, le=2**53)], number: Annotated[int, Path(ge=1, le=2**53)]
) -> Any:
    """One episode move by move."""
    control: Control = request.app.state.control
    pictures = sorted(control.relay.pictures.of(run, number))
    if run == 0:
        if (row := control.relay.driven.get(number)) is None:
            raise Problem(404, f"That episode is gone; the last {EPISODES} that were driven are kept.")
        return _driven(row) | {"run": 0, "pictures": pictures}
    with _store(request) as store:
        _there(store, run)
        rows = store.episodes(run, number, 1)
    if not rows or rows[0]["number"] != number:
        raise Problem(404, f"Run {run} has kept no episode {number}; of a fleet one of each round is.")
    row = rows[0]
    names = ("number", "moves", "ending", "total_reward")
    return {name: row[name] for name in names} | {
        "run": run,
        "steps": _steps(row["steps"]),
        "pictures": pictures,
    }


def _steps(steps: Mapping[str, NDArray[Any]]) -> list[dict[str, Any]]:
    before: dict[str, int | None] = {"x1": None, "x2": None}
    if "start_x1" in steps:
        before = {"x1": int(steps["start_x1"][0]), "x2": int(steps["start_x2"][0])}
    terms = {name.removeprefix("reward."): steps[name] for name in steps if name.startswith("reward.")}
    answer = []
    for index in range(len(steps["x1"])):
        seen = int(steps["x1"][index]) >= 0
        after = {"x1": int(steps["x1"][index]), "x2": int(steps["x2"][index])} if seen else None
        names = ("left", "right", "seconds", "reward")
        density, advantage = (
            float(steps[name][index]) if name in steps else None for name in ("log_prob", "advantage")
        )
        answer.append(
            before
            | {"after": after, "action": [round(float(value), 5) for value in steps["action"][index]]}
            | {name: round(float(steps[name][index]), 5) for name in names}
            | {"terms": {term: round(float(values[index]), 5) for term, values in terms.items()}}
            | {
                "probability": None if density is None else math.exp(min(density, 100.0)),
                "advantage": advantage,
            }
        )
        if after is not None:
            before = {**after}
    return answer


def _driven(row: Mapping[str, Any]) -> dict[str, Any]:
    steps: list[dict[str, Any]] = []
    before = row["sights"][0] if row["sights"] else None
    for move in row["steps"]:
        after = {"x1": move["x1"], "x2": move["x2"]} if move["x1"] >= 0 else None
        names = ("left", "right", "seconds", "terms")
        steps.append(
            {
                "x1": before[0] if before else None,
                "x2": before[1] if before else None,
                "after": after,
                "action": [],
            }
            | {name: move[name] for name in names}
            | {
                "reward": sum(move["terms"].values()),
                "probability": None,
                "advantage": None,
            }
        )
        before = [after["x1"], after["x2"]] if after else before
    return {name: row[name] for name in ("number", "moves", "ending", "total_reward")} | {"steps": steps}


@router.get(
    "/runs/{run}/episodes/{number}/frames/{picture}.jpg",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}},
)
async def episode_picture(
    request: Request,
    run: Annotated[int, Path(ge=0, le=2**53)],
    number: Annotated[int, Path(ge=1, le=2**53)],
    picture: Annotated[int, Path(ge=0, le=10_000)],
) -> Response:
    """The picture after so many moves of a recent episode; 0 is before the first."""
    control: Control = request.app.state.control
    if (jpeg := control.relay.pictures.of(run, number).get(picture)) is None:
        raise Problem(404, f"That picture is gone; those of the last {EPISODES} episodes are kept.")
    return Response(jpeg, media_type="image/jpeg")


@router.get("/checkpoints", response_model=list[Checkpoint])
def list_checkpoints(request: Request, run: Annotated[int, Query(ge=1, le=2**53)]) -> Any:
    """The checkpoints of a run, the earliest first."""
    with _store(request) as store:
        _there(store, run)
        return [_checkpoint(one) for one in store.checkpoints(run)]


def _policy_of(store: Store, checkpoint: int) -> tuple[int, dict[str, Any], dict[str, Any], dict[str, Any]]:
    run = store.run_of(checkpoint)
    settings = _there(store, run).settings
    state, tensors = store.checkpoint(run, checkpoint)
    prefix = "policy."
    own = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
    return run, settings, state, own


@router.get(
    "/checkpoints/{checkpoint}/download",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
def download(request: Request, checkpoint: CheckpointNumber) -> Response:
    """A policy as a safetensors file, for `robot-agent drive --policy` or another server."""
    with _store(request) as store:
        run, settings, _, tensors = _policy_of(store, checkpoint)
    # Only what the policy means something with: no path and no camera's password leaves the house.
    own = {name: settings[name] for name in BELONGS_TO_THE_POLICY}
    name = f"run-{run}-checkpoint-{checkpoint}.safetensors"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(policy_bytes(tensors, own), headers=headers, media_type="application/octet-stream")


@router.post(
    "/checkpoints/upload",
    response_model=Begun,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def upload(
    request: Request, name: Annotated[str, Query(min_length=1, max_length=80)] = "uploaded"
) -> Any:
    """Keep a policy file, at most 2 MB of safetensors, as a run of that name."""
    data = await request.body()
    control: Control = request.app.state.control
    return await run_in_threadpool(_keep_upload, data, name, control.plans.config)


def _keep_upload(data: bytes, name: str, config: Config) -> dict[str, Any]:
    tensors, settings = read_upload(data, config)
    called = re.sub(r"[\x00-\x1f\x7f]", "", name).strip().removesuffix(".safetensors") or "uploaded"
    with Store(config.store) as store:
        run = store.create_run(settings)
        state = {"moves": 0, "episodes": 0, "updates": 0, "seconds": 0.0, "uploaded": time.time()}
        store.keep(run, [], state, tensors, kept=True)
        store.set_status(run, "finished")
        store.set_name(run, called)
        return {"run": run, "checkpoint": store.checkpoints(run)[-1].id}


@router.post("/checkpoints/{checkpoint}/restore", response_model=dict[str, int])
async def restore(request: Request, checkpoint: CheckpointNumber) -> Any:
    """Take a checkpoint as the one that is driven, from now on."""
    control: Control = request.app.state.control
    return await control.restore(checkpoint)


@router.get("/policy", response_model=Policy)
def show_policy(
    request: Request,
    checkpoint: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    run: Annotated[int | None, Query(ge=1, le=2**53)] = None,
) -> Any:
    """What a policy would do for each of the 903 sights: of a checkpoint, or of a run's last one."""
    with _store(request) as store:
        if checkpoint is None:
            last = _there(store, run) if run is not None else next(store.each_run(), None)
            known = store.checkpoints(last.id) if last is not None else []
            if not known:
                raise Problem(404, "There is no policy yet; train first.")
            checkpoint = known[-1].id
        of, settings, state, tensors = _policy_of(store, checkpoint)
    config = Config.model_construct(**_sections(settings))
    network = settings["network"]
    cells = plane(tensors, make_task(config), activation=network["activation"], output=network["output"])
    return {
        "checkpoint": checkpoint,
        "run": of,
        "moves": state["moves"],
        "goal": settings["task"]["goal"],
        "action": settings["task"]["action"],
        "cells": np.round(cells, 4).tolist(),
        "std": np.exp(tensors["log_std"].astype(float)).tolist(),
    }


def _sections(settings: Mapping[str, Any]) -> dict[str, Any]:
    from robot_agent.settings.sections import TaskSettings

    return {"task": TaskSettings.model_validate(settings["task"])}
