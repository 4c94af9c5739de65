"""Estimates of where the target is: from one sight, or from several sights and the moves between them."""

import math
from dataclasses import dataclass

from robot_agent.simulator import projection
from robot_agent.simulator.physics import Physics
from vision.sight import Sight


@dataclass(frozen=True, slots=True)
class Place:
    """Where the target is, as estimated from a sight."""

    distance: float
    """From the camera to the target's centre, m."""
    bearing: float
    """Angle from straight ahead to the target, positive to the right, radians."""


def place_of(sight: Sight, physics: Physics) -> Place:
    """Estimate where the target of a sight is, see `place_of_edges`."""
    return place_of_edges(sight.x1, sight.x2, physics)


def place_of_edges(x1: float, x2: float, physics: Physics) -> Place:
    """Estimate where a target is that fills the slices x1 to x2, from its known width.

    If x1 or x2 is the outermost slice, the target may be cut off by the picture: its true distance is then at
    most the one returned.
    """
    # The true edges lie anywhere in their slices: on average half a slice inside.
    distance, bearing = projection.place_of_edges(
        x1 + 0.5, x2 + 0.5, physics.target_radius, physics.focal_length
    )
    return Place(max(float(distance), physics.nearest), float(bearing))


class DistanceTracker:
    """The distance to the target, from the widths of sights and the ways driven: a Kalman filter (1960).

    Far from the target, an error of one slice is an error of half a metre. The way driven since the target
    was near is known better than that.
    """

    def __init__(self, physics: Physics) -> None:
        """Start with an unknown distance."""
        self.physics = physics
        self.distance, self.deviation = 1.0, math.inf

    @property
    def at_most(self) -> float:
        """An upper bound, m: the true distance is hardly ever larger."""
        return self.distance + 2 * self.deviation

    def drive(self, way: float) -> None:
        """Update the estimate after a drive of `way` metres towards the target."""
        self.distance -= way
        self.deviation = math.hypot(self.deviation, 0.1 * way)

    def see(self, sights: list[Sight]) -> float:
        """Update the estimate with sights from one place; return the distance, m."""
        # Average the widths first: a mean of their inverses, the distances, would be biased by noise.
        width = sum(sight.x2 - sight.x1 for sight in sights) / len(sights)
        middle = sum(sight.x1 + sight.x2 for sight in sights) / len(sights)
        seen = place_of_edges((middle - width) / 2, (middle + width) / 2, self.physics).distance
        deviation = 0.7 / math.sqrt(len(sights)) / max(width, 1.0) * seen
        trust = 1.0 if math.isinf(self.deviation) else self.deviation**2 / (self.deviation**2 + deviation**2)
        self.distance += trust * (seen - self.distance)
        self.deviation = deviation * math.sqrt(trust)
        return self.distance
