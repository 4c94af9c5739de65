"""The oracle: how few moves a driver needs who knows where everything is and how the robot moves.

It is the yardstick of a learned policy, never its teacher. Value iteration over a grid of
(distance, bearing) gives the expected moves to the goal from everywhere (Bellman 1957); the oracle
then makes, at each robot's true place and with its true motors, the move with the fewest to go.
"""

import math
from collections.abc import Callable
from itertools import product

import numpy as np
from numpy.typing import NDArray

from robot_agent.envs.task import Approach, Floats
from robot_agent.simulator.world import CONTACT_GAP, LEAST_VISIBLE, Physics, World
from vision.sight import SLICES

Array = NDArray[np.float64]

_CDF_AT = np.linspace(-5, 5, 2001)
_CDF = np.array([0.5 * (1 + math.erf(x / math.sqrt(2))) for x in _CDF_AT])

NEVER = 40.0
"""Moves to go from where the goal cannot be reached, or nothing is seen."""


def _normal_cdf(x: Array) -> Array:
    probability: Array = np.interp(x, _CDF_AT, _CDF)
    return probability


class Oracle:
    """Knows one kind of robot; `act` answers for a fleet of them."""

    def __init__(self, task: Approach, physics: Physics | None = None) -> None:
        """Plan for a task and a robot; takes a second or two."""
        self.task, self.physics = task, physics or Physics()
        self.actions = self._candidates(fine=False)
        p = self.physics
        self.distances = np.geomspace(p.target_width / 2 + CONTACT_GAP, p.start_distance[1] + 0.3, 50)
        self.bearings = np.linspace(-math.radians(40), math.radians(40), 61)
        self.to_go = self._value_iteration()
        self.actions = self._candidates(fine=True)

    def _candidates(self, *, fine: bool) -> Floats:
        """Actions on a grid in [-1, 1], shape (K, A): coarse to plan with, fine to drive with."""
        if self.task.action == "curvature":
            steering, duration = (
                np.linspace(-1, 1, 41 if fine else 21),
                np.linspace(-1, 1, 11 if fine else 7),
            )
        else:
            steering, duration = (
                np.linspace(-1, 1, 11 if fine else 7),
                np.linspace(-1, 1, 8 if fine else 5),
            )
        axes = [steering] * (len(self.task.action_names) - 1) + [duration]
        return np.array(list(product(*axes)), np.float32)

    def _value_iteration(self) -> Array:
        """Moves to go from every grid point, shape (distances, bearings)."""
        p = self.physics
        distance, bearing = np.meshgrid(self.distances, self.bearings, indexing="ij")
        forward, right = distance * np.cos(bearing), distance * np.sin(bearing)
        gains = p.left_gain * p.full_speed, p.right_gain * p.full_speed
        after = self._after(forward.ravel()[:, None], right.ravel()[:, None], *gains, p.dead_time)
        chances = self._chances(*after, p.camera_yaw, p.target_width / 2, math.tan(p.field_of_view / 2))
        corners, weights = self._corners(*after)
        to_go = np.full(distance.size, NEVER)
        for _ in range(60):
            new = self._cost(to_go, corners, weights, *chances).min(axis=1)
            change, to_go = float(np.abs(new - to_go).max()), new
            if change < 1e-3:
                break
        return to_go.reshape(distance.shape)

    def _after(
        self,
        forward: Array,
        right: Array,
        left_speed: object,
        right_speed: object,
        dead_time: object,
    ) -> tuple[Array, Array]:
        """Where the target is after each candidate, in the robot's frame: shapes (M, 1) to (M, K)."""
        pulses = self.task.pulses(self.actions)
        time = np.maximum(pulses.seconds - np.asarray(dead_time), 0.0)
        way_left = pulses.wheels[0] * np.asarray(left_speed) * time
        way_right = pulses.wheels[1] * np.asarray(right_speed) * time
        half = (way_right - way_left) / (2 * self.physics.wheel_base)
        chord = 0.5 * (way_left + way_right) * np.sinc(half / math.pi)
        ahead, across = forward - chord * np.cos(half), right + chord * np.sin(half)
        sin, cos = np.sin(2 * half), np.cos(2 * half)
        return ahead * cos - across * sin, across * cos + ahead * sin

    @staticmethod
    def _cost(to_go: Array, corners: NDArray[np.int64], weights: Array, goal: Array, seen: Array) -> Array:
        """Moves to go with each candidate, this one included, shape (M, K)."""
        ahead = sum(to_go[corner] * weight for corner, weight in zip(corners, weights, strict=True))
        cost: Array = np.minimum(1 + (seen - goal) * ahead + (1 - seen) * NEVER, NEVER)
        return cost

    def _chances(
        self, forward: Array, right: Array, yaw: object, radius: object, tan_half_view: object
    ) -> tuple[Array, Array]:
        """How probably the noisy sight from there is the goal sight, and how probably there is one."""
        bearing = np.arctan2(right, forward) - np.asarray(yaw)
        distance = np.maximum(np.hypot(forward, right), np.asarray(radius) + CONTACT_GAP)
        half_angle = np.arcsin(np.asarray(radius) / distance)
        edges = [
            SLICES / 2 * (1 + np.tan(np.clip(angle, -1.5, 1.5)) / np.asarray(tan_half_view))
            for angle in (bearing - half_angle, bearing + half_angle)
        ]
        noise = max(self.physics.vision_noise, 1e-3)
        visible = np.minimum(edges[1], SLICES) - np.maximum(edges[0], 0.0)
        seen = _normal_cdf((visible - LEAST_VISIBLE) / (noise * math.sqrt(2)))
        goal = seen
        for edge, end in zip(edges, (self.task.goal.x1, self.task.goal.x2), strict=True):
            low, high = end - self.task.tolerance - edge, end + self.task.tolerance + 1 - edge
            goal = goal * (_normal_cdf(high / noise) - _normal_cdf(low / noise))
        return goal, seen

    def _corners(self, forward: Array, right: Array) -> tuple[NDArray[np.int64], Array]:
        """Return the four grid points around each place and their bilinear weights, shape (4, M, K)."""
        distance = np.log(np.hypot(forward, right) / self.distances[0])
        step = math.log(self.distances[-1] / self.distances[0]) / (len(self.distances) - 1)
        row = np.clip(distance / step, 0, len(self.distances) - 1.001)
        spacing = self.bearings[1] - self.bearings[0]
        column = np.clip(
            (np.arctan2(right, forward) - self.bearings[0]) / spacing, 0, len(self.bearings) - 1.001
        )
        i, j = row.astype(np.int64), column.astype(np.int64)
        a, b = row - i, column - j
        width = len(self.bearings)
        corners = np.stack([i * width + j, i * width + j + 1, (i + 1) * width + j, (i + 1) * width + j + 1])
        return corners, np.stack([(1 - a) * (1 - b), (1 - a) * b, a * (1 - b), a * b])

    def drive(self, world: World) -> Callable[[Floats], Floats]:
        """Answer a function from observations (which it ignores) to the best actions, shape (N, A)."""

        def act(_: Floats) -> Floats:
            forward, right = world.place.real.astype(np.float64), world.place.imag.astype(np.float64)
            speeds = (*world.speeds[..., None], world.dead_time[:, None])
            after = self._after(forward[:, None], right[:, None], *speeds)
            chances = self._chances(
                *after, world.yaw[:, None], world.radius[:, None], world.tan_half_view[:, None]
            )
            corners, weights = self._corners(*after)
            cost = self._cost(self.to_go.ravel(), corners, weights, *chances)
            best: Floats = self.actions[cost.argmin(axis=1)]
            return best

        return act
