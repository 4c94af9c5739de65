"""Leaving when a signal asks for it, with the wheels stopped and the store closed."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn


class Ended(SystemExit):
    """A signal has asked this program to end; a user's own code that exits raises a plain SystemExit."""


_asked: list[int] = []
"""The signals that have asked this program to end."""


@contextmanager
def loading() -> Iterator[None]:
    """While modules are loaded, Ctrl-C ends the program at once and without a traceback.

    Nothing moves and nothing is open yet. The exception that Ctrl-C raises otherwise would strike anywhere in
    other people's code, which shows dozens of lines of it, or turns it into another error.
    """
    raises = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if raises:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        if raises:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def listen() -> None:
    """Leave through every `finally` when the program is asked to end."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, _leave)


def _leave(signal_number: int, _: object) -> NoReturn:
    _asked.append(signal_number)
    obey_signals()
    raise AssertionError("not reached")


def obey_signals() -> None:
    """Leave if a signal has asked for it.

    A signal raises its exception wherever the program is, and some code that is not ours swallows it there:
    about one training in thirty went on. So whatever runs long asks again between two events.
    """
    if not _asked:
        return
    if _asked[0] == signal.SIGINT:
        raise KeyboardInterrupt
    raise Ended(128 + _asked[0])
