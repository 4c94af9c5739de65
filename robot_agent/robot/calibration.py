"""A robot's own numbers, measured with its wheels and its camera.

Everything is measured at a target of known width. The edges of its sight are angles: two sights, before and
after a drive, say how far the robot turned and how much nearer it came. A number is returned only where the
sights show that the robot really moved: a robot that stands still gets no numbers.
"""

import cmath
import math
import statistics
from dataclasses import dataclass

import numpy as np

from robot_agent.errors import RobotAgentError
from robot_agent.robot.robot import Robot
from robot_agent.robot.search import Drive
from robot_agent.robot.tracking import Place, place_of_edges
from robot_agent.simulator import kinematics, projection
from robot_agent.simulator.physics import Physics
from vision.sight import SLICES, Sight

TRIED_TURN = 0.15
"""Angle, radians, of the trial turn that checks whether the wheels are connected correctly."""

WHEELS = "see with 'robot-agent calibrate wheels' that both wheels turn, and to the right side"
"""End of the error when the robot did not move as commanded: what to do."""


class CalibrationError(RobotAgentError, RuntimeError):
    """The measurement failed; the text says what to change."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Summary of several sights taken from one place, and how much they differ."""

    sight: Sight
    """Median of x1, and median of x2."""
    slices: int
    """Largest difference between two of these sights at the same end, in slices."""
    edges: tuple[float, float]
    """Mean of x1, and mean of x2, in slices with fractions."""


def sights(robot: Robot, pictures: int = 5) -> Spread:
    """Take pictures from where the robot stands and sum up what is seen in them.

    Raises:
        CalibrationError: the target is missing in most of the pictures.
    """
    seen = [sight for sight in (robot.look() for _ in range(pictures)) if sight is not None]
    if 2 * len(seen) <= pictures:
        raise CalibrationError(
            f"The target is seen in {len(seen)} of {pictures} pictures; put it into view, give it light, "
            "and see with 'robot-agent look' that it is found."
        )
    ends = [sight.x1 for sight in seen], [sight.x2 for sight in seen]
    median = Sight(*(int(statistics.median_low(end)) for end in ends))
    means = statistics.fmean(ends[0]), statistics.fmean(ends[1])
    return Spread(median, max(max(end) - min(end) for end in ends), means)


def whole(spread: Spread) -> Spread:
    """Return `spread` unchanged if both edges of the target are inside the picture.

    Raises:
        CalibrationError: the target reaches the edge of the picture, so its width is unknown.
    """
    if spread.sight.x1 == 0 or spread.sight.x2 == SLICES - 1:
        raise CalibrationError(
            f"The target reaches the edge of the picture (slices {spread.sight.x1} to {spread.sight.x2}); "
            "put the robot farther away, or turn it to the target."
        )
    return spread


def measure_place(robot: Robot, physics: Physics) -> Place:
    """Measure distance and bearing of the target from where the robot stands."""
    return place_of_edges(*whole(sights(robot, 9)).edges, physics)


def check_turn(robot: Robot, physics: Physics) -> None:
    """Turn a little towards the target and back, and check that the robot turned.

    Raises:
        CalibrationError: the robot stood still or turned the other way, as with swapped motors.
    """
    drive = Drive(robot, physics, power=0.4)
    before = measure_place(robot, physics).bearing
    side = math.copysign(TRIED_TURN, before)  # towards the target, which so stays in the picture
    drive.arc(0.0, side)
    _turned(before - measure_place(robot, physics).bearing, side)
    drive.arc(0.0, -side)


def _turned(turned: float, asked: float) -> None:
    """Raise CalibrationError if the robot turned less than a quarter of the commanded angle.

    Both are in radians, positive to the right. A turn to the wrong side counts as too small.
    """
    if turned / asked < 0.25:
        words = f"{math.degrees(turned):+.0f} degrees instead of {math.degrees(asked):+.0f}"
        raise CalibrationError(f"The robot turned by {words} (right is plus); {WHEELS}. Nothing was changed.")


def measure_field_of_view(robot: Robot, physics: Physics, *, width: float, distance: float) -> float:
    """Measure the camera's horizontal field of view, radians, by turning a little to either side.

    A single picture gives the target's width only to a whole slice. The robot takes pictures at several
    angles; the rounding differs from picture to picture, so the mean over all of them is finer.

    Args:
        robot: a robot that stands before the target and faces it.
        physics: the robot's speed and wheel base, from which the turns are computed.
        width: diameter of the target, m.
        distance: from the camera to the target's centre, m.
    """
    if not 0 < width < 2 * distance:
        raise CalibrationError(
            f"A target {width} m wide cannot be {distance} m away; give both in metres, the distance from "
            "the camera to the target's centre."
        )
    angle = 2 * math.asin(width / 2 / distance)
    first = whole(sights(robot, 3)).sight
    if abs(first.x1 + first.x2 - (SLICES - 1)) > 10:
        raise CalibrationError("The target is not in the middle of the picture; turn the robot to it.")
    # Turn only so far that the target stays in the picture, and by 0.25 radians at most.
    side = min(0.25, 0.4 * angle * min(first.x1, SLICES - 1 - first.x2) / (first.x2 - first.x1 + 1))
    drive = Drive(robot, physics, power=0.4)
    drive.arc(0.0, -side)
    ends = []
    for number in range(11):
        if number:
            drive.arc(0.0, side / 5)
        spread = whole(sights(robot, 3))
        ends.append([edge + 0.5 for edge in spread.edges])
    drive.arc(0.0, -side)
    focal = _focal_length(ends, angle)
    middles = [projection.angle_at((left + right) / 2, focal) for left, right in (ends[0], ends[-1])]
    _turned(float(middles[0] - middles[1]), 2 * side)
    return 2 * math.atan(SLICES / 2 / focal)


def _focal_length(ends: list[list[float]], angle: float) -> float:
    """Find the focal length, in slices, at which the mean angle between the edges is `angle`, radians."""
    low, high = SLICES / 20, SLICES * 10.0
    for _ in range(60):
        focal = math.sqrt(low * high)
        left, right = projection.angle_at(np.array(ends), focal).T
        low, high = (low, focal) if float((right - left).mean()) < angle else (focal, high)
    return focal


def trims(turn: float, way: float, wheel_base: float) -> tuple[float, float]:
    """Return factors of the left and the right wheel's power that make the robot drive straight.

    The factor of the weaker wheel is 1.

    Args:
        turn: angle by which a drive that should have been straight turned to the right, radians.
        way: length of that drive, m.
        wheel_base: distance between the wheels, m.
    """
    left, right = kinematics.wheel_ways(way, -turn, wheel_base)
    if min(left, right) <= 0:
        words = f"The robot turned by {math.degrees(turn):.0f} degrees instead of driving"
        raise CalibrationError(f"{words}; {WHEELS}.")
    weaker = min(left, right)
    return weaker / left, weaker / right


def turn_between(before: Place, after: Place, way: float) -> float:
    """Return the angle by which a drive of `way` metres turned to the right, radians.

    The result is the turn of that arc which explains the bearing of the target after the drive.
    """
    start = cmath.rect(before.distance, before.bearing)
    turn = 0.0
    for _ in range(60):
        turn += 0.7 * (cmath.phase(complex(kinematics.drive(start, way, -turn))) - after.bearing)
    return turn


@dataclass(frozen=True, slots=True)
class Straight:
    """Result of a drive that should have been straight."""

    turn: float
    """Angle by which the robot turned to the right, radians."""
    closer: float
    """How much nearer to the target the robot came, estimated from its sights, m."""


def drive_straight(robot: Robot, physics: Physics, *, power: float, seconds: float) -> Straight:
    """Drive with both wheels at `power`, a share of full speed, and measure the turn and the way."""
    before = measure_place(robot, physics)
    robot.act(power, power, seconds)
    after = measure_place(robot, physics)
    turn = turn_between(before, after, power * seconds * physics.full_speed)
    return Straight(turn, before.distance - after.distance)


def check_ways(drives: list[Straight], way: float) -> None:
    """Check that drives of `way` metres brought the robot as much nearer to the target as expected.

    Raises:
        CalibrationError: the mean gain in distance is below 0.4 or above 2 times `way`.
    """
    closer = statistics.fmean(drive.closer for drive in drives)
    words = f"The robot came {100 * closer:+.0f} cm nearer to the target in drives of {100 * way:.0f} cm"
    if closer < 0.4 * way:
        raise CalibrationError(f"{words}; {WHEELS}, or put it nearer to the target. Nothing was changed.")
    if closer > 2 * way:
        raise CalibrationError(f"{words}; measure its speed first with 'robot-agent calibrate speed'.")
