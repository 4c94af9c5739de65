"""How probable sights are if the picture is turned by a quarter: a particle filter (Gordon et al. 1993).

The slices of such a picture count from top to bottom. So they show how high the target reaches above and
below the camera's axis, over its distance, and not at all to which side it is. That side is hidden in the
other direction of the picture, where the target leaves it without a slice that shows it coming.
"""

import math

import numpy as np

from robot_agent.identification import model
from robot_agent.identification.densities import normal
from robot_agent.identification.motion import NEAREST
from robot_agent.identification.parameters import DEVIATION, HIGH, INDEX, LOW, MEAN, NAMES, OUTLIER, Array
from robot_agent.identification.wirings import Ends
from robot_agent.motors.motors import Pulse
from vision.sight import SLICES

PARTICLES = 500
FAR, SIDE = (0.5, 2.2), math.radians(25)
"""Where episodes begin: distance, m, and largest bearing, radians."""
BORDER, SOFT = math.radians(27), math.radians(3)
"""Bearing at which the target leaves the picture, and how sharply."""
SPREAD, SHARE = 0.5, 0.06
"""Standard deviation of an edge: slices, and a share of its distance from the middle."""
WALK = 0.05
"""How far parameters wander when particles are drawn anew, in deviations of the prior."""
SIGNS = np.array([[1, 1]] * 6 + [[-1, -1]] * 2 + [[-1, 1], [1, -1]])
"""Which way the wheels of a robot turn: as they should (six in ten), both backwards, or one of them."""


class TurnedPicture:
    """Robots of the prior whose picture is turned, weighed by what is seen."""

    def __init__(self) -> None:
        """Know nothing of the robot."""
        self.rng = rng = np.random.default_rng(0)
        shape = (PARTICLES, len(NAMES))
        self.theta = np.clip(MEAN + DEVIATION * rng.standard_normal(shape), LOW, HIGH)
        self.signs = SIGNS[rng.integers(len(SIGNS), size=PARTICLES)]
        self.place: model.Complex = np.ones(PARTICLES, np.complex128)
        self.reach: Array | None = None
        """How far the target reaches up and down, slices at a distance of 1 m, shape (2, PARTICLES)."""
        self.seen = False
        self._weights = np.full(PARTICLES, 1 / PARTICLES)

    def begin(self, ends: Ends) -> None:
        """Begin an episode with its first sight."""
        self._draw_anew()
        rng, n = self.rng, PARTICLES
        self.seen = ends is not None
        if ends is None:
            return
        edges = np.array([SLICES / 2 - ends[0] - 0.5, ends[1] + 0.5 - SLICES / 2])[:, None]
        edges = np.maximum(edges + SPREAD * rng.standard_normal((2, n)), 0.2)
        if self.reach is None:
            far = np.exp(rng.uniform(math.log(FAR[0]), math.log(FAR[1]), n))
            self.reach = edges * far
        else:
            far = self.reach.sum(axis=0) / edges.sum(axis=0)
        self.place = far * np.exp(1j * rng.uniform(-SIDE, SIDE, n))

    def observe(self, pulse: Pulse, ends: Ends) -> float:
        """Learn from a move; returns the log-probability of what was seen then, 0 if nothing is known."""
        if not self.seen or self.reach is None:
            self.begin(ends)
            return 0.0
        self._move(pulse)
        inside = 1 / (1 + np.exp(np.clip((np.abs(np.angle(self.place)) - BORDER) / SOFT, -50, 50)))
        if ends is None:
            likely, nonsense = 1 - inside, 1.0
        else:
            likely, nonsense = inside * self._edges(ends), 1 / SLICES**2
        likely = (1 - OUTLIER) * likely + OUTLIER * nonsense
        total = float(self._weights @ likely)
        self._weights = self._weights * likely / total
        self.seen = ends is not None
        if 1 / float(self._weights @ self._weights) < PARTICLES / 3:
            self._draw_anew()
        return math.log(total)

    def _move(self, pulse: Pulse) -> None:
        noise = self.rng.standard_normal((3, PARTICLES))
        slip, jitter = np.exp(self.theta[:, INDEX["slip"]]), np.exp(self.theta[:, INDEX["jitter"]])
        left = pulse.left * self.signs[:, 0] * (1 + slip * noise[0])
        right = pulse.right * self.signs[:, 1] * (1 + slip * noise[1])
        seconds = pulse.seconds + jitter * noise[2] if pulse.seconds > 0 else np.full(PARTICLES, -1.0)
        ways = model.ways(self.theta, left, right, seconds)
        axle = model.moved(self.theta, self.place, *ways) + self.theta[:, model.AHEAD]
        axle *= np.maximum(NEAREST / (np.abs(axle) + 1e-9), 1)
        self.place = axle - self.theta[:, model.AHEAD]

    def _edges(self, ends: tuple[int, int]) -> Array:
        """How probable a sight is for each particle."""
        assert self.reach is not None
        up, down = self.reach / np.abs(self.place)
        chance = np.ones(PARTICLES)
        for edge, end, border in (
            (up, SLICES / 2 - ends[0], ends[0] <= 0),
            (down, ends[1] + 1 - SLICES / 2, ends[1] >= SLICES - 1),
        ):
            deviation = np.hypot(SPREAD, SHARE * edge)
            if border:  # it reaches there or beyond
                chance *= normal((edge - end + 1) / deviation)[0]
            else:
                chance *= normal((end - 0.5 - edge) / deviation)[1] / deviation
        return chance

    def _draw_anew(self) -> None:
        """Draw particles by their weights; their robots wander a little, so that they stay apart."""
        index = self.rng.choice(PARTICLES, PARTICLES, p=self._weights)
        wandered = self.theta[index] + WALK * DEVIATION * self.rng.standard_normal(self.theta.shape)
        self.theta, self.signs, self.place = (
            np.clip(wandered, LOW, HIGH),
            self.signs[index],
            self.place[index],
        )
        if self.reach is not None:
            self.reach = self.reach[:, index]
        self._weights = np.full(PARTICLES, 1 / PARTICLES)
