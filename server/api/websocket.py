"""The WebSocket of the page: the server's messages and pictures, and the page's halt and driving by hand."""

import asyncio
import logging
import time
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from server.api.close_codes import MAX_PER_SECOND, NOT_JSON, NOT_PAIRED, TRY_LATER
from server.api.gate.caller import address_of
from server.api.sockets import MessageRate, send_waiting
from server.codec import Garbage, Invalid, decode, encode
from server.control.clients import Client
from server.control.control import Control
from server.problems import Problem
from server.protocol.base import SUBPROTOCOL
from server.protocol.page import (
    FROM_PAGE,
    Lease,
    PageDrive,
    PageMessage,
    PageWatch,
    Ping,
    Pong,
    PressHalt,
    Release,
)

router = APIRouter()
log = logging.getLogger("robot-server")


@router.websocket("/ws")
async def watch(socket: WebSocket) -> None:
    """Accept the WebSocket of a page, and serve it until it disconnects."""
    control: Control = socket.app.state.control
    role = socket.scope["role"]
    await socket.accept(SUBPROTOCOL if SUBPROTOCOL in socket.scope["subprotocols"] else None)
    if not socket.app.state.auth.knows(socket.scope["key"]):  # revoked while it connected
        return await socket.close(NOT_PAIRED)
    client = Client(control=role == "control", read=role != "none", key=socket.scope["key"])
    try:
        control.clients.must_admit(client)
    except Problem as problem:
        return await socket.close(TRY_LATER, str(problem))
    await _Session(socket, control, client).serve()


class _Session:
    """The connection of one page."""

    def __init__(self, socket: WebSocket, control: Control, client: Client) -> None:
        self._socket, self._control, self._client = socket, control, client
        self._command: PageDrive | None = None
        self._commanded = asyncio.Event()
        self._rate = MessageRate(MAX_PER_SECOND)

    async def serve(self) -> None:
        control, client = self._control, self._client
        control.clients.all.add(client)
        control.watch()
        control.greet(client)
        tasks = [asyncio.create_task(work) for work in self._work()]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            control.clients.all.discard(client)
            for task in tasks:
                task.cancel()
            await control.manual.release(client)  # a page that has gone holds nothing
            control.manual.holder.forget(client)
            control.watch()
            for end in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(end, Exception):
                    log.error("a page was cut off", exc_info=end)
            with suppress(RuntimeError, WebSocketDisconnect):
                await self._socket.close(NOT_PAIRED if client.turned_out else 1000)

    def _work(self) -> tuple[Coroutine[Any, Any, Any], ...]:
        return send_waiting(self._socket, self._client), self._receive(), self._drive()

    async def _receive(self) -> None:
        with suppress(WebSocketDisconnect, RuntimeError):
            while True:
                received = await self._socket.receive()
                if received["type"] != "websocket.receive" or self._rate.exceeded():
                    return
                try:
                    message = decode(received.get("text") or received.get("bytes") or b"", FROM_PAGE)
                except Invalid as error:
                    if error.kind == PageDrive.type:
                        self._answer(str(error))
                except Garbage:
                    return await self._socket.close(NOT_JSON, "Send JSON objects.")
                else:
                    await self._take(message)

    async def _take(self, message: PageMessage | None) -> None:
        control, client = self._control, self._client
        match message:
            case PressHalt():
                host = address_of(self._socket.scope)
                await control.halt.halt(f"Somebody at {host}" if host else "Somebody")
            case Ping():
                client.send(encode(Pong(message.t, time.monotonic())).decode())
            case PageWatch():
                client.frames = message.frames
                control.watch()
            case Release():
                self._command = None
                await control.manual.release(client)
            case PageDrive():
                self._command = message
                self._commanded.set()

    async def _drive(self) -> None:
        """Carry out the page's newest command to drive; this is a task of its own, so that no halt waits."""
        while True:
            await self._commanded.wait()
            self._commanded.clear()
            command, self._command = self._command, None
            if command is not None and not command.is_late(time.monotonic()):
                self._answer(await self._control.manual.drive(self._client, command))

    def _answer(self, why: str) -> None:
        """Tell the page whether its last command to drive was carried out; `why` is empty if it was."""
        lease = Lease(held=not why, why=why)
        self._client.put(lease.type, encode(lease).decode())
