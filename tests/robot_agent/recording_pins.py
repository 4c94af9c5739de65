"""Pins that write down what they carry, and keep it when their process is killed, as a Raspberry Pi's do.

Give them to a guard as pin_factory "recording_pins:make". Each level that is driven is a line, moment (ns),
pin and level, of the file that $RECORDED_PINS names, written at once: the record outlives kill -9.
When the file that $PINS_FAIL names is there, driving a pin high fails.
"""

import os
import time
from pathlib import Path

from gpiozero.pins.mock import MockFactory, MockPWMPin


class RecordingPin(MockPWMPin):
    """A mock pin that records every level driven, also one that it has already."""

    def _set_function(self, value):
        super()._set_function(value)
        if value == "output":
            self._record(0.0)

    def _set_state(self, value):
        if value and Path(os.environ.get("PINS_FAIL", "/nowhere")).exists():
            raise RuntimeError("This pin burnt.")
        super()._set_state(value)
        self._record(value)

    def _set_frequency(self, value):
        super()._set_frequency(value)
        if value is None:
            self._record(0.0)

    def _record(self, level):
        line = f"{time.monotonic_ns()} {self.info.name.removeprefix('GPIO')} {float(level)}\n"
        os.write(self.factory.record, line.encode())


def make():
    """Make the factory."""
    factory = MockFactory(pin_class=RecordingPin)
    factory.record = os.open(os.environ["RECORDED_PINS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    return factory


class Record:
    """What the pins have carried, read while they go on."""

    def __init__(self, path):
        self.path = Path(path)

    def lines(self):
        """Return (moment in ns, pin, level) of all that was driven, in its order."""
        text = self.path.read_text() if self.path.exists() else ""
        parts = (line.split() for line in text.splitlines(keepends=True) if line.endswith("\n"))
        return [(int(moment), int(pin), float(level)) for moment, pin, level in parts]

    def levels(self):
        """Return what each pin carries now."""
        return {pin: level for _, pin, level in self.lines()}

    def high(self):
        """Return whether any pin does."""
        return any(self.levels().values())

    def last_low(self):
        """Return the moment in ns at which the last pin that was high became low."""
        carried, moment = {}, 0
        for at, pin, level in self.lines():
            if carried.get(pin) and not level:
                moment = at
            carried[pin] = level
        return moment
