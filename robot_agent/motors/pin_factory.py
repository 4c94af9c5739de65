"""Opening the pin factories of gpiozero, with errors that say what to do."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from robot_agent.errors import BoardError, PinError, PinLibraryError, RobotAgentError
from robot_agent.runtime_directory import runtime_directory


def open_factory(name: str) -> Any:
    """Open the gpiozero pin factory called `name`.

    Args:
        name: `lgpio`, a Raspberry Pi's pins; `mock`, pins in memory; or `MODULE:FACTORY`, a callable
            without arguments that returns a gpiozero factory.

    Raises:
        BoardError: there is no such factory.
        PinError: there is no GPIO on this machine, no permission to use it, or the callable failed.
        PinLibraryError: gpiozero or lgpio is not installed.
    """
    with translate_errors("The pins"):
        if name == "lgpio":
            return _open_lgpio()
        if name == "mock":
            from gpiozero.pins.mock import MockFactory, MockPWMPin

            return MockFactory(pin_class=MockPWMPin)
    # Imported here: vision loads NumPy, which a guard without errors never needs.
    from vision.factory import FactoryError, FactoryFailedError, is_factory
    from vision.factory import open_factory as open_own

    if not is_factory(name):
        raise BoardError(
            f"The pin factory {name!r} is unknown; give lgpio, mock, or your own MODULE:FACTORY."
        )
    try:
        return open_own(name, "pin factory")
    except FactoryFailedError as error:
        raise PinError(str(error)) from error
    except FactoryError as error:
        raise BoardError(str(error)) from error


def _open_lgpio() -> Any:
    with _notify_pipe_elsewhere():
        from gpiozero.pins.lgpio import LGPIOFactory, LGPIOPin

    class WheelPin(LGPIOPin):  # type: ignore[misc]
        """A pin that starts its PWM at once, and stays low when it is released."""

        _pwm: Any

        def _set_frequency(self, value: float | None) -> None:
            if value and not self._pwm:
                # gpiozero would first send an empty cycle, and lgpio would delay the power until its end.
                self._pwm = (value, 0)
            else:
                super()._set_frequency(value)

        def close(self) -> None:
            # gpiozero would make the pin an input, which floats; a motor driver may take that for high.
            if self.factory._handle is not None and self.function == "output":
                self.frequency = None
                self.state = 0

    factory = LGPIOFactory()
    factory.pin_class = WheelPin
    return factory


@contextmanager
def _notify_pipe_elsewhere() -> Iterator[None]:
    """Make lgpio put its pipe into the runtime folder instead of the working folder."""
    os.environ.setdefault("LG_WD", str(runtime_directory()))
    before = Path.cwd()
    try:
        yield
    finally:
        os.chdir(before)


def chips() -> list[Path]:
    """Return the device files of this machine's GPIO chips."""
    return sorted(Path("/dev").glob("gpiochip*"))


@contextmanager
def translate_errors(what: str) -> Iterator[None]:
    """Turn errors of gpiozero and lgpio while `what` is opened into one sentence that says what to do."""
    try:
        yield
    except RobotAgentError:
        raise
    except Exception as error:
        raise _told(what, error) from error


def _told(what: str, error: Exception) -> RobotAgentError:
    if isinstance(error, ImportError):
        library = (error.name or "gpiozero").lstrip("_").split(".")[0]
        return PinLibraryError(
            f"The library {library} is not installed; `sudo apt install python3-{library}`, "
            "or `pip install 'robot-agent[pi]'`."
        )
    if "busy" in str(error).lower():
        return PinError(
            f"{what} is in use by another process; end that one (`gpioinfo` names it), "
            "or give the pin another number."
        )
    if not (found := chips()) or type(error).__name__ == "PinUnknownPi":
        return PinError(
            "This machine has no Raspberry Pi's GPIO; run on the Pi, use the simulated robot, "
            "or pins that only pretend (pin_factory mock)."
        )
    if isinstance(error, PermissionError) or not any(os.access(chip, os.R_OK | os.W_OK) for chip in found):
        return PinError(
            f"No permission for {found[0]}; `sudo usermod -aG gpio $USER`, then log out and in again."
        )
    return PinError(f"{what} cannot be used: {error}; look at the wiring and at `gpioinfo`.")
