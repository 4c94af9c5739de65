"""Taking the wheel at the terminal while a single robot is trained or driven: `t` and Enter, then keys."""

import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from robot_agent.build import make_robot
from robot_agent.commands import obey_signals, report
from robot_agent.motors.motors import Pulse
from robot_agent.robot.obedient import ObedientRobot
from robot_agent.robot.takeover import HandMove, TakenOver
from robot_agent.settings.config import Config

SECONDS = 0.25
"""Length of the pulse that a key drives."""
FAST, SLOW = 0.8, 0.25
"""Share of full speed of both wheels straight on, and of the inner wheel in a curve."""
SPIN = 0.5
"""Share of full speed of both wheels where the robot turns in place."""

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
"""Left and right wheel for each key."""
ARROWS = {b"\x1b[A": "up", b"\x1b[B": "down", b"\x1b[C": "right", b"\x1b[D": "left"}
HOW = (
    "You have the wheel. Each key drives one pulse: arrow keys or w, a, s, d; q and e turn in place. "
    "Enter gives it back."
)


class KeyboardWheel:
    """A person at the terminal takes the wheel, drives pulses, and gives it back.

    Nothing of the terminal is changed until they take it, so a program that is killed leaves it as it was.
    """

    def __init__(self, config: Config, seed: int | None) -> None:
        """Open the robot that the settings name, and listen to the terminal, if there is one."""
        self._terminal = _terminal()
        self.robot: ObedientRobot = make_robot(config, seed, between=self._between)
        """Whose wheel it is."""
        if self._terminal is not None:
            report("To drive it yourself for a while, type t and press Enter.")

    def _between(self) -> None:
        """Let the person drive if they have asked for it; raises TakenOver once they have given it back."""
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
        report(HOW)
        with _single_keys(terminal):
            for left, right in _pressed(terminal):
                pulse = Pulse(left, right, SECONDS)
                robot.act_by_hand(pulse)
                moves.append(HandMove(pulse, robot.look_after(pulse)))
                obey_signals()
        report(f"The policy drives again, after {len(moves)} pulses of yours.")
        raise TakenOver(before, tuple(moves))


def _terminal() -> int | None:
    """Return the descriptor of the terminal that is typed at; None where there is none."""
    try:
        import termios  # noqa: F401
    except ImportError:  # Windows
        return None
    try:
        return sys.stdin.fileno() if sys.stdin.isatty() else None
    except (AttributeError, ValueError):
        return None


def _is_in_foreground(terminal: int) -> bool:
    """Whether what is typed is meant for this program: a background job that reads is stopped."""
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False


@contextmanager
def _single_keys(terminal: int) -> Iterator[None]:
    """Have each key be read at once, and not shown; Ctrl-C still ends the program."""
    import termios
    import tty

    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _pressed(terminal: int) -> Iterator[tuple[float, float]]:
    """Yield what the wheels do for each key, until Enter or the end of the terminal.

    Keys that were pressed during a pulse are dropped, all but Enter: a key that is held down repeats, and the
    robot stands soon after it is let go.
    """
    while not _has_enter(_waiting(terminal)):
        keys = os.read(terminal, 64)
        if not keys or _has_enter(keys):
            return
        key = ARROWS.get(keys[-3:]) or keys[-1:].decode("ascii", "replace").lower()
        if key in KEYS:
            yield KEYS[key]


def _waiting(terminal: int) -> bytes:
    """Return what has been typed already."""
    typed = b""
    while select.select([terminal], [], [], 0)[0] and (more := os.read(terminal, 1024)):
        typed += more
    return typed


def _has_enter(typed: bytes) -> bool:
    return b"\n" in typed or b"\r" in typed
