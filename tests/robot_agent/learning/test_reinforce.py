"""REINFORCE against independent truths: finite differences, the score function, hand-made returns."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from made_up import Spy, episodes, small

from robot_agent.learning.reinforce import Reinforce, rewards_to_go
from robot_agent.learning.torch_policy import GaussianPolicy


def surrogate(policy: GaussianPolicy, s: np.ndarray, u: np.ndarray, w: np.ndarray, bonus: float = 0.0):
    """sum_i w_i log pi(u_i | s_i) + bonus * H, up to a constant: what REINFORCE climbs."""
    normal = torch.distributions.Normal(policy.mean_actions(s), policy.log_std.exp())
    return torch.from_numpy(w) @ normal.log_prob(torch.from_numpy(u)).sum(-1) + bonus * policy.log_std.sum()


def slope(policy: GaussianPolicy, s: np.ndarray, u: np.ndarray, w: np.ndarray) -> np.ndarray:
    """All derivatives of the surrogate, by autograd alone, in a row."""
    parts = torch.autograd.grad(surrogate(policy, s, u, w), tuple(policy.named_parameters().values()))
    return np.concatenate([part.numpy().ravel() for part in parts])


def test_returns_are_discounted_sums():
    rewards = np.array([[1.0, 0.0], [2.0, 0.0], [4.0, 8.0]])
    assert rewards_to_go(rewards, 0.5).tolist() == [[3.0, 2.0], [4.0, 4.0], [4.0, 8.0]]


def test_the_gradient_agrees_with_finite_differences():
    """The gradient that torch follows, against differences of the surrogate computed in NumPy alone."""
    policy = small()
    batch = episodes(policy)
    spy = Spy(policy)
    Reinforce(spy, entropy_bonus=0.03, learning_rate=0.0).update(batch)
    s, u, w = spy.calls[0]

    def by_hand() -> float:
        mean, log_std = policy.greedy(s), policy.log_std.detach().numpy()
        z = (u - mean) / np.exp(log_std)
        log_prob = (-0.5 * z**2 - log_std - 0.5 * np.log(2 * np.pi)).sum(axis=1)
        return float((w * log_prob).sum() + 0.03 * log_std.sum())

    gradients = policy.gradients(s, u, w, 0.03)
    by_autograd = torch.autograd.grad(
        surrogate(policy, s, u, w, 0.03), tuple(policy.named_parameters().values())
    )
    for (name, parameter), same in zip(policy.named_parameters().items(), by_autograd, strict=True):
        assert gradients[name] == pytest.approx(same.numpy(), rel=1e-9, abs=1e-12)
        flat, gradient = parameter.detach().numpy().reshape(-1), gradients[name].reshape(-1)
        for index in range(len(flat)):
            before = flat[index]
            sides = []
            for step in (1e-6, -1e-6):
                flat[index] = before + step
                sides.append(by_hand())
            flat[index] = before
            assert gradient[index] == pytest.approx((sides[0] - sides[1]) / 2e-6, rel=1e-5, abs=1e-8)


def test_the_first_gradient_loads_nothing():
    """PyTorch loads sympy for a gradient along given derivatives: half a second, and megabytes on a Pi."""
    code = (
        "import sys, numpy as np; from robot_agent.learning.torch_policy import GaussianPolicy; "
        "s = np.zeros((9, 2)); "
        "GaussianPolicy(2, (-1.0, -1.0)).ascend(s, s, np.ones(9), learning_rate=0.1); "
        "sys.exit('sympy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_score_function_is_zero_on_average():
    """E[grad log pi] = 0: its mean over many draws is within 4 standard errors, for every weight."""
    policy = small(3)
    rng = np.random.default_rng(0)
    s = np.tile([[0.4, -0.2]], (400, 1))
    means = []
    for _ in range(60):
        means.append(slope(policy, s, policy.act(s, rng), np.full(400, 1 / 400)))
    means = np.array(means)
    error = means.std(axis=0) / np.sqrt(len(means))
    assert (np.abs(means.mean(axis=0)) <= 4 * error + 1e-12).all()
    assert (error > 0).sum() > 5, "a gradient that is zero throughout would prove nothing"


def test_the_baseline_does_not_change_what_is_learned_on_average():
    """With and without a baseline the gradient has the same mean, and less variance with it."""
    policy = small(1)
    gradients = {"none": [], "time": []}
    for seed in range(300):
        batch = episodes(policy, seed=seed, N=20)
        shifted = replace(batch, rewards=batch.rewards + 3.0)
        for kind, kept in gradients.items():
            learner = Reinforce(policy, baseline=kind)
            A = learner.judge(shifted, 20)[1][batch.alive]
            s, u = batch.observations[batch.alive], batch.actions[batch.alive]
            kept.append(slope(policy, s, u, A / 20))
    none, time = np.array(gradients["none"]), np.array(gradients["time"])
    assert time.std(axis=0).mean() < 0.7 * none.std(axis=0).mean()
    error = np.sqrt(none.var(axis=0) + time.var(axis=0)) / np.sqrt(300)
    assert (np.abs(none.mean(axis=0) - time.mean(axis=0)) < 5 * error + 0.1 * np.abs(none.mean(axis=0))).all()


def test_a_constant_reward_gives_no_gradient():
    policy = small()
    batch = episodes(policy)
    T, N = batch.alive.shape
    constant = replace(batch, rewards=np.ones((T, N)), alive=np.ones((T, N), bool))
    before = policy.tensors()
    report = Reinforce(policy).update(constant)
    assert report.gradient_norm == pytest.approx(0, abs=1e-12)
    assert all(
        np.allclose(before[name], value) for name, value in policy.tensors().items() if name[:4] != "adam"
    )


def test_detached_actions_give_no_gradient():
    """What everyone tries first: a loss from the outcome, which no longer hangs on the weights."""
    policy = small()
    batch = episodes(policy)
    loss = torch.as_tensor(batch.rewards).mean()
    assert not loss.requires_grad
    loss.requires_grad_()
    loss.backward()
    assert all(
        parameter.grad is None or not parameter.grad.any() for parameter in policy.named_parameters().values()
    )
    report = Reinforce(policy).update(batch)
    assert report.gradient_norm > 1e-3, "the same episodes teach through the score function"


def test_moves_after_the_end_do_not_count():
    policy = small()
    batch = episodes(policy)
    spoiled = replace(
        batch,
        observations=np.where(batch.alive[..., None], batch.observations, 99.0),
        actions=np.where(batch.alive[..., None], batch.actions, 99.0),
        rewards=np.where(batch.alive, batch.rewards, 99.0),
    )
    one, other = small(), small()
    Reinforce(one).update(batch)
    Reinforce(other).update(spoiled)
    assert all(np.array_equal(value, other.tensors()[name]) for name, value in one.tensors().items())


def test_the_learning_rate_falls_to_zero():
    policy = small()
    batch = episodes(policy)
    assert Reinforce(policy, learning_rate=0.02).update(batch, 0.5).learning_rate == pytest.approx(0.01)
    before = policy.tensors()
    Reinforce(policy).update(batch, 1.0)
    weights = [name for name in before if not name.startswith("adam")]
    assert all(np.array_equal(before[name], policy.tensors()[name]) for name in weights)


def test_beginning_from_another_policy_takes_its_mean_and_keeps_exploring():
    learned, fresh = small(1), small(2)
    for seed in range(5):
        Reinforce(learned, learning_rate=0.1).update(episodes(learned, seed=seed))
    fresh.begin_from(learned.tensors())
    s = np.random.default_rng(0).standard_normal((9, 2))
    assert np.array_equal(fresh.greedy(s), learned.greedy(s))
    assert fresh.std == small().std != learned.std
    assert not any(value.any() for name, value in fresh.tensors().items() if name.startswith("adam"))
