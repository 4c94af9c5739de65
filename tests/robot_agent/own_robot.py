"""A robot of one's own, as small as it can be: run with --robot own_robot:build.

It needs a camera with read() and motors with pulse() and stop(). This one lends its body from the
simulator and writes down what its wheels did; a real one would talk to its own hardware.
"""

import numpy as np

from robot_agent.identification.fleet import ModelRobot
from robot_agent.identification.parameters import INDEX, MEAN
from robot_agent.simulator import SimulatedRobot
from robot_agent.simulator.physics import Physics


class Recorder:
    """Camera and motors in one; `reset` is optional and brings it to a new start."""

    def __init__(self, physics: Physics | None = None) -> None:
        self.inside = SimulatedRobot(seed=11, physics=physics)
        self.camera = self.motors = self
        self.pulses: list[tuple[float, float, float]] = []
        self.stops = 0
        self.blind = False
        self.fail: tuple[str, BaseException] | None = None

    def read(self):
        self._maybe_fail("read")
        frame = self.inside.read()
        return np.zeros_like(frame) if self.blind else frame

    def pulse(self, left: float, right: float, seconds: float) -> None:
        self._maybe_fail("pulse")
        self.inside.pulse(left, right, seconds)
        self.pulses.append((left, right, seconds))

    def stop(self) -> None:
        self.stops += 1

    def reset(self) -> None:
        self.inside.reset()

    def _maybe_fail(self, where: str) -> None:
        if self.fail is not None and self.fail[0] == where:
            raise self.fail[1]


def build() -> Recorder:
    """Make the robot: what --robot own_robot:build calls."""
    return Recorder()


def build_weak() -> Recorder:
    """Make one whose left motor is 30 % weaker."""
    return Recorder(Physics(left_gain=0.7, asymmetry=0.0))


class Swapped(Recorder):
    """The wires of its motors are swapped."""

    def pulse(self, left: float, right: float, seconds: float) -> None:
        super().pulse(right, left, seconds)


def build_without_wheels() -> object:
    """Make a robot that cannot drive, to see it refused."""
    robot = Recorder()
    robot.motors = object()  # type: ignore[assignment]
    return robot


def build_broken() -> object:
    """Fail, as a robot does whose hardware is not there."""
    raise OSError("There are no wheels today; plug them in.")


class Quick:
    """One of the robot model, whose camera draws a red bar as the target; `wires` as in `ModelRobot`."""

    def __init__(self, wires: np.ndarray | None = None) -> None:
        theta = MEAN.copy()
        theta[INDEX["ratio"]] = -0.3
        self.inside = ModelRobot(theta, 3, wires=wires)
        self.camera = self.motors = self

    def read(self):
        frame = np.full((120, 168, 3), 190, np.uint8)
        if (sight := self.inside.look()) is not None:
            frame[30:90, 4 * sight.x1 : 4 * (sight.x2 + 1)] = (30, 30, 200)
        return frame

    def pulse(self, left: float, right: float, seconds: float) -> None:
        self.inside.act(left, right, seconds)

    def stop(self) -> None:
        pass

    def reset(self) -> None:
        self.inside.reset()


def quick_standing() -> Quick:
    """Make one whose wheels do not turn."""
    return Quick(np.zeros((2, 2)))
