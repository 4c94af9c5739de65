"""The connection to a robot at one address: it comes back by itself, and never holds more than the newest."""

import asyncio
import logging
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from robot_agent.errors import RobotAgentError
from robot_agent.network.address import API, Address
from server.codec import encode
from server.fleet.greeting import Greeting, NotGreeted, greet
from server.fleet.http import bearer
from server.fleet.robot import LinkWord, Robot
from server.protocol.base import SUBPROTOCOL
from server.protocol.page import PageWatch

log = logging.getLogger("robot-server")

FIRST_WAIT, LONGEST_WAIT = 0.5, 8.0
"""Seconds until the next try: after the first failure, and after many."""

SILENT_SECONDS = 3.0
"""A robot says its state four times a second; one that says nothing for this time is away."""

OPEN_SECONDS = 4.0
"""Time in which a connection has to be open."""

LARGEST = 600_000
"""Largest message of a robot, bytes: a picture of 640 x 480 pixels has a tenth."""

MAX_PER_SECOND = 100
"""Messages of a robot that are heard in a second: one that moves sends some forty."""

LARGE, LARGE_COUNTS = 100_000, 10
"""A message of so many bytes counts as so many."""

WAITING = 8
"""Number of messages that wait to be looked at; the network waits beyond that."""

quiet = logging.getLogger("robot-server.links")
"""What the library says of single connections; that a robot is away is said on the page."""
quiet.setLevel(logging.ERROR)


class StandBy(Exception):
    """The robot at this address is connected at another one, so nothing is to be done now."""


class Link:
    """The connection to whichever robot is at one address."""

    def __init__(
        self,
        address: Address,
        meet: Callable[["Link", Greeting], Robot],
        token_for: Callable[[str, Address], str],
        failed: Callable[["Link", LinkWord, str], None],
        known_at: Callable[[str], Address | None],
        pictured: Callable[[Robot, bytes], None],
    ) -> None:
        """Describe a connection; `run` makes it.

        Args:
            address: where the robot is.
            meet: returns the robot that has said who it is; raises StandBy or NotGreeted.
            token_for: returns the key for a robot of this id, or for whatever is at the address.
            failed: is called when no robot is met there, with a word and a sentence.
            known_at: returns where the robot of an id was met last; None if it never was.
            pictured: is called with each picture, as the page gets it.
        """
        self.address = address
        self.robot: Robot | None = None
        """The robot that was last met here."""
        self.conflicts = 0
        """How often in a row another robot of the same id was connected already."""
        self._meet, self._token_for, self._failed, self._pictured = meet, token_for, failed, pictured
        self._known_at = known_at
        self._socket: ClientConnection | None = None
        self._again = asyncio.Event()
        self._wanted = False
        self._sending: set[asyncio.Task[None]] = set()

    @property
    def is_open(self) -> bool:
        """Whether something can be sent."""
        return self._socket is not None

    def send(self, text: str) -> None:
        """Send a message; nothing happens when the connection is lost meanwhile."""
        if self._socket is not None:
            task = asyncio.get_running_loop().create_task(self._send(self._socket, text))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _send(self, socket: ClientConnection, text: str) -> None:
        with suppress(ConnectionClosed, TimeoutError):
            async with asyncio.timeout(SILENT_SECONDS):
                await socket.send(text)

    def watch(self, wanted: bool) -> None:
        """Say whether pictures are wanted."""
        if wanted != self._wanted:
            self._wanted = wanted
            self.send(encode(PageWatch(wanted)).decode())

    def try_now(self) -> None:
        """Try again at once: the robot was just seen in the network, or paired."""
        self._again.set()

    async def reconnect(self) -> None:
        """Close the connection, and make another one."""
        self.try_now()
        if self._socket is not None:
            await self._socket.close()

    async def run(self) -> None:
        """Connect again and again, until cancelled."""
        wait = FIRST_WAIT
        while True:
            self._again.clear()
            try:
                if await self._once():
                    wait = FIRST_WAIT
            except StandBy:
                wait = LONGEST_WAIT / 2
            except NotGreeted as error:
                self._failed(self, error.trouble if error.trouble != "key" else "refused", str(error))
            except RobotAgentError as error:  # the file of the keys cannot be read
                self._failed(self, "refused", str(error))
            except Exception:  # whatever it is, the robot is tried again
                log.exception("the connection to %s failed", self.address.url)
                self._failed(self, "away", f"The connection to {self.address.url} failed; the log has more.")
            # Not all robots at the same moment when the network comes back.
            with suppress(TimeoutError):
                async with asyncio.timeout(wait * random.uniform(0.8, 1.2)):
                    await self._again.wait()
            wait = min(wait * 1.6, LONGEST_WAIT)

    async def _once(self) -> bool:
        """Meet the robot and hear it until it is gone; returns whether it was connected."""
        greeting = await greet(self.address)
        token = self._token_for(greeting.id, self.address)
        if token:
            greeting = await greet(self.address, token)
        if token and greeting.proof is None:
            self._must_be_known_here(greeting)
        robot = self._meet(self, greeting)
        self.robot, self.conflicts = robot, 0
        problem, link = "", "connected"
        if greeting.needed and not token:
            link, problem = "unpaired", f"Pair {robot.name} with the code that its terminal shows."
        elif greeting.needed and greeting.proof is None:
            link, problem, token = "refused", f"{robot.name} does not accept this key: pair it again.", ""
        return await self._connect(robot, token if greeting.needed else "", link, problem)

    def _must_be_known_here(self, greeting: Greeting) -> None:
        """Raise NotGreeted if what does not know the key of a robot says so at another address than its own.

        Whoever says that it is a robot that is away would else be halted in its place.
        """
        known = self._known_at(greeting.id)
        if known is not None and known.url != self.address.url:
            raise NotGreeted(
                "key",
                f"The robot at {self.address.url} says that it is {greeting.name}, but does not know that "
                "robot's key; if it is, pair it again.",
            )

    async def _connect(self, robot: Robot, token: str, link: Any, problem: str) -> bool:
        opened = False
        try:
            opening = connect(
                f"{self.address.websocket}{API}/ws",
                subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]
                additional_headers=bearer(token),
                compression=None,
                proxy=None,
                open_timeout=OPEN_SECONDS,
                close_timeout=1.0,
                ping_interval=None,  # the robot is heard four times a second
                max_size=LARGEST,
                max_queue=WAITING,
                logger=quiet,
            )
            opening.process_redirect = lambda error: error  # type: ignore[method-assign, assignment]
            async with opening as socket:  # a key is carried to no other address
                self._socket, opened = socket, True
                robot.token, robot.channel = token, self
                robot.set_link(link, problem)
                self.send(encode(PageWatch(self._wanted)).decode())
                await self._hear(socket, robot)
        except (OSError, TimeoutError, InvalidHandshake, InvalidURI, ConnectionClosed) as error:
            sentence = f"{robot.name} is away; it comes back by itself when it is on and in this network."
            if isinstance(error, InvalidHandshake):
                sentence = f"{robot.name} does not let this hub in ({error}); look at its log."
            elif isinstance(error, ConnectionClosed) and error.rcvd is not None and error.rcvd.code == 1013:
                sentence = f"Too many dashboards of {robot.name} are open; close some."
            self._failed(self, "away", sentence)
        finally:
            self._socket = None
            if robot.channel is self:
                robot.channel, robot.token = None, ""
        return opened

    async def _hear(self, socket: ClientConnection, robot: Robot) -> None:
        loop = asyncio.get_running_loop()
        begun, heard = loop.time(), 0
        while True:
            async with asyncio.timeout(SILENT_SECONDS):
                data = await socket.recv()
            heard += 1 if len(data) < LARGE else LARGE_COUNTS
            if heard > MAX_PER_SECOND:  # the network waits, and whoever else is to be heard does not
                await asyncio.sleep(begun + 1.0 - loop.time())
            if loop.time() - begun >= 1.0:
                begun, heard = loop.time(), 0
            if isinstance(data, str):
                robot.take(data)
            elif self._wanted and (picture := robot.picture(data)) is not None:
                self._pictured(robot, picture)
