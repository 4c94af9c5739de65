"""The robot model: where the target is after a pulse, in the robot's own frame, and what the camera sees.

All functions work on arrays of any shape. The target's place is one complex number in metres, real part
forward and imaginary part to the right, measured from the camera.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robot_agent.identification.parameters import FIELD_OF_VIEW, FULL_SPEED, INDEX, TARGET_WIDTH, WHEEL_BASE
from robot_agent.simulator.kinematics import arc, drive
from vision.sight import SLICES

Floats = NDArray[Any]
"""Real numbers of either precision."""
Complex = NDArray[Any]
"""Complex numbers of either precision."""

SCALE = math.tan(FIELD_OF_VIEW / 2) / (SLICES / 2)
"""Width of a slice at distance 1, with the nominal lens."""
CONTACT = 0.06
"""Metres between the target's surface and the axle when the robot's front touches it."""
WIDEST = 0.95
"""The sine of the target's half angle is at most this: nearer, the projection has no slope."""

SPEED, RATIO, DEAD_BAND, DEAD_TIME, BASE, YAW, AHEAD, LENS = (
    INDEX[name] for name in ("speed", "ratio", "dead_band", "dead_time", "wheel_base", "yaw", "ahead", "lens")
)


def power(command: Floats, dead_band: Floats, corner: float = 0.0) -> Floats:
    """Return the speed of a wheel, a share of full speed, for a `command` in [-1, 1].

    Below the dead band the wheel stands still. A `corner` > 0 rounds this corner, so that the function has a
    slope everywhere, as a filter needs.
    """
    above = np.abs(command) - dead_band
    above = (above + np.sqrt(above * above + corner * corner)) / 2 if corner else np.maximum(above, 0)
    turned: Floats = np.sign(command) * above / (1 - dead_band)
    return turned


def ways(
    theta: Floats, left: Floats, right: Floats, seconds: Floats, corner: float = 0.0
) -> tuple[Floats, Floats]:
    """Return how far the left and the right wheel go in a pulse, m; `theta` has shape (..., parameters)."""
    far = FULL_SPEED * np.exp(theta[..., SPEED]) * np.maximum(seconds - theta[..., DEAD_TIME], 0)
    skew, band = np.exp(theta[..., RATIO] / 2), theta[..., DEAD_BAND]
    return far * skew * power(left, band, corner), far / skew * power(right, band, corner)


def moved(theta: Floats, place: Complex, left: Floats, right: Floats) -> Complex:
    """Return the target's place after the wheels of robots `theta` went `left` and `right` metres."""
    ahead = theta[..., AHEAD]
    length, turn = arc(left, right, WHEEL_BASE * np.exp(theta[..., BASE]))
    there: Complex = drive(place + ahead, length, turn) - ahead
    return there


def half_angle(log_distance: Floats) -> Floats:
    """Return half the angle that the target fills at exp(log_distance) m: asin(radius / distance), rad."""
    half: Floats = np.arcsin(np.minimum(TARGET_WIDTH / 2 * np.exp(-log_distance), WIDEST))
    return half


def edge_angles(log_distance: Floats, bearing: Floats, yaw: Floats, lens: Floats) -> tuple[Floats, Floats]:
    """Return the angles of the target's edges, radians, that a camera taken as nominal seems to show."""
    half, off, zoom = half_angle(log_distance), bearing - yaw, np.exp(-lens)
    return apparent(off - half, zoom), apparent(off + half, zoom)


def apparent(angle: Floats, zoom: Floats) -> Floats:
    """Return the angle that a lens with the magnification `zoom` shows for `angle`, radians, of any size."""
    seen: Floats = np.arctan2(np.sin(angle) * zoom, np.cos(angle))
    return seen


def angle_of_slice(x: Floats | float) -> Floats:
    """Return the angle from a nominal camera's axis, radians, of a point `x` slices from the left."""
    angle: Floats = np.arctan((np.asarray(x) - SLICES / 2) * SCALE)
    return angle


def slice_angle(angle: Floats) -> Floats:
    """Return the width of a slice at an angle, radians."""
    wide: Floats = SCALE * np.cos(angle) ** 2
    return wide
