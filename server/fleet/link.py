"""`Link` is the connection to the robot at one address; if it is lost, it is made again by itself."""

import asyncio
import logging
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.typing import Subprotocol

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
"""Seconds until the next try: after the first failure, and at most, after many failures."""

SILENT_SECONDS = 3.0
"""A robot that sends nothing for this time is away; usually it sends its state four times a second."""

OPEN_SECONDS = 4.0
"""Longest time for opening a connection."""

LARGEST = 600_000
"""Largest message of a robot, bytes; a picture of 640 x 480 pixels has about a tenth of this."""

MAX_PER_SECOND = 100
"""Largest number of messages that are read from a robot in a second; a moving robot sends about forty."""

LARGE, LARGE_COUNTS = 100_000, 10
"""A message of at least `LARGE` bytes counts as `LARGE_COUNTS` messages."""

WAITING = 8
"""Number of received messages that may wait in memory; further ones wait in the network."""

quiet = logging.getLogger("robot-server.links")
"""Logger for the websockets library: only errors, as the page shows when a robot is away."""
quiet.setLevel(logging.ERROR)


class StandBy(Exception):
    """Raised when the robot is connected at another address, so this link has nothing to do now."""


class Link:
    """The connection to the robot, whichever it is, at one address."""

    def __init__(
        self,
        address: Address,
        meet: Callable[["Link", Greeting], Robot],
        token_for: Callable[[str, Address], str],
        failed: Callable[["Link", LinkWord, str], None],
        known_at: Callable[[str], Address | None],
        pictured: Callable[[Robot, bytes], None],
    ) -> None:
        """Connect to nothing yet; `run` does.

        Args:
            address: address of the robot.
            meet: returns the robot that has sent a greeting; raises StandBy or NotGreeted.
            token_for: returns the token for a robot's id and address; empty if there is none.
            failed: is called with a word and a sentence when no robot could be met.
            known_at: returns the last address of the robot with an id; None if it was never met.
            pictured: is called with each picture, in the form that the page gets.
        """
        self.address = address
        self.robot: Robot | None = None
        """The robot that was last met at this address."""
        self.conflicts = 0
        """Number of times in a row that another robot with the same id was connected already."""
        self._meet, self._token_for, self._failed, self._pictured = meet, token_for, failed, pictured
        self._known_at = known_at
        self._socket: ClientConnection | None = None
        self._again = asyncio.Event()
        self._wanted = False
        self._sending: set[asyncio.Task[None]] = set()

    @property
    def is_open(self) -> bool:
        """Whether the connection is open."""
        return self._socket is not None

    def send(self, text: str) -> None:
        """Send a message; without a connection, do nothing."""
        if self._socket is not None:
            task = asyncio.get_running_loop().create_task(self._send(self._socket, text))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _send(self, socket: ClientConnection, text: str) -> None:
        with suppress(ConnectionClosed, TimeoutError):
            async with asyncio.timeout(SILENT_SECONDS):
                await socket.send(text)

    def watch(self, wanted: bool) -> None:
        """Tell the robot whether pictures are wanted."""
        if wanted != self._wanted:
            self._wanted = wanted
            self.send(encode(PageWatch(wanted)).decode())

    def try_now(self) -> None:
        """Try to connect at once, because the robot was just found in the network, or paired."""
        self._again.set()

    async def reconnect(self) -> None:
        """Close the connection, and open a new one."""
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
            # Random, so that not all robots are tried at the same moment when the network comes back.
            with suppress(TimeoutError):
                async with asyncio.timeout(wait * random.uniform(0.8, 1.2)):
                    await self._again.wait()
            wait = min(wait * 1.6, LONGEST_WAIT)

    async def _once(self) -> bool:
        """Greet the robot, and receive its messages until it is gone; return whether it was connected."""
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
        """Raise NotGreeted if a robot that does not know its key was last met at another address.

        Any machine can claim to be a robot that is away. Without this check, a halt would go to that machine
        instead of the robot.
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
                subprotocols=[Subprotocol(SUBPROTOCOL)],
                additional_headers=bearer(token),
                compression=None,
                proxy=None,
                open_timeout=OPEN_SECONDS,
                close_timeout=1.0,
                ping_interval=None,  # no pings are needed: the robot sends its state four times a second
                max_size=LARGEST,
                max_queue=WAITING,
                logger=quiet,
            )
            opening.process_redirect = lambda error: error  # type: ignore[method-assign, assignment]
            async with opening as socket:  # redirects are off, so that the key goes to no other address
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
            if heard > MAX_PER_SECOND:  # this robot's messages wait in the network; other robots' do not
                await asyncio.sleep(begun + 1.0 - loop.time())
            if loop.time() - begun >= 1.0:
                begun, heard = loop.time(), 0
            if isinstance(data, str):
                robot.take(data)
            elif self._wanted and (picture := robot.picture(data)) is not None:
                self._pictured(robot, picture)
