"""Probability of sights in a picture turned by 90 degrees: a particle filter (Gordon et al. 1993).

The slices of such a picture count from top to bottom of the scene. They show how far the target reaches
above and below the camera's axis, divided by its distance, but not on which side the target is. The
target can leave such a picture sideways without any warning in the slices.
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
"""Range of the distance, m, and largest bearing, radians, at which episodes begin."""
BORDER, SOFT = math.radians(27), math.radians(3)
"""Bearing at which the target leaves the picture, and width of that border, radians."""
SPREAD, SHARE = 0.5, 0.06
"""Standard deviation of an edge: in slices, and as a share of the edge's distance from the middle."""
WALK = 0.05
"""Random change of the parameters when particles are resampled, in standard deviations of the prior."""
SIGNS = np.array([[1, 1]] * 6 + [[-1, -1]] * 2 + [[-1, 1], [1, -1]])
"""Directions of the wheels, ten cases: six right, two with both backwards, two with one backwards."""


class TurnedPicture:
    """Particles: possible robots with a turned picture, weighted by the sights."""

    def __init__(self) -> None:
        """Draw the particles from the prior."""
        self.rng = rng = np.random.default_rng(0)
        shape = (PARTICLES, len(NAMES))
        self.theta = np.clip(MEAN + DEVIATION * rng.standard_normal(shape), LOW, HIGH)
        self.signs = SIGNS[rng.integers(len(SIGNS), size=PARTICLES)]
        self.place: model.Complex = np.ones(PARTICLES, np.complex128)
        self.reach: Array | None = None
        """How far the target reaches up and down, in slices at a distance of 1 m, shape (2, PARTICLES)."""
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
        """Learn from a move; return the log-probability of the sight after it, 0 if nothing is known yet."""
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
        """Return the probability of a sight for each particle."""
        assert self.reach is not None
        up, down = self.reach / np.abs(self.place)
        chance = np.ones(PARTICLES)
        for edge, end, border in (
            (up, SLICES / 2 - ends[0], ends[0] <= 0),
            (down, ends[1] + 1 - SLICES / 2, ends[1] >= SLICES - 1),
        ):
            deviation = np.hypot(SPREAD, SHARE * edge)
            if border:  # the edge is in this slice or beyond
                chance *= normal((edge - end + 1) / deviation)[0]
            else:
                chance *= normal((end - 0.5 - edge) / deviation)[1] / deviation
        return chance

    def _draw_anew(self) -> None:
        """Resample the particles by their weights, with small random changes that keep them different."""
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
