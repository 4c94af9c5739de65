"""The worker's robot: its detector is opened once, and obeys between two looks and pulses."""

import os
from multiprocessing.connection import Connection

import numpy as np
import pytest

from robot_agent.build.robot import make_detector
from robot_agent.errors import SettingsError
from robot_agent.settings.config import load
from server.worker import robots
from server.worker.events import EpisodeLooks
from server.worker.frames import Frames
from server.worker.outbox import Outbox


@pytest.fixture
def robot():
    """A worker's robot whose messages go nowhere."""
    outbox = Outbox(Connection(os.open(os.devnull, os.O_RDWR)))
    return robots.WorkerRobot(Frames(outbox), EpisodeLooks(), lambda: False)


def test_a_detector_is_opened_once_for_the_same_settings_and_an_unfit_one_leaves_it(robot, monkeypatch):
    opened = []

    def make(config):
        opened.append(config.vision.detector)
        if config.vision.detector == "objects":
            raise SettingsError("no model")
        return make_detector(config)

    monkeypatch.setattr(robots, "make_detector", make)
    kept = robot.detector(robot.config)
    for _ in range(3):
        robot.show()
        assert robot.detector(load(None, {"task": {"goal": [5, 9]}})) is kept
    assert opened == ["color"]
    frame = np.zeros((240, 320, 3), np.uint8)
    with pytest.raises(SettingsError):
        robot.choose_detector(load(None, {"vision": {"detector": "objects"}}), frame)
    assert robot.detector(robot.config) is kept
    robot.choose_detector(load(None, {"vision": {"detector": "marker"}}), frame)
    robot.show()
    assert opened == ["color", "objects", "marker"]
