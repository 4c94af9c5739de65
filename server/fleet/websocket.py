"""The WebSocket of the hub's page: the robots' states and pictures, and the page's halts."""

import asyncio
import time
from contextlib import suppress

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from server.api.close_codes import MAX_PER_SECOND, NOT_JSON, NOT_PAIRED, TRY_LATER
from server.api.gate.caller import address_of
from server.api.sockets import MessageRate, send_waiting
from server.codec import Garbage, Invalid, decode, encode
from server.fleet.hub import Hub
from server.fleet.messages import FROM_PAGE, HaltRobots, WatchRobots
from server.fleet.pages import Viewer
from server.problems import Problem
from server.protocol.base import SUBPROTOCOL
from server.protocol.page import Ping, Pong, PressHalt

router = APIRouter()


@router.websocket("/ws")
async def watch(socket: WebSocket) -> None:
    """Accept the WebSocket of a page, and serve it until it disconnects."""
    hub: Hub = socket.app.state.hub
    role, key = socket.scope["role"], socket.scope["key"]
    await socket.accept(SUBPROTOCOL if SUBPROTOCOL in socket.scope["subprotocols"] else None)
    if not socket.app.state.auth.knows(key):  # revoked while it connected
        return await socket.close(NOT_PAIRED)
    viewer = Viewer(control=role == "control", read=role != "none", key=key)
    clients = hub.pages.clients
    try:
        clients.must_admit(viewer)
    except Problem as problem:
        return await socket.close(TRY_LATER, str(problem))
    clients.all.add(viewer)
    hub.pages.greet(viewer, hub.fleet)
    tasks = [
        asyncio.create_task(send_waiting(socket, viewer)),
        asyncio.create_task(_receive(socket, hub, viewer)),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        clients.all.discard(viewer)
        hub.pages.watch()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(RuntimeError, WebSocketDisconnect):
            await socket.close(NOT_PAIRED if viewer.turned_out else 1000)


async def _receive(socket: WebSocket, hub: Hub, viewer: Viewer) -> None:
    who = f"somebody at {address_of(socket.scope)}"
    rate = MessageRate(MAX_PER_SECOND)
    halts: set[asyncio.Task[object]] = set()
    with suppress(WebSocketDisconnect, RuntimeError):
        while (received := await socket.receive())["type"] == "websocket.receive":
            if rate.exceeded():
                return
            try:
                message = decode(received.get("text") or received.get("bytes") or b"", FROM_PAGE)
            except Invalid:
                continue
            except Garbage:
                return await socket.close(NOT_JSON, "Send JSON objects.")
            match message:
                case PressHalt() | HaltRobots():
                    chosen = message.robots if isinstance(message, HaltRobots) else []
                    task: asyncio.Task[object] = asyncio.create_task(_halt(hub, chosen, who))
                    halts.add(task)
                    task.add_done_callback(halts.discard)
                case Ping():
                    viewer.send(encode(Pong(message.t, time.monotonic())).decode())
                case WatchRobots():
                    viewer.robots = set(message.robots[:64])
                    hub.pages.watch()


async def _halt(hub: Hub, chosen: list[str], who: str) -> None:
    with suppress(Problem):
        await hub.halt(chosen, who)
