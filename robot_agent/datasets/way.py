"""The way of a robot, computed from its pulses (dead reckoning)."""

import numpy as np
from numpy.typing import NDArray

from robot_agent.simulator.kinematics import arc
from robot_agent.simulator.physics import Physics


def reckon(pulses: NDArray[np.float32], physics: Physics) -> NDArray[np.float64]:
    """Return x and y (m) and heading (radians) before each of T pulses and after the last, shape (T + 1, 3).

    The way begins at (0, 0) along x. Slip of the wheels is ignored, so the error grows with the distance.

    Args:
        pulses: left and right, shares of full speed, and seconds, shape (T, 3).
        physics: speed and wheel base of the robot.
    """
    moving = np.maximum(pulses[:, 2].astype(np.float64) - physics.dead_time, 0.0)
    left = pulses[:, 0] * physics.left_gain * physics.full_speed * moving
    right = pulses[:, 1] * physics.right_gain * physics.full_speed * moving
    length, turn = arc(left, right, physics.wheel_base)
    heading = np.concatenate([[0.0], np.cumsum(turn)])
    half = turn / 2
    chord = length * np.sinc(half / np.pi) * np.exp(1j * (heading[:-1] + half))
    place = np.concatenate([[0.0], np.cumsum(chord)])
    return np.stack([place.real, place.imag, heading], axis=1)
