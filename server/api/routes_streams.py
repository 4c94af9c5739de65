"""Routes for scripts: the newest picture, a stream of pictures, and a stream of server-sent events."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from typing import Annotated

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
"""Longest time to wait for a new picture; after that, the last one is sent again."""


def admitted(request: Request) -> Client:
    """Return the sender of a request as a client that only listens; raise Problem if there are too many."""
    client = client_of(request, stream=True)
    control_of(request).clients.must_admit(client)
    return client


Listener = Annotated[Client, Depends(admitted)]


@router.get("/camera.jpg", response_class=Response, responses={200: {"content": {"image/jpeg": {}}}})
async def camera(request: Request, client: Listener) -> Response:
    """The newest picture."""
    control = control_of(request)
    with _listening(control, client):
        if (jpeg := await _picture(control, client)) is None:
            raise Problem(401, "This key was revoked meanwhile; pair again, or make a new token.")
        return Response(jpeg, media_type="image/jpeg")


@router.get(
    "/camera.mjpg",
    response_class=StreamingResponse,
    responses={200: {"content": {"multipart/x-mixed-replace": {}}}},
)
async def stream(request: Request, client: Listener) -> StreamingResponse:
    """A stream of pictures (MJPEG)."""
    control = control_of(request)

    async def pictures() -> AsyncIterator[bytes]:
        with _listening(control, client), suppress(Problem):
            while jpeg := await _picture(control, client):
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                yield head.encode() + jpeg + b"\r\n"

    return StreamingResponse(pictures(), media_type="multipart/x-mixed-replace; boundary=frame")


@router.get("/events", response_class=EventSourceResponse)
async def events(request: Request, client: Listener) -> AsyncIterator[ServerSentEvent]:
    """The WebSocket's messages as server-sent events, one JSON object each."""
    control = control_of(request)
    client.frames = False
    with _listening(control, client):
        control.greet(client)
        while waiting := await client.next():
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


async def _picture(control: Control, client: Client) -> bytes | None:
    """Return the next picture, or the last one if none comes in time; None once the client is turned out."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PICTURE_SECONDS):
            while waiting := await client.next():
                for data in waiting:
                    if isinstance(data, bytes):
                        return unpack_picture(data)[1]
            return None
    if (newest := control.relay.pictures.newest) is not None:
        return newest
    raise Problem(503, "There is no picture yet; the trainer may be starting, or the camera has a fault.")
