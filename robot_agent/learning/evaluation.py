"""The evaluation of a policy: greedy episodes from held-out starts."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from robot_agent.envs.environment import TrainingEnvironment
from robot_agent.envs.rollout import Act, Paused, Resumed, Round, play
from robot_agent.envs.task import REACHED, Ending

HELD_OUT_SEED = 1_000_003
"""Seed of the held-out starts; no training uses this seed."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The result of an evaluation."""

    episodes: int
    success_rate: float
    """Share of the episodes that reached the goal, in [0, 1]."""
    moves_mean: float | None
    """Mean number of moves of the episodes that reached the goal; None if none did."""
    endings: dict[str, int]
    """Number of episodes by their ending."""


def evaluate(
    environment: TrainingEnvironment,
    act: Act,
    *,
    episodes: int = 1000,
    seed: int | None = HELD_OUT_SEED,
    progress: Callable[[int], None] = lambda ended: None,
    report: Callable[[str], object] = lambda sentence: None,
    ended: Callable[[bool], object] | None = None,
) -> Evaluation:
    """Play whole rounds of episodes and count how they end.

    Args:
        environment: the environment, with N robots.
        act: from observations (N, D) to actions (N, A), such as `policy.greedy`.
        episodes: number of episodes, rounded up to a multiple of N.
        seed: seed of the starts; None to go on with the environment's random numbers.
        progress: called with the number of episodes that have ended.
        report: called when the camera fails, and when it works again; that episode is played again.
        ended: called with whether each episode reached the goal.
    """
    lengths, endings = np.zeros(0, np.int64), np.zeros(0, np.int64)
    while len(endings) < episodes:
        with closing(play(environment, act, seed=seed)) as events:
            for event in events:
                match event:
                    case Paused(reason):
                        report(reason)
                    case Resumed():
                        report("The camera gives good pictures again.")
                    case Round():
                        whole = event.endings != Ending.INTERRUPTED
                        lengths = np.append(lengths, event.moves[whole])
                        endings = np.append(endings, event.endings[whole])
                        if ended is not None:
                            for was_reached in (event.endings[whole] == REACHED).tolist():
                                ended(was_reached)
        seed = None
        progress(len(endings))
    reached = endings == REACHED
    counts = {ending: int(np.count_nonzero(endings == ending)) for ending in Ending}
    return Evaluation(
        episodes=len(endings),
        success_rate=float(reached.mean()),
        moves_mean=float(lengths[reached].mean()) if reached.any() else None,
        endings={ending.name.lower(): count for ending, count in counts.items() if count},
    )
