"""The motor boards: the pins of each, and the levels of these pins when a wheel turns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from robot_agent.errors import BoardError

Levels = dict[str, float]
"""Level of each pin by its name: 0 is low, 1 is high, a number between is the share of time it is high."""

LAST_PIN = 27
"""Highest BCM number of a pin on the Raspberry Pi's header; the lowest is 0."""


def _two_inputs(side: str, power: float) -> Levels:
    """Return levels: forward or backward carries the power, the other is low; enable is high with power."""
    return {
        f"{side}_forward": max(power, 0.0),
        f"{side}_backward": max(-power, 0.0),
        f"{side}_enable": float(power != 0.0),
    }


def _direction_and_power(side: str, power: float) -> Levels:
    """Return levels: two pins give the direction, a third pin carries the power."""
    return {
        f"{side}_forward": float(power > 0.0),
        f"{side}_backward": float(power < 0.0),
        f"{side}_power": abs(power),
    }


def _phase_and_enable(side: str, power: float) -> Levels:
    """Return levels: one pin gives the direction (high is backwards), the other carries the power."""
    return {f"{side}_phase": float(power < 0.0), f"{side}_enable": abs(power)}


@dataclass(frozen=True, slots=True)
class Board:
    """A type of motor board: its pins, and the function from a wheel's power to their levels."""

    pins: Mapping[str, int | None]
    """BCM numbers of the pins by name; None for a pin that is usually not wired."""
    levels: Callable[[str, float], Levels]
    """Function from a side (`left` or `right`) and its power in [-1, 1] to the levels of that side's pins."""
    pwm: frozenset[str]
    """Ends of the names of the pins that need PWM, such as `power` of `left_power`."""
    printed: Mapping[str, str] = field(default_factory=dict)
    """Text printed on the board beside each pin, by the pin's name; only where it is known."""


_PAIR = ("left_forward", "left_backward", "right_forward", "right_backward")
_BOTH = frozenset({"forward", "backward"})


def _pair(*numbers: int, printed: str = "", **more: int | None) -> Board:
    pins = {**dict(zip(_PAIR, numbers, strict=True)), **more}
    return Board(pins, _two_inputs, _BOTH, dict(zip(pins, printed.split(), strict=False)))


_L298N = _pair(17, 27, 22, 23, left_enable=12, right_enable=13, printed="IN1 IN2 IN3 IN4 ENA ENB")

BOARDS: Mapping[str, Board] = {
    "l298n": _L298N,
    "l293d": _L298N,
    "drv8833": _pair(17, 18, 22, 23, sleep=None, printed="AIN1 AIN2 BIN1 BIN2"),
    "tb6612fng": Board(
        {
            "left_forward": 17,
            "left_backward": 27,
            "left_power": 12,
            "right_forward": 22,
            "right_backward": 23,
            "right_power": 13,
            "standby": 24,
        },
        _direction_and_power,
        frozenset({"power"}),
        {
            "left_forward": "AIN1",
            "left_backward": "AIN2",
            "left_power": "PWMA",
            "right_forward": "BIN1",
            "right_backward": "BIN2",
            "right_power": "PWMB",
            "standby": "STBY",
        },
    ),
    "drv8835": Board(
        {"left_phase": 5, "left_enable": 12, "right_phase": 6, "right_enable": 13},
        _phase_and_enable,
        frozenset({"enable"}),
        {
            "left_phase": "APHASE",
            "left_enable": "AENABLE",
            "right_phase": "BPHASE",
            "right_enable": "BENABLE",
        },
    ),
    "explorer": _pair(20, 19, 26, 21),
    "two-motor": _pair(17, 18, 22, 23),
    "camjam": _pair(9, 10, 7, 8),
    "ryanteck": _pair(17, 18, 22, 23),
}
"""The boards by name; l293d is wired like l298n. Settings, installer and guide use this table."""

USUAL_BOARD = "l298n"
"""The board that is used if none is named."""

OPTIONAL = frozenset({"left_enable", "right_enable", "sleep", "standby"})
"""Pins that need no wire if the board itself holds them high; their number is then None."""


def board_pins(board: str, pins: Mapping[str, int | None] | None = None) -> dict[str, int]:
    """Return the BCM number of each wired pin of a board.

    Args:
        board: a name of `BOARDS`.
        pins: numbers of pins that are wired differently, by name; None for an optional pin without a wire.

    Raises:
        BoardError: the board or pin is unknown (the text names the nearest), or two wires are on one pin.
    """
    if board not in BOARDS:
        raise BoardError(_unknown("motor board", board, list(BOARDS)))
    kind = BOARDS[board]
    for name in pins or {}:
        if name not in kind.pins:
            raise BoardError(_unknown(f"pin of the board {board}", name, list(kind.pins)))
    wired: dict[str, int] = {}
    for name, number in {**kind.pins, **(pins or {})}.items():
        if number is None:
            if name not in OPTIONAL or (kind.levels is _phase_and_enable):
                raise BoardError(f"The pin {name} of the board {board} must be wired; give its BCM number.")
            continue
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= LAST_PIN:
            raise BoardError(
                f"The pin {name} is on {number!r}, which does not exist; "
                f"give a BCM number from 0 to {LAST_PIN}."
            )
        for other, taken in wired.items():
            if taken == number:
                raise BoardError(
                    f"The pins {other} and {name} of the board {board} are both on BCM {number}; "
                    "give each its own."
                )
        wired[name] = number
    return wired


def _unknown(what: str, name: str, known: list[str]) -> str:
    # Imported here: vision loads OpenCV, which a guard without errors never needs.
    from vision.names import unknown

    return unknown(what, name, known)
