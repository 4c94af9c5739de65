"""Episodes seen in a mirror."""

import numpy as np
from made_up import Spy, episodes

from robot_agent.envs.task import Approach
from robot_agent.learning.mirror import Mirror
from robot_agent.learning.reinforce import Reinforce
from robot_agent.learning.replay import Replay
from robot_agent.learning.torch_policy import GaussianPolicy


def test_mirrored_episodes_teach_the_mirrored_policy():
    task = Approach()
    policy = GaussianPolicy(2, (-0.7, -0.7), seed=0, dtype=np.float64)
    batch = episodes(policy)
    spy = Spy(policy)
    Reinforce(spy, replay=Replay(mirror=Mirror(task.mirror_observations, task.mirror_actions))).update(batch)
    s, u, w = spy.calls[0]
    originals = {tuple(value) for value in batch.observations[batch.alive]}
    mirrored = np.array([tuple(value) not in originals for value in s])
    assert mirrored.sum() == len(s) / 2
    assert {tuple(value) for value in s[mirrored] * [-1, 1]} == originals
    assert sorted(-u[mirrored, 0]) == sorted(u[~mirrored, 0])
    # Their weight is that of the original times how probable the mirrored move is now.
    assert not np.allclose(sorted(w[mirrored]), sorted(w[~mirrored]))
