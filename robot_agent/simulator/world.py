"""The simulated robots: N at once as arrays (World), and one that can be driven and looked through.

A robot is a differential drive with a pinhole camera above its axle; the target is an upright
cylinder, so it looks the same from every side and only its place in the robot's own frame matters.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from robot_agent.motors.motors import check_pulse
from vision.sight import SLICES, Frame

if TYPE_CHECKING:
    from robot_agent.simulator.scene import Scene

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]
Slices = NDArray[np.int64]

CONTACT_GAP = 0.06
"""Metres between the target's surface and the axle when the robot's front touches it."""

LEAST_VISIBLE = 0.5
"""Slices of the target that must be in the picture for it to be seen at all."""

ROBOT_ARRAYS = ("place", "heading", "speeds", "dead_time", "yaw", "tan_half_view", "radius")
"""What the robots of a World are, and where."""

# Arrays, with which NumPy computes twice as fast as with numbers of Python: what a small fleet waits for.
ZERO, TINY, LEAST, MIDDLE = (np.array(x, np.float32) for x in (0, 1e-12, 1e-6, SLICES / 2))
END = np.array(SLICES * (1 - 1e-7), np.float32)
"""Just within the last slice."""


@dataclass(frozen=True, slots=True)
class Physics:
    """One robot, its target and its starts; the defaults are the reference robot (design, section 3)."""

    full_speed: float = 0.35
    """Speed of a wheel at full power, m/s."""
    wheel_base: float = 0.14
    """Distance between the wheels, m."""
    target_width: float = 0.20
    """Diameter of the target, m."""
    field_of_view: float = math.radians(62.2)
    """Horizontal field of view of the camera, radians."""
    start_distance: tuple[float, float] = (0.6, 2.0)
    """Nearest and farthest start from the target's centre, m."""
    start_bearing: float = math.radians(25)
    """The target is at most so far to either side of straight ahead at the start, radians."""
    wheel_noise: float = 0.02
    """Standard deviation of each wheel's speed from move to move, as a share."""
    asymmetry: float = 0.05
    """Standard deviation of the difference of the two motors from episode to episode, as a share."""
    vision_noise: float = 0.5
    """Standard deviation of each end of the sight, in slices, before it is cut to whole slices."""
    left_gain: float = 1.0
    """Strength of the left motor: 0.75 is a quarter too weak."""
    right_gain: float = 1.0
    """Strength of the right motor."""
    dead_time: float = 0.0
    """Seconds at the beginning of each pulse in which the wheels do not turn yet."""
    camera_yaw: float = 0.0
    """How far the camera is turned to the right of the robot's heading, radians."""
    battery_sag: float = 0.0
    """Share of its speed that a robot loses in each 1,000 moves, as its battery runs down."""


@dataclass(frozen=True, slots=True)
class Randomisation:
    """How far each episode's robot may differ from the nominal one (Tobin et al. 2017)."""

    weak_motor: float = 0.30
    """One motor, left or right, is weaker by up to this share."""
    dead_time: float = 0.15
    """Up to so many seconds pass before the wheels turn."""
    camera_yaw: float = math.radians(6)
    """The camera is turned by up to so much to either side, radians."""
    speed: tuple[float, float] = (0.8, 1.1)
    """Full speed times a factor in this range."""
    target_width: tuple[float, float] = (0.9, 1.1)
    """Width of the target times a factor in this range."""
    field_of_view: tuple[float, float] = (0.95, 1.05)
    """Field of view times a factor in this range."""


class World:
    """N simulated robots, each before its own target, moved and looked through as arrays.

    Where the target is in a robot's own frame is one complex number, metres: real part forward,
    imaginary part to the right; so a turn is a multiplication. All that is random comes from one
    generator: the same seed gives the same run.
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
            n: how many robots, at least 1.
            physics: the nominal robot; the reference robot if not given.
            randomisation: how far each episode's robot differs from it; not at all if not given.
            seed: of everything random here.
        """
        self.n = n
        self.physics = physics or Physics()
        self.randomisation = randomisation
        self.rng = np.random.default_rng(seed)
        self._half_over_base = np.array(0.5 / self.physics.wheel_base, np.float32)
        self._vision_noise = np.array(self.physics.vision_noise, np.float32)
        self._late = bool(self.physics.dead_time or randomisation)
        self._turned = bool(self.physics.camera_yaw or randomisation)
        self._tangent = np.zeros((2, n), np.complex64)
        self.place = np.zeros(n, np.complex64)
        """Where the target is in each robot's frame, m."""
        self.heading = np.zeros(n, np.float32)
        """Radians, counter-clockwise."""
        self.moves = 0
        """Moves that each robot has made since its battery was full."""
        self.speeds = np.zeros((2, n), np.float32)
        """Full speed of the left and the right wheel, m/s."""
        nominal = self.physics
        self.dead_time = np.full(n, nominal.dead_time, np.float32)
        self.yaw = np.full(n, nominal.camera_yaw, np.float32)
        self.tan_half_view = np.full(n, math.tan(nominal.field_of_view / 2), np.float32)
        self.radius = np.full(n, nominal.target_width / 2, np.float32)
        self._derive()
        self.reset()

    def seed(self, seed: int | None) -> None:
        """Begin anew with all that is random, and with full batteries."""
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
            left, right = np.minimum(np.maximum(self._edges(index), ZERO), SLICES)
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
        """Work out what each step needs of the cameras and the targets."""
        if self._turned:
            self._toward_camera = np.exp(-1j * self.yaw).astype(np.complex64)
        self._scale = np.float32(SLICES / 2) / self.tan_half_view
        self._nearest = self.radius + np.float32(CONTACT_GAP)
        self._radius_squared = self.radius * self.radius
        self._tangent.imag = -self.radius, self.radius

    def _draw_starts(self, index: NDArray[np.int64]) -> None:
        p, n = self.physics, index.size
        distance = self.rng.uniform(*p.start_distance, n)
        self.place[index] = distance * np.exp(1j * self.rng.uniform(-p.start_bearing, p.start_bearing, n))
        self.heading[index] = self.rng.uniform(-math.pi, math.pi, n)

    def move(self, wheels: Array, seconds: Array) -> None:
        """Turn every robot's wheels and put it where the exact arc ends.

        Args:
            wheels: left and right, shape (2, N), shares of full speed in [-1, 1].
            seconds: length of each pulse, shape (N,); 0 leaves a robot where it is.
        """
        way = self.rng.standard_normal((2, self.n), np.float32)
        way *= self._wheel_noise
        way += self.speeds
        way *= wheels
        if self.physics.battery_sag:
            way *= np.float32((1 - self.physics.battery_sag) ** (self.moves / 1000))
        self.moves += 1
        if self._late:
            seconds = np.maximum(seconds - self.dead_time, 0.0)
        way *= seconds
        left, right = way
        # An arc that turns by 2h to the left ends at the end of its chord, which points h to the left
        # and is s sin(h)/h long; 1e-12 stands for h = 0, and is nothing beside any h that matters.
        h = (right - left) * self._half_over_base
        h += TINY
        turn = np.empty(self.n, np.complex64)
        turn.real, turn.imag = np.cos(h), np.sin(h)
        h += h
        self.heading += h
        chord = (left + right) * turn.imag / h
        self.place *= turn
        self.place -= chord
        self.place *= turn
        # A robot that has run into its target stands where it touches it.
        distance = np.abs(self.place)
        distance += TINY
        self.place *= self._nearest / np.minimum(distance, self._nearest)

    def _edges(self, index: Any = slice(None)) -> Array:
        """Where the target's left and right edge fall, in slices from the picture's left, not clipped."""
        place, tangent = self.place[index], self._tangent[:, index]
        distance = np.abs(place)
        if self._turned:
            place = place * self._toward_camera[index]
        # A line of sight that touches the cylinder is turned by asin(r / D) to either side.
        tangent.real = np.sqrt(np.maximum(distance * distance - self._radius_squared[index], LEAST))
        tangent = tangent * place
        # At 90 degrees and beyond an edge is infinitely far to its side.
        edges: Array = tangent.imag / np.maximum(tangent.real, LEAST)
        edges *= self._scale[index]
        edges += MIDDLE
        return edges

    def sights(self) -> tuple[Slices, Mask]:
        """What each robot sees now, with the noise of its vision.

        Returns:
            x1 and x2, shape (2, N), and where anything is seen, shape (N,); the slices mean nothing
            where it is not.
        """
        edges = self._edges()
        if self.physics.vision_noise:
            noise = self.rng.standard_normal((2, self.n), np.float32)
            noise *= self._vision_noise
            edges += noise
        np.minimum(np.maximum(edges, ZERO, out=edges), END, out=edges)
        left, right = edges
        seen = right - left >= LEAST_VISIBLE
        slices = edges.astype(np.int64)
        np.maximum(slices[1], slices[0], out=slices[1])
        return slices, seen

    def poses(self) -> NDArray[np.float64]:
        """Where the robots are, seen from above: x, y, heading, shape (N, 3), the target at (0, 0)."""
        # To the right is clockwise, so the conjugate turned by the heading points to the target.
        target = np.conj(self.place) * np.exp(1j * self.heading)
        return np.stack([-target.real, -target.imag, self.heading], axis=1).astype(np.float64)

    def get_state(self) -> dict[str, Any]:
        """All that is random and will be, as JSON values; enough at the border of two episodes."""
        return {"rng": self.rng.bit_generator.state, "moves": self.moves}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from a state of `get_state`."""
        self.rng.bit_generator.state = state["rng"]
        self.moves = state.get("moves", 0)

    def get_robots(self) -> dict[str, NDArray[Any]]:
        """What every robot is and where it stands, arrays by name: needed in the middle of episodes."""
        return {name: getattr(self, name).view(np.float32).copy() for name in ROBOT_ARRAYS}

    def set_robots(self, robots: Mapping[str, NDArray[Any]]) -> None:
        """Put the robots where `get_robots` found them."""
        for name in ROBOT_ARRAYS:
            getattr(self, name).view(np.float32)[...] = robots[name]
        self._wheel_noise = self.speeds * np.float32(self.physics.wheel_noise)
        self._derive()


class SimulatedRobot:
    """One robot of a World as a Camera and a Motors: it renders what it sees, and time passes at once.

    It is what `--robot sim` drives: rendered frames go through the real detector, and its pulses
    through the real checks.
    """

    def __init__(
        self,
        *,
        physics: Physics | None = None,
        randomisation: Randomisation | None = None,
        seed: int | None = None,
        width: int = 320,
        height: int = 240,
    ) -> None:
        """Build a robot, its target and a room, all from one seed; frames are width x height pixels."""
        self.world = World(1, physics=physics, randomisation=randomisation, seed=seed)
        self.width, self.height = width, height
        self.clock = 0.0
        """Simulated seconds that have passed."""
        self._driven = 0.0
        self._look_rng = np.random.default_rng()
        self.seed(seed)

    def seed(self, seed: int | None) -> None:
        """Seed all that is random, and start anew."""
        self.world.seed(seed)
        self._look_rng = np.random.default_rng(None if seed is None else [seed, 1])
        self.reset()

    @property
    def camera(self) -> "SimulatedRobot":
        """The camera: this robot itself."""
        return self

    @property
    def motors(self) -> "SimulatedRobot":
        """The motors: this robot itself."""
        return self

    def reset(self) -> None:
        """Put the robot at a new start in a new room."""
        self.world.reset()
        self._scene = self._new_scene()

    def put(self, distance: float, bearing: float = 0.0) -> None:
        """Carry the robot to where its target is `distance` m away and `bearing` radians to the right."""
        self.world.place[:] = distance * np.exp(1j * bearing)

    def odometer(self) -> float:
        """Metres driven so far, backwards ones as well: what a tape on the floor would say."""
        return self._driven

    def sleep(self, seconds: float) -> None:
        """Let time pass: the clock is `seconds` later at once."""
        self.clock += seconds

    def _new_scene(self) -> "Scene":
        from robot_agent.simulator.scene import Scene  # here, so that a fleet does without OpenCV

        return Scene(self._look_rng, target_width=2 * float(self.world.radius[0]))

    def read(self) -> Frame:
        """Draw the picture that the camera takes now: (height, width, 3) uint8 BGR."""
        return self._draw(self._look_rng)

    def peek(self) -> Frame:
        """Draw it for who only watches: nothing that is random in the robot's life moves on."""
        return self._draw(np.random.default_rng(0))

    def _draw(self, rng: np.random.Generator) -> Frame:
        x, y, heading = self.world.poses()[0].tolist()
        return self._scene.draw(
            x,
            y,
            heading,
            rng=rng,
            camera_yaw=float(self.world.yaw[0]),
            field_of_view=2 * math.atan(float(self.world.tan_half_view[0])),
            width=self.width,
            height=self.height,
        )

    def pulse(self, left: float, right: float, seconds: float) -> None:
        """Turn the wheels, see `Motors.pulse`; the clock is then `seconds` later."""
        check_pulse(left, right, seconds)
        before = complex(*self.world.poses()[0, :2])
        self.world.move(np.array([[left], [right]], np.float32), np.array([seconds], np.float32))
        self._driven += abs(complex(*self.world.poses()[0, :2]) - before)
        self.clock += seconds

    def stop(self) -> None:
        """Do nothing: a simulated pulse is over when `pulse` returns."""

    def close(self) -> None:
        """Do nothing: there is no device to give back."""

    def get_state(self) -> dict[str, Any]:
        """All that is random and will be, as JSON values; enough at the border of two episodes."""
        return {"world": self.world.get_state(), "look": self._look_rng.bit_generator.state}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from a state of `get_state`."""
        self.world.set_state(state["world"])
        self._look_rng.bit_generator.state = state["look"]
