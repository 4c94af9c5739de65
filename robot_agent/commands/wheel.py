"""Driving with the keys of the terminal: for a while during a training or a drive, or a whole recording."""

import importlib.util
import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from robot_agent.build.robot import make_robot
from robot_agent.commands import obey_signals, report
from robot_agent.errors import Halted, SettingsError
from robot_agent.motors.motors import Pulse
from robot_agent.robot.obedient import ObedientRobot
from robot_agent.robot.takeover import HandMove, TakenOver
from robot_agent.settings.config import Config

SECONDS = 0.25
"""Length of the pulse of one key press, s."""
FAST, SLOW = 0.8, 0.25
"""Share of full speed: FAST for wheels straight on, SLOW for the inner wheel in a curve."""
SPIN = 0.5
"""Share of full speed of both wheels when the robot turns on the spot."""

KEYS = {
    "up": (FAST, FAST),
    "w": (FAST, FAST),
    "left": (SLOW, FAST),
    "a": (SLOW, FAST),
    "right": (FAST, SLOW),
    "d": (FAST, SLOW),
    "down": (-FAST, -FAST),
    "s": (-FAST, -FAST),
    "q": (-SPIN, SPIN),
    "e": (SPIN, -SPIN),
}
"""Powers of the left and the right wheel for each key."""
ARROWS = {b"\x1b[A": "up", b"\x1b[B": "down", b"\x1b[C": "right", b"\x1b[D": "left"}
HOW = "Each key drives one pulse: arrow keys or w, a, s, d; q and e turn in place."


class KeyboardWheel:
    """A robot whose wheels a person at the terminal can take over for a while.

    The terminal's mode is changed only while the person drives, so that a killed program leaves it unchanged.
    """

    def __init__(self, config: Config, seed: int | None) -> None:
        """Open the robot that the settings name, and listen to the terminal, if there is one."""
        self._terminal = _terminal()
        self.robot: ObedientRobot = make_robot(config, seed, between=self._between)
        """The robot to drive."""
        if self._terminal is not None:
            report("To drive it yourself for a while, type t and press Enter.")

    def _between(self) -> None:
        """Let the person drive if asked for; raise TakenOver when the person has finished."""
        if self._terminal is None or not _is_in_foreground(self._terminal):
            return
        asked = False
        while select.select([self._terminal], [], [], 0)[0]:
            line = os.read(self._terminal, 1024)
            if not line:  # the terminal is gone
                self._terminal = None
                return
            asked = asked or line.strip().lower() == b"t"
        if asked:
            self._drive(self._terminal)

    def _drive(self, terminal: int) -> None:
        robot = self.robot
        before = robot.look_after(None) if robot.is_about_to_look else None
        moves: list[HandMove] = []
        report(f"You have the wheel. {HOW} Enter gives it back.")
        with _single_keys(terminal):
            keys = _Keys(terminal)
            while (wheels := keys.wait()) is not None:
                moves.append(_move(robot, keys, wheels))
        report(f"The policy drives again, after {len(moves)} pulses of yours.")
        raise TakenOver(before, tuple(moves))


class RecordedWheel:
    """A robot for `robot-agent record`: a person at the terminal makes every move."""

    def __init__(self, config: Config, seed: int | None) -> None:
        """Open the robot that the settings name; raise SettingsError if there is no terminal."""
        terminal = _terminal()
        if terminal is None:
            raise SettingsError("Keys need a terminal; without one, drive in the dashboard's view Drive.")
        self._terminal = terminal
        self.robot: ObedientRobot = make_robot(config, seed, between=self._between)
        """The robot to drive."""
        self._keys = _Keys(terminal)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Inside this context, keys drive; Enter, or the terminal's end, ends the episode like a halt."""
        report(f"{HOW} Enter ends the recording.")
        with _single_keys(self._terminal):
            yield

    def ask_again(self, words: str) -> bool:
        """Print what is wrong and wait for Enter; return False if the terminal is gone."""
        report(f"{words} Press Enter to try again, or Ctrl-C to give up.")
        while typed := os.read(self._terminal, 64):
            if _has_enter(typed):
                return True
        return False

    def _between(self) -> None:
        """Make the pulse of the next key instead of the commanded one."""
        if self.robot.is_about_to_look or self.robot.is_on_its_way:
            return
        wheels = self._keys.wait()
        if wheels is None:
            raise Halted("The recording was ended.")
        raise TakenOver(None, (_move(self.robot, self._keys, wheels),))


class _Keys:
    """The keys that a person presses, until Enter or the end of the terminal."""

    def __init__(self, terminal: int) -> None:
        self._terminal, self._ended = terminal, False

    def wait(self) -> tuple[float, float] | None:
        """Wait for the next key; return the powers of the wheels, or None at the end."""
        while not self._ended:
            keys = os.read(self._terminal, 64)
            self._ended = not keys or _has_enter(keys)
            key = ARROWS.get(keys[-3:]) or keys[-1:].decode("ascii", "replace").lower()
            if key in KEYS and not self._ended:
                return KEYS[key]
        return None

    def forget(self) -> None:
        """Drop the keys that were pressed during a pulse, all but Enter.

        A key that is held down repeats; without this the robot would drive on after the key is released.
        """
        self._ended = self._ended or _has_enter(_waiting(self._terminal))


def _move(robot: ObedientRobot, keys: _Keys, wheels: tuple[float, float]) -> HandMove:
    """Make the pulse of a key, then look; return both as a move."""
    pulse = Pulse(*wheels, SECONDS)
    robot.act_by_hand(pulse)
    keys.forget()
    sight = robot.look_after(pulse)
    obey_signals()
    return HandMove(pulse, sight)


def _terminal() -> int | None:
    """Return the file descriptor of the terminal; None if there is none."""
    if importlib.util.find_spec("termios") is None:  # Windows
        return None
    try:
        return sys.stdin.fileno() if sys.stdin.isatty() else None
    except (AttributeError, ValueError):
        return None


def _is_in_foreground(terminal: int) -> bool:
    """Return whether this program gets the keys: a background job would be stopped if it read them."""
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False


@contextmanager
def _single_keys(terminal: int) -> Iterator[None]:
    """Inside this context, keys are read at once and not shown; Ctrl-C still ends the program."""
    import termios
    import tty

    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _waiting(terminal: int) -> bytes:
    """Return what has been typed already."""
    typed = b""
    while select.select([terminal], [], [], 0)[0] and (more := os.read(terminal, 1024)):
        typed += more
    return typed


def _has_enter(typed: bytes) -> bool:
    return b"\n" in typed or b"\r" in typed
