"""Reuse of batches: several steps on each one, corrected by clipped importance weights.

After the first step the policy pi is no longer the policy pi_old that made the moves. Each move is then
weighted by ratio = pi(u | s) / pi_old(u | s), as in the clipped surrogate of PPO (Schulman et al. 2017):
min(ratio A, clip(ratio, 1 - range, 1 + range) A). Two steps halve the episodes that a fleet needs; for a
real robot, whose moves are expensive, more steps and older batches pay.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from robot_agent.learning.batch import Batch
from robot_agent.learning.learner import Rollout
from robot_agent.learning.mirror import Mirror
from robot_agent.learning.policy import Policy
from robot_agent.learning.tensors import Floats, Tensors

KEPT = ("observations", "actions", "rewards", "alive", "log_probs")


@dataclass
class Replay:
    """Settings of the reuse of batches, and the batches that are kept for it."""

    epochs: int = 2
    """Number of gradient steps in each update; 1 is plain REINFORCE."""
    replay_batches: int = 1
    """Number of latest batches that each update learns from."""
    clip_range: float = 0.8
    """How far the ratio may be from 1 before a move no longer counts."""
    mirror: Mirror | None = None
    """If given, each update also learns from the mirror image of each episode."""
    kept: list[Batch] = field(default_factory=list, repr=False)
    """The earlier batches, the latest first."""

    def gather(self, rollout: Rollout, policy: Policy) -> Batch:
        """Return the batch to learn from: the rollout first, then its mirror image and earlier batches."""
        batch = Batch.of(rollout)
        if self.replay_batches > 1 or self.mirror is not None:
            # The policy has not changed since these moves were made: pi is still pi_old.
            batch = replace(batch, log_probs=batch.log_probs_by(policy))
        if self.mirror is not None:
            batch = self.mirror.beside(batch)
        latest = [batch, *self.kept][: self.replay_batches]
        self.kept = latest[: self.replay_batches - 1]
        return Batch.join(latest)

    def weights(self, A: Floats, batch: Batch) -> Callable[[Floats], Floats]:
        """Return the function w(log pi) / M: the weights of log pi of the M moves in a gradient step.

        The gradient of sum w log pi is that of the mean of min(ratio A, clip(ratio) A), since the
        gradient of ratio is ratio times that of log pi.
        """
        share: Floats = A / len(A)
        old = None if batch.log_probs is None else batch.log_probs[batch.alive]

        def weights(log_probs: Floats) -> Floats:
            nonlocal old
            if old is None:  # before the first step pi is still pi_old: all ratios are 1
                old = log_probs
                return share
            ratio = np.exp(np.minimum(log_probs - old, 20))
            outside = np.where(A > 0, ratio > 1 + self.clip_range, ratio < 1 - self.clip_range)
            return np.where(outside, 0.0, ratio * share)

        return weights

    def tensors(self) -> Tensors:
        """The kept batches, by name."""
        return {
            f"{i}.{name}": np.ascontiguousarray(getattr(batch, name))
            for i, batch in enumerate(self.kept)
            for name in (*KEPT, "by_hand")
            if getattr(batch, name) is not None
        }

    def load(self, tensors: Tensors) -> None:
        """Take over batches from `tensors`."""
        self.kept = []
        while f"{(i := len(self.kept))}.alive" in tensors:
            s, u, r, alive, log_probs = (tensors[f"{i}.{name}"] for name in KEPT)
            by_hand = tensors.get(f"{i}.by_hand")
            authors = None if by_hand is None else by_hand.astype(np.int8)
            self.kept.append(Batch(s, u, r, alive.astype(np.bool_), log_probs, authors))
