"""The parameters of the robot model, and their prior: what is expected before anything was seen.

A sight is only an angle, so sights alone determine no length. All lengths are measured by the target's
width, which is taken to be `TARGET_WIDTH`. If the target is really wider, the estimated speed and wheel base
are too small by the same factor. That is harmless, because the policy also decides by sights.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

TARGET_WIDTH = 0.20
"""Assumed diameter of the target, m; all lengths are measured by it."""
FIELD_OF_VIEW = math.radians(62.2)
"""Nominal horizontal field of view, radians."""
FULL_SPEED = 0.35
"""Nominal speed of a wheel at full power, m/s."""
WHEEL_BASE = 0.14
"""Nominal distance between the wheels, m."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number of the robot model, with its normal prior."""

    name: str
    mean: float
    deviation: float
    """Standard deviation of the prior."""
    low: float
    """Least plausible value; an estimate stays within [low, high]."""
    high: float
    """Greatest plausible value."""


PARAMETERS = (
    # ln of the full speed / FULL_SPEED
    Parameter("speed", 0.05, 0.50, -1.6, 1.6),
    # ln of the left wheel's speed / the right wheel's
    Parameter("ratio", 0.0, 0.20, -1.0, 1.0),
    # share of power below which a wheel does not turn
    Parameter("dead_band", 0.08, 0.12, 0.0, 0.6),
    # seconds until the wheels turn; negative: they coast for longer than they take to start
    Parameter("dead_time", 0.0, 0.05, -0.3, 0.3),
    # ln of the wheel base / WHEEL_BASE
    Parameter("wheel_base", 0.0, 0.30, -1.5, 1.5),
    # how far the camera is turned to the right of the heading, radians
    Parameter("yaw", 0.0, 0.07, -0.4, 0.4),
    # how far the camera is in front of the axle, m
    Parameter("ahead", 0.05, 0.04, -0.1, 0.2),
    # ln of tan(field of view / 2) / nominal
    Parameter("lens", 0.0, 0.20, -0.8, 0.8),
    # ln of the standard deviation of a pulse's length, s
    Parameter("jitter", -4.2, 1.0, -7.0, -1.5),
    # ln of the standard deviation of a wheel's power from move to move, a share
    Parameter("slip", -3.2, 0.5, -5.0, -1.9),
)
"""The robot model's parameters; the filter estimates the first `ESTIMATED`, the others are noise levels."""

NAMES = tuple(parameter.name for parameter in PARAMETERS)
INDEX = {name: number for number, name in enumerate(NAMES)}
ESTIMATED = 8
"""Number of parameters that are in the filter's state."""

MEAN = np.array([parameter.mean for parameter in PARAMETERS])
DEVIATION = np.array([parameter.deviation for parameter in PARAMETERS])
LOW = np.array([parameter.low for parameter in PARAMETERS])
HIGH = np.array([parameter.high for parameter in PARAMETERS])

EPISODE_SPEED, EPISODE_RATIO = 0.05, 0.03
"""Standard deviations, from episode to episode, of ln speed and of ln left/right."""
VISION_NOISE = 0.35
"""Standard deviation of an edge of the sight, slices, before it is cut to a whole slice."""
OUTLIER = 0.01
"""Share of sights that do not show the target but something else."""
