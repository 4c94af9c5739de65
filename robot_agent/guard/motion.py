"""One motion of the wheels over time: a pulse or a lease, with its ramps and its end."""

import math
from dataclasses import dataclass

STEP_SECONDS = 0.01
"""Length of each step of a ramp, s: one cycle of the PWM at 100 Hz, which has only one level."""

Powers = tuple[float, float]
"""The left and the right wheel's share of full power, each in [-1, 1]."""


@dataclass(frozen=True, slots=True)
class Motion:
    """One motion of both wheels; its end is fixed when it begins.

    Times are seconds of `time.monotonic`. The powers change from `before` to `powers` in steps along a linear
    ramp; each step has the ramp's mean power during it. A pulse goes down in the same way before its end.
    """

    powers: Powers
    start: float
    seconds: float
    ramp: float = 0.0
    """Seconds from no power to full power and back; a pulse too short for both has shorter ramps."""
    step: float = STEP_SECONDS
    before: Powers = (0.0, 0.0)
    lease: bool = False
    """Whether this is a drive by hand, which does not slow down before its end because it may be renewed."""

    @property
    def end(self) -> float:
        """Time at which the wheels are off."""
        return self.start + self.seconds

    def at(self, now: float) -> Powers:
        """Return the powers at a time after the start; (0, 0) from the end on."""
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
        """Return the next time after `now` at which the powers change, at the latest the end."""
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

    # Count whole steps, with a margin: a timer that fires slightly early must not repeat a step.

    def _climbed(self, now: float) -> int:
        return math.floor((now - self.start) / self.step + 1e-3)

    def _left(self, now: float) -> int:
        return math.ceil((self.end - now) / self.step - 1e-3)
