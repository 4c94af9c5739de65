"""What turns the wheels: the Motors protocol and the one check of every pulse."""

from dataclasses import dataclass
from typing import Protocol

MAX_PULSE_SECONDS = 1.5
"""Length of the longest pulse, seconds, whoever asks for it."""


class Motors(Protocol):
    """Two wheels that turn for a given time and then stop."""

    def pulse(self, left: float, right: float, seconds: float) -> None:
        """Turn the wheels, and return when they have stopped.

        Args:
            left: left wheel as a share of full speed, in [-1, 1]; negative is backwards.
            right: right wheel, likewise.
            seconds: how long, in (0, 1.5]; 0 does nothing.

        Raises:
            ValueError: a value is out of range or not a number; neither wheel has moved.
            Halted: an emergency stop is latched.
        """

    def stop(self) -> None:
        """Stop both wheels at once; may be called at any time, also twice."""


def check_wheels(left: float, right: float) -> None:
    """Refuse powers that must not reach the wheels; called before either wheel is touched.

    Raises:
        ValueError: with the value and its range.
    """
    for name, value in (("left", left), ("right", right)):
        if not -1.0 <= value <= 1.0:  # also false for NaN
            raise ValueError(
                f"The {name} wheel was asked for {value!r}; give a share of full speed in [-1, 1]."
            )


def check_pulse(left: float, right: float, seconds: float) -> None:
    """Refuse a pulse that must not reach the wheels; called before either wheel is touched.

    Raises:
        ValueError: with the value and its range.
    """
    check_wheels(left, right)
    if not 0.0 <= seconds <= MAX_PULSE_SECONDS:  # also false for NaN
        raise ValueError(
            f"A pulse of {seconds!r} seconds was asked for; give 0 to {MAX_PULSE_SECONDS} seconds, "
            "longer drives are several pulses."
        )


@dataclass(frozen=True, slots=True)
class Pulse:
    """An order to the motors: shares of full speed in [-1, 1], and a duration in seconds."""

    left: float
    right: float
    seconds: float
