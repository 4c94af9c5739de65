"""Search for the target by turning on the spot, and drive arcs given by length and turn."""

import math
from typing import Protocol

from robot_agent.motors.motors import MAX_PULSE_SECONDS
from robot_agent.simulator import kinematics
from robot_agent.simulator.physics import Physics
from vision.sight import Sight


class Driver(Protocol):
    """A robot as the search needs it: it can look and drive; see `Robot`."""

    def look(self) -> Sight | None:
        """Take a picture and find the target in it; None when nothing is seen."""

    def act(self, left: float, right: float, seconds: float) -> None:
        """Turn the wheels for a while."""


class Drive:
    """Drives arcs, given by length and turn, as pulses of a robot of known speed and wheel base."""

    def __init__(self, robot: Driver, physics: Physics, *, power: float = 0.6, lag: float = 0.0) -> None:
        """Drive `robot` with at most `power` on each wheel, a share of full speed.

        Each pulse is `lag` seconds longer, for wheels that are slow to start.
        """
        self.robot, self.physics, self.power, self.lag = robot, physics, power, lag

    def arc(self, way: float, turn: float) -> None:
        """Drive `way` metres (negative: backwards) while turning `turn` radians to the right."""
        left, right = kinematics.wheel_ways(way, -turn, self.physics.wheel_base)
        longest = max(abs(left), abs(right))
        if longest < 1e-4:
            return
        seconds = longest / (self.power * self.physics.full_speed)
        pulses = math.ceil(seconds / MAX_PULSE_SECONDS)
        for _ in range(pulses):
            self.robot.act(
                self.power * left / longest,
                self.power * right / longest,
                min(seconds / pulses + self.lag, MAX_PULSE_SECONDS),
            )


TURNS = 3
"""Number of full turns after which a search gives up.

Each full turn uses longer pulses than the one before, for wheels that are slow to start. No pulse is so long
that the camera skips a part of the surroundings.
"""


class Search:
    """Turns a robot on the spot until the target is in view."""

    def __init__(self, physics: Physics) -> None:
        """Plan the search for a robot with these speed, wheel base and field of view."""
        self.physics = physics

    def find(self, robot: Driver, *, right_first: bool = True, lag: float = 0.0) -> Sight | None:
        """Turn until the target is seen, stop, and return the sight; None if all turns found nothing.

        Args:
            robot: the robot to turn.
            right_first: turn to the right first; choose the side where the target was last seen.
            lag: seconds that are added to each pulse, see `Drive`.
        """
        drive = Drive(robot, self.physics, lag=lag)
        for number in range(TURNS):
            step = (0.4 + 0.4 * number / (TURNS - 1)) * self.physics.field_of_view
            for _ in range(math.ceil(2 * math.pi / step)):
                drive.arc(0.0, step if right_first else -step)
                if (sight := robot.look()) is not None:
                    return sight
        return None
