"""Learning from a person's moves, which are not what the policy would have done.

They are no samples of pi, so they enter no policy gradient. They pull the policy by a likelihood term of
their own: the gradient of sum_t weight max(A_t, 0) log pi(u_t | s_t), with A the advantage of what the person
did over the baseline, as in self-imitation learning (Oh et al. 2018). It fades by itself: as the policy gets
better the baseline rises, and what is no better than the policy any more has no weight.
"""

from collections.abc import Sequence

import numpy as np

from robot_agent.envs.task import DEMONSTRATION, POLICY
from robot_agent.learning.tensors import Authors, Floats, Mask, side_by_side

IMITATION_WEIGHT = 0.3
"""Weight of a demonstrated move against one of the policy's own with the same advantage."""


def follows(by_hand: Authors) -> Mask:
    """Whether the reward after each move is the policy's own doing, shape (T, N), of `by_hand` likewise.

    Of a move of the policy before one of a person it is not; the person's moves count what comes after them.
    """
    next_by_hand = np.concatenate([by_hand[1:] != POLICY, np.zeros_like(by_hand[:1], np.bool_)])
    cut: Mask = next_by_hand & (by_hand == POLICY)
    return ~cut


def imitated(A: Floats, by_hand: Authors) -> Floats:
    """Return the weights of moves, shape (M,), from their normalised advantages and who made them."""
    person = np.where(by_hand == DEMONSTRATION, IMITATION_WEIGHT * np.maximum(A, 0.0), 0.0)
    weights: Floats = np.where(by_hand == POLICY, A, person).astype(A.dtype)
    return weights


def beside(parts: Sequence[Authors | None], alive: Sequence[Mask]) -> Authors | None:
    """Put who made the moves of several batches side by side; None where nobody but the policy did."""
    if all(part is None for part in parts):
        return None
    return side_by_side(
        [
            np.zeros(mask.shape, np.int8) if part is None else part
            for part, mask in zip(parts, alive, strict=True)
        ]
    )
