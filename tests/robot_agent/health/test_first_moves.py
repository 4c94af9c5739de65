"""A robot is looked at while it drives: what is named first is right, and what is over is withdrawn."""

import numpy as np
import pytest

from robot_agent.health.cures import cure
from robot_agent.health.diagnosis import FAULTS, Fault
from robot_agent.health.first_moves import FirstMoves
from robot_agent.identification.fleet import ModelRobot
from robot_agent.identification.parameters import DEVIATION, HIGH, LOW, MEAN, NAMES
from robot_agent.identification.pilot import KnowingPilot, ends_of

STANDING = np.zeros((2, 2))


def drive(seed: int, moves: int, wires: np.ndarray, later: np.ndarray, at: int) -> list[tuple[int, str, str]]:
    """Drive a robot that becomes another one at a move; return each move with news, its kind and cure."""
    rng = np.random.default_rng(seed)
    theta = np.clip(MEAN + 0.7 * DEVIATION * rng.standard_normal(len(NAMES)), LOW, HIGH)
    robot, pilot, looking = ModelRobot(theta, seed, wires=wires), KnowingPilot.shipped("wheels"), FirstMoves()
    number, news = 0, []
    while number < moves:
        robot.reset()
        sight = robot.look()
        pilot.learn(None, sight)
        looking.begin(ends_of(sight))
        for _ in range(20):
            if sight is None or number == moves:
                break
            if number == at:
                robot.wires = later
            pulse = pilot.decide(sight)
            robot.act(pulse.left, pulse.right, pulse.seconds)
            sight, number = robot.look(), number + 1
            pilot.learn(pulse, sight)
            if looking.observe(pulse, ends_of(sight)):
                fault = looking.fault
                news.append((number, fault.kind if fault else "", fault.cure if fault else ""))
    return news


@pytest.mark.parametrize("fault", FAULTS[4:6], ids=lambda fault: fault.kind)
def test_the_first_cure_knows_whether_the_wheels_are_swapped_as_well(fault: Fault) -> None:
    right = 0
    for seed in range(10):
        move, kind, what_to_do = drive(seed, 10, fault.wires, fault.wires, 0)[0]
        assert kind == fault.kind and move <= 10
        right += what_to_do == cure(fault.cure)
    assert right >= 9


def test_a_fault_that_comes_later_is_named_as_well() -> None:
    (news,) = drive(0, 70, np.eye(2), STANDING, 45)
    assert news[0] > 45 and news[1] == "no-response"


def test_a_fault_that_is_mended_while_the_robot_drives_is_withdrawn() -> None:
    for seed in range(5):
        news = drive(seed, 40, STANDING, np.eye(2), 12)
        assert [kind for _, kind, _ in news] == ["no-response", ""]


def test_a_fault_that_stays_is_not_withdrawn() -> None:
    for wires in (STANDING, np.diag([1.0, 0.0]), np.diag([0.0, 1.0])):
        assert len(drive(4, 60, wires, wires, 0)) == 1
