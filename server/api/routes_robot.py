"""Routes for what the robot knows of itself, and for adapting its policy to it."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from robot_agent.envs.task import ActionKind
from server.api.requests import POLICY_FILE, RobotFit
from server.api.routes_control import control_of
from server.api.schemas import Done
from server.codec import encode
from server.protocol.from_worker import Known
from server.protocol.page import Adaptation
from server.protocol.to_worker import Fit, GiveFit, TakeFit

router = APIRouter(tags=["robot"])


@router.get("/robot", response_class=Response, responses={200: {"model": Known}})
async def robot(request: Request) -> Response:
    """What the robot knows of itself, from its own moves: the same as the WebSocket's `known`."""
    state = control_of(request).state
    nothing = Known(state.config.robot, 0, [], 0.0, [], [], [], [], [])
    return Response(encode(state.known or nothing), media_type="application/json")


@router.post("/robot/adapt", status_code=202, response_class=Response, responses={202: {"model": Adaptation}})
async def adapt(request: Request) -> Response:
    """Adapt the policy to this robot by further training in the simulator; kept only if surely better.

    This takes some seconds, on a Raspberry Pi a minute, and goes on after the answer:
    `GET /robot/adaptation` and the WebSocket's `state` say when it is over, and how it ended.
    """
    control = control_of(request)
    control.adapting.begin()
    return Response(encode(control.state.adaptation), media_type="application/json", status_code=202)


@router.get("/robot/adaptation", response_class=Response, responses={200: {"model": Adaptation}})
async def adaptation(request: Request) -> Response:
    """Whether the policy is being adapted to this robot, and how the last adaptation ended."""
    return Response(encode(control_of(request).state.adaptation), media_type="application/json")


@router.get("/robot/fit", response_class=Response, responses={200: {"model": Fit}})
async def give_fit(request: Request) -> Response:
    """What is known of this robot, for other robots of the same kit; see `POST /robot/fit`."""
    fit = await control_of(request).worker.ask(GiveFit(), Fit)
    return Response(encode(fit), media_type="application/json")


@router.post("/robot/fit", response_model=Done)
async def take_fit(request: Request, fit: RobotFit) -> Any:
    """Replace what is known of this robot by what is known of another robot of the same kit."""
    await control_of(request).worker.do(TakeFit(fit.version, fit.known))
    return {}


@router.get(
    "/robot/policy",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
async def give_policy(request: Request, action: Annotated[ActionKind, Query()] = "wheels") -> Response:
    """The policy that was adapted to this robot, for other robots of the same kit; see `PUT`."""
    control = control_of(request)
    content = await control.adapting.give(control.state.config, action)
    return Response(content, media_type="application/octet-stream")


@router.put(
    "/robot/policy",
    response_model=Done,
    openapi_extra=POLICY_FILE,
)
async def put_policy(request: Request, action: Annotated[ActionKind, Query()] = "wheels") -> Any:
    """Drive this policy from now on: a safetensors file of a policy that uses what is known of the robot."""
    content = await request.body()
    control = control_of(request)
    await control.adapting.take(control.state.config, content, action)
    return {}


@router.post("/robot/revert", response_model=Done)
async def revert(request: Request) -> Any:
    """Return to the policy before the adapted one."""
    control = control_of(request)
    await control.adapting.revert(control.state.config)
    return {}
