"""Lending the robot: a generator that carries out the orders of a program on another machine, one by one."""

import base64
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from robot_agent.errors import RobotAgentError
from robot_agent.robot.robot import Robot
from robot_agent.robot.takeover import TakenOver
from server.protocol.from_worker import Progress, SeenSight
from server.protocol.to_worker import HandMove, LentDone, LentLook, LentPulse, LentReset, LentSeed
from server.worker.events import EpisodeLooks
from server.worker.inbox import Order
from server.worker.training_job import Job
from vision.cameras.camera import CameraError
from vision.cameras.decoding import encode_jpeg
from vision.sight import Sight

Give = Callable[..., None]
"""`give(number, value=...)` or `give(number, error=..., kind=...)` answers the order with this number."""


class Dropped(BaseException):
    """Raised to drop the order under way, because its borrower is not heard any more."""


class TooOld(Exception):
    """Raised when an order is too old to begin."""


class Orders:
    """The orders of the borrower that wait, and whether one is being carried out."""

    def __init__(self) -> None:
        """Begin with none."""
        self.waiting: deque[Order] = deque()
        self.busy = False
        self.until = math.inf
        """Time until which the order under way has to begin, as `time.monotonic`."""

    def must_be_fresh(self) -> None:
        """Raise TooOld if the order has waited too long, for a person or because this process hung."""
        if time.monotonic() > self.until:
            raise TooOld

    def drop(self) -> None:
        """Drop all orders that wait; if one is under way, raise Dropped, which ends it."""
        self.waiting.clear()
        if self.busy:
            raise Dropped


def lend(
    robot: Robot,
    orders: Orders,
    give: Give,
    between: Callable[[], None],
    wait: Callable[[], None],
    looks: EpisodeLooks,
    progress: Progress,
) -> Job:
    """Carry out orders until the robot is taken back.

    Args:
        robot: the robot that is lent.
        orders: the orders; new ones are added while this generator waits.
        give: sends the answer to an order.
        between: carries out the worker's commands; raises if a command ends the loan or drops the order.
        wait: waits a moment, and carries out the worker's commands meanwhile.
        looks: records what the robot sees.
        progress: the progress to begin with.

    Yields:
        The progress, after each order or wait.
    """
    made = 0
    yield progress
    try:
        while True:
            if not orders.waiting:
                wait()
            else:
                order = orders.waiting.popleft()
                looks.begin(0)  # there are no episodes here, and what was seen is not kept
                _carry_out(order, robot, orders, give, between)
                made += isinstance(order.command, LentPulse)
                progress = replace(progress, moves=made)
            yield progress
    finally:
        robot.stop()


def _carry_out(order: Order, robot: Robot, orders: Orders, give: Give, between: Callable[[], None]) -> None:
    command, number = order
    orders.busy, orders.until = True, getattr(command, "until", math.inf)
    try:
        if isinstance(command, LentReset):
            between()
            orders.until = math.inf  # the reset has begun; from here on, it may take long
        done = _do(command, robot)
        orders.until = math.inf
        between()  # what stopped a pulse is a command that waits now
        give(number, value=done)
    except TakenOver as taken:
        moves = [
            HandMove(one.pulse.left, one.pulse.right, one.pulse.seconds, _seen(one.sight))
            for one in taken.moves
        ]
        give(number, value=LentDone(taken_over=True, before=_seen(taken.before), moves=moves))
    except TooOld:
        give(number, value=LentDone(old=True))
    except Dropped:
        robot.stop()
        give(number, value=LentDone(torn=True))
    except (RobotAgentError, CameraError, OSError, ValueError) as error:
        give(number, error=str(error), kind=type(error).__name__)
    except BaseException:
        give(number, error="The robot was taken back.", kind="TakenBack")
        raise
    finally:
        orders.busy, orders.until = False, math.inf


def _do(command: Any, robot: Robot) -> LentDone:
    match command:
        case LentPulse():
            robot.act(command.left, command.right, command.seconds)
        case LentLook():
            sight = robot.look()
            assert robot.frame is not None
            jpeg = base64.b64encode(encode_jpeg(robot.frame)).decode()
            return LentDone(jpeg=jpeg, sight=_seen(sight))
        case LentReset():
            robot.reset()
        case LentSeed():
            robot.seed(command.seed)
    return LentDone()


def _seen(sight: Sight | None) -> SeenSight | None:
    return None if sight is None else SeenSight(sight.x1, sight.x2, sight.confidence)
