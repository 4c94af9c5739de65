"""What the robot knows of itself, and adapting its policy to it."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from server.api.routes_control import control_of
from server.api.schemas import Adapted, Done
from server.codec import encode
from server.problems import Problem
from server.protocol import Known

router = APIRouter(tags=["robot"])


@router.get("/robot", response_class=Response, responses={200: {"model": Known}})
async def robot(request: Request) -> Response:
    """What the robot knows of itself, from its own moves: the same as the WebSocket's `known`."""
    state = control_of(request).state
    nothing = Known(state.config.robot, 0, [], 0.0, [], [], [], [], [])
    return Response(encode(state.known or nothing), media_type="application/json")


@router.post("/robot/adapt", response_model=Adapted)
async def adapt(request: Request) -> Any:
    """Train the policy on for this robot, in the simulator; it is kept only if it is surely better."""
    control = control_of(request)
    if control.state.known is None or not control.state.known.moves:
        raise Problem(409, "Nothing is known of this robot yet; let it drive first.")
    return await control.adapting.adapt(control.state.config)


@router.post("/robot/revert", response_model=Done)
async def revert(request: Request) -> Any:
    """Return to the policy before the adapted one."""
    control = control_of(request)
    await control.adapting.revert(control.state.config)
    return {}
