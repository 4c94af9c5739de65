"""The interface between trainer and learner: rollouts go in, an improved policy and a report come out.

To write your own learner you need only this file, and this package's policy or your own.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from robot_agent.learning.imitation import beside
from robot_agent.learning.policy import Policy
from robot_agent.learning.tensors import Authors, Floats, Mask, Tensors, side_by_side


@dataclass(frozen=True, slots=True)
class Rollout:
    """What N robots did side by side in at most T moves each: whole episodes, or pieces of them.

    A move counts where `alive`; the alive moves of a robot are the first ones of its column.
    """

    observations: Floats
    """s_t, shape (T, N, D)."""
    actions: Floats
    """u_t, shape (T, N, A)."""
    rewards: Floats
    """r_t, shape (T, N)."""
    alive: Mask
    """Whether robot n made move t, shape (T, N)."""
    final_observations: Floats
    """Observation of each robot after its last move in this rollout, shape (N, D)."""
    cut: Mask
    """Whether more rewards would have followed, shape (N,): the rollout ended before the episode, or the
    episode timed out. Then a learner may add the value of the final observation (bootstrapping)."""
    by_hand: Authors | None = None
    """Who made each move, shape (T, N), see `robot_agent.envs.task.POLICY`; None: always the policy."""

    @staticmethod
    def join(rollouts: Sequence["Rollout"]) -> "Rollout":
        """Put rollouts side by side; shorter ones are filled with moves that do not count."""
        if len(rollouts) == 1:
            return rollouts[0]
        return Rollout(
            side_by_side([rollout.observations for rollout in rollouts]),
            side_by_side([rollout.actions for rollout in rollouts]),
            side_by_side([rollout.rewards for rollout in rollouts]),
            side_by_side([rollout.alive for rollout in rollouts]),
            np.concatenate([rollout.final_observations for rollout in rollouts]),
            np.concatenate([rollout.cut for rollout in rollouts]),
            beside([rollout.by_hand for rollout in rollouts], [rollout.alive for rollout in rollouts]),
        )


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """The report of one update. The store keeps it as JSON, so all values are numbers."""

    mean_return: float
    """Mean discounted return of the episodes from their start."""
    entropy: float
    """Entropy of the policy after the update, nats."""
    gradient_norm: float
    """Norm of the last gradient of the policy before clipping."""
    explained_variance: float
    """Share of the variance of the returns that the baseline explains; 1 is all, 0 none."""
    learning_rate: float
    """Learning rate of this update."""
    std: tuple[float, ...]
    """sigma of each action after the update."""
    return_std: float = math.nan
    """Standard deviation of the discounted returns of the episodes from their start."""
    update_ratio: tuple[float, ...] = ()
    """Relative change of each layer's weights: |dW| / |W|, from the first layer to the last."""
    figures: Mapping[str, float] = field(default_factory=dict)
    """Further figures of this kind of learner, by name."""

    @staticmethod
    def of(
        policy: Policy,
        before: Tensors,
        returns: Floats,
        baseline: Floats,
        alive: Mask,
        gradient_norm: float,
        learning_rate: float,
        **figures: float,
    ) -> "UpdateReport":
        """Measure an update.

        Args:
            policy: the policy after the update.
            before: the policy's tensors before the update.
            returns: discounted returns of the rollout's moves, shape (T, N).
            baseline: the baseline of these returns, shape (T, N) or (T, 1).
            alive: which moves count, shape (T, N).
            gradient_norm: norm of the last gradient.
            learning_rate: learning rate of this update.
            figures: further figures by name.
        """
        spread = _variance(returns[alive])
        return UpdateReport(
            mean_return=float(returns[0].mean()),
            entropy=policy.entropy(),
            gradient_norm=gradient_norm,
            explained_variance=1 - _variance((returns - baseline)[alive]) / spread if spread > 1e-12 else 0.0,
            learning_rate=learning_rate,
            std=policy.std,
            return_std=math.sqrt(_variance(returns[0])),
            update_ratio=update_ratio(before, policy.tensors()),
            figures=figures,
        )


def update_ratio(before: Tensors, after: Tensors) -> tuple[float, ...]:
    """Return |dW| / |W| of each weight matrix of a policy: the relative size of an update."""
    names = [name for name in after if name.endswith("weight") and not name.startswith("adam.")]

    def length(matrix: Floats) -> float:
        flat = matrix.ravel()
        return math.sqrt(float(flat @ flat))

    return tuple(length(after[name] - before[name]) / max(length(before[name]), 1e-12) for name in names)


def _variance(values: Floats) -> float:
    """Return the variance of values, shape (M,); np.var takes three times as long for small M."""
    from_mean = values - np.add.reduce(values) / values.size
    return float(from_mean @ from_mean) / values.size


class Learner(Protocol):
    """A learner, as a trainer needs it."""

    @property
    def policy(self) -> Policy:
        """The policy: the trainer explores with it, and evaluations use it greedily."""

    def update(self, rollout: Rollout, progress: float) -> UpdateReport:
        """Improve the policy with its own rollout; `progress` in [0, 1] is the part of the training done."""

    def judge(self, rollout: Rollout, robots: int) -> tuple[Floats, Floats]:
        """Return log pi(u|s) and the advantage of the moves of the first `robots`, each (T, robots).

        This is called before the update, to show the values to people, and must change nothing.
        """

    def get_state(self) -> Tensors:
        """Return all numbers needed to go on exactly, by name; those of the policy begin with `policy.`."""

    def set_state(self, tensors: Tensors) -> None:
        """Restore a state of `get_state`; names in it that are not the learner's are ignored.

        Raises:
            ValueError: the state is of another network or learner.
        """
