"""Which robot is it: several filters side by side, each with another answer.

The first rows are the robot as it is known, with pulses that are more and less exact. The others know nothing but a
wiring. How much better one of those explains the moves since it began, in nats, is its `gain`: a CUSUM (Page 1954). One that
is behind at the end of an episode begins anew. One that is ahead by more than the odds takes the known robot's
place: the motors are wired that way, or it has become another robot (another floor, a plugged-in battery).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from robot_agent.identification.estimate import Estimate
from robot_agent.identification.filter import OF_ROBOT, SLIP, STRAIGHT, WIRINGS, Ends, FilterBank, Wiring
from robot_agent.identification.parameters import DEVIATION, ESTIMATED, INDEX, MEAN, Array
from robot_agent.motors import Pulse

JITTERS = (0.006, 0.015, 0.04)
"""Standard deviations of a pulse's length, s, that are considered side by side."""
MEMORY = 0.98
"""Share of what the moves said of the jitter that is still known a move later."""
YOUNG = 8
"""Moves for which a robot is not known well yet, and another one would be no surprise."""
CHANGE = math.log(0.002)
"""Log-probability that a robot has become another one since an episode began."""
WIRED = math.log(0.1 / 7)
"""Log-probability of each wiring other than the expected one."""
ODDS = 1.0
"""Log-odds beyond which a hypothesis takes over."""
PATIENCE = 4
"""Episodes after which a hypothesis that has not taken over begins anew."""


@dataclass(frozen=True, slots=True)
class Change:
    """The robot has turned out to be another one."""

    move: int
    """Number of the move after which that was noticed, counted from 1 over the robot's life."""
    wiring: Wiring
    """How its motors are wired."""
    gain: float
    """How much better that explains the moves, nats."""
    rewired: bool
    """Whether the wiring is another one than before."""


class Knowledge:
    """What is known of one robot; learns from every move, whoever asked for it."""

    def __init__(
        self,
        *,
        wirings: Sequence[Wiring] = WIRINGS,
        walk: float = 0.03,
        mean: Array = MEAN,
        deviation: Array = DEVIATION,
    ) -> None:
        """Know nothing but the prior.

        Args:
            wirings: which ones are considered; the first is expected.
            walk: how far a parameter may wander from episode to episode, in deviations of the prior.
            mean: of the prior, by `NAMES`.
            deviation: of the prior, likewise.
        """
        self.wirings, self.wiring = tuple(wirings), STRAIGHT
        known = [STRAIGHT] * len(JITTERS)
        middle = JITTERS[len(JITTERS) // 2]
        jitters = [*JITTERS, *[middle] * len(wirings)]
        self.bank = FilterBank([*known, *wirings], jitter=jitters, walk=walk, mean=mean, deviation=deviation)
        self._jitter_prior = -0.5 * ((np.log(JITTERS) - MEAN[INDEX["jitter"]]) / DEVIATION[INDEX["jitter"]]) ** 2
        self._jitter = self._jitter_prior.copy()
        self.gain = np.zeros(len(wirings))
        """How much better each hypothesis explains the moves since it began than the known robot, nats."""
        self._since = np.zeros(len(wirings), np.int64)
        self.moves = 0
        """Moves learned from over the robot's life."""
        self.age = 0
        """Moves since it was last found to be another robot."""
        self.changes: list[Change] = []
        """What was noticed, the latest last."""
        self._careful = 0
        self._playing = False

    def begin(self, ends: Ends) -> None:
        """Begin an episode with its first sight, first and last slice; None when nothing is seen."""
        behind = np.flatnonzero((self.gain <= 0) | (self._since >= PATIENCE))
        self.bank.forget(len(JITTERS) + behind)
        self.gain[behind], self._since[behind] = 0, -1
        self._since += 1
        self._careful, self._playing = 0, True
        self.bank.begin(ends)

    def observe(self, pulse: Pulse, ends: Ends) -> None:
        """Learn from a move: what the motors were told, and what was seen after it."""
        if not self._playing:
            self.begin(None)
        j = len(JITTERS)
        likely = self.bank.move((pulse.left, pulse.right), pulse.seconds, ends)
        self.moves += 1
        self.age += 1
        weights, best = self._weights(), likely[:j].max()
        known = best + math.log(float(weights @ np.exp(likely[:j] - best)))
        self.gain += likely[j:] - known
        self._jitter = MEMORY * self._jitter + (1 - MEMORY) * self._jitter_prior + likely[:j]
        ahead = self._odds()
        if self.age <= YOUNG:
            ahead[[wiring == self.wiring for wiring in self.wirings]] = -math.inf
        winner = int(np.argmax(ahead))
        if ahead[winner] > ODDS:
            self._become(winner)
        self._careful = self._careful + 1 if self.careful else 0

    def _become(self, winner: int) -> None:
        wiring = self.wirings[winner]
        rewired = wiring != self.wiring
        self.changes.append(Change(self.moves, wiring, float(self.gain[winner]), rewired))
        self.wiring, self.age = wiring, 0
        self.bank.copy_from(len(JITTERS) + winner, slice(0, len(JITTERS)))
        self._jitter = self._jitter_prior.copy()
        self.gain = self.gain - self.gain[winner]

    def _weights(self) -> Array:
        """How probable each of the `JITTERS` is."""
        weights: Array = np.exp(self._jitter - self._jitter.max())
        return weights / weights.sum()

    def _odds(self) -> Array:
        """Log-odds of each hypothesis against the robot as it is known."""
        change = 0.0 if self.age <= YOUNG else CHANGE
        wired = np.array([0.0 if wiring == self.wiring else WIRED for wiring in self.wirings])
        odds: Array = self.gain + change + wired
        return odds

    def doubt(self, *, wiring: bool) -> float:
        """How probable it is another robot, in [0, 1]: one of another `wiring`, or any other."""
        odds = self._odds()
        if wiring or self.age <= YOUNG:
            odds = odds[[other != self.wiring for other in self.wirings]]
        ahead = float(np.exp(np.minimum(odds, 50)).sum())
        return ahead / (1 + ahead)

    @property
    def careful(self) -> bool:
        """Whether the next moves should be short.

        With another wiring a long move surely loses the target. With another robot it may, but that
        is found out within a few moves.
        """
        return self.doubt(wiring=True) > 0.3 or (self.doubt(wiring=False) > 0.5 and self._careful < 3)

    def wires(self, pulse: Pulse) -> Pulse:
        """What the motors must be told so that the wheels do what a pulse says."""
        swapped, left_sign, right_sign = self.wiring
        left, right = pulse.left * left_sign, pulse.right * right_sign
        return Pulse(right, left, pulse.seconds) if swapped else Pulse(left, right, pulse.seconds)

    @property
    def estimate(self) -> Estimate:
        """What the robot is, as far as it is known."""
        weights, j = self._weights(), len(JITTERS)
        means, mean, deviation = self.bank.x[:j, OF_ROBOT], MEAN.copy(), DEVIATION.copy()
        mean[:ESTIMATED] = weights @ means
        own = np.diagonal(self.bank.cov[:j, OF_ROBOT, OF_ROBOT], axis1=1, axis2=2)
        variance = weights @ (own + (means - mean[:ESTIMATED]) ** 2)
        deviation[:ESTIMATED] = np.sqrt(np.maximum(variance, 1e-12))
        mean[INDEX["jitter"]] = weights @ np.log(JITTERS)
        mean[INDEX["slip"]] = math.log(SLIP)
        return Estimate(mean, deviation, self.wiring, self.moves)

    def state(self) -> dict[str, Any]:
        """All that is known, as JSON values; enough at the border of two episodes."""
        return {
            "bank": self.bank.state(),
            "jitter": self._jitter.tolist(),
            "gain": self.gain.tolist(),
            "since": self._since.tolist(),
            "wiring": list(self.wiring),
            "moves": self.moves,
            "age": self.age,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a `state`; raises ValueError when it cannot be one."""
        self.bank.restore(state["bank"])
        gain = np.asarray(state["gain"], np.float64)
        if gain.shape != self.gain.shape:
            raise ValueError("gain is not of this estimate.")
        self.gain, self._since = gain, np.asarray(state["since"], np.int64)
        self._jitter = np.asarray(state["jitter"], np.float64)
        swapped, left, right = state["wiring"]
        self.wiring = (bool(swapped), int(left), int(right))
        self.moves, self.age, self._playing = int(state["moves"]), int(state["age"]), False
