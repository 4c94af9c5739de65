"""What no filter estimates: how exact a robot is, whether its motors stall or its pictures come late.

Instead, filters stand side by side, one of each kind, and the moves say which is right.
"""

import math
from dataclasses import dataclass

import numpy as np

from robot_agent.identification.parameters import VISION_NOISE
from robot_agent.motors.motors import Pulse


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of robot."""

    jitter: float
    """Standard deviation of a pulse's length, s."""
    slip: float
    """Standard deviation of a wheel's power from move to move, a share."""
    stall: tuple[float, float] = (0.0, 0.0)
    """Power below which the left and the right wheel stand, to jump to speed at it."""
    vision: float = VISION_NOISE
    """Standard deviation of an edge of a sight, slices."""
    stale: bool = False
    """Whether pictures come a move late: a camera that gives the one it took before."""

    @property
    def words(self) -> str:
        """What its owner should know of it; empty where that is nothing."""
        if self.stale:
            return "Pictures come a move late, from before the pulse: read one more after each pulse."
        if any(self.stall):
            sides = [side for side, stall in zip(("left", "right"), self.stall, strict=True) if stall]
            wheels = "Both wheels stall" if len(sides) == 2 else f"The {sides[0]} wheel stalls"
            return f"{wheels} below about {max(self.stall):.0%} of full power, with a jump in speed there."
        return (
            "Sights are not exact: edges of the target are off by about a slice." if self.vision > 0.5 else ""
        )


_ROUGH = 0.015, 0.05
KINDS = (
    Kind(0.006, 0.02),
    Kind(0.006, 0.06),
    Kind(0.025, 0.02),
    Kind(0.025, 0.06),
    Kind(0.05, 0.15),
    Kind(*_ROUGH, stall=(0.3, 0.3)),
    Kind(*_ROUGH, stall=(0.5, 0.5)),
    Kind(*_ROUGH, stall=(0.5, 0.0)),
    Kind(*_ROUGH, stall=(0.0, 0.5)),
    Kind(*_ROUGH, vision=1.0),
    Kind(*_ROUGH, stale=True),
)
PLAIN = 5
"""The first of those are as most robots are; an earlier version knew only them."""
STRANGE = 0.03
"""How probable each of the others is against one of the first."""
BEFORE = np.where(np.arange(len(KINDS)) < PLAIN, 0.0, math.log(STRANGE))
"""Log-probability of each before any move, up to a constant."""
NOISES = tuple((kind.jitter, kind.slip) for kind in KINDS)
STALLS = np.array([kind.stall for kind in KINDS])
STALE = np.array([kind.stale for kind in KINDS])

STRETCH = 1.3
"""A pulse is made longer by at most this factor to keep off a power that stalls; else a wheel stands."""


def strong(pulse: Pulse, stalls: tuple[float, float], band: float, late: float) -> Pulse:
    """Return a pulse that turns the robot as far, without a power at which a wheel would stall.

    Args:
        pulse: what the wheels are to do.
        stalls: power below which the left and the right wheel stand.
        band: the dead band that the pulse was made for.
        late: the dead time, s, likewise.
    """
    powers = pulse.left, pulse.right
    if all(power == 0 or abs(power) >= stall for power, stall in zip(powers, stalls, strict=True)):
        return pulse
    shares = [math.copysign(max(abs(p) - band, 0) / (1 - band), p) for p in powers]
    outer = 0 if abs(shares[0]) >= abs(shares[1]) else 1
    if shares[outer] == 0:
        return pulse
    inner = new = shares[1 - outer] / shares[outer]
    least = math.copysign(max(stalls[1 - outer] - band, 0) / (1 - band), inner)
    if abs(inner) < abs(least):
        new = least if least < 1 and (1 - inner) / (1 - least) < STRETCH else 0.0
    power = math.copysign(band + (1 - band) * abs(new), new) if new else 0.0
    fast = math.copysign(1.0, shares[outer])
    longer = (1 - inner) / (1 - new) if inner < 1 else 1.0
    seconds = late + max(pulse.seconds - late, 0) * abs(shares[outer]) * longer
    sides = (fast, fast * power) if outer == 0 else (fast * power, fast)
    return Pulse(*sides, min(max(seconds, 0.0), 1.0))
