"""The wheels, the motion that is under way, and the latched halt."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from robot_agent.errors import GuardError, Halted
from robot_agent.guard.latch import Latch
from robot_agent.guard.motion import LEASE_SECONDS, STEP_SECONDS, Motion, Powers
from robot_agent.motors.motors import check_pulse

RAMP_SECONDS = 0.03
"""Seconds from no power to full power: long enough to spare the gears, short enough not to matter."""


class Wheels(Protocol):
    """What the controller asks of `robot_agent.motors.gpio.Wheels`."""

    frequency: float

    def set(self, left: float, right: float) -> None:
        """Give both wheels a power, which they keep until the next call."""

    def off(self) -> None:
        """Drive every pin low."""


class Note(Protocol):
    """Takes an event; the keywords are the other fields of `wire.Event`."""

    def __call__(self, what: str, why: str, /, **more: Any) -> None:
        """Take an event."""


class Controller:
    """Moves the wheels, never without an end, and not at all while halted."""

    def __init__(
        self,
        wheels: Wheels,
        *,
        halt_file: Path,
        note: Note,
        ramp_seconds: float = RAMP_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the wheels.

        Args:
            wheels: open, with all pins low.
            halt_file: keeps the halt, so that it outlives a guard that is killed; see `Latch`.
            note: takes every event.
            ramp_seconds: seconds from no power to full power.
            clock: seconds of a clock that is never set back.
        """
        self._wheels, self._note, self._clock = wheels, note, clock
        self._latch = Latch(halt_file)
        self._ramp = ramp_seconds
        self._step = max(STEP_SECONDS, 1.0 / wheels.frequency)
        self._motion: Motion | None = None
        self._began = 0.0
        self._ended: Callable[[str, float], None] = _nobody_waits
        self.powers: Powers = (0.0, 0.0)
        """The powers of both wheels now."""
        self.halted = self._latch.halted
        """Whether nothing may move until the halt is reset."""
        self.why = self._latch.why
        """Why it is halted without a halt: it is not known whether it was halted before."""

    @property
    def not_kept(self) -> str:
        """Why a guard that starts after this one would not know of the halt; empty when it would."""
        return self._latch.damage

    @property
    def moving(self) -> bool:
        """Whether a pulse or a lease is under way."""
        return self._motion is not None

    def wake(self) -> float | None:
        """The moment at which `move` has to be called next; None while nothing moves."""
        return self._motion.next_change(self._clock()) if self._motion is not None else None

    def move(self) -> None:
        """Give the wheels the powers of this moment."""
        if self._motion is None:
            return
        now = self._clock()
        if now >= self._motion.end:
            self.stop("lease" if self._motion.lease else "deadline")
        elif (powers := self._motion.at(now)) != self.powers:
            self._wheels.set(*powers)
            self.powers = powers

    def stop(self, why: str) -> None:
        """Drive all pins low at once, whether or not anything moves; then report it."""
        self._wheels.off()
        now = self._clock()
        motion, self._motion, self.powers = self._motion, None, (0.0, 0.0)
        ended, self._ended = self._ended, _nobody_waits
        if motion is not None:
            self._report("stopped", why, motion, seconds=now - self._began)
            ended(why, now - self._began)

    def pulse(self, left: float, right: float, seconds: float, ended: Callable[[str, float], None]) -> None:
        """Turn the wheels for some seconds; a lease that is under way ends without a jerk.

        `ended(why, seconds)` is called when the wheels have stopped: the reason, and how long they turned.
        Raises ValueError, Halted or GuardError, before any pin is touched, when the pulse is refused.
        """
        check_pulse(left, right, seconds)
        self._check_free()
        if seconds == 0.0:
            return ended("deadline", 0.0)
        now = self._clock()
        if self._motion is not None:
            self._report("stopped", "pulse", self._motion, seconds=now - self._began)
        self._motion = Motion((left, right), now, seconds, self._ramp, self._step, self.powers)
        self._began, self._ended = now, ended
        self._report("started", "pulse", self._motion)
        self.move()

    def drive(self, left: float, right: float) -> None:
        """Turn the wheels for one lease from now; raises as `pulse` does."""
        check_pulse(left, right, LEASE_SECONDS)
        self._check_free()
        now, renewed = self._clock(), self._motion is not None
        self._motion = Motion(
            (left, right), now, LEASE_SECONDS, self._ramp, self._step, self.powers, lease=True
        )
        if not renewed:
            self._began = now
            self._report("started", "lease", self._motion)
        self.move()

    def _check_free(self) -> None:
        if self.halted:
            raise halted(self.why)
        if self._motion is not None and not self._motion.lease:
            raise GuardError("A pulse is under way; wait for its end, or stop it.")

    def halt(self) -> None:
        """Stop, and let nothing move until `reset`.

        A second halt stops again, and writes the halt to the disk if the first one could not.
        """
        self.stop("halt")
        if not self.halted or self._latch.damage:
            self._latch.write(True)  # whether or not that works, the halt holds in this process
        if not self.halted:
            self.halted = True
            self._note("halted", "halt", detail=self._latch.damage)

    def reset(self) -> None:
        """Let the wheels move again; raises GuardError when that cannot be written."""
        if self.halted:
            self._latch.write(False)
            if self._latch.damage:
                raise GuardError(f"The halt is not reset: {self._latch.damage}; remove it, then reset again.")
            self.halted, self.why = False, ""
            self._note("reset", "reset")

    def close(self) -> None:
        """Close the halt's file, which stays."""
        self._latch.close()

    def _report(self, what: str, why: str, motion: Motion, seconds: float = 0.0) -> None:
        left, right = motion.powers
        self._note(what, why, left=left, right=right, asked=motion.seconds, seconds=seconds)


def halted(why: str = "") -> Halted:
    """Return the error that refuses a motion while the wheels are halted; `why` if not by a halt."""
    because = f": {why}" if why else ""
    return Halted(f"The wheels are halted{because}; see that all is well, then reset the halt.")


def _nobody_waits(why: str, seconds: float) -> None:
    """Ignore the end of a motion that nobody waits for."""
