"""Requests of the hub to its robots, for a person: pair, reset a halt, list the runs."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from robot_agent.network.api import NetworkError
from robot_agent.network.keyring import Keyring, KeyringError
from robot_agent.network.messages import plain
from robot_agent.network.pairing import pair as pair_with
from server.fleet.fleet import Fleet
from server.fleet.http import Answer, NoAnswer, ask, bearer
from server.fleet.robot import Robot
from server.problems import Problem

SECONDS = 15.0
"""Longest time that a robot may take for a request."""

MAX_RUNS, MAX_POINTS = 200, 2000
"""Largest number of runs of a robot that are listed, and of points of a curve."""


async def request(
    robot: Robot, method: str, path: str, body: Any = None, *, raw: bytes | None = None, kind: str = ""
) -> Answer:
    """Send a request to a robot with its key, and return the answer.

    Args:
        robot: the robot that gets the request.
        method: GET, POST, PUT or DELETE.
        path: path below the robot's API, such as `/runs`.
        body: JSON values that are sent.
        raw: bytes that are sent instead of `body`.
        kind: content type of `raw`.

    Raises:
        Problem: the robot cannot be reached, or refuses; the sentence names the robot.
    """
    if not robot.may_control:
        raise Problem(409, robot.problem or f"{robot.name} is not connected; wait until it is.")
    data = raw if raw is not None else None if body is None else json.dumps(body).encode()
    headers = bearer(robot.token) | ({"content-type": kind} if kind else {})
    try:
        answer = await ask(robot.address, method, path, body=data, headers=headers, seconds=SECONDS)
    except NoAnswer as error:
        raise Problem(503, f"{robot.name} did not answer ({error}); try again.") from None
    if answer.status >= 400:
        status = answer.status if answer.status in (404, 409, 413, 422) else 502
        raise Problem(status, f"{robot.name}: {answer.detail}")
    return answer


async def json_of(robot: Robot, method: str, path: str, body: Any = None, **more: Any) -> Any:
    """Return the JSON of a robot's answer; raise Problem as `request` does, or if the answer is not JSON."""
    value = (await request(robot, method, path, body, **more)).json()
    if value is None:
        raise Problem(502, f"{robot.name} answered with something that is no JSON; restart it.")
    return value


async def each(robots: Sequence[Robot], work: Callable[[Robot], Awaitable[str]]) -> list[dict[str, Any]]:
    """Do the same work with several robots at the same time; return the result for each robot."""

    async def one(robot: Robot) -> dict[str, Any]:
        result = {"robot": robot.id, "name": robot.name}
        try:
            return result | {"done": True, "words": await work(robot)}
        except Problem as problem:
            return result | {"done": False, "words": str(problem)}

    return list(await asyncio.gather(*map(one, robots)))


async def ask_for_code(robot: Robot) -> None:
    """Make a robot show a pairing code in its terminal, if its last code is used or too old.

    Raises:
        Problem: the robot cannot be reached.
    """
    try:
        await ask(robot.address, "GET", "/pair", largest=16_384)
    except NoAnswer as error:
        raise Problem(503, f"{robot.name} did not answer ({error}); try again.") from None


async def pair(fleet: Fleet, robot: Robot, code: str) -> None:
    """Pair with a robot, with the code that its terminal shows, as `robot-agent pair` does.

    Raises:
        Problem: the code is wrong, the robot cannot be reached, or its key cannot be stored.
    """
    try:
        await asyncio.to_thread(pair_with, robot.address, code, Keyring(fleet.keys.path))
    except NetworkError as error:
        status = error.status if error.status in (403, 409, 422, 429) else 503
        raise Problem(status, str(error)) from None
    except KeyringError as error:
        raise Problem(503, str(error)) from None
    await fleet.reconnect(robot)


async def reset(robot: Robot) -> str:
    """Reset the halt of a robot, so that it may move again; return a sentence that says so."""
    await request(robot, "POST", "/halt/reset", {"confirm": True})
    return "It may move again."


# Runs

RUN_TEXTS = ("name", "status", "preset", "action")
RUN_NUMBERS = ("id", "moves", "episodes", "success_rate", "moves_mean", "created")


async def runs(robot: Robot) -> list[dict[str, Any]]:
    """Return the runs of a robot, the newest first."""
    found = await json_of(robot, "GET", "/runs")
    rows = [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
    return [_run(row) for row in rows[:MAX_RUNS] if not row.get("deleted") and type(row.get("id")) is int]


async def run(robot: Robot, number: int) -> dict[str, Any]:
    """Return one run of a robot, with its learning curve."""
    found = await json_of(robot, "GET", f"/runs/{number}")
    if not isinstance(found, dict):
        raise Problem(502, f"{robot.name} has not described its run; try again.")
    curves = {
        "updates": ("moves", "success_rate", "episode_moves"),
        "evaluations": ("moves", "success_rate", "moves_mean"),
    }
    return _run(found) | {name: _rows(found.get(name), columns) for name, columns in curves.items()}


def _run(row: dict[str, Any]) -> dict[str, Any]:
    texts = {name: plain(row[name], 80) if isinstance(row.get(name), str) else None for name in RUN_TEXTS}
    return texts | {name: _number(row.get(name)) for name in RUN_NUMBERS}


def _rows(rows: Any, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    kept = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [{name: _number(row.get(name)) for name in columns} for row in kept[:MAX_POINTS]]


def _number(value: Any) -> float | int | None:
    return value if type(value) in (int, float) and abs(value) < 1e15 else None
