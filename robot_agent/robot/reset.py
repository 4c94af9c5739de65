"""How an episode begins on a real floor: a person puts the robot there, or it goes there by itself.

The simulator puts its robots where it wants them. A real one has driven up to its target, or past it:
`BackAndSearch` turns until it sees the target again, backs off in short random arcs to a random
distance, and turns to a random bearing. It measures with what it has, the width of the sight, so it
never goes farther from its target than it may, and trains unattended in a pen.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from robot_agent.errors import RobotAgentError
from robot_agent.motors.motors import MAX_PULSE_SECONDS
from robot_agent.simulator import geometry
from robot_agent.simulator.physics import Physics
from vision.sight import SLICES, Sight

Ask = Callable[[str], object]
"""Tells a person what to do, and returns when it is done."""


class TargetNotSeen(RobotAgentError, RuntimeError):
    """The target is not in view, and turning around did not find it."""


class Driver(Protocol):
    """What a start needs of a robot: see `Robot`."""

    def look(self) -> Sight | None:
        """Take a picture and find the target in it; None when nothing is seen."""

    def act(self, left: float, right: float, seconds: float) -> None:
        """Turn the wheels for a while."""


class Start(Protocol):
    """Brings a robot to the beginning of an episode."""

    def begin(self, robot: Driver) -> None:
        """Return when the robot stands at a start.

        Raises:
            TargetNotSeen: it does not, and nobody can help.
        """


@dataclass(frozen=True, slots=True)
class Manual:
    """A person carries the robot to each start."""

    ask: Ask

    def begin(self, robot: Driver) -> None:
        """Ask, and wait."""
        self.ask("Put the robot at a start, 0.6 to 2 m before its target and facing it.")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the target is, as estimated from a sight."""

    distance: float
    """From the camera to the target's centre, m."""
    bearing: float
    """How far the target is to the right of straight ahead, radians."""


def place_of(sight: Sight, physics: Physics) -> Place:
    """Estimate where the target of a sight is, see `place_of_edges`."""
    return place_of_edges(sight.x1, sight.x2, physics)


def place_of_edges(x1: float, x2: float, physics: Physics) -> Place:
    """Estimate where a target that fills the slices x1 to x2 is, by the width it should have.

    An edge in the outermost slice may lie beyond the picture: the target is then at least as near as this
    says.
    """
    # The true edges lie anywhere in their slices: half a slice in, on average.
    distance, bearing = geometry.place_of_edges(
        x1 + 0.5, x2 + 0.5, physics.target_radius, physics.focal_length
    )
    return Place(max(float(distance), physics.nearest), float(bearing))


class Drive:
    """Way and turn as pulses of a robot whose speed and wheel base are known."""

    def __init__(self, robot: Driver, physics: Physics, *, power: float = 0.6, lag: float = 0.0) -> None:
        """Drive `robot` with wheels at `power`, a share of full speed, at most.

        Each pulse is `lag` seconds longer, for wheels that are slow to start.
        """
        self.robot, self.physics, self.power, self.lag = robot, physics, power, lag

    def arc(self, way: float, turn: float) -> None:
        """Drive `way` metres (negative: backwards) while turning `turn` radians to the right."""
        left, right = geometry.wheel_ways(way, -turn, self.physics.wheel_base)
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


class Search:
    """Turning on the spot until the target is in view."""

    def __init__(self, physics: Physics, *, turns: int = 3) -> None:
        """Describe the search.

        Args:
            physics: what the robot is taken to be.
            turns: give up after so many full turns. Each is made in longer pulses than the one before,
                for wheels that are slow to start, but never so long that a part of the room is skipped.
        """
        self.physics, self.turns = physics, turns

    def find(self, robot: Driver, *, right_first: bool = True, lag: float = 0.0) -> Sight | None:
        """Turn until the target is seen; the robot then stands. None after all turns.

        Args:
            robot: what turns.
            right_first: which way; the side where the target was last seen is the shorter one.
            lag: seconds that each pulse is longer, see `Drive`.
        """
        drive = Drive(robot, self.physics, lag=lag)
        for number in range(self.turns):
            step = (0.4 + 0.4 * number / max(self.turns - 1, 1)) * self.physics.field_of_view
            for _ in range(math.ceil(2 * math.pi / step)):
                drive.arc(0.0, step if right_first else -step)
                if (sight := robot.look()) is not None:
                    return sight
        return None


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
            max_distance: the robot may go so far from its target, metres.
            max_pulses: after so many pulses without arriving at a start it asks for help.
            ask: whom; where there is nobody, `TargetNotSeen` is raised.
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
        drive, where = Drive(robot, self.physics, lag=self._lag), Reckoning(self.physics)
        arrived, turn, before = False, 0.0, 0.0
        for _ in range(self.max_pulses):
            first = robot.look()
            if first is None:
                turn = 0.0
                first = Search(self.physics).find(robot, right_first=self._right, lag=self._lag)
                if first is None:
                    return False
            sights = [sight for sight in (first, robot.look(), robot.look()) if sight is not None]
            bearing = sum(place_of(sight, self.physics).bearing for sight in sights) / len(sights)
            self._right = bearing > 0
            if turn:
                drive.lag = self._learn_lag(turn, before - bearing, drive.power)
            turn, before = 0.0, bearing
            if any((sight.x1 == 0) != (sight.x2 == SLICES - 1) for sight in sights):
                # Cut off at one side: how wide it is cannot be told from here.
                way = -0.15 if any(sight.x2 - sight.x1 > SLICES / 2 for sight in sights) else 0.0
                drive.arc(way, bearing)
                where.drive(way)
                turn = 0.0 if way else bearing
                continue
            distance = where.see(sights)
            gap = wanted.distance - distance
            arrived = arrived or abs(gap) <= 0.05 * (1 + wanted.distance)
            if not arrived:
                # In arcs that keep the target in view, backwards as far as there surely is room.
                way = min(-gap, 0.25) if gap < 0 else -min(gap, 0.35, self.max_distance - where.at_most)
                arrived = gap > 0 and way > -0.02
                if not arrived:
                    drive.arc(way, bearing + float(self.rng.uniform(-0.3, 0.3)))
                    where.drive(way)
            if arrived:
                # Near a wide target less of a bearing leaves all of it in the picture.
                half = float(geometry.half_angle(distance, self.physics.target_radius))
                most = max(self.physics.field_of_view / 2 - half - 0.06, 0.0)
                turn = bearing - max(-most, min(wanted.bearing, most))
                if abs(turn) <= 0.09:
                    return True
                drive.arc(0.0, turn)
        return False

    def _learn_lag(self, asked: float, turned: float, power: float) -> float:
        """Make pulses longer or shorter when a turn on the spot, radians, was not what was asked for."""
        speed = 2 * power * self.physics.full_speed / self.physics.wheel_base
        missing = (abs(asked) - math.copysign(turned, asked * turned)) / speed
        self._lag = max(0.0, min(self._lag + 0.5 * missing, 0.25))
        return self._lag


class Reckoning:
    """The distance to the target, from the widths of sights and the ways driven (Kalman 1960).

    From afar a slice more or less is half a metre; the way driven since the target was near is not.
    """

    def __init__(self, physics: Physics) -> None:
        """Know nothing yet."""
        self.physics = physics
        self.distance, self.deviation = 1.0, math.inf

    @property
    def at_most(self) -> float:
        """A distance that is hardly exceeded, m."""
        return self.distance + 2 * self.deviation

    def drive(self, way: float) -> None:
        """Take into account that the robot drove `way` metres towards the target."""
        self.distance -= way
        self.deviation = math.hypot(self.deviation, 0.1 * way)

    def see(self, sights: list[Sight]) -> float:
        """Take sights from one place into account; returns the distance, m."""
        # The mean of the widths first: distance is their inverse, which noise would skew.
        width = sum(sight.x2 - sight.x1 for sight in sights) / len(sights)
        middle = sum(sight.x1 + sight.x2 for sight in sights) / len(sights)
        seen = place_of_edges((middle - width) / 2, (middle + width) / 2, self.physics).distance
        deviation = 0.7 / math.sqrt(len(sights)) / max(width, 1.0) * seen
        trust = 1.0 if math.isinf(self.deviation) else self.deviation**2 / (self.deviation**2 + deviation**2)
        self.distance += trust * (seen - self.distance)
        self.deviation = deviation * math.sqrt(trust)
        return self.distance
