"""The policy: NumPy and torch give the same answers, formulas hold, foreign weights are refused."""

import math

import numpy as np
import pytest
import torch

from robot_agent.learning.torch_policy import GaussianPolicy, ValueNetwork

S = np.random.default_rng(0).standard_normal((50, 2))


def make(**options) -> GaussianPolicy:
    return GaussianPolicy(2, (-0.5, -1.0), seed=1, dtype=np.float64, **options)


@pytest.mark.parametrize(
    "options", [{}, {"activation": "relu", "output": "relu"}, {"initialisation": "default"}]
)
def test_numpy_and_torch_answer_alike(options):
    policy = make(**options)
    for _ in range(3):  # also after the weights have moved
        mean = policy.mean_actions(S).detach().numpy()
        assert policy.greedy(S) == pytest.approx(mean, abs=1e-12)
        policy.ascend(S, policy.act(S, np.random.default_rng(1)), np.ones(50), learning_rate=0.05)


def test_log_prob_is_the_gaussians():
    policy = make()
    u = policy.act(S, np.random.default_rng(2))
    sigma = np.exp([-0.5, -1.0])
    z = (u - policy.greedy(S)) / sigma
    expected = (-0.5 * z**2 - np.log(sigma) - 0.5 * math.log(2 * math.pi)).sum(axis=1)
    assert policy.log_prob(S, u) == pytest.approx(expected)
    assert policy.entropy() == pytest.approx(np.log(sigma).sum() + math.log(2 * math.pi * math.e))


def test_actions_are_drawn_around_the_mean():
    policy = make()
    u = np.stack([policy.act(S[:1], np.random.default_rng(seed))[0] for seed in range(2000)])
    assert u.mean(axis=0) == pytest.approx(policy.greedy(S[:1])[0], abs=0.05)
    assert u.std(axis=0) == pytest.approx(np.exp([-0.5, -1.0]), rel=0.05)


def test_it_begins_by_doing_the_same_everywhere():
    assert np.abs(make().greedy(S)).max() < 0.1


def test_climbing_makes_rewarded_actions_more_probable():
    policy = make()
    u = policy.act(S, np.random.default_rng(3))
    before = policy.log_prob(S, u).sum()
    for _ in range(5):
        policy.ascend(S, u, np.ones(50), learning_rate=0.01)
    assert policy.log_prob(S, u).sum() > before


def test_log_std_stays_above_its_floor():
    policy = GaussianPolicy(2, (-0.5,), seed=0, log_std_floor=-0.6)
    for _ in range(50):
        policy.ascend(S, policy.greedy(S), np.ones(50), learning_rate=0.1)
    assert policy.entropy() == pytest.approx(-0.6 + 0.5 * math.log(2 * math.pi * math.e), abs=1e-6)


def test_a_gradient_that_is_not_a_number_changes_nothing():
    policy = make()
    before = policy.tensors()
    norm = policy.ascend(S, S, np.full(50, np.nan), learning_rate=0.1)
    assert math.isnan(norm)
    assert all(np.array_equal(value, before[name]) for name, value in policy.tensors().items())


def test_what_is_loaded_goes_on_exactly():
    def climb(policy: GaussianPolicy, steps: int) -> None:
        for _ in range(steps):
            policy.ascend(S, S, np.linspace(-1, 1, 50), learning_rate=0.02)

    whole, first, second = make(), make(), GaussianPolicy(2, (0, 0), seed=9, dtype=np.float64)
    climb(whole, 6)
    climb(first, 3)
    second.load(first.tensors())
    climb(second, 3)
    assert all(np.array_equal(value, whole.tensors()[name]) for name, value in second.tensors().items())


def test_another_network_is_refused():
    with pytest.raises(ValueError, match="another network"):
        make().load(make(hidden=(32, 32)).tensors())


def test_the_same_seed_is_the_same_network():
    assert np.array_equal(make().greedy(S), make().greedy(S))
    default = [GaussianPolicy(2, (0.0,), initialisation="default", seed=5).greedy(S) for _ in range(2)]
    assert np.array_equal(*default)


def test_dead_outputs_are_counted():
    policy = make(output="relu")
    with torch.no_grad():
        policy.mean[-1].bias.copy_(torch.tensor([-9.0, 9.0]))
    assert policy.dead_outputs(S) == 0.5
    assert make().dead_outputs(S) == 0.0


def test_the_value_network_fits():
    value = ValueNetwork(2, seed=0)
    target = S[:, 0] - 0.5 * S[:, 1]
    errors = [value.fit(S, target, learning_rate=0.01) for _ in range(300)]
    assert errors[-1] < 0.05 * errors[0]
    assert value.predict(S).shape == (50,)
