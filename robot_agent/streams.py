"""The standard streams of a program that was started without some, or in a terminal of few letters."""

import io
import os
import sys
from contextlib import suppress

STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


def keep_standard_streams() -> None:
    """Open those that were closed, on the null device; and write a question mark for what cannot be written.

    Where one is closed, the next file or socket gets its number, and then what is printed.
    """
    for number, (name, mode) in enumerate(STREAMS):
        try:
            os.fstat(number)
        except OSError:
            with suppress(OSError):
                os.open(os.devnull, os.O_RDWR)  # the lowest number that is free is this one
                os.set_inheritable(number, True)
                setattr(sys, name, open(number, mode, closefd=False))  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
