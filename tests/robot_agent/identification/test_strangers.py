"""A few episodes with robots of another physics world; all of them: python -m tests.benchmarks.strangers."""

import numpy as np
import pytest

pytest.importorskip("mujoco")

from robot_agent.identification.pilot import WAIT, KnowingPilot
from robot_agent.motors.motors import Pulse
from tests.benchmarks.odd_strangers import ODD
from tests.benchmarks.strangers import STRANGERS, StrangerRobot, measure, play
from vision.sight import Sight

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


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("both stall below 0.5", "Both wheels stall below about 50% of full power"),
        ("pictures a move late", "Pictures come a move late"),
    ],
)
def test_what_no_parameter_describes_is_found_out_said_and_driven_with(name: str, said: str) -> None:
    pilot = KnowingPilot.shipped("wheels")
    # No second look, as in a loop of one's own.
    pilot.knowledge.settling.settle = lambda sight, *_, **__: sight  # type: ignore[method-assign]
    reached, _ = play({kind.name: kind for kind in ODD}[name], pilot, 1, 12, 99)
    assert reached[2:].mean() >= 0.9
    assert any(said in sentence for sentence in pilot.knowledge.estimate.words())
    assert not pilot.knowledge.changes


def test_a_sight_of_something_else_is_looked_at_again() -> None:
    pilot = KnowingPilot.shipped("wheels")
    robot = StrangerRobot(KINDS["symmetric"], 1)
    for _ in range(4):
        robot.reset()
        pilot.episode(robot)
    robot.reset()
    pilot.learn(None, robot.look())
    sight = robot.look()
    assert sight is not None
    pulse = Pulse(0.5, 0.5, 0.2)
    robot.act(pulse.left, pulse.right, pulse.seconds)
    wrong = Sight(2, 3) if sight.x1 > 20 else Sight(39, 40)
    pilot.learn(pulse, wrong)
    assert pilot.decide(wrong) == Pulse(0.0, 0.0, WAIT)
    robot.act(0.0, 0.0, WAIT)
    true = robot.look()
    assert true is not None
    pilot.learn(Pulse(0.0, 0.0, WAIT), true)
    assert pilot.decide(true).left > 0
