"""The guard's watchdog: a process that drives the pins low if the process that holds them dies or hangs.

On a Raspberry Pi a pin keeps its last level when the process that held it is killed. So the guard is
two processes: one holds the pins, the other only watches the first.
"""

import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress

HANG_SECONDS = 0.5
"""Seconds without a sign of life after which the process that holds the pins counts as hung."""

START_SECONDS = 20.0
"""Longest time until the first sign of life, s: a Pi Zero imports slowly."""

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""The signals that end the guard in good order."""

NOT_LOW = 4
"""Exit code of a watchdog that could not drive the pins low."""

LOW_CODES = (0, 1, 2)
"""Exit codes of a guard that ended with the pins low, see `supervise`; a killed guard has another one."""

_ALIVE, _GOODBYE = b"+", b"."


class Heartbeat:
    """Sends the signs of life of the watched process."""

    def __init__(self, pipe: int) -> None:
        """Send through `pipe`, the writing end of a pipe to the watchdog."""
        os.set_blocking(pipe, False)
        self._pipe = pipe
        self._last = 0.0

    def beat(self) -> None:
        """Give a sign of life, at most ten times in HANG_SECONDS.

        Raises BrokenPipeError when the watchdog has ended.
        """
        now = time.monotonic()
        if now - self._last >= HANG_SECONDS / 10:
            self._last = now
            self._say(_ALIVE)

    def goodbye(self) -> None:
        """Say that the pins are low and the process is about to end."""
        self._say(_GOODBYE)

    def _say(self, word: bytes) -> None:
        with suppress(BlockingIOError):  # a full pipe contains enough signs of life
            os.write(self._pipe, word)


def supervise(work: Callable[[Heartbeat], int], make_safe: Callable[[], None]) -> int:
    """Run `work` in its own process; call `make_safe` here if that process dies or hangs.

    Args:
        work: holds the pins; must call `beat`, and returns its exit code with the pins low.
        make_safe: drives the pins low; called after the other process has ended.

    Returns:
        The exit code: that of `work`; 1 if its process died or was killed; NOT_LOW if `make_safe` also
        failed for a second.
    """
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        _work(work, Heartbeat(theirs))
    os.close(theirs)
    for number in SIGNALS:
        signal.signal(number, lambda received, _frame: _pass_on(child, received))
    last, hung = _watch(ours)
    if hung:
        os.kill(child, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.close(ours)
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)  # the rest is short and must not be interrupted
    if last == _GOODBYE:
        return code
    failed = _until_it_works(make_safe)
    how = "hung and was killed" if hung else f"was killed by {_name(-code)}" if code < 0 else "failed"
    if failed is not None:
        cure = f"its watchdog could not drive the pins low ({failed}): take the motors' supply away."
        print(f"The guard {how}; {cure}", file=sys.stderr, flush=True)
        return NOT_LOW
    print(f"The guard {how}; its watchdog has driven the pins low.", file=sys.stderr, flush=True)
    return 1


def _work(work: Callable[[Heartbeat], int], heart: Heartbeat) -> None:
    code = 1
    try:
        code = work(heart)
        with suppress(BrokenPipeError):  # the watchdog has ended
            heart.goodbye()
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)  # without the cleanup, which is the watchdog's task


def _watch(pipe: int) -> tuple[bytes, bool]:
    """Wait until the pipe is closed or too long silent; return the last byte, and whether it was silent."""
    last, silent = b"", False
    while True:
        timeout = HANG_SECONDS / 2 if last else START_SECONDS
        if select.select([pipe], [], [], timeout)[0]:
            word = os.read(pipe, 4096)
            if not word:
                return last, False
            last, silent = word[-1:], False
        elif silent or not last:
            return last, True
        else:
            silent = True  # wait once more: the whole machine may have slept


def _until_it_works(make_safe: Callable[[], None]) -> Exception | None:
    """Call `make_safe` until it succeeds, for about a second; return its last error, or None on success."""
    failed = None
    for _ in range(20):
        try:
            make_safe()
        except Exception as error:
            failed = error
            select.select([], [], [], 0.05)  # the kernel may not have released the pins yet
        else:
            return None
    return failed


def _pass_on(child: int, received: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(child, received)


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
