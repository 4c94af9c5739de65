"""REINFORCE (Williams 1992; Sutton & Barto 2018, section 13.4): a rollout in, one update of the policy out.

The gradient of J(theta) = E[G_0] cannot be computed through wheels and floor, but it equals
E[ sum_t (G_t - b_t) grad log pi(u_t | s_t) ],   G_t = r_t + gamma G_{t+1},
in which only the policy is differentiated. The baseline b_t lowers the variance and adds no bias.
"""

import math
from dataclasses import KW_ONLY, dataclass, field
from typing import Literal

import numpy as np

from robot_agent.learning.batch import Batch
from robot_agent.learning.critic import Critic
from robot_agent.learning.imitation import follows, imitated
from robot_agent.learning.learner import Rollout, UpdateReport
from robot_agent.learning.policy import Policy
from robot_agent.learning.replay import Replay
from robot_agent.learning.tensors import Floats, Mask, Tensors, below, prefixed


def rewards_to_go(rewards: Floats, gamma: float, follows: Mask | None = None) -> Floats:
    """Return G_t = r_t + gamma r_{t+1} + gamma^2 r_{t+2} + ..., for rewards of shape (T, ...).

    Where `follows`, of the same shape, is False, G_t = r_t: later rewards do not count.
    """
    G = np.array(rewards)
    for t in range(len(G) - 2, -1, -1):
        G[t] += gamma * G[t + 1] * (True if follows is None else follows[t])
    return G


def normalised(A: Floats, scale: float) -> Floats:
    """Return advantages, shape (M,), with mean 0 and deviation 1; `scale` is the size of the returns."""
    A = A - np.add.reduce(A) / len(A)
    std = math.sqrt(float(A @ A) / len(A))
    # If all episodes had the same rewards, only rounding errors are left, and Adam would follow them.
    return A / std if std > 1e-6 * scale else np.zeros_like(A)


@dataclass
class Reinforce:
    """REINFORCE with reward-to-go, a baseline and normalised advantages; a `Learner`."""

    policy: Policy
    """pi, the policy to train."""
    _: KW_ONLY
    gamma: float = 0.9
    """Discount of later rewards per move; low, since progress is rewarded at each move."""
    baseline: Literal["time", "none"] = "time"
    """b_t without a critic: the mean return of time step t over the batch, or 0."""
    critic: Critic | None = None
    """With a critic, b_t is V(s_t), and the critic computes the advantages.

    It is better than the mean return when an update has fewer than about 100 episodes."""
    replay: Replay = field(default_factory=Replay)
    """Settings of the reuse of moves."""
    learning_rate: float = 0.02
    """Learning rate of the policy at the start; it falls linearly to 0."""
    entropy_bonus: float = 0.0
    """Weight of the policy's entropy in the objective."""
    max_gradient_norm: float = 1.0
    """Norm to which a longer gradient is scaled down."""

    def update(self, rollout: Rollout, progress: float = 0.0) -> UpdateReport:
        """Improve the policy with a rollout; `progress` in [0, 1] is the part of the training done."""
        batch = self.replay.gather(rollout, self.policy)
        alive, (s, u) = batch.alive, batch.moves()
        r, G, b = self._returns(batch)
        A: Floats = G - b
        targets = G
        if self.critic is not None:
            A, targets = self.critic.advantages(batch, r, G, b, self.policy, self.gamma)
        A = normalised(A[alive], np.abs(G).max())
        if batch.by_hand is not None:
            A = imitated(A, batch.by_hand[alive])
        w = self.replay.weights(A, batch)

        learning_rate = self.learning_rate * max(0.0, 1.0 - progress)
        norm, before = 0.0, self.policy.tensors()
        for _ in range(self.replay.epochs):
            norm = self.policy.ascend(
                s,
                u,
                w,
                learning_rate=learning_rate,
                entropy_bonus=self.entropy_bonus,
                max_gradient_norm=self.max_gradient_norm,
            )
            if self.critic is not None:
                self.critic.fit(s, targets[alive])
        T, N = rollout.alive.shape  # the new moves come first in the batch
        return UpdateReport.of(self.policy, before, G[:T, :N], b[:T, :N], rollout.alive, norm, learning_rate)

    def _returns(self, batch: Batch) -> tuple[Floats, Floats, Floats]:
        """Return r_t and G_t, shape (T, N), and b_t, shape (T, N), or (T, 1) where it is the same for all."""
        r: Floats = np.where(batch.alive, batch.rewards, 0.0)
        G = rewards_to_go(r, self.gamma, None if batch.by_hand is None else follows(batch.by_hand))
        if self.critic is not None:
            return r, G, self.critic.values(batch)
        if self.baseline == "none":
            return r, G, np.zeros_like(G[:, :1])
        count = np.maximum(batch.alive.sum(axis=1, keepdims=True, dtype=G.dtype), 1)
        return r, G, G.sum(axis=1, keepdims=True) / count  # after an episode's end its returns are 0

    def judge(self, rollout: Rollout, robots: int) -> tuple[Floats, Floats]:
        """Return log pi and G - b of the moves of the first `robots`, shape (T, robots); see `Learner`."""
        _, G, b = self._returns(Batch.of(rollout))
        return Batch.of(rollout, robots).log_probs_by(self.policy), (G - b)[:, :robots]

    def get_state(self) -> Tensors:
        """Return all numbers needed to go on exactly, by name."""
        value = {} if self.critic is None else self.critic.value.tensors()
        return prefixed(policy=self.policy.tensors(), value=value, kept=self.replay.tensors())

    def set_state(self, tensors: Tensors) -> None:
        """Restore a state; raise ValueError if it is of another network."""
        self.policy.load(below(tensors, "policy."))
        if self.critic is not None:
            self.critic.value.load(below(tensors, "value."))
        self.replay.load(below(tensors, "kept."))
