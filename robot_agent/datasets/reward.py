"""The reward of another task, computed for episodes that are kept."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robot_agent.datasets.moves import KeptEpisode
from robot_agent.envs.task import GOING, Ending, Task
from robot_agent.errors import RobotAgentError


@dataclass(frozen=True, slots=True)
class Judged:
    """One kept episode under another reward."""

    number: int
    moves: int
    ending: str
    """How the episode ended."""
    given: float
    """The original return: the sum of the rewards, not discounted."""
    other: float
    """The return by the other task's reward, up to the move at which that task ends the episode."""
    other_ending: str
    """How the other task ends the episode; `going` if it would not end it."""
    other_moves: int
    """Number of moves until the other task ends the episode."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two rewards on the same episodes."""

    episodes: tuple[Judged, ...]
    rank_correlation: float | None
    """Spearman's correlation: 1 if both rank the episodes alike; None if one gives all the same return."""

    def most_different(self, count: int) -> list[Judged]:
        """Return at most `count` episodes whose ranks differ, the largest difference first."""
        ranks = [_ranks([getattr(one, name) for one in self.episodes]) for name in ("given", "other")]
        apart = np.abs(ranks[0] - ranks[1])
        order = np.argsort(-apart, kind="stable")[:count]
        return [self.episodes[i] for i in order if apart[i] > 0]


def compare(task: Task, episodes: Iterable[KeptEpisode]) -> Comparison:
    """Judge kept episodes by another task.

    Raises RobotAgentError: there are no episodes, or the task's reward is no number.
    """
    judged = tuple(judge(task, episode) for episode in episodes)
    if not judged:
        raise RobotAgentError("No episode of this run is kept yet; train longer, or name another run.")
    given, other = (np.array([getattr(one, name) for one in judged]) for name in ("given", "other"))
    return Comparison(judged, spearman(given, other))


def judge(task: Task, episode: KeptEpisode) -> Judged:
    """Judge one kept episode by another task."""
    seen = episode.sights[1:, 0] >= 0
    sights = episode.sights.copy()
    for step in range(1, len(sights)):  # where nothing is seen, the last sight is used
        if sights[step, 0] < 0:
            sights[step] = sights[step - 1]
    sights = np.maximum(sights, 0)
    moves = np.arange(1, len(episode) + 1)
    terms, endings = task.judge(sights[:-1].T, sights[1:].T, seen, moves)
    for name, values in terms.items():
        if not np.isfinite(values).all():
            step = int(np.flatnonzero(~np.isfinite(values))[0])
            raise RobotAgentError(
                f"The term {name!r} of the reward is {values[step]} at move {step + 1} of {episode.title}, "
                f"from the sight {_words(sights[step])} to {_words(sights[step + 1])}; it must be a number."
            )
    ends = np.flatnonzero(np.asarray(endings) != GOING)
    last = int(ends[0]) if len(ends) else len(episode) - 1
    total = sum(np.asarray(values, np.float64)[: last + 1].sum() for values in terms.values())
    return Judged(
        number=episode.number,
        moves=len(episode),
        ending=episode.ending,
        given=float(episode.rewards.sum(dtype=np.float64)),
        other=float(total),
        other_ending=Ending(int(endings[last])).name.lower(),
        other_moves=last + 1,
    )


def spearman(first: NDArray[np.float64], second: NDArray[np.float64]) -> float | None:
    """Return Spearman's rank correlation, with mean ranks for ties; None if one has only equal values."""
    ranks = _ranks(first), _ranks(second)
    if min(np.ptp(one) for one in ranks) == 0:
        return None
    return float(np.corrcoef(*ranks)[0, 1])


def _ranks(values: Iterable[float]) -> NDArray[np.float64]:
    array = np.round(list(values), 5)  # rewards are kept as float32: values that differ by less are ties
    _, inverse, counts = np.unique(array, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    means: NDArray[np.float64] = (ends - (counts - 1) / 2)[inverse]
    return means


def _words(sight: NDArray[np.int64]) -> str:
    return f"({sight[0]}, {sight[1]})"
