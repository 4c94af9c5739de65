"""Routes for the episodes of a run, move by move, with pictures; run 0 holds the last episodes of driving."""

import importlib.util
import math
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from numpy.typing import NDArray
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from robot_agent.runs.pictures import Pictures
from server.api.routes_control import control_of
from server.api.routes_runs import existing, store_of
from server.api.schemas import Episode, WholeEpisode
from server.control.pictures import EPISODES_KEPT
from server.control.relay import DrivenEpisode
from server.problems import Problem

router = APIRouter(tags=["runs"])

RunOrDriven = Annotated[int, Path(ge=0, le=2**53)]
EpisodeNumber = Annotated[int, Path(ge=1, le=2**53)]

FILMING = threading.Lock()
"""Lock, so that only one film is made at a time: a film takes seconds of work."""

LISTED = ("number", "moves", "ending", "total_reward")


@router.get("/runs/{run}/episodes", response_model=list[Episode])
def list_episodes(
    request: Request,
    run: RunOrDriven,
    since: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    last: Annotated[bool, Query(description="The last ones of them, not the first ones.")] = False,
) -> Any:
    """The kept episodes of a run from number `since` on; run 0 has the last twelve episodes of driving."""
    if run == 0:
        driven = sorted(control_of(request).relay.driven.items())
        found = [one.episode for number, one in driven if number >= since]
        return [_listed(one) for one in (found[-limit:] if last else found[:limit])]
    with store_of(request) as store:
        existing(store, run)
        rows = store.episode_list(run, since, limit, last=last)
    return [{name: row[name] for name in LISTED} for row in rows]


@router.get("/runs/{run}/episodes/{number}", response_model=WholeEpisode)
def show_episode(request: Request, run: RunOrDriven, number: EpisodeNumber) -> Any:
    """One episode move by move."""
    relay = control_of(request).relay
    numbers = sorted(_kept(request).numbers(run, number))
    film = bool(numbers) and importlib.util.find_spec("av") is not None
    pictures = {"run": run, "pictures": numbers or sorted(relay.pictures.of(run, number)), "film": film}
    if run == 0:
        if (driven := relay.driven.get(number)) is None:
            raise Problem(404, f"That episode is gone; the last {EPISODES_KEPT} that were driven are kept.")
        return _listed(driven.episode) | {"steps": list(_driven_steps(driven))} | pictures
    with store_of(request) as store:
        existing(store, run)
        rows = store.episodes(run, number, 1)
    if not rows or rows[0]["number"] != number:
        raise Problem(404, f"Run {run} has kept no episode {number}; of a fleet one of each round is kept.")
    row = rows[0]
    return {name: row[name] for name in LISTED} | {"steps": list(_steps(row["steps"]))} | pictures


@router.get(
    "/runs/{run}/episodes/{number}/frames/{picture}.jpg",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}},
)
def episode_picture(
    request: Request,
    run: RunOrDriven,
    number: EpisodeNumber,
    picture: Annotated[int, Path(ge=0, le=10_000)],
) -> Response:
    """The picture of an episode after `picture` moves; picture 0 is before the first move."""
    recent = control_of(request).relay.pictures.of(run, number)
    if (jpeg := recent.get(picture) or _kept(request).picture(run, number, picture)) is None:
        raise Problem(
            404,
            f"That picture is gone: of an episode that was not trained those of the last {EPISODES_KEPT} are "
            "kept, of others as many as pictures.megabytes allows.",
        )
    return Response(jpeg, media_type="image/jpeg")


@router.get(
    "/runs/{run}/episodes/{number}/film.mp4",
    response_class=FileResponse,
    responses={200: {"content": {"video/mp4": {}}}},
)
def episode_film(
    request: Request, run: Annotated[int, Path(ge=1, le=2**53)], number: EpisodeNumber
) -> FileResponse:
    """An episode as a film: what the robot saw, and its path from above."""
    from robot_agent.datasets.export import film_episode  # it imports OpenCV

    if not FILMING.acquire(blocking=False):
        raise Problem(409, "Another film is being made just now; try again in a few seconds.")
    try:
        folder = TemporaryDirectory(prefix="film-")
        with store_of(request) as store:
            existing(store, run)
            _, place = film_episode(store, run, number, FilePath(folder.name) / "film.mp4")
    finally:
        FILMING.release()
    name = f"run-{run}-episode-{number}.mp4"
    return FileResponse(
        place, media_type="video/mp4", filename=name, background=BackgroundTask(folder.cleanup)
    )


def _kept(request: Request) -> Pictures:
    """Return the pictures that are kept in the folder of the store."""
    return Pictures(control_of(request).state.config.store)


def _listed(episode: Any) -> dict[str, Any]:
    return {name: getattr(episode, name) for name in LISTED}


def _pair(x1: int, x2: int) -> dict[str, int] | None:
    return {"x1": x1, "x2": x2} if x1 >= 0 else None


NOTHING_SEEN: dict[str, int | None] = {"x1": None, "x2": None}


def _steps(steps: Mapping[str, NDArray[Any]]) -> Iterator[dict[str, Any]]:
    """Yield the moves of an episode of the store."""
    before: Mapping[str, int | None] = NOTHING_SEEN
    if "start_x1" in steps:
        before = {"x1": int(steps["start_x1"][0]), "x2": int(steps["start_x2"][0])}
    for index in range(len(steps["x1"])):
        after = _pair(int(steps["x1"][index]), int(steps["x2"][index]))
        density, advantage = (
            float(steps[name][index]) if name in steps else None for name in ("log_prob", "advantage")
        )
        yield {
            **before,
            "after": after,
            "action": [round(float(value), 5) for value in steps["action"][index]],
            **{name: _value(steps, name, index) for name in ("left", "right", "seconds", "reward")},
            "terms": {
                name.removeprefix("reward."): _value(steps, name, index)
                for name in steps
                if name.startswith("reward.")
            },
            "probability": None if density is None else math.exp(min(density, 100.0)),
            "advantage": advantage,
            "by_hand": bool(steps["by_hand"][index]) if "by_hand" in steps else False,
        }
        before = after or before


def _value(steps: Mapping[str, NDArray[Any]], name: str, index: int) -> float:
    return round(float(steps[name][index]), 5)


def _driven_steps(driven: DrivenEpisode) -> Iterator[dict[str, Any]]:
    """Yield the moves of an episode of driving."""
    first = driven.episode.sights[0] if driven.episode.sights else None
    before: Mapping[str, int | None] = NOTHING_SEEN if first is None else {"x1": first[0], "x2": first[1]}
    for move in driven.moves:
        after = _pair(move.x1, move.x2)
        yield {
            **before,
            "after": after,
            "action": [],
            "left": move.left,
            "right": move.right,
            "seconds": move.seconds,
            "terms": move.terms,
            "reward": sum(move.terms.values()),
            "probability": None,
            "advantage": None,
            "by_hand": bool(move.by_hand),
        }
        before = after or before
