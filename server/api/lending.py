"""The WebSocket through which a program on another machine drives the robot; see `robot_agent.network`."""

import asyncio
import logging
import socket as sockets
import time
from contextlib import suppress
from typing import Any, Literal, get_args

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import BaseModel

from robot_agent import __version__
from robot_agent.network.address import API
from robot_agent.network.messages import (
    BEAT_SECONDS,
    PATH,
    PROTOCOL,
    Beat,
    Borrow,
    Done,
    Echo,
    GiveBack,
    Lent,
    NoMessage,
    Order,
    Refused,
    StopOrder,
    TakenBack,
    from_desktop,
    pack,
)
from server.api.close_codes import NOT_JSON, NOT_PAIRED, TRY_LATER
from server.api.sockets import MessageRate
from server.control.clients import Client
from server.control.control import Control
from server.control.lending import Loan, NotLent
from server.problems import Problem
from server.protocol.from_worker import Ended

router = APIRouter()
log = logging.getLogger("robot-server")

FIRST_SECONDS = 10.0
"""Time in which a program that has connected has to send its first message, `Borrow`."""

MAX_WAITING = 8
"""A program with more orders under way is disconnected; a well-behaved one gives one at a time."""

MAX_PER_SECOND = 100
"""A program that sends more messages per second is disconnected; usual are ten echoes and the orders."""

ENDINGS: dict[str, tuple[Literal["stopped", "halted", "failed"], str]] = {
    "halted": (
        "halted",
        "The robot was halted; see there that all is well, then reset the halt on its page.",
    ),
    "failed": ("failed", "The robot's program has failed; its page and its log say why."),
}


@router.websocket(PATH.removeprefix(API))
async def lend(socket: WebSocket) -> None:
    """Lend the robot to a paired program, and carry out its orders until it disconnects."""
    control: Control = socket.app.state.control
    await socket.accept()
    if socket.scope["role"] != "control" or not socket.app.state.auth.knows(socket.scope["key"]):
        return await socket.close(NOT_PAIRED, "Pair first.")
    client = Client(control=True, key=socket.scope["key"])
    client.frames = False
    try:
        control.clients.must_admit(client)
        async with asyncio.timeout(FIRST_SECONDS):
            asked = from_desktop(await socket.receive_text())
    except Problem as problem:
        return await socket.close(TRY_LATER, str(problem)[:100])
    except (NoMessage, TimeoutError, KeyError):
        return await socket.close(NOT_JSON, "Say first what you want: borrow.")
    except WebSocketDisconnect:
        return
    if not isinstance(asked, Borrow):
        return await socket.close(NOT_JSON, "Say first what you want: borrow.")
    await _serve(_Line(socket), control, client, asked)


class _Line:
    """A WebSocket through which several tasks may send."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket, self._sending = socket, asyncio.Lock()

    async def send(self, message: BaseModel) -> None:
        async with self._sending:
            await self._socket.send_text(message.model_dump_json())

    async def send_bytes(self, data: bytes) -> None:
        async with self._sending:
            await self._socket.send_bytes(data)

    async def receive(self) -> str:
        return await self._socket.receive_text()

    async def close(self, code: int = 1000) -> None:
        with suppress(RuntimeError, WebSocketDisconnect):
            await self._socket.close(code)


async def _serve(line: _Line, control: Control, client: Client, asked: Borrow) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):
        if asked.protocol != PROTOCOL:
            await line.send(Refused(kind="version", why=_versions(asked)))
            return await line.close()
        loan = await control.lending.borrow(asked)
        if isinstance(loan, NotLent):
            await line.send(Refused(kind=loan.kind, why=loan.why))
            return await line.close()
        await _Session(line, control, client, loan).serve()


def _versions(asked: Borrow) -> str:
    return (
        f"The robot runs robot-agent {__version__} and this machine {asked.version[:20]}, which do not go "
        f"together (protocols {PROTOCOL} and {asked.protocol}); install the same version on both."
    )


class _Session:
    """One connection of a borrower; if it is lost, the borrower's next connection goes on with the loan."""

    def __init__(self, line: _Line, control: Control, client: Client, loan: Loan) -> None:
        self._line, self._control, self._client, self._loan = line, control, client, loan
        self._rate = MessageRate(MAX_PER_SECOND)
        self._orders: set[asyncio.Task[None]] = set()
        loan.connected += 1
        self._number = loan.connected

    async def serve(self) -> None:
        loan, control = self._loan, self._control
        loan.begin()
        loan.is_connected = True
        control.clients.all.add(self._client)
        robot = control.state.config.robot
        tasks = [
            asyncio.create_task(work) for work in (self._receive(), self._beat(), self._until_unpaired())
        ]
        over = asyncio.ensure_future(asyncio.shield(loan.over))
        try:
            await self._line.send(
                Lent(
                    version=__version__,
                    robot=sockets.gethostname(),
                    kind=robot if robot in ("sim", "pi") else "own",
                    can_reset=control.lending.can_reset,
                    lease_seconds=loan.lease_seconds,
                )
            )
            waited: list[asyncio.Future[Any]] = [*tasks, over]
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        finally:
            control.clients.all.discard(self._client)
            if self._is_newest:
                loan.is_connected = False  # this ends the lease, so whatever moves is stopped now
            over.cancel()
            for task in (*tasks, *self._orders):
                task.cancel()
            for end in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(end, Exception) and not isinstance(end, WebSocketDisconnect | RuntimeError):
                    log.error("a borrower was cut off", exc_info=end)
            with suppress(WebSocketDisconnect, RuntimeError):
                if loan.over.done() and not self._client.turned_out:
                    await self._line.send(_taken_back(loan.over.result()))
            if self._client.turned_out:
                await control.lending.stop(loan)
                await control.lending.take_back()
            await self._line.close(NOT_PAIRED if self._client.turned_out else 1000)

    @property
    def _is_newest(self) -> bool:
        return self._number == self._loan.connected

    async def _until_unpaired(self) -> None:
        """Return when the borrower's key was revoked; messages for pages are dropped here."""
        while await self._client.next():
            pass

    async def _beat(self) -> None:
        while True:
            await self._line.send(Beat(at=time.monotonic(), waits=self._control.lending.waits))
            await asyncio.sleep(BEAT_SECONDS)

    async def _receive(self) -> None:
        while not self._rate.exceeded():
            try:
                message = from_desktop(await self._line.receive())
            except (NoMessage, KeyError):
                continue
            if not self._is_newest:
                return
            match message:
                case Echo():
                    self._loan.hear(message.beat)
                case StopOrder():
                    await self._control.lending.stop(self._loan)
                case GiveBack():
                    return await self._control.lending.take_back()
                case _ if isinstance(message, get_args(Order)):
                    if len(self._orders) >= MAX_WAITING:
                        return
                    self._loan.hear(message.beat)
                    task = asyncio.create_task(self._carry_out(message))
                    self._orders.add(task)
                    task.add_done_callback(self._orders.discard)

    async def _carry_out(self, order: Order) -> None:
        answer = await self._control.lending.carry_out(self._loan, order)
        with suppress(WebSocketDisconnect, RuntimeError):
            if isinstance(answer, Done):
                await self._line.send(answer)
            else:
                await self._line.send_bytes(pack(*answer))


def _taken_back(ended: Ended) -> TakenBack:
    how, why = ENDINGS.get(ended.how, ("stopped", "The robot was taken back on its page."))
    return TakenBack(how=how, why=why)
