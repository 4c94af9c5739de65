"""The generalised advantage estimator (Schulman et al. 2016)."""

import numpy as np

from robot_agent.learning.tensors import Floats, Mask


def td_errors(rewards: Floats, values: Floats, alive: Mask, gamma: float) -> Floats:
    """delta_t = r_t + gamma V(s_{t+1}) - V(s_t), shape (T, N); V is 0 after the end, and so is delta."""
    following = np.concatenate([values[1:], np.zeros_like(values[:1])])
    return np.where(alive, rewards + gamma * following - values, 0.0)


def generalised_advantages(delta: Floats, decay: float) -> Floats:
    """A_t = delta_t + gamma lambda A_{t+1}, for delta of shape (T, N).

    Lambda 1 gives G - V, without bias; lambda 0 gives delta, with the least variance.

    Args:
        delta: the errors of `td_errors`.
        decay: gamma lambda.
    """
    A = np.array(delta)
    for t in range(len(A) - 2, -1, -1):
        A[t] += decay * A[t + 1]
    return A
