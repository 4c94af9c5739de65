"""For scripts: the newest picture, pictures as they come, and what happens as server-sent events."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.responses import Response, StreamingResponse

from server.api.routes_control import client_of, control_of
from server.codec import unpack_picture
from server.control.clients import Client
from server.control.control import Control
from server.problems import Problem

router = APIRouter(tags=["for scripts"])

PICTURE_SECONDS = 5.0
"""Time in which a new picture has to come; else the last one is sent."""

T = TypeVar("T")


def admitted(request: Request) -> Client:
    """Return who sent a request, to listen; raises Problem when there are too many."""
    client = client_of(request, stream=True)
    control_of(request).clients.must_admit(client)
    return client


Listener = Annotated[Client, Depends(admitted)]


@router.get("/camera.jpg", response_class=Response, responses={200: {"content": {"image/jpeg": {}}}})
async def camera(request: Request, client: Listener) -> Response:
    """The newest picture."""
    control = control_of(request)
    with _listening(control, client):
        return Response(await _picture(control, client), media_type="image/jpeg")


@router.get(
    "/camera.mjpg",
    response_class=StreamingResponse,
    responses={200: {"content": {"multipart/x-mixed-replace": {}}}},
)
async def stream(request: Request, client: Listener) -> StreamingResponse:
    """Pictures as they come."""
    control = control_of(request)

    async def pictures() -> AsyncIterator[bytes]:
        with _listening(control, client), suppress(Problem):
            while jpeg := await _unless_turned_out(client, _picture(control, client)):
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                yield head.encode() + jpeg + b"\r\n"

    return StreamingResponse(pictures(), media_type="multipart/x-mixed-replace; boundary=frame")


@router.get("/events", response_class=EventSourceResponse)
async def events(request: Request, client: Listener) -> AsyncIterator[ServerSentEvent]:
    """What happens, as server-sent events: the WebSocket's messages, one JSON object each."""
    control = control_of(request)
    client.frames = False
    with _listening(control, client):
        control.greet(client)
        while waiting := await _unless_turned_out(client, client.next()):
            for data in waiting:
                if isinstance(data, str):
                    yield ServerSentEvent(raw_data=data)


@contextmanager
def _listening(control: Control, client: Client) -> Iterator[None]:
    control.clients.all.add(client)
    control.watch()
    try:
        yield
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


async def _picture(control: Control, client: Client) -> bytes:
    """Wait for a picture that was taken from now on."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PICTURE_SECONDS):
            while True:
                for data in await client.next():
                    if isinstance(data, bytes):
                        return unpack_picture(data)[1]
    if (newest := control.relay.pictures.newest) is not None:
        return newest
    raise Problem(503, "There is no picture yet; the trainer may be starting, or the camera has a fault.")
