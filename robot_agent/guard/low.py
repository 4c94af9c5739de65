"""Drive all pins of the motor board low: `python -m robot_agent.guard.low`, for a service.

On a Raspberry Pi a pin keeps its level when its process is killed. The guard's watchdog drives the pins low
when the guard is killed; this program does the same when the watchdog was killed too. It runs after every
stop of the service, so it uses nothing that may be broken then: no pydantic, no gpiozero, no lgpio, only the
kernel.
"""

import argparse
import fcntl
import json
import os
import select
import struct
import sys
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from robot_agent.errors import PinError, RobotAgentError
from robot_agent.files import read_small_text
from robot_agent.motors.boards import BOARDS, USUAL_BOARD, board_pins

HEADERS = ("pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1")
"""Labels of the GPIO chips of the header: of a Raspberry Pi up to 3, of the 4, and of the 5."""

ATTEMPTS, WAIT = 20, 0.1
"""Attempts, and seconds between them: the kernel releases a pin some time after its process was killed."""

# linux/gpio.h: struct gpiochip_info is name[32], label[32], lines; GPIO_V2_GET_LINE_IOCTL takes offsets[64],
# consumer[32], config (flags, num_attrs, padding[5], attrs[10] of 24 bytes), num_lines, event_buffer_size,
# padding[5], fd. An attribute is id, padding, values, and a mask of the lines.
_CHIP_INFO, _CHIP_INFO_SIZE = 0x8044B401, 68
_GET_LINE = 0xC250B407
_OUTPUT = 1 << 3
_LINE_REQUEST = struct.Struct("=64I32sQI5I240xII5Ii")


def chip_of_header() -> Path:
    """Return the GPIO chip of the Raspberry Pi's header; raise PinError if there is none."""
    found = sorted(Path("/dev").glob("gpiochip*"))
    for path in found:
        info = bytearray(_CHIP_INFO_SIZE)
        with suppress(OSError), path.open("rb", buffering=0) as chip:
            fcntl.ioctl(chip, _CHIP_INFO, info)
        if info[32:64].rstrip(b"\0").decode(errors="replace").startswith(HEADERS):
            return path
    raise PinError("This machine has no Raspberry Pi's GPIO, so there are no pins to drive low.")


def drive_low(pins: Iterable[int], chip: Path | None = None) -> None:
    """Make pins outputs, drive them low and release them; they stay low.

    Args:
        pins: BCM numbers.
        chip: the GPIO chip; that of the Raspberry Pi's header if not given.

    Raises:
        PinError: some pins could not be driven low (the text says which and why); all others are low.
    """
    failed = []
    with (chip or chip_of_header()).open("r+b", buffering=0) as device:
        for pin in pins:  # one by one, so that a pin in use does not keep the others high
            for attempt in range(ATTEMPTS):
                try:
                    request = bytearray(
                        _LINE_REQUEST.pack(
                            pin, *[0] * 63, b"robot-agent low", _OUTPUT, 0, *[0] * 5, 1, *[0] * 7
                        )
                    )
                    fcntl.ioctl(device, _GET_LINE, request)
                    os.close(_LINE_REQUEST.unpack(request)[-1])
                    break
                except OSError as error:
                    if attempt == ATTEMPTS - 1:
                        failed.append(f"{pin} ({error.strerror})")
                        break
                    select.select([], [], [], WAIT)
    if failed:
        raise PinError(
            f"These pins could not be driven low: {', '.join(failed)}; take the motors' supply away."
        )


def motors_of(settings: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings of the motors; variables of the environment are stronger than the file.

    `simulated` says whether the robot is the simulated one, which has no pins.
    """
    motors: dict[str, Any] = {}
    robot = "sim"
    if settings.exists():
        found = tomllib.loads(read_small_text(settings))
        motors, robot = dict(found.get("motors", {})), found.get("robot", robot)
    motors["simulated"] = environment.get("ROBOT_AGENT_ROBOT", robot) == "sim"
    for name in ("board", "pin_factory"):
        motors[name] = environment.get(f"ROBOT_AGENT_MOTORS__{name.upper()}", motors.get(name))
    with suppress(KeyError):
        motors["pins"] = json.loads(environment["ROBOT_AGENT_MOTORS__PINS"])
    return motors


def main(arguments: list[str] | None = None) -> int:
    """Drive the pins of the settings low, or those of every board when the settings cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m robot_agent.guard.low", description=__doc__)
    parser.add_argument("--config", type=Path, default=Path("robot.toml"), help="settings file")
    options = parser.parse_args(arguments)
    try:
        try:
            motors = motors_of(options.config, os.environ)
            pins = {name: None if pin is False else pin for name, pin in (motors.get("pins") or {}).items()}
            board = motors.get("board") or USUAL_BOARD
            numbers = set(board_pins(board, pins).values())
        except (OSError, ValueError, TypeError, AttributeError, RobotAgentError) as error:
            why = f"{error.strerror}." if isinstance(error, OSError) else error
            print(
                f"{options.config}: {why} So the usual pins of every board are driven low.", file=sys.stderr
            )
            motors = {}
            numbers = {pin for board in BOARDS.values() for pin in board.pins.values() if pin is not None}
        if (factory := motors.get("pin_factory") or "lgpio") != "lgpio":
            from robot_agent.motors.gpio import Wheels

            Wheels(board, pins=pins, pin_factory=factory).close()
        else:
            try:
                chip = chip_of_header()
            except PinError:
                if not motors.get("simulated"):
                    raise
                print("There are no pins here, and the simulated robot needs none.")
                return 0
            drive_low(sorted(numbers), chip)
    except (RobotAgentError, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    print(f"The pins {', '.join(map(str, sorted(numbers)))} are low.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
