"""What the wheels do from one moment to the next: a pulse or a lease, with its ramps and its end."""

import math
from dataclasses import dataclass

LEASE_SECONDS = 0.4
"""How long a drive by hand lasts unless it is renewed (design, section 6)."""

STEP_SECONDS = 0.01
"""A ramp is climbed in steps of this: the cycle of the PWM at 100 Hz, which takes no more than one level."""

Powers = tuple[float, float]
"""Of the left and the right wheel, shares of full power in [-1, 1]."""


@dataclass(frozen=True, slots=True)
class Motion:
    """One motion of both wheels, which has an end from its beginning.

    Moments are seconds of `time.monotonic`. The powers change linearly from `before` within the ramp,
    in steps that have the mean of the slope they stand for; a pulse falls likewise before its end.
    """

    powers: Powers
    start: float
    seconds: float
    ramp: float = 0.0
    """Seconds from nothing to full power and back; a pulse too short for both has shorter ones."""
    step: float = STEP_SECONDS
    before: Powers = (0.0, 0.0)
    lease: bool = False
    """Whether it is driven by hand: it does not slow down before its end, for it is to be renewed."""

    @property
    def end(self) -> float:
        """The moment at which the wheels are off."""
        return self.start + self.seconds

    def at(self, now: float) -> Powers:
        """The powers at a moment from the start on; nothing from the end on."""
        if now >= self.end:
            return (0.0, 0.0)
        ramp = self._ramp
        up = down = 1.0
        if ramp > 0.0:
            up = min(1.0, (self._climbed(now) + 0.5) * self.step / ramp)
            if not self.lease:
                down = min(1.0, (self._left(now) - 0.5) * self.step / ramp)
        left, right = (
            (old + (new - old) * up) * down for old, new in zip(self.before, self.powers, strict=True)
        )
        return (left, right)

    def next_change(self, now: float) -> float:
        """The next moment after `now` at which the powers are others, at the latest the end."""
        change = self.end
        if now < self.start + self._ramp:
            change = min(change, self.start + (self._climbed(now) + 1) * self.step)
        if not self.lease and self._ramp > 0.0:
            near = self.end - now <= self._ramp + self.step
            change = min(change, self.end - ((self._left(now) - 1) * self.step if near else self._ramp))
        return change

    @property
    def _ramp(self) -> float:
        return self.ramp if self.lease else min(self.ramp, self.seconds / 2)

    # In whole steps; a timer that rings a hair early must not repeat the step before.

    def _climbed(self, now: float) -> int:
        return math.floor((now - self.start) / self.step + 1e-3)

    def _left(self, now: float) -> int:
        return math.ceil((self.end - now) / self.step - 1e-3)
