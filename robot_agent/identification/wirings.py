"""The ways in which a robot's motors may be plugged in, and the type of the target's ends."""

import numpy as np

from robot_agent.identification.parameters import Array

Wiring = tuple[bool, int, int]
"""Whether the two motors are swapped, and the direction of the left and of the right wheel: 1 or -1."""
Ends = tuple[int, int] | None
"""First and last slice of a sight; None if nothing is seen."""

STRAIGHT: Wiring = (False, 1, 1)
WIRINGS: tuple[Wiring, ...] = tuple(
    (swapped, left, right) for swapped in (False, True) for left in (1, -1) for right in (1, -1)
)


def matrix(wiring: Wiring) -> Array:
    """Return the matrix, shape (2, 2), from commands (left, right) of the motors to powers of the wheels."""
    swapped, left, right = wiring
    straight = np.diag([float(left), float(right)])
    return straight[:, ::-1] if swapped else straight
