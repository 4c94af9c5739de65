"""Batches that are learned from more than once."""

import numpy as np
from made_up import Spy, episodes, small

from robot_agent.learning.batch import Batch
from robot_agent.learning.reinforce import Reinforce
from robot_agent.learning.replay import Replay


def test_later_passes_are_weighted_by_clipped_importance():
    policy = small()
    batch = episodes(policy)
    spy = Spy(policy)
    Reinforce(spy, replay=Replay(epochs=6, clip_range=0.1), learning_rate=0.1).update(batch)
    first, last = spy.calls[0][2], spy.calls[-1][2]
    assert len(spy.calls) == 6
    assert (last == 0).sum() > 0, "some moves have been pushed as far as the clip allows"
    kept = last != 0
    assert np.sign(first[kept]).tolist() == np.sign(last[kept]).tolist()


def test_a_window_learns_on_from_kept_batches_exactly():
    def make(seed: int) -> Reinforce:
        return Reinforce(small(seed), replay=Replay(epochs=2, replay_batches=3))

    whole, first, second = make(0), make(0), make(5)
    for seed in range(4):
        whole.update(episodes(small(), seed=seed))
    for seed in range(2):
        first.update(episodes(small(), seed=seed))
    second.set_state(first.get_state())
    for seed in range(2, 4):
        second.update(episodes(small(), seed=seed))
    mine, yours = whole.get_state(), second.get_state()
    assert sum(name.endswith("alive") for name in mine) == 2
    assert mine.keys() == yours.keys()
    assert all(np.array_equal(mine[name], yours[name]) for name in mine)


def test_the_weights_are_the_gradient_of_the_clipped_surrogate():
    """Against differences of mean min(ratio A, clip(ratio) A), with ratios on both sides of the clip."""
    rng = np.random.default_rng(0)
    batch = episodes(small())
    moves = int(batch.alive.sum())
    old, A = rng.standard_normal(moves), rng.standard_normal(moves)
    log_probs = np.zeros(batch.alive.shape)
    log_probs[batch.alive] = old
    kept = Batch(batch.observations, batch.actions, batch.rewards, batch.alive, log_probs)
    weights = Replay(clip_range=0.3).weights(A, kept)
    now = old + 0.5 * rng.standard_normal(moves)

    def surrogate(log_prob: np.ndarray) -> np.ndarray:
        ratio = np.exp(log_prob - old)
        return np.minimum(ratio * A, np.clip(ratio, 0.7, 1.3) * A) / moves

    difference = (surrogate(now + 1e-6) - surrogate(now - 1e-6)) / 2e-6
    assert np.allclose(weights(now), difference, atol=1e-8)
    assert 0 < (weights(now) == 0).sum() < moves
