"""The guard's own guard: it watches the process that holds the pins, and makes them low when that fails.

On a Raspberry Pi a pin keeps its last level when the process that held it is killed. So the guard is
two processes: one holds the pins, the other only waits for it.
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
"""Without a sign of life for so long, the process that holds the pins is taken for dead."""

START_SECONDS = 20.0
"""Before its first sign of life it may take so long: a Pi Zero imports slowly."""

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""Those that end the guard in good order."""

NOT_LOW = 4
"""Exit code of a keeper that could not make the pins low."""

LOW_CODES = (0, 1, 2)
"""Exit codes of a guard that ended with the pins low, see `keep`; killed it has none of them."""

_ALIVE, _FAREWELL = b"+", b"."


class Heart:
    """The sign of life that the watched process gives."""

    def __init__(self, pipe: int) -> None:
        """Give it through the pipe's end `pipe`."""
        os.set_blocking(pipe, False)
        self._pipe = pipe
        self._last = 0.0

    def beat(self) -> None:
        """Say that all is well, often enough and not more often.

        Raises BrokenPipeError when nobody watches any more.
        """
        now = time.monotonic()
        if now - self._last >= HANG_SECONDS / 10:
            self._last = now
            self._say(_ALIVE)

    def farewell(self) -> None:
        """Say that the pins are low and the process is about to end."""
        self._say(_FAREWELL)

    def _say(self, word: bytes) -> None:
        with suppress(BlockingIOError):  # the keeper does not read at the moment; it will find enough
            os.write(self._pipe, word)


def keep(work: Callable[[Heart], int], make_safe: Callable[[], None]) -> int:
    """Do `work` in a process of its own, and `make_safe` here if that dies or hangs.

    Args:
        work: holds the pins until it returns its exit code, with the pins low; it has to `beat`.
        make_safe: drives the pins low; called when no one else holds them any more.

    Returns:
        The exit code: that of `work`, or 1 when it died or had to be killed; NOT_LOW when `make_safe`
        failed again and again.
    """
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        _work(work, Heart(theirs))
    os.close(theirs)
    for number in SIGNALS:
        signal.signal(number, lambda received, _frame: _pass_on(child, received))
    last, hung = _watch(ours)
    if hung:
        os.kill(child, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.close(ours)
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)  # what is left to do is short and must be done
    if last == _FAREWELL:
        return code
    failed = _until_it_works(make_safe)
    how = "hung and was killed" if hung else f"was killed by {_name(-code)}" if code < 0 else "failed"
    if failed is not None:
        cure = f"its keeper could not drive the pins low ({failed}): take the motors' supply away."
        print(f"The guard {how}; {cure}", file=sys.stderr, flush=True)
        return NOT_LOW
    print(f"The guard {how}; its keeper has driven the pins low.", file=sys.stderr, flush=True)
    return 1


def _work(work: Callable[[Heart], int], heart: Heart) -> None:
    code = 1
    try:
        code = work(heart)
        with suppress(BrokenPipeError):  # nobody keeps this one any more
            heart.farewell()
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)  # not through what the keeper has to clean up


def _watch(pipe: int) -> tuple[bytes, bool]:
    """Wait until the other end is closed, or silent for too long; return the last word, and which it was."""
    last, silent = b"", False
    while True:
        patience = HANG_SECONDS / 2 if last else START_SECONDS
        if select.select([pipe], [], [], patience)[0]:
            word = os.read(pipe, 4096)
            if not word:
                return last, False
            last, silent = word[-1:], False
        elif silent or not last:
            return last, True
        else:
            silent = True  # once is no proof: the whole machine may have slept


def _until_it_works(make_safe: Callable[[], None]) -> Exception | None:
    """Try for a second; return why it did not work, None when it did."""
    failed = None
    for _ in range(20):
        try:
            make_safe()
        except Exception as error:
            failed = error
            select.select([], [], [], 0.05)  # the kernel may still be taking the pins back
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
