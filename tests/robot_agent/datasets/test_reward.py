"""Another reward on what has happened: the same as driving under it would have given."""

import numpy as np
import pytest
from stored_runs import SMALL, keep_all

from robot_agent.datasets.moves import kept_episodes
from robot_agent.datasets.reward import compare, judge, spearman
from robot_agent.envs.task import Approach
from robot_agent.errors import RobotAgentError
from robot_agent.runs.store import Store


@pytest.fixture(scope="module")
def episodes(tmp_path_factory):
    with Store(tmp_path_factory.mktemp("reward") / "runs.db") as store:
        run, _ = keep_all(store, SMALL)
        return list(kept_episodes(store, run))


def test_the_same_task_gives_what_was_given(episodes):
    found = compare(Approach(), episodes)
    assert len(found.episodes) == len(episodes) > 20
    for one in found.episodes:
        assert one.other == pytest.approx(one.given, abs=1e-4)
        assert (one.other_ending, one.other_moves) == (one.ending, one.moves)
    assert found.rank_correlation == pytest.approx(1) and found.most_different(3) == []


def test_another_reward_is_told_apart(episodes):
    class Hasty(Approach):
        def judge(self, before, after, seen, moves):
            terms, endings = super().judge(before, after, seen, moves)
            return terms | {"late": -5 * moves.astype(np.float32)}, endings

    found = compare(Hasty(), episodes)
    for one, episode in zip(found.episodes, episodes, strict=True):
        assert one.other == pytest.approx(one.given - 5 * np.arange(1, len(episode) + 1).sum(), abs=1e-2)
    assert found.rank_correlation < 0.9 and len(found.most_different(4)) == 4


def test_a_task_that_ends_sooner_counts_up_to_its_end(episodes):
    found = compare(Approach(max_moves=3), episodes)
    long = [one for one in found.episodes if one.moves > 3]
    assert long and all((one.other_moves, one.other_ending) == (3, "timeout") for one in long)


def test_a_term_that_is_no_number_is_named(episodes):
    class Bad(Approach):
        def judge(self, before, after, seen, moves):
            terms, endings = super().judge(before, after, seen, moves)
            return terms | {"odd": np.where(moves == 2, np.nan, 0.0)}, endings

    with pytest.raises(
        RobotAgentError, match=r"The term 'odd' of the reward is nan at move 2 of run 1, episode"
    ):
        judge(Bad(), next(one for one in episodes if len(one) > 2))
    with pytest.raises(RobotAgentError, match="No episode"):
        compare(Approach(), [])


def test_rank_correlation():
    values = np.array([3.0, 1.0, 2.0, 2.0])
    assert spearman(values, values**3) == pytest.approx(1)
    assert spearman(values, -values) == pytest.approx(-1)
    assert spearman(values, np.ones(4)) is None
    assert spearman(np.array([1.0, 2, 3, 4]), np.array([1.0, 3, 2, 4])) == pytest.approx(0.8)
