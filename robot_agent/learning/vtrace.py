"""V-trace (Espeholt et al. 2018): advantages of a policy from moves that earlier policies made."""

import numpy as np

from robot_agent.learning.tensors import Floats


def traced_advantages(delta: Floats, decay: float, log_ratio: Floats) -> tuple[Floats, Floats]:
    """Return A_t = delta_t + decay c_{t+1} A_{t+1} and c_t = min(1, pi / pi_old), each of shape (T, N).

    The trace is cut short where pi would hardly make the move that was made. V(s_t) + c_t A_t is the
    target of the value network.

    Args:
        delta: the errors of `td_errors`, shape (T, N).
        decay: gamma lambda.
        log_ratio: log pi(u_t | s_t) - log pi_old(u_t | s_t), shape (T, N).
    """
    A, c = np.array(delta), np.exp(np.minimum(log_ratio, 0.0))
    for t in range(len(A) - 2, -1, -1):
        A[t] += decay * c[t + 1] * A[t + 1]
    return A, c
