"""Learning from a person's moves, which are not what the policy would have done.

These moves are no samples of pi, so they are not part of the policy gradient. They have their own likelihood
term: the gradient of sum_t weight max(A_t, 0) log pi(u_t | s_t), with A the advantage of the person's
move over the baseline, as in self-imitation learning (Oh et al. 2018). The term fades by itself: as the
policy gets better, the baseline rises, and moves that are no better than the policy get no weight.
"""

from collections.abc import Sequence

import numpy as np

from robot_agent.envs.task import DEMONSTRATION, POLICY
from robot_agent.learning.tensors import Authors, Floats, Mask, side_by_side

IMITATION_WEIGHT = 0.3
"""Weight of a demonstrated move, relative to a move of the policy with the same advantage."""


def follows(by_hand: Authors) -> Mask:
    """Return whether later rewards count for each move, shape (T, N), as that of `by_hand`.

    They do not count for a move of the policy just before a person's move: the person caused them. They count
    for the person's own moves.
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
    """Join `by_hand` of several batches side by side; None if the policy made all moves."""
    if all(part is None for part in parts):
        return None
    return side_by_side(
        [
            np.zeros(mask.shape, np.int8) if part is None else part
            for part, mask in zip(parts, alive, strict=True)
        ]
    )
