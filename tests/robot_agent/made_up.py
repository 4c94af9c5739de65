"""Made-up rollouts and small policies, for tests of learners, and the judge of all gradients."""

from collections.abc import Callable, Mapping

import numpy as np

from robot_agent.learning.learner import Rollout
from robot_agent.learning.torch_policy import GaussianPolicy


def small(seed: int = 0) -> GaussianPolicy:
    return GaussianPolicy(2, (-0.7, -0.3), hidden=(5,), seed=seed, initialisation="default", dtype=np.float64)


def episodes(policy: GaussianPolicy, *, T: int = 6, N: int = 40, seed: int = 0) -> Rollout:
    """Made-up episodes of different lengths, whose reward depends on state and action."""
    rng = np.random.default_rng(seed)
    s = rng.standard_normal((T, N, 2))
    u = policy.act(s.reshape(-1, 2), rng).reshape(T, N, 2)
    rewards = np.sin(s[..., 0]) * u[..., 0] - u[..., 1] ** 2
    alive = np.arange(T)[:, None] < rng.integers(1, T + 1, N)
    return Rollout(s, u, rewards, alive, s[-1], np.zeros(N, bool))


class Spy:
    """Stands before a policy and keeps the weights that each step of ascent is asked for."""

    def __init__(self, policy: GaussianPolicy) -> None:
        self.policy, self.calls = policy, []

    def __getattr__(self, name: str) -> object:
        return getattr(self.policy, name)

    def ascend(self, s, u, w, **options):
        def kept(log_probs):
            weights = w(log_probs)
            self.calls.append((s.copy(), u.copy(), weights.copy()))
            return weights

        return self.policy.ascend(s, u, kept, **options)


def numerical_gradient(
    loss: Callable[[], float], parameters: Mapping[str, np.ndarray], step: float = 1e-5
) -> dict[str, np.ndarray]:
    """dL/dp = (L(p + h) - L(p - h)) / 2h for every single number: slow, simple, and the judge of the rest.

    Args:
        loss: computes L from the parameters as they are now; float64, or the differences drown.
        parameters: changed while this runs, and put back.
        step: h.
    """
    gradients = {}
    for name, p in parameters.items():
        gradient = np.zeros_like(p)
        for at in np.ndindex(p.shape):
            kept = p[at]
            p[at] = kept + step
            above = loss()
            p[at] = kept - step
            below = loss()
            p[at] = kept
            gradient[at] = (above - below) / (2 * step)
        gradients[name] = gradient
    return gradients
