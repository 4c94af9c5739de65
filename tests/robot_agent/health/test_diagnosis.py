"""Gross faults are named first, and only where there are any."""

import math

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
from robot_agent.identification.parameters import DEVIATION, FIELD_OF_VIEW, HIGH, LOW, MEAN, NAMES
from robot_agent.identification.pilot import KnowingPilot, ends_of
from robot_agent.motors.motors import Pulse
from vision.sight import SLICES, Sight

MOVES = 10


def first_moves(wires: np.ndarray | None, seed: int, kind: type[ModelRobot] = ModelRobot) -> list[Episode]:
    """Some robot's first moves with the policy that ships."""
    rng = np.random.default_rng(seed)
    theta = np.clip(MEAN + 0.7 * DEVIATION * rng.standard_normal(len(NAMES)), LOW, HIGH)
    robot, pilot, episodes = kind(theta, seed, wires=wires), KnowingPilot.shipped("wheels"), []
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


class Turned(ModelRobot):
    """Its picture is turned by a quarter: from a height of 0.1 m, a target that is 0.25 m high."""

    def look(self) -> Sight | None:
        if super().look() is None:
            return None
        focal = SLICES / 2 / (0.75 * math.tan(FIELD_OF_VIEW / 2))
        ends = SLICES / 2 + focal * np.array([-0.15, 0.1]) / abs(self.world.place[0])
        first, last = np.clip(ends + 0.35 * self.world.rng.standard_normal(2), 0, SLICES - 1e-6)
        return Sight(int(first), int(last))


def test_a_picture_that_is_turned_by_a_quarter_is_named() -> None:
    named = [diagnose(first_moves(None, seed, Turned), "mine:Robot") for seed in range(6)]
    right = [one for one in named if one is not None and one.kind == "picture-turned"]
    assert len(right) >= 5
    assert "ROTATE_90_CLOCKWISE" in right[0].cure


def test_a_sound_robot_has_no_gross_fault() -> None:
    assert [diagnose(first_moves(None, seed)) for seed in range(100, 110)] == [None] * 10


def test_nothing_is_said_before_there_are_moves() -> None:
    doctor = Diagnosis()
    doctor.begin((10, 20))
    doctor.observe(Pulse(1.0, 1.0, 0.3), None)
    assert doctor.finding is None
