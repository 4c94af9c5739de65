"""What can be done with the robot, and what it shows: thin routes over `Control`."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

from fastapi import APIRouter, Body, Request
from starlette.responses import Response, StreamingResponse

from robot_agent.settings.config import describe
from server.api.schemas import (
    Begun,
    ChosenDetector,
    Click,
    Confirmed,
    DetectorChoice,
    Done,
    DriveStart,
    Findings,
    Halt,
    Setting,
    TrainingStart,
)
from server.control.clients import Client
from server.control.control import Control
from server.control.server_settings import is_open
from server.problems import Problem

router = APIRouter(tags=["control"])

T = TypeVar("T")


def _control(request: Request) -> Control:
    control: Control = request.app.state.control
    return control


@router.get("/status", response_model=dict[str, Any])
async def status(request: Request) -> Any:
    """What is under way: the same as the WebSocket's `state`."""
    control = request.scope["role"] == "control"
    return _control(request).state.message() | {"can": {"control": control, "halt": True}}


@router.post("/halt", response_model=Halt)
async def halt(request: Request) -> Any:
    """Stop everything; answers when the pins are low. Needs no login and no body."""
    who = f"Somebody at {request.client.host}" if request.client is not None else "Somebody"
    return await _control(request).halts.halt(who)


@router.post("/halt/reset", response_model=Done)
async def reset(request: Request, confirmed: Confirmed) -> Any:
    """Let the wheels move again; nothing begins to move by that."""
    await _control(request).halts.reset()
    return {}


@router.post("/training/start", response_model=Begun)
async def start_training(request: Request, start: Annotated[TrainingStart, Body()]) -> Any:
    """Begin a training."""
    return await _control(request).start(**start.model_dump())


@router.post("/training/pause", response_model=Done)
async def pause(request: Request) -> Any:
    """Stand still between two moves."""
    await _control(request).pause()
    return {}


@router.post("/training/resume", response_model=Begun)
async def resume(request: Request) -> Any:
    """Go on with what is paused, or with the last run that is not finished."""
    return await _control(request).resume()


@router.post("/training/stop", response_model=Done)
async def stop_training(request: Request) -> Any:
    """End the training; what was learned is kept."""
    await _control(request).stop("training")
    return {}


@router.post("/drive/start", response_model=Begun)
async def start_driving(request: Request, start: Annotated[DriveStart, Body()]) -> Any:
    """Drive a learned policy in endless episodes."""
    return await _control(request).drive(start.checkpoint)


@router.post("/drive/stop", response_model=Done)
async def stop_driving(request: Request) -> Any:
    """End driving."""
    await _control(request).stop("driving")
    return {}


@router.post("/detector", response_model=ChosenDetector)
async def choose_detector(request: Request, choice: DetectorChoice) -> Any:
    """Take another detector while nothing moves; the old one stays when it cannot be loaded."""
    return await _control(request).choose_detector(choice.name)


@router.post("/vision/learn-color", response_model=dict[str, Any])
async def learn_color(request: Request, click: Click) -> Any:
    """Learn the target's colour from a pixel of a picture that was shown."""
    return await _control(request).learn_color(click.x, click.y, click.sequence)


@router.post("/vision/teach-goal", response_model=dict[str, Any])
async def teach_goal(request: Request) -> Any:
    """Take what is seen now, the median of five pictures, as the sight to reach."""
    return await _control(request).teach_goal()


@router.get("/health", response_model=Findings)
async def health(request: Request) -> Any:
    """What the training's health report says; nothing while it learns."""
    return {"findings": _control(request).state.findings}


@router.get("/check", response_model=Findings)
async def check(request: Request) -> Any:
    """Everything a new owner gets wrong, looked at."""
    return {"findings": await _control(request).link.ask("check")}


@router.get("/settings", response_model=list[Setting])
async def settings(request: Request) -> Any:
    """Every setting."""
    now = _control(request).plans.config.model_dump(mode="json")

    def value(name: str) -> Any:
        found: Any = now
        for part in name.split("."):
            found = found[part]
        return _without_password(found) if name == "camera.source" else found

    return [
        {"name": name, "value": value(name), "default": _json(default), "help": words}
        | {"open": is_open(name)}
        for name, default, words in describe()
    ]


def _json(value: Any) -> Any:
    return (
        value
        if isinstance(value, bool | int | float | str | list | dict | None)
        else (list(value) if isinstance(value, tuple) else str(value))
    )


def _without_password(source: Any) -> Any:
    if not isinstance(source, str) or "@" not in source:
        return source
    parts = urlsplit(source)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


# For scripts


@router.get("/camera.jpg", response_class=Response, responses={200: {"content": {"image/jpeg": {}}}})
async def camera(request: Request) -> Response:
    """The newest picture."""
    control = _control(request)
    with _watching(control, _client(request)) as client:
        jpeg = await _picture(control, client)
    return Response(jpeg, media_type="image/jpeg")


def _client(request: Request) -> Client:
    """Make a client for a request that only listens; raises Problem when there are too many."""
    client = Client(control=request.scope["role"] == "control", key=request.scope["key"])
    client.stream = True
    _control(request).clients.must_admit(client)
    return client


@contextmanager
def _watching(control: Control, client: Client) -> Iterator[Client]:
    control.clients.all.add(client)
    control.watch()
    try:
        yield client
    finally:
        control.clients.all.discard(client)
        control.watch()


async def _unless_turned_out(client: Client, awaited: Coroutine[Any, Any, T]) -> T | None:
    """Return what is awaited, or None once the client is turned out."""
    out, work = asyncio.ensure_future(client.turned_out.wait()), asyncio.ensure_future(awaited)
    try:
        await asyncio.wait((work, out), return_when=asyncio.FIRST_COMPLETED)
        return None if out.done() else work.result()
    finally:
        out.cancel()
        work.cancel()


async def _picture(control: Control, client: Client, seconds: float = 5.0) -> bytes:
    """Wait for a picture that was taken from now on."""
    from server.protocol import unpack_picture

    until = asyncio.get_running_loop().time() + seconds
    while (left := until - asyncio.get_running_loop().time()) > 0:
        try:
            waiting = await asyncio.wait_for(client.next(), left)
        except TimeoutError:
            break
        for data in waiting:
            if isinstance(data, bytes):
                return unpack_picture(data)[1]
    if control.relay.pictures.newest is not None:
        return control.relay.pictures.newest
    raise Problem(503, "There is no picture yet; the trainer may be starting, or the camera has a fault.")


@router.get(
    "/camera.mjpg",
    response_class=StreamingResponse,
    responses={200: {"content": {"multipart/x-mixed-replace": {}}}},
)
async def stream(request: Request) -> StreamingResponse:
    """Pictures as they come."""
    control, client = _control(request), _client(request)

    async def pictures() -> AsyncIterator[bytes]:
        with _watching(control, client), suppress(Problem):
            while jpeg := await _unless_turned_out(client, _picture(control, client)):
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                yield head.encode() + jpeg + b"\r\n"

    return StreamingResponse(pictures(), media_type="multipart/x-mixed-replace; boundary=frame")


@router.get(
    "/events", response_class=StreamingResponse, responses={200: {"content": {"text/event-stream": {}}}}
)
async def events(request: Request) -> StreamingResponse:
    """What happens, as server-sent events."""
    control, client = _control(request), _client(request)
    client.frames = False

    async def happenings() -> AsyncIterator[str]:
        with _watching(control, client):
            control.greet(client)
            while waiting := await _unless_turned_out(client, client.next()):
                for data in waiting:
                    if isinstance(data, str):
                        yield f"data: {data}\n\n"

    return StreamingResponse(happenings(), media_type="text/event-stream")
