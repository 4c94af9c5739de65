"""How a robot's motors may be plugged in, and what is seen of its target."""

import numpy as np

from robot_agent.identification.parameters import Array

Wiring = tuple[bool, int, int]
"""Whether the motors' wires are swapped, and which way (1 or -1) the left and the right wheel then turn."""
Ends = tuple[int, int] | None
"""First and last slice of a sight; None when nothing is seen."""

STRAIGHT: Wiring = (False, 1, 1)
WIRINGS: tuple[Wiring, ...] = tuple(
    (swapped, left, right) for swapped in (False, True) for left in (1, -1) for right in (1, -1)
)


def matrix(wiring: Wiring) -> Array:
    """What the wheels get, left and right, when the motors are commanded left and right: shape (2, 2)."""
    swapped, left, right = wiring
    straight = np.diag([float(left), float(right)])
    return straight[:, ::-1] if swapped else straight
