"""What goes from a trainer to a learner and back."""

import itertools
import json
from dataclasses import asdict

import numpy as np
from made_up import episodes, small

from robot_agent.envs.fleet import FleetEnvironment
from robot_agent.learning.learner import Rollout, UpdateReport
from robot_agent.learning.reinforce import Reinforce
from robot_agent.learning.tensors import below, prefixed
from robot_agent.learning.torch_policy import GaussianPolicy
from robot_agent.learning.trainer import Trainer


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


class Keeping(Reinforce):
    """REINFORCE that keeps what it is given."""

    def update(self, rollout, progress=0.0):
        self.__dict__.setdefault("rollouts", []).append(rollout)
        return super().update(rollout, progress)


def given(**options) -> list[Rollout]:
    environment = FleetEnvironment(32, seed=0, autoreset_mode="Disabled")
    learner = Keeping(GaussianPolicy(2, (-2.5, -1.5), seed=0))
    for _ in Trainer(environment, learner, episodes_per_update=32, seed=0, **options).run():
        pass
    return learner.rollouts


def test_the_trainer_says_what_is_seen_last_and_which_episodes_were_cut():
    """In pieces of five moves a robot goes on from what it saw last; one that has ended is not cut."""
    rollouts = given(total_moves=2000, rollout_moves=5)
    went_on = 0
    for one, following in itertools.pairwise(rollouts):
        lengths = one.alive.sum(axis=0)
        assert not one.cut[lengths < len(one.alive)].any(), "no episode times out in the middle of a piece"
        on = one.cut & (following.observations[0] == one.final_observations).all(axis=1)
        went_on += on.sum()
    assert went_on > 100
    for one in rollouts:
        for n, length in enumerate(one.alive.sum(axis=0)):
            if length < len(one.alive):
                assert np.array_equal(one.observations[length, n], one.final_observations[n])


def test_of_whole_episodes_only_those_that_timed_out_are_cut():
    rollouts = given(total_moves=2000)
    lengths = np.concatenate([one.alive.sum(axis=0) for one in rollouts])
    cut = np.concatenate([one.cut for one in rollouts])
    assert set(lengths[cut]) == {20}
    assert (~cut).sum() > 20
