"""What the worker shows of its robot: a fault first, and no numbers of a robot that does not obey."""

from multiprocessing import Pipe
from pathlib import Path

import numpy as np

from robot_agent.identification.fleet import ModelRobot
from robot_agent.identification.parameters import MEAN
from robot_agent.identification.pilot import KnowingPilot
from robot_agent.settings.config import load
from server.worker.knowing import Knowing
from server.worker.outbox import Outbox


def test_a_robot_that_stands_gets_a_cure_and_no_numbers(tmp_path: Path) -> None:
    server, worker = Pipe()
    knowing = Knowing(Outbox(worker))
    knowing.open(load(None, {"robot": "mine:Robot", "store": tmp_path / "runs.db"}))
    robot, pilot = ModelRobot(MEAN, 1, wires=np.zeros((2, 2))), KnowingPilot.shipped("wheels")
    sight = robot.look()
    knowing.learn(None, sight)
    for _ in range(7):
        assert sight is not None and not knowing.message().fault
        pulse = pilot.decide(sight)
        robot.act(pulse.left, pulse.right, pulse.seconds)
        sight = robot.look()
        knowing.learn(pulse, sight)
    shown = knowing.message()
    assert (
        "what it sees has not changed" in shown.fault and "robot-agent look --robot mine:Robot" in shown.fault
    )
    assert shown.moves == 7 and shown.words == []
    worker.close()
    sent = []
    while server.poll():
        try:
            sent.append(server.recv_bytes())
        except EOFError:
            break
    assert sum(b'"notice"' in one and b"not changed" in one for one in sent) == 1
