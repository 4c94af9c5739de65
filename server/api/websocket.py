"""The WebSocket: everything the page shows and drives goes through this one."""

import asyncio
import time
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from server.control.clients import Client
from server.control.control import Control
from server.problems import Problem
from server.protocol import SUBPROTOCOL, Garbage, Message, decode, encode

router = APIRouter()

UNPAIRED = 4401
"""Code of a closed WebSocket: who came in by it may not any more."""

MAX_PER_SECOND = 60
"""A page sends ten messages a second; one that sends more than this is none of ours."""


@router.websocket("/ws")
async def watch(socket: WebSocket) -> None:
    """Welcome a page, and serve it until it goes."""
    control: Control = socket.app.state.control
    role = socket.scope["role"]
    await socket.accept(SUBPROTOCOL if SUBPROTOCOL in socket.scope["subprotocols"] else None)
    if not socket.app.state.auth.knows(socket.scope["key"]):  # revoked since it knocked
        return await socket.close(UNPAIRED)
    client = Client(control=role == "control", read=role != "none", key=socket.scope["key"])
    try:
        control.clients.must_admit(client)
    except Problem as problem:
        return await socket.close(1013, str(problem))
    await _Session(socket, control, client).serve()


class _Session:
    """One page."""

    def __init__(self, socket: WebSocket, control: Control, client: Client) -> None:
        self._socket, self._control, self._client = socket, control, client
        self._command: Message | None = None
        self._commanded = asyncio.Event()
        self._second, self._count = 0, 0

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
            await control.steering.release(client)  # whoever has gone holds nothing
            control.steering.hand.forget(client)
            control.watch()
            await asyncio.gather(*tasks, return_exceptions=True)
            with suppress(RuntimeError, WebSocketDisconnect):
                await self._socket.close(UNPAIRED if client.turned_out.is_set() else 1000)

    def _work(self) -> tuple[Coroutine[Any, Any, Any], ...]:
        return self._send(), self._receive(), self._drive(), self._client.turned_out.wait()

    async def _send(self) -> None:
        with suppress(WebSocketDisconnect, RuntimeError):
            while True:
                for data in await self._client.next():
                    if isinstance(data, str):
                        await self._socket.send_text(data)
                    else:
                        await self._socket.send_bytes(data)

    async def _receive(self) -> None:
        with suppress(WebSocketDisconnect, RuntimeError):
            while True:
                received = await self._socket.receive()
                if received["type"] != "websocket.receive" or self._floods():
                    return
                try:
                    message = decode(received.get("text") or received.get("bytes") or b"")
                except Garbage:
                    return await self._socket.close(1003, "Send JSON objects.")
                await self._take(message)

    def _floods(self) -> bool:
        second = int(time.monotonic())
        self._second, self._count = second, self._count + 1 if second == self._second else 1
        return self._count > MAX_PER_SECOND

    async def _take(self, message: Message) -> None:
        kind, control, client = message.get("type"), self._control, self._client
        if kind == "halt":
            await control.halts.halt(_who(self._socket))
        elif kind == "ping":
            client.tell(encode({"type": "pong", "t": message.get("t")}).decode())
        elif kind == "watch":
            client.frames = message.get("frames") is True
            control.watch()
        elif kind == "release":
            self._command = None
            await control.steering.release(client)
        elif kind == "drive":
            self._command = message
            self._commanded.set()

    async def _drive(self) -> None:
        """Carry out the newest command of who drives by hand; a halt does not wait behind it."""
        while True:
            await self._commanded.wait()
            self._commanded.clear()
            message, self._command = self._command, None
            if message is None:
                continue
            why = await self._carry_out(message)
            self._client.put("lease", encode({"type": "lease", "held": not why, "why": why}).decode())

    async def _carry_out(self, message: Message) -> str:
        if not self._client.control:
            return "Pair with the code in the terminal to drive."
        left, right, sequence = (message.get(name) for name in ("left", "right", "seq"))
        if isinstance(sequence, bool) or not isinstance(sequence, int):
            return "A command needs a whole number as seq, higher each time."
        for value in (left, right):
            if isinstance(value, bool) or not isinstance(value, int | float) or not -1 <= value <= 1:
                return "A command needs left and right, shares of full speed in [-1, 1]."
        return await self._control.drive_by_hand(self._client, float(left or 0), float(right or 0), sequence)


def _who(socket: WebSocket) -> str:
    return f"Somebody at {socket.client.host}" if socket.client is not None else "Somebody"
