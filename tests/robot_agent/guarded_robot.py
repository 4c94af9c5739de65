"""A robot whose wheels are real gpiozero devices behind a real guard, and whose room is drawn.

The simulated robot is moved by what was asked of the wheels, so its camera sees what they did. Many
seconds of its floor pass in one of the wheels', for the sake of the tests.
"""

from robot_agent.guard.client import GuardMotors
from robot_agent.simulator import SimulatedRobot

FASTER = 25.0


class GuardedRobot:
    """Drives through the guard; run with --robot guarded_robot:build and task.max_seconds = 1 / FASTER."""

    def __init__(self) -> None:
        self.room = SimulatedRobot(seed=7)
        self.wheels = GuardMotors(board="two-motor", pin_factory="recording_pins:make", ramp_seconds=0.0)
        self.camera = self.motors = self

    def read(self):
        return self.room.read()

    def pulse(self, left: float, right: float, seconds: float) -> None:
        self.wheels.pulse(left, right, seconds)
        self.room.pulse(left, right, min(FASTER * seconds, 1.5))

    def stop(self) -> None:
        self.wheels.stop()

    def reset(self) -> None:
        self.room.reset()

    def close(self) -> None:
        self.wheels.close()


def build() -> GuardedRobot:
    """Make the robot."""
    return GuardedRobot()
