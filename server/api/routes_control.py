"""Routes that control the robot; each calls `Control`, which does the work."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from starlette.responses import Response

from server.api.gate.caller import address_of
from server.api.requests import Click, Confirmed, DetectorChoice, DriveStart, TrainingStart
from server.api.schemas import Begun, ChosenDetector, Done, Findings, HaltDone
from server.codec import encode
from server.control.clients import Client
from server.control.control import Control
from server.problems import Problem
from server.protocol.from_worker import ReportLine
from server.protocol.page import State
from server.protocol.to_worker import Check, LearnedColor, TaughtGoal

router = APIRouter(tags=["control"])


def control_of(request: Request) -> Control:
    """Return the control of the app that received a request."""
    control: Control = request.app.state.control
    return control


def client_of(request: Request, *, stream: bool = False) -> Client:
    """Return the sender of a request, as a client."""
    return Client(control=request.scope["role"] == "control", key=request.scope["key"], stream=stream)


@router.get("/status", response_class=Response, responses={200: {"model": State}})
async def status(request: Request) -> Response:
    """The state of everything: the same as the WebSocket's `state`."""
    message = control_of(request).state_for(client_of(request))
    return Response(encode(message), media_type="application/json")


@router.post("/halt", response_model=HaltDone)
async def halt(request: Request) -> Any:
    """Stop everything; answers when the pins are low. Needs no login and no body."""
    address = address_of(request.scope)
    who = f"Somebody at {address}" if address else "Somebody"
    return await control_of(request).halt.halt(who)


@router.post("/halt/reset", response_model=Done)
async def reset(request: Request, confirmed: Confirmed) -> Any:
    """Reset the halt, so that the wheels may move again; this alone moves nothing."""
    await control_of(request).halt.reset()
    return {}


@router.post("/training/start", response_model=Begun)
async def start_training(request: Request, start: Annotated[TrainingStart, Body()]) -> Any:
    """Begin a training."""
    begun = await control_of(request).job.start(**start.model_dump())
    return {"run": begun.run}


@router.post("/training/pause", response_model=Done)
async def pause(request: Request) -> Any:
    """Pause the training or driving after the move under way."""
    await control_of(request).job.pause()
    return {}


@router.post("/training/resume", response_model=Begun)
async def resume(request: Request) -> Any:
    """Go on with the paused training or driving, or with the last run if it is not finished."""
    return {"run": await control_of(request).job.resume()}


@router.post("/training/stop", response_model=Done)
async def stop_training(request: Request) -> Any:
    """End the training; what was learned is kept."""
    await control_of(request).job.stop("training")
    return {}


@router.post("/drive/start", response_model=Begun)
async def start_driving(request: Request, start: Annotated[DriveStart, Body()]) -> Any:
    """Drive a learned policy in endless episodes."""
    run, checkpoint = await control_of(request).job.drive(start.checkpoint, known=start.known)
    return {"run": run, "checkpoint": checkpoint}


@router.post("/drive/stop", response_model=Done)
async def stop_driving(request: Request) -> Any:
    """End driving."""
    await control_of(request).job.stop("driving")
    return {}


@router.post("/lending/stop", response_model=Done)
async def take_back(request: Request) -> Any:
    """Take the robot back from the program on another machine that drives it."""
    lending = control_of(request).lending
    if lending.loan is None:
        raise Problem(409, "Nobody drives this robot from another machine.")
    await lending.take_back()
    return {}


@router.post("/detector", response_model=ChosenDetector)
async def choose_detector(request: Request, choice: DetectorChoice) -> Any:
    """Use another detector, while nothing moves; if it cannot be used, the old one stays."""
    await control_of(request).teaching.choose_detector(choice.name)
    return {"detector": choice.name}


@router.post("/vision/learn-color", response_model=LearnedColor)
async def learn_color(request: Request, click: Click) -> Any:
    """Learn the target's colour from a pixel of a picture that was shown."""
    return await control_of(request).teaching.learn_color(click.x, click.y, click.sequence)


@router.post("/vision/teach-goal", response_model=TaughtGoal)
async def teach_goal(request: Request) -> Any:
    """Make the sight of this moment the goal: the median of five pictures."""
    return await control_of(request).teaching.teach_goal()


@router.get("/health", response_model=Findings)
async def health(request: Request) -> Any:
    """The health report of the training; empty while all is well."""
    return {"findings": control_of(request).state.findings}


@router.get("/check", response_model=Findings)
async def check(request: Request) -> Any:
    """Check everything that a new owner often gets wrong."""
    return {"findings": await control_of(request).worker.ask(Check(), list[ReportLine])}
