"""`Lending` lends the robot to a program on another machine: one borrower, under a lease that ends by itself.

The server sends its own time to the borrower, and the borrower sends the same time back; this renews the
lease. A message that the network has held back carries an old time, so it renews nothing, and an order that
is older than the lease moves nothing.
"""

import asyncio
import base64
import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from robot_agent.errors import RobotAgentError
from robot_agent.guard.lease import LEASE_SECONDS
from robot_agent.network import messages
from robot_agent.network.messages import Done, Order, PictureHead
from server.control.guard_service import GuardService
from server.control.job import Job
from server.control.manual import ManualDriving
from server.control.state import ServerState
from server.control.worker_process import WorkerProcess
from server.problems import Problem
from server.protocol.from_worker import Ended, SeenSight
from server.protocol.to_worker import (
    DropLent,
    Lend,
    LentDone,
    LentLook,
    LentOrder,
    LentPulse,
    LentReset,
    LentRobot,
    LentSeed,
    Stop,
)

log = logging.getLogger("robot-server")

LONGEST_LEASE = messages.FRESH_SECONDS
"""The lease of a robot behind a slow network is longer, but never longer than this, seconds."""

KEEP_SECONDS = 60.0
"""Time for which the robot waits for a borrower whose connection is lost."""

ORDER_SECONDS = 24 * 3600.0
"""Longest time that an order waits for its answer: it may be long, as a person may have paused the robot."""

OVER_SECONDS = 1.0
"""Longest time to wait for the worker's message that the loan is over."""

STOP_SECONDS = 0.05
"""The wheels are stopped this long before the lease is over, as the stop itself takes time."""

WATCH_SECONDS = 0.02
"""Time between two checks whether the lease is over."""

Picture = tuple[PictureHead, bytes]


class Loan:
    """One loan of the robot: who has it, the lease, and the last order."""

    def __init__(self, name: str, desktop: str, who: str) -> None:
        """Lend the robot to `who`, on the machine `desktop`.

        `name` is a secret that only this borrower knows.
        """
        self.name, self.desktop, self.who = name, desktop, who
        self.began = time.time()
        self.connected = 0
        """Number of the borrower's newest connection; messages of an older connection are ignored."""
        self.is_connected = False
        self._heard_of = time.monotonic()
        """The newest of the server's times that the borrower has sent back, see `time.monotonic`."""
        self._delay = 0.0
        self.number = 0
        """Number of the last order."""
        self.answer: asyncio.Task[Done | Picture] | None = None
        """Answer to the last order."""
        self.over: asyncio.Future[Ended] = asyncio.get_running_loop().create_future()

    def hear(self, beat: float) -> None:
        """Renew the lease: the borrower has sent back the server's time `beat`."""
        now = time.monotonic()
        if self._heard_of < beat <= now:
            self._heard_of = beat
            self._delay = 0.8 * self._delay + 0.2 * (now - beat)

    def begin(self) -> None:
        """Start a new lease, as a new connection begins."""
        self._heard_of = time.monotonic()

    @property
    def lease_seconds(self) -> float:
        """Seconds for which the borrower may be silent; longer when the network is slow."""
        return min(LEASE_SECONDS + 2.0 * self._delay, LONGEST_LEASE)

    @property
    def seconds_left(self) -> float:
        """Seconds until the lease is over, negative afterwards; 0 if the borrower is not connected."""
        if not self.is_connected:
            return 0.0
        return self._heard_of + self.lease_seconds - time.monotonic()

    @property
    def is_forgotten(self) -> bool:
        """Whether the borrower has been silent for so long that others may have the robot."""
        return time.monotonic() > self._heard_of + KEEP_SECONDS

    @property
    def seconds_kept(self) -> float:
        """Seconds for which the robot is still kept for this borrower."""
        return max(self._heard_of + KEEP_SECONDS - time.monotonic(), 0.0)

    def age(self, beat: float) -> float:
        """Return the largest possible age in seconds of an order that carries the server's time `beat`."""
        return time.monotonic() - beat


@dataclass(frozen=True, slots=True)
class NotLent:
    """Why the robot is not lent."""

    kind: messages.WhyRefused
    why: str


class Lending:
    """Lends the robot, and takes it back."""

    def __init__(
        self, state: ServerState, worker: WorkerProcess, guard: GuardService, manual: ManualDriving, job: Job
    ) -> None:
        """Lend the robot of `worker`, whose wheels `guard` can stop."""
        self._state, self._worker, self._guard, self._manual, self._job = state, worker, guard, manual, job
        self._borrowing = asyncio.Lock()
        self.loan: Loan | None = None
        self._can_reset = False

    async def borrow(self, asked: messages.Borrow) -> Loan | NotLent:
        """Lend the robot to the program that asks, or continue its loan; if refused, return why."""
        async with self._borrowing:
            if (loan := self.loan) is not None:
                if loan.name == asked.loan:
                    return loan
                mine = loan.desktop == asked.desktop and not loan.is_connected
                if not mine and not loan.is_forgotten:
                    return NotLent("taken", _taken(loan))
                await self.take_back()
            if self._state.latched:
                return NotLent(
                    "halted",
                    "The robot is halted; see there that all is well, then reset the halt on its page.",
                )
            if self._state.activity != "idle":
                doing = "trains" if self._state.activity == "training" else "drives"
                return NotLent(
                    "taken", f"The robot {doing} by itself; stop that on its page, then try again."
                )
            try:
                async with self._manual.turn:
                    self._job.must_not_be_halted()
                    self._job.must_not_be_driven_by_hand()
                    await self._manual.return_wheels()
                    robot = await self._worker.ask(Lend(), LentRobot)
            except RobotAgentError as error:
                return NotLent("halted" if self._state.latched else "other", str(error))
            self._can_reset = robot.can_reset
            self.loan = Loan(asked.loan, asked.desktop, asked.who or "somebody")
            self._state.borrower = self.loan.who
            self._state.touch()
            log.info("the robot is lent to %s", self.loan.who)
            return self.loan

    @property
    def waits(self) -> str:
        """Why orders have to wait, in a sentence; empty if they do not wait."""
        if not (self.loan is not None and self._state.paused):
            return ""
        why = "paused on its page" if self._state.reason in ("", "paused") else self._state.reason.rstrip(".")
        return f"The robot stands still ({why}); press Resume on its page to go on."

    @property
    def can_reset(self) -> bool:
        """Whether the robot that is lent can come to a new start by itself."""
        return self._can_reset

    async def take_back(self) -> None:
        """End the loan, if there is one; after that, the borrower cannot move the robot any more."""
        if self.loan is None:
            return
        loan = self.loan
        with suppress(RobotAgentError):
            await self._guard.stop()
        with suppress(Problem):
            await self._worker.order(Stop())
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(loan.over), OVER_SECONDS)
        self._end(Ended("lent", "stopped", None))

    def ended(self, ended: Ended) -> None:
        """Note that the worker has ended the loan."""
        self._end(ended)

    def _end(self, ended: Ended) -> None:
        loan, self.loan = self.loan, None
        self._state.borrower = ""
        self._state.touch()
        if loan is not None:
            log.info("the robot is no longer lent to %s: %s", loan.who, ended.how)
            if not loan.over.done():
                loan.over.set_result(ended)

    async def forget_silent(self) -> None:
        """Take the robot back if the borrower has been silent for more than `KEEP_SECONDS`."""
        if self.loan is not None and self.loan.is_forgotten:
            await self.take_back()

    # Orders

    async def stop(self, loan: Loan) -> None:
        """Stop the wheels, and drop the order under way."""
        if self.loan is not loan:
            return
        with suppress(RobotAgentError):
            await self._guard.stop()
        self._worker.send(DropLent())

    async def carry_out(self, loan: Loan, order: Order) -> Done | Picture:
        """Carry out an order once, and return its result; an order that is repeated gets the same result."""
        if loan.answer is not None and order.number == loan.number:
            return await asyncio.shield(loan.answer)
        while loan.answer is not None and not loan.answer.done() and order.number > loan.number:
            await asyncio.shield(loan.answer)  # the last one was given up there, and ends now
        if order.number <= loan.number:
            return Done(
                number=order.number, how="failed", why="Give one order at a time, with rising numbers."
            )
        moves = isinstance(order, messages.PulseOrder | messages.ResetOrder)
        if moves and not 0.0 <= loan.age(order.beat) <= loan.lease_seconds:
            return Done(number=order.number, how="old")
        loan.number = order.number
        loan.answer = asyncio.create_task(self._carry_out(loan, order))
        return await asyncio.shield(loan.answer)

    async def _carry_out(self, loan: Loan, order: Order) -> Done | Picture:
        if self.loan is not loan:
            return Done(number=order.number, how="failed", why="The robot was taken back.")
        asking = asyncio.create_task(self._ask(loan, order))
        torn = False
        while not (await asyncio.wait({asking}, timeout=WATCH_SECONDS))[0]:
            # A look moves nothing, and a network that is slow for a moment loses no picture.
            if not torn and loan.seconds_left <= STOP_SECONDS and not isinstance(order, messages.LookOrder):
                torn = True
                log.warning("%s is not heard any more: the wheels are stopped", loan.who)
                await self.stop(loan)
        answer = asking.result()
        if torn and isinstance(answer, Done) and answer.how == "done":
            return Done(number=order.number, how="torn")
        return answer

    async def _ask(self, loan: Loan, order: Order) -> Done | Picture:
        try:
            command = _command(order, order.beat + loan.lease_seconds)
            done = await self._worker.ask(command, LentDone, seconds=ORDER_SECONDS)
        except Problem as problem:
            if problem.kind == "TakenBack" or problem.status == 503:
                with suppress(TimeoutError):  # the end of the loan says more
                    await asyncio.wait_for(asyncio.shield(loan.over), OVER_SECONDS)
            return Done(number=order.number, how=self._how(problem), why=str(problem))
        if done.torn or done.old:
            return Done(number=order.number, how="torn" if done.torn else "old")
        if done.taken_over:
            moves = [
                messages.HandMove(left=one.left, right=one.right, seconds=one.seconds, sight=_seen(one.sight))
                for one in done.moves
            ]
            return Done(number=order.number, how="taken over", before=_seen(done.before), moves=moves)
        if isinstance(order, messages.LookOrder):
            return PictureHead(number=order.number, sight=_seen(done.sight)), base64.b64decode(done.jpeg)
        return Done(number=order.number)

    def _how(self, problem: Problem) -> Any:
        if self._state.latched or problem.kind == "Halted":
            return "halted"
        return "camera" if problem.kind == "CameraFault" else "failed"


def _taken(loan: Loan) -> str:
    since = time.strftime("%H:%M", time.localtime(loan.began))
    if loan.is_connected:
        return f"{loan.who} has this robot since {since}; wait, or take it back on the robot's page."
    return (
        f"{loan.who} has this robot since {since}, and is not connected now; it is free in "
        f"{loan.seconds_kept:.0f} s, or when it is taken back on its page."
    )


def _command(order: Order, until: float) -> LentOrder:
    match order:
        case messages.PulseOrder():
            return LentPulse(order.left, order.right, order.seconds, until)
        case messages.ResetOrder():
            return LentReset(until)
        case messages.SeedOrder():
            return LentSeed(order.seed)
    return LentLook()


def _seen(sight: SeenSight | None) -> messages.SeenSight | None:
    if sight is None:
        return None
    return messages.SeenSight(x1=sight.x1, x2=sight.x2, confidence=sight.confidence)
