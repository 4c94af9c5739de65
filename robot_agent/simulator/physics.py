"""The numbers of a simulated robot: wheels, camera, target, starts, and imperfections."""

import math
from dataclasses import dataclass

from robot_agent.simulator.projection import focal_length

CONTACT_GAP = 0.06
"""Metres between the target's surface and the axle when the robot's front touches the target."""

LEAST_VISIBLE = 0.5
"""Slices of the target that must be in the picture for it to be seen at all."""


@dataclass(frozen=True, slots=True)
class Physics:
    """One robot, its target and its starts. The defaults are the reference robot."""

    full_speed: float = 0.35
    """Speed of a wheel at full power, m/s."""
    wheel_base: float = 0.14
    """Distance between the wheels, m."""
    target_width: float = 0.20
    """Diameter of the target, m."""
    field_of_view: float = math.radians(62.2)
    """Horizontal field of view of the camera, radians."""
    start_distance: tuple[float, float] = (0.6, 2.0)
    """Nearest and farthest start, measured from the target's centre, m."""
    start_bearing: float = math.radians(25)
    """Largest angle between straight ahead and the target at the start, to either side, radians."""
    wheel_noise: float = 0.02
    """Standard deviation of each wheel's speed from move to move, as a share of the speed."""
    asymmetry: float = 0.05
    """Standard deviation of the difference of the two motors from episode to episode, as a share."""
    vision_noise: float = 0.5
    """Standard deviation of the noise at each end of the sight, in slices, before it is rounded."""
    left_gain: float = 1.0
    """Speed of the left wheel as a share of its nominal speed: 0.75 is a quarter too slow."""
    right_gain: float = 1.0
    """Speed of the right wheel as a share of its nominal speed."""
    dead_time: float = 0.0
    """Seconds at the beginning of each pulse in which the wheels do not turn yet."""
    camera_yaw: float = 0.0
    """Angle by which the camera is turned to the right of the robot's heading, radians."""
    battery_sag: float = 0.0
    """Share of its speed that a robot loses in each 1,000 moves, as its battery runs down."""

    @property
    def target_radius(self) -> float:
        """Half the diameter of the target, m."""
        return self.target_width / 2

    @property
    def nearest(self) -> float:
        """Distance between the axle and the target's centre when the robot touches its target, m."""
        return self.target_radius + CONTACT_GAP

    @property
    def focal_length(self) -> float:
        """Focal length of the camera, in slices."""
        return float(focal_length(self.field_of_view))


@dataclass(frozen=True, slots=True)
class Randomisation:
    """How far each episode's robot may differ from the nominal one (Tobin et al. 2017)."""

    weak_motor: float = 0.30
    """Largest share by which one motor, left or right, is weaker."""
    dead_time: float = 0.15
    """Longest time at the beginning of a pulse in which the wheels do not turn yet, s."""
    camera_yaw: float = math.radians(6)
    """Largest angle by which the camera is turned to either side, radians."""
    speed: tuple[float, float] = (0.8, 1.1)
    """Full speed is multiplied by a factor in this range."""
    target_width: tuple[float, float] = (0.9, 1.1)
    """Width of the target is multiplied by a factor in this range."""
    field_of_view: tuple[float, float] = (0.95, 1.05)
    """Field of view is multiplied by a factor in this range."""
