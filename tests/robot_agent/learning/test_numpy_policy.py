"""The policy with NumPy against the one with PyTorch: the same weights, gradients and updates."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import episodes, numerical_gradient

from robot_agent.envs.task import Approach
from robot_agent.learning import numpy_policy
from robot_agent.learning import torch_policy as policy
from robot_agent.learning.critic import Critic
from robot_agent.learning.mirror import Mirror
from robot_agent.learning.reinforce import Reinforce
from robot_agent.learning.replay import Replay

NETWORKS = [
    {},
    {"initialisation": "default", "hidden": (5,)},
    {"initialisation": "default", "activation": "relu", "output": "relu"},
]


def pair(seed: int = 3, **options):
    """The same policy in both backends, float64."""
    return (
        policy.GaussianPolicy(2, (-0.7, -0.3), seed=seed, dtype=np.float64, **options),
        numpy_policy.GaussianPolicy(2, (-0.7, -0.3), seed=seed, dtype=np.float64, **options),
    )


def farthest(one, other) -> float:
    """The largest difference between the numbers of two learners; their names have to be the same."""
    mine, yours = (
        part.get_state() if isinstance(part, Reinforce) else part.tensors() for part in (one, other)
    )
    assert list(mine) == list(yours)
    return max(float(np.abs(mine[name] - yours[name].astype(float)).max()) for name in mine)


@pytest.mark.parametrize("options", NETWORKS)
@pytest.mark.parametrize("seed", [0, 1, 2**31 - 1])
def test_the_same_seed_begins_with_the_same_weights(options, seed):
    assert farthest(*pair(seed, **options)) < 1e-7
    values = policy.ValueNetwork(2, seed=seed), numpy_policy.ValueNetwork(2, seed=seed)
    assert farthest(*values) == 0


@settings(max_examples=15)
@given(st.sampled_from(NETWORKS), st.integers(1, 30), st.integers(0, 9))
def test_the_policys_gradient_against_finite_differences(options, moves, seed):
    own = numpy_policy.GaussianPolicy(2, (-0.7, -0.3), seed=seed, dtype=np.float64, **options)
    rng = np.random.default_rng(seed)
    s, u, w = rng.standard_normal((moves, 2)), rng.standard_normal((moves, 2)), rng.standard_normal(moves)
    mine = own.gradients(s, u, w, 0.03)
    judge = numerical_gradient(
        lambda: float(w @ own.log_prob(s, u)) + 0.03 * own.entropy(), own.parameters.views, step=3e-6
    )
    difference = np.concatenate([(mine[name] - judge[name]).ravel() for name in judge])
    assert np.linalg.norm(difference) < 1e-6 * np.linalg.norm(
        np.concatenate([*map(np.ravel, judge.values())])
    )


@pytest.mark.parametrize("options", NETWORKS)
@pytest.mark.parametrize("kind", ["plain", "entropy", "one-robot"])
def test_reinforce_makes_the_same_updates(options, kind):
    """Updates one after the other: policy, value network and both their Adams the same to 1e-9."""
    task, learners = Approach(), []
    values = (
        policy.ValueNetwork(2, seed=1, dtype=np.float64),
        numpy_policy.ValueNetwork(2, seed=1, dtype=np.float64),
    )
    policies = pair(**options)
    for own, value in zip(policies, values, strict=True):
        learner = Reinforce(own, entropy_bonus=0.02 if kind == "entropy" else 0.0)
        if kind == "one-robot":
            mirror = Mirror(task.mirror_observations, task.mirror_actions)
            learner.critic, learner.replay = Critic(value, 0.9), Replay(4, 2, mirror=mirror)
        learners.append(learner)
    for seed in range(5):
        batch = episodes(policies[0], seed=seed)
        reports = [learner.update(batch, seed / 5) for learner in learners]
        assert reports[0].gradient_norm == pytest.approx(reports[1].gradient_norm, rel=1e-6)
    assert farthest(*learners) < 1e-9


def test_what_one_backend_learned_the_other_goes_on_with():
    first, other = pair()
    batches = [episodes(first, seed=seed) for seed in range(4)]
    learners = [Reinforce(first), Reinforce(other)]
    for batch in batches[:2]:
        learners[0].update(batch)
    learners[1].set_state(learners[0].get_state())
    for batch in batches[2:]:
        for learner in learners:
            learner.update(batch)
    assert farthest(*learners) < 1e-9
