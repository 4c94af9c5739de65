"""The wheels, their present motion, and the latched halt."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from robot_agent.errors import GuardError, Halted
from robot_agent.guard.halted_file import Latch
from robot_agent.guard.lease import LEASE_SECONDS
from robot_agent.guard.motion import STEP_SECONDS, Motion, Powers
from robot_agent.motors.motors import check_pulse

RAMP_SECONDS = 0.03
"""Seconds from no power to full power: long enough to spare the gears, too short to change a move."""


class Wheels(Protocol):
    """The part of `robot_agent.motors.gpio.Wheels` that the controller uses."""

    frequency: float

    def set(self, left: float, right: float) -> None:
        """Set the power of both wheels, which they keep until the next call."""

    def off(self) -> None:
        """Drive every pin low."""


class Note(Protocol):
    """A function that records an event; its keywords are the other fields of `wire.Event`."""

    def __call__(self, what: str, why: str, /, **more: Any) -> None:
        """Record an event."""


class Controller:
    """Moves the wheels: every motion has an end, and none is allowed while halted."""

    def __init__(
        self,
        wheels: Wheels,
        *,
        halt_file: Path,
        note: Note,
        ramp_seconds: float = RAMP_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take over the wheels.

        Args:
            wheels: open wheels with all pins low.
            halt_file: stores the halt, so that a killed guard is still halted when it restarts; see `Latch`.
            note: records every event.
            ramp_seconds: seconds from no power to full power.
            clock: returns seconds of a clock that is never set back.
        """
        self._wheels, self._note, self._clock = wheels, note, clock
        self._latch = Latch(halt_file)
        self._ramp = ramp_seconds
        self._step = max(STEP_SECONDS, 1.0 / wheels.frequency)
        self._motion: Motion | None = None
        self._began = 0.0
        self._ended: Callable[[str, float], None] = _nobody_waits
        self.powers: Powers = (0.0, 0.0)
        """The present powers of both wheels."""
        self.halted = self._latch.halted
        """Whether nothing may move until the halt is reset."""
        self.why = self._latch.why
        """Why it is halted without a known halt: the halt's file cannot be read or is damaged; else empty."""

    @property
    def not_kept(self) -> str:
        """Why the halt could not be stored, so that the next guard would not know of it; else empty."""
        return self._latch.damage

    @property
    def moving(self) -> bool:
        """Whether the wheels are in a pulse or a lease."""
        return self._motion is not None

    def wake(self) -> float | None:
        """Time at which `move` must be called next; None while nothing moves."""
        return self._motion.next_change(self._clock()) if self._motion is not None else None

    def move(self) -> None:
        """Set the powers that the motion has at this moment."""
        if self._motion is None:
            return
        now = self._clock()
        if now >= self._motion.end:
            self.stop("lease" if self._motion.lease else "deadline")
        elif (powers := self._motion.at(now)) != self.powers:
            self._wheels.set(*powers)
            self.powers = powers

    def stop(self, why: str) -> None:
        """Drive all pins low at once, even if nothing moves; then report the stop."""
        self._wheels.off()
        now = self._clock()
        motion, self._motion, self.powers = self._motion, None, (0.0, 0.0)
        ended, self._ended = self._ended, _nobody_waits
        if motion is not None:
            self._report("stopped", why, motion, seconds=now - self._began)
            ended(why, now - self._began)

    def pulse(self, left: float, right: float, seconds: float, ended: Callable[[str, float], None]) -> None:
        """Turn the wheels for some seconds; a present lease ends without a jerk.

        `ended(why, seconds)` is called when the wheels have stopped: the reason, and how long they turned.
        A refused pulse raises ValueError, Halted or GuardError before any pin is touched.
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
        """Stop the wheels, and refuse every motion until `reset`.

        A second halt stops again, and writes the halt to the disk if the first one could not.
        """
        self.stop("halt")
        if not self.halted or self._latch.damage:
            self._latch.write(True)  # even if this fails, the halt holds in this process
        if not self.halted:
            self.halted = True
            self._note("halted", "halt", detail=self._latch.damage)

    def reset(self) -> None:
        """Let the wheels move again; raise GuardError if this cannot be written to the halt's file."""
        if self.halted:
            self._latch.write(False)
            if self._latch.damage:
                raise GuardError(f"The halt is not reset: {self._latch.damage}; mend that, then reset again.")
            self.halted, self.why = False, ""
            self._note("reset", "reset")

    def close(self) -> None:
        """Close the halt's file without removing it."""
        self._latch.close()

    def _report(self, what: str, why: str, motion: Motion, seconds: float = 0.0) -> None:
        left, right = motion.powers
        self._note(what, why, left=left, right=right, asked=motion.seconds, seconds=seconds)


def halted(why: str = "") -> Halted:
    """Return the error for a motion while halted; `why` is the reason if no halt was commanded."""
    because = f": {why}" if why else ""
    return Halted(f"The wheels are halted{because}; see that all is well, then reset the halt.")


def _nobody_waits(why: str, seconds: float) -> None:
    """Ignore the end of a motion that nobody waits for."""
