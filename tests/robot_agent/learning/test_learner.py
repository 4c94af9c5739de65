"""What goes from a trainer to a learner and back."""

import json
from dataclasses import asdict

import numpy as np
from made_up import episodes, small

from robot_agent.learning.learner import Rollout, UpdateReport
from robot_agent.learning.tensors import below, prefixed


def test_joined_rollouts_are_the_same_episodes():
    policy = small()
    parts = [episodes(policy, T=4, N=3, seed=1), episodes(policy, T=7, N=2, seed=2)]
    joined = Rollout.join(parts)
    assert joined.alive.shape == (7, 5)
    assert joined.alive.sum() == sum(part.alive.sum() for part in parts)
    assert np.array_equal(joined.rewards[:, 3:], parts[1].rewards)
    assert not joined.alive[4:, :3].any()
    assert joined.final_observations.shape == (5, 2)
    assert np.array_equal(joined.final_observations[3:], parts[1].final_observations)
    assert joined.cut.shape == (5,)


def test_arrays_of_parts_come_apart_again():
    parts = {"policy": {"a": np.ones(2), "b.c": np.zeros(1)}, "value": {"a": np.zeros(3)}}
    together = prefixed(**parts)
    assert list(together) == ["policy.a", "policy.b.c", "value.a"]
    for part, arrays in parts.items():
        assert below(together, f"{part}.").keys() == arrays.keys()


def test_a_report_measures_the_update_and_carries_the_learners_own_figures():
    policy = small()
    before, batch = policy.tensors(), episodes(policy)
    s, u = batch.observations[batch.alive], batch.actions[batch.alive]
    policy.ascend(s, u, np.ones(len(s)) / len(s), learning_rate=0.1)
    G = np.where(batch.alive, batch.rewards, 0)
    report = UpdateReport.of(policy, before, G, 0.5 * G, batch.alive, 1.5, 0.1, value_loss=0.25)
    assert report.mean_return == G[0].mean()
    assert report.explained_variance == 1 - np.var(0.5 * G[batch.alive]) / np.var(G[batch.alive])
    assert len(report.update_ratio) == 2
    assert min(report.update_ratio) > 0
    assert json.loads(json.dumps(asdict(report)))["figures"] == {"value_loss": 0.25}
