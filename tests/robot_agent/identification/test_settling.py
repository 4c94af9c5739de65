"""Tests of `Settling`: robots whose pictures show them before they stand."""

import numpy as np
import pytest

from robot_agent.commands.known import Session
from robot_agent.envs.rollout import play
from robot_agent.envs.task import ActionKind, Ending
from robot_agent.identification.driving import KnowingDriver
from robot_agent.identification.fleet import ModelRobot
from robot_agent.identification.parameters import INDEX, MEAN, NAMES
from robot_agent.identification.pilot import KnowingPilot
from robot_agent.robot.robot import Robot
from robot_agent.settings.config import load
from robot_agent.simulator import SimulatedRobot
from tests.robot_agent.own_robot import Quick
from vision.detectors.registry import open_detector
from vision.sight import Sight

SAID = "Pictures come late"


def nominal() -> np.ndarray:
    theta = np.zeros(len(NAMES))
    theta[-2:] = MEAN[-2:]
    theta[INDEX["dead_band"]] = 0.0
    return theta


class Late(ModelRobot):
    """What it sees lags by `age` seconds of driving; it shows the rest once it stands for a while."""

    age, blurred = 0.25, False
    coming: tuple[float, float, float] | None = None

    def act(self, left: float, right: float, seconds: float) -> None:
        if self.coming is not None:
            super().act(*self.coming)
            self.coming = None
        if left or right:
            shown = max(seconds - self.age, 0.0)
            if shown:
                super().act(left, right, shown)
            self.coming = left, right, seconds - shown

    def look(self) -> Sight | None:
        """A picture while it turns quickly may show nothing."""
        return (
            None
            if self.blurred and self.coming and abs(self.coming[0] - self.coming[1]) > 0.5
            else super().look()
        )

    def reset(self) -> None:
        self.coming = None
        super().reset()


@pytest.mark.parametrize(
    ("action", "blurred"),
    [
        ("curvature", False),
        pytest.param("curvature", True, marks=pytest.mark.slow),
        pytest.param("wheels", False, marks=pytest.mark.slow),
        pytest.param("wheels", True, marks=pytest.mark.slow),
    ],
)
def test_a_robot_that_is_seen_too_early_rests_before_its_pictures(action: ActionKind, blurred: bool) -> None:
    robot, pilot = Late(nominal(), 1), KnowingPilot.shipped(action)
    robot.blurred = blurred
    ends = []
    for _ in range(10):
        robot.reset()
        ends.append(pilot.episode(robot))
    assert [ending for ending, _ in ends[2:]] == [Ending.REACHED] * 8
    assert np.mean([moves for _, moves in ends[2:]]) < 8
    assert not pilot.knowledge.changes
    assert any(SAID in sentence for sentence in pilot.knowledge.estimate.words())


def test_who_drives_it_is_told_once(tmp_path, capsys) -> None:
    robot, pilot = Late(nominal(), 1), KnowingPilot.shipped("curvature")
    Session(load(None, {"robot": "own_robot:Late", "store": str(tmp_path / "runs.db")}), pilot)
    for _ in range(3):
        robot.reset()
        pilot.episode(robot)
    assert capsys.readouterr().err.count(SAID) == 1


@pytest.mark.slow
def test_a_robot_whose_pictures_become_late_rests_from_then_on() -> None:
    robot, pilot = Late(nominal(), 2), KnowingPilot.shipped("curvature")
    robot.age = 0.0
    ends = []
    for episode in range(20):
        robot.age = 0.3 if episode >= 8 else 0.0
        assert episode != 8 or not pilot.knowledge.settling.late
        robot.reset()
        ends.append(pilot.episode(robot)[0])
    assert sum(ending is not Ending.REACHED for ending in ends[8:18]) <= 1
    assert pilot.knowledge.settling.late


class LateOwn(Quick):
    """The same, with a camera that takes pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = Late(nominal(), 3)


def test_the_commands_rest_too() -> None:
    robot, pilot = Robot(LateOwn(), open_detector("color")), KnowingPilot.shipped("wheels")
    driver, ends = KnowingDriver(robot, pilot), []
    for _ in range(6):
        *_, last = play(driver.environment, driver.act)
        ends.append(last.ending)
    assert ends[2:] == [Ending.REACHED] * 4
    assert pilot.knowledge.settling.late


def test_pictures_that_are_in_time_are_taken_once_after_the_first_moves() -> None:
    for noise in (0.35, 1.0):
        robot, pilot = ModelRobot(nominal(), 4, vision_noise=(noise, noise)), KnowingPilot.shipped("wheels")
        for _ in range(8):
            robot.reset()
            pilot.episode(robot)
        assert not pilot.knowledge.settling.late


def test_the_simulator_is_looked_at_once() -> None:
    inside = SimulatedRobot(seed=5)
    pulses, pulse = [], inside.pulse
    inside.pulse = lambda *wanted: (pulses.append(wanted), pulse(*wanted))[1]  # type: ignore[method-assign]
    pilot = KnowingPilot.shipped("wheels")
    driver = KnowingDriver(Robot(inside, open_detector("color"), looks_again=False), pilot)
    *_, last = play(driver.environment, driver.act)
    assert len(pulses) == last.moves[0]
