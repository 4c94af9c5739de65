"""`Halting` halts one robot or all, over every connection and address, until each has confirmed it."""

import asyncio
import functools
import logging
import time
from collections.abc import Callable, Sequence

from robot_agent.network.address import Address
from server.codec import encode
from server.fleet.fleet import Fleet
from server.fleet.http import NoAnswer, ask
from server.fleet.messages import Stopped
from server.fleet.robot import Robot
from server.protocol.page import PressHalt

log = logging.getLogger("robot-server")

CONFIRM_SECONDS = 0.15
"""If a robot has not confirmed a halt over the open connection after this time, a request is sent too."""

REQUEST_SECONDS = 2.0
"""Time in which a request to halt has to be answered."""

AGAIN_SECONDS = 0.5
"""Time between two tries to halt a robot that has not confirmed."""

TRIES_SECONDS = 120.0
"""Time after which the hub gives up trying to halt a robot that does not confirm."""

ORDER_SECONDS = 0.05
"""Least time between two halts over one connection: people may press often, and a robot disconnects a client
that sends too much."""

TEXT = encode(PressHalt()).decode()


class Halting:
    """Halts robots; it goes on trying with each robot that has not confirmed its halt."""

    def __init__(self, fleet: Fleet, report: Callable[[str], None]) -> None:
        """Halt robots of `fleet`; `report` is called with a sentence if a robot never confirms."""
        self._fleet, self._report = fleet, report
        self._trying: dict[str, asyncio.Task[None]] = {}
        self._asking: dict[str, asyncio.Task[bool]] = {}
        self._ordered: dict[str, float] = {}
        self._orders: dict[str, asyncio.TimerHandle] = {}

    def close(self) -> None:
        """Stop trying."""
        for task in (*self._trying.values(), *self._asking.values()):
            task.cancel()

    async def halt(self, robots: Sequence[Robot], who: str) -> Stopped:
        """Halt robots, all at the same time, and return which have confirmed that their wheels are stopped.

        The others are tried again in the background. An address at which no robot was met yet is halted as
        well, because a robot may be starting there.

        Args:
            robots: the robots to halt.
            who: who pressed halt, for the log.
        """
        begun = time.perf_counter()
        # First send over all open connections, in one turn of the loop; what takes time comes later.
        waiting = [(robot, robot.await_stop()) for robot in robots]
        for robot in robots:
            robot.set_halting(True)
            self._order(robot)
            if (
                len(self._fleet.addresses(robot)) > 1
            ):  # another robot may be at one of the addresses, so all of them are halted
                self._ask_soon(robot)
        stopped = await asyncio.gather(*[self._confirmed(robot, future) for robot, future in waiting])
        milliseconds = 1000 * (time.perf_counter() - begun)
        confirmed = [self._fleet.called(robot) for robot, one in zip(robots, stopped, strict=True) if one]
        left = [robot for robot, one in zip(robots, stopped, strict=True) if not one]
        for robot in left:
            if robot.id not in self._trying:
                task = self._trying[robot.id] = asyncio.ensure_future(self._keep_trying(robot))
                task.add_done_callback(functools.partial(self._tried, robot.id))
        names = [self._fleet.called(robot) for robot in left]
        log.info("halt (%s): %d confirmed after %.0f ms, not: %s", who, len(confirmed), milliseconds, names)
        return Stopped(confirmed, names, round(milliseconds, 1))

    def _tried(self, number: str, task: "asyncio.Task[None]") -> None:
        del self._trying[number]

    def _order(self, robot: Robot) -> None:
        """Send a halt over the open connection: at once, or as soon as `ORDER_SECONDS` allows."""
        loop = asyncio.get_running_loop()
        wait = self._ordered.get(robot.id, -ORDER_SECONDS) + ORDER_SECONDS - loop.time()
        if wait <= 0:
            self._send(robot)
        elif robot.id not in self._orders:
            self._orders[robot.id] = loop.call_later(wait, self._send, robot)

    def _send(self, robot: Robot) -> None:
        self._orders.pop(robot.id, None)
        self._ordered[robot.id] = asyncio.get_running_loop().time()
        if robot.channel is not None:
            robot.channel.send(TEXT)

    async def _confirmed(self, robot: Robot, stopped: "asyncio.Future[bool]") -> bool:
        """Wait until the robot confirms over the open connection; if it does not, send a request too.

        Returns:
            Whether it has confirmed that its wheels are stopped.
        """
        if robot.is_reached and robot.link == "connected":  # only paired clients get the confirmation
            await asyncio.wait([stopped], timeout=CONFIRM_SECONDS)
        if not stopped.done():
            asking = asyncio.ensure_future(self._by_request(robot))
            await asyncio.wait([stopped, asking], return_when=asyncio.FIRST_COMPLETED)
            if not stopped.done() and asking.result():
                robot.confirm()
            asking.cancel()
        robot.await_no_more(stopped)
        return stopped.done()

    async def _by_request(self, robot: Robot) -> bool:
        """Send a halt to every address of a robot at the same time; return whether one confirms the stop.

        A second call while this is under way waits for the same answer.
        """
        return await asyncio.shield(self._ask_soon(robot))

    def _ask_soon(self, robot: Robot) -> "asyncio.Task[bool]":
        task = self._asking.get(robot.id)
        if task is None:
            task = self._asking[robot.id] = asyncio.ensure_future(self._ask_all(robot))
            task.add_done_callback(functools.partial(self._asked, robot.id))
        return task

    def _asked(self, number: str, task: "asyncio.Task[bool]") -> None:
        del self._asking[number]

    async def _ask_all(self, robot: Robot) -> bool:
        asked = [self._request(address) for address in self._fleet.addresses(robot)]
        for answer in asyncio.as_completed(asked):
            if await answer:
                return True
        return False

    @staticmethod
    async def _request(address: Address) -> bool:
        try:
            answer = await ask(address, "POST", "/halt", body=b"{}", seconds=REQUEST_SECONDS, largest=16_384)
        except NoAnswer:
            return False
        value = answer.json()
        return answer.status == 200 and isinstance(value, dict) and value.get("stopped") is True

    async def _keep_trying(self, robot: Robot) -> None:
        """Halt a robot again and again until it confirms: it may be unreachable now, and still drive."""
        until = time.monotonic() + TRIES_SECONDS
        while robot.halting and time.monotonic() < until and self._fleet.robots.get(robot.id) is robot:
            self._order(robot)
            if await self._by_request(robot):
                robot.confirm()
                log.info("halt: %s has confirmed it now", robot.name)
            else:
                await asyncio.sleep(AGAIN_SECONDS)
        if robot.halting:
            robot.set_halting(False)
            self._report(f"{robot.name} has not confirmed the halt; look whether it stands still.")
