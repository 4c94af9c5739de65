"""The pilot of the shipped policy, in a loop of one's own."""

from pathlib import Path

import numpy as np
import pytest

import robot_agent.identification
from robot_agent.identification.pilot import KnowingPilot
from robot_agent.pilot import Pilot
from robot_agent.simulator import SimulatedRobot
from robot_agent.simulator.physics import Physics

SHIPPED = Path(robot_agent.identification.__file__).parent / "shipped"


def drive(robot: SimulatedRobot, pilot: Pilot, episodes: int, *, swapped: bool = False) -> list[bool]:
    reached = []
    for _ in range(episodes):
        robot.reset()
        pilot.begin()
        for _ in range(20):
            pulse = pilot(robot.read())
            if pulse is None or pilot.is_there():
                break
            wheels = (pulse.right, pulse.left) if swapped else (pulse.left, pulse.right)
            robot.pulse(*wheels, pulse.seconds)
        reached.append(pilot.is_there())
    return reached


@pytest.mark.parametrize("file", [None, SHIPPED / "wheels.safetensors", SHIPPED / "curvature.safetensors"])
def test_without_a_policy_of_ones_own_it_drives_and_learns_what_the_robot_is(file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pilot = Pilot.load(file)
    robot = SimulatedRobot(seed=1, physics=Physics(left_gain=0.7, asymmetry=0.0))
    assert sum(drive(robot, pilot, 10)) >= 9
    assert isinstance(pilot.policy, KnowingPilot)
    ratio = pilot.policy.knowledge.estimate["ratio"]
    assert 0.6 < np.exp(ratio) < 0.8


def test_it_finds_swapped_wires(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pilot = Pilot.load()
    assert sum(drive(SimulatedRobot(seed=2), pilot, 10, swapped=True)) >= 8
    assert isinstance(pilot.policy, KnowingPilot)
    assert pilot.policy.knowledge.wiring == (True, 1, 1)


def test_what_is_seen_after_the_goal_or_nothing_is_not_taken_for_the_effect_of_a_pulse(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pilot, robot = Pilot.load(), SimulatedRobot(seed=3)
    assert isinstance(pilot.policy, KnowingPilot)
    knowledge = pilot.policy.knowledge
    pilot(robot.read())
    assert knowledge.moves == 0, "no move before the first frame"
    assert pilot(np.full((240, 320, 3), 128, np.uint8)) is None
    assert knowledge.moves == 1, "losing the target is learned from"
    pilot(robot.read())
    assert knowledge.moves == 1, "how it came back nobody knows"
