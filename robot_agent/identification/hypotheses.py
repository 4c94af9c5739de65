"""`Knowledge` learns a robot from its moves, with several filters side by side, one for each hypothesis.

The first filters are the robot as it is known; they differ in how exact its pulses are. Each other filter is
a hypothesis. All but the last assume one wiring, and know nothing else; the last is the known robot, but its
motors may have become weaker or stronger. The `gain` of a hypothesis is how much better it explains the
moves since it began than the known robot does, in nats: a CUSUM (Page 1954). A hypothesis with a gain of at
most 0 begins again at the next episode. A hypothesis whose gain outweighs its log-odds before any move takes
the known robot's place: the motors are wired that way, or it has become another robot (another floor, another
battery).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robot_agent.identification.estimate import Estimate
from robot_agent.identification.filter import FilterBank
from robot_agent.identification.kinds import BEFORE, KINDS, NOISES, PLAIN, STALE, STALLS, strong
from robot_agent.identification.model import SCALE
from robot_agent.identification.motion import OF_ROBOT
from robot_agent.identification.parameters import (
    DEVIATION,
    ESTIMATED,
    HIGH,
    INDEX,
    LOW,
    MEAN,
    NAMES,
    VISION_NOISE,
    Array,
)
from robot_agent.identification.settling import WORDS, Settling
from robot_agent.identification.turning import Turning
from robot_agent.identification.wirings import STRAIGHT, WIRINGS, Ends, Wiring, matrix
from robot_agent.motors.motors import Pulse, check_pulse
from vision.sight import SLICES

STALLING = 0.8
"""Pulses keep off powers that stall where wheels do with this probability."""
MIDDLING = (0.015, 0.04)
"""The noise that is assumed for a robot of which nothing is known."""
MEMORY = 0.98
"""Share of the knowledge of the noise that is kept at each move."""
YOUNG = 8
"""A robot is young for this number of moves: it is not known well yet, and another one is no surprise."""
CHANGE = math.log(1e-4)
"""Log-probability that a robot has become another one since an episode began."""
MOTORS = math.log(1e-3)
"""Log-probability that the motors have become stronger or weaker since an episode began: floor, battery."""
WIRED = math.log(0.02 / 7)
"""Log-probability of each wiring other than the expected one, for a young robot."""
REWIRED = math.log(3e-4)
"""Log-probability that somebody has plugged in the motors in another way, for a robot that is known well."""
AWAY = math.log(0.005 / 7)
"""The same in the first moves after a rest: who has changed the battery may have swapped the plugs, too."""
REST = 0.1
"""Standard deviation by which a parameter may change in a day without a move, in deviations of the prior."""
ODDS = 1.0
"""A hypothesis takes the known robot's place when its log-odds are above this."""
RISK = 0.01
"""A pulse is shortened until the hypotheses by which it loses the target have less probability than this."""
SHARES = (1.0, 0.6, 0.36, 0.22, 0.13, 0.08)
"""Shares of its way to which a pulse is shortened, step by step."""
LONGER = 0.05
"""For each move in a row that changed nothing, a pulse in doubt lasts at least this much longer, seconds."""
SAFETY = 1.5
"""A careful pulse must not lose the target even if the pulse is longer by this factor."""
MOST = 4.6
"""Largest gain of a hypothesis from one move, nats: a robot that was pushed once is still the same."""
PATIENCE = 4
"""Number of episodes after which a hypothesis that has not taken over begins again."""
FINDING_OUT = 20
"""Number of a robot's first moves in which another wiring is found out, and is no change of the robot."""


@dataclass(frozen=True, slots=True)
class Change:
    """A moment at which the robot turned out to be another one than was estimated."""

    move: int
    """Number of the move after which this was noticed, counted from 1 over the robot's life."""
    wiring: Wiring
    """The wiring of the motors from then on."""
    gain: float
    """How much better the new robot explains the moves, nats."""
    rewired: bool
    """Whether the wiring differs from the one before."""

    @property
    def is_news(self) -> bool:
        """Whether the robot has changed, rather than been found out."""
        return self.move > FINDING_OUT

    @property
    def words(self) -> str:
        """What happened, as the end of a sentence."""
        if self.is_news:
            return "the motors are wired in another way" if self.rewired else "it has become another robot"
        found = "the motors are wired in another way" if self.rewired else "it is another robot"
        return f"{found} than was thought at first"


class Knowledge:
    """What is known of one robot; learns from every move, whoever asked for it."""

    def __init__(
        self,
        *,
        wirings: Sequence[Wiring] = WIRINGS,
        mean: Array = MEAN,
        deviation: Array = DEVIATION,
    ) -> None:
        """Begin with the prior only.

        Args:
            wirings: the wirings that are considered; the first one is expected.
            mean: means of the prior, in the order of `NAMES`.
            deviation: standard deviations of the prior, in the same order.

        Raises:
            ValueError: the prior has a wrong shape or wrong numbers, or excludes the nominal robot.
        """
        _check_prior(mean, deviation)
        self.wirings, self.wiring = tuple(wirings), STRAIGHT
        known = [STRAIGHT] * len(NOISES)
        others = len(wirings) + 1
        jitter, slip = np.array([*NOISES, *[MIDDLING] * others]).T
        self.bank = FilterBank(
            [matrix(wiring) for wiring in (*known, *wirings, STRAIGHT)],
            jitter=jitter,
            slip=slip,
            stall=[*STALLS, *[(0.0, 0.0)] * others],
            stale=[*STALE, *[False] * others],
            vision=[*(kind.vision for kind in KINDS), *[VISION_NOISE] * others],
            mean=mean,
            deviation=deviation,
        )
        self._noise = np.zeros(len(NOISES))
        """Log-probability of each of the `NOISES`, up to a constant."""
        self._young = self._as_wired(STRAIGHT)
        """Log-odds of each hypothesis before any move, used while the robot is young; see `_before`."""
        self.gain = np.zeros(others)
        """How much better each hypothesis explains its moves so far than the known robot does, nats."""
        self._since = np.zeros(others, np.int64)
        self.moves = 0
        """Number of moves learned from, over the robot's life."""
        self.age = 0
        """Number of moves since the robot was last found to be another one."""
        self.changes: list[Change] = []
        """All changes that were noticed, in order."""
        self.turning = Turning()
        """Knows whether a turn of the robot was seen since this object was made."""
        self.settling = Settling()
        """Knows whether pictures are taken too early; forgotten with this object, as `turning` is."""
        self.surprised = False
        """Whether a robot that is known well has just seen its target, for once, where it cannot be."""
        self._motors: Wiring | None = None
        """The wiring that the hypothesis of other motors assumes; None as long as it says nothing new."""
        self._far = self._playing = False
        self._rested = YOUNG + 1
        """Number of moves since the last call of `rest`; above `YOUNG` if there was none."""

    def rest(self, days: float) -> None:
        """Make everything a little less sure: the robot was away, and may have been changed.

        Args:
            days: how long the robot was away.
        """
        self.bank.wander(REST * math.sqrt(days))
        self._rested = 0
        self._playing = False

    def begin(self, ends: Ends) -> None:
        """Begin an episode; `ends` is first and last slice of its first sight, None if nothing is seen."""
        behind = np.flatnonzero((self.gain <= 0) | (self._since >= PATIENCE))
        self.bank.forget(len(NOISES) + behind)
        if self._motors is None or len(self.wirings) in behind:
            self.bank.doubt_motors(int(np.argmax(self.noise_weights)), len(NOISES) + len(self.wirings))
            self._motors = self.wiring if self.age > YOUNG else None
            self.gain[-1], self._since[-1] = 0, -1
        # What spoke against them is forgotten with their gains: they are as likely as for a new robot.
        self._young[behind] = np.minimum(self._young[behind], self._as_wired(self.wiring)[behind])
        self.gain[behind], self._since[behind] = 0, -1
        self._since += 1
        self._playing, self.surprised = True, False
        # For a robot that is known well, half a target would harm more than it helps.
        self.bank.halves = self.age <= YOUNG or self.doubt > RISK
        self.bank.begin(ends)
        self.turning.begin(ends)

    def observe(self, pulse: Pulse, ends: Ends) -> None:
        """Learn from a move: the pulse as the motors were commanded, and the sight after it.

        Raises:
            ValueError: the motors cannot carry out this pulse.
        """
        check_pulse(pulse.left, pulse.right, pulse.seconds)
        if not self._playing:
            self.begin(None)
        j = len(NOISES)
        likely = self.bank.move((pulse.left, pulse.right), pulse.seconds, ends)
        self.turning.observe(pulse, ends)
        self.moves += 1
        self.age += 1
        self._rested += 1
        weights, best = self.noise_weights, likely[:j].max()
        known = best + math.log(float(weights @ np.exp(likely[:j] - best)))
        self.gain += np.minimum(likely[j:] - known, MOST)
        far = float(weights @ self.bank.far[:j]) > 0.5
        self.surprised = far and not self._far and self.age > YOUNG
        self._far = far
        self._noise = MEMORY * self._noise + likely[:j]
        ahead = self._odds()
        ahead[self._as_known] = -math.inf
        winner = int(np.argmax(ahead))
        if self.doubt > RISK:  # perhaps only its pictures come late
            self.settling.anew()
        if ahead[winner] > ODDS:
            self._become(winner)

    def _become(self, winner: int) -> None:
        wiring = [*self.wirings, self._motors or self.wiring][winner]
        rewired = wiring != self.wiring
        self.changes.append(Change(self.moves, wiring, float(self.gain[winner]), rewired))
        # If the robot was known well, hypotheses that were nearly as likely as the winner stay likely: a
        # pulse that trusted only the winner lost the target. For a young robot, expect the winner's wiring.
        before = self._before()
        self._young = before - before[winner] if self.age > YOUNG else self._as_wired(wiring)
        self.wiring, self.age = wiring, 0
        self.bank.copy_from(len(NOISES) + winner, slice(0, len(NOISES)))
        if winner == len(self.wirings):
            self._motors = None
        else:
            self._noise = np.zeros(len(NOISES))
        self.gain = self.gain - self.gain[winner]

    @property
    def noise_weights(self) -> Array:
        """Probability of each of the `NOISES`, shape (len(NOISES),)."""
        likely = self._noise + BEFORE
        weights = np.exp(likely - likely.max())
        shares: Array = weights / weights.sum()
        return shares

    @property
    def stall(self) -> tuple[float, float]:
        """Power below which the left and the right wheel seem to stand; 0 where that is not likely."""
        weights = self.noise_weights * STALLS.any(axis=1)
        if weights.sum() < STALLING:
            return 0.0, 0.0
        left, right = STALLS[weights.argmax()]
        return float(left), float(right)

    def strong(self, pulse: Pulse) -> Pulse:
        """Return a pulse that turns the robot as far, without a power at which a wheel seems to stall."""
        if not any(stalls := self.stall):
            return pulse
        estimate = self.estimate
        return strong(pulse, stalls, estimate["dead_band"], estimate["dead_time"])

    @property
    def ahead(self) -> tuple[complex, tuple[int, int]] | None:
        """Where pictures seem to come a move late: where the target is by now, and the ends of its sight.

        None where they do not, or nobody knows where the target is.
        """
        row = int(np.argmax(STALE))
        if self.bank.lost or self.noise_weights[row] < 0.5:
            return None
        place, angles = self.bank.by_now(row)
        ends = np.clip(np.tan(np.clip(angles, -1.5, 1.5)) / SCALE + SLICES / 2, 0, SLICES - 1).astype(int)
        return place, (int(ends[0]), int(max(ends)))

    def _as_wired(self, wiring: Wiring) -> Array:
        """Return the log-odds of each hypothesis if only the likely wiring of the robot is known."""
        return np.array([*(0.0 if one == wiring else WIRED for one in self.wirings), 0.0])

    @property
    def _as_known(self) -> NDArray[np.bool_]:
        """Return which hypotheses are no other robot than the known one, shape (H,)."""
        young = self.age <= YOUNG
        return np.array([*(young and one == self.wiring for one in self.wirings), self._motors is None])

    def _before(self) -> Array:
        """Return the log-odds of each hypothesis against the known robot before the hypothesis saw a move."""
        if self.age <= YOUNG:
            return self._young
        other = AWAY if self._rested <= YOUNG else REWIRED
        return np.array([*(CHANGE if wiring == self.wiring else other for wiring in self.wirings), MOTORS])

    def _odds(self) -> Array:
        """Return the log-odds of each hypothesis against the known robot, now."""
        odds: Array = self.gain + self._before()
        return odds

    @property
    def probabilities(self) -> Array:
        """Probability of each hypothesis; the rest, up to 1, is the probability of the known robot."""
        odds = np.exp(np.minimum(self._odds(), 50))
        odds[self._as_known] = 0
        probabilities: Array = odds / (1 + odds.sum())
        return probabilities

    @property
    def doubt(self) -> float:
        """Probability that the robot is another one than is estimated, in [0, 1]."""
        return float(self.probabilities.sum())

    def careful(self, pulse: Pulse) -> Pulse:
        """Return `pulse`, shortened until no probable hypothesis expects that it loses or hits the target."""
        probability = self.probabilities
        if probability.sum() < RISK or self.bank.lost:
            return pulse
        # After moves that changed nothing in the sight, a pulse may be longer.
        pulse = Pulse(pulse.left, pulse.right, min(max(pulse.seconds, LONGER * self.turning.still), 1.0))
        for share in SHARES[: max(len(SHARES) - self.turning.still, 1)]:
            root = 1.0 if any(self.stall) else math.sqrt(share)
            shorter = Pulse(pulse.left * root, pulse.right * root, pulse.seconds * share / root)
            command = self.wires(shorter)
            loses = self.bank.loses((command.left, command.right), SAFETY * command.seconds)[len(NOISES) :]
            if probability @ loses < RISK:
                break
        return shorter

    def wires(self, pulse: Pulse) -> Pulse:
        """Return what the motors must be commanded so that the wheels make this pulse."""
        swapped, left_sign, right_sign = self.wiring
        left, right = pulse.left * left_sign, pulse.right * right_sign
        return Pulse(right, left, pulse.seconds) if swapped else Pulse(left, right, pulse.seconds)

    @property
    def place(self) -> complex | None:
        """Place of the target from the camera, m, by all moves of this episode; None if it is not known."""
        if self.bank.lost:
            return None
        x = self.noise_weights @ self.bank.x[: len(NOISES), :2]
        return complex(np.exp(x[0] + 1j * x[1]))

    @property
    def estimate(self) -> Estimate:
        """The estimate of the robot's parameters and wiring."""
        weights, j = self.noise_weights, len(NOISES)
        means, mean, deviation = self.bank.x[:j, OF_ROBOT], MEAN.copy(), DEVIATION.copy()
        mean[:ESTIMATED] = weights @ means
        own = np.diagonal(self.bank.cov[:j, OF_ROBOT, OF_ROBOT], axis1=1, axis2=2)
        variance = weights @ (own + (means - mean[:ESTIMATED]) ** 2)
        deviation[:ESTIMATED] = np.sqrt(np.maximum(variance, 1e-12))
        mean[[INDEX["jitter"], INDEX["slip"]]] = weights @ np.log(NOISES)
        mean = np.clip(mean, LOW, HIGH)  # the largest of the noises is just outside of the range
        more = tuple(
            kind.words for kind, weight in zip(KINDS, weights, strict=True) if weight > 0.5 and kind.words
        )
        if self.settling.late:
            more = (*more, WORDS)
        return Estimate(mean, deviation, self.wiring, self.moves, more)

    def predict(self, pulse: Pulse) -> tuple[float, float] | None:
        """Return the expected edges of the target after a pulse of the motors, slices from the left.

        None if the target's place is not known. Edges outside of 0 to 42 are outside of the picture.
        """
        if self.bank.lost:
            return None
        angles = self.bank.expect((pulse.left, pulse.right), pulse.seconds)[:, : len(NOISES)]
        left, right = np.tan(np.clip(angles @ self.noise_weights, -1.5, 1.5)) / SCALE + SLICES / 2
        return float(left), float(right)

    def draw(self, n: int, rng: np.random.Generator) -> Array:
        """Draw N robots from what is known of this one, shape (N, P)."""
        j = len(NOISES)
        rows = rng.choice(j, n, p=self.noise_weights)
        robots = np.zeros((n, len(MEAN)))
        robots[:, ESTIMATED:] = np.log(NOISES)[rows]
        for row in range(j):
            mine = rows == row
            mean, cov = self.bank.x[row, OF_ROBOT], self.bank.cov[row, OF_ROBOT, OF_ROBOT]
            robots[mine, :ESTIMATED] = rng.multivariate_normal(
                mean, cov, int(mine.sum()), check_valid="ignore"
            )
        drawn: Array = np.clip(robots, LOW, HIGH)
        return drawn

    def state(self) -> dict[str, Any]:
        """Return all that is known as JSON values, for `restore`; the episode under way is not kept."""
        return {
            "bank": self.bank.state(),
            "noise": self._noise.tolist(),
            "gain": self.gain.tolist(),
            "young": self._young.tolist(),
            "since": self._since.tolist(),
            "wiring": list(self.wiring),
            "moves": self.moves,
            "age": self.age,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Restore a `state`; raise ValueError if it does not fit."""
        bank, noise = state["bank"], list(state["noise"])
        swapped, left, right = state["wiring"]
        self.wiring = (bool(swapped), int(left), int(right))
        # Of each hypothesis: its gain, its episodes, its log-odds at first.
        of_each = [list(state["gain"]), list(state["since"])]
        of_each.append(list(state.get("young", self._as_wired(self.wiring)[: len(of_each[0])])))
        if len(of_each[0]) == len(self.wirings):  # an earlier version had no hypothesis of the motors
            of_each = [[*values, 0] for values in of_each]
            bank = {name: [*rows, *rows[:1]] for name, rows in bank.items()}
        if len(noise) == PLAIN:
            more = len(NOISES) - PLAIN
            noise += noise[:1] * more
            bank = {name: [*rows[:PLAIN], *rows[:1] * more, *rows[PLAIN:]] for name, rows in bank.items()}
        self.bank.restore(bank)
        if any(len(values) != len(self.gain) for values in of_each):
            raise ValueError("The hypotheses are not those of this estimate.")
        self.gain, self._young = (np.asarray(of_each[i], np.float64) for i in (0, 2))
        self._since, self._motors = np.asarray(of_each[1], np.int64), None
        self._noise = np.asarray(noise, np.float64)
        if self._noise.shape != (len(NOISES),):
            raise ValueError("noise is not of this estimate.")
        self.moves, self.age, self._playing = int(state["moves"]), int(state["age"]), False
        self._check_state()

    def _check_state(self) -> None:
        """Raise ValueError if a restored state has numbers that no robot and no filter can have."""
        with np.errstate(all="ignore"):
            numbers = (self.gain, self._young, self.noise_weights, self.estimate.mean)
            finite = all(np.isfinite(value).all() for value in numbers)
            proper = finite and np.linalg.eigvalsh(self.bank.cov).min() > -1e-9
        robots = self.bank.x[:, OF_ROBOT]
        beyond = (robots < (LOW - DEVIATION)[:ESTIMATED]) | (robots > (HIGH + DEVIATION)[:ESTIMATED])
        counted = 0 <= self.moves <= MOST_MOVES and 0 <= self.age <= MOST_MOVES
        if not proper or beyond.any() or not counted or self.wiring not in self.wirings:
            raise ValueError("The state holds numbers that cannot be.")


MOST_MOVES = 10**9
"""Largest number of moves that a robot can have made."""
FARTHEST = 4.0
"""Largest distance of the nominal robot from the means of a prior, in deviations."""


def _check_prior(mean: Array, deviation: Array) -> None:
    """Raise ValueError if a prior has a wrong shape or wrong numbers, or excludes the nominal robot."""
    shape = (len(NAMES),)
    if mean.shape != shape or deviation.shape != shape:
        raise ValueError(f"A prior has {len(NAMES)} means and as many deviations: {', '.join(NAMES)}.")
    if not (np.isfinite(mean).all() and np.isfinite(deviation).all() and (deviation > 0).all()):
        raise ValueError("A prior has finite means and deviations above 0; correct it.")
    nominal = np.clip(np.zeros(len(NAMES)), LOW, HIGH)[:ESTIMATED]
    beyond = np.abs(nominal - mean[:ESTIMATED]) > FARTHEST * deviation[:ESTIMATED]
    if beyond.any():
        names = ", ".join(name for name, out in zip(NAMES, beyond, strict=False) if out)
        raise ValueError(f"This prior excludes the nominal robot ({names}); widen its deviations.")
