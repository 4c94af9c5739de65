"""The robot lent to a program on another machine: one borrower, under a lease that ends by itself.

A lease is renewed by time that comes back: the server sends its own, and the borrower returns it. So what the
network has held back for a while renews nothing, and an order that is older than the lease moves nothing.
"""

import asyncio
import base64
import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from robot_agent.errors import RobotAgentError
from robot_agent.guard.motion import LEASE_SECONDS
from robot_agent.network import messages
from robot_agent.network.messages import Done, Order, PictureHead
from server.control.guard_service import GuardService
from server.control.job import Job
from server.control.manual import ManualDriving
from server.control.state import ServerState
from server.control.worker_process import WorkerProcess
from server.problems import Problem
from server.protocol.commands import (
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
from server.protocol.news import Ended, SeenSight

log = logging.getLogger("robot-server")

LONGEST_LEASE = messages.FRESH_SECONDS
"""The lease of a robot behind a slow network is longer, but never longer than this, seconds."""

KEEP_SECONDS = 60.0
"""Time for which the robot waits for a borrower whose connection is lost."""

ORDER_SECONDS = 24 * 3600.0
"""An order waits for this time at most: a person may have paused the robot."""

OVER_SECONDS = 1.0
"""Time in which the worker says that the loan is over, once it is."""

STOP_SECONDS = 0.05
"""Time that the stop itself may take: it is ordered before the lease is over."""

WATCH_SECONDS = 0.02
"""Time between two looks at whether the lease is over."""

Picture = tuple[PictureHead, bytes]


class Loan:
    """The robot in the hands of one borrower."""

    def __init__(self, name: str, desktop: str, who: str) -> None:
        """Lend the robot to `who`, on the machine `desktop`.

        `name` is a secret that only this borrower knows.
        """
        self.name, self.desktop, self.who = name, desktop, who
        self.began = time.time()
        self.connected = 0
        """Number of its connection; an older one has nothing to say any more."""
        self.is_connected = False
        self._heard_of = time.monotonic()
        """The newest time of ours that has come back."""
        self._delay = 0.0
        self.number = 0
        """Of the last order."""
        self.answer: asyncio.Task[Done | Picture] | None = None
        """To the last order."""
        self.over: asyncio.Future[Ended] = asyncio.get_running_loop().create_future()

    def hear(self, beat: float) -> None:
        """Take in that a time of ours has come back."""
        now = time.monotonic()
        if self._heard_of < beat <= now:
            self._heard_of = beat
            self._delay = 0.8 * self._delay + 0.2 * (now - beat)

    def begin(self) -> None:
        """Begin to listen at a new connection."""
        self._heard_of = time.monotonic()

    @property
    def lease_seconds(self) -> float:
        """How long it may be silent: longer where the network itself takes long."""
        return min(LEASE_SECONDS + 2.0 * self._delay, LONGEST_LEASE)

    @property
    def seconds_left(self) -> float:
        """What is left of the lease."""
        if not self.is_connected:
            return 0.0
        return self._heard_of + self.lease_seconds - time.monotonic()

    @property
    def is_forgotten(self) -> bool:
        """Whether its borrower has been silent for so long that others may have the robot."""
        return time.monotonic() > self._heard_of + KEEP_SECONDS

    @property
    def seconds_kept(self) -> float:
        """Time for which the robot still waits."""
        return max(self._heard_of + KEEP_SECONDS - time.monotonic(), 0.0)

    def age(self, beat: float) -> float:
        """Return how old an order is at most that came with this time of ours."""
        return time.monotonic() - beat


@dataclass(frozen=True, slots=True)
class NotLent:
    """Why the robot is not lent."""

    kind: str
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
        """Lend the robot to who asks, or go on with their loan; else say why not."""
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
        """What orders wait for, in a sentence; empty if for nothing."""
        if not (self.loan is not None and self._state.paused):
            return ""
        why = "paused on its page" if self._state.reason in ("", "paused") else self._state.reason.rstrip(".")
        return f"The robot stands still ({why}); press Resume on its page to go on."

    @property
    def can_reset(self) -> bool:
        """Whether the robot that is lent comes to a new start by itself."""
        return self._can_reset

    async def take_back(self) -> None:
        """End the loan, if there is one: nothing moves by it any more."""
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
        """Take the robot back from a borrower who has been gone for long."""
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
        """Carry out an order once, and return what became of it, also to who asks again."""
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
