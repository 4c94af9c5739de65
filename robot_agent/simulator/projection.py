"""The one projection: where in the picture a camera sees the target, and where the target is, from its edges.

Every function takes numbers or arrays of any shapes that broadcast. A place is a complex number, as in
`kinematics`.

The camera is a pinhole above the axle. A focal length f is in slices: a ray at the angle a to the right of
the camera's axis meets the picture f tan(a) slices to the right of its middle. The target is an upright
cylinder, so it looks the same from every side. Two rays touch it: these are its edges.
"""

import numpy as np

from robot_agent.simulator.kinematics import Complex, Real
from vision.sight import SLICES

NARROWEST = 0.25
"""Half the width, in slices, of the narrowest target whose distance is estimated."""

_LEAST = np.array(1e-6, np.float32)  # of zero dimensions, see `kinematics`


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
            place: middle of the target, m, measured from the camera. The real axis is the robot's heading,
                also if the camera is turned.

        Returns:
            Left and right edge in slices, not cut to the picture, shape (2, ...).
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
