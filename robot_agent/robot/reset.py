"""How a real robot comes to the start of an episode: a person puts it there, or it drives there by itself.

The simulator can place its robots anywhere. A real robot stands close to its target after an episode, or
has passed it. `BackAndSearch` turns the robot until the target is in view, drives back in short random arcs
to a random distance, and turns to a random bearing. The distance is measured by the width of the sight, so
the robot stays within `max_distance` of its target and can train without a person.
"""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from robot_agent.errors import RobotAgentError
from robot_agent.robot.search import Drive, Driver, Search
from robot_agent.robot.tracking import DistanceTracker, Place, place_of
from robot_agent.simulator import projection
from robot_agent.simulator.physics import Physics
from vision.sight import SLICES, Sight

Ask = Callable[[str], object]
"""A function that asks a person to do something, and returns when the person has done it."""

ARRIVED = 0.05
"""Largest accepted error of the start's distance, as a share of (1 m + the distance)."""


class TargetNotSeen(RobotAgentError, RuntimeError):
    """The target is not in view, and turning on the spot did not find it."""


class Start(Protocol):
    """An object that brings a robot to the start of an episode."""

    def begin(self, robot: Driver) -> None:
        """Return when the robot stands at a start.

        Raises:
            TargetNotSeen: the robot does not find its target, and there is nobody to ask for help.
        """


def ask_at_terminal(words: str) -> None:
    """Ask a person to do something, and wait for Enter; return at once if there is no terminal."""
    if sys.stdin is not None and sys.stdin.isatty():
        input(f"{words} Then press Enter: ")


@dataclass(frozen=True, slots=True)
class Manual:
    """A person puts the robot at each start."""

    ask: Ask

    def begin(self, robot: Driver) -> None:
        """Ask the person to put the robot at a start, and wait until that is done."""
        self.ask("Put the robot at a start, 0.6 to 2 m before its target and facing it.")


class BackAndSearch:
    """The robot goes to its next start by itself, and asks only when it cannot find its target."""

    def __init__(
        self,
        physics: Physics | None = None,
        *,
        max_distance: float = 2.2,
        max_pulses: int = 60,
        ask: Ask | None = None,
        seed: int | None = None,
    ) -> None:
        """Store the limits of the starts.

        Args:
            physics: speed, wheel base, field of view and target of the robot, and the range of its
                starts: distance in metres and bearing in radians.
            max_distance: largest distance between the robot and its target, metres.
            max_pulses: number of pulses after which the robot asks for help if it is not at its start.
            ask: asks a person for help; if not given, `TargetNotSeen` is raised.
            seed: seed of the random starts.
        """
        self.physics = physics or Physics()
        self.max_distance, self.max_pulses, self.ask = max_distance, max_pulses, ask
        self.rng = np.random.default_rng(seed)
        self._right = True
        self._lag = 0.0

    def begin(self, robot: Driver) -> None:
        """Bring the robot to a random start from wherever it is."""
        nearest, farthest = self.physics.start_distance
        wanted = Place(
            float(self.rng.uniform(nearest, max(nearest, min(farthest, self.max_distance)))),
            float(self.rng.uniform(-1, 1)) * self.physics.start_bearing,
        )
        while not self._go(robot, wanted):
            if self.ask is None:
                raise TargetNotSeen(
                    "The robot cannot find its target: put it where the target is in view, and see with "
                    "'robot-agent look' that it is found."
                )
            self.ask(
                "The robot cannot find its target. Put it 0.6 to 2 m before the target, facing it, and "
                "see that nothing hides the target."
            )

    def _go(self, robot: Driver, wanted: Place) -> bool:
        """Drive to `wanted` and look after each arc; return False after `max_pulses` or without a target."""
        drive, tracker = Drive(robot, self.physics, lag=self._lag), DistanceTracker(self.physics)
        arrived, turn, before = False, 0.0, 0.0
        for _ in range(self.max_pulses):
            sights, searched = self._look(robot)
            if not sights:
                return False
            bearing = sum(place_of(sight, self.physics).bearing for sight in sights) / len(sights)
            self._right = bearing > 0
            if turn and not searched:
                drive.lag = self._learn_lag(turn, before - bearing, drive.power)
            turn, before = 0.0, bearing
            if any((sight.x1 == 0) != (sight.x2 == SLICES - 1) for sight in sights):
                # The target is cut off at one side, so its width is not known.
                way = -0.15 if any(sight.x2 - sight.x1 > SLICES / 2 for sight in sights) else 0.0
                drive.arc(way, bearing)
                tracker.drive(way)
                turn = 0.0 if way else bearing
                continue
            way = self._way(tracker.see(sights), wanted.distance, tracker.at_most)
            arrived = arrived or not way
            if not arrived:
                # A random arc that keeps the target in view.
                drive.arc(way, bearing + float(self.rng.uniform(-0.3, 0.3)))
                tracker.drive(way)
                continue
            turn = bearing - self._reachable(wanted.bearing, tracker.distance)
            if abs(turn) <= 0.09:
                return True
            drive.arc(0.0, turn)
        return False

    def _look(self, robot: Driver) -> tuple[list[Sight], bool]:
        """Look three times, with a search if nothing is seen; return the sights, and whether it searched."""
        first = robot.look()
        searched = first is None
        if first is None:
            first = Search(self.physics).find(robot, right_first=self._right, lag=self._lag)
        if first is None:
            return [], searched
        return [sight for sight in (first, robot.look(), robot.look()) if sight is not None], searched

    def _way(self, distance: float, wanted: float, at_most: float) -> float:
        """Return the next way towards the target, m; negative is backwards, 0 means arrived.

        `distance` is the present estimate, `wanted` the distance to reach, `at_most` the largest distance
        that the robot may have now.
        """
        gap = wanted - distance
        if abs(gap) <= ARRIVED * (1 + wanted):
            return 0.0
        if gap < 0:
            return min(-gap, 0.25)
        # Drive backwards only while even `at_most` is below `max_distance`.
        way = min(gap, 0.35, self.max_distance - at_most)
        return -way if way >= 0.02 else 0.0

    def _reachable(self, bearing: float, distance: float) -> float:
        """Return the bearing nearest to `bearing` at which the whole target is in the picture."""
        half = float(projection.half_angle(distance, self.physics.target_radius))
        most = max(self.physics.field_of_view / 2 - half - 0.06, 0.0)
        return max(-most, min(bearing, most))

    def _learn_lag(self, asked: float, turned: float, power: float) -> float:
        """Correct the lag after a turn on the spot (radians); return the new lag in seconds."""
        speed = 2 * power * self.physics.full_speed / self.physics.wheel_base
        missing = (abs(asked) - math.copysign(turned, asked * turned)) / speed
        self._lag = max(0.0, min(self._lag + 0.5 * missing, 0.25))
        return self._lag
