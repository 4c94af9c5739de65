"""The protocol of everything that turns the wheels, and the one check of every pulse."""

from dataclasses import dataclass
from typing import Protocol

MAX_PULSE_SECONDS = 1.5
"""Length of the longest pulse that anyone may command, seconds."""


class Motors(Protocol):
    """Two wheels that turn for a given time and then stop."""

    def pulse(self, left: float, right: float, seconds: float) -> None:
        """Turn the wheels, and return when they have stopped.

        Args:
            left: left wheel as a share of full speed, in [-1, 1]; negative is backwards.
            right: right wheel, likewise.
            seconds: length of the pulse, in (0, 1.5]; 0 does nothing.

        Raises:
            ValueError: a value is out of range or not a number; neither wheel has moved.
            Halted: an emergency stop is latched.
        """

    def stop(self) -> None:
        """Stop both wheels at once; may be called at any time, also twice."""


def check_wheels(left: float, right: float) -> None:
    """Check powers before either wheel is touched.

    Raises:
        ValueError: a power is out of range or not a number; the text has the value and the range.
    """
    for name, value in (("left", left), ("right", right)):
        if not -1.0 <= value <= 1.0:  # also false for NaN
            raise ValueError(
                f"The {name} wheel was asked for {value!r}; give a share of full speed in [-1, 1]."
            )


def check_pulse(left: float, right: float, seconds: float) -> None:
    """Check a pulse before either wheel is touched.

    Raises:
        ValueError: a value is out of range or not a number; the text has the value and the range.
    """
    check_wheels(left, right)
    if not 0.0 <= seconds <= MAX_PULSE_SECONDS:  # also false for NaN
        raise ValueError(
            f"A pulse of {seconds!r} seconds was asked for; give 0 to {MAX_PULSE_SECONDS} seconds, "
            "longer drives are several pulses."
        )


@dataclass(frozen=True, slots=True)
class Pulse:
    """A command to the motors: shares of full speed in [-1, 1], and a duration in seconds."""

    left: float
    right: float
    seconds: float
