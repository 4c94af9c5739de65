"""N simulated robots at once, as arrays: each stands before its own target, drives, and sees.

A robot is a differential drive with a pinhole camera above its axle. The target is an upright cylinder.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robot_agent.simulator import kinematics, projection
from robot_agent.simulator.physics import CONTACT_GAP, LEAST_VISIBLE, Physics, Randomisation
from vision.sight import SLICES

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]
Slices = NDArray[np.int64]

# Zero-dimensional arrays: see `kinematics`.
_ZERO, _MIDDLE, _END = (np.array(x, np.float32) for x in (0.0, SLICES / 2, SLICES * (1 - 1e-7)))
"""Columns, in slices: the left border of the picture, its middle, and just inside its right border."""
_LEAST_VISIBLE = np.array(LEAST_VISIBLE, np.float32)


class World:
    """N simulated robots. Each stands before its own target.

    The place of the target in a robot's own frame is one complex number, see `kinematics`. All random
    numbers come from one generator: the same seed gives the same run.
    """

    def __init__(
        self,
        n: int,
        *,
        physics: Physics | None = None,
        randomisation: Randomisation | None = None,
        seed: int | None = None,
    ) -> None:
        """Make N robots and start an episode with each.

        Args:
            n: number of robots, at least 1.
            physics: the nominal robot; the reference robot if not given.
            randomisation: how far each episode's robot differs from it; not at all if not given.
            seed: seed of all random numbers of this world.
        """
        self.n = n
        self.physics = physics or Physics()
        self.randomisation = randomisation
        self.rng = np.random.default_rng(seed)
        self._vision_noise = np.array(self.physics.vision_noise, np.float32)
        self._late = bool(self.physics.dead_time or randomisation)
        self._turned = bool(self.physics.camera_yaw or randomisation)
        self._noise = np.empty((2, n), np.float32)  # filled with new noise before each use
        self.place = np.zeros(n, np.complex64)
        """Place of the target in each robot's own frame, m, a complex number each, shape (N,)."""
        self.heading = np.zeros(n, np.float32)
        """Heading of each robot, radians, counter-clockwise, shape (N,)."""
        self.moves = 0
        """Number of moves that each robot has made since its battery was full."""
        self.speeds = np.zeros((2, n), np.float32)
        """Full speed of the left and the right wheel, m/s."""
        nominal = self.physics
        self.dead_time = np.full(n, nominal.dead_time, np.float32)
        self.yaw = np.full(n, nominal.camera_yaw, np.float32)
        self.tan_half_view = np.full(n, math.tan(nominal.field_of_view / 2), np.float32)
        self.radius = np.full(n, nominal.target_radius, np.float32)
        self._derive()
        self.reset()

    def seed(self, seed: int | None) -> None:
        """Seed all random numbers, and fill the batteries."""
        self.rng = np.random.default_rng(seed)
        self.moves = 0

    def reset(self, which: Mask | None = None) -> None:
        """Start a new episode with the robots in `which`, shape (N,); with all if not given."""
        index = np.arange(self.n) if which is None else np.flatnonzero(which)
        self._draw_robots(index)
        for _ in range(1000):
            if not index.size:
                return
            self._draw_starts(index)
            edges = self._project(index).edges(self.place[index]) + _MIDDLE
            left, right = np.clip(edges, _ZERO, SLICES)
            index = index[right - left < 1.0]
        raise ValueError(
            "The robot sees its target from none of its starts; look at start_bearing, camera_yaw and "
            "field_of_view of the simulator."
        )

    def _draw_robots(self, index: NDArray[np.int64]) -> None:
        p, n, uniform = self.physics, index.size, self.rng.uniform
        skew = 0.5 * p.asymmetry * self.rng.standard_normal(n)
        gains = np.array([p.left_gain * (1 + skew), p.right_gain * (1 - skew)])
        if r := self.randomisation:
            weakness = uniform(0.0, r.weak_motor, n)
            weak_left = uniform(size=n) < 0.5
            gains *= uniform(*r.speed, n) * np.where([weak_left, ~weak_left], 1 - weakness, 1.0)
            self.dead_time[index] = p.dead_time + uniform(0.0, r.dead_time, n)
            self.yaw[index] = p.camera_yaw + uniform(-r.camera_yaw, r.camera_yaw, n)
            self.radius[index] = p.target_width * uniform(*r.target_width, n) / 2
            self.tan_half_view[index] = np.tan(p.field_of_view * uniform(*r.field_of_view, n) / 2)
            self._derive()
        self.speeds[:, index] = gains * p.full_speed
        self._wheel_noise = self.speeds * np.float32(p.wheel_noise)

    def resize(self, width: float) -> None:
        """Give all targets this width, m."""
        self.radius[:] = width / 2
        self._derive()

    def _derive(self) -> None:
        """Compute from the cameras and the targets what every step needs."""
        self._to_camera = np.exp(-1j * self.yaw).astype(np.complex64) if self._turned else None
        self._projection = self._project(slice(None))
        self._nearest = self.radius + np.float32(CONTACT_GAP)

    def _project(self, which: Any) -> projection.Projection:
        """Projection of the robots in `which`."""
        focal = np.float32(SLICES / 2) / self.tan_half_view[which]
        to_camera = None if self._to_camera is None else self._to_camera[which]
        return projection.Projection(self.radius[which], focal, to_camera)

    def _draw_starts(self, index: NDArray[np.int64]) -> None:
        p, n = self.physics, index.size
        distance = self.rng.uniform(*p.start_distance, n)
        self.place[index] = distance * np.exp(1j * self.rng.uniform(-p.start_bearing, p.start_bearing, n))
        self.heading[index] = self.rng.uniform(-math.pi, math.pi, n)

    def move(self, wheels: Array, seconds: Array) -> None:
        """Turn every robot's wheels, and put the robot where its arc ends.

        Args:
            wheels: left and right, shape (2, N), shares of full speed in [-1, 1].
            seconds: length of each pulse, shape (N,); 0 leaves a robot where it is.
        """
        way = self.rng.standard_normal(None, np.float32, self._noise)
        way *= self._wheel_noise
        way += self.speeds
        way *= wheels
        if self.physics.battery_sag:
            way *= np.float32((1 - self.physics.battery_sag) ** (self.moves / 1000))
        self.moves += 1
        if self._late:
            seconds = np.maximum(seconds - self.dead_time, 0.0)
        way *= seconds
        length, turn = kinematics.arc(way[0], way[1], self.physics.wheel_base)
        self.heading += turn
        kinematics.drive(self.place, length, turn, out=self.place)
        kinematics.stop_at_target(self.place, self._nearest, out=self.place)

    def sights(self) -> tuple[Slices, Mask]:
        """Return what each robot sees now, with the noise of its vision.

        Returns:
            x1 and x2, shape (2, N), and whether the target is seen, shape (N,). Slices of a robot that
            sees nothing are without meaning.
        """
        edges = self._projection.edges(self.place)
        edges += _MIDDLE
        if self.physics.vision_noise:
            noise = self.rng.standard_normal(None, np.float32, self._noise)
            noise *= self._vision_noise
            edges += noise
        np.minimum(np.maximum(edges, _ZERO, out=edges), _END, out=edges)
        seen = edges[1] - edges[0] >= _LEAST_VISIBLE
        slices = edges.astype(np.int64)
        np.maximum(slices[1], slices[0], out=slices[1])
        return slices, seen

    def poses(self) -> NDArray[np.float64]:
        """Return the poses of the robots from above: x, y, heading, shape (N, 3); the target is at (0, 0)."""
        # Right is positive in `place` but clockwise in the world: hence the conjugate.
        target = np.conj(self.place) * np.exp(1j * self.heading)
        return np.stack([-target.real, -target.imag, self.heading], axis=1).astype(np.float64)

    def get_state(self) -> dict[str, Any]:
        """Return the state of all random numbers, as JSON values: enough to resume between two episodes."""
        return {"rng": self.rng.bit_generator.state, "moves": self.moves}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from a state of `get_state`."""
        self.rng.bit_generator.state = state["rng"]
        self.moves = state.get("moves", 0)

    def get_robots(self) -> dict[str, NDArray[Any]]:
        """Return copies of the robots' properties and places, by name: needed to resume within an episode."""
        return {name: array.view(np.float32).copy() for name, array in self._robot_arrays().items()}

    def set_robots(self, robots: Mapping[str, NDArray[Any]]) -> None:
        """Restore the properties and places that `get_robots` returned."""
        for name, array in self._robot_arrays().items():
            array.view(np.float32)[...] = robots[name]
        self._wheel_noise = self.speeds * np.float32(self.physics.wheel_noise)
        self._derive()

    def _robot_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays of properties and places themselves, by name, without a copy."""
        return {
            "place": self.place,
            "heading": self.heading,
            "speeds": self.speeds,
            "dead_time": self.dead_time,
            "yaw": self.yaw,
            "tan_half_view": self.tan_half_view,
            "radius": self.radius,
        }
