"""Somebody's own robot: adapted once; whatever its code does wrong is one sentence with the line."""

import signal

import numpy as np
import pytest
from own_robot import build

from robot_agent import signals
from robot_agent.errors import Halted, RobotFailedError
from robot_agent.robot.hardware import CameraAndMotors, NoCamera, NoWheels, RealRobot
from robot_agent.robot.own import OwnRobot, adapt
from robot_agent.robot.robot import Robot, open_hardware
from robot_agent.simulator import SimulatedRobot
from vision.cameras.camera import CameraFault
from vision.detectors.color import ColorDetector


class Least:
    """A camera and motors, and nothing else."""

    def __init__(self) -> None:
        self.camera = self.motors = self
        self.picture = np.zeros((60, 84, 3), np.uint8)

    def read(self):
        return self.picture

    def pulse(self, left, right, seconds):
        pass

    def stop(self):
        pass


def test_what_is_complete_stays_and_what_is_not_is_adapted():
    simulated, real = SimulatedRobot(seed=1), RealRobot(NoCamera(), NoWheels())
    assert adapt(simulated) is simulated
    assert adapt(real) is real
    least: CameraAndMotors = Least()
    own = adapt(least)
    assert isinstance(own, OwnRobot)
    assert not own.can_reset
    own.reset(), own.seed(1), own.set_state({"a": 1}), own.close()
    assert own.get_state() == {}
    assert adapt(own) is own
    assert adapt(build()).can_reset
    assert open_hardware("own_robot:build", seed=3).can_reset


async def _later(*arguments):
    pass


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (KeyError("pins"), "KeyError: 'pins'"),
        (OSError("could not open port"), "could not open port"),
        (SystemExit(3), "ended the program"),
    ],
)
def test_a_failure_of_its_code_names_the_line(failure, words):
    body = build()
    body.fail = "pulse", failure
    with pytest.raises(RobotFailedError, match=r"motors.pulse\(\).*of own_robot.py") as raised:
        Robot(body, ColorDetector()).act(0.1, 0.1, 0.1)
    assert words in str(raised.value)
    assert body.stops == 1


@pytest.mark.parametrize(
    "failure", [Halted("An emergency stop is latched."), CameraFault("Black.", kind="black")]
)
def test_what_has_its_sentence_passes_through(failure):
    body = build()
    body.fail = "read", failure
    with pytest.raises(type(failure)) as raised:
        Robot(body, ColorDetector()).look()
    assert raised.value is failure


@pytest.mark.parametrize(
    "picture", [None, (True, np.zeros((60, 84, 3), np.uint8)), np.zeros((60, 84, 3)), [[1]]]
)
def test_a_picture_that_is_none_is_refused(picture):
    body = Least()
    body.picture = picture
    with pytest.raises(RobotFailedError, match=r"camera.read\(\) returned no frame; let it return an array"):
        Robot(body, ColorDetector()).look()


def test_methods_that_are_asynchronous_or_take_other_arguments_are_refused():
    body = Least()
    body.pulse = _later
    with pytest.raises(RobotFailedError, match=r"pulse\(\) is asynchronous"):
        Robot(body, ColorDetector()).act(0.1, 0.1, 0.1)
    body.pulse = lambda left, right: None
    with pytest.raises(RobotFailedError, match=r"pulse\(\) failed: TypeError.*line \d+ of test_own.py"):
        Robot(body, ColorDetector()).act(0.1, 0.1, 0.1)


def ended_by_a_signal() -> None:
    signal.raise_signal(signal.SIGTERM)


def test_a_signal_that_strikes_in_somebodys_own_code_ends_the_program_and_is_no_fault_of_that_code(
    monkeypatch,
):
    robot = Least()
    robot.pulse = lambda *_: ended_by_a_signal()  # type: ignore[method-assign]
    monkeypatch.setattr(signals, "_asked", [])
    before = signal.signal(signal.SIGTERM, signals._leave)
    try:
        for ends in (
            lambda: adapt(robot).motors.pulse(0, 0, 0),
            lambda: open_hardware(f"{__name__}:ended_by_a_signal"),
        ):
            with pytest.raises(SystemExit) as left:
                ends()
            assert left.value.code == 128 + signal.SIGTERM
    finally:
        signal.signal(signal.SIGTERM, before)
