"""Iterated extended Kalman filters that estimate the target's place and the robot's parameters together.

The state is ln distance and bearing of the target, the estimated `PARAMETERS`, and the differences of speed
and ratio in this episode; during one move also three standard normal numbers: the slip of each wheel, and the
jitter of the pulse. The arc of `model` is the transition, and both edges of the sight are the measurement.
The update is iterated (Bell & Cathey 1993). An edge at the border of the picture, or a target that is not
seen, is also a measurement: with some probability, the edge is beyond the border.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robot_agent.identification import model
from robot_agent.identification.densities import edge_variance, inverse_of, log_density, normal
from robot_agent.identification.motion import (
    AHEAD,
    BEARING,
    DISTANCE,
    FIRST,
    LENS,
    NEAREST,
    OF_ROBOT,
    SPEED,
    STATE,
    WITH_NOISE,
    YAW,
    drive,
    edge,
    edges,
    within,
)
from robot_agent.identification.parameters import (
    DEVIATION,
    ESTIMATED,
    MEAN,
    OUTLIER,
    VISION_NOISE,
    Array,
)
from robot_agent.identification.place import START, place_of, place_of_edge
from robot_agent.identification.wirings import Ends
from vision.sight import SLICES

ROUNDS, SETTLED, SURPRISING = 3, 0.4, 6.0
"""An update takes `ROUNDS` linearisations if the speed is less sure than the share `SETTLED` of its prior
deviation, or the sight is off by more than `SURPRISING` squared deviations; else it takes one."""
# More rounds would harm when the robot is known: the noise of a move is multiplied by the robot's parameters,
# so the most probable pair of both would always be a robot that makes the noise larger.
LIMIT = 3.0
"""A sight that is off by more deviations than this changes the estimate only as much as one at this limit."""
FAR = 30.0
"""If a sight is off by more squared deviations, the robot was pushed, carried or stuck: the target's place is
taken from the sight alone."""
MARGIN = 2.0
"""Slices of the target that must stay in the picture after a careful pulse."""
LEAST = 1e-9
"""Least probability of a sight, so that its logarithm stays finite."""


def _whole(ends: tuple[int, int]) -> tuple[bool, bool]:
    """Return for each edge whether it is inside of the picture, not cut off at the border."""
    return ends[0] > 0, ends[1] < SLICES - 1


class FilterBank:
    """K filters that get the same moves, and differ in the wiring and the noise that they assume."""

    def __init__(
        self,
        wires: Sequence[Array],
        *,
        jitter: Sequence[float] | float = 0.015,
        slip: Sequence[float] | float = 0.05,
        stall: Sequence[tuple[float, float]] | float = 0.0,
        stale: Sequence[bool] | bool = False,
        vision: Sequence[float] | float = VISION_NOISE,
        walk: float = 0.08,
        mean: Array = MEAN,
        deviation: Array = DEVIATION,
    ) -> None:
        """Begin with the prior.

        Args:
            wires: for each filter, the matrix that turns commands of the motors into powers of the wheels,
                shape (2, 2), see `matrix`.
            jitter: standard deviation of a pulse's length, s; one number, or one for each filter.
            slip: standard deviation of a wheel's power from move to move, a share; one number, or K numbers.
            stall: power below which the left and the right wheel stand, to jump to speed at it.
            stale: whether pictures come a move late.
            vision: standard deviation of an edge, slices.
            walk: standard deviation by which a parameter may change between two episodes, in deviations of
                the prior.
            mean: means of the prior, in the order of `NAMES`.
            deviation: standard deviations of the prior, in the same order.
        """
        self.count = len(wires)
        self.wires = np.array(wires, np.float64)
        self.jitter = np.array(np.broadcast_to(np.asarray(jitter, np.float64), (self.count,)))
        self.slip = np.array(np.broadcast_to(np.asarray(slip, np.float64), (self.count,)))
        self.stall = np.broadcast_to(np.asarray(stall, np.float64), (self.count, 2)).T
        self.stale = np.array(np.broadcast_to(stale, (self.count,)))
        edges_off: Array = np.array(np.broadcast_to(np.asarray(vision, np.float64), (self.count,)))
        self.blur: Array = (edges_off**2 + 1 / 12) / (VISION_NOISE**2 + 1 / 12)
        """Variance of an edge over that of a sharp one."""
        self.far = np.zeros(self.count, np.bool_)
        """Which filters find the last sight so far off that they looked up the target anew."""
        self._under_way = (0.0, 0.0), 0.0
        """The last pulse: where pictures come late, its effect has not been seen yet."""
        self.mean, self.deviation, self.walk = mean[:ESTIMATED].copy(), deviation[:ESTIMATED].copy(), walk
        self.x = np.zeros((self.count, STATE))
        """Means of the states, shape (K, STATE)."""
        self.cov = np.zeros((self.count, STATE, STATE))
        """Covariances of the states, shape (K, STATE, STATE)."""
        self.lost = True
        """Whether the target's place is not known: no sight of this episode has shown it yet."""
        self.halves = True
        """Whether a sight that is cut off at one side is used to find the target's place."""
        self.forget(np.arange(self.count))

    def forget(self, which: NDArray[np.int64]) -> None:
        """Set the filters with the indices `which` back to the prior."""
        self.x[which], self.cov[which] = 0, 0
        self.x[which, OF_ROBOT] = self.mean
        diagonal = np.arange(FIRST, FIRST + ESTIMATED)
        self.cov[which[:, None], diagonal, diagonal] = self.deviation**2

    def copy_from(self, source: int, targets: slice) -> None:
        """Copy the state and the wiring of the filter `source` to the filters `targets`."""
        self.x[targets], self.cov[targets] = self.x[source], self.cov[source]
        self.wires[targets] = self.wires[source]

    def wander(self, far: float) -> None:
        """Make each parameter less sure by `far` deviations of the prior, but not less than the prior."""
        diagonal = np.arange(FIRST, FIRST + ESTIMATED)
        wandered = self.cov[:, diagonal, diagonal] + (far * self.deviation) ** 2
        self.cov[:, diagonal, diagonal] = np.maximum(
            np.minimum(wandered, self.deviation**2), self.cov[:, diagonal, diagonal]
        )

    def begin(self, ends: Ends) -> None:
        """Begin an episode with its first sight."""
        self.wander(self.walk)
        self._under_way = (0.0, 0.0), 0.0
        self._look_up(ends, np.ones(self.count, np.bool_))
        if not self.lost and ends is not None and all(_whole(ends)):
            # A sight from afar hardly shows the distance, so use the usual distance at the start, too.
            spread = self.cov[:, :, DISTANCE]
            variance = spread[:, DISTANCE] + START[1] ** 2
            self._take(spread, (START[0] - self.x[:, DISTANCE]) / variance, 1 / variance)

    def _look_up(self, ends: Ends, which: NDArray[np.bool_]) -> None:
        """Set the target's place of the filters `which` from one sight alone, and forget the place before."""
        self.lost = ends is None or not (any if self.halves else all)(_whole(ends))
        if self.lost or ends is None:
            return
        if not all(_whole(ends)):
            side = -1 if _whole(ends)[0] else 1
            self.x, self.cov = place_of_edge(ends[0 if side < 0 else 1], side, self.x, self.cov)
            self._beyond(-side)
            return
        x, cov = place_of(ends, self.x, self.cov, self.blur)
        self.x[which], self.cov[which] = x[which], cov[which]

    def move(self, wheels: tuple[float, float], seconds: float, ends: Ends) -> Array:
        """Update all filters with one move.

        Args:
            wheels: power of the left and the right motor, as commanded.
            seconds: length of the pulse.
            ends: first and last slice of the sight after the move; None if nothing is seen.

        Returns:
            Log-probability of the sight in each filter, shape (K,).
        """
        (left, right), length = self._seen(wheels, seconds)
        self._under_way = wheels, seconds
        self.far = np.zeros(self.count, np.bool_)
        if self.lost:
            self._look_up(ends, np.ones(self.count, np.bool_))
            return np.zeros(self.count)
        whole = [i for i in (0, 1) if ends is not None and _whole(ends)[i]]
        x = np.concatenate([self.x, np.zeros((self.count, 3))], axis=1)
        cov = np.zeros((self.count, WITH_NOISE, WITH_NOISE))
        cov[:, :STATE, :STATE] = self.cov
        cov[:, _NOISE, _NOISE] = 1
        likely, far = np.zeros(self.count), np.zeros(self.count, np.bool_)

        def driven(x: Array) -> tuple[Array, Array, Array]:
            return drive(x, (left, right), length, self.slip, self.jitter)

        after = driven(x)
        if ends is not None and whole:
            x, cov, after, squared, likely = self._measure(x, cov, after, driven, ends, whole)
            far = squared > FAR
        self._carry(x, cov, after)
        if ends is None:
            likely += self._gone()
        else:
            for i in {0, 1}.difference(whole):
                likely += self._beyond(2 * i - 1)
        self.far = far & (len(whole) == 2)
        if self.far.any():
            self._look_up(ends, far)
        return likely

    def _measure(
        self,
        before: Array,
        cov: Array,
        after: tuple[Array, Array, Array],
        driven: Callable[[Array], tuple[Array, Array, Array]],
        ends: tuple[int, int],
        whole: list[int],
    ) -> tuple[Array, Array, tuple[Array, Array, Array], Array, Array]:
        """Update states with the edges of a sight that are inside of the picture.

        Args:
            before: means of the states before the move, with its noise, shape (K, WITH_NOISE).
            cov: their covariances, shape (K, WITH_NOISE, WITH_NOISE).
            after: where the move takes these states, `driven(before)`.
            driven: the move, see `drive`.
            ends: first and last slice of the sight.
            whole: which of the two edges are inside.

        Returns:
            Means and covariances, still of before the move; where it takes the means; by how many squared
            deviations the sight is off; and the log-probability of the sight, both of shape (K,).
        """
        z = model.angle_of_slice(np.array(ends)[whole] + 0.5)
        noise = self.blur[:, None, None] * np.diag(edge_variance(z))
        sides = tuple(2 * i - 1 for i in whole)
        angles, slopes = edges(after, before, sides)
        spread = cov @ slopes.transpose(0, 2, 1)
        inverse = inverse_of(slopes @ spread + noise)
        surprise = z - angles
        squared = (surprise[:, None] @ inverse @ surprise[..., None])[:, 0, 0]
        likely = log_density(squared, inverse, z)
        known = self.cov[:, SPEED, SPEED] < (SETTLED * self.deviation[SPEED - FIRST]) ** 2
        unsettled = ~known | (squared > SURPRISING)
        trust = np.minimum(1.0, LIMIT / np.sqrt(squared + 1e-9))
        x = within(before + (spread @ (inverse @ (surprise * trust[:, None])[..., None]))[..., 0])
        after = driven(x)
        for _ in range((ROUNDS - 1) * bool(unsettled.any())):
            angles, slopes = edges(after, x, sides)
            again = cov @ slopes.transpose(0, 2, 1)
            spread = np.where(unsettled[:, None, None], again, spread)
            inverse = np.where(unsettled[:, None, None], inverse_of(slopes @ again + noise), inverse)
            surprise = z - angles - (slopes @ (before - x)[..., None])[..., 0]
            new = within(before + (again @ (inverse @ (surprise * trust[:, None])[..., None]))[..., 0])
            x = np.where(unsettled[:, None], new, x)
            after = driven(x)
        cov = cov - trust[:, None, None] * (spread @ inverse @ spread.transpose(0, 2, 1))
        return x, cov, after, squared, likely

    def _carry(self, x: Array, cov: Array, after: tuple[Array, Array, Array]) -> None:
        """Take means and covariances of before a move to `after` it, and leave the noise of the move out."""
        carried = np.zeros((self.count, STATE, WITH_NOISE))
        carried[:, _ROBOT, _ROBOT] = 1
        carried[:, :2] = after[2]
        cov = carried @ cov @ carried.transpose(0, 2, 1)
        self.cov = (cov + cov.transpose(0, 2, 1)) / 2
        self.x = x[:, :STATE].copy()
        self.x[:, DISTANCE], self.x[:, BEARING] = after[:2]

    def loses(self, wheels: tuple[float, float], seconds: float) -> NDArray[np.bool_]:
        """Return which filters expect that a pulse loses the target from view or hits it, shape (K,)."""
        log_distance, bearing = self._drive(wheels, seconds)
        seen = model.edge_angles(log_distance, bearing, self.x[:, YAW], self.x[:, LENS])
        first, last = model.angle_of_slice(np.array([MARGIN, SLICES - MARGIN]))
        axle = np.abs(np.exp(log_distance + 1j * bearing) + self.x[:, AHEAD])
        lost: NDArray[np.bool_] = (seen[1] < first) | (seen[0] > last) | (axle < 1.001 * NEAREST)
        return lost

    def expect(self, wheels: tuple[float, float], seconds: float) -> Array:
        """Return the expected angles of the left and the right edge after a pulse, radians, shape (2, K)."""
        return np.stack(model.edge_angles(*self._drive(wheels, seconds), self.x[:, YAW], self.x[:, LENS]))

    def by_now(self, row: int) -> tuple[complex, Array]:
        """Where the target is after a pulse that was not seen yet, m, and at what angles its edges are."""
        far, side = (part[row] for part in self._drive((0.0, 0.0), 0.0))
        x = self.x[row]
        angles = model.edge_angles(far, side, x[YAW], x[LENS])
        return complex(np.exp(far + 1j * side)), np.array(angles)

    def _seen(self, wheels: tuple[float, float], seconds: float) -> tuple[Array, Array]:
        """The pulse that the next picture shows: powers, (2, K), 0 where a motor stalls, and length."""
        late, length = self._under_way
        commands = np.where(self.stale[:, None], late, wheels)
        power = (self.wires @ commands[..., None])[..., 0].T
        return power * (np.abs(power) >= self.stall), np.where(self.stale, length, seconds)

    def _drive(self, wheels: tuple[float, float], seconds: float) -> tuple[Array, Array]:
        (left, right), length = self._seen(wheels, seconds)
        now = np.concatenate([self.x, np.zeros((self.count, 3))], axis=1)
        return drive(now, (left, right), length, self.slip, self.jitter)[:2]

    def _edge(self, side: int) -> tuple[Array, Array, Array]:
        """Return an edge's (-1 left, 1 right) expected angle, covariance with the state, and variance."""
        x, c = self.x, self.cov
        angle, by_distance, by_bearing, by_lens = edge(
            x[:, DISTANCE], x[:, BEARING], x[:, YAW], x[:, LENS], side
        )
        slopes = np.stack([by_distance, by_bearing, -by_bearing, by_lens], axis=1)
        spread = (c[:, :, _EDGE] @ slopes[..., None])[..., 0]
        return angle, spread, (spread[:, _EDGE] * slopes).sum(axis=1)

    def _censored(self, side: int, sign: int, border: float) -> tuple[Array, ...]:
        """Compute the update that follows from an edge beyond a border of the picture.

        Args:
            side: the edge, -1 left, 1 right.
            sign: 1 if the edge is to the right of the border, -1 if to the left.
            border: place of the border, slices from the picture's left.

        Returns:
            The probability that the edge is there, its covariance with the state, and the gains of mean and
            covariance: those of a truncated normal distribution (Tobin 1958).
        """
        expected, spread, variance = self._edge(side)
        angle = model.angle_of_slice(border)
        variance = variance + edge_variance(angle)
        deviation = np.sqrt(variance)
        inside = sign * (expected - angle) / deviation
        probability, density = normal(inside)
        probability = np.maximum(probability, LEAST)
        hazard = np.minimum(density / probability, LIMIT + 1)
        shrink = np.clip(hazard * (hazard + inside), 0, 1) / variance
        return probability, spread, sign * hazard / deviation, shrink

    def _take(self, spread: Array, gain: Array, shrink: Array) -> None:
        self.x = within(self.x + spread * gain[:, None])
        self.cov = self.cov - shrink[:, None, None] * spread[:, :, None] * spread[:, None]

    def _beyond(self, side: int) -> Array:
        """Update with an edge (-1 left, 1 right) that the border cuts off; return its log-probability."""
        probability, *how = self._censored(side, side, SLICES - 1.0 if side > 0 else 1.0)
        self._take(*how)
        likely: Array = np.log((1 - OUTLIER) * probability + OUTLIER / SLICES)
        return likely

    def _gone(self) -> Array:
        """Update with a target that is not seen: it is beyond the right or the left border of the picture.

        Returns the log-probability of that, shape (K,).
        """
        right, left = self._censored(-1, 1, SLICES - 0.5), self._censored(1, -1, 0.5)
        more = right[0] > left[0]
        choose = [
            np.where(more[:, None] if a.ndim > 1 else more, a, b) for a, b in zip(right, left, strict=True)
        ]
        self._take(*choose[1:])
        both: Array = np.log(np.clip((1 - OUTLIER) * (right[0] + left[0]) + OUTLIER, LEAST, 1))
        return both

    def state(self) -> dict[str, Any]:
        """Return the state as JSON values, for `restore`; the target's place of this episode is not kept."""
        return {name: getattr(self, name).tolist() for name in ("x", "cov", "wires")}

    def restore(self, state: dict[str, Any]) -> None:
        """Restore a `state`; raise ValueError if it has other shapes, or numbers that are not finite."""
        for name in ("x", "cov", "wires"):
            own = getattr(self, name)
            value = np.asarray(state[name], own.dtype)
            if value.shape != own.shape or not np.isfinite(value).all():
                raise ValueError(f"{name} is not of this estimate.")
            own[...] = value
        self.lost = True


_ROBOT = np.arange(FIRST, STATE)
_NOISE = np.arange(STATE, WITH_NOISE)
_EDGE = [DISTANCE, BEARING, YAW, LENS]
