"""What is wrong with the robot itself, from its moves: what it saw, did, and then saw.

The robot of `simulator` is fitted to the recorded moves by maximum likelihood. What is sought, the
`Fit`, is the same in all moves; where the target is, is known only by noisy sights, so a Kalman filter
(Kalman 1960) carries it from sight to sight and says how surprising each one is. What makes them least
surprising is the estimate, and how differently single episodes pull at it is its uncertainty. So a
policy that steers badly is told from a robot that does not do what it is told: steering is known.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robot_agent.envs.task import Ending
from robot_agent.health.finding import Finding, ranked
from robot_agent.simulator.world import CONTACT_GAP, Physics
from vision.sight import SLICES

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

MOST_EPISODES = 400
"""More episodes than these, spread over the run, hardly make a fit surer."""
FEWEST_MOVES = 60
"""With fewer moves nothing is said."""
REPORTED = 0.98
"""A finding is told when it is at least so sure."""

NAMES = ("speed", "ratio", "dead_time", "yaw", "sag")
PRIOR = np.array([0.3, 0.4, 0.15, 0.2, 0.4])
"""How far, by standard deviation, each is expected from 0 before anything is seen."""
NUDGE = 1e-4
"""By so much each is changed to see what follows from it."""
TOLERATED = {"ratio": 0.06, "dead_time": 0.02, "yaw": math.radians(1.0), "sag": 0.06}
"""What a sound robot may have: motors are never quite alike, and cameras never quite straight."""
LEANING = 0.12
"""So much, of full speed, the wheels may differ where the target is in the middle."""
SYMPTOM = 0.85
"""A policy that leans comes after what may have made it lean."""
OUTLIER = 3.0
"""A surprise beyond so many standard deviations pulls no harder than one of so many."""


@dataclass(frozen=True, slots=True)
class Moves:
    """E episodes of at most T moves side by side."""

    edges: Array
    """First and last slice of each sight, shape (T + 1, E, 2), the first before any move; not-a-number
    where nothing was seen and where an edge may lie beyond the picture."""
    wheels: Array
    """Left and right as they were told, shares of full speed, shape (T, E, 2)."""
    seconds: Array
    """Length of each pulse, shape (T, E); 0 after the last one."""
    when: Array
    """How far through the recorded moves each episode began, from -1/2 to 1/2, shape (E,)."""

    @property
    def count(self) -> int:
        """How many moves there are."""
        return int((self.seconds > 0).sum())

    @staticmethod
    def of(episodes: Sequence[Mapping[str, NDArray[Any]]]) -> "Moves":
        """Collect the `steps` of recorded episodes, see `Episode.steps`, the earliest first."""
        lengths = np.array([len(steps["x1"]) for steps in episodes], np.int64)
        before = np.cumsum(lengths) - lengths
        spread = np.linspace(0, len(episodes) - 1, min(len(episodes), MOST_EPISODES)).astype(np.int64)
        # Where a target is cannot be told from a first sight that is cut off.
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
            if "ending" in steps and steps["ending"][-1] in (Ending.HALTED, Ending.INTERRUPTED):
                length -= 1  # that pulse was not made as it was told, or nothing was seen after it
            edges[0, column] = steps["start_x1"][0], steps["start_x2"][0]
            sights = np.stack([steps["x1"], steps["x2"]], axis=1)[:length].astype(float)
            sights[(sights[:, 0] <= 0), 0] = np.nan
            sights[(sights[:, 1] >= SLICES - 1) | (sights[:, 1] < 0), 1] = np.nan
            # From where the target is cut off, or gone, the way goes on without a fix, or it is touched.
            cut = np.isnan(sights).any(axis=1)
            length = int(np.argmax(cut)) + 1 if cut.any() else length
            edges[1 : length + 1, column] = sights[:length]
            wheels[:length, column] = np.stack([steps["left"], steps["right"]], axis=1)[:length]
            seconds[:length, column] = steps["seconds"][:length]
        when = before[chosen] / max(int(lengths.sum()), 1) - 0.5
        return Moves(edges, wheels, seconds, when)


@dataclass(frozen=True, slots=True)
class Fit:
    """What the moves say of a robot; each with its standard deviation in `deviation`."""

    values: Array
    """Shape (5,), by the `NAMES`: ln of the speed beside that of the settings; ln of the left wheel's speed
    beside the right one's; dead time, seconds; how far the camera is turned to the right, radians; ln of
    the speed at the end of the moves beside that at their beginning."""
    deviation: Array
    """Standard deviation of each, shape (5,)."""
    moves: int
    """From how many moves."""

    def __getitem__(self, name: str) -> float:
        """One of the values."""
        return float(self.values[NAMES.index(name)])

    def sd(self, name: str) -> float:
        """Return the standard deviation of one of the values."""
        return float(self.deviation[NAMES.index(name)])

    def sure(self, name: str, sign: int = 0) -> float:
        """How sure it is, in [0, 1], that a value is beyond what is tolerated; of one sign, or of any."""
        value = self[name] * sign if sign else abs(self[name])
        return 0.5 * (1 + math.erf((value - TOLERATED[name]) / self.sd(name) / math.sqrt(2)))

    @property
    def sound(self) -> bool:
        """Whether the robot does what it is told as far as can be told, and its motors surely do."""
        unlikely = all(self.sure(name) < 0.8 for name in TOLERATED)
        return unlikely and abs(self["ratio"]) + 2 * self.sd("ratio") < 2 * TOLERATED["ratio"]


def _moved(place: Complex, left: Array, right: Array, wheel_base: float) -> Complex:
    """Where the target is after the wheels went `left` and `right` metres; see `World.move`."""
    h = (right - left) / (2 * wheel_base) + 1e-12
    turn = np.exp(1j * h)
    moved: Complex = (place * turn - (left + right) / 2 * np.sin(h) / h) * turn
    return moved


def _edge(log_distance: Array, side: int, physics: Physics) -> tuple[Array, Array]:
    """How far an edge of the target is to the right of its centre, radians; the derivative by ln D.

    A cylinder of radius r at distance D has its edges asin(r / D) to either side; `side` is -1 for
    the left edge and 1 for the right one.
    """
    share = np.clip(physics.target_width / 2 * np.exp(-log_distance), 1e-6, 0.95)
    return side * np.arcsin(share), -side * share / np.sqrt(1 - share * share)


class _Filter:
    """Where the target is in each episode's robot, ln D + i bearing; how unlike its motors are in this
    episode, ln of left beside right; and how sure all three are."""

    def __init__(self, theta: Array, moves: Moves, physics: Physics) -> None:
        """Begin with the first sights under parameters `theta`, shape (K, 5): all K are tried at once."""
        self.physics = physics
        speed, ratio, self.dead_time, self.yaw, sag = (theta[:, i, None] for i in range(5))
        both = speed + sag * moves.when
        self.full = physics.full_speed * np.exp(np.stack([both + ratio / 2, both - ratio / 2]))
        self.wheel_noise = math.hypot(physics.wheel_noise, 0.01)
        self.noise = math.sqrt(max(physics.vision_noise, 0.3) ** 2 + 1 / 12)  # and the cut to whole slices
        self.scale = math.tan(physics.field_of_view / 2) / (SLICES / 2)
        angles, variances = self._angles(moves.edges[0])
        half = np.maximum((angles[:, 1] - angles[:, 0]) / 2, self.scale / 4)
        at = np.log(physics.target_width / 2 / np.sin(half)) + 1j * (angles.sum(axis=1) / 2 + self.yaw)
        self.at: Complex = at
        self.skew = np.zeros(at.shape)
        self.cov = np.zeros((3, 3, *at.shape))
        self.cov[2, 2] = physics.asymmetry**2
        # Both edges at once: bearing = (a1 + a2) / 2, ln D by their difference.
        by_distance = _edge(at.real, 1, physics)[1]
        distance = variances.sum(axis=1) / 4 / by_distance**2
        between = (variances[:, 1] - variances[:, 0]) / 4 / by_distance
        bearing = np.broadcast_to(variances.sum(axis=1) / 4, at.shape)
        self.cov[:2, :2] = [[distance, between], [between, bearing]]

    def _angles(self, edges: Array) -> tuple[Array, Array]:
        """At what angles from the camera's axis edges in slices are seen, radians; and their variances."""
        angles = np.arctan((edges + 0.5 - SLICES / 2) * self.scale)
        return angles, (self.noise * self.scale * np.cos(angles) ** 2) ** 2

    def drive(self, wheels: Array, seconds: Array) -> None:
        """Carry all on over one move, in which wheels with noise take what is known a little away."""
        going = np.maximum(seconds - self.dead_time, 0.0)
        skewed = np.exp(np.stack([self.skew, -self.skew]) / 2)
        left, right = ways = np.moveaxis(wheels, -1, 0)[:, None] * self.full * going * skewed
        place, base = np.exp(self.at), self.physics.wheel_base
        after = _moved(place, left, right, base)
        # What a metre more of each wheel changes in ln place'.
        pulls = np.stack([_moved(place, left + 1e-6, right, base), _moved(place, left, right + 1e-6, base)])
        pulls = (pulls - after) / 1e-6 / after * ways
        # d(ln place') = e^2ih place / place' d(ln place), a complex number: it turns and stretches.
        j, by_skew = np.exp(1j * (right - left) / base) * place / after, (pulls[0] - pulls[1]) / 2
        zero, one = np.zeros(j.shape), np.ones(j.shape)
        jacobian = np.array(
            [[j.real, -j.imag, by_skew.real], [j.imag, j.real, by_skew.imag], [zero, zero, one]]
        )
        self.cov = np.einsum("ab...,bc...,dc...->ad...", jacobian, self.cov, jacobian)
        for pull in pulls * self.wheel_noise:
            noise = np.stack([pull.real, pull.imag])
            self.cov[:2, :2] += noise[:, None] * noise[None]
        nearest = self.physics.target_width / 2 + CONTACT_GAP
        ahead = np.log(after)
        # The bearing goes on where it was: a target behind the robot does not jump from pi to -pi.
        bearing = self.at.imag + np.angle(np.exp(1j * (ahead.imag - self.at.imag)))
        self.at = np.maximum(ahead.real, math.log(nearest)) + 1j * bearing

    def see(self, edge: Array, side: int) -> tuple[Array, Array]:
        """Take one edge of the sights into account, shape (E,); returns the surprise and its variance.

        Both have the shape (K, E); the surprise is 0 where there is no edge.
        """
        angle, noise = self._angles(edge)
        beside, by_distance = _edge(self.at.real, side, self.physics)
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
    """All surprises under K parameters, and their variances, both of shape (K, E, 2 T)."""
    state, told = _Filter(theta, moves, physics), []
    for wheels, seconds, edges in zip(moves.wheels, moves.seconds, moves.edges[1:], strict=True):
        state.drive(wheels, seconds)
        told += [state.see(edges[:, 0], -1), state.see(edges[:, 1], 1)]
    return np.stack([nu for nu, _ in told], axis=-1), np.stack([variance for _, variance in told], axis=-1)


def fit(moves: Moves, physics: Physics) -> Fit:
    """Find what makes the sights least surprising, by Gauss-Newton steps.

    With surprises nu and their variances S, the log-likelihood is -1/2 sum (nu^2 / S + ln S); its score
    is -sum nu' nu / S, its information F = sum nu' nu'^T / S + prior. The covariance is that of
    episodes that differ in more than the model knows (White 1982): F^-1 (sum s s^T + prior) F^-1, s the
    score of one episode.

    Args:
        moves: what the robot did.
        physics: what it should be: two equal motors, no dead time, a straight camera.
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


def _faults(fitted: Fit) -> list[Finding]:
    """Everything that may be wrong with the robot, however sure."""
    ratio, ratio_sd = fitted["ratio"], fitted.sd("ratio")
    weak, strong = ("left", "right") if ratio < 0 else ("right", "left")
    weaker = 1 - math.exp(-abs(ratio))
    late, yaw, yaw_sd = fitted["dead_time"], math.degrees(fitted["yaw"]), math.degrees(fitted.sd("yaw"))
    off, back = ("right", "left") if yaw > 0 else ("left", "right")
    slower = 1 - math.exp(fitted["sag"])
    source = f"so say {fitted.moves:,} moves"
    return [
        Finding(
            "weak-motor",
            f"The {weak} wheel goes {weaker:.0%} (±{ratio_sd:.0%}) slower than the {strong} one "
            f"at equal power, {source}.",
            f"The robot pulls to the {weak} whatever the policy decides.",
            f"Look for dirt, a loose wheel or plug on the {weak} side; exchange the motors' plugs to see "
            f"whether it goes with the motor; or even them out with motors.{strong}_trim={1 - weaker:.2f}.",
            fitted.sure("ratio"),
        ),
        Finding(
            "dead-time",
            f"The wheels turn {late:.2f} s (±{fitted.sd('dead_time'):.2f}) after they are told to, {source}.",
            "Short pulses hardly move the robot, and long ones less than the policy was told to expect.",
            "Tighten what is loose in the gears, set motors.dead_band to the least power that turns the "
            "wheels; or train with --preset randomised, whose policies cope with it.",
            fitted.sure("dead_time", 1),
        ),
        Finding(
            "camera-turned",
            f"The camera looks {abs(yaw):.1f} (±{yaw_sd:.1f}) degrees to the {off} of "
            f"where the robot drives, {source}.",
            "What is in the middle of the picture is not straight ahead, so the robot drives past it.",
            f"Turn the camera {abs(yaw):.0f} degrees to the {back}; or train with "
            "--preset randomised, whose policies cope with it.",
            fitted.sure("yaw"),
        ),
        Finding(
            "battery-sagging",
            f"The robot is {slower:.0%} (±{fitted.sd('sag'):.0%}) slower at the end of the run than at its "
            f"beginning, {source}.",
            "The battery runs down: what the policy has learned of the robot no longer holds.",
            "Charge the battery or put in a fresh one; or drive from a regulated supply.",
            fitted.sure("sag", -1),
        ),
    ]


def _leaning(moves: Moves, fitted: Fit, centre: float) -> tuple[Array, Array]:
    """How far the late moves turn right where the target is in the middle: as told, and as driven.

    The difference of the wheels, shares of full speed, is fitted by a line over how far off the middle
    the target is, for what is within a fifth of the picture; its height in the middle and the standard
    deviation of that are answered, for the wheels as told and with the motors as they are: shape (2,) each.
    """
    late = moves.when >= np.quantile(moves.when, 2 / 3)
    off = (moves.edges[:-1, late].sum(axis=2) / 2 - centre).ravel()
    gains = np.exp(np.array([0.5, -0.5]) * fitted["ratio"])
    turns = np.stack([np.diff(moves.wheels[:, late] * g, axis=2).ravel() for g in (np.ones(2), gains)]) * -1
    use = (np.abs(off) <= SLICES / 5) & (moves.seconds[:, late].ravel() > 0)
    if use.sum() < FEWEST_MOVES / 2:
        return np.zeros(2), np.ones(2)
    x = np.stack([np.ones(int(use.sum())), off[use]], axis=1)
    inverse = np.linalg.inv(x.T @ x + 1e-9 * np.eye(2))
    line = inverse @ x.T @ turns[:, use].T
    spread = (turns[:, use].T - x @ line).std(axis=0)
    return line[0], spread * math.sqrt(inverse[0, 0]) + 1e-6


def _policy_leans(moves: Moves, fitted: Fit, centre: float) -> Finding | None:
    """Find a policy that steers to one side of a target straight ahead on a robot that drives straight."""
    (told, driven), (told_sd, _) = (part.tolist() for part in _leaning(moves, fitted, centre))
    sure = 0.5 * (1 + math.erf((abs(told) - LEANING) / told_sd / math.sqrt(2)))
    if not fitted.sound or abs(driven) < LEANING or sure < REPORTED:
        return None
    side = "right" if told > 0 else "left"
    return Finding(
        "policy-leans",
        f"With the target in the middle the policy still steers to the {side}: its wheels differ by "
        f"{abs(told):.0%} (±{told_sd:.0%}) of full speed. The robot drives as it is told: its motors are "
        f"alike within {abs(fitted['ratio']) + 2 * fitted.sd('ratio'):.0%}.",
        "This is the policy's fault, not the robot's; mending the robot would not help.",
        "Train on; learner.mirror=true makes a policy learn both sides alike.",
        SYMPTOM * sure,
    )


def examine(
    episodes: Sequence[Mapping[str, NDArray[Any]]], physics: Physics, *, centre: float = (SLICES - 1) / 2
) -> tuple[list[Finding], Fit | None]:
    """Return what is wrong with a robot, the surest first, and what it was fitted to.

    Args:
        episodes: the `steps` of its episodes, see `Episode.steps`, the earliest first.
        physics: what it should be.
        centre: slice where the target's middle is to be.

    Returns:
        The findings and the fit; no finding and None where there are too few moves to say anything.
    """
    moves = Moves.of([steps for steps in episodes if len(steps.get("x1", ()))])
    if moves.count < FEWEST_MOVES:
        return [], None
    fitted = fit(moves, physics)
    found = [fault for fault in _faults(fitted) if fault.sure >= REPORTED]
    if (leans := _policy_leans(moves, fitted, centre)) is not None:
        found.append(leans)
    return ranked(found), fitted
