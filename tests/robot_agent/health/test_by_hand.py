"""The health report knows which moves a person made."""

import numpy as np
import pytest

from robot_agent.envs.task import DEMONSTRATION, PERSON, POLICY, Approach
from robot_agent.health.history import Case, History
from robot_agent.health.training import actions_clipped, examine, no_better, not_imitable

HAND = np.repeat([POLICY, DEMONSTRATION], 30)


def case(by_hand, advantages, actions=None, success=0.1):
    steps = {
        "by_hand": np.asarray(by_hand),
        "advantage": np.asarray(advantages),
        "x1": np.full(len(by_hand), 10),
        "action": np.zeros((len(by_hand), 2)) if actions is None else actions,
    }
    updates = [
        {"moves": 60, "episodes": 3, "success_rate": success, "endings": {}, "report": {"std": [0.2, 0.2]}}
    ]
    return Case(History(updates * 12, [], [{"steps": steps}]), Approach())


def test_moves_that_were_no_better_are_named():
    found = no_better(case(HAND, np.where(HAND == POLICY, 1.0, -1.0)))
    assert found.kind == "hand-no-better" and "Of 30 moves" in found.seen and "0%" in found.seen


@pytest.mark.parametrize(
    ("by_hand", "success", "sign"), [(HAND, 0.1, 1.0), (HAND, 0.9, -1.0), (HAND[:40], 0.1, -1.0)]
)
def test_nothing_is_said_of_good_moves_a_good_run_or_few_moves(by_hand, success, sign):
    assert no_better(case(by_hand, np.full(len(by_hand), sign), success=success)) is None


def test_moves_that_the_policy_cannot_make_are_named():
    mixed = np.repeat([DEMONSTRATION, PERSON], [10, 25])
    assert "35 moves" in not_imitable(case(mixed, np.ones(35))).seen
    assert not_imitable(case(np.repeat([DEMONSTRATION, PERSON], [25, 10]), np.ones(35))) is None


def test_what_a_person_does_is_not_taken_for_the_policys():
    wild = np.where((np.repeat([POLICY, DEMONSTRATION], [30, 400]) == POLICY)[:, None], 0.0, 3.0) * np.ones(2)
    by_hand = np.repeat([POLICY, DEMONSTRATION], [30, 400])
    assert actions_clipped(case(by_hand, np.ones(430), wild)) is None
    assert actions_clipped(case(np.full(430, POLICY), np.ones(430), wild)).kind == "actions-clipped"


def test_a_run_of_before_people_could_drive_is_the_policys():
    history = History(episodes=[{"steps": {"x1": np.array([1, 2]), "reward": np.array([0.0, 1.0])}}])
    assert (history.authors == POLICY).all() and history.policy_steps("reward").tolist() == [0.0, 1.0]
    assert examine(History(), Approach()) == []
