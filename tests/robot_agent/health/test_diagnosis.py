"""Gross faults are named first, and only where there are any."""

import numpy as np
import pytest

from robot_agent.health.diagnosis import (
    FAULTS,
    Diagnosis,
    Episode,
    Fault,
    diagnose,
)
from robot_agent.identification.fleet import ModelRobot
from robot_agent.identification.parameters import DEVIATION, HIGH, LOW, MEAN, NAMES
from robot_agent.identification.pilot import KnowingPilot, ends_of
from robot_agent.motors.motors import Pulse

MOVES = 10


def first_moves(wires: np.ndarray | None, seed: int) -> list[Episode]:
    """Some robot's first moves with the policy that ships."""
    rng = np.random.default_rng(seed)
    theta = np.clip(MEAN + 0.7 * DEVIATION * rng.standard_normal(len(NAMES)), LOW, HIGH)
    robot, pilot, episodes = ModelRobot(theta, seed, wires=wires), KnowingPilot.shipped("wheels"), []
    while sum(len(episode.moves) for episode in episodes) < MOVES:
        robot.reset()
        sight, moves = robot.look(), []
        first = ends_of(sight)
        pilot.knowledge.begin(first)
        while sight is not None and len(moves) < MOVES:
            pulse = pilot.decide(sight)
            robot.act(pulse.left, pulse.right, pulse.seconds)
            sight = robot.look()
            pilot.knowledge.observe(pulse, ends_of(sight))
            moves.append((pulse, ends_of(sight)))
        episodes.append(Episode(first, moves))
    return episodes


@pytest.mark.parametrize("fault", FAULTS[:3] + FAULTS[4:6], ids=lambda fault: fault.kind)
def test_each_gross_fault_is_named(fault: Fault) -> None:
    named = [diagnose(first_moves(fault.wires, seed)) for seed in range(6)]
    right = [finding for finding in named if finding is not None and finding.kind == fault.kind]
    wrong = [finding.kind for finding in named if finding is not None and finding.kind != fault.kind]
    assert len(right) >= 5
    assert wrong == []
    assert all(finding.sure > 0.97 and finding.cure for finding in right)


def test_a_sound_robot_has_no_gross_fault() -> None:
    assert [diagnose(first_moves(None, seed)) for seed in range(100, 110)] == [None] * 10


def test_nothing_is_said_before_there_are_moves() -> None:
    doctor = Diagnosis()
    doctor.begin((10, 20))
    doctor.observe(Pulse(1.0, 1.0, 0.3), None)
    assert doctor.finding is None
