"""How an episode begins on a real floor: a person puts the robot there, or it goes there by itself.

The simulator puts its robots where it wants them. A real robot has driven up to its target, or past it:
`BackAndSearch` turns until it sees the target again, backs off in short random arcs to a random distance,
and turns to a random bearing. It measures the distance by the width of the sight, so it never goes farther
from its target than it may, and trains without a person's help.
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
from robot_agent.simulator import geometry
from robot_agent.simulator.physics import Physics
from vision.sight import SLICES, Sight

Ask = Callable[[str], object]
"""Asks a person to do something, and returns when it is done."""

ARRIVED = 0.05
"""Error of the distance that is accepted at a start, as a share of (1 m + the distance)."""


class TargetNotSeen(RobotAgentError, RuntimeError):
    """The target is not in view, and turning around did not find it."""


class Start(Protocol):
    """Brings a robot to the beginning of an episode."""

    def begin(self, robot: Driver) -> None:
        """Return when the robot stands at a start.

        Raises:
            TargetNotSeen: it cannot get there, and nobody can help.
        """


def ask_at_terminal(words: str) -> None:
    """Ask a person to do something, and wait for Enter. Without a terminal, this waits for nobody."""
    if sys.stdin is not None and sys.stdin.isatty():
        input(f"{words} Then press Enter: ")


@dataclass(frozen=True, slots=True)
class Manual:
    """A person puts the robot at each start."""

    ask: Ask

    def begin(self, robot: Driver) -> None:
        """Ask, and wait."""
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
        """Describe the starts.

        Args:
            physics: speed, wheel base, field of view and target of the robot, and the range of its
                starts: distance in metres and bearing in radians.
            max_distance: largest distance between the robot and its target, metres.
            max_pulses: number of pulses after which it asks for help if it has not arrived at a start.
            ask: asks a person for help; if not given, `TargetNotSeen` is raised.
            seed: of the starts.
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
        """Go to a place by arcs and looks; False when that takes too long or the target is not found."""
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
                # Cut off at one side: its width is not known from here.
                way = -0.15 if any(sight.x2 - sight.x1 > SLICES / 2 for sight in sights) else 0.0
                drive.arc(way, bearing)
                tracker.drive(way)
                turn = 0.0 if way else bearing
                continue
            way = self._way(tracker.see(sights), wanted.distance, tracker.at_most)
            arrived = arrived or not way
            if not arrived:
                # In arcs that keep the target in view.
                drive.arc(way, bearing + float(self.rng.uniform(-0.3, 0.3)))
                tracker.drive(way)
                continue
            turn = bearing - self._reachable(wanted.bearing, tracker.distance)
            if abs(turn) <= 0.09:
                return True
            drive.arc(0.0, turn)
        return False

    def _look(self, robot: Driver) -> tuple[list[Sight], bool]:
        """Look three times, and search if nothing is seen; returns the sights, and whether it searched."""
        first = robot.look()
        searched = first is None
        if first is None:
            first = Search(self.physics).find(robot, right_first=self._right, lag=self._lag)
        if first is None:
            return [], searched
        return [sight for sight in (first, robot.look(), robot.look()) if sight is not None], searched

    def _way(self, distance: float, wanted: float, at_most: float) -> float:
        """Return how far to drive towards the target to be `wanted` metres away; 0 at the place."""
        gap = wanted - distance
        if abs(gap) <= ARRIVED * (1 + wanted):
            return 0.0
        if gap < 0:
            return min(-gap, 0.25)
        # Backwards only while the robot is surely near enough.
        way = min(gap, 0.35, self.max_distance - at_most)
        return -way if way >= 0.02 else 0.0

    def _reachable(self, bearing: float, distance: float) -> float:
        """Return the bearing nearest to the wanted one that leaves all of the target in the picture."""
        half = float(geometry.half_angle(distance, self.physics.target_radius))
        most = max(self.physics.field_of_view / 2 - half - 0.06, 0.0)
        return max(-most, min(bearing, most))

    def _learn_lag(self, asked: float, turned: float, power: float) -> float:
        """Make pulses longer or shorter when a turn on the spot, radians, was not what was asked for."""
        speed = 2 * power * self.physics.full_speed / self.physics.wheel_base
        missing = (abs(asked) - math.copysign(turned, asked * turned)) / speed
        self._lag = max(0.0, min(self._lag + 0.5 * missing, 0.25))
        return self._lag
