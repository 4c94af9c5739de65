"""The sights of an episode, as the page shows them: one a look."""

from robot_agent.robot.robot import Robot
from robot_agent.simulator import SimulatedRobot
from server.worker.events import EpisodeLooks
from vision.detectors.color import ColorDetector


class Showing:
    """A detector that misses its target in the second picture, and shows each that it looks at."""

    def __init__(self, looks):
        self.looks, self.numbers, self.inner = looks, [], ColorDetector()

    def detect(self, frame):
        sight = None if len(self.numbers) == 1 else self.inner.detect(frame)
        self.numbers.append(self.looks.add(sight, None)[1])
        return sight


def test_a_picture_that_is_taken_again_is_counted_once():
    looks = EpisodeLooks()
    robot = Robot(SimulatedRobot(seed=1), Showing(looks))
    robot.retaken = looks.take_back
    robot.look()
    robot.act(0.1, 0.1, 0.1)
    robot.look()
    assert robot.detector.numbers == [0, 1, 1]
    assert len(looks.sights) == 2 and None not in looks.sights
