"""The numbers of a robot, fitted to its moves: the sight before, the pulse, and the sight after.

The simulated robot is fitted to the recorded moves by maximum likelihood. The parameters, a `Fit`, are the
same in all moves. The target's place is known only from noisy sights: a Kalman filter (Kalman 1960) carries
it from sight to sight and says how surprising each sight is. The estimate is the parameters that make
the sights least surprising. Its uncertainty follows from how much single
episodes disagree.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robot_agent.envs.task import CUT_SHORT
from robot_agent.simulator import kinematics, projection
from robot_agent.simulator.physics import Physics
from vision.sight import SLICES

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

MOST_EPISODES = 400
"""Largest number of episodes, spread over the run, that are used: more hardly make a fit surer."""
NAMES = ("speed", "ratio", "dead_time", "yaw", "sag")
PRIOR = np.array([0.3, 0.4, 0.15, 0.2, 0.4])
"""Prior standard deviation of each parameter around 0."""
NUDGE = 1e-4
"""Change of a parameter with which its derivatives are computed."""
TOLERATED = {"ratio": 0.06, "dead_time": 0.02, "yaw": math.radians(1.0), "sag": 0.06}
"""Largest values that count as sound: two motors are never quite equal, and no camera is quite straight."""
OUTLIER = 3.0
"""Number of standard deviations to which a larger surprise is reduced."""


@dataclass(frozen=True, slots=True)
class Moves:
    """E episodes of at most T moves, side by side."""

    edges: Array
    """First and last slice of each sight, shape (T + 1, E, 2), the first before any move. Not-a-number where
    nothing was seen, and where an edge may lie beyond the picture."""
    wheels: Array
    """Left and right wheel of each pulse, shares of full speed, shape (T, E, 2)."""
    seconds: Array
    """Length of each pulse, shape (T, E); 0 after the last one."""
    when: Array
    """Place of each episode among all recorded moves, from -1/2 (the first) to 1/2 (the last), shape (E,)."""

    @property
    def count(self) -> int:
        """Number of moves."""
        return int((self.seconds > 0).sum())

    @staticmethod
    def of(episodes: Sequence[Mapping[str, NDArray[Any]]]) -> "Moves":
        """Collect the `steps` of recorded episodes, see `Episode.steps`, the earliest first."""
        lengths = np.array([len(steps["x1"]) for steps in episodes], np.int64)
        before = np.cumsum(lengths) - lengths
        spread = np.linspace(0, len(episodes) - 1, min(len(episodes), MOST_EPISODES)).astype(np.int64)
        # A first sight that is cut off does not show where the target is.
        chosen = [
            i
            for i in spread
            if "start_x1" in episodes[i]
            and episodes[i]["start_x1"][0] > 0
            and episodes[i]["start_x2"][0] < SLICES - 1
        ]
        longest = int(lengths[chosen].max(initial=0))
        edges = np.full((longest + 1, len(chosen), 2), np.nan)
        wheels, seconds = np.zeros((longest, len(chosen), 2)), np.zeros((longest, len(chosen)))
        for column, i in enumerate(chosen):
            steps, length = episodes[i], int(lengths[i])
            if "ending" in steps and steps["ending"][-1] in CUT_SHORT:
                length -= 1  # that pulse was cut short, or had no look after it
            edges[0, column] = steps["start_x1"][0], steps["start_x2"][0]
            sights = np.stack([steps["x1"], steps["x2"]], axis=1)[:length].astype(float)
            sights[(sights[:, 0] <= 0), 0] = np.nan
            sights[(sights[:, 1] >= SLICES - 1) | (sights[:, 1] < 0), 1] = np.nan
            # Stop when the target is cut off or lost: its place is not measured any more, or it is touched.
            cut = np.isnan(sights).any(axis=1)
            length = int(np.argmax(cut)) + 1 if cut.any() else length
            edges[1 : length + 1, column] = sights[:length]
            wheels[:length, column] = np.stack([steps["left"], steps["right"]], axis=1)[:length]
            seconds[:length, column] = steps["seconds"][:length]
        when = before[chosen] / max(int(lengths.sum()), 1) - 0.5
        return Moves(edges, wheels, seconds, when)


@dataclass(frozen=True, slots=True)
class Fit:
    """The estimate of a robot from its moves."""

    values: Array
    """The parameters, shape (5,), in the order of `NAMES`: ln(speed / speed in the settings); ln(speed of the
    left wheel / speed of the right wheel); dead time, seconds; angle of the camera to the right, radians;
    ln(speed at the end of the moves / speed at their beginning)."""
    deviation: Array
    """Standard deviation of each parameter, shape (5,)."""
    moves: int
    """Number of moves that were used."""

    def __getitem__(self, name: str) -> float:
        """Return the fitted value of this name."""
        return float(self.values[NAMES.index(name)])

    def sd(self, name: str) -> float:
        """Return the standard deviation of the value of this name."""
        return float(self.deviation[NAMES.index(name)])

    def sure(self, name: str, sign: int = 0) -> float:
        """Return the probability that a value is beyond TOLERATED, with this sign; with any sign if 0."""
        value = self[name] * sign if sign else abs(self[name])
        return normal_cdf((value - TOLERATED[name]) / self.sd(name))

    @property
    def sound(self) -> bool:
        """Whether no parameter is at fault, and the motors are surely equal."""
        unlikely = all(self.sure(name) < 0.8 for name in TOLERATED)
        return unlikely and abs(self["ratio"]) + 2 * self.sd("ratio") < 2 * TOLERATED["ratio"]


def normal_cdf(z: float) -> float:
    """Return the probability that a standard normal number is below z."""
    return 0.5 * (1 + math.erf(z / math.sqrt(2)))


class _Filter:
    """A Kalman filter for each episode. The state is the target's place, ln D + i bearing, and the ratio of
    the motors in this episode, ln(left / right); with the covariance of the three."""

    def __init__(self, theta: Array, moves: Moves, physics: Physics) -> None:
        """Begin with the first sights; `theta` are K sets of parameters, shape (K, 5), tried at once."""
        self.physics, self.focal = physics, physics.focal_length
        speed, ratio, self.dead_time, self.yaw, sag = (theta[:, i, None] for i in range(5))
        both = speed + sag * moves.when
        self.full = physics.full_speed * np.exp(np.stack([both + ratio / 2, both - ratio / 2]))
        self.wheel_noise = math.hypot(physics.wheel_noise, 0.01)
        self.noise = math.sqrt(max(physics.vision_noise, 0.3) ** 2 + 1 / 12)  # and the cut to whole slices
        left, right = moves.edges[0].T + 0.5
        distance, bearing = projection.place_of_edges(left, right, physics.target_radius, self.focal)
        self.at: Complex = np.log(distance) + 1j * (bearing + self.yaw)
        self.skew = np.zeros(self.at.shape)
        self.cov = np.zeros((3, 3, *self.at.shape))
        self.cov[2, 2] = physics.asymmetry**2
        # Both edges at once: bearing = (a1 + a2) / 2, ln D by their difference.
        first, last = (self._angle(edge)[1] for edge in moves.edges[0].T)
        by_distance = -np.tan(projection.half_angle(distance, physics.target_radius))
        both_edges = np.broadcast_to((first + last) / 4, self.at.shape)
        between = (last - first) / 4 / by_distance
        self.cov[:2, :2] = [
            [both_edges / by_distance**2, np.broadcast_to(between, self.at.shape)],
            [np.broadcast_to(between, self.at.shape), both_edges],
        ]

    def _angle(self, edge: Array) -> tuple[Array, Array]:
        """Return the angle at which an edge in a slice is seen, radians, and its variance."""
        angle = projection.angle_at(edge + 0.5, self.focal)
        return angle, (self.noise / self.focal * np.cos(angle) ** 2) ** 2

    def drive(self, wheels: Array, seconds: Array) -> None:
        """Predict the state after one move; the noise of the wheels makes the state less certain."""
        going = np.maximum(seconds - self.dead_time, 0.0)
        skewed = np.exp(np.stack([self.skew, -self.skew]) / 2)
        left, right = np.moveaxis(wheels, -1, 0)[:, None] * self.full * going * skewed
        place, base = np.exp(self.at), self.physics.wheel_base
        after, by_place, by_length, by_turn = kinematics.drive_slopes(
            place, *kinematics.arc(left, right, base)
        )
        # Change of ln place' when a wheel's way is one per cent longer, in hundredths.
        pulls = np.stack([(by_length / 2 - by_turn / base) * left, (by_length / 2 + by_turn / base) * right])
        pulls /= after
        # Derivative of ln place' by ln place, a complex number: rotation and scaling.
        j, by_skew = by_place * place / after, (pulls[0] - pulls[1]) / 2
        zero, one = np.zeros(j.shape), np.ones(j.shape)
        jacobian = np.array(
            [[j.real, -j.imag, by_skew.real], [j.imag, j.real, by_skew.imag], [zero, zero, one]]
        )
        self.cov = np.einsum("ab...,bc...,dc...->ad...", jacobian, self.cov, jacobian)
        for pull in pulls * self.wheel_noise:
            noise = np.stack([pull.real, pull.imag])
            self.cov[:2, :2] += noise[:, None] * noise[None]
        ahead = np.log(after)
        # Keep the bearing continuous: for a target behind the robot it must not jump from pi to -pi.
        bearing = self.at.imag + np.angle(np.exp(1j * (ahead.imag - self.at.imag)))
        self.at = np.maximum(ahead.real, math.log(self.physics.nearest)) + 1j * bearing

    def see(self, edge: Array, side: int) -> tuple[Array, Array]:
        """Update the state with one edge of the sights, shape (E,); `side` is -1 for left, 1 for right.

        Returns the surprise and its variance, both of shape (K, E). The surprise is 0 where there is no edge.
        """
        angle, noise = self._angle(edge)
        beside = projection.half_angle(np.exp(self.at.real), self.physics.target_radius)
        by_distance, beside = -side * np.tan(beside), side * beside
        there = ~np.isnan(edge)
        surprise = np.where(there, angle - (self.at.imag - self.yaw + beside), 0.0)
        h = np.stack([by_distance, np.ones(by_distance.shape), np.zeros(by_distance.shape)])
        spread = np.einsum("ab...,b...->a...", self.cov, h)
        variance = np.einsum("a...,a...->...", h, spread) + np.where(there, noise, 1.0)
        gain = np.where(there, spread / variance, 0.0)
        limit = OUTLIER * np.sqrt(variance)
        step = gain * np.clip(surprise, -limit, limit)
        self.at = self.at + step[0] + 1j * step[1]
        self.skew = self.skew + step[2]
        self.cov = self.cov - gain[:, None] * spread[None]
        return surprise, variance


def _surprises(theta: Array, moves: Moves, physics: Physics) -> tuple[Array, Array]:
    """Return all surprises under K parameters, and their variances, both of shape (K, E, 2 T)."""
    state = _Filter(theta, moves, physics)
    seen = []
    for wheels, seconds, edges in zip(moves.wheels, moves.seconds, moves.edges[1:], strict=True):
        state.drive(wheels, seconds)
        seen += [state.see(edges[:, 0], -1), state.see(edges[:, 1], 1)]
    return np.stack([nu for nu, _ in seen], axis=-1), np.stack([variance for _, variance in seen], axis=-1)


def fit(moves: Moves, physics: Physics) -> Fit:
    """Find the parameters that make the sights least surprising, by Gauss-Newton steps.

    With surprises nu and their variances S, the log-likelihood is -1/2 sum (nu^2 / S + ln S); its score
    is -sum nu' nu / S, its information F = sum nu' nu'^T / S + prior. The covariance is that of
    episodes that differ in more than the model knows (White 1982): F^-1 (sum s s^T + prior) F^-1, s the
    score of one episode.

    Args:
        moves: the robot's moves.
        physics: the robot as it should be: two equal motors, no dead time, a straight camera.
    """
    theta, prior = np.zeros(5), np.diag(PRIOR**-2.0)
    for _ in range(12):
        tried = theta + np.concatenate([np.zeros((1, 5)), NUDGE * np.eye(5)])
        nu, variance = _surprises(tried, moves, physics)
        slopes = (nu[1:] - nu[0]) / NUDGE  # (5, E, 2T)
        limit = OUTLIER * np.sqrt(variance[0])
        weighed = slopes * np.where(abs(nu[0]) < limit, 1.0, 0.0) / variance[0]
        scores = -(slopes * np.clip(nu[0], -limit, limit) / variance[0]).sum(axis=-1)  # (5, E)
        information = np.einsum("aet,bet->ab", weighed, slopes) + prior
        score = scores.sum(axis=-1) - prior @ theta
        step = np.clip(np.linalg.solve(information, score), -PRIOR, PRIOR)
        theta = theta + step
        if np.all(abs(step) < 1e-2 * PRIOR):
            break
    inverse = np.linalg.inv(information)
    covariance = inverse @ (scores @ scores.T + prior) @ inverse
    deviation = np.sqrt(np.maximum(np.diag(covariance), np.diag(inverse)))
    return Fit(theta, deviation, moves.count)
