"""What a robot's own numbers are, measured with its wheels and its camera.

All of it looks at a target of known width, which is the calibration's ruler: the edges of its sight
are angles, and two sights, before and after a drive, tell by how much the robot turned.
"""

import cmath
import math
import statistics
from dataclasses import dataclass

from robot_agent.errors import RobotAgentError
from robot_agent.robot.reset import Drive, Place, place_of_edges
from robot_agent.robot.robot import Robot
from robot_agent.simulator.physics import Physics
from vision.sight import SLICES, Sight


class CalibrationError(RobotAgentError, RuntimeError):
    """It could not be measured; the text says what to change."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Sights of one place, and how far they are apart."""

    sight: Sight
    """Median of each end."""
    slices: int
    """Largest difference between two of the same end."""
    edges: tuple[float, float]
    """Mean of each end, finer than a slice where the pictures differ."""


def sights(robot: Robot, pictures: int = 5) -> Spread:
    """Take pictures from where the robot stands and sum up what is seen in them.

    Raises:
        CalibrationError: the target is missing in most of them.
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
    """Return it, if both edges of the target are in the picture.

    Raises:
        CalibrationError: one is not, so that nothing can be measured.
    """
    if spread.sight.x1 == 0 or spread.sight.x2 == SLICES - 1:
        raise CalibrationError(
            f"The target reaches the edge of the picture (slices {spread.sight.x1} to {spread.sight.x2}); "
            "put the robot farther away, or turn it to the target."
        )
    return spread


def measure_place(robot: Robot, physics: Physics, pictures: int = 9) -> Place:
    """Measure distance and bearing of the target from where the robot stands."""
    return place_of_edges(*whole(sights(robot, pictures)).edges, physics)


def measure_field_of_view(robot: Robot, physics: Physics, *, width: float, distance: float) -> float:
    """Measure the camera's horizontal field of view, radians, by turning a little to either side.

    From one place the slices tell the width of the target only roughly; while the robot turns, its
    edges fall anywhere in their slices, and the mean over the pictures is finer.

    Args:
        robot: stands before the target, facing it.
        physics: speed and wheel base, to turn by.
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
    # As far as it stays in the picture: its own width again to each side, at most.
    side = min(0.25, 0.4 * angle * min(first.x1, SLICES - 1 - first.x2) / (first.x2 - first.x1 + 1))
    drive = Drive(robot, physics, power=0.4)
    drive.arc(0.0, -side)
    ends = []
    for number in range(11):
        if number:
            drive.arc(0.0, side / 5)
        spread = whole(sights(robot, 3))
        ends.append([(edge + 0.5 - SLICES / 2) / (SLICES / 2) for edge in spread.edges])
    drive.arc(0.0, -side)
    return 2 * math.atan(_half_view(ends, angle))


def _half_view(ends: list[list[float]], angle: float) -> float:
    """Solve mean(atan(right T) - atan(left T)) = angle for T, the tangent of half the field of view."""
    low, high = 0.05, 10.0
    for _ in range(60):
        T = math.sqrt(low * high)
        seen = statistics.fmean(math.atan(right * T) - math.atan(left * T) for left, right in ends)
        low, high = (T, high) if seen < angle else (low, T)
    return T


def trims(turn: float, way: float, wheel_base: float) -> tuple[float, float]:
    """Factors of the left and the right wheel's power, 1 for the weaker, that make straight straight.

    Args:
        turn: by how much a drive that should have been straight turned to the right, radians.
        way: how long it was, m.
        wheel_base: distance between the wheels, m.
    """
    left, right = way + turn * wheel_base / 2, way - turn * wheel_base / 2
    if min(left, right) <= 0:
        raise CalibrationError(
            f"The robot turned by {math.degrees(turn):.0f} degrees instead of driving; see first with "
            "'robot-agent calibrate wheels' that both wheels turn forwards."
        )
    weaker = min(left, right)
    return weaker / left, weaker / right


def turn_between(before: Place, after: Place, way: float) -> float:
    """By how much a drive of `way` metres turned to the right, from where the target was and is; radians.

    The target was at P = forward + i right. An arc of way s that turns by t to the right puts it at
    (P - s sinc(t/2) e^(i t/2)) e^(-i t); t is what makes its bearing the one that is seen.
    """
    start = before.distance * cmath.exp(1j * before.bearing)
    turn = 0.0
    for _ in range(60):
        half = turn / 2
        chord = way * (math.sin(half) / half if half else 1.0)
        there = (start - chord * cmath.exp(1j * half)) * cmath.exp(-1j * turn)
        turn += 0.7 * (cmath.phase(there) - after.bearing)
    return turn


def drive_straight(robot: Robot, physics: Physics, *, power: float, seconds: float) -> float:
    """Drive with both wheels at a power; returns by how much it turned to the right, radians."""
    before = measure_place(robot, physics)
    robot.act(power, power, seconds)
    after = measure_place(robot, physics)
    return turn_between(before, after, power * seconds * physics.full_speed)
