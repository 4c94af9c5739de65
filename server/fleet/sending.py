"""Sends from one robot to others: a policy, the adapted policy, or the fit (what it knows of itself)."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from server.fleet.errands import each, json_of, request, runs
from server.fleet.robot import Robot
from server.problems import Problem

POLICY = "application/octet-stream"


async def policy_of(robot: Robot, checkpoint: int | None = None) -> tuple[bytes, str]:
    """Return a policy of a robot as the content of a file, and its name for other robots.

    Args:
        robot: the robot that has the policy.
        checkpoint: number of the checkpoint; if not given, the one that the robot drives by default, else the
            best of its newest run.

    Raises:
        Problem: the robot has no policy, or cannot be reached.
    """
    if checkpoint is None:
        checkpoint = robot.view().checkpoint or await _best(robot)
    answer = await request(robot, "GET", f"/checkpoints/{checkpoint}/download")
    return answer.body, f"{robot.name}, checkpoint {checkpoint}"


async def _best(robot: Robot) -> int:
    for run in await runs(robot):
        checkpoints = await json_of(robot, "GET", f"/checkpoints?run={run['id']}")
        rows = checkpoints if isinstance(checkpoints, list) else []
        known = [one for one in rows if type(_field(one, "id")) is int]
        best = [one for one in known if isinstance(one.get("marks"), list) and "best" in one["marks"]]
        found = best or known[-1:]
        if found:
            return int(found[0]["id"])
    raise Problem(409, f"{robot.name} has no policy yet; train it first.")


async def send_policy(policy: bytes, name: str, robots: Sequence[Robot]) -> list[dict[str, Any]]:
    """Send a policy to robots, as the one that they drive from now on; return the result for each robot.

    This alone moves nothing; a robot that is driving goes on with the new policy.
    """

    async def send(robot: Robot) -> str:
        path = f"/checkpoints/upload?name={quote(name[:80], safe='')}"
        kept = await json_of(robot, "POST", path, raw=policy, kind=POLICY)
        number, run = _field(kept, "checkpoint"), _field(kept, "run")
        if type(number) is not int or type(run) is not int:
            raise Problem(502, f"{robot.name} does not say where it has put the policy; look there.")
        await request(robot, "POST", f"/checkpoints/{number}/restore")
        return f"It is run {run} there, and the one that drives."

    return await each(robots, send)


async def send_adapted(source: Robot, robots: Sequence[Robot]) -> list[dict[str, Any]]:
    """Send the policy that was adapted to `source` to robots of the same kit; return the result for each.

    They use it when they drive by what they know of themselves, and can return to the policy before.

    Raises:
        Problem: no policy was adapted to the source, or it cannot be reached.
    """
    policy = (await request(source, "GET", "/robot/policy")).body

    async def send(robot: Robot) -> str:
        await request(robot, "PUT", "/robot/policy", raw=policy, kind=POLICY)
        return "It has the adapted policy, and can return to the one before on its page."

    return await each(robots, send)


def _field(value: Any, name: str) -> Any:
    """Return a field of a robot's answer; None if it has no such field."""
    return value.get(name) if isinstance(value, dict) else None


async def send_fit(source: Robot, robots: Sequence[Robot]) -> list[dict[str, Any]]:
    """Send what `source` knows of itself to robots of the same kit; return the result for each robot.

    Each robot begins with this knowledge, with more doubt than the source has, and learns on from its own
    moves.

    Raises:
        Problem: nothing is known of the source, or it cannot be reached.
    """
    fit = await json_of(source, "GET", "/robot/fit")

    async def send(robot: Robot) -> str:
        await request(robot, "POST", "/robot/fit", fit)
        return "It begins with what that robot knows."

    return await each(robots, send)
