"""The routes of the hub's API; `Fleet`, `errands` and `sending` do the work."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from robot_agent.network.address import parse_address
from server.api.gate.caller import address_of
from server.api.requests import POLICY_FILE, Code, Number, RequestBody
from server.api.schemas import Done
from server.codec import encode
from server.fleet import errands, sending
from server.fleet.hub import Hub
from server.problems import Problem

router = APIRouter(tags=["fleet"])

RobotId = Annotated[str, Path(pattern="^(at-)?[0-9a-f]{12}$")]
Chosen = Annotated[
    list[Annotated[str, Field(pattern="^(at-)?[0-9a-f]{12}$")]], Field(min_length=1, max_length=64)
]


class HaltedRobots(RequestBody):
    """Halted robots that may move again, and the confirmation of that."""

    robots: Chosen
    confirm: bool


class NewRobot(RequestBody):
    """The address of a robot that the hub is to show."""

    address: Annotated[str, Field(min_length=1, max_length=300)]


class PolicyToSend(RequestBody):
    """A policy of one robot that others are to drive."""

    source: Annotated[str, Field(pattern="^[0-9a-f]{12}$")]
    checkpoint: Number | None = None
    robots: Chosen


class FromOne(RequestBody):
    """A robot whose fit or adapted policy others of the same kit are to get."""

    source: Annotated[str, Field(pattern="^[0-9a-f]{12}$")]
    robots: Chosen


def _hub(request: Request) -> Hub:
    hub: Hub = request.app.state.hub
    return hub


@router.get("/status")
async def status(request: Request) -> Response:
    """The state of all robots: the same as the WebSocket's `robot` messages."""
    fleet = _hub(request).fleet
    views = [encode(fleet.robots[number].view()) for number in fleet.order()]
    return Response(b'{"robots":[' + b",".join(views) + b"]}", media_type="application/json")


@router.post("/halt")
async def halt(request: Request, robot: Annotated[list[str] | None, Query(max_length=64)] = None) -> Response:
    """Halt all robots, or those with these ids; answers which have confirmed. Needs no login and no body."""
    hub = _hub(request)
    stopped = await hub.halt(robot or [], f"somebody at {address_of(request.scope)}")
    return Response(encode(stopped), media_type="application/json")


@router.post("/halt/reset")
async def reset(request: Request, halted: HaltedRobots) -> Any:
    """Reset the halt of robots, so that they may move again; this alone moves nothing."""
    if not halted.confirm:
        raise Problem(422, "A halt is reset on purpose only: send confirm = true.")
    return await errands.each(_hub(request).fleet.chosen(halted.robots), errands.reset)


@router.post("/robots", response_model=Done)
async def add(request: Request, new: NewRobot) -> Any:
    """Show the robot at an address, whichever it is."""
    _hub(request).fleet.add(parse_address(new.address), kept=True)
    return {}


@router.delete("/robots/{robot}", response_model=Done)
async def remove(request: Request, robot: RobotId) -> Any:
    """Remove a robot from the page, and forget its key."""
    _hub(request).fleet.remove(robot)
    return {}


@router.post("/robots/{robot}/code", response_model=Done)
async def ask_for_code(request: Request, robot: RobotId) -> Any:
    """Make a robot show a pairing code in its terminal."""
    await errands.ask_for_code(_hub(request).fleet.robot(robot))
    return {}


@router.post("/robots/{robot}/pair", response_model=Done)
async def pair(request: Request, robot: RobotId, code: Code) -> Any:
    """Pair with a robot, with the code that its terminal shows."""
    fleet = _hub(request).fleet
    await errands.pair(fleet, fleet.robot(robot), code.code)
    return {}


@router.get("/robots/{robot}/runs")
async def runs(request: Request, robot: RobotId) -> Any:
    """The runs of a robot, the newest first."""
    return await errands.runs(_hub(request).fleet.robot(robot))


@router.get("/robots/{robot}/runs/{run}")
async def run(request: Request, robot: RobotId, run: Annotated[int, Path(ge=1, le=2**53)]) -> Any:
    """One run of a robot, with its learning curve."""
    return await errands.run(_hub(request).fleet.robot(robot), run)


@router.post("/policies")
async def send_policy(request: Request, wish: PolicyToSend) -> Any:
    """Send a policy of one robot to others, which drive it from now on."""
    fleet = _hub(request).fleet
    policy, name = await sending.policy_of(fleet.robot(wish.source), wish.checkpoint)
    return await sending.send_policy(policy, name, fleet.chosen(wish.robots))


@router.post(
    "/checkpoints/upload",
    openapi_extra=POLICY_FILE,
)
async def upload(
    request: Request,
    robot: Annotated[list[str], Query(min_length=1, max_length=64)],
    name: Annotated[str, Query(min_length=1, max_length=80)] = "uploaded",
) -> Any:
    """Send a policy file (safetensors, at most 2 MB) to robots, which drive it from now on."""
    robots = _hub(request).fleet.chosen(robot)
    return await sending.send_policy(await request.body(), name, robots)


@router.post("/fits")
async def send_fit(request: Request, wish: FromOne) -> Any:
    """Send what one robot knows of itself to others of the same kit."""
    fleet = _hub(request).fleet
    return await sending.send_fit(fleet.robot(wish.source), fleet.chosen(wish.robots))


@router.post("/adapted")
async def send_adapted(request: Request, wish: FromOne) -> Any:
    """Send the policy that was adapted to one robot to others of the same kit."""
    fleet = _hub(request).fleet
    return await sending.send_adapted(fleet.robot(wish.source), fleet.chosen(wish.robots))
