"""Fleets of robots drawn from the prior, to train a policy that gets an estimate of its robot as input."""

import math
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from robot_agent.envs.environment import total
from robot_agent.envs.task import TIMEOUT, Approach
from robot_agent.identification import model
from robot_agent.identification.parameters import (
    DEVIATION,
    EPISODE_RATIO,
    EPISODE_SPEED,
    HIGH,
    INDEX,
    LOW,
    MEAN,
    NAMES,
    TARGET_WIDTH,
)
from robot_agent.identification.policy_inputs import (
    SIZE,
    back_off,
    estimate_at_random,
    first_guess,
    place_of,
    policy_inputs,
    too_near,
)
from vision.sight import SLICES, Sight

Floats = NDArray[Any]
Draw = Callable[[int, np.random.Generator], Floats]
Tell = Callable[[Floats, np.random.Generator], tuple[Floats, Floats]]

LEAST_VISIBLE = 0.5
"""Width in slices that must be in the picture, at least, for the target to be seen."""


def draw_prior(n: int, rng: np.random.Generator) -> Floats:
    """Draw N robots, shape (N, P); for a third of them, the prior is 1.6 times as wide for most parameters.

    So the policy also meets robots at the border of the plausible range.
    """
    far = np.where(rng.random((n, 1)) < 1 / 3, 1.6, 1.0)
    far = np.broadcast_to(far, (n, len(NAMES))).copy()
    for name in ("jitter", "slip", "ahead", "dead_time", "dead_band"):
        far[:, INDEX[name]] = 1.0
    robots: Floats = np.clip(MEAN + far * DEVIATION * rng.standard_normal((n, len(NAMES))), LOW, HIGH)
    return robots


class ModelWorld:
    """N simulated robots of the model, each in front of its own target; each episode has a new robot."""

    def __init__(
        self,
        n: int,
        draw: Draw,
        rng: np.random.Generator,
        *,
        distance: tuple[float, float] = (0.45, 2.4),
        bearing: float = math.radians(27),
        vision_noise: tuple[float, float] = (0.15, 0.55),
    ) -> None:
        """Make the world, and draw the first robots.

        Args:
            n: number of robots.
            draw: draws new robots.
            rng: source of everything random.
            distance: least and largest distance of the target at a start, m.
            bearing: largest bearing of the target at a start, to either side, radians.
            vision_noise: least and largest standard deviation of the edges, slices.
        """
        self.n, self.draw, self.rng = n, draw, rng
        self.distance, self.bearing, self.vision_noise = distance, bearing, vision_noise
        self.theta = np.zeros((n, len(NAMES)), np.float32)
        """Parameters of the robots in this episode, shape (N, P), with this episode's speed and ratio."""
        self.told_of = np.zeros((n, len(NAMES)))
        """Parameters of the robots without the differences of this episode, shape (N, P)."""
        self.place = np.zeros(n, np.complex64)
        self.noise = np.zeros(n, np.float32)
        self._jitter, self._slip = np.zeros(n, np.float32), np.zeros(n, np.float32)
        self.reset(np.ones(n, np.bool_))

    def reset(self, which: NDArray[np.bool_]) -> None:
        """Draw new robots for the mask `which`, and starts from which they see their targets."""
        index = np.flatnonzero(which)
        self.told_of[index] = theta = self.draw(len(index), self.rng)
        theta = theta.copy()
        theta[:, model.SPEED] += EPISODE_SPEED * self.rng.standard_normal(len(index))
        theta[:, model.RATIO] += EPISODE_RATIO * self.rng.standard_normal(len(index))
        self.theta[index] = theta
        self.noise[index] = self.rng.uniform(*self.vision_noise, len(index))
        self._jitter[index] = np.exp(theta[:, INDEX["jitter"]])
        self._slip[index] = np.exp(theta[:, INDEX["slip"]])
        # These depend only on the robots, so they are computed once here.
        self._axis, self._zoom = self.theta[:, model.YAW], np.exp(-self.theta[:, model.LENS])
        while index.size:
            low, high = (math.log(d) for d in self.distance)
            far = np.exp(self.rng.uniform(low, high, index.size))
            side = self.rng.uniform(-self.bearing, self.bearing, index.size)
            self.place[index] = far * np.exp(1j * side)
            left, right = np.clip(self._edges(index), 0, SLICES)
            index = index[right - left < 1.0]

    def move(self, wheels: Floats, seconds: Floats) -> None:
        """Make one pulse with each robot: powers `wheels` of shape (2, N), `seconds` of shape (N,)."""
        noise = self.rng.standard_normal((3, self.n), np.float32)
        command = wheels * (1 + noise[:2] * self._slip)
        time = np.where(seconds > 0, seconds + noise[2] * self._jitter, -1.0).astype(np.float32)
        left, right = model.ways(self.theta, command[0], command[1], time)
        place = model.moved(self.theta, self.place, left, right)
        # A robot that drives into its target stops where it touches it.
        axle = place + self.theta[:, model.AHEAD]
        distance = np.abs(axle) + 1e-9
        nearest = TARGET_WIDTH / 2 + model.CONTACT
        axle *= nearest / np.minimum(distance, nearest)
        self.place = (axle - self.theta[:, model.AHEAD]).astype(np.complex64)

    def _edges(self, index: Any = slice(None)) -> Floats:
        """Return both edges, slices from the picture's left, (2, n); far outside if the target is behind."""
        place = self.place[index]
        off = np.angle(place) - self._axis[index]
        half = model.half_angle(np.log(np.abs(place) + 1e-9))
        angles = np.clip(np.stack([off - half, off + half]), -1.55, 1.55)
        edges: Floats = np.tan(angles) * self._zoom[index] / model.SCALE + SLICES / 2
        return edges

    def sights(self) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return first and last slice of each sight, shape (2, N), and whether it is seen, shape (N,)."""
        edges = self._edges() + self.noise * self.rng.standard_normal((2, self.n), np.float32)
        left, right = edges = np.clip(edges, 0, SLICES * (1 - 1e-7))
        seen = right - left >= LEAST_VISIBLE
        slices = edges.astype(np.int64)
        np.maximum(slices[1], slices[0], out=slices[1])
        return slices, seen


class ConditionedFleet(gymnasium.vector.VectorEnv[Any, Any, NDArray[Any]]):
    """N robots of the prior as an environment; each observation includes an estimate, see `policy_inputs`."""

    def __init__(
        self,
        num_envs: int,
        *,
        task: Approach | None = None,
        draw: Draw = draw_prior,
        tell: Tell = estimate_at_random,
        seed: int | None = None,
        **world: Any,
    ) -> None:
        """Make a fleet.

        Args:
            num_envs: number of robots.
            task: the task of the robots.
            draw: draws the robots of new episodes.
            tell: returns estimates of robots `theta`: means and standard deviations, each of shape (N, P).
            seed: seed of everything random.
            **world: keyword arguments of `ModelWorld`.
        """
        self.task, self.num_envs, self.tell = task or Approach(), num_envs, tell
        self.rng = np.random.default_rng(seed)
        self.world = ModelWorld(num_envs, draw, self.rng, **world)
        self.render_mode = None
        self.autoreset_mode = AutoresetMode.DISABLED
        self.metadata = {"render_modes": [], "autoreset_mode": self.autoreset_mode}
        size = self.task.observation_size + SIZE
        self.single_observation_space = gymnasium.spaces.Box(-5.0, 5.0, (size,), np.float32)
        self.single_action_space = gymnasium.spaces.Box(-1.0, 1.0, (len(self.task.action_names),), np.float32)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._moves = np.zeros(num_envs, np.int64)
        self._estimate = np.zeros((num_envs, len(NAMES))), np.ones((num_envs, len(NAMES)))
        self._sights, _ = self.world.sights()

    def _observe(self) -> NDArray[np.float32]:
        self._observed = policy_inputs(self.task, self._sights, *self._estimate)
        return self._observed

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Start new episodes: all, or those of the boolean array `options["reset_mask"]`."""
        if seed is not None:
            self.rng = self.world.rng = np.random.default_rng(seed)
        mask = None if options is None else options.get("reset_mask")
        which = np.ones(self.num_envs, np.bool_) if mask is None else np.asarray(mask, np.bool_)
        self.world.reset(which)
        self._moves[which] = 0
        sights, _ = self.world.sights()
        self._sights = np.where(which, sights, self._sights)
        for own, new in zip(self._estimate, self.tell(self.world.told_of[which], self.rng), strict=True):
            own[which] = new
        return self._observe(), {"x1": self._sights[0], "x2": self._sights[1]}

    def step(self, actions: Floats) -> tuple[Any, Any, NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        """Make one move with every robot; the results of robots whose episode has ended mean nothing."""
        pulses = self.task.pulses(np.asarray(actions, np.float32))
        near = np.flatnonzero(too_near(self.task, self._sights))
        # A pilot does this, too; the policy for wheels was trained without it, and is as good.
        if near.size and self.task.action == "curvature":
            mean = self._estimate[0][near]
            back = back_off(self.task, place_of(self._sights[:, near], mean), mean)
            pulses.wheels[:, near], pulses.seconds[near] = back.wheels, back.seconds
        self.world.move(pulses.wheels, pulses.seconds)
        sights, seen = self.world.sights()
        self._moves += 1
        terms, ending = self.task.judge(self._sights, sights, seen, self._moves)
        np.copyto(sights, self._sights, where=~seen)
        self._sights = sights
        truncated, over = ending == TIMEOUT, ending > 0
        return self._observe(), total(terms), over & ~truncated, truncated, {"ending": ending}

    def halt(self) -> None:
        """Do nothing: no wheel of a fleet turns between two steps."""


class GuidedFleet(ConditionedFleet):
    """A `ConditionedFleet` for training: the policy's action is added to `first_guess`, as in driving."""

    def step(self, actions: Floats) -> tuple[Any, Any, NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        """Make one move with every robot."""
        return super().step(actions + first_guess(self.task, self._observed))


class ModelRobot:
    """One simulated robot of the model that looks and acts, as a real one does."""

    def __init__(self, theta: Floats, seed: int, *, wires: Floats | None = None, **world: Any) -> None:
        """Put the robot in front of its target.

        Args:
            theta: parameters of the robot, shape (P,).
            seed: seed of everything random.
            wires: matrix that turns commands of the motors into powers of the wheels; straight if not given.
            **world: keyword arguments of `ModelWorld`.
        """
        self.wires = np.eye(2) if wires is None else wires
        one = np.asarray(theta, np.float64)[None]
        settings: dict[str, Any] = {
            "distance": (0.6, 2.0),
            "bearing": math.radians(25),
            "vision_noise": (0.3, 0.4),
        }
        self.world = ModelWorld(
            1, lambda n, rng: one.repeat(n, 0), np.random.default_rng(seed), **settings | world
        )

    def reset(self) -> None:
        """Put the robot at a new start."""
        self.world.reset(np.ones(1, np.bool_))

    def look(self) -> Sight | None:
        """Return what the robot sees now; None if it does not see the target."""
        slices, seen = self.world.sights()
        return Sight(int(slices[0, 0]), int(slices[1, 0])) if seen[0] else None

    def act(self, left: float, right: float, seconds: float) -> None:
        """Make a pulse with these powers, in [-1, 1], and this length."""
        wheels = (self.wires @ np.array([left, right])).astype(np.float32)[:, None]
        self.world.move(wheels, np.array([seconds], np.float32))
