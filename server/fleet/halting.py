"""HALT for one robot and for all: at once, over whatever reaches them, until each has confirmed it."""

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
"""Time in which a robot confirms a halt over the open connection; then it is sent by a request too."""

REQUEST_SECONDS = 2.0
"""Time in which a request to halt has to be answered."""

AGAIN_SECONDS = 0.5
"""Time between two tries to halt a robot that has not confirmed."""

TRIES_SECONDS = 120.0
"""Time for which it is tried, as the page of a robot does."""

ORDER_SECONDS = 0.05
"""Time between two halts over one connection: anybody may press as often as they like, and a robot cuts off
who sends it too much."""

TEXT = encode(PressHalt()).decode()


class Halting:
    """Stops robots, and goes on trying where a stop is not confirmed."""

    def __init__(self, fleet: Fleet, report: Callable[[str], None]) -> None:
        """Stop the robots of a fleet; `report` is called with a sentence when one never confirms."""
        self._fleet, self._report = fleet, report
        self._trying: dict[str, asyncio.Task[None]] = {}
        self._asking: dict[str, asyncio.Task[bool]] = {}
        self._ordered: dict[str, float] = {}
        self._orders: dict[str, asyncio.TimerHandle] = {}

    def close(self) -> None:
        """Try no more."""
        for task in (*self._trying.values(), *self._asking.values()):
            task.cancel()

    async def halt(self, robots: Sequence[Robot], who: str) -> Stopped:
        """Halt robots, all at the same time, and return which have confirmed that their wheels are stopped.

        Those that have not are tried again beside everything else. A place at which no robot was ever met
        counts as well: what is there may be one that is starting.

        Args:
            robots: to be halted.
            who: pressed it, for the log.
        """
        begun = time.perf_counter()
        # First everything that is open, in one turn of the loop; whatever takes time comes after it.
        waiting = [(robot, robot.await_stop()) for robot in robots]
        for robot in robots:
            robot.set_halting(True)
            self._order(robot)
            if (
                len(self._fleet.addresses(robot)) > 1
            ):  # what is at one of them may only say that it is this one
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
        """Send a halt over the open connection: at once, or so soon after the last one as may be."""
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
        """Wait for the robot's word over the open connection, and ask by request if it does not come."""
        if robot.is_reached and robot.link == "connected":  # others do not hear what became of a halt
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
        """Send a halt to every address of a robot at the same time; whether one says that it is stopped.

        Whoever presses while that is under way waits for the same answer.
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
        """Halt a robot again and again until it confirms: it may come back while it still drives."""
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
