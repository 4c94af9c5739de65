"""How good a policy is: greedy episodes from held-out starts."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from robot_agent.envs.environment import TrainingEnvironment
from robot_agent.envs.rollout import Act, Paused, Resumed, Round, play
from robot_agent.envs.task import Ending

HELD_OUT_SEED = 1_000_003
"""Seed of the starts that policies are judged by; no training uses it."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How greedy episodes went."""

    episodes: int
    success_rate: float
    """Share of the episodes that reached the goal, in [0, 1]."""
    moves_mean: float | None
    """Mean moves of those that reached it; None if none did."""
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
    ended: Callable[[bool], object] = lambda reached: None,
) -> Evaluation:
    """Play whole rounds of episodes and count how they end.

    Args:
        environment: of N robots.
        act: from observations (N, D) to actions (N, A); `policy.greedy` for instance.
        episodes: number of episodes, rounded up to a multiple of N.
        seed: of the starts; None goes on with the environment's own.
        progress: called with the number of episodes that have ended.
        report: called when the camera fails, and when it works again; that episode is played again.
        ended: called with whether each episode reached the goal.
    """
    lengths: list[int] = []
    endings: list[int] = []
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
                        lengths += event.moves[whole].tolist()
                        endings += event.endings[whole].tolist()
                        for ending in event.endings[whole]:
                            ended(ending == Ending.REACHED)
        seed = None
        progress(len(endings))
    reached = [length for length, ending in zip(lengths, endings, strict=True) if ending == Ending.REACHED]
    return Evaluation(
        episodes=len(endings),
        success_rate=len(reached) / len(endings),
        moves_mean=float(np.mean(reached)) if reached else None,
        endings={ending.name.lower(): endings.count(ending) for ending in Ending if ending in endings},
    )
