"""A few episodes with robots of another physics world; all of them: python -m tests.benchmarks.strangers."""

import numpy as np
import pytest

pytest.importorskip("mujoco")

from robot_agent.identification.pilot import KnowingPilot
from tests.benchmarks.strangers import STRANGERS, StrangerRobot, measure, play

KINDS = {kind.name: kind for kind in STRANGERS}


@pytest.mark.parametrize("name", ["symmetric", "left 20 % weak", "lens 90", "wires swapped", "all at once"])
def test_strangers_are_driven_from_the_third_episode_on(name: str) -> None:
    result = measure(KINDS[name], lambda: KnowingPilot.shipped("wheels"), seeds=1, episodes=14)
    assert result.success >= 11 / 12
    assert result.moves < 7


def test_a_motor_that_is_plugged_in_backwards_is_noticed() -> None:
    pilot = KnowingPilot.shipped("wheels")
    reached, _ = play(KINDS["left inverted"], pilot, 3, 10, 99)
    assert pilot.knowledge.wiring == (False, -1, 1)
    assert reached[3:].mean() > 0.8


def test_a_stranger_drives_straight_when_its_wheels_are_alike() -> None:
    robot = StrangerRobot(KINDS["symmetric"], 1)
    ways = []
    for power in (0.5, 1.0):
        robot.reset()
        before = robot.data.qpos[:2].copy()
        robot.act(power, power, 0.8)
        ways.append(float(np.linalg.norm(robot.data.qpos[:2] - before)))
    assert ways[1] == pytest.approx(0.8 * 0.32, rel=0.15)
    assert 0.35 < ways[0] / ways[1] < 0.6
