"""The parts of a race of learners: a stopwatch, held-out starts, and the success rate that ends the race."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from robot_agent.envs.fleet import FleetEnvironment
from robot_agent.learning.evaluation import evaluate

Floats = NDArray[np.floating[Any]]

EVALUATE_EVERY = 2_500
"""Moves between two looks at a policy; after each update, where that is longer."""

GOAL = 0.95
"""Greedy success on the held-out starts at which a learner has arrived."""


@dataclass(frozen=True, slots=True)
class Result:
    """How one learner fared with one seed."""

    reached: bool
    """Whether it arrived before its moves were used up."""
    seconds: float
    """Process CPU seconds of training; imports, construction and evaluation apart."""
    moves: int
    """Moves made in training."""
    success_rate: float
    """Greedy success at the last look."""

    @property
    def time(self) -> float:
        """Seconds until it arrived; infinite if it did not."""
        return self.seconds if self.reached else math.inf


class Race:
    """One learner on its way: times it, looks at its policy, and says when to stop."""

    def __init__(self, held_out: FleetEnvironment, *, limit: int = 1_000_000) -> None:
        """Use `held_out` to look at policies; give up after `limit` moves."""
        self.held_out, self.limit = held_out, limit
        self.moves, self.seconds, self.success_rate = 0, 0.0, 0.0
        self._next = EVALUATE_EVERY

    @contextmanager
    def running(self) -> Iterator[None]:
        """Time what is inside, without the time spent in `finished`."""
        self._start = time.process_time()
        yield
        self.seconds += time.process_time() - self._start

    def finished(self, moves: int, act: Callable[[Floats], Floats]) -> bool:
        """Say whether to stop; `act` is the greedy policy after `moves` moves. Not timed."""
        self.seconds += time.process_time() - self._start
        self.moves = moves
        if moves >= self._next:
            self._next = moves + EVALUATE_EVERY
            self.success_rate = evaluate(self.held_out, act).success_rate
        self._start = time.process_time()
        return self.success_rate >= GOAL or moves >= self.limit

    @property
    def result(self) -> Result:
        """How it went."""
        return Result(self.success_rate >= GOAL, self.seconds, self.moves, self.success_rate)


Learner = Callable[[int, Race], None]
"""Builds a learner from a seed and runs it in a race until that is finished."""


def fleet(n: int, seed: int, mode: AutoresetMode) -> FleetEnvironment:
    """Return the environment that all learners get."""
    return FleetEnvironment(n, seed=seed, autoreset_mode=mode)


def held_out() -> FleetEnvironment:
    """Return the environment that all learners are judged in."""
    return fleet(1000, 0, AutoresetMode.DISABLED)
