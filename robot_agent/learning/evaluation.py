"""How good a policy is: greedy episodes from held-out starts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium.vector import VectorEnv

from robot_agent.envs.environment import begin_healed
from robot_agent.envs.task import Ending, Floats

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
    """How many ended in which way."""


def evaluate(
    environment: VectorEnv[Any, Any, Any],
    act: Callable[[Floats], Floats],
    *,
    episodes: int = 1000,
    seed: int | None = HELD_OUT_SEED,
    progress: Callable[[int], None] | None = None,
    tell: Callable[[str], object] = lambda words: None,
) -> Evaluation:
    """Play whole rounds of episodes and count how they end.

    Args:
        environment: of N robots.
        act: from observations (N, D) to actions (N, A); `policy.greedy` for instance.
        episodes: how many, rounded up to a multiple of N.
        seed: of the starts; None goes on with the environment's own.
        progress: called with the number of episodes that have ended.
        tell: called when the camera fails and when it is healed; such an episode is played again.
    """
    lengths: list[int] = []
    endings: list[int] = []
    while len(endings) < episodes:
        observations, _ = begin_healed(environment, tell, seed=seed)
        seed = None
        going = np.ones(environment.num_envs, np.bool_)
        moves = np.zeros(environment.num_envs, np.int64)
        last = np.full(environment.num_envs, Ending.GOING.value)
        while going.any():
            moves += going
            observations, _, terminated, truncated, info = environment.step(act(observations))
            ended = terminated | truncated
            last = np.where(going & ended, info["ending"], last)
            going &= ~ended
        whole = last != Ending.INTERRUPTED
        lengths += moves[whole].tolist()
        endings += last[whole].tolist()
        if progress is not None:
            progress(len(endings))
    reached = [length for length, ending in zip(lengths, endings, strict=True) if ending == Ending.REACHED]
    return Evaluation(
        episodes=len(endings),
        success_rate=len(reached) / len(endings),
        moves_mean=float(np.mean(reached)) if reached else None,
        endings={ending.name.lower(): endings.count(ending) for ending in Ending if ending in endings},
    )
