"""The moves of one update of REINFORCE, from one rollout or from several side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from robot_agent.learning.imitation import beside
from robot_agent.learning.learner import Rollout
from robot_agent.learning.policy import Policy
from robot_agent.learning.tensors import Authors, Floats, Mask, side_by_side


@dataclass(frozen=True, slots=True)
class Batch:
    """Moves of N robots side by side, at most T of each; a move counts where `alive`."""

    observations: Floats
    """s_t, shape (T, N, D)."""
    actions: Floats
    """u_t, shape (T, N, A)."""
    rewards: Floats
    """r_t, shape (T, N)."""
    alive: Mask
    """Whether robot n made move t, shape (T, N)."""
    log_probs: Floats | None = None
    """log pi_old(u_t | s_t), shape (T, N); pi_old made the moves. None if pi_old is still pi."""
    by_hand: Authors | None = None
    """Who made each move, shape (T, N), as in `Rollout`."""

    @staticmethod
    def of(rollout: Rollout, robots: int | None = None) -> "Batch":
        """Return the moves of a rollout, or only those of its first `robots` robots."""
        first = np.s_[:, :robots]
        return Batch(
            rollout.observations[first],
            rollout.actions[first],
            rollout.rewards[first],
            rollout.alive[first],
            by_hand=None if rollout.by_hand is None else rollout.by_hand[first],
        )

    @staticmethod
    def join(batches: Sequence["Batch"]) -> "Batch":
        """Put batches side by side; either all of them have `log_probs`, or there is only one."""
        if len(batches) == 1:
            return batches[0]
        return Batch(
            side_by_side([batch.observations for batch in batches]),
            side_by_side([batch.actions for batch in batches]),
            side_by_side([batch.rewards for batch in batches]),
            side_by_side([batch.alive for batch in batches]),
            side_by_side([batch.log_probs for batch in batches if batch.log_probs is not None]),
            beside([batch.by_hand for batch in batches], [batch.alive for batch in batches]),
        )

    def moves(self) -> tuple[Floats, Floats]:
        """Return s and u of the M moves that count, shapes (M, D) and (M, A)."""
        return _rows(self.observations, self.alive), _rows(self.actions, self.alive)

    def log_probs_by(self, policy: Policy) -> Floats:
        """Return log pi(u_t | s_t) by a policy, shape (T, N); 0 where no move counts."""
        values = policy.log_prob(*self.moves())
        log_probs = np.zeros(self.alive.shape, values.dtype)
        log_probs[self.alive] = values
        return log_probs


def _rows(values: Floats, alive: Mask) -> Floats:
    """Return `values[alive]`, shape (M, D), for values of shape (T, N, D), stored column by column.

    D is small and M large: stored like this, sums and products run along M neighbouring numbers, not D.
    """
    rows = values.reshape(-1, values.shape[-1]).take(np.flatnonzero(alive), axis=0)
    return np.asfortranarray(rows)
