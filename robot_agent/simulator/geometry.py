"""The one arc and the one projection: how wheels move a robot, and where its camera sees the target.

Every function takes numbers or arrays of any shapes that broadcast. The precision of arrays is kept.

A place is one complex number in the robot's own frame, metres: real part forward, imaginary part to the
right. So `abs(place)` is the distance, the angle of `place` is the bearing (radians, positive to the
right), and a turn is a multiplication. A turn is in radians, positive to the left, as a heading grows.

The camera is a pinhole above the axle. A focal length f is in slices: a ray at the angle a to the right of
the camera's axis meets the picture f tan(a) slices to the right of its middle. The target is an upright
cylinder, so it looks the same from every side. Two rays touch it: these are its edges.
"""

from typing import Any, TypeAlias

import numpy as np

from vision.sight import SLICES

Real: TypeAlias = Any
"""A real number, or an array of them."""
Complex: TypeAlias = Any
"""A complex number, or an array of them."""

NARROWEST = 0.25
"""Half the width, in slices, of the narrowest target whose distance is estimated."""

# Zero-dimensional arrays: NumPy is twice as fast with them as with Python's numbers, which a small fleet
# notices.
_HALF, _TINY, _LEAST = (np.array(x, np.float32) for x in (0.5, 1e-12, 1e-6))


def arc(left: Real, right: Real, wheel_base: Real) -> tuple[Real, Real]:
    """Return length (m) and turn (radians) of the arc driven when the wheels go `left` and `right` metres."""
    return np.asarray(left + right) * _HALF, (right - left) * (1 / wheel_base)


def wheel_ways(length: Real, turn: Real, wheel_base: Real) -> tuple[Real, Real]:
    """Return how far the left and the right wheel go on an arc, m: the inverse of `arc`."""
    half = turn * wheel_base / 2
    return length - half, length + half


def drive(place: Complex, length: Real, turn: Real, out: Complex | None = None) -> Complex:
    """Return a place as seen from the robot after it has driven an arc.

    An arc of length s that turns by 2h ends at the end of its chord. The chord is s sin(h) / h long and
    points h to the left. So place' = (place e^(ih) - s sin(h) / h) e^(ih).

    Args:
        place: the place, seen from the robot before it drives.
        length: of the arc, m; negative is backwards.
        turn: angle by which the robot turns to the left, radians.
        out: array for the result, which may be `place` itself; a new array if not given.
    """
    h = np.asarray(turn) * _HALF + _TINY  # 1e-12 avoids 0 / 0; it is far below any turn that matters
    unit = np.empty(h.shape, np.complex64 if h.dtype == np.float32 else np.complex128)
    unit.real, unit.imag = np.cos(h), np.sin(h)
    chord = length * unit.imag
    chord /= h
    after = np.multiply(place, unit, out=out)
    after = np.subtract(after, chord, out=out)
    return np.multiply(after, unit, out=out)


def drive_slopes(place: Complex, length: Real, turn: Real) -> tuple[Complex, Complex, Complex, Complex]:
    """Return what `drive` returns, and its derivatives by the place, by the length, and by the turn.

    With the turn t = 2h and E = sin(h) / h e^(ih), place' = place e^(it) - s E. So
    dE/dt = ((cos(h) - sin(h) / h) / h + i sin(h) / h) e^(ih) / 2.
    """
    h = np.asarray(turn) * _HALF + _TINY
    cos, sin = np.cos(h), np.sin(h)
    ratio = sin / h
    unit = cos + 1j * sin
    around, chord = unit * unit, unit * ratio
    by_turn = 1j * place * around - (0.5 * length) * unit * ((cos - ratio) / h + 1j * ratio)
    return place * around - length * chord, around, -chord, by_turn


def stop_at_target(place: Complex, nearest: Real, out: Complex | None = None) -> Complex:
    """Return the target's place, at least `nearest` m away: a robot stops when it touches its target."""
    distance = np.abs(place)
    distance += _TINY
    return np.multiply(place, nearest / np.minimum(distance, nearest), out=out)


def focal_length(field_of_view: Real) -> Real:
    """Return the focal length, in slices, of a camera with this horizontal field of view, radians."""
    return SLICES / 2 / np.tan(np.asarray(field_of_view) / 2)


def angle_at(column: Real, focal: Real) -> Real:
    """Return the angle, radians to the right of the camera's axis, at which a column is seen.

    A column is a place in the picture in slices from its left, with fractions. The middle of slice x is
    the column x + 0.5.
    """
    return np.arctan((column - SLICES / 2) / focal)


class Projection:
    """The projection of one camera and its target, or of N cameras and N targets as arrays that broadcast."""

    def __init__(self, radius: Real, focal: Real, to_camera: Complex | None = None) -> None:
        """Describe camera and target.

        Args:
            radius: radius of the target, m.
            focal: focal length of the camera, in slices; or in pixels, and edges are in pixels then.
            to_camera: e^(-i yaw) if the camera is turned by `yaw` to the right of the robot's heading.
        """
        self.focal, self.to_camera = focal, to_camera
        self._square = radius * radius
        self._sides = -radius, radius

    def edges(self, place: Complex) -> Real:
        """Return how far to the right of the picture's middle the target's left and right edge are.

        An edge at 90 degrees or more from the camera's axis would be infinitely far away: the result is then
        some millions.

        Args:
            place: middle of the target, seen from the camera's place along the robot's heading, m.

        Returns:
            Slices, not cut to the picture, shape (2, ...).
        """
        distance = np.abs(place)
        if self.to_camera is not None:
            place = place * self.to_camera
        # A ray that touches the cylinder is turned by asin(r / D) to either side of its middle.
        forward = np.sqrt(np.maximum(distance * distance - self._square, _LEAST))
        rays = np.empty((2, *forward.shape), np.asarray(place).dtype)
        rays.real, sides = forward, rays.imag
        sides[0], sides[1] = self._sides
        rays = rays * place
        columns = rays.imag / np.maximum(rays.real, _LEAST)
        columns *= self.focal
        return columns


def half_angle(distance: Real, radius: Real) -> Real:
    """Return half the angle between the target's edges, asin(r / D), radians.

    The derivative of the result by ln D is minus the tangent of the result. The ratio r / D is clipped to
    [0.000001, 0.95].
    """
    return np.arcsin(np.clip(radius / distance, 1e-6, 0.95))


def place_of_edges(left: Real, right: Real, radius: Real, focal: Real) -> tuple[Real, Real]:
    """Return distance (m) and bearing (radians) of a target, by the columns of its edges.

    This is the inverse of `Projection.edges`, for edges that are in the picture. If the picture cuts off the
    target, the true distance is at most the one returned.
    """
    first, last = angle_at(left, focal), angle_at(right, focal)
    half = np.maximum((last - first) / 2, NARROWEST / focal)
    return radius / np.sin(half), (first + last) / 2
