"""Two wheels on a motor board, as gpiozero devices; all values are checked before the first pin changes."""

import math
from collections.abc import Mapping
from typing import Any, TypedDict

from robot_agent.errors import BoardError
from robot_agent.motors.boards import BOARDS, USUAL_BOARD, Levels, board_pins
from robot_agent.motors.motors import check_wheels
from robot_agent.motors.pin_factory import open_factory, translate_errors

__all__ = ["BOARDS", "FREQUENCY", "WheelSettings", "Wheels", "board_pins"]

FREQUENCY = 100.0
"""PWM frequency of the pins that carry power, Hz: gpiozero's default; lgpio makes the PWM in software."""


class WheelSettings(TypedDict, total=False):
    """The keyword arguments of `Wheels`, for functions that pass them on."""

    board: str
    pins: Mapping[str, int | None]
    left_inverted: bool
    right_inverted: bool
    swapped: bool
    left_trim: float
    right_trim: float
    dead_band: float
    frequency: float
    pin_factory: str


class Wheels:
    """Two wheels on a motor board, as gpiozero devices; all pins are low while no power is set.

    The wheels do not stop by themselves: the program that opens this object must stop them. That program is
    the guard (`robot_agent.guard`); everything else drives through `robot_agent.guard.client`.
    """

    def __init__(
        self,
        board: str = USUAL_BOARD,
        *,
        pins: Mapping[str, int | None] | None = None,
        left_inverted: bool = False,
        right_inverted: bool = False,
        swapped: bool = False,
        left_trim: float = 1.0,
        right_trim: float = 1.0,
        dead_band: float = 0.0,
        frequency: float = FREQUENCY,
        pin_factory: Any = "lgpio",
    ) -> None:
        """Open the board's pins and drive them low.

        Args:
            board: a name of `BOARDS`.
            pins: BCM numbers of pins that are wired differently, by name, e.g. `{"left_forward": 5}`;
                None for an enable, standby or sleep pin that is tied high on the board.
            left_inverted: whether the two wires of the left motor are exchanged.
            right_inverted: the same for the right motor.
            swapped: whether the left motor is connected to the board's right side, and the right to its left.
            left_trim: factor of the left wheel's power, in (0, 1], so that the robot drives straight.
            right_trim: the same for the right wheel.
            dead_band: smallest power that moves a wheel, in [0, 1); powers above 0 are mapped to above it.
            frequency: PWM frequency, Hz, 1 to 10,000; above a few hundred it loads the processor.
            pin_factory: `lgpio`, `mock` (no hardware), `MODULE:FACTORY`, or a gpiozero factory.

        Raises:
            BoardError: a setting is unknown or cannot work; no pin was touched.
            PinError: no GPIO on this machine, no permission, or another process holds a pin.
            PinLibraryError: gpiozero or lgpio is not installed.
        """
        self.pins = board_pins(board, pins)
        """BCM numbers of the wired pins, by name."""
        for name, trim in (("left_trim", left_trim), ("right_trim", right_trim)):
            if not 0.0 < trim <= 1.0:
                raise BoardError(f"{name} is {trim!r}; give a share of the power in (0, 1].")
        if not 0.0 <= dead_band < 1.0:
            raise BoardError(f"dead_band is {dead_band!r}; give the smallest power that moves, in [0, 1).")
        if not (math.isfinite(frequency) and 1.0 <= frequency <= 10_000.0):
            raise BoardError(f"The PWM frequency is {frequency!r}; give 1 to 10000 Hz.")
        self._board = BOARDS[board]
        self._shares = {name for name in self.pins if name.rpartition("_")[2] in self._board.pwm}
        self._inverted = (left_inverted, right_inverted)
        self._swapped = swapped
        self._trim = (left_trim, right_trim)
        self._dead_band = dead_band
        self.frequency = frequency
        """PWM frequency, Hz."""
        self._own_factory = isinstance(pin_factory, str)
        self.factory: Any = open_factory(pin_factory) if self._own_factory else pin_factory
        """The gpiozero pin factory."""
        self._devices: dict[str, Any] = {}
        self._open()

    def set(self, left: float, right: float) -> None:
        """Set the power of both wheels, shares of full power in [-1, 1]; they keep it until the next call.

        Raises:
            ValueError: a value is out of range or not a number; neither wheel was touched.
        """
        levels = self.levels(left, right)
        # First set to 0 what stops, then the rest: no motor bridge is ever driven both ways at once.
        for name, level in levels.items():
            if level == 0.0:
                self._silence(self._devices[name])
        for name, level in levels.items():
            if level > 0.0:
                device = self._devices[name]
                if name in self._shares and device.frequency is None:
                    device.frequency = self.frequency
                device.value = level

    def levels(self, left: float, right: float) -> Levels:
        """Return the level of every wired pin at these powers; no pin is touched.

        Raises as `set` does.
        """
        check_wheels(left, right)
        powers = [self._power(wheel, value) for wheel, value in enumerate((left, right))]
        sides = ("right", "left") if self._swapped else ("left", "right")
        levels: Levels = {name: float(any(powers)) for name in ("sleep", "standby")}
        for side, power in zip(sides, powers, strict=True):
            levels |= self._board.levels(side, power)
        return {name: level for name, level in levels.items() if name in self.pins}

    def _power(self, wheel: int, value: float) -> float:
        share = abs(value) * self._trim[wheel]
        if share == 0.0:
            return 0.0
        power = self._dead_band + (1.0 - self._dead_band) * share
        return -power if (value < 0.0) != self._inverted[wheel] else power

    def off(self) -> None:
        """Drive every pin low at once; if one fails, its error is raised after all others are low."""
        failed: Exception | None = None
        for device in self._devices.values():
            try:
                self._silence(device)
            except Exception as error:
                failed = failed or error
        if failed is not None:
            raise failed

    def _silence(self, device: Any) -> None:
        # A level of 0 would wait in lgpio's queue behind earlier cycles; ending the PWM takes effect at once.
        if getattr(device, "frequency", None) is not None:
            device.frequency = None
        device.off()

    def close(self) -> None:
        """Drive every pin low and release the pins; a second call does nothing."""
        try:
            self.off()
        finally:
            devices, self._devices = self._devices, {}
            for device in devices.values():
                device.close()
            if self._own_factory:
                self.factory.close()

    def _open(self) -> None:
        from gpiozero import DigitalOutputDevice, PWMOutputDevice

        try:
            for name, number in self.pins.items():
                with translate_errors(f"The pin {name} (BCM {number})"):
                    if name in self._shares:
                        device = PWMOutputDevice(number, frequency=None, pin_factory=self.factory)
                    else:
                        device = DigitalOutputDevice(number, pin_factory=self.factory)
                    self._devices[name] = device
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Wheels":
        """Return the open wheels."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the wheels, see `close`."""
        self.close()
