"""Why the goal is not reached: a cure names only what is not so already."""

import numpy as np
import pytest

from robot_agent.envs.task import ActionKind, Approach
from robot_agent.health.possible import explain
from robot_agent.identification.estimate import Estimate
from robot_agent.identification.log import Episode, Log
from robot_agent.identification.parameters import DEVIATION, INDEX, LOW, MEAN


@pytest.mark.parametrize("action", ["wheels", "curvature"])
def test_a_robot_that_is_too_slow_gets_a_cure_that_it_does_not_have_yet(action: ActionKind) -> None:
    mean = MEAN.copy()
    mean[INDEX["speed"]] = LOW[INDEX["speed"]]
    slow = Estimate(mean, 0.1 * np.abs(DEVIATION), (False, 1, 1), 40)
    found = explain(0.0, Approach(action=action), slow, Log([Episode((19, 21))]))
    assert found is not None and found.kind == "task-impossible"
    assert ("task.action=wheels" in found.cure) == (action == "curvature")
    assert "pulse() lasts as long as it is told" in found.cure and " or more)" in found.cure
