"""The value network as the baseline: generalised advantages, V-trace, and that it learns."""

from dataclasses import replace

import numpy as np
import pytest
from made_up import episodes, small

from robot_agent.learning.critic import Critic
from robot_agent.learning.gae import generalised_advantages, td_errors
from robot_agent.learning.reinforce import Reinforce, rewards_to_go
from robot_agent.learning.torch_policy import ValueNetwork
from robot_agent.learning.vtrace import traced_advantages

GAMMA, T, N = 0.9, 7, 5


def made_up(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rewards, values and which moves count; 0 after each episode's end."""
    rng = np.random.default_rng(seed)
    alive = np.arange(T)[:, None] < rng.integers(1, T + 1, N)
    r, V = rng.standard_normal((2, T, N)) * alive
    return r, V, alive


def test_generalised_advantages_are_sums_of_errors():
    """Against the sum of the paper, term by term; lambda 1 is G - V, lambda 0 the error alone."""
    r, V, alive = made_up()
    delta = td_errors(r, V, alive, GAMMA)
    A = generalised_advantages(delta, GAMMA * 0.7)
    for t in range(T):
        assert A[t] == pytest.approx(sum((GAMMA * 0.7) ** k * delta[t + k] for k in range(T - t)))
    assert generalised_advantages(delta, GAMMA) == pytest.approx(rewards_to_go(r, GAMMA) - V)
    assert np.array_equal(generalised_advantages(delta, 0.0), delta)


def test_traces_are_cut_where_the_policy_has_turned_away():
    """Against the sum of the paper: the error k moves later counts by the product of the c in between."""
    delta = td_errors(*made_up(), GAMMA)
    log_ratio = np.random.default_rng(1).standard_normal((T, N))
    A, c = traced_advantages(delta, GAMMA * 0.7, log_ratio)
    assert c == pytest.approx(np.minimum(1, np.exp(log_ratio)))
    for t in range(T):
        terms = [(GAMMA * 0.7) ** k * c[t + 1 : t + 1 + k].prod(axis=0) * delta[t + k] for k in range(T - t)]
        assert A[t] == pytest.approx(sum(terms))
    same, ones = traced_advantages(delta, GAMMA * 0.7, np.zeros((T, N)))
    assert np.array_equal(same, generalised_advantages(delta, GAMMA * 0.7))
    assert (ones == 1).all()


def test_the_value_baseline_learns_to_explain_the_returns():
    policy = small()
    learner = Reinforce(policy, critic=Critic(ValueNetwork(2, seed=0), 0.9), learning_rate=1e-9)
    batches = [episodes(policy, seed=seed, N=100) for seed in range(150)]
    reports = [learner.update(replace(b, rewards=np.sin(b.observations[..., 0]))) for b in batches]
    assert reports[-1].explained_variance > reports[0].explained_variance + 0.1
