"""The fewest moves that a stranger needs, by an oracle that knows its place and the effect of each pulse.

    python -m tests.benchmarks.strangers --oracle

Every pulse is tried in the physics world itself, with the noise of that robot; the rest is the value
iteration of `robot_agent.learning.oracle`. A robot whose wires are exchanged, or one of whose wheels is
inverted, is planned for as if it were wired right, and gets the commands that undo it.
"""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from robot_agent.envs.task import Approach, Ending, judge_sight
from robot_agent.learning.oracle import Oracle
from robot_agent.simulator.physics import Physics
from tests.benchmarks.strangers import Stranger, StrangerRobot
from vision.sight import Sight

SAMPLES = 3
"""Times that each pulse is tried."""
SAG_STEP = 100
"""After so many moves a battery that sags is looked at anew."""


class PulseOracle(Oracle):
    """The oracle of one stranger as it is now."""

    def __init__(self, kind: Stranger, task: Approach) -> None:
        """Try all pulses, and plan."""
        self.robot = StrangerRobot(replace(kind, sag=0.0, later={}), seed=0)
        physics = Physics(
            target_width=kind.target,
            field_of_view=math.radians(kind.field_of_view),
            camera_yaw=math.radians(kind.yaw),
            vision_noise=kind.vision_noise,
        )
        super().__init__(task, physics)

    def _candidates(self, *, fine: bool) -> Any:
        actions = super()._candidates(fine=fine)
        pulses = self.task.pulses(actions)
        commands = np.concatenate([pulses.wheels, pulses.seconds[None]]).T.astype(float)
        self.effects = np.array(
            [self.robot.effect(*command) for command in commands for _ in range(SAMPLES)]
        ).T
        return actions

    def _after(self, place: Any, speeds: Any, dead_time: Any) -> Any:
        way, turn = self.effects
        ahead = self.robot.kind.ahead
        return (place + ahead - way) * np.exp(-1j * turn.real) - ahead

    @staticmethod
    def _cost(to_go: Any, corners: Any, weights: Any, goal: Any, seen: Any) -> Any:
        cost = Oracle._cost(to_go, corners, weights, goal, seen)
        return cost.reshape(len(cost), -1, SAMPLES).mean(axis=2)

    def best(self, place: complex) -> Any:
        """Return the action after which the fewest moves are left, shape (1, A)."""
        physics = self.physics
        after = self._after(np.array([[place]]), None, None)
        chances = self._chances(after, physics.camera_yaw, physics.target_radius, physics.focal_length)
        cost = self._cost(self.to_go.ravel(), *self._corners(after), *chances)
        return self.actions[cost.argmin(axis=1)]


def rewired(kind: Stranger, left: float, right: float) -> tuple[float, float]:
    """Return the commands that drive a robot's left and right wheel as wanted, whatever its wiring."""
    left, right = left * kind.left_sign, right * kind.right_sign
    return (right, left) if kind.swapped else (left, right)


class StrangerOracle:
    """Drives a stranger by its oracle; plans anew when it has become another robot."""

    def __init__(self, action: Any) -> None:
        """Plan for no robot yet."""
        self.task = Approach(action=action)
        self.plans: dict[str, PulseOracle] = {}

    def episode(self, robot: StrangerRobot) -> tuple[Ending, int]:
        """Drive one episode."""
        for move in range(1, self.task.max_moves + 1):
            distance, bearing = robot.place()
            action = self._plan(robot).best(distance * np.exp(1j * bearing))
            pulses = self.task.pulses(action.astype(np.float32))
            left, right = rewired(robot.kind, *pulses.wheels[:, 0].tolist())
            robot.act(left, right, float(pulses.seconds[0]))
            sight: Sight | None = robot.look()
            if sight is None:
                return Ending.LOST, move
            if judge_sight(self.task, sight)[1] is Ending.REACHED:
                return Ending.REACHED, move
        return Ending.TIMEOUT, self.task.max_moves

    def _plan(self, robot: StrangerRobot) -> PulseOracle:
        kind = replace(robot.kind, swapped=False, left_sign=1, right_sign=1)
        if kind.sag:
            tired = (1 - kind.sag) ** ((robot.moves // SAG_STEP * SAG_STEP + SAG_STEP / 2) / 100)
            kind = replace(kind, sag=0.0, full_speed=kind.full_speed * tired)
        key = repr(kind)
        if key not in self.plans:
            self.plans[key] = PulseOracle(kind, self.task)
        return self.plans[key]
