"""The oracle: a driver that knows all true positions and the robot's dynamics, and needs the fewest moves.

Learned policies are compared with the oracle, but never learn from it. Value iteration over a grid of
(distance, bearing) gives the expected number of moves to the goal from every place (Bellman 1957). The
oracle then chooses, with each robot's true place and motors, the move after which the fewest moves are left.
"""

import math
from collections.abc import Callable
from itertools import product

import numpy as np
from numpy.typing import NDArray

from robot_agent.envs.task import Approach, Floats
from robot_agent.simulator.kinematics import Complex, Real, arc, drive, stop_at_target
from robot_agent.simulator.physics import CONTACT_GAP, LEAST_VISIBLE, Physics
from robot_agent.simulator.projection import Projection
from robot_agent.simulator.world import World
from vision.sight import SLICES

Array = NDArray[np.float64]

_CDF_AT = np.linspace(-5, 5, 2001)
_CDF = np.array([0.5 * (1 + math.erf(x / math.sqrt(2))) for x in _CDF_AT])

NEVER = 40.0
"""Number of moves to the goal that is assumed if the goal cannot be reached, or nothing is seen."""


def _normal_cdf(x: Array) -> Array:
    probability: Array = np.interp(x, _CDF_AT, _CDF)
    return probability


class Oracle:
    """The best driver for one kind of robot; `drive` returns its actions for a fleet."""

    def __init__(self, task: Approach, physics: Physics | None = None) -> None:
        """Run value iteration for a task and a robot; this takes a second or two."""
        self.task, self.physics = task, physics or Physics()
        self.actions = self._candidates(fine=False)
        p = self.physics
        self.distances = np.geomspace(p.nearest, p.start_distance[1] + 0.3, 50)
        self.bearings = np.linspace(-math.radians(40), math.radians(40), 61)
        self.to_go = self._value_iteration()
        self.actions = self._candidates(fine=True)

    def _candidates(self, *, fine: bool) -> Floats:
        """Return actions on a grid in [-1, 1], shape (K, A): coarse for planning, fine for driving."""
        if self.task.action == "curvature":
            numbers = (41, 11) if fine else (21, 7)
        else:
            numbers = (11, 8) if fine else (7, 5)
        steering, duration = (np.linspace(-1, 1, number) for number in numbers)
        axes = [steering] * (len(self.task.action_names) - 1) + [duration]
        return np.array(list(product(*axes)), np.float32)

    def _value_iteration(self) -> Array:
        """Return the number of moves to go from every grid point, shape (distances, bearings)."""
        p = self.physics
        distance, bearing = np.meshgrid(self.distances, self.bearings, indexing="ij")
        place = (distance * np.exp(1j * bearing)).ravel()[:, None]
        speeds = np.array([p.left_gain, p.right_gain]) * p.full_speed
        after = self._after(place, speeds, p.dead_time)
        chances = self._chances(after, p.camera_yaw, p.target_radius, p.focal_length)
        corners, weights = self._corners(after)
        to_go = np.full(distance.size, NEVER)
        for _ in range(60):
            new = self._cost(to_go, corners, weights, *chances).min(axis=1)
            change, to_go = float(np.abs(new - to_go).max()), new
            if change < 1e-3:
                break
        return to_go.reshape(distance.shape)

    def _after(self, place: Complex, speeds: Real, dead_time: Real) -> Complex:
        """Return where the robot sees the target after each of the K actions: (M, 1) gives (M, K)."""
        pulses = self.task.pulses(self.actions)
        time = np.maximum(pulses.seconds - np.asarray(dead_time), 0.0)
        left, right = pulses.wheels[0] * speeds[0] * time, pulses.wheels[1] * speeds[1] * time
        return drive(place, *arc(left, right, self.physics.wheel_base))

    @staticmethod
    def _cost(to_go: Array, corners: NDArray[np.int64], weights: Array, goal: Array, seen: Array) -> Array:
        """Return the number of moves to go with each candidate, this move included, shape (M, K)."""
        ahead = sum(to_go[corner] * weight for corner, weight in zip(corners, weights, strict=True))
        cost: Array = np.minimum(1 + (seen - goal) * ahead + (1 - seen) * NEVER, NEVER)
        return cost

    def _chances(self, place: Complex, yaw: Real, radius: Real, focal: Real) -> tuple[Array, Array]:
        """Return the probability of the goal sight at a place, and that of any sight."""
        place = stop_at_target(place, radius + CONTACT_GAP)
        edges = SLICES / 2 + Projection(radius, focal, np.exp(-1j * np.asarray(yaw))).edges(place)
        noise = max(self.physics.vision_noise, 1e-3)
        visible = np.minimum(edges[1], SLICES) - np.maximum(edges[0], 0.0)
        seen = _normal_cdf((visible - LEAST_VISIBLE) / (noise * math.sqrt(2)))
        goal = seen
        for edge, end in zip(edges, (self.task.goal.x1, self.task.goal.x2), strict=True):
            low, high = end - self.task.tolerance - edge, end + self.task.tolerance + 1 - edge
            goal = goal * (_normal_cdf(high / noise) - _normal_cdf(low / noise))
        return goal, seen

    def _corners(self, place: Complex) -> tuple[NDArray[np.int64], Array]:
        """Return the four grid points around each place and their bilinear weights, shape (4, M, K)."""
        distance = np.log(np.abs(place) / self.distances[0])
        step = math.log(self.distances[-1] / self.distances[0]) / (len(self.distances) - 1)
        row = np.clip(distance / step, 0, len(self.distances) - 1.001)
        spacing = self.bearings[1] - self.bearings[0]
        column = np.clip((np.angle(place) - self.bearings[0]) / spacing, 0, len(self.bearings) - 1.001)
        i, j = row.astype(np.int64), column.astype(np.int64)
        a, b = row - i, column - j
        width = len(self.bearings)
        corners = np.stack([i * width + j, i * width + j + 1, (i + 1) * width + j, (i + 1) * width + j + 1])
        return corners, np.stack([(1 - a) * (1 - b), (1 - a) * b, a * (1 - b), a * b])

    def drive(self, world: World) -> Callable[[Floats], Floats]:
        """Return a function from observations (which it ignores) to the best actions, shape (N, A)."""

        def act(_: Floats) -> Floats:
            place = world.place.astype(np.complex128)[:, None]
            after = self._after(place, world.speeds[..., None], world.dead_time[:, None])
            focal = SLICES / 2 / world.tan_half_view.astype(np.float64)[:, None]
            chances = self._chances(after, world.yaw[:, None], world.radius[:, None], focal)
            cost = self._cost(self.to_go.ravel(), *self._corners(after), *chances)
            best: Floats = self.actions[cost.argmin(axis=1)]
            return best

        return act
